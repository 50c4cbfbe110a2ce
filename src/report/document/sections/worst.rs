//! Names the accounts and symbols that lose most.

use super::{Section, Story};
use crate::model::part::Words;
use crate::report::document::block::{Block, Cell, Table, Tone, figures, words};
use crate::report::document::tables;
use crate::report::facts::ScenarioFacts;
use crate::report::text::number::Scale;
use crate::report::text::shared;

pub const SECTION: Section =
    Section { slug: "worst", title: Words("Accounts and symbols that lose most", "损失最大的账户与证券"), write: blocks };

const HEAD_EXPECTED_LOSS: Words = Words("Expected loss", "预期损失");
const HEAD_LIQUIDATION_PROBABILITY: Words = Words("Liquidated", "强制平仓概率");
const HEAD_SHORTFALL_PROBABILITY: Words = Words("Shortfall", "穿仓概率");
const HEAD_FORCED_SALES: Words = Words("Forced sales", "强制平仓卖出额");
const HEAD_BLOCKED: Words = Words("Days blocked", "无法卖出天数占比");
const WORST_ACCOUNTS: Words =
    Words("“{scenario}”: accounts with the largest expected loss to the pool", "“{scenario}”：对资金池预期损失最大的账户");
const WORST_SYMBOLS: Words = Words("“{scenario}”: symbols with the largest forced sales", "“{scenario}”：强制平仓卖出最多的证券");
const WORST_NONE: Words = Words("No account costs the pool anything in the scenarios shown.", "所示情景中没有账户给资金池造成损失。");
const WORST_BLOCKED_NOTE: Words = Words(
    "Means over paths. Days blocked: share of all path-days on which the symbol was halted or locked at its lower limit.",
    "均为各路径平均值。无法卖出天数占比：该证券停牌或封死跌停的路径日占全部路径日的比例。",
);
const PUSH: Words = Words("Largest push", "最大冲击");
const PUSH_NOTE: Words = Words(
    "Largest push: mean over paths of the most that the book's sales lowered the price on any session.",
    "最大冲击：各路径上本账簿卖出在任一交易日压低价格最大幅度的均值。",
);

fn blocks(story: &Story<'_>) -> Vec<Block> {
    let text = &story.context.text;
    let mut out: Vec<Block> = Vec::new();
    for scenario in story.base_and_worst() {
        out.extend(worst_accounts(story, scenario));
    }
    if out.is_empty() {
        out.push(Block::paragraph(text.get(WORST_NONE)));
    }
    for scenario in story.base_and_worst() {
        out.extend(worst_symbols(story, scenario));
    }
    out
}

fn worst_accounts(story: &Story<'_>, scenario: &ScenarioFacts) -> Option<Block> {
    let context = &story.context;
    let text = &context.text;
    let losing = || scenario.worst_accounts.iter().filter(|(_, [loss, ..])| loss.value > 0.0);
    let scale = Scale::of(text, losing().map(|(_, [loss, ..])| loss.value));
    let rows: Vec<Vec<Cell>> = losing()
        .map(|(id, figures)| {
            let mut row: Vec<Cell> = vec![id.as_str().into()];
            row.extend(figures.iter().map(|figure| tables::cell(context, Some(figure), scale, Tone::Plain)));
            row
        })
        .collect();
    let columns = vec![
        words(text.get(shared::HEAD_CLIENT), 1),
        figures(text.get(HEAD_EXPECTED_LOSS), context.unit(scale)),
        figures(text.get(HEAD_LIQUIDATION_PROBABILITY), "%"),
        figures(text.get(HEAD_SHORTFALL_PROBABILITY), "%"),
    ];
    let caption = text.fill(WORST_ACCOUNTS, &[("scenario", &context.scenario(&scenario.name))]);
    (!rows.is_empty()).then_some(Block::Table(Table { caption, columns, rows, narrow: true, ..Table::default() }))
}

fn worst_symbols(story: &Story<'_>, scenario: &ScenarioFacts) -> Option<Block> {
    let context = &story.context;
    let text = &context.text;
    let flows = || scenario.worst_symbols.iter().filter(|flow| flow.figures.sold.value > 0.0 || flow.figures.blocked.value > 0.0);
    let scale = Scale::of(text, flows().map(|flow| flow.figures.sold.value));
    // where no sale moves a price there is no push to show
    let pushed = flows().any(|flow| flow.figures.push.value > 0.0);
    let rows: Vec<Vec<Cell>> = flows()
        .map(|flow| {
            let cell = |figure| tables::cell(context, Some(figure), scale, Tone::Plain);
            let found = &flow.figures;
            let mut row: Vec<Cell> = vec![flow.symbol.as_str().into(), flow.name.as_str().into(), cell(&found.sold), cell(&found.unsold)];
            row.extend(pushed.then(|| cell(&found.push)));
            row.push(cell(&found.blocked));
            row
        })
        .collect();
    let mut columns = vec![
        words(text.get(shared::HEAD_SYMBOL), 1),
        words(text.get(shared::HEAD_NAME), 1),
        figures(text.get(HEAD_FORCED_SALES), context.unit(scale)),
        figures(text.get(shared::HEAD_UNSOLD), context.unit(scale)),
    ];
    columns.extend(pushed.then(|| figures(text.get(PUSH), "%")));
    columns.push(figures(text.get(HEAD_BLOCKED), "%"));
    let caption = text.fill(WORST_SYMBOLS, &[("scenario", &context.scenario(&scenario.name))]);
    let mut note = text.get(WORST_BLOCKED_NOTE).to_string();
    if pushed {
        note = [note, text.get(PUSH_NOTE).to_string()].join(if text.zh() { "" } else { " " });
    }
    (!rows.is_empty()).then_some(Block::Table(Table { caption, columns, rows, note: Some(note), narrow: true, ..Table::default() }))
}
