//! Writes numbers as a reader expects them: grouped, scaled, with no more digits than their error allows.
//!
//! An estimate shows its standard error to one digit, two when the first is a 1 or 2: value 12.4312 with error 0.3112
//! is `12.4 ± 0.3`, and 15,772 with error 694 is `15,800 ± 700`. No value has more than four digits, but where the first
//! digit of a small error needs up to six: 1.01803 with error 0.00011 is `1.0180 ± 0.0001`. A figure without sampling error (a
//! replay) shows four digits and no error.

use super::{Text, shared};
use crate::measures::stated::Basis;
use crate::measures::{Estimate, Flag, Unit};
use crate::model::part::Words;

const FLAG_THIN_TAIL: Words = Words("thin tail", "尾部样本不足");
const FLAG_THIN_TAIL_COUNTED: Words = Words("thin tail: {n} paths beyond", "尾部样本不足：越过 {n} 条");
const FLAG_RARE_EVENT: Words = Words("rare: fewer than ten paths", "罕见：不足十条路径出现");
const FLAG_OPEN_INTERVAL: Words = Words("no upper end known", "路径过少，区间无上界");
const FLAG_UNDEFINED: Words = Words("not defined: nothing to divide by", "无定义：分母为零");
const INTERVAL_TO: Words = Words("to", "至");
/// What money is divided by: a billion or 10⁸, a million or 10⁴.
const LARGE: Words = Words("bn", "亿");
const SMALL: Words = Words("m", "万");
const YUAN: Words = Words("CNY", "元");

/// What money is divided by before it is written, and what that is called.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    pub divisor: f64,
    name: Option<Words>,
}

impl Scale {
    pub const ONE: Scale = Scale { divisor: 1.0, name: None };

    /// The scale that suits the largest of some amounts: units, million or billion; 元, 万 or 亿.
    pub fn of(text: &Text, amounts: impl IntoIterator<Item = f64>) -> Scale {
        let largest = amounts.into_iter().filter(|v| v.is_finite()).fold(0.0, |a: f64, v| a.max(v.abs()));
        let steps = if text.zh() { [(1e9, 1e8, LARGE), (1e5, 1e4, SMALL)] } else { [(1e10, 1e9, LARGE), (1e6, 1e6, SMALL)] };
        let step = steps.iter().find(|(from, ..)| largest >= *from);
        step.map_or(Scale::ONE, |(_, divisor, name)| Scale { divisor: *divisor, name: Some(*name) })
    }

    fn name(&self, text: &Text) -> &'static str {
        self.name.map_or("", |name| text.get(name))
    }

    /// The scale of a column of estimates: of their values, or of their bounds where every value is zero.
    pub fn of_estimates<'e>(text: &Text, estimates: impl IntoIterator<Item = &'e Estimate>) -> Scale {
        let money: Vec<&Estimate> = estimates.into_iter().filter(|e| e.unit == Unit::Money).collect();
        let zero = money.iter().all(|e| e.value == 0.0);
        Scale::of(text, money.iter().map(|e| if zero { e.ci_high.unwrap_or(0.0) } else { e.value }))
    }

    /// The scale of one amount that stands alone: 亿 begins at one, where a column of amounts would need too many decimals.
    pub fn of_one(text: &Text, amount: f64) -> Scale {
        if text.zh() && amount.abs() >= 1e8 { Scale::of(text, [amount * 10.0]) } else { Scale::of(text, [amount]) }
    }

    /// The unit for a heading: `CNY m`, `万元`.
    pub fn unit(&self, text: &Text, currency: &str) -> String {
        let name = self.name(text);
        match (text.yuan, text.zh()) {
            (true, _) => format!("{name}{}", text.get(YUAN)),
            (false, true) => format!("{name} {currency}").trim().to_string(),
            (false, false) => format!("{currency} {name}").trim_end().to_string(),
        }
    }

    /// An amount in running text: `CNY 12.4 m`, `12.4 万元`.
    pub fn in_text(&self, text: &Text, currency: &str, number: &str) -> String {
        if text.zh() {
            format!("{number} {}", self.unit(text, currency))
        } else {
            format!("{currency} {number} {}", self.name(text)).trim_end().to_string()
        }
    }
}

/// What a figure is multiplied by where its unit stands elsewhere.
pub fn factor(unit: Unit, scale: Scale) -> f64 {
    match unit {
        Unit::Money => 1.0 / scale.divisor,
        Unit::Ratio => 100.0,
        Unit::Days | Unit::Number | Unit::Count => 1.0,
    }
}

/// The unit that stands elsewhere: `CNY m`, `%`, or nothing.
pub fn unit_name(text: &Text, unit: Unit, scale: Scale, currency: &str) -> String {
    match unit {
        Unit::Money => scale.unit(text, currency),
        Unit::Ratio => "%".into(),
        Unit::Days | Unit::Number | Unit::Count => String::new(),
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

/// A number to its first three digits: 236,512 is `237,000`.
pub fn three_digits(value: f64) -> String {
    plain(format!("{value:.2e}").parse().expect("a number in scientific form"))
}

/// A fraction as per cent with three digits: 0.01234 is `1.23%`; what is almost all is not written as all: `>99.9%`.
pub fn percent(fraction: f64) -> String {
    let value = fraction * 100.0;
    match value {
        v if (99.95..100.0).contains(&v) => ">99.9%".into(),
        v if (99.0..99.95).contains(&v) => format!("{}%", grouped(v, 1)),
        v => format!("{}%", grouped(v, decimals_for_value(v, 3).min(4))),
    }
}

/// A fraction as per cent to four digits and at most two decimals: 0.24834 is `24.83%`.
pub fn to_four(fraction: f64) -> String {
    let value = fraction * 100.0;
    format!("{}%", grouped(value, decimals_for_value(value, 4).min(2)))
}

/// A part of a whole as per cent, for a column of shares that are read against each other: 0.0467 is `4.7%`.
pub fn share(part: f64, whole: f64) -> String {
    match part / whole * 100.0 {
        value if !value.is_finite() => "–".into(),
        value if value > 0.0 && value < 0.05 => "<0.1%".into(),
        value => format!("{}%", grouped(value, 1)),
    }
}

/// A share without decimals: 0.3688 is `37%`; a small one keeps a digit, and what is almost all is not written as all.
pub fn whole_percent(fraction: f64) -> String {
    let value = fraction * 100.0;
    match value {
        v if v > 0.0 && v < 1.0 => percent(fraction),
        v if (99.5..100.0).contains(&v) => ">99%".into(),
        v if v > 100.0 && v < 100.5 => ">100%".into(),
        v => format!("{}%", grouped(v, 0)),
    }
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
    /// How it tells how far it may be trusted.
    pub doubt: Doubt,
}

/// What stands beside a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// There is no value.
    Undefined,
    /// Nothing: no sampling error.
    Exact,
    /// Its standard error.
    Error,
    /// The far ends of its interval, where there are any: every path drawn shows it.
    Ends,
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

/// How a value is written beside its error.
struct Digits {
    decimals: usize,
    /// Both are rounded to a multiple of this; 1 where decimals do it.
    step: f64,
    /// The error is too small for the digits shown.
    vanishes: bool,
}

impl Digits {
    fn round(&self, x: f64) -> f64 {
        // what decimals round is left to them
        if self.step > 1.0 { (x / self.step).round() * self.step } else { x }
    }
}

/// As many digits as the error needs, but not more than four of the value, or up to six where the error's first digit needs them.
fn digits(value: f64, error: f64) -> Digits {
    let first = if error > 0.0 && error.is_finite() { (-leading(error).0).clamp(0, 6) as usize } else { 0 };
    let (needed, enough) = (decimals_for_error(error), decimals_for_value(value, 4).max(first.min(decimals_for_value(value, 6))));
    let decimals = if value == 0.0 { needed } else { needed.min(enough) };
    let vanishes = !format!("{error:.decimals$}").bytes().any(|b| matches!(b, b'1'..=b'9'));
    let (exponent, digit) = leading(error);
    let step = (0..exponent - i32::from(digit <= 2)).fold(1.0, |step, _| step * 10.0);
    Digits { decimals, step, vanishes }
}

/// Writes an estimate; money is divided by `scale`.
pub fn estimate(text: &Text, e: &Estimate, scale: Scale) -> Written {
    let (factor, suffix) = match e.unit {
        Unit::Money => (1.0 / scale.divisor, ""),
        Unit::Ratio => (100.0, "%"),
        Unit::Days | Unit::Number | Unit::Count => (1.0, ""),
    };
    if e.flag == Some(Flag::Undefined) || !e.value.is_finite() {
        return Written { value: text.get(shared::NOT_AVAILABLE).into(), interval: "–".into(), suffix: "", doubt: Doubt::Undefined };
    }
    let (value, error) = (e.value * factor, e.std_error * factor);
    let (low, high) = (e.ci_low * factor, e.ci_high.map(|h| h * factor));
    // an error of rounding noise is none
    let noise = |distance: f64| distance.abs() <= 1e-9 * value.abs();
    let exact = e.paths <= 1 || (noise(error) && noise(value - low) && high.is_some_and(|h| noise(h - value)));
    if exact {
        let decimals = decimals_for_value(value, 4).min(4);
        return Written { value: grouped(value, decimals), interval: "–".into(), suffix, doubt: Doubt::Exact };
    }
    // what every path drawn shows alike lies at one end of its interval
    let alike = e.basis != Basis::Sides && (noise(value - low) || high.is_some_and(|h| noise(h - value)));
    // nor does an error that swallows the figure tell anything: too few paths, and one end open
    let swallowed = high.is_none() && error > value.abs();
    if noise(error) || !error.is_finite() || alike || swallowed {
        return one_sided(text, value, low, high, suffix);
    }
    let digits = digits(value, error);
    let interval = span(text, digits.round(low), high.map(|high| digits.round(high)), digits.decimals + usize::from(digits.vanishes));
    Written { value: with_error(value, error), interval, suffix, doubt: Doubt::Error }
}

/// `12.4 ± 0.3`, for an error above zero.
pub fn with_error(value: f64, error: f64) -> String {
    let digits = digits(value, error);
    let decimals = digits.decimals;
    let error = if digits.vanishes { format!("<{}", one_at(decimals)) } else { grouped(digits.round(error), decimals) };
    format!("{} ± {error}", grouped(digits.round(value), decimals))
}

/// What is added, with its sign: `+0.35 ± 0.02`; what is taken away and nothing have theirs.
pub fn signed(written: &str) -> String {
    let value = written.split(' ').next().unwrap_or_default();
    let gains = !value.starts_with('−') && value.bytes().any(|b| matches!(b, b'1'..=b'9'));
    if gains { format!("+{written}") } else { written.into() }
}

/// One in the last place shown: 3 decimals are `0.001`.
fn one_at(decimals: usize) -> String {
    if decimals == 0 { "1".into() } else { format!("0.{}1", "0".repeat(decimals - 1)) }
}

/// A figure on which no path differed, though more paths might: its interval tells how far.
fn one_sided(text: &Text, value: f64, low: f64, high: Option<f64>, suffix: &'static str) -> Written {
    let doubt = Doubt::Ends;
    let plain = grouped(value, decimals_for_value(value, 3));
    // as many decimals as the distance to the bound needs: 99.908 lies 0.092 below 100
    let decimals = |distance: f64| decimals_for_value(distance, 2);
    match high {
        Some(high) if high > value && low < value => {
            let interval = span(text, low, Some(high), decimals(high - value));
            Written { value: format!("{plain} ({interval})"), interval, suffix, doubt }
        }
        Some(high) if high > value => {
            let decimals = decimals(high - value);
            let value = format!("{plain} (≤ {})", grouped(high, decimals));
            Written { value, interval: span(text, low, Some(high), decimals), suffix, doubt }
        }
        Some(high) if low < value => {
            let decimals = decimals(value - low);
            let value = format!("{plain} (≥ {})", grouped(low, decimals));
            Written { value, interval: span(text, low, Some(high), decimals), suffix, doubt }
        }
        _ if !low.is_finite() => Written { value: plain, interval: "–".into(), suffix, doubt },
        _ => Written { value: plain, interval: span(text, low, high, decimals_for_value(low, 3)), suffix, doubt },
    }
}

fn span(text: &Text, low: f64, high: Option<f64>, digits: usize) -> String {
    let to = text.get(INTERVAL_TO);
    match high {
        Some(high) => format!("{} {to} {}", grouped(low, digits), grouped(high, digits)),
        None => format!("≥ {}", grouped(low, digits)),
    }
}

/// What the flag of an estimate says: `thin tail: 7 paths beyond`; of a sample, whose paths count differently, without a number.
pub fn flag(text: &Text, key: &str, e: &Estimate, is_sample: bool) -> Option<String> {
    let beyond = super::measure::tail_level(key).filter(|_| !is_sample).map(|level| ((1.0 - level) * e.paths as f64).round() as u64);
    Some(match (e.flag?, beyond) {
        (Flag::ThinTail, Some(n)) => text.fill(FLAG_THIN_TAIL_COUNTED, &[("n", &count(n))]),
        (Flag::ThinTail, None) => text.get(FLAG_THIN_TAIL).into(),
        (Flag::RareEvent, _) => text.get(FLAG_RARE_EVENT).into(),
        (Flag::OpenInterval, _) => text.get(FLAG_OPEN_INTERVAL).into(),
        (Flag::Undefined, _) => text.get(FLAG_UNDEFINED).into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::case::Language;

    fn money(value: f64, std_error: f64) -> Estimate {
        let (ci_low, ci_high) = (value - 2.0 * std_error, Some(value + 2.0 * std_error));
        Estimate { value, std_error, ci_low, ci_high, paths: 1000, plain_paths: None, unit: Unit::Money, flag: None, basis: Basis::Sides }
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
        assert_eq!(estimate(&zh, &money(12_431_200.0, 311_200.0), scale).value, "1,240 ± 30");
        assert_eq!(scale.unit(&zh, "CNY"), "万元");
        assert_eq!(Scale::of(&zh, [2e9]).in_text(&zh, "CNY", "20"), "20 亿元");
        assert_eq!((Scale::of_one(&zh, 8.137e8).divisor, Scale::of_one(&zh, 9.9e7).divisor), (1e8, 1e4));
        assert_eq!(grouped(-1234567.891, 1), "−1,234,567.9");
        assert_eq!(grouped(-0.001, 1), "0.0");
        assert_eq!(line(1.3), "130%");
        assert_eq!(percent(0.0123456), "1.23%");
        assert_eq!([percent(0.99970), percent(1.0), percent(0.9994)], [">99.9%", "100%", "99.9%"]);
        assert_eq!([share(14.0, 300.0), share(1.0, 1e5), share(0.0, 3.0), share(1.0, 0.0)], ["4.7%", "<0.1%", "0.0%", "–"]);
    }

    #[test]
    fn no_figure_is_more_exact_than_its_error_nor_longer_than_a_reader_needs() {
        let en = Text::new(Language::En, "CNY");
        let written = |value: f64, error: f64| estimate(&en, &money(value, error), Scale::ONE).value;
        assert_eq!(written(15_772.0, 694.0), "15,800 ± 700");
        assert_eq!(written(80_408.0, 3_507.0), "80,000 ± 4,000");
        assert_eq!(written(1_112.6, 105.6), "1,110 ± 110");
        assert_eq!(written(34.612, 0.0234), "34.61 ± 0.02");
        assert_eq!(written(1.01803, 0.00011), "1.0180 ± 0.0001");
        assert_eq!(written(13_670.6, 0.4), "13,670.6 ± 0.4");
        assert_eq!(written(1.01803, 0.000_001), "1.01803 ± <0.00001");
        assert_eq!(written(0.0, 0.00014), "0.00000 ± 0.00014");
    }

    #[test]
    fn an_error_that_swallows_its_figure_is_not_printed() {
        let en = Text::new(Language::En, "CNY");
        let open = Estimate { ci_low: 1_750_000.0, ci_high: None, flag: Some(Flag::OpenInterval), ..money(1_880_000.0, 4e9) };
        let found = estimate(&en, &open, Scale::of(&en, [1e6]));
        assert_eq!((found.value.as_str(), found.interval.as_str()), ("1.88", "≥ 1.75"));
    }

    #[test]
    fn a_sign_stands_before_what_is_added_and_not_before_nothing() {
        let signs = ["0.35 ± 0.02", "−4 ± 15", "0 ± 190", "0"].map(signed);
        assert_eq!(signs, ["+0.35 ± 0.02", "−4 ± 15", "0 ± 190", "0"]);
    }

    #[test]
    fn nothing_seen_still_shows_how_much_may_be_hidden() {
        let en = Text::new(Language::En, "CNY");
        let never = Estimate {
            value: 0.0,
            std_error: 0.0,
            ci_low: 0.0,
            ci_high: Some(0.000037),
            paths: 100_000,
            plain_paths: None,
            unit: Unit::Ratio,
            flag: None,
            basis: Basis::Sides,
        };
        assert_eq!(estimate(&en, &never, Scale::ONE).full(), "0% (≤ 0.0037%)");
        let always = Estimate { value: 1.0, ci_low: 0.999078, ci_high: Some(1.0), ..never };
        assert_eq!(estimate(&en, &always, Scale::ONE).full(), "100% (≥ 99.908%)");
        assert_eq!(estimate(&en, &Estimate { ci_low: 1.0, ..always }, Scale::ONE).full(), "100.0%");
        let alike = Estimate { ci_low: -0.000037, ..never };
        assert_eq!(estimate(&en, &alike, Scale::ONE).full(), "0% (−0.0037 to 0.0037%)");
        let nan = Estimate { value: f64::NAN, flag: Some(Flag::Undefined), ..never };
        assert_eq!(estimate(&en, &nan, Scale::ONE).full(), "n/a");
        let thin = Estimate { flag: Some(Flag::ThinTail), paths: 7000, ..money(1.0, 0.1) };
        assert_eq!(flag(&en, "pool_loss.es_99_9", &thin, false).unwrap(), "thin tail: 7 paths beyond");
        assert_eq!(flag(&en, "pool_loss.es_99_9", &thin, true).unwrap(), "thin tail");
    }
}
