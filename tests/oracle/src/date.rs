//! Counts calendar days: a date is a number of days, so that interest is a difference.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A day of the calendar, as days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Date(pub i32);

impl Date {
    /// The day of a year, a month (1 to 12) and a day of the month.
    pub fn new(year: i32, month: u32, day: u32) -> Date {
        let mut days = 0;
        if year >= 1970 {
            days += (1970..year).map(length_of_year).sum::<i32>();
        } else {
            days -= (year..1970).map(length_of_year).sum::<i32>();
        }
        days += (1..month).map(|m| length_of_month(year, m)).sum::<i32>();
        Date(days + day as i32 - 1)
    }

    /// Reads `2015-06-12`, `20150612`, `2015/6/12` and `2015年6月12日`.
    pub fn read(text: &str) -> Result<Date, String> {
        let text = text.trim();
        let parts: Vec<u32> = if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
            [&text[..4], &text[4..6], &text[6..]].iter().filter_map(|part| part.parse().ok()).collect()
        } else {
            let cut = text.split(['-', '/', '年', '月', '日']).filter(|part| !part.is_empty());
            cut.filter_map(|part| part.parse().ok()).collect()
        };
        match parts.as_slice() {
            &[year, month @ 1..=12, day] if day >= 1 && day as i32 <= length_of_month(year as i32, month) => {
                Ok(Date::new(year as i32, month, day))
            }
            _ => Err(format!("`{text}` is no date")),
        }
    }

    /// Year, month and day.
    pub fn parts(self) -> (i32, u32, u32) {
        let (mut year, mut days) = (1970, self.0);
        while days < 0 {
            year -= 1;
            days += length_of_year(year);
        }
        while days >= length_of_year(year) {
            days -= length_of_year(year);
            year += 1;
        }
        let mut month = 1;
        while days >= length_of_month(year, month) {
            days -= length_of_month(year, month);
            month += 1;
        }
        (year, month, days as u32 + 1)
    }

    /// Monday is 0.
    pub fn weekday(self) -> i32 {
        (self.0 + 3).rem_euclid(7)
    }

    /// Calendar days from an earlier day to this one.
    pub fn since(self, earlier: Date) -> i32 {
        self.0 - earlier.0
    }

    /// The first `count` weekdays after this one: the sessions of an exchange without holidays.
    pub fn weekdays_after(self, count: usize) -> Vec<Date> {
        (self.0 + 1..).map(Date).filter(|day| day.weekday() < 5).take(count).collect()
    }
}

fn length_of_year(year: i32) -> i32 {
    if (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 { 366 } else { 365 }
}

fn length_of_month(year: i32, month: u32) -> i32 {
    match month {
        2 => length_of_year(year) - 337,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let (year, month, day) = self.parts();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
        /// A date of TOML, which is a table of one key to serde, or a text.
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Text(String),
            Toml(toml::value::Datetime),
        }
        let text = match Written::deserialize(from)? {
            Written::Text(text) => text,
            Written::Toml(date) => date.to_string(),
        };
        Date::read(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_over_leap_years() {
        assert_eq!(Date::new(1970, 1, 1), Date(0));
        assert_eq!(Date::read("2016-03-01").unwrap().since(Date::read("20160228").unwrap()), 2);
        assert_eq!(Date::read("2015/7/10").unwrap().since(Date::read("2015年6月12日").unwrap()), 28);
        for day in [-40_000, -1, 0, 59, 16_598, 20_000] {
            let (y, m, d) = Date(day).parts();
            assert_eq!(Date::new(y, m, d), Date(day));
        }
    }

    #[test]
    fn friday_is_followed_by_monday() {
        let friday = Date::new(2015, 6, 12);
        assert_eq!(friday.weekday(), 4);
        assert_eq!(friday.weekdays_after(2), [Date::new(2015, 6, 15), Date::new(2015, 6, 16)]);
        assert!(Date::read("2015-02-29").is_err());
    }
}
