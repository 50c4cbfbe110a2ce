//! States how funding leaves: contracts that do not roll, and runs that grow with loss, thin cash and a falling market.
//!
//! Both follow one proportional hazard (Cox 1972). With distress
//! `x = loss-weight · loss/capital + buffer-weight · max(0, 1 − buffer days / safe days) + stress-weight · stress`,
//! a runnable source withdraws in a session with probability `1 − exp(−h·eˣ)`, h = −ln(1 − hazard-daily), and a contract of roll
//! probability p rolls with `p^(eˣ)`: at x = 0 both are what the programme says, and p = 1 always rolls.
//! Worked: hazard-daily 1 % at x = ln 10 is 1 − 0.99¹⁰ = 9.56 %; p = 90 % at the same x is 0.9¹⁰ = 34.87 %.

use crate::model::book::Book;
use crate::units::{Day, Ratio};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Distress is not felt beyond this: every hazard is then certain.
const DISTRESS_MAX: f64 = 30.0;

/// `[pool.funding]`: what happens to a contract on its maturity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Funding {
    /// Probability that a maturing source rolls.
    pub roll_probability: Ratio,
    /// The same by source, where it differs.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub roll_probability_by_source: BTreeMap<String, Ratio>,
    /// Calendar days a rolled source stays.
    pub roll_days: u32,
    /// Probability that a maturing loan rolls; one that does not is repaid, by sales where the client's cash does not do.
    pub loan_roll_probability: Ratio,
}

impl Default for Funding {
    fn default() -> Self {
        Funding {
            roll_probability: Ratio::ONE,
            roll_probability_by_source: BTreeMap::new(),
            roll_days: 30,
            loan_roll_probability: Ratio::ONE,
        }
    }
}

impl Funding {
    /// The roll probability of one source without stress.
    pub fn roll_of(&self, source_id: &str) -> f64 {
        self.roll_probability_by_source.get(source_id).unwrap_or(&self.roll_probability).get()
    }
}

/// `[pool.run]`: how sources marked runnable run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Run {
    /// Probability that a runnable source withdraws in a session without stress.
    pub hazard_daily: Ratio,
    /// The share of its money a running source withdraws; the rest stays to its maturity.
    pub share: Ratio,
    /// Sessions from the withdrawal to the payment.
    pub notice_days: u32,
    /// Weight of the pool's loss over its capital.
    pub loss_weight: f64,
    /// Weight of how far the buffer lies below `buffer-days`.
    pub buffer_weight: f64,
    /// Buffer days at and above which nobody worries.
    pub buffer_days: f64,
    /// Weight of market stress, from 0 to 1 in a crash.
    pub stress_weight: f64,
}

impl Default for Run {
    fn default() -> Self {
        Run {
            hazard_daily: Ratio::ZERO,
            share: Ratio::ONE,
            notice_days: 0,
            loss_weight: 20.0,
            buffer_weight: 1.0,
            buffer_days: 1.0,
            stress_weight: 3.0,
        }
    }
}

/// What funders look at.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Signs {
    /// Losses over the capital of all tiers.
    pub loss_share: f64,
    pub buffer_days: f64,
    /// From 0 to 1.
    pub stress: f64,
}

impl Run {
    /// The exponent of every hazard; 0 when nothing worries.
    pub fn distress(&self, signs: &Signs) -> f64 {
        let thin = if self.buffer_days > 0.0 { (1.0 - signs.buffer_days / self.buffer_days).max(0.0) } else { 0.0 };
        let x = self.loss_weight * signs.loss_share + self.buffer_weight * thin + self.stress_weight * signs.stress;
        x.clamp(0.0, DISTRESS_MAX)
    }

    /// Probability that a runnable source withdraws in one session.
    pub fn probability(&self, distress: f64) -> f64 {
        let hazard = -libm::log1p(-self.hazard_daily.get());
        if hazard > 0.0 { -libm::expm1(-hazard * libm::exp(distress)) } else { 0.0 }
    }
}

/// Probability that a contract with roll probability `p` without stress rolls under distress.
pub fn roll_probability(p: f64, distress: f64) -> f64 {
    if p <= 0.0 || p >= 1.0 { p.clamp(0.0, 1.0) } else { libm::exp(libm::log(p) * libm::exp(distress)) }
}

/// One bucket of the maturity ladder: the amounts due in it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rung {
    /// Up to so many calendar days; the last rung is open.
    pub up_to_days: i32,
    pub loans: f64,
    pub funding: f64,
}

/// Upper edges of the ladder in calendar days; amounts without a maturity are in the last bucket.
pub const LADDER_DAYS: [i32; 5] = [7, 30, 90, 180, i32::MAX];

/// Sorts loans and funding, each (days to maturity, money), into the rungs.
pub fn ladder(loans: &[(Option<i32>, f64)], funding: &[(Option<i32>, f64)]) -> Vec<Rung> {
    let rung = |days: Option<i32>| LADDER_DAYS.iter().position(|edge| days.unwrap_or(i32::MAX) <= *edge).expect("the last rung is open");
    let mut rungs: Vec<Rung> = LADDER_DAYS.iter().map(|days| Rung { up_to_days: *days, ..Rung::default() }).collect();
    for (days, money) in loans {
        rungs[rung(*days)].loans += money;
    }
    for (days, money) in funding {
        rungs[rung(*days)].funding += money;
    }
    rungs
}

/// The ladder of a book on its as-of date; overdue amounts are in the first bucket, as due at once.
pub fn maturity_ladder(book: &Book, as_of: Day) -> Vec<Rung> {
    let left = |day: Option<Day>| day.map(|day| as_of.calendar_days_until(day).max(0));
    let loans: Vec<_> = book.maturity_date.iter().zip(&book.loan).map(|(day, loan)| (left(*day), *loan)).collect();
    let funding: Vec<_> = book.funding.iter().map(|s| (left(s.maturity_date), s.amount)).collect();
    ladder(&loans, &funding)
}

/// The cash after each bucket when nothing rolls: cash and loans due less funding due, up to and including it.
pub fn cumulative_gap(cash_money: f64, rungs: &[Rung]) -> Vec<f64> {
    let mut gap = cash_money;
    rungs
        .iter()
        .map(|rung| {
            gap += rung.loans - rung.funding;
            gap
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hazards_are_what_is_said_in_a_calm_and_grow_with_distress() {
        let run = Run { hazard_daily: Ratio::from_fraction(0.01), ..Run::default() };
        let calm = Signs { buffer_days: 2.0, ..Signs::default() };
        assert_eq!(run.distress(&calm), 0.0);
        assert!((run.probability(0.0) - 0.01).abs() < 1e-15);
        let x = libm::log(10.0);
        assert!((run.probability(x) - 0.095_617_9).abs() < 1e-7);
        assert!((roll_probability(0.9, x) - 0.348_678_44).abs() < 1e-8);
        assert_eq!((roll_probability(1.0, x), roll_probability(0.0, x)), (1.0, 0.0));
        let signs = [
            calm,
            Signs { loss_share: 0.02, ..calm },
            Signs { loss_share: 0.02, buffer_days: 0.5, ..calm },
            Signs { loss_share: 0.02, buffer_days: 0.5, stress: 0.6 },
        ];
        assert!(signs.windows(2).all(|pair| run.distress(&pair[1]) > run.distress(&pair[0])));
        assert_eq!(Run::default().probability(5.0), 0.0);
        assert!(run.probability(DISTRESS_MAX) <= 1.0);
    }

    #[test]
    fn the_ladder_adds_up_to_the_book() {
        let rungs = ladder(&[(Some(5), 100.0), (None, 50.0)], &[(Some(7), 80.0), (Some(31), 60.0)]);
        assert_eq!(rungs.iter().map(|r| r.loans).collect::<Vec<_>>(), [100.0, 0.0, 0.0, 0.0, 50.0]);
        assert_eq!(rungs.iter().map(|r| r.funding).collect::<Vec<_>>(), [80.0, 0.0, 60.0, 0.0, 0.0]);
        assert_eq!(cumulative_gap(10.0, &rungs), [30.0, 30.0, -30.0, -30.0, 20.0]);
    }
}
