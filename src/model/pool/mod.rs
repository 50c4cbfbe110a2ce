//! States the funding pool: tiers, who loses first, what recourse brings back, and the cash that has to last.

use super::book::Book;
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub mod cash;
pub mod failure;
pub mod funding;
pub mod hedge;
pub mod lending;
pub mod trigger;
pub mod waterfall;

use super::margin::Lines;
use cash::Cash;
use failure::Failure;
use funding::{Funding, Run};
use hedge::Hedge;
use lending::Lending;
use trigger::Trigger;

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
    /// Sessions from the shortfall to the recovery; until then the tiers bear it whole, and what comes in restores them in reverse order.
    #[serde(skip_serializing_if = "is_zero")]
    pub recourse_delay_days: u32,
    /// By tier, what its accounts' margin lines stand above the programme's: the tier's control before the event.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub line_add: BTreeMap<String, Ratio>,
    /// What loans cost by grade, and how much is lent on assets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lending: Option<Lending>,
    /// By tier, the share of its own capital put back from outside each session after a loss.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub replenish_daily: BTreeMap<String, Ratio>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cash: Option<Cash>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub funding: Option<Funding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<Run>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hedge: Option<Hedge>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Values of the pool that change its waterfall or call loans back.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<Trigger>,
}

fn is_zero(days: &u32) -> bool {
    *days == 0
}

impl Default for Pool {
    fn default() -> Self {
        Pool {
            loss_order: ["C", "B", "A"].map(String::from).to_vec(),
            capital: BTreeMap::new(),
            recourse: Ratio::ZERO,
            recourse_delay_days: 0,
            line_add: BTreeMap::new(),
            lending: None,
            replenish_daily: BTreeMap::new(),
            cash: None,
            funding: None,
            run: None,
            hedge: None,
            failure: None,
            triggers: Vec::new(),
        }
    }
}

impl Pool {
    /// True when the pool is kept day by day: it has a cash account.
    pub fn is_kept_daily(&self) -> bool {
        self.cash.is_some()
    }

    /// True when funders may react: run, or not roll.
    pub fn funders_react(&self) -> bool {
        let runs = self.run.as_ref().is_some_and(|run| run.hazard_daily.get() > 0.0);
        let leaves = |f: &Funding| f.roll_probability.get() < 1.0 || f.roll_probability_by_source.values().any(|p| p.get() < 1.0);
        self.cash.is_some() && (runs || self.funding.as_ref().is_some_and(leaves))
    }

    /// The same pool with funders who stay.
    pub fn without_run(self) -> Pool {
        let stay = |f: Funding| Funding { roll_probability: Ratio::ONE, roll_probability_by_source: BTreeMap::new(), ..f };
        Pool { run: None, funding: self.funding.map(stay), ..self }
    }

    /// The annual rate of an account: its own, or where its grade has a spread the cost of its tier's funding plus that.
    pub fn rate_annual(&self, own: f64, grade: &str, funding_cost: f64) -> f64 {
        let spread = self.lending.as_ref().and_then(|lending| lending.spread_by_grade.get(grade));
        spread.map_or(own, |spread| funding_cost + spread.get())
    }

    /// The lines of an account of `tier`: every line in force, and every target with it, stands `line-add` higher.
    ///
    /// Worked: in a tier with `line-add` 10 % a call line of 130 %, cured at 150 %, is 140 %, cured at 160 %; a line that is not
    /// in force stays so.
    pub fn front_lines(&self, tier: &str, lines: Lines) -> Lines {
        let mut lines = lines;
        lines.raise(self.line_add_of(tier));
        lines
    }

    /// What the lines of a tier's accounts stand higher.
    pub fn line_add_of(&self, tier: &str) -> f64 {
        self.line_add.get(tier).map_or(0.0, |add| add.get())
    }
}

/// Names of the triggers, as they stand in keys: their own, else their number.
pub fn trigger_names(pool: &Pool) -> Vec<String> {
    let named = |(at, trigger): (usize, &Trigger)| if trigger.name.is_empty() { format!("{}", at + 1) } else { trigger.name.clone() };
    pool.triggers.iter().enumerate().map(named).collect()
}

/// Each tier's capital in money, one per `Book::tiers`: the programme's figure, else the sum of its funding rows, else (when
/// there is no funding file at all) its loans.
///
/// Worked: tier C funded by 30 and 20 and not named in `[pool.capital]` has 50; without funding rows and with loans of 40 it has 40.
pub fn tier_capital(book: &Book, pool: &Pool) -> Vec<f64> {
    let of = |tier: usize| {
        if let Some(capital) = pool.capital.get(&book.tiers[tier]) {
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
pub fn loss_order(book: &Book, pool: &Pool) -> Vec<usize> {
    let mut order: Vec<usize> = pool.loss_order.iter().filter_map(|name| book.tiers.iter().position(|t| t == name)).collect();
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
    use crate::model::case::Case;

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
        assert_eq!(tier_capital(&book, &case.pool), [40.0, 7.0, 0.0]);
        let book = Book { funding: vec![source(2, 30.0), source(1, 5.0), source(2, 20.0)], ..book };
        assert_eq!(tier_capital(&book, &case.pool), [0.0, 5.0, 50.0]);
        case.pool.capital.insert("B".into(), 9.0);
        assert_eq!(tier_capital(&book, &case.pool), [0.0, 9.0, 50.0]);
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
            let capital = tier_capital(&book, &Pool::default());
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
        assert_eq!(loss_order(&book, &case.pool), [2, 0, 3, 1]);
    }
}
