//! Keeps what each holding counts for in the ratio where haircuts are taken: prices less haircuts that widen with volatility.
//!
//! A second buffer beside the tile's prices: ratios are judged on it, money always moves at the tile's prices.

use crate::engine::market::state::DECAY;
use crate::engine::market::tile::MarketTile;
use crate::engine::plan::scenario::Plan;
use crate::model::history::flag;
use crate::model::market::LANES;

/// The counted prices of one session, and bounds from below.
#[derive(Clone, Default)]
pub struct Collateral {
    /// `[symbol][lane]`.
    pub price: Vec<f64>,
    /// The haircuts taken, `[symbol][lane]`.
    pub haircut: Vec<f64>,
    /// Lowest over lanes today, and lowest that the whole horizon can bring; `[symbol]`.
    pub low: Vec<f64>,
    pub low_horizon: Vec<f64>,
    /// Exponentially weighted daily variance of each symbol, `[symbol][lane]`.
    variance: Vec<f64>,
}

impl Collateral {
    /// The as-of date; the horizon's lowest prices counted with the widest haircuts.
    pub fn start(&mut self, plan: &Plan<'_>, tile: &MarketTile) {
        let haircuts = plan.haircuts;
        for column in [&mut self.variance, &mut self.low_horizon, &mut self.low] {
            column.clear();
        }
        self.low.resize(tile.symbols, 0.0);
        for column in [&mut self.price, &mut self.haircut] {
            column.resize(tile.symbols * LANES, 0.0);
        }
        for (s, start) in plan.haircut_start.iter().enumerate() {
            self.variance.extend([plan.volatility_daily[s] * plan.volatility_daily[s]; LANES]);
            self.low_horizon.push(tile.lowest[s] * (1.0 - haircuts.widest(*start)));
        }
    }

    /// The session's prices moved; its haircuts stay.
    pub fn reprice(&mut self, tile: &MarketTile, day: usize) {
        for s in 0..tile.symbols {
            let mut lowest = f64::INFINITY;
            for (lane, price) in tile.prices(day, s).iter().enumerate() {
                let cell = s * LANES + lane;
                self.price[cell] = price * (1.0 - self.haircut[cell]);
                lowest = if self.price[cell] < lowest { self.price[cell] } else { lowest };
            }
            self.low[s] = lowest;
        }
    }

    /// Step 5: the haircuts after one session's prices.
    pub fn observe(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize) {
        let haircuts = plan.haircuts;
        for s in 0..tile.symbols {
            let today = tile.prices(day, s);
            let (start, factor) = (plan.haircut_start[s], plan.risk_factors.of_symbol(day + 1, s, tile.symbols));
            let cells = s * LANES..(s + 1) * LANES;
            let mut lowest = f64::INFINITY;
            for (lane, price) in today.iter().enumerate() {
                let cell = cells.start + lane;
                let before = if day == 0 { plan.price_start[s] } else { tile.prices(day - 1, s)[lane] };
                if tile.state(day, s, lane) & flag::HALTED == 0 && before > 0.0 {
                    let r = price / before - 1.0;
                    self.variance[cell] = DECAY * self.variance[cell] + (1.0 - DECAY) * r * r;
                }
                let relative = if plan.volatility_daily[s] > 0.0 { self.variance[cell].sqrt() / plan.volatility_daily[s] } else { 1.0 };
                self.haircut[cell] = haircuts.at(start, relative * factor);
                self.price[cell] = price * (1.0 - self.haircut[cell]);
                lowest = if self.price[cell] < lowest { self.price[cell] } else { lowest };
            }
            self.low[s] = lowest;
        }
    }
}
