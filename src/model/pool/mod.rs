//! States the funding pool: tiers, who loses first, and what recourse brings back.

use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub mod waterfall;

/// `[pool]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Pool {
    /// Tiers in the order they bear losses; the first is the most junior. Tiers of the funding file not named here follow in reverse order of name.
    pub loss_order: Vec<String>,
    /// Capital by tier, where it is not the sum of the funding file's amounts.
    pub capital: BTreeMap<String, f64>,
    /// Share of a shortfall recovered from the client.
    pub recourse: Ratio,
}

impl Default for Pool {
    fn default() -> Self {
        Pool { loss_order: ["C", "B", "A"].map(String::from).to_vec(), capital: BTreeMap::new(), recourse: Ratio::ZERO }
    }
}
