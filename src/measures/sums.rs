//! Estimates means of which only sums over paths are kept, not a value per path: of accounts, of symbols, of sessions.
//!
//! With Σx and Σx² over n paths, mean m = Σx/n and SE = √(s²/n), s² = (Σx² − m·Σx)/(n − 1).
//! Where what a path came to is known by batch alone, s² is the mean square between B batches of n_b paths that each sum to
//! T_b: s² = (Σ T_b²/n_b − m·Σx)/(B − 1), which has the same expectation and B − 1 degrees of freedom (Searle 1971, §3.2); none
//! where there is one batch.
//! Worked: (0, 0, 0, 8) has mean 2 and SE 2; in two batches of two, T = (0, 8), s² = 32 − 16 = 16 and again SE 2.

use super::figure::{Doubt, Figure, Judge};
use super::influence::Moments;
use super::{Estimate, Unit};
use crate::engine::outcome::Outcome;
use crate::model::case::Scenario;

/// The standard error of a mean over paths from Σx and Σx²; 0 for one path, which tells nothing of the others.
pub fn std_error(paths: u64, sum: f64, square: f64) -> f64 {
    between(paths, paths, sum, square).unwrap_or(0.0)
}

/// The same from the squares of `batches` batches, each over the number of its paths; nothing for one batch.
pub fn std_error_by_batch(paths: u64, batches: u32, sum: f64, square: f64) -> Option<f64> {
    between(paths, batches.into(), sum, square)
}

fn between(paths: u64, parts: u64, sum: f64, square: f64) -> Option<f64> {
    let n = paths as f64;
    // rounding may leave a constant a hair below zero spread
    (parts > 1).then(|| (((square - sum * (sum / n)) / (parts - 1) as f64).max(0.0) / n).sqrt())
}

/// The judge of a scenario's outcome.
pub fn judge<'a>(scenario: &Scenario, outcome: &'a Outcome) -> Judge<'a> {
    let confidence = scenario.case.simulation.confidence.get();
    Judge::new(outcome.paths, confidence, outcome.deterministic).of_sample(outcome.sample.as_deref())
}

/// The mean of what is never below zero on a path, and never above `most`: its interval does not reach below zero.
pub fn mean(judge: &Judge<'_>, key: &str, unit: Unit, sum: f64, square: f64, most: f64) -> Estimate {
    let value = sum / judge.paths as f64;
    let doubt = Doubt::Known(Moments::of_sums(judge.paths, sum, square));
    judge.estimate(&Figure::new(key, value, unit, Vec::new()).doubt(doubt).within(0.0, most))
}

/// The standard error of such a mean; nothing where every path shows the same.
pub fn known_error(paths: u64, sum: f64, square: f64) -> Option<f64> {
    let moments = Moments::of_sums(paths, sum, square);
    (!moments.is_constant()).then(|| moments.std_error())
}

/// The share of paths that meet an event, with its exact interval.
pub fn share(judge: &Judge<'_>, key: &str, hits: u64) -> Estimate {
    let of = judge.paths;
    judge.estimate(&Figure::new(key, hits as f64 / of as f64, Unit::Ratio, Vec::new()).doubt(Doubt::Count { hits, of }))
}

/// The same from a share of a sample and its squared error.
pub fn weighted_share(judge: &Judge<'_>, key: &str, [value, error_square]: [f64; 2]) -> Estimate {
    judge.estimate(&Figure::new(key, value, Unit::Ratio, Vec::new()).doubt(judge.count_of(value, error_square)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_by_path_and_by_batch_give_the_worked_error() {
        assert_eq!(std_error(4, 8.0, 64.0), 2.0);
        assert_eq!(std_error_by_batch(4, 2, 8.0, 8.0 * 8.0 / 2.0), Some(2.0));
        assert_eq!((std_error(1, 5.0, 25.0), std_error_by_batch(1, 1, 5.0, 25.0)), (0.0, None));
        let third = 1.0 / 3.0;
        assert!(std_error(3, 3.0 * third, 3.0 * third * third) < 1e-8, "a constant has no error");
    }

    #[test]
    fn a_share_never_seen_has_its_exact_bound() {
        let never = share(&Judge::new(1_000, 0.95, false), "x.probability", 0);
        assert!(never.value == 0.0 && (never.std_error - 3.682e-3 / 1.959_964).abs() < 1e-6);
        assert!((never.ci_high.unwrap() - 3.682e-3).abs() < 1e-5, "{never:?}");
    }
}
