//! Counts what a generated book came to: leverage, concentration, tenor, grade and tier, as `data/README.md` states them.
//!
//! Mean leverage is that of the whole book, Σ exposure / Σ own capital. HHI = Σ (share of loans)².
//! Worked: loans of 3 and 1 → shares 0.75 and 0.25 → HHI 0.625.

use super::{Account, Listing, Source};
use crate::model::book::{LEVERAGE_BUCKETS, leverage_bucket};
use std::collections::BTreeMap;

/// Figures of one group of accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Part {
    pub accounts: usize,
    pub loans: f64,
}

/// What a book came to; money in the book's currency.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Audit {
    pub accounts: usize,
    pub positions: usize,
    pub exposure: f64,
    pub own_capital: f64,
    pub loans: f64,
    pub pool: f64,
    /// Σ exposure / Σ own capital.
    pub mean_leverage: f64,
    pub largest_leverage: f64,
    /// HHI of loans over clients.
    pub hhi: f64,
    /// The ten largest clients' share of loans.
    pub top_ten: f64,
    /// The most held share: its symbol, and its part of all market value.
    pub top_symbol: (String, f64),
    /// One per `LEVERAGE_BUCKETS`.
    pub buckets: Vec<Part>,
    pub tiers: BTreeMap<&'static str, Part>,
    pub products: BTreeMap<&'static str, Part>,
    pub grades: BTreeMap<u32, Part>,
    /// By days from opening to maturity: up to 7, up to 30, up to 90, beyond.
    pub tenors: [Part; 4],
    /// Accounts that open at or below a line of their own, or of the regulated ladder 150 / 140 / 130 / 110.
    pub below_line: usize,
    /// Share of market value that was bought on the as-of day (T+1).
    pub locked: f64,
}

/// Names of the tenor groups.
pub const TENORS: [&str; 4] = ["to 7 days", "8 to 30 days", "31 to 90 days", "beyond 90 days"];

/// Counts a book.
pub fn audit(accounts: &[Account], sources: &[Source], listings: &[Listing]) -> Audit {
    let mut audit = Audit { accounts: accounts.len(), buckets: vec![Part::default(); LEVERAGE_BUCKETS.len()], ..Audit::default() };
    let mut by_symbol = vec![0.0; listings.len()];
    let (mut market_value, mut locked) = (0.0, 0.0);
    for account in accounts {
        let (exposure, own) = (account.exposure(listings), account.own_capital(listings));
        let leverage = exposure / own;
        audit.positions += account.positions.len();
        audit.exposure += exposure;
        audit.own_capital += own;
        audit.loans += account.loan;
        audit.largest_leverage = audit.largest_leverage.max(leverage);
        let add = |part: &mut Part| {
            part.accounts += 1;
            part.loans += account.loan;
        };
        add(&mut audit.buckets[leverage_bucket(leverage)]);
        add(audit.tiers.entry(account.tier).or_default());
        add(audit.products.entry(account.product).or_default());
        add(audit.grades.entry(account.grade).or_default());
        let tenor = account.open_date.calendar_days_until(account.maturity_date);
        add(&mut audit.tenors[[7, 30, 90].iter().filter(|edge| tenor > **edge).count()]);
        audit.below_line += usize::from(account.ratio(listings) <= account.lines.warning.unwrap_or(1.5));
        for position in &account.positions {
            let price = listings[position.listing].price;
            by_symbol[position.listing] += position.quantity * price;
            market_value += position.quantity * price;
            locked += (position.quantity - position.sellable_quantity) * price;
        }
    }
    audit.pool = sources.iter().map(|s| s.amount).fold(0.0, |sum, amount| sum + amount);
    audit.mean_leverage = audit.exposure / audit.own_capital;
    audit.locked = locked / market_value;
    let mut shares: Vec<f64> = accounts.iter().map(|a| a.loan / audit.loans).collect();
    shares.sort_by(|a, b| b.total_cmp(a));
    audit.hhi = shares.iter().map(|s| s * s).fold(0.0, |sum, square| sum + square);
    audit.top_ten = shares.iter().take(10).fold(0.0, |sum, share| sum + share);
    let top = (0..listings.len()).max_by(|a, b| by_symbol[*a].total_cmp(&by_symbol[*b])).expect("a book holds something");
    audit.top_symbol = (listings[top].symbol.clone(), by_symbol[top] / market_value);
    audit
}
