//! Writes `ledger.parquet`: every movement of money on the audited paths of each scenario, as double entries.
//!
//! The audited paths are the worst, the median, and the one nearest the expected shortfall; each is run again alone.

use super::frame::{ROW_GROUP, column, table, write_parquet_by};
use super::{Audited, DataExport, Simulated};
use crate::engine::outcome::Outcome;
use crate::engine::trace::{self, Entry, Retold};
use crate::problem::Problems;
use crate::report::folder::Claim;
use polars::prelude::DataFrame;

pub const EXPORT: DataExport = DataExport { name: "ledger.parquet", write };

/// The paths to audit of one scenario.
pub fn audited(outcome: &Outcome) -> Vec<Audited> {
    let losses = &outcome.path.pool_loss;
    let paths = trace::audit_paths(losses).into_iter();
    paths.map(|(role, path)| Audited { role, path, pool_loss: losses[path as usize] }).collect()
}

fn write(results: &Simulated<'_>, claim: &mut Claim) -> Result<(), Problems> {
    write_parquet_by(claim, "ledger.parquet", |file| {
        let mut problems = Problems::new();
        for (index, audited) in results.audited.iter().enumerate() {
            let retold = match Retold::prepare(results.facts.programme, results.book, results.market, index) {
                Ok(retold) => retold,
                Err(more) => {
                    problems.extend(more);
                    continue;
                }
            };
            for Audited { role, path, pool_loss } in audited {
                let (entries, again) = retold.entries(*path);
                assert!(again.to_bits() == pool_loss.to_bits(), "path {path} run again loses {again} and not {pool_loss}");
                let scenario = &results.facts.scenarios[index].name;
                entries.chunks(ROW_GROUP).try_for_each(|part| file.add(&rows(scenario, role, *path, part)))?;
            }
        }
        problems.into_result(())
    })
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
