//! Shows figures and tables on a terminal: values with their doubt, findings, how far verdicts may be trusted together.

use crate::measures::stated::Basis;
use crate::measures::{Estimate, Flag, Unit};
use crate::problem::visible;
use crate::study::limits::Joint;
use crate::study::register::line::{Finding, Status, Subject};
use crate::study::watch::State;
use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};

/// What a star behind a figure says.
pub const STARRED: &str = "* rests on too few paths to be trusted; more paths would tell";

pub fn state(state: State) -> &'static str {
    match state {
        State::Green => "green",
        State::Amber => "AMBER",
        State::Red => "RED",
    }
}

/// What a finding is about, on one line.
pub fn subject(finding: &Finding) -> String {
    let subject = match &finding.subject {
        Subject::Watch(name) => name.clone(),
        Subject::Limit { scenario, measure, .. } => format!("limit: {measure} in {scenario}"),
    };
    visible::line(&subject).into_owned()
}

/// Findings of the register.
pub fn findings(findings: &[Finding]) -> Table {
    let mut table = plain(&["no.", "finding", "level", "opened", "reports", "value", "worst", "status", "to be told"]);
    for finding in findings {
        let value = |value: f64| figure(&exact(finding.unit, value));
        table.add_row(vec![
            finding.number.to_string(),
            subject(finding),
            state(finding.level).to_string(),
            finding.opened.to_string(),
            finding.reports.to_string(),
            finding.value.map_or("–".into(), value),
            format!("{} on {}", value(finding.worst), finding.worst_on),
            status(finding.status).to_string(),
            visible::line(&finding.tell.join(", ")).into_owned(),
        ]);
    }
    table
}

pub fn status(status: Status) -> &'static str {
    match status {
        Status::Opened => "new",
        Status::Worse => "worse",
        Status::Better => "better",
        Status::Persists => "persists",
        Status::Green => "green, not closed yet",
        Status::Closed => "closed",
        Status::NotJudged => "not judged",
    }
}

/// How far the verdicts may be trusted together.
pub fn together(joint: &Joint) -> String {
    let percent = |x: f64| format!("{}%", (x * 1e5).round() / 1e3);
    match joint.each_for_95 {
        _ if joint.tests == 0 => "every path is the same: the verdicts are exact".into(),
        Some(each) => format!(
            "{} tests on sampled paths: all their verdicts together are right with a confidence of at least {}; \
             at {} each it would be 95%",
            joint.tests,
            percent(joint.confidence),
            percent(each)
        ),
        None => format!("1 test on sampled paths: its verdict is right with a confidence of at least {}", percent(joint.confidence)),
    }
}

/// A figure without doubt.
pub fn exact(unit: Unit, value: f64) -> Estimate {
    Estimate {
        value,
        std_error: 0.0,
        ci_low: value,
        ci_high: Some(value),
        paths: 1,
        plain_paths: None,
        unit,
        flag: None,
        basis: Basis::Exact,
    }
}

/// A figure with its doubt in the unit it is stated in: `12,345 ± 67`, `1.20% ± 0.05%`; `*` marks a thin tail or a rare event, and
/// what no path or every path shows has its bound: `0.00% (≤ 0.09%)`.
pub fn figure(estimate: &Estimate) -> String {
    let (value, error) = (estimate.value, estimate.std_error);
    if estimate.flag == Some(Flag::Undefined) || !value.is_finite() {
        return "–".into();
    }
    // rounding noise is no error
    let error = if error > 1e-9 * value.abs() && error.is_finite() { error } else { 0.0 };
    // small shares need more digits, and a value has as many as its error
    let bound = bound(estimate).filter(|_| error == 0.0 || estimate.basis != Basis::Sides);
    let fine = if [value, error].iter().any(|x| *x != 0.0 && x.abs() < 0.005) { 4 } else { 2 };
    let digits = if [value, error].iter().any(|x| *x != 0.0 && x.abs() < 0.000_05) { 4 } else { 2 };
    let show = |x: f64| match estimate.unit {
        Unit::Money | Unit::Count => grouped(x),
        Unit::Ratio => format!("{:.digits$}%", x * 100.0),
        Unit::Days | Unit::Number => format!("{x:.fine$}"),
    };
    let rare = estimate.flag == Some(Flag::RareEvent) && bound.is_none();
    let mark = if rare || matches!(estimate.flag, Some(Flag::ThinTail | Flag::OpenInterval)) { "*" } else { "" };
    let doubt = match bound {
        Some((sign, bound)) => format!(" ({sign} {})", at_least_a_digit(show(bound))),
        None if error > 0.0 => format!(" ± {}", at_least_a_digit(show(error))),
        None => String::new(),
    };
    format!("{}{doubt}{mark}", show(value))
}

/// How far a figure may lie from what every path drawn shows alike: one whose interval lies on one side of it.
fn bound(estimate: &Estimate) -> Option<(&'static str, f64)> {
    let (value, low) = (estimate.value, estimate.ci_low);
    match estimate.ci_high {
        Some(high) if high > value && low >= value => Some(("≤", high)),
        Some(high) if high <= value && low < value && low.is_finite() => Some(("≥", low)),
        _ => None,
    }
}

/// `0.00%` of an error that is not nothing is `<0.01%`.
fn at_least_a_digit(shown: String) -> String {
    if shown.bytes().any(|b| matches!(b, b'1'..=b'9')) {
        return shown;
    }
    let last = shown.rfind('0').expect("a number without other digits is made of noughts");
    format!("<{}1{}", &shown[..last], &shown[last + 1..])
}

/// `1234567.8` as `1,234,568`; two decimals below 100, where they matter.
pub fn grouped(x: f64) -> String {
    if x != 0.0 && x.abs() < 100.0 && x.fract() != 0.0 {
        return format!("{x:.2}");
    }
    let digits = format!("{:.0}", x.abs());
    let mut out = String::new();
    for (k, c) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    if x < 0.0 && digits.bytes().any(|b| b != b'0') { format!("-{out}") } else { out }
}

/// A table with plain rules, the same on every terminal and in a log.
pub fn plain(headings: &[&str]) -> Table {
    let mut table = Table::new();
    let lines = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));
    table.load_style(lines).set_header(headings.to_vec());
    table
}

/// Numbers stand to the right, from column `from` on.
pub fn align_right(table: &mut Table, from: usize) {
    for column in table.column_iter_mut().skip(from) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}

/// One column of numbers stands to the right.
pub fn align_right_one(table: &mut Table, column: usize) {
    if let Some(column) = table.column_mut(column) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(value: f64, std_error: f64, unit: Unit, flag: Option<Flag>) -> Estimate {
        Estimate { value, std_error, ci_low: value, ci_high: None, paths: 10, plain_paths: None, unit, flag, basis: Basis::Sides }
    }

    #[test]
    fn figures_carry_their_doubt_and_their_unit() {
        assert_eq!(figure(&estimate(1_234_567.8, 1_000.0, Unit::Money, None)), "1,234,568 ± 1,000");
        assert_eq!(figure(&estimate(0.0125, 0.0005, Unit::Ratio, None)), "1.25% ± 0.05%");
        assert_eq!(figure(&estimate(f64::NAN, 0.0, Unit::Number, Some(Flag::Undefined))), "–");
        assert_eq!(figure(&estimate(-5_000.0, 0.0, Unit::Money, Some(Flag::ThinTail))), "-5,000*");
        assert_eq!(figure(&estimate(0.000_033, 0.000_003, Unit::Ratio, None)), "0.0033% ± 0.0003%");
        assert_eq!(figure(&estimate(0.5, 1e-6, Unit::Ratio, None)), "50.0000% ± 0.0001%");
        assert_eq!(figure(&estimate(0.5, 1e-8, Unit::Ratio, None)), "50.0000% ± <0.0001%");
        assert_eq!(figure(&estimate(12.0, 0.001, Unit::Days, None)), "12.0000 ± 0.0010");
        assert_eq!(figure(&estimate(1.02, 0.000_01, Unit::Number, None)), "1.0200 ± <0.0001");
        let never = Estimate { ci_high: Some(0.000_922), ..exact(Unit::Ratio, 0.0) };
        assert_eq!(figure(&never), "0.00% (≤ 0.09%)");
        assert_eq!(figure(&Estimate { ci_low: 0.999_078, ..exact(Unit::Ratio, 1.0) }), "100.00% (≥ 99.91%)");
        assert_eq!(grouped(-0.0), "0");
        assert_eq!(grouped(999.0), "999");
    }
}
