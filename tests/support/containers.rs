//! Writes tables as vendors pack them: gzip, Zstandard, Arrow, and workbooks (.xlsx, .xls, .ods) cell by cell.

use levertide::units::Day;
use std::fmt::Write as _;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;

/// A cell of a sheet.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Empty,
    Text(String),
    Number(f64),
    /// A number that is shown in per cent: 0.06 as 6 %.
    Percent(f64),
    /// A number that is shown with zeros in front, six digits.
    Code(f64),
    /// A number in ones that is shown in thousands.
    InThousands(f64),
    Day(Day),
    Bool(bool),
    /// `#N/A`
    NotAvailable,
    /// A formula, with the value stored beside it or without one.
    Formula(Option<f64>),
}

/// A sheet: its rows, those of them that are hidden, and merged cells as first and last row and column from 0.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    pub name: String,
    pub hidden: bool,
    pub rows: Vec<Vec<Cell>>,
    pub hidden_rows: Vec<usize>,
    pub merged: Vec<[u16; 4]>,
}

impl Sheet {
    pub fn new(name: &str, rows: Vec<Vec<Cell>>) -> Sheet {
        Sheet { name: name.into(), rows, ..Sheet::default() }
    }
}

/// A workbook.
#[derive(Clone, Debug, Default)]
pub struct Book {
    pub sheets: Vec<Sheet>,
    pub counts_from_1904: bool,
}

impl Book {
    pub fn of(sheets: Vec<Sheet>) -> Book {
        Book { sheets, counts_from_1904: false }
    }

    fn serial(&self, day: Day) -> f64 {
        f64::from(day.epoch_days() + 25_569 - if self.counts_from_1904 { 1462 } else { 0 })
    }
}

/// The cells of a CSV text, as a person would enter them: numbers as numbers, days as days, the header and the rest as text.
pub fn cells_of(csv: &str) -> Vec<Vec<Cell>> {
    let cell = |text: &str| match text {
        "" => Cell::Empty,
        _ if text.len() == 10 && text.as_bytes()[4] == b'-' => Day::parse(text).map_or_else(|| Cell::Text(text.into()), Cell::Day),
        _ => text.parse().ok().filter(|v: &f64| v.is_finite()).map_or_else(|| Cell::Text(text.into()), Cell::Number),
    };
    csv.trim_start_matches('\u{feff}').lines().map(|line| line.split(',').map(cell).collect()).collect()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    writer.write_all(bytes).expect("memory");
    writer.finish().expect("memory")
}

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    ::zstd::bulk::compress(bytes, 1).expect("memory")
}

fn archive(parts: &[(&str, String)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        let stored = *name == "mimetype";
        let method = if stored { zip::CompressionMethod::Stored } else { zip::CompressionMethod::Deflated };
        writer.start_file(*name, SimpleFileOptions::default().compression_method(method)).expect("memory");
        writer.write_all(text.as_bytes()).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// `D7`, from a row and a column from 0.
fn address(row: usize, column: usize) -> String {
    let (mut letters, mut rest) = (String::new(), column + 1);
    while rest > 0 {
        letters.insert(0, char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    format!("{letters}{}", row + 1)
}

/// An Excel workbook as programs write it: shared texts, styles by number, empty cells left out.
pub fn xlsx(book: &Book) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
    let (mut shared, mut parts) = (Vec::<String>::new(), Vec::new());
    let (mut listed, mut related) = (String::new(), String::new());
    for (index, sheet) in book.sheets.iter().enumerate() {
        let n = index + 1;
        let state = if sheet.hidden { " state=\"hidden\"" } else { "" };
        let _ = write!(listed, "<sheet name=\"{}\" sheetId=\"{n}\"{state} r:id=\"rId{n}\"/>", escaped(&sheet.name));
        let _ = write!(related, "<Relationship Id=\"rId{n}\" Type=\"{RELATIONS}/worksheet\" Target=\"worksheets/sheet{n}.xml\"/>");
        let mut rows = String::new();
        for (r, row) in sheet.rows.iter().enumerate() {
            let hidden = if sheet.hidden_rows.contains(&r) { " hidden=\"1\"" } else { "" };
            let _ = write!(rows, "<row r=\"{}\"{hidden}>", r + 1);
            for (c, cell) in row.iter().enumerate() {
                let at = address(r, c);
                let number = |style: usize, v: f64| format!("<c r=\"{at}\" s=\"{style}\"><v>{v}</v></c>");
                rows += &match cell {
                    Cell::Empty => continue,
                    Cell::Text(text) => {
                        shared.push(text.clone());
                        format!("<c r=\"{at}\" t=\"s\"><v>{}</v></c>", shared.len() - 1)
                    }
                    Cell::Number(v) => number(0, *v),
                    Cell::Day(day) => number(1, book.serial(*day)),
                    Cell::Percent(v) => number(2, *v),
                    Cell::Code(v) => number(3, *v),
                    Cell::InThousands(v) => number(4, *v),
                    Cell::Bool(v) => format!("<c r=\"{at}\" t=\"b\"><v>{}</v></c>", u8::from(*v)),
                    Cell::NotAvailable => format!("<c r=\"{at}\" t=\"e\"><v>#N/A</v></c>"),
                    Cell::Formula(Some(v)) => format!("<c r=\"{at}\"><f>SUM(A1:A2)</f><v>{v}</v></c>"),
                    Cell::Formula(None) => format!("<c r=\"{at}\"><f>SUM(A1:A2)</f><v></v></c>"),
                };
            }
            rows += "</row>";
        }
        let merged: String = (sheet.merged.iter())
            .map(|[r0, r1, c0, c1]| {
                format!("<mergeCell ref=\"{}:{}\"/>", address((*r0).into(), (*c0).into()), address((*r1).into(), (*c1).into()))
            })
            .collect();
        let merged = if merged.is_empty() { merged } else { format!("<mergeCells>{merged}</mergeCells>") };
        parts.push((n, format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{rows}</sheetData>{merged}</worksheet>")));
    }
    let texts: String = shared.iter().map(|text| format!("<si><t xml:space=\"preserve\">{}</t></si>", escaped(text))).collect();
    let epoch = if book.counts_from_1904 { "<workbookPr date1904=\"1\"/>" } else { "" };
    let styles = [0, 14, 10, 164, 165].map(|format| format!("<xf numFmtId=\"{format}\" applyNumberFormat=\"1\"/>")).concat();
    let formats = "<numFmt numFmtId=\"164\" formatCode=\"000000\"/><numFmt numFmtId=\"165\" formatCode=\"#,##0,\"/>";
    let sheet_types: String = (parts.iter())
        .map(|(n, _)| {
            let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml";
            format!("<Override PartName=\"/xl/worksheets/sheet{n}.xml\" ContentType=\"{kind}\"/>")
        })
        .collect();
    let mut files = vec![
        (
            "[Content_Types].xml",
            format!(
                "<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/>{sheet_types}</Types>"
            ),
        ),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"rId1\" Type=\"{RELATIONS}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        ("xl/workbook.xml", format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"{RELATIONS}\">{epoch}<sheets>{listed}</sheets></workbook>")),
        ("xl/_rels/workbook.xml.rels", format!("<Relationships xmlns=\"{PACKAGE}/relationships\">{related}</Relationships>")),
        ("xl/styles.xml", format!("<styleSheet xmlns=\"{MAIN}\"><numFmts>{formats}</numFmts><cellXfs>{styles}</cellXfs></styleSheet>")),
        ("xl/sharedStrings.xml", format!("<sst xmlns=\"{MAIN}\" uniqueCount=\"{}\">{texts}</sst>", shared.len())),
    ];
    let names: Vec<String> = parts.iter().map(|(n, _)| format!("xl/worksheets/sheet{n}.xml")).collect();
    files.extend(names.iter().map(String::as_str).zip(parts.into_iter().map(|(_, text)| text)));
    archive(&files)
}

/// An OpenDocument spreadsheet.
pub fn ods(book: &Book) -> Vec<u8> {
    const OASIS: &str = "urn:oasis:names:tc:opendocument:xmlns";
    let mut tables = String::new();
    for sheet in &book.sheets {
        let style = if sheet.hidden { " table:style-name=\"hidden\"" } else { "" };
        let _ = write!(tables, "<table:table table:name=\"{}\"{style}>", escaped(&sheet.name));
        for (r, row) in sheet.rows.iter().enumerate() {
            tables += if sheet.hidden_rows.contains(&r) { "<table:table-row table:visibility=\"filter\">" } else { "<table:table-row>" };
            for (c, cell) in row.iter().enumerate() {
                let typed = |kind: &str, attribute: &str, value: String| {
                    format!(
                        "<table:table-cell office:value-type=\"{kind}\" office:{attribute}=\"{value}\"><text:p>{value}</text:p></table:table-cell>"
                    )
                };
                let text = match cell {
                    Cell::Empty => "<table:table-cell/>".to_string(),
                    Cell::Text(text) => {
                        format!("<table:table-cell office:value-type=\"string\"><text:p>{}</text:p></table:table-cell>", escaped(text))
                    }
                    Cell::Number(v) | Cell::Code(v) | Cell::InThousands(v) => typed("float", "value", v.to_string()),
                    Cell::Percent(v) => typed("percentage", "value", v.to_string()),
                    Cell::Day(day) => typed("date", "date-value", day.to_string()),
                    Cell::Bool(v) => typed("boolean", "boolean-value", v.to_string()),
                    Cell::NotAvailable => {
                        "<table:table-cell table:formula=\"of:=NA()\" office:value-type=\"string\" office:string-value=\"\" \
                         calcext:value-type=\"error\"><text:p>#N/A</text:p></table:table-cell>"
                            .to_string()
                    }
                    Cell::Formula(Some(v)) => format!(
                        "<table:table-cell table:formula=\"of:=SUM([.A1:.A2])\" office:value-type=\"float\" office:value=\"{v}\"><text:p>{v}</text:p></table:table-cell>"
                    ),
                    Cell::Formula(None) => "<table:table-cell table:formula=\"of:=SUM([.A1:.A2])\"/>".to_string(),
                };
                let (r, c) = (r as u16, c as u16);
                tables += &match sheet.merged.iter().find(|m| (m[0]..=m[1]).contains(&r) && (m[2]..=m[3]).contains(&c)) {
                    Some([r0, r1, c0, c1]) if (*r0, *c0) == (r, c) => {
                        let (down, across) = (r1 - r0 + 1, c1 - c0 + 1);
                        let spans =
                            format!("<table:table-cell table:number-rows-spanned=\"{down}\" table:number-columns-spanned=\"{across}\"");
                        text.replacen("<table:table-cell", &spans, 1)
                    }
                    Some(_) => text.replace("table:table-cell", "table:covered-table-cell"),
                    None => text,
                };
            }
            tables += "<table:table-cell table:number-columns-repeated=\"1000\"/></table:table-row>";
        }
        tables += "<table:table-row table:number-rows-repeated=\"1000000\"><table:table-cell table:number-columns-repeated=\"1024\"/></table:table-row></table:table>";
    }
    let hidden =
        "<style:style style:name=\"hidden\" style:family=\"table\"><style:table-properties table:display=\"false\"/></style:style>";
    let spaces = ["office", "table", "text", "style"].map(|name| format!(" xmlns:{name}=\"{OASIS}:{name}:1.0\"")).concat();
    let content = format!(
        "<?xml version=\"1.0\"?><office:document-content{spaces} xmlns:calcext=\"urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0\">\
         <office:automatic-styles>{hidden}</office:automatic-styles><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    );
    let manifest = format!("<manifest:manifest xmlns:manifest=\"{OASIS}:manifest:1.0\"/>");
    archive(&[
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet".into()),
        ("META-INF/manifest.xml", manifest),
        ("content.xml", content),
    ])
}

/// An Excel workbook of 97 to 2003: records in a compound document.
pub fn xls(book: &Book) -> Vec<u8> {
    let record = |kind: u16, data: &[u8]| [&kind.to_le_bytes()[..], &(data.len() as u16).to_le_bytes(), data].concat();
    let words = |words: &[u16]| words.iter().flat_map(|w| w.to_le_bytes()).collect::<Vec<u8>>();
    let begin = |kind: u16| record(0x0809, &words(&[0x0600, kind, 0, 0, 0, 0, 0, 0]));
    let wide = |text: &str| text.encode_utf16().collect::<Vec<u16>>();
    let sheets: Vec<Vec<u8>> = (book.sheets.iter())
        .map(|sheet| {
            let width = sheet.rows.iter().map(Vec::len).max().unwrap_or(0) as u16;
            let size = [&0_u32.to_le_bytes()[..], &(sheet.rows.len() as u32).to_le_bytes(), &words(&[0, width, 0])].concat();
            let mut out = [begin(0x0010), record(0x0200, &size)].concat();
            for row in &sheet.hidden_rows {
                out.extend(record(0x0208, &words(&[*row as u16, 0, width, 0xff, 0, 0, 0x0120, 0x0f])));
            }
            for (r, row) in sheet.rows.iter().enumerate() {
                for (c, cell) in row.iter().enumerate() {
                    let at = |style: u16| words(&[r as u16, c as u16, style]);
                    let number = |style: u16, v: f64| record(0x0203, &[at(style), v.to_le_bytes().to_vec()].concat());
                    out.extend(match cell {
                        Cell::Empty => continue,
                        Cell::Text(text) => {
                            let text = wide(text);
                            record(0x0204, &[at(0), words(&[text.len() as u16]), vec![1], words(&text)].concat())
                        }
                        Cell::Number(v) | Cell::Code(v) | Cell::InThousands(v) => number(0, *v),
                        Cell::Day(day) => number(1, book.serial(*day)),
                        Cell::Percent(v) => number(2, *v),
                        Cell::Bool(v) => record(0x0205, &[at(0), vec![u8::from(*v), 0]].concat()),
                        Cell::NotAvailable => record(0x0205, &[at(0), vec![0x2a, 1]].concat()),
                        Cell::Formula(v) => {
                            let value = v.unwrap_or(0.0).to_le_bytes().to_vec();
                            record(0x0006, &[at(0), value, vec![0; 6], words(&[3]), vec![0x1e, 1, 0]].concat())
                        }
                    });
                }
            }
            let merged: Vec<u16> = sheet.merged.iter().flatten().copied().collect();
            out.extend(record(0x00e5, &words(&[&[sheet.merged.len() as u16][..], &merged].concat())));
            [out, record(0x000a, &[])].concat()
        })
        .collect();
    let style = |format: u16| record(0x00e0, &words(&[0, format, 0, 0, 0, 0, 0, 0, 0, 0]));
    let globals = |starts: &[u32]| {
        let mut out =
            [begin(0x0005), record(0x0042, &words(&[1200])), record(0x0022, &words(&[u16::from(book.counts_from_1904)]))].concat();
        out.extend([0, 14, 10].map(style).concat());
        for (sheet, start) in book.sheets.iter().zip(starts) {
            let name = wide(&sheet.name);
            let data = [&start.to_le_bytes()[..], &[u8::from(sheet.hidden), 0, name.len() as u8, 1], &words(&name)].concat();
            out.extend(record(0x0085, &data));
        }
        [out, record(0x000a, &[])].concat()
    };
    let mut start = globals(&vec![0; sheets.len()]).len() as u32;
    let mut starts = Vec::new();
    for sheet in &sheets {
        starts.push(start);
        start += sheet.len() as u32;
    }
    compound("Workbook", &[globals(&starts), sheets.concat()].concat())
}

/// A compound document with one stream.
fn compound(name: &str, stream: &[u8]) -> Vec<u8> {
    const SECTOR: usize = 512;
    const END: u32 = 0xffff_fffe;
    let mut stream = stream.to_vec();
    // shorter streams would lie in sectors of another size
    stream.resize(stream.len().max(4096).next_multiple_of(SECTOR), 0);
    let (own, length) = ((stream.len() / SECTOR) as u32, stream.len() as u32);
    let tables = (1..).find(|tables| tables * 128 > own + tables).expect("some number is enough");
    let mut chain: Vec<u32> = (1..own).chain([END, END]).collect();
    chain.extend((0..tables).map(|_| 0xffff_fffd));
    chain.resize(tables as usize * 128, u32::MAX);
    let mut head = vec![0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    head.extend([0; 16]);
    for word in [0x3e_u16, 3, 0xfffe, 9, 6, 0, 0, 0] {
        head.extend(word.to_le_bytes());
    }
    for word in [0, tables, own, 0, 4096, END, 0, END, 0] {
        head.extend(word.to_le_bytes());
    }
    for at in 0..109 {
        head.extend((if at < tables { own + 1 + at } else { u32::MAX }).to_le_bytes());
    }
    let entry = |name: &str, kind: u8, child: u32, start: u32, length: u32| {
        let mut out: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let named = if name.is_empty() { 0 } else { out.len() as u16 + 2 };
        out.resize(64, 0);
        out.extend(named.to_le_bytes());
        out.extend([kind, 1]);
        for word in [u32::MAX, u32::MAX, child] {
            out.extend(word.to_le_bytes());
        }
        out.extend([0; 36]);
        out.extend(start.to_le_bytes());
        out.extend(length.to_le_bytes());
        out.extend([0; 4]);
        out
    };
    let directory = [
        entry("Root Entry", 5, 1, END, 0),
        entry(name, 2, u32::MAX, 0, length),
        entry("", 0, u32::MAX, 0, 0),
        entry("", 0, u32::MAX, 0, 0),
    ];
    [head, stream, directory.concat(), chain.into_iter().flat_map(u32::to_le_bytes).collect()].concat()
}
