//! Turns a tile of returns into a tile of prices under the exchange's limits, and bounds it from below.

use super::kernels::{self, LimitRow};
use super::plan::Plan;
use crate::maths::lanes::exp1;
use crate::model::exchange::{CarryOver, LimitLock};
use crate::model::history::flag;
use crate::model::market::{LANES, MarketModel, Tile};
use crate::model::shock::Prepared;

/// Sessions that are bounded together.
pub const BLOCK: usize = 5;

/// The market of one tile: raw returns as drawn, shared by scenarios; then one scenario's prices.
pub struct MarketTile {
    pub days: usize,
    pub symbols: usize,
    raw_return: Vec<f64>,
    raw_state: Vec<u8>,
    raw_volume: Vec<f32>,
    /// `[day][symbol][lane]`: shocked returns on the way in, closing prices on the way out.
    pub price: Vec<f64>,
    /// Whether prices are wanted by symbol too; then `[symbol][row][lane]`: a row for each day, then the bounds of each block.
    pub turns: bool,
    pub by_symbol: Vec<f64>,
    pub state: Vec<u8>,
    pub volume: Vec<f32>,
    /// Bounds from below: of each block of `BLOCK` sessions, `[block][symbol][lane]`, and of the whole horizon, `[symbol][lane]`.
    low_block: Vec<f64>,
    pub low_horizon: Vec<f64>,
    /// The lowest of the lanes over the whole horizon, `[symbol]`, and at one close, where asked for.
    pub lowest: Vec<f64>,
    pub lowest_today: Vec<f64>,
    /// The price the returns alone come to; where a limit binds, the rest is carried over in it. `[symbol][lane]`.
    due: Vec<f64>,
    /// Log impact of past forced sales, and `exp(−impact)`, `[symbol][lane]`; `pushed` names the symbols where any is.
    impact: Vec<f64>,
    factor: Vec<f64>,
    pushed: Vec<bool>,
    /// Largest log impact of each symbol so far, `[symbol][lane]`; valid where `pushed`.
    peak: Vec<f64>,
    /// Largest log impact of the tile so far.
    pub largest_impact: f64,
}

impl MarketTile {
    pub fn new(days: usize, symbols: usize, with_volume: bool) -> Self {
        let cells = days * symbols * LANES;
        let volume = if with_volume { cells } else { 0 };
        MarketTile {
            days,
            symbols,
            raw_return: vec![0.0; cells],
            raw_state: vec![0; cells],
            raw_volume: vec![1.0; volume],
            price: vec![0.0; cells],
            turns: false,
            by_symbol: Vec::new(),
            state: vec![0; cells],
            volume: vec![1.0; volume],
            low_block: vec![0.0; days.div_ceil(BLOCK) * symbols * LANES],
            low_horizon: vec![0.0; symbols * LANES],
            lowest: vec![0.0; symbols],
            lowest_today: vec![0.0; symbols],
            due: vec![0.0; symbols * LANES],
            impact: vec![0.0; symbols * LANES],
            factor: vec![1.0; symbols * LANES],
            pushed: vec![false; symbols],
            peak: vec![0.0; symbols * LANES],
            largest_impact: 0.0,
        }
    }

    /// Step 1: the market model's returns for the paths from `first_path` on.
    pub fn draw(&mut self, model: &dyn MarketModel, plan: &Plan<'_>, first_path: u64) {
        self.raw_return.fill(0.0);
        self.raw_state.fill(0);
        self.raw_volume.fill(1.0);
        let mut tile = Tile {
            first_path,
            days: self.days,
            symbols: self.symbols,
            simple_return: &mut self.raw_return,
            state: &mut self.raw_state,
            volume: &mut self.raw_volume,
        };
        model.fill(&mut tile, &plan.streams);
    }

    /// Step 1 for one scenario: shocks in order, laid over a copy of the raw returns.
    pub fn shock(&mut self, plan: &Plan<'_>, shocks: &[Prepared], first_path: u64) {
        self.price.copy_from_slice(&self.raw_return);
        self.state.copy_from_slice(&self.raw_state);
        self.volume.copy_from_slice(&self.raw_volume);
        let (days, symbols) = (self.days, self.symbols);
        let mut tile = Tile { first_path, days, symbols, simple_return: &mut self.price, state: &mut self.state, volume: &mut self.volume };
        for shock in shocks {
            shock.apply(&mut tile);
        }
        for symbol in 0..symbols {
            self.due[symbol * LANES..][..LANES].fill(plan.price_start[symbol]);
        }
        self.pushed.fill(false);
        self.largest_impact = 0.0;
    }

    /// Step 2 for every session, where no sale moves a price: the whole tile's prices and their lower bounds.
    pub fn price_all(&mut self, plan: &Plan<'_>) {
        let row = self.symbols * LANES;
        for day in 0..self.days {
            self.close_day(plan, day);
            let low = &mut self.low_block[day / BLOCK * row..][..row];
            let prices = &self.price[day * row..][..row];
            if day % BLOCK == 0 {
                low.copy_from_slice(prices)
            } else {
                kernels::lower(low, prices)
            }
            if self.turns {
                self.turn(day);
            }
        }
        self.bound_horizon();
    }

    /// Puts a session's prices, and at its end a block's bounds, by symbol.
    fn turn(&mut self, day: usize) {
        let (row, blocks) = (self.symbols * LANES, self.days.div_ceil(BLOCK));
        let depth = (self.days + blocks) * LANES;
        self.by_symbol.resize(self.symbols * depth, 0.0);
        let mut put = |k: usize, rows: &[f64]| {
            for (symbol, row) in self.by_symbol.chunks_exact_mut(depth).zip(rows.chunks_exact(LANES)) {
                symbol[k * LANES..][..LANES].copy_from_slice(row);
            }
        };
        put(day, &self.price[day * row..][..row]);
        if (day + 1).is_multiple_of(BLOCK) || day + 1 == self.days {
            put(self.days + day / BLOCK, &self.low_block[day / BLOCK * row..][..row]);
        }
    }

    /// The horizon's bounds from those of its blocks.
    fn bound_horizon(&mut self) {
        let row = self.symbols * LANES;
        self.low_horizon.copy_from_slice(&self.low_block[..row]);
        self.low_block[row..].chunks_exact(row.max(1)).for_each(|block| kernels::lower(&mut self.low_horizon, block));
        lowest_of(&mut self.lowest, &self.low_horizon);
    }

    /// Bounds of the block that a session stands in, `[symbol][lane]`.
    pub fn low_block_of(&self, day: usize) -> &[f64] {
        let row = self.symbols * LANES;
        &self.low_block[day / BLOCK * row..][..row]
    }

    /// The largest fall of any price from the as-of date that the bounds allow, a fraction.
    pub fn deepest_fall(&self, plan: &Plan<'_>) -> f64 {
        let held = self.lowest.iter().zip(&plan.price_start).filter(|(_, start)| **start > 0.0);
        held.fold(f64::NEG_INFINITY, |fall, (low, start)| fall.max(1.0 - low / start))
    }

    /// Fills `lowest_today` with the lowest price over lanes of each symbol.
    pub fn bound_today(&mut self, day: usize) {
        let row = self.symbols * LANES;
        lowest_of(&mut self.lowest_today, &self.price[day * row..][..row]);
    }

    /// Bounds prices from below before they are known, given that no log impact will exceed `impact`.
    ///
    /// A price held up by a limit stands above the price due, one held down above yesterday's: no price falls below the
    /// lowest due price (or the first) times `exp(−impact)`. Where cut-off moves are lost, or limits add to them, this does not
    /// hold: no bound.
    pub fn bound_ahead(&mut self, plan: &Plan<'_>, impact: f64) {
        let exchange = &plan.scenario.case.exchange;
        if exchange.carry_over == CarryOver::None || exchange.continuation > 0.0 {
            self.low_block.fill(0.0);
            return self.bound_horizon();
        }
        let factor = libm::exp(-impact);
        let row = self.symbols * LANES;
        for symbol in 0..self.symbols {
            let mut due = [plan.price_start[symbol]; LANES];
            let mut lowest = due;
            for day in 0..self.days {
                let at = day * row + symbol * LANES;
                for ((due, lowest), r) in due.iter_mut().zip(&mut lowest).zip(&self.price[at..at + LANES]) {
                    *due *= 1.0 + r;
                    *lowest = if *due < *lowest { *due } else { *lowest };
                }
                let low = &mut self.low_block[day / BLOCK * row + symbol * LANES..][..LANES];
                low.iter_mut().zip(lowest).for_each(|(low, lowest)| *low = factor * lowest);
            }
        }
        self.bound_horizon();
    }

    /// Step 2 for one session: prices from its returns, pushed by past sales, within the day's limits.
    pub fn close_day(&mut self, plan: &Plan<'_>, day: usize) {
        let symbols = self.symbols;
        let row = day * symbols * LANES..(day + 1) * symbols * LANES;
        let mut unsound = [0.0];
        kernels::advance(&mut self.due, &mut self.price[row], &mut unsound);
        assert!(unsound[0] == 0.0, "a return drawn or shocked for day {} is not a number of −100 % or more", day + 1);
        for symbol in 0..symbols {
            let limited = plan.price_limit[day * symbols + symbol].is_finite();
            if !limited && !self.pushed[symbol] {
                continue;
            }
            if self.pushed[symbol] {
                self.push_prices(plan, day, symbol);
            }
            if limited {
                self.bind_limits(plan, day, symbol);
            }
        }
    }

    /// Yesterday's price of a cell.
    pub fn previous(&self, plan: &Plan<'_>, day: usize, symbol: usize, lane: usize) -> f64 {
        if day == 0 { plan.price_start[symbol] } else { self.price[((day - 1) * self.symbols + symbol) * LANES + lane] }
    }

    /// Puts a session's own push of log size `push` into a cell's closing price.
    pub fn set_price(&mut self, day: usize, symbol: usize, lane: usize, price: f64, push: f64) {
        self.price[(day * self.symbols + symbol) * LANES + lane] = price;
        let pressed = if self.pushed[symbol] { self.peak[symbol * LANES + lane] } else { 0.0 };
        self.largest_impact = self.largest_impact.max(pressed + push);
    }

    /// Lays the impact of past sales on one session's prices; a halted name keeps its price.
    fn push_prices(&mut self, plan: &Plan<'_>, day: usize, symbol: usize) {
        let at = (day * self.symbols + symbol) * LANES;
        for lane in 0..LANES {
            let halted = self.state[at + lane] & flag::HALTED != 0;
            self.price[at + lane] = if halted {
                self.previous(plan, day, symbol, lane)
            } else {
                self.due[symbol * LANES + lane] * self.factor[symbol * LANES + lane]
            };
        }
    }

    /// Step 8: past pushes fade by `fade`, then one session's sales of a symbol add theirs in each lane.
    pub fn push(&mut self, symbol: usize, fade: f64, lasting: &[f64]) {
        if !self.pushed[symbol] {
            self.impact[symbol * LANES..][..LANES].fill(0.0);
            self.peak[symbol * LANES..][..LANES].fill(0.0);
            self.pushed[symbol] = true;
        }
        for (lane, lasting) in lasting.iter().enumerate() {
            let cell = symbol * LANES + lane;
            self.impact[cell] = self.impact[cell] * fade + lasting;
            self.factor[cell] = exp1(-self.impact[cell]);
            self.peak[cell] = self.peak[cell].max(self.impact[cell]);
            self.largest_impact = self.largest_impact.max(self.impact[cell]);
        }
    }

    /// Largest push of sales on a symbol's price so far, a fraction of the price, in one lane.
    pub fn largest_push(&self, symbol: usize, lane: usize) -> f64 {
        if self.pushed[symbol] { 1.0 - exp1(-self.peak[symbol * LANES + lane]) } else { 0.0 }
    }

    /// Whether past sales still press on a symbol.
    pub fn is_pushed(&self, symbol: usize) -> bool {
        self.pushed[symbol]
    }

    /// A price beyond the day's limit stops there; see `kernels::bind_limits`.
    fn bind_limits(&mut self, plan: &Plan<'_>, day: usize, symbol: usize) {
        const NOTHING: [f64; LANES] = [0.0; LANES];
        const WHOLE: [f64; LANES] = [1.0; LANES];
        fn row<T>(cells: &mut [T]) -> &mut [T; LANES] {
            cells.try_into().expect("a row of lanes")
        }
        let exchange = &plan.scenario.case.exchange;
        let limit = plan.price_limit[day * self.symbols + symbol];
        let at = (day * self.symbols + symbol) * LANES;
        let (earlier, today) = self.price.split_at_mut(at);
        let first = [plan.price_start[symbol]; LANES];
        let previous = if day == 0 { &first } else { &*row(&mut earlier[at - self.symbols * LANES..][..LANES]) };
        let cells = symbol * LANES..(symbol + 1) * LANES;
        let pushed = self.pushed[symbol];
        let mut limits = LimitRow {
            previous,
            price: row(&mut today[..LANES]),
            state: row(&mut self.state[at..at + LANES]),
            due: row(&mut self.due[cells.clone()]),
            impact: if pushed { row(&mut self.impact[cells.clone()]) } else { &NOTHING },
            factor: if pushed { row(&mut self.factor[cells]) } else { &WHOLE },
        };
        kernels::bind_limits(&mut limits, limit, exchange.tick, exchange.carry_over == CarryOver::Full, exchange.continuation);
    }

    /// Closing prices of one symbol on one day, a lane each.
    #[inline(always)]
    pub fn prices(&self, day: usize, symbol: usize) -> &[f64; LANES] {
        let at = (day * self.symbols + symbol) * LANES;
        self.price[at..at + LANES].try_into().expect("a tile row has one price per lane")
    }

    /// Closing prices of one day, `[symbol][lane]`.
    #[inline(always)]
    pub fn prices_of(&self, day: usize) -> &[f64] {
        &self.price[day * self.symbols * LANES..][..self.symbols * LANES]
    }

    #[inline(always)]
    pub fn state(&self, day: usize, symbol: usize, lane: usize) -> u8 {
        self.state[(day * self.symbols + symbol) * LANES + lane]
    }

    pub fn relative_volume(&self, day: usize, symbol: usize, lane: usize) -> f64 {
        self.volume.get((day * self.symbols + symbol) * LANES + lane).map_or(1.0, |v| f64::from(*v))
    }
}

/// The lowest lane of every row.
fn lowest_of(lowest: &mut [f64], rows: &[f64]) {
    for (lowest, row) in lowest.iter_mut().zip(rows.chunks_exact(LANES)) {
        *lowest = row.iter().fold(f64::INFINITY, |m, p| if *p < m { *p } else { m });
    }
}

/// Whether a name in this state cannot be sold: halted, or locked at its lower limit.
pub fn is_blocked(state: u8, lock: LimitLock) -> bool {
    state & flag::HALTED != 0 || is_locked_down(state, lock)
}

/// Whether a name is locked at its lower limit.
pub fn is_locked_down(state: u8, lock: LimitLock) -> bool {
    match lock {
        LimitLock::AllDay if state & flag::INTRADAY != 0 => state & flag::LOCKED_DOWN != 0,
        _ => state & (flag::CLOSE_DOWN | flag::LOCKED_DOWN) != 0,
    }
}
