//! States loan rates by grade, and the loan-to-value cap as funding cost, liquidity and volatility change.
//!
//! Rate: with `spread-by-grade` an account of that grade pays the average cost of its tier's funding plus the spread.
//! Loan to value: `cap = base − funding-weight · c − volatility-weight · σ·√t − stress-weight · stress`, at least `floor`, where c is the annual cost of the
//! tier's funding, σ the daily volatility of the account's holdings (weighted by value, as if they fell together), t the sessions it takes to
//! sell them at `participation` of their average turnover, at least one, and stress the market's state. Worked: base 80 %, c = 6 % at weight 1, σ = 3 %
//! and t = 4 at weight 2: 80 − 6 − 12 = 62 %. A loan L on assets A above the cap is brought back to it by a sale of (L − cap·A)/(1 − cap).

use crate::model::book::Book;
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `[pool.lending]`
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Lending {
    /// By grade, the annual rate over the average cost of the tier's funding; a grade not named pays the accounts file's rate.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub spread_by_grade: BTreeMap<String, Ratio>,
    /// The most that is lent on an account's assets; what is out beyond it is called back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loan_to_value: Option<LoanToValue>,
}

/// `[pool.lending.loan-to-value]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct LoanToValue {
    /// The cap where money costs nothing and prices stand still.
    pub base: Ratio,
    /// Weight of the annual cost of funding.
    pub funding_weight: f64,
    /// Weight of the deviation of the holdings over the sessions it takes to sell them.
    pub volatility_weight: f64,
    /// Weight of market stress, 0 to 1.
    pub stress_weight: f64,
    /// Share of a session's turnover a sale may take.
    pub participation: Ratio,
    /// The cap is never below this.
    pub floor: Ratio,
}

impl Default for LoanToValue {
    fn default() -> Self {
        LoanToValue {
            base: Ratio::from_fraction(0.8),
            funding_weight: 1.0,
            volatility_weight: 2.0,
            stress_weight: 0.0,
            participation: Ratio::from_fraction(0.2),
            floor: Ratio::from_fraction(0.2),
        }
    }
}

/// One holding as a lender sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pledged {
    pub value_money: f64,
    pub volatility_daily: f64,
    /// Average turnover of a session; 0 where none is known.
    pub turnover_money: f64,
}

impl LoanToValue {
    /// The cap without stress, not yet held at the floor.
    pub fn cap(&self, funding_cost_annual: f64, holdings: &[Pledged]) -> f64 {
        let value = holdings.iter().fold(0.0, |sum, h| sum + h.value_money);
        if value <= 0.0 {
            return self.base.get() - self.funding_weight * funding_cost_annual;
        }
        let volatility = holdings.iter().fold(0.0, |sum, h| sum + h.value_money * h.volatility_daily) / value;
        let days = |h: &Pledged| if h.turnover_money > 0.0 { h.value_money / (self.participation.get() * h.turnover_money) } else { 1.0 };
        let sessions = holdings.iter().map(days).fold(1.0, f64::max);
        self.base.get() - self.funding_weight * funding_cost_annual - self.volatility_weight * volatility * sessions.sqrt()
    }

    /// The cap under `stress`, held at the floor.
    pub fn under(&self, cap: f64, stress: f64) -> f64 {
        (cap - self.stress_weight * stress).max(self.floor.get())
    }
}

/// What must be sold and repaid to bring a loan back to `cap` of the assets; 0 where it is not above.
pub fn excess(loan_money: f64, assets_money: f64, cap: f64) -> f64 {
    if loan_money <= cap * assets_money {
        0.0
    } else if cap >= 1.0 {
        loan_money
    } else {
        ((loan_money - cap * assets_money) / (1.0 - cap)).min(loan_money)
    }
}

/// Average annual cost of each tier's funding, weighted by amount, once every source's rate has risen by `rise_annual`; 0 where a tier
/// has none.
pub fn funding_cost(book: &Book, rise_annual: f64) -> Vec<f64> {
    let of = |tier: usize| {
        let sources = book.funding.iter().filter(|s| s.tier as usize == tier);
        let (money, cost) =
            sources.fold((0.0, 0.0), |(money, cost), s| (money + s.amount, cost + s.amount * (s.rate_annual + rise_annual)));
        if money > 0.0 { cost / money } else { 0.0 }
    };
    (0..book.tiers.len()).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dear_slow_and_restless_collateral_carries_less() {
        let rule = LoanToValue::default();
        let holding = |volatility_daily, turnover_money| [Pledged { value_money: 80.0, volatility_daily, turnover_money }];
        // 80 of value at a fifth of a turnover of 100 takes four sessions
        assert!((rule.cap(0.06, &holding(0.03, 100.0)) - 0.62).abs() < 1e-12);
        assert!(rule.cap(0.07, &holding(0.03, 100.0)) < 0.62 && rule.cap(0.06, &holding(0.04, 100.0)) < 0.62);
        assert!(rule.cap(0.06, &holding(0.03, 50.0)) < 0.62 && rule.cap(0.06, &holding(0.03, 1e9)) > 0.62);
        let stressed = LoanToValue { stress_weight: 0.5, ..rule };
        assert_eq!((stressed.under(0.62, 0.0), stressed.under(0.62, 1.0)), (0.62, 0.2));
    }

    #[test]
    fn the_excess_brings_a_loan_back_to_its_cap() {
        let (loan, assets, cap) = (75.0, 100.0, 0.6);
        let sale = excess(loan, assets, cap);
        assert!((sale - 37.5).abs() < 1e-12 && ((loan - sale) / (assets - sale) - cap).abs() < 1e-12);
        assert_eq!(excess(60.0, 100.0, 0.6), 0.0);
        assert_eq!(excess(120.0, 100.0, 0.6), 120.0);
    }
}
