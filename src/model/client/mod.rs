//! States how clients behave: how they answer a margin call, sell ahead of it, and take money out in good times.

use crate::maths::random::{Stream, Streams, name_address};
use crate::maths::special::normal_quantile;
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

mod answer;
#[cfg(test)]
pub mod example;
pub mod payment;
pub mod pre_emptive;
pub mod withdrawal;

pub use answer::{Answers, Mood};
use payment::Payment;
use pre_emptive::PreEmptive;
use withdrawal::Withdrawal;

/// `[clients]`: whether a called client pays in, drawn once per call from the address (seed, path, account, call).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Clients {
    /// Probability that a called client pays in before the deadline.
    pub cure_probability: Ratio,
    /// The same by grade, where it differs.
    pub cure_probability_by_grade: BTreeMap<String, Ratio>,
    /// Sessions from the call to the payment; never later than the deadline.
    pub cure_delay_days: u32,
    /// The same by grade, where it differs.
    pub cure_delay_days_by_grade: BTreeMap<String, u32>,
    /// The ratio the payment restores at the day's close; the call line when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cure_to: Option<Ratio>,
    /// The part of that a paying client pays.
    pub payment: Payment,
    /// The same by grade, where it differs.
    pub payment_by_grade: BTreeMap<String, Payment>,
    /// How far full market stress moves the answer, in normal deviations.
    pub stress_sensitivity: f64,
    /// How far the loss of all own capital moves the answer, in normal deviations.
    pub drawdown_sensitivity: f64,
    /// Correlation of clients' answers through one common factor a path.
    pub common_correlation: Ratio,
    /// Clients who sell before they are called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pre_emptive: Option<PreEmptive>,
    /// Clients who take money out while the ratio is high.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawal: Option<Withdrawal>,
    #[cfg(test)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<example::Example>,
}

impl Clients {
    /// True when answers fall with market stress: then the market's state is kept.
    pub fn read_stress(&self) -> bool {
        self.stress_sensitivity != 0.0
    }

    /// True when anything beyond an answer of fixed probability, each client by itself, is switched on.
    pub fn react(&self) -> bool {
        *self != self.calm()
    }

    /// The same clients in a calm market: answers of fixed probability, each by itself.
    ///
    /// How much a payer pays, sales ahead of a line and what is taken out in good times stay: clients do so on any market.
    pub fn calm(&self) -> Clients {
        Clients { stress_sensitivity: 0.0, drawdown_sensitivity: 0.0, common_correlation: Ratio::ZERO, ..self.clone() }
    }
}

impl Clients {
    /// How the account named `account_id` with grade `grade` answers.
    pub fn answers(&self, streams: &Streams, account_id: &str, grade: &str) -> Answers {
        let probability = self.cure_probability_by_grade.get(grade).unwrap_or(&self.cure_probability).get();
        let inside = probability > 0.0 && probability < 1.0;
        let correlation = self.common_correlation.get();
        Answers {
            key: streams.key(Stream::Client, name_address(account_id)),
            common: streams.key(Stream::Clients, 0),
            probability,
            level: if inside { normal_quantile(probability) } else { 0.0 },
            stress_sensitivity: self.stress_sensitivity,
            drawdown_sensitivity: self.drawdown_sensitivity,
            load: correlation.sqrt(),
            own: (1.0 - correlation).sqrt(),
            payment: *self.payment_by_grade.get(grade).unwrap_or(&self.payment),
        }
    }

    /// Sessions from the call to the payment of a client of `grade`; never later than the deadline.
    pub fn payment_days(&self, grade: &str, cure_days: u32) -> u32 {
        (*self.cure_delay_days_by_grade.get(grade).unwrap_or(&self.cure_delay_days)).min(cure_days)
    }

    /// The ratio a payment restores on an account's own call line: as far above it as `cure-to` stands above the programme's.
    ///
    /// Worked: `cure-to` 150 % on a call line of 130 % is 160 % for an account that is called at 140 %.
    pub fn restored_ratio(&self, call_line: f64, call_line_programme: f64) -> f64 {
        let shift = if call_line > 0.0 && call_line_programme > 0.0 { call_line - call_line_programme } else { 0.0 };
        self.cure_to.map_or(call_line, |to| (to.get() + shift).max(call_line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calm_clients_keep_their_probability_and_nothing_of_the_stress() {
        let plain = Clients { cure_probability: Ratio::from_fraction(0.4), ..Clients::default() };
        assert!(!plain.react() && plain.calm() == plain);
        let plain = Clients { pre_emptive: Some(PreEmptive::default()), ..plain };
        assert!(!plain.react());
        let anxious = Clients { stress_sensitivity: 1.0, common_correlation: Ratio::from_fraction(0.2), ..plain.clone() };
        assert!(anxious.react() && anxious.read_stress());
        assert_eq!(anxious.calm(), plain);
    }
}
