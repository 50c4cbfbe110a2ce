//! Writes `symbols.parquet`: a row per scenario and simulated symbol, its forced sales and the days it could not be sold.

use super::Simulated;
use super::frame::{column, table, write_parquet};
use crate::engine::outcome::Outcome;
use crate::model::history::Instrument;
use crate::problem::Problems;
use crate::report::folder::Claim;
use polars::prelude::DataFrame;

pub fn write(results: &Simulated<'_>, claim: &mut Claim) -> Result<(), Problems> {
    let held = held_value(results);
    let tables = results.facts.scenarios.iter().zip(results.outcomes);
    write_parquet(claim, "symbols.parquet", tables.map(|(scenario, outcome)| rows_of(&scenario.name, results, &held, outcome)))
}

/// Market value the book holds of each market symbol.
fn held_value(results: &Simulated<'_>) -> Vec<f64> {
    let mut held = vec![0.0; results.market.instruments.len()];
    for (symbol, quantity) in results.book.position_symbol.iter().zip(&results.book.position_quantity) {
        held[*symbol as usize] += quantity * results.market.instruments[*symbol as usize].price;
    }
    held
}

fn rows_of(scenario: &str, results: &Simulated<'_>, held: &[f64], outcome: &Outcome) -> DataFrame {
    let s = &outcome.symbol;
    let facts: Vec<&Instrument> = s.symbol.iter().map(|i| &results.market.instruments[*i as usize]).collect();
    let n = outcome.paths as f64;
    let mean = |values: &[f64]| values.iter().map(|v| v / n).collect::<Vec<f64>>();
    table(vec![
        column("scenario", vec![scenario; s.symbol.len()]),
        column("symbol", facts.iter().map(|i| i.symbol.as_str()).collect::<Vec<_>>()),
        column("name", facts.iter().map(|i| i.name.as_str()).collect::<Vec<_>>()),
        column("board", facts.iter().map(|i| format!("{:?}", i.board).to_lowercase()).collect::<Vec<_>>()),
        column("sector", facts.iter().map(|i| i.sector.as_str()).collect::<Vec<_>>()),
        column("own_returns", facts.iter().map(|i| i.own_returns as u64).collect::<Vec<_>>()),
        column("proxy", facts.iter().map(|i| i.proxy.as_deref()).collect::<Vec<Option<&str>>>()),
        column("price", facts.iter().map(|i| i.price).collect::<Vec<_>>()),
        column("held_value", s.symbol.iter().map(|i| held[*i as usize]).collect::<Vec<_>>()),
        column("forced_sales_mean", mean(&s.sold)),
        column("early_sales_mean", mean(&s.early)),
        column("unsold_mean", mean(&s.unsold)),
        column("push_mean", mean(&s.push_sum)),
        column("push_max", &s.push_max),
        column("paths", vec![outcome.paths; s.symbol.len()]),
        column("halted_path_days", &s.halted_days),
        column("locked_path_days", &s.locked_days),
        column("queued_path_days", &s.queued_days),
    ])
}
