//! Keeps the market's state at each close, a lane each: level, drawdown, volatility and stress of the held symbols.
//!
//! The market is the equal-weighted mean of the simulated symbols that trade (a halted name says nothing that day, and a session
//! on which none trades nothing of the market: its volatility and its level stay). Its
//! variance is exponentially weighted, `v ← 0.94·v + 0.06·r²` (RiskMetrics 1996, daily decay), and starts at the market's
//! own level over its last 60 sessions. Stress runs from 0 (calm) to 1: the larger of drawdown over 30 % and of the rise of
//! volatility over a calm level, full at three times that level. The calm level is that of the as-of date, or that of the ten
//! years before those 60 sessions where it is lower; the drawdown is counted from the highest close of those sessions on. So an
//! as-of date inside a crash stands in stress, and is no calm to measure by. Both ends are the summer of 2015: Shanghai lost 32 %
//! from 2015-06-12 to 07-08 at a daily volatility of 3.8 % (domain notes §3.1), after a spring of about 1.3 %.
//!
//! Worked: v = 0.0004, r = −10 % → v = 0.94·0.0004 + 0.06·0.01 = 0.000976; σ = 3.12 % against 2 % → (1.562 − 1)/2 = 0.281;
//! a drawdown of 10 % → 0.333; stress = 0.333.

use super::prices::Prices;
use super::tile::MarketTile;
use crate::engine::plan::past::{PastMarket, stress};
use crate::engine::plan::scenario::Plan;
use crate::model::history::flag;
use crate::model::market::LANES;

/// Weight of the past in the exponentially weighted variance, a session.
pub const DECAY: f64 = 0.94;

/// What the market looks like at this close, one path a lane.
#[derive(Clone, Debug, Default)]
pub struct MarketState {
    /// Level of the market, 1 at the as-of date, and its running maximum, that of the last 60 sessions at first.
    pub level: [f64; LANES],
    pub peak: [f64; LANES],
    /// Simple return of the session; nothing where no symbol traded.
    pub day_return: [Option<f64>; LANES],
    /// Fall from the peak, a fraction.
    pub drawdown: [f64; LANES],
    /// Daily variance, exponentially weighted.
    pub variance: [f64; LANES],
    /// 0 calm to 1 full stress.
    pub stress: [f64; LANES],
    /// Daily variance of calm.
    calm_variance: f64,
    /// Prices at the as-of date, `[symbol][lane]`.
    first: Vec<f64>,
}

impl MarketState {
    /// The state of the as-of date, in every lane.
    pub fn start(&mut self, plan: &Plan<'_>) {
        let mut first = std::mem::take(&mut self.first);
        first.clear();
        for price in &plan.price_start {
            first.extend([*price; LANES]);
        }
        *self = MarketState::of(&plan.past_market_state);
        self.first = first;
    }

    fn of(past: &PastMarket) -> Self {
        MarketState {
            level: [1.0; LANES],
            peak: [1.0 / (1.0 - past.drawdown); LANES],
            day_return: [None; LANES],
            drawdown: [past.drawdown; LANES],
            variance: [past.variance; LANES],
            stress: [past.stress(1.0); LANES],
            calm_variance: past.calm_variance,
            first: Vec::new(),
        }
    }

    /// Step 5, first half: the close of one session.
    pub fn observe(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize) {
        let first = std::mem::take(&mut self.first);
        let previous = if day == 0 { Prices::plain(&first) } else { tile.prices_of(day - 1) };
        let row = plan.symbols.len() * LANES;
        self.pass(previous, tile.prices_of(day), &tile.state[day * row..][..row]);
        self.first = first;
    }

    /// Stress of a lane where volatility counts `factor` times: 1 for what was realised.
    pub fn stress_at(&self, lane: usize, factor: f64) -> f64 {
        stress(self.drawdown[lane], self.variance[lane].sqrt() * factor, self.calm_variance.sqrt())
    }

    /// Moves the state by one session's prices; states are `[symbol][lane]`.
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
            let Some(r) = (trading[lane] > 0.0).then(|| sum[lane] / trading[lane]) else {
                self.day_return[lane] = None;
                continue;
            };
            self.day_return[lane] = Some(r);
            self.level[lane] *= 1.0 + r;
            self.peak[lane] = if self.level[lane] > self.peak[lane] { self.level[lane] } else { self.peak[lane] };
            self.drawdown[lane] = 1.0 - self.level[lane] / self.peak[lane];
            self.variance[lane] = DECAY * self.variance[lane] + (1.0 - DECAY) * r * r;
            self.stress[lane] = self.stress_at(lane, 1.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A market at its peak, as calm as ever.
    fn calm(variance: f64) -> MarketState {
        MarketState::of(&PastMarket { variance, calm_variance: variance, drawdown: 0.0 })
    }

    #[test]
    fn a_crash_before_the_as_of_date_is_stress_on_it() {
        // 200 sessions of ±1 %, then 60 of which the last ten fall 4 % each
        let mut returns: Vec<f64> = (0..250).map(|d| if d % 2 == 0 { 0.01 } else { -0.01 }).collect();
        returns.extend([-0.04; 10]);
        let past = PastMarket::of(&returns);
        near(past.calm_variance, 0.0001);
        near(past.variance, (50.0 * 0.0001 + 10.0 * 0.0016) / 60.0);
        // the highest close is the first of the sixty; each pair of days since loses a ten-thousandth
        let drawdown = 1.0 - libm::pow(0.9999, 25.0) / 1.01 * libm::pow(0.96, 10.0);
        assert!((past.drawdown - drawdown).abs() < 0.01, "{} and about {drawdown}", past.drawdown);
        near(past.stress(1.0), 1.0);
        // the same crash as the only past: nothing to measure by but itself, and the fall
        let short = PastMarket::of(&returns[240..]);
        near(short.calm_variance, short.variance);
        assert!(short.drawdown > 0.30 && short.stress(1.0) == 1.0);
        // a calm end of a wild past is calm
        returns.reverse();
        let after = PastMarket::of(&returns);
        near(after.calm_variance, after.variance);
        assert!(after.stress(1.0) < 0.05);
    }

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "found {found}, expected {expected}");
    }

    #[test]
    fn a_fall_moves_every_figure_as_worked() {
        let mut state = calm(0.0004);
        let (previous, mut today) = ([vec![10.0; LANES], vec![20.0; LANES]].concat(), vec![0.0; 2 * LANES]);
        today[..LANES].fill(8.0);
        today[LANES..].fill(20.0);
        state.pass(Prices::plain(&previous), Prices::plain(&today), &[0; 2 * LANES]);
        near(state.day_return[3].expect("it trades"), -0.1);
        near(state.level[3], 0.9);
        near(state.drawdown[3], 0.1);
        near(state.variance[3], 0.000976);
        near(state.stress[3], 0.1 / 0.3);
        // back to the peak: the drawdown is gone, the volatility stays
        state.pass(Prices::plain(&[0.9; LANES]), Prices::plain(&[1.0; LANES]), &[0; LANES]);
        near(state.drawdown[3], 0.0);
        let volatility = (DECAY * 0.000976 + (1.0 - DECAY) / 81.0_f64).sqrt();
        near(state.stress[3], (volatility - 0.02) / 0.04);
    }

    #[test]
    fn a_halted_name_says_nothing_and_a_market_that_is_shut_does_not_move() {
        let mut state = calm(0.0004);
        let mut flags = vec![0; 2 * LANES];
        flags[..LANES].fill(flag::HALTED);
        let today = [vec![10.0; LANES], vec![22.0; LANES]].concat();
        let previous = [vec![10.0; LANES], vec![20.0; LANES]].concat();
        state.pass(Prices::plain(&previous), Prices::plain(&today), &flags);
        near(state.day_return[0].expect("one trades"), 0.1);
        flags[LANES..].fill(flag::HALTED);
        let before = state.clone();
        state.pass(Prices::plain(&today), Prices::plain(&previous), &flags);
        assert_eq!(state.day_return[0], None);
        assert_eq!((state.level, state.variance, state.stress), (before.level, before.variance, before.stress));
    }

    #[test]
    fn stress_is_full_at_a_fall_of_thirty_per_cent_and_lanes_are_their_own() {
        let mut state = calm(0.0004);
        let mut today = vec![1.0; LANES];
        today[5] = 0.7;
        state.pass(Prices::plain(&[1.0; LANES]), Prices::plain(&today), &[0; LANES]);
        near(state.stress[5], 1.0);
        near(state.stress[4], 0.0);
    }
}
