//! Takes every account through all days by itself, where accounts meet in nothing before the end: the same bits as day by day.
//!
//! A session's volume, the pressure of sales on prices and a pool's cash are shared, and then all accounts must be at a close
//! together (`day.rs`). Where nothing is shared, an account's whole horizon stays in the nearest caches.

use super::day::Desk;
use super::plan::Plan;
use super::slot::{Slot, State};
use super::tally::Tally;
use super::tile::MarketTile;

impl Desk {
    /// All days of one tile, and its record.
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
        let mut slot = Slot::new(plan, place, lane);
        self.scan.noted.tell(&mut slot);
        self.slots.push(slot);
        for day in usize::from(self.scan.opens[lane])..plan.days {
            let slot = &self.slots[0];
            let value = if slot.own_shares().is_none() { self.scan.value[day][lane] } else { self.value(plan, slot, tile, day) };
            self.assess_slot(plan, tile, day, 0, value);
            if let Some(seller) = self.sellers.pop() {
                self.fill(plan, tile, day, seller);
                self.wanted.clear();
            }
            if self.slots[0].state == State::Closed {
                break;
            }
        }
        self.settle_slot(plan, tile, 0);
    }
}
