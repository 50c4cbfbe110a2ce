//! Clears a session at prices that bear its own sales: decisions and prices are gone over until they agree.
//!
//! Every round starts from the accounts as they stood before the session, so that no decision of an earlier round is left;
//! prices only carry over. A lane whose prices agree keeps them: what other lanes still do changes nothing in it.

use super::workspace::Workspace;
use crate::engine::market::tile::MarketTile;
use crate::engine::plan::scenario::{Coupling, Plan};
use crate::maths::lanes::exp1;
use crate::model::exchange::price_limit::limit_price;
use crate::model::impact::clearing::FixedPoint;
use crate::model::market::LANES;

/// The largest move of a log price: one that stands where numbers end may come to nothing.
const FARTHEST: f64 = 745.0;

impl Workspace {
    /// Steps 4 to 9 of one session, at the prices its own sales leave.
    pub fn clear_at_own_prices(&mut self, plan: &Plan<'_>, tile: &mut MarketTile, day: usize, rule: &FixedPoint) {
        self.sales.price_before.clear();
        self.sales.price_before.extend((0..tile.symbols).flat_map(|symbol| tile.prices(day, symbol)));
        self.accounts.save(&mut self.search.accounts);
        self.search.noted.clone_from(&self.screen.noted);
        // the market's state and controls are what all saw before the session's sales; they are noted again once these are in the price
        let looks = plan.reads_market_state || plan.controls.is_some();
        let before = looks.then(|| self.now.clone());
        self.now.observe(plan, tile, day);
        let mut open = [true; LANES];
        for round in 1..=rule.rounds.max(1) {
            self.decide(plan, tile, day, Coupling::EveryClose);
            self.sales.clear(&self.now.close(plan, tile, day), &self.accounts);
            let moves = self.moves(plan, tile, day);
            for lane in 0..LANES {
                if open[lane] && (moves[lane] <= rule.tolerance || round == rule.rounds) {
                    open[lane] = false;
                    self.lanes.residual[lane] = self.lanes.residual[lane].max(moves[lane]);
                }
            }
            if open.iter().all(|open| !open) {
                break;
            }
            self.reprice(plan, tile, day, &open);
            if plan.counts_less() {
                self.now.collateral.reprice(tile, day);
            }
            self.take_back(day);
        }
        self.settle(plan, tile, day);
        if let Some(before) = before {
            self.now = before;
            self.now.observe(plan, tile, day);
        }
    }

    /// The price a cell comes to when the sales just decided press on it, within the day's lower limit.
    fn price_after(&self, plan: &Plan<'_>, tile: &MarketTile, day: usize, symbol: usize, lane: usize) -> f64 {
        let cell = symbol * LANES + lane;
        let (before, push) = (self.sales.price_before[cell], self.sales.lasting[cell]);
        if push == 0.0 {
            return before;
        }
        let limit = plan.price_limit[day * tile.symbols + symbol];
        let floor = if limit.is_finite() { limit_price(tile.previous(plan, day, symbol, lane), -limit, plan.tick[symbol]) } else { 0.0 };
        (before * exp1(-push)).max(floor).min(before)
    }

    /// How far each lane's log prices would move, at most.
    fn moves(&self, plan: &Plan<'_>, tile: &MarketTile, day: usize) -> [f64; LANES] {
        let mut moves = [0.0_f64; LANES];
        for symbol in 0..tile.symbols {
            for (lane, largest) in moves.iter_mut().enumerate() {
                let (now, next) = (tile.prices(day, symbol)[lane], self.price_after(plan, tile, day, symbol, lane));
                if next != now {
                    *largest = largest.max(libm::fabs(libm::log(next / now)).min(FARTHEST));
                }
            }
        }
        moves
    }

    /// Takes the prices of the open lanes to where their sales push them.
    fn reprice(&mut self, plan: &Plan<'_>, tile: &mut MarketTile, day: usize, open: &[bool; LANES]) {
        for symbol in 0..tile.symbols {
            for lane in (0..LANES).filter(|lane| open[*lane]) {
                let next = self.price_after(plan, tile, day, symbol, lane);
                tile.set_price(day, symbol, lane, next, self.sales.lasting[symbol * LANES + lane]);
            }
        }
    }

    /// Undoes a round: accounts, queues and demand stand as before the session.
    fn take_back(&mut self, day: usize) {
        self.accounts.restore(&self.search.accounts);
        self.screen.noted.clone_from(&self.search.noted);
        self.lanes.by_symbol.forget_queued(day);
        self.lanes.forget_loans(day);
        self.sales.take_back();
    }
}
