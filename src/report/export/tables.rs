//! Writes `tables/*.csv` for spreadsheets: measures, differences, limits, lineage and notes.

use super::frame::{column, finite, table, text, write_csv};
use super::{Export, Results, differs};
use crate::measures::{Estimate, Estimates};
use crate::problem::Problems;
use crate::report::folder::Claim;
use crate::study::model_risk::Row;
use crate::study::register::line::{Finding, Subject};
use crate::study::rounds::{Convergence, Shown};
use crate::study::watch::WatchResult;
use polars::prelude::{Column, DataFrame};

pub const EXPORT: Export = Export { name: "tables/", write };

fn write(results: &Results<'_>, claim: &mut Claim) -> Result<(), Problems> {
    let scenarios = &results.facts.scenarios;
    let measures: Vec<(&str, &Estimates)> = scenarios.iter().map(|s| (s.name.as_str(), &s.measures)).collect();
    let differences: Vec<(&str, &Estimates)> = scenarios.iter().map(|s| (s.name.as_str(), &s.difference)).collect();
    write_csv(claim, "tables/measures.csv", estimates(&measures))?;
    write_csv(claim, "tables/differences.csv", estimates(&differences))?;
    if results.facts.previous.is_some() {
        let changes: Vec<(&str, &Estimates)> = scenarios.iter().map(|s| (s.name.as_str(), &s.change)).collect();
        write_csv(claim, "tables/changes.csv", estimates(&changes))?;
    }
    if let Some(made) = &results.facts.made {
        write_csv(claim, "tables/differs.csv", differs::table(&made.differs))?;
    }
    write_csv(claim, "tables/limits.csv", limits(results))?;
    if !results.facts.watches.is_empty() {
        write_csv(claim, "tables/watches.csv", watches(&results.facts.watches))?;
    }
    if let Some(register) = &results.facts.register {
        write_csv(claim, "tables/findings.csv", findings(&register.entry.findings))?;
    }
    write_csv(claim, "tables/lineage.csv", lineage(results))?;
    if !results.facts.model_risk.is_empty() {
        write_csv(claim, "tables/model_risk.csv", model_risk(results))?;
    }
    if let Some(convergence) = &results.facts.convergence {
        write_csv(claim, "tables/convergence.csv", rounds(convergence))?;
    }
    write_csv(claim, "tables/notes.csv", notes(results))
}

fn estimates(scenarios: &[(&str, &Estimates)]) -> DataFrame {
    let rows: Vec<(&str, &str, &Estimate)> =
        scenarios.iter().flat_map(|(scenario, list)| list.iter().map(|(key, estimate)| (*scenario, key.as_str(), estimate))).collect();
    let mut columns = vec![text("scenario", rows.iter().map(|r| r.0)), text("measure", rows.iter().map(|r| r.1))];
    columns.extend(figures(rows.iter().map(|r| r.2)));
    table(columns)
}

/// The columns of a list of estimates.
pub(super) fn figures<'a>(estimates: impl Iterator<Item = &'a Estimate>) -> Vec<Column> {
    let list: Vec<&Estimate> = estimates.collect();
    let number = |name: &str, get: fn(&Estimate) -> Option<f64>| {
        column(name, list.iter().map(|e| get(e).and_then(finite)).collect::<Vec<Option<f64>>>())
    };
    let plain: Vec<Option<u64>> = list.iter().map(|e| e.plain_paths).collect();
    let mut columns = vec![
        number("value", |e| Some(e.value)),
        number("std_error", |e| Some(e.std_error)),
        number("ci_low", |e| Some(e.ci_low)),
        number("ci_high", |e| e.ci_high),
        column("paths", list.iter().map(|e| e.paths).collect::<Vec<u64>>()),
        column("unit", list.iter().map(|e| written(&e.unit)).collect::<Vec<String>>()),
        column("flag", list.iter().map(|e| e.flag.as_ref().map(written)).collect::<Vec<Option<String>>>()),
    ];
    if plain.iter().any(Option::is_some) {
        columns.push(column("plain_paths", plain));
    }
    columns
}

/// A unit or a flag as `summary.json` writes it.
pub(in crate::report) fn written(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        other => panic!("a unit or a flag is written as one word, not as {other:?}"),
    }
}

fn limits(results: &Results<'_>) -> DataFrame {
    let limits = &results.facts.limits;
    let mut columns = vec![
        text("scenario", limits.iter().map(|l| l.scenario.as_str())),
        text("measure", limits.iter().map(|l| l.measure.as_str())),
        column("side", limits.iter().map(|l| l.side).collect::<Vec<_>>()),
        column("limit", limits.iter().map(|l| finite(l.limit)).collect::<Vec<_>>()),
        column("confidence", limits.iter().map(|l| finite(l.confidence)).collect::<Vec<_>>()),
        column("verdict", limits.iter().map(|l| written(&l.verdict)).collect::<Vec<_>>()),
    ];
    columns.extend(figures(limits.iter().map(|l| &l.estimate)));
    table(columns)
}

fn watches(watches: &[WatchResult]) -> DataFrame {
    let mut columns = vec![
        text("watch", watches.iter().map(|w| w.name.as_str())),
        text("scenario", watches.iter().map(|w| w.scenario.as_str())),
        text("measure", watches.iter().map(|w| w.measure.as_str())),
        column("side", watches.iter().map(|w| w.side).collect::<Vec<_>>()),
        column("amber", watches.iter().map(|w| finite(w.amber)).collect::<Vec<_>>()),
        column("red", watches.iter().map(|w| finite(w.red)).collect::<Vec<_>>()),
        column("confidence", watches.iter().map(|w| finite(w.confidence)).collect::<Vec<_>>()),
        column("state", watches.iter().map(|w| written(&w.state)).collect::<Vec<_>>()),
        column("decided", watches.iter().map(|w| w.decided).collect::<Vec<bool>>()),
        column("before", watches.iter().map(|w| w.before.as_ref().map(written)).collect::<Vec<Option<String>>>()),
    ];
    columns.extend(figures(watches.iter().map(|w| &w.estimate)));
    table(columns)
}

fn findings(findings: &[Finding]) -> DataFrame {
    let subject = |f: &Finding| match &f.subject {
        Subject::Watch(name) => name.clone(),
        Subject::Limit { .. } => "limit".to_string(),
    };
    table(vec![
        column("number", findings.iter().map(|f| f.number).collect::<Vec<u32>>()),
        column("subject", findings.iter().map(subject).collect::<Vec<String>>()),
        text("scenario", findings.iter().map(|f| f.scenario.as_str())),
        text("measure", findings.iter().map(|f| f.measure.as_str())),
        column("level", findings.iter().map(|f| written(&f.level)).collect::<Vec<_>>()),
        column("status", findings.iter().map(|f| written(&f.status)).collect::<Vec<_>>()),
        column("opened", findings.iter().map(|f| f.opened.to_string()).collect::<Vec<_>>()),
        column("reports", findings.iter().map(|f| f.reports).collect::<Vec<u32>>()),
        column("value", findings.iter().map(|f| f.value).collect::<Vec<Option<f64>>>()),
        column("worst", findings.iter().map(|f| finite(f.worst)).collect::<Vec<_>>()),
        column("worst_on", findings.iter().map(|f| f.worst_on.to_string()).collect::<Vec<_>>()),
        column("unit", findings.iter().map(|f| written(&f.unit)).collect::<Vec<_>>()),
        column("tell", findings.iter().map(|f| f.tell.join("; ")).collect::<Vec<String>>()),
    ])
}

/// A row per scenario, model and measure.
fn model_risk(results: &Results<'_>) -> DataFrame {
    let rows: Vec<(&str, &Row, &str, &Estimate)> = (results.facts.model_risk.iter())
        .flat_map(|panel| panel.models.iter().map(move |row| (panel.scenario.as_str(), row)))
        .flat_map(|(scenario, row)| row.measures.iter().map(move |(measure, e)| (scenario, row, measure.as_str(), e)))
        .collect();
    let mut columns = vec![
        text("scenario", rows.iter().map(|r| r.0)),
        text("model", rows.iter().map(|r| r.1.model.as_str())),
        text("key", rows.iter().map(|r| r.1.key)),
        column("own", rows.iter().map(|r| r.1.own).collect::<Vec<bool>>()),
        text("measure", rows.iter().map(|r| r.2)),
    ];
    columns.extend(figures(rows.iter().map(|r| r.3)));
    table(columns)
}

/// A row for each round and figure.
fn rounds(convergence: &Convergence) -> DataFrame {
    let rows: Vec<_> = convergence.rounds.iter().flat_map(|round| round.figures.iter().map(move |shown| (round.paths, shown))).collect();
    let mut columns = vec![
        column("paths", rows.iter().map(|(paths, _)| *paths).collect::<Vec<_>>()),
        text("scenario", rows.iter().map(|(_, shown)| shown.scenario.as_str())),
        text("measure", rows.iter().map(|(_, shown)| shown.measure.as_str())),
    ];
    let columns_of = [
        ("value", (|s: &Shown| finite(s.estimate.value)) as fn(&Shown) -> Option<f64>),
        ("std_error", |s| finite(s.estimate.std_error)),
        ("ci_low", |s| finite(s.estimate.ci_low)),
        ("ci_high", |s| s.estimate.ci_high),
        ("times_allowed", |s| finite(s.times_allowed)),
    ];
    columns.extend(columns_of.map(|(name, of)| column(name, rows.iter().map(|(_, shown)| of(shown)).collect::<Vec<_>>())));
    table(columns)
}

fn lineage(results: &Results<'_>) -> DataFrame {
    let files = &results.facts.lineage;
    table(vec![
        text("role", files.iter().map(|f| f.role.as_str())),
        text("path", files.iter().map(|f| f.path.as_str())),
        text("sha256", files.iter().map(|f| f.sha256.as_str())),
        column("bytes", files.iter().map(|f| f.bytes).collect::<Vec<_>>()),
        column("rows", files.iter().map(|f| f.rows).collect::<Vec<_>>()),
        column("used", files.iter().map(|f| f.used).collect::<Vec<_>>()),
        column("rejected", files.iter().map(|f| f.rejected).collect::<Vec<_>>()),
        column("passed_over", files.iter().map(|f| f.passed_over).collect::<Vec<_>>()),
    ])
}

fn notes(results: &Results<'_>) -> DataFrame {
    let notes = &results.facts.notes;
    table(vec![text("en", notes.iter().map(|n| n.en.as_str())), text("zh", notes.iter().map(|n| n.zh.as_str()))])
}
