//! Scans the text of a CSV file for its records: where each starts, and whether they hold together.

use crate::problem::{Kind, Place, Problem, Problems};

/// Which line of the file a row stands on.
#[derive(Clone, Debug)]
pub enum Lines {
    /// Row 0 stands on this line and each row takes one.
    From(usize),
    Listed(Vec<u32>),
}

impl Default for Lines {
    fn default() -> Self {
        Lines::From(1)
    }
}

impl Lines {
    pub fn of(&self, row: usize) -> usize {
        match self {
            Lines::From(first) => first + row,
            Lines::Listed(lines) => lines[row] as usize,
        }
    }
}

#[derive(Clone, Copy, Default)]
pub struct Record {
    pub start: usize,
    pub end: usize,
    pub first_line: usize,
    pub fields: usize,
    blank: bool,
}

/// One pass over the text: where records start and whether they hold together.
#[derive(Default)]
pub struct Scan {
    pub header: Record,
    pub records: usize,
    pub passed: usize,
    pub repeated: usize,
    pub lines: Lines,
    /// Every row ends with a separator that the header lacks.
    pub trails: bool,
    /// Byte ranges of the records, when they are not all of the text behind the header.
    pub kept: Option<Vec<(usize, usize)>>,
}

impl Scan {
    pub fn run(file: &str, text: &str, start: usize, first_line: usize, separator: u8, problems: &mut Problems) -> Scan {
        let bytes = text.as_bytes();
        let (mut at, mut line) = (start, first_line);
        let mut scan = Scan::default();
        let mut listed: Vec<(usize, usize, u32)> = Vec::new();
        let mut plain = true;
        while at < bytes.len() {
            let mut record = match next_record(bytes, at, line, separator) {
                Ok((record, next_line)) => {
                    line = next_line;
                    record
                }
                Err((bad_line, what)) => {
                    let fix = "quote the whole cell and double the quotes inside it: \"a \"\"b\"\"\"";
                    problems.push(Problem::new(Kind::Data, Place::file(file).line(bad_line), what, "quotes enclose a whole cell", fix));
                    return scan;
                }
            };
            at = record.end;
            if scan.header.fields == 0 {
                scan.header = record;
                continue;
            }
            let repeats = record.fields == scan.header.fields
                && text[record.start..record.end].trim_end() == text[scan.header.start..scan.header.end].trim_end();
            scan.repeated += usize::from(repeats);
            scan.passed += usize::from(repeats || (record.blank && record.fields > 1));
            record.blank |= repeats;
            // a separator behind the last cell, where nothing follows it: in every row, or it is a fault
            let trailing = (record.fields == scan.header.fields + 1)
                .then(|| text[record.start..record.end].trim_end_matches('\n').strip_suffix(char::from(separator)))
                .flatten();
            if scan.records == 0 && !record.blank {
                scan.trails = trailing.is_some();
            }
            let end = trailing.filter(|_| scan.trails).map_or(record.end, |cells| record.start + cells.len());
            // rows are listed only from the first irregular one on: an ordinary file costs no memory here
            if plain && (record.blank || scan.trails || line != record.first_line + 1) {
                plain = false;
                listed = replay(bytes, scan.header.end, record.start, scan.header.first_line + line_span(bytes, &scan.header));
            }
            if record.blank {
                continue;
            }
            let width = scan.header.fields + usize::from(scan.trails);
            if record.fields != width || (scan.trails && trailing.is_none()) {
                let than = if scan.trails { "rows above have" } else { "header has" };
                let what = format!("has {} fields where the {than} {width}", record.fields);
                let fix = "write every column, empty where there is no value, and quote cells that hold the separator";
                problems.push(Problem::new(
                    Kind::Data,
                    Place::file(file).line(record.first_line),
                    what,
                    "each row has a cell for each column",
                    fix,
                ));
            }
            if !plain {
                listed.push((record.start, end, record.first_line as u32));
            }
            scan.records += 1;
        }
        if plain {
            scan.lines = Lines::From(scan.header.first_line + line_span(bytes, &scan.header));
        } else {
            scan.lines = Lines::Listed(listed.iter().map(|(_, _, line)| *line).collect());
            scan.kept = Some(listed.into_iter().map(|(a, b, _)| (a, b)).collect());
        }
        scan
    }
}

/// How many lines a record spans.
fn line_span(bytes: &[u8], record: &Record) -> usize {
    bytes[record.start..record.end].iter().filter(|b| **b == b'\n').count().max(1)
}

/// The one-line records between two offsets.
fn replay(bytes: &[u8], from: usize, to: usize, first_line: usize) -> Vec<(usize, usize, u32)> {
    let mut out = Vec::new();
    let mut start = from;
    for (i, byte) in bytes[from..to].iter().enumerate() {
        if *byte == b'\n' {
            out.push((start, from + i + 1, (first_line + out.len()) as u32));
            start = from + i + 1;
        }
    }
    out
}

/// The record that starts at `at`, and the line after it; or the line and the fault of its quoting.
pub fn next_record(bytes: &[u8], at: usize, line: usize, separator: u8) -> Result<(Record, usize), (usize, String)> {
    let mut record = Record { start: at, end: bytes.len(), first_line: line, fields: 1, blank: true };
    let (mut i, mut line) = (at, line);
    let mut field_start = true;
    while i < bytes.len() {
        let b = bytes[i];
        if b == b'\n' {
            record.end = i + 1;
            return Ok((record, line + 1));
        } else if b == separator {
            record.fields += 1;
            field_start = true;
        } else if b == b'"' && field_start {
            let opened = line;
            i = closing_quote(bytes, i + 1, &mut line).ok_or((opened, "opens a quote that is never closed".to_string()))?;
            record.blank = false;
            field_start = false;
            if bytes.get(i + 1).is_some_and(|next| *next != separator && *next != b'\n') {
                return Err((line, "has text behind a closing quote".into()));
            }
        } else if b == b'"' {
            return Err((line, "has a quote inside an unquoted cell".into()));
        } else {
            record.blank &= b.is_ascii_whitespace();
            field_start = false;
        }
        i += 1;
    }
    Ok((record, line + 1))
}

/// The index of the quote that closes a cell.
fn closing_quote(bytes: &[u8], from: usize, line: &mut usize) -> Option<usize> {
    let mut i = from;
    while i < bytes.len() {
        match bytes[i] {
            b'"' if bytes.get(i + 1) == Some(&b'"') => i += 1,
            b'"' => return Some(i),
            b'\n' => *line += 1,
            _ => {}
        }
        i += 1;
    }
    None
}
