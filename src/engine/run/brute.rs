//! Values every account on every day of every path and does nothing else: the limit that brute force cannot pass.
//!
//! It draws the same market through the same tiles and lane loops as a run, without rules and without passing anything
//! over, so that its time beside a run's says what the rules cost and what pruning saves. For benches; no report reads it.

use super::control::Control;
use super::group::{Group, prepare_one};
use crate::engine::market::lanes::Carried;
use crate::engine::market::tile::MarketTile;
use crate::engine::screen::kernels;
use crate::model::book::Book;
use crate::model::case::Programme;
use crate::model::history::Market;
use crate::model::market::LANES;
use crate::problem::Problems;
use rayon::prelude::*;

/// What is done with each tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Draw returns and make prices of them.
    Market,
    /// Then value every account on every day, in every lane.
    Valuation,
}

/// Does `work` for all paths of the base scenario; returns a checksum (the sum of what was computed, in a fixed order).
///
/// Errors: the base scenario's market cannot be fitted.
pub fn run(programme: &Programme, book: &Book, market: &Market, control: &Control<'_>, work: Work) -> Result<f64, Problems> {
    let group = prepare_one(programme, 0, book, market)?;
    let pool = super::threads::pool(control.threads);
    let sums = pool.install(|| group.plain_tiles().into_par_iter().map(|tiles| batch(&group, tiles, work)).collect::<Vec<f64>>());
    Ok(sums.iter().fold(0.0, |sum, s| sum + s))
}

fn batch(group: &Group<'_>, tiles: std::ops::Range<u64>, work: Work) -> f64 {
    let member = &group.members[0];
    let plan = &member.plan;
    let mut tile = MarketTile::new(plan.days, plan.symbols.len(), plan.reads_volume());
    let mut sum = 0.0;
    let mut value = [0.0; LANES];
    for t in tiles {
        tile.draw(group.model.as_ref(), plan, Carried::from(t * LANES as u64, plan.paths));
        tile.shock(plan, &member.shocks);
        tile.price_all(plan);
        sum += tile.lowest.iter().fold(0.0, |sum, low| sum + low);
        if work == Work::Market {
            continue;
        }
        for day in 0..plan.days {
            kernels::value_all(&plan.distances.near, &plan.distances.held, tile.prices_of(day), &mut value);
            sum += value.iter().fold(0.0, |sum, v| sum + v);
        }
    }
    sum
}
