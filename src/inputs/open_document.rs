//! Walks the tags of an OpenDocument sheet: what it spans, before it is read, and how it shows its rows and cells.
//!
//! A cell may be repeated, and a row of repeated cells again. A number in per cent is of a type of its own, and merged cells and
//! hidden rows are told by attributes.

use super::looks::{Block, Looks, attribute};
use super::sheet_bounds::{CELLS_MOST, guarded, too_much};
use crate::problem::Problem;
use quick_xml::Reader;
use quick_xml::events::Event;
use std::io::{BufRead, BufReader, Cursor};

/// Rows and columns of one sheet.
const ROWS_MOST: u64 = 1 << 20;
const COLUMNS_MOST: u64 = 1 << 14;

/// Refuses a document whose sheets span more cells than fit the memory.
pub fn within_bounds(file: &str, bytes: &[u8]) -> Result<(), Problem> {
    let cells = guarded(file, || {
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| e.to_string())?;
        let content = archive.by_name("content.xml").map_err(|e| e.to_string())?;
        span(BufReader::new(content))
    })?;
    match cells > CELLS_MOST as u64 {
        true => Err(too_much(file, format!("its sheets span {cells} cells"), "the sheets of an .ods file span at most 20,000,000 cells")),
        false => Ok(()),
    }
}

/// How often an element is repeated.
fn repeated(event: &quick_xml::events::BytesStart<'_>, by: &str) -> u64 {
    let value = event.attributes().flatten().find(|a| a.key.as_ref() == by).map(|a| a.value.to_string());
    value.and_then(|v| v.parse().ok()).unwrap_or(1)
}

/// The cells that all sheets together span, each from its first row and column to its last that holds something.
fn span(content: impl BufRead) -> Result<u64, String> {
    let mut reader = Reader::from_reader(content);
    let mut buffer = Vec::new();
    let (mut all, mut rows, mut last_row, mut widest) = (0_u64, 0_u64, 0_u64, 0_u64);
    let (mut row_repeats, mut column, mut last_column) = (1_u64, 0_u64, 0_u64);
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer).map_err(|e| e.to_string())?;
        let is_start = matches!(event, Event::Start(_));
        match &event {
            Event::Start(tag) | Event::Empty(tag) => match tag.name().as_ref() {
                "table:table" => (rows, last_row, widest) = (0, 0, 0),
                "table:table-row" => {
                    row_repeats = repeated(tag, "table:number-rows-repeated").min(ROWS_MOST);
                    (column, last_column) = (0, 0);
                    if !is_start {
                        rows += row_repeats;
                    }
                }
                "table:table-cell" | "table:covered-table-cell" => {
                    column = column.saturating_add(repeated(tag, "table:number-columns-repeated")).min(COLUMNS_MOST);
                    let holds = is_start || tag.attributes().flatten().any(|a| a.key.as_ref().starts_with("office:"));
                    if holds {
                        last_column = column;
                    }
                }
                _ => {}
            },
            Event::End(tag) => match tag.name().as_ref() {
                "table:table-row" => {
                    rows = rows.saturating_add(row_repeats).min(ROWS_MOST);
                    if last_column > 0 {
                        (last_row, widest) = (rows, widest.max(last_column));
                    }
                }
                "table:table" => all = all.saturating_add(last_row.saturating_mul(widest)),
                _ => {}
            },
            Event::Eof => return Ok(all),
            _ => {}
        }
    }
}

/// How the sheet of a name is shown.
pub fn looks(bytes: &[u8], sheet: &str) -> Result<Looks, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| e.to_string())?;
    shown(BufReader::new(archive.by_name("content.xml").map_err(|e| e.to_string())?), sheet)
}

fn shown(content: impl BufRead, sheet: &str) -> Result<Looks, String> {
    let mut reader = Reader::from_reader(content);
    let (mut buffer, mut looks) = (Vec::new(), Looks::default());
    let (mut here, mut rows, mut column) = (false, (0, 0), 0);
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer).map_err(|e| e.to_string())?;
        let (Event::Start(tag) | Event::Empty(tag)) = &event else {
            if matches!(event, Event::Eof) {
                return Ok(looks);
            }
            continue;
        };
        match tag.name().as_ref() {
            "table:table" => (here, rows) = (attribute(tag, "name").as_deref() == Some(sheet), (0, 0)),
            "table:table-row" if here => {
                let repeats = repeated(tag, "table:number-rows-repeated").clamp(1, ROWS_MOST) as usize;
                (rows, column) = ((rows.1 + 1, rows.1 + repeats), 0);
                if attribute(tag, "visibility").is_some_and(|v| v == "collapse" || v == "filter") {
                    looks.hidden.push(rows);
                }
            }
            "table:table-cell" | "table:covered-table-cell" if here => {
                let repeats = repeated(tag, "table:number-columns-repeated").clamp(1, COLUMNS_MOST) as usize;
                if attribute(tag, "value-type").as_deref() == Some("percentage") {
                    looks.percent.push(Block { rows, columns: (column, column + repeats - 1) });
                }
                let down = repeated(tag, "table:number-rows-spanned").clamp(1, ROWS_MOST) as usize;
                let across = repeated(tag, "table:number-columns-spanned").clamp(1, COLUMNS_MOST) as usize;
                if down > 1 || across > 1 {
                    looks.merged.push(Block { rows: (rows.0, rows.0 + down - 1), columns: (column, column + across - 1) });
                }
                column += repeats;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_cells_count_as_often_as_they_stand() {
        let sheet = |rows: &str| format!("<a><table:table>{rows}</table:table></a>");
        let cell = "<table:table-cell office:value-type=\"float\" office:value=\"1\" table:number-columns-repeated=\"5\"/>";
        let blank = "<table:table-cell table:number-columns-repeated=\"16384\"/>";
        let row =
            |repeats: u64, cells: &str| format!("<table:table-row table:number-rows-repeated=\"{repeats}\">{cells}</table:table-row>");
        let of = |rows: &[String]| span(sheet(&rows.concat()).as_bytes()).unwrap();
        assert_eq!(of(&[row(3, cell), row(1_048_573, blank)]), 15, "blank cells at the end are none");
        assert_eq!(of(&[row(1, cell), row(1000, blank), row(1, cell)]), 1002 * 5);
        assert_eq!(of(&[row(u64::MAX, &format!("{blank}{cell}"))]), ROWS_MOST * COLUMNS_MOST);
    }

    #[test]
    fn hidden_rows_merged_cells_and_per_cent_are_told() {
        let text = "<a><table:table table:name=\"b\"><table:table-row table:visibility=\"collapse\"/></table:table>\
             <table:table table:name=\"a &amp; b\"><table:table-row table:number-rows-repeated=\"2\"><table:table-cell/>\
             <table:table-cell office:value-type=\"percentage\" table:number-columns-repeated=\"2\"/></table:table-row>\
             <table:table-row table:visibility=\"filter\"><table:table-cell table:number-rows-spanned=\"3\" table:number-columns-spanned=\"1\"/>\
             </table:table-row></table:table></a>";
        let looks = shown(text.as_bytes(), "a & b").unwrap();
        assert_eq!(looks.hidden, [(3, 3)]);
        assert_eq!(looks.percent, [Block { rows: (1, 2), columns: (1, 2) }]);
        assert_eq!(looks.merged, [Block { rows: (3, 5), columns: (0, 0) }]);
    }
}
