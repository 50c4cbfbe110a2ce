//! Takes the book's picture on the as-of date: leverage, tiers, lines already broken, concentration, utilisation.

use super::facts::{Snapshot, TierSnapshot};
use crate::measures::concentration::herfindahl;
use crate::model::book::{Book, LEVERAGE_BUCKETS, leverage_bucket};
use crate::model::case::{Case, Programme};
use crate::model::history::Market;
use crate::model::pool::{loss_order, tier_capital};

const TOP: usize = 10;

/// The book under the base scenario's contract and pool, at as-of prices.
pub fn take(programme: &Programme, book: &Book, market: &Market) -> Snapshot {
    let case = &programme.scenarios[0].case;
    let price = market.prices();
    let accounts = book.accounts();
    let value: Vec<f64> = (0..accounts).map(|a| book.market_value(a, &price)).collect();
    let holdings = by_symbol(book, market, &price);
    let held: Vec<f64> = holdings.iter().map(|h| h.1).collect();
    let (loans, cash, market_value) = (total(&book.loan), total(&book.cash), total(&value));
    let own_capital: f64 = (0..accounts).map(|a| book.own_capital(a, &price)).sum();
    let capital = tier_capital(book, case);
    let funded: f64 = book.funding.iter().map(|s| s.amount).sum();
    let funding = if book.funding.is_empty() { total(&capital) } else { funded };
    let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
    Snapshot {
        accounts,
        positions: book.position_symbol.len(),
        symbols: holdings.len(),
        loans,
        own_capital,
        market_value,
        cash,
        mean_leverage: share(cash + market_value, own_capital),
        tiers: tiers(book, case, &capital),
        leverage: leverage(book, &price),
        grades: split(&book.grades, |name| (0..accounts).filter(move |a| book.grade[*a] as usize == name), &book.loan),
        below_line: below_lines(book, case, &value),
        top_clients: top(&book.loan).into_iter().map(|a| (book.account_id[a].clone(), book.loan[a], share(book.loan[a], loans))).collect(),
        top_symbols: top(&held)
            .into_iter()
            .map(|h| {
                let instrument = &market.instruments[holdings[h].0];
                (instrument.symbol.clone(), instrument.name.clone(), held[h], share(held[h], market_value))
            })
            .collect(),
        hhi_clients: herfindahl(&book.loan),
        hhi_symbols: herfindahl(&held),
        utilisation: share(loans, funding),
        funding,
    }
}

fn total(values: &[f64]) -> f64 {
    values.iter().sum()
}

/// Market value by symbol held, in order of symbol.
fn by_symbol(book: &Book, market: &Market, price: &[f64]) -> Vec<(usize, f64)> {
    let mut value = vec![None; market.instruments.len()];
    for (symbol, quantity) in book.position_symbol.iter().zip(&book.position_quantity) {
        *value[*symbol as usize].get_or_insert(0.0) += quantity * price[*symbol as usize];
    }
    value.into_iter().enumerate().filter_map(|(symbol, value)| Some((symbol, value?))).collect()
}

/// Indices of the largest values above 0, largest first; ties in order of index.
fn top(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).filter(|i| values[*i] > 0.0).collect();
    order.sort_by(|a, b| values[*b].total_cmp(&values[*a]).then(a.cmp(b)));
    order.truncate(TOP);
    order
}

/// Accounts and loans of each name's members.
fn split<I: Iterator<Item = usize>>(names: &[String], members: impl Fn(usize) -> I, loan: &[f64]) -> Vec<(String, usize, f64)> {
    let of = |name: usize| members(name).fold((0, 0.0), |(count, sum), a| (count + 1, sum + loan[a]));
    names.iter().enumerate().map(|(index, name)| (name.clone(), of(index).0, of(index).1)).collect()
}

fn leverage(book: &Book, price: &[f64]) -> Vec<(String, usize, f64)> {
    let bucket: Vec<usize> = (0..book.accounts()).map(|a| leverage_bucket(book.leverage(a, price))).collect();
    let names = LEVERAGE_BUCKETS.map(String::from);
    split(&names, |b| (0..bucket.len()).filter(|a| bucket[*a] == b).collect::<Vec<_>>().into_iter(), &book.loan)
}

fn tiers(book: &Book, case: &Case, capital: &[f64]) -> Vec<TierSnapshot> {
    let order = loss_order(book, case);
    let loans = split(&book.tiers, |tier| (0..book.accounts()).filter(move |a| book.tier[*a] as usize == tier), &book.loan);
    let rank = |tier: usize| 1 + order.iter().position(|t| *t == tier).expect("every tier bears losses in some order");
    let row = |(tier, (name, accounts, loans))| TierSnapshot { name, capital: capital[tier], loans, accounts, loss_rank: rank(tier) };
    loans.into_iter().enumerate().map(row).collect()
}

/// Accounts whose maintenance ratio is at or below each line in force, their own contracts counted; one without debt is below none.
fn below_lines(book: &Book, case: &Case, value: &[f64]) -> Vec<(String, usize, f64)> {
    let mut rows = ["warning", "limit", "call", "liquidation"].map(|name| (name.to_string(), 0, 0.0));
    for (a, own) in book.lines.iter().enumerate() {
        let lines = case.margin.lines(own);
        let (assets, debt) = (book.cash[a] + value[a], book.loan[a] + book.accrued_interest[a]);
        for (row, line) in rows.iter_mut().zip([lines.warning, lines.limit, lines.call, lines.liquidation]) {
            if line > 0.0 && debt > 0.0 && assets <= line * debt {
                row.1 += 1;
                row.2 += book.loan[a];
            }
        }
    }
    rows.to_vec()
}
