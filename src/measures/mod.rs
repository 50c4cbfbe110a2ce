//! Turns outcomes into estimates: a value, its standard error, its interval, and a flag where the tail is too thin.

use crate::engine::outcome::Outcome;
use crate::model::book::Book;
use crate::model::case::Scenario;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The unit a figure is stated in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// The programme's currency.
    Money,
    /// A fraction, shown per cent.
    Ratio,
    /// Trading days.
    Days,
    /// A plain number (a Sharpe ratio).
    Number,
    /// A count of accounts.
    Count,
}

/// Why a figure must not be read bare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flag {
    /// Too few samples lie beyond the quantile.
    ThinTail,
    /// The interval has no finite upper end at this number of paths.
    OpenInterval,
    /// Nothing to divide by (no account was called, say); the value is not defined.
    Undefined,
}

/// A Monte Carlo figure with its doubt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    pub value: f64,
    pub std_error: f64,
    pub ci_low: f64,
    /// Absent (`null`) when the interval is open.
    pub ci_high: Option<f64>,
    pub paths: u64,
    pub unit: Unit,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<Flag>,
}

/// Estimates by dotted, stable key.
pub type Estimates = BTreeMap<String, Estimate>;

/// Every measure of one scenario.
pub fn estimate(_scenario: &Scenario, _book: &Book, _outcome: &Outcome) -> Estimates {
    todo!()
}

/// Every measure's paired difference, scenario less base on the same paths; empty where the paths are not common.
pub fn difference(_scenario: &Scenario, _book: &Book, _outcome: &Outcome, _base: &Outcome) -> Estimates {
    todo!()
}
