//! Holds everything that goes in: the rules, the book, the sessions and the given price paths.

use crate::date::Date;
use crate::programme::{Board, Programme};
use serde::{Deserialize, Serialize};

/// A programme, its book, and the paths it is run on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct World {
    pub programme: Programme,
    pub accounts: Vec<Account>,
    pub positions: Vec<Position>,
    /// Every simulated symbol; their order is that of a session's quotes.
    pub instruments: Vec<Instrument>,
    pub funding: Vec<Source>,
    /// The days of the horizon, in order, all after the as-of date: the exchange's calendar is the caller's.
    pub sessions: Vec<Date>,
    /// Past sessions up to the as-of date, which the deadline of a running call counts; weekdays before the first of them.
    pub past_sessions: Vec<Date>,
    /// By path, session, symbol.
    pub paths: Vec<Vec<Vec<Quote>>>,
    /// The random numbers that rules draw. What is not here is drawn in the middle: a uniform of 0.5, a normal of 0.
    pub draws: Vec<Draw>,
}

/// What a market model gives for a symbol and a session, before shocks and exchange rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quote {
    /// Simple return since the last session. Of a halted symbol what it misses, due when it trades again.
    pub simple_return: f64,
    pub halted: bool,
    /// Locked at the lower (upper) limit all day.
    pub locked_down: bool,
    pub locked_up: bool,
    /// Closed at the lower (upper) limit; a name that was locked all day closed there too.
    pub closed_down: bool,
    pub closed_up: bool,
    /// Drawn whole from the symbol's own traded history: not bound again unless something touches it.
    pub past: bool,
    /// Turnover of the session over the symbol's average.
    pub volume: f64,
    /// The ST flag of the session, where it differs from the as-of date's.
    pub st: Option<bool>,
}

impl Default for Quote {
    fn default() -> Self {
        Quote {
            simple_return: 0.0,
            halted: false,
            locked_down: false,
            locked_up: false,
            closed_down: false,
            closed_up: false,
            past: false,
            volume: 1.0,
            st: None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Account {
    pub account_id: String,
    pub tier: String,
    pub grade: String,
    pub product: String,
    pub cash: f64,
    pub loan: f64,
    pub accrued_interest: f64,
    pub rate_annual: f64,
    pub open_date: Option<Date>,
    pub maturity_date: Option<Date>,
    pub warning: Option<f64>,
    pub limit: Option<f64>,
    pub call: Option<f64>,
    pub liquidation: Option<f64>,
    pub restore_to: Option<f64>,
    pub cure_days: Option<usize>,
    pub rulebook: Option<String>,
    pub own_capital_initial: Option<f64>,
    pub high_water_mark: Option<f64>,
    /// The day a call that still runs on the as-of date was made.
    pub called_on: Option<Date>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Position {
    pub account_id: String,
    pub symbol: String,
    pub quantity: f64,
    /// All of the quantity when absent.
    pub sellable_quantity: Option<f64>,
    /// The as-of price when absent.
    pub cost: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Instrument {
    pub symbol: String,
    pub board: Board,
    /// On the as-of date.
    pub st: bool,
    pub sector: String,
    /// The share of value that counts as collateral 折算率 (the column `haircut` of the instruments file).
    pub conversion: f64,
    /// Average turnover of a session, money; nothing stands for as much as anybody could sell.
    pub adv_amount: Option<f64>,
    pub free_float_value: Option<f64>,
    pub depth_amount: Option<f64>,
    /// The close of the as-of date.
    pub price: f64,
    /// Simple returns of the sessions up to the as-of date, the latest last; nothing where it did not trade.
    pub past_returns: Vec<Option<f64>>,
    /// Suspended on the as-of date. When it trades again, and what it then moves, the given paths tell.
    pub halted: bool,
    /// E[1 + r]/E[(1 + r)^k] of the market model, which a volatility shock of multiple k keeps the mean by; 1 of a replay.
    pub volatility_correction: f64,
    /// To the index of the names a pinned path hits, of mean 1 among them; 1 when absent.
    pub beta: Option<f64>,
}

impl Default for Instrument {
    fn default() -> Self {
        Instrument {
            symbol: String::new(),
            board: Board::None,
            st: false,
            sector: "unknown".into(),
            conversion: 1.0,
            adv_amount: None,
            free_float_value: None,
            depth_amount: None,
            price: 1.0,
            past_returns: Vec::new(),
            halted: false,
            volatility_correction: 1.0,
            beta: None,
        }
    }
}

/// A funding source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Source {
    pub source_id: String,
    pub tier: String,
    pub amount: f64,
    pub rate_annual: f64,
    pub maturity_date: Option<Date>,
    pub runnable: bool,
}

/// One random number and its address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draw {
    pub purpose: Purpose,
    pub path: usize,
    /// The account, source, symbol or tier it belongs to; empty where it is the path's own.
    pub who: String,
    /// The call (from 1) or the session; 0 where neither counts.
    pub number: usize,
    pub value: f64,
}

/// What a random number decides. A uniform u decides for an event of probability p when u < p.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// A client's own answer to its call: uniform, by account and call; ε of the formula is its normal quantile.
    Answer,
    /// The part a client pays, between low (0) and high (1): uniform, by account and call.
    Payment,
    /// Which of two equal remainders of a capped sale gets a lot, the lower first: uniform, by account and session.
    Remainder,
    /// What all clients of a path have in common: normal, by path.
    Common,
    /// Whether a client takes money out: uniform, by account and session.
    Withdrawal,
    /// Whether a name is suspended: uniform, by symbol.
    Suspension,
    /// Whether a source rolls: uniform, by source and session.
    Roll,
    /// Whether a source runs: uniform, by source and session.
    Run,
    /// Whether a loan rolls: uniform, by account and session.
    LoanRoll,
    /// What the index does and the hedge does not: normal, by tier and session.
    Basis,
    /// Whether a custodian holds a client's securities: uniform, by account.
    Custody,
}

impl World {
    /// The dates given, else as many weekdays as the longest path has sessions.
    pub fn dates(&self) -> Vec<Date> {
        let sessions = self.paths.iter().map(Vec::len).max().unwrap_or(0);
        if self.sessions.is_empty() { self.programme.as_of.weekdays_after(sessions) } else { self.sessions.clone() }
    }

    /// Tiers in the order they bear losses: those not named follow in reverse order of name.
    pub fn loss_order(&self) -> Vec<String> {
        let mut order = self.programme.pool.loss_order.clone();
        let of_book = self.accounts.iter().map(|account| &account.tier).chain(self.funding.iter().map(|source| &source.tier));
        let tiers: std::collections::BTreeSet<&String> = of_book.chain(self.programme.pool.capital.keys()).collect();
        order.extend(tiers.into_iter().rev().filter(|tier| !self.programme.pool.loss_order.contains(tier)).cloned());
        order
    }

    /// Sessions from a past day to the as-of date: those of the history, weekdays before it begins.
    pub fn sessions_since(&self, day: Date) -> usize {
        let as_of = self.programme.as_of;
        let known = self.past_sessions.first().copied().unwrap_or(Date(as_of.0 + 1));
        let weekdays = (day.0 + 1..known.0.min(as_of.0 + 1)).filter(|day| Date(*day).weekday() < 5).count();
        weekdays + self.past_sessions.iter().filter(|session| **session > day && **session <= as_of).count()
    }
}
