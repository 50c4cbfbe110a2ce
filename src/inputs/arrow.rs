//! Reads the needed columns of an Arrow IPC file (Feather version 2): numbers, text, days, yes and no, decimals.
//!
//! Before a batch is decoded its buffers are added up: they must lie in the file, and what they unpack to must fit the memory.

use super::exact;
use super::parquet::{UNPACKED_BYTES_MOST, guarded_by, rows_within_bounds};
use super::zones;
use crate::problem::{Kind, Place, Problem};
use polars::prelude::{Column, DataType, NamedFrom, Series};
use polars_arrow::array::{Array, BooleanArray, DictionaryArray, DictionaryKey, PrimitiveArray, Utf8Array, Utf8ViewArray};
use polars_arrow::datatypes::{ArrowDataType, IntegerType, TimeUnit};
use polars_arrow::io::ipc::read::{FileMetadata, FileReader, read_file_metadata};
use polars_arrow::types::NativeType;
use polars_arrow_format::ipc::planus::ReadAsRoot;
use polars_arrow_format::ipc::{Block, MessageHeaderRef, MessageRef, RecordBatchRef};
use std::io::Cursor;

/// An Arrow file whose footer has been read.
pub struct Arrow {
    file: String,
    bytes: Vec<u8>,
    metadata: FileMetadata,
    rows: usize,
}

const DAY_SECONDS: i64 = 86_400;
/// Values of one column of a batch, lists in lists counted.
const VALUES_MOST: i64 = 1 << 32;

/// Reads the footer, and adds up what the batches ask for.
pub fn open(file: &str, bytes: Vec<u8>) -> Result<Arrow, Problem> {
    let (metadata, asked) = guarded(file, || {
        let metadata = read_file_metadata(&mut Cursor::new(&bytes[..])).map_err(|e| e.to_string())?;
        let asked = asked(&metadata, &bytes);
        Ok((metadata, asked))
    })?;
    let Asked { rows, unpacked } =
        asked.map_err(|(part, rows)| damaged(file, &format!("{part} does not add up")).on_line(rows as usize + 1))?;
    const LESS: &str = "split it by period, or keep the columns that are needed";
    if rows == 0 {
        let fix = "export the file again, with its rows";
        return Err(Problem::new(Kind::Data, Place::file(file), "has no rows", "there is nothing to compute on", fix));
    }
    rows_within_bounds(file, rows, bytes.len(), LESS)?;
    if unpacked > UNPACKED_BYTES_MOST {
        let (what, why) = (format!("unpacks to {unpacked} bytes"), "an Arrow file may unpack to 4 GiB");
        return Err(Problem::new(Kind::Data, Place::file(file), what, why, LESS));
    }
    Ok(Arrow { file: file.into(), bytes, metadata, rows: rows as usize })
}

#[derive(Default)]
struct Asked {
    rows: u64,
    unpacked: u64,
}

/// What all batches ask for; else the one that does not lie in the file as it says, and the rows before it.
fn asked(metadata: &FileMetadata, bytes: &[u8]) -> Result<Asked, (String, u64)> {
    let mut all = Asked::default();
    for (index, block) in metadata.dictionaries.iter().flatten().enumerate() {
        let own = asked_by(block, false, bytes).ok_or_else(|| (format!("dictionary {}", index + 1), 0))?;
        all.unpacked = all.unpacked.saturating_add(own.unpacked);
    }
    for (index, block) in metadata.blocks.iter().enumerate() {
        let own = asked_by(block, true, bytes).ok_or_else(|| (format!("batch {} of {}", index + 1, metadata.blocks.len()), all.rows))?;
        all = Asked { rows: all.rows.saturating_add(own.rows), unpacked: all.unpacked.saturating_add(own.unpacked) };
    }
    Ok(all)
}

/// What one batch, of rows or of a dictionary, asks for.
fn asked_by(block: &Block, is_rows: bool, bytes: &[u8]) -> Option<Asked> {
    let at = usize::try_from(block.offset).ok()?;
    let head = bytes.get(at..at.checked_add(usize::try_from(block.meta_data_length).ok()?)?)?;
    let body = at + head.len();
    // the length of the message stands in front of it, behind a mark in newer files
    let head = head.strip_prefix(&[0xff; 4]).unwrap_or(head);
    let length = usize::try_from(i32::from_le_bytes(head.get(..4)?.try_into().ok()?)).ok()?;
    let message = MessageRef::read_as_root(head.get(4..4_usize.checked_add(length)?)?).ok()?;
    let batch = match message.header().ok()?? {
        MessageHeaderRef::RecordBatch(batch) if is_rows => batch,
        MessageHeaderRef::DictionaryBatch(batch) if !is_rows => batch.data().ok()??,
        _ => return None,
    };
    if batch.nodes().ok()??.iter().any(|node| !(0..=VALUES_MOST).contains(&node.length())) {
        return None;
    }
    Some(Asked { rows: u64::try_from(batch.length().ok()?).ok()?, unpacked: unpacked(&batch, bytes.get(body..)?)? })
}

fn unpacked(batch: &RecordBatchRef<'_>, body: &[u8]) -> Option<u64> {
    let packed = batch.compression().ok()?.is_some();
    let mut sum = 0_u64;
    for buffer in batch.buffers().ok()??.iter() {
        let (at, length) = (usize::try_from(buffer.offset()).ok()?, usize::try_from(buffer.length()).ok()?);
        let own = body.get(at..at.checked_add(length)?)?;
        // a packed buffer starts with the length it unpacks to, or -1 where it is not packed after all
        let stated = if packed && !own.is_empty() { i64::from_le_bytes(own.get(..8)?.try_into().ok()?) } else { -1 };
        sum = sum.saturating_add(u64::try_from(stated).unwrap_or(length as u64));
        if stated < -1 {
            return None;
        }
    }
    Some(sum)
}

impl Arrow {
    pub fn headers(&self) -> Vec<String> {
        self.metadata.schema.iter().map(|(name, _)| name.to_string()).collect()
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The wanted columns, their numbers in the meant unit.
    pub fn read(&self, indices: &[usize]) -> Result<Vec<Column>, Problem> {
        let mut sorted = indices.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let (mut batches, mut rows) = (Vec::new(), 0);
        let read = guarded_by(|| {
            for batch in FileReader::new(Cursor::new(&self.bytes[..]), self.metadata.clone(), Some(sorted.clone()), None) {
                let arrays = batch.map_err(|e| e.to_string())?.into_arrays();
                rows += arrays.first().map_or(0, |array| array.len());
                batches.push(arrays);
            }
            Ok(())
        });
        read.map_err(|said| {
            let batch = format!("batch {} of {}", batches.len() + 1, self.metadata.blocks.len());
            damaged(&self.file, &format!("{batch}: {}", said.lines().next().unwrap_or(""))).on_line(rows + 1)
        })?;
        let of = |index: usize| {
            let at = sorted.binary_search(&index).expect("it was asked for");
            let parts: Vec<&dyn Array> = batches.iter().map(|arrays| &*arrays[at]).collect();
            let (name, field) = self.metadata.schema.get_at_index(index).expect("headers come from this schema");
            let series = self.series(name, &field.dtype, &parts)?;
            match series.len() == self.rows {
                true => Ok(series.into()),
                false => Err(damaged(&self.file, "its batches hold other rows than it tells")),
            }
        };
        indices.iter().map(|index| of(*index)).collect()
    }

    fn series(&self, name: &str, stored: &ArrowDataType, parts: &[&dyn Array]) -> Result<Series, Problem> {
        use ArrowDataType as A;
        let place = || Place::file(&self.file).field(name);
        Ok(match stored {
            A::Boolean => {
                let own = |part: &&dyn Array| part.as_any().downcast_ref::<BooleanArray>().expect("of its type").iter().collect::<Vec<_>>();
                Series::new("".into(), parts.iter().flat_map(own).collect::<Vec<Option<bool>>>())
            }
            A::Int8 => Series::new("".into(), values(parts, |v: i8| i32::from(v))),
            A::Int16 => Series::new("".into(), values(parts, |v: i16| i32::from(v))),
            A::UInt8 => Series::new("".into(), values(parts, |v: u8| i32::from(v))),
            A::UInt16 => Series::new("".into(), values(parts, |v: u16| i32::from(v))),
            A::Int32 => Series::new("".into(), values(parts, |v: i32| v)),
            A::UInt32 => Series::new("".into(), values(parts, |v: u32| v)),
            A::Int64 => Series::new("".into(), values(parts, |v: i64| v)),
            A::UInt64 => Series::new("".into(), values(parts, |v: u64| v)),
            A::Float32 => Series::new("".into(), values(parts, |v: f32| v)),
            A::Float64 => Series::new("".into(), values(parts, |v: f64| v)),
            A::Decimal(_, scale) => Series::new("".into(), values(parts, |v: i128| exact::decimal(v, *scale))),
            A::Decimal32(_, scale) => Series::new("".into(), values(parts, |v: i32| exact::decimal(v.into(), *scale))),
            A::Decimal64(_, scale) => Series::new("".into(), values(parts, |v: i64| exact::decimal(v.into(), *scale))),
            A::Utf8 | A::LargeUtf8 | A::Utf8View => Series::new("".into(), parts.iter().flat_map(|part| texts(*part)).collect::<Vec<_>>()),
            A::Dictionary(key, value, _) if matches!(**value, A::Utf8 | A::LargeUtf8 | A::Utf8View) => {
                let texts = match key {
                    IntegerType::Int8 => looked_up::<i8>(parts),
                    IntegerType::Int16 => looked_up::<i16>(parts),
                    IntegerType::Int32 => looked_up::<i32>(parts),
                    IntegerType::Int64 => looked_up::<i64>(parts),
                    IntegerType::UInt8 => looked_up::<u8>(parts),
                    IntegerType::UInt16 => looked_up::<u16>(parts),
                    IntegerType::UInt32 => looked_up::<u32>(parts),
                    IntegerType::UInt64 => looked_up::<u64>(parts),
                    _ => None,
                };
                Series::new("".into(), texts.ok_or_else(|| damaged(&self.file, "a key of a dictionary has no text"))?)
            }
            A::Date32 => days(values(parts, |v: i32| v)),
            A::Date64 => days(zones::days(place(), &values(parts, |v: i64| v), DAY_SECONDS * 1000, None)?),
            A::Timestamp(unit, zone) => {
                let per_day = match unit {
                    TimeUnit::Second => DAY_SECONDS,
                    TimeUnit::Millisecond => DAY_SECONDS * 1_000,
                    TimeUnit::Microsecond => DAY_SECONDS * 1_000_000,
                    TimeUnit::Nanosecond => DAY_SECONDS * 1_000_000_000,
                };
                days(zones::days(place(), &values(parts, |v: i64| v), per_day, zone.as_deref())?)
            }
            other => {
                let why = "numbers, text, dates, yes and no are read";
                let fix = "store it as float64, int64, string, bool or date32";
                return Err(Problem::new(Kind::Data, place(), format!("is stored as {other:?}"), why, fix));
            }
        })
    }
}

fn days(counts: Vec<Option<i32>>) -> Series {
    Series::new("".into(), counts).cast(&DataType::Date).expect("a count of days is a date")
}

fn values<T: NativeType, U>(parts: &[&dyn Array], f: impl Fn(T) -> U) -> Vec<Option<U>> {
    let own = |part: &&dyn Array| part.as_any().downcast_ref::<PrimitiveArray<T>>().expect("of its type").clone();
    parts.iter().map(own).flat_map(|part| part.iter().map(|v| v.map(|v| f(*v))).collect::<Vec<_>>()).collect()
}

fn texts(part: &dyn Array) -> Vec<Option<String>> {
    let any = part.as_any();
    if let Some(own) = any.downcast_ref::<Utf8Array<i32>>() {
        return own.iter().map(|text| text.map(String::from)).collect();
    }
    if let Some(own) = any.downcast_ref::<Utf8Array<i64>>() {
        return own.iter().map(|text| text.map(String::from)).collect();
    }
    let own = any.downcast_ref::<Utf8ViewArray>().expect("of its type");
    own.iter().map(|text| text.map(String::from)).collect()
}

fn looked_up<K: DictionaryKey>(parts: &[&dyn Array]) -> Option<Vec<Option<String>>> {
    let mut out = Vec::new();
    for part in parts {
        let own = part.as_any().downcast_ref::<DictionaryArray<K>>().expect("of its type");
        let words = texts(&**own.values());
        for key in own.keys_iter() {
            out.push(match key {
                Some(key) => words.get(key)?.clone(),
                None => None,
            });
        }
    }
    Some(out)
}

fn guarded<T>(file: &str, step: impl FnOnce() -> Result<T, String>) -> Result<T, Problem> {
    guarded_by(step).map_err(|said| damaged(file, said.lines().next().unwrap_or("")))
}

fn damaged(file: &str, how: &str) -> Problem {
    let why = "the file is truncated, damaged or of another form";
    Problem::new(Kind::Data, Place::file(file), format!("is no whole Arrow file: {how}"), why, "export or copy it again")
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::prelude::{DataFrame, IpcCompression, IpcWriter, SerWriter};

    fn file(compression: Option<IpcCompression>) -> Vec<u8> {
        let columns = vec![
            Column::new("symbol".into(), ["600000.SH", "000001.SZ"]),
            Column::new("close".into(), [11.05, 10.53]),
            Column::new("volume".into(), [Some(7_i64), None]),
            Series::new("date".into(), [16_598_i32, 16_599]).cast(&DataType::Date).unwrap().into(),
        ];
        let mut bytes = Vec::new();
        IpcWriter::new(&mut bytes).with_compression(compression).finish(&mut DataFrame::new(2, columns).unwrap()).unwrap();
        bytes
    }

    #[test]
    fn columns_are_read_by_their_types_packed_or_not() {
        for compression in [None, Some(IpcCompression::ZSTD(Default::default())), Some(IpcCompression::LZ4)] {
            let arrow = open("x", file(compression)).unwrap();
            assert_eq!((arrow.headers().join(" "), arrow.rows()), ("symbol close volume date".into(), 2));
            let read = arrow.read(&[3, 0, 1, 2]).unwrap();
            assert_eq!(read[0].dtype(), &DataType::Date);
            assert_eq!(read[1].str().unwrap().get(1), Some("000001.SZ"));
            assert_eq!((read[2].f64().unwrap().get(0), read[3].i64().unwrap().get(1)), (Some(11.05), None));
        }
    }

    #[test]
    fn damaged_bytes_are_a_problem_of_the_file() {
        for sound in [file(None), file(Some(IpcCompression::LZ4))] {
            for at in (0..sound.len()).step_by(3) {
                for bits in [1, 0x80, 0xff] {
                    let mut bytes = sound.clone();
                    bytes[at] ^= bits;
                    // whatever it is read as, it ends, and within bounds
                    if let Ok(arrow) = open("x", bytes) {
                        let _ = arrow.read(&[0, 1, 2, 3]);
                    }
                }
            }
        }
    }

    #[test]
    fn a_damaged_batch_is_named_with_its_first_row() {
        let half = |from: i32| {
            let closes: Vec<f64> = (from..from + 200).map(f64::from).collect();
            DataFrame::new(200, vec![Column::new("close".into(), closes)]).unwrap()
        };
        let mut sound = Vec::new();
        let mut frame = half(0).vstack(&half(200)).unwrap();
        IpcWriter::new(&mut sound).with_compression(Some(IpcCompression::LZ4)).finish(&mut frame).unwrap();
        let mut said = Vec::new();
        for at in 0..sound.len() {
            let mut bytes = sound.clone();
            bytes[at] = !bytes[at];
            if let Err(problem) = open("x", bytes).and_then(|arrow| arrow.read(&[0])) {
                said.push((problem.place.line, problem.what));
            }
        }
        for (row, words) in [(1, "batch 1 of 2 does not add up"), (201, "batch 2 of 2 does not add up"), (201, "batch 2 of 2: LZ4")] {
            assert!(said.iter().any(|(line, what)| *line == Some(row) && what.contains(words)), "{row} {words}");
        }
    }
}
