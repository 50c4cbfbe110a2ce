//! Writes tables in the forms that inputs are read from: CSV or Parquet, by the file's extension.
//!
//! Whole numbers are written without a point, absent values as empty fields, days as `2015-06-12`.

use crate::problem::{Kind, Place, Problem};
use crate::units::Day;
use polars::prelude::*;
use std::fs::File;
use std::path::Path;

/// The cells of one column; an absent value is an empty field.
#[derive(Clone, Debug)]
pub enum Cells {
    Text(Vec<String>),
    /// Must be finite.
    Number(Vec<Option<f64>>),
    Whole(Vec<Option<i64>>),
    Date(Vec<Option<Day>>),
    Flag(Vec<bool>),
}

/// Writes columns of equal length to `path`; `.parquet` is Parquet (zstd), anything else CSV.
pub fn table(path: &Path, columns: Vec<(&str, Cells)>) -> Result<(), Problem> {
    let rows = columns.first().map_or(0, |(_, cells)| cells.rows());
    let columns: Vec<Column> = columns.into_iter().map(|(name, cells)| cells.into_column(name)).collect();
    let mut frame = DataFrame::new(rows, columns).expect("columns of one table have one length and own names");
    let failed = |error: &dyn std::fmt::Display| {
        Problem::new(
            Kind::Output,
            Place::file(path.display().to_string()),
            format!("this file cannot be written: {error}"),
            "a sample is written file by file",
            "name a folder that can be written, with room left",
        )
    };
    let mut file = File::create_new(path).map_err(|e| failed(&e))?;
    let is_parquet = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("parquet"));
    if is_parquet {
        let options = ParquetWriter::new(&mut file).with_compression(ParquetCompression::Zstd(None));
        options.finish(&mut frame).map_err(|e| failed(&e))?;
    } else {
        let options = CsvWriter::new(&mut file).with_date_format(Some("%Y-%m-%d".into())).with_float_scientific(Some(false));
        let mut options = options.include_header(true);
        options.finish(&mut frame).map_err(|e| failed(&e))?;
    }
    Ok(())
}

impl Cells {
    fn rows(&self) -> usize {
        match self {
            Cells::Text(cells) => cells.len(),
            Cells::Number(cells) => cells.len(),
            Cells::Whole(cells) => cells.len(),
            Cells::Date(cells) => cells.len(),
            Cells::Flag(cells) => cells.len(),
        }
    }

    fn into_column(self, name: &str) -> Column {
        let name = PlSmallStr::from(name);
        match self {
            Cells::Text(cells) => Column::new(name, cells),
            Cells::Number(cells) => {
                let bad = cells.iter().flatten().position(|value| !value.is_finite());
                assert!(bad.is_none(), "column {name} holds a number that is not finite, at {bad:?}");
                Column::new(name, cells)
            }
            Cells::Whole(cells) => Column::new(name, cells),
            Cells::Date(cells) => {
                let days: Vec<Option<i32>> = cells.into_iter().map(|day| day.map(Day::epoch_days)).collect();
                Column::new(name, days).cast(&DataType::Date).expect("a count of days is a date")
            }
            Cells::Flag(cells) => Column::new(name, cells),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_written_as_it_reads() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.csv");
        let columns = || {
            vec![
                ("id", Cells::Text(vec!["a".into(), "b,c".into()])),
                ("money", Cells::Number(vec![Some(1_234_567_890.25), None])),
                ("shares", Cells::Whole(vec![Some(100), None])),
                ("day", Cells::Date(vec![Day::parse("2015-06-12"), None])),
                ("st", Cells::Flag(vec![false, true])),
            ]
        };
        table(&path, columns()).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, "id,money,shares,day,st\na,1234567890.25,100,2015-06-12,false\n\"b,c\",,,,true\n");
        assert!(table(&path, columns()).is_err(), "a file that exists is not overwritten");
        table(&folder.path().join("x.parquet"), columns()).unwrap();
    }
}
