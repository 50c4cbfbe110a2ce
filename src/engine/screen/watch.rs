//! Watches the accounts nothing happened to yet, and makes those active that meet a line.

use super::bounds::{stays_calm_throughout, stays_calm_today, stays_idle};
use super::kernels::{self, Scan};
use super::noted::{Met, Noted};
use crate::engine::account::accounts::Accounts;
use crate::engine::account::close::{Close, Conditions};
use crate::engine::market::kernels::BLOCK;
use crate::engine::market::lanes::{lanes_of, lowest};
use crate::engine::market::prices::Prices;
use crate::engine::market::tile::MarketTile;
use crate::engine::plan::controls::ControlRules;
use crate::engine::plan::scenario::{Coupling, Plan};

/// The accounts of a tile that might do anything in it, in order of their places (`Distances`).
#[derive(Default)]
pub struct Screen {
    /// Their places.
    pub candidates: Vec<u32>,
    /// What is noted of each candidate.
    pub noted: Vec<Noted>,
    /// Of the account taken through all days by itself.
    pub scan: Scan,
    /// True when a path is told: then every line met makes it active.
    tells: bool,
    /// Those of the candidates that might do anything in these few sessions.
    watched: Vec<u32>,
    met: Vec<Met>,
    picked: Vec<u32>,
    /// Candidates and lanes that become active, by session; where accounts are looked at ahead.
    due: Vec<Vec<(u32, u8)>>,
    /// The lowest price over lanes of each symbol at this close.
    lowest: Vec<f64>,
}

impl Screen {
    fn choose(&mut self, plan: &Plan<'_>, tile: &MarketTile, places: impl Iterator<Item = u32>) {
        self.candidates.clear();
        self.candidates.extend(places);
        self.noted.clear();
        let at_start = |place: &u32| {
            let noted = Noted::at_start(&plan.distances.rows[*place as usize]);
            // nobody looks at lanes that stand still: there, nothing is to become active
            Noted { open: noted.open | tile.still(), ..noted }
        };
        self.noted.extend(self.candidates.iter().map(at_start));
    }

    /// Picks the accounts that could do anything at the lowest prices of the whole tile; `tells` says that a path is told.
    pub fn start(&mut self, plan: &Plan<'_>, tile: &MarketTile, now: &Conditions, tells: bool) {
        self.tells = tells;
        if !plan.passes_over {
            return self.choose(plan, tile, 0..plan.accounts.len() as u32);
        }
        if let Some(rules) = &plan.controls {
            let account = |place: u32| plan.distances.rows[place as usize].account;
            let near = (0..plan.accounts.len() as u32).filter(|p| !stays_calm_throughout(plan, rules, account(*p), tile, now));
            return self.choose(plan, tile, near);
        }
        // places stand in order, so that where one stands among the first is the place itself
        let mut picked = std::mem::take(&mut self.picked);
        let (reach, low) = (&plan.distances, Prices::plain(&tile.low_horizon));
        kernels::pick(&mut picked, reach.within(tile.deepest_fall(plan)), &reach.near, &reach.held, low);
        self.choose(plan, tile, picked.iter().copied());
        self.picked = picked;
        if plan.looks_ahead && plan.coupling == Coupling::EveryClose && !self.tells {
            self.look_ahead(plan, tile);
        }
    }

    /// Scans every candidate's horizon once, and notes when it becomes active.
    fn look_ahead(&mut self, plan: &Plan<'_>, tile: &MarketTile) {
        self.due.resize(plan.days, Vec::new());
        self.due.iter_mut().for_each(Vec::clear);
        for candidate in 0..self.candidates.len() {
            for lane in self.scan_candidate(plan, tile, candidate) {
                self.due[usize::from(self.scan.opens[lane])].push((candidate as u32, lane as u8));
            }
        }
    }

    /// Looks at a candidate on every day of the tile, whose prices are known; returns the lanes where it becomes active.
    pub fn scan_candidate(&mut self, plan: &Plan<'_>, tile: &MarketTile, candidate: usize) -> impl Iterator<Item = usize> + use<> {
        let place = self.candidates[candidate] as usize;
        let (prices, depth) = tile.rows_by_symbol();
        kernels::scan(&mut self.scan, place, &plan.distances, prices, depth, &plan.elapsed_days);
        self.noted[candidate] = self.scan.noted;
        lanes_of(self.scan.noted.open)
    }

    /// Steps 4 to 6 for untouched accounts: notes warnings and limits, and makes those active where more is to be done.
    pub fn watch(&mut self, close: &Close<'_>, accounts: &mut Accounts) {
        let Close { plan, tile, day, .. } = *close;
        if !plan.passes_over {
            return self.open_all(plan, tile, accounts);
        }
        if let Some(rules) = &plan.controls {
            return self.watch_controlled(close, rules, accounts);
        }
        if plan.looks_ahead && !self.tells {
            return self.open_due(close, accounts);
        }
        let reach = &plan.distances;
        if day.is_multiple_of(BLOCK) {
            kernels::pick(&mut self.watched, &self.candidates, &reach.near, &reach.held, tile.low_block_of(day));
        }
        kernels::watch(&mut self.met, &self.watched, &self.candidates, reach, close.prices(), close.elapsed(), self.tells);
        let met = std::mem::take(&mut self.met);
        for met in &met {
            let candidate = met.candidate as usize;
            for lane in lanes_of(self.noted[candidate].meet(met, day)) {
                self.open(plan, tile, accounts, candidate, lane);
            }
        }
        self.met = met;
    }

    /// Makes those active that were seen ahead to be at this close.
    fn open_due(&mut self, close: &Close<'_>, accounts: &mut Accounts) {
        let due = std::mem::take(&mut self.due[close.day]);
        for (candidate, lane) in &due {
            self.open(close.plan, close.tile, accounts, *candidate as usize, usize::from(*lane));
        }
        self.due[close.day] = due;
    }

    /// Makes a candidate active in one lane, with what was noted of it.
    pub fn open(&mut self, plan: &Plan<'_>, tile: &MarketTile, accounts: &mut Accounts, candidate: usize, lane: usize) -> usize {
        let at = accounts.open(plan, self.candidates[candidate], lane, tile.paths[lane]);
        let noted = &mut self.noted[candidate];
        noted.open |= 1 << lane;
        noted.tell(&mut accounts.active[at]);
        at
    }

    /// Every account in every lane, where none is to be passed over.
    fn open_all(&mut self, plan: &Plan<'_>, tile: &MarketTile, accounts: &mut Accounts) {
        for candidate in 0..self.candidates.len() {
            for lane in lanes_of(!self.noted[candidate].open) {
                self.open(plan, tile, accounts, candidate, lane);
            }
        }
    }

    /// The same under controls, whose lines differ by lane and day: it becomes active at the first line met.
    fn watch_controlled(&mut self, close: &Close<'_>, rules: &ControlRules, accounts: &mut Accounts) {
        let Close { plan, tile, day, .. } = *close;
        self.lowest.clear();
        self.lowest.extend((0..tile.symbols).map(|symbol| lowest(tile.prices(day, symbol))));
        for candidate in 0..self.candidates.len() {
            let place = self.candidates[candidate];
            let account = plan.distances.rows[place as usize].account;
            let shut = !self.noted[candidate].open;
            if shut == 0 {
                continue;
            }
            // what may be taken out depends on the highest prices, which no bound from below tells
            let keeps = plan.accounts[account as usize].withdraws_above.is_infinite();
            if keeps && stays_calm_today(close, rules, account, &self.lowest) {
                continue;
            }
            for lane in lanes_of(shut) {
                if !stays_idle(close, rules, place, lane, self.tells) {
                    self.open(plan, tile, accounts, candidate, lane);
                }
            }
        }
    }
}
