//! Holds the market's past in columns: a return and a trading state for every symbol and day, and the facts of each symbol.

pub use super::exchange::board::Board;
use super::exchange::price_limit::free_sessions;
use super::given_paths::GivenPaths;
use super::lineage::Note;
use super::market::fit_cache::FitCache;
use crate::units::{Calendar, Day};
use ndarray::Array2;
use std::sync::Arc;

/// The trading state of one symbol on one historical day, as bits.
pub mod flag {
    /// A return is known for this day (own, or from a proxy).
    pub const PRESENT: u8 = 1;
    /// No trading all day: the price is carried, nothing can be sold.
    pub const HALTED: u8 = 2;
    /// The close stands at the lower price limit.
    pub const CLOSE_DOWN: u8 = 4;
    /// The close stands at the upper price limit.
    pub const CLOSE_UP: u8 = 8;
    /// Every trade of the day was at the lower limit: nothing could be sold.
    pub const LOCKED_DOWN: u8 = 16;
    /// Every trade of the day was at the upper limit.
    pub const LOCKED_UP: u8 = 32;
    /// The return was filled from the symbol's proxy; of a drawn day, also that a wider limit than today's let
    /// it through, or that it was given another drift: the price limits bind it.
    pub const PROXY: u8 = 64;
    /// The high and low are known, so that "locked all day" can be distinguished from "closed at the limit".
    pub const INTRADAY: u8 = 128;

    /// At the lower, and at the upper limit.
    pub const DOWN: u8 = CLOSE_DOWN | LOCKED_DOWN;
    pub const UP: u8 = CLOSE_UP | LOCKED_UP;

    /// A change of the price by less than this leaves a close where it stood: half a tick of a five-yuan share.
    pub const SLIGHT: f64 = 0.001;

    /// Beside no PRESENT: a stress holds the session locked at its limit, whatever is due.
    pub const PINNED: u8 = PROXY;

    /// Whether a stress holds the session locked at its lower limit.
    #[inline(always)]
    pub fn is_pinned(state: u8) -> bool {
        state & (PRESENT | PINNED | LOCKED_DOWN) == PINNED | LOCKED_DOWN
    }

    /// The state of a day that something is laid over: it is no past day, nor its proxy's, any more. A lock that a stress holds stays.
    #[inline(always)]
    pub fn touched(state: u8) -> u8 {
        if is_pinned(state) { state } else { state & !(PRESENT | PROXY) }
    }

    /// What is left of a drawn day's state when all that is laid over it multiplies its growth by `factor`; a lock that a stress holds stays.
    ///
    /// A slight change leaves all; a fall beyond the lower limit leaves a day at it as it was. Else the day is not at its limit any
    /// more, and its high and low tell nothing of the day it has become.
    #[inline(always)]
    pub fn after_change(state: u8, factor: f64) -> u8 {
        if is_pinned(state) {
            return state;
        }
        let (lifted, pressed) = (factor > 1.0 + SLIGHT, factor < 1.0 - SLIGHT);
        let away = if lifted {
            DOWN
        } else if pressed {
            UP
        } else {
            0
        };
        let along = if lifted { UP } else { DOWN };
        let keeps_range = !(lifted || pressed) || state & along != 0;
        state & !(away | if keeps_range { 0 } else { INTRADAY })
    }
}

/// One symbol's facts at the as-of date.
#[derive(Clone, Debug, PartialEq)]
pub struct Instrument {
    pub symbol: String,
    pub name: String,
    pub board: Board,
    pub st: bool,
    pub sector: String,
    /// 折算率: the share of market value counted as collateral; 1 when the file gives none.
    pub haircut: f64,
    /// Average daily turnover in money over the last 20 sessions with trading; none when unknown.
    pub adv_amount: Option<f64>,
    pub free_float_value: Option<f64>,
    /// Money that buyers' best quotes offer at a time, an average; none when unknown.
    pub depth_amount: Option<f64>,
    /// The as-of close in money, unadjusted: positions are valued at it. NaN never stands here.
    pub price: f64,
    /// How many own returns the history holds up to the as-of date.
    pub own_returns: usize,
    /// The symbol, sector or board whose returns fill the missing ones, when any were filled.
    pub proxy: Option<String>,
    /// Set where it is halted on the as-of date.
    pub halt: Option<Halt>,
}

/// A halt in force on the as-of date.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Halt {
    /// The first session without trading.
    pub since: Day,
    /// What its proxy did since the last trade, as a growth factor.
    pub missed: f64,
    /// The session it trades again, where that is known.
    pub resumes: Option<Day>,
}

/// Every symbol's past, as dense tables `[[day, symbol]]`, the symbols of a day side by side.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Sessions, ascending.
    pub dates: Vec<Day>,
    /// Symbols, in order; the index space of `Book::position_symbol` and of `instruments`.
    pub symbols: Vec<String>,
    /// Simple returns close to close, adjusted for ex-rights; `0` where `PRESENT` is not set.
    pub simple_return: Array2<f64>,
    /// `flag` bits, same shape.
    pub flags: Array2<u8>,
    /// Turnover in money over its average of the last 20 sessions; 1 where unknown. Same shape; none when no amounts are known.
    pub relative_volume: Option<Array2<f32>>,
    /// The daily price limit that was in force, a fraction; infinite where none was, or none is known. Same shape, or none.
    pub limit: Option<Array2<f32>>,
}

impl History {
    pub fn days(&self) -> usize {
        self.dates.len()
    }

    pub fn width(&self) -> usize {
        self.symbols.len()
    }

    /// Simple returns of one day, one per symbol.
    pub fn row(&self, day: usize) -> &[f64] {
        self.simple_return.row(day).to_slice().expect("days lie one after the other")
    }

    /// Flags of one day, one per symbol.
    pub fn flag_row(&self, day: usize) -> &[u8] {
        self.flags.row(day).to_slice().expect("days lie one after the other")
    }

    /// Days from the first on or after `from` to the last on or before `to`, as an index range.
    pub fn window(&self, from: Option<Day>, to: Option<Day>) -> std::ops::Range<usize> {
        let start = from.map_or(0, |d| self.dates.partition_point(|x| *x < d));
        let end = to.map_or(self.dates.len(), |d| self.dates.partition_point(|x| *x <= d));
        start..end.max(start)
    }

    pub fn symbol_index(&self, symbol: &str) -> Option<usize> {
        self.symbols.binary_search_by(|s| s.as_str().cmp(symbol)).ok()
    }
}

/// The market as models and rules use it: its history and each symbol's facts.
#[derive(Clone, Debug, Default)]
pub struct Market {
    pub history: History,
    /// One per symbol of the history, same order.
    pub instruments: Vec<Instrument>,
    /// Correlations from a file of the user's, if any.
    pub correlations: Option<Correlations>,
    /// Results of earlier fits of this history; none by default.
    pub fit_cache: FitCache,
    /// Volatility implied by options on the as-of date, where a series was given.
    pub implied: Option<Implied>,
    /// The paths of `[market.given]`, a file each.
    pub given: Vec<Arc<GivenPaths>>,
    /// On which days there are sessions.
    pub calendar: Calendar,
    /// The market they belong to, and why; none by default.
    pub calendar_note: Option<Note>,
    /// The day each symbol was listed, where it is known; empty where it is of none.
    pub listed: Vec<Option<Day>>,
}

/// Annual volatilities implied by options, as last known on the as-of date.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Implied {
    /// Of the market as a whole.
    pub market: Option<Reading>,
    /// Of held symbols, by index into the history, ascending.
    pub symbols: Vec<(usize, Reading)>,
}

/// One value of a dated series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    pub annual: f64,
    pub date: Day,
}

impl Implied {
    pub fn of(&self, symbol: usize) -> Option<Reading> {
        self.symbols.binary_search_by_key(&symbol, |(s, _)| *s).ok().map(|at| self.symbols[at].1)
    }
}

/// Correlations between the held symbols, as they were given: symmetric, 1 with itself, not always positive semidefinite.
#[derive(Clone, Debug, PartialEq)]
pub struct Correlations {
    /// Indices into the history, ascending.
    pub symbols: Vec<usize>,
    pub matrix: Array2<f64>,
}

impl Correlations {
    /// The matrix of these symbols row by row, as the factorisations take it, or the first of them it does not have.
    pub fn of(&self, symbols: &[usize]) -> Result<Vec<f64>, usize> {
        let at: Vec<usize> = symbols.iter().map(|s| self.symbols.binary_search(s).map_err(|_| *s)).collect::<Result<_, _>>()?;
        Ok(at.iter().flat_map(|i| at.iter().map(move |j| self.matrix[[*i, *j]])).collect())
    }
}

impl Market {
    /// Sessions after the as-of date on which a symbol, newly listed, still has no daily limit.
    pub fn free_sessions(&self, symbol: usize, as_of: Day) -> usize {
        /// No listing is free for so many days: five sessions and a long holiday.
        const LATEST: i32 = 40;
        let Some(listed) = self.listed.get(symbol).copied().flatten() else { return 0 };
        let since = listed.calendar_days_until(as_of);
        if !(0..LATEST).contains(&since) {
            return 0;
        }
        let gone = (0..=since).filter(|d| self.calendar.is_session(Day::from_epoch_days(listed.epoch_days() + d))).count();
        free_sessions(self.instruments[symbol].board, listed).saturating_sub(gone)
    }

    /// The as-of price of every symbol.
    pub fn prices(&self) -> Vec<f64> {
        self.instruments.iter().map(|i| i.price).collect()
    }
}
