//! Judges the watches of a programme: green, amber or red, without a change of state that noise alone could make.
//!
//! Each of the two levels is judged as a limit is (`limits`): crossed, kept, or undecided at the confidence asked. What is undecided stays as
//! the report before had it, so that a figure close to its level does not change state with every seed; where no report was before, the
//! figure itself decides. A figure that is not defined changes nothing, and is green where nothing was before. Red is the red level crossed,
//! amber the amber level alone.
//!
//! Worked: amber at 10, red at 12, at 95 %. 10.5 ± 0.2 is amber (its lower bound is 10.17), 10.2 ± 0.2 is what it was before, 9.5 ± 0.2 is
//! green (its upper bound is 9.83).

use super::limits::{ABOVE, BELOW, LimitResult, Measured, Verdict, of_level};
use crate::measures::{self, Estimate, Flag};
use crate::model::book::Book;
use crate::model::case::{BASE, Programme};
use crate::model::watch::Watch;
use crate::problem::near::nearest;
use crate::problem::{Kind, Place, Problem, Problems};
use serde::{Deserialize, Serialize};

/// What a watch shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Green,
    Amber,
    Red,
}

/// A watch, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WatchResult {
    pub name: String,
    pub scenario: String,
    pub measure: String,
    /// The side to stay on, "below" or "above".
    pub side: &'static str,
    pub amber: f64,
    pub red: f64,
    pub confidence: f64,
    pub estimate: Estimate,
    pub state: State,
    /// False where the figure alone does not tell the state at this confidence.
    pub decided: bool,
    /// Its state in the report before; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<State>,
}

/// The state that an amber and a red level make of a figure; and whether the figure alone decides it.
pub fn state(estimate: &Estimate, side: &str, [amber, red]: [f64; 2], confidences: [f64; 2], before: Option<State>) -> (State, bool) {
    let level = |level: f64, was: Option<bool>| {
        let verdict = of_level(estimate, side, level, confidences);
        (crossed(verdict, estimate, side, level, was), verdict != Verdict::Undecided)
    };
    let (red, red_decided) = level(red, before.map(|state| state == State::Red));
    let (amber, amber_decided) = level(amber, before.map(|state| state >= State::Amber));
    match (red, amber) {
        (true, _) => (State::Red, red_decided),
        (false, true) => (State::Amber, red_decided && amber_decided),
        (false, false) => (State::Green, red_decided && amber_decided),
    }
}

/// Whether a level counts as crossed: what is undecided stays what it was, and what was nothing before is as the figure itself lies.
fn crossed(verdict: Verdict, estimate: &Estimate, side: &str, level: f64, was: Option<bool>) -> bool {
    match verdict {
        Verdict::Breach => true,
        Verdict::Pass => false,
        Verdict::Undecided => was.unwrap_or_else(|| beyond(estimate, side, level)),
    }
}

/// Whether the figure itself lies beyond a level.
fn beyond(estimate: &Estimate, side: &str, level: f64) -> bool {
    let defined = estimate.flag != Some(Flag::Undefined);
    defined && if side == BELOW { estimate.value > level } else { estimate.value < level }
}

/// The scenario that a watch looks at.
fn scenario_of(watch: &Watch) -> &str {
    watch.scenario.as_deref().unwrap_or(BASE)
}

/// Every watch of a programme, in its order; `before` tells the state that the report before had of a name.
pub fn judge(watches: &[Watch], results: &[Measured<'_>], before: &dyn Fn(&str) -> Option<State>) -> Vec<WatchResult> {
    let one = |watch: &Watch| {
        let result = results.iter().find(|r| r.scenario == scenario_of(watch))?;
        let estimate = result.estimates.get(&watch.measure)?;
        let (is_below, levels) = watch.levels();
        let side = if is_below { BELOW } else { ABOVE };
        let (amber, red, confidence) = (levels.amber.get(), levels.red.get(), watch.confidence.get());
        let before = before(&watch.name);
        let (state, decided) = state(estimate, side, [amber, red], [confidence, result.confidence], before);
        let (name, scenario, measure) = (watch.name.clone(), result.scenario.to_string(), watch.measure.clone());
        Some(WatchResult { name, scenario, measure, side, amber, red, confidence, estimate: estimate.clone(), state, decided, before })
    };
    watches.iter().filter_map(one).collect()
}

/// A breach of a limit as a state: red, or what it was before where it is undecided.
pub fn state_of_limit(limit: &LimitResult, before: Option<State>) -> State {
    let was = before.map(|state| state == State::Red);
    if crossed(limit.verdict, &limit.estimate, limit.side, limit.limit, was) { State::Red } else { State::Green }
}

/// Finds, before the first path, every watch on a measure that its scenario does not have.
pub fn check_programme(file: &str, programme: &Programme, book: &Book) -> Result<(), Problems> {
    let mut problems = Problems::new();
    for (index, watch) in programme.watch.iter().enumerate() {
        let scenario =
            programme.scenarios.iter().find(|s| s.name == scenario_of(watch)).expect("its scenario was looked for when it was read");
        let keys = measures::keys(scenario, book);
        if keys.binary_search(&watch.measure).is_err() {
            let place = Place::file(file).field(format!("watch[{}].measure", index + 1));
            let what = format!("unknown measure `{}`", watch.measure);
            let fix = format!("write one such as {}", nearest(&watch.measure, &keys));
            problems.push(Problem::new(Kind::Programme, place, what, "a watch looks at a key of summary.json", fix));
        }
    }
    problems.into_result(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::Unit;
    use crate::measures::stated::Basis;

    fn figure(value: f64, std_error: f64) -> Estimate {
        let (ci_low, ci_high) = (value - 1.96 * std_error, Some(value + 1.96 * std_error));
        Estimate { value, std_error, ci_low, ci_high, paths: 1_000, plain_paths: None, unit: Unit::Number, flag: None, basis: Basis::Sides }
    }

    #[test]
    fn noise_changes_no_state() {
        let of = |value, before| state(&figure(value, 0.2), BELOW, [10.0, 12.0], [0.95, 0.95], before);
        assert_eq!(of(10.5, None), (State::Amber, true));
        assert_eq!(of(9.5, Some(State::Red)), (State::Green, true));
        for (before, is) in [(None, State::Amber), (Some(State::Green), State::Green), (Some(State::Amber), State::Amber)] {
            assert_eq!(of(10.2, before), (is, false), "{before:?}");
        }
        // from red back to amber only where red is surely left
        assert_eq!((of(11.8, Some(State::Red)), of(11.5, Some(State::Red))), ((State::Red, false), (State::Amber, true)));
        assert_eq!((of(12.5, Some(State::Green)), of(11.8, Some(State::Green))), ((State::Red, true), (State::Amber, false)));
    }

    #[test]
    fn a_level_to_stay_above_is_crossed_downwards_and_what_is_not_defined_changes_nothing() {
        let of = |estimate: &Estimate, before| state(estimate, ABOVE, [5.0, 3.0], [0.95, 0.95], before).0;
        assert_eq!([6.0, 4.0, 2.0].map(|v| of(&figure(v, 0.1), None)), [State::Green, State::Amber, State::Red]);
        let undefined = Estimate { flag: Some(Flag::Undefined), ..figure(0.0, 0.0) };
        assert_eq!([None, Some(State::Amber)].map(|before| of(&undefined, before)), [State::Green, State::Amber]);
    }
}
