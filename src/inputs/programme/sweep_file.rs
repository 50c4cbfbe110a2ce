//! Mirrors the file of a sweep, and finds what is wrong with it before any programme is read.

use super::plan::PlanFile;
use super::plan_file::{self, Faults, Head, Require, Say, check_names, number, say_at, titled, value};
use super::typed::{list, nearest_fix};
use crate::model::sweep::{Better, Design, Form, Key, SETTINGS, Value, evenly, latin};
use crate::problem::Problems;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The file, but for the programme it names or holds.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct SweepFile {
    /// Version of the format: 1.
    pub schema: Option<u32>,
    /// Name of the sweep, shown on its report.
    pub name: Option<String>,
    /// The scenario that settings are laid over; the base when absent.
    pub scenario: Option<String>,
    /// Paths of every setting; the programme's when absent.
    pub paths: Option<u64>,
    /// How settings are made of the keys' values.
    pub design: Design,
    /// Settings of a random design.
    pub settings: Option<u32>,
    /// Seed of a random design.
    pub seed: u64,
    /// Keys of summary.json.
    pub measures: Vec<String>,
    /// The two measures that settings are set against each other in; the first two when absent.
    pub frontier: Option<Vec<String>>,
    /// The better side of a measure, where it is not the usual one.
    pub better: BTreeMap<String, Better>,
    /// Keys that every setting has in common.
    #[schemars(with = "BTreeMap<String, serde_json::Value>")]
    pub set: toml::Table,
    pub key: Vec<KeyFile>,
    /// Its name in a Chinese report.
    pub zh: Zh,
}

/// One `[[key]]`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct KeyFile {
    /// The key of a programme, dotted.
    pub name: Option<String>,
    /// Further keys that take the same value.
    pub also: Vec<String>,
    /// What the report calls it; its name when absent.
    pub title: Option<String>,
    #[schemars(with = "Vec<serde_json::Value>")]
    pub values: Vec<toml::Value>,
    /// What the report calls the values.
    pub labels: Vec<String>,
    /// In place of values: the range, and how many values at equal distances.
    #[schemars(with = "Option<serde_json::Value>")]
    pub from: Option<toml::Value>,
    #[schemars(with = "Option<serde_json::Value>")]
    pub to: Option<toml::Value>,
    pub steps: Option<u32>,
    /// Its title and labels in a Chinese report.
    pub zh: Zh,
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Zh {
    pub name: Option<String>,
    pub title: Option<String>,
    pub labels: Vec<String>,
}

impl KeyFile {
    /// Every name of a key, in order.
    pub fn names(&self) -> Vec<&str> {
        self.name.iter().chain(&self.also).map(String::as_str).collect()
    }
}

impl SweepFile {
    /// Finds what is wrong with each key by itself.
    pub fn check(&self, faults: &Faults<'_>, problems: &mut Problems) {
        let mut require = |holds: bool, path: &[&str], what: &str, why: &str, fix: &str| {
            if !holds {
                problems.push(faults.problem(path, what.to_string(), why, fix));
            }
        };
        let head = Head {
            schema: self.schema,
            name: self.name.as_ref(),
            zh_name: self.zh.name.as_ref(),
            paths: self.paths,
            seed: self.seed,
            measures: &self.measures,
            set: &self.set,
        };
        head.check(&Self::WHAT, &mut require);
        for measure in self.better.keys().filter(|measure| !self.measures.contains(measure)) {
            let fix = nearest_fix(measure, &self.measures, "name it under `measures` too, or remove it");
            let what = format!("`{measure}` is none of the measures");
            require(false, &["better", measure], &what, "a side is that of a measure looked at", &fix);
        }
        self.check_design(&mut require);
    }

    /// Finds what is wrong with the number of keys and settings.
    fn check_design(&self, require: Require<'_>) {
        let fix = "add a [[key]] with name and values";
        require(!self.key.is_empty(), &["key"], "no key is swept", "a sweep changes a key at least", fix);
        let (what, fix) = (format!("found {} keys", self.key.len()), "leave some out, or give them one value with `also`");
        require(self.key.len() <= KEYS, &["key"], &what, "a sweep changes at most 12 keys", fix);
        let goes = (self.design == Design::Random) == self.settings.is_some();
        let fix = "write settings = 50 with design = \"random\", and with no other";
        let why = "a random design says how many settings it has";
        require(goes, &["settings"], "`settings` and `design` do not go together", why, fix);
        let within = self.settings.is_none_or(|n| (2..=SETTINGS as u32).contains(&n));
        let what = format!("found {}", self.settings.unwrap_or(0));
        require(within, &["settings"], &what, "a design has 2 to 1000 settings", "write another number");
    }

    /// The keys with their values; problems of each.
    pub fn keys(&self, faults: &Faults<'_>, problems: &mut Problems) -> Vec<Key> {
        let keys: Vec<Key> = self.key.iter().enumerate().map(|(at, key)| self.key(at, key, faults, problems)).collect();
        let count = keys.first().map_or(0, |key| key.values.len());
        for (at, key) in keys.iter().enumerate().filter(|(_, key)| self.design == Design::List && key.values.len() != count) {
            let what = format!("{} values, the first key has {count}", key.values.len());
            let why = "a list takes the first values of all keys together, then the second, and so on";
            problems.push(faults.problem(
                &["key", &at.to_string()],
                what,
                why,
                "give every key as many values, or write design = \"grid\"",
            ));
        }
        keys
    }

    fn key(&self, at: usize, key: &KeyFile, faults: &Faults<'_>, problems: &mut Problems) -> Key {
        let mut say = say_at(at, faults, problems);
        let before: Vec<&str> = self.key[..at].iter().flat_map(KeyFile::names).collect();
        check_names(&key.names(), &before, key.name.is_some(), &Self::WHAT, &mut say);
        let title = titled(key.name.as_ref(), key.title.as_ref(), key.zh.title.as_ref(), &mut say);
        let values = if key.values.is_empty() { self.range(at, key, &mut say) } else { self.written(key, &mut say) };
        Key { names: key.names().into_iter().map(String::from).collect(), title, values: labelled(values, key, &mut say) }
    }

    /// Values as they are written.
    fn written(&self, key: &KeyFile, say: Say<'_>) -> Vec<Value> {
        for (step, given) in [("from", key.from.is_some()), ("to", key.to.is_some()), ("steps", key.steps.is_some())] {
            if given {
                say(step, "stands beside `values`".into(), "a key has values, or a range", "remove one of them".into());
            }
        }
        if self.design == Design::Random {
            say(
                "values",
                "are given".into(),
                "a random design draws its values between `from` and `to`",
                "write a range, or another design".into(),
            );
        }
        key.values.iter().map(value).collect()
    }

    /// Values between bounds: at equal distances, or drawn.
    fn range(&self, at: usize, key: &KeyFile, say: Say<'_>) -> Vec<Value> {
        let Some(((from, form), (to, other))) = key.from.as_ref().and_then(number).zip(key.to.as_ref().and_then(number)) else {
            let what = if key.from.is_none() && key.to.is_none() { "no values" } else { "a range needs two numbers" };
            say("", what.into(), "a swept key has values, or `from` and `to`", "write for example values = [\"105%\", \"110%\"]".into());
            return Vec::new();
        };
        let form = if form == other { form } else { Form::Plain };
        if from >= to {
            say("from", "does not lie below `to`".into(), "a range rises", "swap them".into());
            return Vec::new();
        }
        match (self.design, key.steps) {
            (Design::Random, None) => latin(from, to, self.settings.unwrap_or(0).min(SETTINGS as u32) as usize, form, (self.seed, at)),
            (Design::Random, Some(_)) => {
                say("steps", "are given".into(), "a random design draws as many values as it has settings", "remove the key".into());
                Vec::new()
            }
            (_, Some(steps)) if (2..=SETTINGS as u32).contains(&steps) => {
                let values = evenly(from, to, steps as usize, form);
                let apart = values.windows(2).all(|pair| pair[0].toml != pair[1].toml);
                if !apart {
                    say(
                        "steps",
                        format!("{steps} values are not apart"),
                        "a range of whole numbers has no more values than numbers",
                        "write fewer steps".into(),
                    );
                }
                values
            }
            (_, Some(steps)) => {
                say("steps", format!("found {steps}"), "a range has 2 to 1000 values", "write for example steps = 5".into());
                Vec::new()
            }
            (_, None) => {
                say("", "`steps` is missing".into(), "a range says how many values it has", "add for example steps = 5".into());
                Vec::new()
            }
        }
    }

    /// The two measures that settings are set against each other in, by their numbers.
    pub fn frontier(&self, faults: &Faults<'_>, problems: &mut Problems) -> Option<[usize; 2]> {
        let Some(named) = &self.frontier else { return (self.measures.len() > 1).then_some([0, 1]) };
        if named.is_empty() {
            return None;
        }
        let found: Vec<Option<usize>> = named.iter().map(|name| self.measures.iter().position(|measure| measure == name)).collect();
        for (at, name) in named.iter().enumerate().filter(|(at, _)| found[*at].is_none()) {
            let why = format!("the measures are {}", list(&self.measures));
            let fix = nearest_fix(name, &self.measures, "name it under `measures` too");
            problems.push(faults.problem(&["frontier", &at.to_string()], format!("`{name}` is none of the measures"), why, fix));
        }
        match found[..] {
            [Some(a), Some(b)] if a != b => Some([a, b]),
            [Some(_), None] | [None, _] => None,
            _ => {
                let what = format!("{} measures", named.len());
                problems.push(faults.problem(&["frontier"], what, "a frontier is of two measures", "name two, or [] for none"));
                None
            }
        }
    }
}

/// The most keys of a sweep: a chart has a panel for each.
const KEYS: usize = 12;

/// Values with the labels written for them, each of its own.
fn labelled(mut values: Vec<Value>, key: &KeyFile, say: Say<'_>) -> Vec<Value> {
    if !plan_file::label(&mut values, &key.labels, &key.zh.labels, say) {
        return values;
    }
    for (at, value) in values.iter().enumerate().filter(|_| !key.values.is_empty()) {
        if values[..at].iter().any(|before| before.toml == value.toml) {
            say(
                &format!("values/{at}"),
                format!("{} stands twice", value.toml),
                "each value makes settings of its own",
                "remove one of them".into(),
            );
        } else {
            let step = if key.labels.is_empty() { format!("values/{at}") } else { format!("labels/{at}") };
            plan_file::check_label(value, &step, say);
        }
    }
    values
}
