//! Simulates every scenario of a programme: in memory, or with the rows of all paths on a spool.

use super::batch;
use super::control::Control;
use super::group::runs;
use super::joined::Joined;
use super::work::Work;
use crate::engine::record::outcome::Outcome;
use crate::engine::record::spool::{Memory, Spool, Spooled};
use crate::model::book::Book;
use crate::model::case::{Case, Programme};
use crate::model::history::Market;
use crate::problem::Problems;

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

/// The same as `simulate` with the rows of all paths on a spool, from where they are fetched scenario by scenario.
///
/// Errors: as `simulate`, and those of the spool.
pub fn simulate_onto(
    spool: &mut dyn Spool,
    programme: &Programme,
    book: &Book,
    market: &Market,
    control: &Control<'_>,
) -> Result<Spooled, Problems> {
    onto(spool, programme, book, market, control, true)
}

fn in_memory(
    programme: &Programme,
    book: &Book,
    market: &Market,
    control: &Control<'_>,
    passes_over: bool,
) -> Result<Vec<Outcome>, Problems> {
    let mut spool = Memory::default();
    onto(&mut spool, programme, book, market, control, passes_over)?.whole(&mut spool)
}

fn onto(
    spool: &mut dyn Spool,
    programme: &Programme,
    book: &Book,
    market: &Market,
    control: &Control<'_>,
    passes_over: bool,
) -> Result<Spooled, Problems> {
    let runs = runs(programme);
    let mut work = Work::prepare(programme, &runs, book, market, control.threads)?;
    if !passes_over {
        work.pass_over_nothing();
    }
    let mut joined = Joined::run(&work, spool, None);
    batch::simulate(&work, 0..work.batches(), control, &mut joined)?;
    Ok(batch::outcomes(&work, &runs, joined))
}
