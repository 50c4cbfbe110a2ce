//! Generates books of leveraged clients, the funding behind them, and a market for them to hold.
//!
//! The distributions rest on the domain notes §1.1 (pool, tiers, cycle, mean leverage 1.6), §2.2 (regulated lines and
//! rates) and §2.3 (off-exchange leverage 4 to 10 with lines at 110 % and 105 %); `data/README.md` documents them with the
//! figures they come to.

pub mod account;
pub mod audit;
pub mod draws;
pub mod funding;
pub mod market;

use super::history::Board;
use crate::maths::random::Streams;
use crate::units::Day;

/// How large a sample is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub accounts: usize,
    pub symbols: usize,
    pub days: u32,
    pub paths: u64,
}

/// The largest book drawn.
pub const ACCOUNTS_MOST: usize = 2_000_000;

/// The reference books.
pub const DESK: Size = Size { accounts: 200, symbols: 50, days: 20, paths: 1_000_000 };
pub const PLATFORM: Size = Size { accounts: 10_000, symbols: 300, days: 20, paths: 100_000 };
pub const MARKET: Size = Size { accounts: 100_000, symbols: 3_000, days: 10, paths: 10_000 };

/// Which clients a book is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Mix {
    /// Regulated, umbrella and off-exchange clients, at about 1.6 times together.
    #[default]
    Mixed,
    /// Everybody levered 4 to 8 times, in one untiered pool.
    HighLeverage,
    /// The same clients, capped at 2 and 2.5 times by tier.
    Compliant,
}

/// A share the sample's clients may hold, as it stands on the as-of date.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    pub symbol: String,
    pub name: String,
    pub board: Board,
    pub st: bool,
    pub sector: String,
    pub haircut: f64,
    /// The as-of close, money.
    pub price: f64,
    /// Average daily turnover, money.
    pub adv_amount: Option<f64>,
    /// No trading on the as-of date: nothing of it was bought that day.
    pub halted: bool,
}

/// One generated account.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    pub account_id: String,
    pub tier: &'static str,
    pub grade: u32,
    pub product: &'static str,
    pub cash: f64,
    pub loan: f64,
    pub accrued_interest: f64,
    pub rate_annual: f64,
    pub open_date: Day,
    pub maturity_date: Day,
    pub lines: OwnLines,
    pub own_capital_initial: f64,
    pub high_water_mark: f64,
    pub positions: Vec<Position>,
}

/// An account's own lines; the programme's hold where there are none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OwnLines {
    pub warning: Option<f64>,
    pub limit: Option<f64>,
    pub call: Option<f64>,
    pub liquidation: Option<f64>,
    pub cure_days: Option<u32>,
}

/// One generated holding.
#[derive(Clone, Debug, PartialEq)]
pub struct Position {
    /// Index into the listings.
    pub listing: usize,
    pub quantity: f64,
    pub sellable_quantity: f64,
    pub cost: f64,
}

/// One generated provider of money.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    pub source_id: String,
    pub tier: &'static str,
    pub amount: f64,
    pub rate_annual: f64,
    pub maturity_date: Option<Day>,
    pub runnable: bool,
}

impl Account {
    /// Cash and market value, money.
    pub fn exposure(&self, listings: &[Listing]) -> f64 {
        self.cash + self.positions.iter().map(|p| p.quantity * listings[p.listing].price).sum::<f64>()
    }

    /// Exposure less loan and accrued interest, money.
    pub fn own_capital(&self, listings: &[Listing]) -> f64 {
        self.exposure(listings) - self.loan - self.accrued_interest
    }

    /// Maintenance ratio, a fraction; infinite without debt.
    pub fn ratio(&self, listings: &[Listing]) -> f64 {
        let debt = self.loan + self.accrued_interest;
        if debt > 0.0 { self.exposure(listings) / debt } else { f64::INFINITY }
    }
}

/// Draws a book of `accounts` clients holding `listings`, and the funding behind it.
pub fn book(streams: &Streams, mix: Mix, as_of: Day, listings: &[Listing], accounts: usize) -> (Vec<Account>, Vec<Source>) {
    let popularity = account::Popularity::of(listings);
    let accounts: Vec<Account> = (0..accounts).map(|index| account::draw(streams, mix, as_of, listings, &popularity, index)).collect();
    let sources = funding::draw(streams, mix, as_of, &accounts);
    (accounts, sources)
}
