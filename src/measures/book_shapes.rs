//! Shapes the book on the as-of date for charts: loans by maintenance ratio, and holdings by the sessions that their sale takes.
//!
//! Days to sell of a holding: its market value over what a session takes, the average turnover of the last 20 sessions with trading
//! times the share of it that forced sales may take (`[liquidation] participation`). Worked: 30 million of a share that trades 50 million
//! a day, at 20 %, take 3 sessions.

use crate::model::book::Book;
use crate::model::case::Case;
use crate::model::history::Market;
use crate::model::margin::contract::LineOverride;
use serde::Serialize;

/// Maintenance ratios are counted from 100 % to 300 % in tenths, what lies below and above in a bin each.
const FIRST: f64 = 1.0;
const STEP: f64 = 0.1;
const INSIDE: usize = 20;
/// Days within which the share sold is told.
const WITHIN: [u32; 5] = [1, 3, 5, 10, 20];

/// Loans and accounts by maintenance ratio.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ByRatio {
    pub bins: Vec<RatioBin>,
    /// Warning, limit, call and liquidation line of the programme; 0 where there is none.
    pub lines: [f64; 4],
    /// Accounts with a loan that stand under other lines.
    pub other_lines: usize,
}

/// Accounts whose ratio lies from `from` to below `to`.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct RatioBin {
    /// Absent in the first.
    pub from: Option<f64>,
    /// Absent in the last.
    pub to: Option<f64>,
    pub accounts: usize,
    pub loans: f64,
}

/// How long the book's holdings take to sell.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DaysToSell {
    /// The share of turnover that sales take.
    pub participation: f64,
    /// Symbol, name, days, market value: the slowest first.
    pub slowest: Vec<(String, String, f64, f64)>,
    /// The share of the market value that is sold within so many sessions.
    pub within: Vec<(u32, f64)>,
    /// The share of the market value whose turnover is not known.
    pub unknown: f64,
}

/// Accounts with a debt, by maintenance ratio; `value` is the market value of each account's holdings.
pub fn by_ratio(book: &Book, case: &Case, value: &[f64]) -> ByRatio {
    let edge = |k: usize| FIRST + STEP * k as f64;
    let bin = |at: usize| RatioBin { from: (at > 0).then(|| edge(at - 1)), to: (at <= INSIDE).then(|| edge(at)), ..RatioBin::default() };
    let mut bins: Vec<RatioBin> = (0..INSIDE + 2).map(bin).collect();
    let own = case.margin.lines(&LineOverride::default(), "");
    let lines = [own.warning, own.limit, own.call, own.liquidation];
    let mut other_lines = 0;
    for (a, account) in book.lines.iter().enumerate() {
        let (assets, debt) = (book.cash[a] + value[a], book.loan[a] + book.accrued_interest[a]);
        if debt <= 0.0 {
            continue;
        }
        let theirs = case.margin.lines(account, book.product_of(a));
        other_lines += usize::from([theirs.warning, theirs.limit, theirs.call, theirs.liquidation] != lines);
        // an edge belongs to the bin above it; the hair keeps 1.3 out of the bin below 1.3
        let tenths = ((assets / debt - FIRST) / STEP + 1e-9).floor();
        let at = if tenths < 0.0 { 0 } else { (tenths as usize + 1).min(INSIDE + 1) };
        bins[at].accounts += 1;
        bins[at].loans += book.loan[a];
    }
    ByRatio { bins, lines, other_lines }
}

/// The sessions each holding takes; `holdings` are the symbols held and their market value. Nothing without a cap on sales.
pub fn days_to_sell(case: &Case, market: &Market, holdings: &[(usize, f64)], most: usize) -> Option<DaysToSell> {
    let participation = case.liquidation.participation?.get();
    let whole: f64 = holdings.iter().map(|h| h.1).sum();
    if whole <= 0.0 {
        return None;
    }
    let (mut known, mut unknown) = (Vec::new(), 0.0);
    for (symbol, value) in holdings.iter().filter(|h| h.1 > 0.0) {
        let instrument = &market.instruments[*symbol];
        match instrument.adv_amount.map(|turnover| turnover * participation).filter(|session| *session > 0.0) {
            Some(session) => known.push((instrument, value / session, *value)),
            None => unknown += value,
        }
    }
    let sold = |days: u32| known.iter().map(|(_, takes, value)| value * (f64::from(days) / takes).min(1.0)).sum::<f64>() / whole;
    let within = WITHIN.map(|days| (days, sold(days))).to_vec();
    known.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.symbol.cmp(&b.0.symbol)));
    let slowest = known.into_iter().take(most).map(|(i, days, value)| (i.symbol.clone(), i.name.clone(), days, value)).collect();
    Some(DaysToSell { participation, slowest, within, unknown: unknown / whole })
}
