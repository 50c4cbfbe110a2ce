//! Lets the price stand still on one session: a shock of the tests, which shows that a further one is a file and a line.

use super::{HorizonDay, Known, ON, Stress, Target};
use crate::model::market::{LANES, Tile};
use crate::model::part::{Absent, Bounds, Declared, Kind, Param, Part, Unit, Words};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `{ example = { day = 1, share = "50%" } }`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Example {
    pub day: HorizonDay,
    pub share: f64,
    #[serde(default)]
    pub on: Target,
}

impl Part for Example {
    const DECLARED: Declared = Declared {
        key: "example",
        kind: Kind::Shock,
        what: Words("a session's move damped", "某一交易日变动减弱"),
        formula: "r' = share · r",
        source: "",
        params: &[
            Param {
                key: "day",
                unit: Unit::Session,
                range: Bounds::ANY,
                absent: Absent::Required,
                shown: "1",
                meaning: Words("session", "交易日"),
            },
            Param {
                key: "share",
                unit: Unit::Number,
                range: Bounds::within(0.0, 1.0),
                absent: Absent::Required,
                shown: "0.5",
                meaning: Words("what is left of the move", "变动保留的比例"),
            },
            ON,
        ],
        sentences: &[Words("{when}: {share} of the move of {on}", "{when}：{on}变动的 {share}")],
        figures: &[],
    };
}

impl Stress for Example {
    fn on(&self) -> &Target {
        &self.on
    }

    fn lay(&self, tile: &mut Tile<'_>, known: &Known) {
        for symbol in (0..tile.symbols).filter(|symbol| known.hits[*symbol]) {
            let at = tile.at(self.day as usize - 1, symbol);
            (at..at + LANES).for_each(|cell| tile.replace(cell, self.share * tile.simple_return[cell]));
        }
    }
}
