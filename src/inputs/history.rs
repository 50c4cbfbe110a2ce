//! Lays quotes out as a history: a return and a trading state for every symbol and day.
//!
//! The return of a day is `close / reference - 1`. The reference is the exchange's own previous close where the
//! file has it (`preclose`: true on ex-dates), else the last close carried over by the adjustment factors, else the
//! last adjusted close, else the last close. Example: close 11.33 on preclose 11.99 is -0.0550.
//! Between two rows of a symbol a day without a row, without volume or marked as suspended is halted: its return is 0
//! and the first day of trading after it bears the whole move. A close at the limit price of the day's reference,
//! rounded to the tick, stands at the limit; with high and low there too it was locked all day.

use super::listing::{self, Known, RETURN_SLACK, Run};
use super::quotes::Quotes;
use crate::model::exchange::{
    daily_limit,
    price_limit::{free_sessions, limit_price},
};
use crate::model::history::{History, flag};
use crate::units::Day;
use ndarray::{Array2, Axis, Slice};

/// The tick of A-share prices, in yuan: 0.01.
const TICK: f64 = 0.01;
/// Sessions of trading that a turnover is compared with.
const TURNOVER_SESSIONS: usize = 20;
/// Fewer of them make no average.
const TURNOVER_LEAST: usize = 5;

/// A history and what the quotes say of each symbol at the as-of date.
#[derive(Default)]
pub struct Built {
    pub history: History,
    pub at: Vec<AsOf>,
    /// Limit-ups after a listing that were left out.
    pub listing_runs: Vec<Run>,
}

/// One symbol at the as-of date; nothing where the quotes do not say.
#[derive(Clone, Copy, Default, Debug, PartialEq)]
pub struct AsOf {
    pub price: Option<f64>,
    /// The day of that price.
    pub price_day: Option<Day>,
    /// The first close of all, for symbols that were listed later.
    pub first_price: Option<f64>,
    pub adv_amount: Option<f64>,
    pub free_float_value: Option<f64>,
    /// Whether it stands under special treatment, by the last row that says so.
    pub st: Option<bool>,
    pub own_returns: usize,
}

/// Builds the history of every symbol of the quotes; `known` is in order of symbol. Limit-ups after a listing are kept on request.
pub fn build(quotes: &Quotes, known: &[Known], as_of: Day, keep_listing_runs: bool) -> Built {
    let (days, width) = (quotes.days.len(), quotes.symbols.len());
    let turnovers = !quotes.amount.is_empty() || !quotes.volume.is_empty();
    let mut history = History {
        dates: quotes.days.clone(),
        symbols: quotes.symbols.clone(),
        simple_return: Array2::zeros((days, width)),
        flags: Array2::zeros((days, width)),
        relative_volume: turnovers.then(|| Array2::ones((days, width))),
        limit: Some(Array2::from_elem((days, width), f32::INFINITY)),
    };
    let today = quotes.days.partition_point(|d| *d <= as_of);
    let mut at: Vec<AsOf> = (0..width).map(|symbol| Column { quotes, known: known[symbol], symbol, today }.fill(&mut history)).collect();
    let listing_runs = if keep_listing_runs { Vec::new() } else { listing::leave_out(&mut history, quotes, known, today) };
    drop_leading(quotes, &mut history);
    count_own(&history, as_of, &mut at);
    Built { history, at, listing_runs }
}

/// Days before the first returns are no history: a day counts from where half of the symbols that traded have one.
fn drop_leading(quotes: &Quotes, history: &mut History) {
    let (days, width) = (history.days(), history.width());
    let traded =
        |day: usize| (0..width).filter_map(|s| quotes.row(day, s)).filter(|row| !quotes.halted.get(*row).is_some_and(|h| *h)).count();
    let own = |day: usize| history.flag_row(day).iter().filter(|f| is_own(**f)).count();
    let first = (0..days).find(|day| own(*day) > 0 && 2 * own(*day) >= traded(*day)).unwrap_or(days);
    history.dates.drain(..first);
    history.simple_return = from_day(&history.simple_return, first);
    history.flags = from_day(&history.flags, first);
    history.limit = history.limit.as_ref().map(|limit| from_day(limit, first));
    history.relative_volume = history.relative_volume.as_ref().map(|volume| from_day(volume, first));
}

/// The rows of a table from a day on.
fn from_day<T: Clone>(table: &Array2<T>, first: usize) -> Array2<T> {
    table.slice_axis(Axis(0), Slice::from(first..)).to_owned()
}

/// A return of a day on which the symbol traded.
fn is_own(flags: u8) -> bool {
    flags & (flag::PRESENT | flag::HALTED) == flag::PRESENT
}

/// Counts each symbol's own returns up to the as-of date.
fn count_own(history: &History, as_of: Day, at: &mut [AsOf]) {
    for day in history.window(None, Some(as_of)) {
        for (at, flags) in at.iter_mut().zip(history.flag_row(day)) {
            at.own_returns += usize::from(is_own(*flags));
        }
    }
}

/// One symbol's way through the days.
struct Column<'a> {
    quotes: &'a Quotes,
    known: Known,
    symbol: usize,
    /// Days up to the as-of date.
    today: usize,
}

/// The last day with a price.
#[derive(Clone, Copy)]
struct Last {
    close: f64,
    factor: f64,
}

impl Column<'_> {
    fn fill(&self, history: &mut History) -> AsOf {
        let days = self.quotes.days.len();
        let mut listed = (0..days).filter(|d| self.quoted(*d).is_some());
        let Some(first) = listed.next() else { return AsOf::default() };
        let end = listed.next_back().unwrap_or(first);
        let mut at = AsOf::default();
        let mut last: Option<Last> = None;
        let mut turnover = Turnover::default();
        for day in first..=end {
            let cell = [day, self.symbol];
            let quoted = self.quoted(day);
            let row = quoted.filter(|row| !self.quotes.halted.get(*row).copied().unwrap_or(false));
            let (value, flags) = match row {
                None => (0.0, flag::PRESENT | flag::HALTED),
                Some(row) => self.traded_day(row, day, last),
            };
            history.simple_return[cell] = value;
            history.flags[cell] = flags;
            if let (Some(limits), Some(limit)) = (&mut history.limit, quoted.and_then(|row| self.limit(row, day))) {
                limits[cell] = limit as f32;
            }
            if let Some(volume) = &mut history.relative_volume {
                volume[cell] = row.map_or(0.0, |row| turnover.relative(self.quotes.turnover(row)));
            }
            if let Some(quoted) = quoted {
                if day < self.today {
                    at.st = self.quotes.st.get(quoted).copied().flatten().or(at.st);
                }
                self.carry(quoted, row.is_some(), &mut last);
                self.note_as_of(quoted, day, &mut at);
            }
            if day < self.today {
                at.adv_amount = turnover.average(1);
            }
        }
        at
    }

    fn quoted(&self, day: usize) -> Option<usize> {
        self.quotes.quoted(day, self.symbol)
    }

    /// The return and the flags of a day with trading.
    fn traded_day(&self, row: usize, day: usize, last: Option<Last>) -> (f64, u8) {
        if !self.quotes.simple_return.is_empty() {
            let value = self.quotes.simple_return[row];
            return (value, flag::PRESENT | self.side_of_return(value, row, day));
        }
        let close = self.quotes.price(row);
        let Some(reference) = self.quotes.reference(row, last) else { return (0.0, 0) };
        let value = close / reference - 1.0;
        let side = match (self.quotes.limit_close.is_empty(), self.quotes.close.is_empty()) {
            (false, _) => self.side_as_told(row),
            (true, false) => self.side_of_price(row, day, reference),
            (true, true) => self.side_of_return(value, row, day),
        };
        (value, flag::PRESENT | side)
    }

    fn limit(&self, row: usize, day: usize) -> Option<f64> {
        if self.is_free(day) {
            return None;
        }
        let st = self.quotes.st.get(row).copied().flatten().unwrap_or(self.known.st);
        daily_limit(self.known.board, st, self.quotes.days[day])
    }

    /// True in the first sessions after a listing, which have no limit.
    fn is_free(&self, day: usize) -> bool {
        let Some(listed) = self.known.listed else { return false };
        let first = self.quotes.days.partition_point(|d| *d < listed);
        day >= first && day - first < free_sessions(self.known.board, listed)
    }

    /// The side the file itself tells.
    fn side_as_told(&self, row: usize) -> u8 {
        let side = |column: &[f64], down: u8, up: u8| match column.get(row) {
            Some(v) if *v < 0.0 => down,
            Some(v) if *v > 0.0 => up,
            _ => 0,
        };
        let told = !self.quotes.limit_locked.is_empty() || self.quotes.range(row).is_some();
        let intraday = if told { flag::INTRADAY } else { 0 };
        let locked = if self.quotes.limit_locked.is_empty() {
            self.quotes
                .range(row)
                .filter(|(high, low)| high == low)
                .map_or(0, |_| side(&self.quotes.limit_close, flag::LOCKED_DOWN, flag::LOCKED_UP))
        } else {
            side(&self.quotes.limit_locked, flag::LOCKED_DOWN, flag::LOCKED_UP)
        };
        intraday | locked | side(&self.quotes.limit_close, flag::CLOSE_DOWN, flag::CLOSE_UP)
    }

    /// The side told by the limit prices of the day.
    fn side_of_price(&self, row: usize, day: usize, reference: f64) -> u8 {
        let range = self.quotes.range(row);
        let intraday = if range.is_some() { flag::INTRADAY } else { 0 };
        let Some(limit) = self.limit(row, day) else { return intraday };
        let tick = self.known.board.tick(&self.quotes.symbols[self.symbol], TICK);
        let reference = (reference / tick).round() * tick;
        let at = |price: f64, bound: f64| (price - bound).abs() < tick / 2.0;
        let (down, up) = (limit_price(reference, -limit, tick), limit_price(reference, limit, tick));
        let close = self.quotes.price(row);
        let locked = |bound: f64, bit: u8| range.filter(|(high, low)| at(*high, bound) && at(*low, bound)).map_or(0, |_| bit);
        if at(close, down) {
            intraday | flag::CLOSE_DOWN | locked(down, flag::LOCKED_DOWN)
        } else if at(close, up) {
            intraday | flag::CLOSE_UP | locked(up, flag::LOCKED_UP)
        } else {
            intraday
        }
    }

    /// The side told by the return alone.
    fn side_of_return(&self, value: f64, row: usize, day: usize) -> u8 {
        match self.limit(row, day) {
            Some(limit) if (value + limit).abs() <= RETURN_SLACK => flag::CLOSE_DOWN,
            Some(limit) if (value - limit).abs() <= RETURN_SLACK => flag::CLOSE_UP,
            _ => 0,
        }
    }

    /// Keeps the last traded price; a halted row counts only when nothing came before it.
    fn carry(&self, row: usize, traded: bool, last: &mut Option<Last>) {
        let close = self.quotes.price(row);
        if !close.is_nan() && (traded || last.is_none()) {
            *last = Some(Last { close, factor: self.quotes.factor(row) });
        }
    }

    fn note_as_of(&self, row: usize, day: usize, at: &mut AsOf) {
        let price = self.quotes.price(row);
        if price.is_nan() {
            return;
        }
        at.first_price = at.first_price.or(Some(price));
        if day < self.today {
            at.price = Some(price);
            at.price_day = Some(self.quotes.days[day]);
            at.free_float_value =
                self.quotes.float_shares.get(row).filter(|v| **v > 0.0).map(|shares| shares * price).or(at.free_float_value);
        }
    }
}

impl Quotes {
    /// The row of a day; a row of a returns file without a return is none.
    fn quoted(&self, day: usize, symbol: usize) -> Option<usize> {
        self.row(day, symbol).filter(|row| !self.simple_return.get(*row).is_some_and(|r| r.is_nan()))
    }

    /// Whether a day has a row of a symbol.
    pub fn is_quoted(&self, day: usize, symbol: usize) -> bool {
        self.quoted(day, symbol).is_some()
    }

    /// The traded close, or the adjusted one where the file has no other.
    pub(super) fn price(&self, row: usize) -> f64 {
        self.close.get(row).or(self.adj_close.get(row)).copied().unwrap_or(f64::NAN)
    }

    /// The price the day's return and limits are measured from.
    fn reference(&self, row: usize, last: Option<Last>) -> Option<f64> {
        if let Some(preclose) = self.preclose.get(row).filter(|p| **p > 0.0) {
            return Some(*preclose);
        }
        let last = last?;
        let factor = self.factor(row);
        Some(if factor > 0.0 && last.factor > 0.0 { last.close * last.factor / factor } else { last.close })
    }

    /// What turns the close into an adjusted one; NaN where it is unknown.
    fn factor(&self, row: usize) -> f64 {
        match (self.adj_factor.get(row), self.close.get(row), self.adj_close.get(row)) {
            (Some(factor), Some(_), _) => *factor,
            (None, Some(close), Some(adjusted)) => adjusted / close,
            _ => f64::NAN,
        }
    }

    /// High and low, where both are known and in order.
    pub(super) fn range(&self, row: usize) -> Option<(f64, f64)> {
        let (high, low) = (*self.high.get(row)?, *self.low.get(row)?);
        (low > 0.0 && high >= low).then_some((high, low))
    }

    /// Turnover in money; NaN where it is unknown.
    fn turnover(&self, row: usize) -> f64 {
        match self.amount.get(row) {
            Some(amount) if !amount.is_nan() => *amount,
            _ => self.volume.get(row).map_or(f64::NAN, |volume| volume * self.price(row)),
        }
    }
}

/// The turnovers of the last sessions with trading.
#[derive(Default)]
struct Turnover {
    ring: [f64; TURNOVER_SESSIONS],
    seen: usize,
}

impl Turnover {
    /// A day's turnover over the average of the sessions before it; 1 where either is unknown.
    fn relative(&mut self, turnover: f64) -> f32 {
        let average = self.average(TURNOVER_LEAST);
        if turnover.is_nan() {
            return 1.0;
        }
        self.ring[self.seen % TURNOVER_SESSIONS] = turnover;
        self.seen += 1;
        average.filter(|a| *a > 0.0).map_or(1.0, |a| (turnover / a) as f32)
    }

    fn average(&self, least: usize) -> Option<f64> {
        let known = self.seen.min(TURNOVER_SESSIONS);
        (known >= least).then(|| self.ring[..known].iter().fold(0.0, |sum, t| sum + t) / known as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::super::quotes;
    use super::super::{Gather, prices};
    use super::*;
    use crate::model::case::Data;
    use crate::model::history::Board;

    /// The cells of a table of one symbol, day after day.
    fn values<T: Copy>(table: &Array2<T>) -> Vec<T> {
        table.iter().copied().collect()
    }

    const LISTED: Known = Known { board: Board::Main, st: false, listed: None };

    /// The quotes of one symbol on consecutive days; NaN closes are days without a row.
    fn quotes(close: &[f64]) -> Quotes {
        let rows: Vec<u32> = (0..close.len() as u32).collect();
        Quotes {
            days: rows.iter().map(|d| Day::from_epoch_days(16_600 + *d as i32)).collect(),
            symbols: vec!["600000.SH".into()],
            grid: rows.iter().map(|row| if close[*row as usize].is_nan() { quotes::NONE } else { *row }).collect(),
            close: close.to_vec(),
            ..Quotes::default()
        }
    }

    fn history(quotes: &Quotes) -> History {
        build(quotes, &[LISTED], Day::from_epoch_days(20_000), false).history
    }

    #[test]
    fn the_first_day_after_a_halt_bears_the_whole_move() {
        let h = history(&quotes(&[10.0, 10.5, f64::NAN, f64::NAN, 8.4, 8.4]));
        assert_eq!(h.days(), 5, "the first day has no return and is no history");
        assert_eq!(values(&h.simple_return), [10.5 / 10.0 - 1.0, 0.0, 0.0, 8.4 / 10.5 - 1.0, 0.0]);
        assert_eq!(h.flags[[1, 0]], flag::PRESENT | flag::HALTED);
        assert_eq!(h.flags[[3, 0]], flag::PRESENT);
    }

    #[test]
    fn a_first_day_on_which_few_have_a_reference_is_no_history() {
        let mut q = quotes(&[10.0, 11.0]);
        let day = |d: i32| Day::from_epoch_days(16_600 + d);
        q.days = vec![day(0), day(1)];
        q.symbols = ["600000.SH", "600001.SH", "600002.SH"].map(String::from).to_vec();
        q.grid = vec![0, 1, 2, 3, 4, 5];
        q.close = vec![10.0, 10.0, 10.0, 11.0, 11.0, 11.0];
        q.preclose = vec![10.0, f64::NAN, f64::NAN, 10.0, 10.0, 10.0];
        let built = build(&q, &[LISTED; 3], day(1), false);
        assert_eq!(built.history.dates, [day(1)]);
        assert!(built.at.iter().all(|at| at.own_returns == 1));
    }

    #[test]
    fn an_ex_date_is_no_loss() {
        // a close of 5.00 after 10.00 on a two-for-one split, told by the reference price, the factor, or the adjusted close
        let mut q = quotes(&[10.0, 5.0]);
        q.preclose = vec![9.9, 5.0];
        assert_eq!(values(&history(&q).simple_return), [10.0 / 9.9 - 1.0, 0.0]);
        let mut q = quotes(&[10.0, 5.0]);
        q.adj_factor = vec![1.0, 2.0];
        assert_eq!(values(&history(&q).simple_return), [0.0]);
        let mut q = quotes(&[10.0, 5.0]);
        q.adj_close = vec![5.0, 5.0];
        assert_eq!(values(&history(&q).simple_return), [0.0]);
    }

    #[test]
    fn a_close_at_the_rounded_limit_price_is_flagged_and_a_one_price_day_is_locked() {
        // 8.57 falls to 7.71 at most (7.713 rounded); the next day to 6.94 (6.939)
        let mut q = quotes(&[8.57, 7.71, 6.94, 7.63]);
        q.high = vec![8.6, 8.0, 6.94, 7.63];
        q.low = vec![8.5, 7.71, 6.94, 7.0];
        let flags = history(&q).flags;
        let seen = flag::PRESENT | flag::INTRADAY;
        assert_eq!(values(&flags), [seen | flag::CLOSE_DOWN, seen | flag::CLOSE_DOWN | flag::LOCKED_DOWN, seen | flag::CLOSE_UP]);
        q.st = vec![Some(true); 4];
        assert_eq!(values(&history(&q).flags), [seen, seen, seen], "ten per cent lies beyond the limit of an ST share");
    }

    #[test]
    fn turnover_is_told_against_the_sessions_before() {
        let mut q = quotes(&[10.0; 8]);
        q.amount = vec![100.0, 100.0, 100.0, 100.0, 100.0, 300.0, 0.0, 100.0];
        q.halted = vec![false, false, false, false, false, false, true, false];
        let built = build(&q, &[LISTED], q.days[5], false);
        assert_eq!(values(built.history.relative_volume.as_ref().expect("turnovers")), [1.0, 1.0, 1.0, 1.0, 3.0, 0.0, 0.75]);
        assert_eq!(built.at[0].adv_amount, Some(800.0 / 6.0));
        assert_eq!(built.at[0].own_returns, 5);
    }

    #[test]
    fn computed_limits_are_those_the_vendor_states() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
        if !folder.is_dir() {
            println!("skipped: {} is not there", folder.display());
            return;
        }
        let mut gather = Gather::default();
        let programme = crate::model::case::Programme {
            name: String::new(),
            as_of: Day::from_ymd(2015, 6, 12).unwrap(),
            currency: "CNY".into(),
            seed: 1,
            data: Data { prices: Some("a_share_2014_2016.parquet".into()), ..Data::default() },
            folder,
            scenarios: Vec::new(),
            limits: Vec::new(),
            report: Default::default(),
            model_risk: Default::default(),
            reverse: Vec::new(),
            watch: Vec::new(),
            firm: None,
            resolved_toml: String::new(),
        };
        let mut quotes = prices::read(&programme, &mut gather).unwrap_or_else(|| panic!("{}", gather.problems));
        let known: Vec<Known> =
            quotes.symbols.iter().map(|s| Known { board: crate::model::exchange::board_of_symbol(s), st: false, listed: None }).collect();
        let told = build(&quotes, &known, programme.as_of, false).history;
        quotes.limit_close.clear();
        quotes.limit_locked.clear();
        let computed = build(&quotes, &known, programme.as_of, false).history;
        let differing = told.flags.iter().zip(&computed.flags).filter(|(a, b)| a != b).count();
        assert!(differing <= 20, "{differing} of {} symbol-days differ", told.flags.len());
    }
}
