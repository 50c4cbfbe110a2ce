//! Drives batches of tiles over worker threads and joins them in order of paths.
//!
//! The cut into batches depends on the number of paths alone, and batches are joined in order: the last bit of every sum
//! is the same on any number of threads.

use super::control::Control;
use super::group::{Group, Member, prepare, runs};
use super::sequence;
use crate::engine::day::workspace::Workspace;
use crate::engine::market::tile::{MarketTile, within_numbers};
use crate::engine::plan::caps::stocks_beyond_cap;
use crate::engine::plan::scenario::Coupling;
use crate::engine::record::outcome::Outcome;
use crate::engine::record::spool::{Rows, Spool, Spooled};
use crate::engine::tally::batch::Tally;
use crate::model::book::Book;
use crate::model::case::Programme;
use crate::model::history::Market;
use crate::model::market::MarketModel;
use crate::problem::Problems;
use std::sync::atomic::Ordering;

/// Simulates every scenario and its layers; the rows of all paths go to `spool`.
///
/// Errors: as `simulate`, and those of the spool.
pub fn simulate(
    programme: &Programme,
    book: &Book,
    market: &Market,
    control: &Control<'_>,
    passes_over: bool,
    spool: &mut dyn Spool,
) -> Result<Spooled, Problems> {
    let runs = runs(programme);
    let pool = super::threads::pool(control.threads);
    let mut groups = pool.install(|| prepare(programme, &runs, book, market))?;
    groups.iter_mut().flat_map(|g| &mut g.members).for_each(|m| {
        m.plan.passes_over = passes_over;
        m.plan.looks_ahead &= passes_over;
        if !passes_over {
            m.plan.coupling = Coupling::EveryClose;
        }
    });
    let mut done: Vec<Option<Outcome>> = runs.iter().map(|_| None).collect();
    for group in &groups {
        let tallies = within_numbers(|| pool.install(|| run_group(group, control, spool)))?;
        for (member, tally) in group.members.iter().zip(tallies) {
            done[member.index] = Some(outcome(member, tally, group.model.as_ref()));
        }
    }
    let mut spooled = Spooled::default();
    for (index, (run, outcome)) in runs.iter().zip(done).enumerate() {
        let outcome = outcome.expect("every case belongs to a group");
        match run.layer {
            Some(name) => spooled.add_layer(name, outcome.symbol.by_day, outcome.symbol.square.by_day),
            None => spooled.add(index, outcome),
        }
    }
    Ok(spooled)
}

/// Runs all paths of a group; their rows go to the spool as they are done.
fn run_group(group: &Group<'_>, control: &Control<'_>, spool: &mut dyn Spool) -> Result<Vec<Tally>, Problems> {
    let batches: Vec<_> = group.batches().collect();
    sequence::run(group, batches.len(), spool, |batch| run_batch(group, batches[batch].clone(), control))
}

fn run_batch(group: &Group<'_>, tiles: std::ops::Range<u64>, control: &Control<'_>) -> Option<Vec<(Tally, Rows)>> {
    let plan = &group.members[0].plan;
    let with_volume = group.members.iter().any(|m| m.plan.reads_volume());
    let mut market = MarketTile::new(plan.days, plan.symbols.len(), with_volume);
    let mut workspace = Workspace::default();
    let mut tallies: Vec<Tally> = group.members.iter().map(|m| Tally::new(&m.plan)).collect();
    let order = group.order(tiles);
    for paths in order.tiles() {
        if control.stop.load(Ordering::Relaxed) {
            return None;
        }
        market.draw(group.model.as_ref(), plan, paths);
        for (member, tally) in group.members.iter().zip(&mut tallies) {
            if !member.same_prices && !member.plan.feedback.is_on() {
                market.lay_out(member.plan.looks_ahead);
                market.shock(&member.plan, &member.shocks);
                market.price_all(&member.plan);
            }
            workspace.run(&member.plan, &mut market, &member.shocks, tally);
        }
        let paths = paths.iter().filter(|path| **path < plan.paths).count();
        (control.progress)((paths * plan.accounts.len() * plan.days * group.members.len()) as u64);
    }
    let restorer = order.restorer();
    let in_order = |(member, mut tally): (&Member<'_>, Tally)| {
        tally.close_batch(&member.plan);
        let mut rows = member.rows(&mut tally);
        if let Some(restorer) = &restorer {
            rows.restore(restorer);
            tally.fan.restore();
        }
        (tally, rows)
    };
    Some(group.members.iter().zip(tallies).map(in_order).collect())
}

fn outcome(member: &Member<'_>, tally: Tally, model: &dyn MarketModel) -> Outcome {
    let plan = &member.plan;
    let account = tally.accounts(plan);
    Outcome {
        paths: plan.paths,
        dates: plan.dates.clone(),
        path: tally.path,
        pool: tally.pool,
        account,
        symbol: tally.symbol,
        groups: tally.groups,
        fan: tally.fan,
        caps: member.caps.clone(),
        stocks_beyond_cap: stocks_beyond_cap(plan),
        market_volatility: [1.0, plan.risk_factors.market[0]].map(|factor| factor * plan.market_variance.sqrt()),
        card: model.card(),
        drift: member.drift,
        layers: Vec::new(),
        deterministic: model.is_deterministic() && member.draws_nothing(),
        account_steps: plan.accounts.len() as u64 * plan.days as u64 * plan.paths,
    }
}
