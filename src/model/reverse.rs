//! States a reverse stress test as a programme writes it: a limit, and what is changed until the limit fails.

use super::shock::Shock;
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One entry of `reverse`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Reverse {
    /// What the report calls it.
    #[schemars(length(min = 1, max = 100))]
    pub name: String,
    /// A key of `summary.json`, for example `tier.A.hit_probability`.
    pub measure: String,
    /// The limit: the measure must stay at or below this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<Ratio>,
    /// The limit: the measure must stay at or above this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<Ratio>,
    /// Confidence with which the limit is said to fail, and to hold.
    #[serde(default = "confidence_95")]
    pub confidence: Ratio,
    /// The scenario that changes are laid over; the base when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// Paths of every place that is tried; the scenario's, at most 10,000, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paths: Option<u64>,
    /// How several changes are put together.
    #[serde(default)]
    pub search: Search,
    pub change: Vec<Change>,
    /// Its name in a Chinese report.
    #[serde(default, skip_serializing_if = "ReverseZh::is_empty")]
    pub zh: ReverseZh,
}

fn confidence_95() -> Ratio {
    Ratio::from_fraction(0.95)
}

/// How several changes are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Search {
    /// Each by itself; the one that needs the smallest part of its way is named.
    #[default]
    Each,
    /// All at once, each the same part of its way.
    Together,
    /// Two of them in every proportion: the curve on which the limit fails.
    Curve,
    /// Falls of prices in the proportion that the fitted model makes the most plausible.
    Plausible,
}

/// One change: a key that moves, or a shock that grows.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Change {
    /// The key of a programme that moves, dotted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Where it starts; as the scenario has it when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Written>,
    /// The furthest it goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Written>,
    /// In place of a key: the largest shock, laid over the scenario behind its own; smaller ones in proportion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shock: Option<Shock>,
    /// What the report calls it; the key, or the shock, when absent.
    #[schemars(length(min = 1, max = 100))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its title in a Chinese report.
    #[serde(skip_serializing_if = "ChangeZh::is_empty")]
    pub zh: ChangeZh,
}

/// The words of a test in a Chinese report.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ReverseZh {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    pub name: Option<String>,
}

/// The words of a change in a Chinese report.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ChangeZh {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    pub title: Option<String>,
}

impl ReverseZh {
    pub fn is_empty(&self) -> bool {
        self.name.is_none()
    }
}

impl ChangeZh {
    pub fn is_empty(&self) -> bool {
        self.title.is_none()
    }
}

/// Paths of every place tried where a reverse stress test names none, at most.
pub const PATHS: u64 = 10_000;

impl Reverse {
    /// Paths of every setting that is tried, in a scenario of so many.
    pub fn paths_of(&self, paths: u64) -> u64 {
        self.paths.unwrap_or(paths.min(PATHS))
    }

    /// The value the measure must not go beyond.
    pub fn limit(&self) -> Limit {
        match (self.below, self.above) {
            (Some(below), _) => Limit { value: below.get(), side: Side::Below },
            (None, above) => Limit { value: above.map_or(f64::NAN, Ratio::get), side: Side::Above },
        }
    }
}

/// The side that a measure must stay on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    Below,
    Above,
}

/// A value and the side of it that a measure must stay on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Limit {
    pub value: f64,
    pub side: Side,
}

impl Limit {
    /// How far a value lies beyond the limit; negative where it holds.
    pub fn excess(&self, value: f64) -> f64 {
        match self.side {
            Side::Below => value - self.value,
            Side::Above => self.value - value,
        }
    }
}

/// A number as a programme writes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Written {
    Whole(i64),
    Plain(f64),
    /// A percentage.
    Text(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_exceeded_on_its_wrong_side() {
        let limit = |side| Limit { value: 2.0, side };
        assert_eq!((limit(Side::Below).excess(3.0), limit(Side::Above).excess(3.0)), (1.0, -1.0));
    }
}
