//! Holds the state of one touched account on one path.

use super::plan::{Account, Plan};
use super::prices::Prices;
use super::reach::Held;
use crate::model::market::LANES;

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
}

/// Says of `Slot::shares` that the holdings are still those of the as-of date.
const COMMON: u32 = u32::MAX;

/// One touched account on one path. Days are 1-based sessions; 0 means never.
///
/// What the day loop reads of every slot comes first and fills a cache line of its own.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub struct Slot {
    pub cash: f64,
    pub loan: f64,
    /// Interest due, accrued up to `since` (calendar days from the as-of date).
    pub accrued: f64,
    pub since: f64,
    /// Market value of the holdings when last looked at, after any sale.
    pub held: f64,
    account: u32,
    place: u32,
    /// Where its own quantities start among the desk's, one per position; `COMMON` until it sells.
    shares: u32,
    pub deadline: u16,
    pub pay_day: u16,
    pub sell_day: u16,
    pub calls: u16,
    pub state: State,
    pub events: u8,
    lane: u8,
    /// Whether today's sale is one the client makes ahead of its line.
    pub sells_ahead: bool,
    /// True once it borrowed more.
    pub borrowed: bool,
    /// Kept only where a path is told (`Desk::tells`).
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
    pub closed_on: u16,
}

impl Slot {
    /// The account at a place as it stood at the as-of date.
    pub fn new(plan: &Plan<'_>, place: u32, lane: usize) -> Slot {
        let start = &plan.reach.rows[place as usize];
        Slot {
            cash: start.cash,
            loan: start.loan,
            accrued: start.accrued,
            since: 0.0,
            held: start.value_start,
            account: start.account,
            place,
            shares: COMMON,
            state: State::Normal,
            events: 0,
            lane: lane as u8,
            sells_ahead: false,
            borrowed: false,
            standing: Standing::Clear,
            calls: 0,
            deadline: 0,
            pay_day: 0,
            sell_day: 0,
            gain: 0.0,
            charged: 0.0,
            recall: 0.0,
            earning: start.loan,
            paid_in: 0.0,
            withdrawn: 0.0,
            sale_cost: 0.0,
            proceeds: 0.0,
            early: 0.0,
            reduced: 0.0,
            best: start.cash + start.value_start - start.loan - start.accrued,
            shortfall: 0.0,
            call_amount: 0.0,
            custody_loss: 0.0,
            first_warning: 0,
            first_call: 0,
            first_liquidation: 0,
            closed_on: 0,
        }
    }

    /// Index of the account into the plan's.
    #[inline(always)]
    pub fn account(&self) -> usize {
        self.account as usize
    }

    /// The place of the account (`Reach`).
    #[inline(always)]
    pub fn place(&self) -> usize {
        self.place as usize
    }

    /// The lane of the tile its path stands in.
    #[inline(always)]
    pub fn lane(&self) -> usize {
        self.lane as usize
    }

    /// The order of slots: by place, then by lane.
    #[inline(always)]
    pub fn key(&self) -> u32 {
        key(self.place, self.lane as usize)
    }

    /// Where its own quantities start among the desk's; nothing while it holds what it held at the as-of date.
    #[inline(always)]
    pub fn own_shares(&self) -> Option<usize> {
        (self.shares != COMMON).then_some(self.shares as usize)
    }

    /// Gives it its own quantities, behind those in `shares`, before the first sale.
    pub fn separate(&mut self, plan: &Plan<'_>, shares: &mut Vec<f64>) {
        if self.shares == COMMON {
            self.shares = shares.len() as u32;
            shares.extend(plan.reach.held_of(self.place).iter().map(|held| held.quantity));
        }
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

    /// Market value of the holdings at one day's prices.
    #[inline(always)]
    pub fn value(&self, plan: &Plan<'_>, shares: &[f64], prices: Prices<'_>) -> f64 {
        let held = plan.reach.held_of(self.place);
        let price = |held: &Held| prices.in_lane(held.at, self.lane());
        match self.own_shares() {
            Some(first) => {
                let own = &shares[first..first + held.len()];
                held.iter().zip(own).fold(0.0, |sum, (held, quantity)| sum + quantity * price(held))
            }
            None => held.iter().fold(0.0, |sum, held| sum + held.quantity * price(held)),
        }
    }

    /// Books what the market did since it was last looked at.
    #[inline(always)]
    pub fn mark(&mut self, value: f64) {
        self.gain += value - self.held;
        self.held = value;
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

/// The order of slots: by place, then by lane.
#[inline(always)]
pub fn key(place: u32, lane: usize) -> u32 {
    place * LANES as u32 + lane as u32
}
