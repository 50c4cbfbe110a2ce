//! Works out what the platform's controls come to at each close (step 5), a lane each: line scales, trigger, template.

use crate::engine::market::state::MarketState;
use crate::engine::plan::controls::{CYCLES, ControlRules, LaneControls};
use crate::model::margin::dynamic::procyclicality;
use crate::model::margin::trigger::VolatilityTrigger;
use crate::model::market::LANES;

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

    /// Step 5, second half: the controls after one session's state.
    pub fn observe(&mut self, rules: &ControlRules, state: &MarketState, day: usize) {
        let factor = rules.risk_factor[day + 1];
        if let Some(dynamic) = &rules.dynamic {
            let volatility = state.variance.map(|v| v.sqrt() * factor);
            let steadied = volatility.map(|v| dynamic.steadied(v, &rules.reference));
            self.plain.push(volatility.map(|v| dynamic.plain(v, &rules.reference)));
            self.steadied.push(steadied);
            for (lane, requirement) in self.lanes.iter_mut().zip(steadied) {
                lane.requirement = requirement;
            }
        }
        if let Some(template) = &rules.template {
            for (at, lane) in self.lanes.iter_mut().enumerate() {
                lane.excess = template.excess(state.stress_at(at, factor));
            }
        }
        if let Some(trigger) = &rules.trigger {
            self.trip(trigger, state, day as u16 + 1);
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

    fn trip(&mut self, trigger: &VolatilityTrigger, state: &MarketState, day_number: u16) {
        let sessions = trigger.measure.sessions().max(1);
        for lane in 0..LANES {
            // a session on which nothing trades is none of the market's
            if let Some(r) = state.day_return[lane] {
                let returns = &mut self.returns[lane];
                if returns.len() == sessions {
                    returns.remove(0);
                }
                returns.push(r);
                if trigger.measure.of(returns, state.variance[lane]) > trigger.threshold.get() {
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
