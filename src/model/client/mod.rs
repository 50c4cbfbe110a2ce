//! States client behaviour: payments on margin calls, early sales ahead of the line, and withdrawals.

use crate::maths::random::{Stream, Streams, name_address};
use crate::maths::special::normal_quantile;
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[cfg(test)]
pub mod example;
pub mod payment;
pub mod pre_emptive;
mod response;
pub mod withdrawal;

use payment::Payment;
use pre_emptive::PreEmptive;
pub use response::{CallResponse, Distress};
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
    /// The fraction of it that a paying client pays.
    pub payment: Payment,
    /// The same by grade, where it differs.
    pub payment_by_grade: BTreeMap<String, Payment>,
    /// Reduction of the propensity to pay under full market stress, in normal deviations.
    pub stress_sensitivity: f64,
    /// The same for a loss of all own capital.
    pub drawdown_sensitivity: f64,
    /// Correlation of clients' payments through one common factor a path.
    pub common_correlation: Ratio,
    /// Early sales: clients who sell ahead of the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pre_emptive: Option<PreEmptive>,
    /// Withdrawals by clients while the ratio is high.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawal: Option<Withdrawal>,
    #[cfg(test)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<example::Example>,
}

impl Clients {
    /// True when payments become less likely with market stress: then the market state is needed.
    pub fn read_stress(&self) -> bool {
        self.stress_sensitivity != 0.0
    }

    /// True when anything beyond independent payments of fixed probability is switched on.
    pub fn react(&self) -> bool {
        *self != self.without_stress()
    }

    /// The same clients without stress: independent payments of fixed probability.
    ///
    /// Amounts of payments, early sales and withdrawals stay: they do not depend on market stress.
    pub fn without_stress(&self) -> Clients {
        Clients { stress_sensitivity: 0.0, drawdown_sensitivity: 0.0, common_correlation: Ratio::ZERO, ..self.clone() }
    }
}

impl Clients {
    /// The call response of the account named `account_id` with grade `grade`.
    pub fn call_response(&self, streams: &Streams, account_id: &str, grade: &str) -> CallResponse {
        let probability = self.cure_probability_by_grade.get(grade).unwrap_or(&self.cure_probability).get();
        let inside = probability > 0.0 && probability < 1.0;
        let correlation = self.common_correlation.get();
        CallResponse {
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
        assert!(!plain.react() && plain.without_stress() == plain);
        let plain = Clients { pre_emptive: Some(PreEmptive::default()), ..plain };
        assert!(!plain.react());
        let anxious = Clients { stress_sensitivity: 1.0, common_correlation: Ratio::from_fraction(0.2), ..plain.clone() };
        assert!(anxious.react() && anxious.read_stress());
        assert_eq!(anxious.without_stress(), plain);
    }
}
