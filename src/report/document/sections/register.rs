//! Writes the early-warning register: the watches of the programme, the findings that are open, the course of figures over the reports.

use super::{Section, Story};
use crate::model::part::Words;
use crate::report::document::block::Block;
use crate::report::document::watches::{findings, watches};

pub const SECTION: Section = Section { slug: "register", title: Words("Early-warning register", "风险预警台账"), write: blocks };

const TEXT: Words = Words(
    "Amber calls for attention, red for action. A level is crossed when the figure lies beyond it with the confidence of the watch, 95% unless the programme says otherwise. A figure that lies within its noise of a level keeps the state it had in the report before.",
    "黄色预警提示关注，红色预警要求采取措施。指标以预警项所定置信水平（方案未另行规定时为 95%）越过阈值，即视为触发；指标与阈值之差在抽样误差之内时，沿用上期状态。",
);
const WATCHES: Words = Words("Watches", "预警项");
const FINDINGS: Words = Words("Findings open, and those closed by this report", "未关闭的预警事项及本期关闭事项");
const NO_FINDINGS: Words = Words("No finding is open.", "没有未关闭的预警事项。");
const NO_REGISTER: Words = Words(
    "This run was given no history of earlier reports, so that its findings have no numbers and no course.",
    "本次运行未提供历史台账，预警事项没有编号，也没有历史走势。",
);
const REGISTER: Words = Words(
    "A finding is opened by a watch that is amber or red, or by a limit that is breached, and keeps its number until it is closed. Reports before this one in the history: {n}.",
    "预警项触发黄色或红色预警，或限额突破时，登记为预警事项，编号在关闭前保持不变。历史台账中本期之前的报告：{n} 期。",
);
const PAST: Words = Words(
    "The history already holds reports of later days. This run is shown as of its own day and was not entered.",
    "历史台账中已有更晚日期的报告。本次运行按其自身日期列示，未登记入账。",
);

fn blocks(story: &Story<'_>) -> Vec<Block> {
    let (context, facts) = (&story.context, story.context.facts);
    let text = &context.text;
    let mut out = Vec::new();
    if !facts.watches.is_empty() {
        let mut table = watches(context);
        table.caption = text.get(WATCHES).into();
        out.extend([Block::paragraph(text.get(TEXT)), Block::Table(table)]);
    }
    let Some(register) = &facts.register else {
        out.extend((!facts.watches.is_empty()).then(|| Block::Hint { text: text.get(NO_REGISTER).into() }));
        return out;
    };
    out.push(Block::paragraph(text.fill(REGISTER, &[("n", &register.reports.to_string())])));
    if register.past {
        out.push(Block::paragraph(text.get(PAST)));
    }
    if register.entry.findings.is_empty() {
        out.push(Block::paragraph(text.get(NO_FINDINGS)));
    } else {
        let mut table = findings(context, &register.entry.findings);
        table.caption = text.get(FINDINGS).into();
        out.push(Block::Table(table));
    }
    out
}
