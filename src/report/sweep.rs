//! Writes the folder of a sweep: `sweep.json`, a table of all settings, charts, and a report in the reader's language.

use super::charts::{Chart, canvas, frontier, heat_map, keep_apart, sweep_lines, swept::Swept};
use super::export::frame::column;
use super::export::summary::pretty;
use super::export::tables::written;
use super::folder::Claim;
use super::fonts::Fonts;
use super::settings::{self, Content, Subject, plain};
use super::sweep_pages::compose;
use crate::measures::Estimate;
use crate::model::sweep::{Better, Design, Sweep};
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

/// Writes every file of the folder.
pub fn write(subject: &Subject<'_>, results: &Results<'_>, fonts: &Fonts, threads: usize, claim: &mut Claim) -> Result<(), Problems> {
    let json = json(subject, results);
    let charts = charts(subject, results, fonts)?;
    let data = compose(subject, results, &charts);
    let name = &results.sweep.name.en;
    let settings = ("cells", cells(results));
    settings::write(
        subject,
        Content { schema: SCHEMA, file: "sweep.json", json: &json, name, data: &data, charts: &charts, settings },
        fonts,
        threads,
        claim,
    )
}

/// The frontier, and each measure as a heat map of two keys or more, or as lines and points.
fn charts(subject: &Subject<'_>, results: &Results<'_>, fonts: &Fonts) -> Result<Vec<Chart>, Problems> {
    let of = Swept { results, text: subject.text(), currency: &subject.programme.currency };
    let sweep = results.sweep;
    let mut drawings: Vec<_> = frontier::drawing(of).into_iter().collect();
    for measure in 0..sweep.measures.len() {
        match heat_map::is_map(sweep) {
            true => drawings.extend(heat_map::drawings(of, measure)),
            false => drawings.push(sweep_lines::drawing(of, measure)),
        }
    }
    keep_apart(&mut drawings);
    fonts.check(drawings.iter().flat_map(|drawing| [drawing.title.as_str(), drawing.alt.as_str()]))?;
    let imprint = subject.imprint();
    Ok(drawings.into_iter().map(|drawing| canvas::finish(drawing, &imprint, fonts)).collect())
}

fn json(subject: &Subject<'_>, results: &Results<'_>) -> Vec<u8> {
    let programme = subject.programme;
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
    let values = |at: usize| sweep.settings.iter().map(|setting| plain(&sweep.keys[at].values[setting[at]])).collect::<Vec<String>>();
    let keys: Vec<(&str, Vec<String>)> = sweep.keys.iter().enumerate().map(|(at, key)| (key.names[0].as_str(), values(at))).collect();
    let measures: Vec<&str> = sweep.measures.iter().map(|(measure, _)| measure.as_str()).collect();
    let places = results.frontier.iter().flat_map(|frontier| -> [Column; 2] {
        let place = frontier.places.iter().map(|place| written(&place.status)).collect::<Vec<String>>();
        let by = frontier.places.iter().map(|place| place.by.map(|(by, _)| by as u32 + 1)).collect::<Vec<Option<u32>>>();
        [column("place", place), column("by", by)]
    });
    settings::settings([Vec::new(), places.collect()], &keys, &measures, &results.estimates)
}
