//! Holds what a reverse stress test came to: its rays, the check on other paths, and who breaks first.

use super::{Ray, mildest};
use crate::engine::outcome::Outcome;
use crate::measures::accounts::{self, Event};
use crate::measures::{Estimate, symbols};
use crate::model::book::Book;
use crate::model::case::Scenario;
use crate::model::history::Market;
use crate::model::reverse::{Limit, Reverse, Search};
use crate::model::sweep::Named;
use crate::model::way::Way;
use serde::Serialize;

/// One reverse stress test, answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The number of its test in the programme.
    pub test: usize,
    pub reverse: Reverse,
    pub name: Named,
    pub limit: Limit,
    /// The scenario that changes are laid over, as reports of both languages call it.
    pub scenario: String,
    pub scenario_zh: String,
    pub ways: Vec<Way>,
    pub paths: u64,
    /// Settings that were simulated.
    pub tried: usize,
    pub rays: Vec<Ray>,
    pub checked: Option<Checked>,
    pub breaks: Option<Breaks>,
}

impl Answer {
    /// The ray that is the answer: the mildest of those searched, or the most plausible one.
    pub fn best(&self) -> Option<usize> {
        match self.reverse.search {
            Search::Plausible => self.rays.len().checked_sub(1).filter(|at| self.rays[*at].answer().is_some()),
            Search::Each | Search::Together | Search::Curve => {
                mildest(&self.rays).or_else(|| (0..self.rays.len()).find(|at| self.rays[*at].answer().is_some()))
            }
        }
    }
}

/// What an answer came to on other paths: just where the limit holds, and where it fails.
#[derive(Clone, Debug, Serialize)]
pub struct Checked {
    pub paths: u64,
    pub seed: u64,
    pub holds: Option<Verdict>,
    pub fails: Option<Verdict>,
}

/// A measure on other paths, and what it says of the limit.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    pub estimate: Estimate,
    /// Whether the measure lies beyond the limit.
    pub beyond: bool,
}

impl Verdict {
    pub fn of(limit: Limit, estimate: Estimate) -> Verdict {
        Verdict { beyond: limit.excess(estimate.value) > 0.0, estimate }
    }
}

/// Who breaks first where the limit fails: those that cost the pool most, and the paths on which it loses most.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Breaks {
    pub accounts: Vec<AccountBreak>,
    pub symbols: Vec<SymbolBreak>,
    pub paths: Vec<PathBreak>,
}

#[derive(Clone, Debug, Serialize)]
pub struct AccountBreak {
    pub account: String,
    /// What it costs the pool on average.
    pub loss: Estimate,
    pub liquidation: Estimate,
    /// Mean session of its liquidation on the paths that have one, and its standard error.
    pub session: Option<f64>,
    pub session_std_error: Option<f64>,
}

#[derive(Clone, Debug, Serialize)]
pub struct SymbolBreak {
    pub symbol: String,
    /// Forced sales on average.
    pub forced_sales: Estimate,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub struct PathBreak {
    /// The path's number, by which `replay` tells it.
    pub path: u64,
    pub pool_loss: f64,
}

/// Rows of each list.
const ROWS: usize = 10;
/// The place of liquidations among the first days of an account.
const LIQUIDATED: usize = 2;

impl Breaks {
    pub fn of(scenario: &Scenario, book: &Book, market: &Market, outcome: &Outcome) -> Breaks {
        let account = |at: usize| {
            let session = accounts::expected_day(outcome, at, LIQUIDATED);
            AccountBreak {
                account: book.account_id[at].clone(),
                loss: accounts::expected_loss(scenario, outcome, at),
                liquidation: accounts::probability(scenario, outcome, Event::Liquidated, at),
                session: session.map(|(day, _)| day),
                session_std_error: session.and_then(|(_, error)| error),
            }
        };
        let mut sold: Vec<usize> = (0..outcome.symbol.symbol.len()).filter(|at| outcome.symbol.sold[*at] > 0.0).collect();
        sold.sort_by(|a, b| outcome.symbol.sold[*b].total_cmp(&outcome.symbol.sold[*a]).then(a.cmp(b)));
        let symbol = |at: usize| SymbolBreak {
            symbol: market.instruments[outcome.symbol.symbol[at] as usize].symbol.clone(),
            forced_sales: symbols::figures(scenario, outcome, at).sold,
        };
        let losses = &outcome.path.pool_loss;
        let mut worst: Vec<usize> = (0..losses.len()).filter(|row| losses[*row] > 0.0).collect();
        worst.sort_by(|a, b| losses[*b].total_cmp(&losses[*a]).then(a.cmp(b)));
        let path = |row: usize| PathBreak { path: outcome.number_of(row), pool_loss: losses[row] };
        Breaks {
            accounts: accounts::worst(outcome, ROWS).into_iter().map(account).collect(),
            symbols: sold.into_iter().take(ROWS).map(symbol).collect(),
            paths: worst.into_iter().take(ROWS).map(path).collect(),
        }
    }
}
