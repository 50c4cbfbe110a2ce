//! Holds an estimate as it is stated: its value, error and interval, its unit, and why it must not be read bare.

use serde::{Deserialize, Serialize};

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
    /// Fewer than ten paths show what is measured, or none.
    RareEvent,
    /// The interval has no finite upper end at this number of paths.
    OpenInterval,
    /// Nothing to divide by (no account was called, say); the value is not defined.
    Undefined,
}

/// A Monte Carlo figure with its doubt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    pub value: f64,
    /// Infinite (`null`) where no path tells it.
    pub std_error: f64,
    /// Minus infinity (`null`) when the interval is open below.
    pub ci_low: f64,
    /// Absent (`null`) when the interval is open.
    pub ci_high: Option<f64>,
    pub paths: u64,
    /// Of a sample: as many paths of plain sampling would have the same error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plain_paths: Option<u64>,
    pub unit: Unit,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<Flag>,
    /// What bounds at other confidences are made from.
    #[serde(skip)]
    pub basis: Basis,
}

impl Estimate {
    /// Half of the interval; infinite where it has no end.
    pub fn half_width(&self) -> f64 {
        self.ci_high.map_or(f64::INFINITY, |high| (high - self.ci_low) / 2.0)
    }

    /// The same as a share of the figure; nothing where that is no number.
    pub fn relative_half_width(&self) -> Option<f64> {
        Some(self.half_width() / self.value.abs()).filter(|share| share.is_finite())
    }
}

/// What a one-sided bound of an estimate is made from, at any confidence.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Basis {
    /// The sides of the interval shown, scaled.
    #[default]
    Sides,
    /// Standard error, skewness of the figure itself, and its range.
    Skewed { skewness: f64, least: f64, most: f64 },
    /// A count of plain paths out of so many.
    Count { hits: u64, of: u64 },
    /// How far the figure would move down and up if all of so many plain paths showed something else, and its range.
    Unseen { down: f64, up: f64, least: f64, most: f64, of: u64 },
    /// Known without error.
    Exact,
}
