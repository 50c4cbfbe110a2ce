//! Holds the paths of a scenario as a report keeps them, and says why they cannot be weighed as asked.

use super::view::View;
use crate::engine::outcome::{Sample, Stratum};
use crate::maths::entropy;
use crate::measures::Unit;
use crate::problem::{Kind, Place, Problem, Problems};
use serde::Serialize;

/// Fewer effective paths than this, or than this share of all, carry no figure.
pub const PATHS_LEAST: f64 = 100.0;
pub const SHARE_LEAST: f64 = 0.01;

/// The paths of one scenario as a report holds them.
#[derive(Clone, Debug, Default)]
pub struct Paths {
    pub scenario: String,
    /// The columns of the file by name, in its order; a value per path.
    pub columns: Vec<(String, Vec<f64>)>,
    /// What each counts, one on average; nothing where all count the same.
    pub weight: Option<Vec<f64>>,
    /// The candidates they were chosen of.
    pub candidates: Option<u64>,
    /// What its candidates count, where they count differently.
    pub strata: Vec<Stratum>,
    /// Two-sided confidence of intervals.
    pub confidence: f64,
}

impl Paths {
    pub fn count(&self) -> usize {
        self.columns.first().map_or(0, |(_, values)| values.len())
    }

    pub fn column(&self, name: &str) -> Option<&[f64]> {
        self.columns.iter().find(|(own, _)| own == name).map(|(_, values)| values.as_slice())
    }

    /// A column that a view was found to be on.
    pub fn viewed(&self, view: &View) -> &[f64] {
        self.column(&view.column).expect("a view is on a column of the scenario")
    }

    /// What each path counts before any view, of one in all.
    pub fn prior(&self) -> Vec<f64> {
        match &self.weight {
            Some(weight) => {
                let whole = entropy::sum(weight.iter().copied());
                weight.iter().map(|w| w / whole).collect()
            }
            None => vec![1.0 / self.count() as f64; self.count()],
        }
    }

    /// The sample the paths are, where they do not all count the same: a run of one weight is a stratum.
    pub fn sample(&self) -> Option<Sample> {
        let (weight, candidates) = (self.weight.as_ref()?, self.candidates?);
        let n = weight.len();
        let numbers = (0..n as u64).collect();
        if !self.strata.is_empty() {
            let counts = self.strata.iter().map(|stratum| stratum.counts).sum();
            return Some(Sample { candidates, counts, strata: self.strata.clone(), numbers, severity: Vec::new() });
        }
        let mut strata: Vec<Stratum> = Vec::new();
        let mut start = 0;
        for at in 1..=n {
            if at == n || weight[at] != weight[start] {
                let stands_for = weight[start] * (at - start) as f64 * candidates as f64 / n as f64;
                strata.push(Stratum::alike(start as u64..at as u64, libm::round(stands_for) as u64));
                start = at;
            }
        }
        Some(Sample { candidates, counts: candidates as f64, strata, numbers, severity: Vec::new() })
    }
}

/// Why a scenario's paths cannot be weighed as asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Every path is the same.
    Alike,
    /// It has no such column.
    NoColumn,
    /// A view is relative to a figure of nothing.
    Nothing,
    /// A view lies outside what any path shows.
    Outside,
    /// Views contradict each other.
    Contradiction,
    TooFewPaths,
}

/// A refusal: its reason, where it is one of this scenario alone, and what to tell.
#[derive(Clone, Debug)]
pub struct Refused {
    pub reason: Option<Reason>,
    pub problems: Problems,
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Refused {
        Refused { reason: None, problems: problem.into() }
    }
}

/// A problem of a scenario's view.
pub fn problem(kind: Kind, paths: &Paths, view: &View, what: String, why: &str, fix: impl Into<String>) -> Box<Problem> {
    let place = Place::default().field(format!("--view {}", view.text));
    Box::new(Problem::new(kind, place, format!("{what}, in scenario {:?}", paths.scenario), why, fix))
}

/// The views, quoted.
pub fn quoted<'v>(views: impl Iterator<Item = &'v View>) -> String {
    let named: Vec<String> = views.map(|view| format!("{:?}", view.text)).collect();
    named.join(" and ")
}

/// Too few paths carry the views; the verb for one view and for several.
pub fn too_few(paths: &Paths, views: &[View], verb: [&str; 2], how: &str) -> Refused {
    let what = format!("{} {} {how}, in scenario {:?}", quoted(views.iter()), verb[usize::from(views.len() > 1)], paths.scenario);
    let why =
        format!("a figure needs at least {PATHS_LEAST} effective paths, and at least 1% of all: fewer would be read as the whole scenario");
    let fix = "run more paths, make a view milder, or simulate the stress as a scenario of its own";
    let problem = Problem::new(Kind::Model, Place::default().field("--view"), what, why, fix);
    Refused { reason: Some(Reason::TooFewPaths), problems: problem.into() }
}

/// A number as problems show it: in per cent where it is a ratio.
pub fn shown(unit: Unit, x: f64) -> String {
    let digits = |x: f64| {
        let text = format!("{x:.4}");
        text.trim_end_matches('0').trim_end_matches('.').to_string()
    };
    match unit {
        Unit::Ratio => format!("{}%", digits(x * 100.0)),
        Unit::Money if x.abs() >= 100.0 => format!("{x:.0}"),
        _ => digits(x),
    }
}
