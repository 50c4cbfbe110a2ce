//! Names the accounts and symbols that lose most.

use super::{Section, Story};
use crate::measures::shapes::{Driver, Drivers};
use crate::model::part::Words;
use crate::report::document::block::{Block, Cell, Source, Table, Tone, figures, words};
use crate::report::document::cells;
use crate::report::document::tables;
use crate::report::facts::ScenarioFacts;
use crate::report::text::number::{self, Scale};
use crate::report::text::shared;

pub const SECTION: Section =
    Section { slug: "worst", title: Words("Accounts and symbols that lose most", "损失最大的账户与证券"), write: blocks };

/// Files that hold every account and symbol.
const ACCOUNTS: &[&str] = &["accounts.parquet"];
const SYMBOLS: &[&str] = &["symbols.parquet"];

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

const HEAD_TIER: Words = Words("Tier", "层级");
const HEAD_PART: Words = Words("Part of ES 99%", "ES 99% 贡献");
const HEAD_SHARE: Words = Words("Share", "占比");
const DRIVERS_TEXT: Words = Words(
    "Who makes the worst paths of “{scenario}”: {all} of {book} accounts cost the pool something on the worst 1% of paths, and {half} of them make half of it. The part of an account is its mean loss on these paths (Euler allocation); parts of all accounts add up to the ES, custody apart. An account's loss counts through the symbols it held, in proportion to what each had lost by its close-out.",
    "“{scenario}”最差路径的来源：在最差 1% 的路径上，{book} 个账户中有 {all} 个给资金池造成损失，其中 {half} 个占总额一半。账户的贡献为其在这些路径上的平均损失（欧拉分配）；全部账户贡献之和等于 ES（托管损失除外）。账户损失按其平仓时各持仓证券已跌金额的比例归于证券。",
);
const DRIVERS_ACCOUNTS: Words = Words("“{scenario}”: accounts with the largest part of ES 99%", "“{scenario}”：ES 99% 贡献最大的账户");
const DRIVERS_SYMBOLS: Words = Words("“{scenario}”: symbols through which most of ES 99% is lost", "“{scenario}”：ES 99% 贡献最大的证券");

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
    if let Some((scenario, causes)) = story.context.caused() {
        out.extend(drivers(story, scenario, causes));
    }
    out
}

/// Who makes the worst paths of the worst scenario: accounts, and symbols through which they lose.
fn drivers(story: &Story<'_>, scenario: &ScenarioFacts, causes: &Drivers) -> Vec<Block> {
    let context = &story.context;
    let text = &context.text;
    let whole = scenario.measures.get("pool_loss.es_99").map_or(0.0, |e| e.value);
    let count = number::count;
    let filled = [
        ("scenario", context.scenario(&scenario.name)),
        ("half", count(causes.accounts_of_half)),
        ("all", count(causes.accounts_with_part)),
        ("book", count(context.facts.snapshot.accounts as u64)),
    ];
    let filled: Vec<(&str, &str)> = filled.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let table = |of: &[Driver], heads: [Words; 2], caption: Words, files| {
        let scale = Scale::of(text, of.iter().map(|driver| driver.part.value));
        let share = |part: f64| if whole > 0.0 { cells::share(part, whole) } else { text.get(shared::NOT_AVAILABLE).into() };
        let row = |driver: &Driver| -> Vec<Cell> {
            let part = tables::cell(context, Some(&driver.part), scale, Tone::Plain);
            vec![driver.id.as_str().into(), driver.name.as_str().into(), part, share(driver.part.value)]
        };
        let columns = vec![
            words(text.get(heads[0]), 1),
            words(text.get(heads[1]), 1),
            figures(text.get(HEAD_PART), context.unit(scale)),
            figures(text.get(HEAD_SHARE), ""),
        ];
        let (caption, rows) = (text.fill(caption, &filled[..1]), of.iter().map(row).collect());
        Block::Table(Table {
            caption,
            columns,
            rows,
            narrow: true,
            source: Some(Source::of(files, "scenarios[].causes")),
            ..Table::default()
        })
    };
    vec![
        Block::paragraph(text.fill(DRIVERS_TEXT, &filled)),
        table(&causes.accounts, [shared::HEAD_CLIENT, HEAD_TIER], DRIVERS_ACCOUNTS, ACCOUNTS),
        table(&causes.symbols, [shared::HEAD_SYMBOL, shared::HEAD_NAME], DRIVERS_SYMBOLS, SYMBOLS),
    ]
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
    let source = Some(Source::of(ACCOUNTS, ""));
    (!rows.is_empty()).then_some(Block::Table(Table { caption, columns, rows, narrow: true, source, ..Table::default() }))
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
    let (note, source) = (Some(note), Some(Source::of(SYMBOLS, "")));
    (!rows.is_empty()).then_some(Block::Table(Table { caption, columns, rows, note, narrow: true, source, ..Table::default() }))
}
