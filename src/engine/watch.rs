//! Watches the accounts nothing happened to yet, and opens slots for those that meet a line.

use super::controls::ControlRules;
use super::day::Desk;
use super::kernels::{self, Met};
use super::plan::Plan;
use super::slot::event;
use super::tile::{BLOCK, MarketTile};
use crate::model::market::LANES;

/// The accounts of a tile that might do anything in it, in the plan's order.
#[derive(Default)]
pub struct Watch {
    pub candidates: Vec<u32>,
    /// What is noted of each candidate.
    pub noted: Vec<Noted>,
    /// Places among the candidates of those that might do anything in these few sessions.
    watched: Vec<u32>,
    met: Vec<Met>,
    /// Scratch: a bit for every account, and places picked.
    near: Vec<u64>,
    picked: Vec<u32>,
    among: Vec<u32>,
}

/// What is noted of a candidate while it has no slot in a lane; a bit for every lane.
#[derive(Clone, Copy, Debug, Default)]
pub struct Noted {
    /// Lanes with a slot.
    pub open: u16,
    pub warned: u16,
    pub limited: u16,
    /// The session of the first warning, from 1.
    pub first_warning: [u16; LANES],
}

/// The lanes whose bits are set.
pub fn lanes_of(mask: u16) -> impl Iterator<Item = usize> {
    (0..LANES).filter(move |lane| mask >> lane & 1 == 1)
}

impl Watch {
    fn choose(&mut self, accounts: impl Iterator<Item = u32>) {
        self.candidates.clear();
        self.candidates.extend(accounts);
        self.noted.clear();
        self.noted.resize(self.candidates.len(), Noted::default());
    }

    /// Puts the accounts in `among` at the places picked in the plan's order.
    fn choose_picked(&mut self, accounts: usize) {
        self.near.clear();
        self.near.resize(accounts.div_ceil(64), 0);
        for place in &self.picked {
            let account = self.among[*place as usize];
            self.near[account as usize / 64] |= 1 << (account % 64);
        }
        let near = std::mem::take(&mut self.near);
        self.choose(near.iter().zip(0..).flat_map(|(word, w)| Bits(*word).map(move |bit| w * 64 + bit)));
        self.near = near;
    }
}

/// The places of the bits set in a word, ascending.
struct Bits(u64);

impl Iterator for Bits {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let place = self.0.trailing_zeros();
        self.0 &= self.0.wrapping_sub(1);
        (place < 64).then_some(place)
    }
}

impl Desk {
    /// Picks the accounts that could do anything at the lowest prices of the whole tile.
    pub(super) fn pick_candidates(&mut self, plan: &Plan<'_>, tile: &MarketTile) {
        if !plan.passes_over {
            return self.watch.choose(0..plan.accounts.len() as u32);
        }
        if let Some(rules) = &plan.controls {
            let near: Vec<u32> = (0..plan.accounts.len() as u32).filter(|a| !self.stays_calm_throughout(plan, rules, *a, tile)).collect();
            return self.watch.choose(near.into_iter());
        }
        let watch = &mut self.watch;
        watch.among.clear();
        watch.among.extend(plan.reach.within(tile.deepest_fall(plan)));
        kernels::pick(&mut watch.picked, &watch.among, &plan.reach.rows, &plan.reach.held, &tile.low_horizon);
        watch.choose_picked(plan.accounts.len());
    }

    /// Steps 4 to 6 for untouched accounts: notes warnings and limits, and opens slots where more is to be done.
    pub(super) fn watch_accounts(&mut self, plan: &Plan<'_>, tile: &mut MarketTile, day: usize) {
        if !plan.passes_over {
            return self.open_all(plan);
        }
        if let Some(rules) = &plan.controls {
            return self.watch_controlled(plan, rules, tile, day);
        }
        let (rows, held) = (&plan.reach.rows, &plan.reach.held);
        let watch = &mut self.watch;
        if day.is_multiple_of(BLOCK) {
            kernels::pick(&mut watch.watched, &watch.candidates, rows, held, tile.low_block(day));
        }
        let (prices, elapsed) = (tile.prices_of(day), plan.elapsed_days[day + 1]);
        kernels::watch(&mut watch.met, &watch.watched, &watch.candidates, rows, held, prices, elapsed, self.tells);
        let met = std::mem::take(&mut self.watch.met);
        for met in &met {
            let candidate = met.candidate as usize;
            let noted = &self.watch.noted[candidate];
            for lane in lanes_of(met.acts & !noted.open) {
                self.open_candidate(plan, candidate, lane);
            }
            let noted = &mut self.watch.noted[candidate];
            for lane in lanes_of(met.warned & !noted.open & !noted.warned) {
                noted.first_warning[lane] = day as u16 + 1;
            }
            noted.warned |= met.warned & !noted.open;
            noted.limited |= met.limited & !noted.open;
        }
        self.watch.met = met;
    }

    /// Opens a slot for a candidate in one lane, with what was noted of it.
    pub(super) fn open_candidate(&mut self, plan: &Plan<'_>, candidate: usize, lane: usize) -> usize {
        let at = self.open_slot(plan, self.watch.candidates[candidate], lane);
        let noted = &mut self.watch.noted[candidate];
        noted.open |= 1 << lane;
        let slot = &mut self.slots[at];
        if noted.warned >> lane & 1 == 1 {
            slot.events |= event::WARNED;
            slot.first_warning = noted.first_warning[lane];
        }
        if noted.limited >> lane & 1 == 1 {
            slot.events |= event::LIMITED;
        }
        at
    }

    /// Every account in every lane, where none is to be passed over.
    fn open_all(&mut self, plan: &Plan<'_>) {
        for candidate in 0..self.watch.candidates.len() {
            for lane in lanes_of(!self.watch.noted[candidate].open) {
                self.open_candidate(plan, candidate, lane);
            }
        }
    }

    /// The same under controls, whose lines differ by lane and day: a slot is opened at the first line met.
    fn watch_controlled(&mut self, plan: &Plan<'_>, rules: &ControlRules, tile: &mut MarketTile, day: usize) {
        tile.bound_today(day);
        for candidate in 0..self.watch.candidates.len() {
            let account = self.watch.candidates[candidate];
            let shut = !self.watch.noted[candidate].open;
            if shut == 0 {
                continue;
            }
            // what may be taken out depends on the highest prices, which no bound from below tells
            let keeps = plan.accounts[account as usize].withdraws_above.is_infinite();
            if keeps && self.stays_calm_today(plan, rules, account, tile, day) {
                continue;
            }
            for lane in lanes_of(shut) {
                if !self.stays_idle(plan, rules, account, tile, day, lane) {
                    self.open_candidate(plan, candidate, lane);
                }
            }
        }
    }
}
