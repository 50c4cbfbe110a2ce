//! Turns columns into Parquet and CSV by polars, with bytes that depend on the values alone.

use crate::problem::Problems;
use crate::report::folder::{Claim, io_problem};
use polars::prelude::*;
use std::io;

/// Rows of one Parquet row group: a fixed number, so that the bytes do not depend on the machine, and a small one, for a group
/// is held in memory whole.
pub const ROW_GROUP: usize = 16_384;

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

/// Writes tables of one schema one after another as one Parquet file; each becomes its own row groups.
pub fn write_parquet(claim: &mut Claim, name: &str, mut tables: impl Iterator<Item = DataFrame>) -> Result<(), Problems> {
    let mut sink = claim.open(name)?;
    let first = tables.next().unwrap_or_else(DataFrame::empty);
    let failed = |e: PolarsError| io_problem(&claim.target().join(name), "cannot be written", &io_error(e));
    // one thread: columns are small, and the order of bytes must not depend on how many there are
    let writer = ParquetWriter::new(&mut sink).with_compression(ParquetCompression::Zstd(None)).set_parallel(false);
    let mut batches = writer.batched(first.schema()).map_err(failed)?;
    for table in std::iter::once(first).chain(tables) {
        batches.write_batch(&table).map_err(failed)?;
    }
    batches.finish().map_err(failed)?;
    drop(batches);
    claim.close(sink)
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

fn io_error(error: PolarsError) -> io::Error {
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

    #[test]
    fn parquet_reads_back_and_repeats_to_the_byte() {
        let home = tempfile::tempdir().unwrap();
        let mut bytes = Vec::new();
        for k in 0..2 {
            let target = home.path().join(k.to_string());
            let mut claim = folder::claim(&target, false).unwrap();
            let part = |from: u32| table(vec![column("path", (from..from + 1000).collect::<Vec<u32>>()), column("loss", vec![0.1; 1000])]);
            write_parquet(&mut claim, "p.parquet", [part(0), part(1000)].into_iter()).unwrap();
            claim.publish().unwrap();
            bytes.push(std::fs::read(target.join("p.parquet")).unwrap());
        }
        assert_eq!(bytes[0], bytes[1]);
        let read = ParquetReader::new(std::io::Cursor::new(&bytes[0])).finish().unwrap();
        assert_eq!(read.shape(), (2000, 2));
        assert_eq!(read.column("path").unwrap().u32().unwrap().get(1999), Some(1999));
    }
}
