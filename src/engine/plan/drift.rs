//! Says what drift the book's portfolio had in the history a scenario is fitted on, and what it has in the scenario.
//!
//! Formula: m = Σ w m_s over the symbols held, w their share of market value on the as-of date and m_s the mean simple return of a
//! session traded; the drift of a year is 252·ln(1 + m). Of the history, m_s is the mean of the window; of the scenario, what the
//! fitted model says before any shock, a mean over the sessions of the horizon.
//!
//! Worked number: a portfolio that gains 0.2 % a session on average has a drift of 252·ln 1.002 = 50.3 % a year.

use super::scenario::Plan;
use crate::model::history::{Market, flag};
use crate::model::market::MarketModel;
use crate::model::market::drift::TRADING_DAYS;
use crate::units::Day;

/// Drifts of a year, fractions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PortfolioDrift {
    /// Of the window; nothing without a history.
    pub historical: Option<f64>,
    pub used: f64,
}

/// Nothing for a replay and for given paths, where nothing is fitted, and for a book without holdings.
pub fn of_portfolio(plan: &Plan<'_>, market: &Market, as_of: Day, model: &dyn MarketModel) -> Option<PortfolioDrift> {
    let case = &plan.scenario.case;
    if !case.market.is_fitted() {
        return None;
    }
    let value = |k: usize| plan.quantity_total[k] * plan.price_start[k];
    let total = (0..plan.symbols.len()).fold(0.0, |sum, k| sum + value(k));
    if total <= 0.0 {
        return None;
    }
    let weighted = |mean: &dyn Fn(usize) -> f64| {
        let mean = (0..plan.symbols.len()).fold(0.0, |sum, k| sum + value(k) / total * mean(k));
        TRADING_DAYS * libm::log1p(mean)
    };
    let history = &market.history;
    let window = history.window(case.estimation.start, Some(case.estimation.end.unwrap_or(as_of)));
    let of_history = |k: usize| {
        let symbol = plan.symbols[k];
        let traded = window.clone().filter(|day| history.flag_row(*day)[symbol] & (flag::PRESENT | flag::HALTED) == flag::PRESENT);
        let (sum, days) = traded.fold((0.0, 0.0), |(sum, days), day| (sum + history.row(day)[symbol], days + 1.0));
        if days > 0.0 { sum / days } else { 0.0 }
    };
    let of_model = |k: usize| {
        let growth = model.log_growth(k, 1.0, plan.days);
        growth.iter().fold(0.0, |sum, g| sum + libm::expm1(*g)) / plan.days.max(1) as f64
    };
    Some(PortfolioDrift { historical: (!window.is_empty()).then(|| weighted(&of_history)), used: weighted(&of_model) })
}
