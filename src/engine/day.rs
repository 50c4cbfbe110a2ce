//! Takes the accounts of one tile through the order of a day.
//!
//! Untouched accounts are watched, not kept: bounds of the whole horizon leave the candidates, bounds of a few sessions those
//! watched, and a look at the session's prices those that meet a line (`watch.rs`; exact, not an approximation). Where a line
//! changes what an account does, it gets a slot of its own for that path; a warning is only noted.

use super::apart::Ask;
use super::bounds::is_idle;
use super::controls::Controls;
use super::counted::Counted;
use super::fixed_point::Search;
use super::kernels::Scan;
use super::lanes::LaneSums;
use super::plan::{Meeting, Plan};
use super::pool::{PoolDesk, plan::recourse_of};
use super::slot::{Slot, State, event, key};
use super::state::{Look, ahead, deleverages, move_state, note_lines, reduction, stop_drawdown, withdraw};
use super::tally::Tally;
use super::tile::{MarketTile, is_locked_down};
use super::volume::Rest;
use super::wants::{Aim, Free, Parts, goes_on};
use super::watch::Watch;
use super::weather::Weather;
use crate::model::history::flag;
use crate::model::liquidation::order::Holding;
use crate::model::market::LANES;
use crate::model::shock::Prepared;

/// The working memory of one worker; nothing is allocated once it has grown.
#[derive(Default)]
pub struct Desk {
    /// The accounts nothing happened to yet, as far as anything might.
    pub(super) watch: Watch,
    /// Of the account taken through all days by itself.
    pub(super) scan: Scan,
    pub(super) slots: Vec<Slot>,
    /// Quantities of the accounts that sold; see `Slot::own_shares`.
    pub(super) shares: Vec<f64>,
    /// Slots that are not closed, in order: their keys and places.
    pub(super) active: Vec<(u32, u32)>,
    /// The same of those opened since `active` was last put in order; and scratch.
    pub(super) opened: Vec<(u32, u32)>,
    pub(super) merged: Vec<(u32, u32)>,
    /// Sales asked for ahead, by day.
    pub(super) asks: Vec<Vec<Ask>>,
    /// What sells today.
    pub(super) sellers: Vec<Seller>,
    /// Shares wanted in today's sales, and of those of more than one kind what each is for.
    pub(super) wanted: Vec<f64>,
    pub(super) parts: Vec<Parts>,
    /// Shares wanted by all sellers, `[symbol][lane]`.
    pub(super) demand: Vec<f64>,
    pub(super) sold: Vec<f64>,
    /// What sales under a cap might get beyond their whole lots.
    pub(super) rests: Vec<Rest>,
    /// Cells of `demand` in use today.
    pub(super) wanted_cells: Vec<u32>,
    /// Today's slippage and lasting push, `[symbol][lane]`.
    pub(super) slippage: Vec<f64>,
    pub(super) lasting: Vec<f64>,
    /// Of the account deciding: what of each holding may be sold now, what is held of it, its price and haircut.
    pub(super) free: Vec<Free>,
    pub(super) held_shares: Vec<f64>,
    pub(super) prices: Vec<f64>,
    pub(super) haircuts: Vec<f64>,
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

/// One account that sells today on one path.
#[derive(Clone, Copy, Debug)]
pub struct Seller {
    /// Its slot, and where the shares it wants to sell start, one per position.
    pub at: u32,
    pub wanted: u32,
    /// Where their parts start, of a sale that is of more than one kind.
    pub parts: Option<u32>,
}

/// Sees the desk after each day.
pub type Watcher<'w> = dyn FnMut(usize, &Desk, &MarketTile) + 'w;

/// Log impact a tile with feedback is first bounded for; a tile that goes beyond is run again with a wider bound.
const IMPACT_GUESS: f64 = 0.05;

impl Desk {
    /// Runs one tile of one scenario and records its paths in `tally`. The tile's returns are drawn; without feedback its prices stand.
    pub fn run(&mut self, plan: &Plan<'_>, tile: &mut MarketTile, shocks: &[Prepared], tally: &mut Tally) {
        self.run_watched(plan, tile, shocks, tally, &mut |_, _, _| {});
    }

    /// The same, with `watch` called before the first day (0), after each (from 1), and once more at the end.
    pub fn run_watched(&mut self, plan: &Plan<'_>, tile: &mut MarketTile, shocks: &[Prepared], tally: &mut Tally, watch: &mut Watcher<'_>) {
        if plan.scenario.case.feedback.is_on() {
            self.run_with_feedback(plan, tile, shocks, watch);
        } else {
            self.start(plan, tile);
            watch(0, self, tile);
            match plan.meeting {
                Meeting::Nowhere if !self.tells => return self.run_apart(plan, tile, tally),
                Meeting::InVolume if !self.tells => self.run_from_sale_to_sale(plan, tile),
                _ => {
                    for day in 0..plan.days {
                        self.pass_day(plan, tile, day);
                        watch(day + 1, self, tile);
                    }
                }
            }
        }
        self.settle(plan, tile);
        watch(plan.days + 1, self, tile);
        tally.begin(plan, tile);
        for (_, at) in &self.active {
            tally.record_slot(plan, tile, &self.lanes, &self.slots[*at as usize]);
        }
        tally.end(plan, tile, self);
    }

    /// Accounts are passed over on a guess of how far sales will push prices; a guess that proves too small is doubled.
    fn run_with_feedback(&mut self, plan: &Plan<'_>, tile: &mut MarketTile, shocks: &[Prepared], watch: &mut Watcher<'_>) {
        let mut guess = IMPACT_GUESS;
        tile.lay_out(false);
        loop {
            tile.shock(plan, shocks);
            tile.bound_ahead(plan, guess);
            self.start(plan, tile);
            watch(0, self, tile);
            for day in 0..plan.days {
                tile.close_day(plan, day);
                self.pass_day(plan, tile, day);
                watch(day + 1, self, tile);
                self.press(plan, tile);
            }
            if tile.largest_impact <= guess {
                return;
            }
            guess = 2.0 * tile.largest_impact;
        }
    }

    /// Steps 3 to 10 of one session.
    fn pass_day(&mut self, plan: &Plan<'_>, tile: &mut MarketTile, day: usize) {
        self.accrue(plan, day);
        self.fail_custody(plan, tile, day);
        if day == 0 {
            self.recall_overdue(plan, tile);
        }
        if let Some(rule) = plan.scenario.case.feedback.fixed_point() {
            self.clear_at_own_prices(plan, tile, day, rule);
        } else {
            self.look_around(plan, tile, day);
            self.assess(plan, tile, day);
            self.gather(plan, tile, day);
            self.sell(plan, tile, day);
        }
        self.pass_pool(plan, tile, day);
        if self.tells {
            self.keep_standings(plan, tile, day);
        }
        self.lanes.end_day(plan, day);
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

    /// Puts the working memory where the tile starts.
    fn start(&mut self, plan: &Plan<'_>, tile: &mut MarketTile) {
        for column in [&mut self.demand, &mut self.slippage, &mut self.lasting] {
            column.clear();
            column.resize(tile.symbols * LANES, 0.0);
        }
        self.slots.clear();
        [&mut self.shares, &mut self.wanted].into_iter().for_each(Vec::clear);
        self.parts.clear();
        [&mut self.active, &mut self.opened].into_iter().for_each(Vec::clear);
        self.sellers.clear();
        self.lanes.start(plan, &tile.paths);
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
        self.pick_candidates(plan, tile);
        self.pool.start(plan);
    }

    /// Steps 4 to 6: mark to market, move each account's state, and collect what wants to sell.
    pub(super) fn assess(&mut self, plan: &Plan<'_>, tile: &mut MarketTile, day: usize) {
        self.sellers.clear();
        self.wanted.clear();
        self.parts.clear();
        self.pool.paid_at_once = [0.0; LANES];
        self.watch_accounts(plan, tile, day);
        self.put_in_order();
        let mut kept = 0;
        for place in 0..self.active.len() {
            let (key, at) = self.active[place];
            if self.slots[at as usize].state == State::Closed {
                continue;
            }
            self.active[kept] = (key, at);
            kept += 1;
            let value = self.value(plan, &self.slots[at as usize], tile, day);
            let aim = self.assess_slot(plan, tile, day, at as usize, value);
            let slot = &mut self.slots[at as usize];
            let recalled = slot.recall > 0.0 && goes_on(slot);
            if aim.is_some() || recalled {
                slot.mark(value);
                self.want(plan, tile, day, at as usize, aim.unwrap_or_default());
            }
        }
        self.active.truncate(kept);
    }

    /// Opens a slot for the account at a place in one lane.
    pub(super) fn open_slot(&mut self, plan: &Plan<'_>, place: u32, lane: usize) -> usize {
        let at = self.slots.len();
        self.slots.push(Slot::new(plan, place, lane, self.lanes.paths[lane]));
        self.opened.push((key(place, lane), at as u32));
        at
    }

    /// Merges the slots opened since into those in order.
    fn put_in_order(&mut self) {
        if self.opened.is_empty() {
            return;
        }
        self.opened.sort_unstable();
        self.merged.clear();
        let mut old = self.active.iter().copied().peekable();
        for new in self.opened.drain(..) {
            while let Some(earlier) = old.next_if(|old| *old < new) {
                self.merged.push(earlier);
            }
            self.merged.push(new);
        }
        self.merged.extend(old);
        std::mem::swap(&mut self.active, &mut self.merged);
    }

    /// Market value of the holdings of a slot at one day's prices.
    #[inline(always)]
    pub fn value(&self, plan: &Plan<'_>, slot: &Slot, tile: &MarketTile, day: usize) -> f64 {
        slot.value(plan, &self.shares, tile.prices_of(day))
    }

    /// Steps 4 to 6 for one touched account, whose holdings are worth `value`; returns what it asks to sell.
    pub(super) fn assess_slot(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize, at: usize, value: f64) -> Option<Aim> {
        let elapsed = plan.elapsed_days[day + 1];
        let slot = &self.slots[at];
        let (account, lane) = (&plan.accounts[slot.account()], slot.lane());
        let counted = self.counted_value(plan, slot, value);
        let idle = match &plan.controls {
            None => is_idle(slot, account, &plan.reach.rows[slot.place()], value, elapsed),
            // what the as-of close asked for is due
            Some(_) if day == 0 && plan.reach.rows[slot.place()].acts_from_start() => false,
            Some(rules) => self.is_idle(plan, rules, slot, counted, tile.prices_of(day), elapsed),
        };
        if idle {
            return None;
        }
        let slot = &mut self.slots[at];
        slot.mark(value);
        let controls = plan.controls.as_ref().map(|rules| (rules, &self.controls.lanes[lane]));
        let (assets, debt) = slot.sides(account, counted, elapsed);
        let scaled = controls.map(|(rules, now)| rules.lines(account, now, assets, debt));
        let lines = scaled.as_ref().unwrap_or(&account.lines);
        let restored = controls.map_or(account.restored, |(rules, now)| rules.scaled(account, now, account.restored));
        let stress = self.weather.stress[lane];
        let stopped = self.meets_stop(plan, tile, day, at);
        let slot = &mut self.slots[at];
        let mut look = Look { account, lines, restored, session: day as u16 + 1, path: tile.paths[lane], assets, debt, stress };
        note_lines(slot, &look);
        if let Some(drawdown) = controls.and_then(|(rules, _)| rules.stop.drawdown) {
            let own_capital = slot.cash + value - slot.debt(account, elapsed);
            stop_drawdown(slot, &look, own_capital, drawdown.get());
        }
        move_state(slot, &look);
        // the client may have paid in
        (look.assets, look.debt) = slot.sides(account, counted, elapsed);
        if let Some(rule) = &plan.scenario.case.clients.withdrawal {
            withdraw(slot, &look, rule, elapsed);
            self.lanes.note_loan(account, slot, day);
            (look.assets, look.debt) = slot.sides(account, counted, elapsed);
        }
        match slot.state {
            State::Liquidating => (day as u16 + 1 >= slot.sell_day).then(|| Aim::of_liquidation(lines)),
            State::Normal | State::Called => {
                let asked = Aim { ratio: reduction(slot, &look, controls), ..Aim::default() };
                // a position that cannot be sold today queues
                let asks = asked.ratio > 0.0 || stopped || deleverages(&look, controls) || ahead(&look) > 0.0;
                match plan.due_at_first(day, slot) {
                    Some(due) => Some(asked.with_due(due)),
                    None => asks.then_some(asked),
                }
            }
            State::Closed => None,
        }
    }

    /// Step 3: the interest of the day, on the loans as they stood after yesterday's sales, less the funding's cost.
    ///
    /// Each account's own debt is reckoned where it is asked for (`Slot::debt`); here is what the pool earns.
    pub(super) fn accrue(&mut self, plan: &Plan<'_>, day: usize) {
        let gap = plan.elapsed_days[day + 1] - plan.elapsed_days[day];
        self.lanes.accrue(plan.interest_day_total - plan.funding_cost_day, gap, day);
    }

    /// The end of the horizon: what is not sold is marked at the last close, negative equity is a shortfall, results are shared.
    fn settle(&mut self, plan: &Plan<'_>, tile: &MarketTile) {
        // slots are opened day by day; sums over accounts are always made in the same order
        self.active.clear();
        self.active.extend(self.slots.iter().zip(0..).map(|(slot, at)| (slot.key(), at)));
        self.active.sort_unstable();
        for place in 0..self.active.len() {
            self.settle_slot(plan, tile, self.active[place].1 as usize);
        }
        self.end_horizon(plan, tile);
    }

    /// The end of the horizon for one touched account; one that is closed may hold what its debt did not need.
    pub(super) fn settle_slot(&mut self, plan: &Plan<'_>, tile: &MarketTile, at: usize) {
        let prices = tile.prices_of(plan.days - 1);
        let slot = &mut self.slots[at];
        let lane = slot.lane();
        slot.mark(slot.value(plan, &self.shares, prices));
        slot.charge(&plan.accounts[slot.account()], plan.elapsed_days[plan.days]);
        if slot.events & event::LIQUIDATED != 0 && self.would_have_recovered(plan, tile, at) {
            self.slots[at].events |= event::UNNEEDED;
        }
        let slot = &mut self.slots[at];
        let equity = slot.cash + slot.held - slot.loan - slot.accrued;
        if slot.state != State::Closed && equity < 0.0 {
            slot.shortfall = -equity;
            slot.events |= event::SHORTFALL;
            // an account that is not closed is pursued only where recourse is immediate
            self.lanes.loss[plan.days][lane] += -equity * (1.0 - recourse_of(plan, 0));
        }
        if slot.state == State::Liquidating {
            self.lanes.unsold[lane] += slot.held;
            if self.lanes.counts[lane] {
                for (i, position) in plan.positions_of(slot.account()).iter().enumerate() {
                    let s = position.symbol as usize;
                    let quantity = slot.quantity(&self.shares, i, position.quantity);
                    let money = quantity * prices.of_symbol(s)[lane];
                    self.lanes.symbol.unsold[s] += money;
                    self.lanes.by_symbol.note_unsold(s, lane, money);
                }
            }
        }
    }

    /// Whether a liquidated account would stand on its contract's call line (above its liquidation line, where it has no call line) at
    /// the end of the same path had nothing been sold of it; what its client paid in or took out stays.
    fn would_have_recovered(&self, plan: &Plan<'_>, tile: &MarketTile, at: usize) -> bool {
        let slot = &self.slots[at];
        let account = &plan.accounts[slot.account()];
        let mut kept = Slot::of(account, slot.account() as u32, slot.place() as u32, slot.lane());
        let value = self.counted_value(plan, &kept, kept.value(plan, &self.shares, tile.prices_of(plan.days - 1)));
        kept.cash += slot.paid_in - slot.withdrawn;
        let (assets, debt) = kept.sides(account, value - slot.custody_loss, plan.elapsed_days[plan.days]);
        if account.lines.call > 0.0 { assets >= account.lines.call * debt } else { assets > account.lines.liquidation * debt }
    }

    /// The end of the horizon for the pool and the symbols.
    pub(super) fn end_horizon(&mut self, plan: &Plan<'_>, tile: &MarketTile) {
        self.bear_marked(plan);
        self.lanes.end_horizon(plan);
        if plan.controls.as_ref().is_some_and(|rules| rules.reads_weather()) {
            (self.lanes.trigger_days, self.lanes.cycles) = (self.controls.trigger_days, self.controls.cycles());
        }
        self.count_blocked(plan, tile);
        self.note_pushes(tile);
        self.lanes.close_symbols();
    }

    /// Notes how far sales pushed each symbol's price on its worst day of a path.
    fn note_pushes(&mut self, tile: &MarketTile) {
        for symbol in (0..tile.symbols).filter(|s| tile.is_pushed(*s)) {
            for lane in (0..LANES).filter(|lane| self.lanes.counts[*lane]) {
                let push = tile.largest_push(symbol, lane);
                self.lanes.symbol.push_sum[symbol] += push;
                self.lanes.symbol.square.push[symbol] += push * push;
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
            for (lane, state) in states.iter().enumerate().filter(|(lane, _)| self.lanes.counts[*lane]) {
                if *state & flag::HALTED != 0 {
                    self.lanes.by_symbol.note_halted(symbol, lane);
                } else if is_locked_down(*state, lock) {
                    self.lanes.by_symbol.note_locked(symbol, lane);
                }
            }
        }
    }
}
