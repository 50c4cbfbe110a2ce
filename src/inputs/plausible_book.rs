//! Holds the book against what a lender's book can be, and against the ratios and values its own files state.
//!
//! What would pass bounds of money is refused; the rest is said once for each file, with its count and its first place.

use super::Gather;
use super::accounts::MOST_MONEY;
use super::identity::lookup;
use super::positions::Positions;
use crate::model::book::Book;
use crate::model::case::Programme;
use crate::model::history::Market;
use crate::problem::{Kind, Problem};
use std::collections::BTreeMap;

/// Maintenance ratios outside these ask whether loan and collateral are in the same unit.
const RATIO_LOW: f64 = 1.0;
const RATIO_HIGH: f64 = 10.0;
/// Annual rates above this are more likely per cent read as fractions.
const RATE_HIGH: f64 = 0.6;
/// Annual rates below this are more likely divided by a hundred once too often; 0 is a rate that is not charged.
const RATE_LOW: f64 = 0.002;
/// Accrued interest above this share of its loan has waited for years, or is another column.
const INTEREST_HIGH: f64 = 0.2;
/// A cost price further from the close than this factor is in another unit.
const COST_FAR: f64 = 20.0;
/// What a tier has lent, as a share of its funding, outside these asks for the unit.
const LENT_LOW: f64 = 0.02;
const LENT_HIGH: f64 = 1.5;
/// How far a stated ratio, and a stated value, may lie from ours.
const RATIO_NEAR: f64 = 0.01;
const VALUE_NEAR: f64 = 0.02;

/// Checks the book at the as-of prices; `stated` are the ratios the accounts file states, in order of account.
pub fn check(programme: &Programme, book: &Book, market: &Market, positions: &Positions, stated: &[Option<f64>], gather: &mut Gather) {
    let prices = market.prices();
    values(book, market, positions, gather);
    if !gather.problems.is_empty() {
        return;
    }
    let file = programme.data.accounts.clone().unwrap_or_default();
    ratios(&file, book, &prices, gather);
    bare_loans(&file, book, gather);
    interest(&file, book, gather);
    openings(&file, programme, book, gather);
    twins(&file, book, gather);
    costs(positions, book, market, gather);
    let rates: Vec<(&str, f64)> = book.account_id.iter().map(String::as_str).zip(book.rate_annual.iter().copied()).collect();
    odd_rates(&file, &rates, gather);
    if let Some(file) = &programme.data.funding {
        let rates: Vec<(&str, f64)> = book.funding.iter().map(|f| (f.source_id.as_str(), f.rate_annual)).collect();
        odd_rates(file, &rates, gather);
        lent(file, book, gather);
    }
    stated_ratios(&file, book, &prices, stated, gather);
}

/// (cash + market value) over (loan + interest); nothing where nothing is owed.
fn ratio(book: &Book, account: usize, prices: &[f64]) -> Option<f64> {
    let debt = book.loan[account] + book.accrued_interest[account];
    (debt > 0.0).then(|| (book.cash[account] + book.market_value(account, prices)) / debt)
}

fn ratios(file: &str, book: &Book, prices: &[f64], gather: &mut Gather) {
    let known: Vec<(usize, f64)> = (0..book.accounts()).filter_map(|a| Some((a, ratio(book, a, prices)?))).collect();
    let all = known.len();
    let above: Vec<&(usize, f64)> = known.iter().filter(|(_, r)| *r > RATIO_HIGH).collect();
    let below: Vec<&(usize, f64)> = known.iter().filter(|(_, r)| *r < RATIO_LOW).collect();
    if let Some((first, r)) = above.first() {
        let (n, id, r) = (above.len(), &book.account_id[*first], r * 100.0);
        gather.note(
            format!("{file}: {n} of {all} accounts with a loan have a maintenance ratio above 1000 % (first {id}, {r:.0} %); where that is most of them, loans or cash are in another unit"),
            format!("{file}：{all} 个有融资的账户中有 {n} 个维持担保比例高于 1000%（首个为 {id}，{r:.0}%）；若多数如此，融资或现金的单位可能有误"),
        );
    }
    if let Some((first, r)) = below.first() {
        let (n, id, r) = (below.len(), &book.account_id[*first], r * 100.0);
        gather.note(
            format!("{file}: {n} of {all} accounts with a loan have a maintenance ratio below 100 % (first {id}, {r:.1} %): they owe more than they hold on the as-of date"),
            format!("{file}：{all} 个有融资的账户中有 {n} 个维持担保比例低于 100%（首个为 {id}，{r:.1}%）：基准日即资不抵债"),
        );
    }
}

/// Accounts that owe and hold nothing.
fn bare_loans(file: &str, book: &Book, gather: &mut Gather) {
    let bare = |a: &usize| book.loan[*a] > 0.0 && book.cash[*a] == 0.0 && book.positions(*a).is_empty();
    let bare: Vec<usize> = (0..book.accounts()).filter(bare).collect();
    if let Some(first) = bare.first() {
        let (n, id) = (bare.len(), &book.account_id[*first]);
        gather.note(
            format!("{file}: {n} accounts have a loan, no cash and no position (first {id}): a total, or positions that are missing"),
            format!("{file}：{n} 个账户有融资而无现金、无持仓（首个为 {id}）：可能为合计行，或缺少持仓"),
        );
    }
}

fn interest(file: &str, book: &Book, gather: &mut Gather) {
    let high: Vec<usize> = (0..book.accounts()).filter(|a| book.accrued_interest[*a] > INTEREST_HIGH * book.loan[*a]).collect();
    if let Some(first) = high.first() {
        let (n, id, owed, loan) = (high.len(), &book.account_id[*first], book.accrued_interest[*first], book.loan[*first]);
        gather.note(
            format!("{file}: {n} accounts have accrued interest above 20 % of their loan (first {id}: {owed:.2} on {loan:.2}); the columns may be swapped, or their units differ"),
            format!("{file}：{n} 个账户的应计利息高于融资的 20%（首个为 {id}：融资 {loan:.2}，利息 {owed:.2}）；可能列序颠倒或单位不一"),
        );
    }
}

fn openings(file: &str, programme: &Programme, book: &Book, gather: &mut Gather) {
    let late = |a: &usize| book.open_date[*a].filter(|day| *day > programme.as_of);
    let later: Vec<usize> = (0..book.accounts()).filter(|a| late(a).is_some()).collect();
    if let Some((first, day)) = later.first().and_then(|a| Some((a, late(a)?))) {
        let (n, id, as_of) = (later.len(), &book.account_id[*first], programme.as_of);
        gather.note(
            format!("{file}: {n} accounts open after the as-of date {as_of} (first {id}: {day}); they count all the same"),
            format!("{file}：{n} 个账户的开仓日晚于基准日 {as_of}（首个为 {id}：{day}），仍计入"),
        );
    }
}

/// Accounts that are one under two names: the same money, and the same holdings.
fn twins(file: &str, book: &Book, gather: &mut Gather) {
    type Held = Vec<(u32, u64)>;
    let mut seen: BTreeMap<(u64, u64, u64, Held), usize> = BTreeMap::new();
    let (mut n, mut first) = (0, None);
    for a in (0..book.accounts()).filter(|a| book.loan[*a] > 0.0 && !book.positions(*a).is_empty()) {
        let held = book.positions(a).map(|p| (book.position_symbol[p], book.position_quantity[p].to_bits())).collect();
        let money = [&book.cash, &book.loan, &book.accrued_interest].map(|column| column[a].to_bits());
        if let Some(other) = seen.insert((money[0], money[1], money[2], held), a) {
            n += 1;
            first.get_or_insert((other, a));
        }
    }
    if let Some((one, other)) = first {
        let (one, other) = (&book.account_id[one], &book.account_id[other]);
        gather.note(
            format!(
                "{file}: {n} accounts have the money and the holdings of another one (first {other}, as {one}); one client may stand twice"
            ),
            format!("{file}：{n} 个账户与另一账户的资金及持仓完全相同（首个为 {other}，与 {one} 相同）；同一客户可能重复"),
        );
    }
}

fn costs(positions: &Positions, book: &Book, market: &Market, gather: &mut Gather) {
    let far = |p: &usize| {
        let price = market.instruments[book.position_symbol[*p] as usize].price;
        book.position_cost[*p].is_some_and(|cost| cost > 0.0 && !(price / COST_FAR..=price * COST_FAR).contains(&cost))
    };
    let priced = book.position_cost.iter().flatten().count();
    let off: Vec<usize> = (0..book.position_cost.len()).filter(far).collect();
    if let Some(first) = off.first() {
        let (n, file) = (off.len(), positions.file());
        let instrument = &market.instruments[book.position_symbol[*first] as usize];
        let (symbol, price, cost) = (&instrument.symbol, instrument.price, book.position_cost[*first].unwrap_or_default());
        gather.note(
            format!("{file}: {n} of {priced} costs lie twenty times above or below the close (first {symbol}: {cost} at a close of {price}); their unit may be another"),
            format!("{file}：{priced} 个成本价中有 {n} 个与收盘价相差二十倍以上（首个为 {symbol}：成本 {cost}，收盘 {price}）；单位可能有误"),
        );
    }
}

/// What each tier has lent of its funding.
fn lent(file: &str, book: &Book, gather: &mut Gather) {
    for (tier, name) in book.tiers.iter().enumerate() {
        let mine = |of: &u32| *of as usize == tier;
        let loans = book.tier.iter().zip(&book.loan).filter(|(of, _)| mine(of)).fold(0.0, |sum, (_, loan)| sum + loan);
        let funds = book.funding.iter().filter(|source| mine(&source.tier)).fold(0.0, |sum, source| sum + source.amount);
        if loans > 0.0 && funds > 0.0 && !(LENT_LOW..=LENT_HIGH).contains(&(loans / funds)) {
            gather.note(
                format!("{file}: tier {name} has lent {loans:.0} of a funding of {funds:.0}; one of the two may be in another unit"),
                format!("{file}：{name} 层融出 {loans:.0}，资金为 {funds:.0}；二者之一单位可能有误"),
            );
        }
    }
}

fn odd_rates(file: &str, rates: &[(&str, f64)], gather: &mut Gather) {
    let low: Vec<&(&str, f64)> = rates.iter().filter(|(_, rate)| *rate > 0.0 && *rate < RATE_LOW).collect();
    if let Some((id, rate)) = low.first() {
        let (n, rate) = (low.len(), rate * 100.0);
        gather.note(
            format!("{file}: {n} annual rates lie below 0.2 % (first {id}, {rate:.4} %); a fraction may have been taken for per cent"),
            format!("{file}：{n} 个年利率低于 0.2%（首个为 {id}，{rate:.4}%）；小数可能被当作百分数"),
        );
    }
    let high: Vec<&(&str, f64)> = rates.iter().filter(|(_, rate)| *rate > RATE_HIGH).collect();
    if let Some((id, rate)) = high.first() {
        let (n, rate) = (high.len(), rate * 100.0);
        gather.note(
            format!("{file}: {n} annual rates lie above 60 % (first {id}, {rate:.0} %); rates in per cent need a sign or the header rate_annual(%)"),
            format!("{file}：{n} 个年利率高于 60%（首个为 {id}，{rate:.0}%）；以百分数填写的利率需带 % 或表头写作 年利率(%)"),
        );
    }
}

fn stated_ratios(file: &str, book: &Book, prices: &[f64], stated: &[Option<f64>], gather: &mut Gather) {
    let pairs: Vec<(usize, f64, f64)> =
        (0..book.accounts()).filter_map(|a| Some((a, stated.get(a).copied().flatten()?, ratio(book, a, prices)?))).collect();
    if pairs.is_empty() {
        return;
    }
    let all = pairs.len();
    let off: Vec<&(usize, f64, f64)> = pairs.iter().filter(|(_, told, own)| (told - own).abs() > RATIO_NEAR * own.max(1.0)).collect();
    let Some((account, told, own)) = off.iter().max_by(|a, b| (a.1 - a.2).abs().total_cmp(&(b.1 - b.2).abs())) else {
        return gather.note(
            format!("{file}: the {all} maintenance ratios the file states are those found here, to 1 %"),
            format!("{file}：文件所列 {all} 个维持担保比例与计算结果一致（误差 1% 以内）"),
        );
    };
    let (n, id, told, own) = (off.len(), &book.account_id[*account], told * 100.0, own * 100.0);
    gather.note(
        format!("{file}: {n} of {all} stated maintenance ratios differ from those found here (most {id}: stated {told:.1} %, found {own:.1} %); the found ones count"),
        format!("{file}：文件所列 {all} 个维持担保比例中有 {n} 个与计算结果不符（相差最大者 {id}：文件 {told:.1}%，计算 {own:.1}%）；以计算结果为准"),
    );
}

/// What each position is worth here: within the bound of money, and as the file itself states it.
fn values(book: &Book, market: &Market, positions: &Positions, gather: &mut Gather) {
    let symbols = &market.history.symbols;
    let price_of: Vec<f64> = positions
        .symbols
        .iter()
        .map(|named| {
            let symbol = lookup(symbols, named).expect("symbols were resolved");
            market.instruments[market.history.symbol_index(&symbol).expect("it was found")].price
        })
        .collect();
    let (mut all, mut off, mut told_sum, mut own_sum) = (0, 0, 0.0, 0.0);
    let mut first = None;
    for (row, position) in positions.rows.iter().enumerate() {
        let own = position.quantity * price_of[position.symbol as usize];
        if own > MOST_MONEY {
            let what = format!("{} shares at {} are worth {own:.3e}", position.quantity, price_of[position.symbol as usize]);
            let place = positions.quantity_place(row);
            gather.problems.push(Problem::new(
                Kind::Data,
                place,
                what,
                "a position is worth 1e15 at most",
                "mend the quantity or the price",
            ));
        }
        let Some(told) = position.stated_value else { continue };
        all += 1;
        told_sum += told;
        own_sum += own;
        if (told - own).abs() > VALUE_NEAR * told.max(own) {
            off += 1;
            first.get_or_insert((row, told, own));
        }
    }
    if let Some((row, told, own)) = first {
        let (file, place) = (positions.file(), positions.quantity_place(row).line.unwrap_or(0));
        let account = positions.account_of(row);
        gather.note(
            format!("{file}: {off} of {all} stated values of positions differ from quantity × close here (first {account}, line {place}: stated {told:.2}, found {own:.2}; in all {told_sum:.0} and {own_sum:.0})"),
            format!("{file}：{all} 个持仓市值中有 {off} 个与数量 × 收盘价不符（首个为 {account}，第 {place} 行：文件 {told:.2}，计算 {own:.2}；合计 {told_sum:.0} 与 {own_sum:.0}）"),
        );
    }
    debug_assert!(book.position_symbol.len() == positions.rows.len(), "every position is in the book");
}
