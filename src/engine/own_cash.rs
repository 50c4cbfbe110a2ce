//! Pays an account's debt from its own cash, before any share of it is sold.
//!
//! A payment of x brings the ratio to `(A − x) / (D − x) = m`, so that x = (m·D − A)/(m − 1). Worked: 12,000 of assets, 5,000 of
//! them cash, against 10,000, until 130 %: 1,000/0.3 = 3,333.33 of cash pay, and nothing is sold.

use super::day::Desk;
use super::plan::Plan;
use super::slot::State;
use super::state::pay;

impl Desk {
    /// Pays what brings the ratio to `target`, or the whole debt where that is infinite, as far as cash goes; true where
    /// it does, and no sale is needed.
    pub(super) fn pay_from_cash(&mut self, plan: &Plan<'_>, day: usize, at: usize, target: f64) -> bool {
        let slot = &self.slots[at];
        let (account, elapsed) = (&plan.accounts[slot.account()], plan.elapsed_days[day + 1]);
        let owed = slot.debt(account, elapsed);
        let (assets, debt) = slot.sides(account, self.counted_held(plan, at), elapsed);
        let need = target * debt - assets;
        if owed <= 0.0 || need <= 0.0 {
            // a close-out that has repaid the debt goes on: everything is sold
            return target.is_finite();
        }
        // netted against the debt, cash has done what it can: it pays, and the ratio stays
        let restores = target > 1.0 && target.is_finite() && !account.lines.nets_cash;
        let asked = if restores { owed.min(need / (target - 1.0)) } else { owed };
        self.pay_cash(plan, day, at, asked) >= asked
    }

    /// Pays `asked` of the debt from cash, as far as it goes; an account whose whole debt is paid is closed and keeps its shares.
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
            (slot.loan, slot.accrued, slot.recall) = (0.0, 0.0, 0.0);
            slot.state = State::Closed;
            slot.closed_on = day as u16 + 1;
        } else {
            pay(slot, paid);
            slot.recall = (slot.recall - paid).max(0.0);
        }
        self.lanes.note_loan(account, slot, day);
        paid
    }
}
