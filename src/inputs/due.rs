//! Says what is due or runs on the as-of date: overdue loans and sources, accounts at a line, calls made before.
//!
//! Lines are those of the base, before haircuts and before they move; every scenario judges by its own.

use super::Gather;
use super::table::Table;
use crate::model::book::Book;
use crate::model::case::Programme;
use crate::model::history::Market;
use crate::model::margin::Lines;
use crate::units::Day;

/// Identifiers that are named before the rest is counted.
const NAMED: usize = 5;

/// A call is made on the as-of date or before it.
pub fn check_calls(table: &Table, called_on: &[Option<Day>], programme: &Programme, gather: &mut Gather) {
    for (row, made) in called_on.iter().enumerate() {
        if let Some(made) = made.filter(|made| *made > programme.as_of) {
            let what = format!("called on {made}, after the as-of date {}", programme.as_of);
            let why = "a call that runs was made on the as-of date or before it; later ones are made by the rules";
            gather.problems.push(table.problem(row, "called_on", what, why, "mend the date, or leave the cell empty"));
        }
    }
}

/// Every note of what is due or runs.
pub fn note(programme: &Programme, book: &Book, market: &Market, gather: &mut Gather) {
    note_overdue(programme.as_of, book, gather);
    note_lines(programme, book, market, gather);
    note_calls(programme, book, market, gather);
}

/// The first few of some names, and that there are more.
fn listed(names: &[&str]) -> (String, String) {
    let shown = &names[..names.len().min(NAMED)];
    let (more, more_zh) = if names.len() > NAMED { (", …", "等") } else { ("", "") };
    (shown.join(", ") + more, shown.join("、") + more_zh)
}

fn note_overdue(as_of: Day, book: &Book, gather: &mut Gather) {
    let late = |day: Option<Day>| day.is_some_and(|day| day <= as_of);
    let loans: Vec<usize> =
        (0..book.accounts()).filter(|a| book.loan[*a] > 0.0 && late(book.maturity_date.get(*a).copied().flatten())).collect();
    if !loans.is_empty() {
        let money = loans.iter().fold(0.0, |sum, a| sum + book.loan[*a]);
        let (en, zh) = listed(&loans.iter().map(|a| book.account_id[*a].as_str()).collect::<Vec<_>>());
        let n = loans.len();
        gather.note(
            format!("accounts: {n} loans of {money:.0} together matured on or before {as_of}: {en}; with [pool.cash] they are due on the first session and roll or are called back, without it no maturity is acted on and they run on"),
            format!("账户：{n} 笔融资（合计 {money:.0}）在 {as_of} 或之前已到期：{zh}；设有 [pool.cash] 时于首个交易日到期，展期或收回，否则不处理到期，融资继续存续"),
        );
    }
    let sources: Vec<_> = book.funding.iter().filter(|s| s.amount > 0.0 && late(s.maturity_date)).collect();
    if !sources.is_empty() {
        let money = sources.iter().fold(0.0, |sum, s| sum + s.amount);
        let (en, zh) = listed(&sources.iter().map(|s| s.source_id.as_str()).collect::<Vec<_>>());
        let n = sources.len();
        gather.note(
            format!("funding: {n} sources of {money:.0} together matured on or before {as_of}: {en}; with [pool.cash] they roll on the first session or are a claim on its cash, without it no maturity is acted on and they stay"),
            format!("资金方：{n} 笔资金（合计 {money:.0}）在 {as_of} 或之前已到期：{zh}；设有 [pool.cash] 时于首个交易日展期或要求现金偿付，否则不处理到期，资金继续留存"),
        );
    }
}

/// The lines of the base, and (assets, debt) on the as-of date, of the accounts that owe anything.
fn standing<'b>(programme: &'b Programme, book: &'b Book, price: &'b [f64]) -> impl Iterator<Item = (usize, Lines, f64, f64)> + 'b {
    let case = &programme.scenarios[0].case;
    (0..book.accounts()).filter_map(move |a| {
        let debt = book.loan[a] + book.accrued_interest[a];
        let lines = case.pool.front_lines(&book.tiers[book.tier[a] as usize], case.margin.lines(&book.lines[a], book.product_of(a)));
        (debt > 0.0).then(|| (a, lines, book.cash[a] + book.market_value(a, price), debt))
    })
}

fn note_lines(programme: &Programme, book: &Book, market: &Market, gather: &mut Gather) {
    let price = market.prices();
    let (mut below_call, mut at_liquidation) = (Vec::new(), Vec::new());
    for (a, lines, assets, debt) in standing(programme, book, &price) {
        if lines.liquidation > 0.0 && assets <= lines.liquidation * debt {
            at_liquidation.push(book.account_id[a].as_str());
        } else if assets < lines.call * debt && book.called_on.get(a).copied().flatten().is_none() {
            below_call.push(book.account_id[a].as_str());
        }
    }
    if !at_liquidation.is_empty() {
        let (n, (en, zh)) = (at_liquidation.len(), listed(&at_liquidation));
        gather.note(
            format!("accounts: {n} stand at or below their liquidation line at the as-of close and are in liquidation from it: {en}"),
            format!("账户：{n} 个账户在基准日收盘时处于或低于平仓线，自该收盘起进入强制平仓：{zh}"),
        );
    }
    if !below_call.is_empty() {
        let (n, (en, zh)) = (below_call.len(), listed(&below_call));
        gather.note(
            format!("accounts: {n} stand below their call line at the as-of close and are called at it: {en}"),
            format!("账户：{n} 个账户在基准日收盘时低于追保线，于该收盘被追加保证金：{zh}"),
        );
    }
}

fn note_calls(programme: &Programme, book: &Book, market: &Market, gather: &mut Gather) {
    let price = market.prices();
    let (mut cured, mut lineless, mut known) = (Vec::new(), Vec::new(), vec![false; book.accounts()]);
    let made = |a: usize| book.called_on.get(a).copied().flatten().is_some();
    for (a, lines, assets, debt) in standing(programme, book, &price).filter(|(a, ..)| made(*a)) {
        known[a] = true;
        if lines.call <= 0.0 {
            lineless.push(book.account_id[a].as_str());
        } else if assets >= lines.cured_at * debt {
            cured.push(book.account_id[a].as_str());
        }
    }
    let free: Vec<&str> = (0..book.accounts()).filter(|a| made(*a) && !known[*a]).map(|a| book.account_id[a].as_str()).collect();
    let tellings = [
        (
            cured,
            "are called and stand at or above the ratio that cures a call: the call ends at the as-of close",
            "已被追保但维持担保比例已达到解除水平，追保于基准日收盘解除",
        ),
        (lineless, "have a `called_on` and no call line: the call is not kept", "填有追保日期但没有追保线，该追保不予保留"),
        (free, "have a `called_on` and owe nothing: the call is not kept", "填有追保日期但没有负债，该追保不予保留"),
    ];
    for (names, en, zh) in tellings.into_iter().filter(|(names, ..)| !names.is_empty()) {
        let (n, (listed_en, listed_zh)) = (names.len(), listed(&names));
        gather.note(format!("accounts: {n} {en}: {listed_en}"), format!("账户：{n} 个账户{zh}：{listed_zh}"));
    }
}
