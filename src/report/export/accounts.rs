//! Writes `accounts.parquet`: a row per scenario and account, the probability of each state and what it costs whom.

use super::Simulated;
use super::frame::{column, finite, table, write_parquet};
use crate::engine::outcome::{AccountColumns, Outcome};
use crate::model::book::Book;
use crate::model::margin::cap::Binding;
use crate::problem::Problems;
use crate::report::folder::Claim;
use polars::prelude::Column;

pub fn write(results: &Simulated<'_>, claim: &mut Claim) -> Result<(), Problems> {
    let price = results.market.prices();
    let standing = standing(results.book, &price);
    let tables = results.facts.scenarios.iter().zip(results.outcomes).map(|(scenario, outcome)| {
        let mut columns = vec![column("scenario", vec![scenario.name.as_str(); results.book.accounts()])];
        columns.extend(standing.iter().cloned());
        columns.extend(probabilities(&outcome.account, outcome.paths));
        columns.extend(losses(&outcome.account, outcome.paths));
        columns.extend(days(outcome));
        columns.extend(caps(outcome, results.book.accounts()));
        table(columns)
    });
    write_parquet(claim, "accounts.parquet", tables)
}

/// The book on the as-of date; the same in every scenario.
fn standing(book: &Book, price: &[f64]) -> Vec<Column> {
    let accounts = 0..book.accounts();
    let name = |index: &[u32], names: &[String]| -> Vec<String> { index.iter().map(|i| names[*i as usize].clone()).collect() };
    let ratio = |a: usize| {
        let debt = book.loan[a] + book.accrued_interest[a];
        finite((book.cash[a] + book.market_value(a, price)) / debt)
    };
    vec![
        column("account_id", &book.account_id),
        column("tier", name(&book.tier, &book.tiers)),
        column("grade", name(&book.grade, &book.grades)),
        column("product", name(&book.product, &book.products)),
        column("loan", &book.loan),
        column("market_value", accounts.clone().map(|a| book.market_value(a, price)).collect::<Vec<f64>>()),
        column("own_capital", accounts.clone().map(|a| book.own_capital(a, price)).collect::<Vec<f64>>()),
        // absent where nothing is owned, and where nothing is owed
        column("leverage", accounts.clone().map(|a| finite(book.leverage(a, price))).collect::<Vec<Option<f64>>>()),
        column("maintenance_ratio", accounts.map(ratio).collect::<Vec<Option<f64>>>()),
    ]
}

fn probabilities(account: &AccountColumns, paths: u64) -> Vec<Column> {
    let share = |name: &str, counts: &[u32]| column(name, counts.iter().map(|c| f64::from(*c) / paths as f64).collect::<Vec<f64>>());
    vec![
        share("warning_probability", &account.warned),
        share("limit_probability", &account.limited),
        share("call_probability", &account.called),
        share("cure_probability", &account.cured),
        share("liquidation_probability", &account.liquidated),
        share("shortfall_probability", &account.shortfall),
        share("reduction_probability", &account.reduced),
    ]
}

/// What each account may invest at the as-of date, and which bound is the least; absent where no cap is asked for.
fn caps(outcome: &Outcome, accounts: usize) -> [Column; 2] {
    let name = |binding: Binding| match binding {
        Binding::Means => "means",
        Binding::Regulation => "regulation",
        Binding::Platform => "platform",
    };
    let of = |a: usize| outcome.caps.get(a).map(|c| c.cap);
    [
        column("investment_cap", (0..accounts).map(|a| of(a).and_then(|c| finite(c.money))).collect::<Vec<Option<f64>>>()),
        column("investment_cap_binding", (0..accounts).map(|a| of(a).map(|c| name(c.binding))).collect::<Vec<Option<&str>>>()),
    ]
}

/// Means over paths, and the standard error of the lender's: √((Σx²/n − mean²) / (n − 1)).
fn losses(account: &AccountColumns, paths: u64) -> Vec<Column> {
    let n = paths as f64;
    let error = |(sum, square): (&f64, &f64)| {
        let mean = sum / n;
        // rounding may leave a constant's variance a hair below zero
        let variance = (square / n - mean * mean).max(0.0);
        if paths > 1 { (variance / (n - 1.0)).sqrt() } else { 0.0 }
    };
    vec![
        column("expected_lender_loss", account.loss_sum.iter().map(|s| s / n).collect::<Vec<f64>>()),
        column("expected_lender_loss_std_error", account.loss_sum.iter().zip(&account.loss_square).map(error).collect::<Vec<f64>>()),
        column("expected_client_loss", account.client_loss_sum.iter().map(|s| s / n).collect::<Vec<f64>>()),
    ]
}

/// Sessions from 1: the mean and the earliest over the paths that met the event, and the exact one where all paths are the same.
fn days(outcome: &Outcome) -> Vec<Column> {
    let account = &outcome.account;
    let events = [
        ("warning", &account.first_warning),
        ("call", &account.first_call),
        ("liquidation", &account.first_liquidation),
        ("close", &account.first_close),
    ];
    let day = |day: u16| (day > 0).then_some(u32::from(day));
    let earliest = events
        .iter()
        .map(|(event, first)| column(&format!("earliest_{event}_day"), first.iter().map(|d| day(d[0])).collect::<Vec<Option<u32>>>()));
    let exact = events.iter().map(|(event, first)| {
        let exact = first.iter().map(|d| if outcome.deterministic { day(d[0]) } else { None });
        column(&format!("first_{event}_day"), exact.collect::<Vec<Option<u32>>>())
    });
    let expected = events.iter().enumerate().map(|(e, (event, _))| {
        let mean =
            account.first_day_sum.iter().zip(&account.first_day_paths).map(|(sum, paths)| finite(sum[e] as f64 / f64::from(paths[e])));
        column(&format!("expected_{event}_day"), mean.collect::<Vec<Option<f64>>>())
    });
    exact.chain(expected).chain(earliest).collect()
}
