//! States how a client answers a margin call.

use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

mod answer;

pub use answer::Answers;

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
    /// The ratio the payment restores at the day's close; the call line when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cure_to: Option<Ratio>,
}
