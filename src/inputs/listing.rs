//! Leaves out the run of limit-ups that follows a listing: a price on its way from the issue price to the market's.
//!
//! Rule: a symbol whose first quote comes after the first day of the file is newly listed. Its first return is left out where
//! it is at or beyond the daily limit (a first day has wider limits of its own), and every session after it that closes at
//! the upper limit, up to the first that does not: there the market has found its price. Under registration the first five
//! sessions have no limit at all, and are left out whatever they bring. Halted sessions in between end
//! nothing. What is left out is missing, so that a proxy fills it where the symbol is held; it is listed in the report.
//! Sessions after the as-of date stay as they were: no model is fitted on them unasked, and a replay shows what happened.
//!
//! Worked number: an issue at 10.00 that closes at 14.40, 15.84, 17.42 and then at 18.00 leaves out three returns, of +44, +10
//! and +10 %; the +3.3 % after them is its first.

use super::quotes::Quotes;
use crate::model::exchange::daily_limit;
use crate::model::exchange::price_limit::free_sessions;
use crate::model::history::{Board, History, flag};
use crate::model::lineage::Note;
use crate::units::Day;

/// How near to the limit a return counts as "closed at the limit" where no traded prices are known: half a tick of a five-yuan share.
pub const RETURN_SLACK: f64 = 0.001;
/// What is known of a symbol besides its quotes.
#[derive(Clone, Copy, Default)]
pub struct Known {
    pub board: Board,
    pub st: bool,
    /// The day it was listed, where it is known.
    pub listed: Option<Day>,
}

/// Names listed one by one in the report.
const LISTED: usize = 20;

/// Sessions left out of one symbol's history.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Run {
    pub symbol: usize,
    pub sessions: usize,
}

/// Leaves out every symbol's run up to the as-of date, before day `days`; `history` still stands on all days of the quotes.
pub fn leave_out(history: &mut History, quotes: &Quotes, known: &[Known], days: usize) -> Vec<Run> {
    let mut runs = Vec::new();
    for (symbol, known) in known.iter().enumerate() {
        let Some(first) = (1..days).find(|d| quotes.row(*d, symbol).is_some()).filter(|_| quotes.row(0, symbol).is_none()) else {
            continue;
        };
        let mut sessions = 0;
        let free = free_sessions(known.board, history.dates[first]);
        for day in first..days {
            let cell = [day, symbol];
            let flags = history.flags[cell];
            if flags & flag::HALTED != 0 || (day == first && flags == 0) {
                continue;
            }
            let limit = daily_limit(known.board, known.st, history.dates[day]);
            let beyond = day == first && limit.is_some_and(|l| history.simple_return[cell] >= l - RETURN_SLACK);
            let unbound = free > 1 && day < first + free;
            if flags & flag::CLOSE_UP == 0 && !beyond && !unbound {
                break;
            }
            history.flags[cell] = 0;
            history.simple_return[cell] = 0.0;
            sessions += 1;
        }
        if sessions > 0 {
            runs.push(Run { symbol, sessions });
        }
    }
    runs
}

/// Says what was left out: the names held one by one, the others by their number.
pub fn note(runs: &[Run], symbols: &[String], held: &[bool]) -> Option<Note> {
    if runs.is_empty() {
        return None;
    }
    let sessions: usize = runs.iter().map(|r| r.sessions).sum();
    let mine: Vec<String> = runs.iter().filter(|r| held[r.symbol]).map(|r| format!("{} ({})", symbols[r.symbol], r.sessions)).collect();
    let more = mine.len().saturating_sub(LISTED);
    let named = mine[..mine.len() - more].join(", ");
    let (en, zh) = match (mine.len(), more) {
        (0, _) => ("none of them is held".to_string(), "均未持有".to_string()),
        (_, 0) => (format!("held: {named}"), format!("其中持有：{named}")),
        (_, more) => (format!("held: {named} and {more} more"), format!("其中持有：{named} 等，另有 {more} 只")),
    };
    Some(Note::new(
        format!(
            "limit-ups after a listing, up to the first close below the limit, are left out: {sessions} sessions of {} symbols; {en}",
            runs.len()
        ),
        format!("新股上市后连续涨停、至首次未封涨停前的收益率不计入：{} 只证券共 {sessions} 个交易日；{zh}", runs.len()),
    ))
}

#[cfg(test)]
mod tests {
    use super::super::{history, quotes};
    use super::*;
    use crate::model::history::Board;

    /// An old name, and one that lists on the third day; NaN closes are days without a row.
    fn quotes(listed: &[f64]) -> Quotes {
        let days = listed.len() + 2;
        let mut q = Quotes {
            days: (0..days as i32).map(|d| Day::from_epoch_days(16_600 + d)).collect(),
            symbols: vec!["600000.SH".into(), "603999.SH".into()],
            ..Quotes::default()
        };
        for day in 0..days {
            q.grid.push(q.close.len() as u32);
            q.close.push(10.0);
            let own = day.checked_sub(2).map_or(f64::NAN, |d| listed[d]);
            q.grid.push(if own.is_nan() { quotes::NONE } else { q.close.len() as u32 });
            if !own.is_nan() {
                q.close.push(own);
            }
        }
        q
    }

    fn built(q: &Quotes, keep: bool) -> history::Built {
        let known = [Known { board: Board::Main, st: false, listed: None }; 2];
        history::build(q, &known, Day::from_epoch_days(20_000), keep)
    }

    #[test]
    fn the_run_ends_with_the_first_close_below_the_limit() {
        // no reference for the first close: it has no return; then two limit-ups, then the market's own price
        let q = quotes(&[14.40, 15.84, 17.42, 18.00, 19.80]);
        let found = built(&q, false);
        assert_eq!(found.listing_runs, [Run { symbol: 1, sessions: 2 }]);
        let own: Vec<u8> = found.history.flags.column(1).to_vec();
        assert_eq!(own[..4], [0, 0, 0, 0]);
        assert_eq!(own[4..], [flag::PRESENT, flag::PRESENT | flag::CLOSE_UP], "a later limit-up is the market's own");
        assert_eq!(found.at[1].own_returns, 2);
        assert_eq!(built(&q, true).at[1].own_returns, 4, "kept when asked to");
    }

    #[test]
    fn a_first_day_with_its_own_wide_limit_is_part_of_the_run() {
        let mut q = quotes(&[14.40, 15.84, 16.00]);
        q.preclose = q.close.iter().map(|c| if *c == 10.0 { 10.0 } else { f64::NAN }).collect();
        let at = |q: &Quotes, price: f64| q.close.iter().position(|c| *c == price).unwrap();
        let (first, second, third) = (at(&q, 14.40), at(&q, 15.84), at(&q, 16.00));
        (q.preclose[first], q.preclose[second], q.preclose[third]) = (10.0, 14.40, 15.84);
        assert_eq!(built(&q, false).listing_runs, [Run { symbol: 1, sessions: 2 }]);
        let note = note(&built(&q, false).listing_runs, &q.symbols, &[false, true]).unwrap();
        assert!(note.en.contains("2 sessions of 1 symbols; held: 603999.SH (2)"), "{}", note.en);
    }

    #[test]
    fn a_name_that_was_there_from_the_first_day_is_left_alone() {
        let mut q = quotes(&[11.0, 12.1]);
        // the old name closes at the limit on the second day
        q.close[1] = 11.0;
        let runs = built(&q, false).listing_runs;
        assert!(runs.iter().all(|r| r.symbol == 1), "{runs:?}");
    }
}
