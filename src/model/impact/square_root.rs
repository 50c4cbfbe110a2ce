//! Moves the price by the square-root law: `I = Y·σ·√(Q/V)`.
//!
//! Source: the square-root law of market impact, Y between 0.5 and 1 (domain notes §4). A sale worked evenly through the
//! session pays two thirds of the final impact on average: the mean of √u over [0, 1].
//! Worked: Y = 1, σ = 2 %, Q/V = 10 % → 63.2 bp.

use super::{Effect, Sale};
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

impl SquareRoot {
    /// `Y·σ·√x`, a fraction of the price.
    pub fn impact(&self, sale: &Sale) -> f64 {
        self.coefficient * sale.volatility_daily * sale.participation.sqrt()
    }

    pub fn effect(&self, sale: &Sale) -> Effect {
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
