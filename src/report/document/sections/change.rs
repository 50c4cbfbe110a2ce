//! Writes what changed since an earlier report, scenario by scenario, with the error of the change.

use super::{Section, Story};
use crate::measures::{Estimate, Estimates, Unit};
use crate::model::part::Words;
use crate::report::document::block::{Block, Cell, Source, Table, figures, words};
use crate::report::document::cells;
use crate::report::document::differs;
use crate::report::document::tables::{self, asked};
use crate::report::facts::ScenarioFacts;
use crate::report::names::short;
use crate::report::text::number::{self, Scale};
use crate::report::text::{measure, shared};

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
const MADE_CAPTION: Words = Words("What the two were made of, as far as it differs", "两份报告所用输入的差异");
const MADE_SAME: Words = Words(
    "Programme, data and book are those of the earlier report; version {version} made it.",
    "方案、数据与账簿均与前期报告相同；前期报告由版本 {version} 生成。",
);
const MADE_VERSION: Words =
    Words("The earlier report was made by version {version}, this one by {now}.", "前期报告由版本 {version} 生成，本次为 {now}。");
const MADE_UNKNOWN: Words = Words(
    "The earlier report does not say what it was made of: name its folder, not its summary.",
    "前期报告未载明所用输入：应指明报告文件夹而非摘要文件。",
);
const HEAD_THEN: Words = Words("Earlier", "前期");
const HEAD_NOW: Words = Words("Now", "本次");
const MOVES_CAPTION: Words = Words("The largest moves, by their standard errors", "变化最大的指标（按标准误倍数）");
const MOVES_NONE: Words = Words("No headline figure moved by more than two standard errors.", "主要指标变化均未超过两倍标准误。");
const HEAD_CHANGE: Words = Words("Change", "变化");
const HEAD_ERRORS: Words = Words("Standard errors", "标准误倍数");
const CHANGE_MISSING: Words = Words("Not in the earlier report: {scenarios}.", "前期报告中没有的情景：{scenarios}。");

/// Figures that a move is told of, rows of the list, and lines of what differs.
const HEADLINES: [&str; 10] = [
    "pool_loss.mean",
    "pool_loss.es_99",
    "pool_loss.probability",
    "shortfall.probability",
    "call_rate",
    "liquidation_rate",
    "forced_sales.mean",
    "unsold.mean",
    "unpaid.probability",
    "run.probability",
];
const MOVES: usize = 5;
const LINES: usize = 20;

fn blocks(story: &Story<'_>) -> Vec<Block> {
    let (context, facts) = (&story.context, story.context.facts);
    let text = &context.text;
    let Some(previous) = &facts.previous else { return vec![Block::Hint { text: text.get(CHANGE_NONE).into() }] };
    let id = short(&previous.programme_hash);
    let told = text.fill(
        CHANGE_TEXT,
        &[
            ("name", &previous.name),
            ("date", &previous.as_of),
            ("id", id),
            ("n", &number::count(previous.figures as u64)),
            ("judged", &number::count(previous.judged as u64)),
            ("moved", &number::count(previous.moved as u64)),
        ],
    );
    let mut out = vec![Block::paragraph(told)];
    out.extend(made(story));
    out.push(moves(story));
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

/// What the earlier report was made of, as far as it differs.
fn made(story: &Story<'_>) -> Vec<Block> {
    let (context, facts) = (&story.context, story.context.facts);
    let text = &context.text;
    let Some(made) = &facts.made else { return vec![Block::Hint { text: text.get(MADE_UNKNOWN).into() }] };
    let now = env!("CARGO_PKG_VERSION");
    let mut out = Vec::new();
    if made.version != now {
        out.push(Block::paragraph(text.fill(MADE_VERSION, &[("version", &made.version), ("now", now)])));
    }
    if made.differs.is_empty() {
        out.push(Block::paragraph(text.fill(MADE_SAME, &[("version", &made.version)])));
    } else {
        let table = differs::table(text, &made.differs, [HEAD_THEN, HEAD_NOW], LINES);
        out.push(Block::Table(Table {
            caption: text.get(MADE_CAPTION).into(),
            source: Some(Source::of(&["tables/differs.csv"], "")),
            ..table
        }));
    }
    out
}

/// The headline figures that moved by the most standard errors, more than two of them.
fn moves(story: &Story<'_>) -> Block {
    let (context, facts) = (&story.context, story.context.facts);
    let text = &context.text;
    let of = |s: &'_ ScenarioFacts, key: &str| {
        let (change, now) = (s.change.get(key)?.clone(), s.measures.get(key)?.clone());
        let z = change.value / change.std_error;
        (z.is_finite() && z.abs() > 2.0 && change.flag.is_none()).then(|| (s.name.clone(), key.to_string(), change, now, z))
    };
    let mut all: Vec<_> = facts.scenarios.iter().flat_map(|s| HEADLINES.iter().filter_map(|key| of(s, key)).collect::<Vec<_>>()).collect();
    all.sort_by(|a, b| b.4.abs().total_cmp(&a.4.abs()));
    if all.is_empty() {
        return Block::paragraph(text.get(MOVES_NONE));
    }
    let columns = vec![
        words(text.get(shared::HEAD_MEASURE), 3),
        words(text.get(shared::HEAD_SCENARIO), 2),
        figures(text.get(HEAD_NOW), ""),
        figures(text.get(HEAD_CHANGE), ""),
        figures(text.get(HEAD_ERRORS), ""),
    ];
    let signed = |e: &Estimate| match e.unit {
        Unit::Money => {
            let scale = Scale::of(text, [e.value]);
            scale.in_text(text, context.currency(), &number::signed(&number::estimate(text, e, scale).value))
        }
        _ => number::signed(&number::estimate(text, e, Scale::ONE).full()),
    };
    let rows = (all.iter().take(MOVES))
        .map(|(scenario, key, change, now, z)| {
            vec![
                Cell::from(measure::name(text, key)),
                context.scenario(scenario).into(),
                tables::stated_cell(context, now),
                cells::stated(text, change, context.currency(), signed(change)),
                cells::grouped(z.abs(), 1),
            ]
        })
        .collect();
    Block::Table(Table { caption: text.get(MOVES_CAPTION).into(), columns, rows, ..Table::default() })
}
