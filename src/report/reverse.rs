//! Writes the folder of reverse stress tests: `reverse.json`, tables, a chart of each, and a report in the reader's language.

use super::charts::{Chart, canvas, imprint, keep_apart, reverse, reversed::Reversed};
use super::document;
use super::export::frame::{column, finite, table, text, write_csv};
use super::export::parquet::write_parquet;
use super::export::reverse::{Test, test, values};
use super::export::summary::pretty;
use super::export::tables::written;
use super::export::{drawings, html, manifest};
use super::folder::Claim;
use super::fonts::Fonts;
pub use super::reverse_pages::Subject;
use super::reverse_pages::compose;
use super::text::Text;
use crate::measures::Estimate;
use crate::problem::Problems;
use crate::study::reverse::Ray;
use crate::study::reverse::answer::Answer;
use crate::study::reverse::line::Tried;
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
    tests: Vec<Test<'a>>,
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
    write_parquet(claim, "tried.parquet", (threads, None), std::iter::once(tried(subject.answers)))?;
    drawings::write_charts(&charts, claim)?;
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
    let imprint = imprint(&text, subject.programme, subject.programme_hash);
    Ok(drawings.into_iter().map(|drawing| canvas::finish(drawing, &imprint, fonts)).collect())
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
