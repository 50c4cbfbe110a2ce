//! Ends the horizon: what is not sold is marked at the last close, negative equity is a shortfall, symbols and the pool are closed.

use super::workspace::Workspace;
use crate::engine::market::tile::{MarketTile, is_locked_down};
use crate::engine::plan::scenario::Plan;
use crate::engine::record::lanes::LaneSums;
use crate::model::history::flag;
use crate::model::market::LANES;

impl Workspace {
    /// The end of the horizon for all active accounts, the pool and the symbols.
    pub fn end_accounts(&mut self, plan: &Plan<'_>, tile: &MarketTile) {
        // active accounts are opened day by day; sums over accounts are always made in the same order
        self.accounts.order_all();
        for place in 0..self.accounts.in_order.len() {
            self.end_account(plan, tile, self.accounts.in_order[place].1 as usize);
        }
        self.end_horizon(plan, tile);
    }

    /// The end of the horizon for one active account.
    pub fn end_account(&mut self, plan: &Plan<'_>, tile: &MarketTile, at: usize) {
        self.accounts.end(&self.now.close(plan, tile, plan.days - 1), &mut self.lanes, at);
    }

    /// The end of the horizon for the pool and the symbols.
    pub fn end_horizon(&mut self, plan: &Plan<'_>, tile: &MarketTile) {
        self.pool.bear_marked(plan, &self.lanes);
        self.lanes.end_horizon(plan);
        if plan.controls.as_ref().is_some_and(|rules| rules.reads_market_state()) {
            (self.lanes.trigger_days, self.lanes.cycles) = (self.now.controls.trigger_days, self.now.controls.cycles());
        }
        count_blocked(&mut self.lanes, plan, tile);
        note_impact(&mut self.lanes, tile);
        self.lanes.close_symbols();
    }
}

/// Notes how far sales pushed each symbol's price on its worst day of a path.
fn note_impact(lanes: &mut LaneSums, tile: &MarketTile) {
    for symbol in (0..tile.symbols).filter(|s| tile.is_pushed(*s)) {
        for lane in (0..LANES).filter(|lane| lanes.counts[*lane]) {
            let push = tile.largest_push(symbol, lane);
            lanes.symbol.push_sum[symbol] += push;
            lanes.symbol.square.push[symbol] += push * push;
            lanes.symbol.push_max[symbol] = lanes.symbol.push_max[symbol].max(push);
        }
    }
}

/// Counts the path-days each symbol could not be sold.
fn count_blocked(lanes: &mut LaneSums, plan: &Plan<'_>, tile: &MarketTile) {
    let lock = plan.exchange.limit_lock;
    let counts = lanes.counts;
    for (cell, states) in tile.state.chunks_exact(LANES).enumerate() {
        if states.iter().all(|s| *s & !(flag::PRESENT | flag::INTRADAY | flag::PROXY) == 0) {
            continue;
        }
        let symbol = cell % tile.symbols;
        for (lane, state) in states.iter().enumerate().filter(|(lane, _)| counts[*lane]) {
            if *state & flag::HALTED != 0 {
                lanes.by_symbol.note_halted(symbol, lane);
            } else if is_locked_down(*state, lock) {
                lanes.by_symbol.note_locked(symbol, lane);
            }
        }
    }
}
