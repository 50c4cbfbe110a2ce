//! Takes what one account of a traced path holds and has done at a close, and adds up what the pool's ledger needs of two of them.

use crate::engine::plan::account::Account;
use crate::engine::plan::active::{ActiveAccount, NEVER, Standing, State, event};
use crate::engine::plan::scenario::Plan;
use crate::engine::pool::ledger::Flows;

/// The money of one account in the traced lane.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Snapshot {
    pub cash: f64,
    pub loan: f64,
    pub accrued: f64,
    pub held: f64,
    /// What the holdings count for.
    pub counted: f64,
    pub nets_cash: bool,
    pub gain: f64,
    pub paid_in: f64,
    pub withdrawn: f64,
    pub charged: f64,
    pub sale_cost: f64,
    pub proceeds: f64,
    pub shortfall: f64,
    /// Called back and not paid yet, and lost with a custodian.
    pub recall: f64,
    pub custody_loss: f64,
    pub state: State,
    pub standing: Standing,
    /// The last close at which a call was cured.
    pub cured_on: Option<u16>,
}

impl Snapshot {
    pub fn opening(plan: &Plan<'_>, index: usize) -> Self {
        let account = &plan.accounts[index];
        let held = plan.positions_of(index).iter().fold(0.0, |v, p| v + p.quantity * plan.price_start[p.symbol as usize]);
        let row = plan.distances.row_of(index as u32);
        let (state, events, cured_on) = plan.opening_of(row).map_or((State::Normal, 0, NEVER), |opening| opening.told());
        let standing = match events {
            _ if events & event::LIMITED != 0 => Standing::Limited,
            _ if events & event::WARNED != 0 => Standing::Warned,
            _ => Standing::Clear,
        };
        Snapshot {
            cash: account.cash,
            loan: account.loan,
            accrued: account.accrued,
            held,
            counted: plan.counted_at_start(index),
            nets_cash: account.lines.nets_cash,
            state,
            standing,
            cured_on: (cured_on != NEVER).then_some(cured_on),
            ..Snapshot::default()
        }
    }

    /// The account as it stands at `elapsed` calendar days with its holdings worth `value`, which count for `counted`: marked and charged up to then.
    pub fn of(active: &ActiveAccount, account: &Account, elapsed: f64, value: f64, counted: f64) -> Self {
        let interest = active.loan * account.rate_day * (elapsed - active.since);
        Snapshot {
            cash: active.cash,
            loan: active.loan,
            accrued: active.accrued + interest,
            held: value,
            counted,
            nets_cash: account.lines.nets_cash,
            gain: active.gain + value - active.held,
            paid_in: active.paid_in,
            withdrawn: active.withdrawn,
            charged: active.charged + interest,
            sale_cost: active.sale_cost,
            proceeds: active.proceeds,
            shortfall: active.shortfall,
            recall: if active.state == State::Closed { 0.0 } else { active.recall.min(active.loan + active.accrued + interest) },
            custody_loss: active.custody_loss,
            state: active.state,
            standing: active.standing,
            cured_on: (active.cured_on != NEVER).then_some(active.cured_on),
        }
    }
}

impl Flows {
    /// Adds what one account did between two closes.
    pub fn add(&mut self, account: usize, before: &Snapshot, now: &Snapshot) {
        let (interest, shortfall) = (now.charged - before.charged, now.shortfall - before.shortfall);
        let written_off = if now.state == State::Closed { shortfall } else { 0.0 };
        self.interest += interest;
        let paid = before.loan - now.loan + before.accrued + interest - now.accrued - written_off;
        self.received += paid.max(0.0);
        self.drawn += (-paid).max(0.0);
        if shortfall > 0.0 {
            self.shortfalls.push((account, shortfall));
        }
    }
}
