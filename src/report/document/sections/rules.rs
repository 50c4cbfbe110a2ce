//! Lists the rules of the base case.

use super::{Section, Story};
use crate::model::part::Words;
use crate::report::document::block::Block;
use crate::report::document::sections;
use crate::report::document::{rules, rules_margin, tables};
use crate::report::text::shared;

pub const SECTION: Section = Section { slug: "rules", title: Words("Rules in force", "适用规则"), write: blocks };

const HEAD_RULE: Words = Words("Rule", "规则");
const RULES_TEXT: Words = Words(
    "The rules of the base. Where a scenario departs from them, section “{section}” says so. A contract that states its own lines keeps them.",
    "以下为基准情景的规则；情景有所不同之处见“{section}”一节。合同另有约定的账户从其约定。",
);
const RULES_CAPTION: Words = Words("Rules of the base", "基准情景规则");
const RULES_OFF: Words = Words("Not in force: {rules}.", "未启用：{rules}。");

fn blocks(story: &Story<'_>) -> Vec<Block> {
    let (context, facts) = (&story.context, story.context.facts);
    let text = &context.text;
    let Some(base) = facts.programme.scenarios.first() else { return Vec::new() };
    let heads = (text.get(HEAD_RULE), text.get(shared::HEAD_VALUE));
    // what is switched off is named in a sentence, so that the table holds what acts
    let (off, on): (Vec<_>, Vec<_>) =
        rules::rows(context, &base.case).into_iter().partition(|(_, value)| value == text.get(shared::NOT_IN_FORCE));
    let mut out = vec![
        Block::paragraph(text.fill(RULES_TEXT, &[("section", sections::title(text, "scenarios"))])),
        Block::Table(tables::pairs(text.get(RULES_CAPTION), heads, on)),
    ];
    if !off.is_empty() {
        let semicolon = text.get(shared::SEMICOLON);
        let names: Vec<String> = off.into_iter().map(|(name, _)| name).collect();
        out.push(Block::paragraph(text.fill(RULES_OFF, &[("rules", &names.join(semicolon))])));
    }
    out.extend(rules_margin::rulebooks(context));
    out
}
