//! Makes small markets for the tests of the models.

use super::drift::Drift;
use super::{FitRequest, LANES, Tile, in_turn, paths_from};
use crate::maths::random::Key;
use crate::model::history::{History, Instrument, Market, flag};
use crate::units::Day;
use ndarray::Array2;

/// A market of `symbols` symbols and `days` days; each return is a fraction that tells its day and symbol.
pub fn market(symbols: usize, days: usize) -> Market {
    with_returns(symbols, days, |day, symbol| 1e-4 * (day as f64 + 1.0) + 1e-7 * symbol as f64)
}

/// A market whose simple returns are given by (day, symbol).
pub fn with_returns(symbols: usize, days: usize, simple_return: impl Fn(usize, usize) -> f64) -> Market {
    let names: Vec<String> = (0..symbols).map(|s| format!("S{s:04}")).collect();
    let history = History {
        dates: (0..days).map(|d| Day::from_epoch_days(16_000 + d as i32)).collect(),
        symbols: names.clone(),
        simple_return: Array2::from_shape_fn((days, symbols), |(d, s)| simple_return(d, s)),
        flags: Array2::from_shape_fn((days, symbols), |(d, s)| flag::PRESENT | if (d + s) % 3 == 0 { flag::INTRADAY } else { 0 }),
        relative_volume: None,
        limit: None,
    };
    let instruments = names
        .into_iter()
        .map(|symbol| Instrument {
            name: symbol.clone(),
            symbol,
            board: crate::model::history::Board::None,
            st: false,
            sector: String::new(),
            haircut: 1.0,
            adv_amount: None,
            free_float_value: None,
            depth_amount: None,
            price: 10.0,
            own_returns: days,
            proxy: None,
            halt: None,
        })
        .collect();
    Market { history, instruments, ..Market::default() }
}

/// A market of independent normal returns with a daily volatility.
pub fn normal_market(symbols: usize, days: usize, daily: f64) -> Market {
    with_returns(symbols, days, |day, symbol| daily * crate::maths::random::normal(Key([symbol as u32, 77]), day as u64, 0))
}

/// Asks for these symbols over the whole history.
pub fn request<'a>(market: &'a Market, symbols: &'a [usize], horizon_days: usize) -> FitRequest<'a> {
    let days = market.history.days();
    FitRequest { market, symbols, window: 0..days, after_as_of: days, horizon_days, drift: Drift::Historical, workers: &in_turn }
}

/// The memory of a tile.
pub struct Buffer {
    pub days: usize,
    pub symbols: usize,
    pub simple_return: Vec<f64>,
    pub state: Vec<u8>,
    pub volume: Vec<f32>,
}

impl Buffer {
    /// Filled with values no model gives, so that a cell left alone shows.
    pub fn new(days: usize, symbols: usize) -> Self {
        let cells = days * symbols * LANES;
        Buffer { days, symbols, simple_return: vec![f64::NAN; cells], state: vec![0xff; cells], volume: vec![f32::NAN; cells] }
    }

    pub fn tile(&mut self, first_path: u64) -> Tile<'_> {
        Tile {
            paths: paths_from(first_path),
            days: self.days,
            symbols: self.symbols,
            simple_return: &mut self.simple_return,
            state: &mut self.state,
            volume: &mut self.volume,
        }
    }
}
