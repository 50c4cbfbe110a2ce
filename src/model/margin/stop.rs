//! States the stops beside the lines: on one position's loss, and on an account's fall from its best.

use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[margin.stop]`: of accounts that owe money.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Stop {
    /// A position that lost this share of its cost (or of its price at the as-of date) is sold at that close.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position_loss: Option<Ratio>,
    /// An account whose own capital, less what was paid in, fell by this share from its best goes into liquidation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drawdown: Option<Ratio>,
}

impl Stop {
    /// The price below or at which a position of that cost is sold; 0 without such a stop.
    pub fn price(&self, cost: f64) -> f64 {
        self.position_loss.map_or(0.0, |loss| cost * (1.0 - loss.get()))
    }
}
