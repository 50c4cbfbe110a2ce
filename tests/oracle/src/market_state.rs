//! Follows the market of a path: its volatility, its drawdown, its stress, and whether its trigger is tripped.

use crate::maths;
use crate::programme::{Dynamic, DynamicMethod, Movement, VolatilityTrigger};
use crate::story::Lines;
use crate::world::Instrument;
use std::f64::consts::PI;

/// Decay of the weighted volatility, per session.
const DECAY: f64 = 0.94;
/// Past sessions a volatility of the as-of date is taken over, and how many at least.
const SESSIONS: usize = 60;
const SESSIONS_LEAST: usize = 10;
/// Ten years of sessions.
const CALM_SESSIONS: usize = 2500;
/// The volatility of what is not known.
const UNKNOWN: f64 = 0.02;
/// What is taken of 2A, the expected excursion beyond a session's return.
const EXCURSION: f64 = 0.66;

/// Root mean square of the last 60 returns that are known; 2 % where fewer than ten are.
pub fn volatility(returns: impl DoubleEndedIterator<Item = Option<f64>>) -> f64 {
    let known: Vec<f64> = returns.rev().flatten().take(SESSIONS).collect();
    if known.len() < SESSIONS_LEAST {
        return UNKNOWN;
    }
    (known.iter().map(|r| r * r).sum::<f64>() / known.len() as f64).sqrt()
}

/// A volatility that follows its returns: σ² ← 0.94·σ² + 0.06·r².
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weighted {
    pub start: f64,
    pub now: f64,
}

impl Weighted {
    pub fn new(start: f64) -> Weighted {
        Weighted { start, now: start }
    }

    pub fn follow(&mut self, r: f64) {
        self.now = (DECAY * self.now * self.now + (1.0 - DECAY) * r * r).sqrt();
    }
}

/// The market: the equal-weighted mean of the simulated symbols that trade.
#[derive(Clone, Debug)]
pub struct MarketState {
    pub weighted: Weighted,
    /// Mean returns of the past sessions and of those of the path, in order.
    pub returns: Vec<f64>,
    pub level: f64,
    pub peak: f64,
    pub stress: f64,
    /// Daily volatility of calm: that of the as-of date, or of the ten years before its 60 sessions where it is lower.
    calm: f64,
    /// The last session for which the trigger stays tripped.
    tripped_until: Option<isize>,
}

/// The mean of what is known.
fn mean(returns: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let known: Vec<f64> = returns.flatten().collect();
    (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
}

/// The volatility that stress is measured by: of the as-of date, or of the sessions before its 60 where it is lower.
fn calm(returns: &[f64], start: f64) -> f64 {
    let before = &returns[..returns.len().saturating_sub(SESSIONS)];
    // fewer than 60 say little, and prices that never moved are no calm
    if before.len() < SESSIONS {
        return start;
    }
    let years = &before[before.len().saturating_sub(CALM_SESSIONS)..];
    let level = (years.iter().map(|r| r * r).sum::<f64>() / years.len() as f64).sqrt();
    if level > 0.0 { start.min(level) } else { start }
}

/// The highest close of the last 60 sessions, the as-of close being 1; the as-of close where fewer than ten are known.
fn peak(returns: &[f64]) -> f64 {
    let last = &returns[returns.len().saturating_sub(SESSIONS)..];
    if last.len() < SESSIONS_LEAST {
        return 1.0;
    }
    let (mut close, mut peak) = (1.0, 1.0);
    for r in last.iter().rev() {
        close /= 1.0 + r;
        peak = f64::max(peak, close);
    }
    peak
}

impl MarketState {
    /// The market on the as-of date.
    pub fn new(instruments: &[Instrument], trigger: Option<&VolatilityTrigger>) -> MarketState {
        let longest = instruments.iter().map(|i| i.past_returns.len()).max().unwrap_or(0);
        // series end together on the as-of date
        let on = |day: usize| {
            mean(instruments.iter().map(|i| (i.past_returns.len() + day).checked_sub(longest).and_then(|at| i.past_returns[at])))
        };
        let series: Vec<Option<f64>> = (0..longest).map(on).collect();
        let returns: Vec<f64> = series.iter().flatten().copied().collect();
        let start = volatility(series.into_iter());
        let sessions = returns.len();
        let (calm, peak) = (calm(&returns, start), peak(&returns));
        let mut market = MarketState { weighted: Weighted::new(start), returns, level: 1.0, peak, stress: 0.0, calm, tripped_until: None };
        market.feel_stress();
        // sessions up to the as-of date count, at the as-of date's volatility
        for back in (0..trigger.map_or(0, |trigger| trigger.days).min(sessions)).rev() {
            market.trip(-back.cast_signed(), sessions - back, trigger);
        }
        market
    }

    /// A session's return of each symbol, nothing where it did not trade. Returns the market's own.
    pub fn session(&mut self, day: usize, returns: impl Iterator<Item = Option<f64>>, trigger: Option<&VolatilityTrigger>) -> f64 {
        // a session on which nothing trades is none of the market's
        let Some(r) = mean(returns) else { return 0.0 };
        self.weighted.follow(r);
        self.level *= 1.0 + r;
        self.peak = self.peak.max(self.level);
        self.returns.push(r);
        self.feel_stress();
        self.trip(day.cast_signed(), self.returns.len(), trigger);
        r
    }

    /// The larger of the drawdown over 30 % and of the rise of volatility, full at three times calm.
    fn feel_stress(&mut self) {
        let drawdown = 1.0 - self.level / self.peak;
        let risen = if self.calm > 0.0 { (self.weighted.now / self.calm - 1.0) / 2.0 } else { 0.0 };
        self.stress = f64::max(drawdown / 0.3, risen).clamp(0.0, 1.0);
    }

    pub fn tripped(&self, day: usize) -> bool {
        self.tripped_until.is_some_and(|until| day.cast_signed() <= until)
    }

    /// A movement above the threshold trips the trigger for so many sessions, its own the first.
    fn trip(&mut self, day: isize, seen: usize, trigger: Option<&VolatilityTrigger>) {
        if let Some(trigger) = trigger
            && self.movement(&self.returns[..seen], &trigger.measure) > trigger.threshold
        {
            self.tripped_until = self.tripped_until.max(Some(day + trigger.days.cast_signed() - 1));
        }
    }

    /// The movement of the last session by a measure.
    fn movement(&self, returns: &[f64], measure: &Movement) -> f64 {
        let last = |n: usize| &returns[returns.len() - n.min(returns.len())..];
        let r = *returns.last().expect("a session was seen");
        match measure {
            Movement::Absolute => r.abs(),
            Movement::Realised(n) => (last(*n).iter().map(|r| r * r).sum::<f64>() / *n as f64).sqrt(),
            Movement::Range(n) => {
                // the last n closes have n − 1 returns between them
                let mut closes = vec![1.0];
                for r in last(n - 1) {
                    closes.push(closes[closes.len() - 1] * (1.0 + r));
                }
                let high = closes.iter().copied().fold(f64::MIN, f64::max);
                high / closes.iter().copied().fold(f64::MAX, f64::min) - 1.0
            }
            Movement::Weighted => self.weighted.now,
            Movement::SessionRange => session_range(r, self.weighted.now),
        }
    }
}

/// High over low of a session less one, as it is expected given its return: ln(high/low) = |r| + 0.66·2A.
pub fn session_range(simple_return: f64, sigma: f64) -> f64 {
    let r = simple_return.ln_1p().abs();
    let excursion = if sigma > 0.0 {
        sigma * (PI / 8.0).sqrt() * (r * r / (2.0 * sigma * sigma)).exp() * maths::erfc(r / (sigma * 2f64.sqrt()))
    } else {
        0.0
    };
    (r + EXCURSION * 2.0 * excursion).exp_m1()
}

/// What the excess of lines over the debt is multiplied by: M = σ/σ₀, or by value at risk M/(call − 1).
pub fn line_scale(dynamic: &Dynamic, sigma: Weighted, past: &[f64], lines: &Lines) -> f64 {
    let stressed = stressed_volatility(past);
    let volatility = |now: f64| {
        let weighted = (1.0 - dynamic.stressed_weight) * now + dynamic.stressed_weight * stressed;
        if dynamic.lookback_floor { weighted.max(lookback(past)) } else { weighted }
    };
    let measure = |now: f64| match &dynamic.method {
        DynamicMethod::Volatility => volatility(now) / sigma.start,
        DynamicMethod::ValueAtRisk(var) => {
            let q = maths::normal_quantile(var.confidence) * volatility(now) * (var.days as f64).sqrt();
            q / (1.0 - q)
        }
    };
    let (now, start) = (measure(sigma.now), measure(sigma.start));
    let buffered = now.max(now.min(start) * (1.0 + dynamic.buffer));
    let scale = match &dynamic.method {
        DynamicMethod::Volatility => buffered,
        DynamicMethod::ValueAtRisk(_) => match lines.call.or(lines.liquidation) {
            Some(line) if line > 1.0 => buffered / (line - 1.0),
            _ => 1.0,
        },
    };
    scale.clamp(dynamic.floor, dynamic.cap)
}

/// Of the most volatile 60 sessions in a row.
fn stressed_volatility(past: &[f64]) -> f64 {
    let whole = past.windows(SESSIONS.min(past.len().max(1)));
    let root = |window: &[f64]| (window.iter().map(|r| r * r).sum::<f64>() / window.len() as f64).sqrt();
    whole.map(root).fold(0.0, f64::max)
}

/// Of the whole history, ten years at most.
fn lookback(past: &[f64]) -> f64 {
    let years = &past[past.len().saturating_sub(CALM_SESSIONS)..];
    if years.is_empty() { UNKNOWN } else { (years.iter().map(|r| r * r).sum::<f64>() / years.len() as f64).sqrt() }
}

/// The line m at a scale s: 1 + (m − 1)·s. A line at or below 100 % does not move.
pub fn scaled(line: f64, scale: f64) -> f64 {
    if line > 1.0 { 1.0 + (line - 1.0) * scale } else { line }
}

/// What a holding does not count for: all of its base, widened with its volatility up to the cap.
pub fn haircut(base: f64, widening: f64, cap: f64, sigma: Weighted) -> f64 {
    let risen = (sigma.now / sigma.start - 1.0).max(0.0);
    base.max((base * (1.0 + widening * risen)).min(cap))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, right: f64, off: f64) {
        assert!((found - right).abs() < off, "{found} where {right} is right");
    }

    #[test]
    fn a_flat_session_has_the_range_of_the_documents() {
        near(session_range(0.0, 0.02), 0.0167, 5e-5);
        // Parkinson's mean: 1.596·σ of |r| + 2A, over a grid of normal returns
        let mean: f64 = (-4000..=4000)
            .map(|k| f64::from(k) / 1000.0)
            .map(|z| {
                let (r, sigma) = (0.02 * z, 0.02);
                let a = sigma * (PI / 8.0).sqrt() * (z * z / 2.0).exp() * maths::erfc(f64::abs(z) / 2f64.sqrt());
                (f64::abs(r) + 2.0 * a) * (-z * z / 2.0).exp() / (2.0 * PI).sqrt() / 1000.0
            })
            .sum();
        near(mean / 0.02, (8.0 / PI).sqrt(), 2e-3);
    }

    #[test]
    fn value_at_risk_of_two_sessions_asks_for_fifteen_per_cent() {
        let dynamic = Dynamic { method: DynamicMethod::ValueAtRisk(Default::default()), floor: 0.01, cap: 10.0, ..Dynamic::default() };
        let lines = Lines { call: Some(1.3), ..Lines::default() };
        let scale = line_scale(&dynamic, Weighted::new(0.04), &[], &lines);
        near(scaled(1.3, scale), 1.152, 5e-4);
    }

    #[test]
    fn a_quiet_session_lowers_the_weighted_volatility() {
        let mut sigma = Weighted::new(0.02);
        sigma.follow(0.0);
        near(sigma.now, 0.02 * 0.94f64.sqrt(), 1e-15);
        near(haircut(0.1, 2.0, 0.9, Weighted { start: 0.02, now: 0.03 }), 0.2, 1e-12);
        near(haircut(1.0, 0.0, 0.9, sigma), 1.0, 1e-15);
        near(scaled(1.3, 1.0), 1.3, 1e-15);
    }
}
