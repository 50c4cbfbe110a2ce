//! Runs the paths of a scenario's tail again, and adds up what each account cost the pool on them, and through which symbols.
//!
//! An account's loss is shared among the symbols it held at the as-of close in proportion to what each had cost it by the close at which
//! the account was closed out (of one still open, the last): `quantity · (price then − price at the as-of close)`, falls alone. Where
//! none fell, in proportion to value. Worked: a loss of 6 on an account whose two holdings fell by 30 and 10 and whose third rose is
//! 4.5 and 1.5 of theirs.

use super::group::Member;
use super::work::Work;
use crate::engine::day::workspace::Workspace;
use crate::engine::market::lanes::{Carried, NO_ROW};
use crate::engine::market::tile::{MarketTile, within_numbers};
use crate::engine::plan::active::ActiveAccount;
use crate::engine::plan::scenario::Plan;
use crate::engine::record::tail::{TailPart, TailRow, TailSums};
use crate::engine::tally::batch::Tally;
use crate::model::market::{LANES, MarketModel};
use crate::problem::Problems;
use rayon::prelude::*;

/// Tiles of one job, and jobs whose sums are held at once.
const TILES: usize = 4;
const JOBS: usize = 16;

impl Work<'_> {
    /// What accounts and symbols lost on rows of a run, given in their order; of each stratum, where the paths are a sample.
    ///
    /// Errors: a price beyond numbers (kind Model).
    pub fn tail(&self, run: usize, rows: &[TailRow]) -> Result<Vec<TailSums>, Problems> {
        let (group, member) = self.member_of(run);
        let ends: Vec<u64> = match &group.sample {
            None => vec![group.paths()],
            Some(sample) => sample.strata.iter().map(|stratum| stratum.rows.end).collect(),
        };
        let number = |row: u32| group.sample.as_ref().map_or(u64::from(row), |sample| sample.numbers[row as usize]);
        let mut left = rows;
        let mut strata = Vec::with_capacity(ends.len());
        for end in ends {
            let (own, rest) = left.split_at(left.partition_point(|(row, _)| u64::from(*row) < end));
            left = rest;
            let mut sums = TailSums::new(member.plan.accounts.len(), member.plan.symbols.len());
            let jobs: Vec<&[TailRow]> = own.chunks(TILES * LANES).collect();
            for jobs in jobs.chunks(JOBS) {
                let job = |rows: &&[TailRow]| sums_of(group.law(), member, rows, &number);
                let done: Vec<TailSums> = within_numbers(|| Ok(self.pool.install(|| jobs.par_iter().map(job).collect())))?;
                done.iter().for_each(|next| sums.join(next));
            }
            strata.push(sums);
        }
        Ok(strata)
    }
}

fn sums_of(model: &dyn MarketModel, member: &Member<'_>, rows: &[TailRow], number: &(dyn Fn(u32) -> u64 + Sync)) -> TailSums {
    let plan = &member.plan;
    let mut tile = MarketTile::new(plan.days, plan.symbols.len(), plan.reads_volume());
    let mut workspace = Workspace { tells: true, ..Workspace::default() };
    let mut sums = TailSums::new(plan.accounts.len(), plan.symbols.len());
    let mut through = vec![[0.0; LANES]; plan.symbols.len()];
    for rows in rows.chunks(LANES) {
        let parts: [Option<TailPart>; LANES] = std::array::from_fn(|lane| rows.get(lane).map(|row| row.1));
        let carried = Carried {
            paths: std::array::from_fn(|lane| number(rows.get(lane).unwrap_or(&rows[0]).0)),
            rows: std::array::from_fn(|lane| rows.get(lane).map_or(NO_ROW, |row| row.0)),
        };
        tile.draw(model, plan, carried);
        if !plan.feedback.is_on() {
            tile.shock(plan, &member.shocks);
            tile.price_all(plan);
        }
        through.fill([0.0; LANES]);
        let mut tally = Tally::new(plan);
        workspace.run_watched(plan, &mut tile, &member.shocks, &mut tally, &mut |day, workspace, tile| {
            if day <= plan.days {
                return;
            }
            for (_, at) in &workspace.accounts.in_order {
                let active = &workspace.accounts.active[*at as usize];
                let loss = active.shortfall - active.shortfall * plan.recourse_on(active.closed_on);
                if let Some(part) = parts[active.lane()].filter(|_| loss != 0.0) {
                    sums.account[active.account()].add(part, loss);
                    share(plan, tile, active, loss, &mut through);
                }
            }
        });
        for (sum, by_lane) in sums.symbol.iter_mut().zip(&through) {
            parts.iter().zip(by_lane).filter_map(|(part, loss)| Some(((*part)?, *loss))).for_each(|(part, loss)| sum.add(part, loss));
        }
    }
    sums
}

/// Shares an account's loss among the symbols it held.
fn share(plan: &Plan<'_>, tile: &MarketTile, active: &ActiveAccount, loss: f64, through: &mut [[f64; LANES]]) {
    let (account, lane) = (&plan.accounts[active.account()], active.lane());
    let session = if active.closed_on == 0 { plan.days } else { usize::from(active.closed_on).min(plan.days) };
    let positions = &plan.positions[account.positions.clone()];
    let fall = |symbol: usize| (plan.price_start[symbol] - tile.prices(session - 1, symbol)[lane]).max(0.0);
    let shared = |of: &dyn Fn(usize) -> f64| positions.iter().fold(0.0, |sum, p| sum + p.quantity * of(p.symbol as usize));
    let start = |symbol: usize| plan.price_start[symbol];
    let (falls, value) = (shared(&fall), shared(&start));
    for p in positions {
        let symbol = p.symbol as usize;
        let part = if falls > 0.0 { p.quantity * fall(symbol) / falls } else { p.quantity * start(symbol) / value };
        through[symbol][lane] += if part.is_finite() { loss * part } else { 0.0 };
    }
}
