//! Bends every path so that prices end exactly at a stated level: conditioning as of a Brownian bridge, without rejection.
//!
//! Formula, on log returns `x` of the `n` sessions of the stress, with the target `T = ln(1 + total)`:
//! each name by itself takes `x' = x + (T − Σx)/n`. The index of all names hit, `I` = the mean over names of `Σx` (an equally
//! weighted geometric index), takes `x'_s = x_s + β_s (T − I)/n` with `β_s = Cov(x_s, x̄)/Var(x̄)`, scaled to a mean of 1.
//!
//! Independent normal returns given their sum are `x − x̄ + T/n`: for the gaussian model this is the exact conditional law (the
//! correction of Matheron's rule), each day with mean `T/n`, variance `σ²(1 − 1/n)` and covariance `−σ²/n` with any other
//! day. For other models it is a shift of the same shape, not their conditional law: fat tails and clusters of volatility
//! stay where the model drew them. β is the model's own, measured as `moments.rs` says.
//!
//! The level is that of the returns, before the exchange's limits: where a limit still binds on the last session, the price
//! stands above it, and what is left is due after it. A halted session takes no part; a name halted throughout none at all.
//!
//! Worked number: returns of +1 %, −2 % and +4 % in logs sum to +3 %; pinned to ln(0.7) = −35.667 % each moves by −12.889 %.

use super::moments::Moments;
use super::{FIRST_DAY, HorizonDay, Known, LAST_DAY, MOVES, Move, ON, Stress, Target, one, span};
use crate::maths::lanes::{exp1, ln1};
use crate::model::market::{LANES, Tile};
use crate::model::part::{Absent, Bounds, Declared, Kind, Param, Part, Unit, Words};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What ends at the level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Pin {
    /// The equally weighted geometric index of the names hit.
    #[default]
    Index,
    /// Each name by itself.
    Each,
}

/// `{ pinned-path = { total = "-35%", what = "index", on = "all" } }`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PinnedPath {
    /// Where the level stands after the last session, against before the first, a fraction; above −100 %.
    pub total: Move,
    /// The index of the names hit, or each of them.
    #[serde(default)]
    pub what: Pin,
    /// The first day of the horizon it holds on, from 1.
    #[serde(default = "one")]
    pub first_day: HorizonDay,
    /// The last day, or the whole horizon when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_day: Option<HorizonDay>,
    #[serde(default)]
    pub on: Target,
}

impl Part for PinnedPath {
    const DECLARED: Declared = Declared {
        key: "pinned-path",
        kind: Kind::Shock,
        what: Words("every path bent so that prices end at a stated level", "逐路径调整，使价格终于给定水平"),
        formula: "x' = x + β·(T − I)/n in logs, I the level reached undisturbed",
        source: "",
        params: &[
            Param {
                key: "total",
                unit: Unit::Move,
                range: MOVES,
                absent: Absent::Required,
                shown: "\"-35%\"",
                meaning: Words("where the level ends, against the close before the stress", "相对冲击前收盘价的终值"),
            },
            Param {
                key: "what",
                unit: Unit::Choice(&[
                    ("index", Words("the equally weighted index of {on}", "{on}的等权指数")),
                    ("each", Words("each of {on}", "{on}各自")),
                ]),
                range: Bounds::ANY,
                absent: Absent::Shown,
                shown: "\"index\"",
                meaning: Words("what ends there: the equally weighted index of the names hit, or each of them", "等权指数，或逐一证券"),
            },
            FIRST_DAY,
            LAST_DAY,
            ON,
        ],
        sentences: &[Words("{when}: every path bent so that {what} ends at {total}", "{when}：逐路径调整，使{what}终值为 {total}")],
        figures: &[],
    };
}

impl Stress for PinnedPath {
    fn on(&self) -> &Target {
        &self.on
    }

    fn size(&self) -> Option<(&'static str, f64)> {
        Some(("total", 0.0))
    }

    fn moves(&self, days: usize) -> Option<Range<usize>> {
        Some(span(self.first_day, self.last_day, days))
    }

    fn measures(&self, days: usize) -> Option<Range<usize>> {
        (self.what == Pin::Index).then(|| span(self.first_day, self.last_day, days))
    }

    fn lay(&self, tile: &mut Tile<'_>, known: &Known) {
        self.apply(tile, &known.hits, &known.moments);
    }
}

impl PinnedPath {
    /// `moments` are those of the sessions pinned.
    pub fn apply(&self, tile: &mut Tile<'_>, hits: &[bool], moments: &Moments) {
        let days = span(self.first_day, self.last_day, tile.days);
        let target = libm::log1p(self.total.get());
        let names: Vec<usize> = (0..hits.len()).filter(|s| hits[*s]).collect();
        let betas = match self.what {
            Pin::Index => index_betas(moments, &names),
            Pin::Each => vec![1.0; names.len()],
        };
        for lane in 0..LANES {
            let paths: Vec<(f64, f64)> = names.iter().map(|s| sum(tile, days.clone(), *s, lane)).collect();
            let gap = |path: &(f64, f64)| if path.1 > 0.0 { target - path.0 } else { 0.0 };
            let index = match self.what {
                Pin::Each => None,
                Pin::Index => index_shift(target, &paths, &betas),
            };
            for ((&symbol, path), beta) in names.iter().zip(&paths).zip(&betas) {
                let shift = match self.what {
                    Pin::Each => gap(path),
                    Pin::Index => index.unwrap_or(0.0) * beta,
                };
                if path.1 > 0.0 && shift != 0.0 {
                    bend(tile, days.clone(), symbol, lane, exp1(shift / path.1));
                }
            }
        }
    }
}

/// The log return of a name over the sessions it trades, and their number.
fn sum(tile: &Tile<'_>, days: std::ops::Range<usize>, symbol: usize, lane: usize) -> (f64, f64) {
    days.map(|day| tile.at(day, symbol) + lane)
        .filter(|at| trades(tile, *at))
        .fold((0.0, 0.0), |(sum, sessions), at| (sum + ln1(1.0 + tile.simple_return[at]), sessions + 1.0))
}

/// A worthless name stays worthless whatever it is multiplied by, and counts for nothing.
fn trades(tile: &Tile<'_>, at: usize) -> bool {
    !tile.is_halted(at) && tile.simple_return[at] > -1.0
}

/// Multiplies the growth of every session traded.
fn bend(tile: &mut Tile<'_>, days: std::ops::Range<usize>, symbol: usize, lane: usize, factor: f64) {
    for day in days {
        let at = tile.at(day, symbol) + lane;
        if trades(tile, at) {
            tile.grow(at, factor);
        }
    }
}

/// What one unit of β must add to the log return of the whole stress for the index to end at the target.
///
/// A halted name moves by nothing and still counts in the index.
fn index_shift(target: f64, paths: &[(f64, f64)], betas: &[f64]) -> Option<f64> {
    let n = paths.len() as f64;
    let index = paths.iter().fold(0.0, |sum, path| sum + path.0) / n;
    let weight = paths.iter().zip(betas).filter(|(path, _)| path.1 > 0.0).fold(0.0, |sum, (_, beta)| sum + beta) / n;
    (weight.abs() > 1e-9).then(|| (target - index) / weight)
}

/// Share of the names' own variances below which the variance of their sum is rounding noise.
const NOISE: f64 = 1e-9;

/// How each name follows the mean of all, scaled to a mean of 1; 1 each where nothing moves.
fn index_betas(moments: &Moments, names: &[usize]) -> Vec<f64> {
    let mut betas: Vec<f64> = names.iter().map(|s| moments.with_index[*s]).collect();
    let mean = betas.iter().fold(0.0, |sum, b| sum + b) / betas.len().max(1) as f64;
    // an index that stands still (an earlier pin holds it) leaves rounding noise, which tells nothing
    let own = names.iter().fold(0.0, |sum, s| sum + moments.deviation.get(*s).map_or(0.0, |d| d * d));
    if mean * betas.len() as f64 > NOISE * own && mean > 0.0 {
        betas.iter_mut().for_each(|beta| *beta /= mean);
    } else {
        betas.fill(1.0);
    }
    betas
}
