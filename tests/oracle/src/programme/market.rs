//! Holds the keys of `[exchange]`, `[costs]`, `[interest]`, `[sharing]` and `[feedback]`.

use crate::ratio;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Exchange {
    pub price_limits: bool,
    pub tick: f64,
    /// As written: 100, and none on no board, where it is not.
    pub lot: Option<f64>,
    pub t_plus_one: bool,
    pub limit_lock: LimitLock,
    pub continuation: f64,
    pub carry_over: CarryOver,
    /// How long a name halted on the as-of date does not trade: given paths tell of it themselves.
    pub resume_after: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum LimitLock {
    #[default]
    AllDay,
    Close,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum CarryOver {
    #[default]
    Full,
    None,
}

impl Default for Exchange {
    fn default() -> Self {
        Exchange {
            price_limits: true,
            tick: 0.01,
            lot: None,
            t_plus_one: true,
            limit_lock: LimitLock::AllDay,
            continuation: 0.0,
            carry_over: CarryOver::Full,
            resume_after: None,
        }
    }
}

/// Of a forced sale, shares of its proceeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Costs {
    #[serde(deserialize_with = "ratio::one")]
    pub commission: f64,
    pub stamp_duty: StampDuty,
    #[serde(deserialize_with = "ratio::one")]
    pub transfer_fee: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StampDuty {
    /// The schedule by date.
    China,
    Rate(#[serde(deserialize_with = "ratio::one")] f64),
}

impl Default for StampDuty {
    fn default() -> Self {
        StampDuty::Rate(0.0)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Interest {
    pub interest_base: InterestBase,
    pub day_count: u32,
    #[serde(deserialize_with = "ratio::one")]
    pub loan_rate_rise: f64,
    #[serde(deserialize_with = "ratio::one")]
    pub funding_rate_rise: f64,
}

impl Default for Interest {
    fn default() -> Self {
        Interest { interest_base: InterestBase::Loan, day_count: 365, loan_rate_rise: 0.0, funding_rate_rise: 0.0 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum InterestBase {
    #[default]
    Loan,
    Exposure,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Sharing {
    #[serde(deserialize_with = "ratio::one")]
    pub platform_fee: f64,
    #[serde(deserialize_with = "ratio::one")]
    pub exposure_fee: f64,
    pub mode: SharingMode,
    pub product: BTreeMap<String, SharingMode>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum SharingMode {
    #[default]
    None,
    FixedSplit(FixedSplit),
    CappedLoss(CappedLoss),
    PerformanceFee(PerformanceFee),
    Guaranteed(Guaranteed),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FixedSplit {
    #[serde(deserialize_with = "ratio::one")]
    pub client: f64,
    #[serde(default)]
    pub share_losses: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CappedLoss {
    #[serde(deserialize_with = "ratio::one")]
    pub client: f64,
    #[serde(deserialize_with = "ratio::one")]
    pub lender_loss: f64,
    #[serde(deserialize_with = "ratio::one")]
    pub cap: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PerformanceFee {
    #[serde(deserialize_with = "ratio::one")]
    pub share: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Guaranteed {
    #[serde(deserialize_with = "ratio::one")]
    pub return_annual: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Feedback {
    pub fade_days: f64,
    pub clearing: Clearing,
    /// Whether layers are run besides: it changes no figure of the scenario itself.
    pub layers: bool,
    pub impact: Impact,
}

impl Default for Feedback {
    fn default() -> Self {
        Feedback { fade_days: 40.0, clearing: Clearing::SinglePass, layers: true, impact: Impact::None }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Clearing {
    #[default]
    SinglePass,
    FixedPoint(FixedPoint),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct FixedPoint {
    pub tolerance: f64,
    pub rounds: usize,
}

impl Default for FixedPoint {
    fn default() -> Self {
        FixedPoint { tolerance: 1e-9, rounds: 100 }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Impact {
    #[default]
    None,
    SquareRoot(SquareRoot),
    Linear(Linear),
    Almgren(Almgren),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct SquareRoot {
    pub coefficient: f64,
    #[serde(deserialize_with = "ratio::one")]
    pub lasting_share: f64,
}

impl Default for SquareRoot {
    fn default() -> Self {
        SquareRoot { coefficient: 1.0, lasting_share: 2.0 / 3.0 }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Linear {
    pub depth: f64,
}

impl Default for Linear {
    fn default() -> Self {
        Linear { depth: 0.4 }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Almgren {
    pub permanent: f64,
    pub temporary: f64,
    pub session_share: f64,
    pub turnover_ratio: f64,
}

impl Default for Almgren {
    fn default() -> Self {
        Almgren { permanent: 0.314, temporary: 0.142, session_share: 1.0, turnover_ratio: 0.01 }
    }
}
