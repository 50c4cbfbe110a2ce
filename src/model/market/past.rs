//! Reads the history as the models need it: a window of days for the simulated symbols, transposed for fast gathers.

use super::{FitRequest, LANES, Tile};
use crate::model::exchange::daily_limit;
use crate::model::history::flag;
use crate::model::lineage::Note;
use crate::model::part::{Figure, Words};

/// The days of a window for the simulated symbols only: `[day][symbol]`, a day's symbols side by side.
pub struct Past {
    pub days: usize,
    pub symbols: usize,
    simple_return: Vec<f64>,
    state: Vec<u8>,
    /// Empty when the history knows no amounts.
    volume: Vec<f32>,
    /// The mean return of each day's symbols.
    mean: Vec<f64>,
    /// Symbol-days without a return, filled with 0 and no flag.
    pub missing: usize,
}

impl Past {
    /// Copies `window` of the requested symbols; a symbol-day that is not present gets return 0 and no flag.
    pub fn of(request: &FitRequest<'_>, window: std::ops::Range<usize>) -> Self {
        let history = &request.market.history;
        let cells = window.len() * request.symbols.len();
        let mut past = Past {
            days: window.len(),
            symbols: request.symbols.len(),
            simple_return: Vec::with_capacity(cells),
            state: Vec::with_capacity(cells),
            volume: Vec::new(),
            mean: Vec::new(),
            missing: 0,
        };
        for day in window.clone() {
            let (returns, flags) = (history.row(day), history.flag_row(day));
            for &symbol in request.symbols {
                let present = flags[symbol] & flag::PRESENT != 0;
                past.simple_return.push(if present { returns[symbol] } else { 0.0 });
                past.state.push(if present { flags[symbol] } else { 0 });
                past.missing += usize::from(!present);
            }
        }
        let symbols = past.symbols.max(1);
        past.mean = past.simple_return.chunks_exact(symbols).map(|row| row.iter().fold(0.0, |sum, r| sum + r) / symbols as f64).collect();
        if let Some(volume) = &history.relative_volume {
            past.volume = window.flat_map(|day| request.symbols.iter().map(move |s| volume[[day, *s]])).collect();
        }
        past
    }

    /// Marks the days of a window that are drawn anew whose move only a limit wider than today's let through: today's binds it.
    pub fn bind_to_limits_now(&mut self, request: &FitRequest<'_>, window: std::ops::Range<usize>) {
        let history = &request.market.history;
        let limits = limits_now(request);
        for (row, day) in window.enumerate() {
            for (k, (&symbol, now)) in request.symbols.iter().zip(&limits).enumerate() {
                let then = history.limit.as_ref().map_or(f64::INFINITY, |limit| f64::from(limit[[day, symbol]]));
                let cell = row * self.symbols + k;
                if then.is_finite() && then > now + flag::SLIGHT && self.simple_return[cell].abs() > now + flag::SLIGHT {
                    self.state[cell] |= flag::PROXY;
                }
            }
        }
    }

    /// Days a symbol trades on, with their growth, and how often each is drawn.
    fn traded<'a>(&'a self, symbol: usize, weight: &'a dyn Fn(usize) -> f64) -> impl Iterator<Item = (usize, f64, f64)> + 'a {
        let cells = (0..self.days).map(move |day| (day, day * self.symbols + symbol));
        let traded = cells.filter(|(_, cell)| self.state[*cell] & (flag::PRESENT | flag::HALTED) == flag::PRESENT);
        traded.map(move |(day, cell)| (cell, 1.0 + self.simple_return[cell], weight(day)))
    }

    /// ln E[(1 + r)^power] of a symbol's days traded, each drawn as often as its weight says.
    pub fn log_growth(&self, symbol: usize, power: f64, weight: &dyn Fn(usize) -> f64) -> f64 {
        let days = || self.traded(symbol, weight).filter(|(_, growth, weight)| *growth > 0.0 && *weight > 0.0);
        let highest = days().fold(f64::NEG_INFINITY, |top, (_, growth, _)| top.max(power * libm::log(growth)));
        let all = self.traded(symbol, weight).fold(0.0, |sum, (_, _, weight)| sum + weight);
        if all <= 0.0 || !highest.is_finite() {
            return 0.0;
        }
        // the highest power is taken out, so that none overflows
        let sum = days().fold(0.0, |sum, (_, growth, weight)| sum + weight * libm::exp(power * libm::log(growth) - highest));
        highest + libm::log(sum / all)
    }

    /// Gives every symbol's days traded the mean growth `e^target`: one factor for all of them. What the days were stays, but the
    /// price limits bind them afresh.
    pub fn set_drift(&mut self, target: f64, weight: &dyn Fn(usize) -> f64) {
        for symbol in 0..self.symbols {
            let factor = libm::exp(target - self.log_growth(symbol, 1.0, weight));
            let cells: Vec<usize> = self.traded(symbol, weight).map(|(cell, _, _)| cell).collect();
            for cell in cells.into_iter().filter(|_| factor != 1.0) {
                self.simple_return[cell] = (1.0 + self.simple_return[cell]) * factor - 1.0;
                self.state[cell] |= flag::PROXY;
            }
        }
        let symbols = self.symbols.max(1);
        self.mean = self.simple_return.chunks_exact(symbols).map(|row| row.iter().fold(0.0, |sum, r| sum + r) / symbols as f64).collect();
    }

    /// The mean return of the present, trading symbols of each day; days on which nothing traded are left out.
    pub fn market_returns(&self) -> Vec<f64> {
        let trades = |state: u8| state & flag::PRESENT != 0 && state & flag::HALTED == 0;
        let mut returns = Vec::with_capacity(self.days);
        for (row, state) in self.simple_return.chunks_exact(self.symbols).zip(self.state.chunks_exact(self.symbols)) {
            let (sum, count) =
                row.iter().zip(state).filter(|(_, s)| trades(**s)).fold((0.0, 0u32), |(sum, count), (r, _)| (sum + r, count + 1));
            if count > 0 {
                returns.push(sum / f64::from(count));
            }
        }
        returns
    }

    /// Fills one simulated day: lane `l` gets the past day `days[l]`, for every symbol alike.
    pub fn gather(&self, tile: &mut Tile<'_>, day: usize, days: &[usize; LANES]) {
        let from = tile.at(day, 0);
        let to = tile.at(day + 1, 0);
        gather(&self.simple_return, self.symbols, days, &mut tile.simple_return[from..to]);
        gather(&self.state, self.symbols, days, &mut tile.state[from..to]);
        if !tile.volume.is_empty() {
            if self.volume.is_empty() {
                tile.volume[from..to].fill(1.0);
            } else {
                gather(&self.volume, self.symbols, days, &mut tile.volume[from..to]);
            }
        }
    }

    /// How far money in each symbol falls over `ahead` days from each past day on, the first day following the last.
    pub fn falls(&self, exposure: &[f64], ahead: usize) -> Vec<f64> {
        let of_row = |row: &[f64]| -row.iter().zip(exposure).fold(0.0, |sum, (r, money)| sum + r * money);
        let each: Vec<f64> = self.simple_return.chunks_exact(self.symbols.max(1)).map(of_row).collect();
        (0..self.days).map(|day| (day..day + ahead).fold(0.0, |sum, at| sum + each[at % self.days])).collect()
    }

    /// The mean return of the past day of every lane.
    pub fn moves(&self, days: &[usize; LANES]) -> [f64; LANES] {
        days.map(|day| self.mean[day])
    }

    /// A sentence for the report on symbol-days without a return, when there are any.
    pub fn note_on_missing(&self) -> Option<Note> {
        (self.missing > 0).then(|| {
            let (missing, all) = (self.missing, self.days * self.symbols);
            Note::new(
                format!("{missing} of {all} symbol-days of the window hold no return, own or from a proxy; they move by 0"),
                format!("窗口内 {all} 个证券日中有 {missing} 个既无自身收益率也无替代收益率，按 0 处理"),
            )
        })
    }
}

/// The daily price limit of each requested symbol on the as-of date; infinite where none binds.
fn limits_now(request: &FitRequest<'_>) -> Vec<f64> {
    let as_of = request.after_as_of.checked_sub(1).and_then(|day| request.market.history.dates.get(day));
    let of = |symbol: &usize| {
        let instrument = &request.market.instruments[*symbol];
        as_of.and_then(|day| daily_limit(instrument.board, instrument.st, *day)).unwrap_or(f64::INFINITY)
    };
    request.symbols.iter().map(of).collect()
}

/// The mean simple return of the symbols that trade, day by day; nothing on a day without any.
pub fn market_by_day(request: &FitRequest<'_>, window: std::ops::Range<usize>) -> Vec<Option<f64>> {
    let history = &request.market.history;
    let of_day = |day: usize| {
        let (returns, flags) = (history.row(day), history.flag_row(day));
        let trading = request.symbols.iter().filter(|s| flags[**s] & flag::PRESENT != 0 && flags[**s] & flag::HALTED == 0);
        let (sum, count) = trading.fold((0.0, 0u32), |(sum, count), s| (sum + returns[*s], count + 1));
        (count > 0).then(|| sum / f64::from(count))
    };
    window.map(of_day).collect()
}

/// Turns `LANES` rows of the table into lanes: `out[symbol * LANES + lane] = table[days[lane]][symbol]`.
fn gather<T: Copy>(table: &[T], symbols: usize, days: &[usize; LANES], out: &mut [T]) {
    let rows: [&[T]; LANES] = std::array::from_fn(|lane| &table[days[lane] * symbols..][..symbols]);
    for (symbol, cell) in out.chunks_exact_mut(LANES).enumerate() {
        for (lane, value) in cell.iter_mut().enumerate() {
            *value = rows[lane][symbol];
        }
    }
}

/// A symbol's trading days and their log returns.
pub struct Traded {
    pub days: Vec<usize>,
    pub returns: Vec<f64>,
}

impl Traded {
    pub fn of(request: &FitRequest<'_>, symbol: usize, window: std::ops::Range<usize>) -> Self {
        let history = &request.market.history;
        let mut traded = Traded { days: Vec::new(), returns: Vec::new() };
        for day in window {
            let (r, state) = (history.row(day)[symbol], history.flag_row(day)[symbol]);
            if state & flag::PRESENT != 0 && state & flag::HALTED == 0 && r > -1.0 {
                traded.days.push(day);
                traded.returns.push(libm::log1p(r));
            }
        }
        traded
    }
}

/// The figure of how many past days there are to draw from.
pub const WINDOW_DAYS: Figure = Figure { name: "window_days", words: Words("Days in the window", "窗口天数") };

/// The length, the first and the last date of a window in words, for notes.
pub fn window_in_words(request: &FitRequest<'_>, window: &std::ops::Range<usize>) -> Note {
    let dates = &request.market.history.dates;
    if window.is_empty() {
        return Note::new("an empty window", "空窗口");
    }
    let (days, first, last) = (window.len(), dates[window.start], dates[window.end - 1]);
    Note::new(format!("{days} sessions from {first} to {last}"), format!("{first} 至 {last} 的 {days} 个交易日"))
}
