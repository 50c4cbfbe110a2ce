//! Holds what one scenario's paths came to, in columns: per path, per account, per symbol, per group.

pub use super::paths::{ControlColumns, PathColumns, PathFigure};
pub use super::pool::{DailyColumns, PoolColumns, PoolFigure};
pub use super::sample::{Sample, Stratum};
pub use super::tail::{TailPart, TailRow, TailSum, TailSums};
pub use crate::engine::plan::active::NEVER;
use crate::engine::plan::caps::AccountCap;
pub use crate::engine::plan::controls::CYCLES;
use crate::engine::plan::drift::PortfolioDrift;
use crate::model::market::ModelCard;
use crate::units::Day;
use std::sync::Arc;

/// Everything one scenario's simulation leaves behind.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub paths: u64,
    /// Which paths the rows are, where they are not the first ones drawn.
    pub sample: Option<Arc<Sample>>,
    /// The simulated sessions.
    pub dates: Vec<Day>,
    pub path: PathColumns,
    pub pool: PoolColumns,
    pub account: AccountColumns,
    pub symbol: SymbolColumns,
    pub groups: Vec<GroupColumns>,
    /// What accounts and symbols lost on the paths of the pool's tail, of each stratum; empty where it was not asked for.
    pub tail: Vec<TailSums>,
    /// The pool's value over time for the first paths.
    pub fan: Fan,
    /// What each account may invest at the as-of date; empty where no cap is asked for.
    pub caps: Vec<AccountCap>,
    /// Stocks of which the book holds more than the rulebook's share of the free float.
    pub stocks_beyond_cap: u32,
    /// Daily volatility of the market at the as-of date: realised, and as margin rules read it.
    pub market_volatility: [f64; 2],
    pub card: ModelCard,
    /// What drift the portfolio had in the history, and has before shocks; nothing where the market is one path.
    pub drift: Option<PortfolioDrift>,
    /// The same paths with fewer parts of the feedback switched on, fewest first; empty without feedback.
    pub layers: Vec<Layer>,
    /// True when every path is the same (replay): exact days are then meant.
    pub deterministic: bool,
    /// account-days × paths simulated, for the rate.
    pub account_steps: u64,
}

impl Outcome {
    /// The number of the path on a row: the address of its draws, by which it can be run again.
    pub fn number_of(&self, row: usize) -> u64 {
        self.sample.as_ref().map_or(row as u64, |sample| sample.numbers[row])
    }
}

/// One layer of contagion: the same scenario on the same draws with only part of the feedback on; a value per path.
#[derive(Clone, Debug, Default)]
pub struct Layer {
    /// "no_feedback", then what each further layer adds.
    pub name: &'static str,
    pub pool_loss: Vec<f64>,
    pub forced_sales: Vec<f64>,
    pub liquidated: Vec<u32>,
    /// Proceeds of all sales by session, summed over paths, and the sums of their squares.
    pub sales_by_day: Vec<f64>,
    pub sales_by_day_square: Vec<f64>,
}

/// One value per account, summed over paths.
#[derive(Clone, Debug, Default)]
pub struct AccountColumns {
    pub warned: Vec<u32>,
    pub limited: Vec<u32>,
    pub called: Vec<u32>,
    pub cured: Vec<u32>,
    pub liquidated: Vec<u32>,
    pub shortfall: Vec<u32>,
    /// Liquidated, and would have recovered had nothing been sold.
    pub unneeded: Vec<u32>,
    /// Sold down before any close-out.
    pub reduced: Vec<u32>,
    /// Sum and sum of squares over paths of what the account cost the pool.
    pub loss_sum: Vec<f64>,
    pub loss_square: Vec<f64>,
    /// Sum over paths of the client's loss (negative: gain).
    pub client_loss_sum: Vec<f64>,
    /// Of each batch of paths its sum squared over its paths, summed over `batches`: what an account that nothing happens to
    /// comes to is known by batch alone.
    pub client_loss_square_by_batch: Vec<f64>,
    pub batches: u32,
    /// Earliest and latest session of the first event over paths, 0 for the as-of close; `NEVER` where it never happened.
    pub first_warning: Vec<[u16; 2]>,
    pub first_call: Vec<[u16; 2]>,
    pub first_liquidation: Vec<[u16; 2]>,
    pub first_close: Vec<[u16; 2]>,
    /// Of the first warning, call, liquidation and close: the sums of their days and squares over the paths that met them, and
    /// those paths.
    pub first_day_sum: Vec<[u64; 4]>,
    pub first_day_square: Vec<[u64; 4]>,
    pub first_day_paths: Vec<[u32; 4]>,
    /// What they come to where rows count differently; the counts above are then of rows as they are.
    pub weighted: Option<WeightedAccounts>,
}

/// Shares of paths and mean days of a sample, by account, each with its squared standard error.
#[derive(Clone, Debug, Default)]
pub struct WeightedAccounts {
    /// Of each event in the order of `AccountColumns::events`.
    pub events: [Vec<[f64; 2]>; EVENTS.len() + 1],
    /// First warning, call, liquidation and close; nothing where no row met it.
    pub first_day: Vec<[Option<[f64; 2]>; 4]>,
}

impl AccountColumns {
    /// Paths that met each event, in the order of `EVENTS`, and behind them those on which the account was sold down.
    pub fn events(&self) -> [&Vec<u32>; EVENTS.len() + 1] {
        let AccountColumns { warned, limited, called, cured, liquidated, shortfall, unneeded, reduced, .. } = self;
        [warned, limited, called, cured, liquidated, shortfall, unneeded, reduced]
    }

    /// The same, to be changed.
    pub fn events_mut(&mut self) -> [&mut Vec<u32>; EVENTS.len() + 1] {
        let AccountColumns { warned, limited, called, cured, liquidated, shortfall, unneeded, reduced, .. } = self;
        [warned, limited, called, cured, liquidated, shortfall, unneeded, reduced]
    }
}

/// One value per market symbol, summed over paths.
#[derive(Clone, Debug, Default)]
pub struct SymbolColumns {
    /// Indices into the market's symbols of those simulated.
    pub symbol: Vec<u32>,
    /// The sector of each, as an index into the book's; empty where none is known.
    pub sector: Vec<u32>,
    /// Proceeds of forced sales, and of sales clients made ahead of their line.
    pub sold: Vec<f64>,
    pub early: Vec<f64>,
    /// Largest push of sales on the price, a fraction: of each path summed, and of any path.
    pub push_sum: Vec<f64>,
    pub push_max: Vec<f64>,
    /// Proceeds of all sales by session, over all symbols.
    pub by_day: Vec<f64>,
    /// Path-days on which the symbol could not be sold, because halted, and because locked at its lower limit.
    pub halted_days: Vec<f64>,
    pub locked_days: Vec<f64>,
    /// Path-days on which a forced sale wanted to sell and could not.
    pub queued_days: Vec<f64>,
    /// Market value still queued at the end.
    pub unsold: Vec<f64>,
    pub square: SymbolSquares,
}

/// Sums over paths of the squares of each path's own total, for the columns of `SymbolColumns` of the same names.
#[derive(Clone, Debug, Default)]
pub struct SymbolSquares {
    pub sold: Vec<f64>,
    pub early: Vec<f64>,
    pub unsold: Vec<f64>,
    pub push: Vec<f64>,
    /// Of all the symbols of a sector together: sold by force, and unsold.
    pub sector_sold: Vec<f64>,
    pub sector_unsold: Vec<f64>,
    pub by_day: Vec<f64>,
    pub halted_days: Vec<f64>,
    pub locked_days: Vec<f64>,
    /// Of halted and locked days together.
    pub blocked_days: Vec<f64>,
    pub queued_days: Vec<f64>,
}

/// The figures of one group of accounts.
#[derive(Clone, Debug, Default)]
pub struct GroupColumns {
    /// "tier", "grade", "leverage" or "sector".
    pub kind: &'static str,
    pub name: String,
    pub accounts: u32,
    /// Loss to the pool from the group's accounts, of the paths where it is not zero: (path, loss), ascending.
    pub loss: Vec<(u32, f64)>,
    /// The same as a value per path, where it is not zero on more than half of them; `loss` is empty then.
    pub loss_by_path: Vec<f64>,
    /// Per event, sum and sum of squares over paths of the number of accounts; in the order of `EVENTS`.
    pub events: [[f64; 2]; EVENTS.len()],
}

/// The events counted per group.
pub const EVENTS: [&str; 7] =
    ["warning_rate", "limit_rate", "call_rate", "cure_rate", "liquidation_rate", "shortfall_rate", "unneeded_liquidation_rate"];

/// The pool's value at the end of each day (day 0 is the as-of date) for the first paths, `[path][day]`.
#[derive(Clone, Debug, Default)]
pub struct Fan {
    pub days: usize,
    /// The row of each path kept.
    pub path: Vec<u32>,
    pub value: Vec<f64>,
}

/// How many paths the fan holds at most.
pub const FAN_PATHS: u64 = 8_192;
