//! Walks the records of an `.xls` workbook: what room its sheets ask for, before it is read, and which rows it hides.
//!
//! The file is a compound document: sectors chained by a table, a directory of streams, and in the stream `Workbook` records of a
//! type, a length and their data. A reader lays a sheet out from its first to its last cell, so two cells far apart ask for much.

use super::looks::Looks;
use super::sheet_bounds::{CELLS_MOST, too_much};
use crate::problem::Problem;

/// Sheets of one workbook.
const SHEETS_MOST: usize = 1000;

// records of the workbook stream
const END: u16 = 0x000a;
const BEGIN: u16 = 0x0809;
const SHEET: u16 = 0x0085;
const DIMENSIONS: u16 = 0x0200;
const ROW_OF_NUMBERS: u16 = 0x00bd;
const ROW: u16 = 0x0208;
/// Among the flags of a row: its height is zero.
const HIDDEN: u16 = 0x20;
/// Records of one cell each: formula, label, number, error, text of a formula, short number, shared label, rich text.
const CELLS: [u16; 8] = [0x0006, 0x0204, 0x0203, 0x0205, 0x0207, 0x027e, 0x00fd, 0x00d6];

/// Refuses a workbook whose sheets span more cells than fit the memory; one that cannot be walked is left to its reader.
pub fn within_bounds(file: &str, bytes: &[u8]) -> Result<(), Problem> {
    let cells = stream(bytes).map_or(0, |stream| span(&stream));
    match cells > CELLS_MOST as u64 {
        true => Err(too_much(file, format!("its sheets span {cells} cells"), "the sheets of an .xls file span at most 20,000,000 cells")),
        false => Ok(()),
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// The stream `Workbook`, or `Book` of older files.
fn stream(bytes: &[u8]) -> Option<Vec<u8>> {
    let sector = 1_usize << u16_at(bytes, 30).filter(|shift| (9..=12).contains(shift))?;
    let of = |id: u32| bytes.get(sector.checked_mul(id as usize + 1)?..).map(|rest| &rest[..rest.len().min(sector)]);
    let words = |part: &[u8]| part.chunks_exact(4).map(|w| u32::from_le_bytes([w[0], w[1], w[2], w[3]])).collect::<Vec<u32>>();
    let most = bytes.len() / sector + 1;
    // the sectors that hold the table of chains: 109 in the header, the rest in sectors of their own
    let mut table_at = words(bytes.get(76..512)?);
    let mut next = u32_at(bytes, 68)?;
    for _ in 0..most {
        let Some(part) = of(next) else { break };
        table_at.extend(words(part));
        next = table_at.pop()?;
    }
    let table: Vec<u32> = table_at.into_iter().take(most).filter_map(of).flat_map(words).collect();
    let chain = |start: u32| {
        let mut out = Vec::new();
        let mut id = start;
        while let Some(part) = of(id).filter(|_| out.len() <= bytes.len()) {
            out.extend_from_slice(part);
            id = *table.get(id as usize)?;
        }
        Some(out)
    };
    let directory = chain(u32_at(bytes, 48)?)?;
    let entries: Vec<&[u8]> = directory.chunks_exact(128).collect();
    let named = |entry: &&&[u8], name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        entry[..wide.len()].eq_ignore_ascii_case(&wide) && entry[wide.len()] == 0
    };
    let entry = ["Workbook", "Book"].iter().find_map(|name| entries.iter().find(|entry| named(entry, name)))?;
    let (start, length) = (u32_at(entry, 116)?, u32_at(entry, 120)? as usize);
    if length >= 4096 {
        let mut whole = chain(start)?;
        whole.truncate(length);
        return Some(whole);
    }
    // small streams lie in sectors of 64 bytes inside the root's stream
    let (room, small) = (chain(u32_at(entries.first()?, 116)?)?, words(&chain(u32_at(bytes, 60)?)?));
    let (mut out, mut id) = (Vec::new(), start);
    while let Some(part) = room.get(id as usize * 64..(id as usize + 1) * 64).filter(|_| out.len() < length) {
        out.extend_from_slice(part);
        id = *small.get(id as usize)?;
    }
    out.truncate(length);
    Some(out)
}

/// The record at a place: its type, its data, and where the next one starts.
fn record(stream: &[u8], at: usize) -> Option<(u16, &[u8], usize)> {
    let (kind, length) = (u16_at(stream, at)?, u16_at(stream, at + 2)? as usize);
    Some((kind, stream.get(at + 4..at + 4 + length)?, at + 4 + length))
}

/// The cells that all sheets together span, as the directory of sheets names them.
fn span(stream: &[u8]) -> u64 {
    let (mut at, mut sheets) = (0, Vec::new());
    while let Some((kind, data, next)) = record(stream, at) {
        match kind {
            SHEET => sheets.extend(u32_at(data, 0)),
            END => break,
            _ => {}
        }
        at = next;
    }
    if sheets.len() > SHEETS_MOST {
        return u64::MAX;
    }
    sheets.into_iter().map(|start| span_of_sheet(stream, start as usize)).fold(0, u64::saturating_add)
}

fn span_of_sheet(stream: &[u8], mut at: usize) -> u64 {
    let (mut low, mut high, mut stated, mut depth) = ((u64::MAX, u64::MAX), (0, 0), 0_u64, 0);
    while let Some((kind, data, next)) = record(stream, at) {
        at = next;
        match kind {
            BEGIN => depth += 1,
            END if depth <= 1 => break,
            END => depth -= 1,
            DIMENSIONS => {
                let wide = data.len() >= 14;
                let rows = if wide { (u32_at(data, 0), u32_at(data, 4)) } else { (narrow(data, 0), narrow(data, 2)) };
                let columns = u64::from(u16_at(data, if wide { 10 } else { 6 }).unwrap_or(0)).max(1);
                if let (Some(first), Some(last)) = rows {
                    stated = u64::from(last.saturating_sub(first)).saturating_mul(columns);
                }
            }
            kind if kind == ROW_OF_NUMBERS || CELLS.contains(&kind) => {
                if let (Some(row), Some(column)) = (u16_at(data, 0), u16_at(data, 2)) {
                    let more = if kind == ROW_OF_NUMBERS { data.len().saturating_sub(6) as u64 / 6 } else { 0 };
                    let (row, column) = (u64::from(row), u64::from(column));
                    low = (low.0.min(row), low.1.min(column));
                    high = (high.0.max(row), high.1.max(column + more));
                }
            }
            _ => {}
        }
    }
    let held = if low.0 > high.0 { 0 } else { (high.0 - low.0 + 1) * (high.1 - low.1 + 1) };
    held.max(stated)
}

/// The hidden rows of the sheet of a name; nothing where the workbook cannot be walked.
pub fn looks(bytes: &[u8], sheet: &str) -> Option<Looks> {
    let stream = stream(bytes)?;
    let (mut at, mut start) = (0, None);
    while let Some((kind, data, next)) = record(&stream, at) {
        match kind {
            SHEET if name_of(data).as_deref() == Some(sheet) => start = u32_at(data, 0),
            END => break,
            _ => {}
        }
        at = next;
    }
    let (mut at, mut depth, mut looks) = (start? as usize, 0, Looks::default());
    while let Some((kind, data, next)) = record(&stream, at) {
        at = next;
        match kind {
            BEGIN => depth += 1,
            END if depth <= 1 => break,
            END => depth -= 1,
            ROW if u16_at(data, 12).is_some_and(|flags| flags & HIDDEN != 0) => {
                let row = usize::from(u16_at(data, 0)?) + 1;
                looks.hidden.push((row, row));
            }
            _ => {}
        }
    }
    looks.hidden.sort_unstable();
    Some(looks)
}

/// The name in a record of a sheet: its length in characters, a flag of wide ones, and they.
fn name_of(data: &[u8]) -> Option<String> {
    let (length, wide, rest) = (usize::from(*data.get(6)?), data.get(7)? & 1 == 1, data.get(8..)?);
    Some(match wide {
        true => String::from_utf16_lossy(&(0..length).map_while(|i| u16_at(rest, 2 * i)).collect::<Vec<u16>>()),
        false => rest.iter().take(length).map(|b| char::from(*b)).collect(),
    })
}

fn narrow(data: &[u8], at: usize) -> Option<u32> {
    u16_at(data, at).map(u32::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rec(kind: u16, data: &[u8]) -> Vec<u8> {
        [&kind.to_le_bytes()[..], &(data.len() as u16).to_le_bytes(), data].concat()
    }

    #[test]
    fn cells_far_apart_and_a_stated_size_ask_for_room() {
        let cell = |row: u16, column: u16| rec(0x0203, &[&row.to_le_bytes()[..], &column.to_le_bytes(), &[0; 10]].concat());
        let sheet = [rec(BEGIN, &[0; 4]), cell(2, 1), cell(9, 4), rec(END, &[])].concat();
        let globals = |start: usize| {
            [rec(BEGIN, &[0; 4]), rec(SHEET, &[&(start as u32).to_le_bytes()[..], &[0; 4]].concat()), rec(END, &[])].concat()
        };
        let at = globals(0).len();
        assert_eq!(span(&[globals(at), sheet].concat()), 8 * 4);
        let dimensions = rec(
            DIMENSIONS,
            &[&0_u32.to_le_bytes()[..], &u32::MAX.to_le_bytes(), &0_u16.to_le_bytes(), &256_u16.to_le_bytes(), &[0; 2]].concat(),
        );
        assert!(span(&[globals(at), rec(BEGIN, &[0; 4]), dimensions].concat()) > 1 << 39);
        assert_eq!(stream(b"no compound document"), None);
    }
}
