//! States a reverse stress test: a limit, and what is changed until the limit fails.
//!
//! Every change runs from a start, where nothing is changed, to the furthest that is looked at. A place on the way is a fraction from 0 to
//! 1: a number between the two, to ten decimals, a whole number where both are. A shock has a size, which is 0, or a multiple of 1, at the
//! start: a fall of prices to −60 % is one of −30 % half the way. Values between the ends are rounded to a decimal that tells a four thousandth of
//! the way: of a way of 60 % to a hundredth of a per cent.

use super::case::Scenario;
use super::shock::Shock;
use super::sweep::{Form, Named, Value, bound};
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
    pub fn name(&self) -> Named {
        Named { en: self.name.clone(), zh: self.zh.name.clone().unwrap_or_else(|| self.name.clone()) }
    }

    pub fn paths_of(&self, scenario: &Scenario) -> u64 {
        self.paths.unwrap_or_else(|| scenario.case.simulation.paths.min(PATHS))
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

/// What a change moves.
#[derive(Clone, Debug, PartialEq)]
pub enum Moves {
    /// A key of a programme.
    Key(String),
    /// The size of a shock: the key of it.
    Shock(Box<Shock>, &'static str),
}

/// The way of a change, resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    pub moves: Moves,
    pub title: Named,
    pub from: f64,
    pub to: f64,
    pub form: Form,
}

/// Part of a way that its values tell.
const TOLD: f64 = 4000.0;

impl Way {
    /// The value at a place on the way.
    pub fn at(&self, place: f64) -> Value {
        let value = self.from + (self.to - self.from) * place;
        if place == 0.0 || place == 1.0 || self.form == Form::Whole {
            return Value::of(value, self.form);
        }
        let scale = if self.form == Form::Percent { 100.0 } else { 1.0 };
        let text = format!("{:e}", (self.to - self.from).abs() * scale / TOLD);
        let exponent: i32 = text.split_once('e').and_then(|(_, e)| e.parse().ok()).expect("a number has an exponent");
        let unit: f64 = format!("1e{exponent}").parse().expect("a power of ten");
        Value::of(libm::round(value * scale / unit) * unit / scale, self.form)
    }

    /// The place on the way at which the value is written as that of `place` is.
    pub fn snapped(&self, place: f64) -> f64 {
        if place == 0.0 || place == 1.0 {
            return place;
        }
        (self.at(place).number.expect("a number") - self.from) / (self.to - self.from)
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

impl Written {
    /// The number, and how it is written; nothing where it is none.
    pub fn number(&self) -> Option<(f64, Form)> {
        match self {
            Written::Whole(whole) => Some((*whole as f64, Form::Whole)),
            Written::Plain(number) => number.is_finite().then_some((*number, Form::Plain)),
            Written::Text(text) if text.trim_end().ends_with('%') => bound(text).map(|number| (number, Form::Percent)),
            Written::Text(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_have_few_places() {
        let way = Way { moves: Moves::Key("margin.cure-days".into()), title: Named::alike("days"), from: 1.0, to: 5.0, form: Form::Whole };
        assert_eq!([0.0, 0.1, 0.2, 0.9, 1.0].map(|place| way.snapped(place)), [0.0, 0.0, 0.25, 1.0, 1.0]);
        assert_eq!(way.at(0.55).toml, "3");
        let fall = Way { from: 0.0, to: -0.6, form: Form::Percent, ..way };
        assert_eq!((fall.at(0.5).toml.as_str(), fall.at(0.123_45).toml.as_str()), ("\"-30%\"", "\"-7.41%\""));
        assert!((fall.snapped(0.123_45) - 0.1235).abs() < 1e-12);
        let money = Way { from: 4e7, to: 1e7, form: Form::Plain, ..fall };
        assert_eq!((money.at(0.123_456).toml.as_str(), money.at(1.0).toml.as_str()), ("36296000.0", "10000000.0"));
    }

    #[test]
    fn a_limit_is_exceeded_on_its_wrong_side() {
        let limit = |side| Limit { value: 2.0, side };
        assert_eq!((limit(Side::Below).excess(3.0), limit(Side::Above).excess(3.0)), (1.0, -1.0));
    }
}
