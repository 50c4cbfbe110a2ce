//! Says for how long a name that is halted on the as-of date stays halted.
//!
//! Stated: the name's `resume_date`, else `[exchange] resume-after`. Else modelled: on each session it trades again with
//! probability h = (R + 1) / (H + 2), where the history up to the as-of date has H halted symbol-sessions that a further session
//! of the symbol follows, and trading on R of those (the rule of succession of Laplace: a history without halts says 1/2). The
//! sessions it stays halted are then geometric, with mean (1 − h)/h, whatever the halt has lasted.
//!
//! A replay that starts with the session after the as-of date, and given paths need no rule: they contain the halts. Any other replay
//! is one path, and takes the mean, in whole sessions.
//!
//! Worked number: 100 halted sessions of which 4 were followed by trading give h = 5/102 = 4.9 %, 19.4 sessions on average; half
//! of such names are back within 14 sessions.

use super::Exchange;
use crate::model::history::{History, Instrument, Market, flag};
use crate::model::market::MarketSpec;
use crate::model::part::Kind;
use crate::units::Day;

/// The sessions of the horizon without trading that a halt still holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stay {
    Sessions(usize),
    /// Drawn path by path: the probability that it ends with the next session.
    Drawn {
        hazard: f64,
    },
}

/// One name halted on the as-of date.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Halted {
    pub stay: Stay,
    /// What the market did since its last trade, as a growth factor: it is due with the first session traded.
    pub missed: f64,
}

/// The probability that a halted name trades on the next session, from the halts of the history's first `today` sessions.
pub fn hazard(history: &History, today: usize) -> f64 {
    let (mut halted, mut resumed) = (0_u64, 0_u64);
    for day in 1..today.min(history.days()) {
        for (before, now) in history.flag_row(day - 1).iter().zip(history.flag_row(day)) {
            let counts = before & flag::HALTED != 0 && now & flag::PRESENT != 0;
            halted += u64::from(counts);
            resumed += u64::from(counts && now & flag::HALTED == 0);
        }
    }
    (resumed + 1) as f64 / (halted + 2) as f64
}

/// How long each of `symbols` stays halted, of those that are; `dates` are the sessions simulated.
pub fn of(exchange: &Exchange, spec: &MarketSpec, market: &Market, symbols: &[usize], as_of: Day, dates: &[Day]) -> Vec<Option<Halted>> {
    let instruments = || symbols.iter().map(|s| &market.instruments[*s]);
    if instruments().all(|i| i.halt.is_none()) || tells_itself(spec, market, as_of) {
        return vec![None; symbols.len()];
    }
    let hazard = hazard(&market.history, market.history.window(None, Some(as_of)).end);
    let stay = |instrument: &Instrument| match (instrument.halt?.resumes, exchange.resume_after) {
        (Some(date), _) => Some(Stay::Sessions(dates.partition_point(|day| *day < date))),
        (None, Some(sessions)) => Some(Stay::Sessions(sessions as usize)),
        (None, None) if spec.is_replay() => Some(Stay::Sessions(((1.0 - hazard) / hazard).round() as usize)),
        (None, None) => Some(Stay::Drawn { hazard }),
    };
    instruments().map(|i| Some(Halted { stay: stay(i)?, missed: i.halt?.missed })).collect()
}

/// Whether the market model itself states when a halt ends: given paths, and the replay of the very sessions after the as-of date.
fn tells_itself(spec: &MarketSpec, market: &Market, as_of: Day) -> bool {
    if spec.declared().kind == Kind::OwnPaths {
        return true;
    }
    let next = market.history.dates.iter().find(|day| **day > as_of);
    next.zip(spec.replayed_from()).is_some_and(|(next, start)| start > as_of && start <= *next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::history::Board;
    use ndarray::Array2;

    fn history(rows: &[&[u8]]) -> History {
        let width = rows[0].len();
        History {
            dates: (0..rows.len() as i32).map(|d| Day::from_epoch_days(16_600 + d)).collect(),
            symbols: (0..width).map(|s| format!("S{s}")).collect(),
            simple_return: Array2::zeros((rows.len(), width)),
            flags: Array2::from_shape_vec((rows.len(), width), rows.concat()).expect("rows of one width"),
            ..History::default()
        }
    }

    const OPEN: u8 = flag::PRESENT;
    const SHUT: u8 = flag::PRESENT | flag::HALTED;

    #[test]
    fn the_hazard_counts_halted_sessions_that_trading_followed() {
        // three halted sessions have a successor, one of them trades; what comes after the as-of date says nothing
        let past = history(&[&[OPEN, SHUT], &[SHUT, SHUT], &[OPEN, SHUT], &[OPEN, OPEN]]);
        assert_eq!(hazard(&past, 3), 2.0 / 5.0);
        assert_eq!(hazard(&history(&[&[OPEN], &[OPEN]]), 2), 0.5);
    }

    #[test]
    fn a_date_stands_before_the_programme_s_sessions_and_these_before_the_model() {
        let market = |resumes: Option<Day>| {
            let mut market = crate::model::market::toy::market(1, 5);
            market.instruments[0] = Instrument {
                halt: Some(crate::model::history::Halt { since: market.history.dates[3], missed: 0.9, resumes }),
                board: Board::Main,
                ..market.instruments[0].clone()
            };
            market
        };
        let as_of = market(None).history.dates[4];
        let dates: Vec<Day> = (1..6).map(|d| Day::from_epoch_days(as_of.epoch_days() + d)).collect();
        let stay = |resumes: Option<Day>, after: Option<u32>| {
            let exchange = Exchange { resume_after: after, ..Exchange::default() };
            let found = of(&exchange, &MarketSpec::default(), &market(resumes), &[0], as_of, &dates);
            found[0].expect("it is halted").stay
        };
        assert_eq!(stay(Some(dates[3]), Some(1)), Stay::Sessions(3));
        assert_eq!(stay(None, Some(1)), Stay::Sessions(1));
        assert_eq!(stay(None, None), Stay::Drawn { hazard: 0.5 });
        assert_eq!(stay(Some(Day::from_epoch_days(as_of.epoch_days() + 99)), None), Stay::Sessions(5), "beyond the horizon");
    }
}
