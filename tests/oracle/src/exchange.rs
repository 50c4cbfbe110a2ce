//! Binds a day's return by the exchange's rules: price limits by board, ST flag and date, ticks, halts and locks.

use crate::date::Date;
use crate::programme::{Board, CarryOver, Exchange, LimitLock, StampDuty};
use crate::world::Quote;

/// Less than this added to a drawn day leaves its close and its lock as they were.
const NOTHING_ADDED: f64 = 0.001;

/// The daily limit of a board, nothing where there is none.
///
/// Main board 10 %, its ST names 5 % to 2026-07-03 and 10 % from 2026-07-06; STAR 20 %; ChiNext 10 % (ST 5 %) before
/// 2020-08-24 and 20 % from then on; Beijing 30 %; B shares as the main board; ETFs and funds 10 %, ETFs on STAR or ChiNext
/// shares 20 %; convertibles 20 % since 2022-08-01.
pub fn daily_limit(board: Board, st: bool, date: Date) -> Option<f64> {
    match board {
        Board::Main | Board::B if st && date < Date::new(2026, 7, 6) => Some(0.05),
        Board::Main | Board::B | Board::Etf | Board::Fund => Some(0.10),
        Board::Star | Board::Etf20 => Some(0.20),
        Board::Convertible if date >= Date::new(2022, 8, 1) => Some(0.20),
        Board::Chinext if date >= Date::new(2020, 8, 24) => Some(0.20),
        Board::Chinext if st => Some(0.05),
        Board::Chinext => Some(0.10),
        Board::Bse => Some(0.30),
        Board::Convertible | Board::None => None,
    }
}

/// The lowest and the highest price of a session: the previous close times 1 ± limit, rounded half up to the tick, and at
/// least one tick away from it; where that close stands between two ticks, the nearest to it one tick further.
pub fn limit_prices(previous: f64, limit: f64, tick: f64) -> (f64, f64) {
    if tick <= 0.0 {
        return (previous * (1.0 - limit), previous * (1.0 + limit));
    }
    let round = |price: f64| (price / tick + 0.5 + 1e-6).floor() * tick;
    let apart = |bound: f64| (bound - previous).abs() >= tick * (1.0 - 1e-6);
    let (lower, upper) = (round(previous * (1.0 - limit)), round(previous * (1.0 + limit)));
    let beside = round(previous) - tick;
    // nothing stands at a price of nothing
    let lower = if apart(lower) || beside < 0.5 * tick { lower } else { beside };
    (lower, if apart(upper) { upper } else { round(previous) + tick })
}

/// What a symbol brings into a session, and takes out of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Trading {
    pub price: f64,
    /// What limits and halts held back, a factor on the price: due on the next session it trades.
    pub due: f64,
    pub halted: bool,
    /// Cannot be sold, for it is locked at its lower limit.
    pub locked: bool,
    /// The lowest price of the session, 0 where nothing bounds it.
    pub floor: f64,
}

/// One symbol's session, after the shocks.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Drawn {
    pub quote: Quote,
    /// The return as it was drawn.
    pub drawn_return: f64,
    /// A shock has changed this session's return.
    pub touched: bool,
    /// A shock has locked it at its lower limit.
    pub limit_down: bool,
}

impl Trading {
    /// Step 2 of the day. `limit` is the day's, `fade` what the change of the push does to the price, a factor.
    pub fn session(&mut self, drawn: &Drawn, limit: Option<f64>, tick: f64, fade: f64, rules: &Exchange) {
        let quote = &drawn.quote;
        let previous = self.price;
        let was_due = self.due;
        let limit = limit.filter(|_| rules.price_limits);
        self.due *= (1.0 + quote.simple_return) * fade;
        (self.halted, self.locked, self.floor) = (quote.halted, false, 0.0);
        // a halted name keeps its price, and what it misses is due
        if self.halted {
            return;
        }
        let untouched = !drawn.touched && was_due == 1.0 && fade == 1.0;
        // the close and the lock of the drawn day stay while next to nothing is added to it, or what is added pushes a close at
        // the lower limit further beyond it
        let added = self.due / (1.0 + drawn.drawn_return) - 1.0;
        let stays = added.abs() < NOTHING_ADDED || ((quote.closed_down || quote.locked_down) && added <= 0.0);
        let said = match rules.limit_lock {
            LimitLock::AllDay => quote.locked_down,
            LimitLock::Close => quote.locked_down || quote.closed_down,
        };
        let bound = limit.filter(|_| !(quote.past && untouched));
        let Some(limit) = bound else {
            // no limit, or a day drawn whole from the symbol's own traded history, which is not bound again
            self.price = previous * self.due;
            self.due = 1.0;
            self.locked = drawn.limit_down || (stays && said);
            return;
        };
        let (lower, upper) = limit_prices(previous, limit, tick);
        self.floor = lower;
        let target = previous * self.due;
        self.price = target.clamp(lower, upper);
        self.due = target / self.price;
        // a fall of exactly the limit, as far as a few multiplications tell, closes at it and leaves nothing due
        let (at_lower, at_upper) = (target <= lower * (1.0 + 1e-12), target >= upper * (1.0 - 1e-12));
        if !(at_lower || at_upper) || rules.carry_over == CarryOver::None {
            self.due = 1.0;
        }
        if at_lower {
            self.due *= 1.0 - rules.continuation * limit;
        } else if at_upper {
            self.due *= 1.0 + rules.continuation * limit;
        }
        // a day that is brought to its limit otherwise has no range of its own, and counts as locked
        let known = stays && (quote.past || quote.locked_down);
        self.locked = drawn.limit_down || if known { said } else { at_lower };
    }
}

/// The duty on a sale, a share of its proceeds.
pub fn stamp_duty(rule: &StampDuty, date: Date) -> f64 {
    match rule {
        StampDuty::Rate(rate) => *rate,
        StampDuty::China if date >= Date::new(2023, 8, 28) => 0.0005,
        StampDuty::China => 0.001,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(simple_return: f64) -> Drawn {
        Drawn { quote: Quote { simple_return, ..Quote::default() }, drawn_return: simple_return, ..Drawn::default() }
    }

    fn trading(price: f64) -> Trading {
        Trading { price, due: 1.0, halted: false, locked: false, floor: 0.0 }
    }

    fn near(found: f64, right: f64) {
        assert!((found - right).abs() < 1e-9, "{found} where {right} is right");
    }

    #[test]
    fn limit_prices_are_rounded_half_up_and_a_tick_away() {
        near(limit_prices(8.57, 0.1, 0.01).0, 7.71);
        near(limit_prices(10.05, 0.1, 0.01).0, 9.05);
        near(limit_prices(0.05, 0.1, 0.01).0, 0.04);
        near(limit_prices(0.05, 0.1, 0.01).1, 0.06);
        near(limit_prices(10.0, 0.1, 0.0).1, 11.0);
    }

    #[test]
    fn limits_go_by_board_flag_and_date() {
        let day = |text| Date::read(text).unwrap();
        assert_eq!(daily_limit(Board::Main, true, day("2026-07-03")), Some(0.05));
        assert_eq!(daily_limit(Board::Main, true, day("2026-07-06")), Some(0.10));
        assert_eq!(daily_limit(Board::Chinext, false, day("2020-08-21")), Some(0.10));
        assert_eq!(daily_limit(Board::Chinext, true, day("2020-08-24")), Some(0.20));
        assert_eq!(daily_limit(Board::None, true, day("2020-08-24")), None);
    }

    #[test]
    fn a_gap_of_thirty_per_cent_takes_four_sessions() {
        let (mut name, rules) = (trading(10.0), Exchange::default());
        let mut prices = Vec::new();
        for r in [-0.3, 0.0, 0.0, 0.0] {
            name.session(&drawn(r), Some(0.1), 0.01, 1.0, &rules);
            prices.push((name.price, name.locked));
        }
        for ((price, locked), (right, is_locked)) in prices.iter().zip([(9.0, true), (8.1, true), (7.29, true), (7.0, false)]) {
            near(*price, right);
            assert_eq!(*locked, is_locked);
        }
    }

    #[test]
    fn a_past_day_is_free_until_something_is_due() {
        let rules = Exchange::default();
        let past = |r| Drawn { quote: Quote { past: true, ..drawn(r).quote }, ..drawn(r) };
        let mut name = trading(10.0);
        name.session(&past(-0.18), Some(0.1), 0.01, 1.0, &rules);
        near(name.price, 8.2);
        assert!(!name.locked);
        name.session(&Drawn { touched: true, drawn_return: 0.0, ..past(-0.3) }, Some(0.1), 0.01, 1.0, &rules);
        near(name.price, 7.38);
        name.session(&past(0.0), Some(0.1), 0.01, 1.0, &rules);
        near(name.price, 6.64);
        assert!(name.locked && name.due < 1.0);
    }

    #[test]
    fn a_halted_name_catches_up_within_its_limit() {
        let (mut name, rules) = (trading(10.0), Exchange::default());
        let halt = |r| Drawn { quote: Quote { halted: true, ..drawn(r).quote }, ..drawn(r) };
        name.session(&halt(-0.05), Some(0.1), 0.01, 1.0, &rules);
        name.session(&halt(-0.04), Some(0.1), 0.01, 1.0, &rules);
        near(name.price, 10.0);
        name.session(&drawn(0.01), Some(0.1), 0.01, 1.0, &rules);
        near(name.price, 9.2112);
        assert_eq!(name.due, 1.0);
    }

    #[test]
    fn limit_downs_fall_by_the_limit_and_what_the_tick_takes_is_due() {
        let (mut name, rules) = (trading(100.0), Exchange::default());
        for _ in 0..8 {
            name.session(&Drawn { limit_down: true, touched: true, drawn_return: 0.0, ..drawn(-0.1) }, Some(0.1), 0.01, 1.0, &rules);
            assert!(name.locked);
        }
        name.session(&drawn(0.0), Some(0.1), 0.01, 1.0, &rules);
        near(name.price, 100.0 * 0.9f64.powi(8));
        assert!(!name.locked);
    }
}
