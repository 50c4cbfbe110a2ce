//! Tells from its code what a security is, and what the exchanges' rules make of each kind (`docs/markets.md`, "Kinds of securities").

use crate::programme::{Board, Exchange};

/// The smallest sale and what it grows by, in shares; 0 for any number of shares.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Lots {
    pub least: f64,
    pub step: f64,
}

impl Lots {
    pub const fn of(shares: f64) -> Lots {
        Lots { least: shares, step: shares }
    }
}

/// The lots a kind is sold in: 100 where the programme writes none, and none on no board; 0 for no lots at all.
pub fn lots(board: Board, rules: &Exchange) -> Lots {
    match (board, rules.lot) {
        (_, Some(lot)) if lot <= 0.0 => Lots::default(),
        (Board::None, lot) => Lots::of(lot.unwrap_or(0.0)),
        (Board::Star, _) => Lots { least: 200.0, step: 1.0 },
        (Board::Bse, _) => Lots { least: 100.0, step: 1.0 },
        (Board::Convertible, _) => Lots::of(10.0),
        (_, lot) => Lots::of(lot.unwrap_or(100.0)),
    }
}

/// The tick that limit prices are rounded to; 0 for none at all.
pub fn tick(board: Board, symbol: &str, shares: f64) -> f64 {
    let fine = match board {
        Board::Etf | Board::Etf20 | Board::Fund | Board::Convertible => true,
        Board::B => code(symbol).is_some_and(|(code, _)| code.starts_with("900")),
        _ => false,
    };
    if fine && shares > 0.0 { 0.001 } else { shares }
}

/// Whether a sale pays stamp duty.
pub fn pays_duty(board: Board) -> bool {
    !matches!(board, Board::Etf | Board::Etf20 | Board::Fund | Board::Convertible)
}

/// Six digits and, where it is written, their exchange.
fn code(symbol: &str) -> Option<(&str, &str)> {
    let (code, market) = symbol.split_once('.').unwrap_or((symbol, ""));
    (code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit())).then_some((code, market))
}

/// The kind a code tells; a code without its exchange is the first line that fits.
pub fn board_of(symbol: &str) -> Board {
    const CODES: [(Board, &str, &[&str]); 13] = [
        (Board::Main, "SH", &["600", "601", "603", "605"]),
        (Board::Star, "SH", &["688", "689"]),
        (Board::Main, "SZ", &["000", "001", "002", "003"]),
        (Board::Chinext, "SZ", &["300", "301", "302"]),
        (Board::Bse, "BJ", &["4", "8", "92"]),
        (Board::B, "SH", &["900"]),
        (Board::B, "SZ", &["200", "201"]),
        (Board::Etf20, "SH", &["588", "589"]),
        (Board::Etf, "SH", &["51", "52", "53", "55", "56"]),
        (Board::Etf, "SZ", &["159"]),
        (Board::Fund, "SH", &["50"]),
        (Board::Fund, "SZ", &["150", "16", "18"]),
        (Board::Convertible, "", &["110", "111", "113", "118", "123", "125", "126", "127", "128"]),
    ];
    let Some((code, market)) = code(symbol) else { return Board::None };
    let fits = |(_, of, heads): &&(Board, &str, &[&str])| {
        (market.is_empty() || of.is_empty() || market == *of) && heads.iter().any(|head| code.starts_with(head))
    };
    CODES.iter().find(fits).map_or(Board::None, |(board, _, _)| *board)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_follow_from_codes() {
        let told = ["600000.SH", "688111.SH", "300104.SZ", "830799.BJ", "900901.SH", "510300.SH", "588000.SH", "161725.SZ", "113050.SH"];
        let kinds =
            [Board::Main, Board::Star, Board::Chinext, Board::Bse, Board::B, Board::Etf, Board::Etf20, Board::Fund, Board::Convertible];
        assert_eq!(told.map(board_of), kinds);
        assert_eq!(["000001.SH", "X", "000001.SZ"].map(board_of), [Board::None, Board::None, Board::Main]);
    }

    #[test]
    fn each_kind_has_its_lots_and_ticks() {
        let plain = Exchange::default();
        assert_eq!(lots(Board::Main, &plain), Lots::of(100.0));
        assert_eq!(lots(Board::Star, &plain), Lots { least: 200.0, step: 1.0 });
        assert_eq!(lots(Board::None, &plain), Lots::default());
        let written = Exchange { lot: Some(200.0), ..plain.clone() };
        assert_eq!([lots(Board::None, &written), lots(Board::Etf, &written)], [Lots::of(200.0); 2]);
        assert_eq!(lots(Board::Star, &Exchange { lot: Some(0.0), ..plain }), Lots::default());
        assert_eq!([tick(Board::Fund, "161725.SZ", 0.01), tick(Board::B, "200011.SZ", 0.01)], [0.001, 0.01]);
        assert_eq!([tick(Board::B, "900901.SH", 0.01), tick(Board::Etf, "510050.SH", 0.0)], [0.001, 0.0]);
    }
}
