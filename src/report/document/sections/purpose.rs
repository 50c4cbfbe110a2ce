//! Tells what the report is for, who owns it, and what it rests on.

use super::{Section, Story};
use crate::model::part::Words;
use crate::report::document;
use crate::report::document::block::{Block, Cell, Table, Tone, words};
use crate::report::document::cells;
use crate::report::names::short;
use crate::report::text::shared;

pub const SECTION: Section =
    Section { slug: "purpose", title: Words("Purpose, scope and ownership", "目的、范围与职责"), write: blocks };

const NOT_STATED: Words = Words("not stated in the programme", "方案中未载明");
const PURPOSE_TEXT: Words = Words(
    "This report tells the risk committee, and a supervisor who receives it, how much the funding pool can lose, how many accounts are warned, called and liquidated, and which tier, client and stock carry the loss, under every scenario of the programme. All scenarios start from the same book on the same date.",
    "本报告向风险委员会及接收报告的监管机构说明：在方案的各个情景下，资金池可能损失多少，多少账户被预警、被追加保证金、被强制平仓，损失由哪一层、哪些客户与哪些证券承担。所有情景均从同一日期的同一账簿出发。",
);
const PURPOSE_REPRODUCE: Words = Words(
    "Every figure follows from the programme, the data files and the program alone: running programme.resolved.toml again on the files whose hashes are given below yields the same summary.json, which is attached to this PDF. For that reason the PDF bears the as-of date as its time stamp, not the time of the run.",
    "所有数字仅由方案、数据文件与程序决定：以下文所列哈希对应的文件重新运行 programme.resolved.toml，即得到相同的 summary.json（已作为附件嵌入本 PDF）。因此本 PDF 的时间戳为基准日，而非运行时刻。",
);
const ITEM_PROGRAMME: Words = Words("Programme", "方案");
const ITEM_INSTITUTION: Words = Words("Institution", "机构");
const ITEM_OWNER: Words = Words("Owner", "负责人");
const ITEM_APPROVER: Words = Words("Approver", "批准人");
const ITEM_AS_OF: Words = Words("As-of date", "基准日");
const ITEM_HORIZON: Words = Words("Horizon of the base", "基准情景期限");
const ITEM_SESSIONS: Words = Words("{n} sessions", "{n} 个交易日");
const ITEM_SCENARIOS: Words = Words("Scenarios", "情景数");
const ITEM_PATHS: Words = Words("Paths of the base", "基准情景路径数");
const ITEM_SEED: Words = Words("Seed", "随机种子");
const ITEM_RUN: Words = Words("Run id", "运行编号");
const ITEM_PROGRAMME_HASH: Words = Words("SHA-256 of programme.resolved.toml", "方案文件的 SHA-256");
const ITEM_ENGINE: Words = Words("Program", "程序");
const ITEM_CURRENCY: Words = Words("Currency", "货币");
const ITEM_CONFIDENTIALITY: Words = Words("Confidentiality", "密级");
const ITEM_DISTRIBUTION: Words = Words("Distribution", "分发范围");

fn blocks(story: &Story<'_>) -> Vec<Block> {
    let (context, facts) = (&story.context, story.context.facts);
    let (text, programme) = (&context.text, facts.programme);
    let stated = |value: &Option<String>| value.clone().unwrap_or_else(|| text.get(NOT_STATED).into());
    let report = context.report();
    let distribution = if report.distribution.is_empty() { text.get(NOT_STATED).into() } else { text.list(&report.distribution) };
    let mut rows: Vec<(Words, Cell)> = vec![
        (ITEM_PROGRAMME, programme.name.clone().into()),
        (ITEM_INSTITUTION, stated(&report.institution).into()),
        (ITEM_OWNER, stated(&report.owner).into()),
        (ITEM_APPROVER, stated(&report.approver).into()),
        (ITEM_DISTRIBUTION, distribution.into()),
        (ITEM_CONFIDENTIALITY, document::confidentiality(context).into()),
        (ITEM_AS_OF, programme.as_of.to_string().into()),
        (ITEM_CURRENCY, programme.currency.clone().into()),
        (ITEM_SCENARIOS, cells::count(facts.scenarios.len() as u64)),
    ];
    if let Some(base) = facts.scenarios.first() {
        rows.push((ITEM_HORIZON, text.fill(ITEM_SESSIONS, &[("n", &base.horizon_days.to_string())]).into()));
        rows.push((ITEM_PATHS, cells::count(base.paths)));
    }
    rows.extend([
        (ITEM_SEED, programme.seed.to_string().into()),
        (ITEM_RUN, Cell::toned(short(&facts.programme_hash), Tone::Code)),
        (ITEM_PROGRAMME_HASH, Cell::toned(&facts.programme_hash, Tone::Code)),
        (ITEM_ENGINE, concat!("Levertide ", env!("CARGO_PKG_VERSION")).into()),
    ]);
    let rows = rows.into_iter().map(|(word, value)| vec![text.get(word).into(), value]).collect();
    let columns = vec![words(text.get(shared::HEAD_ITEM), 2), words(text.get(shared::HEAD_VALUE), 5)];
    vec![
        Block::paragraph(text.get(PURPOSE_TEXT)),
        Block::Table(Table { caption: text.get(SECTION.title).into(), columns, rows, ..Table::default() }),
        Block::paragraph(text.get(PURPOSE_REPRODUCE)),
    ]
}
