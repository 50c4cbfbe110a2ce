//! Turns a tile of returns into a tile of prices under the exchange's limits, and bounds it from below.

use super::plan::Plan;
use crate::model::exchange::{CarryOver, LimitLock, price_limit::limit_price};
use crate::model::history::flag;
use crate::model::market::{LANES, MarketModel, Tile};
use crate::model::shock::Prepared;

/// The market of one tile: raw returns as drawn, shared by scenarios; then one scenario's prices.
pub struct MarketTile {
    pub days: usize,
    pub symbols: usize,
    raw_return: Vec<f64>,
    raw_state: Vec<u8>,
    raw_volume: Vec<f32>,
    /// `[day][symbol][lane]`: shocked returns on the way in, closing prices on the way out.
    pub price: Vec<f64>,
    pub state: Vec<u8>,
    pub volume: Vec<f32>,
    /// Lowest price over lanes, `[day][symbol]`, and over the whole horizon, `[symbol]`.
    pub low: Vec<f64>,
    pub low_horizon: Vec<f64>,
    /// Price where the limit did not bind yet: carried over to the next session. `[symbol][lane]`.
    due: Vec<f64>,
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
            state: vec![0; cells],
            volume: vec![1.0; volume],
            low: vec![0.0; days * symbols],
            low_horizon: vec![0.0; symbols],
            due: vec![0.0; symbols * LANES],
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

    /// Steps 1 and 2 for one scenario: shocks in order, then prices within the exchange's limits, and their lower bounds.
    pub fn price(&mut self, plan: &Plan<'_>, shocks: &[Prepared], first_path: u64) {
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
        for day in 0..days {
            self.close_day(plan, day);
        }
        self.bound();
    }

    /// Prices of one session from its returns.
    fn close_day(&mut self, plan: &Plan<'_>, day: usize) {
        let symbols = self.symbols;
        for symbol in 0..symbols {
            let at = (day * symbols + symbol) * LANES;
            let due = &mut self.due[symbol * LANES..][..LANES];
            let limit = plan.price_limit[day * symbols + symbol];
            for (price, due) in self.price[at..at + LANES].iter_mut().zip(due.iter_mut()) {
                assert!(price.is_finite() && *price >= -1.0, "the market model drew a return of {price} for day {day}, symbol {symbol}");
                *due *= 1.0 + *price;
                *price = *due;
            }
            if limit.is_finite() {
                self.bind_limits(plan, day, symbol, limit);
            }
        }
    }

    /// Step 2: a price beyond the day's limit stops there; a day taken unshocked from history was bound when it happened.
    fn bind_limits(&mut self, plan: &Plan<'_>, day: usize, symbol: usize, limit: f64) {
        let exchange = &plan.scenario.case.exchange;
        let at = (day * self.symbols + symbol) * LANES;
        for lane in 0..LANES {
            let state = &mut self.state[at + lane];
            if *state & flag::PRESENT != 0 {
                continue;
            }
            let previous = if day == 0 { plan.price_start[symbol] } else { self.price[at - self.symbols * LANES + lane] };
            let due = &mut self.due[symbol * LANES + lane];
            let (low, high) = (limit_price(previous, -limit, exchange.tick), limit_price(previous, limit, exchange.tick));
            if *due <= low {
                self.price[at + lane] = low;
                *state |= flag::CLOSE_DOWN;
            } else if *due >= high {
                self.price[at + lane] = high;
                *state |= flag::CLOSE_UP;
            } else {
                continue;
            }
            if exchange.carry_over == CarryOver::None {
                *due = self.price[at + lane];
            }
        }
    }

    fn bound(&mut self) {
        self.low_horizon.fill(f64::INFINITY);
        for (cell, low) in self.low.iter_mut().enumerate() {
            let lanes = &self.price[cell * LANES..][..LANES];
            *low = lanes.iter().fold(f64::INFINITY, |m, p| if *p < m { *p } else { m });
            let horizon = &mut self.low_horizon[cell % self.symbols];
            *horizon = if *low < *horizon { *low } else { *horizon };
        }
    }

    /// Closing prices of one symbol on one day, a lane each.
    #[inline(always)]
    pub fn prices(&self, day: usize, symbol: usize) -> &[f64; LANES] {
        let at = (day * self.symbols + symbol) * LANES;
        self.price[at..at + LANES].try_into().expect("a tile row has one price per lane")
    }

    #[inline(always)]
    pub fn state(&self, day: usize, symbol: usize, lane: usize) -> u8 {
        self.state[(day * self.symbols + symbol) * LANES + lane]
    }

    pub fn relative_volume(&self, day: usize, symbol: usize, lane: usize) -> f64 {
        self.volume.get((day * self.symbols + symbol) * LANES + lane).map_or(1.0, |v| f64::from(*v))
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
