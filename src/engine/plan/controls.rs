//! States the platform's controls of one scenario: what they read, the lines they move, and the ratio above which none acts.
//!
//! A plan without such rules has none of this. The bounds by which accounts are passed over assume the most adverse
//! lane, or the most adverse that could ever be, so that passing over stays exact.

use super::account::Account;
use super::active::event;
use super::past::PastMarket;
use crate::model::case::Case;
use crate::model::liquidation::adl::Adl;
use crate::model::margin::Lines;
use crate::model::margin::dynamic::{Dynamic, Reference, scaled};
use crate::model::margin::stop::Stop;
use crate::model::margin::template::Template;
use crate::model::margin::trigger::VolatilityTrigger;

/// Figures of procyclicality kept for each path.
pub const CYCLES: usize = 8;

/// The controls of one scenario.
#[derive(Clone, Debug)]
pub struct ControlRules {
    pub dynamic: Option<Dynamic>,
    pub reference: Reference,
    pub trigger: Option<VolatilityTrigger>,
    /// The trigger's ratios: accounts below `spared` are touched, down to `target`, with a limit line of `limit`.
    pub spared: f64,
    pub target: f64,
    pub limit: f64,
    pub template: Option<Template>,
    pub adl: Option<Adl>,
    pub stop: Stop,
    /// True when haircuts make holdings count for less than their market value.
    pub counts_less: bool,
    /// What the market's volatility counts, over the realised one, after each session; the as-of date first.
    pub risk_factor: Vec<f64>,
    /// The market's last returns up to the as-of date, oldest first, as far as the trigger looks back, and its daily variance there.
    pub past: Vec<f64>,
    pub variance: f64,
    /// Stress of the as-of date, as margin rules see it.
    pub start_stress: f64,
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
    pub fn of(case: &Case, returns: &[f64], state: &PastMarket, risk_factor: &[f64]) -> Option<ControlRules> {
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
            reference: Reference::of(returns, state.variance.sqrt()),
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
            variance: state.variance,
            start_stress: state.stress(risk_factor[0]),
        })
    }

    pub fn reads_market_state(&self) -> bool {
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
