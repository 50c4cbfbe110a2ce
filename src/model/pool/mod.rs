//! States the funding pool: tiers, who loses first, and what recourse brings back.

use super::book::Book;
use super::case::Case;
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub mod waterfall;

/// `[pool]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Pool {
    /// Tiers in the order they bear losses; the first is the most junior. Tiers of the funding file not named here follow in reverse order of name.
    pub loss_order: Vec<String>,
    /// Capital by tier, where it is not the sum of the funding file's amounts.
    pub capital: BTreeMap<String, f64>,
    /// Share of a shortfall recovered from the client.
    pub recourse: Ratio,
}

impl Default for Pool {
    fn default() -> Self {
        Pool { loss_order: ["C", "B", "A"].map(String::from).to_vec(), capital: BTreeMap::new(), recourse: Ratio::ZERO }
    }
}

/// Each tier's capital in money, one per `Book::tiers`: the programme's figure, else the sum of its funding rows, else (when
/// there is no funding file at all) its loans.
///
/// Worked: tier C funded by 30 and 20 and not named in `[pool.capital]` has 50; without funding rows and with loans of 40 it has 40.
pub fn tier_capital(book: &Book, case: &Case) -> Vec<f64> {
    let of = |tier: usize| {
        if let Some(capital) = case.pool.capital.get(&book.tiers[tier]) {
            *capital
        } else if book.funding.is_empty() {
            book.tier.iter().zip(&book.loan).filter(|(t, _)| **t as usize == tier).map(|(_, loan)| loan).sum()
        } else {
            book.funding.iter().filter(|s| s.tier as usize == tier).map(|s| s.amount).sum()
        }
    };
    (0..book.tiers.len()).map(of).collect()
}

/// Indices of `Book::tiers` in the order they bear losses: as the programme says, then the rest in reverse order of name.
pub fn loss_order(book: &Book, case: &Case) -> Vec<usize> {
    let mut order: Vec<usize> = case.pool.loss_order.iter().filter_map(|name| book.tiers.iter().position(|t| t == name)).collect();
    for tier in (0..book.tiers.len()).rev() {
        if !order.contains(&tier) {
            order.push(tier);
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::book::FundingSource;

    #[test]
    fn capital_is_the_programmes_then_the_funders_then_the_loans() {
        let source =
            |tier, amount| FundingSource { source_id: "s".into(), tier, amount, rate_annual: 0.0, maturity_date: None, runnable: false };
        let book = Book {
            tiers: ["A", "B", "C"].map(String::from).to_vec(),
            tier: vec![0, 1, 0],
            loan: vec![10.0, 7.0, 30.0],
            funding: Vec::new(),
            ..Book::default()
        };
        let mut case = Case::default();
        assert_eq!(tier_capital(&book, &case), [40.0, 7.0, 0.0]);
        let book = Book { funding: vec![source(2, 30.0), source(1, 5.0), source(2, 20.0)], ..book };
        assert_eq!(tier_capital(&book, &case), [0.0, 5.0, 50.0]);
        case.pool.capital.insert("B".into(), 9.0);
        assert_eq!(tier_capital(&book, &case), [0.0, 9.0, 50.0]);
    }

    #[test]
    fn tiers_sum_to_the_pool_before_and_after_it_grows() {
        // domain notes D1: a pool of 5 grows to 8 (in 100 million), each funding row a ledger line of its own
        for (rows, pool) in [(vec![(0, 3.0e8), (1, 1.25e8), (2, 0.75e8)], 5e8), (vec![(0, 3e8), (0, 1.5e8), (1, 2.5e8), (2, 1e8)], 8e8)] {
            let of = |(tier, amount): (u32, f64)| FundingSource {
                source_id: format!("source {amount}"),
                tier,
                amount,
                rate_annual: 0.0,
                maturity_date: None,
                runnable: false,
            };
            let tiers = ["A", "B", "C"].map(String::from).to_vec();
            let book = Book { tiers, funding: rows.iter().copied().map(of).collect(), ..Book::default() };
            let capital = tier_capital(&book, &Case::default());
            assert_eq!(capital.iter().sum::<f64>(), pool);
            for (tier, capital) in capital.iter().enumerate() {
                let ledger: f64 = rows.iter().filter(|(t, _)| *t as usize == tier).map(|(_, amount)| amount).sum();
                assert_eq!(*capital, ledger);
            }
        }
    }

    #[test]
    fn tiers_the_programme_does_not_name_bear_losses_after_those_it_names() {
        let book = Book { tiers: ["A", "B", "C", "D"].map(String::from).to_vec(), ..Book::default() };
        let mut case = Case::default();
        case.pool.loss_order = ["C", "X", "A"].map(String::from).to_vec();
        assert_eq!(loss_order(&book, &case), [2, 0, 3, 1]);
    }
}
