//! Turns columns into Parquet and CSV by polars, with bytes that depend on the values alone.

use crate::problem::Problems;
use crate::report::folder::{Claim, Sink, io_problem};
use polars::io::parquet::write::BatchedWriter;
use polars::prelude::*;
use std::io;
use std::path::PathBuf;

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

/// One Parquet file while tables of one schema are written to it; each becomes its own row groups.
pub struct ParquetFile<'a> {
    /// Until the first table tells the schema.
    sink: Option<&'a mut Sink>,
    batches: Option<BatchedWriter<&'a mut Sink>>,
    shown: PathBuf,
}

impl ParquetFile<'_> {
    /// Writes the next table.
    pub fn add(&mut self, table: &DataFrame) -> Result<(), Problems> {
        self.add_batch(table).map_err(|e| self.failed(e))
    }

    fn add_batch(&mut self, table: &DataFrame) -> PolarsResult<()> {
        if let Some(sink) = self.sink.take() {
            // one thread: columns are small, and the order of bytes must not depend on how many there are
            let writer = ParquetWriter::new(sink).with_compression(ParquetCompression::Zstd(None)).set_parallel(false);
            self.batches = Some(writer.batched(table.schema())?);
        }
        self.batches.as_mut().map_or(Ok(()), |batches| batches.write_batch(table))
    }

    fn finish(mut self) -> Result<(), Problems> {
        if self.sink.is_some() {
            self.add(&DataFrame::empty())?;
        }
        self.batches.as_mut().map_or(Ok(0), |batches| batches.finish()).map_err(|e| self.failed(e))?;
        Ok(())
    }

    fn failed(&self, error: PolarsError) -> Problems {
        io_problem(&self.shown, "cannot be written", &io_error(error))
    }
}

/// Writes one Parquet file, of the tables that `feed` adds.
pub fn write_parquet_by(
    claim: &mut Claim,
    name: &str,
    feed: impl FnOnce(&mut ParquetFile<'_>) -> Result<(), Problems>,
) -> Result<(), Problems> {
    let mut sink = claim.open(name)?;
    let mut file = ParquetFile { sink: Some(&mut sink), batches: None, shown: claim.target().join(name) };
    feed(&mut file)?;
    file.finish()?;
    claim.close(sink)
}

/// Writes tables of one schema one after another as one Parquet file.
pub fn write_parquet(claim: &mut Claim, name: &str, mut tables: impl Iterator<Item = DataFrame>) -> Result<(), Problems> {
    write_parquet_by(claim, name, |file| tables.try_for_each(|table| file.add(&table)))
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
