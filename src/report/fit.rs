//! Writes the folder of a fit: `fit.json`, and a chart of residuals for the largest holdings of each model.

use super::charts::{Chart, canvas, diagnostics, imprint, keep_apart, model_name};
use super::export::summary::pretty;
use super::export::{drawings, manifest};
use super::folder::Claim;
use super::fonts::Fonts;
use super::names;
use super::text::Text;
use crate::model::book::Book;
use crate::model::case::Programme;
use crate::model::history::Market;
use crate::model::lineage::{InputFile, Note};
use crate::problem::Problems;
use crate::study::fit::{FitReport, ModelFit};
use serde::Serialize;

/// The version of the layout of `fit.json`.
const SCHEMA: u32 = 1;
/// Symbols drawn of each model.
const DRAWN: usize = 6;

/// What a fit's folder says of.
pub struct Subject<'a> {
    pub programme: &'a Programme,
    pub book: &'a Book,
    pub market: &'a Market,
    pub lineage: &'a [InputFile],
    /// What was said of the data while it was read.
    pub notes: &'a [Note],
}

#[derive(Serialize)]
struct FitJson<'a> {
    schema: u32,
    name: &'a str,
    as_of: String,
    seed: u64,
    programme_hash: String,
    /// Level of the value at risk hits are counted for.
    level: f64,
    /// Autocorrelations tested together.
    lags: usize,
    data_notes: &'a [Note],
    models: &'a [ModelFit],
}

/// Writes every file of the folder; the manifest last.
pub fn write(subject: &Subject<'_>, report: &FitReport, fonts: &Fonts, claim: &mut Claim) -> Result<(), Problems> {
    let programme = subject.programme;
    let json = FitJson {
        schema: SCHEMA,
        name: &programme.name,
        as_of: programme.as_of.to_string(),
        seed: programme.seed,
        programme_hash: names::sha256(programme.resolved_toml.as_bytes()),
        level: report.level,
        lags: report.lags,
        data_notes: subject.notes,
        models: &report.models,
    };
    claim.write("fit.json", &pretty(&json))?;
    claim.write("programme.resolved.toml", programme.resolved_toml.as_bytes())?;
    drawings::write_charts(&charts(subject, report, fonts)?, claim)?;
    manifest::write_plain(SCHEMA, &programme.name, subject.lineage, claim)
}

/// A chart of each of the largest holdings under each model.
fn charts(subject: &Subject<'_>, report: &FitReport, fonts: &Fonts) -> Result<Vec<Chart>, Problems> {
    let largest = largest(subject.book, subject.market);
    fonts.check(largest.iter().copied())?;
    let text = Text::new(subject.programme.report.language, &subject.programme.currency);
    let mut drawings = Vec::new();
    for model in &report.models {
        let called = model_name(&text, subject.programme, &model.model);
        for name in &largest {
            let symbol = model.symbols.iter().find(|s| s.symbol == *name).filter(|s| s.observations > 1);
            drawings.extend(symbol.map(|symbol| diagnostics::drawing(text, model, &called, symbol)));
        }
    }
    keep_apart(&mut drawings);
    let hash = names::sha256(subject.programme.resolved_toml.as_bytes());
    let imprint = imprint(&text, subject.programme, &hash);
    Ok(drawings.into_iter().map(|drawing| canvas::finish(drawing, &imprint, fonts)).collect())
}

/// The symbols of the largest market value held, largest first.
fn largest<'a>(book: &Book, market: &'a Market) -> Vec<&'a str> {
    let mut value = vec![0.0; market.instruments.len()];
    for (symbol, quantity) in book.position_symbol.iter().zip(&book.position_quantity) {
        value[*symbol as usize] += quantity * market.instruments[*symbol as usize].price;
    }
    let mut held: Vec<usize> = (0..value.len()).filter(|s| value[*s] > 0.0).collect();
    held.sort_by(|a, b| value[*b].total_cmp(&value[*a]).then(a.cmp(b)));
    held.into_iter().take(DRAWN).map(|s| market.instruments[s].symbol.as_str()).collect()
}
