//! Replays a dated window of the past, session by session, halts and limit locks included.

use super::{FitRequest, MarketModel};
use crate::problem::Problems;
use crate::units::Day;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[market.replay]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Replay {
    /// The first session replayed (or the next one in the history).
    pub start: Day,
}

impl Replay {
    pub fn fit(&self, _request: &FitRequest<'_>) -> Result<Box<dyn MarketModel>, Problems> {
        todo!()
    }
}
