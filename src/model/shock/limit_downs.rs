//! Pins a run of days to the lower price limit, locked: nothing can be sold.

use super::{HorizonDay, Target};
use crate::model::history::flag;
use crate::model::market::{LANES, Tile};
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `{ limit-downs = { first-day = 1, days = 3, on = "all" } }`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LimitDowns {
    /// The first locked day of the horizon, from 1.
    pub first_day: HorizonDay,
    /// How many consecutive days.
    pub days: u32,
    /// The fall of a symbol that has no price limit.
    #[serde(default = "default_size")]
    pub size_without_limit: Ratio,
    #[serde(default)]
    pub on: Target,
}

fn default_size() -> Ratio {
    Ratio::from_fraction(0.10)
}

impl LimitDowns {
    /// `price_limit[day * symbols + symbol]` is the limit as a fraction, infinite where none binds.
    pub fn apply(&self, tile: &mut Tile<'_>, hits: &[bool], price_limit: &[f64]) {
        let first = (self.first_day as usize).saturating_sub(1);
        for day in first..(first + self.days as usize).min(tile.days) {
            for (symbol, _) in hits.iter().enumerate().filter(|(_, hit)| **hit) {
                let limit = price_limit[day * tile.symbols + symbol];
                let fall = if limit.is_finite() { limit } else { self.size_without_limit.get() };
                let at = tile.at(day, symbol);
                tile.simple_return[at..at + LANES].fill(-fall);
                tile.state[at..at + LANES].fill(flag::PRESENT | flag::CLOSE_DOWN | flag::LOCKED_DOWN | flag::INTRADAY);
            }
        }
    }
}
