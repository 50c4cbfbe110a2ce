//! States failures that a scenario brings about on a day: a funding source that calls its money, a custodian that fails.

use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[pool.failure]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Failure {
    /// Sources that fail: their receivers call all their money at once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    /// The session they do.
    pub source_day: u32,
    /// The custodian of part of the cash and of some clients' securities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custodian: Option<Custodian>,
}

impl Default for Failure {
    fn default() -> Self {
        Failure { sources: Vec::new(), source_day: 1, custodian: None }
    }
}

/// `[pool.failure.custodian]`: what it holds is frozen, and a part of it is gone.
///
/// Which clients it holds is drawn once from the address (seed, account), for all paths. After the MF Global failure of
/// 2011 clients waited months for what was left of their accounts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Custodian {
    /// The session it fails.
    pub day: u32,
    /// Share of the pool's cash it holds.
    pub cash_share: Ratio,
    /// Share of clients whose securities it holds.
    pub client_share: Ratio,
    /// Share of what it holds that is gone.
    pub haircut: Ratio,
    /// Sessions the rest is frozen: cash cannot be paid, securities cannot be sold.
    pub frozen_days: u32,
}

impl Default for Custodian {
    fn default() -> Self {
        Custodian { day: 1, cash_share: Ratio::ONE, client_share: Ratio::ONE, haircut: Ratio::from_fraction(0.1), frozen_days: 60 }
    }
}
