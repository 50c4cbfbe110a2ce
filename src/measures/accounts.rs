//! Estimates what one account meets and costs, from its sums over paths.

use super::figure::{Judge, never};
use super::sums::{judge, known_error, mean, share, std_error_by_batch, weighted_share};
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

/// An event of an account, by its place among `AccountColumns::events`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    Warned,
    Limited,
    Called,
    Cured,
    Liquidated,
    Shortfall,
    Unneeded,
    Reduced,
}

/// The share of paths on which an account meets an event.
pub fn probability(scenario: &Scenario, outcome: &Outcome, event: Event, account: usize) -> Estimate {
    let (judge, key) = (judge(scenario, outcome), "account.probability");
    match &outcome.account.weighted {
        None => share(&judge, key, outcome.account.events()[event as usize][account].into()),
        Some(weighted) => weighted_share(&judge, key, weighted.events[event as usize][account]),
    }
}

/// The same mean and standard error without an interval, for as many accounts as a book has; no error where no path loses.
pub fn lender_loss(outcome: &Outcome, account: usize) -> (f64, Option<f64>) {
    let (sum, square) = (outcome.account.loss_sum[account], outcome.account.loss_square[account]);
    (sum / outcome.paths as f64, if outcome.deterministic { Some(0.0) } else { known_error(outcome.paths, sum, square) })
}

/// The share of paths on which an account meets an event and its standard error, √(p(1 − p)/n) of plain paths, without an interval;
/// where none or all do, the error is that of the exact bound.
pub fn share_of_paths(outcome: &Outcome, event: Event, account: usize) -> (f64, Option<f64>) {
    Shares::of(outcome).of_account(event, account)
}

/// The same for many accounts: the exact bound is that of the paths, and found once.
pub struct Shares<'a> {
    outcome: &'a Outcome,
    never: f64,
}

impl<'a> Shares<'a> {
    pub fn of(outcome: &'a Outcome) -> Self {
        let plain = Judge::new(outcome.paths, 0.95, false).of_sample(outcome.sample.as_deref()).plain(outcome.paths);
        Shares { outcome, never: never(plain) }
    }

    pub fn of_account(&self, event: Event, account: usize) -> (f64, Option<f64>) {
        let n = self.outcome.paths as f64;
        let (p, spread) = match &self.outcome.account.weighted {
            None => {
                let p = f64::from(self.outcome.account.events()[event as usize][account]) / n;
                (p, (p * (1.0 - p) / n).sqrt())
            }
            Some(weighted) => {
                let [p, error_square] = weighted.events[event as usize][account];
                (p, error_square.sqrt())
            }
        };
        let error = match (self.outcome.deterministic, spread > 0.0) {
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
    if let Some(weighted) = &columns.weighted {
        return weighted.first_day[account][event].map(|[day, square]| (day, Some(square.sqrt()).filter(|error| *error > 0.0)));
    }
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
