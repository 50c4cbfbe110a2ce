//! Says what every account may invest at the as-of date, and which stocks the book holds too much of.

use super::scenario::Plan;
use crate::model::book::Book;
use crate::model::history::Market;
use crate::model::margin::cap::{Cap, investment_cap, margin_of, regulatory_limit};
use crate::model::margin::haircut::capped_rate;
use crate::units::{Day, Ratio};

/// What one account may invest, and what it has invested; money.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AccountCap {
    pub cap: Cap,
    pub exposure_money: f64,
}

/// What every account may invest at the as-of date; empty where no cap is asked for.
pub fn caps(plan: &Plan<'_>, book: &Book, market: &Market, as_of: Day) -> Vec<AccountCap> {
    let margin = &plan.scenario.case.margin;
    let Some(rule) = &margin.investment_cap else { return Vec::new() };
    let lender_capital = rule.lender_capital.unwrap_or(plan.pool_start);
    // what the template allows on the as-of date
    let stress = plan.past_market_state.stress(plan.risk_factors.market[0]);
    let account = |a: usize| {
        let account = &plan.accounts[a];
        let own = account.equity_start.max(0.0);
        let (lines, product) = (&book.lines[a], book.product_of(a));
        let initial = margin.initial_margin_of(lines, product, book.open_date[a], as_of).map(Ratio::get);
        let rulebook = margin.rulebook_of(lines, product);
        let client_cap = rulebook.and_then(|i| i.version.client_cap).map(|share| share.get() * lender_capital);
        let collateral = rulebook.and_then(|i| i.version.collateral.as_ref());
        let held = plan.positions_of(a).iter().map(|p| {
            let instrument = &market.instruments[plan.symbols[p.symbol as usize]];
            (p.quantity * instrument.price, capped_rate(instrument.haircut, instrument.st, collateral))
        });
        let (held, counted) = held.fold((0.0, 0.0), |(held, counted), (value, rate)| (held + value, counted + rate * value));
        // own money that stands in shares counts at their conversion rate
        let as_margin = margin_of(own, account.cash, if held > 0.0 { counted / held } else { 1.0 });
        let template = margin.template.as_ref().map(|t| 1.0 + (t.leverage(stress) - 1.0) * account.liquidity);
        let allowed = initial.filter(|_| own > 0.0).map_or(1.0, |m| 1.0 + as_margin / own / m);
        let factor = rule.leverage_factor.or(template).unwrap_or(allowed);
        let regulation = regulatory_limit(own, as_margin, initial, client_cap);
        let cap = investment_cap(own, rule.risk_factor.get(), factor, regulation, rule.platform.unwrap_or(f64::INFINITY));
        AccountCap { cap, exposure_money: held }
    };
    (0..plan.accounts.len()).map(account).collect()
}

/// Stocks of which the book holds more than the rulebook's share of the free float; a stock whose float is unknown is none.
pub fn stocks_beyond_cap(plan: &Plan<'_>) -> u32 {
    let cap = plan.scenario.case.margin.in_force.as_ref().and_then(|i| i.version.stock_cap);
    let Some(cap) = cap.map(Ratio::get) else { return 0 };
    let held = plan.quantity_total.iter().zip(&plan.price_start).map(|(quantity, price)| quantity * price);
    held.zip(&plan.free_float).filter(|(held, float)| *held > cap * **float).count() as u32
}
