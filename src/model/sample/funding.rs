//! Draws the money behind the loans: tiers A and B fund what they lend, tier C is the clearing reserve.
//!
//! Source: domain notes §1.1 D1 to D3: three tiers, 2 to 3 % of the pool idle. Worked: loans of 780 m at 97.5 % utilisation
//! need a pool of 800 m, of which 16 m (2 %) are tier C and 4 m lie idle in A and B.

use super::draws::{Draws, Family};
use super::{Account, Mix, Source};
use crate::maths::random::Streams;
use crate::units::Day;

/// Loans over the pool.
pub const UTILISATION: f64 = 0.975;
/// Tier C, a share of the pool.
pub const RESERVE: f64 = 0.02;

/// How one tier is funded: shares of its money, terms in days from the as-of date, annual rate.
struct Plan {
    tier: &'static str,
    shares: &'static [f64],
    term: (u32, u32),
    rate: (f64, f64),
    runnable: bool,
}

const PLANS: [Plan; 2] = [
    Plan { tier: "A", shares: &[0.45, 0.30, 0.25], term: (45, 180), rate: (0.040, 0.050), runnable: false },
    Plan { tier: "B", shares: &[0.35, 0.25, 0.20, 0.12, 0.08], term: (5, 30), rate: (0.060, 0.085), runnable: true },
];

/// The sources behind a book's loans; an untiered pool has no reserve.
pub fn draw(streams: &Streams, mix: Mix, as_of: Day, accounts: &[Account]) -> Vec<Source> {
    let loans = |tier: &str| accounts.iter().filter(|a| a.tier == tier).map(|a| a.loan).fold(0.0, |sum, loan| sum + loan);
    let total = loans("A") + loans("B");
    let pool = total / UTILISATION;
    let reserve = if mix == Mix::HighLeverage { 0.0 } else { RESERVE };
    let idle_share = (pool * (1.0 - reserve) - total) / total;
    let mut sources = Vec::new();
    for (number, plan) in PLANS.iter().enumerate().filter(|(_, plan)| loans(plan.tier) > 0.0) {
        let money = loans(plan.tier) * (1.0 + idle_share);
        for (source, share) in plan.shares.iter().enumerate() {
            let mut draws = Draws::of(streams, Family::Source, number * 100 + source, 0);
            let term = draws.whole(plan.term.0, plan.term.1);
            sources.push(Source {
                source_id: format!("{}{}", plan.tier, source + 1),
                tier: plan.tier,
                amount: whole_thousands(money * share),
                rate_annual: (draws.between(plan.rate.0, plan.rate.1) * 1e4).round() / 1e4,
                maturity_date: Some(Day::from_epoch_days(as_of.epoch_days() + term as i32)),
                runnable: plan.runnable,
            });
        }
    }
    if reserve > 0.0 {
        let amount = whole_thousands(pool * reserve);
        sources.push(Source { source_id: "C1".into(), tier: "C", amount, rate_annual: 0.0, maturity_date: None, runnable: false });
    }
    sources
}

fn whole_thousands(money: f64) -> f64 {
    (money / 1e3).round() * 1e3
}
