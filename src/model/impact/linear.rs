//! Moves the price in proportion to the sale: `I = σ·(Q/V)/c`, the linear depth of fire-sale models.
//!
//! Source: market depth `D = c·V/σ`, linear impact `Q/D` (Cont and Schaanning's form; c about 0.4). An even sale pays half.
//! Worked: σ = 2 %, Q/V = 10 %, c = 0.4 → 50 bp.

use super::{Effect, Law, Sale};
use crate::model::part::{Absent, Bounds, Declared, Kind, Param, Part, Unit, Words};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[feedback.impact.linear]`
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Linear {
    /// c: depth in daily turnovers over daily volatility.
    pub depth: f64,
}

impl Default for Linear {
    fn default() -> Self {
        Linear { depth: 0.4 }
    }
}

impl Part for Linear {
    const DECLARED: Declared = Declared {
        key: "linear",
        kind: Kind::Impact,
        what: Words("linear depth, as of fire-sale models", "线性深度，见于抛售模型"),
        formula: "slippage ½·σ·x/c, lasting impact σ·x/c",
        source: "Cont and Schaanning (2017)",
        params: &[Param {
            key: "depth",
            unit: Unit::Number,
            range: Bounds::within(1e-6, 1e6),
            absent: Absent::Shown,
            shown: "0.4",
            meaning: Words("c: depth in daily turnovers over daily volatility", "以日成交额除以日波动率计的深度"),
        }],
        sentences: &[Words("linear, depth {depth}", "线性，深度系数 {depth}")],
        figures: &[],
    };
}

impl Linear {
    /// `σ·x/c`, a fraction of the price.
    pub fn impact(&self, sale: &Sale) -> f64 {
        sale.volatility_daily * sale.participation / self.depth
    }
}

impl Law for Linear {
    fn effect(&self, sale: &Sale) -> Effect {
        let impact = self.impact(sale);
        Effect { slippage: 0.5 * impact, lasting: impact }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_of_the_turnover_costs_fifty_basis_points() {
        let sale = Sale { participation: 0.10, volatility_daily: 0.02, turnover_ratio: 0.0 };
        assert!((Linear::default().impact(&sale) - 0.005).abs() < 1e-15);
    }
}
