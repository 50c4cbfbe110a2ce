//! Writes `accounts.parquet`: a row per scenario and account, the probability of each state and what it costs whom.

use super::frame::{column, finite, table};
use super::parquet::write_parquet;
use super::units::Stated;
use super::{DataExport, Simulated};
use crate::engine::outcome::{NEVER, Outcome};
use crate::measures::accounts::{self, Event};
use crate::model::book::Book;
use crate::model::margin::cap::Binding;
use crate::problem::Problems;
use crate::report::folder::Claim;
use polars::prelude::Column;

pub const EXPORT: DataExport = DataExport { name: NAME, write };
const NAME: &str = "accounts.parquet";

fn write(results: &Simulated<'_>, claim: &mut Claim) -> Result<(), Problems> {
    let price = results.market.prices();
    let standing = standing(results.book, &price);
    let tables = results.facts.scenarios.iter().zip(results.outcomes).map(|(scenario, outcome)| {
        let mut columns = vec![column("scenario", vec![scenario.name.as_str(); results.book.accounts()])];
        columns.extend(standing.iter().cloned());
        columns.push(column("paths", vec![outcome.paths; results.book.accounts()]));
        columns.extend(probabilities(outcome));
        columns.extend(losses(outcome));
        columns.extend(parts(scenario.causes.as_ref().map(|c| c.every[0].as_slice()), results.book.accounts()));
        columns.extend(days(outcome));
        columns.extend(caps(outcome, results.book.accounts()));
        table(columns)
    });
    write_parquet(claim, NAME, (results.threads, Some(&Stated::of(results.facts.programme, NAME))), tables)
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

/// The share of paths that meet each event, and its standard error.
fn probabilities(outcome: &Outcome) -> Vec<Column> {
    let events = [
        ("warning_probability", Event::Warned),
        ("limit_probability", Event::Limited),
        ("call_probability", Event::Called),
        ("cure_probability", Event::Cured),
        ("liquidation_probability", Event::Liquidated),
        ("shortfall_probability", Event::Shortfall),
        ("reduction_probability", Event::Reduced),
        ("unneeded_liquidation_probability", Event::Unneeded),
    ];
    let all = 0..outcome.account.loss_sum.len();
    let shares = accounts::Shares::of(outcome);
    let share = |(name, event)| with_error(name, all.clone().map(|a| Some(shares.of_account(event, a))));
    events.into_iter().flat_map(share).collect()
}

/// A column, and the one of its errors behind it.
fn with_error(name: &str, figures: impl Iterator<Item = Option<(f64, Option<f64>)>>) -> [Column; 2] {
    let (values, errors): (Vec<Option<f64>>, Vec<Option<f64>>) =
        figures.map(|figure| (figure.map(|f| f.0), figure.and_then(|f| f.1))).unzip();
    [column(name, values), column(&format!("{name}_std_error"), errors)]
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

/// Means over paths, and their standard errors.
fn losses(outcome: &Outcome) -> Vec<Column> {
    let all = 0..outcome.account.loss_sum.len();
    let lender = all.clone().map(|a| Some(accounts::lender_loss(outcome, a)));
    let client = all.map(|a| Some(accounts::expected_client_loss(outcome, a)));
    [with_error("expected_lender_loss", lender), with_error("expected_client_loss", client)].concat()
}

/// Parts of the pool's ES 99 % and their standard errors; absent where its tail is too thin.
pub fn parts(parts: Option<&[(f64, f64)]>, count: usize) -> [Column; 2] {
    let of = |k: usize| parts.map(|parts| (parts[k].0, finite(parts[k].1)));
    with_error("es_99_part", (0..count).map(of))
}

/// Sessions from 1, 0 for the as-of close: the mean with its error and the earliest over the paths that met the event, and the exact one where all
/// paths are the same.
fn days(outcome: &Outcome) -> Vec<Column> {
    let account = &outcome.account;
    let events = [
        ("warning", &account.first_warning),
        ("call", &account.first_call),
        ("liquidation", &account.first_liquidation),
        ("close", &account.first_close),
    ];
    let day = |day: u16| (day != NEVER).then_some(u32::from(day));
    let earliest = events
        .iter()
        .map(|(event, first)| column(&format!("earliest_{event}_day"), first.iter().map(|d| day(d[0])).collect::<Vec<Option<u32>>>()));
    let exact = events.iter().map(|(event, first)| {
        let exact = first.iter().map(|d| if outcome.deterministic { day(d[0]) } else { None });
        column(&format!("first_{event}_day"), exact.collect::<Vec<Option<u32>>>())
    });
    let expected = events.iter().enumerate().flat_map(|(e, (event, first))| {
        with_error(&format!("expected_{event}_day"), (0..first.len()).map(|a| accounts::expected_day(outcome, a, e)))
    });
    exact.chain(expected).chain(earliest).collect()
}
