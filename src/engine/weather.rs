//! Keeps the market's weather at each close, a lane each: level, drawdown, volatility and stress of the held symbols.
//!
//! The market is the equal-weighted mean of the simulated symbols that trade (a halted name says nothing that day). Its
//! variance is exponentially weighted, `v ← 0.94·v + 0.06·r²` (RiskMetrics 1996, daily decay), and starts at the market's
//! own level over its last 60 sessions. Stress runs from 0 (calm) to 1: the larger of drawdown over 30 % and of the rise of
//! volatility over its as-of level, full at three times that level. Both ends are the summer of 2015: Shanghai lost 32 %
//! from 2015-06-12 to 07-08 at a daily volatility of 3.8 % (domain notes §3.1), after a spring of about 1.3 %.
//!
//! Worked: v = 0.0004, r = −10 % → v = 0.94·0.0004 + 0.06·0.01 = 0.000976; σ = 3.12 % against 2 % → (1.562 − 1)/2 = 0.281;
//! a drawdown of 10 % → 0.333; stress = 0.333.

use super::plan::Plan;
use super::prices::Prices;
use super::tile::MarketTile;
use crate::model::history::{Market, flag};
use crate::model::market::LANES;
use crate::units::Day;

/// Weight of the past in the exponentially weighted variance, a session.
pub(super) const DECAY: f64 = 0.94;
/// Sessions before the as-of date the variance starts from.
const SESSIONS: usize = 60;
/// Daily variance of a market with fewer than ten known sessions: 2 % squared.
const UNKNOWN: f64 = 0.02 * 0.02;
/// Fall from the peak that is full stress.
const FULL_DRAWDOWN: f64 = 0.30;
/// Multiple of the as-of volatility that is full stress.
const FULL_VOLATILITY: f64 = 3.0;

/// What the market looks like at this close, one path a lane.
#[derive(Clone, Debug, Default)]
pub struct Weather {
    /// Level of the market, 1 at the as-of date, and its running maximum.
    pub level: [f64; LANES],
    pub peak: [f64; LANES],
    /// Simple return of the session.
    pub day_return: [f64; LANES],
    /// Fall from the peak, a fraction.
    pub drawdown: [f64; LANES],
    /// Daily variance, exponentially weighted.
    pub variance: [f64; LANES],
    /// 0 calm to 1 full stress.
    pub stress: [f64; LANES],
    /// Daily variance at the as-of date.
    start_variance: f64,
    /// Prices at the as-of date, `[symbol][lane]`.
    first: Vec<f64>,
}

impl Weather {
    /// The weather of the as-of date, in every lane.
    pub(super) fn start(&mut self, plan: &Plan<'_>) {
        let mut first = std::mem::take(&mut self.first);
        first.clear();
        for price in &plan.price_start {
            first.extend([*price; LANES]);
        }
        *self = Weather::calm(plan.market_variance);
        self.first = first;
    }

    fn calm(variance: f64) -> Self {
        let (one, zero) = ([1.0; LANES], [0.0; LANES]);
        Weather {
            level: one,
            peak: one,
            day_return: zero,
            drawdown: zero,
            variance: [variance; LANES],
            stress: zero,
            start_variance: variance,
            first: Vec::new(),
        }
    }

    /// Step 5, first half: the close of one session.
    pub(super) fn observe(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize) {
        let first = std::mem::take(&mut self.first);
        let previous = if day == 0 { Prices::plain(&first) } else { tile.prices_of(day - 1) };
        let row = plan.symbols.len() * LANES;
        self.pass(previous, tile.prices_of(day), &tile.state[day * row..][..row]);
        self.first = first;
    }

    /// Stress of a lane where volatility counts `factor` times: 1 for what was realised.
    pub(super) fn stress_at(&self, lane: usize, factor: f64) -> f64 {
        let full = (FULL_VOLATILITY - 1.0) * self.start_variance.sqrt();
        let rise = if full > 0.0 { (self.variance[lane].sqrt() * factor - self.start_variance.sqrt()) / full } else { 0.0 };
        (self.drawdown[lane] / FULL_DRAWDOWN).max(rise).clamp(0.0, 1.0)
    }

    /// Moves the weather by one session's prices; states are `[symbol][lane]`.
    fn pass(&mut self, previous: Prices<'_>, today: Prices<'_>, state: &[u8]) {
        let (mut sum, mut trading) = ([0.0; LANES], [0.0; LANES]);
        for (symbol, state) in state.chunks_exact(LANES).enumerate() {
            let (previous, today) = (previous.of_symbol(symbol), today.of_symbol(symbol));
            for lane in 0..LANES {
                // a price of nothing has no return
                let counts = if state[lane] & flag::HALTED == 0 && previous[lane] > 0.0 { 1.0 } else { 0.0 };
                let before = if previous[lane] > 0.0 { previous[lane] } else { 1.0 };
                sum[lane] += counts * (today[lane] / before - 1.0);
                trading[lane] += counts;
            }
        }
        for lane in 0..LANES {
            let r = if trading[lane] > 0.0 { sum[lane] / trading[lane] } else { 0.0 };
            self.day_return[lane] = r;
            self.level[lane] *= 1.0 + r;
            self.peak[lane] = if self.level[lane] > self.peak[lane] { self.level[lane] } else { self.peak[lane] };
            self.drawdown[lane] = 1.0 - self.level[lane] / self.peak[lane];
            self.variance[lane] = DECAY * self.variance[lane] + (1.0 - DECAY) * r * r;
            self.stress[lane] = self.stress_at(lane, 1.0);
        }
    }
}

/// Stress of a market at its peak whose volatility is `relative` times that of the as-of date.
pub(super) fn stress_of_volatility(relative: f64) -> f64 {
    ((relative - 1.0) / (FULL_VOLATILITY - 1.0)).clamp(0.0, 1.0)
}

/// Daily variance about zero of the equal-weighted mean of `symbols` over their last 60 sessions up to the as-of date.
pub(super) fn past_variance(market: &Market, symbols: &[usize], as_of: Day) -> f64 {
    let returns = past_returns(market, symbols, as_of);
    let last = &returns[returns.len().saturating_sub(SESSIONS)..];
    if last.len() < 10 {
        return UNKNOWN;
    }
    last.iter().fold(0.0, |sum, r| sum + r * r) / last.len() as f64
}

/// The equal-weighted mean return of `symbols` on every session up to the as-of date on which any of them traded.
pub(super) fn past_returns(market: &Market, symbols: &[usize], as_of: Day) -> Vec<f64> {
    let history = &market.history;
    let known = |day: usize| {
        let (flags, returns) = (history.flag_row(day), history.row(day));
        let trades = |s: &&usize| flags[**s] & (flag::PRESENT | flag::HALTED) == flag::PRESENT;
        symbols.iter().filter(trades).fold((0.0, 0.0), |(sum, n), s| (sum + returns[*s], n + 1.0))
    };
    history.window(None, Some(as_of)).map(known).filter(|(_, n)| *n > 0.0).map(|(sum, n)| sum / n).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "found {found}, expected {expected}");
    }

    #[test]
    fn a_fall_moves_every_figure_as_worked() {
        let mut weather = Weather::calm(0.0004);
        let (previous, mut today) = ([vec![10.0; LANES], vec![20.0; LANES]].concat(), vec![0.0; 2 * LANES]);
        today[..LANES].fill(8.0);
        today[LANES..].fill(20.0);
        weather.pass(Prices::plain(&previous), Prices::plain(&today), &[0; 2 * LANES]);
        near(weather.day_return[3], -0.1);
        near(weather.level[3], 0.9);
        near(weather.drawdown[3], 0.1);
        near(weather.variance[3], 0.000976);
        near(weather.stress[3], 0.1 / 0.3);
        // back to the peak: the drawdown is gone, the volatility stays
        weather.pass(Prices::plain(&[0.9; LANES]), Prices::plain(&[1.0; LANES]), &[0; LANES]);
        near(weather.drawdown[3], 0.0);
        let volatility = (DECAY * 0.000976 + (1.0 - DECAY) / 81.0_f64).sqrt();
        near(weather.stress[3], (volatility - 0.02) / 0.04);
    }

    #[test]
    fn a_halted_name_says_nothing_and_a_market_that_is_shut_does_not_move() {
        let mut weather = Weather::calm(0.0004);
        let mut state = vec![0; 2 * LANES];
        state[..LANES].fill(flag::HALTED);
        let today = [vec![10.0; LANES], vec![22.0; LANES]].concat();
        let previous = [vec![10.0; LANES], vec![20.0; LANES]].concat();
        weather.pass(Prices::plain(&previous), Prices::plain(&today), &state);
        near(weather.day_return[0], 0.1);
        state[LANES..].fill(flag::HALTED);
        let before = weather.level[0];
        weather.pass(Prices::plain(&today), Prices::plain(&previous), &state);
        near(weather.day_return[0], 0.0);
        near(weather.level[0], before);
    }

    #[test]
    fn stress_is_full_at_a_fall_of_thirty_per_cent_and_lanes_are_their_own() {
        let mut weather = Weather::calm(0.0004);
        let mut today = vec![1.0; LANES];
        today[5] = 0.7;
        weather.pass(Prices::plain(&[1.0; LANES]), Prices::plain(&today), &[0; LANES]);
        near(weather.stress[5], 1.0);
        near(weather.stress[4], 0.0);
    }
}
