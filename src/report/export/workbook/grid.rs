//! Lays tables on a sheet: a row of heads, each figure beside its standard error and the ends of its interval, notes below.
//!
//! A sheet has 1,048,576 rows and 16,384 columns: what a table has beyond them is cut, and a note says so.

use super::style::{Side, Style, code};
use crate::model::part::Words;
use crate::report::document::block::{Cell, Number, Shown, Table, Tone};
use crate::report::export::frame::harmless;
use crate::report::text::Text;
use crate::report::text::number::{self, decimals_for_error};
use rust_xlsxwriter::{Format, FormatAlign, IgnoreError, Worksheet, XlsxError};
use std::collections::BTreeMap;

const STD_ERROR: Words = Words("{head}: std. error", "{head}：标准误");
const LOW: Words = Words("{head}: lower end", "{head}：下限");
const HIGH: Words = Words("{head}: upper end", "{head}：上限");
const IN_UNIT: Words = Words("{head} ({unit})", "{head}（{unit}）");
const MORE_ROWS: Words = Words("{n} further rows have no room on this sheet; {where}.", "本表另有 {n} 行超出工作表容量；{where}。");
const MORE_COLUMNS: Words = Words("{n} further columns have no room on this sheet; {where}.", "本表另有 {n} 列超出工作表容量；{where}。");

const MORE_TABLES: Words = Words("{n} further tables have no room on this sheet; {where}.", "另有 {n} 个表超出工作表容量；{where}。");

/// What a sheet holds at most.
#[derive(Clone, Copy)]
pub struct Room {
    pub rows: usize,
    pub columns: usize,
}

impl Room {
    /// Of the format itself.
    pub const SHEET: Room = Room { rows: 1_048_576, columns: 16_384 };
}

/// Rows kept free for what stands around a table: its caption, heads, notes.
const AROUND: usize = 8;
/// The longest text of a cell.
const LONGEST: usize = 32_767;
/// Widths of columns in characters.
const NARROWEST: usize = 9;
const WIDEST: usize = 46;
/// A Chinese head is kept on one line up to this width.
const LONGEST_HEAD: usize = 24;
/// Width of words that run across columns.
const WIDEST_LINE: usize = 120;
/// Points of a line of text, and of a title.
const LINE: f64 = 14.5;
const TITLE: f64 = 22.0;
/// The most lines of a row: spreadsheets have no higher ones.
const LINES: usize = 28;

/// A sheet that is being filled from the top.
pub struct Grid<'s> {
    pub sheet: &'s mut Worksheet,
    pub text: Text,
    pub style: &'s Style,
    pub room: Room,
    row: usize,
    widths: Vec<usize>,
    /// What runs across all columns, set when their widths are known.
    across: Vec<(usize, usize, String, Format)>,
    /// Words that may take several lines in their own cell, by row and column.
    long: Vec<(usize, usize, String)>,
}

/// A part of a figure that has a column of its own.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Value,
    Error,
    Low,
    High,
}

impl Part {
    fn of(self, number: &Number) -> Option<f64> {
        match self {
            Part::Value => number.value,
            Part::Error => number.std_error,
            Part::Low => number.low,
            Part::High => number.high,
        }
        .filter(|figure| figure.is_finite())
    }
}

/// A column of the sheet: the table's column it comes from, and the part of its figures.
struct Laid {
    column: usize,
    part: Part,
    /// The first of its column: it has the words where a cell holds no figure.
    leads: bool,
}

impl<'s> Grid<'s> {
    pub fn new(sheet: &'s mut Worksheet, text: Text, style: &'s Style, room: Room) -> Self {
        Grid { sheet, text, style, room, row: 0, widths: Vec::new(), across: Vec::new(), long: Vec::new() }
    }

    /// The line on top of a sheet.
    pub fn title(&mut self, title: &str) -> Result<(), XlsxError> {
        self.sheet.set_row_height(self.row as u32, TITLE)?;
        self.line(title, &self.style.title())
    }

    /// A line that runs on over empty cells.
    pub fn line(&mut self, line: &str, format: &Format) -> Result<(), XlsxError> {
        self.sheet.write_string_with_format(self.row as u32, 0, safe(line), format)?;
        self.row += 1;
        Ok(())
    }

    pub fn gap(&mut self) {
        self.row += 1;
    }

    /// Words beside a head, over all further columns.
    pub fn answer(&mut self, head: &str, words: &str) -> Result<(), XlsxError> {
        let format = self.style.words(Tone::Strong, Side::Left, is_guarded(head)).set_align(FormatAlign::Top);
        self.sheet.write_string_with_format(self.row as u32, 0, safe(head), &format)?;
        self.widen(0, width(head));
        self.across.push((
            self.row,
            1,
            words.to_string(),
            self.style.words(Tone::Plain, Side::Indented, is_guarded(words)).set_align(FormatAlign::Top),
        ));
        self.row += 1;
        Ok(())
    }

    /// A table below what stands already; `elsewhere` says where rows are that have no room. Gives the row of its heads.
    pub fn table(&mut self, table: &Table, elsewhere: &str) -> Result<usize, XlsxError> {
        if !table.caption.is_empty() {
            self.line(&table.caption, &self.style.caption())?;
        }
        let all = laid(table);
        let laid = &all[..all.len().min(self.room.columns)];
        let heads = self.row;
        for (at, column) in laid.iter().enumerate() {
            let head = self.head(table, column);
            let figures = table.columns[column.column].align == "right";
            let format = self.style.head(Side::of_column(at, figures));
            self.sheet.write_string_with_format(self.row as u32, at as u16, safe(&head), &format)?;
            self.long.push((self.row, at, head.clone()));
            self.widen(at, head_width(&head));
        }
        self.row += 1;
        let free = self.room.rows.saturating_sub(self.row + AROUND);
        for cells in table.rows.iter().take(free) {
            for (at, column) in laid.iter().enumerate() {
                let figures = table.columns[column.column].align == "right";
                if let Some(cell) = cells.get(column.column) {
                    self.cell(at, column, cell, figures)?;
                }
            }
            self.row += 1;
        }
        let mut notes: Vec<String> = table.note.iter().cloned().collect();
        let (rows, columns) = (table.rows.len().saturating_sub(free), all.len() - laid.len());
        for (more, sentence) in [(rows, MORE_ROWS), (columns, MORE_COLUMNS)] {
            if more > 0 {
                notes.push(self.text.fill(sentence, &[("n", &number::count(more as u64)), ("where", elsewhere)]));
            }
        }
        for note in notes {
            self.across.push((self.row, 0, note, self.style.note()));
            self.row += 1;
        }
        Ok(heads)
    }

    /// Keeps the heads of a table in sight when its rows are scrolled, and lets rows be picked by them.
    pub fn keep_heads(&mut self, heads: usize, rows: usize) -> Result<(), XlsxError> {
        let (first, last) = (heads as u32, (heads + rows).min(self.room.rows - 1) as u32);
        self.sheet.set_freeze_panes(first + 1, 1)?;
        self.sheet.autofilter(first, 0, last, self.widths.len().saturating_sub(1) as u16)?;
        self.sheet.set_repeat_rows(first, first)?;
        Ok(())
    }

    /// What is to run across all columns.
    #[cfg(test)]
    pub fn said(&self) -> impl Iterator<Item = &str> {
        self.across.iter().map(|(_, _, words, _)| words.as_str())
    }

    /// Says that so many tables have no room.
    pub fn left_out(&mut self, tables: usize, elsewhere: &str) {
        let said = self.text.fill(MORE_TABLES, &[("n", &number::count(tables as u64)), ("where", elsewhere)]);
        self.across.push((self.row, 0, said, self.style.note()));
        self.row += 1;
    }

    /// Whether the sheet is full: no further table has room.
    pub fn is_full(&self) -> bool {
        self.row + 2 * AROUND > self.room.rows
    }

    /// Sets widths, and what runs across all columns.
    pub fn finish(self) -> Result<(), XlsxError> {
        // names of clients and symbols are often digits, and no mistake
        let (rows, columns) = (self.row.max(1) as u32, self.widths.len().max(1) as u16);
        self.sheet.ignore_error_range(0, 0, rows - 1, columns - 1, IgnoreError::NumberStoredAsText)?;
        let widths: Vec<usize> = self.widths.iter().map(|width| (*width + 2).clamp(NARROWEST, WIDEST)).collect();
        for (column, width) in widths.iter().enumerate() {
            self.sheet.set_column_width(column as u16, *width as f64)?;
        }
        let mut heights: BTreeMap<usize, usize> = BTreeMap::new();
        for (row, column, words) in &self.long {
            let height = heights.entry(*row).or_insert(1);
            *height = (*height).max(lines(words, widths[*column]));
        }
        for (row, lines) in heights.into_iter().filter(|(_, lines)| *lines > 1) {
            self.sheet.set_row_height(row as u32, LINE * lines.min(LINES) as f64)?;
        }
        for (row, from, words, format) in self.across {
            // as many columns as make a line that is read without moving the sheet
            let mut wide = 0;
            let enough = |width: &usize| {
                wide += width;
                wide >= WIDEST_LINE
            };
            let joined = widths.iter().skip(from).position(enough).map_or(widths.len().saturating_sub(from), |at| at + 1);
            let lines = lines(&words, wide.max(NARROWEST));
            if let Some(last) = (from + joined).checked_sub(1).filter(|last| *last > from) {
                self.sheet.merge_range(row as u32, from as u16, row as u32, last as u16, safe(&words).as_str(), &format)?;
            } else {
                self.sheet.write_string_with_format(row as u32, from as u16, safe(&words), &format)?;
            }
            self.sheet.set_row_height(row as u32, LINE * lines.min(LINES) as f64)?;
        }
        Ok(())
    }

    fn head(&self, table: &Table, laid: &Laid) -> String {
        let column = &table.columns[laid.column];
        let part = match laid.part {
            Part::Value => None,
            Part::Error => Some(STD_ERROR),
            Part::Low => Some(LOW),
            Part::High => Some(HIGH),
        };
        let head = part.map_or(column.head.clone(), |part| self.text.fill(part, &[("head", &column.head)]));
        // the sign of per cent stands in every cell
        if column.unit.is_empty() || column.unit == "%" {
            head
        } else {
            self.text.fill(IN_UNIT, &[("head", &head), ("unit", &column.unit)])
        }
    }

    fn cell(&mut self, at: usize, laid: &Laid, cell: &Cell, figures: bool) -> Result<(), XlsxError> {
        let (row, column) = (self.row as u32, at as u16);
        let side = Side::of_column(at, figures);
        let figure = cell.number.as_ref().and_then(|number| Some((laid.part.of(number)?, &number.shown)));
        if let Some((figure, shown)) = figure {
            let decimals = decimals(laid.part, figure, shown);
            // what marks a value does not mark its error
            let plain = Shown { before: String::new(), after: String::new(), ..shown.clone() };
            let is_sum = shown.before.contains(char::is_alphabetic) || shown.after.contains(char::is_alphabetic);
            let shown = if laid.part == Part::Value || is_sum { shown } else { &plain };
            let tone = if laid.part == Part::Value { cell.tone } else { Tone::Plain };
            self.sheet.write_number_with_format(row, column, figure, &self.style.number(tone, side, &code(shown, decimals)))?;
            let scaled = if shown.percent { figure * 100.0 } else { figure };
            let signs = width(&shown.before) + width(&shown.after) + usize::from(shown.percent);
            self.widen(at, number::grouped(scaled, decimals).chars().count() + signs);
            return Ok(());
        }
        let format = |words: &str, tone: Tone| self.style.words(tone, side, is_guarded(words));
        let is_told = laid.leads && cell.number.as_ref().is_none_or(|number| laid.part == Part::Value && number.value.is_none());
        // a dash says that there is no figure, and so does an empty cell
        let words = if !is_told || (figures && cell.text == "–") { "" } else { cell.text.as_str() };
        if words.is_empty() {
            self.sheet.write_blank(row, column, &format("", Tone::Plain))?;
        } else {
            self.sheet.write_string_with_format(row, column, safe(words), &format(words, cell.tone))?;
            self.widen(at, width(words));
            if width(words) > WIDEST - 3 {
                self.long.push((self.row, at, words.to_string()));
            }
        }
        Ok(())
    }

    fn widen(&mut self, column: usize, width: usize) {
        if self.widths.len() <= column {
            self.widths.resize(column + 1, 0);
        }
        self.widths[column] = self.widths[column].max(width);
    }
}

/// The columns a table takes: of each of its own those parts that any of its cells has.
fn laid(table: &Table) -> Vec<Laid> {
    let has = |column: usize, part: Part| {
        let numbers = table.rows.iter().filter_map(|row| row.get(column)?.number.as_ref());
        numbers.into_iter().any(|number| part.of(number).is_some())
    };
    let mut out = Vec::new();
    for column in 0..table.columns.len() {
        let found = [Part::Value, Part::Error, Part::Low, Part::High].into_iter().filter(|part| has(column, *part));
        let mut parts: Vec<Part> = found.collect();
        if parts.is_empty() {
            parts.push(Part::Value);
        }
        out.extend(parts.into_iter().enumerate().map(|(at, part)| Laid { column, part, leads: at == 0 }));
    }
    out
}

/// An error is shown to its first digit, whatever its value is rounded to.
fn decimals(part: Part, figure: f64, shown: &Shown) -> usize {
    match part {
        Part::Value => shown.decimals,
        _ => shown.decimals.max(decimals_for_error(if shown.percent { figure * 100.0 } else { figure }).min(6)),
    }
}

/// What a spreadsheet would take for a formula once it is edited.
fn is_guarded(words: &str) -> bool {
    harmless(words) != words
}

/// A text no longer than a cell may hold.
fn safe(words: &str) -> String {
    if words.encode_utf16().count() <= LONGEST {
        return words.to_string();
    }
    let mut units = 0;
    let fits = |c: &char| {
        units += c.len_utf16();
        units < LONGEST
    };
    words.chars().take_while(fits).chain(['…']).collect()
}

/// Lines that words take in a cell so wide, a little more rather than less: fonts differ.
fn lines(words: &str, wide: usize) -> usize {
    let room = wide.saturating_sub(1).max(1);
    let of_line = |line: &str| {
        let (mut lines, mut at) = (1, 0);
        for word in line.split_inclusive(' ') {
            let breaks_anywhere = word.chars().any(|c| c >= '\u{2E80}');
            let own = width(word) * 21 / 20;
            if !breaks_anywhere && own <= room && at + own > room + 1 {
                (lines, at) = (lines + 1, own);
            } else {
                at += own;
                lines += at.saturating_sub(1) / room;
                at = if at == 0 { 0 } else { (at - 1) % room + 1 };
            }
        }
        lines
    };
    words.lines().map(of_line).sum::<usize>().max(1)
}

/// Columns a text takes: a Chinese character two.
fn width(text: &str) -> usize {
    text.chars().map(|c| if c >= '\u{2E80}' { 2 } else { 1 }).sum()
}

/// The width a head asks for: English breaks between words into lines, a short Chinese head is kept on one.
fn head_width(head: &str) -> usize {
    let (all, is_chinese) = (width(head), head.chars().any(|c| c >= '\u{2E80}'));
    match (is_chinese, all <= LONGEST_HEAD) {
        (true, true) => all,
        (true, false) => all.div_ceil(2) + 2,
        (false, _) => head.split(' ').map(width).max().unwrap_or(0).max(all.div_ceil(3)),
    }
}
