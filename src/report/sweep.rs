//! Writes the folder of a sweep: `sweep.json`, a table of all settings, charts, and a report in the reader's language.

use super::charts::{Chart, canvas, frontier, heat_map, keep_apart, sweep_lines, swept::Swept};
use super::document;
use super::export::frame::{column, finite, table, text, write_csv};
use super::export::parquet::write_parquet;
use super::export::summary::pretty;
use super::export::tables::written;
use super::export::{html, manifest};
use super::folder::Claim;
use super::fonts::Fonts;
use super::names;
pub use super::sweep_pages::Subject;
use super::sweep_pages::compose;
use super::text::Text;
use crate::measures::Estimate;
use crate::model::sweep::{Better, Design, Sweep, Value};
use crate::problem::Problems;
use crate::study::sweep::{Frontier, Gain, Place, Results, Status};
use polars::prelude::{Column, DataFrame};
use serde::Serialize;
use std::collections::BTreeMap;

/// The version of the layout of `sweep.json`.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Json<'a> {
    schema: u32,
    name: &'a str,
    programme: &'a str,
    as_of: String,
    currency: &'a str,
    seed: u64,
    programme_hash: &'a str,
    scenario: &'a str,
    design: Design,
    paths: u64,
    confidence: f64,
    markets: usize,
    keys: Vec<KeyJson<'a>>,
    measures: Vec<MeasureJson<'a>>,
    settings: Vec<SettingJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frontier: Option<FrontierJson<'a>>,
}

#[derive(Serialize)]
struct KeyJson<'a> {
    names: &'a [String],
    title: &'a str,
    values: Vec<String>,
    labels: Vec<&'a str>,
}

#[derive(Serialize)]
struct MeasureJson<'a> {
    measure: &'a str,
    better: Better,
}

#[derive(Serialize)]
struct SettingJson<'a> {
    setting: usize,
    values: Vec<String>,
    measures: BTreeMap<&'a str, &'a Estimate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<PlaceJson<'a>>,
}

#[derive(Serialize)]
struct PlaceJson<'a> {
    status: Status,
    /// The setting that dominates it, or that it ties with.
    by: Option<usize>,
    /// What that one gains over it.
    gains: Option<BTreeMap<&'a str, Gain>>,
    /// Settings that neither measure tells from it.
    alike: Vec<usize>,
}

#[derive(Serialize)]
struct FrontierJson<'a> {
    measures: [&'a str; 2],
    comparisons: usize,
    confidence_each: f64,
    efficient: Vec<usize>,
}

/// Writes every file of the folder; the manifest last.
pub fn write(subject: &Subject<'_>, fonts: &Fonts, threads: usize, claim: &mut Claim) -> Result<(), Problems> {
    let json = json(subject);
    let charts = charts(subject, fonts)?;
    let data = compose(subject, &charts);
    let pdf = document::set(&data, &charts, &json, fonts, (subject.programme_hash, subject.programme.as_of))?;
    claim.write("sweep.json", &json)?;
    claim.write("programme.resolved.toml", subject.programme.resolved_toml.as_bytes())?;
    claim.write("report.pdf", &pdf)?;
    claim.write("report.html", html::page(&data, &charts).as_bytes())?;
    write_csv(claim, "tables/cells.csv", cells(subject.results))?;
    write_parquet(claim, "cells.parquet", threads, std::iter::once(cells(subject.results)))?;
    for chart in &charts {
        let stem = names::file_name(&chart.slug);
        claim.write(&format!("charts/{stem}.svg"), chart.svg.as_bytes())?;
        claim.write(&format!("charts/{stem}.png"), &chart.png)?;
    }
    let data_root = subject.programme.data_root_from(claim.target());
    manifest::write_with_root(SCHEMA, &subject.results.sweep.name.en, (subject.lineage, Some(data_root)), claim)
}

/// The frontier, and each measure as a heat map of two keys or more, or as lines and points.
fn charts(subject: &Subject<'_>, fonts: &Fonts) -> Result<Vec<Chart>, Problems> {
    let text = Text::new(subject.language, &subject.programme.currency);
    let of = Swept { results: subject.results, text, currency: &subject.programme.currency };
    let sweep = subject.results.sweep;
    let mut drawings: Vec<_> = frontier::drawing(of).into_iter().collect();
    for measure in 0..sweep.measures.len() {
        match heat_map::is_map(sweep) {
            true => drawings.extend(heat_map::drawings(of, measure)),
            false => drawings.push(sweep_lines::drawing(of, measure)),
        }
    }
    keep_apart(&mut drawings);
    fonts.check(drawings.iter().flat_map(|drawing| [drawing.title.as_str(), drawing.alt.as_str()]))?;
    Ok(drawings.into_iter().map(|drawing| canvas::finish(drawing, fonts)).collect())
}

/// A value as a cell of a table: a text without its quotes.
fn plain(value: &Value) -> String {
    value.toml.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(&value.toml).to_string()
}

fn json(subject: &Subject<'_>) -> Vec<u8> {
    let (results, programme) = (subject.results, subject.programme);
    let sweep = results.sweep;
    let frontier = sweep.frontier.zip(results.frontier.as_ref());
    pretty(&Json {
        schema: SCHEMA,
        name: &sweep.name.en,
        programme: &programme.name,
        as_of: programme.as_of.to_string(),
        currency: &programme.currency,
        seed: programme.seed,
        programme_hash: subject.programme_hash,
        scenario: subject.scenario,
        design: sweep.design,
        paths: results.paths,
        confidence: results.confidence,
        markets: results.markets,
        keys: (sweep.keys.iter())
            .map(|key| KeyJson {
                names: &key.names,
                title: &key.title.en,
                values: key.values.iter().map(plain).collect(),
                labels: key.values.iter().map(|value| value.label.en.as_str()).collect(),
            })
            .collect(),
        measures: sweep.measures.iter().map(|(measure, better)| MeasureJson { measure, better: *better }).collect(),
        settings: (0..sweep.settings.len()).map(|setting| setting_json(results, setting)).collect(),
        frontier: frontier.map(|(at, frontier)| frontier_json(sweep, at, frontier)),
    })
}

fn setting_json<'a>(results: &'a Results<'_>, setting: usize) -> SettingJson<'a> {
    let sweep = results.sweep;
    let measures = sweep.measures.iter().zip(&results.estimates[setting]);
    let place = |place: &Place| PlaceJson {
        status: place.status,
        by: place.by.map(|(by, _)| by + 1),
        gains: place
            .by
            .zip(sweep.frontier)
            .map(|((_, gains), at)| at.iter().zip(gains).map(|(m, gain)| (sweep.measures[*m].0.as_str(), gain)).collect()),
        alike: place.alike.iter().map(|other| other + 1).collect(),
    };
    SettingJson {
        setting: setting + 1,
        values: sweep.values(setting).map(plain).collect(),
        measures: measures.filter_map(|((measure, _), estimate)| Some((measure.as_str(), estimate.as_ref()?))).collect(),
        place: results.frontier.as_ref().map(|frontier| place(&frontier.places[setting])),
    }
}

fn frontier_json<'a>(sweep: &'a Sweep, at: [usize; 2], frontier: &Frontier) -> FrontierJson<'a> {
    FrontierJson {
        measures: at.map(|measure| sweep.measures[measure].0.as_str()),
        comparisons: frontier.comparisons,
        confidence_each: frontier.confidence_each,
        efficient: frontier.of(Status::Efficient).map(|setting| setting + 1).collect(),
    }
}

/// A row for each setting: its values, every measure with its error and interval, and its place.
fn cells(results: &Results<'_>) -> DataFrame {
    let sweep = results.sweep;
    let settings = 0..sweep.settings.len();
    let mut columns: Vec<Column> = vec![column("setting", settings.clone().map(|s| s as u32 + 1).collect::<Vec<u32>>())];
    for (at, key) in sweep.keys.iter().enumerate() {
        let values: Vec<String> = settings.clone().map(|s| plain(&key.values[sweep.settings[s][at]])).collect();
        columns.push(text(&key.names[0], values.iter().map(String::as_str)));
    }
    for (at, (measure, _)) in sweep.measures.iter().enumerate() {
        let number = |name: String, get: fn(&Estimate) -> Option<f64>| {
            column(
                &name,
                settings.clone().map(|s| results.estimates[s][at].as_ref().and_then(get).and_then(finite)).collect::<Vec<Option<f64>>>(),
            )
        };
        columns.push(number(measure.clone(), |e| Some(e.value)));
        columns.push(number(format!("{measure}.std_error"), |e| Some(e.std_error)));
        columns.push(number(format!("{measure}.ci_low"), |e| Some(e.ci_low)));
        columns.push(number(format!("{measure}.ci_high"), |e| e.ci_high));
        let flag = |s: usize| results.estimates[s][at].as_ref().and_then(|e| e.flag.as_ref().map(written));
        columns.push(column(&format!("{measure}.flag"), settings.clone().map(flag).collect::<Vec<Option<String>>>()));
    }
    if let Some(frontier) = &results.frontier {
        columns.push(column("place", frontier.places.iter().map(|place| written(&place.status)).collect::<Vec<String>>()));
        columns.push(column("by", frontier.places.iter().map(|place| place.by.map(|(by, _)| by as u32 + 1)).collect::<Vec<Option<u32>>>()));
    }
    table(columns)
}
