//! Scales log returns about zero: `1 + r' = (1 + r)^multiple`.

use super::{HorizonDay, Target};
use crate::model::market::Tile;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `{ volatility = { multiple = 1.5, on = "all" } }`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Volatility {
    /// Multiple of every log return in the days named; above 0.
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

fn one() -> HorizonDay {
    1
}

impl Volatility {
    pub fn apply(&self, _tile: &mut Tile<'_>, _hits: &[bool]) {
        todo!()
    }
}
