//! Sets some figures of several scenarios against each other on common paths, every two of them.
//!
//! A path's draws are the same in every scenario and independent of other paths', so that the difference of two figures has the error of
//! the differences of their influence path by path, whatever the scenarios change. A figure that is known by sums alone has no influence:
//! its difference is taken as if the two were independent.

use super::figure::{Doubt, Figure, Judge};
use super::influence::by_path;
use super::stated::{Basis, Estimate, Flag};
use super::{Context, check, sums};
use crate::engine::outcome::Outcome;
use crate::maths::special::two_sided_quantile;
use crate::model::book::Book;
use crate::model::case::Scenario;

/// Some figures of one outcome, in the order asked for; nothing for one that it has not.
pub struct Figures<'a> {
    judge: Judge<'a>,
    figures: Vec<Option<(Figure<'a>, Estimate)>>,
}

impl<'a> Figures<'a> {
    pub fn of(scenario: &'a Scenario, book: &'a Book, outcome: &'a Outcome, keys: &[String]) -> Figures<'a> {
        check(outcome);
        let judge = sums::judge(scenario, outcome);
        let mut all = Context::new(scenario, book, outcome).figures();
        let mut find = |key: &String| {
            let at = all.iter().position(|figure| figure.key == *key)?;
            let figure = all.swap_remove(at);
            let estimate = judge.estimate(&figure);
            Some((figure, estimate))
        };
        let figures = keys.iter().map(&mut find).collect();
        Figures { judge, figures }
    }

    /// A figure as it is stated.
    pub fn estimate(&self, at: usize) -> Option<&Estimate> {
        self.figures[at].as_ref().map(|(_, estimate)| estimate)
    }

    /// How each path moves a figure, times the number of paths and about its mean; nothing of one that is known by sums alone.
    pub fn influence(&self, at: usize) -> Option<Vec<f64>> {
        let (figure, _) = self.figures[at].as_ref()?;
        let paths = self.judge.paths as usize;
        if self.judge.deterministic || matches!(figure.doubt, Doubt::Exact) {
            return Some(vec![0.0; paths]);
        }
        (!figure.influence.is_empty()).then(|| by_path(paths, &figure.influence))
    }

    /// A figure less that of another scenario whose paths are others; nothing where one of them has none, or nothing to divide by.
    pub fn less_apart(&self, other: &Figures<'_>, at: usize) -> Option<Estimate> {
        let (figure, own) = self.figures[at].as_ref()?;
        let (base, before) = other.figures[at].as_ref()?;
        let defined = [own, before].iter().all(|e| e.flag != Some(Flag::Undefined));
        let known = |figure: &Figure<'_>| matches!(figure.doubt, Doubt::Exact);
        defined.then(|| apart(own, before, self.judge.confidence, known(figure) && known(base)))
    }

    /// A figure less that of another scenario; nothing where one of them has none, or nothing to divide by.
    pub fn less(&self, other: &Figures<'_>, at: usize) -> Option<Estimate> {
        let (figure, own) = self.figures[at].as_ref()?;
        let (base, before) = other.figures[at].as_ref()?;
        if [own, before].iter().any(|e| e.flag == Some(Flag::Undefined)) {
            return None;
        }
        let (judge, paired) = (&self.judge, self.judge.paths == other.judge.paths && self.judge.deterministic == other.judge.deterministic);
        let known = |figure: &Figure<'_>| matches!(figure.doubt, Doubt::Exact);
        match judge.difference(figure, base).filter(|_| paired) {
            Some(difference) => Some(difference),
            None if known(figure) && known(base) => Some(apart(own, before, self.judge.confidence, true)),
            None => Some(apart(own, before, self.judge.confidence, false)),
        }
    }
}

/// The difference of two independent figures.
pub fn apart(own: &Estimate, before: &Estimate, confidence: f64, exact: bool) -> Estimate {
    let value = own.value - before.value;
    let std_error = libm::hypot(own.std_error, before.std_error);
    let half = two_sided_quantile(confidence) * std_error;
    let basis = if exact || std_error == 0.0 { Basis::Exact } else { Basis::Sides };
    let ends = if std_error.is_finite() { (value - half, Some(value + half)) } else { (f64::NEG_INFINITY, None) };
    Estimate { value, std_error, ci_low: ends.0, ci_high: ends.1, plain_paths: None, flag: None, basis, ..own.clone() }
}
