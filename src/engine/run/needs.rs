//! Says before a run how much memory and disk it needs, from the sizes of what it holds.
//!
//! ```text
//! plans     scenarios and layers × (accounts, positions, sessions × symbols)
//! threads   threads × (a tile of the market, the sums of a batch, active accounts)
//! sums      of every scenario's accounts, as far as the tree of batches keeps them apart
//! rows      a row a path: on disk while paths are simulated, those of two scenarios in memory while they are measured
//! ```

use super::group::{Group, runs};
use crate::engine::plan::account::{Account, Position};
use crate::engine::plan::active::ActiveAccount;
use crate::engine::plan::build::held_symbols;
use crate::engine::record::account_sums::AccountSums;
use crate::engine::record::outcome::PathColumns;
use crate::engine::record::pool::PoolFigure;
use crate::model::book::Book;
use crate::model::case::{Case, Programme};
use crate::model::market::LANES;
use std::mem::size_of;

/// Bytes that a run holds beside what it has read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    pub plans: u64,
    /// Of all threads: what is sure, and what active accounts add where most of a book is called or sold on the same paths.
    pub threads: u64,
    pub active: u64,
    pub sums: u64,
    /// Rows in memory while a scenario is measured.
    pub rows: u64,
    /// Scores of candidate paths, where paths are a sample of them.
    pub scores: u64,
    /// Rows on the disk until they are measured.
    pub spool: u64,
}

impl Needs {
    /// Memory that the run is sure to need.
    pub fn least(&self) -> u64 {
        self.plans + self.threads + self.scores.max(self.sums.max(self.rows))
    }

    /// Memory that it may need.
    pub fn most(&self) -> u64 {
        self.plans + self.threads + self.active + self.sums + self.rows + self.scores
    }
}

/// Columns of an account that `accounts.parquet` and the measures read, bytes.
const ACCOUNT_COLUMNS: u64 = 8 * 4 + 4 * 8 + 4 * 4 + 4 * (8 + 8 + 4);

/// Strata of a sample, at most as many as this for a million candidates, and the batches of one that is being joined.
const STRATA: u64 = 20;
/// The same where candidates count differently.
const STRATA_OF_LAWS: u64 = 45;

/// Rounds of a run that goes on until its figures are exact, as a rule.
const ROUNDS: u64 = 6;

/// What a run of a programme, its model-risk scenarios among it, needs on so many threads.
pub fn needs(programme: &Programme, book: &Book, threads: usize) -> Needs {
    let (accounts, positions) = (book.accounts() as u64, book.position_symbol.len() as u64);
    let (symbols, threads) = (held_symbols(book).len() as u64, threads as u64);
    let lanes = LANES as u64;
    let mut needs = Needs::default();
    let runs = runs(programme);
    let (mut largest_row, mut base_row) = (0, 0);
    let mut groups: Vec<(&Case, u64)> = Vec::new();
    for (at, run) in runs.iter().enumerate() {
        let case = &run.scenario.case;
        let days = u64::from(case.simulation.horizon_days);
        // a replay is one path, where no client's answer is drawn
        let paths = if case.market.is_replay() { 1 } else { case.simulation.most_paths() };
        // its own record, its distance to the line, and what its holdings are beside each other
        needs.plans += accounts * (size_of::<Account>() as u64 + 120) + positions * 2 * size_of::<Position>() as u64 + days * symbols * 8;
        let row = paths * row_bytes(case, book, run.layer.is_some());
        needs.spool += row;
        if at == 0 {
            base_row = row;
        }
        largest_row = largest_row.max(row);
        match groups.iter_mut().find(|(other, _)| other.shares_market_with(case)) {
            Some((_, members)) => *members += 1,
            None => groups.push((case, 1)),
        }
    }
    let sums_of_all = accounts * size_of::<AccountSums>() as u64;
    for (case, members) in &groups {
        let days = u64::from(case.simulation.horizon_days);
        // returns drawn and shocked, prices with their bounds, states and volumes
        let tile = symbols * lanes * (days * (8 + 8 + 9 + 2 + 8) + 6 * 8);
        needs.threads = needs.threads.max(threads * (tile + members * sums_of_all));
        needs.active = needs.active.max(threads * accounts * lanes * size_of::<ActiveAccount>() as u64 / 2);
        let sampling = &case.simulation.sampling;
        // the sums of a batch at every level of the tree; of a sample those of every stratum, until all are joined
        let (paths, rounds) = (case.simulation.most_paths(), if case.simulation.until.is_some() { ROUNDS } else { 1 });
        let batches = if sampling.is_plain() { Group::batches_of(paths) } else { 0 };
        let strata = if sampling.is_plain() { rounds - 1 } else { rounds * if sampling.is_tilted() { STRATA_OF_LAWS } else { STRATA } };
        let levels = u64::from(u64::BITS - batches.leading_zeros()) + 1 + strata;
        needs.sums = needs.sums.max(levels * members * sums_of_all);
        if !sampling.is_plain() {
            // a score, the copy that is cut into strata, and what the jobs hand over; with what it counts, its order, and its class
            needs.scores = needs.scores.max(if sampling.is_tilted() { 32 } else { 12 } * case.simulation.most_drawn());
        }
    }
    let scenarios = runs.iter().filter(|run| run.layer.is_none()).count() as u64;
    needs.sums += scenarios * accounts * ACCOUNT_COLUMNS;
    // the columns, and as much again while they are sorted and their influence is taken
    needs.rows = 2 * (base_row + largest_row);
    needs
}

/// Bytes of one path's row.
fn row_bytes(case: &Case, book: &Book, is_layer: bool) -> u64 {
    if is_layer {
        return 8 + 8 + 4;
    }
    let (tiers, sources) = (book.tiers.len() as u64, book.funding.len() as u64);
    let daily = if case.pool.is_kept_daily() {
        8 * (PoolFigure::ALL.len() as u64 + sources) + 4 * (tiers + case.pool.triggers.len() as u64)
    } else {
        0
    };
    let mut columns = PathColumns::default();
    8 * columns.floats().len() as u64 + 4 * columns.counts().len() as u64 + 8 * tiers + 2 * 8 + daily
}
