//! Scales log returns about their mean: `1 + r' = (1 + r)^k · E[1 + r] / E[(1 + r)^k]`.
//!
//! The mean simple return of each name stays as the model has it, so that a stress of volatility is none of the drift: by the
//! powers of `MarketModel::log_growth`, exactly for laws and for past days drawn. Shocks listed before it are scaled with the
//! returns they changed. A replay is one path and has no mean: its log returns are scaled about zero. A halted name stays
//! where it is, and a return of −100 % stays one.
//!
//! Worked number: normal log returns of a daily 2 % and no drift, times 2: a log return of −10 % becomes 2 · −10 % − (4 − 2)·0.02 %
//! = −20.04 %; of a replay, a return of −10 % becomes −19 %.

use super::{FIRST_DAY, HorizonDay, Known, LAST_DAY, ON, Stress, Target, one, span};
use crate::maths::lanes::power_of_return;
use crate::model::market::{LANES, MarketModel, Tile};
use crate::model::part::{Absent, Bounds, Declared, Kind, Param, Part, Unit, Words};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `{ volatility = { multiple = 1.5, on = "all" } }`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Volatility {
    /// Multiple of every log return in the days named, about its mean; above 0.
    pub multiple: f64,
    /// The first day of the horizon it holds on, from 1.
    #[serde(default = "one")]
    pub first_day: HorizonDay,
    /// The last day, or the whole horizon when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_day: Option<HorizonDay>,
    #[serde(default)]
    pub on: Target,
}

impl Part for Volatility {
    const DECLARED: Declared = Declared {
        key: "volatility",
        kind: Kind::Shock,
        what: Words("log returns scaled about their mean, which stays", "对数收益率围绕均值缩放，均值不变"),
        formula: "1 + r' = (1 + r)^k · E[1 + r]/E[(1 + r)^k]; of a replay, (1 + r)^k",
        source: "",
        params: &[
            Param {
                key: "multiple",
                unit: Unit::Number,
                range: Bounds::above(0.0, 100.0),
                absent: Absent::Required,
                shown: "1.5",
                meaning: Words("multiple of every log return about its mean, the mean simple return kept", "对数收益率围绕均值的放大倍数"),
            },
            FIRST_DAY,
            LAST_DAY,
            ON,
        ],
        sentences: &[Words(
            "{when}: log returns of {on} times {multiple} about their mean",
            "{when}：{on}的对数收益率围绕均值放大至 {multiple} 倍",
        )],
        figures: &[],
    };
}

impl Stress for Volatility {
    fn on(&self) -> &Target {
        &self.on
    }

    fn size(&self) -> Option<(&'static str, f64)> {
        Some(("multiple", 1.0))
    }

    /// What each name's scaled growth is multiplied by on each session, `[day][symbol]`; 1 where it is not hit, NaN where its mean
    /// growth is beyond all numbers.
    ///
    /// `powers` holds what earlier stresses of volatility have raised each growth to, and takes this one in: two in a row are one of
    /// their product.
    fn centres(&self, model: &dyn MarketModel, hits: &[bool], days: usize, powers: &mut [f64]) -> Vec<f64> {
        let width = hits.len();
        let mut centres = vec![1.0; days * width];
        for (symbol, _) in hits.iter().enumerate().filter(|(_, hit)| **hit && self.multiple != 1.0) {
            let plain = model.log_growth(symbol, 1.0, days);
            let mut known: Vec<(f64, Vec<f64>)> = Vec::new();
            for day in span(self.first_day, self.last_day, days) {
                let cell = day * width + symbol;
                let (before, after) = (powers[cell], powers[cell] * self.multiple);
                let mut growth = |power: f64| match known.iter().find(|(of, _)| *of == power) {
                    Some((_, growth)) => growth[day],
                    None => {
                        known.push((power, model.log_growth(symbol, power, days)));
                        known[known.len() - 1].1[day]
                    }
                };
                let earlier = if before == 1.0 { 0.0 } else { plain[day] - growth(before) };
                let centre = libm::exp(plain[day] - growth(after) - self.multiple * earlier);
                centres[cell] = if centre > 0.0 && centre.is_finite() { centre } else { f64::NAN };
                powers[cell] = after;
            }
        }
        centres
    }

    fn lay(&self, tile: &mut Tile<'_>, known: &Known) {
        self.apply(tile, &known.hits, &known.centres);
    }
}

impl Volatility {
    pub fn apply(&self, tile: &mut Tile<'_>, hits: &[bool], centres: &[f64]) {
        // a multiple of 1 leaves every bit as it is
        if self.multiple == 1.0 {
            return;
        }
        let mut row = [0.0; LANES];
        for day in span(self.first_day, self.last_day, tile.days) {
            for (symbol, _) in hits.iter().enumerate().filter(|(_, hit)| **hit) {
                let at = tile.at(day, symbol);
                row.copy_from_slice(&tile.simple_return[at..at + LANES]);
                power_of_return(&mut row, self.multiple);
                let centre = centres[day * hits.len() + symbol];
                for (lane, r) in row.iter().enumerate() {
                    if !tile.is_halted(at + lane) {
                        tile.replace(at + lane, (1.0 + r) * centre - 1.0);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::market::toy;
    use super::*;
    use crate::model::history::flag;

    #[test]
    fn log_returns_scale_on_the_days_named() {
        let mut buffer = toy::Buffer::new(4, 1);
        buffer.simple_return.fill(-0.10);
        buffer.state.fill(flag::PRESENT | flag::CLOSE_DOWN | flag::LOCKED_DOWN);
        buffer.simple_return[2 * LANES] = -1.0;
        (buffer.simple_return[LANES], buffer.state[LANES]) = (0.0, flag::PRESENT | flag::HALTED);
        let shock = Volatility { multiple: 2.0, first_day: 2, last_day: Some(3), on: Target::All };
        shock.apply(&mut buffer.tile(0), &[true], &[1.0, 1.0, 0.9, 1.0]);
        for (cell, r) in buffer.simple_return.iter().enumerate() {
            let (expected, state) = match cell / LANES {
                _ if cell == LANES => (0.0, flag::PRESENT | flag::HALTED),
                _ if cell == 2 * LANES => (-1.0, flag::PRESENT | flag::CLOSE_DOWN | flag::LOCKED_DOWN),
                1 => (-0.19, flag::CLOSE_DOWN | flag::LOCKED_DOWN),
                2 => (0.81 * 0.9 - 1.0, flag::CLOSE_DOWN | flag::LOCKED_DOWN),
                _ => (-0.10, flag::PRESENT | flag::CLOSE_DOWN | flag::LOCKED_DOWN),
            };
            assert!((r - expected).abs() < 1e-15, "{cell}: {r}");
            assert_eq!(buffer.state[cell], state, "{cell}");
        }
    }
}
