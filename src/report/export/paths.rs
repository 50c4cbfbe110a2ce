//! Writes `paths.parquet`: a row per scenario and path, every figure of a path.

use super::Results;
use super::frame::{ROW_GROUP, column, table, write_parquet};
use crate::engine::outcome::Outcome;
use crate::problem::Problems;
use crate::report::folder::Claim;
use polars::prelude::{Column, DataFrame};
use std::ops::Range;

pub fn write(results: &Results<'_>, claim: &mut Claim) -> Result<(), Problems> {
    let tiers = &results.book.tiers;
    // one row group after another: the memory needed does not grow with the number of paths
    let groups = results.facts.scenarios.iter().zip(results.outcomes).flat_map(|(scenario, outcome)| {
        let rows = outcome.path.pool_loss.len();
        (0..rows).step_by(ROW_GROUP).map(move |from| rows_of(&scenario.name, tiers, outcome, from..rows.min(from + ROW_GROUP)))
    });
    write_parquet(claim, "paths.parquet", groups)
}

fn rows_of(scenario: &str, tiers: &[String], outcome: &Outcome, rows: Range<usize>) -> DataFrame {
    let p = &outcome.path;
    let money = |name: &str, values: &[f64]| column(name, &values[rows.clone()]);
    let count = |name: &str, values: &[u32]| column(name, &values[rows.clone()]);
    let mut columns: Vec<Column> = vec![
        column("scenario", vec![scenario; rows.len()]),
        column("path", rows.clone().map(|r| r as u64).collect::<Vec<u64>>()),
        money("pool_loss", &p.pool_loss),
        money("shortfall", &p.shortfall),
        money("recourse", &p.recourse),
        money("unallocated_loss", &p.unallocated_loss),
    ];
    columns.extend(tiers.iter().zip(&p.tier_loss).map(|(tier, loss)| money(&format!("tier_loss_{tier}"), loss)));
    columns.extend([
        money("lender_pnl", &p.lender_pnl),
        money("client_loss", &p.client_loss),
        money("forced_sales", &p.forced_sales),
        money("early_sales", &p.early_sales),
        money("withdrawn", &p.withdrawn),
        money("unsold", &p.unsold),
        money("sale_cost", &p.sale_cost),
        money("call_amount", &p.call_amount),
        money("max_drawdown", &p.max_drawdown),
        count("warned", &p.warned),
        count("limited", &p.limited),
        count("called", &p.called),
        count("cured", &p.cured),
        count("liquidated", &p.liquidated),
        count("shortfall_accounts", &p.shortfall_accounts),
    ]);
    table(columns)
}
