//! Gathers what findings may be about, the watches and limits of a run, and says what a run makes of a finding.

use super::line::{Finding, Point, Status, Subject};
use crate::measures::{Estimate, Flag};
use crate::model::case::BASE;
use crate::model::watch::Watch;
use crate::study::limits::{BELOW, LimitResult, Measured};
use crate::study::regress::Figure;
use crate::study::watch::{State, WatchResult, state_of_limit};
use crate::units::Day;

/// Figures of the base that every report enters, for their course.
pub const HEADLINES: [&str; 5] = ["pool_loss.es_99", "pool_loss.mean", "liquidation_rate", "shortfall.probability", "call_rate"];

/// The run that is entered.
pub struct Now<'a> {
    pub as_of: Day,
    pub programme: &'a str,
    pub programme_hash: &'a str,
    pub version: &'a str,
    pub seed: u64,
    pub currency: &'a str,
    pub watches: &'a [Watch],
    pub results: &'a [WatchResult],
    pub limits: &'a [LimitResult],
    pub measured: &'a [Measured<'a>],
}

/// Something that a finding may be about, as the run has it.
pub(super) struct Item {
    pub(super) subject: Subject,
    scenario: String,
    measure: String,
    estimate: Estimate,
    is_below: bool,
    pub(super) state: State,
    close_after: u32,
    escalate_after: Option<u32>,
    tell: [Vec<String>; 2],
}

impl Item {
    fn value(&self) -> Option<f64> {
        Some(self.estimate.value).filter(|v| v.is_finite() && self.estimate.flag != Some(Flag::Undefined))
    }

    pub(super) fn opened(&self, number: u32, day: Day) -> Finding {
        let finding = Finding {
            number,
            subject: self.subject.clone(),
            scenario: self.scenario.clone(),
            measure: self.measure.clone(),
            unit: self.estimate.unit,
            level: self.state,
            status: Status::Opened,
            opened: day,
            reports: 1,
            green: 0,
            value: self.value(),
            worst: self.value().unwrap_or(0.0),
            worst_on: day,
            tell: Vec::new(),
        };
        self.told(finding)
    }

    /// A finding after the run.
    pub(super) fn after(&self, before: &Finding, day: Day) -> Finding {
        let (scenario, measure) = (self.scenario.clone(), self.measure.clone());
        let next = Finding { scenario, measure, unit: self.estimate.unit, value: self.value(), ..before.clone() };
        if self.state == State::Green {
            let green = before.green + 1;
            let status = if green >= self.close_after { Status::Closed } else { Status::Green };
            return self.told(Finding { green, status, ..next });
        }
        let status = match self.state.cmp(&before.level) {
            std::cmp::Ordering::Greater => Status::Worse,
            std::cmp::Ordering::Less => Status::Better,
            std::cmp::Ordering::Equal => Status::Persists,
        };
        let further = |value: &f64| if self.is_below { *value > before.worst } else { *value < before.worst };
        let (worst, worst_on) = self.value().filter(further).map_or((before.worst, before.worst_on), |value| (value, day));
        self.told(Finding { level: self.state, status, reports: before.reports + 1, green: 0, worst, worst_on, ..next })
    }

    fn told(&self, finding: Finding) -> Finding {
        let escalated = self.escalate_after.is_some_and(|after| finding.reports >= after);
        let of = if finding.level == State::Red || escalated { 2 } else { 1 };
        let mut tell: Vec<String> = Vec::new();
        for name in self.tell[..of].iter().flatten() {
            if !tell.contains(name) {
                tell.push(name.clone());
            }
        }
        Finding { tell, ..finding }
    }
}

/// Every watch and every limit as the run has it; of limits on one figure and side the worst.
pub(super) fn items(now: &Now<'_>, open: &[&Finding]) -> Vec<Item> {
    let watch = |result: &WatchResult| {
        let own = now.watches.iter().find(|w| w.name == result.name).expect("a result is of a watch");
        Item {
            subject: Subject::Watch(result.name.clone()),
            scenario: result.scenario.clone(),
            measure: result.measure.clone(),
            estimate: result.estimate.clone(),
            is_below: result.side == BELOW,
            state: result.state,
            close_after: own.close_after,
            escalate_after: own.escalate_after,
            tell: [own.tell.amber.clone(), own.tell.red.clone()],
        }
    };
    let mut items: Vec<Item> = now.results.iter().map(watch).collect();
    for limit in now.limits {
        let (scenario, measure) = (limit.scenario.clone(), limit.measure.clone());
        let subject = Subject::Limit { scenario: scenario.clone(), measure: measure.clone(), side: limit.side.into() };
        let before = open.iter().find(|f| f.subject == subject && f.green == 0).map(|f| f.level);
        let state = state_of_limit(limit, before);
        if let Some(other) = items.iter_mut().find(|item| item.subject == subject) {
            other.state = other.state.max(state);
            continue;
        }
        let (estimate, is_below) = (limit.estimate.clone(), limit.side == BELOW);
        let tell = [Vec::new(), Vec::new()];
        items.push(Item { subject, scenario, measure, estimate, is_below, state, close_after: 1, escalate_after: None, tell });
    }
    items
}

/// The figures that are entered: those watched, then the headlines of the base, each once.
pub(super) fn figures(now: &Now<'_>) -> Vec<Point> {
    let watched = now.results.iter().map(|w| (w.scenario.as_str(), w.measure.as_str()));
    let headlines = HEADLINES.iter().map(|measure| (BASE, *measure));
    let mut figures: Vec<Point> = Vec::new();
    for (scenario, measure) in watched.chain(headlines) {
        let estimate = now.measured.iter().find(|m| m.scenario == scenario).and_then(|m| m.estimates.get(measure));
        let Some(estimate) = estimate else { continue };
        if figures.iter().any(|f| f.scenario == scenario && f.measure == measure) {
            continue;
        }
        let figure = Figure::of(estimate);
        let value = figure.defined();
        let own = |side: Option<f64>| side.filter(|_| value.is_some());
        figures.push(Point {
            scenario: scenario.into(),
            measure: measure.into(),
            unit: estimate.unit,
            value,
            std_error: own(figure.std_error),
            ci_low: own(figure.ci_low),
            ci_high: own(figure.ci_high),
            flag: figure.flag,
        });
    }
    figures
}
