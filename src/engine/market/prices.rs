//! Reads one row of prices of every symbol, however the rows are laid out.

use crate::model::market::LANES;

/// A row of lanes of each symbol: closing prices of a session, or bounds of several.
#[derive(Clone, Copy, Debug)]
pub struct Prices<'a> {
    rows: &'a [f64],
    /// Rows each symbol has, and which of them is meant.
    depth: usize,
    row: usize,
}

impl<'a> Prices<'a> {
    /// One row each, `[symbol][lane]`.
    pub fn plain(rows: &'a [f64]) -> Self {
        Prices { rows, depth: 1, row: 0 }
    }

    /// Row number `row` of each symbol's `depth`, `[symbol][row][lane]`.
    pub fn of_depth(rows: &'a [f64], depth: usize, row: usize) -> Self {
        Prices { rows, depth, row }
    }

    /// The lanes of the symbol whose row would start at `at` if each symbol had one.
    #[inline(always)]
    pub fn of(&self, at: u32) -> &'a [f64; LANES] {
        self.rows[at as usize * self.depth + self.row * LANES..][..LANES].try_into().expect("a row of lanes")
    }

    /// One lane of it.
    #[inline(always)]
    pub fn in_lane(&self, at: u32, lane: usize) -> f64 {
        self.rows[at as usize * self.depth + self.row * LANES + lane]
    }

    /// The lanes of a symbol by its number.
    #[inline(always)]
    pub fn of_symbol(&self, symbol: usize) -> &'a [f64; LANES] {
        self.of((symbol * LANES) as u32)
    }
}
