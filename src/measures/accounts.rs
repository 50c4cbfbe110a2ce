//! Estimates what one account meets and costs, from its sums over paths.

use super::figure::never;
use super::sums::{judge, known_error, mean, share, std_error_by_batch};
use super::{Estimate, Unit};
use crate::engine::outcome::Outcome;
use crate::model::case::Scenario;

/// An account's expected loss to the pool: mean Σx/n, SE from Σx and Σx².
///
/// Worked: losses (0, 0, 0, 8) have mean 2 and SE 2. The interval does not reach below 0: what an account costs is no gain.
pub fn expected_loss(scenario: &Scenario, outcome: &Outcome, account: usize) -> Estimate {
    let columns = &outcome.account;
    mean(
        &judge(scenario, outcome),
        "account.loss.mean",
        Unit::Money,
        columns.loss_sum[account],
        columns.loss_square[account],
        f64::INFINITY,
    )
}

/// The share of paths on which an account meets an event, from the paths that meet it.
pub fn probability(scenario: &Scenario, outcome: &Outcome, hits: u32) -> Estimate {
    share(&judge(scenario, outcome), "account.probability", hits.into())
}

/// The same mean and standard error without an interval, for as many accounts as a book has; no error where no path loses.
pub fn lender_loss(outcome: &Outcome, account: usize) -> (f64, Option<f64>) {
    let (sum, square) = (outcome.account.loss_sum[account], outcome.account.loss_square[account]);
    (sum / outcome.paths as f64, if outcome.deterministic { Some(0.0) } else { known_error(outcome.paths, sum, square) })
}

/// The share of paths that meet an event and its standard error √(p(1 − p)/n), without an interval; where none or all do, the
/// error is that of the exact bound.
pub fn share_of_paths(outcome: &Outcome, hits: u32) -> (f64, Option<f64>) {
    Shares::of(outcome).of_hits(hits)
}

/// The same for many accounts: the exact bound is that of the paths, and found once.
pub struct Shares {
    paths: f64,
    deterministic: bool,
    never: f64,
}

impl Shares {
    pub fn of(outcome: &Outcome) -> Self {
        Shares { paths: outcome.paths as f64, deterministic: outcome.deterministic, never: never(outcome.paths) }
    }

    pub fn of_hits(&self, hits: u32) -> (f64, Option<f64>) {
        let p = f64::from(hits) / self.paths;
        let spread = (p * (1.0 - p) / self.paths).sqrt();
        let error = match (self.deterministic, spread > 0.0) {
            (true, _) => 0.0,
            (false, true) => spread,
            (false, false) => self.never,
        };
        (p, Some(error))
    }
}

/// What an account's client loses on average (negative: gains), and its standard error; none where the paths are one batch.
pub fn expected_client_loss(outcome: &Outcome, account: usize) -> (f64, Option<f64>) {
    let columns = &outcome.account;
    let (sum, square) = (columns.client_loss_sum[account], columns.client_loss_square_by_batch[account]);
    let error = std_error_by_batch(outcome.paths, columns.batches, sum, square);
    (sum / outcome.paths as f64, if outcome.deterministic { Some(0.0) } else { error })
}

/// The mean session of an account's first warning, call, liquidation or close over the paths that meet it, and its standard
/// error; nothing where no path does, no error where one does or all do on the same session.
pub fn expected_day(outcome: &Outcome, account: usize, event: usize) -> Option<(f64, Option<f64>)> {
    let columns = &outcome.account;
    let paths = u64::from(columns.first_day_paths[account][event]);
    let (sum, square) = (columns.first_day_sum[account][event] as f64, columns.first_day_square[account][event] as f64);
    let error = if outcome.deterministic { Some(0.0) } else { known_error(paths, sum, square) };
    (paths > 0).then(|| (sum / paths as f64, error))
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
