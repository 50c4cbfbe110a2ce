//! Writes what changed since an earlier report, scenario by scenario, with the error of the change.

use super::{Section, Story};
use crate::measures::Estimates;
use crate::model::part::Words;
use crate::report::document::block::Block;
use crate::report::document::tables::{self, asked};
use crate::report::facts::ScenarioFacts;
use crate::report::text::{number, shared};

pub const SECTION: Section =
    Section { slug: "change", title: Words("Change since the earlier report", "较前期报告的变化"), write: blocks };

const CHANGE_NONE: Words = Words(
    "The run names no earlier report (--previous, or [report] previous): nothing is said of change.",
    "本次运行未指明前期报告，不评价变化。",
);
const CHANGE_TEXT: Words = Words(
    "This run less “{name}” as of {date} (run {id}). Two reports hold no common paths: the errors of both are taken as independent, and a change of more than two standard errors is not noise. Of {n} figures {judged} can be judged; {moved} of them moved by more than four standard errors.",
    "本次结果减去 {date} 的“{name}”（运行编号 {id}）。两份报告没有共同路径，误差按相互独立处理；变化超过两倍标准误的不是噪声。共 {n} 项数字，{judged} 项可作判断，其中 {moved} 项变化超过四倍标准误。",
);
const CHANGE_CAPTION: Words = Words("Change since the earlier report", "较前期报告的变化");
const CHANGE_MISSING: Words = Words("Not in the earlier report: {scenarios}.", "前期报告中没有的情景：{scenarios}。");

fn blocks(story: &Story<'_>) -> Vec<Block> {
    let (context, facts) = (&story.context, story.context.facts);
    let text = &context.text;
    let Some(previous) = &facts.previous else { return vec![Block::Hint { text: text.get(CHANGE_NONE).into() }] };
    let id: String = previous.programme_hash.chars().take(12).collect();
    let told = text.fill(
        CHANGE_TEXT,
        &[
            ("name", &previous.name),
            ("date", &previous.as_of),
            ("id", &id),
            ("n", &number::count(previous.figures as u64)),
            ("judged", &number::count(previous.judged as u64)),
            ("moved", &number::count(previous.moved as u64)),
        ],
    );
    let mut out = vec![Block::paragraph(told)];
    let (held, lacking): (Vec<&ScenarioFacts>, Vec<&ScenarioFacts>) = facts.scenarios.iter().partition(|s| !s.change.is_empty());
    let heads = [
        asked(context, shared::HEAD_POOL_MEAN, "pool_loss.mean"),
        asked(context, shared::HEAD_VAR, "pool_loss.var_99"),
        asked(context, shared::HEAD_ES, "pool_loss.es_99"),
        asked(context, shared::HEAD_CALLED, "call_rate"),
        asked(context, shared::HEAD_LIQUIDATED, "liquidation_rate"),
        asked(context, shared::HEAD_SHORTFALL, "shortfall.probability"),
    ];
    if !held.is_empty() {
        let rows = held.iter().map(|s| (*s, &s.change as &Estimates));
        let mut table = tables::by_scenario(context, rows, &heads, false);
        table.caption = text.get(CHANGE_CAPTION).into();
        out.push(Block::Table(table));
    }
    if !lacking.is_empty() {
        let names: Vec<String> = lacking.iter().map(|s| context.scenario(&s.name)).collect();
        out.push(Block::paragraph(text.fill(CHANGE_MISSING, &[("scenarios", &text.list(&names))])));
    }
    out
}
