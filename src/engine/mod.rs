//! Runs paths in tiles through the order of a day, and reduces them in a fixed order.
//!
//! `batch` drives tiles over threads, `sequence` joins them in order; `order` puts paths of one fate into one tile, and `tile` holds
//! its market. Of the accounts `reach` keeps what tells whether a line is near, `watch` finds those that meet one, and `slot` holds
//! an account on a path from there on, as the as-of close left it (`as_of`): `day` takes all of them through each close together, `apart` one after the other where they
//! share nothing, and from sale to sale where that is a session's volume alone. `tally` records, and `shelf` takes the rows of finished paths.

mod account_sums;
mod apart;
mod as_of;
mod audit;
mod batch;
mod bounds;
pub mod breadth;
pub mod brute;
pub mod control_plan;
mod controls;
mod counted;
mod day;
pub mod drift;
mod fixed_point;
mod join;
mod kernels;
mod lanes;
mod order;
pub mod outcome;
mod own_cash;
mod plan;
pub mod pool;
mod prices;
mod reach;
mod sales;
mod sequence;
pub mod shelf;
mod slot;
mod snapshot;
mod state;
mod symbol_facts;
mod symbol_lanes;
mod tally;
mod threads;
mod tile;
pub mod trace;
mod volume;
mod wants;
mod watch;
pub mod weather;

use crate::model::book::Book;
use crate::model::case::{Case, Programme};
use crate::model::history::Market;
use crate::problem::Problems;
pub use batch::side_by_side;
use outcome::Outcome;
pub use plan::held_symbols;
use shelf::{Memory, Shelf, Shelved};
use std::sync::atomic::AtomicBool;

/// How a run is driven; nothing here changes a figure.
pub struct Control<'a> {
    /// Worker threads; all cores when absent.
    pub threads: Option<usize>,
    /// Set from outside to end the run (Ctrl-C).
    pub stop: &'a AtomicBool,
    /// Called now and then, from any worker, with account-steps done since the last call.
    pub progress: &'a (dyn Fn(u64) + Sync),
}

/// Account-steps (accounts × days × paths × scenarios) a programme asks for: the length of the progress bar.
pub fn account_steps(programme: &Programme, book: &Book) -> u64 {
    let steps = |case: &Case| book.accounts() as u64 * case.simulation.paths * u64::from(case.simulation.horizon_days);
    programme.scenarios.iter().map(|s| steps(&s.case) * (1 + s.case.layers().len() as u64)).sum()
}

/// Simulates every scenario of a programme, on common random numbers; outcomes in the programme's order.
///
/// Errors: a model that cannot be fitted (kind Model), or an interrupted run (kind Interrupted).
pub fn simulate(programme: &Programme, book: &Book, market: &Market, control: &Control<'_>) -> Result<Vec<Outcome>, Problems> {
    in_memory(programme, book, market, control, true)
}

/// The same with every account looked at on every day of every path: what passing accounts over is checked against.
pub fn simulate_every_account(
    programme: &Programme,
    book: &Book,
    market: &Market,
    control: &Control<'_>,
) -> Result<Vec<Outcome>, Problems> {
    in_memory(programme, book, market, control, false)
}

/// The same as `simulate` with the rows of all paths on a shelf, from where they are fetched scenario by scenario.
///
/// Errors: as `simulate`, and those of the shelf.
pub fn simulate_onto(
    shelf: &mut dyn Shelf,
    programme: &Programme,
    book: &Book,
    market: &Market,
    control: &Control<'_>,
) -> Result<Shelved, Problems> {
    batch::simulate(programme, book, market, control, true, shelf)
}

fn in_memory(
    programme: &Programme,
    book: &Book,
    market: &Market,
    control: &Control<'_>,
    passes_over: bool,
) -> Result<Vec<Outcome>, Problems> {
    let mut shelf = Memory::default();
    batch::simulate(programme, book, market, control, passes_over, &mut shelf)?.whole(&mut shelf)
}
