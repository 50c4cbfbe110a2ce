//! Says one sentence: a section of the tests, which shows that a further one is a file and a line.

use super::{Section, Story};
use crate::model::part::Words;
use crate::report::document::block::Block;

pub const SECTION: Section = Section { slug: "example", title: Words("A section of the tests", "测试用节"), write: blocks };

const TEXT: Words = Words("It has a chart, which it does not place.", "本节有一张图，由其自行声明位置。");

fn blocks(story: &Story<'_>) -> Vec<Block> {
    vec![Block::paragraph(story.context.text.get(TEXT))]
}
