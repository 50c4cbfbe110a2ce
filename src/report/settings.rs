//! Writes what every folder of settings laid over a programme has in common: the document's frame, the table of settings, the files.

use super::charts::{self, Chart};
use super::document::first_page::FirstPage;
use super::document::{self, Data, Section};
use super::export::frame::{column, finite, table, text, write_csv};
use super::export::parquet::write_parquet;
use super::export::tables::written;
use super::export::{drawings, html, manifest};
use super::folder::Claim;
use super::fonts::Fonts;
use super::names::short;
use super::text::Text;
use crate::measures::Estimate;
use crate::model::case::{Language, Programme};
use crate::model::lineage::InputFile;
use crate::model::sweep::Value;
use crate::problem::Problems;
use polars::prelude::{Column, DataFrame};

/// What a folder says of.
pub struct Subject<'a> {
    /// The programme with the settings as its scenarios.
    pub programme: &'a Programme,
    pub programme_hash: &'a str,
    pub language: Language,
    /// The scenario that settings are laid over.
    pub scenario: &'a str,
    /// The same as a report of the language calls it.
    pub scenario_name: &'a str,
    pub lineage: &'a [InputFile],
}

impl Subject<'_> {
    pub fn text(&self) -> Text {
        Text::new(self.language, &self.programme.currency)
    }

    /// What stands below a chart that stands alone.
    pub fn imprint(&self) -> String {
        charts::imprint(&self.text(), self.programme, self.programme_hash)
    }

    /// A document of this programme.
    pub fn document(
        &self,
        title: String,
        (attachment, attached): (&'static str, &'static str),
        first: FirstPage,
        sections: Vec<Section>,
    ) -> Data {
        let (text, programme) = (self.text(), self.programme);
        let report = programme.report.in_language(self.language);
        let run = short(self.programme_hash);
        Data {
            lang: if text.zh() { "zh" } else { "en" },
            region: if text.zh() { "cn" } else { "gb" },
            title,
            institution: report.institution.clone().unwrap_or_default(),
            name: programme.name.clone(),
            as_of: text.fill(document::AS_OF, &[("date", &programme.as_of.to_string())]),
            run: text.fill(document::RUN_ID, &[("id", run)]),
            confidentiality: document::confidentiality_of(&text, report.confidentiality),
            page_of: text.get(document::PAGE_OF),
            contents: text.get(document::CONTENTS),
            attachment,
            attached,
            first,
            sections,
        }
    }
}

/// What a folder holds.
pub struct Content<'a> {
    /// The version of the layout of its figures, their file and their bytes.
    pub schema: u32,
    pub file: &'static str,
    pub json: &'a [u8],
    /// What the study is called.
    pub name: &'a str,
    pub data: &'a Data,
    pub charts: &'a [Chart],
    /// A row for each setting, and the stem of its files.
    pub settings: (&'static str, DataFrame),
}

/// Writes every file of a folder; the manifest last.
pub fn write(subject: &Subject<'_>, content: Content<'_>, fonts: &Fonts, threads: usize, claim: &mut Claim) -> Result<(), Problems> {
    claim.write("programme.resolved.toml", subject.programme.resolved_toml.as_bytes())?;
    let data_root = subject.programme.data_root_from(claim.target());
    write_files(subject, content, (fonts, threads), Some(data_root), claim)
}

/// The same but for the programme, where the folder holds none that runs where it lies, and `data_root` is nothing.
pub fn write_files(
    subject: &Subject<'_>,
    content: Content<'_>,
    (fonts, threads): (&Fonts, usize),
    data_root: Option<String>,
    claim: &mut Claim,
) -> Result<(), Problems> {
    let Content { schema, file, json, name, data, charts, settings: (stem, settings) } = content;
    let pdf = document::set(data, charts, json, fonts, (subject.programme_hash, subject.programme.as_of))?;
    claim.write(file, json)?;
    claim.write("report.pdf", &pdf)?;
    claim.write("report.html", html::page(data, charts).as_bytes())?;
    write_csv(claim, &format!("tables/{stem}.csv"), settings.clone())?;
    write_parquet(claim, &format!("{stem}.parquet"), (threads, None), std::iter::once(settings))?;
    drawings::write_charts(charts, claim)?;
    manifest::write_with_root(schema, name, (subject.lineage, data_root), claim)
}

/// A value as a cell of a table: a text without its quotes.
pub fn plain(value: &Value) -> String {
    value.toml.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(&value.toml).to_string()
}

/// A row for each setting: its number, what else is said of it, its values by key, every measure with its error and interval, and what
/// is said behind.
pub fn settings(
    [about, behind]: [Vec<Column>; 2],
    keys: &[(&str, Vec<String>)],
    measures: &[&str],
    estimates: &[Vec<Option<Estimate>>],
) -> DataFrame {
    let numbers: Vec<u32> = (1..=estimates.len() as u32).collect();
    let mut columns: Vec<Column> = std::iter::once(column("setting", numbers)).chain(about).collect();
    columns.extend(keys.iter().map(|(name, values)| text(name, values.iter().map(String::as_str))));
    for (at, measure) in measures.iter().enumerate() {
        let of = || estimates.iter().map(move |setting| setting[at].as_ref());
        let number = |name: String, get: fn(&Estimate) -> Option<f64>| {
            column(&name, of().map(|e| e.and_then(get).and_then(finite)).collect::<Vec<Option<f64>>>())
        };
        columns.push(number((*measure).to_string(), |e| Some(e.value)));
        columns.push(number(format!("{measure}.std_error"), |e| Some(e.std_error)));
        columns.push(number(format!("{measure}.ci_low"), |e| Some(e.ci_low)));
        columns.push(number(format!("{measure}.ci_high"), |e| e.ci_high));
        let flags: Vec<Option<String>> = of().map(|e| e.and_then(|e| e.flag.as_ref().map(written))).collect();
        columns.push(column(&format!("{measure}.flag"), flags));
    }
    table(columns.into_iter().chain(behind).collect())
}
