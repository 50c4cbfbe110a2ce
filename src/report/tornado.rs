//! Writes the folder of a study of sensitivity: `tornado.json`, tables, charts, and a report in the reader's language.

use super::charts::varied::Varied;
use super::charts::{Chart, canvas, keep_apart, sobol, tornado};
use super::export::frame::{column, finite, label, table, text, write_csv};
use super::export::summary::pretty;
use super::folder::Claim;
use super::fonts::Fonts;
use super::settings::{self, Content, Subject, plain};
use super::text::{Text, measure};
use super::tornado_pages::compose;
use crate::measures::Estimate;
use crate::model::tornado::{HIGH, LOW, Method, Part, Tornado};
use crate::problem::Problems;
use crate::study::sobol::Index;
use crate::study::tornado::{Bar, Difference, Found, Results, by_total};
use polars::prelude::{Column, DataFrame};
use serde::Serialize;
use std::collections::BTreeMap;

/// The version of the layout of `tornado.json`.
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
    method: Method,
    #[serde(skip_serializing_if = "Option::is_none")]
    design: Option<DesignJson>,
    paths: u64,
    confidence: f64,
    comparisons: usize,
    confidence_each: f64,
    markets: usize,
    keys: Vec<KeyJson<'a>>,
    measures: Vec<MeasureJson<'a>>,
    settings: Vec<SettingJson<'a>>,
}

#[derive(Serialize)]
struct DesignJson {
    rows: usize,
    seed: u64,
}

#[derive(Serialize)]
struct KeyJson<'a> {
    names: &'a [String],
    title: &'a str,
    low: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<String>,
    high: String,
}

#[derive(Serialize)]
struct MeasureJson<'a> {
    measure: &'a str,
    /// `told`, `flat` or `undefined`.
    status: &'static str,
    /// One at a time, the longest bar first.
    #[serde(skip_serializing_if = "Option::is_none")]
    bars: Option<Vec<BarJson<'a>>>,
    #[serde(flatten)]
    indices: Option<IndicesJson<'a>>,
}

#[derive(Serialize)]
struct BarJson<'a> {
    key: &'a str,
    low: Option<DifferenceJson<'a>>,
    high: Option<DifferenceJson<'a>>,
    swing: Option<DifferenceJson<'a>>,
    within_noise: bool,
}

#[derive(Serialize)]
struct DifferenceJson<'a> {
    #[serde(flatten)]
    estimate: &'a Estimate,
    beyond_noise: bool,
}

#[derive(Serialize)]
struct IndicesJson<'a> {
    mean: Index,
    deviation: Index,
    noise: Option<f64>,
    together: Index,
    indices: Vec<IndexJson<'a>>,
}

#[derive(Serialize)]
struct IndexJson<'a> {
    key: &'a str,
    first: JudgedJson,
    total: JudgedJson,
}

#[derive(Serialize)]
struct JudgedJson {
    #[serde(flatten)]
    index: Index,
    beyond_noise: bool,
}

#[derive(Serialize)]
struct SettingJson<'a> {
    setting: usize,
    part: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<usize>,
    values: Vec<Option<String>>,
    measures: BTreeMap<&'a str, &'a Estimate>,
}

/// Writes every file of the folder.
pub fn write(subject: &Subject<'_>, results: &Results<'_>, fonts: &Fonts, threads: usize, claim: &mut Claim) -> Result<(), Problems> {
    let json = json(subject, results);
    let charts = charts(subject, results, fonts)?;
    let data = compose(subject, results, &charts);
    write_csv(claim, "tables/sensitivities.csv", sensitivities(results, &subject.text()))?;
    let (name, settings) = (results.tornado.name.en.as_str(), ("settings", cells(results)));
    let content = Content { schema: SCHEMA, file: "tornado.json", json: &json, name, data: &data, charts: &charts, settings };
    settings::write(subject, content, fonts, threads, claim)
}

/// A chart for each measure that depends on anything.
fn charts(subject: &Subject<'_>, results: &Results<'_>, fonts: &Fonts) -> Result<Vec<Chart>, Problems> {
    let of = Varied { results, text: subject.text(), currency: &subject.programme.currency };
    let measures = 0..results.tornado.measures.len();
    let mut drawings: Vec<_> = measures.filter_map(|m| tornado::drawing(of, m).or_else(|| sobol::drawing(of, m))).collect();
    keep_apart(&mut drawings);
    fonts.check(drawings.iter().flat_map(|drawing| [drawing.title.as_str(), drawing.alt.as_str()]))?;
    let imprint = subject.imprint();
    Ok(drawings.into_iter().map(|drawing| canvas::finish(drawing, &imprint, fonts)).collect())
}

/// The key that an entry of `[[key]]` is known by.
fn key_of(tornado: &Tornado, key: usize) -> &str {
    &tornado.keys[key].names[0]
}

/// What a part is called, the key that has a value of its own there, and the row, from 1.
fn named(part: Part) -> (&'static str, Option<usize>, Option<usize>) {
    match part {
        Part::Base => ("base", None, None),
        Part::Low(key) => ("low", Some(key), None),
        Part::High(key) => ("high", Some(key), None),
        Part::A(row) => ("a", None, Some(row + 1)),
        Part::B(row) => ("b", None, Some(row + 1)),
        Part::Mixed(row, key) => ("a-with-b", Some(key), Some(row + 1)),
    }
}

fn json(subject: &Subject<'_>, results: &Results<'_>) -> Vec<u8> {
    let (tornado, programme) = (results.tornado, subject.programme);
    let sobol = tornado.method == Method::Sobol;
    let keys = (0..tornado.keys.len()).map(|at| {
        let key = &tornado.keys[at];
        let base = tornado.bases[at].as_ref().map(plain);
        KeyJson { names: &key.names, title: &key.title.en, low: plain(&key.values[LOW]), base, high: plain(&key.values[HIGH]) }
    });
    let setting = |at: usize| {
        let (part, key, row) = named(tornado.part(at));
        let measures = tornado.measures.iter().zip(&results.estimates[at]);
        SettingJson {
            setting: at + 1,
            part,
            key: key.map(|key| key_of(tornado, key)),
            row,
            values: (0..tornado.keys.len()).map(|key| tornado.value(at, key).map(plain)).collect(),
            measures: measures.filter_map(|(measure, estimate)| Some((measure.as_str(), estimate.as_ref()?))).collect(),
        }
    };
    pretty(&Json {
        schema: SCHEMA,
        name: &tornado.name.en,
        programme: &programme.name,
        as_of: programme.as_of.to_string(),
        currency: &programme.currency,
        seed: programme.seed,
        programme_hash: subject.programme_hash,
        scenario: subject.scenario,
        method: tornado.method,
        design: sobol.then_some(DesignJson { rows: tornado.rows, seed: tornado.seed }),
        paths: results.paths,
        confidence: results.confidence,
        comparisons: results.comparisons,
        confidence_each: results.confidence_each,
        markets: results.markets,
        keys: keys.collect(),
        measures: (0..tornado.measures.len()).map(|measure| measure_json(results, measure)).collect(),
        settings: (0..tornado.settings.len()).map(setting).collect(),
    })
}

fn measure_json<'a>(results: &'a Results<'_>, measure: usize) -> MeasureJson<'a> {
    let tornado = results.tornado;
    let status = match &results.found[measure] {
        Found::Bars(_) | Found::Indices(_) => "told",
        Found::Flat => "flat",
        Found::Undefined => "undefined",
    };
    let mut json = MeasureJson { measure: &tornado.measures[measure], status, bars: None, indices: None };
    match &results.found[measure] {
        Found::Bars(bars) => {
            let difference =
                |d: &'a Option<Difference>| d.as_ref().map(|d| DifferenceJson { estimate: &d.estimate, beyond_noise: d.side.is_some() });
            let bar = |bar: &'a Bar| BarJson {
                key: key_of(tornado, bar.key),
                low: difference(&bar.low),
                high: difference(&bar.high),
                swing: difference(&bar.swing),
                within_noise: bar.within_noise,
            };
            json.bars = Some(bars.iter().map(bar).collect());
        }
        Found::Indices(indices) => {
            let judged = |index: Index| JudgedJson { index, beyond_noise: results.is_beyond(&index) };
            let index = |key: usize| {
                let of = &indices.keys[key];
                IndexJson { key: key_of(tornado, key), first: judged(of.first), total: judged(of.total) }
            };
            json.indices = Some(IndicesJson {
                mean: indices.mean,
                deviation: indices.deviation,
                noise: indices.noise,
                together: indices.together,
                indices: by_total(indices).into_iter().map(index).collect(),
            });
        }
        Found::Flat | Found::Undefined => {}
    }
    json
}

/// A row for each measure and key: at either end less the base and the swing, or both indices.
fn sensitivities(results: &Results<'_>, words: &Text) -> DataFrame {
    let tornado = results.tornado;
    let mut rows: Vec<(usize, usize, Vec<Option<f64>>, bool)> = Vec::new();
    for (measure, found) in results.found.iter().enumerate() {
        match found {
            Found::Bars(bars) => rows.extend(bars.iter().map(|bar| {
                let figure = |d: &Option<Difference>| {
                    let e = d.as_ref().map(|d| &d.estimate);
                    [e.map(|e| e.value), e.map(|e| e.std_error), e.map(|e| e.ci_low), e.and_then(|e| e.ci_high)].map(|v| v.and_then(finite))
                };
                (measure, bar.key, [&bar.low, &bar.high, &bar.swing].into_iter().flat_map(figure).collect(), bar.within_noise)
            })),
            Found::Indices(indices) => rows.extend(by_total(indices).into_iter().map(|key| {
                let of = &indices.keys[key];
                let figure = |index: &Index| [index.value, index.std_error, index.of_design, index.of_paths].map(finite);
                (measure, key, [&of.first, &of.total].into_iter().flat_map(figure).collect(), !results.is_beyond(&of.total))
            })),
            Found::Flat | Found::Undefined => {}
        }
    }
    let (parts, figures): (&[&str], [&str; 4]) = match tornado.method {
        Method::OneAtATime => (&["low", "high", "swing"], ["", ".std_error", ".ci_low", ".ci_high"]),
        Method::Sobol => (&["first", "total"], ["", ".std_error", ".of_design", ".of_paths"]),
    };
    let names = parts.iter().flat_map(|part| figures.map(|figure| format!("{part}{figure}")));
    let mut columns: Vec<Column> = vec![
        text("measure", rows.iter().map(|row| tornado.measures[row.0].as_str())),
        text("key", rows.iter().map(|row| key_of(tornado, row.1))),
    ];
    columns.extend(names.enumerate().map(|(at, name)| column(&name, rows.iter().map(|row| row.2[at]).collect::<Vec<Option<f64>>>())));
    columns.push(column("within_noise", rows.iter().map(|row| row.3).collect::<Vec<bool>>()));
    columns.push(label(rows.iter().map(|row| measure::name(words, &tornado.measures[row.0]))));
    table(columns)
}

/// A row for each setting: what it is in the design, its values, every measure with its error and interval.
fn cells(results: &Results<'_>) -> DataFrame {
    let tornado = results.tornado;
    let all = || (0..tornado.settings.len()).map(|at| named(tornado.part(at)));
    let keys: Vec<Option<String>> = all().map(|(_, key, _)| key.map(|key| key_of(tornado, key).to_string())).collect();
    let mut about = vec![text("part", all().map(|(part, ..)| part)), column("key", keys)];
    if tornado.method == Method::Sobol {
        about.push(column("row", all().map(|(_, _, row)| row.map(|row| row as u32)).collect::<Vec<Option<u32>>>()));
    }
    let values = |key: usize| (0..tornado.settings.len()).map(|at| tornado.value(at, key).map_or(String::new(), plain)).collect();
    let keys: Vec<(&str, Vec<String>)> = (0..tornado.keys.len()).map(|key| (key_of(tornado, key), values(key))).collect();
    let measures: Vec<&str> = tornado.measures.iter().map(String::as_str).collect();
    settings::settings([about, Vec::new()], &keys, &measures, &results.estimates)
}
