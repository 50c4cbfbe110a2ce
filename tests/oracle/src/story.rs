//! Holds everything that comes out: what every path, session and account came to.

use crate::date::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What became of the book on every path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct Story {
    pub paths: Vec<PathStory>,
}

/// One path, session by session, and its totals, named as the columns of `paths.parquet`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct PathStory {
    /// Day 0 is the as-of date.
    pub days: Vec<DayStory>,
    /// By account, in the order of the book: what it met, and when.
    pub accounts: Vec<AccountStory>,
    pub pool_loss: f64,
    /// The pool's value by day, the as-of date first, and its largest fall from its best, a fraction of that.
    pub value: Vec<f64>,
    pub max_drawdown: f64,
    pub shortfall: f64,
    pub recourse: f64,
    pub unallocated_loss: f64,
    pub tier_loss: BTreeMap<String, f64>,
    pub lender_pnl: f64,
    pub client_loss: f64,
    pub forced_sales: f64,
    pub early_sales: f64,
    pub client_withdrawals: f64,
    pub unsold: f64,
    pub sale_cost: f64,
    pub call_amount: f64,
    /// Accounts that met each event at least once.
    pub warned: usize,
    pub limited: usize,
    pub called: usize,
    pub cured: usize,
    pub liquidated: usize,
    pub shortfall_accounts: usize,
    /// Of a pool kept daily.
    pub pool: Option<PoolStory>,
    /// Each `entry` sums to zero.
    pub entries: Vec<Leg>,
}

/// One session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct DayStory {
    pub day: usize,
    pub date: Date,
    /// By symbol, in the order of the instruments.
    pub symbols: Vec<SymbolDay>,
    /// By account, in the order of the book.
    pub accounts: Vec<AccountDay>,
    /// Equal-weighted mean return of the symbols that traded.
    pub market_return: f64,
    /// Exponentially weighted daily volatility of the market.
    pub market_volatility: f64,
    /// The market's market, 0 to 1.
    pub stress: f64,
    /// What the excess of lines over the debt is multiplied by.
    pub line_scale: f64,
    /// The volatility trigger is tripped.
    pub tripped: bool,
    pub pool: Option<PoolDay>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct SymbolDay {
    pub price: f64,
    pub halted: bool,
    /// Cannot be sold because it is locked at its lower limit.
    pub locked: bool,
    /// The impact J of sales on the log price, before this session's own sales.
    pub push: f64,
    /// Forced and early sales of the session, money at the close.
    pub sold: f64,
    pub haircut: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    #[default]
    Normal,
    Warned,
    Limited,
    Called,
    Cured,
    InLiquidation,
    Closed,
    ClosedWithShortfall,
}

/// One account at the end of a session, after its sales.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct AccountDay {
    pub state: State,
    /// The ratio that lines are held against, at the close before payments and sales; nothing where nothing is owed.
    pub ratio: Option<f64>,
    /// The same after them.
    pub ratio_after: Option<f64>,
    pub cash: f64,
    /// By symbol, in the order of the instruments.
    pub shares: Vec<f64>,
    pub loan: f64,
    pub accrued_interest: f64,
    pub sales: Vec<Sale>,
    /// Paid in on a call.
    pub payment: f64,
    /// Taken out.
    pub withdrawal: f64,
    /// Written off at this close.
    pub shortfall: f64,
    /// The lines in force at this close.
    pub lines: Lines,
}

/// The lines of an account, and the targets that belong to them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct Lines {
    pub warning: Option<f64>,
    pub limit: Option<f64>,
    pub call: Option<f64>,
    pub liquidation: Option<f64>,
    pub cured_at: Option<f64>,
    /// What a called client's payment restores.
    pub cure_to: Option<f64>,
    pub reduce_to: Option<f64>,
    pub restore_to: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct Sale {
    pub symbol: usize,
    pub why: Why,
    pub shares: f64,
    /// Of the fill: the close less the slippage.
    pub price: f64,
    /// Of the shares at the close.
    pub proceeds: f64,
    /// Slippage, and the costs that are a share of what the fill brings.
    pub cost: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    #[default]
    CloseOut,
    /// The limit line, the trigger or the template.
    Reduction,
    Adl,
    Stop,
    Recall,
    /// The client's own, ahead of its line.
    Early,
}

/// What an account met on a path, and on which session first: 0 is the as-of close, nothing never.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct AccountStory {
    pub first_warning: Option<usize>,
    pub first_limit: Option<usize>,
    pub first_call: Option<usize>,
    pub first_cure: Option<usize>,
    pub first_liquidation: Option<usize>,
    pub first_close: Option<usize>,
    pub reduced: bool,
    pub shortfall: f64,
    /// What it cost the pool: shortfall less recourse.
    pub lender_loss: f64,
    pub client_loss: f64,
}

/// A session of a pool kept daily.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct PoolDay {
    pub cash: f64,
    pub transit: f64,
    pub frozen: f64,
    pub loans: f64,
    pub unpaid: f64,
    pub recalled: f64,
    pub withdrawn: f64,
    pub rolled: Vec<String>,
    pub run: Vec<String>,
    pub failed_tiers: Vec<String>,
    pub fired: Vec<String>,
    pub loss: f64,
    /// What each tier bears so far.
    pub borne: BTreeMap<String, f64>,
    pub hedge_result: f64,
    pub buffer_days: f64,
}

/// A pool kept daily, over its path, named as the columns of `paths.parquet`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct PoolStory {
    pub cash_min: f64,
    pub buffer_days_min: f64,
    pub utilisation_max: f64,
    pub survival_days: f64,
    pub unpaid: bool,
    pub unpaid_end: f64,
    pub funding_withdrawn: f64,
    pub sources_run: usize,
    pub recalled: f64,
    pub hedge_result: f64,
    pub hedge_cost: f64,
    pub funding_cost: f64,
    pub replenished: f64,
    pub custody_loss: f64,
    pub client_custody_loss: f64,
    pub written_down: f64,
    /// Session on which a tier failed to pay its funders.
    pub tier_failed: BTreeMap<String, Option<usize>>,
}

/// One leg of a double entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct Leg {
    pub entry: usize,
    pub day: usize,
    pub what: String,
    pub account: String,
    pub amount: f64,
}
