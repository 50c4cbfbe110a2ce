//! States the leverage template: how much leverage is allowed in calm and in stress, and for holdings that sell slowly.
//!
//! Between calm and full stress (0 to 1, see the engine's weather) the leverage allowed falls evenly,
//!
//! ```text
//! L = 1 + ((calm − 1) + (stress − calm)·s)·liquidity
//! ```
//!
//! where liquidity is the share of an account's holdings that `liquid-days` sessions could take at `participation` of
//! average turnover. An account above L stands below the ratio L/(L − 1); with `enforce` it is sold down to it.
//!
//! Worked: calm 3, stress 1.5: at s = 0.5 L = 2.25, a ratio of 180 %; with half of the holdings liquid 1.625, 260 %.

use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[margin.template]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Template {
    /// Leverage allowed at no stress and full liquidity.
    pub calm_leverage: f64,
    /// Leverage allowed at full stress.
    pub stress_leverage: f64,
    /// Sessions in which holdings count as liquid.
    pub liquid_days: u32,
    /// Share of a symbol's average turnover that a sale may take in a session.
    pub participation: Ratio,
    /// True when an account above what is allowed is sold down at the close.
    pub enforce: bool,
}

impl Default for Template {
    fn default() -> Self {
        Template { calm_leverage: 3.0, stress_leverage: 1.5, liquid_days: 5, participation: Ratio::from_fraction(0.2), enforce: false }
    }
}

impl Template {
    /// Leverage allowed at a stress, over full liquidity.
    pub fn leverage(&self, stress: f64) -> f64 {
        self.calm_leverage + (self.stress_leverage - self.calm_leverage) * stress
    }

    /// Excess over the debt that the template asks for at a stress: 1/(L − 1), over full liquidity.
    pub fn excess(&self, stress: f64) -> f64 {
        1.0 / (self.leverage(stress) - 1.0)
    }

    /// Liquidity of holdings, `(market value, average turnover)` each: the share that can be sold in time; 1 for nothing held.
    ///
    /// Where a turnover is unknown (0) the holding counts as liquid.
    pub fn liquidity(&self, holdings: impl Iterator<Item = (f64, f64)>) -> f64 {
        let (mut value, mut liquid) = (0.0, 0.0);
        for (held, turnover) in holdings {
            let room = turnover * self.participation.get() * f64::from(self.liquid_days);
            value += held;
            liquid += if turnover > 0.0 { held.min(room) } else { held };
        }
        if value > 0.0 { liquid / value } else { 1.0 }
    }
}

/// Least liquidity a template counts: below it leverage is taken as gone, not as a division by nothing.
pub const LEAST_LIQUIDITY: f64 = 0.01;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leverage_falls_with_stress_and_with_holdings_that_sell_slowly() {
        let template = Template::default();
        assert_eq!((template.leverage(0.0), template.leverage(0.5), template.leverage(1.0)), (3.0, 2.25, 1.5));
        assert!((1.0 + template.excess(0.5) - 1.8).abs() < 1e-12);
        assert!((1.0 + template.excess(0.5) / 0.5 - 2.6).abs() < 1e-12);
        // 10 of turnover sells 10 in five sessions at 20 %
        assert_eq!(template.liquidity([(10.0, 10.0), (10.0, 0.0), (20.0, 5.0)].into_iter()), 0.625);
        assert_eq!(template.liquidity([].into_iter()), 1.0);
    }
}
