//! Scales log returns about zero: `1 + r' = (1 + r)^multiple`.
//!
//! Worked number: a multiple of 2 turns −10 % into −19 %, and +10 % into +21 %. A return of exactly −100 % stays one.

use super::{HorizonDay, Target, one, span};
use crate::maths::lanes::power_of_return;
use crate::model::market::{LANES, Tile};
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

impl Volatility {
    pub fn apply(&self, tile: &mut Tile<'_>, hits: &[bool]) {
        // a multiple of 1 leaves every bit as it is
        if self.multiple == 1.0 {
            return;
        }
        let mut row = [0.0; LANES];
        for day in span(self.first_day, self.last_day, tile.days) {
            for (symbol, _) in hits.iter().enumerate().filter(|(_, hit)| **hit) {
                let at = tile.at(day, symbol);
                row.copy_from_slice(&tile.simple_return[at..at + LANES]);
                power_of_return(&mut row, self.multiple);
                for (lane, r) in row.iter().enumerate() {
                    if !tile.is_halted(at + lane) {
                        tile.replace(at + lane, *r);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::market::toy;
    use super::*;
    use crate::model::history::flag;

    #[test]
    fn log_returns_scale_on_the_days_named() {
        let mut buffer = toy::Buffer::new(4, 1);
        buffer.simple_return.fill(-0.10);
        buffer.state.fill(flag::PRESENT | flag::HALTED | flag::LOCKED_DOWN);
        buffer.simple_return[2 * LANES] = -1.0;
        let shock = Volatility { multiple: 2.0, first_day: 2, last_day: Some(3), on: Target::All };
        shock.apply(&mut buffer.tile(0), &[true]);
        for (cell, r) in buffer.simple_return.iter().enumerate() {
            let expected = if cell == 2 * LANES {
                -1.0
            } else if (1..3).contains(&(cell / LANES)) {
                -0.19
            } else {
                -0.10
            };
            assert!((r - expected).abs() < 1e-15, "{cell}: {r}");
            assert_eq!(buffer.state[cell] == flag::HALTED, (1..3).contains(&(cell / LANES)));
        }
    }
}
