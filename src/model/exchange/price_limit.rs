//! Knows the daily price limits of the Chinese boards by ST flag and date.

use crate::model::history::Board;
use crate::units::Day;

pub fn board_of_symbol(_symbol: &str) -> Board {
    todo!()
}

pub fn daily_limit(_board: Board, _st: bool, _day: Day) -> Option<f64> {
    todo!()
}

/// The limit price: `previous · (1 ± limit)` rounded half up to the tick.
pub fn limit_price(_previous: f64, _signed_limit: f64, _tick: f64) -> f64 {
    todo!()
}
