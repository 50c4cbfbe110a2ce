//! Shows the book on the as-of date.

use super::{Section, Story};
use crate::model::part::Words;
use crate::report::document::block::{Block, Cell, Source, Table, figures, words};
use crate::report::document::cells;
use crate::report::document::tables;
use crate::report::text::number::Scale;
use crate::report::text::{measure, shared};

pub const SECTION: Section = Section { slug: "book", title: Words("The book on the as-of date", "基准日账簿概况"), write: blocks };

const HEAD_TIER: Words = Words("Tier", "层");
const HEAD_LOSS_RANK: Words = Words("Order of loss", "损失顺序");
const HEAD_CAPITAL: Words = Words("Capital", "资金");
const HEAD_LOANS: Words = Words("Loans", "融资余额");
const HEAD_SHARE: Words = Words("Share", "占比");
const HEAD_GRADE: Words = Words("Grade", "客户等级");
const HEAD_LINE: Words = Words("Line", "控制线");
const HEAD_MARKET_VALUE: Words = Words("Market value", "市值");
const SNAPSHOT_CAPTION: Words = Words("The book in figures", "账簿主要数字");
const SNAPSHOT_POSITIONS: Words = Words("Positions", "持仓笔数");
const SNAPSHOT_SYMBOLS: Words = Words("Symbols held", "持有证券数");
const SNAPSHOT_LOANS: Words = Words("less loans", "减：融资余额");
const SNAPSHOT_INTEREST: Words = Words("less accrued interest", "减：应计利息");
const SNAPSHOT_OWN: Words = Words("Own capital of clients", "客户自有资金");
const SNAPSHOT_CASH: Words = Words("Cash in accounts", "账户现金");
const SNAPSHOT_LEVERAGE: Words = Words("Leverage of the whole book", "整体杠杆倍数");
const SNAPSHOT_FUNDING: Words = Words("Funding", "可用资金");
const SNAPSHOT_UTILISATION: Words = Words("Utilisation, loans over funding", "资金利用率（融资 / 资金）");
const SNAPSHOT_HHI_CLIENTS: Words = Words("Concentration of loans over clients (HHI)", "融资的客户集中度（HHI）");
const SNAPSHOT_HHI_SYMBOLS: Words = Words("Concentration of market value over symbols (HHI)", "市值的证券集中度（HHI）");
const SNAPSHOT_TIERS: Words = Words("Tiers of the funding pool, in the order they bear losses", "资金池各层（按承担损失的顺序）");
const SNAPSHOT_LEVERAGE_TABLE: Words = Words("Accounts and loans by leverage", "按杠杆划分的账户与融资");
const SNAPSHOT_GRADES: Words = Words("Accounts and loans by grade", "按客户等级划分的账户与融资");
const SNAPSHOT_BELOW: Words = Words("Accounts at or below a line on the as-of date", "基准日已触线的账户");
const SNAPSHOT_BELOW_NONE: Words =
    Words("On the as-of date no account stands at or below a line.", "基准日无账户触及任何一条控制线（预警、限额、追保、平仓）。");
const SNAPSHOT_TOP_CLIENTS: Words = Words("Largest clients by loan", "融资最大的客户");
const SNAPSHOT_TOP_SYMBOLS: Words = Words("Largest holdings by market value", "市值最大的持仓");
const ORDINAL: Words = Words("{n}", "{n}");

/// How many rows of a ranking a page shows.
const RANKED: usize = 10;

fn blocks(story: &Story<'_>) -> Vec<Block> {
    let (context, book) = (&story.context, &story.context.facts.snapshot);
    let text = &context.text;
    let amount = |v: f64| tables::money_cell(context, v);
    let mut rows: Vec<(Words, Cell)> = vec![
        (shared::HEAD_ACCOUNTS, cells::count(book.accounts as u64)),
        (SNAPSHOT_POSITIONS, cells::count(book.positions as u64)),
        (SNAPSHOT_SYMBOLS, cells::count(book.symbols as u64)),
        (HEAD_MARKET_VALUE, amount(book.market_value)),
        (SNAPSHOT_CASH, amount(book.cash)),
        (SNAPSHOT_LOANS, amount(book.loans)),
        (SNAPSHOT_INTEREST, amount(book.accrued_interest)),
        (SNAPSHOT_OWN, amount(book.own_capital)),
        (SNAPSHOT_LEVERAGE, cells::grouped(book.mean_leverage, 2)),
    ];
    if book.funding > 0.0 {
        rows.push((SNAPSHOT_FUNDING, amount(book.funding)));
        rows.push((SNAPSHOT_UTILISATION, cells::percent(book.utilisation)));
    }
    rows.push((SNAPSHOT_HHI_CLIENTS, cells::grouped(book.hhi_clients, 4)));
    rows.push((SNAPSHOT_HHI_SYMBOLS, cells::grouped(book.hhi_symbols, 4)));
    let mut rows: Vec<Vec<Cell>> = rows.into_iter().map(|(word, value)| vec![text.get(word).into(), value]).collect();
    // of the as-of date, and therefore the same in every scenario
    let base = context.facts.scenarios.first();
    for key in ["concentration.top_1_share", "concentration.top_5_share", "concentration.top_10_share"] {
        let share = base.and_then(|s| s.measures.get(key));
        rows.extend(share.map(|e| vec![measure::name(text, key).into(), cells::share(e.value, 1.0)]));
    }
    let columns = vec![words(text.get(shared::HEAD_ITEM), 1), figures(text.get(shared::HEAD_VALUE), "")];
    let mut out = vec![Block::Table(Table { caption: text.get(SNAPSHOT_CAPTION).into(), columns, rows, narrow: true, ..Table::default() })];
    for chart in ["leverage-of-the-book", "maintenance-ratio"] {
        out.extend(story.chart(chart));
    }
    out.push(tiers(story));
    out.push(groups(story, SNAPSHOT_LEVERAGE_TABLE, shared::LEVERAGE, &book.leverage));
    if !book.grades.is_empty() {
        out.push(groups(story, SNAPSHOT_GRADES, HEAD_GRADE, &book.grades));
    }
    if book.below_line.iter().all(|(_, n, _)| *n == 0) {
        out.push(Block::paragraph(text.get(SNAPSHOT_BELOW_NONE)));
    } else {
        let lines: Vec<(String, usize, f64)> =
            book.below_line.iter().map(|(line, n, loans)| (line_name(story, line), *n, *loans)).collect();
        out.push(groups(story, SNAPSHOT_BELOW, HEAD_LINE, &lines));
    }
    out.extend(ranking(story));
    out.extend(story.chart("days-to-sell"));
    out
}

/// A line's key in the reader's words.
fn line_name(story: &Story<'_>, line: &str) -> String {
    let word = match line {
        "warning" => shared::RULE_WARNING,
        "limit" => shared::RULE_LIMIT,
        "call" => shared::RULE_CALL,
        "liquidation" => shared::RULE_LIQUIDATION,
        _ => return line.to_string(),
    };
    story.context.text.get(word).into()
}

fn tiers(story: &Story<'_>) -> Block {
    let (context, book) = (&story.context, &story.context.facts.snapshot);
    let text = &context.text;
    let scale = Scale::of(text, book.tiers.iter().flat_map(|t| [t.capital, t.loans]));
    let rows = (book.in_loss_order().into_iter())
        .map(|t| {
            vec![
                t.name.as_str().into(),
                cells::said(text.fill(ORDINAL, &[("n", &t.loss_rank.to_string())]), t.loss_rank as f64),
                cells::amount(t.capital, scale),
                cells::amount(t.loans, scale),
                cells::count(t.accounts as u64),
            ]
        })
        .collect();
    let unit = context.unit(scale);
    let columns = vec![
        words(text.get(HEAD_TIER), 1),
        words(text.get(HEAD_LOSS_RANK), 1),
        figures(text.get(HEAD_CAPITAL), unit.clone()),
        figures(text.get(HEAD_LOANS), unit),
        figures(text.get(shared::HEAD_ACCOUNTS), ""),
    ];
    // capital is added up from the file of funding itself
    let source = Some(Source::of(&["tables/lineage.csv"], ""));
    Block::Table(Table { caption: text.get(SNAPSHOT_TIERS).into(), columns, rows, narrow: true, source, ..Table::default() })
}

/// Accounts and loans by some name, with shares of the whole book.
fn groups(story: &Story<'_>, caption: Words, head: Words, rows: &[(String, usize, f64)]) -> Block {
    let (context, book) = (&story.context, &story.context.facts.snapshot);
    let text = &context.text;
    let scale = Scale::of(text, [book.loans]);
    let rows = (rows.iter())
        .map(|(name, accounts, loans)| {
            vec![
                name.as_str().into(),
                cells::count(*accounts as u64),
                cells::share(*accounts as f64, book.accounts as f64),
                cells::amount(*loans, scale),
                cells::share(*loans, book.loans),
            ]
        })
        .collect();
    let columns = vec![
        words(text.get(head), 1),
        figures(text.get(shared::HEAD_ACCOUNTS), ""),
        figures(text.get(HEAD_SHARE), ""),
        figures(text.get(HEAD_LOANS), context.unit(scale)),
        figures(text.get(HEAD_SHARE), ""),
    ];
    Block::Table(Table { caption: text.get(caption).into(), columns, rows, narrow: true, ..Table::default() })
}

fn ranking(story: &Story<'_>) -> Vec<Block> {
    let (context, book) = (&story.context, &story.context.facts.snapshot);
    let text = &context.text;
    let mut out = Vec::new();
    let scale = Scale::of(text, book.top_clients.iter().map(|c| c.1).chain(book.top_symbols.iter().map(|s| s.2)));
    if !book.top_clients.is_empty() {
        let rows = book.top_clients.iter().take(RANKED);
        let rows = rows.map(|(id, loan, share)| vec![id.as_str().into(), cells::amount(*loan, scale), cells::share(*share, 1.0)]).collect();
        let columns = vec![
            words(text.get(shared::HEAD_CLIENT), 1),
            figures(text.get(HEAD_LOANS), context.unit(scale)),
            figures(text.get(HEAD_SHARE), ""),
        ];
        out.push(Block::Table(Table { caption: text.get(SNAPSHOT_TOP_CLIENTS).into(), columns, rows, narrow: true, ..Table::default() }));
    }
    if !book.top_symbols.is_empty() {
        let rows = (book.top_symbols.iter().take(RANKED))
            .map(|(symbol, name, value, share)| {
                vec![symbol.as_str().into(), name.as_str().into(), cells::amount(*value, scale), cells::share(*share, 1.0)]
            })
            .collect();
        let columns = vec![
            words(text.get(shared::HEAD_SYMBOL), 1),
            words(text.get(shared::HEAD_NAME), 1),
            figures(text.get(HEAD_MARKET_VALUE), context.unit(scale)),
            figures(text.get(HEAD_SHARE), ""),
        ];
        let (caption, source) = (text.get(SNAPSHOT_TOP_SYMBOLS).into(), Some(Source::of(&["symbols.parquet"], "")));
        out.push(Block::Table(Table { caption, columns, rows, narrow: true, source, ..Table::default() }));
    }
    out
}
