//! Takes one active account through a close: marks it, moves its state, and says what it asks to sell (steps 4 to 6).

use super::accounts::Accounts;
use super::close::Close;
use super::idle::is_idle;
use super::moves::{Look, ahead, deleverages, move_state, note_lines, reduction, stop_drawdown, withdraw};
use crate::engine::plan::account::Position;
use crate::engine::plan::active::{Standing, State};
use crate::engine::plan::opening::SaleTarget;
use crate::engine::plan::scenario::Plan;
use crate::engine::record::lanes::LaneSums;

/// Whether a position stands at its stop; on the first session also where it stood there at the as-of close, which is past.
pub fn stands_at_stop(plan: &Plan<'_>, position: &Position, price: f64, day: usize) -> bool {
    let start = if day == 0 { plan.price_start[position.symbol as usize] } else { f64::INFINITY };
    position.stop > 0.0 && price.min(start) <= position.stop
}

impl Accounts {
    /// Steps 4 to 6 for one active account, whose holdings are worth `value`; returns what it asks to sell.
    pub fn assess(&mut self, close: &Close<'_>, lanes: &mut LaneSums, at: usize, value: f64) -> Option<SaleTarget> {
        let Close { plan, tile, day, now } = *close;
        let elapsed = close.elapsed();
        let active = &self.active[at];
        let (account, lane) = (&plan.accounts[active.account()], active.lane());
        let counted = now.counted_value(plan, active, &self.shares, value);
        let idle = match &plan.controls {
            None => is_idle(active, account, &plan.distances.rows[active.place()], value, elapsed),
            // what the as-of close asked for is due
            Some(_) if day == 0 && plan.distances.rows[active.place()].acts_from_start() => false,
            Some(rules) => close.is_idle(rules, active, &self.shares, counted),
        };
        if idle {
            return None;
        }
        let active = &mut self.active[at];
        active.mark(value);
        let controls = plan.controls.as_ref().map(|rules| (rules, &now.controls.lanes[lane]));
        let (assets, debt) = active.sides(account, counted, elapsed);
        let scaled = controls.map(|(rules, now)| rules.lines(account, now, assets, debt));
        let lines = scaled.as_ref().unwrap_or(&account.lines);
        let restored = controls.map_or(account.restored, |(rules, now)| rules.scaled(account, now, account.restored));
        let stress = now.market.stress[lane];
        let stopped = self.meets_stop(close, at);
        let active = &mut self.active[at];
        let mut look = Look { account, lines, restored, session: close.session(), path: tile.paths[lane], assets, debt, stress };
        note_lines(active, &look);
        if let Some(drawdown) = controls.and_then(|(rules, _)| rules.stop.drawdown) {
            let own_capital = active.cash + value - active.debt(account, elapsed);
            stop_drawdown(active, &look, own_capital, drawdown.get());
        }
        move_state(active, &look);
        // the client may have paid in
        (look.assets, look.debt) = active.sides(account, counted, elapsed);
        if let Some(rule) = &plan.clients.withdrawal {
            withdraw(active, &look, rule, elapsed);
            lanes.note_loan(account, active, day);
            (look.assets, look.debt) = active.sides(account, counted, elapsed);
        }
        match active.state {
            State::Liquidating => (close.session() >= active.sell_day).then(|| SaleTarget::of_liquidation(lines)),
            State::Normal | State::Called => {
                let asked = SaleTarget { ratio: reduction(active, &look, controls), ..SaleTarget::default() };
                // a position that cannot be sold today queues
                let asks = asked.ratio > 0.0 || stopped || deleverages(&look, controls) || ahead(&look) > 0.0;
                match plan.due_at_first(day, active) {
                    Some(due) => Some(asked.with_due(due)),
                    None => asks.then_some(asked),
                }
            }
            State::Closed => None,
        }
    }

    /// Whether a position stands at its stop, of an account that goes on and owes money.
    fn meets_stop(&self, close: &Close<'_>, at: usize) -> bool {
        let Close { plan, tile, day, .. } = *close;
        let active = &self.active[at];
        let stops = plan.controls.as_ref().is_some_and(|rules| rules.stop.position_loss.is_some());
        if !stops || !active.goes_on() || active.debt(&plan.accounts[active.account()], close.elapsed()) <= 0.0 {
            return false;
        }
        let price = |p: &Position| tile.prices(day, p.symbol as usize)[active.lane()];
        let mut positions = plan.positions_of(active.account()).iter().enumerate();
        positions.any(|(i, p)| active.quantity(&self.shares, i, p.quantity) > 0.0 && stands_at_stop(plan, p, price(p), day))
    }

    /// Where every active account stands after a close, for who tells its path.
    pub fn keep_standings(&mut self, close: &Close<'_>) {
        for at in 0..self.active.len() {
            let active = &self.active[at];
            let (assets, debt) = close.sides(active, &self.shares, self.value(close.plan, active, close.prices()));
            let lines = close.lines_of(active, (assets, debt));
            self.active[at].standing = match debt > 0.0 {
                // what a sale restores is rounded
                true if assets < lines.limit * debt * (1.0 - 1e-12) => Standing::Limited,
                true if assets < lines.warning * debt * (1.0 - 1e-12) => Standing::Warned,
                _ => Standing::Clear,
            };
        }
    }
}
