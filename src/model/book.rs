//! Holds the lender's book in columns: accounts, their positions, the funding behind them.

use super::margin::contract::LineOverride;
use crate::units::Day;
use std::collections::{BTreeMap, BTreeSet};

/// Accounts and positions as columns; index `a` is an account, in order of `account_id`.
///
/// Money is in the programme's currency, ratios are fractions, quantities are shares.
/// The positions of account `a` are `position_start[a]..position_start[a + 1]`, in order of symbol.
#[derive(Clone, Debug, Default)]
pub struct Book {
    pub account_id: Vec<String>,
    /// Index into `tiers`.
    pub tier: Vec<u32>,
    /// Index into `grades`.
    pub grade: Vec<u32>,
    /// Index into `products`.
    pub product: Vec<u32>,
    pub cash: Vec<f64>,
    pub loan: Vec<f64>,
    pub accrued_interest: Vec<f64>,
    pub rate_annual: Vec<f64>,
    pub open_date: Vec<Option<Day>>,
    pub maturity_date: Vec<Option<Day>>,
    /// The session on which the margin call was made that runs on the as-of date; empty where none is known.
    pub called_on: Vec<Option<Day>>,
    pub lines: Vec<LineOverride>,
    pub own_capital_initial: Vec<Option<f64>>,
    pub high_water_mark: Vec<Option<f64>>,

    pub position_start: Vec<u32>,
    /// Index into the market's symbols (`Market::symbols`).
    pub position_symbol: Vec<u32>,
    pub position_quantity: Vec<f64>,
    /// Shares that might be sold on the as-of day itself; the rest was bought on it, and can be sold from the first session on (T+1).
    pub position_sellable: Vec<f64>,
    pub position_cost: Vec<Option<f64>>,

    /// Names, sorted: `tier[a]` indexes here.
    pub tiers: Vec<String>,
    pub grades: Vec<String>,
    pub products: Vec<String>,
    /// The sectors of the symbols held, and `NO_HOLDINGS` where an account holds nothing; empty where no sector is known.
    pub sectors: Vec<String>,
    /// The sector of most of each account's market value on the as-of date: index into `sectors`; empty where none is known.
    pub sector: Vec<u32>,
    pub funding: Vec<FundingSource>,
}

/// One provider of the money lent.
#[derive(Clone, Debug, PartialEq)]
pub struct FundingSource {
    pub source_id: String,
    /// Index into `Book::tiers`.
    pub tier: u32,
    pub amount: f64,
    pub rate_annual: f64,
    pub maturity_date: Option<Day>,
    pub runnable: bool,
}

impl Book {
    pub fn accounts(&self) -> usize {
        self.account_id.len()
    }

    /// The name of an account's product; nothing in a book that names none.
    pub fn product_of(&self, account: usize) -> &str {
        let product = self.product.get(account).and_then(|p| self.products.get(*p as usize));
        product.map_or("", String::as_str)
    }

    /// The positions of one account, as a range into the position columns.
    pub fn positions(&self, account: usize) -> std::ops::Range<usize> {
        self.position_start[account] as usize..self.position_start[account + 1] as usize
    }

    /// Fills in the sectors from those of the market's symbols and their prices; they stay empty where no held symbol has one.
    ///
    /// An account belongs to the sector of most of its market value, of two equal ones to the first by name.
    pub fn find_sectors(&mut self, sector_of: &[&str], price: &[f64]) {
        let held: BTreeSet<&str> = self.position_symbol.iter().map(|s| sector_of[*s as usize]).collect();
        if held.iter().all(|name| *name == UNKNOWN_SECTOR) {
            return;
        }
        let main = |account: usize| {
            let mut value: BTreeMap<&str, f64> = BTreeMap::new();
            for p in self.positions(account) {
                let symbol = self.position_symbol[p] as usize;
                *value.entry(sector_of[symbol]).or_default() += self.position_quantity[p] * price[symbol];
            }
            let most =
                value.into_iter().filter(|(_, v)| *v > 0.0).fold((NO_HOLDINGS, 0.0), |most, of| if of.1 > most.1 { of } else { most });
            most.0.to_string()
        };
        let of_account: Vec<String> = (0..self.accounts()).map(main).collect();
        let names: BTreeSet<&str> = held.into_iter().chain(of_account.iter().map(String::as_str)).collect();
        self.sectors = names.into_iter().map(String::from).collect();
        self.sector = of_account.iter().map(|name| self.sectors.binary_search(name).expect("every name was listed") as u32).collect();
    }

    /// Market value of an account's positions at `price` (one per market symbol).
    pub fn market_value(&self, account: usize, price: &[f64]) -> f64 {
        self.positions(account).map(|p| self.position_quantity[p] * price[self.position_symbol[p] as usize]).sum()
    }

    /// Own capital at `price`: cash and market value less loan and accrued interest.
    pub fn own_capital(&self, account: usize, price: &[f64]) -> f64 {
        self.cash[account] + self.market_value(account, price) - self.loan[account] - self.accrued_interest[account]
    }

    /// Leverage at `price`: exposure (cash and market value) over own capital; infinite when nothing is owned.
    pub fn leverage(&self, account: usize, price: &[f64]) -> f64 {
        let own = self.own_capital(account, price);
        let exposure = self.cash[account] + self.market_value(account, price);
        if own > 0.0 { exposure / own } else { f64::INFINITY }
    }
}

/// The sector of a symbol of which none is known.
pub const UNKNOWN_SECTOR: &str = "unknown";
/// The sector of an account that holds nothing.
pub const NO_HOLDINGS: &str = "none";

/// Upper edges of the leverage buckets figures are reported by; the last bucket is open.
pub const LEVERAGE_EDGES: [f64; 5] = [1.25, 1.5, 2.0, 3.0, 5.0];
/// Names of the leverage buckets, as they stand in keys and tables.
pub const LEVERAGE_BUCKETS: [&str; 6] = ["1.00-1.25", "1.25-1.50", "1.50-2.00", "2.00-3.00", "3.00-5.00", "5.00+"];
/// The same buckets inside dotted keys, where a dot would split the name: `leverage.1_25-1_50.liquidation_rate`.
pub const LEVERAGE_KEYS: [&str; 6] = ["1_00-1_25", "1_25-1_50", "1_50-2_00", "2_00-3_00", "3_00-5_00", "5_00-up"];

/// The bucket a leverage falls in (an edge belongs to the bucket above it).
pub fn leverage_bucket(leverage: f64) -> usize {
    LEVERAGE_EDGES.iter().filter(|edge| leverage >= **edge).count()
}
