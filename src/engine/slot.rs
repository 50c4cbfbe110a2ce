//! Holds the state of one touched account in every lane of a tile.

use super::kernels;
use super::plan::{Account, Plan};
use crate::model::market::LANES;

/// Where an account stands in one lane.
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

/// One touched account, a lane per path. Days are 1-based sessions; 0 means never.
#[derive(Clone, Debug, Default)]
pub struct Slot {
    pub account: usize,
    pub cash: [f64; LANES],
    pub loan: [f64; LANES],
    /// Interest due, accrued up to `since` (calendar days from the as-of date).
    pub accrued: [f64; LANES],
    pub since: [f64; LANES],
    /// Market value of the holdings when last looked at, after any sale.
    pub held: [f64; LANES],
    /// What the market gave since the start.
    pub gain: [f64; LANES],
    /// What the client paid in on calls.
    pub paid_in: [f64; LANES],
    /// What the client took out.
    pub withdrawn: [f64; LANES],
    /// Of the proceeds, those of sales the client made ahead of its line; and whether today's sale is one.
    pub early: [f64; LANES],
    pub sells_ahead: [bool; LANES],
    /// Interest charged up to `since`.
    pub charged: [f64; LANES],
    pub sale_cost: [f64; LANES],
    pub proceeds: [f64; LANES],
    /// Proceeds of sales before any close-out: by the limit line, the trigger, the template, the stops, or ADL.
    pub reduced: [f64; LANES],
    /// Best own capital so far, what was paid in left out; kept only where a stop on drawdown reads it.
    pub best: [f64; LANES],
    /// Negative equity at close-out.
    pub shortfall: [f64; LANES],
    pub call_amount: [f64; LANES],
    /// Money the lender calls back and that is not paid yet; infinite for the whole debt.
    pub recall: [f64; LANES],
    /// Securities lost with a custodian.
    pub custody_loss: [f64; LANES],
    pub state: [State; LANES],
    pub events: [u8; LANES],
    pub first_warning: [u16; LANES],
    pub first_call: [u16; LANES],
    pub first_liquidation: [u16; LANES],
    pub closed_on: [u16; LANES],
    pub deadline: [u16; LANES],
    pub pay_day: [u16; LANES],
    pub sell_day: [u16; LANES],
    pub calls: [u16; LANES],
    /// True once any lane borrowed more.
    pub borrowed: bool,
    /// Kept only where a path is told (`Desk::tells`).
    pub standing: [Standing; LANES],
    /// True once any lane sold: quantities then stand per lane.
    pub sold: bool,
    /// `[position][lane]`, valid once `sold`.
    pub quantity: Vec<f64>,
    /// Shares wanted in today's sale, `[position][lane]`.
    pub wanted: Vec<f64>,
}

impl Slot {
    /// Starts the account in every lane as it stood at the as-of date.
    pub fn open(&mut self, plan: &Plan<'_>, index: usize) {
        let account = &plan.accounts[index];
        let positions = account.positions.len();
        let (mut quantity, mut wanted) = (std::mem::take(&mut self.quantity), std::mem::take(&mut self.wanted));
        quantity.clear();
        wanted.clear();
        wanted.resize(positions * LANES, 0.0);
        let held = plan.positions[account.positions.clone()].iter().fold(0.0, |v, p| v + p.quantity * plan.price_start[p.symbol as usize]);
        *self = Slot {
            account: index,
            cash: [account.cash; LANES],
            loan: [account.loan; LANES],
            accrued: [account.accrued; LANES],
            held: [held; LANES],
            best: [account.equity_start; LANES],
            quantity,
            wanted,
            ..Slot::default()
        };
    }

    /// Interest due in one lane at `elapsed` calendar days.
    #[inline(always)]
    pub fn interest_due(&self, account: &Account, lane: usize, elapsed: f64) -> f64 {
        self.accrued[lane] + self.loan[lane] * account.rate_day * (elapsed - self.since[lane])
    }

    /// Loan and interest due in one lane.
    #[inline(always)]
    pub fn debt(&self, account: &Account, lane: usize, elapsed: f64) -> f64 {
        self.loan[lane] + self.interest_due(account, lane, elapsed)
    }

    /// Market value of the holdings in every lane at one day's prices.
    pub fn value(&self, plan: &Plan<'_>, prices: &[f64]) -> [f64; LANES] {
        let mut value = [0.0; LANES];
        if self.sold {
            kernels::value_own(plan.positions_of(self.account), &self.quantity, prices, &mut value);
        } else {
            kernels::value_common(plan.positions_of(self.account), prices, &mut value);
        }
        value
    }

    /// Books what the market did to one lane since it was last looked at.
    #[inline(always)]
    pub fn mark(&mut self, lane: usize, value: f64) {
        self.gain[lane] += value - self.held[lane];
        self.held[lane] = value;
    }

    /// Charges interest up to `elapsed`, so that the loan may change from there.
    pub fn charge(&mut self, account: &Account, lane: usize, elapsed: f64) {
        let interest = self.loan[lane] * account.rate_day * (elapsed - self.since[lane]);
        self.accrued[lane] += interest;
        self.charged[lane] += interest;
        self.since[lane] = elapsed;
    }

    /// Gives every lane its own quantities, before the first sale.
    pub fn separate(&mut self, plan: &Plan<'_>) {
        if self.sold {
            return;
        }
        self.sold = true;
        for position in &plan.positions[plan.accounts[self.account].positions.clone()] {
            self.quantity.extend([position.quantity; LANES]);
        }
    }
}
