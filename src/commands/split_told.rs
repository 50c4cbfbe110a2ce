//! Says on a terminal what a change comes from: what differs, then each measure step by step.

use super::show;
use super::sides::Pair;
use crate::measures::Estimate;
use crate::measures::stated::Basis;
use crate::model::lineage::InputFile;
use crate::model::split::{Differs, What};
use crate::problem::visible;
use crate::report::compared::{Compared, Told};
use crate::study::split::{Aside, Row, Side, Step};
use crate::study::tornado::Difference;
use std::fmt::Write;

/// Lines of what differs that are shown of one source.
const SHOWN: usize = 8;
/// Letters of a value that are shown.
const LETTERS: usize = 48;

/// What differs, and the measures that would be split.
pub fn told_check(pair: &Pair, measures: &[String], demand: &str, all: bool) -> String {
    let (differs, runs, paths) =
        (told_differs(&pair.differs, all), pair.runs(), pair.first.loaded.programme.scenarios[0].case.simulation.paths);
    let runs = format!("{runs} run{} on {} paths", if runs == 1 { "" } else { "s" }, show::grouped(paths as f64));
    format!("{differs}measures: {}\n{runs}\n{demand}\nno problems found\n", measures.join(", "))
}

/// What a change was split into.
pub fn told(compared: &Compared<'_>, all: bool) -> String {
    let results = compared.results;
    let mut out = told_differs(&results.differs, all);
    for (at, measure) in results.measures.iter().enumerate() {
        let _ = writeln!(out, "{}\n\n{}\n", visible::line(measure), table(compared, at));
    }
    if out.contains('*') {
        let _ = writeln!(out, "{}\n", show::STARRED);
    }
    for side in [Side::First, Side::Second] {
        out.extend(engine(compared, side));
    }
    for row in &results.rows {
        if let Step::Taken { why: Some(why), .. } = &row.step {
            let _ = writeln!(out, "{}: together, since what stands between is refused: {} {}", step(compared, row), why.place, why.what);
        }
        if let Some(why) = &row.not_alone {
            let _ = writeln!(out, "{}: cannot be alone: {} {}", step(compared, row), why.place, why.what);
        }
    }
    let percent = (results.confidence * 1e5).round() / 1e3;
    let with_alone = results.rows.iter().any(|row| !row.alone.is_empty());
    let alone = if with_alone { "\nalone: the first with that of the second and no other" } else { "" };
    let _ = writeln!(out, "=: within noise, all {} changes judged together at {percent}%{alone}\n", results.comparisons);
    out
}

/// What differs, by its source.
fn told_differs(differs: &[Differs], all: bool) -> String {
    if differs.is_empty() {
        return "nothing differs\n\n".into();
    }
    let mut table = show::plain(&["source", "what differs", "first", "second"]);
    let mut counts = std::collections::BTreeMap::new();
    let mut left = 0;
    for one in differs {
        let count = counts.entry(one.source).or_insert(0_usize);
        *count += 1;
        if *count > SHOWN && !all {
            left += 1;
            continue;
        }
        let source = one.source.map_or("no figure", |source| source.name());
        let (first, second) = match &one.what {
            What::Key { first, second, .. } => (value(first), value(second)),
            What::File { first, second, .. } => (file(first), file(second)),
        };
        table.add_row(vec![source.to_string(), visible::line(one.what.name()).into_owned(), first, second]);
    }
    let mut out = format!("{}\n\n", table.trim_fmt());
    if left > 0 {
        let _ = writeln!(out, "and {left} more, shown with --all\n");
    }
    out
}

fn value(value: &Option<String>) -> String {
    let Some(value) = value else { return "–".into() };
    let value = visible::line(value);
    match value.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.into_owned(),
    }
}

fn file(file: &Option<InputFile>) -> String {
    let Some(file) = file else { return "–".into() };
    let hash: String = file.sha256.chars().take(8).collect();
    format!("{}, {} rows, {hash}", value(&Some(file.path.clone())), show::grouped(file.rows as f64))
}

/// What a line is called.
fn step(compared: &Compared<'_>, row: &Row) -> String {
    let label = |told: &Told| visible::line(&told.label).into_owned();
    match &row.step {
        Step::First => label(compared.first),
        Step::Second => label(compared.second),
        Step::Engine { of, .. } => format!("engine of {}", label(compared.side(*of))),
        _ => row.step.sources().iter().map(|source| source.name()).collect::<Vec<_>>().join(" and "),
    }
}

fn table(compared: &Compared<'_>, at: usize) -> String {
    let results = compared.results;
    let with_alone = results.rows.iter().any(|row| !row.alone.is_empty());
    let mut headings = vec!["step", "figure", "change"];
    headings.extend(with_alone.then_some("alone"));
    let mut table = show::plain(&headings);
    for row in &results.rows {
        let figure = row.figures[at].as_ref().map_or_else(|| "–".into(), show::figure);
        let own = match (&row.step, &row.changes[at]) {
            (Step::First, _) => String::new(),
            (Step::Same(_), Some(_)) => "nothing differs".into(),
            (Step::Engine { .. }, Some(d)) if d.estimate.value == 0.0 && d.estimate.std_error == 0.0 => "0, to the bit".into(),
            (_, change) => marked(change.as_ref()),
        };
        let mut cells = vec![step(compared, row), figure, own];
        if with_alone {
            cells.push(row.alone.get(at).map_or_else(String::new, |alone| marked(alone.as_ref())));
        }
        table.add_row(cells);
    }
    show::align_right(&mut table, 1);
    table.trim_fmt()
}

/// A change with its sign, marked where it is within noise.
fn marked(change: Option<&Difference>) -> String {
    let Some(Difference { estimate, side }) = change else { return "–".into() };
    let sign = if estimate.value > 0.0 { "+" } else { "" };
    // where no path differs there is nothing to state an error of
    let exact: Estimate = show::exact(estimate.unit, estimate.value);
    let figure = format!("{sign}{}", show::figure(if estimate.value == 0.0 { &exact } else { estimate }));
    let is_exact = estimate.value == 0.0 && estimate.basis == Basis::Exact;
    if side.is_some() || is_exact { figure } else { format!("{figure} =") }
}

/// What this program makes of a stored report.
fn engine(compared: &Compared<'_>, side: Side) -> Option<String> {
    let told = compared.side(side);
    let (label, version) = (visible::line(&told.label), told.version.as_ref()?);
    let now = env!("CARGO_PKG_VERSION");
    if let Some(aside) = told.aside {
        let why = match aside {
            Aside::Paths => "--paths asks for others",
            Aside::Sampling => "its programme chooses its paths or adds to them, the split is on plain ones",
        };
        return Some(format!("{label}: made by version {version}; the stored figures are left aside: {why}\n"));
    }
    let (equal, figures) = compared.results.rows.iter().find_map(|row| match row.step {
        Step::Engine { of, equal, figures } if of == side => Some((equal, figures)),
        _ => None,
    })?;
    Some(match (equal == figures, version == now) {
        (true, _) => format!("{label}: made by version {version}, run again by {now}: equal to the bit\n"),
        (false, false) => {
            format!("{label}: made by version {version}, run again by {now}: {equal} of {figures} figures equal to the bit\n")
        }
        (false, true) => format!(
            "{label}: made by this version, {now}, from the same programme and data, and yet {equal} of {figures} figures alone are equal to the \
             bit: it was changed since, or made by another build\n"
        ),
    })
}
