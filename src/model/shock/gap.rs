//! Adds a jump to one day's return: `1 + r' = (1 + r)(1 + size)`.

use super::{HorizonDay, Known, MOVES, Move, ON, Stress, Target, span};
use crate::model::market::{LANES, Tile};
use crate::model::part::{Absent, Bounds, Declared, Kind, Param, Part, Unit, Words};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::Range;

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

impl Part for Gap {
    const DECLARED: Declared = Declared {
        key: "gap",
        kind: Kind::Shock,
        what: Words("a jump of the price on one session", "某一交易日价格跳变"),
        formula: "1 + r' = (1 + r)·(1 + size) on one session; a halted name takes it when it trades again",
        source: "",
        params: &[
            Param {
                key: "day",
                unit: Unit::Session,
                range: Bounds::ANY,
                absent: Absent::Required,
                shown: "1",
                meaning: Words("session of the jump", "跳变所在交易日"),
            },
            Param {
                key: "size",
                unit: Unit::Move,
                range: MOVES,
                absent: Absent::Required,
                shown: "\"-10%\"",
                meaning: Words("the jump, a fraction of the price", "跳变幅度，占价格的比例"),
            },
            ON,
        ],
        sentences: &[Words("{when}: {on} {size}", "{when}：{on} {size}")],
        figures: &[],
    };
}

impl Stress for Gap {
    fn on(&self) -> &Target {
        &self.on
    }

    fn size(&self) -> Option<(&'static str, f64)> {
        Some(("size", 0.0))
    }

    fn moves(&self, days: usize) -> Option<Range<usize>> {
        Some(span(self.day, Some(self.day), days))
    }

    fn lay(&self, tile: &mut Tile<'_>, known: &Known) {
        self.apply(tile, &known.hits);
    }
}

impl Gap {
    /// A halted name takes the gap on the first session it trades again: nobody can sell at the old price before.
    pub fn apply(&self, tile: &mut Tile<'_>, hits: &[bool]) {
        let Some(first) = (self.day as usize).checked_sub(1) else { return };
        for (symbol, _) in hits.iter().enumerate().filter(|(_, hit)| **hit) {
            for lane in 0..LANES {
                let cell = |day: usize| (day * hits.len() + symbol) * LANES + lane;
                if let Some(day) = (first..tile.days).find(|day| !tile.is_halted(cell(*day))) {
                    tile.grow(cell(day), 1.0 + self.size.get());
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
    fn a_gap_compounds_and_waits_for_a_halted_name() {
        let mut buffer = toy::Buffer::new(3, 2);
        buffer.simple_return.fill(0.02);
        buffer.state.fill(flag::PRESENT | flag::CLOSE_DOWN | flag::LOCKED_DOWN);
        // lane 3 of symbol 1 is halted on the gap's day
        buffer.state[LANES + 3] |= flag::HALTED;
        let gap = Gap { day: 1, size: Move::from_fraction(-0.10), on: Target::All };
        gap.apply(&mut buffer.tile(0), &[false, true]);
        let shocked = 1.02 * 0.9 - 1.0;
        for day in 0..3 {
            for lane in 0..LANES {
                let at = |symbol: usize| (day * 2 + symbol) * LANES + lane;
                let hit = day == if lane == 3 { 1 } else { 0 };
                assert_eq!(buffer.simple_return[at(0)], 0.02);
                assert!((buffer.simple_return[at(1)] - if hit { shocked } else { 0.02 }).abs() < 1e-15);
                // the changed day is no past day any more: the price limits bind it afresh
                assert_eq!(buffer.state[at(1)] & flag::PRESENT == 0, hit);
            }
        }
    }
}
