//! Keeps what a tile's sales and blocked sessions came to in each symbol, a lane per path, for the errors of means over paths.
//!
//! The error of a mean over paths needs the square of each path's own total, so that totals are kept by lane until the tile ends.
//! Sales of one path come in another order where accounts are taken apart (`day/apart.rs`): each is rounded to a grain of 2⁻³⁶ of
//! the book's market value, of which sums are exact in any order. Squares speak of errors alone; no mean is rounded.

use super::join::add;
use super::outcome::{SymbolColumns, SymbolSquares};
use crate::engine::market::lanes::{lanes_of, pair_by_pair};
use crate::engine::plan::scenario::Plan;
use crate::model::market::LANES;

/// One tile's totals.
#[derive(Clone, Debug, Default)]
pub struct SymbolLanes {
    /// Symbols with anything in the columns by symbol; the others' rows are zero.
    used: Vec<bool>,
    /// Sold by force, sold ahead of a client's line, and unsold at the end, `[symbol][lane]`.
    sold: Vec<[f64; LANES]>,
    early: Vec<[f64; LANES]>,
    unsold: Vec<[f64; LANES]>,
    /// Sessions halted, and locked at the lower limit, `[symbol][lane]`.
    halted: Vec<[u16; LANES]>,
    locked: Vec<[u16; LANES]>,
    /// The lanes in which a forced sale wanted to sell and could not, a bit each, `[day][symbol]`.
    queued: Vec<u16>,
    /// How many sessions that makes, `[symbol][lane]`; filled in at the end.
    queued_days: Vec<[u16; LANES]>,
    /// The sector of each symbol; and what was sold and left unsold of each sector, `[sector][lane]`, filled in at the end.
    sector_of: Vec<u32>,
    by_sector: Vec<[[f64; LANES]; 2]>,
    /// Proceeds of all sales, `[day][lane]`.
    by_day: Vec<[f64; LANES]>,
    /// A number added and taken away again, which rounds to the grain.
    rounds: f64,
}

impl SymbolLanes {
    /// Starts a tile of the plan from nothing.
    pub fn start(&mut self, plan: &Plan<'_>) {
        let symbols = plan.symbols.len();
        if self.used.len() != symbols {
            *self = SymbolLanes {
                used: vec![false; symbols],
                sold: vec![[0.0; LANES]; symbols],
                early: vec![[0.0; LANES]; symbols],
                unsold: vec![[0.0; LANES]; symbols],
                halted: vec![[0; LANES]; symbols],
                locked: vec![[0; LANES]; symbols],
                queued_days: vec![[0; LANES]; symbols],
                ..SymbolLanes::default()
            };
        }
        for symbol in (0..symbols).filter(|s| std::mem::take(&mut self.used[*s])) {
            self.sold[symbol] = [0.0; LANES];
            self.early[symbol] = [0.0; LANES];
            self.unsold[symbol] = [0.0; LANES];
            self.halted[symbol] = [0; LANES];
            self.locked[symbol] = [0; LANES];
            self.queued_days[symbol] = [0; LANES];
        }
        self.queued.clear();
        self.queued.resize(plan.days * symbols, 0);
        self.sector_of.clone_from(&plan.sector_of);
        self.by_day.clear();
        self.by_day.resize(plan.days, [0.0; LANES]);
        self.rounds = grain_rounder(plan.quantity_total.iter().zip(&plan.price_start).fold(0.0, |sum, (q, p)| sum + q * p));
    }

    #[inline(always)]
    pub fn note_sale(&mut self, day: usize, symbol: usize, lane: usize, money: f64, ahead: bool) {
        self.used[symbol] = true;
        let flow = if ahead { &mut self.early } else { &mut self.sold };
        flow[symbol][lane] += (money + self.rounds) - self.rounds;
        self.by_day[day][lane] += money;
    }

    pub fn note_unsold(&mut self, symbol: usize, lane: usize, money: f64) {
        self.used[symbol] = true;
        self.unsold[symbol][lane] += money;
    }

    pub fn note_halted(&mut self, symbol: usize, lane: usize) {
        self.used[symbol] = true;
        self.halted[symbol][lane] += 1;
    }

    pub fn note_locked(&mut self, symbol: usize, lane: usize) {
        self.used[symbol] = true;
        self.locked[symbol][lane] += 1;
    }

    /// Notes that a forced sale found the symbol blocked; however many accounts do, it is one session of the path.
    #[inline(always)]
    pub fn note_queued(&mut self, day: usize, symbol: usize, lane: usize) {
        self.used[symbol] = true;
        self.queued[day * self.used.len() + symbol] |= 1 << lane;
    }

    /// Takes back what a day's decisions noted.
    pub fn forget_queued(&mut self, day: usize) {
        let symbols = self.used.len();
        self.queued[day * symbols..(day + 1) * symbols].fill(0);
    }

    /// Adds up the sectors' lanes, and adds their squares.
    fn close_sectors(&mut self, columns: &mut SymbolColumns) {
        if self.sector_of.is_empty() {
            return;
        }
        self.by_sector.clear();
        self.by_sector.resize(columns.square.sector_sold.len(), [[0.0; LANES]; 2]);
        for s in (0..self.used.len()).filter(|s| self.used[*s]) {
            let [sold, unsold] = &mut self.by_sector[self.sector_of[s] as usize];
            for lane in 0..LANES {
                sold[lane] += self.sold[s][lane];
                unsold[lane] += self.unsold[s][lane];
            }
        }
        let squares = columns.square.sector_sold.iter_mut().zip(&mut columns.square.sector_unsold);
        for ((sold_square, unsold_square), [sold, unsold]) in squares.zip(&self.by_sector) {
            *sold_square += over_squares(sold);
            *unsold_square += over_squares(unsold);
        }
    }

    /// Adds the tile's lanes to the columns; those that stand for no path hold nothing.
    pub fn close(&mut self, columns: &mut SymbolColumns) {
        let square = &mut columns.square;
        for ((row, sum), squares) in self.by_day.iter().zip(&mut columns.by_day).zip(&mut square.by_day) {
            *sum += over_lanes(row);
            *squares += over_squares(row);
        }
        self.close_sectors(columns);
        let square = &mut columns.square;
        let symbols = self.used.len();
        for (cell, mask) in self.queued.iter().enumerate().filter(|(_, mask)| **mask != 0) {
            lanes_of(*mask).for_each(|lane| self.queued_days[cell % symbols][lane] += 1);
        }
        for s in (0..symbols).filter(|s| self.used[*s]) {
            square.sold[s] += over_squares(&self.sold[s]);
            square.early[s] += over_squares(&self.early[s]);
            square.unsold[s] += over_squares(&self.unsold[s]);
            for (column, squares, days) in [
                (&mut columns.halted_days, &mut square.halted_days, &self.halted[s]),
                (&mut columns.locked_days, &mut square.locked_days, &self.locked[s]),
                (&mut columns.queued_days, &mut square.queued_days, &self.queued_days[s]),
            ] {
                column[s] += days.iter().fold(0, |sum, d| sum + u64::from(*d)) as f64;
                squares[s] += days.iter().fold(0, |sum, d| sum + u64::from(*d) * u64::from(*d)) as f64;
            }
            let blocked = self.halted[s].iter().zip(&self.locked[s]).map(|(halted, locked)| u64::from(halted + locked));
            square.blocked_days[s] += blocked.fold(0, |sum, days| sum + days * days) as f64;
        }
    }
}

#[inline(always)]
fn over_lanes(row: &[f64; LANES]) -> f64 {
    pair_by_pair(row, |a, b| a + b)
}

#[inline(always)]
fn over_squares(row: &[f64; LANES]) -> f64 {
    over_lanes(&row.map(|value| value * value))
}

/// What rounds money to a multiple of 2⁻³⁶ of the power of two above `scale` when it is added and taken away.
///
/// Doubles between 2⁵² and 2⁵³ are whole numbers: between those times the grain they are whole grains.
fn grain_rounder(scale: f64) -> f64 {
    let above = 2.0_f64.max(scale);
    // the exponent's bits alone: the power of two at or below
    let power = f64::from_bits(above.to_bits() & (0x7ff << 52));
    let grain = power / (1_u64 << 35) as f64;
    1.5 * (1_u64 << 52) as f64 * grain
}

impl SymbolSquares {
    /// Columns of zeros for so many symbols, sectors and sessions.
    pub fn zeros(symbols: usize, sectors: usize, days: usize) -> Self {
        let money = || vec![0.0; symbols];
        SymbolSquares {
            sold: money(),
            early: money(),
            unsold: money(),
            push: money(),
            sector_sold: vec![0.0; sectors],
            sector_unsold: vec![0.0; sectors],
            by_day: vec![0.0; days],
            halted_days: money(),
            locked_days: money(),
            blocked_days: money(),
            queued_days: money(),
        }
    }

    pub fn add(&mut self, next: &SymbolSquares) {
        add(&mut self.sold, &next.sold);
        add(&mut self.early, &next.early);
        add(&mut self.unsold, &next.unsold);
        add(&mut self.push, &next.push);
        add(&mut self.sector_sold, &next.sector_sold);
        add(&mut self.sector_unsold, &next.sector_unsold);
        add(&mut self.by_day, &next.by_day);
        add(&mut self.halted_days, &next.halted_days);
        add(&mut self.locked_days, &next.locked_days);
        add(&mut self.blocked_days, &next.blocked_days);
        add(&mut self.queued_days, &next.queued_days);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grains_add_up_in_any_order() {
        let rounds = grain_rounder(3.0e9);
        let sales = [1.0e9 / 3.0, 0.1, 2.0e8 / 7.0, 123.456, 9.9e8 / 11.0];
        let grains = sales.map(|money| (money + rounds) - rounds);
        let forward = grains.iter().fold(0.0, |sum, x| sum + x);
        let backward = grains.iter().rev().fold(0.0, |sum, x| sum + x);
        assert_eq!(forward, backward);
        // half a grain each: 2³¹ is the power below, and a grain 2³¹/2³⁵ = 1/16
        assert!(sales.iter().zip(grains).all(|(money, grain)| (money - grain).abs() <= 0.031_25), "{grains:?}");
    }
}
