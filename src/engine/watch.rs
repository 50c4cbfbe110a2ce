//! Watches the accounts nothing happened to yet, and opens slots for those that meet a line.

use super::controls::ControlRules;
use super::day::Desk;
use super::kernels::{self, Met};
use super::plan::{Meeting, Plan};
use super::prices::Prices;
use super::reach::Row;
use super::slot::{Slot, event};
use super::tile::{BLOCK, MarketTile};
use crate::model::market::LANES;

/// The accounts of a tile that might do anything in it, in order of their places (`Reach`).
#[derive(Default)]
pub struct Watch {
    /// Their places.
    pub candidates: Vec<u32>,
    /// What is noted of each candidate.
    pub noted: Vec<Noted>,
    /// Those of the candidates that might do anything in these few sessions.
    watched: Vec<u32>,
    met: Vec<Met>,
    picked: Vec<u32>,
    /// Candidates and lanes whose slots open, by session; where accounts are looked at ahead.
    due: Vec<Vec<(u32, u8)>>,
}

/// What is noted of a candidate while it has no slot in a lane; a bit for every lane.
#[derive(Clone, Copy, Debug, Default)]
pub struct Noted {
    /// Lanes with a slot.
    pub open: u16,
    pub warned: u16,
    pub limited: u16,
    /// The session of the first warning, 0 for the as-of close.
    pub first_warning: [u16; LANES],
}

impl Noted {
    /// What an account met at the as-of close, in every lane.
    #[inline(always)]
    pub fn at_start(row: &Row) -> Noted {
        let all = |event: u8| if row.met_at_start & event != 0 && !row.acts_from_start() { u16::MAX } else { 0 };
        Noted { warned: all(event::WARNED), limited: all(event::LIMITED), ..Noted::default() }
    }

    /// Notes what an account met at a close in lanes without a slot; returns the lanes where one is to be opened.
    #[inline(always)]
    pub fn meet(&mut self, met: &Met, day: usize) -> u16 {
        let opens = met.acts & !self.open;
        self.open |= opens;
        let warned = met.warned & !self.open & !self.warned;
        if warned != 0 {
            for lane in 0..LANES {
                self.first_warning[lane] = if warned >> lane & 1 == 1 { day as u16 + 1 } else { self.first_warning[lane] };
            }
        }
        self.warned |= warned;
        self.limited |= met.limited & !self.open;
        opens
    }

    /// Tells a slot just opened what was noted in its lane.
    #[inline(always)]
    pub fn tell(&self, slot: &mut Slot) {
        let lane = slot.lane();
        if self.warned >> lane & 1 == 1 {
            slot.events |= event::WARNED;
            slot.first_warning = self.first_warning[lane];
        }
        if self.limited >> lane & 1 == 1 {
            slot.events |= event::LIMITED;
        }
    }
}

/// The lanes whose bits are set, ascending.
#[inline(always)]
pub fn lanes_of(mut mask: u16) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lane = mask.trailing_zeros() as usize;
        mask &= mask.wrapping_sub(1);
        (lane < LANES).then_some(lane)
    })
}

impl Watch {
    fn choose(&mut self, plan: &Plan<'_>, places: impl Iterator<Item = u32>) {
        self.candidates.clear();
        self.candidates.extend(places);
        self.noted.clear();
        self.noted.extend(self.candidates.iter().map(|place| Noted::at_start(&plan.reach.rows[*place as usize])));
    }
}

impl Desk {
    /// Picks the accounts that could do anything at the lowest prices of the whole tile.
    pub(super) fn pick_candidates(&mut self, plan: &Plan<'_>, tile: &MarketTile) {
        if !plan.passes_over {
            return self.watch.choose(plan, 0..plan.accounts.len() as u32);
        }
        if let Some(rules) = &plan.controls {
            let account = |place: u32| plan.reach.rows[place as usize].account;
            let near: Vec<u32> =
                (0..plan.accounts.len() as u32).filter(|p| !self.stays_calm_throughout(plan, rules, account(*p), tile)).collect();
            return self.watch.choose(plan, near.into_iter());
        }
        let watch = &mut self.watch;
        // places stand in order, so that where one stands among the first is the place itself
        let mut picked = std::mem::take(&mut watch.picked);
        let (reach, low) = (&plan.reach, Prices::plain(&tile.low_horizon));
        kernels::pick(&mut picked, reach.within(tile.deepest_fall(plan)), &reach.near, &reach.held, low);
        watch.choose(plan, picked.iter().copied());
        watch.picked = picked;
        if plan.looks_ahead && plan.meeting == Meeting::AtEveryClose && !self.tells {
            self.look_ahead(plan, tile);
        }
    }

    /// Scans every candidate's horizon once, and notes when its slots open.
    fn look_ahead(&mut self, plan: &Plan<'_>, tile: &MarketTile) {
        self.watch.due.resize(plan.days, Vec::new());
        self.watch.due.iter_mut().for_each(Vec::clear);
        for candidate in 0..self.watch.candidates.len() {
            for lane in self.scan_candidate(plan, tile, candidate) {
                self.watch.due[usize::from(self.scan.opens[lane])].push((candidate as u32, lane as u8));
            }
        }
    }

    /// Looks at a candidate on every day of the tile, whose prices are known; returns the lanes where it gets a slot.
    pub(super) fn scan_candidate(&mut self, plan: &Plan<'_>, tile: &MarketTile, candidate: usize) -> impl Iterator<Item = usize> + use<> {
        let place = self.watch.candidates[candidate] as usize;
        let (prices, depth) = tile.rows_by_symbol();
        kernels::scan(&mut self.scan, place, &plan.reach, prices, depth, &plan.elapsed_days);
        self.watch.noted[candidate] = self.scan.noted;
        lanes_of(self.scan.noted.open)
    }

    /// Opens the slots that were seen ahead to open at this close.
    fn open_due(&mut self, plan: &Plan<'_>, day: usize) {
        let due = std::mem::take(&mut self.watch.due[day]);
        for (candidate, lane) in &due {
            self.open_candidate(plan, *candidate as usize, usize::from(*lane));
        }
        self.watch.due[day] = due;
    }

    /// Steps 4 to 6 for untouched accounts: notes warnings and limits, and opens slots where more is to be done.
    pub(super) fn watch_accounts(&mut self, plan: &Plan<'_>, tile: &mut MarketTile, day: usize) {
        if !plan.passes_over {
            return self.open_all(plan);
        }
        if let Some(rules) = &plan.controls {
            return self.watch_controlled(plan, rules, tile, day);
        }
        if plan.looks_ahead && !self.tells {
            return self.open_due(plan, day);
        }
        let (reach, watch) = (&plan.reach, &mut self.watch);
        if day.is_multiple_of(BLOCK) {
            kernels::pick(&mut watch.watched, &watch.candidates, &reach.near, &reach.held, tile.low_block_of(day));
        }
        let (prices, elapsed) = (tile.prices_of(day), plan.elapsed_days[day + 1]);
        kernels::watch(&mut watch.met, &watch.watched, &watch.candidates, reach, prices, elapsed, self.tells);
        let met = std::mem::take(&mut self.watch.met);
        for met in &met {
            let candidate = met.candidate as usize;
            for lane in lanes_of(self.watch.noted[candidate].meet(met, day)) {
                self.open_candidate(plan, candidate, lane);
            }
        }
        self.watch.met = met;
    }

    /// Opens a slot for a candidate in one lane, with what was noted of it.
    pub(super) fn open_candidate(&mut self, plan: &Plan<'_>, candidate: usize, lane: usize) -> usize {
        let at = self.open_slot(plan, self.watch.candidates[candidate], lane);
        let noted = &mut self.watch.noted[candidate];
        noted.open |= 1 << lane;
        noted.tell(&mut self.slots[at]);
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
            let place = self.watch.candidates[candidate];
            let account = plan.reach.rows[place as usize].account;
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
                if !self.stays_idle(plan, rules, place, tile, day, lane) {
                    self.open_candidate(plan, candidate, lane);
                }
            }
        }
    }
}
