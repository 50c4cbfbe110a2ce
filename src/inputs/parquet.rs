//! Reads the needed columns of a Parquet file with their types, widening what the table engine has no type for.
//!
//! Small integers are read as 32-bit ones, timestamps as counts, decimals as scaled counts: the file's own
//! schema is laid aside for one that names only the wanted columns in wide types.

use crate::problem::{Kind, Place, Problem};
use polars::prelude::*;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// A Parquet file whose footer has been read.
pub struct Parquet {
    file: String,
    bytes: Vec<u8>,
    schema: Arc<ArrowSchema>,
    metadata: Arc<FileMetadata>,
}

/// How a stored type is read: as what, and what turns it into the meant type.
enum Wide {
    As(DataType),
    /// A count of this many to the day.
    Timestamp(i64),
    /// An integer in units of this.
    Decimal(f64),
}

/// Reads the footer.
pub fn open(file: &str, bytes: Vec<u8>) -> Result<Parquet, Problem> {
    let (schema, metadata) = guarded(file, || {
        let mut reader = ParquetReader::new(Cursor::new(&bytes[..]));
        Ok((reader.schema()?, reader.get_metadata()?.clone()))
    })?;
    if metadata.num_rows == 0 {
        return Err(Problem::new(
            Kind::Data,
            Place::file(file),
            "has no rows",
            "there is nothing to compute on",
            "export the file again, with its rows",
        ));
    }
    Ok(Parquet { file: file.to_string(), bytes, schema, metadata })
}

impl Parquet {
    pub fn headers(&self) -> Vec<String> {
        self.schema.iter().map(|(name, _)| name.to_string()).collect()
    }

    pub fn rows(&self) -> usize {
        self.metadata.num_rows
    }

    /// The wanted columns, each with the factor that turns its numbers into the meant unit.
    pub fn read(&self, indices: &[usize]) -> Result<Vec<(Column, f64)>, Problem> {
        let mut wanted: Vec<(PlSmallStr, Wide)> = Vec::new();
        for index in indices {
            let (name, field) = self.schema.get_at_index(*index).expect("headers come from this schema");
            wanted.push((name.clone(), self.wide(name, &field.dtype)?));
        }
        let frame = guarded(&self.file, || {
            let metadata = with_wide_schema(&self.metadata, &wanted)?;
            let mut reader = ParquetReader::new(Cursor::new(&self.bytes[..]));
            reader.set_metadata(Arc::new(metadata));
            reader.finish()
        })?;
        let narrow = |(name, wide): (PlSmallStr, Wide)| {
            let column = frame.column(&name).expect("the column was asked for").clone();
            match wide {
                Wide::As(_) => (column, 1.0),
                Wide::Decimal(unit) => (column, unit),
                Wide::Timestamp(per_day) => {
                    let counts = column.i64().expect("a timestamp was read as a count").clone();
                    let days: Int32Chunked = counts.iter().map(|c| c.map(|c| c.div_euclid(per_day) as i32)).collect();
                    (days.with_name(name).into_series().cast(&DataType::Date).expect("a count of days is a date").into_column(), 1.0)
                }
            }
        };
        Ok(wanted.into_iter().map(narrow).collect())
    }

    fn wide(&self, name: &str, stored: &ArrowDataType) -> Result<Wide, Problem> {
        const DAY_SECONDS: i64 = 86_400;
        Ok(match stored {
            ArrowDataType::Boolean => Wide::As(DataType::Boolean),
            ArrowDataType::Int8 | ArrowDataType::Int16 | ArrowDataType::Int32 | ArrowDataType::UInt8 | ArrowDataType::UInt16 => {
                Wide::As(DataType::Int32)
            }
            ArrowDataType::UInt32 => Wide::As(DataType::UInt32),
            ArrowDataType::Int64 => Wide::As(DataType::Int64),
            ArrowDataType::UInt64 => Wide::As(DataType::UInt64),
            ArrowDataType::Float32 => Wide::As(DataType::Float32),
            ArrowDataType::Float64 => Wide::As(DataType::Float64),
            ArrowDataType::Utf8 | ArrowDataType::LargeUtf8 | ArrowDataType::Utf8View => Wide::As(DataType::String),
            ArrowDataType::Dictionary(_, value, _)
                if matches!(**value, ArrowDataType::Utf8 | ArrowDataType::LargeUtf8 | ArrowDataType::Utf8View) =>
            {
                Wide::As(DataType::String)
            }
            ArrowDataType::Date32 => Wide::As(DataType::Date),
            ArrowDataType::Timestamp(unit, _) => Wide::Timestamp(match unit {
                ArrowTimeUnit::Second => DAY_SECONDS,
                ArrowTimeUnit::Millisecond => DAY_SECONDS * 1_000,
                ArrowTimeUnit::Microsecond => DAY_SECONDS * 1_000_000,
                ArrowTimeUnit::Nanosecond => DAY_SECONDS * 1_000_000_000,
            }),
            ArrowDataType::Decimal(precision, scale) if *precision <= 18 => Wide::Decimal((0..*scale).fold(1.0, |unit, _| unit / 10.0)),
            other => {
                let place = Place::file(&self.file).field(name);
                let what = format!("is stored as {other:?}");
                let why = "numbers, text, dates, yes and no are read";
                return Err(Problem::new(Kind::Data, place, what, why, "store it as float64, int64, string, bool or date32"));
            }
        })
    }
}

/// The footer with a schema that names only the wanted columns, in wide types; that schema is encoded by the library itself.
fn with_wide_schema(metadata: &FileMetadata, wanted: &[(PlSmallStr, Wide)]) -> PolarsResult<FileMetadata> {
    let columns = wanted
        .iter()
        .map(|(name, wide)| {
            let dtype = match wide {
                Wide::As(dtype) => dtype.clone(),
                Wide::Timestamp(_) | Wide::Decimal(_) => DataType::Int64,
            };
            Column::new_empty(name.clone(), &dtype)
        })
        .collect();
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut DataFrame::new(0, columns)?)?;
    let mut widened = metadata.clone();
    widened.key_value_metadata = ParquetReader::new(Cursor::new(&bytes[..])).get_metadata()?.key_value_metadata.clone();
    Ok(widened)
}

/// Runs a reading step; an error or a panic of the library over damaged bytes is a problem of the file.
fn guarded<T>(file: &str, step: impl FnOnce() -> PolarsResult<T>) -> Result<T, Problem> {
    let said = match catch_unwind(AssertUnwindSafe(step)) {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "its pages cannot be decoded".to_string(),
    };
    let first = said.lines().next().unwrap_or("").to_string();
    Err(Problem::new(
        Kind::Data,
        Place::file(file),
        format!("is no whole Parquet file: {first}"),
        "the file is truncated, damaged or of another form",
        "export or copy it again",
    ))
}
