//! Writes the folder of a change that was split: `compare.json`, tables, charts, and a report in the reader's language.

use super::charts::{Chart, canvas, keep_apart, steps};
use super::compare_pages::compose;
use super::compared::{Compared, Told};
use super::export::differs;
use super::export::frame::{column, finite, table, text, write_csv};
use super::export::summary::pretty;
use super::folder::Claim;
use super::fonts::Fonts;
use super::settings::{self, Content, Subject};
use crate::measures::Estimate;
use crate::model::case::{Language, Programme};
use crate::model::lineage::InputFile;
use crate::model::split::{Differs, What};
use crate::problem::Problems;
use crate::study::split::{Aside, Refused, Results, Row, Side, Step};
use crate::study::tornado::Difference;
use polars::prelude::{Column, DataFrame};
use serde::Serialize;
use std::collections::BTreeMap;

/// The version of the layout of `compare.json`.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Json<'a> {
    schema: u32,
    currency: &'a str,
    scenario: &'a str,
    first: SideJson<'a>,
    second: SideJson<'a>,
    confidence: f64,
    comparisons: usize,
    confidence_each: f64,
    measures: &'a [String],
    differs: Vec<DiffersJson<'a>>,
    steps: Vec<StepJson<'a>>,
}

#[derive(Serialize)]
struct SideJson<'a> {
    label: &'a str,
    programme: &'a str,
    as_of: &'a str,
    seed: u64,
    paths: u64,
    horizon_days: u32,
    programme_hash: &'a str,
    /// The version that made the report; absent of a programme.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    /// Why the stored figures are left aside: `paths` or `sampling`; absent where they are not, or there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    left_aside: Option<&'static str>,
}

#[derive(Serialize)]
struct DiffersJson<'a> {
    /// Absent where no figure depends on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'static str>,
    kind: &'static str,
    name: &'a str,
    first: Option<ThingJson<'a>>,
    second: Option<ThingJson<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum ThingJson<'a> {
    Value(&'a str),
    File { path: &'a str, rows: u64, sha256: &'a str },
}

#[derive(Serialize)]
struct StepJson<'a> {
    step: String,
    /// `first`, `engine`, `same`, `simulated` or `second`.
    status: &'static str,
    sources: Vec<&'static str>,
    /// Of the engine, how many of the figures asked for are equal to the bit.
    #[serde(skip_serializing_if = "Option::is_none")]
    equal: Option<usize>,
    /// Why sources are taken over together.
    #[serde(skip_serializing_if = "Option::is_none")]
    joined: Option<RefusedJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_alone: Option<RefusedJson<'a>>,
    measures: BTreeMap<&'a str, CellJson<'a>>,
}

#[derive(Serialize)]
struct RefusedJson<'a> {
    place: &'a str,
    what: &'a str,
}

#[derive(Serialize)]
struct CellJson<'a> {
    /// Behind the step.
    figure: Option<&'a Estimate>,
    /// Of the second the whole change.
    change: Option<ChangeJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alone: Option<ChangeJson<'a>>,
}

#[derive(Serialize)]
struct ChangeJson<'a> {
    #[serde(flatten)]
    estimate: &'a Estimate,
    beyond_noise: bool,
}

/// Writes every file of the folder; `programme` is that of the second.
pub fn write(
    compared: &Compared<'_>,
    programme: &Programme,
    lineage: &[InputFile],
    fonts: &Fonts,
    threads: usize,
    claim: &mut Claim,
) -> Result<(), Problems> {
    let language = programme.report.language;
    let scenario_name = if language == Language::Zh { compared.scenario_zh } else { compared.scenario };
    let (programme_hash, scenario) = (compared.second.programme_hash.as_str(), compared.scenario);
    let subject = Subject { programme, programme_hash, language, scenario, scenario_name, lineage };
    let json = json(compared, &programme.currency);
    let charts = charts(&subject, compared, fonts)?;
    let data = compose(&subject, compared, &charts);
    claim.write("first.resolved.toml", compared.first.resolved.as_bytes())?;
    claim.write("second.resolved.toml", compared.second.resolved.as_bytes())?;
    write_csv(claim, "tables/differs.csv", differs::table(&compared.results.differs))?;
    let settings = ("steps", cells(compared.results));
    let content =
        Content { schema: SCHEMA, file: "compare.json", json: &json, name: &programme.name, data: &data, charts: &charts, settings };
    settings::write_files(&subject, content, (fonts, threads), None, claim)
}

/// A chart for each measure that is defined at every step.
fn charts(subject: &Subject<'_>, compared: &Compared<'_>, fonts: &Fonts) -> Result<Vec<Chart>, Problems> {
    let of = steps::Steps { compared, text: subject.text(), currency: &subject.programme.currency };
    let mut drawings: Vec<_> = (0..compared.results.measures.len()).filter_map(|measure| steps::drawing(of, measure)).collect();
    keep_apart(&mut drawings);
    fonts.check(drawings.iter().flat_map(|drawing| [drawing.title.as_str(), drawing.alt.as_str()]))?;
    let imprint = subject.imprint();
    Ok(drawings.into_iter().map(|drawing| canvas::finish(drawing, &imprint, fonts)).collect())
}

/// What a step is called in tables: `first`, `engine-first`, `data`, `data+book`.
fn name_of(step: &Step) -> String {
    match step {
        Step::First => "first".into(),
        Step::Engine { of: Side::First, .. } => "engine-first".into(),
        Step::Engine { of: Side::Second, .. } => "engine-second".into(),
        Step::Second => "second".into(),
        _ => step.sources().iter().map(|source| source.name()).collect::<Vec<_>>().join("+"),
    }
}

fn refused(refused: &Option<Refused>) -> Option<RefusedJson<'_>> {
    refused.as_ref().map(|Refused { place, what }| RefusedJson { place, what })
}

fn json(compared: &Compared<'_>, currency: &str) -> Vec<u8> {
    let results = compared.results;
    let steps = results.rows.iter().map(|row| {
        let cell = |at: usize| CellJson {
            figure: row.figures[at].as_ref(),
            change: change_json(&row.changes, at),
            alone: change_json(&row.alone, at),
        };
        let (status, equal, joined) = match &row.step {
            Step::First => ("first", None, None),
            Step::Engine { equal, .. } => ("engine", Some(*equal), None),
            Step::Same(_) => ("same", None, None),
            Step::Taken { why, .. } => ("simulated", None, refused(why)),
            Step::Second => ("second", None, None),
        };
        let measures = results.measures.iter().enumerate().map(|(at, measure)| (measure.as_str(), cell(at))).collect();
        let sources = row.step.sources().iter().map(|source| source.name()).collect();
        StepJson { step: name_of(&row.step), status, sources, equal, joined, not_alone: refused(&row.not_alone), measures }
    });
    pretty(&Json {
        schema: SCHEMA,
        currency,
        scenario: compared.scenario,
        first: side_json(compared.first),
        second: side_json(compared.second),
        confidence: results.confidence,
        comparisons: results.comparisons,
        confidence_each: results.confidence_each,
        measures: &results.measures,
        differs: results.differs.iter().map(differs_json).collect(),
        steps: steps.collect(),
    })
}

fn side_json(of: &Told) -> SideJson<'_> {
    SideJson {
        label: &of.label,
        programme: &of.programme,
        as_of: &of.as_of,
        seed: of.seed,
        paths: of.paths,
        horizon_days: of.horizon_days,
        programme_hash: &of.programme_hash,
        version: of.version.as_deref(),
        left_aside: of.aside.map(|aside| if aside == Aside::Paths { "paths" } else { "sampling" }),
    }
}

fn change_json(changes: &[Option<Difference>], at: usize) -> Option<ChangeJson<'_>> {
    let change = changes.get(at)?.as_ref()?;
    Some(ChangeJson { estimate: &change.estimate, beyond_noise: change.side.is_some() })
}

fn differs_json(differs: &Differs) -> DiffersJson<'_> {
    let (source, name) = (differs.source.map(|source| source.name()), differs.what.name());
    match &differs.what {
        What::Key { first, second, .. } => {
            let [first, second] = [first, second].map(|value| value.as_deref().map(ThingJson::Value));
            DiffersJson { source, kind: "key", name, first, second }
        }
        What::File { first, second, .. } => {
            DiffersJson { source, kind: "file", name, first: file_json(first.as_ref()), second: file_json(second.as_ref()) }
        }
    }
}

fn file_json(file: Option<&InputFile>) -> Option<ThingJson<'_>> {
    file.map(|file| ThingJson::File { path: &file.path, rows: file.rows, sha256: &file.sha256 })
}

/// A row for each measure and step: the figure behind it, what it changes, and what its sources change alone.
fn cells(results: &Results) -> DataFrame {
    let all: Vec<(usize, &Row)> = (0..results.measures.len()).flat_map(|at| results.rows.iter().map(move |row| (at, row))).collect();
    let names: Vec<String> = all.iter().map(|(_, row)| name_of(&row.step)).collect();
    let mut columns: Vec<Column> =
        vec![text("measure", all.iter().map(|(at, _)| results.measures[*at].as_str())), text("step", names.iter().map(String::as_str))];
    let figures: Vec<Option<&Estimate>> = all.iter().map(|(at, row)| row.figures[*at].as_ref()).collect();
    columns.extend(estimate_columns("figure", &figures));
    for (name, of) in [("change", true), ("alone", false)] {
        let list = |row: &'_ Row, at: usize| -> Option<Difference> {
            let list = if of { &row.changes } else { &row.alone };
            list.get(at).cloned().flatten()
        };
        let changes: Vec<Option<Difference>> = all.iter().map(|(at, row)| list(row, *at)).collect();
        columns.extend(estimate_columns(name, &changes.iter().map(|c| c.as_ref().map(|c| &c.estimate)).collect::<Vec<_>>()));
        let beyond: Vec<Option<bool>> = changes.iter().map(|c| c.as_ref().map(|c| c.side.is_some())).collect();
        columns.push(column(&format!("{name}.beyond_noise"), beyond));
    }
    table(columns)
}

fn estimate_columns(name: &str, of: &[Option<&Estimate>]) -> [Column; 4] {
    let number = |suffix: &str, get: fn(&Estimate) -> Option<f64>| {
        column(&format!("{name}{suffix}"), of.iter().map(|e| e.and_then(get).and_then(finite)).collect::<Vec<Option<f64>>>())
    };
    [
        number("", |e| Some(e.value)),
        number(".std_error", |e| Some(e.std_error)),
        number(".ci_low", |e| Some(e.ci_low)),
        number(".ci_high", |e| e.ci_high),
    ]
}
