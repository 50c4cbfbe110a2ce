//! Moves the price by the square-root law: `I = Y·σ·√(Q/V)`.
//!
//! Source: the square-root law of market impact, Y between 0.5 and 1 (domain notes §4). A sale worked evenly through the
//! session pays two thirds of the final impact on average: the mean of √u over [0, 1].
//! Worked: Y = 1, σ = 2 %, Q/V = 10 % → 63.2 bp.

use super::{Effect, Law, Sale};
use crate::model::part::{Absent, Bounds, Declared, Kind, Param, Part, Unit, Words};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[feedback.impact.square-root]`
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct SquareRoot {
    /// Y: impact in daily volatilities when a whole day's turnover is sold.
    pub coefficient: f64,
    /// Share of the impact that stays on the price after the session (and then fades).
    pub lasting_share: f64,
}

impl Default for SquareRoot {
    fn default() -> Self {
        // the last trade of a metaorder stands at the full impact; two thirds of it outlive the order
        SquareRoot { coefficient: 1.0, lasting_share: 2.0 / 3.0 }
    }
}

impl Part for SquareRoot {
    const DECLARED: Declared = Declared {
        key: "square-root",
        kind: Kind::Impact,
        what: Words("the square-root law of market impact", "市场冲击的平方根法则"),
        formula: "slippage ⅔·Y·σ·√x, lasting impact lasting-share·Y·σ·√x",
        source: "",
        params: &[
            Param {
                key: "coefficient",
                unit: Unit::Number,
                range: Bounds::within(0.0, 100.0),
                absent: Absent::Shown,
                shown: "1.0",
                meaning: Words("Y: impact in daily volatilities when a whole day's turnover is sold", "卖出一日成交额的冲击，以日波动率计"),
            },
            Param {
                key: "lasting-share",
                unit: Unit::Share,
                range: Bounds::within(0.0, 1.0),
                absent: Absent::Shown,
                shown: "0.667",
                meaning: Words(
                    "share of the impact that stays on the price after the session, two thirds by default",
                    "收盘后留存的冲击比例",
                ),
            },
        ],
        sentences: &[Words(
            "square-root law: {coefficient} × the daily volatility for a day's turnover, {lasting-share} of it lasting",
            "平方根法则，卖出一日成交额冲击 {coefficient} 倍日波动率，其中 {lasting-share} 留存",
        )],
        figures: &[],
    };
}

impl SquareRoot {
    /// `Y·σ·√x`, a fraction of the price.
    pub fn impact(&self, sale: &Sale) -> f64 {
        self.coefficient * sale.volatility_daily * sale.participation.sqrt()
    }
}

impl Law for SquareRoot {
    fn effect(&self, sale: &Sale) -> Effect {
        let impact = self.impact(sale);
        Effect { slippage: 2.0 / 3.0 * impact, lasting: self.lasting_share * impact }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_law_meets_the_table() {
        for (participation, basis_points) in [(0.01, 20.0), (0.05, 44.7), (0.10, 63.2), (0.25, 100.0), (1.0, 200.0)] {
            let sale = Sale { participation, volatility_daily: 0.02, turnover_ratio: 0.0 };
            let found = SquareRoot::default().impact(&sale) * 1e4;
            assert!((found - basis_points).abs() < 0.05, "{participation}: {found}");
        }
    }
}
