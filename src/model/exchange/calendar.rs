//! Knows the sessions of five markets, and which of them a programme follows when it names none.
//!
//! The tables of closed days are facts, gathered from the package exchange_calendars (Apache-2.0): China since the Shanghai
//! exchange opened on 1990-12-19, Hong Kong and New York since 1990, Korea since 2000 and Taiwan since 2002 (before, they
//! traded on Saturdays too, which the source does not hold). Beijing and Shenzhen keep Shanghai's days.
//!
//! Worked: the last Shanghai session of September 2015 is Wednesday the 30th, the next one Thursday 8 October.

use crate::model::history::Board;
use crate::model::part::Words;
use crate::units::Calendar;

/// A market with a calendar in the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchanges {
    /// As the programme writes it.
    pub key: &'static str,
    pub name: Words,
    /// The currency that stands for the market.
    currency: &'static str,
    table: &'static str,
}

/// The markets whose sessions are known.
pub const MARKETS: [Exchanges; 5] = [
    Exchanges {
        key: "cn",
        name: Words("Shanghai, Shenzhen and Beijing", "沪、深、北交易所"),
        currency: "CNY",
        table: include_str!("calendars/cn.txt"),
    },
    Exchanges { key: "hk", name: Words("Hong Kong", "香港"), currency: "HKD", table: include_str!("calendars/hk.txt") },
    Exchanges { key: "us", name: Words("New York", "纽约"), currency: "USD", table: include_str!("calendars/us.txt") },
    Exchanges { key: "kr", name: Words("Korea", "韩国"), currency: "KRW", table: include_str!("calendars/kr.txt") },
    Exchanges { key: "tw", name: Words("Taiwan", "台湾"), currency: "TWD", table: include_str!("calendars/tw.txt") },
];

/// Every Monday to Friday, by its key.
pub const WEEKDAYS: &str = "weekdays";

impl Exchanges {
    /// The sessions of the market.
    pub fn calendar(&self) -> Calendar {
        Calendar::parse(self.table).unwrap_or_else(|| panic!("the calendar of {} cannot be read", self.key))
    }
}

/// The market of that key.
pub fn of_key(key: &str) -> Option<&'static Exchanges> {
    MARKETS.iter().find(|market| market.key == key)
}

/// True where `[data] calendar` names a calendar of the program, not a file.
pub fn is_key(written: &str) -> bool {
    written == WEEKDAYS || of_key(written).is_some()
}

/// The market of a currency.
pub fn of_currency(currency: &str) -> Option<&'static Exchanges> {
    MARKETS.iter().find(|market| market.currency == currency)
}

/// The market of a rulebook: `us-reg-t` is of `us`, `cn-regulated` of `cn`.
pub fn of_rulebook(name: &str) -> Option<&'static Exchanges> {
    of_key(name.split('-').next().unwrap_or(name))
}

/// The market of a board; nothing for what is on none.
pub fn of_board(board: Board) -> Option<&'static Exchanges> {
    (board != Board::None).then(|| of_key("cn").expect("China is among the markets"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Day;

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a date")
    }

    #[test]
    fn every_market_knows_its_holidays() {
        // (market, last session before the holiday, the next one)
        for (key, before, after) in [
            ("cn", "2015-09-30", "2015-10-08"),
            ("cn", "2020-01-23", "2020-02-03"),
            ("cn", "2026-02-13", "2026-02-24"),
            ("hk", "2015-10-02", "2015-10-05"),
            ("hk", "2024-03-28", "2024-04-02"),
            ("us", "2015-07-02", "2015-07-06"),
            ("us", "2001-09-10", "2001-09-17"),
            ("kr", "2025-10-02", "2025-10-10"),
            ("tw", "2024-02-05", "2024-02-15"),
        ] {
            let market = of_key(key).expect("a market");
            assert_eq!(market.calendar().next(day(before)), day(after), "{key} after {before}");
        }
    }

    #[test]
    fn beyond_the_known_years_only_fixed_holidays_are_told() {
        let china = of_key("cn").expect("China").calendar();
        assert_eq!(china.known(), Some((day("1990-12-19"), day("2026-12-31"))));
        assert_eq!(china.next(day("2029-09-30")), day("2029-10-08"), "the week of the national day");
        assert_eq!(china.next(day("2027-02-05")), day("2027-02-08"), "the new year of the moon is not known");
    }

    #[test]
    fn a_year_has_about_as_many_sessions_as_it_should() {
        for market in MARKETS {
            let calendar = market.calendar();
            let (first, last) = calendar.known().expect("known years");
            for year in first.year() + 1..=last.year() {
                let from = Day::from_ymd(year, 1, 1).expect("a day").epoch_days();
                let sessions = (from..from + 365).filter(|d| calendar.is_session(Day::from_epoch_days(*d))).count();
                assert!((236..=258).contains(&sessions), "{} {year}: {sessions}", market.key);
            }
        }
    }

    #[test]
    fn rulebooks_and_currencies_name_their_market() {
        assert_eq!(of_rulebook("cn-broker-145").map(|m| m.key), Some("cn"));
        assert_eq!(of_rulebook("kr").map(|m| m.key), Some("kr"));
        assert_eq!(of_rulebook("my-own"), None);
        assert_eq!(of_currency("TWD").map(|m| m.key), Some("tw"));
        assert_eq!(of_currency("EUR"), None);
        assert!(is_key("weekdays") && is_key("hk") && !is_key("calendar.csv"));
    }

    #[test]
    fn the_chinese_calendar_is_that_of_the_index() {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/cn_indices.csv");
        let Ok(text) = std::fs::read_to_string(&file) else {
            println!("skipped: {} is not there", file.display());
            return;
        };
        let mut dates: Vec<Day> = text.lines().skip(1).filter_map(|line| Day::parse(line.split(',').next()?)).collect();
        dates.sort();
        dates.dedup();
        let calendar = of_key("cn").expect("China").calendar();
        let (first, last) = (dates[0], dates[dates.len() - 1]);
        let told: Vec<Day> =
            (first.epoch_days()..=last.epoch_days()).map(Day::from_epoch_days).filter(|d| calendar.is_session(*d)).collect();
        assert!(told == dates, "{} sessions told, {} in the file", told.len(), dates.len());
    }
}
