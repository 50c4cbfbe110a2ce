//! Sorts loans into stages of credit risk and estimates what each stage is expected to lose.
//!
//! | stage | loan of an account that | loss is looked for over |
//! |---|---|---|
//! | 3 | stands at or below its liquidation line on the as-of date, or owes more than it holds | the rest of its term |
//! | 2 | stands at or below its call line, or is liquidated with more than the stated probability | the rest of its term |
//! | 1 | all others | twelve months, or the rest of its term where that is shorter |
//!
//! With l the mean loss of an account over the h sessions of the horizon and p the share of paths on which it has a shortfall, the loss
//! given one is l/p; over k sessions the expected loss is `l/p · (1 − (1 − p)^(k/h))`: independent horizons one after another, the same
//! loss given a shortfall, and never more than that loss. A loan of stage 3 loses at least what it owes more than it holds.
//! A loan without a term has twelve months. Errors of accounts add up at most: they fall together.
//! Worked: l = 2, p = 10 %, h = 20, k = 60: 2/0.1 · (1 − 0.9³) = 5.42, not 6.

use super::accounts::{Event, Shares, lender_loss};
use super::figure::{Doubt, Figure};
use super::{Estimate, Unit, sums};
use crate::engine::outcome::Outcome;
use crate::model::book::Book;
use crate::model::case::{Programme, Scenario};
use crate::model::history::Market;
use serde::Serialize;

/// One stage of one scenario.
#[derive(Clone, Debug, Serialize)]
pub struct Stage {
    pub stage: u8,
    pub accounts: usize,
    pub loans: f64,
    /// The mean over its accounts of the probability of liquidation within the horizon, and the most its error can be.
    pub liquidated: Estimate,
    pub expected_loss: Estimate,
}

/// Expected loss over `times` horizons, from the mean loss and the probability of one.
pub fn over(loss: f64, probability: f64, times: f64) -> f64 {
    if probability > 0.0 { loss * growth(probability, times) } else { 0.0 }
}

/// What the mean loss of one horizon is multiplied by.
fn growth(probability: f64, times: f64) -> f64 {
    if probability < 1.0 { -libm::expm1(times * libm::log1p(-probability)) / probability } else { 1.0 }
}

/// What is added up over the accounts of a stage.
#[derive(Default)]
struct Sum {
    accounts: usize,
    loans: f64,
    liquidated: f64,
    liquidated_error: f64,
    loss: f64,
    error: f64,
    /// What is owed, times the horizons looked at: the most that a loss no path shows can come to per share of paths.
    owed: f64,
}

/// The three stages of a scenario; accounts without a loan are in none.
pub fn stages(
    programme: &Programme,
    scenario: &Scenario,
    book: &Book,
    market: &Market,
    outcome: &Outcome,
    shares: &Shares<'_>,
) -> Vec<Stage> {
    let Some(firm) = &programme.firm else { return Vec::new() };
    let (staging, case) = (firm.staging, &scenario.case);
    let price = market.prices();
    let horizon = outcome.dates.len().max(1) as f64;
    let year = f64::from(staging.days_a_year);
    let mut sums: [Sum; 3] = Default::default();
    for a in (0..book.accounts()).filter(|a| book.loan[*a] > 0.0) {
        let (held, owed) = (book.cash[a] + book.market_value(a, &price), book.loan[a] + book.accrued_interest[a]);
        let lines = case.pool.front_lines(&book.tiers[book.tier[a] as usize], case.margin.lines(&book.lines[a], book.product_of(a)));
        let below = |line: f64| line > 0.0 && held <= line * owed;
        let (liquidated, liquidated_error) = shares.of_account(Event::Liquidated, a);
        let (shortfall, _) = shares.of_account(Event::Shortfall, a);
        let stage = match () {
            () if below(lines.liquidation) || held < owed => 3,
            () if below(lines.call) || liquidated > staging.stage_2_probability.get() => 2,
            () => 1,
        };
        let term = book.maturity_date[a].map(|day| f64::from(programme.as_of.calendar_days_until(day).max(1)) * year / 365.0);
        let sessions = match (stage, term) {
            (_, None) => year,
            (1, Some(term)) => term.min(year),
            (_, Some(term)) => term,
        };
        let times = sessions / horizon;
        let (loss, error) = lender_loss(outcome, a);
        let expected = over(loss, shortfall, times);
        let expected = if stage == 3 { expected.max(owed - held) } else { expected };
        let sum = &mut sums[stage - 1];
        sum.accounts += 1;
        sum.loans += book.loan[a];
        sum.liquidated += liquidated;
        sum.liquidated_error += liquidated_error.unwrap_or(0.0);
        sum.loss += expected;
        sum.error += error.unwrap_or(0.0) * if shortfall > 0.0 { growth(shortfall, times) } else { 0.0 };
        sum.owed += owed * times.max(1.0);
    }
    let judge = sums::judge(scenario, outcome);
    let z = judge.z;
    let told = |(at, sum): (usize, &Sum)| {
        let count = sum.accounts as f64;
        let given = |value: f64, std_error: f64, most: f64| Doubt::Given {
            std_error,
            low: (value - z * std_error).max(0.0),
            high: (value + z * std_error).min(most),
        };
        let mean = |total: f64| if sum.accounts > 0 { total / count } else { 0.0 };
        let (value, std_error) = (mean(sum.liquidated), mean(sum.liquidated_error));
        let doubt = if sum.accounts == 0 { Doubt::Exact } else { given(value, std_error, 1.0) };
        let liquidated = judge.estimate(&Figure::new("stage.liquidated", value, Unit::Ratio, Vec::new()).doubt(doubt));
        let doubt = match () {
            () if sum.accounts == 0 => Doubt::Exact,
            () if sum.loss > 0.0 => given(sum.loss, sum.error, f64::INFINITY),
            () => Doubt::Unseen,
        };
        let figure = Figure::new("stage.expected_loss", sum.loss, Unit::Money, Vec::new()).within(0.0, sum.owed).doubt(doubt);
        let expected_loss = judge.estimate(&figure);
        Stage { stage: at as u8 + 1, accounts: sum.accounts, loans: sum.loans, liquidated, expected_loss }
    };
    sums.iter().enumerate().map(told).collect()
}
