//! Counts days: calendar days for interest, trading sessions for margin; only here do they meet.

use chrono::{Datelike, NaiveDate, Weekday};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{borrow::Cow, fmt};

/// A calendar date, counted in days since 1970-01-01 (the count polars and Arrow use).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Day(i32);

const EPOCH_FROM_CE: i32 = 719_163;

impl Day {
    pub const fn from_epoch_days(days: i32) -> Self {
        Day(days)
    }

    pub const fn epoch_days(self) -> i32 {
        self.0
    }

    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, day).map(Day::from_date)
    }

    fn from_date(date: NaiveDate) -> Self {
        Day(date.num_days_from_ce() - EPOCH_FROM_CE)
    }

    fn date(self) -> NaiveDate {
        NaiveDate::from_num_days_from_ce_opt(self.0 + EPOCH_FROM_CE).expect("a day made from a date is a date")
    }

    /// Reads `2015-06-12`, `20150612`, `2015/6/12` or `2015年6月12日`, with a midnight or a `.0` behind it or not; years 1900 to 2200.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = without_midnight(text);
        let parts: Vec<&str> = if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
            vec![&text[..4], &text[4..6], &text[6..]]
        } else {
            text.trim_end_matches('日').split(['-', '/', '.', '年', '月']).collect()
        };
        let [y, m, d] = parts.as_slice() else { return None };
        if y.len() != 4 || [y, m, d].iter().any(|p| p.is_empty() || p.len() > 4 || !p.bytes().all(|b| b.is_ascii_digit())) {
            return None;
        }
        let year: i32 = y.parse().ok()?;
        if !(1900..=2200).contains(&year) {
            return None;
        }
        Day::from_ymd(year, m.parse().ok()?, d.parse().ok()?)
    }

    /// Calendar days from `self` to `later` (negative when it lies before).
    pub fn calendar_days_until(self, later: Day) -> i32 {
        later.0 - self.0
    }

    pub fn is_weekday(self) -> bool {
        !matches!(self.date().weekday(), Weekday::Sat | Weekday::Sun)
    }

    /// The first Monday-to-Friday day after this one; exchange holidays come from a calendar of sessions.
    pub fn next_weekday(self) -> Day {
        let mut next = Day(self.0 + 1);
        while !next.is_weekday() {
            next.0 += 1;
        }
        next
    }

    /// Year, month and day.
    pub fn ymd(self) -> (i32, u32, u32) {
        let date = self.date();
        (date.year(), date.month(), date.day())
    }

    pub fn year(self) -> i32 {
        self.date().year()
    }
}

/// The date without a time of day that is midnight, as exports write it: `0:00`, `T00:00:00+08:00`, `12:00:00 AM`; a `.0` behind
/// eight digits goes too. Whatever the offset, midnight there is the day that is written.
fn without_midnight(text: &str) -> &str {
    if let Some(digits) = text.strip_suffix(".0").or(text.strip_suffix(".00"))
        && digits.len() == 8
    {
        return digits;
    }
    let Some(at) = text.find(['T', ' ']) else { return text };
    let (date, time) = (text[..at].trim_end(), text[at + 1..].trim());
    if is_midnight(time) { date } else { text }
}

/// `0:00`, `00:00:00.000`, `00:00:00Z`, `00:00:00+08:00`, `00:00:00 +0800`, `12:00:00 AM`.
fn is_midnight(time: &str) -> bool {
    if let Some(half) = time.strip_suffix("AM").or(time.strip_suffix("am")) {
        return ["12:00", "12:00:00", "0:00:00", "00:00:00"].contains(&half.trim_end());
    }
    let time = time.strip_suffix(['Z', 'z']).unwrap_or(time);
    let clock = match time.rfind(['+', '-']) {
        Some(at) if time[at + 1..].bytes().all(|b| b.is_ascii_digit() || b == b':') && time.len() > at + 2 => time[..at].trim_end(),
        _ => time,
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut parts = clock.split(':');
    let zero = |part: &str| matches!(part, "0" | "00");
    (2..=3).contains(&clock.split(':').count()) && parts.all(zero) && !fraction.is_empty() && fraction.bytes().all(|b| b == b'0')
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.date().format("%Y-%m-%d"))
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Day::parse(&text).ok_or_else(|| de::Error::custom(format!("`{text}` is not a date such as \"2015-06-12\"")))
    }
}

impl JsonSchema for Day {
    fn schema_name() -> Cow<'static, str> {
        "Day".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "description": "a date such as \"2015-06-12\"", "pattern": "^[0-9]{4}[-/]?[0-9]{1,2}[-/]?[0-9]{1,2}$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_written_forms_are_one_day() {
        let day = Day::from_ymd(2015, 6, 12).unwrap();
        for text in ["2015-06-12", "20150612", "2015/6/12", "2015年6月12日"] {
            assert_eq!(Day::parse(text), Some(day), "{text}");
        }
        for text in ["2015-02-30", "12/06/2015", "2015-6", "", "20151301", "0001-01-01"] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
        assert_eq!(day.to_string(), "2015-06-12");
        assert_eq!(Day::from_ymd(1970, 1, 2).unwrap().epoch_days(), 1);
    }

    #[test]
    fn a_midnight_behind_a_date_is_that_day() {
        let day = Day::from_ymd(2014, 11, 3);
        for text in [
            "2014/11/03 0:00:00",
            "2014-11-03T00:00:00+08:00",
            "20141103.0",
            "2014-11-03 0:00",
            "2014-11-03 00:00:00.000",
            "2014-11-03T00:00:00Z",
            "2014-11-03 00:00:00 +0800",
            "2014-11-03 12:00:00 AM",
            "2014-11-03 00:00:00-05:00",
        ] {
            assert_eq!(Day::parse(text), day, "{text}");
        }
        for text in ["2014-11-03 15:00:00", "2014-11-02T16:00:00Z", "2014-11-03 12:00:00 PM", "2014-11-03 00:00:00.5", "20141103.5"] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }
}
