//! Adds a drift to log returns: `1 + r' = (1 + r)(1 + size)^(1/n)`, so much a session.
//!
//! A size for a year is spread over 252 sessions, a total over the `n` sessions of the stress. A halted session's part is
//! not lost: it comes due with the first session the name trades again, when that lies within the horizon.
//!
//! Worked number: a total of −20 % over 20 sessions takes each return of 0 to 0.8^(1/20) − 1 = −1.1095 %; after 20 of them
//! the price is at 80 % of its level without the shock.

use super::{FIRST_DAY, HorizonDay, Known, LAST_DAY, MOVES, Move, ON, Stress, Target, one, span};
use crate::model::market::{LANES, Tile};
use crate::model::part::{Absent, Declared, Kind, Param, Part, Unit, Words};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Sessions that an annual drift is spread over.
const TRADING_DAYS: f64 = 252.0;

/// `{ drift = { total = "-20%", on = "all" } }`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Drift {
    /// The drift of 252 sessions, a fraction of the price; above −100 %. Either this or `total`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annual: Option<Move>,
    /// The drift of all sessions of the stress together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Move>,
    /// The first day of the horizon it holds on, from 1.
    #[serde(default = "one")]
    pub first_day: HorizonDay,
    /// The last day, or the whole horizon when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_day: Option<HorizonDay>,
    #[serde(default)]
    pub on: Target,
}

impl Part for Drift {
    const DECLARED: Declared = Declared {
        key: "drift",
        kind: Kind::Shock,
        what: Words("a drift of log returns, so much a session", "对数收益率的逐日漂移"),
        formula: "1 + r' = (1 + r)·(1 + size)^(1/n)",
        source: "",
        params: &[
            Param {
                key: "total",
                unit: Unit::Move,
                range: MOVES,
                absent: Absent::Unless("annual"),
                shown: "\"-20%\"",
                meaning: Words("a drift over all sessions of the stress together, a fraction of the price", "冲击期间累计漂移"),
            },
            Param {
                key: "annual",
                unit: Unit::Move,
                range: MOVES,
                absent: Absent::Unless("total"),
                shown: "\"-30%\"",
                meaning: Words("the drift of 252 sessions, a fraction of the price", "二百五十二个交易日的漂移"),
            },
            FIRST_DAY,
            LAST_DAY,
            ON,
        ],
        sentences: &[
            Words("{when}: a drift of {total} in all on {on}", "{when}：{on}累计漂移 {total}"),
            Words("{when}: a drift of {annual} a year on {on}", "{when}：{on}年化漂移 {annual}"),
        ],
        figures: &[],
    };

    fn sentence(&self) -> usize {
        usize::from(self.annual.is_some())
    }
}

impl Stress for Drift {
    fn on(&self) -> &Target {
        &self.on
    }

    fn size(&self) -> Option<(&'static str, f64)> {
        Some((if self.annual.is_some() { "annual" } else { "total" }, 0.0))
    }

    fn moves(&self, days: usize) -> Option<Range<usize>> {
        self.total.map(|_| span(self.first_day, self.last_day, days))
    }

    fn lay(&self, tile: &mut Tile<'_>, known: &Known) {
        self.apply(tile, &known.hits);
    }
}

impl Drift {
    /// The growth factor of one session, given how many sessions the stress has.
    fn factor(&self, sessions: usize) -> f64 {
        let (size, sessions) = match (self.annual, self.total) {
            (Some(annual), _) => (annual.get(), TRADING_DAYS),
            (None, Some(total)) => (total.get(), sessions as f64),
            (None, None) => (0.0, 1.0),
        };
        libm::exp(libm::log1p(size) / sessions)
    }

    pub fn apply(&self, tile: &mut Tile<'_>, hits: &[bool]) {
        let days = span(self.first_day, self.last_day, tile.days);
        let factor = self.factor(days.len());
        if factor == 1.0 {
            return;
        }
        for (symbol, _) in hits.iter().enumerate().filter(|(_, hit)| **hit) {
            // what is due in each lane: 1 while nothing waits
            let mut due = [1.0; LANES];
            for day in days.start..tile.days {
                let at = tile.at(day, symbol);
                for (lane, due) in due.iter_mut().enumerate() {
                    if day < days.end {
                        *due *= factor;
                    }
                    if *due != 1.0 && !tile.is_halted(at + lane) {
                        tile.grow(at + lane, *due);
                        *due = 1.0;
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

    fn drift(annual: Option<f64>, total: Option<f64>) -> Drift {
        let size = |s: f64| Move::from_fraction(s);
        Drift { annual: annual.map(size), total: total.map(size), first_day: 2, last_day: Some(4), on: Target::All }
    }

    #[test]
    fn a_total_is_what_the_sessions_come_to_together() {
        let mut buffer = toy::Buffer::new(6, 1);
        buffer.simple_return.fill(0.01);
        buffer.state.fill(flag::PRESENT | flag::CLOSE_DOWN);
        drift(None, Some(-0.20)).apply(&mut buffer.tile(0), &[true]);
        let grown = (0..6).fold(1.0, |price, day| price * (1.0 + buffer.simple_return[day * LANES]));
        assert!((grown - 0.8 * libm::pow(1.01, 6.0)).abs() < 1e-14, "{grown}");
        assert_eq!(buffer.simple_return[0], 0.01);
        assert_eq!(buffer.simple_return[5 * LANES], 0.01);
        assert_eq!((buffer.state[0], buffer.state[LANES]), (flag::PRESENT | flag::CLOSE_DOWN, flag::CLOSE_DOWN));
    }

    #[test]
    fn a_year_is_252_sessions() {
        let mut buffer = toy::Buffer::new(6, 1);
        buffer.simple_return.fill(0.0);
        buffer.state.fill(0);
        drift(Some(-0.30), None).apply(&mut buffer.tile(0), &[true]);
        let daily = buffer.simple_return[LANES];
        assert!((libm::pow(1.0 + daily, 252.0) - 0.70).abs() < 1e-12, "{daily}");
    }

    #[test]
    fn a_halted_session_s_part_comes_due_when_the_name_trades_again() {
        let mut buffer = toy::Buffer::new(6, 1);
        buffer.simple_return.fill(0.0);
        buffer.state.fill(0);
        // lane 1 is halted on days 3 to 5 (the stress ends on day 4), lane 2 from day 3 to the end
        for day in 2..6 {
            buffer.state[day * LANES + 2] = flag::HALTED;
            buffer.state[day * LANES + 1] = if day < 5 { flag::HALTED } else { 0 };
        }
        drift(None, Some(-0.20)).apply(&mut buffer.tile(0), &[true]);
        let price = |lane: usize, days: usize| (0..days).fold(1.0, |p, day| p * (1.0 + buffer.simple_return[day * LANES + lane]));
        assert!((price(1, 5) - price(0, 2)).abs() < 1e-15 && (price(1, 6) - 0.8).abs() < 1e-15);
        assert!((price(2, 6) - price(0, 2)).abs() < 1e-15, "it never trades again");
    }
}
