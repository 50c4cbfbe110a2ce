//! Mirrors the file of a study of sensitivity, and finds what is wrong with it before any programme is read.

use super::plan::PlanFile;
use super::plan_file::{self, Faults, Head, Require, Say, check_names, number, say_at, titled, value};
use crate::model::sweep::{Form, Key, SETTINGS, Value, drawn};
use crate::model::tornado::Method;
use crate::problem::Problems;
use schemars::JsonSchema;
use serde::Deserialize;

/// The file, but for the programme it names or holds.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct TornadoFile {
    /// Version of the format: 1.
    pub schema: Option<u32>,
    /// Name of the study, shown on its report.
    pub name: Option<String>,
    /// The scenario whose keys are varied; the base when absent.
    pub scenario: Option<String>,
    /// Paths of every setting; the programme's when absent.
    pub paths: Option<u64>,
    /// How settings are made of the keys' ends.
    pub method: Method,
    /// Rows of a Sobol' design.
    pub rows: Option<u32>,
    /// Seed of a Sobol' design.
    pub seed: u64,
    /// Keys of summary.json.
    pub measures: Vec<String>,
    /// Keys that every setting has in common.
    #[schemars(with = "std::collections::BTreeMap<String, serde_json::Value>")]
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
    /// The ends of its range.
    #[schemars(with = "Option<serde_json::Value>")]
    pub low: Option<toml::Value>,
    #[schemars(with = "Option<serde_json::Value>")]
    pub high: Option<toml::Value>,
    /// What it is while others vary; the programme's own value when absent.
    #[schemars(with = "Option<serde_json::Value>")]
    pub base: Option<toml::Value>,
    /// What the report calls the low and the high end.
    pub labels: Vec<String>,
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

/// The most keys: a chart has a bar for each.
const KEYS: usize = 24;
/// The fewest rows whose spread tells an error.
const ROWS: u32 = 8;

impl KeyFile {
    /// Every name of a key, in order.
    pub fn names(&self) -> Vec<&str> {
        self.name.iter().chain(&self.also).map(String::as_str).collect()
    }
}

impl TornadoFile {
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
        self.check_design(&mut require);
    }

    /// Finds what is wrong with the number of keys and settings.
    fn check_design(&self, require: Require<'_>) {
        let keys = self.key.len();
        let fix = "add a [[key]] with name, low and high";
        require(keys > 0, &["key"], "no key is varied", "a sensitivity is that of a measure to a key", fix);
        let (what, fix) = (format!("found {keys} keys"), "leave some out, or give them one range with `also`");
        require(keys <= KEYS, &["key"], &what, "a chart has room for 24 keys", fix);
        let sobol = self.method == Method::Sobol;
        let fix = "write rows = 100 with method = \"sobol\", and with no other";
        require(sobol == self.rows.is_some(), &["rows"], "`rows` and `method` do not go together", "a Sobol' design has rows", fix);
        require(sobol || self.seed == 0, &["seed"], "nothing is drawn", "a Sobol' design alone is drawn by chance", "remove the key");
        let Some(rows) = self.rows.filter(|_| sobol) else { return };
        let (settings, most) = (u64::from(rows) * (keys as u64 + 2), SETTINGS / (keys + 2));
        let why = format!("a design has {ROWS} rows at least, for their spread to tell its error");
        require(rows >= ROWS, &["rows"], &format!("found {rows}"), &why, "write more");
        let what = format!("{rows} rows of {keys} keys are {settings} settings");
        let why = format!("a row has a setting for each key and two more, and a programme holds at most {SETTINGS}");
        require(settings <= SETTINGS as u64, &["rows"], &what, &why, &format!("write at most {most} rows, or leave out keys"));
    }

    /// The keys with their values; problems of each.
    pub fn keys(&self, faults: &Faults<'_>, problems: &mut Problems) -> Vec<Key> {
        self.key.iter().enumerate().map(|(at, key)| self.key(at, key, &mut say_at(at, faults, problems))).collect()
    }

    fn key(&self, at: usize, key: &KeyFile, say: Say<'_>) -> Key {
        let before: Vec<&str> = self.key[..at].iter().flat_map(KeyFile::names).collect();
        check_names(&key.names(), &before, key.name.is_some(), &Self::WHAT, say);
        let title = titled(key.name.as_ref(), key.title.as_ref(), key.zh.title.as_ref(), say);
        let names = key.names().into_iter().map(String::from).collect();
        let (Some(low), Some(high)) = (&key.low, &key.high) else {
            let lacking = if key.low.is_none() { "low" } else { "high" };
            let fix = format!("add for example {lacking} = \"105%\"");
            say("", format!("`{lacking}` is missing"), "a key is varied between two ends", fix);
            return Key { names, title, values: Vec::new() };
        };
        let mut values = vec![value(low), value(high)];
        if values[0].toml == values[1].toml {
            say("high", "is `low`".into(), "a key is varied between two ends", "write another value".into());
        }
        if plan_file::label(&mut values, &key.labels, &key.zh.labels, say) {
            for (value, step) in values.iter().zip(["low", "high"]) {
                plan_file::check_label(value, step, say);
            }
        }
        match self.method {
            Method::OneAtATime => values.extend(key.base.as_ref().map(|base| {
                let base = value(base);
                plan_file::check_label(&base, "base", say);
                base
            })),
            Method::Sobol => values.extend(self.draws(at, key, say)),
        }
        Key { names, title, values }
    }

    /// The draws of a key in a Sobol' design: of A for every row, then of B.
    fn draws(&self, at: usize, key: &KeyFile, say: Say<'_>) -> Vec<Value> {
        if key.base.is_some() {
            say("base", "is given".into(), "a Sobol' design draws every key in every setting", "remove the key".into());
        }
        let Some(((from, form), (to, other))) = key.low.as_ref().and_then(number).zip(key.high.as_ref().and_then(number)) else {
            say("low", "is no range of numbers".into(), "a Sobol' design draws values between two numbers", "write numbers".into());
            return Vec::new();
        };
        if from > to {
            say("low", "does not lie below `high`".into(), "a range rises", "swap them".into());
        }
        if from >= to {
            return Vec::new();
        }
        let form = if form == other { form } else { Form::Plain };
        let rows = self.rows.unwrap_or(0).min(SETTINGS as u32) as usize;
        (0..2).flat_map(|point| drawn(from, to, rows, form, (self.seed, at, point))).collect()
    }
}
