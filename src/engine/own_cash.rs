//! Pays an account's debt from its own cash, before any share of it is sold.
//!
//! All of the cash pays, as far as there is debt. Worked: 12,000 of assets, 5,000 of them cash, against 10,000 are 120 %; the cash
//! leaves 7,000 against 5,000, 140 %: where 130 % is to be restored, nothing is sold.

use super::day::Desk;
use super::plan::Plan;
use super::slot::State;
use super::state::pay;
use crate::model::pool::cash::DUST_MONEY;

impl Desk {
    /// Pays the debt from cash, as far as it goes, where the ratio stands below `target` (infinite: whatever it is); returns what was paid.
    pub(super) fn pay_from_cash(&mut self, plan: &Plan<'_>, day: usize, at: usize, target: f64) -> f64 {
        let slot = &self.slots[at];
        let (account, elapsed) = (&plan.accounts[slot.account()], plan.elapsed_days[day + 1]);
        let (assets, debt) = slot.sides(account, self.counted_held(plan, at), elapsed);
        let owed = slot.debt(account, elapsed);
        if target * debt > assets { self.pay_cash(plan, day, at, owed) } else { 0.0 }
    }

    /// Pays `asked` of the debt from cash, as far as it goes. A close-out and a recall that this ends close the account, which keeps
    /// its shares.
    pub(super) fn pay_cash(&mut self, plan: &Plan<'_>, day: usize, at: usize, asked: f64) -> f64 {
        let slot = &mut self.slots[at];
        let paid = asked.min(slot.cash);
        if paid <= 0.0 {
            return 0.0;
        }
        let account = &plan.accounts[slot.account()];
        // what was repaid is read off accounts that have quantities of their own
        slot.separate(plan, &mut self.shares);
        slot.charge(account, plan.elapsed_days[day + 1]);
        slot.cash -= paid;
        if paid >= slot.loan + slot.accrued {
            if slot.state == State::Liquidating || slot.recall > 0.0 {
                slot.end_liquidation(day as u16 + 1, State::Closed);
                slot.state = State::Closed;
                slot.closed_on = day as u16 + 1;
            }
            (slot.loan, slot.accrued, slot.recall) = (0.0, 0.0, 0.0);
        } else {
            pay(slot, paid);
            slot.recall = if slot.recall - paid > DUST_MONEY { slot.recall - paid } else { 0.0 };
        }
        self.lanes.note_loan(account, slot, day);
        paid
    }
}
