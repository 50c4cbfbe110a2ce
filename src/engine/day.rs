//! Takes the accounts of one tile through the order of a day.
//!
//! An account whose worth stays above its lines at the lowest price of all lanes cannot act in any of them: it is passed
//! over whole (exact, not an approximation). What is left is looked at lane by lane.

use super::bounds::{any_lane_acts, stays_calm};
use super::controls::Controls;
use super::counted::Counted;
use super::fixed_point::Search;
use super::kernels;
use super::plan::Plan;
use super::pool::{PoolDesk, plan::recourse_of};
use super::sales::Aim;
use super::slot::{Slot, State, event};
use super::state::{Look, ahead, move_state, reduction, stop_drawdown, withdraw};
use super::tally::{LaneSums, Tally};
use super::tile::{MarketTile, is_locked_down};
use super::weather::Weather;
use crate::model::history::flag;
use crate::model::liquidation::order::Holding;
use crate::model::market::LANES;
use crate::model::shock::Prepared;

/// The working memory of one worker; nothing is allocated once it has grown.
#[derive(Default)]
pub struct Desk {
    /// Accounts that may act in this tile.
    pub(super) candidates: Vec<u32>,
    /// Slot of each candidate, `NONE` while untouched.
    pub(super) slot_of: Vec<u32>,
    pub(super) slots: Vec<Slot>,
    pub(super) used: usize,
    /// (slot, lane) pairs that sell today.
    pub(super) sellers: Vec<(u32, u32)>,
    /// Shares wanted by all sellers, `[symbol][lane]`.
    pub(super) demand: Vec<f64>,
    pub(super) sold: Vec<f64>,
    /// Cells of `demand` in use today.
    pub(super) wanted_cells: Vec<u32>,
    /// Today's slippage and lasting push, `[symbol][lane]`.
    pub(super) slippage: Vec<f64>,
    pub(super) lasting: Vec<f64>,
    /// Of the account deciding: shares of each holding that may be sold now, and whether the name is blocked.
    pub(super) free: Vec<(f64, bool)>,
    pub(super) holdings: Vec<Holding>,
    pub(super) sequence: Vec<u32>,
    pub(super) sale_money: Vec<f64>,
    pub(super) lanes: LaneSums,
    /// The search for prices that bear their own sales.
    pub(super) search: Search,
    /// The market at this close; kept only where a rule reads it.
    pub(super) weather: Weather,
    /// The pool of every lane, where it is kept daily.
    pub(super) pool: PoolDesk,
    /// The platform's controls at this close, and what holdings count for; kept only where the plan has controls.
    pub(super) controls: Controls,
    pub(super) counted: Counted,
    /// True when a path is told: then each account's standing after a close is kept.
    pub tells: bool,
}

/// Sees the touched accounts after each day.
pub type Watch<'w> = dyn FnMut(usize, &[Slot], &MarketTile, &PoolDesk) + 'w;

const NONE: u32 = u32::MAX;

/// Log impact a tile with feedback is first bounded for; a tile that goes beyond is run again with a wider bound.
const IMPACT_GUESS: f64 = 0.05;

impl Desk {
    /// Runs one tile of one scenario and records its paths in `tally`. The tile's returns are drawn; without feedback its prices stand.
    pub fn run(&mut self, plan: &Plan<'_>, tile: &mut MarketTile, shocks: &[Prepared], first_path: u64, tally: &mut Tally) {
        self.run_watched(plan, tile, shocks, first_path, tally, &mut |_, _, _, _| {});
    }

    /// The same, with `watch` called before the first day (0), after each (from 1), and once more at the end.
    pub fn run_watched(
        &mut self,
        plan: &Plan<'_>,
        tile: &mut MarketTile,
        shocks: &[Prepared],
        first_path: u64,
        tally: &mut Tally,
        watch: &mut Watch<'_>,
    ) {
        if plan.scenario.case.feedback.is_on() {
            self.run_with_feedback(plan, tile, shocks, first_path, watch);
        } else {
            self.start(plan, tile, first_path);
            watch(0, &[], tile, &self.pool);
            for day in 0..plan.days {
                self.pass_day(plan, tile, day, first_path);
                watch(day + 1, &self.slots[..self.used], tile, &self.pool);
            }
        }
        self.settle(plan, tile);
        watch(plan.days + 1, &self.slots[..self.used], tile, &self.pool);
        tally.record(plan, tile, &self.lanes, &self.slots[..self.used], &self.pool, first_path);
    }

    /// Accounts are passed over on a guess of how far sales will push prices; a guess that proves too small is doubled.
    fn run_with_feedback(&mut self, plan: &Plan<'_>, tile: &mut MarketTile, shocks: &[Prepared], first_path: u64, watch: &mut Watch<'_>) {
        let mut guess = IMPACT_GUESS;
        loop {
            tile.shock(plan, shocks, first_path);
            tile.bound_ahead(plan, guess);
            self.start(plan, tile, first_path);
            watch(0, &[], tile, &self.pool);
            for day in 0..plan.days {
                tile.close_day(plan, day);
                self.pass_day(plan, tile, day, first_path);
                watch(day + 1, &self.slots[..self.used], tile, &self.pool);
                self.press(plan, tile);
            }
            if tile.largest_impact <= guess {
                return;
            }
            guess = 2.0 * tile.largest_impact;
        }
    }

    /// Steps 3 to 10 of one session.
    fn pass_day(&mut self, plan: &Plan<'_>, tile: &mut MarketTile, day: usize, first_path: u64) {
        self.accrue(plan, day);
        self.fail_custody(plan, tile, day);
        if let Some(rule) = plan.scenario.case.feedback.fixed_point() {
            self.clear_at_own_prices(plan, tile, day, first_path, rule);
        } else {
            self.look_around(plan, tile, day);
            self.assess(plan, tile, day, first_path);
            self.offer_recalled(plan, tile, day);
            self.gather(plan, tile, day);
            self.sell(plan, tile, day);
        }
        if self.tells {
            self.keep_standings(plan, tile, day);
        }
        self.pass_pool(plan, tile, day, first_path);
        self.lanes.end_day(plan);
    }

    /// Step 5: the market's weather, and what the platform's controls make of it.
    pub(super) fn look_around(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize) {
        if plan.reads_weather {
            self.weather.observe(plan, tile, day);
        }
        if let Some(rules) = &plan.controls {
            if rules.counts_less {
                self.counted.observe(plan, tile, day);
            }
            if plan.reads_weather {
                self.controls.observe(rules, &self.weather, day);
            }
        }
    }

    /// The accounts touched in the last tile.
    pub fn slots(&self) -> &[Slot] {
        &self.slots[..self.used]
    }

    /// Picks the accounts that could act at the lowest prices of the whole tile.
    fn start(&mut self, plan: &Plan<'_>, tile: &MarketTile, first_path: u64) {
        self.candidates.clear();
        self.slot_of.clear();
        self.used = 0;
        for column in [&mut self.demand, &mut self.slippage, &mut self.lasting] {
            column.clear();
            column.resize(tile.symbols * LANES, 0.0);
        }
        self.lanes.start(plan, first_path);
        self.search.rest();
        if plan.reads_weather {
            self.weather.start(plan);
        }
        if let Some(rules) = &plan.controls {
            self.controls.start(rules);
            if rules.counts_less {
                self.counted.start(plan, tile);
            }
        }
        let elapsed = plan.elapsed_days[plan.days];
        for (index, account) in plan.accounts.iter().enumerate() {
            let calm = match &plan.controls {
                None => stays_calm(plan, account, &tile.low_horizon, elapsed),
                Some(rules) => self.stays_calm_throughout(plan, rules, account, tile),
            };
            if !(calm && account.withdraws_above.is_infinite() && plan.passes_over) {
                self.candidates.push(index as u32);
                self.slot_of.push(NONE);
            }
        }
        self.pool.start(plan, self.candidates.len());
    }

    /// Steps 4 to 6: mark to market, move each account's state, and collect what wants to sell.
    pub(super) fn assess(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize, first_path: u64) {
        let elapsed = plan.elapsed_days[day + 1];
        let low = &tile.low[day * tile.symbols..][..tile.symbols];
        let prices = &tile.price[day * tile.symbols * LANES..][..tile.symbols * LANES];
        self.sellers.clear();
        for c in 0..self.candidates.len() {
            let index = self.candidates[c] as usize;
            let account = &plan.accounts[index];
            if self.slot_of[c] == NONE {
                // what may be taken out depends on the highest prices, which no bound from below tells
                let keeps = account.withdraws_above.is_infinite();
                let calm = match &plan.controls {
                    None => (keeps && stays_calm(plan, account, low, elapsed)) || !any_lane_acts(plan, account, prices, elapsed),
                    Some(rules) => keeps && self.stays_calm_today(plan, rules, account, tile, day),
                };
                if calm && plan.passes_over {
                    continue;
                }
                self.slot_of[c] = self.open_slot(plan, index);
            }
            self.assess_slot(plan, tile, day, c, first_path, prices);
        }
    }

    pub(super) fn open_slot(&mut self, plan: &Plan<'_>, index: usize) -> u32 {
        if self.used == self.slots.len() {
            self.slots.push(Slot::default());
        }
        self.slots[self.used].open(plan, index);
        self.used += 1;
        self.used as u32 - 1
    }

    fn assess_slot(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize, candidate: usize, first_path: u64, prices: &[f64]) {
        let at = self.slot_of[candidate] as usize;
        let elapsed = plan.elapsed_days[day + 1];
        let account = &plan.accounts[self.slots[at].account];
        let value = self.slots[at].value(plan, prices);
        let counted = self.counted_value(plan, at, value);
        let mut acts = [false; LANES];
        match &plan.controls {
            None => kernels::acting(&self.slots[at], account, &value, elapsed, &mut acts),
            Some(rules) => self.acting(plan, rules, at, &counted, prices, elapsed, &mut acts),
        }
        for lane in (0..LANES).filter(|lane| acts[*lane]) {
            let slot = &mut self.slots[at];
            slot.mark(lane, value[lane]);
            let controls = plan.controls.as_ref().map(|rules| (rules, &self.controls.lanes[lane]));
            let (assets, debt) = (slot.cash[lane] + counted[lane], slot.debt(account, lane, elapsed));
            let lines = controls.map_or(account.lines, |(rules, now)| rules.lines(account, now, assets, debt));
            let restored = controls.map_or(account.restored, |(rules, now)| rules.scaled(account, now, account.restored));
            let stress = self.weather.stress[lane];
            let mut look = Look { account, lines: &lines, restored, lane, day, path: first_path + lane as u64, assets, debt, stress };
            move_state(slot, &look);
            // the client may have paid in
            look.assets = slot.cash[lane] + counted[lane];
            if let Some(rule) = &plan.scenario.case.clients.withdrawal {
                withdraw(slot, &look, rule, elapsed);
            }
            if let Some(drawdown) = controls.and_then(|(rules, _)| rules.stop.drawdown) {
                let own_capital = slot.cash[lane] + value[lane] - slot.debt(account, lane, elapsed);
                stop_drawdown(slot, &look, own_capital, drawdown.get());
            }
            let aim = match slot.state[lane] {
                State::Liquidating => (day as u16 + 1 >= slot.sell_day[lane]).then(|| Aim::of_liquidation(&lines)),
                State::Normal | State::Called => reduction(slot, &look, controls).or_else(|| ahead(&look)),
                State::Closed => None,
            };
            slot.sells_ahead[lane] = matches!(aim, Some(Aim::Share(_)));
            if let Some(aim) = aim
                && self.want(plan, tile, day, (at, lane), aim)
            {
                self.sellers.push((at as u32, lane as u32));
            }
        }
    }

    /// Step 3: the interest of the day, on the loans as they stood after yesterday's sales, less the funding's cost.
    ///
    /// Each account's own debt is reckoned where it is asked for (`Slot::debt`); here is what the pool earns.
    fn accrue(&mut self, plan: &Plan<'_>, day: usize) {
        let gap = plan.elapsed_days[day + 1] - plan.elapsed_days[day];
        self.lanes.income = [(plan.interest_day_total - plan.funding_cost_day) * gap; LANES];
        for slot in self.slots[..self.used].iter().filter(|s| s.sold || s.borrowed) {
            let account = &plan.accounts[slot.account];
            for lane in 0..LANES {
                self.lanes.income[lane] += (slot.loan[lane] - account.loan) * account.rate_day * gap;
            }
        }
    }

    /// The end of the horizon: what is not sold is marked at the last close, negative equity is a shortfall, results are shared.
    fn settle(&mut self, plan: &Plan<'_>, tile: &MarketTile) {
        let last = plan.days - 1;
        let elapsed = plan.elapsed_days[plan.days];
        let prices = &tile.price[last * tile.symbols * LANES..][..tile.symbols * LANES];
        // an account that is not closed is pursued only where recourse is immediate
        let recourse = recourse_of(plan, 0);
        for slot in &mut self.slots[..self.used] {
            let account = &plan.accounts[slot.account];
            let value = slot.value(plan, prices);
            for (lane, value) in value.into_iter().enumerate() {
                slot.mark(lane, value);
                slot.charge(account, lane, elapsed);
                let equity = slot.cash[lane] + value - slot.loan[lane] - slot.accrued[lane];
                if slot.state[lane] != State::Closed && equity < 0.0 {
                    slot.shortfall[lane] = -equity;
                    slot.events[lane] |= event::SHORTFALL;
                    self.lanes.loss_today[lane] += -equity * (1.0 - recourse);
                }
                if slot.state[lane] == State::Liquidating {
                    self.lanes.unsold[lane] += value;
                    if self.lanes.counts[lane] {
                        for (i, position) in plan.positions[account.positions.clone()].iter().enumerate() {
                            let s = position.symbol as usize;
                            // quantities stand per lane only once a lane has sold
                            let quantity = if slot.sold { slot.quantity[i * LANES + lane] } else { position.quantity };
                            self.lanes.symbol.unsold[s] += quantity * prices[s * LANES + lane];
                        }
                    }
                }
            }
        }
        self.bear_marked(plan);
        self.lanes.end_horizon(plan);
        if plan.controls.as_ref().is_some_and(|rules| rules.reads_weather()) {
            (self.lanes.trigger_days, self.lanes.cycles) = (self.controls.trigger_days, self.controls.cycles());
        }
        self.count_blocked(plan, tile);
        self.note_pushes(tile);
    }

    /// Notes how far sales pushed each symbol's price on its worst day of a path.
    fn note_pushes(&mut self, tile: &MarketTile) {
        for symbol in (0..tile.symbols).filter(|s| tile.is_pushed(*s)) {
            for lane in (0..LANES).filter(|lane| self.lanes.counts[*lane]) {
                let push = tile.largest_push(symbol, lane);
                self.lanes.symbol.push_sum[symbol] += push;
                self.lanes.symbol.push_max[symbol] = self.lanes.symbol.push_max[symbol].max(push);
            }
        }
    }

    /// Counts the path-days each symbol could not be sold.
    fn count_blocked(&mut self, plan: &Plan<'_>, tile: &MarketTile) {
        let lock = plan.scenario.case.exchange.limit_lock;
        for (cell, states) in tile.state.chunks_exact(LANES).enumerate() {
            if states.iter().all(|s| *s & !(flag::PRESENT | flag::INTRADAY | flag::PROXY) == 0) {
                continue;
            }
            let symbol = cell % tile.symbols;
            for (state, counts) in states.iter().zip(self.lanes.counts) {
                if counts && *state & flag::HALTED != 0 {
                    self.lanes.symbol.halted_days[symbol] += 1;
                } else if counts && is_locked_down(*state, lock) {
                    self.lanes.symbol.locked_days[symbol] += 1;
                }
            }
        }
    }
}
