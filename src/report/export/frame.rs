//! Turns columns into tables, and tables into CSV by polars, with bytes that depend on the values alone.

use crate::problem::Problems;
use crate::report::folder::{Claim, io_problem};
use polars::prelude::*;
use std::io;

/// A column of text, of numbers, or of numbers that may be absent.
pub fn column<T, Phantom: ?Sized>(name: &str, values: T) -> Column
where
    Series: NamedFrom<T, Phantom>,
{
    Column::from(Series::new(name.into(), values))
}

/// A table from columns of one length.
pub fn table(columns: Vec<Column>) -> DataFrame {
    let height = columns.first().map_or(0, Column::len);
    DataFrame::new(height, columns).expect("the columns of one table have one length and names of their own")
}

/// Writes a table as CSV (UTF-8 with a byte order mark, so that spreadsheets read Chinese), text made safe.
pub fn write_csv(claim: &mut Claim, name: &str, mut table: DataFrame) -> Result<(), Problems> {
    let mut sink = claim.open(name)?;
    let mut writer = CsvWriter::new(&mut sink).include_bom(true).n_threads(1);
    writer.finish(&mut table).map_err(|e| io_problem(&claim.target().join(name), "cannot be written", &io_error(e)))?;
    drop(writer);
    claim.close(sink)
}

/// A column of text as spreadsheets may safely open it.
pub fn text<'a>(name: &str, values: impl Iterator<Item = &'a str>) -> Column {
    column(name, values.map(harmless).collect::<Vec<String>>())
}

/// What rows are called in the report's language: a column that stands behind all others.
pub fn label(names: impl Iterator<Item = String>) -> Column {
    let names: Vec<String> = names.collect();
    text("label", names.iter().map(String::as_str))
}

/// A number where it is one; nothing where it is not defined.
pub fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// Text a spreadsheet would take for a formula gets a leading apostrophe, which makes it text again.
///
/// Source: OWASP, CSV injection: `=`, `+`, `-`, `@`, tab, carriage return, and their full-width forms.
pub fn harmless(cell: &str) -> String {
    const TRIGGERS: [char; 12] = ['=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠'];
    if cell.trim_start_matches([' ', '\u{a0}', '\u{3000}', '\u{feff}']).starts_with(TRIGGERS) {
        format!("'{cell}")
    } else {
        cell.to_string()
    }
}

/// An error of polars as one of the disk.
pub fn io_error(error: PolarsError) -> io::Error {
    match error {
        PolarsError::IO { error, .. } => io::Error::new(error.kind(), error.to_string()),
        other => io::Error::other(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::folder;

    #[test]
    fn a_formula_becomes_text_and_a_negative_number_stays_a_number() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "＝1", "＠x", " =1", "\u{3000}＋1"] {
            assert!(harmless(cell).starts_with('\''), "{cell:?}");
        }
        assert_eq!(harmless("2015 replay"), "2015 replay");
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("r");
        let mut claim = folder::claim(&target, false).unwrap();
        let table = table(vec![text("name", ["=cmd|'/c calc'!A0", "贵州\"茅台\""].into_iter()), column("value", [Some(-1.5), None])]);
        write_csv(&mut claim, "t.csv", table).unwrap();
        claim.publish().unwrap();
        let written = std::fs::read_to_string(target.join("t.csv")).unwrap();
        assert_eq!(written, "\u{feff}name,value\n'=cmd|'/c calc'!A0,-1.5\n\"贵州\"\"茅台\"\"\",\n");
    }
}
