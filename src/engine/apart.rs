//! Takes accounts through their days by themselves, as far as they meet in nothing: the same bits as day by day.
//!
//! The pressure of sales on prices, the market's weather and a pool's cash are shared, and then all accounts must be at a close
//! together (`day.rs`). Where only a session's volume is, an account is by itself from the day its slot opens to the next sale it
//! asks for; where nothing is, to the end. Its days then lie in the nearest caches.

use super::day::Desk;
use super::plan::Plan;
use super::slot::{Slot, State};
use super::tally::Tally;
use super::tile::MarketTile;
use super::wants::Aim;

/// A sale that a slot asks for on some day.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    key: u32,
    at: u32,
    aim: Aim,
}

impl Desk {
    /// All days of one tile, and its record, where accounts meet in nothing.
    pub(super) fn run_apart(&mut self, plan: &Plan<'_>, tile: &MarketTile, tally: &mut Tally) {
        tally.begin(plan, tile);
        for candidate in 0..self.watch.candidates.len() {
            for lane in self.scan_candidate(plan, tile, candidate) {
                self.follow(plan, tile, self.watch.candidates[candidate], lane);
                tally.record_slot(plan, tile, &self.lanes, &self.slots[0]);
            }
        }
        for day in 0..plan.days {
            self.accrue(plan, day);
            self.lanes.end_day(plan, day);
        }
        self.end_horizon(plan, tile);
        tally.end(plan, tile, self);
    }

    /// One account on one path from the session its slot opens to the end; its slot is the only one.
    fn follow(&mut self, plan: &Plan<'_>, tile: &MarketTile, place: u32, lane: usize) {
        self.slots.clear();
        self.shares.clear();
        let mut slot = Slot::new(plan, place, lane, tile.paths[lane]);
        self.scan.noted.tell(&mut slot);
        self.slots.push(slot);
        let mut from = usize::from(self.scan.opens[lane]);
        while let Some((day, aim)) = self.next_ask(plan, tile, 0, from, true) {
            self.want(plan, tile, day, 0, aim);
            if let Some(seller) = self.sellers.pop() {
                self.fill(plan, tile, day, seller);
                self.wanted.clear();
                self.parts.clear();
            }
            from = day + 1;
        }
        self.settle_slot(plan, tile, 0);
    }

    /// Takes a slot from the close of day `from` to the first on which it asks for a sale; nothing where it asks for none.
    ///
    /// `scanned` says that its account is the last one scanned, whose holdings of the as-of date are valued already.
    fn next_ask(&mut self, plan: &Plan<'_>, tile: &MarketTile, at: usize, from: usize, scanned: bool) -> Option<(usize, Aim)> {
        if self.slots[at].state == State::Closed {
            return None;
        }
        (from..plan.days).find_map(|day| {
            let slot = &self.slots[at];
            let known = scanned && slot.own_shares().is_none();
            let value = if known { self.scan.value[day][slot.lane()] } else { self.value(plan, slot, tile, day) };
            self.assess_slot(plan, tile, day, at, value).map(|aim| (day, aim))
        })
    }

    /// All days of one tile, where accounts meet in the volume of a session alone.
    pub(super) fn run_from_sale_to_sale(&mut self, plan: &Plan<'_>, tile: &MarketTile) {
        self.asks.resize(plan.days, Vec::new());
        self.asks.iter_mut().for_each(Vec::clear);
        for candidate in 0..self.watch.candidates.len() {
            for lane in self.scan_candidate(plan, tile, candidate) {
                let at = self.open_candidate(plan, candidate, lane);
                self.ask_next(plan, tile, at, usize::from(self.scan.opens[lane]), true);
            }
        }
        for day in 0..plan.days {
            self.accrue(plan, day);
            let mut asks = std::mem::take(&mut self.asks[day]);
            // sums over accounts are always made in the same order
            asks.sort_unstable_by_key(|ask| ask.key);
            self.sellers.clear();
            self.wanted.clear();
            self.parts.clear();
            for ask in &asks {
                self.want(plan, tile, day, ask.at as usize, ask.aim);
            }
            self.gather(plan, tile, day);
            self.sell(plan, tile, day);
            for ask in &asks {
                self.ask_next(plan, tile, ask.at as usize, day + 1, false);
            }
            self.asks[day] = asks;
            self.lanes.end_day(plan, day);
        }
    }

    /// Puts a slot's next sale among what its day is asked for.
    fn ask_next(&mut self, plan: &Plan<'_>, tile: &MarketTile, at: usize, from: usize, scanned: bool) {
        if let Some((day, aim)) = self.next_ask(plan, tile, at, from, scanned) {
            self.asks[day].push(Ask { key: self.slots[at].key(), at: at as u32, aim });
        }
    }
}
