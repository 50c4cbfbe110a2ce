//! Holds the keys of `[pool]`.

use crate::ratio;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Pool {
    pub loss_order: Vec<String>,
    pub capital: BTreeMap<String, f64>,
    #[serde(deserialize_with = "ratio::one")]
    pub recourse: f64,
    pub recourse_delay_days: usize,
    #[serde(deserialize_with = "ratio::by_name")]
    pub line_add: BTreeMap<String, f64>,
    #[serde(deserialize_with = "ratio::by_name")]
    pub replenish_daily: BTreeMap<String, f64>,
    pub lending: Lending,
    pub cash: Option<Cash>,
    pub funding: Funding,
    pub run: Run,
    pub hedge: Option<Hedge>,
    pub failure: Failure,
    pub triggers: Vec<Trigger>,
}

impl Default for Pool {
    fn default() -> Self {
        Pool {
            loss_order: ["C", "B", "A"].map(String::from).to_vec(),
            capital: BTreeMap::new(),
            recourse: 0.0,
            recourse_delay_days: 0,
            line_add: BTreeMap::new(),
            replenish_daily: BTreeMap::new(),
            lending: Lending::default(),
            cash: None,
            funding: Funding::default(),
            run: Run::default(),
            hedge: None,
            failure: Failure::default(),
            triggers: Vec::new(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Lending {
    #[serde(deserialize_with = "ratio::by_name")]
    pub spread_by_grade: BTreeMap<String, f64>,
    pub loan_to_value: Option<LoanToValue>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct LoanToValue {
    #[serde(deserialize_with = "ratio::one")]
    pub base: f64,
    pub funding_weight: f64,
    pub volatility_weight: f64,
    pub stress_weight: f64,
    #[serde(deserialize_with = "ratio::one")]
    pub participation: f64,
    #[serde(deserialize_with = "ratio::one")]
    pub floor: f64,
}

impl Default for LoanToValue {
    fn default() -> Self {
        let (base, participation, floor) = (0.8, 0.2, 0.2);
        LoanToValue { base, funding_weight: 1.0, volatility_weight: 2.0, stress_weight: 0.0, participation, floor }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Cash {
    #[serde(deserialize_with = "ratio::maybe")]
    pub idle: Option<f64>,
    #[serde(deserialize_with = "ratio::one")]
    pub minimum: f64,
    pub cycle_days: Option<usize>,
    pub settlement_days: usize,
    pub grace_days: usize,
    pub recall: Recall,
}

impl Default for Cash {
    fn default() -> Self {
        Cash { idle: None, minimum: 0.0, cycle_days: None, settlement_days: 1, grace_days: 1, recall: Recall::ProRata }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Recall {
    #[default]
    ProRata,
    LargestFirst,
    RiskiestFirst,
    None,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Funding {
    #[serde(deserialize_with = "ratio::one")]
    pub roll_probability: f64,
    #[serde(deserialize_with = "ratio::by_name")]
    pub roll_probability_by_source: BTreeMap<String, f64>,
    pub roll_days: i32,
    #[serde(deserialize_with = "ratio::one")]
    pub loan_roll_probability: f64,
}

impl Default for Funding {
    fn default() -> Self {
        Funding { roll_probability: 1.0, roll_probability_by_source: BTreeMap::new(), roll_days: 30, loan_roll_probability: 1.0 }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Run {
    #[serde(deserialize_with = "ratio::one")]
    pub hazard_daily: f64,
    #[serde(deserialize_with = "ratio::one")]
    pub share: f64,
    pub notice_days: usize,
    pub loss_weight: f64,
    pub buffer_weight: f64,
    pub stress_weight: f64,
    pub buffer_days: f64,
}

impl Default for Run {
    fn default() -> Self {
        let (loss_weight, buffer_weight, stress_weight, buffer_days) = (20.0, 1.0, 3.0, 1.0);
        Run { hazard_daily: 0.0, share: 1.0, notice_days: 0, loss_weight, buffer_weight, stress_weight, buffer_days }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Hedge {
    pub tier: String,
    #[serde(deserialize_with = "ratio::one")]
    pub ratio: f64,
    pub symbols: Option<Vec<String>>,
    pub weighting: Weighting,
    #[serde(deserialize_with = "ratio::one")]
    pub basis_volatility_daily: f64,
    #[serde(deserialize_with = "ratio::one")]
    pub cost_annual: f64,
    #[serde(deserialize_with = "ratio::one")]
    pub margin: f64,
}

impl Default for Hedge {
    fn default() -> Self {
        Hedge {
            tier: "C".into(),
            ratio: 0.0,
            symbols: None,
            weighting: Weighting::Equal,
            basis_volatility_daily: 0.0,
            cost_annual: 0.0,
            margin: 0.12,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Weighting {
    #[default]
    Equal,
    Value,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Failure {
    pub sources: Vec<String>,
    pub source_day: usize,
    pub custodian: Option<Custodian>,
}

impl Default for Failure {
    fn default() -> Self {
        Failure { sources: Vec::new(), source_day: 1, custodian: None }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Custodian {
    pub day: usize,
    #[serde(deserialize_with = "ratio::one")]
    pub cash_share: f64,
    #[serde(deserialize_with = "ratio::one")]
    pub client_share: f64,
    #[serde(deserialize_with = "ratio::one")]
    pub haircut: f64,
    pub frozen_days: usize,
}

impl Default for Custodian {
    fn default() -> Self {
        Custodian { day: 1, cash_share: 1.0, client_share: 1.0, haircut: 0.1, frozen_days: 60 }
    }
}

/// Fires once on a path, at the first close at which every condition it names holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Trigger {
    pub name: Option<String>,
    #[serde(deserialize_with = "ratio::maybe")]
    pub pool_loss: Option<f64>,
    pub buffer_days: Option<f64>,
    #[serde(deserialize_with = "ratio::maybe")]
    pub stress: Option<f64>,
    pub loss_order: Option<Vec<String>>,
    #[serde(deserialize_with = "ratio::one")]
    pub recall: f64,
    pub recall_tier: Option<String>,
    pub replenish: BTreeMap<String, f64>,
}
