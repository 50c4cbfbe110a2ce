//! Writes the folder of reverse stress tests: `reverse.json`, tables, a chart of each, and a report in the reader's language.

use super::charts::{Chart, canvas, keep_apart, reverse, reversed::Reversed};
use super::document;
use super::export::frame::{column, finite, table, text, write_csv};
use super::export::parquet::write_parquet;
use super::export::summary::pretty;
use super::export::tables::written;
use super::export::{html, manifest};
use super::folder::Claim;
use super::fonts::Fonts;
use super::names;
pub use super::reverse_pages::Subject;
use super::reverse_pages::compose;
use super::text::Text;
use crate::measures::Estimate;
use crate::model::reverse::{Limit, Moves, Search};
use crate::problem::Problems;
use crate::study::reverse::Ray;
use crate::study::reverse::answer::{Answer, Breaks, Checked};
use crate::study::reverse::line::{Ending, Tried};
use crate::study::reverse::plausible::Plausibility;
use polars::prelude::{Column, DataFrame};
use serde::Serialize;

/// The version of the layout of `reverse.json`.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Json<'a> {
    schema: u32,
    name: &'a str,
    as_of: String,
    currency: &'a str,
    seed: u64,
    programme_hash: &'a str,
    tests: Vec<TestJson<'a>>,
}

#[derive(Serialize)]
struct TestJson<'a> {
    name: &'a str,
    scenario: &'a str,
    measure: &'a str,
    limit: Limit,
    confidence: f64,
    search: Search,
    paths: u64,
    settings_tried: usize,
    changes: Vec<ChangeJson<'a>>,
    /// The number of the ray that is the answer, from 1.
    best: Option<usize>,
    rays: Vec<RayJson<'a>>,
    checked: Option<&'a Checked>,
    breaks: Option<&'a Breaks>,
}

#[derive(Serialize)]
struct ChangeJson<'a> {
    title: &'a str,
    /// The key that moves; of a shock, that of its size.
    key: String,
    from: f64,
    to: f64,
}

#[derive(Serialize)]
struct RayJson<'a> {
    ending: Ending,
    /// Part of each change's way at the far end.
    direction: &'a [f64],
    boundary: Option<PlaceJson<'a>>,
    holds: Option<PlaceJson<'a>>,
    fails: Option<PlaceJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plausibility: Option<&'a Plausibility>,
}

/// A place: the part of the ray, and each change's value; the error of both where the place is estimated.
#[derive(Serialize)]
struct PlaceJson<'a> {
    place: f64,
    values: Vec<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place_std_error: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    values_std_error: Option<Vec<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    estimate: Option<&'a Estimate>,
}

/// Writes every file of the folder; the manifest last.
pub fn write(subject: &Subject<'_>, fonts: &Fonts, threads: usize, claim: &mut Claim) -> Result<(), Problems> {
    let json = json(subject);
    let charts = charts(subject, fonts)?;
    let data = compose(subject, &charts);
    let pdf = document::set(&data, &charts, &json, fonts, (subject.programme_hash, subject.programme.as_of))?;
    claim.write("reverse.json", &json)?;
    claim.write("programme.resolved.toml", subject.programme.resolved_toml.as_bytes())?;
    claim.write("report.pdf", &pdf)?;
    claim.write("report.html", html::page(&data, &charts).as_bytes())?;
    write_csv(claim, "tables/answers.csv", answers(subject.answers))?;
    write_csv(claim, "tables/tried.csv", tried(subject.answers))?;
    write_parquet(claim, "tried.parquet", threads, std::iter::once(tried(subject.answers)))?;
    for chart in &charts {
        let stem = names::file_name(&chart.slug);
        claim.write(&format!("charts/{stem}.svg"), chart.svg.as_bytes())?;
        claim.write(&format!("charts/{stem}.png"), &chart.png)?;
    }
    let data_root = subject.programme.data_root_from(claim.target());
    manifest::write_with_root(SCHEMA, &subject.programme.name, (subject.lineage, Some(data_root)), claim)
}

/// A chart of each answer.
fn charts(subject: &Subject<'_>, fonts: &Fonts) -> Result<Vec<Chart>, Problems> {
    let text = Text::new(subject.language, &subject.programme.currency);
    let of = |answer| Reversed { answer, text, currency: &subject.programme.currency };
    let mut drawings: Vec<_> = subject.answers.iter().map(|answer| reverse::drawing(of(answer))).collect();
    keep_apart(&mut drawings);
    fonts.check(drawings.iter().flat_map(|drawing| [drawing.title.as_str(), drawing.alt.as_str()]))?;
    Ok(drawings.into_iter().map(|drawing| canvas::finish(drawing, fonts)).collect())
}

fn json(subject: &Subject<'_>) -> Vec<u8> {
    let programme = subject.programme;
    pretty(&Json {
        schema: SCHEMA,
        name: &programme.name,
        as_of: programme.as_of.to_string(),
        currency: &programme.currency,
        seed: programme.seed,
        programme_hash: subject.programme_hash,
        tests: subject.answers.iter().map(test).collect(),
    })
}

fn test(answer: &Answer) -> TestJson<'_> {
    let change = |way: &'_ crate::model::reverse::Way| {
        let key = match &way.moves {
            Moves::Key(key) => key.clone(),
            Moves::Shock(shock, key) => format!("{}.{key}", shock.declared().key),
        };
        (key, way.from, way.to)
    };
    let changes = (answer.ways.iter())
        .map(|way| {
            let (key, from, to) = change(way);
            ChangeJson { title: &way.title.en, key, from, to }
        })
        .collect();
    TestJson {
        name: &answer.reverse.name,
        scenario: &answer.scenario,
        measure: &answer.reverse.measure,
        limit: answer.limit,
        confidence: answer.reverse.confidence.get(),
        search: answer.reverse.search,
        paths: answer.paths,
        settings_tried: answer.tried,
        changes,
        best: answer.best().map(|at| at + 1),
        rays: answer.rays.iter().map(|ray| ray_json(answer, ray)).collect(),
        checked: answer.checked.as_ref(),
        breaks: answer.breaks.as_ref(),
    }
}

fn ray_json<'a>(answer: &Answer, ray: &'a Ray) -> RayJson<'a> {
    let at = |tried: &'a Tried| PlaceJson {
        place: tried.place,
        values: values(answer, ray, tried.place),
        place_std_error: None,
        values_std_error: None,
        estimate: tried.estimate.as_ref(),
    };
    RayJson {
        ending: ray.found.ending,
        direction: &ray.direction,
        boundary: ray.found.boundary.map(|(place, error)| {
            let error = finite(error);
            let spread = |error: f64| -> Vec<f64> {
                answer.ways.iter().zip(&ray.direction).map(|(way, far)| (error * far * (way.to - way.from)).abs()).collect()
            };
            PlaceJson {
                place,
                values: values(answer, ray, place),
                place_std_error: error,
                values_std_error: error.map(spread),
                estimate: None,
            }
        }),
        holds: ray.found.holds.as_ref().map(at),
        fails: ray.found.fails.as_ref().map(at),
        plausibility: ray.plausibility.as_ref(),
    }
}

/// The value of every change at a place of a ray.
fn values(answer: &Answer, ray: &Ray, place: f64) -> Vec<f64> {
    answer.ways.iter().zip(ray.at(place)).map(|(way, place)| way.at(place).number.expect("a way is of numbers")).collect()
}

/// What every ray is of: its test, its number, and a change that it moves.
fn moved(answers: &[Answer]) -> Vec<(&Answer, usize, &Ray, usize)> {
    let of = |answer: &'_ Answer| -> Vec<(usize, usize)> {
        let rays = answer.rays.iter().enumerate();
        rays.flat_map(|(at, ray)| (0..answer.ways.len()).filter(|way| ray.direction[*way] != 0.0).map(move |way| (at, way))).collect()
    };
    answers.iter().flat_map(|answer| of(answer).into_iter().map(move |(at, way)| (answer, at, &answer.rays[at], way))).collect()
}

/// A row for each change of each ray: where the limit holds, where it is met, where it fails.
fn answers(answers: &[Answer]) -> DataFrame {
    let rows = moved(answers);
    let number = |name: &str, of: &dyn Fn(&Answer, &Ray, usize) -> Option<f64>| {
        column(name, rows.iter().map(|(answer, _, ray, way)| of(answer, ray, *way).and_then(finite)).collect::<Vec<Option<f64>>>())
    };
    let value = |answer: &Answer, ray: &Ray, way: usize, place: Option<f64>| Some(values(answer, ray, place?)[way]);
    let columns: Vec<Column> = vec![
        text("reverse", rows.iter().map(|(answer, ..)| answer.reverse.name.as_str())),
        column("ray", rows.iter().map(|(_, at, ..)| *at as u32 + 1).collect::<Vec<u32>>()),
        text("change", rows.iter().map(|(answer, _, _, way)| answer.ways[*way].title.en.as_str())),
        column("ending", rows.iter().map(|(_, _, ray, _)| written(&ray.found.ending)).collect::<Vec<String>>()),
        number("holds", &|answer, ray, way| value(answer, ray, way, ray.found.holds.as_ref().map(|tried| tried.place))),
        number("boundary", &|answer, ray, way| value(answer, ray, way, ray.found.boundary.map(|(place, _)| place))),
        number("boundary.std_error", &|answer, ray, way| {
            let (_, error) = ray.found.boundary?;
            let own = &answer.ways[way];
            Some((error * ray.direction[way] * (own.to - own.from)).abs())
        }),
        number("fails", &|answer, ray, way| value(answer, ray, way, ray.found.fails.as_ref().map(|tried| tried.place))),
        number("distance", &|_, ray, _| Some(ray.plausibility.as_ref()?.distance)),
        number("probability", &|_, ray, _| ray.plausibility.as_ref()?.probability),
        number("probability.std_error", &|_, ray, _| ray.plausibility.as_ref()?.probability_std_error),
        number("years", &|_, ray, _| ray.plausibility.as_ref()?.years),
        number("years.low", &|_, ray, _| ray.plausibility.as_ref()?.years_low),
        number("years.high", &|_, ray, _| ray.plausibility.as_ref()?.years_high),
    ];
    table(columns)
}

/// A row for each setting that was tried, and each change of it.
fn tried(answers: &[Answer]) -> DataFrame {
    let rows: Vec<(&Answer, usize, &Ray, usize, &Tried)> = moved(answers)
        .into_iter()
        .flat_map(|(answer, at, ray, way)| ray.tried.iter().map(move |tried| (answer, at, ray, way, tried)))
        .collect();
    let number = |name: &str, of: fn(&Estimate) -> Option<f64>| {
        let value = |tried: &Tried| tried.estimate.as_ref().and_then(of).and_then(finite);
        column(name, rows.iter().map(|(.., tried)| value(tried)).collect::<Vec<Option<f64>>>())
    };
    let columns: Vec<Column> = vec![
        text("reverse", rows.iter().map(|(answer, ..)| answer.reverse.name.as_str())),
        column("ray", rows.iter().map(|(_, at, ..)| *at as u32 + 1).collect::<Vec<u32>>()),
        column("place", rows.iter().map(|(.., tried)| tried.place).collect::<Vec<f64>>()),
        text("change", rows.iter().map(|(answer, _, _, way, _)| answer.ways[*way].title.en.as_str())),
        column("value", rows.iter().map(|(answer, _, ray, way, tried)| values(answer, ray, tried.place)[*way]).collect::<Vec<f64>>()),
        text("measure", rows.iter().map(|(answer, ..)| answer.reverse.measure.as_str())),
        number("estimate", |e| Some(e.value)),
        number("std_error", |e| Some(e.std_error)),
        number("ci_low", |e| Some(e.ci_low)),
        number("ci_high", |e| e.ci_high),
    ];
    table(columns)
}
