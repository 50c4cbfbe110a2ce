//! Walks the tags of an OpenDocument sheet before it is read: a cell may be repeated, and a row of repeated cells again.

use super::workbook::{CELLS_MOST, guarded, too_much};
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
}
