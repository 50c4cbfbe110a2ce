//! Pays an account's debt from its own cash, before any share of it is sold.
//!
//! All of the cash pays, as far as there is debt. Worked: 12,000 of assets, 5,000 of them cash, against 10,000 are 120 %; the cash
//! leaves 7,000 against 5,000, 140 %: where 130 % is to be restored, nothing is sold.

use super::accounts::Accounts;
use super::close::Close;
use super::moves::pay;
use crate::engine::plan::active::State;
use crate::engine::record::lanes::LaneSums;
use crate::model::pool::cash::DUST_MONEY;

impl Accounts {
    /// Pays the debt from cash, as far as it goes, where the ratio stands below `target` (infinite: whatever it is); returns what was paid.
    pub fn pay_from_cash(&mut self, close: &Close<'_>, lanes: &mut LaneSums, at: usize, target: f64) -> f64 {
        let active = &self.active[at];
        let (assets, debt) = close.sides(active, &self.shares, active.held);
        let owed = active.debt(&close.plan.accounts[active.account()], close.elapsed());
        if target * debt > assets { self.pay_cash(close, lanes, at, owed) } else { 0.0 }
    }

    /// Pays `asked` of the debt from cash, as far as it goes. A close-out and a recall that this ends close the account, which keeps
    /// its shares.
    pub fn pay_cash(&mut self, close: &Close<'_>, lanes: &mut LaneSums, at: usize, asked: f64) -> f64 {
        let active = &mut self.active[at];
        let paid = asked.min(active.cash);
        if paid <= 0.0 {
            return 0.0;
        }
        let account = &close.plan.accounts[active.account()];
        // what was repaid is read off accounts that have quantities of their own
        active.separate(close.plan, &mut self.shares);
        active.charge(account, close.elapsed());
        active.cash -= paid;
        if paid >= active.loan + active.accrued {
            if active.state == State::Liquidating || active.recall > 0.0 {
                active.end_liquidation(close.session(), State::Closed);
                active.state = State::Closed;
                active.closed_on = close.session();
            }
            (active.loan, active.accrued, active.recall) = (0.0, 0.0, 0.0);
        } else {
            pay(active, paid);
            active.recall = if active.recall - paid > DUST_MONEY { active.recall - paid } else { 0.0 };
        }
        lanes.note_loan(account, active, close.day);
        paid
    }
}
