//! Writes Parquet files, columns encoded side by side on several threads, with bytes that depend on the values alone.
//!
//! A row group is encoded and compressed whole, column by column, and written when all groups before it are. Encodings, statistics
//! and compression are those of polars' own writer, so that a file is the one it would write.

use super::frame::io_error;
use super::units::Stated;
use crate::problem::Problems;
use crate::report::folder::{Claim, Sink, io_problem};
use polars::prelude::{CompatLevel, DataFrame, PolarsError, PolarsResult, SchemaExt};
use polars_arrow::array::Array;
use polars_arrow::datatypes::ArrowSchema;
use polars_parquet::write::{
    CompressedPage, CompressionOptions, DynIter, DynStreamingIterator, Encoding, FileWriter, KeyValue, ParquetType, StatisticsOptions,
    Version, WriteOptions, array_to_columns, compress, fallible_streaming_iterator, get_dtype_encoding, schema_to_metadata_key,
    to_parquet_schema,
};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

/// Rows of one Parquet row group: a fixed number, so that the bytes do not depend on the machine, and a small one, for a group
/// is held in memory whole.
pub const ROW_GROUP: usize = 16_384;

const OPTIONS: WriteOptions = WriteOptions {
    statistics: StatisticsOptions {
        min_value: true,
        max_value: true,
        distinct_count: false,
        null_count: true,
        binary_statistics_truncate_length: None,
    },
    version: Version::V1,
    compression: CompressionOptions::Zstd(None),
    data_page_size: None,
};

/// How the columns of one schema are encoded.
pub struct Form {
    schema: ArrowSchema,
    types: Vec<ParquetType>,
    encodings: Vec<Vec<Encoding>>,
}

/// A column of a row group, encoded and compressed; row groups with the same cells may share it.
pub type Encoded = Arc<Vec<CompressedPage>>;

/// A row group that is encoded and compressed, its columns in order.
pub struct RowGroup {
    pub rows: usize,
    pub columns: Vec<Encoded>,
}

/// A column of a row group; one of text may come as codes and the names they stand for.
pub type Cells = Box<dyn Array>;

impl Form {
    pub fn of(schema: ArrowSchema) -> PolarsResult<Form> {
        let types = to_parquet_schema(&schema)?.fields().to_vec();
        let encodings = schema.iter_values().map(|field| get_dtype_encoding(&field.dtype)).collect();
        Ok(Form { schema, types, encodings })
    }

    /// Encodes columns of one length on this thread.
    fn encode(&self, columns: &[Cells]) -> PolarsResult<RowGroup> {
        let rows = columns.first().map_or(0, |cells| cells.len());
        let columns = columns.iter().enumerate().map(|(at, cells)| self.column(at, cells)).collect::<PolarsResult<_>>()?;
        Ok(RowGroup { rows, columns })
    }

    /// The same on several threads.
    fn encode_side_by_side(&self, columns: &[Cells], threads: usize) -> PolarsResult<RowGroup> {
        let rows = columns.first().map_or(0, |cells| cells.len());
        let threads = threads.clamp(1, columns.len().max(1));
        if threads == 1 || rows < ROW_GROUP {
            return self.encode(columns);
        }
        let share = |of: usize| (of..columns.len()).step_by(threads).map(|at| Ok((at, self.column(at, &columns[at])?)));
        let shares: Vec<PolarsResult<Vec<_>>> = thread::scope(|scope| {
            let shares: Vec<_> = (0..threads).map(|of| scope.spawn(move || share(of).collect())).collect();
            shares.into_iter().map(|share| share.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        });
        let mut encoded: Vec<(usize, Encoded)> = Vec::with_capacity(columns.len());
        for share in shares {
            encoded.extend(share?);
        }
        encoded.sort_by_key(|(at, _)| *at);
        Ok(RowGroup { rows, columns: encoded.into_iter().map(|(_, pages)| pages).collect() })
    }

    /// Encodes the cells of column number `at`.
    pub fn column(&self, at: usize, cells: &Cells) -> PolarsResult<Encoded> {
        let leaves = array_to_columns(cells, self.types[at].clone(), OPTIONS, &self.encodings[at])?;
        let pages = leaves.into_iter().flatten();
        let compressed = pages.map(|page| Ok(compress(page?, Vec::new(), OPTIONS.compression)?)).collect::<PolarsResult<_>>()?;
        Ok(Arc::new(compressed))
    }
}

/// One Parquet file while row groups of one schema are written to it.
pub struct ParquetFile<'a> {
    /// Until the schema is told.
    sink: Option<&'a mut Sink>,
    open: Option<(FileWriter<&'a mut Sink>, Form)>,
    threads: usize,
    /// What the file says of itself; nothing where that is its columns alone.
    stated: Option<&'a Stated>,
    shown: PathBuf,
}

impl ParquetFile<'_> {
    /// Writes the next table as a row group.
    pub fn add(&mut self, table: &DataFrame) -> Result<(), Problems> {
        self.add_table(table).map_err(|e| self.failed(e))
    }

    /// Writes the next row group, encoded by a form of the file's schema.
    pub fn add_group(&mut self, schema: &ArrowSchema, group: &RowGroup) -> Result<(), Problems> {
        self.begin(|| schema.clone()).and_then(|()| self.write(group)).map_err(|e| self.failed(e))
    }

    fn add_table(&mut self, table: &DataFrame) -> PolarsResult<()> {
        self.begin(|| table.schema().to_arrow(CompatLevel::newest()))?;
        for batch in table.iter_chunks(CompatLevel::newest(), false).filter(|batch| !batch.is_empty()) {
            let (_, form) = self.open.as_ref().expect("it was begun");
            let group = form.encode_side_by_side(batch.columns(), self.threads)?;
            self.write(&group)?;
        }
        Ok(())
    }

    fn begin(&mut self, schema: impl FnOnce() -> ArrowSchema) -> PolarsResult<()> {
        if let Some(sink) = self.sink.take() {
            let form = Form::of(schema())?;
            self.open = Some((FileWriter::try_new(sink, form.schema.clone(), OPTIONS)?, form));
        }
        Ok(())
    }

    fn write(&mut self, group: &RowGroup) -> PolarsResult<()> {
        let (writer, _) = self.open.as_mut().expect("it was begun");
        let columns = group.columns.iter().map(|pages| {
            let pages = pages.iter().map(PolarsResult::Ok);
            Ok(DynStreamingIterator::new(fallible_streaming_iterator::convert(pages)))
        });
        writer.write(group.rows as u64, DynIter::<PolarsResult<DynStreamingIterator<'_, CompressedPage, PolarsError>>>::new(columns))
    }

    fn finish(mut self) -> Result<(), Problems> {
        if self.sink.is_some() {
            self.add(&DataFrame::empty())?;
        }
        let stated = self.stated;
        let end = |(writer, form): &mut (FileWriter<&mut Sink>, Form)| {
            // readers of Arrow take their types from the first
            let mut said = vec![schema_to_metadata_key(&form.schema)];
            let pairs = stated.map(|stated| stated.pairs(form.schema.iter_names().map(|name| name.as_str())));
            said.extend(pairs.into_iter().flatten().map(|(key, value)| KeyValue { key: key.into(), value: Some(value) }));
            writer.end(Some(said))
        };
        self.open.as_mut().map_or(Ok(0), end).map_err(|e| self.failed(e))?;
        Ok(())
    }

    fn failed(&self, error: PolarsError) -> Problems {
        io_problem(&self.shown, "cannot be written", &io_error(error))
    }
}

/// Writes one Parquet file on so many threads, of what `feed` adds.
pub fn write_parquet_by(
    claim: &mut Claim,
    name: &str,
    (threads, stated): (usize, Option<&Stated>),
    feed: impl FnOnce(&mut ParquetFile<'_>) -> Result<(), Problems>,
) -> Result<(), Problems> {
    let mut sink = claim.open(name)?;
    write_parquet_to(&mut sink, claim.target().join(name), (threads, stated), feed)?;
    claim.close(sink)
}

/// The same to a file that is open, whose place is `shown` in problems.
pub fn write_parquet_to(
    sink: &mut Sink,
    shown: PathBuf,
    (threads, stated): (usize, Option<&Stated>),
    feed: impl FnOnce(&mut ParquetFile<'_>) -> Result<(), Problems>,
) -> Result<(), Problems> {
    let mut file = ParquetFile { sink: Some(sink), open: None, threads, stated, shown };
    feed(&mut file)?;
    file.finish()
}

/// Writes tables of one schema one after another as one Parquet file.
pub fn write_parquet(
    claim: &mut Claim,
    name: &str,
    options: (usize, Option<&Stated>),
    mut tables: impl Iterator<Item = DataFrame>,
) -> Result<(), Problems> {
    write_parquet_by(claim, name, options, |file| tables.try_for_each(|table| file.add(&table)))
}

#[cfg(test)]
mod tests {
    use super::super::frame::{column, table};
    use super::*;
    use crate::report::folder;
    use polars::prelude::{ParquetCompression, ParquetReader, ParquetWriter, SerReader};

    fn part(from: u32, rows: u32) -> DataFrame {
        let ids = from..from + rows;
        table(vec![
            column("path", ids.clone().collect::<Vec<u32>>()),
            column("loss", ids.clone().map(|id| (id % 7 != 0).then(|| f64::from(id % 91) / 8.0)).collect::<Vec<Option<f64>>>()),
            column("money", ids.clone().map(|id| f64::from(id) * 1.25).collect::<Vec<f64>>()),
            column("name", ids.clone().map(|id| format!("account {}", id % 300)).collect::<Vec<String>>()),
            column("own", ids.map(|id| id % 3 == 0).collect::<Vec<bool>>()),
        ])
    }

    #[test]
    fn parquet_reads_back_and_is_what_polars_writes_on_any_number_of_threads() {
        let home = tempfile::tempdir().unwrap();
        let tables = [part(0, 20_000), part(20_000, 100), part(20_100, 17_000)];
        let mut wanted = Vec::new();
        let writer = ParquetWriter::new(&mut wanted).with_compression(ParquetCompression::Zstd(None)).set_parallel(false);
        let mut batched = writer.batched(tables[0].schema()).unwrap();
        tables.iter().for_each(|table| batched.write_batch(table).unwrap());
        batched.finish().unwrap();
        drop(batched);
        for threads in [1, 2, 5, 64] {
            let target = home.path().join(threads.to_string());
            let mut claim = folder::claim(&target, false).unwrap();
            write_parquet(&mut claim, "p.parquet", (threads, None), tables.iter().cloned()).unwrap();
            claim.publish().unwrap();
            let bytes = std::fs::read(target.join("p.parquet")).unwrap();
            assert!(bytes == wanted, "{threads} threads");
        }
        let read = ParquetReader::new(std::io::Cursor::new(&wanted)).finish().unwrap();
        assert_eq!(read.shape(), (37_100, 5));
        assert_eq!(read.column("path").unwrap().u32().unwrap().get(37_099), Some(37_099));
    }
}
