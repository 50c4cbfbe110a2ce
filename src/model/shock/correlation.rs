//! Pulls the returns of names towards their common move, each keeping its own variance: correlation towards one.
//!
//! Formula, on standardised log returns `z = (x − m)/σ`, with the common move `c` of `moments.rs` (variance 1), the pull `w` and
//! `k = E[z c]`: `z' = ((1 − w) z + w c) / √((1 − w)² + w² + 2 w (1 − w) k)`, `x' = m + σ z'`. The divisor makes the variance of
//! `z'` exactly 1 whatever the model; at `w = 1` every name moves with `c`, at `w = 0` nothing changes. For many normal names
//! of one correlation ρ, the new one is `((1 − w)² ρ + w² + 2 w (1 − w) √ρ) / ((1 − w)² + w² + 2 w (1 − w) √ρ)`.
//!
//! Moments are the model's own, days of the stress pooled, measured with the shocks listed before it: a shock that follows
//! is laid over the result. A halted name neither moves nor counts for the common move, which is that of the names hit:
//! name them where a figure shall not change with the book.
//!
//! Worked number: ρ = 0.25 and w = 0.5 give (0.0625 + 0.25 + 0.25) / (0.25 + 0.25 + 0.25) = 0.75.

use super::moments::Moments;
use super::{FIRST_DAY, HorizonDay, Known, LAST_DAY, ON, Stress, Target, one, span};
use crate::maths::lanes;
use crate::model::history::flag;
use crate::model::market::{LANES, Tile};
use crate::model::part::{Absent, Bounds, Declared, Kind, Param, Part, Unit, Words};
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// `{ correlation = { pull = "50%", on = "all" } }`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Correlation {
    /// 0 % leaves returns as they are, at 100 % all names move as one.
    pub pull: Ratio,
    /// The first day of the horizon it holds on, from 1.
    #[serde(default = "one")]
    pub first_day: HorizonDay,
    /// The last day, or the whole horizon when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_day: Option<HorizonDay>,
    #[serde(default)]
    pub on: Target,
}

/// Deviation of the mean of standardised returns below which it is rounding noise.
const NOISE: f64 = 1e-6;

impl Part for Correlation {
    const DECLARED: Declared = Declared {
        key: "correlation",
        kind: Kind::Shock,
        what: Words("returns pulled towards their common move, each keeping its variance", "收益率向共同变动靠拢，各自方差不变"),
        formula: "z' = ((1 − w)·z + w·c)/√((1 − w)² + w² + 2·w·(1 − w)·k), variances kept",
        source: "",
        params: &[
            Param {
                key: "pull",
                unit: Unit::Percent,
                range: Bounds::within(0.0, 1.0),
                absent: Absent::Required,
                shown: "\"50%\"",
                meaning: Words("how far returns are pulled towards their common move; at 100% all move as one", "向共同变动靠拢的程度"),
            },
            FIRST_DAY,
            LAST_DAY,
            ON,
        ],
        sentences: &[Words(
            "{when}: returns of {on} pulled {pull} towards their common move, each with its own variance",
            "{when}：{on}的收益率向共同变动靠拢 {pull}，各自方差不变",
        )],
        figures: &[],
    };
}

impl Stress for Correlation {
    fn on(&self) -> &Target {
        &self.on
    }

    fn size(&self) -> Option<(&'static str, f64)> {
        Some(("pull", 0.0))
    }

    fn measures(&self, days: usize) -> Option<Range<usize>> {
        Some(span(self.first_day, self.last_day, days))
    }

    fn lay(&self, tile: &mut Tile<'_>, known: &Known) {
        self.apply(tile, &known.hits, &known.moments);
    }
}

impl Correlation {
    pub fn apply(&self, tile: &mut Tile<'_>, hits: &[bool], moments: &Moments) {
        let pull = self.pull.get();
        // names that never move together have no common move, whatever rounding leaves of it
        if pull == 0.0 || moments.common < NOISE {
            return;
        }
        let moved: Vec<usize> = (0..hits.len()).filter(|s| hits[*s] && moments.deviation[*s] > 0.0).collect();
        let mut rows = vec![0.0; moved.len() * LANES];
        for day in span(self.first_day, self.last_day, tile.days) {
            let common = standardise(tile, day, &moved, moments, &mut rows);
            for (row, &symbol) in rows.chunks_exact_mut(LANES).zip(&moved) {
                let k = moments.follow[symbol];
                let length = ((1.0 - pull) * (1.0 - pull) + pull * pull + 2.0 * pull * (1.0 - pull) * k).sqrt();
                // opposite moves of equal weight leave nothing to stretch
                if length < 1e-6 {
                    continue;
                }
                for (z, c) in row.iter_mut().zip(&common) {
                    *z = moments.mean[symbol] + moments.deviation[symbol] * (((1.0 - pull) * *z + pull * c) / length);
                }
                lanes::exp_less_one(row);
                let at = tile.at(day, symbol);
                for (lane, r) in row.iter().enumerate() {
                    if !tile.is_halted(at + lane) && tile.simple_return[at + lane] > -1.0 {
                        tile.replace(at + lane, *r);
                    }
                }
            }
        }
    }
}

/// Writes the standardised returns of a session into `rows`, and gives the common move of each lane.
fn standardise(tile: &Tile<'_>, day: usize, moved: &[usize], moments: &Moments, rows: &mut [f64]) -> [f64; LANES] {
    let (mut sum, mut names) = ([0.0; LANES], [0.0; LANES]);
    for (row, &symbol) in rows.chunks_exact_mut(LANES).zip(moved) {
        let at = tile.at(day, symbol);
        for (x, r) in row.iter_mut().zip(&tile.simple_return[at..at + LANES]) {
            *x = 1.0 + r;
        }
        lanes::ln(row);
        for lane in 0..LANES {
            row[lane] = (row[lane] - moments.mean[symbol]) / moments.deviation[symbol];
            if tile.state[at + lane] & flag::HALTED == 0 && row[lane].is_finite() {
                sum[lane] += row[lane];
                names[lane] += 1.0;
            }
        }
    }
    std::array::from_fn(|lane| if names[lane] > 0.0 { sum[lane] / names[lane] / moments.common } else { 0.0 })
}
