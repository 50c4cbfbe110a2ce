//! Shows each test of a limit, and leaves room for what is decided.

use super::{Section, Story};
use crate::model::part::Words;
use crate::report::document::block::{Block, Cell, Table, words};
use crate::report::document::limits::{each_test, is_open, limits_table, verdict_word};
use crate::report::text::number::{self};
use crate::report::text::{measure, shared};

pub const SECTION: Section = Section { slug: "limits", title: Words("Limits and actions", "限额与措施"), write: blocks };

const HEAD_ACTION: Words = Words("Action decided", "决定措施");
const HEAD_OWNER: Words = Words("Owner", "责任人");
const HEAD_DUE: Words = Words("Due", "期限");
const ACTIONS_TEXT: Words = Words(
    "Each breach and each undecided test needs a decision; the programme records none, so they are left for the committee to enter.",
    "每项突破与未定均须作出决定；方案未载明措施，留待委员会填写。",
);
const ACTIONS_CAPTION: Words = Words("Actions on limits", "限额措施");
const ACTIONS_NONE: Words = Words("No limit is breached or undecided: no action is due.", "没有限额突破或未定，无须采取措施。");
const ACTION_ITEM: Words = Words("{measure}, {scenario}: {verdict}", "{measure}，{scenario}：{verdict}");
const LIMITS_TEXT: Words = Words(
    "A test passes when the figure keeps to its side of the limit with the confidence stated, is breached when it lies on the other side with that confidence, and is undecided between the two: more paths would decide it. A loss that no path shows counts by its bound: of n paths at most some 3/n may show it, with all claims lost; a figure without a bound is undecided.",
    "若结果以所述置信度处于限额允许的一侧，则为通过；以该置信度处于另一侧，则为突破；介于两者之间为未定，增加路径可予判定。所有路径均未出现的损失按其上界计：其出现概率至多约为路径数之三倍倒数，损失至多为全部债权；无上界的指标为未定。",
);
const LIMITS_JOINT: Words = Words(
    "Each verdict holds with its own confidence. All {n} tests on sampled paths together are right with a confidence of at least {joint} (Bonferroni); at {each} each it would be 95%.",
    "各项结论各以其置信度成立。{n} 项基于抽样路径的检验同时正确的置信度不低于 {joint}（邦费罗尼不等式）；若每项取 {each}，则整体为 95%。",
);
const LIMITS_CAPTION: Words = Words("All limit tests", "全部限额检验");
const LIMITS_NONE: Words = Words("The programme states no limits.", "方案未设限额。");

fn blocks(story: &Story<'_>) -> Vec<Block> {
    let context = &story.context;
    let text = &context.text;
    let all = each_test(context);
    if all.is_empty() {
        return vec![Block::paragraph(text.get(LIMITS_NONE))];
    }
    let mut table = limits_table(context, &all);
    table.caption = text.get(LIMITS_CAPTION).into();
    let mut out = vec![Block::paragraph(text.get(LIMITS_TEXT)), Block::Table(table)];
    out.extend(story.chart("limit-use"));
    let joint = crate::study::limits::joint(&context.facts.limits);
    if let Some(each) = joint.each_for_95 {
        let values = [("n", &number::count(joint.tests as u64)), ("joint", &number::line(joint.confidence)), ("each", &number::line(each))];
        out.push(Block::paragraph(text.fill(LIMITS_JOINT, &values.map(|(key, value)| (key, value.as_str())))));
    }
    let open: Vec<_> = all.iter().map(|row| row.result).filter(|l| is_open(l.verdict)).collect();
    if open.is_empty() {
        out.push(Block::paragraph(text.get(ACTIONS_NONE)));
        return out;
    }
    let rows = (open.iter())
        .map(|l| {
            let verdict = text.get(verdict_word(l.verdict));
            let name = measure::name(text, &l.measure);
            let item = text.fill(ACTION_ITEM, &[("measure", &name), ("scenario", &context.scenario(&l.scenario)), ("verdict", verdict)]);
            vec![Cell::toned(item, l.verdict.into()), "".into(), "".into(), "".into()]
        })
        .collect();
    let columns = vec![
        words(text.get(shared::HEAD_ITEM), 4),
        words(text.get(HEAD_ACTION), 4),
        words(text.get(HEAD_OWNER), 2),
        words(text.get(HEAD_DUE), 2),
    ];
    out.push(Block::paragraph(text.get(ACTIONS_TEXT)));
    out.push(Block::Table(Table { caption: text.get(ACTIONS_CAPTION).into(), columns, rows, tall: true, ..Table::default() }));
    out
}
