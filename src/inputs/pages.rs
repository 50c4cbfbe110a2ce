//! Walks the pages of a column of a Parquet file before anything is unpacked: what they ask for must add up, and a page whose
//! header holds a checksum must have the bytes it was taken of.
//!
//! A page header is a structure of Thrift's compact protocol: fields of a type and a number, integers as variable-length
//! zigzag. What a page says it unpacks to and how many values it holds is what a reader makes room for, so a damaged or
//! malicious one could ask for all memory there is.

/// What is wrong with the pages of a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// They do not add up to the column.
    Sum,
    /// The bytes of a page, from 1, are not those its checksum was taken of; so many values lie before it.
    Checksum { page: usize, before: u64 },
}

/// What a column's pages unpack to, in bytes, where they add up to the column's `values` and keep their checksums.
pub fn unpacked(mut chunk: &[u8], values: u64) -> Result<u64, Fault> {
    let (mut unpacked, mut held, mut number) = (0_u64, 0_u64, 0);
    while held < values {
        let (page, body, rest) = next(chunk).ok_or(Fault::Sum)?;
        number += 1;
        if page.checksum.is_some_and(|checksum| checksum != crc(body)) {
            return Err(Fault::Checksum { page: number, before: held });
        }
        unpacked += page.unpacked as u64;
        held += if page.kind == Some(DICTIONARY) { 0 } else { page.values.unwrap_or(0) as u64 };
        chunk = rest;
    }
    if held == values { Ok(unpacked) } else { Err(Fault::Sum) }
}

/// The first page, its bytes, and what lies behind it.
fn next(chunk: &[u8]) -> Option<(Page, &[u8], &[u8])> {
    let mut reader = Reader { rest: chunk };
    let page = reader.page()?;
    let (body, rest) = reader.rest.split_at_checked(usize::try_from(page.packed).ok()?)?;
    let bytes = u64::try_from(page.unpacked).ok()?;
    let values = u64::try_from(page.values?).ok()?;
    match page.kind? {
        // a value of a dictionary has at least a bit
        DICTIONARY if values <= bytes.saturating_mul(8) => {}
        DATA | DATA_2 => {}
        _ => return None,
    }
    if page.levels.iter().any(|length| !(0..=page.packed).contains(length)) || (values == 0 && bytes == 0 && body.is_empty()) {
        return None;
    }
    Some((page, body, rest))
}

/// The checksum of the bytes of a page, as its header holds it.
fn crc(body: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(body);
    crc.sum()
}

const DATA: i64 = 0;
const DICTIONARY: i64 = 2;
const DATA_2: i64 = 3;

/// The part of a page header that says what to make room for.
#[derive(Default)]
struct Page {
    kind: Option<i64>,
    unpacked: i64,
    packed: i64,
    checksum: Option<u32>,
    values: Option<i64>,
    /// Bytes of the definition and repetition levels, where the header tells them.
    levels: Vec<i64>,
}

/// Structures within structures, lists within lists.
const DEEPEST: usize = 8;

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn page(&mut self) -> Option<Page> {
        let mut page = Page::default();
        self.fields(&mut |reader, field, kind| {
            match (field, kind) {
                (1, I32) => page.kind = Some(reader.zigzag()?),
                (2, I32) => page.unpacked = reader.zigzag()?,
                (3, I32) => page.packed = reader.zigzag()?,
                // stored as a signed number of the same bits
                (4, I32) => page.checksum = Some(reader.zigzag()? as u32),
                (5 | 7 | 8, STRUCT) => reader.fields(&mut |reader, inner, kind| {
                    match (inner, kind) {
                        (1, I32) => page.values = Some(reader.zigzag()?),
                        (5 | 6, I32) if field == 8 => page.levels.push(reader.zigzag()?),
                        _ => reader.skip(kind, 0)?,
                    }
                    Some(())
                })?,
                _ => reader.skip(kind, 0)?,
            }
            Some(())
        })?;
        Some(page)
    }

    /// Reads a structure's fields to its end; `each` reads or skips one field's value.
    fn fields(&mut self, each: &mut dyn FnMut(&mut Self, i64, u8) -> Option<()>) -> Option<()> {
        let mut field = 0_i64;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(());
            }
            field = match head >> 4 {
                0 => self.zigzag()?,
                step => field.checked_add(i64::from(step))?,
            };
            each(self, field, head & 0x0f)?;
        }
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        match kind {
            TRUE | FALSE => {}
            BYTE => drop(self.byte()?),
            I16 | I32 | I64 => drop(self.varint()?),
            DOUBLE => self.rest = self.rest.get(8..)?,
            BINARY => {
                let length = usize::try_from(self.varint()?).ok()?;
                self.rest = self.rest.get(length..)?;
            }
            LIST | SET => {
                let head = self.byte()?;
                let count = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
                for _ in 0..count {
                    // a flag in a list has a byte of its own
                    match head & 0x0f {
                        TRUE | FALSE => drop(self.byte()?),
                        kind => self.skip(kind, depth + 1)?,
                    }
                }
            }
            STRUCT => self.fields(&mut |reader, _, kind| reader.skip(kind, depth + 1))?,
            _ => return None,
        }
        Some(())
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn zigzag(&mut self) -> Option<i64> {
        let raw = self.varint()?;
        Some((raw >> 1) as i64 ^ -((raw & 1) as i64))
    }
}

// types of Thrift's compact protocol
const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const I16: u8 = 4;
const I32: u8 = 5;
const I64: u8 = 6;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const STRUCT: u8 = 12;

#[cfg(test)]
mod tests {
    use super::*;

    /// A page header with one inner structure, and as many bytes behind it as it says; small numbers only.
    fn page(kind: u8, unpacked: u8, packed: u8, inner_field: u8, values: u8) -> Vec<u8> {
        let int = |n: u8| n << 1;
        let step = (inner_field - 3) << 4 | STRUCT;
        let mut bytes = vec![0x15, int(kind), 0x15, int(unpacked), 0x15, int(packed), step, 0x15, int(values), 0x15, 0, 0, 0];
        bytes.extend(vec![0xaa; packed as usize]);
        bytes
    }

    #[test]
    fn pages_that_add_up_tell_what_they_unpack_to() {
        let dictionary = page(2, 16, 9, 7, 2);
        let chunk = [dictionary.clone(), page(0, 20, 10, 5, 40), page(3, 21, 11, 8, 2)].concat();
        let bad = Err(Fault::Sum);
        assert_eq!(unpacked(&chunk, 42), Ok(57));
        assert_eq!(unpacked(&chunk, 40), Ok(36));
        assert_eq!(unpacked(&chunk, 41), bad, "a page holds more values than the column");
        assert_eq!(unpacked(&chunk[..chunk.len() - 1], 42), bad, "the last page is cut off");
        assert_eq!(unpacked(&chunk, 43), bad, "too few values");
        let mut negative = dictionary;
        negative[8] = 1;
        assert_eq!(unpacked(&[negative, page(0, 20, 10, 5, 40)].concat(), 40), bad, "minus one value");
        assert_eq!(unpacked(&[], 0), Ok(0));
        assert_eq!(unpacked(&page(2, 1, 1, 7, 60), 1), bad, "a dictionary of more values than bits");
    }

    #[test]
    fn a_page_keeps_its_checksum_or_is_named() {
        // 123456789, whose checksum the catalogues of such sums give
        let body = b"123456789";
        let signed = i64::from(0xcbf4_3926_u32 as i32);
        let mut varint = (signed << 1 ^ signed >> 63) as u64;
        let mut header = vec![0x15, 0, 0x15, 18, 0x15, 18, 0x15];
        while varint >= 0x80 {
            header.push(varint as u8 | 0x80);
            varint >>= 7;
        }
        header.extend([varint as u8, 0x1c, 0x15, 10, 0x15, 0, 0, 0]);
        let sound = [&header[..], body].concat();
        assert_eq!(unpacked(&sound, 5), Ok(9));
        let twice = [sound.clone(), sound].concat();
        let mut spoilt = twice.clone();
        *spoilt.last_mut().unwrap() ^= 1;
        assert_eq!(unpacked(&twice, 10), Ok(18));
        assert_eq!(unpacked(&spoilt, 10), Err(Fault::Checksum { page: 2, before: 5 }));
    }
}
