//! Holds the keys of `[liquidation]` and `[clients]`.

use crate::ratio;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Liquidation {
    pub delay_days: usize,
    #[serde(deserialize_with = "ratio::one")]
    pub cost: f64,
    #[serde(deserialize_with = "ratio::maybe")]
    pub participation: Option<f64>,
    #[serde(deserialize_with = "ratio::maybe")]
    pub daily_share: Option<f64>,
    pub adl: Option<Adl>,
    pub order: Order,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Adl {
    #[serde(deserialize_with = "ratio::one")]
    pub upper: f64,
    #[serde(deserialize_with = "ratio::one")]
    pub lower: f64,
    #[serde(deserialize_with = "ratio::one")]
    pub share: f64,
}

impl Default for Adl {
    fn default() -> Self {
        Adl { upper: 1.4, lower: 1.0, share: 0.1 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    #[default]
    ProRata,
    MostLiquidFirst,
    LargestFirst,
    LosersFirst,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Clients {
    #[serde(deserialize_with = "ratio::one")]
    pub cure_probability: f64,
    #[serde(deserialize_with = "ratio::by_name")]
    pub cure_probability_by_grade: BTreeMap<String, f64>,
    pub cure_delay_days: usize,
    pub cure_delay_days_by_grade: BTreeMap<String, usize>,
    #[serde(deserialize_with = "ratio::maybe")]
    pub cure_to: Option<f64>,
    pub payment: Payment,
    pub payment_by_grade: BTreeMap<String, Payment>,
    pub stress_sensitivity: f64,
    pub drawdown_sensitivity: f64,
    #[serde(deserialize_with = "ratio::one")]
    pub common_correlation: f64,
    pub pre_emptive: Option<PreEmptive>,
    pub withdrawal: Option<Withdrawal>,
}

/// The part of what would restore the line that a paying client pays, uniform between the two.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Payment {
    #[serde(deserialize_with = "ratio::one")]
    pub low: f64,
    #[serde(deserialize_with = "ratio::one")]
    pub high: f64,
}

impl Default for Payment {
    fn default() -> Self {
        Payment { low: 1.0, high: 1.0 }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct PreEmptive {
    pub threshold: f64,
    #[serde(deserialize_with = "ratio::one")]
    pub intensity: f64,
}

impl Default for PreEmptive {
    fn default() -> Self {
        PreEmptive { threshold: 3.0, intensity: 0.1 }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Withdrawal {
    #[serde(deserialize_with = "ratio::one")]
    pub probability: f64,
    #[serde(deserialize_with = "ratio::one")]
    pub share: f64,
    pub borrow: bool,
}

impl Default for Withdrawal {
    fn default() -> Self {
        Withdrawal { probability: 0.05, share: 1.0, borrow: false }
    }
}
