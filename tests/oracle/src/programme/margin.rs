//! Holds the keys of `[margin]`.

use crate::date::Date;
use crate::ratio;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Lines on the maintenance ratio, and what acts beside them. A line that is absent is not in force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Margin {
    #[serde(deserialize_with = "ratio::maybe")]
    pub warning: Option<f64>,
    #[serde(deserialize_with = "ratio::maybe")]
    pub limit: Option<f64>,
    #[serde(deserialize_with = "ratio::maybe")]
    pub call: Option<f64>,
    pub cure_days: Option<usize>,
    #[serde(deserialize_with = "ratio::maybe")]
    pub cured_at: Option<f64>,
    #[serde(deserialize_with = "ratio::maybe")]
    pub liquidation: Option<f64>,
    #[serde(deserialize_with = "ratio::maybe")]
    pub restore_to: Option<f64>,
    pub delay_days: Option<usize>,
    #[serde(deserialize_with = "ratio::maybe")]
    pub withdrawal: Option<f64>,
    #[serde(deserialize_with = "ratio::maybe")]
    pub initial_margin: Option<f64>,
    pub limit_action: Option<LimitAction>,
    pub stop: Stop,
    pub haircuts: Option<Haircuts>,
    pub volatility_trigger: Option<VolatilityTrigger>,
    pub dynamic: Option<Dynamic>,
    pub template: Option<Template>,
    pub rulebook: Option<String>,
    pub version: Option<Date>,
    pub products: BTreeMap<String, String>,
    /// The ratio counts the loan net of the account's cash: own capital as a share of market value, as in Regulation T.
    pub net_of_cash: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum LimitAction {
    #[default]
    NoPurchases,
    ReduceTo(#[serde(deserialize_with = "ratio::one")] f64),
    CapLeverage(#[serde(deserialize_with = "ratio::one")] f64),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Stop {
    #[serde(deserialize_with = "ratio::maybe")]
    pub position_loss: Option<f64>,
    #[serde(deserialize_with = "ratio::maybe")]
    pub drawdown: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Haircuts {
    pub base: HaircutBase,
    pub widening: f64,
    #[serde(deserialize_with = "ratio::one")]
    pub cap: f64,
}

impl Default for Haircuts {
    fn default() -> Self {
        Haircuts { base: HaircutBase::None, widening: 0.0, cap: 0.9 }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum HaircutBase {
    #[default]
    None,
    /// All but the conversion rate of the instruments file.
    Collateral,
    Flat(#[serde(deserialize_with = "ratio::one")] f64),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct VolatilityTrigger {
    pub measure: Movement,
    #[serde(deserialize_with = "ratio::one")]
    pub threshold: f64,
    pub days: usize,
    #[serde(deserialize_with = "ratio::one")]
    pub above_leverage: f64,
    #[serde(deserialize_with = "ratio::maybe")]
    pub limit: Option<f64>,
    #[serde(deserialize_with = "ratio::maybe")]
    pub cut_to_leverage: Option<f64>,
}

impl Default for VolatilityTrigger {
    fn default() -> Self {
        let measure = Movement::Absolute;
        VolatilityTrigger { measure, threshold: 0.05, days: 1, above_leverage: 3.0, limit: None, cut_to_leverage: None }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Movement {
    #[default]
    Absolute,
    Realised(usize),
    Range(usize),
    Weighted,
    SessionRange,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Dynamic {
    pub method: DynamicMethod,
    #[serde(deserialize_with = "ratio::one")]
    pub floor: f64,
    #[serde(deserialize_with = "ratio::one")]
    pub cap: f64,
    #[serde(deserialize_with = "ratio::one")]
    pub stressed_weight: f64,
    #[serde(deserialize_with = "ratio::one")]
    pub buffer: f64,
    pub lookback_floor: bool,
}

impl Default for Dynamic {
    fn default() -> Self {
        let method = DynamicMethod::Volatility;
        Dynamic { method, floor: 1.0, cap: 3.0, stressed_weight: 0.0, buffer: 0.0, lookback_floor: false }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum DynamicMethod {
    #[default]
    Volatility,
    ValueAtRisk(ValueAtRisk),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct ValueAtRisk {
    #[serde(deserialize_with = "ratio::one")]
    pub confidence: f64,
    pub days: usize,
}

impl Default for ValueAtRisk {
    fn default() -> Self {
        ValueAtRisk { confidence: 0.99, days: 2 }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Template {
    #[serde(deserialize_with = "ratio::one")]
    pub calm_leverage: f64,
    #[serde(deserialize_with = "ratio::one")]
    pub stress_leverage: f64,
    pub liquid_days: f64,
    #[serde(deserialize_with = "ratio::one")]
    pub participation: f64,
    pub depth_refills: f64,
    pub enforce: bool,
}

impl Default for Template {
    fn default() -> Self {
        Template { calm_leverage: 3.0, stress_leverage: 1.5, liquid_days: 5.0, participation: 0.2, depth_refills: 20.0, enforce: false }
    }
}
