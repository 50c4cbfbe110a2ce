//! Says when an account on one path has nothing to do at a close; exact.

use super::close::Close;
use crate::engine::market::prices::Prices;
use crate::engine::plan::account::Account;
use crate::engine::plan::active::{ActiveAccount, State, event};
use crate::engine::plan::controls::{ControlRules, LaneControls};
use crate::engine::plan::distance::Row;
use crate::model::market::LANES;

/// Whether an account whose holdings are worth `value` has nothing to do at this close: it is in no state, and at no line not yet met.
#[inline(always)]
pub fn is_idle(active: &ActiveAccount, account: &Account, row: &Row, value: f64, elapsed: f64) -> bool {
    let once_warned = if active.events & event::LIMITED != 0 { row.acts } else { row.calm_warned };
    let line = if active.events & event::WARNED != 0 { once_warned } else { row.calm };
    active.state == State::Normal && stands_between(active.sides(account, value, elapsed), line, row.withdraws_above)
}

/// Whether `(assets, debt)` stand above a line and not above the one over which money may be taken out.
#[inline(always)]
fn stands_between((assets, debt): (f64, f64), line: f64, withdraws_above: f64) -> bool {
    let may_withdraw = assets > withdraws_above * debt;
    assets > line * debt && !may_withdraw
}

impl Close<'_> {
    /// Whether an account whose holdings count for `counted` has nothing to do at this close, under controls.
    pub fn is_idle(&self, rules: &ControlRules, active: &ActiveAccount, shares: &[f64], counted: f64) -> bool {
        let account = &self.plan.accounts[active.account()];
        let now: &LaneControls = &self.now.controls.lanes[active.lane()];
        active.state == State::Normal
            && rules.stop.drawdown.is_none()
            && stands_between(
                active.sides(account, counted, self.elapsed()),
                rules.calm(account, active.events, now),
                account.withdraws_above,
            )
            && !self.has_stopped(rules, active, shares, self.prices())
    }

    /// Whether a holding of an account stands at its stop.
    fn has_stopped(&self, rules: &ControlRules, active: &ActiveAccount, shares: &[f64], prices: Prices<'_>) -> bool {
        let price = |symbol: u32| prices.in_lane(symbol * LANES as u32, active.lane());
        rules.stop.position_loss.is_some()
            && self
                .plan
                .positions_of(active.account())
                .iter()
                .enumerate()
                .any(|(i, p)| active.quantity(shares, i, p.quantity) > 0.0 && price(p.symbol) <= p.stop)
    }
}
