//! Holds the lender's book in columns: accounts, their positions, the funding behind them.

use super::margin::InForce;
use crate::units::Day;

/// One account's own lines, where its contract differs from the programme's.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LineOverride {
    pub warning: Option<f64>,
    pub limit: Option<f64>,
    pub call: Option<f64>,
    pub liquidation: Option<f64>,
    pub restore_to: Option<f64>,
    pub cure_days: Option<u32>,
    /// The account's own rulebook, under the lines above.
    pub rulebook: Option<InForce>,
}

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
    pub lines: Vec<LineOverride>,
    pub own_capital_initial: Vec<Option<f64>>,
    pub high_water_mark: Vec<Option<f64>>,

    pub position_start: Vec<u32>,
    /// Index into the market's symbols (`Market::symbols`).
    pub position_symbol: Vec<u32>,
    pub position_quantity: Vec<f64>,
    /// Shares that may be sold on the first day; the rest was bought on the as-of day (T+1).
    pub position_sellable: Vec<f64>,
    pub position_cost: Vec<Option<f64>>,

    /// Names, sorted: `tier[a]` indexes here.
    pub tiers: Vec<String>,
    pub grades: Vec<String>,
    pub products: Vec<String>,
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
