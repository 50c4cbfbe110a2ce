//! Knows the daily price limits of the Chinese boards by ST flag, date and the sessions since a listing.
//!
//! Formula: limit price = previous close · (1 ± limit), rounded half up to the tick, and at least one tick away. Source: the trading rules of the
//! Shanghai, Shenzhen and Beijing exchanges, as gathered in `docs/methods.md`, "Price limits".
//!
//! | board | daily limit |
//! |---|---|
//! | main, B shares | none before 1996-12-16, 10 % |
//! | the same, ST and *ST | 5 % to 2026-07-03, 10 % from 2026-07-06 |
//! | STAR, ST or not | 20 % |
//! | ChiNext, ST or not | 10 % before 2020-08-24 (ST 5 %), 20 % from then on |
//! | BSE | 30 % |
//! | ETFs, funds | 10 %; ETFs on STAR or ChiNext shares 20 % |
//! | convertibles | none before 2022-08-01, 20 % |
//! | none | no limit |
//!
//! The first five sessions of a share listed under registration have no limit (STAR since 2019-07-22, ChiNext since 2020-08-24,
//! main since 2023-04-10), nor has the first of any other: its own wider limits do not matter after the first close.
//!
//! Worked number: a main-board share that closed at 8.57 falls to 7.71 at most, an ST share to 8.14; one at 0.04 falls
//! to 0.03, since 0.036 would round to 0.04.

use super::board::Board;
use crate::units::Day;

/// ±10 %: the main board's limit, and ChiNext's before its reform.
const MAIN: f64 = 0.10;
/// ±5 %: shares under special treatment, while the rule lasted.
const SPECIAL_TREATMENT: f64 = 0.05;
/// ±20 %: STAR, and ChiNext since its registration reform.
const WIDE: f64 = 0.20;
/// ±30 %: Beijing.
const BEIJING: f64 = 0.30;

/// 2026-07-06: the first session on which main-board ST shares move by 10 %.
const ST_WIDENED: Day = Day::from_epoch_days(20_640);
/// 2020-08-24: the first session on which ChiNext shares move by 20 %, and new ones list under registration.
const CHINEXT_WIDENED: Day = Day::from_epoch_days(18_498);
/// 1996-12-16: the first session on which shares move by 10 %.
const LIMITS_BEGIN: Day = Day::from_epoch_days(9_846);
/// 2022-08-01: the first session on which convertibles move by 20 %.
const CONVERTIBLES_BOUND: Day = Day::from_epoch_days(19_205);
/// 2019-07-22: the first session of STAR, under registration from the start.
const STAR_BEGINS: Day = Day::from_epoch_days(18_099);
/// 2023-04-10: the first session of main-board shares listed under registration.
const MAIN_REGISTERS: Day = Day::from_epoch_days(19_457);
/// Sessions without a limit after a listing under registration, and after any other.
const FREE_REGISTERED: usize = 5;
const FREE_OTHERWISE: usize = 1;

/// The daily price limit of a board on a date, a fraction; none where no limit binds.
pub fn daily_limit(board: Board, st: bool, day: Day) -> Option<f64> {
    match board {
        Board::Main | Board::B if day < LIMITS_BEGIN => None,
        Board::Main | Board::B if st && day < ST_WIDENED => Some(SPECIAL_TREATMENT),
        Board::Main | Board::B | Board::Etf | Board::Fund => Some(MAIN),
        Board::Chinext if day >= CHINEXT_WIDENED => Some(WIDE),
        Board::Chinext if st => Some(SPECIAL_TREATMENT),
        Board::Chinext => Some(MAIN),
        Board::Star | Board::EtfWide => Some(WIDE),
        Board::Convertible => (day >= CONVERTIBLES_BOUND).then_some(WIDE),
        Board::Bse => Some(BEIJING),
        Board::None => None,
    }
}

/// Sessions from a listing on, the first one counted, that have no daily limit.
pub fn free_sessions(board: Board, listed: Day) -> usize {
    let registers = match board {
        Board::Star => listed >= STAR_BEGINS,
        Board::Chinext => listed >= CHINEXT_WIDENED,
        Board::Main => listed >= MAIN_REGISTERS,
        Board::Bse | Board::B | Board::Etf | Board::EtfWide | Board::Fund | Board::Convertible => false,
        Board::None => return 0,
    };
    if registers { FREE_REGISTERED } else { FREE_OTHERWISE }
}

/// The limit price: `previous · (1 + signed_limit)` rounded half up to the tick; not rounded when `tick` is 0.
///
/// `signed_limit` is −0.10 for the lower limit of a main-board share.
#[inline(always)]
pub fn limit_price(previous: f64, signed_limit: f64, tick: f64) -> f64 {
    let raw = previous * (1.0 + signed_limit);
    if tick <= 0.0 {
        return raw;
    }
    let per_unit = (1.0 / tick).round();
    // ticks such as 0.01 have no exact double: count in whole ticks per unit where there is such a number
    let exact = (tick * per_unit - 1.0).abs() < 1e-9;
    let ticks = if exact { raw * per_unit } else { raw / tick };
    // A close in ticks times 95/100 or 90/100 ends on twentieths of a tick, so a millionth lifts halves, and what
    // rounding pushed below one (10.05 · 0.9 = 9.045 must give 9.05), over the middle, and moves nothing else.
    let whole = (ticks + 1e-6 + NEAREST) - NEAREST;
    // a limit is at least one tick, so that a price of a few ticks can move; none stands at nothing or below
    let from = if exact { previous * per_unit } else { previous / tick };
    let beside = (from + 1e-6 + NEAREST) - NEAREST + if signed_limit < 0.0 { -1.0 } else { 1.0 };
    let whole = if (whole - from).abs() < 1.0 - 1e-6 && beside > 0.5 { beside } else { whole };
    if exact { whole / per_unit } else { whole * tick }
}

/// 1.5 · 2⁵²: added and taken off again it leaves the nearest whole number, in every instruction set.
const NEAREST: f64 = 6_755_399_441_055_744.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a date")
    }

    #[test]
    fn limits_change_on_their_dates() {
        assert_eq!(daily_limit(Board::Main, false, day("2015-06-12")), Some(0.10));
        assert_eq!(daily_limit(Board::Main, true, day("2026-07-03")), Some(0.05));
        assert_eq!(daily_limit(Board::Main, true, day("2026-07-06")), Some(0.10));
        assert_eq!(daily_limit(Board::Chinext, false, day("2020-08-21")), Some(0.10));
        assert_eq!(daily_limit(Board::Chinext, false, day("2020-08-24")), Some(0.20));
        assert_eq!(daily_limit(Board::Chinext, true, day("2020-08-24")), Some(0.20));
        assert_eq!(daily_limit(Board::Star, true, day("2024-01-02")), Some(0.20));
        assert_eq!(daily_limit(Board::Bse, false, day("2024-01-02")), Some(0.30));
        assert_eq!(daily_limit(Board::None, true, day("2024-01-02")), None);
    }

    #[test]
    fn a_limit_price_is_the_exact_decimal_rounded_half_up() {
        for cents in 1..200_000u64 {
            let previous = cents as f64 / 100.0;
            for (percent, signed) in
                [(90, -0.10), (110, 0.10), (95, -0.05), (105, 0.05), (80, -0.20), (120, 0.20), (70, -0.30), (130, 0.30)]
            {
                let rounded = (cents * percent + 50) / 100;
                // at least a tick, and never down to nothing
                let exact = match (rounded == cents, signed < 0.0) {
                    (true, true) => cents.max(2) - 1,
                    (true, false) => cents + 1,
                    (false, _) => rounded,
                };
                assert_eq!(limit_price(previous, signed, 0.01), exact as f64 / 100.0, "{previous} by {signed}");
            }
        }
        assert_eq!(limit_price(8.57, -0.10, 0.01), 7.71);
        assert_eq!(limit_price(10.05, -0.10, 0.01), 9.05);
        assert_eq!(limit_price(10.0, -0.1234, 0.0), 10.0 * (1.0 - 0.1234));
        assert_eq!(limit_price(10.0, -0.10, 0.25), 9.0);
        assert_eq!([limit_price(0.04, -0.10, 0.01), limit_price(0.04, 0.10, 0.01), limit_price(0.01, -0.10, 0.01)], [0.03, 0.05, 0.01]);
        assert_eq!(limit_price(0.04, f64::NEG_INFINITY, 0.01), f64::NEG_INFINITY);
    }

    #[test]
    fn kinds_of_securities_have_limits_of_their_own() {
        for (board, date, limit) in [
            (Board::Main, "1996-12-13", None),
            (Board::Main, "1996-12-16", Some(0.10)),
            (Board::B, "2015-06-12", Some(0.10)),
            (Board::Etf, "2015-06-12", Some(0.10)),
            (Board::EtfWide, "2024-01-02", Some(0.20)),
            (Board::Fund, "2015-06-12", Some(0.10)),
            (Board::Convertible, "2022-07-29", None),
            (Board::Convertible, "2022-08-01", Some(0.20)),
        ] {
            assert_eq!(daily_limit(board, false, day(date)), limit, "{board:?} on {date}");
        }
        assert_eq!(daily_limit(Board::B, true, day("2015-06-12")), Some(0.05));
    }

    #[test]
    fn a_listing_under_registration_has_five_free_sessions() {
        for (board, listed, free) in [
            (Board::Star, "2019-07-22", 5),
            (Board::Chinext, "2020-08-21", 1),
            (Board::Chinext, "2020-08-24", 5),
            (Board::Main, "2023-04-07", 1),
            (Board::Main, "2023-04-10", 5),
            (Board::Bse, "2024-01-02", 1),
            (Board::None, "2024-01-02", 0),
        ] {
            assert_eq!(free_sessions(board, day(listed)), free, "{board:?} listed on {listed}");
        }
    }
}
