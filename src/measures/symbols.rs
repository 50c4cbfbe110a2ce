//! Estimates what the book's sales did in one symbol, from its sums over paths: sales, what stays unsold, its push, blocked days.
//!
//! Every figure is a mean over paths of each path's own total (`sums`). `push_max` of the files is none of these: it is the
//! largest of the paths drawn, and more paths may show a larger one.
//! Worked: blocked on 0, 2, 0 and 2 of 20 sessions: 5 % of all sessions, SE 2.9 %.

use super::sums::{judge, mean};
use super::{Estimate, Unit};
use crate::engine::outcome::Outcome;
use crate::model::case::Scenario;

/// One symbol's figures.
#[derive(Clone, Debug, PartialEq)]
pub struct SymbolFigures {
    /// Forced sales, sales by clients ahead of their line, and what still waits at the end; money.
    pub sold: Estimate,
    pub early: Estimate,
    pub unsold: Estimate,
    /// The largest push of sales on the price, a fraction.
    pub push: Estimate,
    /// Sessions halted, locked at the lower limit, and on which a forced sale was held up by either.
    pub halted: Estimate,
    pub locked: Estimate,
    pub queued: Estimate,
    /// Share of sessions halted or locked.
    pub blocked: Estimate,
}

/// The figures of the symbol at a place of `SymbolColumns`.
pub fn figures(scenario: &Scenario, outcome: &Outcome, at: usize) -> SymbolFigures {
    let (columns, square) = (&outcome.symbol, &outcome.symbol.square);
    let judge = judge(scenario, outcome);
    let sessions = outcome.dates.len() as f64;
    let money = |key: &str, sums: &[f64], squares: &[f64]| mean(&judge, key, Unit::Money, sums[at], squares[at], f64::INFINITY);
    let days = |key: &str, sums: &[f64], squares: &[f64]| mean(&judge, key, Unit::Days, sums[at], squares[at], sessions);
    let blocked = (columns.halted_days[at] + columns.locked_days[at]) / sessions;
    SymbolFigures {
        sold: money("symbol.forced_sales.mean", &columns.sold, &square.sold),
        early: money("symbol.early_sales.mean", &columns.early, &square.early),
        unsold: money("symbol.unsold.mean", &columns.unsold, &square.unsold),
        push: mean(&judge, "symbol.push.mean", Unit::Ratio, columns.push_sum[at], square.push[at], 1.0),
        halted: days("symbol.halted.mean_days", &columns.halted_days, &square.halted_days),
        locked: days("symbol.locked.mean_days", &columns.locked_days, &square.locked_days),
        queued: days("symbol.queued.mean_days", &columns.queued_days, &square.queued_days),
        blocked: mean(&judge, "symbol.blocked.share", Unit::Ratio, blocked, square.blocked_days[at] / (sessions * sessions), 1.0),
    }
}

/// Mean proceeds of all sales by session: of the scenario, and of its layer without feedback (empty without layers).
pub fn sales_by_day(scenario: &Scenario, outcome: &Outcome) -> [Vec<Estimate>; 2] {
    let judge = judge(scenario, outcome);
    let means = |sums: &[f64], squares: &[f64]| -> Vec<Estimate> {
        sums.iter().zip(squares).map(|(sum, square)| mean(&judge, "sales.mean", Unit::Money, *sum, *square, f64::INFINITY)).collect()
    };
    let silent = outcome.layers.first().map(|layer| means(&layer.sales_by_day, &layer.sales_by_day_square));
    [means(&outcome.symbol.by_day, &outcome.symbol.square.by_day), silent.unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    use super::super::{synthetic, tests};
    use super::*;
    use crate::engine::outcome::{SymbolColumns, SymbolSquares};
    use crate::units::Day;

    #[test]
    fn the_error_of_a_symbols_mean_is_that_of_the_paths() {
        let (scenario, book) = (tests::scenario(), tests::book());
        let mut outcome = synthetic::quiet(&book, 4);
        outcome.dates = vec![Day::from_epoch_days(0); 20];
        let money = |x: f64| vec![x];
        // by path: sold 1, 2, 3, 4; locked on 0, 2, 0 and 2 sessions
        outcome.symbol = SymbolColumns {
            sector: Vec::new(),
            symbol: vec![0],
            sold: money(10.0),
            early: money(0.0),
            push_sum: money(0.0),
            push_max: money(0.0),
            by_day: Vec::new(),
            halted_days: money(0.0),
            locked_days: money(4.0),
            queued_days: money(0.0),
            unsold: money(0.0),
            square: SymbolSquares {
                sector_sold: Vec::new(),
                sector_unsold: Vec::new(),
                sold: money(30.0),
                early: money(0.0),
                unsold: money(0.0),
                push: money(0.0),
                by_day: Vec::new(),
                halted_days: money(0.0),
                locked_days: money(8.0),
                blocked_days: money(8.0),
                queued_days: money(0.0),
            },
        };
        let found = figures(&scenario, &outcome, 0);
        assert!((found.sold.std_error - 0.645_497_224_4).abs() < 1e-10 && found.sold.value == 2.5);
        assert!((found.blocked.value - 0.05).abs() < 1e-15 && (found.blocked.std_error - 0.028_867_5).abs() < 1e-6);
        // nothing says how much a client could sell early, but days halted are at most all 20
        assert_eq!((found.early.value, found.early.std_error, found.early.ci_high), (0.0, f64::INFINITY, None));
        assert!((found.halted.ci_high.unwrap() - 20.0 * 0.602_4).abs() < 1e-2, "{:?}", found.halted);
        outcome.deterministic = true;
        assert_eq!(figures(&scenario, &outcome, 0).sold.std_error, 0.0);
    }
}
