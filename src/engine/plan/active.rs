//! Holds the state of one touched account on one path.

use super::account::Account;
use crate::model::market::LANES;

/// The session of what never happened.
pub const NEVER: u16 = u16::MAX;

/// Beside the events an account met at the as-of close: something is to be done with it from there on.
pub const ACTS: u8 = 128;

/// Where an account stands on a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(u8)]
pub enum State {
    #[default]
    Normal,
    Called,
    Liquidating,
    Closed,
}

/// Where an account that goes on stands against the lines that do not move its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Standing {
    #[default]
    Clear,
    Warned,
    Limited,
}

/// Events an account met, as bits in the order of `outcome::EVENTS`.
pub mod event {
    pub const WARNED: u8 = 1;
    pub const LIMITED: u8 = 2;
    pub const CALLED: u8 = 4;
    pub const CURED: u8 = 8;
    pub const LIQUIDATED: u8 = 16;
    pub const SHORTFALL: u8 = 32;
    pub const UNNEEDED: u8 = 64;
}

/// Says of `ActiveAccount::shares` that the holdings are still those of the as-of date.
const COMMON: u32 = u32::MAX;

/// One touched account on one path. Days are sessions from 1; 0 is the as-of close in the first days of events, never elsewhere.
///
/// What the day loop reads of every active account comes first and fills a cache line of its own.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub struct ActiveAccount {
    pub cash: f64,
    pub loan: f64,
    /// Interest due, accrued up to `since` (calendar days from the as-of date).
    pub accrued: f64,
    pub since: f64,
    /// Market value of the holdings when last looked at, after any sale.
    pub held: f64,
    account: u32,
    place: u32,
    /// Where its own quantities start among the workspace's, one per position; `COMMON` until it sells.
    shares: u32,
    pub deadline: u16,
    pub pay_day: u16,
    pub sell_day: u16,
    pub calls: u16,
    pub state: State,
    pub events: u8,
    lane: u8,
    /// True once it borrowed more.
    pub borrowed: bool,
    /// Kept only where a path is told (`Workspace::tells`).
    pub standing: Standing,
    /// What the market gave since the start.
    pub gain: f64,
    /// Interest charged up to `since`.
    pub charged: f64,
    /// Money the lender calls back and that is not paid yet; infinite for the whole debt.
    pub recall: f64,
    /// The loan the pool's income of a day is reckoned on.
    pub earning: f64,
    /// What the client paid in on calls.
    pub paid_in: f64,
    /// What the client took out.
    pub withdrawn: f64,
    pub sale_cost: f64,
    pub proceeds: f64,
    /// Of the proceeds, those of sales the client made ahead of its line.
    pub early: f64,
    /// Proceeds of sales before any close-out: by the limit line, the trigger, the template, the stops, or ADL.
    pub reduced: f64,
    /// Best own capital so far, what was paid in left out; kept only where a stop on drawdown reads it.
    pub best: f64,
    /// Negative equity at close-out.
    pub shortfall: f64,
    pub call_amount: f64,
    /// Securities lost with a custodian.
    pub custody_loss: f64,
    pub first_warning: u16,
    pub first_call: u16,
    pub first_liquidation: u16,
    /// The last session at whose close a call was cured.
    pub cured_on: u16,
    pub closed_on: u16,
    /// The session that decided the last forced liquidation; of those that ended, how many and their sessions from there.
    pub decided_on: u16,
    pub close_outs: u16,
    pub close_out_days: u32,
}

impl ActiveAccount {
    /// An account as the book has it.
    pub fn of(account: &Account, index: u32, place: u32, lane: usize) -> ActiveAccount {
        ActiveAccount {
            cash: account.cash,
            loan: account.loan,
            accrued: account.accrued,
            since: 0.0,
            held: account.value_start,
            account: index,
            place,
            shares: COMMON,
            state: State::Normal,
            events: 0,
            lane: lane as u8,
            borrowed: false,
            standing: Standing::Clear,
            calls: 0,
            deadline: 0,
            pay_day: 0,
            sell_day: 0,
            gain: 0.0,
            charged: 0.0,
            recall: 0.0,
            earning: account.loan,
            paid_in: 0.0,
            withdrawn: 0.0,
            sale_cost: 0.0,
            proceeds: 0.0,
            early: 0.0,
            reduced: 0.0,
            best: account.cash + account.value_start - account.loan - account.accrued,
            shortfall: 0.0,
            call_amount: 0.0,
            custody_loss: 0.0,
            first_warning: NEVER,
            first_call: NEVER,
            first_liquidation: NEVER,
            cured_on: NEVER,
            closed_on: 0,
            decided_on: 0,
            close_outs: 0,
            close_out_days: 0,
        }
    }

    /// The same account at a place in a lane.
    pub fn at(self, place: u32, lane: usize) -> ActiveAccount {
        ActiveAccount { place, lane: lane as u8, ..self }
    }

    /// Index of the account into the plan's.
    #[inline(always)]
    pub fn account(&self) -> usize {
        self.account as usize
    }

    /// The place of the account (`Distances`).
    #[inline(always)]
    pub fn place(&self) -> usize {
        self.place as usize
    }

    /// The lane of the tile its path stands in.
    #[inline(always)]
    pub fn lane(&self) -> usize {
        self.lane as usize
    }

    /// What stands on its two sides, and what it has sold, paid in and taken out.
    pub fn gross(&self) -> f64 {
        libm::fabs(self.cash) + self.held + self.loan + libm::fabs(self.accrued) + self.proceeds + self.paid_in + self.withdrawn
    }

    /// The order of active accounts: by place, then by lane.
    #[inline(always)]
    pub fn key(&self) -> u32 {
        key(self.place, self.lane as usize)
    }

    /// Where its own quantities start among the workspace's; nothing while it holds what it held at the as-of date.
    #[inline(always)]
    pub fn own_shares(&self) -> Option<usize> {
        (self.shares != COMMON).then_some(self.shares as usize)
    }

    /// Its own quantities start here from now on.
    #[inline(always)]
    pub fn owns_from(&mut self, first: usize) {
        self.shares = first as u32;
    }

    /// Quantity held of position number `i`, which was `start` at the as-of date.
    #[inline(always)]
    pub fn quantity(&self, shares: &[f64], i: usize, start: f64) -> f64 {
        if self.shares == COMMON { start } else { shares[self.shares as usize + i] }
    }

    /// Loan and interest due, where a unit of loan bears `rate_day` a calendar day.
    #[inline(always)]
    pub fn debt_at(&self, rate_day: f64, elapsed: f64) -> f64 {
        self.loan + (self.accrued + self.loan * rate_day * (elapsed - self.since))
    }

    /// Loan and interest due.
    #[inline(always)]
    pub fn debt(&self, account: &Account, elapsed: f64) -> f64 {
        self.debt_at(account.rate_day, elapsed)
    }

    /// Assets and debt as the lines see them, where the holdings count for `counted`: cash is an asset, or netted against the debt.
    #[inline(always)]
    pub fn sides(&self, account: &Account, counted: f64, elapsed: f64) -> (f64, f64) {
        if account.lines.nets_cash {
            // the same expression as that of an untouched account, whose interest due is held less its cash (`reach::row`)
            let debt = self.loan + ((self.accrued - self.cash) + self.loan * account.rate_day * (elapsed - self.since));
            (counted, debt)
        } else {
            (self.cash + counted, self.debt(account, elapsed))
        }
    }

    /// Whether the rules before a close-out act on it.
    #[inline(always)]
    pub fn goes_on(&self) -> bool {
        matches!(self.state, State::Normal | State::Called)
    }

    /// Books what the market did since it was last looked at.
    #[inline(always)]
    pub fn mark(&mut self, value: f64) {
        self.gain += value - self.held;
        self.held = value;
    }

    /// Leaves liquidation for another state at a session's close, where it is in liquidation; nothing of it waits to be sold any more.
    #[inline(always)]
    pub fn end_liquidation(&mut self, session: u16, state: State) {
        if self.state == State::Liquidating {
            self.close_outs += 1;
            self.close_out_days += u32::from(session - self.decided_on);
            self.state = state;
        }
    }

    /// Charges interest up to `elapsed`, so that the loan may change from there.
    #[inline(always)]
    pub fn charge(&mut self, account: &Account, elapsed: f64) {
        let interest = self.loan * account.rate_day * (elapsed - self.since);
        self.accrued += interest;
        self.charged += interest;
        self.since = elapsed;
    }
}

/// The order of active accounts: by place, then by lane.
#[inline(always)]
pub fn key(place: u32, lane: usize) -> u32 {
    place * LANES as u32 + lane as u32
}
