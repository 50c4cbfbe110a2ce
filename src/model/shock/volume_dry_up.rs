//! Scales the session's volume: `v' = multiple · v`, relative to each name's average.
//!
//! What thins is what forced sales are measured against: a participation cap lets less through, and a sale of the same
//! size has more price impact. Returns stay as they are; without a cap and without feedback nothing reads volume.
//!
//! Worked number: at a cap of 20 % of a turnover of 10 million, a multiple of 25 % lets 0.5 million through in a session
//! in place of 2 million, and by the square-root law doubles the impact of a sale.

use super::{FIRST_DAY, HorizonDay, Known, LAST_DAY, ON, Stress, Target, one, span};
use crate::model::market::{LANES, Tile};
use crate::model::part::{Absent, Bounds, Declared, Kind, Param, Part, Unit, Words};
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `{ volume-dry-up = { multiple = "30%", on = "all" } }`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct VolumeDryUp {
    /// What is left of a session's volume; above 0.
    pub multiple: Ratio,
    /// The first day of the horizon it holds on, from 1.
    #[serde(default = "one")]
    pub first_day: HorizonDay,
    /// The last day, or the whole horizon when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_day: Option<HorizonDay>,
    #[serde(default)]
    pub on: Target,
}

impl Part for VolumeDryUp {
    const DECLARED: Declared = Declared {
        key: "volume-dry-up",
        kind: Kind::Shock,
        what: Words("turnover falls: sales have more impact, caps allow less", "成交额萎缩"),
        formula: "v' = multiple · v, relative to each name's average",
        source: "",
        params: &[
            Param {
                key: "multiple",
                unit: Unit::Percent,
                range: Bounds::above(0.0, 100.0),
                absent: Absent::Required,
                shown: "\"30%\"",
                meaning: Words("what is left of a session's turnover; without any trading it is a suspension", "成交额剩余比例"),
            },
            FIRST_DAY,
            LAST_DAY,
            ON,
        ],
        sentences: &[Words("{when}: turnover of {on} falls to {multiple}", "{when}：{on}的成交额降至 {multiple}")],
        figures: &[],
    };
}

impl Stress for VolumeDryUp {
    fn on(&self) -> &Target {
        &self.on
    }

    fn size(&self) -> Option<(&'static str, f64)> {
        Some(("multiple", 1.0))
    }

    fn lay(&self, tile: &mut Tile<'_>, known: &Known) {
        self.apply(tile, &known.hits);
    }
}

impl VolumeDryUp {
    pub fn apply(&self, tile: &mut Tile<'_>, hits: &[bool]) {
        // no rule of the scenario reads volume
        if tile.volume.is_empty() {
            return;
        }
        let multiple = self.multiple.get() as f32;
        for day in span(self.first_day, self.last_day, tile.days) {
            for (symbol, _) in hits.iter().enumerate().filter(|(_, hit)| **hit) {
                let at = tile.at(day, symbol);
                tile.volume[at..at + LANES].iter_mut().for_each(|volume| *volume *= multiple);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::market::toy;
    use super::*;

    #[test]
    fn volume_thins_on_the_days_and_names_hit() {
        let mut buffer = toy::Buffer::new(4, 2);
        buffer.volume.fill(2.0);
        let shock = VolumeDryUp { multiple: Ratio::from_fraction(0.25), first_day: 2, last_day: Some(3), on: Target::All };
        shock.apply(&mut buffer.tile(0), &[false, true]);
        for (cell, volume) in buffer.volume.iter().enumerate() {
            let (day, symbol) = (cell / LANES / 2, cell / LANES % 2);
            assert_eq!(*volume, if symbol == 1 && (1..3).contains(&day) { 0.5 } else { 2.0 });
        }
        buffer.volume.clear();
        shock.apply(&mut buffer.tile(0), &[false, true]);
    }
}
