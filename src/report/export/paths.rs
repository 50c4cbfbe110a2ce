//! Writes `paths.parquet`: a row per scenario and path, every figure of a path.

use super::frame::{column, table};
use super::parquet::{ParquetFile, ROW_GROUP, write_parquet_by};
use super::units::Stated;
use crate::engine::outcome::{Outcome, PathFigure, PoolFigure};
use crate::model::case::Programme;
use crate::problem::Problems;
use crate::report::folder::Claim;
use polars::prelude::Column;
use std::ops::Range;

const NAME: &str = "paths.parquet";

/// The file while scenarios are added to it, one after another in the programme's order.
pub struct PathsFile<'a, 'b> {
    file: &'a mut ParquetFile<'b>,
    tiers: &'a [String],
    /// The pool of at least one scenario is kept daily: all have its columns.
    daily: bool,
    /// The paths of at least one scenario count differently: all say what each counts.
    weighted: bool,
}

/// Writes the file, of the scenarios that `feed` adds; `daily` where the pool of at least one is kept daily, `weighted` where the paths of
/// at least one are a sample of candidates.
pub fn write(
    claim: &mut Claim,
    programme: &Programme,
    tiers: &[String],
    (daily, weighted): (bool, bool),
    threads: usize,
    feed: impl FnOnce(&mut PathsFile<'_, '_>) -> Result<(), Problems>,
) -> Result<(), Problems> {
    let stated = Stated::of(programme, NAME);
    write_parquet_by(claim, NAME, (threads, Some(&stated)), |file| feed(&mut PathsFile { file, tiers, daily, weighted }))
}

impl PathsFile<'_, '_> {
    /// Adds one scenario's rows, one row group after another: the memory needed does not grow with the number of paths.
    pub fn add(&mut self, scenario: &str, outcome: &Outcome) -> Result<(), Problems> {
        let rows = outcome.path.pool_loss.len();
        (0..rows).step_by(ROW_GROUP).try_for_each(|from| {
            let rows = from..rows.min(from + ROW_GROUP);
            let mut columns = rows_of(scenario, self.tiers, outcome, rows.clone());
            if self.weighted {
                columns.insert(2, weights(outcome, rows.clone()));
            }
            if self.daily {
                columns.extend(pool_columns(self.tiers, outcome, rows));
            }
            self.file.add(&table(columns))
        })
    }
}

fn rows_of(scenario: &str, tiers: &[String], outcome: &Outcome, rows: Range<usize>) -> Vec<Column> {
    let p = &outcome.path;
    let money = |name: &str, values: &[f64]| column(name, &values[rows.clone()]);
    let mut columns: Vec<Column> = vec![
        column("scenario", vec![scenario; rows.len()]),
        column("path", rows.clone().map(|row| outcome.number_of(row)).collect::<Vec<u64>>()),
    ];
    for (name, figure) in p.written() {
        columns.push(match figure {
            PathFigure::Float(values) => money(name, values),
            PathFigure::Count(values) => column(name, &values[rows.clone()]),
        });
        // who bears the loss follows it
        if name == "unallocated_loss" {
            columns.extend([money("cover_1", &outcome.pool.cover_1), money("cover_2", &outcome.pool.cover_2)]);
            columns.extend(tiers.iter().zip(&p.tier_loss).map(|(tier, loss)| money(&format!("tier_loss_{tier}"), loss)));
        }
    }
    columns
}

/// What each row counts, one on average over a scenario's rows.
fn weights(outcome: &Outcome, rows: Range<usize>) -> Column {
    let of_sample = outcome.sample.as_ref().map(|sample| sample.weights().skip(rows.start).take(rows.len()).collect());
    column("weight", of_sample.unwrap_or_else(|| vec![1.0; rows.len()]))
}

/// What a pool kept daily came to; nothing in the rows of scenarios whose pool is not.
fn pool_columns(tiers: &[String], outcome: &Outcome, rows: Range<usize>) -> Vec<Column> {
    let daily = outcome.pool.daily.as_ref();
    let cells = |values: Option<&[f64]>| -> Vec<Option<f64>> { rows.clone().map(|row| values.map(|v| v[row])).collect() };
    let mut columns: Vec<Column> =
        PoolFigure::ALL.iter().map(|figure| column(figure.name(), cells(daily.map(|d| d.figure(*figure))))).collect();
    for (t, tier) in tiers.iter().enumerate() {
        let failed: Vec<Option<u32>> = rows.clone().map(|row| daily.map(|d| d.tier_failed[t][row])).collect();
        columns.push(column(&format!("tier_failed_{tier}"), failed));
    }
    columns
}
