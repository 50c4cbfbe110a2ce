//! Reads one cell: a number, a yes or no, a day, an identifier; says what is wrong when it is none.
//!
//! A number is finite and written in half-width digits: `1500`, `-0.5`, `"1,234.5"`, `6%` where a ratio stands.
//! Example: `number_in("6%", true, 1.0)` is 0.06, `number_in("1e309", false, 1.0)` is refused.

pub use super::identity::{bad_id, symbol};
use super::width::half_width;
use crate::units::Day;
use std::borrow::Cow;

/// What a number must be, and the sentences said when it is not.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    pub why: &'static str,
    pub fix: &'static str,
    pub low: f64,
    pub low_open: bool,
    pub high: f64,
    /// A fraction that may be written with a per cent sign.
    pub ratio: bool,
    /// An empty cell is no value; otherwise it is a problem.
    pub may_be_empty: bool,
}

impl Rule {
    pub const fn any(why: &'static str, fix: &'static str) -> Self {
        Rule { why, fix, low: f64::NEG_INFINITY, low_open: false, high: f64::INFINITY, ratio: false, may_be_empty: false }
    }

    pub const fn above(mut self, low: f64) -> Self {
        self.low = low;
        self.low_open = true;
        self
    }

    pub const fn at_least(mut self, low: f64) -> Self {
        self.low = low;
        self
    }

    pub const fn at_most(mut self, high: f64) -> Self {
        self.high = high;
        self
    }

    pub const fn ratio(mut self) -> Self {
        self.ratio = true;
        self
    }

    pub const fn or_empty(mut self) -> Self {
        self.may_be_empty = true;
        self
    }

    pub fn holds(&self, value: f64) -> bool {
        value.is_finite() && value <= self.high && if self.low_open { value > self.low } else { value >= self.low }
    }
}

/// Why a cell is no number; each has its own remedy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Bad {
    /// Full-width digits or a typographic minus; carries the half-width spelling.
    Width(String),
    /// `#REF!`, `#N/A` and the like.
    Sheet,
    Percent,
    /// `NaN`, `inf`, or beyond the largest number.
    NotFinite,
    NotNumber,
}

/// Marks that stand before or behind an amount of a currency.
const MONEY: [(&str, &[&str]); 6] =
    [("CNY", &["¥", "￥"]), ("USD", &["US$", "$"]), ("HKD", &["HK$"]), ("EUR", &["€"]), ("GBP", &["£"]), ("JPY", &["¥", "￥"])];

/// An amount without the mark of the programme's currency: `$1,234.50` and `-$5` of dollars.
pub fn without_money_mark<'a>(cell: &'a str, currency: &str) -> Cow<'a, str> {
    if cell.bytes().next().is_none_or(|b| b.is_ascii_digit()) && cell.bytes().last().is_none_or(|b| b.is_ascii_digit()) {
        return cell.into();
    }
    let marks = MONEY.iter().find(|(code, _)| *code == currency).map_or(&[][..], |(_, marks)| marks);
    for mark in marks {
        if let Some(rest) = cell.strip_prefix(mark).or_else(|| cell.strip_suffix(mark)) {
            return rest.trim().into();
        }
        if let Some(rest) = cell.strip_prefix('-').and_then(|rest| rest.strip_prefix(mark)) {
            return format!("-{}", rest.trim()).into();
        }
    }
    cell.into()
}

/// A finite number in a unit that is worth `scale`, a power of ten; a trailing per cent sign, where `ratio` allows it, says the unit itself.
///
/// The point of the digits is moved before they are read: 7.39 in per cent is the double nearest to 0.0739.
pub fn number_in(text: &str, ratio: bool, scale: f64) -> Result<f64, Bad> {
    let text = text.trim();
    if scale == 1.0
        && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && let Ok(value) = text.parse::<f64>()
        && value.is_finite()
    {
        return Ok(value);
    }
    let (digits, scale) = match text.strip_suffix(['%', '\u{ff05}']) {
        Some(digits) if ratio => (digits.trim_end(), 0.01),
        Some(_) => return Err(Bad::Percent),
        None => (text, scale),
    };
    let mut plain = without_thousands(digits).ok_or_else(|| diagnose(text))?;
    let value: f64 = plain.parse().map_err(|_| diagnose(text))?;
    if !value.is_finite() {
        return Err(Bad::NotFinite);
    }
    let value = match power_of(scale) {
        Some((0, _)) => value,
        Some((_, written)) if !plain.contains(['e', 'E']) => {
            plain.push_str(written);
            plain.parse().map_err(|_| diagnose(text))?
        }
        _ => scaled(value, scale),
    };
    if value.is_finite() { Ok(value) } else { Err(Bad::NotFinite) }
}

/// What units are worth: the double, the power of ten, and how a number says it.
const POWERS: [(f64, i32, &str); 14] = [
    (1.0, 0, ""),
    (1e-4, -4, "e-4"),
    (1e-3, -3, "e-3"),
    (1e-2, -2, "e-2"),
    (1e-1, -1, "e-1"),
    (1e1, 1, "e1"),
    (1e2, 2, "e2"),
    (1e3, 3, "e3"),
    (1e4, 4, "e4"),
    (1e5, 5, "e5"),
    (1e6, 6, "e6"),
    (1e7, 7, "e7"),
    (1e8, 8, "e8"),
    (1e9, 9, "e9"),
];

fn power_of(scale: f64) -> Option<(i32, &'static str)> {
    POWERS.iter().find(|(worth, ..)| *worth == scale).map(|(_, power, written)| (*power, *written))
}

/// A number times a power of ten, as its digits would be read with their point moved.
pub fn scaled(value: f64, scale: f64) -> f64 {
    /// Whole numbers below are doubles, and so are powers of ten up to 10²²: one rounding is left.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if scale == 1.0 || value == 0.0 || !value.is_finite() {
        return value;
    }
    let Some((power, written)) = power_of(scale) else { return value * scale };
    let whole = value.fract() == 0.0 && value.abs() < EXACT;
    if whole && (0..=22).contains(&power) {
        return value * scale;
    }
    if whole && (-22..0).contains(&power) {
        return value / (power..0).fold(1.0, |ten, _| ten * 10.0);
    }
    format!("{value}{written}").parse().unwrap_or(value * scale)
}

/// The digits without separators of thousands; none when a character or a group does not belong to a number.
fn without_thousands(digits: &str) -> Option<String> {
    if !digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b'e' | b'E' | b'+' | b'-')) {
        return None;
    }
    if !digits.contains(',') {
        return Some(digits.to_string());
    }
    let whole_end = digits.find(['.', 'e', 'E']).unwrap_or(digits.len());
    let (whole, rest) = digits.split_at(whole_end);
    let mut groups = whole.trim_start_matches(['+', '-']).split(',');
    let first = groups.next()?;
    let grouped = (1..=3).contains(&first.len()) && groups.all(|g| g.len() == 3);
    (grouped && !rest.contains(',')).then(|| digits.replace(',', ""))
}

fn diagnose(text: &str) -> Bad {
    let half = half_width(text);
    if half != text {
        return Bad::Width(half);
    }
    if text.starts_with('#') {
        return Bad::Sheet;
    }
    match text.trim_start_matches(['+', '-']).to_ascii_lowercase().as_str() {
        "nan" | "inf" | "infinity" => Bad::NotFinite,
        _ => Bad::NotNumber,
    }
}

/// Marks that vendors write where there is no value.
pub fn is_none(cell: &str) -> bool {
    matches!(cell, "" | "-" | "--" | "—" | "n/a" | "N/A")
}

/// The why and the fix of a bad number under a rule.
pub fn explain(bad: &Bad, rule: &Rule) -> (String, String) {
    match bad {
        Bad::Width(half) => ("full-width digits and signs are not read as numbers".into(), format!("write half-width characters: {half}")),
        Bad::Sheet => {
            ("a spreadsheet error stands where a value belongs".into(), "mend the formula in the sheet and export it again".into())
        }
        Bad::Percent => (format!("{}, not a share", rule.why), "write the value without a per cent sign".into()),
        Bad::NotFinite => (format!("{}; NaN and infinity are no values", rule.why), rule.fix.into()),
        Bad::NotNumber => (rule.why.into(), rule.fix.into()),
    }
}

/// What yes means in a column of yes and no: the same word says yes under one and no under another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Meaning {
    Plain,
    /// Yes is halted.
    Suspended,
    /// The same, and -1 marks the day on which trading resumes (QMT).
    SuspendFlag,
    /// Yes is trading.
    Trading,
    SpecialTreatment,
}

impl Meaning {
    /// Of a column by its canonical name and the header it has in the file, folded.
    pub fn of(column: &str, header: &str) -> Meaning {
        match column {
            _ if header == "suspendflag" => Meaning::SuspendFlag,
            "suspended" => Meaning::Suspended,
            "tradestatus" => Meaning::Trading,
            "st" | "is_st" => Meaning::SpecialTreatment,
            _ => Meaning::Plain,
        }
    }

    /// A number as yes, no, or neither.
    pub fn of_number(self, value: f64) -> Option<bool> {
        match value {
            1.0 => Some(true),
            0.0 => Some(false),
            -1.0 if self == Meaning::SuspendFlag => Some(false),
            _ => None,
        }
    }
}

/// Yes, no, or neither.
pub fn flag(text: &str, meaning: Meaning) -> Option<bool> {
    let word = text.trim().to_lowercase();
    match word.as_str() {
        "1" | "1.0" | "true" | "t" | "yes" | "y" | "是" => return Some(true),
        "0" | "0.0" | "false" | "f" | "no" | "n" | "否" => return Some(false),
        "-1" if meaning == Meaning::SuspendFlag => return Some(false),
        _ => {}
    }
    let halted = ["停牌", "连续停牌", "全天停牌", "停牌一天", "暂停上市", "suspended", "halted", "halt"].contains(&word.as_str());
    let trading = ["交易", "正常", "正常交易", "复牌", "上市", "盘中停牌", "trading", "normal", "traded"].contains(&word.as_str());
    match meaning {
        Meaning::Suspended | Meaning::SuspendFlag if halted || trading => Some(halted),
        Meaning::Trading if halted || trading => Some(trading),
        Meaning::SpecialTreatment if ["st", "*st", "s*st", "sst"].contains(&word.as_str()) => Some(true),
        Meaning::SpecialTreatment if ["正常", "非st", "normal"].contains(&word.as_str()) => Some(false),
        _ => None,
    }
}

/// Whether a share's name says special treatment: `*ST浦发`, `ST 星源`, `S*ST前锋`.
pub fn is_st_name(name: &str) -> bool {
    let name = half_width(name.trim()).to_uppercase();
    let name = name.strip_prefix('S').filter(|rest| rest.starts_with("*ST") || rest.starts_with("ST")).unwrap_or(&name);
    let rest = name.strip_prefix("*ST").or_else(|| name.strip_prefix("ST"));
    // behind the mark stands a Chinese name: STAR and Stora are none
    rest.is_some_and(|rest| rest.trim_start().chars().next().is_none_or(|c| !c.is_ascii()))
}

/// A day; the error is the half-width spelling where that alone is wrong.
pub fn day(text: &str) -> Result<Day, Option<String>> {
    Day::parse(text).ok_or_else(|| {
        let half = half_width(text);
        (half != text && Day::parse(&half).is_some()).then_some(half)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str, ratio: bool) -> Result<f64, Bad> {
        number_in(text, ratio, 1.0)
    }

    #[test]
    fn numbers_are_finite_and_half_width() {
        for (text, value) in [("1500", 1500.0), (" 1,234.5 ", 1234.5), ("-1,234,567", -1_234_567.0), ("+.5e1", 5.0), ("1e-400", 0.0)] {
            assert_eq!(number(text, false), Ok(value), "{text}");
        }
        assert_eq!(number("6%", true), Ok(0.06));
        assert_eq!(number("6 ％", true), Ok(0.06));
        assert_eq!(number("6%", false), Err(Bad::Percent));
        for text in ["1e309", "NaN", "-inf", &"9".repeat(400)] {
            assert_eq!(number(text, false), Err(Bad::NotFinite), "{text}");
        }
        for text in ["0x1F", "1,23", "12,34.5", "1.2.3", "--", "", "1 000", "1e", "e5", "（5）x", "1,234,", "1.5,000"] {
            assert!(number(text, false).is_err(), "{text}");
        }
        assert_eq!(number("１５００", false), Err(Bad::Width("1500".into())));
        assert_eq!(number("−5", false), Err(Bad::Width("-5".into())));
        assert_eq!(number("#REF!", false), Err(Bad::Sheet));
    }

    #[test]
    fn the_mark_of_the_own_currency_is_no_part_of_a_number() {
        for (cell, currency, bare) in [
            ("$1,234.50", "USD", "1,234.50"),
            ("-$5", "USD", "-5"),
            ("22.000 €", "EUR", "22.000"),
            ("$5", "CNY", "$5"),
            ("￥ 5", "CNY", "5"),
            ("6%", "USD", "6%"),
        ] {
            assert_eq!(without_money_mark(cell, currency), bare);
        }
    }

    #[test]
    fn a_unit_moves_the_point_and_rounds_once() {
        for (text, scale, value) in [("7.39", 0.01, 0.0739), ("12.345678", 1e4, 123_456.78), ("0.07", 1e8, 7e6), ("1,234.5", 1e-4, 0.12345)]
        {
            assert_eq!(number_in(text, true, scale), Ok(value), "{text}");
            assert_eq!(scaled(text.replace(',', "").parse().unwrap(), scale), value, "{text}");
        }
        assert_eq!(number_in("8.4%", true, 1e4), Ok(0.084), "the sign says the unit itself");
        assert_eq!((number_in("7e2", true, 0.01), scaled(11_050.0, 1e3), scaled(1105.0, 0.01)), (Ok(7.0), 11_050_000.0, 11.05));
        assert_eq!(number_in("1e300", true, 1e9), Err(Bad::NotFinite));
    }

    #[test]
    fn a_word_means_what_its_column_asks() {
        assert_eq!((flag("停牌", Meaning::Suspended), flag("停牌", Meaning::Trading)), (Some(true), Some(false)));
        assert_eq!((flag("交易", Meaning::Suspended), flag("交易", Meaning::Trading)), (Some(false), Some(true)));
        assert_eq!(
            (flag("停牌", Meaning::Plain), flag("ST", Meaning::Suspended), flag("*ST", Meaning::SpecialTreatment)),
            (None, None, Some(true))
        );
        assert!(is_st_name("*ST浦发") && is_st_name("S*ST前锋") && is_st_name("ST星源") && is_st_name("＊ST海润"));
        assert!(!is_st_name("浦发银行") && !is_st_name("STAR 50") && !is_st_name("Stora"));
    }
}
