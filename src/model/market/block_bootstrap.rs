//! Resamples joint historical days in blocks of geometric length (the stationary bootstrap).
//!
//! Formula: the past day of simulated day 0 is uniform over the window's `n` days; on each further day a new block
//! starts at a uniform day with probability `1 / L`, else the next past day follows, the first after the last. All
//! symbols take the same past day, so the cross-section and its halts and limit locks are kept as they were.
//! Source: Politis and Romano (1994), "The stationary bootstrap", JASA 89.
//!
//! The automatic `L` is Politis and White (2004), Econometric Reviews 23, with the correction of Patton, Politis and
//! White (2009), Econometric Reviews 28, on the equal-weight return of the simulated symbols:
//! `L = (2 G² / D)^⅓ n^⅓`, `G = Σ λ(k/M) |k| R(k)`, `D = 2 g²`, `g = Σ λ(k/M) R(k)` over |k| ≤ M, with the flat-top
//! window λ and the autocovariances R.
//!
//! Worked number: `L = 5` starts a new block on one day in five; blocks longer than 10 days are 0.8¹⁰ = 10.7 % of all.

use super::day_tilt::DayTilts;
use super::drift::TRADING_DAYS;
use super::past::{self, Past, window_in_words};
use super::severity::lowest_levels;
use super::tilt::{Component, Tilted, Tilts};
use super::{FitRequest, LANES, MarketModel, ModelCard, ModelSpec, Paths, SymbolFit, Tile};
use crate::maths::random::{Key, Stream, Streams, unit, words};
use crate::model::lineage::Note;
use crate::model::part::{Absent, Bounds, Declared, Figure, Kind, Param, Part, Unit, Words};
use crate::problem::Problems;
use crate::problem::model_problem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;

/// Mean block length: a number of days, or chosen from the data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BlockDays {
    Auto,
    Days(f64),
}

/// `[market.block-bootstrap]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct BlockBootstrap {
    /// Mean block length in sessions, or "auto" (Politis–White).
    pub block_days: BlockDays,
}

impl Default for BlockBootstrap {
    fn default() -> Self {
        BlockBootstrap { block_days: BlockDays::Auto }
    }
}

impl Part for BlockBootstrap {
    const DECLARED: Declared = Declared {
        key: "block-bootstrap",
        kind: Kind::PastDays,
        what: Words("joint historical days, resampled in blocks", "历史交易日整日成块重抽样"),
        formula: "each day starts a new block with probability 1/L, at a past day drawn uniformly; else the next past day follows",
        source: "Politis and Romano (1994)",
        params: &[Param {
            key: "block-days",
            unit: Unit::Number,
            range: Bounds::within(1.0, f64::INFINITY),
            absent: Absent::Shown,
            shown: "\"auto\"",
            meaning: Words("mean length of a block in sessions; auto: by Politis and White", "区块平均长度（交易日），可按数据自动选定"),
        }],
        sentences: &[
            Words("resampled history, stationary block bootstrap", "历史重抽样（平稳区块自助法）"),
            Words("resampled history, blocks of {block-days} sessions on average", "历史重抽样（平均区块 {block-days} 个交易日）"),
        ],
        figures: &[
            Figure { name: "mean_block_days", words: Words("Mean block length, sessions", "平均区块长度（交易日）") },
            past::WINDOW_DAYS,
        ],
    };

    fn sentence(&self) -> usize {
        usize::from(self.block_days != BlockDays::Auto)
    }
}

/// Fewer days than this say nothing of dependence; the automatic length is then 1.
const MIN_DAYS_FOR_AUTO: usize = 20;

impl ModelSpec for BlockBootstrap {
    fn name(&self) -> Words {
        Words("block bootstrap", "区块自助法")
    }

    fn fit(&self, request: &FitRequest<'_>) -> Result<Box<dyn MarketModel>, Problems> {
        if request.window.is_empty() || request.symbols.is_empty() {
            return Err(model_problem(
                "market.block-bootstrap",
                format!("{} days and {} symbols to draw from", request.window.len(), request.symbols.len()),
                "a bootstrap draws from past days",
                "widen [estimation], or move as-of to a day inside the history",
            )
            .into());
        }
        let mut past = Past::of(request, request.window.clone());
        past.bind_to_limits_now(request, request.window.clone());
        let window = window_in_words(request, &request.window);
        let mut notes = vec![Note::new(format!("drawn from {}", window.en), format!("抽取自{}", window.zh))];
        if past.days == 1 {
            notes.push(Note::new("the window holds one day: every simulated day is that day", "窗口仅含一日：每个模拟日均为该日"));
        }
        notes.extend(past.note_on_missing());
        let mean_block = match self.block_days {
            BlockDays::Days(days) => days,
            BlockDays::Auto => automatic(&past.market_returns(), &mut notes),
        };
        if let Some(target) = request.drift.of_session(TRADING_DAYS) {
            past.set_drift(target, &|_| 1.0);
        }
        Ok(Box::new(Fitted { past, mean_block, notes }))
    }
}

/// The automatic length for the market return, with a note on what it rests on.
fn automatic(market: &[f64], notes: &mut Vec<Note>) -> f64 {
    if market.len() < MIN_DAYS_FOR_AUTO {
        let days = market.len();
        notes.push(Note::new(
            format!("{days} days are too few to choose a block length: blocks of one day"),
            format!("{days} 日不足以选定区块长度：区块为一日"),
        ));
        return 1.0;
    }
    let sizes: Vec<f64> = market.iter().map(|r| r.abs()).collect();
    let length = politis_white(market);
    let clusters = politis_white(&sizes);
    notes.push(Note::new(
        format!(
            "block length by Politis-White on the equal-weight return: {length:.2} sessions (on its absolute value, which tells volatility clusters: {clusters:.2})"
        ),
        format!("区块长度按等权收益率的 Politis-White 方法选定：{length:.2} 个交易日（按其绝对值，即波动聚集，为 {clusters:.2}）"),
    ));
    length
}

/// The optimal mean block length of the stationary bootstrap for the mean of a series, at least 1.
///
/// The same choices as the R package np and the Python package arch: K = max(5, ⌊log₁₀ n⌋) autocorrelations in a row
/// inside ±2 √(log₁₀ n / n) end the dependence, M is twice the lag before them, and L is at most min(3 √n, n / 3).
pub fn politis_white(series: &[f64]) -> f64 {
    let n = series.len();
    let count = n as f64;
    let mean = series.iter().sum::<f64>() / count;
    let centred: Vec<f64> = series.iter().map(|x| x - mean).collect();
    let log_n = libm::log10(count);
    let run = (log_n as usize).max(5);
    let max_lag = (count.sqrt().ceil() as usize + run).min(n - 1);
    let bound = 2.0 * (log_n / count).sqrt();
    let product = |lag: usize| centred[lag..].iter().zip(&centred[..n - lag]).map(|(a, b)| a * b).sum::<f64>();
    let squares = |part: &[f64]| part.iter().map(|x| x * x).sum::<f64>();
    let covariances: Vec<f64> = (0..=max_lag).map(|lag| product(lag) / count).collect();
    if covariances[0] <= 0.0 {
        return 1.0;
    }
    // lag k is scaled by the norms of the two pieces that meet, one day shorter each
    let insignificant = |lag: usize| {
        let (head, tail) = (squares(&centred[lag + 1..]), squares(&centred[..n - lag - 1]));
        (covariances[lag] * count).abs() < bound * (head * tail).sqrt()
    };
    let quiet: Vec<bool> = (0..=max_lag.min(n.saturating_sub(2))).map(insignificant).collect();
    let before = quiet.windows(run).position(|w| w.iter().all(|q| *q));
    let lags = before.map_or(max_lag, |lag| 2 * lag.max(1)).min(max_lag);
    let (mut slope, mut spectrum) = (0.0, covariances[0]);
    for (k, covariance) in covariances.iter().enumerate().take(lags + 1).skip(1) {
        let share = k as f64 / lags as f64;
        let weight = if share <= 0.5 { 1.0 } else { 2.0 * (1.0 - share) };
        slope += 2.0 * weight * k as f64 * covariance;
        spectrum += 2.0 * weight * covariance;
    }
    let most = (3.0 * count.sqrt()).min(count / 3.0).ceil();
    let length = libm::cbrt(2.0 * slope * slope / (2.0 * spectrum * spectrum)) * libm::cbrt(count);
    // a spectrum of zero gives no finite length: the dependence is then as long as it may be
    if length.is_finite() { length.clamp(1.0, most.max(1.0)) } else { most.max(1.0) }
}

struct Fitted {
    past: Past,
    mean_block: f64,
    notes: Vec<Note>,
}

impl Fitted {
    /// Moves every lane to its past day of simulated day `day`, to one of `start` at a uniform where a block starts; tells where one does.
    fn step(
        &self,
        (key, paths, day): (Key, &Paths, usize),
        days: &mut [usize; LANES],
        start: impl Fn(usize, f64) -> usize,
    ) -> [bool; LANES] {
        let mut started = [false; LANES];
        let mut w = [[0; LANES]; 4];
        words(key, paths, day as u32, &mut w);
        let long = |low: u32, high: u32| u64::from(low) | (u64::from(high) << 32);
        for (lane, past_day) in days.iter_mut().enumerate() {
            started[lane] = day == 0 || unit(long(w[0][lane], w[1][lane])) * self.mean_block < 1.0;
            *past_day = if started[lane] {
                start(lane, unit(long(w[2][lane], w[3][lane])))
            } else {
                let next = *past_day + 1;
                if next == self.past.days { 0 } else { next }
            };
        }
        started
    }

    /// The past day at a uniform, all alike.
    #[inline(always)]
    fn any(&self, u: f64) -> usize {
        ((u * self.past.days as f64) as usize).min(self.past.days - 1)
    }
}

/// The bootstrap with its tilts: of the days on which blocks start.
struct TiltedBlocks {
    model: Arc<Fitted>,
    starts: DayTilts,
}

impl Tilted for TiltedBlocks {
    fn fill(&self, tile: &mut Tile<'_>, streams: &Streams, tilts: &mut Tilts<'_>) {
        let key = streams.key(Stream::Market, 0);
        let mut days = [0; LANES];
        // of each session on which a block starts its first day
        let mut started: Vec<Option<usize>> = Vec::with_capacity(tilts.of.len());
        for (day, of) in tilts.of.chunks_exact(LANES).enumerate() {
            let start = |lane: usize, u: f64| match of[lane] {
                0 => self.model.any(u),
                component => self.starts.place(component, u),
            };
            let starts = self.model.step((key, &tile.paths, day), &mut days, start);
            started.extend(starts.iter().zip(days).map(|(starts, day)| starts.then_some(day)));
            self.model.past.gather(tile, day, &days);
        }
        tilts.note(|component, cell| started[cell].map_or(0.0, |day| self.starts.log_ratio(component, day)));
    }
}

impl MarketModel for Fitted {
    fn fill(&self, tile: &mut Tile<'_>, streams: &Streams) {
        assert_eq!(tile.symbols, self.past.symbols, "the tile's symbols are not the fitted ones");
        let key = streams.key(Stream::Market, 0);
        let mut days = [0; LANES];
        for day in 0..tile.days {
            self.step((key, &tile.paths, day), &mut days, |_, u| self.any(u));
            self.past.gather(tile, day, &days);
        }
    }

    fn tilted(self: Arc<Self>, exposures: &[Vec<f64>], components: &[Component]) -> Option<Arc<dyn Tilted>> {
        let ahead = (self.mean_block + 0.5) as usize;
        let falls = exposures.iter().map(|exposure| self.past.falls(exposure, ahead.clamp(1, self.past.days)));
        // fewer blocks than sessions move a window: each by more
        let starts = DayTilts::new(falls, components, self.mean_block);
        Some(Arc::new(TiltedBlocks { model: self, starts }))
    }

    fn severity(&self, paths: Range<u64>, days: usize, streams: &Streams) -> Option<Vec<f64>> {
        let key = streams.key(Stream::Market, 0);
        Some(lowest_levels(paths, days, |paths, moves| {
            let mut drawn = [0; LANES];
            for (day, moved) in moves.iter_mut().enumerate() {
                self.step((key, paths, day), &mut drawn, |_, u| self.any(u));
                *moved = self.past.moves(&drawn);
            }
        }))
    }

    fn is_deterministic(&self) -> bool {
        self.past.days == 1
    }

    fn log_growth(&self, symbol: usize, power: f64, days: usize) -> Vec<f64> {
        vec![self.past.log_growth(symbol, power, &|_| 1.0); days]
    }

    fn symbol_fit(&self, _symbol: usize, log_returns: &[f64], fitted: usize) -> SymbolFit {
        SymbolFit { draws_residuals: true, ..SymbolFit::of_past(log_returns, fitted) }
    }

    fn card(&self) -> ModelCard {
        ModelCard {
            model: "block-bootstrap".into(),
            parameters: vec![("mean_block_days".into(), self.mean_block, None), ("window_days".into(), self.past.days as f64, None)],
            notes: self.notes.clone(),
        }
    }
}

impl Serialize for BlockDays {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            BlockDays::Auto => serializer.serialize_str("auto"),
            BlockDays::Days(days) => serializer.serialize_f64(*days),
        }
    }
}

impl<'de> Deserialize<'de> for BlockDays {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = BlockDays;
            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("\"auto\" or a mean block length in sessions")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<BlockDays, E> {
                if text == "auto" { Ok(BlockDays::Auto) } else { Err(E::invalid_value(serde::de::Unexpected::Str(text), &self)) }
            }
            fn visit_f64<E: serde::de::Error>(self, days: f64) -> Result<BlockDays, E> {
                Ok(BlockDays::Days(days))
            }
            fn visit_i64<E: serde::de::Error>(self, days: i64) -> Result<BlockDays, E> {
                self.visit_f64(days as f64)
            }
            fn visit_u64<E: serde::de::Error>(self, days: u64) -> Result<BlockDays, E> {
                self.visit_f64(days as f64)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for BlockDays {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "BlockDays".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "anyOf": [{ "const": "auto" }, { "type": "number" }] })
    }
}

#[cfg(test)]
mod tests {
    use super::super::toy;
    use super::*;

    #[test]
    fn each_simulated_day_is_one_past_day_for_all_symbols() {
        let market = toy::market(5, 40);
        let symbols = [0, 1, 3, 4];
        let model = BlockBootstrap { block_days: BlockDays::Days(4.0) }.fit(&toy::request(&market, &symbols, 12)).expect("fits");
        let mut buffer = toy::Buffer::new(12, 4);
        model.fill(&mut buffer.tile(160), &Streams::new(9));
        for day in 0..12 {
            for lane in 0..LANES {
                let of = |k: usize| (day * 4 + k) * LANES + lane;
                let past = (buffer.simple_return[of(0)] * 1e4).round() as usize - 1;
                for (k, symbol) in symbols.iter().enumerate() {
                    assert_eq!(buffer.simple_return[of(k)], market.history.row(past)[*symbol]);
                    assert_eq!(buffer.state[of(k)], market.history.flag_row(past)[*symbol]);
                    assert_eq!(buffer.volume[of(k)], 1.0);
                }
            }
        }
    }

    #[test]
    fn the_automatic_length_is_that_of_the_published_programs() {
        // reference figures: Python package arch 8.0.0, optimal_block_length(x).stationary, on these very series
        let noise: Vec<f64> = (0..1000).map(|k| Key([1, 1]).uniform(k, 0) - 0.5).collect();
        for (persistence, length) in [(0.3, 9.423320115374727), (0.7, 22.400497024248267)] {
            let mut series = vec![0.0; 1000];
            for k in 1..1000 {
                series[k] = persistence * series[k - 1] + noise[k];
            }
            assert!((politis_white(&series) - length).abs() < 1e-9, "{}", politis_white(&series));
        }
        // theirs of the noise itself is 0.73: no block is shorter than a day
        assert_eq!(politis_white(&noise), 1.0);
    }

    #[test]
    fn degenerate_windows_fall_back_or_are_named() {
        let constant = toy::with_returns(2, 50, |_, _| 0.0);
        let card = BlockBootstrap::default().fit(&toy::request(&constant, &[0, 1], 3)).expect("fits").card();
        assert_eq!(card.parameters[0].1, 1.0);
        let one = toy::market(1, 1);
        let model = BlockBootstrap::default().fit(&toy::request(&one, &[0], 3)).expect("one day is drawn again and again");
        assert!(model.is_deterministic());
        let empty = FitRequest { window: 0..0, ..toy::request(&one, &[0], 3) };
        assert!(BlockBootstrap::default().fit(&empty).is_err());
    }
}
