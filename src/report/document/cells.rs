//! Makes cells of figures: the text a page shows and the number behind it.

use super::block::{Cell, Number, Shown};
use crate::measures::{Estimate, Unit};
use crate::report::text::Text;
use crate::report::text::number::{self, Doubt, Scale, Written};

/// A text and the number it says, in the unit of the text: decimals and per cent are the text's own.
///
/// Nothing is a number that is not finite.
pub fn said(text: String, value: f64) -> Cell {
    let shown = shown(&text);
    let number = value.is_finite().then(|| Number { value: Some(value), shown, ..Number::default() });
    Cell { number, ..Cell::from(text) }
}

/// A text that may be one figure: `150%` is a number, `150% to 160%` is words.
pub fn told(text: String) -> Cell {
    let plain = text.replace(',', "").replace('−', "-");
    let (figure, hundredths) = plain.strip_suffix('%').map_or((plain.as_str(), 1.0), |figure| (figure, 100.0));
    let digits = figure.strip_prefix('-').unwrap_or(figure);
    match figure.parse::<f64>().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')) {
        Some(value) => said(text, value / hundredths),
        None => text.into(),
    }
}

/// How the first figure of a text is shown.
fn shown(text: &str) -> Shown {
    let first = text.split(' ').next().unwrap_or_default();
    let decimals = first.split_once('.').map_or(0, |(_, rest)| rest.chars().take_while(char::is_ascii_digit).count());
    Shown { decimals, percent: text.contains('%'), ..Shown::default() }
}

/// A text that says no more than the low end of a figure.
pub fn at_least(text: String, low: f64) -> Cell {
    Cell { number: Some(Number { low: Some(low), ..Number::default() }), ..Cell::from(text) }
}

pub fn count(value: u64) -> Cell {
    said(number::count(value), value as f64)
}

pub fn grouped(value: f64, decimals: usize) -> Cell {
    said(number::grouped(value, decimals), value)
}

pub fn plain(value: f64) -> Cell {
    said(number::plain(value), value)
}

pub fn three_digits(value: f64) -> Cell {
    said(number::three_digits(value), value)
}

pub fn percent(fraction: f64) -> Cell {
    said(number::percent(fraction), fraction)
}

/// A parameter as the programme states it: 1.3 is `130%`.
pub fn line(fraction: f64) -> Cell {
    said(number::line(fraction), fraction)
}

pub fn share(part: f64, whole: f64) -> Cell {
    said(number::share(part, whole), part / whole)
}

/// An amount in the unit of its column's head.
pub fn amount(money: f64, scale: Scale) -> Cell {
    let scaled = money / scale.divisor;
    grouped(scaled, number::decimals_for_value(scaled, 4).min(2))
}

/// A value with its standard error; without one where that is nothing.
pub fn with_error(value: f64, error: f64) -> Cell {
    if error > 0.0 && error.is_finite() {
        let cell = said(number::with_error(value, error), value);
        Cell { number: cell.number.map(|number| Number { std_error: Some(error), ..number }), ..cell }
    } else {
        grouped(value, number::decimals_for_value(value, 4))
    }
}

/// A figure that was written in hundredths, under a head in per cent, as the fraction it is.
pub fn of_hundred(cell: Cell) -> Cell {
    let hundredth = |value: Option<f64>| value.map(|value| value / 100.0);
    let number = cell.number.map(|number| Number {
        value: hundredth(number.value),
        std_error: hundredth(number.std_error),
        shown: Shown { percent: true, ..number.shown },
        ..number
    });
    Cell { number, ..cell }
}

/// An estimate of a column whose head has the unit.
pub fn estimate(text: &Text, e: &Estimate, scale: Scale) -> Cell {
    let written = number::estimate(text, e, scale);
    let number = of(e, &written, scale);
    Cell { number, ..Cell::from(written.value) }
}

/// The ends of an estimate's interval.
pub fn interval(text: &Text, e: &Estimate, scale: Scale) -> Cell {
    let written = number::estimate(text, e, scale);
    let told = written.interval.bytes().any(|b| b.is_ascii_digit());
    let ends = [Some(e.ci_low), e.ci_high].map(|end| end.filter(|end| end.is_finite()).map(|end| scaled(end, e.unit, scale)));
    let decimals = written.interval.split(' ').map(|word| shown(word).decimals).max().unwrap_or(0);
    let shown = Shown { decimals, percent: e.unit == Unit::Ratio, ..Shown::default() };
    let number = Number { low: ends[0], high: ends[1], shown, ..Number::default() };
    Cell { number: told.then_some(number), ..Cell::from(written.interval) }
}

/// An estimate in a unit of its own, which stands before or behind it; money is not scaled, so that a column can be added up.
pub fn stated(text: &Text, e: &Estimate, currency: &str, told: String) -> Cell {
    let written = number::estimate(text, e, Scale::ONE);
    let number = of(e, &written, Scale::ONE).map(|number| match e.unit {
        Unit::Money => Number { shown: in_currency(text, currency, number.shown), ..number },
        _ => number,
    });
    Cell { number, ..Cell::from(told) }
}

/// A value of some unit without an error; `told` says it.
pub fn value(text: &Text, (unit, value): (Unit, f64), currency: &str, told: String) -> Cell {
    let cell = said(told, value);
    let number = cell.number.map(|number| match unit {
        Unit::Money => {
            let decimals = if value.abs() < 1000.0 { number::decimals_for_value(value, 4).min(2) } else { 0 };
            Number { shown: in_currency(text, currency, Shown { decimals, ..Shown::default() }), ..number }
        }
        _ => number,
    });
    Cell { number, ..cell }
}

/// The same of a bound: `≤ 5%`.
pub fn bound(cell: Cell, sign: &str) -> Cell {
    let number = cell.number.map(|number| {
        let before = format!("{sign} {}", number.shown.before);
        Number { shown: Shown { before, ..number.shown }, ..number }
    });
    Cell { number, ..cell }
}

fn in_currency(text: &Text, currency: &str, shown: Shown) -> Shown {
    let unit = Scale::ONE.unit(text, currency);
    if text.zh() { Shown { after: format!(" {unit}"), ..shown } } else { Shown { before: format!("{unit} "), ..shown } }
}

/// A figure in the unit of its column; a fraction stays one.
fn scaled(value: f64, unit: Unit, scale: Scale) -> f64 {
    if unit == Unit::Money { value / scale.divisor } else { value }
}

/// An estimate as a number, told as `written` tells it.
fn of(e: &Estimate, written: &Written, scale: Scale) -> Option<Number> {
    let of_unit = |value: f64| scaled(value, e.unit, scale);
    let shown = Shown { percent: e.unit == Unit::Ratio, ..shown(&written.value) };
    let number = Number { value: Some(of_unit(e.value)), shown, ..Number::default() };
    let end = |end: Option<f64>| end.filter(|end| end.is_finite() && *end != e.value).map(of_unit);
    match written.doubt {
        Doubt::Undefined => None,
        Doubt::Exact => Some(number),
        Doubt::Error => Some(Number { std_error: Some(of_unit(e.std_error)), ..number }),
        Doubt::Ends => Some(Number { low: end(Some(e.ci_low)), high: end(e.ci_high), ..number }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::stated::Basis;
    use crate::model::case::Language;

    fn found(value: f64, std_error: f64, unit: Unit) -> Estimate {
        let (ci_low, ci_high) = (value - 2.0 * std_error, Some(value + 2.0 * std_error));
        Estimate { value, std_error, ci_low, ci_high, paths: 1000, plain_paths: None, basis: Basis::Sides, unit, flag: None }
    }

    #[test]
    fn a_cell_has_the_number_its_text_rounds() {
        let number = |cell: Cell| cell.number.expect("it is a figure");
        let text = Text::new(Language::En, "CNY");
        let scale = Scale::of(&text, [2e6]);
        let money = number(estimate(&text, &found(1_234_567.0, 45_678.0, Unit::Money), scale));
        assert_eq!((money.value, money.std_error, money.shown.decimals), (Some(1.234567), Some(0.045678), 2));
        let rate = number(estimate(&text, &found(0.01234, 0.0005, Unit::Ratio), scale));
        assert_eq!((rate.value, rate.std_error, rate.shown.percent), (Some(0.01234), Some(0.0005), true));
        // what no path shows has a bound, and no error of 0
        let none = Estimate { ci_low: 0.0, ci_high: Some(0.004), std_error: 0.0, ..found(0.0, 0.0, Unit::Ratio) };
        let none = number(estimate(&text, &none, scale));
        assert_eq!((none.value, none.std_error, none.low, none.high), (Some(0.0), None, None, Some(0.004)));
        assert_eq!(estimate(&text, &found(f64::NAN, 0.0, Unit::Ratio), scale).number, None);
        let ends = number(interval(&text, &found(0.01234, 0.0005, Unit::Ratio), scale));
        assert_eq!((ends.value, ends.high), (None, Some(0.01234 + 2.0 * 0.0005)));
        assert_eq!(number(share(1.0, 8.0)).value, Some(0.125));
        assert_eq!(number(line(1.3)).shown, Shown { percent: true, ..Shown::default() });
        assert_eq!(share(1.0, 0.0).number, None);
        let parsed = |text: &str| told(text.into()).number.and_then(|n| n.value);
        let found = ["150%", "−1,000.5", "1e5", "5+", "C, B", "nan", ""].map(parsed);
        assert_eq!(found, [Some(1.5), Some(-1000.5), None, None, None, None, None]);
    }

    #[test]
    fn an_amount_of_its_own_carries_its_currency() {
        let shown = |language, currency| {
            let text = Text::new(language, currency);
            value(&text, (Unit::Money, 5e7), currency, "x".into()).number.expect("it is a figure").shown
        };
        assert_eq!(shown(Language::En, "USD").before, "USD ");
        assert_eq!(shown(Language::Zh, "CNY").after, " 元");
        let text = Text::new(Language::En, "USD");
        let limit = bound(value(&text, (Unit::Ratio, 0.05), "USD", "≤ 5%".into()), "≤");
        assert_eq!(limit.number.map(|n| (n.value, n.shown.before)), Some((Some(0.05), "≤ ".to_string())));
    }
}
