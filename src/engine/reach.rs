//! Keeps of every account what must be known to see whether it has anything to do, in compact columns.
//!
//! An account's *reach* is the fall of all prices together that it can bear before it stands at a line, whatever the horizon's
//! interest: accounts are kept in order of it, so that those out of reach of a tile are not even looked at.

use super::plan::{Account, Position};
use crate::model::market::LANES;

/// Keeps rounding of two sums that are the same in real numbers from hiding a path that stands on its line.
const ROUNDING: f64 = 1e-9;

/// One account as the watch over untouched accounts reads it.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub cash: f64,
    pub loan: f64,
    pub accrued: f64,
    pub rate_day: f64,
    /// The ratios below which it is warned and limited, at or below which anything happens at all, and at or below which it changes state.
    pub warning: f64,
    pub limit: f64,
    pub calm: f64,
    pub acts: f64,
    /// The ratio above which the client may take money out; infinite where it does not.
    pub withdraws_above: f64,
    /// What its holdings must be worth for nothing to happen up to the end of the horizon.
    pub need: f64,
    /// Range into the holdings.
    pub first: u32,
    pub last: u32,
}

impl Row {
    /// Loan and interest due after `elapsed` calendar days; the same expression as `Slot::debt`.
    #[inline(always)]
    pub fn debt(&self, elapsed: f64) -> f64 {
        self.loan + (self.accrued + self.loan * self.rate_day * elapsed)
    }
}

/// One holding: where its symbol's row of lanes starts, and the quantity.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    pub at: u32,
    pub quantity: f64,
}

/// The accounts of a plan, to be watched.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// In the plan's order.
    pub rows: Vec<Row>,
    pub held: Vec<Held>,
    /// Accounts by reach, nearest first; and their reach, a fraction of the prices at the as-of date.
    nearest: Vec<u32>,
    reach: Vec<f64>,
    /// Every account, in the plan's order.
    pub all: Vec<u32>,
}

impl Reach {
    /// Columns of the plan's accounts, over `elapsed` calendar days.
    pub fn new(accounts: &[Account], positions: &[Position], price_start: &[f64], elapsed: f64) -> Reach {
        let held = positions.iter().map(|p| Held { at: p.symbol * LANES as u32, quantity: p.quantity }).collect();
        let rows: Vec<Row> = accounts.iter().map(|account| row(account, elapsed)).collect();
        let reach = |(account, row): (&Account, &Row)| {
            let start = positions[account.positions.clone()].iter().fold(0.0, |sum, p| sum + p.quantity * price_start[p.symbol as usize]);
            match (row.withdraws_above.is_finite(), row.need > 0.0) {
                (true, _) => f64::NEG_INFINITY,
                (false, false) => f64::INFINITY,
                (false, true) if start > 0.0 => 1.0 - row.need / start,
                (false, true) => f64::NEG_INFINITY,
            }
        };
        let mut by_reach: Vec<(f64, u32)> = accounts.iter().zip(&rows).map(reach).zip(0..).collect();
        by_reach.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let (reach, nearest) = by_reach.into_iter().unzip();
        Reach { all: (0..rows.len() as u32).collect(), rows, held, nearest, reach }
    }

    /// The accounts that a fall of no price by more than `fall` could reach, in no order.
    pub fn within(&self, fall: f64) -> &[u32] {
        &self.nearest[..self.reach.partition_point(|reach| *reach <= fall + ROUNDING)]
    }
}

fn row(account: &Account, elapsed: f64) -> Row {
    let mut row = Row {
        cash: account.cash,
        loan: account.loan,
        accrued: account.accrued,
        rate_day: account.rate_day,
        warning: account.lines.warning,
        limit: account.lines.limit,
        calm: account.calm,
        acts: account.calm_limited,
        withdraws_above: account.withdraws_above,
        need: 0.0,
        first: account.positions.start as u32,
        last: account.positions.end as u32,
    };
    // debt grows, so that its end bounds every day
    let debt = row.debt(elapsed).max(row.debt(0.0));
    let line = account.calm * debt;
    row.need = if debt > 0.0 { line - account.cash + ROUNDING * (line + account.cash.abs()) } else { f64::NEG_INFINITY };
    row
}
