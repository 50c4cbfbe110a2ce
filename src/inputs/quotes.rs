//! Holds price rows as columns, laid out by day and symbol.

use crate::units::Day;

/// No row for this day and symbol.
pub const NONE: u32 = u32::MAX;
/// Price rows as columns; a column the file does not have is empty, NaN is an empty cell.
#[derive(Default)]
pub struct Quotes {
    pub file: String,
    /// Ascending.
    pub days: Vec<Day>,
    /// Ascending.
    pub symbols: Vec<String>,
    /// The row of `[day][symbol]`, or `NONE`.
    pub grid: Vec<u32>,
    pub close: Vec<f64>,
    pub adj_close: Vec<f64>,
    pub preclose: Vec<f64>,
    pub adj_factor: Vec<f64>,
    pub high: Vec<f64>,
    pub low: Vec<f64>,
    pub volume: Vec<f64>,
    pub amount: Vec<f64>,
    pub float_shares: Vec<f64>,
    pub limit_close: Vec<f64>,
    pub limit_locked: Vec<f64>,
    pub halted: Vec<bool>,
    pub st: Vec<Option<bool>>,
    /// Returns files only: simple returns.
    pub simple_return: Vec<f64>,
}

impl Quotes {
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// The row of a day and a symbol.
    pub fn row(&self, day: usize, symbol: usize) -> Option<usize> {
        let row = self.grid[day * self.symbols.len() + symbol];
        (row != NONE).then_some(row as usize)
    }
}
