//! Estimates what one account costs the pool, from its sums over paths.

use super::figure::{Doubt, Figure, Judge};
use super::{Estimate, Unit};
use crate::engine::outcome::Outcome;
use crate::model::case::Scenario;

/// An account's expected loss to the pool: mean Σx/n, SE from Σx and Σx².
///
/// Worked: losses (0, 0, 0, 8) have mean 2 and SE 2. The interval does not reach below 0: what an account costs is no gain.
pub fn expected_loss(scenario: &Scenario, outcome: &Outcome, account: usize) -> Estimate {
    let judge = Judge::new(outcome.paths, scenario.case.simulation.confidence.get(), outcome.deterministic);
    let n = outcome.paths as f64;
    let (sum, squares) = (outcome.account.loss_sum[account], outcome.account.loss_square[account]);
    let mean = sum / n;
    // rounding may leave a constant loss a hair below zero spread
    let variance = if n > 1.0 { ((squares - sum * mean) / (n - 1.0)).max(0.0) } else { 0.0 };
    let std_error = (variance / n).sqrt();
    let half = judge.z * std_error;
    let doubt = Doubt::Given { std_error, low: (mean - half).max(mean.min(0.0)), high: mean + half };
    judge.estimate(&Figure::new("account.loss.mean", mean, Unit::Money, Vec::new()).doubt(doubt))
}

/// Accounts in order of expected loss, then of shortfalls, then of liquidations, largest first; those with none are left out.
pub fn worst(outcome: &Outcome, count: usize) -> Vec<usize> {
    let a = &outcome.account;
    let key = |i: &usize| (a.loss_sum[*i], a.shortfall[*i], a.liquidated[*i]);
    let mut order: Vec<usize> = (0..a.loss_sum.len()).filter(|i| a.loss_sum[*i] > 0.0 || a.liquidated[*i] > 0).collect();
    order.sort_by(|x, y| {
        let (x_key, y_key) = (key(x), key(y));
        y_key.0.total_cmp(&x_key.0).then(y_key.1.cmp(&x_key.1)).then(y_key.2.cmp(&x_key.2)).then(x.cmp(y))
    });
    order.truncate(count);
    order
}
