//! Suspends names for a run of sessions: a share of them drawn on every path, or all that are named.
//!
//! A suspended name keeps its price and cannot be sold. Its missed returns are not lost: they come due together, compounded,
//! with the return of the first session the name trades again, `1 + r' = (1 + r) ∏ (1 + r missed)`; the price limits bind
//! that session like any other. A name still suspended at the horizon's end is valued at its last price.
//!
//! Each name is drawn on its own, with probability `share`, at the address (seed, path, symbol): a name's draw is the same
//! whatever else the book holds.
//!
//! Worked number: returns of −5 %, −4 % and +1 % missed, and −2 % on the session of resumption, come to
//! 0.95 · 0.96 · 1.01 · 0.98 − 1 = −9.73 % on it.

use super::halted::suspend;
use super::{FIRST_DAY, HorizonDay, Known, ON, Stress, Target, one};
use crate::maths::random::{Key, Stream, Streams};
use crate::model::market::{LANES, Tile};
use crate::model::part::{Absent, Bounds, Declared, Kind, Param, Part, Unit, Words};
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `{ suspension = { share = "40%", first-day = 3, days = 10, on = "all" } }`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Suspension {
    /// The probability that a name hit is suspended; all of them at 100 %.
    #[serde(default = "all_names")]
    pub share: Ratio,
    /// The first session without trading, from 1.
    #[serde(default = "one")]
    pub first_day: HorizonDay,
    /// How many sessions; trading resumes on the next.
    pub days: u32,
    #[serde(default)]
    pub on: Target,
}

fn all_names() -> Ratio {
    Ratio::ONE
}

/// The address of a name's draws.
pub struct Draw {
    key: Key,
    /// Which suspension of the scenario this is.
    number: u32,
}

impl Draw {
    pub fn new(streams: &Streams, address: u64, number: u32) -> Draw {
        Draw { key: streams.key(Stream::Shock, address), number }
    }
}

impl Part for Suspension {
    const DECLARED: Declared = Declared {
        key: "suspension",
        kind: Kind::Shock,
        what: Words("no trading for a run of sessions; what is missed is due on resumption", "连续停牌，复牌时补回期间涨跌"),
        formula: "1 + r' = (1 + r)·∏(1 + r missed) on the session of resumption",
        source: "",
        params: &[
            Param {
                key: "share",
                unit: Unit::Percent,
                range: Bounds::above(0.0, 1.0),
                absent: Absent::Shown,
                shown: "\"100%\"",
                meaning: Words("probability that a name hit is suspended, drawn on each path", "被冲击证券停牌的概率，逐路径抽取"),
            },
            Param { meaning: Words("first session without trading", "首个停牌交易日"), ..FIRST_DAY },
            Param {
                key: "days",
                unit: Unit::Sessions,
                range: Bounds::ANY,
                absent: Absent::Required,
                shown: "10",
                meaning: Words("sessions without trading; what is missed is due on the next", "停牌的交易日数"),
            },
            ON,
        ],
        sentences: &[
            Words("{when}: {on} suspended, what was missed is due on resumption", "{when}：{on}停牌，复牌时补回期间涨跌"),
            Words(
                "{when}: {share} of {on}, drawn on each path, suspended; what was missed is due on resumption",
                "{when}：{on}中随机抽取 {share} 停牌，复牌时补回期间涨跌",
            ),
        ],
        figures: &[],
    };

    fn sentence(&self) -> usize {
        usize::from(self.is_random())
    }
}

impl Stress for Suspension {
    fn on(&self) -> &Target {
        &self.on
    }

    fn is_random(&self) -> bool {
        self.share.get() > 0.0 && self.share.get() < 1.0
    }

    fn draws_names(&self) -> bool {
        true
    }

    fn lay(&self, tile: &mut Tile<'_>, known: &Known) {
        self.apply(tile, &known.hits, &known.draws);
    }
}

impl Suspension {
    /// `draws` has one entry per simulated symbol.
    pub fn apply(&self, tile: &mut Tile<'_>, hits: &[bool], draws: &[Draw]) {
        let first = (self.first_day as usize).saturating_sub(1);
        let end = (first + self.days as usize).min(tile.days);
        let share = self.share.get();
        for (symbol, _) in hits.iter().enumerate().filter(|(_, hit)| **hit) {
            for lane in 0..LANES {
                let path = tile.paths[lane];
                let draw = &draws[symbol];
                if share < 1.0 && draw.key.uniform(path, draw.number) >= share {
                    continue;
                }
                suspend(tile, symbol, lane, first..end, 1.0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::market::toy;
    use super::*;
    use crate::maths::random::name_address;
    use crate::model::history::flag;

    fn draws(names: &[&str]) -> Vec<Draw> {
        names.iter().map(|name| Draw::new(&Streams::new(7), name_address(name), 0)).collect()
    }

    fn shock(share: f64, first_day: u32, days: u32) -> Suspension {
        Suspension { share: Ratio::from_fraction(share), first_day, days, on: Target::All }
    }

    #[test]
    fn missed_returns_come_due_on_resumption() {
        let mut buffer = toy::Buffer::new(5, 1);
        buffer.state.fill(flag::PRESENT);
        buffer.volume.fill(1.0);
        for (day, r) in [0.03, -0.05, -0.04, 0.01, -0.02].into_iter().enumerate() {
            buffer.simple_return[day * LANES..][..LANES].fill(r);
        }
        // lane 2 is halted by the market itself on the day of resumption: nothing comes due within the horizon
        buffer.state[4 * LANES + 2] |= flag::HALTED;
        shock(1.0, 2, 3).apply(&mut buffer.tile(0), &[true], &draws(&["A"]));
        let day = |d: usize| buffer.simple_return[d * LANES];
        assert_eq!([day(0), day(1), day(2), day(3)], [0.03, 0.0, 0.0, 0.0]);
        assert!((day(4) - (0.95 * 0.96 * 1.01 * 0.98 - 1.0)).abs() < 1e-15 && (day(4) + 0.0973).abs() < 5e-5);
        assert_eq!((buffer.state[LANES], buffer.volume[LANES]), (flag::HALTED, 0.0));
        assert_eq!((buffer.state[0], buffer.state[4 * LANES], buffer.volume[4 * LANES]), (flag::PRESENT, 0, 1.0));
        assert_eq!(buffer.simple_return[4 * LANES + 2], -0.02);
    }

    #[test]
    fn the_share_is_drawn_name_by_name_whatever_else_is_held() {
        let (tiles, mut halted, mut both) = (500u64, [0.0; 2], 0.0);
        for tile in 0..tiles {
            let run = |names: &[&str]| {
                let mut buffer = toy::Buffer::new(2, names.len());
                buffer.simple_return.fill(0.0);
                buffer.state.fill(0);
                shock(0.3, 1, 1).apply(&mut buffer.tile(tile * LANES as u64), &vec![true; names.len()], &draws(names));
                buffer.state
            };
            let (two, one) = (run(&["A", "B"]), run(&["B"]));
            assert_eq!(two[LANES..2 * LANES], one[..LANES], "another name changes nothing for B");
            for lane in 0..LANES {
                let [a, b] = [two[lane], two[LANES + lane]].map(|s| f64::from(s & flag::HALTED) / f64::from(flag::HALTED));
                halted = [halted[0] + a, halted[1] + b];
                both += a * b;
            }
        }
        // five standard errors of a share
        let (n, bound) = ((tiles * LANES as u64) as f64, |p: f64| 5.0 * (p * (1.0 - p) / 8_000.0).sqrt());
        assert!(halted.iter().all(|h| (h / n - 0.3).abs() < bound(0.3)), "{halted:?} of {n}");
        assert!((both / n - 0.09).abs() < bound(0.09), "names are drawn independently: {both} of {n}");
    }
}
