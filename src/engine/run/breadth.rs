//! Counts the names that close at their price limits on each day of each path: what clustering of limit days is judged by.
//!
//! Prices are those of a run without accounts: drawn, shocked, bound by the exchange. A run of limit-downs is a number of
//! sessions in a row on which one name closes at its lower limit; one that touches the horizon's end counts as it stands.

use super::group::{Group, prepare_one};
use crate::engine::market::lanes::{Carried, NO_ROW};
use crate::engine::market::tile::MarketTile;
use crate::model::book::Book;
use crate::model::case::Programme;
use crate::model::history::{Market, flag};
use crate::model::market::LANES;
use crate::problem::Problems;
use rayon::prelude::*;

/// Counts over all paths of one scenario.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Breadth {
    pub days: usize,
    /// `[path][day]`: names that trade, and of those the ones that close at the lower and at the upper limit.
    pub trading: Vec<u32>,
    pub down: Vec<u32>,
    pub up: Vec<u32>,
    /// Runs of limit-downs by length, from 1.
    pub runs: Vec<u64>,
    /// Name-days at the lower limit that trade the next session too, and those of them at the lower limit again.
    pub followed: u64,
    pub again: u64,
    /// How many would be there again if they were as likely to as the names not at the limit the session before.
    pub as_others: f64,
}

/// Counts the base scenario's limit days; the book says which names are simulated.
///
/// Errors: the base scenario's market cannot be fitted.
pub fn breadth(programme: &Programme, book: &Book, market: &Market) -> Result<Breadth, Problems> {
    let group = prepare_one(programme, 0, book, market)?;
    let parts: Vec<Breadth> = group.plain_tiles().into_par_iter().map(|tiles| batch(&group, tiles)).collect();
    let days = group.members[0].plan.days;
    let mut whole = Breadth { days, runs: vec![0; days], ..Breadth::default() };
    for part in parts {
        whole.trading.extend(part.trading);
        whole.down.extend(part.down);
        whole.up.extend(part.up);
        whole.runs.iter_mut().zip(&part.runs).for_each(|(sum, n)| *sum += n);
        whole.followed += part.followed;
        whole.again += part.again;
        whole.as_others += part.as_others;
    }
    Ok(whole)
}

fn batch(group: &Group<'_>, tiles: std::ops::Range<u64>) -> Breadth {
    let member = &group.members[0];
    let plan = &member.plan;
    let mut tile = MarketTile::new(plan.days, plan.symbols.len(), false);
    let mut found = Breadth { days: plan.days, runs: vec![0; plan.days], ..Breadth::default() };
    for t in tiles {
        tile.draw(group.model.as_ref(), plan, Carried::from(t * LANES as u64, plan.paths));
        tile.shock(plan, &member.shocks);
        tile.price_all(plan);
        for lane in (0..LANES).filter(|lane| tile.rows[*lane] != NO_ROW) {
            found.count(&tile, lane);
        }
    }
    found
}

/// What one session showed of one name.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    pub halted: bool,
    /// Closed at the lower limit.
    pub down: bool,
}

impl Seen {
    /// From the bits of `history::flag`.
    pub fn of(state: u8) -> Seen {
        Seen { halted: state & flag::HALTED != 0, down: state & (flag::CLOSE_DOWN | flag::LOCKED_DOWN) != 0 }
    }
}

impl Breadth {
    /// Counts one session after another over all names.
    pub fn follow(&mut self, names: impl Iterator<Item = (Seen, Seen)>) {
        // names at the limit the session before and those that were not: how many trade on, how many of them are there
        let mut count = [[0u64; 2]; 2];
        for (before, after) in names.filter(|(before, after)| !before.halted && !after.halted) {
            count[usize::from(before.down)][0] += 1;
            count[usize::from(before.down)][1] += u64::from(after.down);
        }
        let [[others, others_down], [followed, again]] = count;
        if others > 0 {
            self.followed += followed;
            self.again += again;
            self.as_others += followed as f64 * others_down as f64 / others as f64;
        }
    }

    fn count(&mut self, tile: &MarketTile, lane: usize) {
        let from = self.down.len();
        for column in [&mut self.trading, &mut self.down, &mut self.up] {
            column.resize(from + tile.days, 0);
        }
        let names = |day: usize| (0..tile.symbols).map(move |symbol| Seen::of(tile.state(day, symbol, lane)));
        for day in 1..tile.days {
            self.follow(names(day - 1).zip(names(day)));
        }
        for symbol in 0..tile.symbols {
            let mut run = 0;
            for day in 0..tile.days {
                let state = tile.state(day, symbol, lane);
                let Seen { halted, down } = Seen::of(state);
                self.trading[from + day] += u32::from(!halted);
                self.up[from + day] += u32::from(!halted && state & flag::CLOSE_UP != 0);
                // a halt neither ends a run nor belongs to it
                if halted {
                    continue;
                }
                self.down[from + day] += u32::from(down);
                if down {
                    run += 1;
                } else if run > 0 {
                    self.runs[run - 1] += 1;
                    run = 0;
                }
            }
            if run > 0 {
                self.runs[run - 1] += 1;
            }
        }
    }
}
