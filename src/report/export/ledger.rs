//! Writes `ledger.parquet`: every movement of money on the audited paths of each scenario, as double entries.
//!
//! The audited paths are the worst, the median, and the one nearest the expected shortfall; each is run again alone.

use super::Simulated;
use super::frame::{ROW_GROUP, column, table, write_parquet};
use crate::engine::trace::{self, Entry};
use crate::problem::Problems;
use crate::report::folder::Claim;
use polars::prelude::DataFrame;

pub fn write(results: &Simulated<'_>, claim: &mut Claim) -> Result<(), Problems> {
    let mut traces = Vec::new();
    for (index, outcome) in results.outcomes.iter().enumerate() {
        for (role, path) in trace::audit_paths(&outcome.path.pool_loss) {
            traces.push((index, role, path));
        }
    }
    let mut problems = Problems::new();
    let tables = traces.into_iter().flat_map(|(index, role, path)| {
        let traced = trace::trace(results.facts.programme, results.book, results.market, index, path);
        let entries = traced.map_or_else(
            |more| {
                problems.extend(more);
                Vec::new()
            },
            |t| {
                let recorded = results.outcomes[index].path.pool_loss[path as usize];
                assert!(t.pool_loss.to_bits() == recorded.to_bits(), "path {path} run again loses {} and not {recorded}", t.pool_loss);
                t.entries
            },
        );
        let scenario = &results.facts.scenarios[index].name;
        entries.chunks(ROW_GROUP).map(|part| rows(scenario, role, path, part)).collect::<Vec<DataFrame>>()
    });
    write_parquet(claim, "ledger.parquet", tables)?;
    problems.into_result(())
}

fn rows(scenario: &str, role: &str, path: u64, entries: &[Entry]) -> DataFrame {
    table(vec![
        column("scenario", vec![scenario; entries.len()]),
        column("path", vec![path; entries.len()]),
        column("role", vec![role; entries.len()]),
        column("entry_id", entries.iter().map(|e| e.entry_id).collect::<Vec<u32>>()),
        column("day", entries.iter().map(|e| u32::from(e.day)).collect::<Vec<u32>>()),
        column("what", entries.iter().map(|e| e.what).collect::<Vec<&str>>()),
        column("account", entries.iter().map(|e| e.account.as_str()).collect::<Vec<&str>>()),
        column("amount", entries.iter().map(|e| e.amount).collect::<Vec<f64>>()),
    ])
}
