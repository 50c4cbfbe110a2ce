//! States what happens to an account below its limit line.

use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the limit line does beside stopping purchases.
#[derive(Clone, Copy, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LimitAction {
    /// The account may not buy, and keeps what it holds.
    #[default]
    NoPurchases,
    /// The account is sold down at the same close until its ratio is back here.
    ReduceTo(Ratio),
    /// The same, down to this leverage (exposure over own capital).
    CapLeverage(f64),
}

impl LimitAction {
    /// The ratio a reduction restores; 0 where none is made. A leverage L stands at L/(L − 1).
    pub fn target(self) -> f64 {
        match self {
            LimitAction::NoPurchases => 0.0,
            LimitAction::ReduceTo(ratio) => ratio.get(),
            LimitAction::CapLeverage(leverage) => super::distance::opening_ratio(leverage),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leverage_is_a_ratio() {
        assert_eq!(LimitAction::NoPurchases.target(), 0.0);
        assert_eq!(LimitAction::ReduceTo(Ratio::from_fraction(1.5)).target(), 1.5);
        assert_eq!(LimitAction::CapLeverage(3.0).target(), 1.5);
    }
}
