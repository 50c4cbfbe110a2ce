//! Pays an account's debt from its own cash, before any share of it is sold.
//!
//! All of the cash pays, as far as there is debt. Worked: 12,000 of assets, 5,000 of them cash, against 10,000 are 120 %; the cash
//! leaves 7,000 against 5,000, 140 %: where 130 % is to be restored, nothing is sold.

use super::accounts::Accounts;
use super::close::Close;
use super::moves::pay;
use crate::engine::plan::active::State;
use crate::engine::record::lanes::LaneSums;

impl Accounts {
    /// Pays the debt from cash, as far as it goes, where the ratio stands below `target` (infinite: whatever it is); returns what was paid.
    pub fn pay_from_cash(&mut self, close: &Close<'_>, lanes: &mut LaneSums, at: usize, target: f64) -> f64 {
        let slot = &self.slots[at];
        let (assets, debt) = close.sides(slot, &self.shares, slot.held);
        let owed = slot.debt(&close.plan.accounts[slot.account()], close.elapsed());
        if target * debt > assets { self.pay_cash(close, lanes, at, owed) } else { 0.0 }
    }

    /// Pays `asked` of the debt from cash, as far as it goes. A close-out and a recall that this ends close the account, which keeps
    /// its shares.
    pub fn pay_cash(&mut self, close: &Close<'_>, lanes: &mut LaneSums, at: usize, asked: f64) -> f64 {
        let slot = &mut self.slots[at];
        let paid = asked.min(slot.cash);
        if paid <= 0.0 {
            return 0.0;
        }
        let account = &close.plan.accounts[slot.account()];
        // what was repaid is read off accounts that have quantities of their own
        slot.separate(close.plan, &mut self.shares);
        slot.charge(account, close.elapsed());
        slot.cash -= paid;
        if paid >= slot.loan + slot.accrued {
            if slot.state == State::Liquidating || slot.recall > 0.0 {
                slot.end_liquidation(close.session(), State::Closed);
                slot.state = State::Closed;
                slot.closed_on = close.session();
            }
            (slot.loan, slot.accrued, slot.recall) = (0.0, 0.0, 0.0);
        } else {
            pay(slot, paid);
            slot.recall = (slot.recall - paid).max(0.0);
        }
        lanes.note_loan(account, slot, close.day);
        paid
    }
}
