//! Writes numbers as a reader expects them: grouped, scaled, with no more digits than their error allows.
//!
//! An estimate shows its standard error to one digit, two when the first is a 1 or 2: value 12.4312 with error 0.3112
//! is `12.4 ± 0.3`. A figure without sampling error (a replay) shows four digits and no error.

use super::{Text, Word};
use crate::measures::{Estimate, Flag, Unit};

/// What money is divided by before it is written, and what that is called.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    pub divisor: f64,
    en: &'static str,
    zh: &'static str,
}

impl Scale {
    pub const ONE: Scale = Scale { divisor: 1.0, en: "", zh: "" };

    /// The scale that suits the largest of some amounts: units, million or billion; 元, 万 or 亿.
    pub fn of(text: &Text, amounts: impl IntoIterator<Item = f64>) -> Scale {
        let largest = amounts.into_iter().filter(|v| v.is_finite()).fold(0.0, |a: f64, v| a.max(v.abs()));
        let steps: [(f64, Scale); 2] = if text.zh() {
            [(1e9, Scale { divisor: 1e8, en: "", zh: "亿" }), (1e5, Scale { divisor: 1e4, en: "", zh: "万" })]
        } else {
            [(1e10, Scale { divisor: 1e9, en: "bn", zh: "" }), (1e6, Scale { divisor: 1e6, en: "m", zh: "" })]
        };
        steps.iter().find(|(from, _)| largest >= *from).map_or(Scale::ONE, |(_, scale)| *scale)
    }

    /// The unit for a heading: `CNY m`, `万元`.
    pub fn unit(&self, text: &Text, currency: &str) -> String {
        if text.zh() {
            let yuan = if text.yuan { "元".to_string() } else { format!(" {currency}") };
            format!("{}{yuan}", self.zh).trim().to_string()
        } else {
            format!("{currency} {}", self.en).trim_end().to_string()
        }
    }

    /// An amount in running text: `CNY 12.4 m`, `12.4 万元`.
    pub fn in_text(&self, text: &Text, currency: &str, number: &str) -> String {
        if text.zh() {
            format!("{number} {}", self.unit(text, currency))
        } else {
            format!("{currency} {number} {}", self.en).trim_end().to_string()
        }
    }
}

/// The power of ten and the first digit of a positive number, by its decimal text (no logarithm, so the same everywhere).
fn leading(value: f64) -> (i32, u8) {
    let text = format!("{value:.1e}");
    let (digits, exponent) = text.split_once('e').expect("a number in scientific form has an exponent");
    (exponent.parse().expect("an exponent is a number"), digits.as_bytes()[0] - b'0')
}

/// Decimals that show an error to its first digit, or its first two when the first is 1 or 2.
pub fn decimals_for_error(error: f64) -> usize {
    if error <= 0.0 || !error.is_finite() {
        return 0;
    }
    let (exponent, digit) = leading(error);
    let digits = if digit <= 2 { 1 } else { 0 };
    (digits - exponent).clamp(0, 6) as usize
}

/// Decimals that show about `digits` digits of a value.
pub fn decimals_for_value(value: f64, digits: i32) -> usize {
    if value == 0.0 || !value.is_finite() { 0 } else { (digits - 1 - leading(value.abs()).0).clamp(0, 6) as usize }
}

/// A number with thousands separators; a rounded zero has no sign.
pub fn grouped(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), String::new()), |(w, r)| (w, format!(".{r}")));
    let mut out = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    let zero = text.bytes().all(|b| matches!(b, b'0' | b'.'));
    let sign = if value < 0.0 && !zero { "−" } else { "" };
    format!("{sign}{out}{rest}")
}

pub fn count(value: u64) -> String {
    grouped(value as f64, 0)
}

/// A fraction as per cent with three digits: 0.01234 is `1.23%`.
pub fn percent(fraction: f64) -> String {
    let value = fraction * 100.0;
    format!("{}%", grouped(value, decimals_for_value(value, 3).min(4)))
}

/// A parameter as the programme states it: 1.3 is `130%`.
pub fn line(fraction: f64) -> String {
    let text = format!("{:.4}", fraction * 100.0);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A plain figure with four digits and no trailing zeros.
pub fn plain(value: f64) -> String {
    let decimals = decimals_for_value(value, 4);
    let text = grouped(value, decimals);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

/// One estimate, written.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// `12.4 ± 0.3`, or `n/a`.
    pub value: String,
    /// `12.1 to 12.7`.
    pub interval: String,
    /// `%`, or nothing: the unit that stands behind the number, money's stands in the heading.
    pub suffix: &'static str,
}

impl Written {
    /// The value with its unit for running text: `12.4 ± 0.3%`, `0% (≤ 0.004%)`.
    pub fn full(&self) -> String {
        match self.value.strip_suffix(')').and_then(|open| open.split_once(" (")) {
            Some((value, bound)) if !self.suffix.is_empty() => format!("{value}{0} ({bound}{0})", self.suffix),
            _ => format!("{}{}", self.value, self.suffix),
        }
    }
}

/// Decimals of a value and its error: as many as the error needs, but not more than four digits of the value unless the
/// error would then vanish.
fn decimals(value: f64, error: f64) -> usize {
    let (needed, enough) = (decimals_for_error(error), decimals_for_value(value, 4));
    let rounded = |decimals: usize| format!("{error:.decimals$}").bytes().any(|b| matches!(b, b'1'..=b'9'));
    if value != 0.0 && needed > enough && rounded(enough) { enough } else { needed }
}

/// Writes an estimate; money is divided by `scale`.
pub fn estimate(text: &Text, e: &Estimate, scale: Scale) -> Written {
    let (factor, suffix) = match e.unit {
        Unit::Money => (1.0 / scale.divisor, ""),
        Unit::Ratio => (100.0, "%"),
        Unit::Days | Unit::Number | Unit::Count => (1.0, ""),
    };
    if e.flag == Some(Flag::Undefined) || !e.value.is_finite() {
        return Written { value: text.get(Word::NotAvailable).into(), interval: "–".into(), suffix: "" };
    }
    let (value, error) = (e.value * factor, e.std_error * factor);
    let (low, high) = (e.ci_low * factor, e.ci_high.map(|h| h * factor));
    // an error of rounding noise is none
    let noise = error.abs() <= 1e-9 * value.abs() && value != 0.0;
    let exact = e.paths <= 1 || noise || (error == 0.0 && high == Some(low));
    if exact {
        let digits = decimals_for_value(value, 4).min(4);
        return Written { value: grouped(value, digits), interval: "–".into(), suffix };
    }
    if error == 0.0 || !error.is_finite() {
        // no path differed, but more paths might: the interval tells how far
        let digits = high.map_or(0, |h| decimals_for_value(h, 2));
        let bound = match high {
            Some(h) if h > value => format!("{} (≤ {})", grouped(value, decimals_for_value(value, 3)), grouped(h, digits)),
            _ => grouped(value, decimals_for_value(value, 3)),
        };
        return Written { value: bound, interval: span(text, low, high, digits), suffix };
    }
    let digits = decimals(value, error);
    let value = format!("{} ± {}", grouped(value, digits), grouped(error, digits));
    Written { value, interval: span(text, low, high, digits), suffix }
}

fn span(text: &Text, low: f64, high: Option<f64>, digits: usize) -> String {
    let to = text.get(Word::IntervalTo);
    match high {
        Some(high) => format!("{} {to} {}", grouped(low, digits), grouped(high, digits)),
        None => format!("≥ {}", grouped(low, digits)),
    }
}

/// What the flag of an estimate says: `thin tail: 7 paths beyond`.
pub fn flag(text: &Text, key: &str, e: &Estimate) -> Option<String> {
    let beyond = super::measure::tail_level(key).map(|level| ((1.0 - level) * e.paths as f64).round() as u64);
    Some(match (e.flag?, beyond) {
        (Flag::ThinTail, Some(n)) => text.fill(Word::FlagThinTailCounted, &[("n", &count(n))]),
        (Flag::ThinTail, None) => text.get(Word::FlagThinTail).into(),
        (Flag::OpenInterval, _) => text.get(Word::FlagOpenInterval).into(),
        (Flag::Undefined, _) => text.get(Word::FlagUndefined).into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::case::Language;

    fn money(value: f64, std_error: f64) -> Estimate {
        let (ci_low, ci_high) = (value - 2.0 * std_error, Some(value + 2.0 * std_error));
        Estimate { value, std_error, ci_low, ci_high, paths: 1000, unit: Unit::Money, flag: None }
    }

    #[test]
    fn digits_follow_the_error() {
        let en = Text::new(Language::En, "CNY");
        let scale = Scale::of(&en, [12_431_200.0]);
        assert_eq!(estimate(&en, &money(12_431_200.0, 311_200.0), scale).value, "12.4 ± 0.3");
        assert_eq!(estimate(&en, &money(12_431_200.0, 151_200.0), scale).value, "12.43 ± 0.15");
        assert_eq!(scale.unit(&en, "CNY"), "CNY m");
        let zh = Text::new(Language::Zh, "CNY");
        let scale = Scale::of(&zh, [12_431_200.0]);
        assert_eq!(estimate(&zh, &money(12_431_200.0, 311_200.0), scale).value, "1,243 ± 31");
        assert_eq!(scale.unit(&zh, "CNY"), "万元");
        assert_eq!(Scale::of(&zh, [2e9]).in_text(&zh, "CNY", "20"), "20 亿元");
        assert_eq!(grouped(-1234567.891, 1), "−1,234,567.9");
        assert_eq!(grouped(-0.001, 1), "0.0");
        assert_eq!(line(1.3), "130%");
        assert_eq!(percent(0.0123456), "1.23%");
    }

    #[test]
    fn nothing_seen_still_shows_how_much_may_be_hidden() {
        let en = Text::new(Language::En, "CNY");
        let never =
            Estimate { value: 0.0, std_error: 0.0, ci_low: 0.0, ci_high: Some(0.000037), paths: 100_000, unit: Unit::Ratio, flag: None };
        assert_eq!(estimate(&en, &never, Scale::ONE).full(), "0% (≤ 0.0037%)");
        let nan = Estimate { value: f64::NAN, flag: Some(Flag::Undefined), ..never };
        assert_eq!(estimate(&en, &nan, Scale::ONE).full(), "n/a");
        let thin = Estimate { flag: Some(Flag::ThinTail), paths: 7000, ..money(1.0, 0.1) };
        assert_eq!(flag(&en, "pool_loss.es_99_9", &thin).unwrap(), "thin tail: 7 paths beyond");
    }
}
