//! Adds a jump to one day's return: `1 + r' = (1 + r)(1 + size)`.

use super::{HorizonDay, Move, Target};
use crate::model::market::{LANES, Tile};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `{ gap = { day = 1, size = "-10%", on = "all" } }`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Gap {
    /// The day of the horizon, from 1.
    pub day: HorizonDay,
    /// The jump, a fraction of the price; above −100 %.
    pub size: Move,
    #[serde(default)]
    pub on: Target,
}

impl Gap {
    pub fn apply(&self, tile: &mut Tile<'_>, hits: &[bool]) {
        let Some(day) = (self.day as usize).checked_sub(1).filter(|d| *d < tile.days) else { return };
        for (symbol, _) in hits.iter().enumerate().filter(|(_, hit)| **hit) {
            let at = tile.at(day, symbol);
            for r in &mut tile.simple_return[at..at + LANES] {
                *r = (1.0 + *r) * (1.0 + self.size.get()) - 1.0;
            }
            tile.forget_limits(at);
        }
    }
}
