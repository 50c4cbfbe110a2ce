//! Holds the keys of `[[shocks]]`.

use crate::ratio;
use serde::{Deserialize, Serialize};

/// A stress laid over the returns of a path, in the order of the list. Days count sessions from 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shock {
    Gap(Gap),
    LimitDowns(LimitDowns),
    Volatility(Volatility),
    Correlation(Correlation),
    Drift(Drift),
    VolumeDryUp(VolumeDryUp),
    Suspension(Suspension),
    PinnedPath(PinnedPath),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Gap {
    pub day: usize,
    #[serde(deserialize_with = "ratio::one")]
    pub size: f64,
    #[serde(default)]
    pub on: On,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LimitDowns {
    pub first_day: usize,
    pub days: usize,
    /// The fall of a symbol without a price limit.
    #[serde(default = "tenth", deserialize_with = "ratio::one")]
    pub size_without_limit: f64,
    #[serde(default)]
    pub on: On,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Volatility {
    #[serde(deserialize_with = "ratio::one")]
    pub multiple: f64,
    #[serde(default)]
    pub first_day: Option<usize>,
    #[serde(default)]
    pub last_day: Option<usize>,
    #[serde(default)]
    pub on: On,
}

/// The pull towards the common move. It needs the market model's own means and deviations, which given paths do not have: a
/// world with it is refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Correlation {
    #[serde(deserialize_with = "ratio::one")]
    pub pull: f64,
    #[serde(default)]
    pub first_day: Option<usize>,
    #[serde(default)]
    pub last_day: Option<usize>,
    #[serde(default)]
    pub on: On,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Drift {
    /// Over all sessions of the stress together.
    #[serde(default, deserialize_with = "ratio::maybe")]
    pub total: Option<f64>,
    /// In 252 sessions.
    #[serde(default, deserialize_with = "ratio::maybe")]
    pub annual: Option<f64>,
    #[serde(default)]
    pub first_day: Option<usize>,
    #[serde(default)]
    pub last_day: Option<usize>,
    #[serde(default)]
    pub on: On,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct VolumeDryUp {
    #[serde(deserialize_with = "ratio::one")]
    pub multiple: f64,
    #[serde(default)]
    pub first_day: Option<usize>,
    #[serde(default)]
    pub last_day: Option<usize>,
    #[serde(default)]
    pub on: On,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Suspension {
    /// The probability that a name hit is suspended, decided on each path by the draw of [`crate::world::Purpose::Suspension`].
    #[serde(default = "whole", deserialize_with = "ratio::one")]
    pub share: f64,
    #[serde(default)]
    pub first_day: Option<usize>,
    pub days: usize,
    #[serde(default)]
    pub on: On,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PinnedPath {
    #[serde(deserialize_with = "ratio::one")]
    pub total: f64,
    /// `Index` needs each name's beta to the index, which is the market model's: [`crate::world::Instrument::beta`].
    #[serde(default)]
    pub what: Pinned,
    #[serde(default)]
    pub first_day: Option<usize>,
    #[serde(default)]
    pub last_day: Option<usize>,
    #[serde(default)]
    pub on: On,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Pinned {
    #[default]
    Index,
    Each,
}

/// What a shock hits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum On {
    #[default]
    All,
    Board(Board),
    Sector(String),
    Symbols(Vec<String>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Board {
    Main,
    Star,
    Chinext,
    Bse,
    /// B shares.
    B,
    Etf,
    #[serde(rename = "etf-20")]
    Etf20,
    /// Closed and listed funds.
    Fund,
    Convertible,
    /// No price limit, lots only where they are written, no T+1.
    #[default]
    None,
}

fn tenth() -> f64 {
    0.1
}

fn whole() -> f64 {
    1.0
}
