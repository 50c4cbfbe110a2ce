//! Turns the bytes of a CSV file into clean text: encoding, separator, header, and the line of every record.
//!
//! Quoting follows RFC 4180. A record's line is that of its first character, also after quoted line breaks
//! and blank lines: in `a,b⏎"x⏎y",1⏎⏎z,2` the records stand on lines 2 and 5.

use crate::model::case::Encoding;
use crate::problem::{Kind, Place, Problem, Problems};
use std::borrow::Cow;

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

/// A CSV file whose structure holds: every record has as many fields as the header.
pub struct CsvText {
    pub header: Vec<String>,
    pub header_line: usize,
    pub separator: u8,
    /// The records, without header and blank lines.
    pub body: String,
    pub rows: usize,
    pub lines: Lines,
}

/// Decodes and checks a CSV file; problems go to `problems`.
pub fn read(file: &str, bytes: Vec<u8>, encoding: Encoding, problems: &mut Problems) -> Option<CsvText> {
    let text = match decode(file, bytes, encoding) {
        Ok(text) => text,
        Err(problem) => {
            problems.push(problem);
            return None;
        }
    };
    let text = if text.contains('\r') { text.replace("\r\n", "\n") } else { text };
    if text.contains('\r') && !text.contains('\n') {
        let fix = "save it with line feeds (Unix or Windows line ends)";
        problems.push(Problem::new(
            Kind::Data,
            Place::file(file).line(1),
            "has carriage returns only",
            "a line ends with a line feed",
            fix,
        ));
        return None;
    }
    let blank = text.bytes().take_while(|b| b.is_ascii_whitespace()).filter(|b| *b == b'\n').count();
    let start = text.char_indices().filter(|(_, c)| *c == '\n').nth(blank.wrapping_sub(1)).map_or(0, |(i, _)| i + 1);
    let start = if blank == 0 { 0 } else { start };
    let separator = separator_of(&text[start..]);
    let before = problems.len();
    let scan = Scan::run(file, &text, start, blank + 1, separator, problems);
    if problems.len() > before {
        return None;
    }
    let (records, header) = (scan.records, scan.header);
    let place = Place::file(file).line(header.first_line);
    let names = fields(&text[header.start..header.end], separator);
    if names.iter().all(|name| name.trim().is_empty()) {
        problems.push(Problem::new(
            Kind::Data,
            place,
            "has no header",
            "the first line names the columns",
            "export the file with its column names",
        ));
        return None;
    }
    if records == 0 {
        problems.push(Problem::new(
            Kind::Data,
            place,
            "has a header and no rows",
            "there is nothing to compute on",
            "export the file again, with its rows",
        ));
        return None;
    }
    let body = match scan.kept {
        Some(ranges) => ranges.iter().map(|(a, b)| format!("{}\n", text[*a..*b].trim_end_matches('\n'))).collect(),
        None => {
            let mut text = text;
            text.drain(..header.end);
            text
        }
    };
    Some(CsvText { header: names, header_line: header.first_line, separator, body, rows: records, lines: scan.lines })
}

fn decode(file: &str, mut bytes: Vec<u8>, encoding: Encoding) -> Result<String, Problem> {
    let problem = |line: usize, what: String, why: &str, fix: &str| Problem::new(Kind::Data, Place::file(file).line(line), what, why, fix);
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(problem(1, "is UTF-16".into(), "CSV files are read as UTF-8 or GBK", "save it as CSV UTF-8"));
    }
    if let Some(at) = bytes.iter().position(|b| *b == 0) {
        let line = line_at(&bytes, at);
        return Err(problem(
            line,
            "holds a zero byte".into(),
            "text holds none; the file is binary, UTF-16 or damaged",
            "save it as CSV UTF-8",
        ));
    }
    let marked = bytes.starts_with(&[0xef, 0xbb, 0xbf]);
    if marked {
        bytes.drain(..3);
    }
    if encoding != Encoding::Gbk || marked {
        bytes = match String::from_utf8(bytes) {
            Ok(text) => return Ok(text),
            Err(error) if encoding == Encoding::Utf8 || marked => {
                let at = error.utf8_error().valid_up_to();
                let line = line_at(error.as_bytes(), at);
                return Err(problem(
                    line,
                    format!("byte {at} is not UTF-8"),
                    "the file is declared or marked as UTF-8",
                    "set [data] encoding = \"gbk\" if it comes from Excel, or save it as CSV UTF-8",
                ));
            }
            Err(error) => error.into_bytes(),
        };
    }
    match encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(&bytes) {
        Some(Cow::Borrowed(text)) => Ok(text.to_string()),
        Some(Cow::Owned(text)) => Ok(text),
        None => {
            let at = first_bad_gbk(&bytes);
            let what =
                if encoding == Encoding::Gbk { format!("byte {at} is not GBK") } else { format!("byte {at} is neither UTF-8 nor GBK") };
            Err(problem(line_at(&bytes, at), what, "CSV files are read as UTF-8 or GBK (GB18030)", "save it as CSV UTF-8"))
        }
    }
}

/// Where GB18030 decoding first fails.
fn first_bad_gbk(bytes: &[u8]) -> usize {
    let mut decoder = encoding_rs::GB18030.new_decoder_without_bom_handling();
    let mut out = vec![0u8; 4096];
    let mut at = 0;
    loop {
        let (result, read, _) = decoder.decode_to_utf8_without_replacement(&bytes[at..], &mut out, true);
        at += read;
        match result {
            encoding_rs::DecoderResult::OutputFull => {}
            encoding_rs::DecoderResult::Malformed(length, after) => return at.saturating_sub(usize::from(length) + usize::from(after)),
            encoding_rs::DecoderResult::InputEmpty => return at,
        }
    }
}

fn line_at(bytes: &[u8], at: usize) -> usize {
    1 + bytes[..at.min(bytes.len())].iter().filter(|b| **b == b'\n').count()
}

/// The most frequent of comma, tab and semicolon in the header; the comma where none stands.
fn separator_of(text: &str) -> u8 {
    const SEPARATORS: [u8; 3] = [b';', b'\t', b','];
    let (mut counts, mut quoted) = ([0; 3], false);
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            _ if quoted => {}
            other => SEPARATORS.iter().zip(&mut counts).filter(|(s, _)| **s == other).for_each(|(_, count)| *count += 1),
        }
    }
    (0..3).max_by_key(|i| counts[*i]).map_or(b',', |i| SEPARATORS[i])
}

/// The fields of one record, unquoted.
fn fields(record: &str, separator: u8) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut quoted = false;
    let mut chars = record.trim_end_matches('\n').chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                out.last_mut().expect("one field at least").push('"');
            }
            '"' => quoted = !quoted,
            c if c == char::from(separator) && !quoted => out.push(String::new()),
            c => out.last_mut().expect("one field at least").push(c),
        }
    }
    out.into_iter().map(|field| field.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').to_string()).collect()
}

/// The fields of the first record of a text.
#[cfg(test)]
pub fn first_record(text: &str, separator: u8) -> Vec<String> {
    let (record, _) = next_record(text.as_bytes(), 0, 1, separator).expect("the record was read before");
    fields(&text[..record.end], separator)
}

#[derive(Clone, Copy, Default)]
struct Record {
    start: usize,
    end: usize,
    first_line: usize,
    fields: usize,
    blank: bool,
}

/// One pass over the text: where records start and whether they hold together.
struct Scan {
    header: Record,
    records: usize,
    lines: Lines,
    /// Byte ranges of the records, when blank ones lie between them.
    kept: Option<Vec<(usize, usize)>>,
}

impl Scan {
    fn run(file: &str, text: &str, start: usize, first_line: usize, separator: u8, problems: &mut Problems) -> Scan {
        let bytes = text.as_bytes();
        let (mut at, mut line) = (start, first_line);
        let mut scan = Scan { header: Record::default(), records: 0, lines: Lines::From(0), kept: None };
        let mut listed: Vec<(usize, usize, u32)> = Vec::new();
        let mut plain = true;
        while at < bytes.len() {
            let record = match next_record(bytes, at, line, separator) {
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
            // rows are listed only from the first irregular one on: an ordinary file costs no memory here
            if plain && (record.blank || line != record.first_line + 1) {
                plain = false;
                listed = replay(bytes, scan.header.end, record.start, scan.header.first_line + line_span(bytes, &scan.header));
            }
            if record.blank {
                continue;
            }
            if record.fields != scan.header.fields {
                let what = format!("has {} fields where the header has {}", record.fields, scan.header.fields);
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
                listed.push((record.start, record.end, record.first_line as u32));
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
fn next_record(bytes: &[u8], at: usize, line: usize, separator: u8) -> Result<(Record, usize), (usize, String)> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of(text: &str) -> (Vec<String>, Vec<usize>) {
        let mut problems = Problems::new();
        let csv = read("a.csv", text.as_bytes().to_vec(), Encoding::Auto, &mut problems).unwrap_or_else(|| panic!("{problems}"));
        (csv.header, (0..csv.rows).map(|row| csv.lines.of(row)).collect())
    }

    #[test]
    fn a_record_keeps_its_line_behind_quoted_breaks_and_blank_lines() {
        assert_eq!(lines_of("a,b\n\"x\ny\",1\n\nz,2\n").1, [2, 5]);
        assert_eq!(lines_of("\n\n\"a\nb\";c\n1;2\n3;4").1, [5, 6]);
        assert_eq!(lines_of("a,b\n1,2\n,,\n3,4\n,\n").1, [2, 4]);
        let (header, lines) = lines_of("\u{feff}\"a\",b\r\n1,2\r\n");
        assert_eq!((header, lines), (vec!["a".to_string(), "b".to_string()], vec![2]));
    }

    #[test]
    fn broken_quotes_and_ragged_rows_name_their_line() {
        for (text, line, what) in [
            ("a,b\n1,2\n3,\"4\n5,6\n", 3, "never closed"),
            ("a,b\n1,2\"x\n", 2, "inside an unquoted"),
            ("a,b\n\"1\"x,2\n", 2, "behind a closing"),
            ("a,b\n1,2\n3\n", 3, "1 fields"),
            ("a,b\n1,2,3\n", 2, "3 fields"),
        ] {
            let mut problems = Problems::new();
            assert!(read("a.csv", text.as_bytes().to_vec(), Encoding::Auto, &mut problems).is_none(), "{text}");
            let problem = problems.iter().next().unwrap();
            assert_eq!(problem.place.line, Some(line), "{text}");
            assert!(problem.what.contains(what), "{}", problem.what);
        }
    }

    #[test]
    fn gbk_is_told_from_utf8_and_from_noise() {
        let (gbk, _, _) = encoding_rs::GBK.encode("账户,现金\n甲,1\n");
        let mut problems = Problems::new();
        let csv = read("a.csv", gbk.into_owned(), Encoding::Auto, &mut problems).expect("GBK is detected");
        assert_eq!(csv.header, ["账户", "现金"]);
        assert!(read("a.csv", b"a,b\n1,2\n\xff\xff,3\n".to_vec(), Encoding::Auto, &mut problems).is_none());
        assert_eq!(problems.iter().next().unwrap().place.line, Some(3));
    }
}
