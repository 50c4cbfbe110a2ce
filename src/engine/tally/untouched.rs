//! Says what an account nothing happened to came to, and settles what a client earned.

use crate::engine::market::tile::MarketTile;
use crate::engine::plan::account::Account;
use crate::engine::plan::active::ActiveAccount;
use crate::engine::plan::scenario::Plan;
use crate::model::market::LANES;
use crate::model::sharing::{Closing, Split, settle};

/// The whole book had nothing happened to any account.
pub struct Untouched {
    pub interest: f64,
    /// Loans and interest due at the end.
    pub debt: f64,
    pub market_gain: [f64; LANES],
}

/// The whole book's result in each lane had nothing happened to any account: linear in the last prices.
pub fn untouched_lanes(plan: &Plan<'_>, tile: &MarketTile) -> Untouched {
    let mut market_gain = [0.0; LANES];
    for (s, quantity) in plan.quantity_total.iter().enumerate() {
        let prices = tile.prices(plan.days - 1, s);
        for lane in 0..LANES {
            market_gain[lane] += quantity * (prices[lane] - plan.price_start[s]);
        }
    }
    let interest = plan.interest_day_total * plan.elapsed_days[plan.days];
    Untouched { interest, debt: plan.debt_start_total + interest, market_gain }
}

/// One account's market gain and interest in one lane had nothing happened to it.
pub fn untouched(plan: &Plan<'_>, account: &Account, tile: &MarketTile, lane: usize) -> (f64, f64) {
    let gain = plan.positions[account.positions.clone()].iter().fold(0.0, |sum, p| {
        let s = p.symbol as usize;
        sum + p.quantity * (tile.prices(plan.days - 1, s)[lane] - plan.price_start[s])
    });
    (gain, account.loan * account.rate_day * plan.elapsed_days[plan.days])
}

/// What the client, the lender and the platform get of one account at the end.
pub fn settle_active(active: &ActiveAccount, account: &Account, equity: f64) -> Split {
    let closing = Closing {
        gross_money: active.gain - active.sale_cost - active.custody_loss,
        interest_money: active.charged,
        equity_money: equity,
        shortfall_money: active.shortfall,
    };
    settle(&account.terms, &closing)
}
