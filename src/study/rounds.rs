//! Looks at the figures of a run that goes on until they are exact, and keeps what each round of paths showed.
//!
//! After a round every named figure of every scenario is estimated from all paths so far. It is exact enough when half of its confidence
//! interval is at most what `[simulation.until]` allows, and its tail is not thin. How many paths come next follows from the widest
//! (`model/until.rs`): from the programme and its data alone, as every figure does.
//!
//! The interval at which a run stops is one that happened to be narrow: of an ES that needs n paths the stated error is too small
//! by about the relative error of its own variance, `√(κ/n_tail)/2`, on the average of many runs (Chow and Robbins 1965: nothing is
//! lost as n grows).

use crate::engine::outcome::Outcome;
use crate::measures::{self, Estimate, Flag};
use crate::model::book::Book;
use crate::model::case::Programme;
use crate::model::until::Until;
use crate::problem::{Kind, Place, Problem, Problems, near};
use serde::Serialize;

/// One figure after a round.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    pub scenario: String,
    pub measure: String,
    #[serde(flatten)]
    pub estimate: Estimate,
    /// How many times as wide as allowed its interval is; absent where it has no end.
    #[serde(serialize_with = "finite")]
    pub times_allowed: f64,
}

/// What all paths so far showed.
#[derive(Clone, Debug, Serialize)]
pub struct Round {
    pub paths: u64,
    pub figures: Vec<Shown>,
}

/// Every round of a run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Convergence {
    /// Whether every figure is as exact as was asked for.
    pub met: bool,
    pub rounds: Vec<Round>,
}

fn finite<S: serde::Serializer>(times: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    times.is_finite().then_some(*times).serialize(serializer)
}

/// A thin tail's error is uncertain itself: as if its interval were this many times too wide.
const THIN: f64 = 1.5;

/// What a programme asks for; nothing where it simulates as many paths as it says.
pub fn asked(programme: &Programme) -> Option<&Until> {
    programme.scenarios.first()?.case.simulation.until.as_ref()
}

/// The named figures of one scenario, by its place, on the paths that there are.
pub fn look(until: &Until, programme: &Programme, book: &Book, at: usize, outcome: &Outcome) -> Vec<Shown> {
    let scenario = &programme.scenarios[at];
    let shown = |(measure, estimate): (String, Estimate)| {
        let times_allowed = times(until, &estimate);
        Shown { scenario: scenario.name.clone(), measure, estimate, times_allowed }
    };
    measures::of_rows(scenario, book, outcome, &until.measures).into_iter().map(shown).collect()
}

fn times(until: &Until, estimate: &Estimate) -> f64 {
    let half = estimate.half_width();
    let times = if half == 0.0 { 0.0 } else { half / until.allowed(estimate.value) };
    match estimate.flag {
        Some(Flag::Undefined | Flag::OpenInterval) => f64::INFINITY,
        Some(Flag::ThinTail | Flag::RareEvent) => times.max(THIN),
        None => times,
    }
}

impl Round {
    /// The figure whose interval is the widest; nothing where no scenario has any.
    pub fn widest(&self) -> Option<&Shown> {
        self.figures.iter().reduce(|a, b| if b.times_allowed > a.times_allowed { b } else { a })
    }
}

impl Convergence {
    /// Adds what a round showed; how many paths to have next, if more.
    pub fn add(&mut self, until: &Until, round: Round) -> Option<u64> {
        let times = round.widest().map_or(0.0, |shown| shown.times_allowed);
        let paths = round.paths;
        self.met = times <= 1.0;
        self.rounds.push(round);
        until.next(paths, times)
    }
}

/// Finds, before the first path, figures that no round can tell, and scenarios that would have paths of their own.
///
/// `file` is the programme's own, where the problems lie.
pub fn check_programme(file: &str, programme: &Programme, book: &Book) -> Result<(), Problems> {
    let mut problems = Problems::new();
    let mut problem = |field: String, what: String, why: &str, fix: String| {
        problems.push(Problem::new(Kind::Programme, Place::file(file).field(field), what, why, fix));
    };
    let base = &programme.scenarios[0].case.simulation;
    for scenario in programme.scenarios.iter().skip(1) {
        let own = &scenario.case.simulation;
        let either = base.until.is_some() || own.until.is_some();
        if either && (own.until != base.until || own.paths != base.paths || own.sampling != base.sampling) {
            let why = "with [simulation.until] all scenarios have the same paths, so that differences between them are paired";
            let fix = "leave simulation.paths, simulation.sampling and simulation.until to the base".to_string();
            problem(format!("scenario.{}.simulation", scenario.name), "paths of its own".to_string(), why, fix);
        }
    }
    if let Some(until) = asked(programme) {
        let mut keys: Vec<String> = programme.scenarios.iter().flat_map(|s| measures::keys_of_rows(s, book)).collect();
        keys.sort();
        keys.dedup();
        for (index, measure) in until.measures.iter().enumerate() {
            if keys.binary_search(measure).is_err() {
                let field = format!("simulation.until.measures[{}]", index + 1);
                let why =
                    "a run goes on until figures of its paths are exact: keys of summary.json, those of groups and of contagion apart";
                let fix = format!("write one such as {}", near::nearest(measure, &keys));
                problem(field, format!("no such figure `{measure}`"), why, fix);
            }
        }
    }
    problems.into_result(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::Unit;
    use crate::measures::stated::Basis;

    #[test]
    fn what_is_not_known_is_not_exact() {
        let until = Until::default();
        let stated = |value: f64, half: f64, flag| Estimate {
            value,
            std_error: half / 2.0,
            ci_low: value - half,
            ci_high: Some(value + half),
            paths: 100,
            plain_paths: None,
            unit: Unit::Money,
            flag,
            basis: Basis::Sides,
        };
        assert_eq!(times(&until, &stated(200.0, 1.0, None)), 0.5);
        assert_eq!(times(&until, &stated(200.0, 1.0, Some(Flag::ThinTail))), THIN);
        assert_eq!(times(&until, &stated(0.0, 1.0, None)), f64::INFINITY);
        assert_eq!(times(&until, &stated(0.0, 0.0, None)), 0.0);
        assert_eq!(times(&until, &Estimate { ci_high: None, ..stated(5.0, 0.01, Some(Flag::OpenInterval)) }), f64::INFINITY);
        let shown = |times_allowed| Shown { scenario: "a".into(), measure: "m".into(), estimate: stated(1.0, 1.0, None), times_allowed };
        let mut convergence = Convergence::default();
        let next = convergence.add(&until, Round { paths: 1_024, figures: vec![shown(0.4), shown(1.5)] });
        assert!(next == Some(2_048) && !convergence.met, "{next:?}: 0.85 × 1.5² of 1,024, in whole batches");
        assert_eq!(convergence.add(&until, Round { paths: 2_048, figures: vec![shown(1.0)] }), None);
        assert!(convergence.met);
    }
}
