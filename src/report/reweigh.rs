//! Writes the folder of a what-if: `reweighed.json`, tables, and a report of a page or two in the reader's language.

use super::document;
use super::export::frame::{column, finite, label, table, text, write_csv};
use super::export::html;
use super::export::manifest;
use super::export::summary::pretty;
use super::export::tables::written;
use super::folder::Claim;
use super::fonts::Fonts;
use super::reweigh_pages::compose;
pub use super::reweigh_pages::{LeftOut, Subject};
use super::text::{Text, measure};
use crate::measures::{Estimate, Unit};
use crate::problem::Problems;
use crate::study::posterior::Met;
use crate::study::reweigh::{Reweighed, Row};
use crate::study::view::{Side, Statistic};
use polars::prelude::DataFrame;
use serde::Serialize;
use std::collections::BTreeMap;

/// The version of the layout of `reweighed.json`.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Json<'a> {
    schema: u32,
    name: &'a str,
    as_of: String,
    currency: &'a str,
    programme_hash: &'a str,
    views: &'a [String],
    scenarios: Vec<ScenarioJson<'a>>,
    left_out: &'a [LeftOut],
}

#[derive(Serialize)]
struct ScenarioJson<'a> {
    name: &'a str,
    paths: u64,
    confidence: f64,
    /// Paths of equal weight with the same entropy, with the same sum of squares, and the latter before the views.
    effective_paths_entropy: f64,
    effective_paths_kish: f64,
    prior_effective_paths_kish: f64,
    relative_entropy: f64,
    views: Vec<ViewJson<'a>>,
    measures: BTreeMap<&'a str, MeasureJson<'a>>,
}

#[derive(Serialize)]
struct ViewJson<'a> {
    view: &'a str,
    column: &'a str,
    statistic: &'static str,
    side: &'static str,
    unit: Unit,
    prior: f64,
    asked: f64,
    posterior: f64,
    binding: bool,
    multiplier: f64,
}

#[derive(Serialize)]
struct MeasureJson<'a> {
    prior: &'a Estimate,
    posterior: &'a Estimate,
    change: Change,
}

#[derive(Serialize)]
struct Change {
    value: f64,
    std_error: f64,
}

/// Writes every file of the folder; the manifest last.
pub fn write(subject: &Subject<'_>, fonts: &Fonts, claim: &mut Claim) -> Result<(), Problems> {
    let json = json(subject);
    let data = compose(subject);
    let text = Text::new(subject.language, &subject.programme.currency);
    let pdf = document::set(&data, &[], &json, fonts, (subject.programme_hash, subject.programme.as_of))?;
    claim.write("reweighed.json", &json)?;
    claim.write("report.pdf", &pdf)?;
    claim.write("report.html", html::page(&data, &[]).as_bytes())?;
    write_csv(claim, "tables/reweighed.csv", measures_table(subject.scenarios, &text))?;
    write_csv(claim, "tables/views.csv", views_table(subject.scenarios))?;
    manifest::write_plain(SCHEMA, &subject.programme.name, subject.lineage, claim)
}

fn json(subject: &Subject<'_>) -> Vec<u8> {
    pretty(&Json {
        schema: SCHEMA,
        name: &subject.programme.name,
        as_of: subject.programme.as_of.to_string(),
        currency: &subject.programme.currency,
        programme_hash: subject.programme_hash,
        views: subject.views,
        scenarios: subject.scenarios.iter().map(scenario).collect(),
        left_out: subject.left_out,
    })
}

fn scenario(s: &Reweighed) -> ScenarioJson<'_> {
    ScenarioJson {
        name: &s.scenario,
        paths: s.paths,
        confidence: s.confidence,
        effective_paths_entropy: s.posterior.paths_by_entropy,
        effective_paths_kish: s.posterior.paths_by_squares,
        prior_effective_paths_kish: s.posterior.prior_by_squares,
        relative_entropy: s.posterior.relative_entropy,
        views: s.posterior.met.iter().map(view).collect(),
        measures: s.rows.iter().map(|row| (row.key.as_str(), measure(row))).collect(),
    }
}

fn view(met: &Met) -> ViewJson<'_> {
    ViewJson {
        view: &met.view.text,
        column: &met.view.column,
        statistic: statistic(met.view.statistic),
        side: side(met.view.side),
        unit: met.unit,
        prior: met.prior,
        asked: met.asked,
        posterior: met.posterior,
        binding: met.multiplier != 0.0,
        multiplier: met.multiplier,
    }
}

fn measure(row: &Row) -> MeasureJson<'_> {
    MeasureJson { prior: &row.prior, posterior: &row.posterior, change: Change { value: row.change, std_error: row.change_error } }
}

fn statistic(statistic: Statistic) -> &'static str {
    match statistic {
        Statistic::Mean => "mean",
        Statistic::Deviation => "standard-deviation",
        Statistic::Share(_) => "probability",
    }
}

fn side(side: Side) -> &'static str {
    match side {
        Side::AtLeast => "at-least",
        Side::AtMost => "at-most",
        Side::Equal => "equal",
    }
}

fn measures_table(scenarios: &[Reweighed], words: &Text) -> DataFrame {
    let rows: Vec<(&str, &Row)> = scenarios.iter().flat_map(|s| s.rows.iter().map(|row| (s.scenario.as_str(), row))).collect();
    let number = |name: &str, get: fn(&Row) -> Option<f64>| {
        column(name, rows.iter().map(|(_, row)| get(row).and_then(finite)).collect::<Vec<Option<f64>>>())
    };
    table(vec![
        text("scenario", rows.iter().map(|r| r.0)),
        text("measure", rows.iter().map(|r| r.1.key.as_str())),
        number("prior", |r| Some(r.prior.value)),
        number("prior_std_error", |r| Some(r.prior.std_error)),
        number("posterior", |r| Some(r.posterior.value)),
        number("std_error", |r| Some(r.posterior.std_error)),
        number("ci_low", |r| Some(r.posterior.ci_low)),
        number("ci_high", |r| r.posterior.ci_high),
        number("change", |r| Some(r.change)),
        number("change_std_error", |r| Some(r.change_error)),
        column("unit", rows.iter().map(|r| written(&r.1.posterior.unit)).collect::<Vec<String>>()),
        column("flag", rows.iter().map(|r| r.1.posterior.flag.as_ref().map(written)).collect::<Vec<Option<String>>>()),
        label(rows.iter().map(|r| measure::name(words, &r.1.key))),
    ])
}

fn views_table(scenarios: &[Reweighed]) -> DataFrame {
    let rows: Vec<(&str, &Met)> = scenarios.iter().flat_map(|s| s.posterior.met.iter().map(|met| (s.scenario.as_str(), met))).collect();
    let number =
        |name: &str, get: fn(&Met) -> f64| column(name, rows.iter().map(|(_, met)| finite(get(met))).collect::<Vec<Option<f64>>>());
    table(vec![
        text("scenario", rows.iter().map(|r| r.0)),
        text("view", rows.iter().map(|r| r.1.view.text.as_str())),
        text("column", rows.iter().map(|r| r.1.view.column.as_str())),
        text("statistic", rows.iter().map(|r| statistic(r.1.view.statistic))),
        text("side", rows.iter().map(|r| side(r.1.view.side))),
        number("prior", |met| met.prior),
        number("asked", |met| met.asked),
        number("posterior", |met| met.posterior),
        number("multiplier", |met| met.multiplier),
        column("unit", rows.iter().map(|r| written(&r.1.unit)).collect::<Vec<String>>()),
    ])
}
