//! Reads the needed columns of a Parquet file with their types, widening what the table engine has no type for.
//!
//! Small integers are read as 32-bit ones, timestamps as counts, decimals as scaled counts: the file's own
//! schema is laid aside for one that names only the wanted columns in wide types. The unit of a time is that of the Parquet
//! type; what a writer adds in the footer (the Arrow schema) tells only the time zone, in which an instant is a day.

use super::exact;
use super::pages::{self, Fault};
use super::zones;
use crate::problem::{Kind, Place, Problem};
use polars::io::parquet::read::_internal::to_deserializer;
use polars::io::parquet::read::infer_schema;
use polars::prelude::*;
use polars_arrow::array::PrimitiveArray;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Steps that run guarded now.
static GUARDED: AtomicUsize = AtomicUsize::new(0);

/// True while a panic is one of the library over damaged bytes, which becomes a problem of the file, and no bug.
pub fn is_guarded() -> bool {
    GUARDED.load(Ordering::SeqCst) > 0
}

/// A Parquet file whose footer has been read.
pub struct Parquet {
    file: String,
    bytes: Vec<u8>,
    schema: ArrowSchema,
    metadata: Arc<FileMetadata>,
}

/// Rows of one file: 6,000 symbols for 33 years are fewer.
const ROWS_MOST: u64 = 50_000_000;
/// Rows that any file may hold, and how many more for each of its bytes: a real table needs more than a bit a row.
const ROWS_OF_ANY_FILE: u64 = 1_000_000;
const ROWS_PER_BYTE: u64 = 8;
/// What the columns that are read may unpack to.
pub const UNPACKED_BYTES_MOST: u64 = 4 << 30;

/// Digits of a decimal, as many as fit 16 bytes.
const DIGITS_MOST: usize = 38;

/// How a stored type is read: as what, and what turns it into the meant type.
enum Wide {
    As(DataType),
    /// A count of this many to the day, of the zone where it is an instant.
    Timestamp(i64, Option<String>),
    /// A whole number of units, and the places behind the point.
    Decimal(ArrowDataType, usize),
}

impl Wide {
    /// What the table engine reads it as, where that reads it.
    fn plain(&self) -> Option<DataType> {
        match self {
            Wide::As(dtype) => Some(dtype.clone()),
            Wide::Timestamp(..) => Some(DataType::Int64),
            Wide::Decimal(..) => None,
        }
    }
}

/// Reads the footer.
pub fn open(file: &str, bytes: Vec<u8>) -> Result<Parquet, Problem> {
    let (schema, metadata) = guarded(file, || {
        let mut reader = ParquetReader::new(Cursor::new(&bytes[..]));
        let metadata = reader.get_metadata()?.clone();
        Ok((schema_of(&metadata)?, metadata))
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
    let parquet = Parquet { file: file.to_string(), bytes, schema, metadata };
    parquet.within_bounds()?;
    Ok(parquet)
}

impl Parquet {
    pub fn headers(&self) -> Vec<String> {
        self.schema.iter().map(|(name, _)| name.to_string()).collect()
    }

    pub fn rows(&self) -> usize {
        self.metadata.num_rows
    }

    /// Refuses a table whose footer tells more rows than a table of its size can hold, before anything is unpacked.
    fn within_bounds(&self) -> Result<(), Problem> {
        let rows = self.rows();
        rows_within_bounds(&self.file, rows as u64, self.bytes.len(), "split it by period, or export it again")?;
        let groups: usize = self.metadata.row_groups.iter().map(|group| group.num_rows()).fold(0, usize::saturating_add);
        // a column of lists may hold more values than rows; none is read
        let is_flat = self.schema.len() == self.metadata.schema().columns().len();
        let longer = self.metadata.row_groups.iter().any(|group| {
            let most = i64::try_from(group.num_rows()).unwrap_or(i64::MAX);
            group.parquet_columns().iter().any(|chunk| !(0..=most).contains(&chunk.num_values()))
        });
        if groups != rows || (is_flat && longer) {
            return Err(damaged(&self.file, "its parts hold other rows than the whole"));
        }
        Ok(())
    }

    /// Refuses columns that unpack to more than fits the memory.
    fn unpacks(&self, wanted: &[(PlSmallStr, Wide)]) -> Result<(), Problem> {
        let mut unpacked = 0_u64;
        for (name, _) in wanted {
            let mut row = 0;
            for group in &self.metadata.row_groups {
                let chunk = group.parquet_columns().iter().find(|chunk| chunk.descriptor().path_in_schema.first() == Some(name));
                let pages = guarded(&self.file, || {
                    let Some(chunk) = chunk else { return Ok(Err(Fault::Sum)) };
                    let range = chunk.byte_range();
                    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
                    let bytes = self.bytes.get(place(range.start)..place(range.end));
                    let values = u64::try_from(chunk.num_values()).ok();
                    Ok(bytes.zip(values).map_or(Err(Fault::Sum), |(bytes, values)| pages::unpacked(bytes, values)))
                })?;
                match pages {
                    Ok(bytes) => unpacked = unpacked.saturating_add(bytes),
                    Err(fault) => return Err(self.damaged_pages(name, fault, row)),
                }
                row += group.num_rows();
            }
        }
        if unpacked <= UNPACKED_BYTES_MOST {
            return Ok(());
        }
        let what = format!("unpacks to {unpacked} bytes");
        let why = "the columns that are read may unpack to 4 GiB";
        Err(Problem::new(Kind::Data, Place::file(&self.file), what, why, "split it by period, or keep the columns that are needed"))
    }

    /// What is wrong with the pages of a column, at the row that the first of them starts with.
    fn damaged_pages(&self, name: &str, fault: Fault, row: usize) -> Problem {
        let (row, how) = match fault {
            Fault::Sum => (row, "its pages do not add up".to_string()),
            Fault::Checksum { page, before } => (row + before as usize, format!("page {page} is not what its checksum says")),
        };
        let damaged = damaged(&self.file, &how);
        Problem { place: damaged.place.clone().line(row + 1).field(name), ..damaged }
    }

    /// The wanted columns, each with the factor that turns its numbers into the meant unit.
    pub fn read(&self, indices: &[usize]) -> Result<Vec<(Column, f64)>, Problem> {
        let mut wanted: Vec<(PlSmallStr, Wide)> = Vec::new();
        for index in indices {
            let (name, field) = self.schema.get_at_index(*index).expect("headers come from this schema");
            wanted.push((name.clone(), self.wide(name, &field.dtype)?));
        }
        self.unpacks(&wanted)?;
        let plain: Vec<(PlSmallStr, DataType)> = wanted.iter().filter_map(|(name, wide)| Some((name.clone(), wide.plain()?))).collect();
        let frame = guarded(&self.file, || {
            if plain.is_empty() {
                return Ok(DataFrame::empty());
            }
            let metadata = with_wide_schema(&self.metadata, &plain)?;
            let mut reader = ParquetReader::new(Cursor::new(&self.bytes[..]));
            reader.set_metadata(Arc::new(metadata));
            reader.finish()
        })?;
        let narrow = |(name, wide): (PlSmallStr, Wide)| {
            let column = match wide {
                Wide::As(_) => frame.column(&name).expect("the column was asked for").clone(),
                Wide::Decimal(stored, scale) => self.decimals(&name, stored, scale)?,
                Wide::Timestamp(per_day, zone) => {
                    let column = frame.column(&name).expect("the column was asked for");
                    let counts: Vec<Option<i64>> = column.i64().expect("a timestamp was read as a count").iter().collect();
                    let days = zones::days(Place::file(&self.file).field(name.as_str()), &counts, per_day, zone.as_deref())?;
                    Series::new(name, days).cast(&DataType::Date).expect("a count of days is a date").into_column()
                }
            };
            match column.len() == self.rows() {
                true => Ok((column, 1.0)),
                false => Err(damaged(&self.file, "its pages hold other rows than its footer tells")),
            }
        };
        wanted.into_iter().map(narrow).collect()
    }

    /// A column of decimals, which the table engine is built without: its whole numbers are decoded here.
    fn decimals(&self, name: &PlSmallStr, stored: ArrowDataType, scale: usize) -> Result<Column, Problem> {
        let values = guarded(&self.file, || {
            let mut values: Vec<Option<f64>> = Vec::with_capacity(self.rows());
            for group in &self.metadata.row_groups {
                let chunk = group.parquet_columns().iter().find(|chunk| chunk.descriptor().path_in_schema.first() == Some(name));
                let chunk = chunk.ok_or_else(|| polars_err!(ComputeError: "a part lacks a column"))?;
                let range = chunk.byte_range();
                let bytes = self.bytes[range.start as usize..range.end as usize].to_vec();
                let field = ArrowField::new(name.clone(), stored.clone(), true);
                let (arrays, _) = to_deserializer(vec![(chunk, bytes.into())], field, None)?;
                for array in arrays {
                    let units = array.as_any().downcast_ref::<PrimitiveArray<i128>>();
                    let units = units.ok_or_else(|| polars_err!(ComputeError: "a decimal is of another type"))?;
                    values.extend(units.iter().map(|v| v.map(|v| exact::decimal(*v, scale))));
                }
            }
            Ok(values)
        })?;
        Ok(Series::new(name.clone(), values).into_column())
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
            ArrowDataType::Timestamp(unit, zone) => {
                let per_day = match unit {
                    ArrowTimeUnit::Second => DAY_SECONDS,
                    ArrowTimeUnit::Millisecond => DAY_SECONDS * 1_000,
                    ArrowTimeUnit::Microsecond => DAY_SECONDS * 1_000_000,
                    ArrowTimeUnit::Nanosecond => DAY_SECONDS * 1_000_000_000,
                };
                Wide::Timestamp(per_day, zone.as_ref().map(|zone| zone.to_string()))
            }
            ArrowDataType::Decimal(digits, scale) if *digits <= DIGITS_MOST => Wide::Decimal(stored.clone(), *scale),
            ArrowDataType::Decimal(..) | ArrowDataType::Decimal256(..) => {
                let what = "is stored as decimals of more than 38 digits";
                let why = "decimals of up to 38 digits are read";
                return Err(Problem::new(Kind::Data, Place::file(&self.file).field(name), what, why, "store it as float64"));
            }
            other => {
                let place = Place::file(&self.file).field(name);
                let what = format!("is stored as {other:?}");
                let why = "numbers, text, dates, yes and no are read";
                return Err(Problem::new(Kind::Data, place, what, why, "store it as float64, int64, string, bool or date32"));
            }
        })
    }
}

/// The types of the columns as Parquet itself states them. The Arrow schema of the footer adds the zone of an instant, and the
/// type of what Parquet has no type for; a footer that cannot be read adds nothing.
fn schema_of(metadata: &FileMetadata) -> PolarsResult<ArrowSchema> {
    let told = infer_schema(metadata).ok();
    let mut bare = metadata.clone();
    bare.key_value_metadata = None;
    let mut schema = infer_schema(&bare)?;
    for (name, field) in schema.iter_mut() {
        let Some(told) = told.as_ref().and_then(|told| told.get(name)) else { continue };
        field.dtype = match (&field.dtype, &told.dtype) {
            (ArrowDataType::Timestamp(unit, _), ArrowDataType::Timestamp(_, Some(zone))) => {
                ArrowDataType::Timestamp(*unit, Some(zone.clone()))
            }
            (ArrowDataType::Int64, ArrowDataType::Timestamp(..)) => told.dtype.clone(),
            (ArrowDataType::Binary | ArrowDataType::LargeBinary | ArrowDataType::BinaryView, other) => other.clone(),
            (own, _) => own.clone(),
        };
    }
    Ok(schema)
}

/// The footer with a schema that names only the wanted columns, in wide types; that schema is encoded by the library itself.
fn with_wide_schema(metadata: &FileMetadata, wanted: &[(PlSmallStr, DataType)]) -> PolarsResult<FileMetadata> {
    let columns = wanted.iter().map(|(name, dtype)| Column::new_empty(name.clone(), dtype)).collect();
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut DataFrame::new(0, columns)?)?;
    let mut widened = metadata.clone();
    widened.key_value_metadata = ParquetReader::new(Cursor::new(&bytes[..])).get_metadata()?.key_value_metadata.clone();
    Ok(widened)
}

/// Runs a reading step; an error or a panic of the library over damaged bytes is a problem of the file.
fn guarded<T>(file: &str, step: impl FnOnce() -> PolarsResult<T>) -> Result<T, Problem> {
    guarded_by(|| step().map_err(|error| error.to_string())).map_err(|said| damaged(file, said.lines().next().unwrap_or("")))
}

/// Refuses more rows than a file of so many bytes can hold, before anything is unpacked.
pub fn rows_within_bounds(file: &str, rows: u64, bytes: usize, fix: &str) -> Result<(), Problem> {
    let refused = |what: String, why: &str| Err(Problem::new(Kind::Data, Place::file(file), what, why, fix));
    if rows > ROWS_MOST {
        return refused(format!("holds {rows} rows"), "at most 50,000,000 rows of one file are read");
    }
    if rows > ROWS_OF_ANY_FILE + ROWS_PER_BYTE * bytes as u64 {
        let why = "beyond 1,000,000 rows at most 8 rows a byte are read: a small file must not fill the memory";
        return refused(format!("holds {rows} rows in {bytes} bytes"), why);
    }
    Ok(())
}

/// Runs a step of a library over bytes that may be damaged: its error, or that it panicked.
pub fn guarded_by<T>(step: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    GUARDED.fetch_add(1, Ordering::SeqCst);
    let outcome = catch_unwind(AssertUnwindSafe(step));
    GUARDED.fetch_sub(1, Ordering::SeqCst);
    outcome.unwrap_or_else(|_| Err("its pages cannot be decoded".into()))
}

fn damaged(file: &str, how: &str) -> Problem {
    Problem::new(
        Kind::Data,
        Place::file(file),
        format!("is no whole Parquet file: {how}"),
        "the file is truncated, damaged or of another form",
        "export or copy it again",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A column of one number, over and over.
    fn constant(rows: usize) -> Vec<u8> {
        let mut frame = DataFrame::new(rows, vec![Column::new("x".into(), vec![7_i32; rows])]).unwrap();
        let mut bytes = Vec::new();
        ParquetWriter::new(&mut bytes).with_compression(ParquetCompression::Zstd(None)).finish(&mut frame).unwrap();
        bytes
    }

    #[test]
    fn a_small_file_of_very_many_rows_is_refused_before_it_is_unpacked() {
        assert_eq!(open("x", constant(900_000)).unwrap().read(&[0]).unwrap()[0].0.len(), 900_000);
        let said = open("x", constant(2_000_000)).err().unwrap().to_string();
        assert!(said.contains("holds 2000000 rows in") && said.contains("8 rows a byte"), "{said}");
    }

    #[test]
    fn a_damaged_footer_is_a_problem_of_the_file() {
        let sound = constant(100);
        for at in 0..sound.len() {
            for bits in [1, 0x80, 0xff] {
                let mut bytes = sound.clone();
                bytes[at] ^= bits;
                // whatever it is read as, it ends, and within bounds
                if let Ok(parquet) = open("x", bytes) {
                    let _ = parquet.read(&[0]);
                }
            }
        }
    }
}
