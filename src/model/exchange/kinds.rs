//! Tells from its code what a Chinese security is, and keeps in one table what the exchanges' rules make of each kind.
//!
//! | board | what | code | day's limit | bought today, sold today | lot of a sale | tick | duty |
//! |---|---|---|---|---|---|---|---|
//! | main | A shares | 600 601 603 605 SH, 000–003 SZ | 10 %, ST 5 % to 2026-07-03 | no | `lot` | 0.01 | yes |
//! | star | A shares | 688 689 SH | 20 % | no | 200, then 1 | 0.01 | yes |
//! | chinext | A shares | 300–302 SZ | 10 %, 20 % since 2020-08-24 | no | `lot` | 0.01 | yes |
//! | bse | A shares | 4 8 92 BJ | 30 % | no | 100, then 1 | 0.01 | yes |
//! | b | B shares | 900 SH, 200 201 SZ | as main | no | `lot` | 0.001 SH, 0.01 SZ | yes |
//! | etf | funds listed for trading | 51 (not 519) 52 53 55 56 SH, 159 SZ | 10 % | no | `lot` | 0.001 | no |
//! | etf-20 | the same, on STAR or ChiNext shares | 588 589 SH | 20 % | no | `lot` | 0.001 | no |
//! | fund | closed and LOF funds, REITs | 50 SH, 150 16 18 SZ | 10 % | no | `lot` | 0.001 | no |
//! | convertible | bonds that turn into shares | 110 111 113 118 SH, 123 125–128 SZ | none, 20 % since 2022-08-01 | yes | 10 | 0.001 | no |
//! | none | everything else | – | none | yes | none | `tick` | yes |
//!
//! Codes of indices, bonds, repurchases, warrants, subscriptions, preferred shares and open-end funds are recognised too, so that
//! a holding of one is refused by name and never taken for a share without a limit. Which ETFs may be sold on the day they
//! were bought (bonds, gold, money, markets abroad) and which in Shenzhen follow ChiNext shares is not in the code. Source:
//! the trading rules and code lists of the three exchanges, as gathered in `docs/markets.md`, "Kinds of securities".

use crate::model::history::Board;
use crate::model::liquidation::lots::Lot;

/// Where a code is listed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Market {
    Shanghai,
    Shenzhen,
    Beijing,
}

/// What a code says of a security.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It trades by the rules of a board; `Board::None` where the code says nothing.
    On(Board),
    /// It is nothing that a margin account holds and sells on the exchange: what it is.
    NotTradable { en: &'static str },
}

const INDEX: Told = Told::NotTradable { en: "an index" };
const BOND: Told = Told::NotTradable { en: "a bond" };
const REPO: Told = Told::NotTradable { en: "a repurchase of bonds" };
const WARRANT: Told = Told::NotTradable { en: "a warrant" };
const SUBSCRIPTION: Told = Told::NotTradable { en: "a code for subscriptions" };
const PREFERRED: Told = Told::NotTradable { en: "a preferred share" };
const OPEN_END: Told = Told::NotTradable { en: "an open-end fund, which is redeemed and not sold" };

const fn on(board: Board) -> Told {
    Told::On(board)
}

/// Codes by their first digits and market, the longer first digits before the shorter; a code without its market is what the
/// first line says that fits it.
const CODES: &[(&str, Market, Told)] = {
    use Market::{Beijing, Shanghai, Shenzhen};
    &[
        // A shares come first: 000001 alone is the share in Shenzhen, not the index in Shanghai
        ("600", Shanghai, on(Board::Main)),
        ("601", Shanghai, on(Board::Main)),
        ("603", Shanghai, on(Board::Main)),
        ("605", Shanghai, on(Board::Main)),
        ("688", Shanghai, on(Board::Star)),
        ("689", Shanghai, on(Board::Star)),
        ("000", Shenzhen, on(Board::Main)),
        ("001", Shenzhen, on(Board::Main)),
        ("002", Shenzhen, on(Board::Main)),
        ("003", Shenzhen, on(Board::Main)),
        ("300", Shenzhen, on(Board::Chinext)),
        ("301", Shenzhen, on(Board::Chinext)),
        ("302", Shenzhen, on(Board::Chinext)),
        ("899", Beijing, INDEX),
        ("4", Beijing, on(Board::Bse)),
        ("8", Beijing, on(Board::Bse)),
        ("92", Beijing, on(Board::Bse)),
        ("900", Shanghai, on(Board::B)),
        ("200", Shenzhen, on(Board::B)),
        ("201", Shenzhen, on(Board::B)),
        ("519", Shanghai, OPEN_END),
        ("580", Shanghai, WARRANT),
        ("581", Shanghai, WARRANT),
        ("582", Shanghai, WARRANT),
        ("588", Shanghai, on(Board::EtfWide)),
        ("589", Shanghai, on(Board::EtfWide)),
        ("50", Shanghai, on(Board::Fund)),
        ("51", Shanghai, on(Board::Etf)),
        ("52", Shanghai, on(Board::Etf)),
        ("53", Shanghai, on(Board::Etf)),
        ("55", Shanghai, on(Board::Etf)),
        ("56", Shanghai, on(Board::Etf)),
        ("159", Shenzhen, on(Board::Etf)),
        ("150", Shenzhen, on(Board::Fund)),
        ("16", Shenzhen, on(Board::Fund)),
        ("18", Shenzhen, on(Board::Fund)),
        ("110", Shanghai, on(Board::Convertible)),
        ("111", Shanghai, on(Board::Convertible)),
        ("113", Shanghai, on(Board::Convertible)),
        ("118", Shanghai, on(Board::Convertible)),
        ("123", Shenzhen, on(Board::Convertible)),
        ("125", Shenzhen, on(Board::Convertible)),
        ("126", Shenzhen, on(Board::Convertible)),
        ("127", Shenzhen, on(Board::Convertible)),
        ("128", Shenzhen, on(Board::Convertible)),
        ("204", Shanghai, REPO),
        ("131", Shenzhen, REPO),
        ("000", Shanghai, INDEX),
        ("399", Shenzhen, INDEX),
        ("98", Shenzhen, INDEX),
        ("360", Shanghai, PREFERRED),
        ("140", Shenzhen, PREFERRED),
        ("03", Shenzhen, WARRANT),
        ("07", Shenzhen, SUBSCRIPTION),
        ("08", Shenzhen, SUBSCRIPTION),
        ("37", Shenzhen, SUBSCRIPTION),
        ("7", Shanghai, SUBSCRIPTION),
        ("0", Shanghai, BOND),
        ("1", Shanghai, BOND),
        ("2", Shanghai, BOND),
        ("1", Shenzhen, BOND),
    ]
};

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

/// What a symbol's code says.
pub fn tell(symbol: &str) -> Told {
    let Some((code, market)) = split(symbol) else { return Told::On(Board::None) };
    let fits = |(head, of, _): &&(&str, Market, Told)| code.starts_with(head) && market.is_none_or(|market| market == *of);
    CODES.iter().find(fits).map_or(Told::On(Board::None), |(_, _, told)| *told)
}

/// The board a symbol's code tells; none for what trades on no board.
pub fn board_of_symbol(symbol: &str) -> Board {
    match tell(symbol) {
        Told::On(board) => board,
        Told::NotTradable { .. } => Board::None,
    }
}

impl Board {
    /// True when what was bought on a day can be sold from the next session on only.
    pub fn waits_a_session(self) -> bool {
        !matches!(self, Board::None | Board::Convertible)
    }

    /// True when a sale pays stamp duty.
    pub fn pays_duty(self) -> bool {
        !matches!(self, Board::Etf | Board::EtfWide | Board::Fund | Board::Convertible)
    }

    /// The lots a sale is made in, given those of main-board shares; 0 for no lots at all.
    pub fn lot(self, main: f64) -> Lot {
        match self {
            _ if main <= 0.0 => Lot::NONE,
            Board::None => Lot::NONE,
            Board::Star => Lot { least: 200.0, step: 1.0 },
            Board::Bse => Lot { least: 100.0, step: 1.0 },
            Board::Convertible => Lot::of(10.0),
            Board::Main | Board::Chinext | Board::B | Board::Etf | Board::EtfWide | Board::Fund => Lot::of(main),
        }
    }

    /// The tick of a symbol's prices, given that of shares; 0 for none at all.
    pub fn tick(self, symbol: &str, shares: f64) -> f64 {
        const FINE: f64 = 0.001;
        match self {
            _ if shares <= 0.0 => 0.0,
            Board::Etf | Board::EtfWide | Board::Fund | Board::Convertible => FINE,
            Board::B if split(symbol).is_some_and(|(code, _)| code.starts_with('9')) => FINE,
            _ => shares,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            (&["900901.SH", "200011.SZ", "201872.SZ", "900901"], Board::B),
            (&["510050.SH", "513100.SH", "159919.SZ", "562500.SH", "510300"], Board::Etf),
            (&["588000.SH", "589000"], Board::EtfWide),
            (&["500001.SH", "501018.SH", "508000.SH", "161725.SZ", "150018.SZ", "184801.SZ", "161725"], Board::Fund),
            (&["110059.SH", "113050.SH", "118000.SH", "123107.SZ", "127045.SZ", "128136.SZ", "113050"], Board::Convertible),
            (
                &["600000.SZ", "300059.SH", "AAPL", "^GSPC", "0700.HK", "600000.", ".SH", "", "ABC", "上证指数", "60000.SH", "S1"],
                Board::None,
            ),
        ] {
            for symbol in symbols {
                assert_eq!(tell(symbol), Told::On(board), "{symbol}");
            }
        }
    }

    #[test]
    fn what_no_account_sells_on_the_exchange_is_told_by_name() {
        for (symbols, told) in [
            (&["000001.SH", "000300.SH", "399006.SZ", "399001", "899050.BJ"][..], INDEX),
            (&["019547.SH", "010107.SH", "122033.SH", "136001.SH", "101698.SZ", "112001.SZ"], BOND),
            (&["204001.SH", "131810.SZ", "204001"], REPO),
            (&["580027.SH", "031007.SZ"], WARRANT),
            (&["730000.SH", "787001.SH", "080001.SZ"], SUBSCRIPTION),
            (&["360001.SH"], PREFERRED),
            (&["519001.SH"], OPEN_END),
        ] {
            for symbol in symbols {
                assert_eq!(tell(symbol), told, "{symbol}");
                assert_eq!(board_of_symbol(symbol), Board::None, "{symbol}");
            }
        }
    }

    #[test]
    fn each_board_has_its_lots_ticks_duty_and_waiting() {
        assert_eq!(Board::Star.lot(100.0), Lot { least: 200.0, step: 1.0 });
        assert_eq!(Board::Bse.lot(100.0), Lot { least: 100.0, step: 1.0 });
        assert_eq!(Board::Convertible.lot(100.0), Lot::of(10.0));
        assert_eq!(Board::Etf.lot(100.0), Lot::of(100.0));
        assert_eq!([Board::Star.lot(0.0), Board::None.lot(100.0)], [Lot::NONE; 2]);
        assert_eq!(Board::Fund.tick("161725.SZ", 0.01), 0.001);
        assert_eq!([Board::B.tick("900901.SH", 0.01), Board::B.tick("200011.SZ", 0.01)], [0.001, 0.01]);
        assert_eq!([Board::Main.tick("600000.SH", 0.01), Board::Etf.tick("510050.SH", 0.0)], [0.01, 0.0]);
        assert!(Board::B.pays_duty() && Board::None.pays_duty() && !Board::Etf.pays_duty() && !Board::Convertible.pays_duty());
        assert!(Board::Etf.waits_a_session() && !Board::Convertible.waits_a_session() && !Board::None.waits_a_session());
    }
}
