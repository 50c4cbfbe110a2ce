//! Keeps of every account what must be known to see whether it has anything to do, in compact columns.
//!
//! An account's *reach* is the fall of all prices together that it can bear before it stands at a line, the horizon's interest
//! included. Accounts are kept in order of it: those out of a tile's reach are not even looked at, and those near a line lie
//! side by side. A *place* is a number in this order, which is the order of all sums over accounts.

use super::account::{Account, Position};
use super::active::ACTS;
use super::opening::Opening;
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
    /// At or below which anything but a warning happens.
    pub calm_warned: f64,
    /// The ratio above which the client may take money out; infinite where it does not.
    pub withdraws_above: f64,
    /// Index into the plan's accounts.
    pub account: u32,
    /// Events met at the as-of close, and `ACTS` where something is to be done from it on; such an account stands at a line for good.
    pub met_at_start: u8,
}

/// What bounds of prices are held against.
#[derive(Clone, Copy, Debug)]
pub struct Near {
    /// What its holdings must be worth for nothing to happen up to the end of the horizon; infinite where a rise of prices matters too.
    pub need: f64,
    /// The same once it was warned, and for nothing to change its state.
    pub need_once_warned: f64,
    pub need_to_act: f64,
    /// Range into the holdings.
    first: u32,
    last: u32,
}

impl Near {
    /// The account's holdings among all.
    #[inline(always)]
    pub fn of<'h>(&self, held: &'h [Held]) -> &'h [Held] {
        &held[self.first as usize..self.last as usize]
    }
}

impl Row {
    /// An account without money, with lines for warning, limit and what changes its state.
    #[cfg(test)]
    pub fn of_lines(warning: f64, limit: f64, acts: f64) -> Row {
        let calm = warning;
        let (cash, loan, accrued, rate_day) = (0.0, 0.0, 0.0, 0.0);
        Row {
            cash,
            loan,
            accrued,
            rate_day,
            warning,
            limit,
            calm,
            calm_warned: limit,
            acts,
            withdraws_above: f64::INFINITY,
            account: 0,
            met_at_start: 0,
        }
    }

    /// Whether something is to be done with it from the as-of close on.
    #[inline(always)]
    pub fn acts_from_start(&self) -> bool {
        self.met_at_start & ACTS != 0
    }

    /// Loan and interest due after `elapsed` calendar days; the same expression as `ActiveAccount::debt`.
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

impl Held {
    /// The number of its symbol.
    #[inline(always)]
    pub fn symbol(&self) -> usize {
        self.at as usize / LANES
    }
}

/// The accounts of a plan, to be watched; every column in order of reach, nearest first.
#[derive(Clone, Debug, Default)]
pub struct Distances {
    pub rows: Vec<Row>,
    pub near: Vec<Near>,
    pub held: Vec<Held>,
    /// The reach itself, a fraction of the prices at the as-of date.
    reach: Vec<f64>,
    /// Every place.
    all: Vec<u32>,
    /// The place of each account of the plan.
    pub place: Vec<u32>,
}

impl Distances {
    /// Columns of the plan's accounts, over `elapsed` calendar days; `openings` in order of account.
    pub fn new(accounts: &[Account], openings: &[Opening], positions: &[Position], elapsed: f64) -> Distances {
        let mut met_at_start = vec![0; accounts.len()];
        openings.iter().for_each(|opening| met_at_start[opening.account()] = opening.met());
        let whole = |(account, met): (&Account, &u8)| if *met == 0 { need(account, account.calm, elapsed) } else { f64::INFINITY };
        let needs: Vec<f64> = accounts.iter().zip(&met_at_start).map(whole).collect();
        let reach = |(account, need): (&Account, &f64)| match *need > 0.0 {
            false => f64::INFINITY,
            true if account.value_start > 0.0 => 1.0 - need / account.value_start,
            true => f64::NEG_INFINITY,
        };
        let mut by_reach: Vec<(f64, u32)> = accounts.iter().zip(&needs).map(reach).zip(0..).collect();
        by_reach.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut columns = Distances { all: (0..accounts.len() as u32).collect(), place: vec![0; accounts.len()], ..Distances::default() };
        for ((reach, index), place) in by_reach.into_iter().zip(0..) {
            let account = &accounts[index as usize];
            let met = met_at_start[index as usize];
            let once = |line: f64| if met & ACTS == 0 { need(account, line, elapsed) } else { f64::INFINITY };
            let needs = [needs[index as usize], once(account.calm_warned), once(account.calm_limited)];
            columns.push(row(account, index, met), needs, &positions[account.positions.clone()]);
            columns.reach.push(reach);
            columns.place[index as usize] = place;
        }
        columns
    }

    /// Adds an account behind the others.
    pub fn push(&mut self, row: Row, [need, need_once_warned, need_to_act]: [f64; 3], positions: &[Position]) {
        let first = self.held.len() as u32;
        self.held.extend(positions.iter().map(|p| Held { at: p.symbol * LANES as u32, quantity: p.quantity }));
        self.near.push(Near { need, need_once_warned, need_to_act, first, last: self.held.len() as u32 });
        self.rows.push(row);
    }

    /// The row of an account, by its index into the plan's.
    pub fn row_of(&self, account: u32) -> &Row {
        &self.rows[self.place[account as usize] as usize]
    }

    /// The holdings of the account at a place.
    #[inline(always)]
    pub fn held_of(&self, place: u32) -> &[Held] {
        self.near[place as usize].of(&self.held)
    }

    /// The places that a fall of no price by more than `fall` could reach.
    pub fn within(&self, fall: f64) -> &[u32] {
        &self.all[..self.reach.partition_point(|reach| *reach <= fall + ROUNDING)]
    }
}

/// What an account's holdings must be worth to stay above the ratio `line` up to the end of the horizon.
fn need(account: &Account, line: f64, elapsed: f64) -> f64 {
    if account.withdraws_above.is_finite() {
        return f64::INFINITY;
    }
    let row = row(account, 0, 0);
    // debt moves one way, so that its ends bound every day
    let debt = row.debt(elapsed).max(row.debt(0.0));
    let line = line * debt;
    if debt > 0.0 { line - row.cash + ROUNDING * (line + row.cash.abs()) } else { f64::NEG_INFINITY }
}

/// An account as its lines see it: where cash is netted it is no asset, and lessens what is due.
fn row(account: &Account, index: u32, met_at_start: u8) -> Row {
    let line = |line: f64| if met_at_start & ACTS == 0 { line } else { f64::INFINITY };
    let netted = if account.lines.nets_cash { account.cash } else { 0.0 };
    Row {
        cash: if account.lines.nets_cash { 0.0 } else { account.cash },
        loan: account.loan,
        accrued: account.accrued - netted,
        rate_day: account.rate_day,
        warning: account.lines.warning,
        limit: account.lines.limit,
        calm: line(account.calm),
        calm_warned: line(account.calm_warned),
        acts: line(account.calm_limited),
        withdraws_above: account.withdraws_above,
        account: index,
        met_at_start,
    }
}
