//! Writes `tables/*.csv` for spreadsheets: measures, differences, limits, lineage and notes.
//!
//! Columns are known by their keys, which no language changes; the last ones name scenario and measure in the report's language.

use super::frame::{column, finite, label, table, text, write_csv};
use super::{Export, Results, differs};
use crate::measures::{Estimate, Estimates};
use crate::problem::Problems;
use crate::report::charts::Context;
use crate::report::document;
use crate::report::folder::Claim;
use crate::report::text::{measure, role};
use crate::study::model_risk::Row;
use crate::study::register::line::{Finding, Subject};
use crate::study::rounds::{Convergence, Shown};
use crate::study::watch::WatchResult;
use polars::prelude::{Column, DataFrame};

pub const EXPORT: Export = Export { name: "tables/", write };

fn write(results: &Results<'_>, claim: &mut Claim) -> Result<(), Problems> {
    let scenarios = &results.facts.scenarios;
    let context = &Context::new(results.facts, results.facts.programme.report.language);
    let measures: Vec<(&str, &Estimates)> = scenarios.iter().map(|s| (s.name.as_str(), &s.measures)).collect();
    let differences: Vec<(&str, &Estimates)> = scenarios.iter().map(|s| (s.name.as_str(), &s.difference)).collect();
    write_csv(claim, "tables/measures.csv", estimates(context, &measures))?;
    write_csv(claim, "tables/differences.csv", estimates(context, &differences))?;
    if results.facts.previous.is_some() {
        let changes: Vec<(&str, &Estimates)> = scenarios.iter().map(|s| (s.name.as_str(), &s.change)).collect();
        write_csv(claim, "tables/changes.csv", estimates(context, &changes))?;
    }
    if let Some(made) = &results.facts.made {
        write_csv(
            claim,
            "tables/differs.csv",
            labelled(differs::table(&made.differs), made.differs.iter().map(|d| document::differs::name(&context.text, d))),
        )?;
    }
    write_csv(claim, "tables/limits.csv", limits(context))?;
    if !results.facts.watches.is_empty() {
        write_csv(claim, "tables/watches.csv", watches(context))?;
    }
    if let Some(register) = &results.facts.register {
        write_csv(claim, "tables/findings.csv", findings(context, &register.entry.findings))?;
    }
    write_csv(claim, "tables/lineage.csv", lineage(context))?;
    if !results.facts.model_risk.is_empty() {
        write_csv(claim, "tables/model_risk.csv", model_risk(context))?;
    }
    if let Some(convergence) = &results.facts.convergence {
        write_csv(claim, "tables/convergence.csv", rounds(context, convergence))?;
    }
    write_csv(claim, "tables/notes.csv", notes(results))
}

/// What scenarios and measures are called in the report's language.
fn names<'k>(context: &Context<'_>, keys: impl Iterator<Item = (&'k str, &'k str)> + Clone) -> [Column; 2] {
    let scenarios = scenario_labels(context, keys.clone().map(|(scenario, _)| scenario));
    let measures: Vec<String> = keys.map(|(_, key)| measure::name(&context.text, key)).collect();
    [scenarios, label(measures.into_iter())]
}

pub(super) fn scenario_labels<'k>(context: &Context<'_>, scenarios: impl Iterator<Item = &'k str>) -> Column {
    let names: Vec<String> = scenarios.map(|scenario| context.scenario(scenario)).collect();
    text("scenario_label", names.iter().map(String::as_str))
}

/// A table with the names of its rows behind it.
fn labelled(mut table: DataFrame, names: impl Iterator<Item = String>) -> DataFrame {
    table.with_column(label(names)).expect("a table has a name for every row");
    table
}

fn estimates(context: &Context<'_>, scenarios: &[(&str, &Estimates)]) -> DataFrame {
    let rows: Vec<(&str, &str, &Estimate)> =
        scenarios.iter().flat_map(|(scenario, list)| list.iter().map(|(key, estimate)| (*scenario, key.as_str(), estimate))).collect();
    let mut columns = vec![text("scenario", rows.iter().map(|r| r.0)), text("measure", rows.iter().map(|r| r.1))];
    columns.extend(figures(rows.iter().map(|r| r.2)));
    columns.extend(names(context, rows.iter().map(|r| (r.0, r.1))));
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

fn limits(context: &Context<'_>) -> DataFrame {
    let limits = &context.facts.limits;
    let mut columns = vec![
        text("scenario", limits.iter().map(|l| l.scenario.as_str())),
        text("measure", limits.iter().map(|l| l.measure.as_str())),
        column("side", limits.iter().map(|l| l.side).collect::<Vec<_>>()),
        column("limit", limits.iter().map(|l| finite(l.limit)).collect::<Vec<_>>()),
        column("confidence", limits.iter().map(|l| finite(l.confidence)).collect::<Vec<_>>()),
        column("verdict", limits.iter().map(|l| written(&l.verdict)).collect::<Vec<_>>()),
    ];
    columns.extend(figures(limits.iter().map(|l| &l.estimate)));
    columns.extend(names(context, limits.iter().map(|l| (l.scenario.as_str(), l.measure.as_str()))));
    table(columns)
}

fn watches(context: &Context<'_>) -> DataFrame {
    let watches: &[WatchResult] = &context.facts.watches;
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
    columns.extend(names(context, watches.iter().map(|w| (w.scenario.as_str(), w.measure.as_str()))));
    table(columns)
}

fn findings(context: &Context<'_>, findings: &[Finding]) -> DataFrame {
    let subject = |f: &Finding| match &f.subject {
        Subject::Watch(name) => name.clone(),
        Subject::Limit { .. } => "limit".to_string(),
    };
    let mut columns = vec![
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
    ];
    columns.extend(names(context, findings.iter().map(|f| (f.scenario.as_str(), f.measure.as_str()))));
    table(columns)
}

/// A row per scenario, model and measure.
fn model_risk(context: &Context<'_>) -> DataFrame {
    let rows: Vec<(&str, &Row, &str, &Estimate)> = (context.facts.model_risk.iter())
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
    columns.extend(names(context, rows.iter().map(|r| (r.0, r.2))));
    table(columns)
}

/// A row for each round and figure.
fn rounds(context: &Context<'_>, convergence: &Convergence) -> DataFrame {
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
    columns.extend(names(context, rows.iter().map(|(_, shown)| (shown.scenario.as_str(), shown.measure.as_str()))));
    table(columns)
}

fn lineage(context: &Context<'_>) -> DataFrame {
    let files = &context.facts.lineage;
    table(vec![
        text("role", files.iter().map(|f| f.role.as_str())),
        text("path", files.iter().map(|f| f.path.as_str())),
        text("sha256", files.iter().map(|f| f.sha256.as_str())),
        column("bytes", files.iter().map(|f| f.bytes).collect::<Vec<_>>()),
        column("rows", files.iter().map(|f| f.rows).collect::<Vec<_>>()),
        column("used", files.iter().map(|f| f.used).collect::<Vec<_>>()),
        column("rejected", files.iter().map(|f| f.rejected).collect::<Vec<_>>()),
        column("passed_over", files.iter().map(|f| f.passed_over).collect::<Vec<_>>()),
        label(files.iter().map(|f| role::name(&context.text, &f.role))),
    ])
}

fn notes(results: &Results<'_>) -> DataFrame {
    let notes = &results.facts.notes;
    table(vec![text("en", notes.iter().map(|n| n.en.as_str())), text("zh", notes.iter().map(|n| n.zh.as_str()))])
}
