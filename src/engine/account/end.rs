//! Marks one active account at the end of the horizon: what is not sold, what is owed beyond it, and whether the sale was needed.

use super::accounts::Accounts;
use super::close::Close;
use crate::engine::plan::active::{Slot, State, event};
use crate::engine::record::lanes::LaneSums;

impl Accounts {
    /// The end of the horizon for one active account; one that is closed may hold what its debt did not need.
    pub fn end(&mut self, close: &Close<'_>, lanes: &mut LaneSums, at: usize) {
        let Close { plan, .. } = *close;
        let prices = close.prices();
        let slot = &mut self.slots[at];
        let lane = slot.lane();
        slot.mark(slot.value(plan, &self.shares, prices));
        slot.charge(&plan.accounts[slot.account()], close.elapsed());
        if slot.events & event::LIQUIDATED != 0 && self.would_have_recovered(close, at) {
            self.slots[at].events |= event::UNNEEDED;
        }
        let slot = &mut self.slots[at];
        let equity = slot.cash + slot.held - slot.loan - slot.accrued;
        if slot.state != State::Closed && equity < 0.0 {
            slot.shortfall = -equity;
            slot.events |= event::SHORTFALL;
            // an account that is not closed is pursued only where recourse is immediate
            lanes.loss[plan.days][lane] += -equity * (1.0 - plan.recourse_on(0));
        }
        if slot.state == State::Liquidating {
            lanes.unsold[lane] += slot.held;
            if lanes.counts[lane] {
                for (i, position) in plan.positions_of(slot.account()).iter().enumerate() {
                    let s = position.symbol as usize;
                    let quantity = slot.quantity(&self.shares, i, position.quantity);
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
        let slot = &self.slots[at];
        let account = &plan.accounts[slot.account()];
        let mut kept = Slot::of(account, slot.account() as u32, slot.place() as u32, slot.lane());
        let value = now.counted_value(plan, &kept, &self.shares, kept.value(plan, &self.shares, close.prices()));
        kept.cash += slot.paid_in - slot.withdrawn;
        let (assets, debt) = kept.sides(account, value - slot.custody_loss, close.elapsed());
        if account.lines.call > 0.0 { assets >= account.lines.call * debt } else { assets > account.lines.liquidation * debt }
    }
}
