//! Sells ahead of the line: the nearer the leverage limit in daily volatilities, the more of the holdings each session.
//!
//! Distance to the line is the fall of the holdings that brings leverage L to the limit L̄, in daily volatilities:
//! `x = (L̄ − L)/(L·(L̄ − 1))`, `DMC = x/σ`; with the ratio R and the line m it is `x = 1 − m/R`. The share of the holdings
//! sold in a session rises from 0 at the threshold to `intensity` at the line: `intensity · (1 − DMC/threshold)⁺`.
//! Source: Bian, He, Shue and Zhou (domain notes §3.4) find that selling rises as DMC falls below 3; the straight line and
//! the size are assumptions. σ is the value-weighted mean of the holdings' daily volatilities: as if they fell together.
//! Worked: σ = 3 %, L̄ = 1.3/0.3 = 4.333, L = 3 → x = 13.33 %, DMC = 4.44; L = 4 → 0.83, and a tenth at the line is 7.2 %.

use crate::model::part::rule::Rule;
use crate::model::part::{Bounds, Declared, Kind, Param, Part, Unit, Words};
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[clients.pre-emptive]`
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct PreEmptive {
    /// Distance to the line, in daily volatilities of the holdings, below which the client sells.
    pub threshold: f64,
    /// Share of the holdings sold in a session at the line itself.
    pub intensity: Ratio,
}

impl Default for PreEmptive {
    fn default() -> Self {
        PreEmptive { threshold: 3.0, intensity: Ratio::from_fraction(0.1) }
    }
}

impl Part for PreEmptive {
    const DECLARED: Declared = Declared {
        key: "pre-emptive",
        kind: Kind::Rule,
        what: Words("clients who sell before they are called", "追保前主动减仓的客户"),
        formula: "intensity·(1 − DMC/threshold)⁺, DMC = (1 − m/R)/σ",
        source: "Bian, He, Shue and Zhou (2018)",
        params: &[
            Param::shown(
                "threshold",
                Unit::Number,
                Bounds::within(0.1, 100.0),
                "3.0",
                Words(
                    "distance to the line, in daily volatilities of the holdings, from which on a client sells",
                    "开始减仓的距线距离，以持仓日波动率计",
                ),
            ),
            Param::shown(
                "intensity",
                Unit::Percent,
                Bounds::SHARE,
                "\"10%\"",
                Words("share of the holdings sold in a session at the line itself", "到线时每个交易日减仓比例"),
            ),
        ],
        sentences: &[Words(
            "from {threshold} daily volatilities above it, {intensity} of holdings a session at the line",
            "距线 {threshold} 倍日波动率起，到线时每个交易日减仓 {intensity}",
        )],
        figures: &[],
    };
}

impl Rule for PreEmptive {
    const TITLE: Words = Words("Clients sell ahead of their line", "客户线前主动减仓");

    fn assumed(&self, _depths: bool) -> Option<Words> {
        const ASSUMED: Words = Words(
            "Clients sell a share of their holdings each session as the distance to their line shrinks; where they start follows the literature, how much they sell is assumed.",
            "客户距平仓线越近，每个交易日减仓越多；起点依文献，力度为假设。",
        );
        Some(ASSUMED)
    }
}

/// Distance to the line in daily volatilities, `(1 − m/R)/σ`; infinite without volatility.
pub fn distance(ratio: f64, line: f64, volatility_daily: f64) -> f64 {
    let fall = 1.0 - line / ratio;
    if volatility_daily > 0.0 {
        fall / volatility_daily
    } else if fall > 0.0 {
        f64::INFINITY
    } else {
        f64::NEG_INFINITY
    }
}

impl PreEmptive {
    /// The ratio below which an account starts to sell: `m / (1 − threshold·σ)`; infinite where every ratio is near.
    pub fn starts_below(&self, line: f64, volatility_daily: f64) -> f64 {
        let room = 1.0 - self.threshold * volatility_daily;
        if room > 0.0 { line / room } else { f64::INFINITY }
    }

    /// The share of the holdings sold in a session.
    pub fn share(&self, ratio: f64, line: f64, volatility_daily: f64) -> f64 {
        let nearness = 1.0 - distance(ratio, line, volatility_daily) / self.threshold;
        self.intensity.get() * nearness.clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ratio of a leverage.
    fn ratio(leverage: f64) -> f64 {
        leverage / (leverage - 1.0)
    }

    #[test]
    fn the_distances_of_the_notes_come_out() {
        // limit leverage, leverage, distance at a daily volatility of 3 %
        let brokerage = 1.3 / 0.3;
        for (limit, leverage, expected) in
            [(brokerage, 2.0, 11.67), (brokerage, 3.0, 4.44), (brokerage, 4.0, 0.83), (11.0, 6.0, 2.78), (11.0, 8.0, 1.25)]
        {
            let found = distance(ratio(leverage), ratio(limit), 0.03);
            assert!((found - expected).abs() < 0.005, "{limit}, {leverage}: {found}");
            let leveraged = (limit - leverage) / (leverage * (limit - 1.0)) / 0.03;
            assert!((found - leveraged).abs() < 1e-12);
        }
    }

    #[test]
    fn sales_rise_from_the_threshold_to_the_line() {
        let rule = PreEmptive::default();
        let start = rule.starts_below(1.3, 0.03);
        assert!((distance(start, 1.3, 0.03) - 3.0).abs() < 1e-12);
        assert_eq!(rule.share(start * 1.01, 1.3, 0.03), 0.0);
        assert!((rule.share(ratio(4.0), 1.3, 0.03) - 0.1 * (1.0 - 0.025 / 0.09)).abs() < 1e-12);
        assert_eq!((rule.share(1.3, 1.3, 0.03), rule.share(1.1, 1.3, 0.03)), (0.1, 0.1));
        assert_eq!(rule.starts_below(1.3, 0.5), f64::INFINITY);
        assert_eq!((rule.share(1.4, 1.3, 0.0), rule.share(1.2, 1.3, 0.0)), (0.0, 0.1));
    }
}
