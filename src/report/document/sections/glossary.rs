//! Explains the words of the trade.

use super::{Section, Story};
use crate::model::part::Words;
use crate::report::document::block::{Block, Column, Table, words};
use crate::report::text::glossary as terms;

pub const SECTION: Section = Section { slug: "glossary", title: Words("Glossary", "术语表"), write: blocks };

const HEAD_TERM: Words = Words("Term", "术语");
const HEAD_TERM_OTHER: Words = Words("Chinese", "英文");
const HEAD_MEANING: Words = Words("Meaning", "含义");

fn blocks(story: &Story<'_>) -> Vec<Block> {
    let text = &story.context.text;
    let rows = (terms::TERMS.iter())
        .map(|(term, meaning)| {
            let other = if text.zh() { term.0 } else { term.1 };
            vec![text.get(*term).into(), other.into(), text.get(*meaning).into()]
        })
        .collect();
    let columns = vec![
        Column { share: 0, ..words(text.get(HEAD_TERM), 0) },
        Column { share: 0, ..words(text.get(HEAD_TERM_OTHER), 0) },
        words(text.get(HEAD_MEANING), 1),
    ];
    vec![Block::Table(Table { caption: text.get(SECTION.title).into(), columns, rows, ..Table::default() })]
}
