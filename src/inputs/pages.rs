//! Walks the page headers of a column of a Parquet file before anything is unpacked: what they ask for must add up.
//!
//! A page header is a structure of Thrift's compact protocol: fields of a type and a number, integers as variable-length
//! zigzag. What a page says it unpacks to and how many values it holds is what a reader makes room for, so a damaged or
//! malicious one could ask for all memory there is.

/// What a column's pages unpack to, in bytes; nothing where they do not add up to the column's `values`.
pub fn unpacked(mut chunk: &[u8], values: u64) -> Option<u64> {
    let (mut unpacked, mut held) = (0_u64, 0_u64);
    while held < values {
        let mut reader = Reader { rest: chunk };
        let page = reader.page()?;
        let packed = usize::try_from(page.packed).ok()?;
        let bytes = u64::try_from(page.unpacked).ok()?;
        let own = u64::try_from(page.values?).ok()?;
        chunk = reader.rest.get(packed..)?;
        unpacked += bytes;
        match page.kind? {
            // a value of a dictionary has at least a bit
            DICTIONARY if own <= bytes.saturating_mul(8) => {}
            DATA | DATA_2 => held += own,
            _ => return None,
        }
        if page.levels.iter().any(|length| !(0..=page.packed).contains(length)) || (own == 0 && bytes == 0 && packed == 0) {
            return None;
        }
    }
    (held == values).then_some(unpacked)
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
        assert_eq!(unpacked(&chunk, 42), Some(57));
        assert_eq!(unpacked(&chunk, 40), Some(36));
        assert_eq!(unpacked(&chunk, 41), None, "a page holds more values than the column");
        assert_eq!(unpacked(&chunk[..chunk.len() - 1], 42), None, "the last page is cut off");
        assert_eq!(unpacked(&chunk, 43), None, "too few values");
        let mut negative = dictionary;
        negative[8] = 1;
        assert_eq!(unpacked(&[negative, page(0, 20, 10, 5, 40)].concat(), 40), None, "minus one value");
        assert_eq!(unpacked(&[], 0), Some(0));
        assert_eq!(unpacked(&page(2, 1, 1, 7, 60), 1), None, "a dictionary of more values than bits");
    }
}
