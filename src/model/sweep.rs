//! States a sweep: which keys take which values, and the settings that its design makes of them.
//!
//! A grid is every combination of the keys' values, the last key turning fastest. A list takes the first value of every key
//! together, then the second. A random design is a Latin hypercube (McKay, Beckman, Conover 1979): each key's range is cut into
//! as many equal parts as there are settings, a value is drawn in each part, and the parts of the keys are put together by chance.
//!
//! Worked: keys of 2 and 3 values make a grid of 6 settings; (0, 0), (0, 1), (0, 2), (1, 0), …

use super::case::Language;
use crate::maths::random::{Stream, Streams};
use crate::units::Ratio;
use serde::{Deserialize, Serialize};

/// The most settings of one sweep.
pub const SETTINGS: usize = 1000;

/// A name in both languages of a report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Named {
    pub en: String,
    pub zh: String,
}

impl Named {
    /// The same name in both.
    pub fn alike(name: impl Into<String>) -> Named {
        let en = name.into();
        Named { zh: en.clone(), en }
    }

    pub fn get(&self, language: Language) -> &str {
        if language == Language::Zh { &self.zh } else { &self.en }
    }
}

/// A value that a key takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// As a programme writes it.
    pub toml: String,
    /// What stands on an axis; none where the value is no number.
    pub number: Option<f64>,
    pub label: Named,
}

/// A key of a programme that is swept, or several that take the same value.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    pub names: Vec<String>,
    pub title: Named,
    pub values: Vec<Value>,
}

/// How settings are made of the keys' values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Design {
    #[default]
    Grid,
    List,
    Random,
}

/// Which side of a measure is the better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Better {
    Lower,
    Higher,
}

/// Measures of which more is better; of every other less is.
const HIGHER: [&str; 13] = [
    "market_return.mean",
    "market_worst_day.mean",
    "lender_pnl.mean",
    "pool_return.mean",
    "sharpe",
    "sortino",
    "cure_rate",
    "cure_share",
    "recourse.mean",
    "cash_min.mean",
    "buffer_days_min.mean",
    "survival_days.mean",
    "buffer_days.start",
];

impl Better {
    /// The better side of a measure where nothing else is written.
    pub fn of(measure: &str) -> Better {
        if HIGHER.contains(&measure) { Better::Higher } else { Better::Lower }
    }

    /// A difference as a gain: positive is better.
    pub fn gain(self, difference: f64) -> f64 {
        if self == Better::Higher { difference } else { -difference }
    }
}

/// What is swept, and what is looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    pub name: Named,
    pub design: Design,
    pub keys: Vec<Key>,
    /// Of each setting, the number of each key's value.
    pub settings: Vec<Vec<usize>>,
    /// Keys of `summary.json`, and which side is better.
    pub measures: Vec<(String, Better)>,
    /// The two of them that settings are set against each other in; nothing where there are fewer.
    pub frontier: Option<[usize; 2]>,
}

impl Sweep {
    /// The values of a setting, key by key.
    pub fn values(&self, setting: usize) -> impl Iterator<Item = &Value> {
        self.keys.iter().zip(&self.settings[setting]).map(|(key, at)| &key.values[*at])
    }
}

/// The settings of a design over keys with so many values each; a list and a random design have as many as the first key's values.
pub fn settings(design: Design, values: &[usize]) -> Vec<Vec<usize>> {
    if design != Design::Grid {
        return (0..values.first().copied().unwrap_or(0)).map(|at| vec![at; values.len()]).collect();
    }
    let all = values.iter().fold(vec![Vec::new()], |settings: Vec<Vec<usize>>, count| {
        settings.iter().flat_map(|head| (0..*count).map(move |at| [&head[..], &[at]].concat())).collect()
    });
    if values.is_empty() { Vec::new() } else { all }
}

/// How a number is written in a programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `"105%"`.
    Percent,
    /// `3`.
    Whole,
    /// `0.25`.
    Plain,
}

impl Value {
    /// A number of a range, to ten decimals.
    pub fn of(number: f64, form: Form) -> Value {
        let number = match form {
            Form::Percent => decimal(number * 100.0, 8) / 100.0,
            Form::Whole => libm::round(number),
            Form::Plain => decimal(number, 10),
        };
        let text = match form {
            Form::Percent => format!("{}%", shortest(number * 100.0, 8)),
            Form::Whole => format!("{number:.0}"),
            Form::Plain => shortest(number, 10),
        };
        let toml = match form {
            Form::Percent => format!("{text:?}"),
            Form::Plain if !text.contains('.') => format!("{text}.0"),
            Form::Whole | Form::Plain => text.clone(),
        };
        Value { toml, number: Some(number), label: Named::alike(text) }
    }
}

/// The number nearest to a decimal of so many places.
fn decimal(number: f64, places: usize) -> f64 {
    format!("{number:.places$}").parse().expect("a number in decimals")
}

fn shortest(number: f64, places: usize) -> String {
    let text = format!("{number:.places$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

/// A bound as it is written: a percentage, a whole number or another number.
pub fn bound(text: &str) -> Option<f64> {
    Ratio::parse(text).map(Ratio::get)
}

/// Values at equal distances, both ends among them.
pub fn evenly(from: f64, to: f64, steps: usize, form: Form) -> Vec<Value> {
    let last = steps.saturating_sub(1).max(1) as f64;
    (0..steps).map(|k| Value::of(from + (to - from) * (k as f64 / last), form)).collect()
}

/// The values of one key in a Latin hypercube of so many settings, in the order of the settings; `key` is its number.
pub fn latin(from: f64, to: f64, settings: usize, form: Form, (seed, key): (u64, usize)) -> Vec<Value> {
    let draws = Streams::new(seed).key(Stream::Sample, key as u64);
    let mut parts: Vec<usize> = (0..settings).collect();
    parts.sort_by_key(|part| (draws.bits(*part as u64, 0), *part));
    let share = |(setting, part): (usize, usize)| (part as f64 + draws.uniform(setting as u64, 1)) / settings as f64;
    parts.into_iter().enumerate().map(|part| within(from, to, share(part), form)).collect()
}

/// Values of one key drawn evenly over a range, each by itself; `draw` tells columns of the same key apart.
pub fn drawn(from: f64, to: f64, rows: usize, form: Form, (seed, key, draw): (u64, usize, u32)) -> Vec<Value> {
    let draws = Streams::new(seed).key(Stream::Sample, key as u64);
    // the first two draws are those of a Latin hypercube
    (0..rows).map(|row| within(from, to, draws.uniform(row as u64, 2 + draw), form)).collect()
}

/// The value at a share of a range, with as many digits as tell a hundred thousandth of it.
fn within(from: f64, to: f64, share: f64, form: Form) -> Value {
    let scale = if form == Form::Percent { 100.0 } else { 1.0 };
    let exponent: i32 =
        format!("{:e}", (to - from) * scale).split_once('e').and_then(|(_, e)| e.parse().ok()).expect("a number has an exponent");
    let places = (5 - exponent).clamp(0, 8) as usize;
    match form {
        // every whole number of the range has the same share of it
        Form::Whole => Value::of((from + libm::floor(share * (to - from + 1.0))).min(to), form),
        _ => Value::of(decimal((from + share * (to - from)) * scale, places) / scale, form),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_turns_its_last_key_fastest_and_a_list_takes_values_together() {
        assert_eq!(settings(Design::Grid, &[2, 3]), [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]);
        assert_eq!(settings(Design::List, &[2, 2]), [[0, 0], [1, 1]]);
        assert!(settings(Design::Grid, &[]).is_empty() && settings(Design::Grid, &[2, 0]).is_empty());
    }

    #[test]
    fn a_value_is_written_as_a_programme_writes_it() {
        let values = evenly(1.05, 1.25, 5, Form::Percent);
        assert_eq!(
            values.iter().map(|v| v.toml.as_str()).collect::<Vec<_>>(),
            ["\"105%\"", "\"110%\"", "\"115%\"", "\"120%\"", "\"125%\""]
        );
        assert_eq!(values[2].number, Some(1.15));
        assert_eq!(Value::of(2.0, Form::Plain).toml, "2.0");
        assert_eq!((Value::of(3.0, Form::Whole).toml.as_str(), Value::of(1.0 / 3.0, Form::Plain).toml.as_str()), ("3", "0.3333333333"));
        assert_eq!((bound("105%"), bound("x")), (Some(1.05), None));
    }

    #[test]
    fn a_latin_hypercube_has_a_value_in_every_part_of_every_range() {
        let values = latin(0.1, 0.5, 40, Form::Plain, (7, 1));
        let mut parts: Vec<usize> = values.iter().map(|v| ((v.number.unwrap() - 0.1) / 0.01) as usize).collect();
        assert_ne!(parts, (0..40).collect::<Vec<_>>(), "parts are put together by chance");
        parts.sort_unstable();
        assert_eq!(parts, (0..40).collect::<Vec<_>>());
        let days = latin(1.0, 4.0, 40, Form::Whole, (7, 2));
        let of = |day: f64| days.iter().filter(|v| v.number == Some(day)).count();
        assert_eq!([1.0, 2.0, 3.0, 4.0].map(of), [10; 4]);
        assert_ne!(latin(0.1, 0.5, 40, Form::Plain, (8, 1)), values, "another seed draws other values");
    }

    #[test]
    fn more_of_a_loss_is_worse_and_more_of_a_profit_is_better() {
        assert_eq!(Better::of("pool_loss.es_99").gain(2.0), -2.0);
        assert_eq!(Better::of("lender_pnl.mean").gain(2.0), 2.0);
    }
}
