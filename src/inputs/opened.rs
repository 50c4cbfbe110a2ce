//! Opens an input file of any container, matches its headers, and reads the wanted columns into a table.

use super::Gather;
use super::cells;
use super::container::Form;
use super::decimal::{self, Style};
use super::fingerprint;
use super::headers::{self, Match, Matches, Role};
use super::records::Lines;
use super::shapes::interactive_brokers;
use super::sheet::{self, SheetTable};
use super::table::{Field, Table};
use super::text;
use super::totals;
use crate::model::case::{Data, Decimal};
use crate::model::lineage::InputFile;
use crate::problem::{Kind, Place, Problem};
use polars::prelude::*;
use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;

/// What is known of a file before its cells are read.
pub struct Opened {
    pub place: Place,
    pub headers: Vec<String>,
    content: Body,
    file: InputFile,
    decimal: Decimal,
}

enum Body {
    Csv(text::CsvText),
    Parquet(super::parquet::Parquet),
    Arrow(super::arrow::Arrow),
    Sheet(SheetTable),
}

/// Opens a file and reads its headers.
pub fn open(role: &Role, written: &str, folder: &Path, data: &Data, gather: &mut Gather) -> Option<Opened> {
    let content = fingerprint::open(written, folder).map_err(|problem| gather.problems.push(problem)).ok()?;
    let mut file = InputFile {
        role: role.name.into(),
        path: written.into(),
        sha256: content.sha256,
        bytes: content.size,
        rows: 0,
        used: 0,
        rejected: 0,
        passed_over: 0,
    };
    gather.notes.extend(content.note);
    keys_that_fit(role, written, content.form, data, gather)?;
    let (body, headers, line, rows) = match content.form {
        Form::Csv => {
            let known = |names: &[String]| headers::recognised(role, names, data);
            let header_row = data.header_row.get(role.name).map(|row| *row as usize);
            let section = (role.name == "positions").then_some(interactive_brokers::open_positions as text::Cut);
            let declared = text::Declared { encoding: data.encoding, header_row, section };
            let csv = text::read(written, content.bytes, declared, &known, gather)?;
            file.passed_over = csv.passed as u64;
            let (headers, line, rows) = (csv.header.clone(), csv.header_line, csv.rows);
            (Body::Csv(csv), headers, Some(line), rows)
        }
        Form::Parquet => {
            let parquet = super::parquet::open(written, content.bytes).map_err(|problem| gather.problems.push(problem)).ok()?;
            let (headers, rows) = (parquet.headers(), parquet.rows());
            (Body::Parquet(parquet), headers, None, rows)
        }
        Form::Arrow => {
            let arrow = super::arrow::open(written, content.bytes).map_err(|problem| gather.problems.push(problem)).ok()?;
            let (headers, rows) = (arrow.headers(), arrow.rows());
            (Body::Arrow(arrow), headers, None, rows)
        }
        Form::Workbook(kind) => {
            let sheet = sheet::read(role, written, kind, content.bytes, data, gather)?;
            file.passed_over = sheet.passed as u64;
            let (headers, line, rows) = (sheet.header.clone(), sheet.header_row, sheet.rows.len());
            (Body::Sheet(sheet), headers, Some(line), rows)
        }
    };
    file.rows = rows as u64 + file.passed_over;
    file.used = rows as u64;
    let place = Place { line, ..Place::file(written) };
    Some(Opened { place, headers, content: body, file, decimal: data.decimal })
}

/// A sheet is named of a workbook, and the row of a header of what has rows above it; elsewhere the key would say nothing.
fn keys_that_fit(role: &Role, written: &str, form: Form, data: &Data, gather: &mut Gather) -> Option<()> {
    let is_sheet = matches!(form, Form::Workbook(_));
    let misplaced = [
        ("sheet", data.sheet.contains_key(role.name) && !is_sheet, "only a workbook has sheets"),
        (
            "header-row",
            data.header_row.contains_key(role.name) && !is_sheet && form != Form::Csv,
            "Parquet and Arrow files name their columns",
        ),
    ];
    let mut fits = Some(());
    for (key, _, why) in misplaced.into_iter().filter(|(_, misplaced, _)| *misplaced) {
        let place = Place::default().field(format!("data.{key}.{}", role.name));
        gather.problems.push(Problem::new(Kind::Programme, place, format!("does not fit {written}"), why, "remove the key"));
        fits = None;
    }
    fits
}

/// Opens a file, matches its headers to the role's columns and reads those.
pub fn read(role: &Role, written: &str, folder: &Path, data: &Data, gather: &mut Gather) -> Option<Table> {
    let opened = open(role, written, folder, data, gather)?;
    let matches = headers::find(role, &opened.place, &opened.headers, data, gather)?;
    let mut table = opened.columns(&matches, gather)?;
    totals::pass_over(role.name, &mut table, gather);
    Some(table)
}

impl Opened {
    /// Reads the matched columns.
    pub fn columns(self, matches: &Matches, gather: &mut Gather) -> Option<Table> {
        let wanted: Vec<(String, Match)> = matches.iter().map(|(name, found)| (name.to_string(), found.clone())).collect();
        self.select(wanted, gather)
    }

    /// Reads columns by their place in the file, under any name.
    pub fn select(self, wanted: Vec<(String, Match)>, gather: &mut Gather) -> Option<Table> {
        let file = self.place.file.clone();
        let indices: Vec<usize> = wanted.iter().map(|(_, found)| found.index).collect();
        let comma_separated = match &self.content {
            Body::Csv(csv) => csv.separator == b',',
            Body::Sheet(_) => false,
            Body::Parquet(_) | Body::Arrow(_) => true,
        };
        let (columns, lines, rows) = match self.content {
            Body::Csv(csv) => {
                let (lines, rows) = (csv.lines.clone(), csv.rows);
                (read_csv(csv, &indices), lines, rows)
            }
            Body::Parquet(parquet) => {
                let rows = parquet.rows();
                let columns = parquet.read(&indices).map_err(|problem| gather.problems.push(problem)).ok()?;
                (columns, Lines::From(1), rows)
            }
            Body::Arrow(arrow) => {
                let rows = arrow.rows();
                let columns = arrow.read(&indices).map_err(|problem| gather.problems.push(problem)).ok()?;
                (columns.into_iter().map(|column| (column, 1.0)).collect(), Lines::From(1), rows)
            }
            Body::Sheet(sheet) => (sheet.columns(&wanted, gather)?, Lines::Listed(sheet.lines()), sheet.rows.len()),
        };
        let fields: BTreeMap<String, Field> = wanted
            .into_iter()
            .zip(columns)
            .map(|((name, found), (data, scale))| {
                (name, Field { header: found.header, data, scale: found.scale * scale, milliseconds: found.milliseconds })
            })
            .collect();
        gather.lineage.push(self.file);
        let styles = styles(&fields, self.decimal, comma_separated, &gather.currency);
        if self.decimal == Decimal::Auto && styles.values().any(|style| *style == Style::Comma) {
            gather.note(format!("{file}: numbers are written with a decimal comma"), format!("{file}：数字以逗号为小数点"));
        }
        Some(Table { file, rows, lines, fields, styles, currency: gather.currency.clone() })
    }
}

/// How the numbers of each column are written.
fn styles(fields: &BTreeMap<String, Field>, declared: Decimal, comma_separated: bool, currency: &str) -> BTreeMap<String, Style> {
    let mut seen: BTreeMap<String, decimal::Seen> = BTreeMap::new();
    for (name, field) in fields.iter().filter(|(name, _)| !headers::is_text(name)) {
        let Ok(text) = field.data.str() else { continue };
        let mut own = decimal::Seen::default();
        let _ = text.iter().enumerate().all(|(row, cell)| own.see(row, &cells::without_money_mark(cell.unwrap_or("").trim(), currency)));
        seen.insert(name.clone(), own);
    }
    decimal::styles(&seen, declared, comma_separated)
}

/// Every cell as text; the structure was checked before, so that a failure here is a bug.
fn read_csv(csv: text::CsvText, indices: &[usize]) -> Vec<(Column, f64)> {
    let schema: Schema = (0..csv.header.len()).map(|i| polars::prelude::Field::new(format!("{i}").into(), DataType::String)).collect();
    let mut sorted = indices.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let frame = CsvReadOptions::default()
        .with_has_header(false)
        .with_schema(Some(std::sync::Arc::new(schema)))
        .with_projection(Some(std::sync::Arc::new(sorted)))
        .map_parse_options(|options| options.with_separator(csv.separator))
        .into_reader_with_file_handle(Cursor::new(csv.body.as_bytes()))
        .finish()
        .unwrap_or_else(|error| panic!("a checked CSV of {} columns and {} rows is not read: {error}", csv.header.len(), csv.rows));
    assert!(frame.height() == csv.rows, "{} rows were scanned and {} read", csv.rows, frame.height());
    indices.iter().map(|i| (frame.column(&i.to_string()).expect("the column was projected").clone(), 1.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        // one fixed series, so that a gate passes or fails for what changed
        #![proptest_config(ProptestConfig { rng_seed: proptest::test_runner::RngSeed::Fixed(20_150_612), failure_persistence: None, ..ProptestConfig::with_cases(2000) })]
        /// Lines are counted by one reader and cells read by another: they must see the same records.
        #[test]
        fn any_text_that_passes_the_scan_is_read_record_by_record(body in "[a1, \"\n\r;\t\u{8d26}]{0,60}") {
            let text = format!("x,y\n{body}");
            let mut gather = Gather::default();
            let csv = text::read("a.csv", text.clone().into_bytes(), text::Declared::default(), &|_| 2, &mut gather);
            prop_assert_eq!(csv.is_none(), !gather.problems.is_empty());
            if let Some(csv) = csv {
                let (rows, lines) = (csv.rows, csv.lines.clone());
                let columns = read_csv(csv, &[0, 1]);
                let text = text.replace("\r\n", "\n");
                for row in 0..rows {
                    let start = text.split_inclusive('\n').take(lines.of(row) - 1).map(str::len).sum::<usize>();
                    let mut expected = text::first_record(&text[start..], b',');
                    // the separator behind the last cell of every row
                    expected.truncate(2);
                    let found = columns.iter().map(|(c, _)| c.str().unwrap().get(row).unwrap_or("").trim().to_string());
                    prop_assert_eq!(found.collect::<Vec<_>>(), expected, "row {} of {:?}", row, text);
                }
            }
        }
    }
}
