//! Sets out what differs between two programmes and their files.

use super::block::{Cell, Table, Tone, words};
use crate::model::lineage::InputFile;
use crate::model::part::Words;
use crate::model::split::{Differs, What};
use crate::report::names::short;
use crate::report::text::{Text, number, role, source};

pub const HEAD_SOURCE: Words = Words("Source", "来源");
const HEAD_NAME: Words = Words("Key or file", "键或文件");
const NO_FIGURE: Words = Words("No figure", "不影响数字");
const FILE: Words = Words("{path}, {rows} rows, {hash}", "{path}，{rows} 行，{hash}");
const NOTE_MORE: Words = Words("{n} further lines are in the table of differences.", "另有 {n} 行见差异明细表。");

/// The key, or what the file is.
pub fn name(text: &Text, differs: &Differs) -> String {
    match &differs.what {
        What::Key { key, .. } => key.clone(),
        What::File { role, .. } => {
            let name = role::name(text, role);
            if text.zh() { name } else { name.to_lowercase() }
        }
    }
}

/// A row for each of the first so many, with heads for the two sides.
pub fn table(text: &Text, all: &[Differs], [first, second]: [Words; 2], most: usize) -> Table {
    let columns =
        vec![words(text.get(HEAD_SOURCE), 0), words(text.get(HEAD_NAME), 1), words(text.get(first), 1), words(text.get(second), 1)];
    let file = |file: &Option<InputFile>| {
        file.as_ref().map_or("–".to_string(), |file| {
            let hash = short(&file.sha256);
            text.fill(FILE, &[("path", &file.path), ("rows", &number::count(file.rows)), ("hash", hash)])
        })
    };
    let row = |differs: &Differs| -> Vec<Cell> {
        let source = differs.source.map_or(text.get(NO_FIGURE), |source| source::name(text, source));
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".into());
        let (name, [first, second]) = match &differs.what {
            What::Key { key, first, second } => (Cell::toned(key.clone(), Tone::Code), [first, second].map(value)),
            What::File { first, second, .. } => (name(text, differs).into(), [first, second].map(file)),
        };
        vec![source.into(), name, first.into(), second.into()]
    };
    let rows: Vec<Vec<Cell>> = all.iter().take(most).map(row).collect();
    let more = all.len() - rows.len();
    let note = (more > 0).then(|| text.fill(NOTE_MORE, &[("n", &number::count(more as u64))]));
    Table { columns, rows, note, ..Table::default() }
}
