//! Tells where the data came from, and what had to be said about it.

use super::{Section, Story};
use crate::model::part::Words;
use crate::report::document::block::{Block, Cell, Column, Table, Tone, figures, words};
use crate::report::document::cells;
use crate::report::names::short;
use crate::report::text::role;

pub const SECTION: Section =
    Section { slug: "lineage", title: Words("Data and where it came from", "数据来源与核对"), write: blocks };

const HEAD_ROLE: Words = Words("Input", "数据");
const HEAD_FILE: Words = Words("File", "文件");
const HEAD_ROWS: Words = Words("Rows", "行数");
const HEAD_USED: Words = Words("Used", "采用");
const HEAD_REJECTED: Words = Words("Rejected", "剔除");
const HEAD_PASSED_OVER: Words = Words("passed over", "跳过");
const HEAD_HASH: Words = Words("SHA-256", "SHA-256");
const LINEAGE_TEXT: Words = Words(
    "Every row of a file is used, rejected or passed over (without a value, a repeated header, a total); the hash identifies the file as it was read.",
    "文件的每一行或被采用，或被剔除，或被跳过（空行、重复表头、合计行）；哈希值用于确认读入的文件。",
);
const LINEAGE_CAPTION: Words = Words("Input files", "输入文件");
const LINEAGE_NOTES: Words = Words("What was filled in, guessed or left out:", "补全、推定或略去的内容：");
const LINEAGE_NO_NOTES: Words = Words("Nothing was filled in, guessed or left out.", "没有补全、推定或略去的内容。");
const LINEAGE_MORE: Words = Words("… and {n} further notes, all in summary.json.", "……另有 {n} 条，均见 summary.json。");

/// How many notes are printed before the rest is counted.
const NOTES: usize = 30;

fn blocks(story: &Story<'_>) -> Vec<Block> {
    let (text, facts) = (&story.context.text, story.context.facts);
    let rows = (facts.lineage.iter())
        .map(|f| {
            let hash = short(&f.sha256);
            vec![
                role::name(text, &f.role).into(),
                f.path.as_str().into(),
                cells::count(f.rows),
                cells::count(f.used),
                cells::count(f.rejected),
                cells::count(f.passed_over),
                Cell::toned(hash, Tone::Code),
            ]
        })
        .collect();
    let columns = vec![
        Column { share: 0, ..words(text.get(HEAD_ROLE), 0) },
        words(text.get(HEAD_FILE), 1),
        figures(text.get(HEAD_ROWS), ""),
        figures(text.get(HEAD_USED), ""),
        figures(text.get(HEAD_REJECTED), ""),
        figures(text.get(HEAD_PASSED_OVER), ""),
        Column { share: 0, ..words(text.get(HEAD_HASH), 0) },
    ];
    let mut out = vec![
        Block::paragraph(text.get(LINEAGE_TEXT)),
        Block::Table(Table { caption: text.get(LINEAGE_CAPTION).into(), columns, rows, ..Table::default() }),
    ];
    if facts.notes.is_empty() {
        out.push(Block::paragraph(text.get(LINEAGE_NO_NOTES)));
        return out;
    }
    out.push(Block::paragraph(text.get(LINEAGE_NOTES)));
    let mut items: Vec<String> = facts.notes.iter().take(NOTES).map(|note| text.note(note).to_string()).collect();
    if facts.notes.len() > NOTES {
        items.push(text.fill(LINEAGE_MORE, &[("n", &(facts.notes.len() - NOTES).to_string())]));
    }
    out.push(Block::List { items });
    out
}
