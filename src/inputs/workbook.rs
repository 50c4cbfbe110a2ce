//! Reads the cells of a workbook's sheets as the workbook means them: values, days of its own epoch, errors by name.
//!
//! A formula counts by the value stored beside it. What a damaged or malicious workbook could ask for is bounded before it is
//! read: what its parts unpack to, and how many cells a sheet spans.

use super::compound;
use super::looks::{self, Block, Looks};
use super::open_document;
use super::sheet_bounds::{CELLS_MOST, guarded, too_much};
use crate::problem::Problem;
use calamine::{Data, DataRef, ExcelDateTime, Ods, Reader, SheetType, SheetVisible, Xls, Xlsx};
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::sync::Arc;

/// The kind of a workbook.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Xlsx,
    Xls,
    Ods,
}

/// The largest workbook, what its parts unpack to, and the cells of one sheet.
const FILE_BYTES_MOST: usize = 256 << 20;
const UNPACKED_BYTES_MOST: u64 = 2 << 30;
/// Where a part says how many texts it holds, and the least that one of them takes.
const HEAD_BYTES: u64 = 4096;
const TEXT_BYTES: u64 = 5;
/// Whole numbers from here on have lost digits: a spreadsheet keeps fifteen.
pub const DIGITS: f64 = 1e15;

impl Kind {
    /// In English and Chinese.
    pub fn name(self) -> (&'static str, &'static str) {
        match self {
            Kind::Xlsx => ("an Excel workbook (.xlsx)", "Excel 工作簿（.xlsx）"),
            Kind::Xls => ("an Excel workbook (.xls)", "Excel 工作簿（.xls）"),
            Kind::Ods => ("an OpenDocument spreadsheet", "OpenDocument 电子表格"),
        }
    }

    /// What a ZIP archive holds, where it is a workbook.
    pub fn of_archive(bytes: &[u8]) -> Option<Kind> {
        let archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
        let names: Vec<String> = archive.file_names().flatten().map(|name| name.into_owned()).collect();
        let has = |name: &str| names.iter().any(|n| n == name);
        match () {
            _ if has("content.xml") && has("mimetype") => Some(Kind::Ods),
            _ if names.iter().any(|n| n.starts_with("xl/") && n.ends_with(".xml")) && !has("xl/workbook.bin") => Some(Kind::Xlsx),
            _ => None,
        }
    }
}

/// What a cell holds.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    Text(String),
    Number(f64, Shown),
    Bool(bool),
    /// `2015-06-12`, or with a time of day behind it.
    Day(String),
    Error(String),
    /// A formula without a stored value.
    Unvalued,
}

/// How a number is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shown {
    Plain,
    Percent,
    /// With zeros in front, up to so many digits.
    Padded(u8),
    /// In thousands or ten thousands, while the cell holds ones.
    Scaled,
}

impl Value {
    /// The cell as text; a number without more marks than it has.
    pub fn text(&self) -> String {
        match self {
            Value::Text(text) | Value::Day(text) | Value::Error(text) => text.clone(),
            Value::Number(v, Shown::Padded(digits)) if v.fract() == 0.0 => format!("{v:0width$}", width = *digits as usize),
            Value::Number(v, _) => format!("{v}"),
            Value::Bool(v) => v.to_string(),
            Value::Unvalued => String::new(),
        }
    }
}

/// A row of a sheet: its number from 1, and its cells that hold something, by column from 0.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    pub number: usize,
    pub cells: Vec<(usize, Value)>,
}

impl Row {
    pub fn cell(&self, column: usize) -> Option<&Value> {
        self.cells.binary_search_by_key(&column, |(at, _)| *at).ok().map(|at| &self.cells[at].1)
    }
}

/// A sheet as read, or the top of one.
#[derive(Default, Debug)]
pub struct Sheet {
    pub rows: Vec<Row>,
    pub merged: Vec<Block>,
    /// First and last of rows that are not shown.
    pub hidden: Vec<(usize, usize)>,
}

/// The file, which its library and the walkers of its tags share.
type Bytes = Cursor<Arc<[u8]>>;

enum Book {
    Xlsx(Box<Xlsx<Bytes>>),
    Xls(Box<Xls<Bytes>>),
    Ods(Box<Ods<Bytes>>),
}

/// A workbook whose sheets are known by name.
pub struct Workbook {
    file: String,
    bytes: Arc<[u8]>,
    book: Book,
    /// Name, and whether it is hidden.
    pub sheets: Vec<(String, bool)>,
    pub counts_from_1904: bool,
    /// Whether the format of a number, per cent for one, is known.
    pub knows_formats: bool,
}

impl Workbook {
    pub fn open(file: &str, kind: Kind, bytes: Vec<u8>) -> Result<Workbook, Problem> {
        if bytes.len() > FILE_BYTES_MOST {
            return Err(too_much(file, format!("has {} bytes", bytes.len()), "a workbook has at most 256 MiB"));
        }
        match kind {
            Kind::Xlsx => unpacks(file, &bytes)?,
            Kind::Ods => {
                unpacks(file, &bytes)?;
                open_document::within_bounds(file, &bytes)?;
            }
            Kind::Xls => compound::within_bounds(file, &bytes)?,
        }
        let bytes: Arc<[u8]> = bytes.into();
        let book = guarded(file, || {
            let cursor = Cursor::new(bytes.clone());
            Ok(match kind {
                Kind::Xlsx => Book::Xlsx(Box::new(Xlsx::new(cursor).map_err(say)?)),
                Kind::Xls => Book::Xls(Box::new(Xls::new(cursor).map_err(say)?)),
                Kind::Ods => Book::Ods(Box::new(Ods::new(cursor).map_err(say)?)),
            })
        })?;
        let (sheets, counts_from_1904) = match &book {
            Book::Xlsx(book) => (book.sheets_metadata(), book.has_1904_epoch()),
            Book::Xls(book) => (book.sheets_metadata(), book.has_1904_epoch()),
            Book::Ods(book) => (book.sheets_metadata(), false),
        };
        let tables = sheets.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
        let sheets = tables.map(|sheet| (sheet.name.clone(), sheet.visible != SheetVisible::Visible)).collect();
        Ok(Workbook { file: file.into(), bytes, book, sheets, counts_from_1904, knows_formats: kind != Kind::Xls })
    }

    /// The rows of a sheet, up to the number given.
    pub fn read(&mut self, sheet: &str, last: usize) -> Result<Sheet, Problem> {
        let file = self.file.clone();
        let whole = last == usize::MAX;
        let read = guarded(&file, || match &mut self.book {
            Book::Xlsx(book) => {
                let looks = if whole { looks::xlsx(&self.bytes, sheet) } else { None };
                let (rows, merged) = xlsx(book, sheet, last)?;
                Ok(Sheet { rows, merged, hidden: looks.unwrap_or_default().hidden })
            }
            Book::Xls(book) => {
                let looks = if whole { compound::looks(&self.bytes, sheet) } else { None };
                let merged = book.merge_cells_by_sheet_name(sheet).unwrap_or_default();
                let merged = merged.iter().map(|m| block_of(m.start, m.end)).collect();
                let rows = in_order(rows_of(&book.worksheet_range(sheet).map_err(say)?, last));
                Ok(Sheet { rows, merged, hidden: looks.unwrap_or_default().hidden })
            }
            Book::Ods(book) => {
                let looks = if whole { open_document::looks(&self.bytes, sheet)? } else { Looks::default() };
                let mut rows = rows_of(&book.worksheet_range(sheet).map_err(say)?, last);
                let formulas = book.worksheet_formula(sheet).map_err(say)?;
                let (top, left) = formulas.start().unwrap_or((0, 0));
                let at = formulas.used_cells().map(|(r, c, _)| (top as usize + r + 1, left as usize + c));
                unvalued(&mut rows, at.filter(|(row, _)| *row <= last));
                looks.percent.iter().for_each(|block| in_percent(&mut rows, block));
                Ok(Sheet { rows: in_order(rows), merged: looks.merged, hidden: looks.hidden })
            }
        })?;
        let cells: usize = read.rows.iter().map(|row| row.cells.len()).fold(0, usize::saturating_add);
        match cells > CELLS_MOST {
            true => Err(too_much(&file, format!("sheet {sheet:?} holds {cells} cells"), "a sheet holds at most 20,000,000 cells")),
            false => Ok(read),
        }
    }
}

fn xlsx(book: &mut Xlsx<Bytes>, sheet: &str, last: usize) -> Result<(Vec<Row>, Vec<Block>), String> {
    let merged = book.merge_cells_by_sheet_name(sheet).map_err(say)?.iter().map(|m| block_of(m.start, m.end)).collect();
    let (mut rows, mut count, mut blank) = (Rows::new(), 0, false);
    {
        let mut cells = book.worksheet_cells_reader(sheet).map_err(say)?;
        let shown: Vec<Shown> = cells.styles().iter().map(|style| shown(style.number_format.as_ref())).collect();
        while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(say)? {
            let (row, column) = cell.get_position();
            if row as usize >= last {
                break;
            }
            if row > 1 << 20 || column >= 1 << 14 {
                return Err(format!("a cell stands in row {row}, column {column}"));
            }
            let shown = shown.get(style).copied().unwrap_or(Shown::Plain);
            let Some(value) = value(&cell.get_value().clone().into(), shown) else {
                blank = true;
                continue;
            };
            place(&mut rows, row as usize + 1, column as usize, value);
            count += 1;
            if count > CELLS_MOST {
                break;
            }
        }
    }
    if blank {
        let mut at = Vec::new();
        let mut cells = book.worksheet_cells_reader(sheet).map_err(say)?;
        while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(say)? {
            if cell.pos.0 as usize >= last || at.len() > CELLS_MOST {
                break;
            }
            if cell.formula.is_some() && matches!(cell.value, DataRef::Empty) {
                at.push((cell.pos.0 as usize + 1, cell.pos.1 as usize));
            }
        }
        unvalued(&mut rows, at.into_iter());
    }
    Ok((in_order(rows), merged))
}

/// Rows by number, each with its cells by column.
type Rows = BTreeMap<usize, Vec<(usize, Value)>>;

/// Puts a cell into its row; the cells of a row nearly always come in order.
fn place(rows: &mut Rows, number: usize, column: usize, value: Value) {
    let cells = rows.entry(number).or_default();
    match cells.last() {
        Some((before, _)) if *before >= column => match cells.binary_search_by_key(&column, |(at, _)| *at) {
            Ok(at) => cells[at].1 = value,
            Err(at) => cells.insert(at, (column, value)),
        },
        _ => cells.push((column, value)),
    }
}

/// Marks formulas that hold no value.
fn unvalued(rows: &mut Rows, formulas: impl Iterator<Item = (usize, usize)>) {
    for (number, column) in formulas {
        let cells = rows.entry(number).or_default();
        if let Err(at) = cells.binary_search_by_key(&column, |(c, _)| *c) {
            cells.insert(at, (column, Value::Unvalued));
        }
    }
}

/// Numbers of a block that are shown in per cent.
fn in_percent(rows: &mut Rows, block: &Block) {
    for (_, cells) in rows.range_mut(block.rows.0..=block.rows.1) {
        let from = cells.partition_point(|(column, _)| *column < block.columns.0);
        for (_, value) in cells[from..].iter_mut().take_while(|(column, _)| *column <= block.columns.1) {
            if let Value::Number(_, shown) = value {
                *shown = Shown::Percent;
            }
        }
    }
}

fn in_order(rows: Rows) -> Vec<Row> {
    rows.into_iter().map(|(number, cells)| Row { number, cells }).collect()
}

fn rows_of(range: &calamine::Range<Data>, last: usize) -> Rows {
    let Some((top, left)) = range.start() else { return Rows::new() };
    let of = |cells: &[Data]| -> Vec<(usize, Value)> {
        cells.iter().enumerate().filter_map(|(c, data)| Some((left as usize + c, value(data, Shown::Plain)?))).collect()
    };
    let rows = range.rows().enumerate().map(|(at, cells)| (top as usize + at + 1, of(cells)));
    rows.take_while(|(number, _)| *number <= last).filter(|(_, cells)| !cells.is_empty()).collect()
}

fn block_of(start: (u32, u32), end: (u32, u32)) -> Block {
    Block { rows: (start.0 as usize + 1, end.0 as usize + 1), columns: (start.1 as usize, end.1 as usize) }
}

/// Errors as spreadsheets show them.
const ERRORS: [&str; 12] =
    ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NUM!", "#NAME?", "#NULL!", "#GETTING_DATA", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!"];

fn value(data: &Data, shown: Shown) -> Option<Value> {
    Some(match data {
        Data::Empty => return None,
        Data::String(text) => {
            let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
            match text {
                "" => return None,
                error if ERRORS.contains(&error) || (error.starts_with("Err:") && error.len() < 9) => Value::Error(error.into()),
                text => Value::Text(text.into()),
            }
        }
        Data::Int(v) => Value::Number(*v as f64, shown),
        Data::Float(v) if v.is_finite() => Value::Number(*v, shown),
        Data::Float(v) => Value::Error(v.to_string()),
        Data::Bool(v) => Value::Bool(*v),
        Data::DateTime(at) => day(at),
        Data::DateTimeIso(text) => Value::Day(text.strip_suffix("T00:00:00").unwrap_or(text).into()),
        Data::DurationIso(text) => Value::Day(text.clone()),
        Data::Error(error) => Value::Error(error.to_string()),
    })
}

fn day(at: &ExcelDateTime) -> Value {
    let (year, month, day, hour, minute, second, milli) = at.to_ymd_hms_milli();
    // a duration, or a time without a day, is none
    match (hour, minute, second, milli) {
        _ if at.is_duration() || at.as_f64() < 1.0 => Value::Day(format!("{hour}:{minute:02}:{second:02}")),
        (0, 0, 0, 0) => Value::Day(format!("{year:04}-{month:02}-{day:02}")),
        _ => Value::Day(format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")),
    }
}

/// How a number of a format is shown: its first section tells, and what stands in quotes does not.
fn shown(format: Option<&calamine::NumberFormat>) -> Shown {
    let Some(format) = format else { return Shown::Plain };
    let code = format.format_code.split(';').next().unwrap_or("");
    let bare: String = code.split('"').step_by(2).collect();
    let zeros = bare.bytes().all(|b| b == b'0') && (2..=18).contains(&bare.len());
    match () {
        _ if bare.replace("\\%", "").contains('%') => Shown::Percent,
        _ if zeros => Shown::Padded(bare.len() as u8),
        _ if is_scaled(&bare) => Shown::Scaled,
        _ => Shown::Plain,
    }
}

/// A comma behind the last digit shows thousands (`#,##0,`), and a mark put in by hand ten thousands (`0!.0,`).
fn is_scaled(code: &str) -> bool {
    let digit = |c: char| matches!(c, '0' | '#' | '?');
    let chars: Vec<char> = code.chars().collect();
    let behind = |at: usize| chars[at..].iter().find(|c| **c != ',').copied();
    code.contains("!.") || (1..chars.len()).any(|at| chars[at] == ',' && digit(chars[at - 1]) && !behind(at).is_some_and(digit))
}

/// Refuses an archive whose parts unpack to more than fits the memory; what its directory says of them is not believed.
fn unpacks(file: &str, bytes: &[u8]) -> Result<(), Problem> {
    let unpacked = guarded(file, || {
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(say)?;
        let mut unpacked = 0_u64;
        for index in 0..archive.len() {
            let mut part = archive.by_index(index).map_err(say)?;
            let name = part.name().map_err(say)?.into_owned();
            if !name.ends_with(".xml") && !name.ends_with(".rels") {
                continue;
            }
            let (before, mut head) = (unpacked, Vec::new());
            (&mut part).take(HEAD_BYTES).read_to_end(&mut head).map_err(say)?;
            unpacked += head.len() as u64;
            unpacked += std::io::copy(&mut part.take(UNPACKED_BYTES_MOST), &mut std::io::sink()).map_err(say)?;
            if unpacked > UNPACKED_BYTES_MOST {
                break;
            }
            let head = String::from_utf8_lossy(&head);
            let stated = head.split("uniqueCount=\"").nth(1).and_then(|rest| rest.split('"').next()?.parse::<u64>().ok());
            if name.ends_with("sharedStrings.xml") && stated.is_some_and(|texts| texts > (unpacked - before) / TEXT_BYTES) {
                return Err("it tells of more texts than it holds".into());
            }
        }
        Ok(unpacked)
    })?;
    match unpacked > UNPACKED_BYTES_MOST {
        true => Err(too_much(file, "unpacks to more than 2 GiB".into(), "the parts of a workbook may unpack to 2 GiB")),
        false => Ok(()),
    }
}

fn say(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// The address of a cell: `D7`.
pub fn address(row: usize, column: usize) -> String {
    let (mut letters, mut rest) = (Vec::new(), column + 1);
    while rest > 0 {
        letters.push(b'A' + ((rest - 1) % 26) as u8);
        rest = (rest - 1) / 26;
    }
    letters.reverse();
    format!("{}{row}", String::from_utf8_lossy(&letters))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_have_addresses() {
        let found = [(1, 0), (7, 3), (2, 25), (3, 26), (4, 701), (5, 702)].map(|(row, column)| address(row, column));
        assert_eq!(found, ["A1", "D7", "Z2", "AA3", "ZZ4", "AAA5"]);
    }

    #[test]
    fn rows_and_cells_out_of_order_are_put_in_order() {
        let mut rows = Rows::new();
        for (row, column, v) in [(2, 1, 1.0), (2, 0, 2.0), (1, 3, 3.0), (2, 1, 4.0)] {
            place(&mut rows, row, column, Value::Number(v, Shown::Plain));
        }
        unvalued(&mut rows, [(1, 3), (1, 1), (3, 0)].into_iter());
        let text = |row: &Row| row.cells.iter().map(|(c, v)| format!("{c}={}", v.text())).collect::<Vec<_>>().join(" ");
        assert_eq!(
            in_order(rows).iter().map(|row| format!("{}: {}", row.number, text(row))).collect::<Vec<_>>(),
            ["1: 1= 3=3", "2: 0=2 1=4", "3: 0="]
        );
    }
}
