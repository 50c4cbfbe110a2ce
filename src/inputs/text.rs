//! Turns the bytes of a CSV file into clean text: encoding, separator, header, and the line of every record.
//!
//! Quoting follows RFC 4180. A record's line is that of its first character, also after quoted line breaks
//! and blank lines: in `a,b⏎"x⏎y",1⏎⏎z,2` the records stand on lines 2 and 5.

use super::records::{Lines, Scan};
use super::shapes::interactive_brokers::Section;
use super::sheet::note_feet;
use super::{Gather, encoding, remarks};
use crate::model::case::Encoding;
use crate::problem::{Kind, Place, Problem};

/// A CSV file whose structure holds: every record has as many fields as the header.
pub struct CsvText {
    pub header: Vec<String>,
    pub header_line: usize,
    pub separator: u8,
    /// The records, without header and blank lines.
    pub body: String,
    pub rows: usize,
    /// Records without any value, repetitions of the header, lines above it and remarks at the foot: they are no rows.
    pub passed: usize,
    pub lines: Lines,
}

/// How a CSV file is declared to be written.
#[derive(Clone, Copy, Default)]
pub struct Declared {
    pub encoding: Encoding,
    /// The line the header stands on, from 1.
    pub header_row: Option<usize>,
    /// Cuts the rows of one section out of a file of many.
    pub section: Option<Cut>,
}

pub type Cut = fn(&str) -> Option<Section>;

/// Decodes and checks a CSV file; problems and notes go to `gather`. `known` counts the columns that a line of headers names.
pub fn read(file: &str, bytes: Vec<u8>, declared: Declared, known: &dyn Fn(&[String]) -> usize, gather: &mut Gather) -> Option<CsvText> {
    let encoding = declared.encoding;
    let text = match encoding::decode(file, bytes, encoding) {
        Ok((text, note)) => {
            gather.notes.extend(note);
            text
        }
        Err(problem) => {
            gather.problems.push(problem);
            return None;
        }
    };
    let (text, cut) = match declared.section.and_then(|cut| cut(&text)) {
        Some(section) => (section.text, section.passed),
        None => (text, 0),
    };
    let text = if text.contains('\r') { text.replace("\r\n", "\n") } else { text };
    if text.contains('\r') && !text.contains('\n') {
        let fix = "save it with line feeds (Unix or Windows line ends)";
        gather.problems.push(Problem::new(
            Kind::Data,
            Place::file(file).line(1),
            "has carriage returns only",
            "a line ends with a line feed",
            fix,
        ));
        return None;
    }
    let (start, line) = match declared.header_row {
        Some(row) => match remarks::line_of(&text, row) {
            Some(found) => found,
            None => {
                let what = format!("line {row} is blank, or beyond the end");
                let why = "[data.header-row] says that the header stands there";
                gather.problems.push(Problem::new(Kind::Data, Place::file(file), what, why, "write the line the header stands on"));
                return None;
            }
        },
        None => header_of(&text, known),
    };
    let above = text[..start].lines().filter(|line| !line.trim_matches('\u{feff}').trim().is_empty()).count();
    if above > 0 && declared.header_row.is_none() && !remarks::is_mark_of_separator(&text[..start]) {
        gather.note(
            format!("{file}: the header stands on line {line}; the lines above it are passed over"),
            format!("{file}：表头位于第 {line} 行，其上各行已跳过"),
        );
    }
    let problems = &mut gather.problems;
    let separator = separator_of(&text[start..]);
    let before = problems.len();
    let feet = feet_of(&text, start, separator);
    let text = match feet.first() {
        Some((at, _, _)) => text[..*at].to_string(),
        None => text,
    };
    let scan = Scan::run(file, &text, start, line, separator, problems);
    if problems.len() > before {
        return None;
    }
    let (records, header, passed) = (scan.records, scan.header, scan.passed + above + feet.len() + cut);
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
    let feet: Vec<(usize, String)> = feet.into_iter().rev().map(|(_, line, text)| (line, text)).collect();
    note_feet(file, scan.repeated, &feet, gather);
    if scan.trails {
        gather.note(
            format!("{file}: every row ends with a separator more than the header has; the empty cell behind it is passed over"),
            format!("{file}：每行末尾比表头多一个分隔符，其后的空单元格已忽略"),
        );
    }
    Some(CsvText { header: names, header_line: header.first_line, separator, body, rows: records, passed, lines: scan.lines })
}

/// Lines among which a header is looked for.
const HEAD_LINES: usize = 40;

/// Where the header starts, and its line: the first line that is not blank, or the first below it that names at least two columns
/// when that one names fewer. A first line `sep=;` belongs to a spreadsheet.
fn header_of(text: &str, known: &dyn Fn(&[String]) -> usize) -> (usize, usize) {
    let mut first = None;
    let mut at = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let here = (at, index + 1);
        at += line.len();
        let bare = line.trim_start_matches('\u{feff}').trim();
        if bare.is_empty() || (index == 0 && remarks::is_mark_of_separator(bare)) {
            continue;
        }
        let names = known(&fields(line, separator_of(line)));
        if names >= 2 {
            return here;
        }
        first = first.or(Some(here));
        if index >= HEAD_LINES {
            break;
        }
    }
    first.unwrap_or((0, 1))
}

/// The remarks at the foot of a table, in order: where each line starts, its number, its text.
fn feet_of(text: &str, start: usize, separator: u8) -> Vec<(usize, usize, String)> {
    let width = fields(text[start..].lines().next().unwrap_or(""), separator).len();
    let body = &text[start..];
    let (mut end, mut feet) = (body.len(), Vec::new());
    for _ in 0..2 * remarks::FOOT_LINES {
        let own = body[..end].strip_suffix('\n').unwrap_or(&body[..end]);
        let Some(at) = own.rfind('\n').map(|at| at + 1) else { break };
        let line = &own[at..];
        end = at;
        if line.trim().is_empty() {
            continue;
        }
        let cells = fields(line, separator);
        if feet.len() == remarks::FOOT_LINES || !remarks::is_remark(cells.iter().map(String::as_str), width) {
            break;
        }
        let shown = cells.into_iter().filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(" ");
        feet.push((start + at, shown));
    }
    feet.reverse();
    let number = |at: usize| text.as_bytes()[..at].iter().filter(|b| **b == b'\n').count() + 1;
    feet.into_iter().map(|(at, shown)| (at, number(at), shown)).collect()
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
    let (record, _) = super::records::next_record(text.as_bytes(), 0, 1, separator).expect("the record was read before");
    fields(&text[..record.end], separator)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of(text: &str) -> (Vec<String>, Vec<usize>) {
        let mut gather = Gather::default();
        let csv = read("a.csv", text.as_bytes().to_vec(), Declared::default(), &|_| 2, &mut gather);
        let csv = csv.unwrap_or_else(|| panic!("{}", gather.problems));
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
            let mut gather = Gather::default();
            assert!(read("a.csv", text.as_bytes().to_vec(), Declared::default(), &|_| 2, &mut gather).is_none(), "{text}");
            let problem = gather.problems.iter().next().unwrap();
            assert_eq!(problem.place.line, Some(line), "{text}");
            assert!(problem.what.contains(what), "{}", problem.what);
        }
    }

    #[test]
    fn gbk_is_told_from_utf8_and_from_noise() {
        let (gbk, _, _) = encoding_rs::GBK.encode("账户,现金\n甲,1\n");
        let mut gather = Gather::default();
        let csv = read("a.csv", gbk.into_owned(), Declared::default(), &|_| 2, &mut gather).expect("GBK is detected");
        assert_eq!(csv.header, ["账户", "现金"]);
        assert!(read("a.csv", b"a,b\n1,2\n\xff\xff,3\n".to_vec(), Declared::default(), &|_| 2, &mut gather).is_none());
        assert_eq!(gather.problems.iter().next().unwrap().place.line, Some(3));
    }

    #[test]
    fn the_header_is_found_below_a_preamble_and_passed_over_where_it_repeats() {
        let known = |names: &[String]| names.iter().filter(|n| ["account", "symbol", "quantity"].contains(&n.as_str())).count();
        let text = "Statement of \"12.06.2015\n# a comment\n\naccount;symbol;quantity\nk;a;1\naccount;symbol;quantity\n;;\nk;b;2\n";
        for text in [text.to_string(), format!("sep=;\n{text}")] {
            let mut gather = Gather::default();
            let csv = read("a.csv", text.clone().into_bytes(), Declared::default(), &known, &mut gather)
                .unwrap_or_else(|| panic!("{}", gather.problems));
            let shift = usize::from(text.starts_with("sep"));
            assert_eq!((csv.rows, csv.passed, csv.header_line), (2, 4 + shift, 4 + shift));
            assert_eq!((csv.lines.of(0), csv.lines.of(1)), (5 + shift, 8 + shift));
            assert!(gather.notes.iter().any(|n| n.en.contains(&format!("header stands on line {}", 4 + shift))));
        }
    }

    #[test]
    fn remarks_at_the_foot_are_passed_over_and_a_row_that_was_cut_off_is_not() {
        let known = |names: &[String]| names.len();
        let rows = "account,symbol,quantity\nk,a,1\nk,b,2\n";
        let mut gather = Gather::default();
        let text = format!("{rows}\nSource: a vendor\n\"note: all, rounded\",,\n\n");
        let csv =
            read("a.csv", text.into_bytes(), Declared::default(), &known, &mut gather).unwrap_or_else(|| panic!("{}", gather.problems));
        assert_eq!((csv.rows, csv.passed, csv.lines.of(1)), (2, 2, 3));
        assert!(gather.notes.iter().any(|n| n.en.contains("2 lines at the foot") && n.en.contains("line 5, \"Source: a vendor\"")));
        for cut in ["k,c", "k", "2015-06-1"] {
            assert!(read("a.csv", format!("{rows}{cut}").into_bytes(), Declared::default(), &known, &mut Gather::default()).is_none());
        }
    }

    #[test]
    fn a_declared_header_is_taken_from_its_line() {
        let text = "first,line,is none\n\na,b,c\n1,2,3\n";
        let declared = |row| Declared { header_row: Some(row), ..Declared::default() };
        let read = |row| read("a.csv", text.as_bytes().to_vec(), declared(row), &|_| 3, &mut Gather::default());
        assert_eq!(read(3).map(|csv| (csv.header.join(" "), csv.rows, csv.passed)), Some(("a b c".into(), 1, 1)));
        assert!(read(2).is_none() && read(9).is_none());
    }

    #[test]
    fn a_separator_behind_every_row_is_no_cell() {
        let told = |text: &str| {
            let mut gather = Gather::default();
            let csv = read("a.csv", text.as_bytes().to_vec(), Declared::default(), &|_| 2, &mut gather);
            csv.map(|csv| (csv.body, gather.notes.iter().any(|n| n.en.contains("a separator more than the header"))))
        };
        assert_eq!(told("a,b\n1,2,\n\n3,\"4,\",\n5,,"), Some(("1,2\n3,\"4,\"\n5,\n".into(), true)));
        for mixed in ["a,b\n1,2,\n3,4\n", "a,b\n1,2\n3,4,\n", "a,b\n1,2,\n3,4,5\n", "a,b\n1,2,3\n", "a,b\n1,2,,\n"] {
            assert_eq!(told(mixed), None, "{mixed}");
        }
    }
}
