//! Turns a tile of returns into a tile of prices under the exchange's limits, and bounds it from below.

use super::kernels::{self, BLOCK, HIGHEST, LimitRow};
use super::lanes::{Carried, NO_ROW, lowest};
use super::prices::Prices;
use crate::engine::plan::scenario::Plan;
use crate::maths::lanes::exp1;
use crate::model::exchange::{CarryOver, LimitLock};
use crate::model::history::flag;
use crate::model::impact::LARGEST;
use crate::model::market::{LANES, MarketModel, Paths, Tile, paths_from};
use crate::model::shock::Prepared;
use crate::problem::{Kind, Place, Problem, Problems};

/// Simple returns, `[day][symbol][lane]`: as drawn, and as one scenario's shocks leave them.
struct Returns {
    raw: Vec<f64>,
    /// Whether they are in force, and their memory.
    is_shocked: bool,
    shocked: Vec<f64>,
}

impl Returns {
    /// A copy of the raw ones, in force from here on.
    fn begin_shocks(&mut self) -> &mut [f64] {
        self.is_shocked = true;
        self.shocked.clone_from(&self.raw);
        &mut self.shocked
    }

    /// Those in force.
    fn of_scenario(&self) -> &[f64] {
        if self.is_shocked { &self.shocked } else { &self.raw }
    }
}

/// The market of one tile: raw returns as drawn, shared by scenarios; then one scenario's prices.
pub struct MarketTile {
    pub days: usize,
    pub symbols: usize,
    /// The number of each lane's path, and what it is recorded on.
    pub paths: Paths,
    pub rows: [u32; LANES],
    /// The one lane whose market moves, where one path alone is of interest.
    only: Option<usize>,
    returns: Returns,
    raw_state: Vec<u8>,
    raw_volume: Vec<f32>,
    /// Closing prices: `[day][symbol][lane]`, or `[symbol][row][lane]` with a row for each day, then the bounds of each block.
    price: Vec<f64>,
    /// Which of the two.
    by_symbol: bool,
    /// Rows of each symbol where prices are laid out by symbol; odd, so that a session's rows do not fall on the same lines of a cache.
    depth: usize,
    pub state: Vec<u8>,
    pub volume: Vec<f32>,
    /// Bounds from below: of each block of `BLOCK` sessions, `[block][symbol][lane]`, and of the whole horizon, `[symbol][lane]`.
    low_block: Vec<f64>,
    pub low_horizon: Vec<f64>,
    /// The lowest of the lanes over the whole horizon, `[symbol]`.
    pub lowest: Vec<f64>,
    /// The price the returns alone come to; where a limit binds, the rest is carried over in it. `[symbol][lane]`.
    due: Vec<f64>,
    /// What was due before the session's returns, where a limit may bind it. `[symbol][lane]`.
    before: Vec<f64>,
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
        let depth = (days + days.div_ceil(BLOCK)) | 1;
        MarketTile {
            days,
            symbols,
            paths: paths_from(0),
            rows: [NO_ROW; LANES],
            only: None,
            returns: Returns { raw: vec![0.0; cells], is_shocked: false, shocked: Vec::new() },
            raw_state: vec![0; cells],
            raw_volume: vec![1.0; volume],
            price: vec![0.0; depth * symbols * LANES],
            by_symbol: false,
            depth,
            state: vec![0; cells],
            volume: vec![1.0; volume],
            low_block: vec![0.0; days.div_ceil(BLOCK) * symbols * LANES],
            low_horizon: vec![0.0; symbols * LANES],
            lowest: vec![0.0; symbols],
            due: vec![0.0; symbols * LANES],
            before: vec![0.0; symbols * LANES],
            impact: vec![0.0; symbols * LANES],
            factor: vec![1.0; symbols * LANES],
            pushed: vec![false; symbols],
            peak: vec![0.0; symbols * LANES],
            largest_impact: 0.0,
        }
    }

    /// Chooses how prices are laid out from here on: by symbol where an account's days are looked at together, else by session.
    pub fn lay_out(&mut self, by_symbol: bool) {
        self.by_symbol = by_symbol;
    }

    /// Lets the market of one lane alone move from here on: in the others nothing happens that costs time, and no lane sees another.
    pub fn look_at(&mut self, lane: usize) {
        self.only = Some(lane);
    }

    /// The lanes whose market stands still, as bits.
    pub fn still(&self) -> u16 {
        self.only.map_or(0, |only| !(1 << only))
    }

    /// Where a row of prices starts.
    #[inline(always)]
    fn cell(&self, day: usize, symbol: usize) -> usize {
        if self.by_symbol { (symbol * self.depth + day) * LANES } else { (day * self.symbols + symbol) * LANES }
    }

    /// Step 1: the market model's returns for these paths.
    pub fn draw(&mut self, model: &dyn MarketModel, plan: &Plan<'_>, carried: Carried) {
        model.fill(&mut self.begin(carried), &plan.streams);
    }

    /// The tile that a model fills, for these paths.
    pub fn begin(&mut self, Carried { paths, rows }: Carried) -> Tile<'_> {
        (self.paths, self.rows) = (paths, rows);
        Tile {
            paths,
            days: self.days,
            symbols: self.symbols,
            simple_return: &mut self.returns.raw,
            state: &mut self.raw_state,
            volume: &mut self.raw_volume,
        }
    }

    /// Step 1 for one scenario: shocks in order, laid over a copy of the raw returns; without shocks these serve as they are.
    pub fn shock(&mut self, plan: &Plan<'_>, shocks: &[Prepared]) {
        self.state.copy_from_slice(&self.raw_state);
        self.volume.copy_from_slice(&self.raw_volume);
        if shocks.is_empty() && self.only.is_none() {
            self.returns.is_shocked = false;
        } else {
            let (paths, days, symbols) = (self.paths, self.days, self.symbols);
            let (simple_return, state, volume) = (self.returns.begin_shocks(), &mut self.state[..], &mut self.volume[..]);
            let mut tile = Tile { paths, days, symbols, simple_return, state, volume };
            for shock in shocks {
                shock.apply(&mut tile);
            }
            if let Some(only) = self.only {
                let still = self.returns.shocked.chunks_exact_mut(LANES).flat_map(|lanes| lanes.iter_mut().enumerate());
                still.filter(|(lane, _)| *lane != only).for_each(|(_, simple_return)| *simple_return = 0.0);
            }
        }
        for symbol in 0..self.symbols {
            self.due[symbol * LANES..][..LANES].fill(plan.price_start[symbol]);
        }
        self.pushed.fill(false);
        self.largest_impact = 0.0;
    }

    /// Step 2 for every session, where no sale moves a price: the whole tile's prices and their lower bounds.
    pub fn price_all(&mut self, plan: &Plan<'_>) {
        if self.by_symbol {
            self.price_by_symbol(plan);
            return lowest_of(&mut self.lowest, &self.low_horizon);
        }
        let row = self.symbols * LANES;
        for day in 0..self.days {
            self.close_day(plan, day);
            let low = &mut self.low_block[day / BLOCK * row..][..row];
            let prices = &self.price[day * row..][..row];
            if day % BLOCK == 0 { low.copy_from_slice(prices) } else { kernels::lower(low, prices) }
        }
        self.bound_horizon();
    }

    /// The same symbol by symbol, while its days are in the first cache.
    fn price_by_symbol(&mut self, plan: &Plan<'_>) {
        let (days, symbols) = (self.days, self.symbols);
        for symbol in 0..symbols {
            if (0..days).any(|day| plan.price_limit[day * symbols + symbol].is_finite()) {
                for day in 0..days {
                    self.close_symbol(plan, day, symbol);
                }
            } else {
                let mut unsound = [0.0];
                let returns = self.returns.of_scenario();
                let rows = &mut self.price[symbol * self.depth * LANES..][..days * LANES];
                let due = &mut self.due[symbol * LANES..][..LANES];
                kernels::advance_days(due, rows, &returns[symbol * LANES..], symbols * LANES, &mut unsound);
                if unsound[0] != 0.0 {
                    // once more, to say on which day
                    due.fill(plan.price_start[symbol]);
                    (0..days).for_each(|day| self.close_symbol(plan, day, symbol));
                } else if self.returns.is_shocked {
                    (0..days).for_each(|day| self.restate(plan, day, symbol));
                }
            }
            let rows = &mut self.price[symbol * self.depth * LANES..][..self.depth * LANES];
            kernels::bound_days(rows, days, &mut self.low_horizon[symbol * LANES..][..LANES]);
        }
    }

    /// Prices of the returns alone, as if no limit of the exchange bound them, laid out by symbol: near enough to tell paths apart, and in a
    /// fraction of the time.
    pub fn price_freely(&mut self) {
        let (days, symbols) = (self.days, self.symbols);
        let returns = self.returns.of_scenario();
        self.by_symbol = true;
        for symbol in 0..symbols {
            let rows = &mut self.price[symbol * self.depth * LANES..][..self.depth * LANES];
            let due = &mut self.due[symbol * LANES..][..LANES];
            kernels::advance_days(due, &mut rows[..days * LANES], &returns[symbol * LANES..], symbols * LANES, &mut [0.0]);
            kernels::bound_days(rows, days, &mut self.low_horizon[symbol * LANES..][..LANES]);
        }
    }

    /// The horizon's bounds from those of its blocks.
    fn bound_horizon(&mut self) {
        let row = self.symbols * LANES;
        self.low_horizon.copy_from_slice(&self.low_block[..row]);
        self.low_block[row..].chunks_exact(row.max(1)).for_each(|block| kernels::lower(&mut self.low_horizon, block));
        lowest_of(&mut self.lowest, &self.low_horizon);
    }

    /// Bounds of the block that a session stands in, where prices are laid out by session.
    pub fn low_block_of(&self, day: usize) -> Prices<'_> {
        let row = self.symbols * LANES;
        Prices::plain(&self.low_block[day / BLOCK * row..][..row])
    }

    /// All prices by symbol, and the rows of each, where they are laid out so.
    pub fn rows_by_symbol(&self) -> (&[f64], usize) {
        assert!(self.by_symbol, "prices are laid out by session");
        (&self.price, self.depth)
    }

    /// The largest fall of any price from the as-of date that the bounds allow, a fraction.
    pub fn deepest_fall(&self, plan: &Plan<'_>) -> f64 {
        let held = self.lowest.iter().zip(&plan.price_start).filter(|(_, start)| **start > 0.0);
        held.fold(f64::NEG_INFINITY, |fall, (low, start)| fall.max(1.0 - low / start))
    }

    /// Bounds prices from below before they are known, given that no log impact will exceed `impact`.
    ///
    /// A price held up by a limit stands above the price due, one held down above yesterday's: no price falls below the
    /// lowest due price (or the first) times `exp(−impact)`. Where cut-off moves are lost, or limits add to them, this does not
    /// hold: no bound.
    pub fn bound_ahead(&mut self, plan: &Plan<'_>, impact: f64) {
        let exchange = plan.exchange;
        if exchange.carry_over == CarryOver::None || exchange.continuation > 0.0 {
            self.low_block.fill(0.0);
            return self.bound_horizon();
        }
        let factor = libm::exp(-impact);
        let returns = self.returns.of_scenario();
        let row = self.symbols * LANES;
        for symbol in 0..self.symbols {
            let mut due = [plan.price_start[symbol]; LANES];
            let mut lowest = due;
            for day in 0..self.days {
                let at = day * row + symbol * LANES;
                for ((due, lowest), r) in due.iter_mut().zip(&mut lowest).zip(&returns[at..at + LANES]) {
                    *due *= 1.0 + r;
                    *lowest = if *due < *lowest { *due } else { *lowest };
                }
                let low = &mut self.low_block[day / BLOCK * row + symbol * LANES..][..LANES];
                low.iter_mut().zip(lowest).for_each(|(low, lowest)| *low = factor * lowest);
            }
        }
        self.bound_horizon();
    }

    /// Step 2 for one session: prices from its returns, pushed by past sales, within the day's limits; laid out by session.
    pub fn close_day(&mut self, plan: &Plan<'_>, day: usize) {
        assert!(!self.by_symbol, "prices are laid out by symbol");
        let symbols = self.symbols;
        let row = day * symbols * LANES..(day + 1) * symbols * LANES;
        let mut unsound = [0.0];
        let returns = self.returns.of_scenario();
        if plan.price_limit[day * symbols..(day + 1) * symbols].iter().any(|limit| limit.is_finite()) {
            self.before.copy_from_slice(&self.due);
        }
        kernels::advance(&mut self.due, &mut self.price[row.clone()], &returns[row], &mut unsound);
        assert_sound(unsound, plan, day);
        for symbol in 0..symbols {
            self.press_and_bind(plan, day, symbol);
        }
    }

    /// The same for one symbol, in either layout.
    fn close_symbol(&mut self, plan: &Plan<'_>, day: usize, symbol: usize) {
        let (at, from) = (self.cell(day, symbol), (day * self.symbols + symbol) * LANES);
        let mut unsound = [0.0];
        let returns = self.returns.of_scenario();
        let due = &mut self.due[symbol * LANES..][..LANES];
        self.before[symbol * LANES..][..LANES].copy_from_slice(due);
        kernels::advance(due, &mut self.price[at..at + LANES], &returns[from..from + LANES], &mut unsound);
        assert_sound(unsound, plan, day);
        self.press_and_bind(plan, day, symbol);
    }

    /// What past sales and the day's limit make of a price.
    fn press_and_bind(&mut self, plan: &Plan<'_>, day: usize, symbol: usize) {
        if self.pushed[symbol] {
            self.push_prices(plan, day, symbol);
        }
        if plan.price_limit[day * self.symbols + symbol].is_finite() {
            self.bind_limits(plan, day, symbol);
        } else if self.returns.is_shocked || self.pushed[symbol] {
            self.restate(plan, day, symbol);
        }
    }

    /// Where no limit binds: what is left of the drawn day's close and lock at a limit, given what was added to it.
    fn restate(&mut self, plan: &Plan<'_>, day: usize, symbol: usize) {
        let (at, of_state) = (self.cell(day, symbol), (day * self.symbols + symbol) * LANES);
        for lane in 0..LANES {
            let state = self.state[of_state + lane];
            if state & (flag::UP | flag::DOWN) != 0 && state & flag::HALTED == 0 {
                let drawn = 1.0 + self.returns.raw[of_state + lane];
                let added = self.price[at + lane] / (self.previous(plan, day, symbol, lane) * drawn);
                self.state[of_state + lane] = flag::after_change(state, added);
            }
        }
    }

    /// Yesterday's price of a cell.
    pub fn previous(&self, plan: &Plan<'_>, day: usize, symbol: usize, lane: usize) -> f64 {
        if day == 0 { plan.price_start[symbol] } else { self.price[self.cell(day - 1, symbol) + lane] }
    }

    /// Puts a session's own push of log size `push` into a cell's closing price.
    pub fn set_price(&mut self, day: usize, symbol: usize, lane: usize, price: f64, push: f64) {
        let at = self.cell(day, symbol);
        self.price[at + lane] = price;
        let pressed = if self.pushed[symbol] { self.peak[symbol * LANES + lane] } else { 0.0 };
        self.largest_impact = self.largest_impact.max(pressed + push);
    }

    /// Lays the impact of past sales on one session's prices; a halted name keeps its price.
    fn push_prices(&mut self, plan: &Plan<'_>, day: usize, symbol: usize) {
        let (at, of_state) = (self.cell(day, symbol), (day * self.symbols + symbol) * LANES);
        for lane in 0..LANES {
            let halted = self.state[of_state + lane] & flag::HALTED != 0;
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

    /// What a session's sales may add to a cell's log impact, once what presses on it has faded by `fade`.
    pub fn room(&self, symbol: usize, lane: usize, fade: f64) -> f64 {
        if self.pushed[symbol] { (LARGEST - self.impact[symbol * LANES + lane] * fade).max(0.0) } else { LARGEST }
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
        const WHOLE: [f64; LANES] = [1.0; LANES];
        fn row<T>(cells: &mut [T]) -> &mut [T; LANES] {
            cells.try_into().expect("a row of lanes")
        }
        let exchange = plan.exchange;
        let limit = plan.price_limit[day * self.symbols + symbol];
        let (at, of_state) = (self.cell(day, symbol), (day * self.symbols + symbol) * LANES);
        let yesterday = if day == 0 { at } else { self.cell(day - 1, symbol) };
        let (earlier, today) = self.price.split_at_mut(at);
        let first = [plan.price_start[symbol]; LANES];
        let previous = if day == 0 { &first } else { &*row(&mut earlier[yesterday..][..LANES]) };
        let cells = symbol * LANES..(symbol + 1) * LANES;
        let pushed = self.pushed[symbol];
        let mut limits = LimitRow {
            previous,
            price: row(&mut today[..LANES]),
            state: row(&mut self.state[of_state..of_state + LANES]),
            due: row(&mut self.due[cells.clone()]),
            before: row(&mut self.before[cells.clone()]),
            drawn: row(&mut self.returns.raw[of_state..of_state + LANES]),
            factor: if pushed { row(&mut self.factor[cells]) } else { &WHOLE },
        };
        kernels::bind_limits(&mut limits, limit, plan.tick[symbol], exchange.carry_over == CarryOver::Full, exchange.continuation);
    }

    /// Closing prices of one symbol on one day, a lane each.
    #[inline(always)]
    pub fn prices(&self, day: usize, symbol: usize) -> &[f64; LANES] {
        let at = self.cell(day, symbol);
        self.price[at..at + LANES].try_into().expect("a tile row has one price per lane")
    }

    /// Closing prices of one day.
    #[inline(always)]
    pub fn prices_of(&self, day: usize) -> Prices<'_> {
        if self.by_symbol {
            return Prices::of_depth(&self.price, self.depth, day);
        }
        Prices::plain(&self.price[day * self.symbols * LANES..][..self.symbols * LANES])
    }

    #[inline(always)]
    pub fn state(&self, day: usize, symbol: usize, lane: usize) -> u8 {
        self.state[(day * self.symbols + symbol) * LANES + lane]
    }

    pub fn relative_volume(&self, day: usize, symbol: usize, lane: usize) -> f64 {
        self.volume.get((day * self.symbols + symbol) * LANES + lane).map_or(1.0, |v| f64::from(*v))
    }
}

/// A return below −100 % is a bug; a price beyond all money is what the programme asks for, and a problem of it: it leaves the
/// simulation as the payload of an unwinding that `within_numbers` catches.
fn assert_sound(unsound: [f64; 1], plan: &Plan<'_>, day: usize) {
    if unsound[0].is_nan() {
        let scenario = plan.scenario;
        let key = if scenario.case.shocks.is_empty() { format!("market.{}", scenario.case.market.key()) } else { "shocks".into() };
        let what = format!("scenario `{}` takes a price beyond {HIGHEST:e} by day {}", scenario.name, day + 1);
        let why = "prices so high are beyond what money can be reckoned in";
        let fix = "lower the drift, the volatility or the multiple, shorten the horizon, or let price limits bind";
        std::panic::resume_unwind(Box::new(Problem::new(Kind::Model, Place::default().field(key), what, why, fix)));
    }
    assert!(unsound[0] == 0.0, "a return drawn or shocked for day {} is below −100 %", day + 1);
}

/// What `simulate` gives, or the problem that one of its paths met.
pub fn within_numbers<T>(simulate: impl FnOnce() -> Result<T, Problems>) -> Result<T, Problems> {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(simulate)) {
        Ok(result) => result,
        Err(payload) => match payload.downcast::<Problem>() {
            Ok(problem) => Err((*problem).into()),
            Err(payload) => std::panic::resume_unwind(payload),
        },
    }
}

/// The lowest lane of every row.
fn lowest_of(least: &mut [f64], rows: &[f64]) {
    for (low, row) in least.iter_mut().zip(rows.as_chunks().0) {
        *low = lowest(row);
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
