//! Measures the market at the as-of date: its volatility, the calm that stress is measured by, and its fall from the peak.
//!
//! What each figure means stands in `market/state.rs`, which carries them on session by session.

use crate::model::history::{Market, flag};
use crate::units::Day;

/// Sessions before the as-of date the variance starts from.
const SESSIONS: usize = 60;
/// Daily variance of a market with fewer than ten known sessions: 2 % squared.
const UNKNOWN: f64 = 0.02 * 0.02;
/// Fall from the peak that is full stress.
const FULL_DRAWDOWN: f64 = 0.30;
/// Multiple of the as-of volatility that is full stress.
const FULL_VOLATILITY: f64 = 3.0;

/// Stress at a drawdown and a daily volatility, against that of calm.
pub fn stress(drawdown: f64, volatility_daily: f64, calm_daily: f64) -> f64 {
    let full = (FULL_VOLATILITY - 1.0) * calm_daily;
    let rise = if full > 0.0 { (volatility_daily - calm_daily) / full } else { 0.0 };
    (drawdown / FULL_DRAWDOWN).max(rise).clamp(0.0, 1.0)
}

/// The state of the as-of date, and the calm that stress is measured by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PastMarket {
    /// Daily variance about zero over the last 60 sessions.
    pub variance: f64,
    /// The lower of that and of the sessions before them, ten years at most.
    pub calm_variance: f64,
    /// Fall from the highest close of the last 60 sessions, a fraction.
    pub drawdown: f64,
}

impl PastMarket {
    /// From the market's daily returns up to the as-of date, oldest first.
    pub fn of(returns: &[f64]) -> Self {
        const TEN_YEARS: usize = 2500;
        let level = |returns: &[f64]| returns.iter().fold(0.0, |sum, r| sum + r * r) / returns.len() as f64;
        let (before, last) = returns.split_at(returns.len().saturating_sub(SESSIONS));
        if last.len() < 10 {
            return PastMarket { variance: UNKNOWN, calm_variance: UNKNOWN, drawdown: 0.0 };
        }
        let variance = level(last);
        let long_run = if before.len() < SESSIONS { variance } else { level(&before[before.len().saturating_sub(TEN_YEARS)..]) };
        let (now, peak) = last.iter().fold((1.0_f64, 1.0_f64), |(now, peak), r| (now * (1.0 + r), peak.max(now * (1.0 + r))));
        // a price that never moved before is no calm to measure by
        let calm_variance = if long_run > 0.0 { variance.min(long_run) } else { variance };
        PastMarket { variance, calm_variance, drawdown: if now > 0.0 { 1.0 - now / peak } else { 0.0 } }
    }

    /// Stress of the as-of date where volatility counts `factor` times: 1 for what was realised.
    pub fn stress(&self, factor: f64) -> f64 {
        stress(self.drawdown, self.variance.sqrt() * factor, self.calm_variance.sqrt())
    }
}

/// The equal-weighted mean return of `symbols` on every session up to the as-of date on which any of them traded.
pub fn past_returns(market: &Market, symbols: &[usize], as_of: Day) -> Vec<f64> {
    let history = &market.history;
    let known = |day: usize| {
        let (flags, returns) = (history.flag_row(day), history.row(day));
        let trades = |s: &&usize| flags[**s] & (flag::PRESENT | flag::HALTED) == flag::PRESENT;
        symbols.iter().filter(trades).fold((0.0, 0.0), |(sum, n), s| (sum + returns[*s], n + 1.0))
    };
    history.window(None, Some(as_of)).map(known).filter(|(_, n)| *n > 0.0).map(|(sum, n)| sum / n).collect()
}
