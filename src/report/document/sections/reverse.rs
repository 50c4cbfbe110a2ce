//! Writes the reverse stress tests that a run answered; left out where it answered none, and the programme has none.

use super::{Section, Story};
use crate::model::part::Words;
use crate::report::charts::reverse;
use crate::report::document::block::Block;
use crate::report::document::reverse::Pages;

pub const SECTION: Section = Section {
    slug: "reverse",
    title: Words("Reverse stress tests: what makes a limit fail", "反向压力测试：限额突破的条件"),
    write: blocks,
};

const TEXT: Words = Words(
    "“Holds up to” and “fails from” are settings that were simulated: the limit holds, or fails, there with the confidence stated, on the same paths.",
    "“满足至”与“突破自”均为实际模拟的设置：在相同路径上，按所列置信水平可确认限额满足或突破。",
);
const NOT_ASKED: Words = Words(
    "The programme states {n} reverse stress tests; this run did not answer them.",
    "方案列有 {n} 项反向压力测试，本次运行未予求解。",
);

fn blocks(story: &Story<'_>) -> Vec<Block> {
    let (facts, text) = (story.context.facts, story.context.text);
    if facts.reverse.is_empty() {
        let asked = facts.programme.reverse.len();
        let said = || Block::Hint { text: text.fill(NOT_ASKED, &[("n", &asked.to_string())]) };
        return if asked > 0 { vec![said()] } else { Vec::new() };
    }
    let pages = Pages { text, currency: story.context.currency(), answers: &facts.reverse };
    let mut out = vec![Block::paragraph(text.get(TEXT)), Block::Table(pages.answers())];
    let charts = story.charts.iter().filter(|chart| reverse::PAINTER.drew(&chart.slug));
    out.extend(facts.reverse.iter().zip(charts).flat_map(|(answer, chart)| pages.test(answer, chart, true)));
    out.extend(pages.broken());
    out
}
