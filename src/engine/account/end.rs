//! Marks one active account at the end of the horizon: what is not sold, what is owed beyond it, and whether the sale was needed.

use super::accounts::Accounts;
use super::close::Close;
use crate::engine::plan::active::{ActiveAccount, State, event};
use crate::engine::record::lanes::LaneSums;

impl Accounts {
    /// The end of the horizon for one active account; one that is closed may hold what its debt did not need.
    pub fn end(&mut self, close: &Close<'_>, lanes: &mut LaneSums, at: usize) {
        let Close { plan, .. } = *close;
        let prices = close.prices();
        let active = &mut self.active[at];
        let lane = active.lane();
        active.mark(active.value(plan, &self.shares, prices));
        active.charge(&plan.accounts[active.account()], close.elapsed());
        if active.events & event::LIQUIDATED != 0 && self.would_have_recovered(close, at) {
            self.active[at].events |= event::UNNEEDED;
        }
        let active = &mut self.active[at];
        let equity = active.cash + active.held - active.loan - active.accrued;
        if active.state != State::Closed && equity < 0.0 {
            active.shortfall = -equity;
            active.events |= event::SHORTFALL;
            // an account that is not closed is pursued only where recourse is immediate
            lanes.loss[plan.days][lane] += -equity * (1.0 - plan.recourse_on(0));
        }
        if active.state == State::Liquidating {
            lanes.unsold[lane] += active.held;
            if lanes.counts[lane] {
                for (i, position) in plan.positions_of(active.account()).iter().enumerate() {
                    let s = position.symbol as usize;
                    let quantity = active.quantity(&self.shares, i, position.quantity);
                    let money = quantity * prices.of_symbol(s)[lane];
                    lanes.symbol.unsold[s] += money;
                    lanes.by_symbol.note_unsold(s, lane, money);
                }
            }
        }
    }

    /// Whether a liquidated account would stand on its contract's call line (above its liquidation line, where it has no call line) at
    /// the end of the same path had nothing been sold of it; what its client paid in or took out stays.
    fn would_have_recovered(&self, close: &Close<'_>, at: usize) -> bool {
        let Close { plan, now, .. } = *close;
        let active = &self.active[at];
        let account = &plan.accounts[active.account()];
        let mut kept = ActiveAccount::of(account, active.account() as u32, active.place() as u32, active.lane());
        let value = now.counted_value(plan, &kept, &self.shares, kept.value(plan, &self.shares, close.prices()));
        kept.cash += active.paid_in - active.withdrawn;
        let (assets, debt) = kept.sides(account, value - active.custody_loss, close.elapsed());
        if account.lines.call > 0.0 { assets >= account.lines.call * debt } else { assets > account.lines.liquidation * debt }
    }
}
