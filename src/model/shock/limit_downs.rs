//! Pins a run of days to the lower price limit, locked: nothing can be sold. A halted name stays halted; its falls come due together
//! on the first session it trades again.

use super::{HorizonDay, Known, ON, Stress, Target};
use crate::model::history::flag;
use crate::model::market::{LANES, Tile};
use crate::model::part::{Absent, Bounds, Declared, Kind, Param, Part, Unit, Words};
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

/// A session whose every trade is at the lower limit, whatever is due beside the fall; the limit price is rounded to the tick.
const LOCKED: u8 = flag::CLOSE_DOWN | flag::LOCKED_DOWN | flag::INTRADAY | flag::PINNED;

impl Part for LimitDowns {
    const DECLARED: Declared = Declared {
        key: "limit-downs",
        kind: Kind::Shock,
        what: Words("sessions locked at the lower limit: nothing can be sold", "连续跌停，无法卖出"),
        formula: "r' = −limit of board, ST and date, or size-without-limit, in the place of what was laid before",
        source: "",
        params: &[
            Param {
                key: "first-day",
                unit: Unit::Session,
                range: Bounds::ANY,
                absent: Absent::Required,
                shown: "1",
                meaning: Words("first session locked at the lower limit", "首个跌停交易日"),
            },
            Param {
                key: "days",
                unit: Unit::Sessions,
                range: Bounds::ANY,
                absent: Absent::Required,
                shown: "3",
                meaning: Words("sessions locked in a row", "连续跌停的交易日数"),
            },
            Param {
                key: "size-without-limit",
                unit: Unit::Percent,
                range: Bounds::below(0.0, 1.0),
                absent: Absent::Shown,
                shown: "\"10%\"",
                meaning: Words(
                    "the fall, without a sign, of a symbol without a price limit, of every symbol where price-limits = false",
                    "无涨跌幅限制证券的跌幅，不带符号",
                ),
            },
            ON,
        ],
        sentences: &[Words("{when}: {on} fall to the lower limit and cannot be sold", "{when}：{on}跌停且无法卖出")],
        figures: &[],
    };
}

impl Stress for LimitDowns {
    fn on(&self) -> &Target {
        &self.on
    }

    fn lay(&self, tile: &mut Tile<'_>, known: &Known) {
        self.apply(tile, &known.hits, &known.price_limit);
    }
}

impl LimitDowns {
    /// A halted name's part waits for the first session it trades again.
    ///
    /// `price_limit[day * symbols + symbol]` is the limit as a fraction, infinite where none binds.
    pub fn apply(&self, tile: &mut Tile<'_>, hits: &[bool], price_limit: &[f64]) {
        let first = (self.first_day as usize).saturating_sub(1);
        let end = (first + self.days as usize).min(tile.days);
        for (symbol, _) in hits.iter().enumerate().filter(|(_, hit)| **hit) {
            for lane in 0..LANES {
                // what a halted name has not fallen yet: 1 while nothing waits
                let mut due = 1.0;
                for day in first..tile.days {
                    let cell = tile.at(day, symbol) + lane;
                    let limit = price_limit[day * tile.symbols + symbol];
                    let fall = if limit.is_finite() { limit } else { self.size_without_limit.get() };
                    if tile.is_halted(cell) {
                        due *= if day < end { 1.0 - fall } else { 1.0 };
                    } else if day < end {
                        tile.simple_return[cell] = (1.0 - fall) * due - 1.0;
                        tile.state[cell] = LOCKED;
                        due = 1.0;
                    } else {
                        tile.grow(cell, due);
                        break;
                    }
                }
            }
        }
    }
}
