//! Works out what the platform's controls come to at each close (step 5), a lane each: line scales, trigger, template.
//!
//! A plan without such rules has none of this. The bounds by which accounts are passed over assume the most adverse
//! lane, or the most adverse that could ever be, so that passing over stays exact.

use super::outcome::CYCLES;
use super::plan::Account;
use super::slot::event;
use super::weather::{PastWeather, Weather};
use crate::model::case::Case;
use crate::model::liquidation::adl::Adl;
use crate::model::margin::Lines;
use crate::model::margin::dynamic::{Dynamic, Reference, procyclicality, scaled};
use crate::model::margin::stop::Stop;
use crate::model::margin::template::Template;
use crate::model::margin::trigger::VolatilityTrigger;
use crate::model::market::LANES;

/// The controls of one scenario.
#[derive(Clone, Debug)]
pub struct ControlRules {
    pub dynamic: Option<Dynamic>,
    pub reference: Reference,
    pub trigger: Option<VolatilityTrigger>,
    /// The trigger's ratios: accounts below `spared` are touched, down to `target`, with a limit line of `limit`.
    spared: f64,
    pub target: f64,
    limit: f64,
    pub template: Option<Template>,
    pub adl: Option<Adl>,
    pub stop: Stop,
    /// True when haircuts make holdings count for less than their market value.
    pub counts_less: bool,
    /// What the market's volatility counts, over the realised one, after each session; the as-of date first.
    risk_factor: Vec<f64>,
    /// The market's last returns up to the as-of date, oldest first, as far as the trigger looks back, and its daily variance there.
    past: Vec<f64>,
    variance: f64,
    /// Stress of the as-of date, as margin rules see it.
    start_stress: f64,
}

/// What the controls come to in one lane.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LaneControls {
    /// The requirement that scales lines.
    pub requirement: f64,
    pub tripped: bool,
    /// Excess over the debt that the leverage template asks for, at full liquidity.
    pub excess: f64,
}

impl ControlRules {
    /// The rules of a case; nothing where it has none that act day by day. `returns` are the market's past ones,
    /// `risk_factor` what its volatility counts over the realised one, by session.
    pub fn of(case: &Case, returns: &[f64], weather: &PastWeather, risk_factor: &[f64]) -> Option<ControlRules> {
        let margin = &case.margin;
        let trigger = margin.volatility_trigger.clone();
        let template = margin.template.clone().filter(|t| t.enforce);
        let counts_less = margin.haircuts.is_on();
        let acts = margin.dynamic.is_some()
            || trigger.is_some()
            || template.is_some()
            || case.liquidation.adl.is_some()
            || margin.stop != Stop::default()
            || counts_less;
        let back = trigger.as_ref().map_or(0, VolatilityTrigger::looks_back);
        let of_trigger = |get: fn(&VolatilityTrigger) -> f64| margin.volatility_trigger.as_ref().map_or(0.0, get);
        acts.then(|| ControlRules {
            dynamic: margin.dynamic.clone(),
            reference: Reference::of(returns, weather.variance.sqrt()),
            spared: of_trigger(VolatilityTrigger::spared_from),
            target: of_trigger(VolatilityTrigger::target),
            limit: of_trigger(VolatilityTrigger::limit),
            trigger,
            template,
            adl: case.liquidation.adl.clone(),
            stop: margin.stop.clone(),
            counts_less,
            risk_factor: risk_factor.to_vec(),
            past: returns[returns.len().saturating_sub(back)..].to_vec(),
            variance: weather.variance,
            start_stress: weather.stress(risk_factor[0]),
        })
    }

    pub fn reads_weather(&self) -> bool {
        self.dynamic.is_some() || self.trigger.is_some() || self.template.is_some()
    }

    /// The most adverse that could ever be.
    pub fn worst(&self) -> LaneControls {
        LaneControls {
            requirement: f64::INFINITY,
            tripped: self.trigger.is_some(),
            excess: self.template.as_ref().map_or(0.0, |t| t.excess(1.0).max(t.excess(0.0))),
        }
    }

    fn scale(&self, account: &Account, lane: &LaneControls) -> f64 {
        self.dynamic.as_ref().map_or(1.0, |d| d.scale(lane.requirement, account.scale_unit))
    }

    /// A ratio of the account's contract as it stands in a lane.
    pub fn scaled(&self, account: &Account, lane: &LaneControls, line: f64) -> f64 {
        if self.dynamic.is_some() { scaled(line, self.scale(account, lane)) } else { line }
    }

    /// The lines in force for an account of `assets` against `debt` in a lane.
    pub fn lines(&self, account: &Account, lane: &LaneControls, assets: f64, debt: f64) -> Lines {
        let mut lines = account.lines;
        if self.dynamic.is_some() {
            let scale = self.scale(account, lane);
            lines.each(|line| scaled(line, scale));
        }
        if lane.tripped && assets < self.spared * debt && self.limit > lines.limit {
            lines = lines.with([None, Some(self.limit), None, None]);
            lines.reduce_to = if lines.reduce_to > 0.0 { lines.reduce_to.max(self.limit) } else { 0.0 };
        }
        lines
    }

    /// The ratio that trigger and template sell an account down to; 0 where they leave it.
    pub fn cut(&self, account: &Account, lane: &LaneControls, assets: f64, debt: f64) -> f64 {
        let trigger = if lane.tripped && assets < self.spared * debt { self.target } else { 0.0 };
        let allowed = self.allowed(account, lane);
        trigger.max(if assets < allowed * debt { allowed } else { 0.0 })
    }

    /// The ratio of the leverage that the template allows; 0 without one.
    fn allowed(&self, account: &Account, lane: &LaneControls) -> f64 {
        if self.template.is_some() { 1.0 + lane.excess / account.liquidity } else { 0.0 }
    }

    /// The ratio above which nothing can happen to an account that has met `events`.
    pub fn calm(&self, account: &Account, events: u8, lane: &LaneControls) -> f64 {
        let lines = &account.lines;
        let highest = if events & event::WARNED == 0 {
            lines.highest()
        } else if events & event::LIMITED == 0 {
            lines.highest_once_warned()
        } else {
            lines.highest_once_limited()
        };
        let mut calm = self.scaled(account, lane, highest).max(1.0).max(self.allowed(account, lane));
        if let Some((rule, volatility)) = account.ahead {
            // a client who sells ahead of its line acts above it
            calm = calm.max(rule.starts_below(self.scaled(account, lane, lines.nearest()), volatility));
        }
        if lane.tripped {
            calm = calm.max(self.spared);
        }
        self.adl.as_ref().map_or(calm, |adl| calm.max(adl.upper.get()))
    }
}

/// The controls at this close, in every lane of a tile.
#[derive(Clone, Debug, Default)]
pub struct Controls {
    pub lanes: [LaneControls; LANES],
    /// The most adverse of the lanes.
    pub worst: LaneControls,
    /// The last session (from 1) the trigger stays tripped.
    until: [u16; LANES],
    /// The market's last returns of each lane, oldest first, as many as the trigger looks at.
    returns: [Vec<f64>; LANES],
    pub trigger_days: [u32; LANES],
    /// Requirements with and without the tools against procyclicality, the as-of date first.
    steadied: Vec<[f64; LANES]>,
    plain: Vec<[f64; LANES]>,
}

impl Controls {
    /// The as-of date, in every lane.
    pub fn start(&mut self, rules: &ControlRules) {
        self.returns.iter_mut().for_each(Vec::clear);
        [&mut self.steadied, &mut self.plain].into_iter().for_each(Vec::clear);
        (self.until, self.trigger_days) = ([0; LANES], [0; LANES]);
        let start = rules.reference.start * rules.risk_factor[0];
        let lane = LaneControls {
            requirement: rules.dynamic.as_ref().map_or(1.0, |d| d.steadied(start, &rules.reference)),
            tripped: false,
            excess: rules.template.as_ref().map_or(0.0, |t| t.excess(rules.start_stress)),
        };
        (self.lanes, self.worst) = ([lane; LANES], lane);
        if let Some(trigger) = &rules.trigger {
            self.trip_before(trigger, rules);
        }
        if let Some(dynamic) = &rules.dynamic {
            self.steadied.push([lane.requirement; LANES]);
            self.plain.push([dynamic.plain(start, &rules.reference); LANES]);
        }
    }

    /// Step 5, second half: the controls after one session's weather.
    pub fn observe(&mut self, rules: &ControlRules, weather: &Weather, day: usize) {
        let factor = rules.risk_factor[day + 1];
        if let Some(dynamic) = &rules.dynamic {
            let volatility = weather.variance.map(|v| v.sqrt() * factor);
            let steadied = volatility.map(|v| dynamic.steadied(v, &rules.reference));
            self.plain.push(volatility.map(|v| dynamic.plain(v, &rules.reference)));
            self.steadied.push(steadied);
            for (lane, requirement) in self.lanes.iter_mut().zip(steadied) {
                lane.requirement = requirement;
            }
        }
        if let Some(template) = &rules.template {
            for (at, lane) in self.lanes.iter_mut().enumerate() {
                lane.excess = template.excess(weather.stress_at(at, factor));
            }
        }
        if let Some(trigger) = &rules.trigger {
            self.trip(trigger, weather, day as u16 + 1);
        }
        self.worst = self.lanes.iter().fold(LaneControls::default(), |worst, lane| LaneControls {
            requirement: worst.requirement.max(lane.requirement),
            tripped: worst.tripped | lane.tripped,
            excess: worst.excess.max(lane.excess),
        });
    }

    /// The sessions up to the as-of date: what they tripped lasts into the horizon. Their volatility is that of the as-of date.
    fn trip_before(&mut self, trigger: &VolatilityTrigger, rules: &ControlRules) {
        let sessions = trigger.measure.sessions().max(1);
        let ends = (1..=rules.past.len()).rev().take(trigger.days.max(1) as usize);
        let trips = |end: &usize| {
            let window = &rules.past[end.saturating_sub(sessions)..*end];
            trigger.measure.of(window, rules.variance) > trigger.threshold.get()
        };
        // the last that trips stays longest
        if let Some(ago) = ends.map(|end| trips(&end)).position(|trips| trips) {
            self.until = [(trigger.days as usize).saturating_sub(1 + ago) as u16; LANES];
            self.lanes.iter_mut().for_each(|lane| lane.tripped = true);
            self.worst.tripped = true;
        }
        // what the first sessions look back on
        let last = &rules.past[rules.past.len().saturating_sub(sessions)..];
        self.returns.iter_mut().for_each(|returns| returns.extend(last));
    }

    fn trip(&mut self, trigger: &VolatilityTrigger, weather: &Weather, day_number: u16) {
        let sessions = trigger.measure.sessions().max(1);
        for lane in 0..LANES {
            // a session on which nothing trades is none of the market's
            if let Some(r) = weather.day_return[lane] {
                let returns = &mut self.returns[lane];
                if returns.len() == sessions {
                    returns.remove(0);
                }
                returns.push(r);
                if trigger.measure.of(returns, weather.variance[lane]) > trigger.threshold.get() {
                    self.until[lane] = day_number + trigger.days as u16 - 1;
                    self.trigger_days[lane] += 1;
                }
            }
            self.lanes[lane].tripped = self.until[lane] >= day_number;
        }
    }

    /// Procyclicality of each lane's path, with the tools and without; zeros where lines do not move.
    pub fn cycles(&self) -> [[f64; CYCLES]; LANES] {
        std::array::from_fn(|lane| {
            let mut out = [0.0; CYCLES];
            for (at, series) in [&self.steadied, &self.plain].into_iter().enumerate() {
                let figures = if series.is_empty() { [0.0; 4] } else { procyclicality(series.iter().map(|s| s[lane])) };
                out[at * 4..][..4].copy_from_slice(&figures);
            }
            out
        })
    }
}
