//! Says when an account on one path has nothing to do at a close; exact.

use super::close::Close;
use crate::engine::market::prices::Prices;
use crate::engine::plan::account::Account;
use crate::engine::plan::active::{Slot, State, event};
use crate::engine::plan::controls::{ControlRules, LaneControls};
use crate::engine::plan::reach::Row;
use crate::model::market::LANES;

/// Whether an account whose holdings are worth `value` has nothing to do at this close: it is in no state, and at no line not yet met.
#[inline(always)]
pub fn is_idle(slot: &Slot, account: &Account, row: &Row, value: f64, elapsed: f64) -> bool {
    let once_warned = if slot.events & event::LIMITED != 0 { row.acts } else { row.calm_warned };
    let line = if slot.events & event::WARNED != 0 { once_warned } else { row.calm };
    slot.state == State::Normal && stands_between(slot.sides(account, value, elapsed), line, row.withdraws_above)
}

/// Whether `(assets, debt)` stand above a line and not above the one over which money may be taken out.
#[inline(always)]
fn stands_between((assets, debt): (f64, f64), line: f64, withdraws_above: f64) -> bool {
    let may_withdraw = assets > withdraws_above * debt;
    assets > line * debt && !may_withdraw
}

impl Close<'_> {
    /// Whether an account whose holdings count for `counted` has nothing to do at this close, under controls.
    pub fn is_idle(&self, rules: &ControlRules, slot: &Slot, shares: &[f64], counted: f64) -> bool {
        let account = &self.plan.accounts[slot.account()];
        let now: &LaneControls = &self.now.controls.lanes[slot.lane()];
        slot.state == State::Normal
            && rules.stop.drawdown.is_none()
            && stands_between(slot.sides(account, counted, self.elapsed()), rules.calm(account, slot.events, now), account.withdraws_above)
            && !self.has_stopped(rules, slot, shares, self.prices())
    }

    /// Whether a holding of an account stands at its stop.
    fn has_stopped(&self, rules: &ControlRules, slot: &Slot, shares: &[f64], prices: Prices<'_>) -> bool {
        let price = |symbol: u32| prices.in_lane(symbol * LANES as u32, slot.lane());
        rules.stop.position_loss.is_some()
            && self
                .plan
                .positions_of(slot.account())
                .iter()
                .enumerate()
                .any(|(i, p)| slot.quantity(shares, i, p.quantity) > 0.0 && price(p.symbol) <= p.stop)
    }
}
