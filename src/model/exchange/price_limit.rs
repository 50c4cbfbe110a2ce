//! Knows the daily price limits of the Chinese boards by ST flag and date, and the board a code belongs to.
//!
//! Formula: limit price = previous close · (1 ± limit), rounded half up to the tick. Source: the trading rules of the
//! Shanghai, Shenzhen and Beijing exchanges, as gathered in `docs/methods.md`, "Price limits".
//!
//! | board | daily limit |
//! |---|---|
//! | main | 10 % |
//! | main, ST and *ST | 5 % to 2026-07-03, 10 % from 2026-07-06 |
//! | STAR, ST or not | 20 % |
//! | ChiNext, ST or not | 10 % before 2020-08-24 (ST 5 %), 20 % from then on |
//! | BSE | 30 % |
//! | none | no limit |
//!
//! Worked number: a main-board share that closed at 8.57 falls to 7.71 at most, an ST share to 8.14.

use crate::model::history::Board;
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
/// 2020-08-24: the first session on which ChiNext shares move by 20 %.
const CHINEXT_WIDENED: Day = Day::from_epoch_days(18_498);

/// Where a code is listed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Market {
    Shanghai,
    Shenzhen,
    Beijing,
}

fn market_of(mark: &str) -> Option<Market> {
    match mark.to_ascii_uppercase().as_str() {
        "SH" | "SS" | "XSHG" => Some(Market::Shanghai),
        "SZ" | "XSHE" => Some(Market::Shenzhen),
        "BJ" | "XBSE" => Some(Market::Beijing),
        _ => None,
    }
}

/// Splits `600000.SH`, `600000.XSHG`, `sh.600000`, `sh600000` or `600000` into six digits and a market.
fn split(symbol: &str) -> Option<(&str, Option<Market>)> {
    let symbol = symbol.trim();
    let is_code = |text: &str| text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit());
    if is_code(symbol) {
        return Some((symbol, None));
    }
    if let Some((left, right)) = symbol.split_once('.') {
        let (code, mark) = if is_code(left) { (left, right) } else { (right, left) };
        return if is_code(code) { market_of(mark).map(|market| (code, Some(market))) } else { None };
    }
    let (mark, code) = symbol.split_at_checked(2)?;
    if is_code(code) { market_of(mark).map(|market| (code, Some(market))) } else { None }
}

/// The board a symbol's code tells; `None` for indices, funds, B shares and anything else.
pub fn board_of_symbol(symbol: &str) -> Board {
    let Some((code, market)) = split(symbol) else { return Board::None };
    let on = |wanted: Market| market.is_none_or(|m| m == wanted);
    match &code[..3] {
        "600" | "601" | "603" | "605" if on(Market::Shanghai) => Board::Main,
        "688" | "689" if on(Market::Shanghai) => Board::Star,
        "000" | "001" | "002" | "003" if on(Market::Shenzhen) => Board::Main,
        "300" | "301" | "302" if on(Market::Shenzhen) => Board::Chinext,
        three if on(Market::Beijing) && (three.starts_with(['4', '8']) || three.starts_with("92")) => Board::Bse,
        _ => Board::None,
    }
}

/// The daily price limit of a board on a date, a fraction; none where no limit binds.
pub fn daily_limit(board: Board, st: bool, day: Day) -> Option<f64> {
    match board {
        Board::Main if st && day < ST_WIDENED => Some(SPECIAL_TREATMENT),
        Board::Main => Some(MAIN),
        Board::Chinext if day >= CHINEXT_WIDENED => Some(WIDE),
        Board::Chinext if st => Some(SPECIAL_TREATMENT),
        Board::Chinext => Some(MAIN),
        Board::Star => Some(WIDE),
        Board::Bse => Some(BEIJING),
        Board::None => None,
    }
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
    fn a_code_tells_its_board_in_every_written_form() {
        for (symbols, board) in [
            (
                &["600000.SH", "600000.XSHG", "sh.600000", "SH600000", "600000", "605123", "000001.SZ", "sz.003816", "000001"][..],
                Board::Main,
            ),
            (&["688111.SH", "sh.689009", "688981"], Board::Star),
            (&["300059.SZ", "300059.XSHE", "301323", "302132.SZ"], Board::Chinext),
            (&["830799.BJ", "430047.BJ", "920001.BJ", "bj.871981", "830799"], Board::Bse),
            (&["000001.SH", "000300.SH", "399006.SZ", "600000.SZ", "300059.SH", "900901.SH", "510050.SH"], Board::None),
            (&["AAPL", "^GSPC", "0700.HK", "600000.", ".SH", "", "ABC", "上证指数", "60000.SH", "S1"], Board::None),
        ] {
            for symbol in symbols {
                assert_eq!(board_of_symbol(symbol), board, "{symbol}");
            }
        }
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
                let exact = (cents * percent + 50) / 100;
                assert_eq!(limit_price(previous, signed, 0.01), exact as f64 / 100.0, "{previous} by {signed}");
            }
        }
        assert_eq!(limit_price(8.57, -0.10, 0.01), 7.71);
        assert_eq!(limit_price(10.05, -0.10, 0.01), 9.05);
        assert_eq!(limit_price(10.0, -0.1234, 0.0), 10.0 * (1.0 - 0.1234));
        assert_eq!(limit_price(10.0, -0.10, 0.25), 9.0);
    }
}
