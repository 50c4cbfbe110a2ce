//! Tells a decimal comma from a comma between thousands by everything a file writes, never by one cell.
//!
//! `1,5` and `1234,50` can only be decimals, `1,234,567` and `1.50` can only be grouped by commas; `22,000` can be either. A column
//! follows its own cells, else the other columns of its file; where nothing tells, it is refused until `[data] decimal` does.
//! A point before three digits counts as a decimal point in a comma-separated file, but not where it would be a count or money.

use crate::model::case::Decimal;
use std::collections::BTreeMap;

/// How the numbers of a column are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Style {
    /// `1,234.5`
    #[default]
    Point,
    /// `1.234,5`
    Comma,
    /// Every mark stands before exactly three digits; the first such row.
    Unknown(usize),
}

/// What one cell says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mark {
    Point,
    Comma,
    EitherPoint,
    EitherComma,
}

/// What a column says.
#[derive(Clone, Copy, Default, Debug)]
pub struct Seen {
    point: bool,
    comma: bool,
    either_point: Option<usize>,
    either_comma: Option<usize>,
}

impl Seen {
    /// Takes in a cell; false once nothing more can be learned.
    pub fn see(&mut self, row: usize, cell: &str) -> bool {
        match mark(cell) {
            Some(Mark::Point) => self.point = true,
            Some(Mark::Comma) => self.comma = true,
            Some(Mark::EitherPoint) => self.either_point = self.either_point.or(Some(row)),
            Some(Mark::EitherComma) => self.either_comma = self.either_comma.or(Some(row)),
            None => {}
        }
        !self.point
    }
}

/// Columns whose numbers are counts or money: a point in them may well group thousands.
const COUNTS: [&str; 17] = [
    "cash",
    "loan",
    "accrued_interest",
    "quantity",
    "sellable_quantity",
    "amount",
    "volume",
    "own_capital_initial",
    "high_water_mark",
    "depth_amount",
    "adv_amount",
    "free_float_value",
    "float_shares",
    "short_debt",
    "market_value",
    "stated_value",
    "credit",
];

/// The style of every column of a file.
pub fn styles(seen: &BTreeMap<String, Seen>, declared: Decimal, comma_separated: bool) -> BTreeMap<String, Style> {
    let (point, comma) = (seen.values().any(|s| s.point), seen.values().any(|s| s.comma));
    let style = |name: &str, s: &Seen| match declared {
        Decimal::Point => Style::Point,
        Decimal::Comma => Style::Comma,
        Decimal::Auto if s.point => Style::Point,
        Decimal::Auto if s.comma => {
            if point {
                Style::Point
            } else {
                Style::Comma
            }
        }
        Decimal::Auto => match (s.either_comma, s.either_point) {
            (None, None) => {
                if comma && !point {
                    Style::Comma
                } else {
                    Style::Point
                }
            }
            _ if point != comma => {
                if comma {
                    Style::Comma
                } else {
                    Style::Point
                }
            }
            (None, Some(_)) if comma_separated && !COUNTS.contains(&name) => Style::Point,
            (a, b) => Style::Unknown(a.or(b).expect("one of them")),
        },
    };
    seen.iter().map(|(name, s)| (name.clone(), style(name, s))).collect()
}

/// A cell in the style of this program, `1234.5`.
pub fn in_points(cell: &str, style: Style) -> std::borrow::Cow<'_, str> {
    if style != Style::Comma || !cell.contains(['.', ',']) {
        return cell.into();
    }
    cell.chars()
        .map(|c| match c {
            '.' => ',',
            ',' => '.',
            other => other,
        })
        .collect::<String>()
        .into()
}

fn mark(cell: &str) -> Option<Mark> {
    if !cell.bytes().any(|b| b == b'.' || b == b',') {
        return None;
    }
    let digits = cell.trim_start_matches(['+', '-']).trim_end_matches(['%', '\u{ff05}']).trim_end();
    if !digits.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b',') {
        return None;
    }
    let (points, commas) = (digits.matches('.').count(), digits.matches(',').count());
    let grouped = |by: char| {
        let mut groups = digits.split(by);
        groups.next().is_some_and(|g| (1..=3).contains(&g.len())) && groups.all(|g| g.len() == 3)
    };
    let last = digits.rfind(['.', ','])?;
    match (points, commas) {
        (1, 1..) if digits.as_bytes()[last] == b'.' => Some(Mark::Point),
        (1.., 1) if digits.as_bytes()[last] == b',' => Some(Mark::Comma),
        (2.., 0) if grouped('.') => Some(Mark::Comma),
        (0, 2..) if grouped(',') => Some(Mark::Point),
        (1, 0) | (0, 1) => {
            let (whole, rest) = (&digits[..last], &digits[last + 1..]);
            let either = rest.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0');
            match (points, either) {
                (1, false) => Some(Mark::Point),
                (1, true) => Some(Mark::EitherPoint),
                (_, false) => Some(Mark::Comma),
                (_, true) => Some(Mark::EitherComma),
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(columns: &[(&str, &[&str])], comma_separated: bool) -> Vec<Style> {
        let mut seen = BTreeMap::new();
        for (name, cells) in columns {
            let mut s = Seen::default();
            let _ = cells.iter().enumerate().all(|(row, cell)| s.see(row, cell));
            seen.insert(name.to_string(), s);
        }
        let found = styles(&seen, Decimal::Auto, comma_separated);
        columns.iter().map(|(name, _)| found[*name]).collect()
    }

    #[test]
    fn a_file_tells_its_decimal_sign_or_is_asked() {
        assert_eq!(style(&[("quantity", &["22,000", "3,439"]), ("cost", &["158,900"])], false), [Style::Unknown(0); 2]);
        assert_eq!(style(&[("quantity", &["22,000"]), ("cost", &["158,9"])], false), [Style::Comma; 2]);
        assert_eq!(style(&[("quantity", &["22,000"]), ("cost", &["158.9"])], false), [Style::Point; 2]);
        assert_eq!(style(&[("cash", &["", "100.000"]), ("loan", &["500.000"])], false), [Style::Unknown(1), Style::Unknown(0)]);
        assert_eq!(style(&[("cash", &["1.234,56"]), ("loan", &["500.000"])], false), [Style::Comma; 2]);
        assert_eq!(style(&[("close", &["2.345", "0.999"])], true), [Style::Point]);
        assert_eq!(style(&[("close", &["2.345", "2.500"])], true), [Style::Point]);
        assert_eq!(style(&[("cash", &["100.000"])], true), [Style::Unknown(0)]);
        assert_eq!(style(&[("quantity", &["40,000"])], true), [Style::Unknown(0)]);
        assert_eq!(style(&[("quantity", &["1,240,000", "40,000"])], true), [Style::Point]);
        assert_eq!(style(&[("loan", &["1.240.000", "40.000"])], false), [Style::Comma]);
        assert_eq!(in_points("+1.234,5", Style::Comma), "+1,234.5");
        assert_eq!((mark("600000.SH"), mark("1.5e3"), mark("12.06.2015"), mark("1500")), (None, None, None, None));
    }
}
