//! Mirrors the file of a sweep, and finds what is wrong with it before any programme is read.

use super::locate::{Layer, Source, View};
use super::settings::Assignment;
use super::shape::{Node, case_keys, flat};
use super::typed::{self, list, nearest_fix};
use crate::model::sweep::{Better, Design, Form, Key, Named, SETTINGS, Value, bound, evenly, latin};
use crate::problem::{Place, Problem, Problems, visible};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::de::DeValue;

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

/// The version of the file's format that this program reads.
const SCHEMA: u32 = 1;

/// Letters of a name, a title or a label.
const LETTERS: usize = 100;

/// Places of the file's keys, for what is found after it was read.
pub struct Faults<'t> {
    source: &'t Source,
    tree: &'t DeValue<'t>,
}

impl Faults<'_> {
    fn with<T>(&self, of: impl FnOnce(&View<'_, '_>) -> T) -> T {
        let layers = [Layer { tree: self.tree, prefix: Vec::new(), flags: &[], start: None }];
        of(&View { source: self.source, current: self.tree, layers: &layers })
    }

    pub fn place(&self, path: &[&str]) -> Place {
        self.with(|view| view.place(path).1)
    }

    /// The line of a key, or of what stands above it.
    pub fn line(&self, path: &[&str]) -> usize {
        self.place(path).line.unwrap_or(1)
    }

    pub fn problem(&self, path: &[&str], what: String, why: impl Into<String>, fix: impl Into<String>) -> Problem {
        self.with(|view| view.problem(&[path], what, why, fix))
    }
}

/// Reads the tree of a sweep into its type, and checks what is wrong with it alone.
pub fn read<'t>(tree: &'t DeValue<'t>, source: &'t Source, problems: &mut Problems) -> (Option<SweepFile>, Faults<'t>) {
    let layers = [Layer { tree, prefix: Vec::new(), flags: &[], start: None }];
    let beside = ["programme".to_string()];
    let context = typed::Context { source, layers: &layers, shape: Node::of(flat::<SweepFile>()), beside: &beside, elsewhere: &[] };
    let file: Option<SweepFile> = typed::read(&mut tree.clone(), &context, problems);
    let faults = Faults { source, tree };
    if let Some(file) = file.as_ref().filter(|_| problems.is_empty()) {
        file.check(&faults, problems);
    }
    (file, faults)
}

/// A key as TOML writes it.
pub fn quoted(key: &str) -> String {
    let bare = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if bare { key.to_string() } else { toml::Value::from(key).to_string() }
}

impl KeyFile {
    /// Every name of a key, in order.
    pub fn names(&self) -> Vec<&str> {
        self.name.iter().chain(&self.also).map(String::as_str).collect()
    }
}

/// Records a problem of a key unless something holds: what is found, why it cannot be, and what to write.
type Require<'a> = &'a mut dyn FnMut(bool, &[&str], &str, &str, &str);

impl SweepFile {
    /// Finds what is wrong with each key by itself.
    fn check(&self, faults: &Faults<'_>, problems: &mut Problems) {
        let mut require = |holds: bool, path: &[&str], what: &str, why: &str, fix: &str| {
            if !holds {
                problems.push(faults.problem(path, what.to_string(), why, fix));
            }
        };
        match self.schema {
            None => require(false, &["schema"], "key `schema` is missing", "it cannot be left out", "add a line schema = 1"),
            Some(found) => {
                let why = "this version of levertide reads sweeps of schema 1";
                require(found == SCHEMA, &["schema"], &format!("found {found}"), why, "write schema = 1");
            }
        }
        let names = [(&["name"][..], &self.name), (&["zh", "name"], &self.zh.name)];
        for (path, name) in names.into_iter().filter_map(|(path, name)| Some((path, name.as_ref()?))) {
            require(is_name(name), path, &format!("found \"{name}\""), NAME, "write a short name");
        }
        let fix = "add a line such as name = \"leverage and lines\"";
        require(self.name.is_some(), &["name"], "key `name` is missing", "it cannot be left out", fix);
        let fix = "write for example paths = 10_000";
        require(self.paths != Some(0), &["paths"], "found 0", "a setting needs a path", fix);
        let fix = "add measures = [\"pool_loss.es_99\", \"lender_pnl.mean\"]";
        require(!self.measures.is_empty(), &["measures"], "no measure is named", "a sweep looks at measures", fix);
        for (at, measure) in self.measures.iter().enumerate() {
            let first = self.measures.iter().position(|m| m == measure) == Some(at);
            let what = format!("`{measure}` stands twice");
            require(first, &["measures", &at.to_string()], &what, "each measure is shown once", "remove one of them");
        }
        for measure in self.better.keys().filter(|measure| !self.measures.contains(measure)) {
            let fix = nearest_fix(measure, &self.measures, "name it under `measures` too, or remove it");
            let what = format!("`{measure}` is none of the measures");
            require(false, &["better", measure], &what, "a side is that of a measure looked at", &fix);
        }
        for key in self.set.keys().filter(|key| is_of_programme(key)) {
            require(false, &["set", key], &format!("`{key}` cannot be set"), NO_RULE, "set keys of the rules, for example margin.call");
        }
        if let Some(toml::Value::Table(simulation)) = self.set.get("simulation") {
            let holds = !simulation.keys().any(|key| FIXED.contains(&key.as_str()));
            let what = "sets how many paths are simulated, or which";
            require(holds, &["set", "simulation"], what, PLAIN, "write `paths` at the top of the sweep");
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
        let (whole, what) = (i64::try_from(self.seed).is_ok(), format!("found {}", self.seed));
        let why = "a seed is a whole number from 0 to 9223372036854775807";
        require(whole, &["seed"], &what, why, "write a smaller number");
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
        let number = at.to_string();
        let mut say = |step: &str, what: String, why: &str, fix: String| {
            let path: Vec<&str> = ["key", &number].into_iter().chain(step.split('/').filter(|s| !s.is_empty())).collect();
            problems.push(faults.problem(&path, what, why, fix));
        };
        if key.name.is_none() {
            say(
                "",
                "key `name` is missing".into(),
                "a swept key is one of a programme",
                "add for example name = \"margin.liquidation\"".into(),
            );
        }
        for (k, name) in key.names().iter().enumerate() {
            let step = if k == 0 { "name".to_string() } else { format!("also/{}", k - 1) };
            match Assignment::of(name, "0") {
                None => say(
                    &step,
                    format!("\"{name}\" is not a key"),
                    "a key is words joined by dots; an entry of a list has its number behind it",
                    "write it as \"margin.liquidation\", or \"shocks[1].gap.size\"".into(),
                ),
                Some(path) if is_of_programme(&path.path[0]) => {
                    let fix = "sweep a key of the rules, for example margin.liquidation";
                    say(&step, format!("`{name}` cannot be swept"), NO_RULE, fix.into());
                }
                Some(path) if FIXED.iter().any(|fixed| path.path.starts_with(&["simulation".into(), (*fixed).into()])) => {
                    say(&step, format!("`{name}` cannot be swept"), PLAIN, "write `paths` at the top of the sweep".into());
                }
                Some(_) => {}
            }
            let twice = self.key[..at].iter().any(|before| before.names().contains(name)) || key.names()[..k].contains(name);
            if twice {
                say(&step, format!("`{name}` is swept twice"), "a key has one value in a setting", "remove one of them".into());
            }
        }
        let title = key.title.clone().or_else(|| key.name.clone()).unwrap_or_default();
        let zh = key.zh.title.clone().unwrap_or_else(|| title.clone());
        for (step, name) in [("title", &title), ("zh/title", &zh)] {
            if !is_name(name) && key.name.is_some() {
                say(step, format!("found \"{name}\""), NAME, "write a short name".into());
            }
        }
        let values = if key.values.is_empty() { self.range(at, key, &mut say) } else { self.written(key, &mut say) };
        Key {
            names: key.names().into_iter().map(String::from).collect(),
            title: Named { en: title, zh },
            values: labelled(values, key, &mut say),
        }
    }

    /// Values as they are written.
    fn written(&self, key: &KeyFile, say: &mut dyn FnMut(&str, String, &str, String)) -> Vec<Value> {
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
    fn range(&self, at: usize, key: &KeyFile, say: &mut dyn FnMut(&str, String, &str, String)) -> Vec<Value> {
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

pub const NAME: &str = "a name holds 1 to 100 printable characters";
const PLAIN: &str = "every setting of a sweep has the same paths, the first ones drawn, so that their differences are on common paths";
pub const NO_RULE: &str = "it is no key that a scenario changes in the base";
/// The most keys of a sweep: a chart has a panel for each.
const KEYS: usize = 12;
/// Keys of `[simulation]` that a sweep has of its own.
pub const FIXED: [&str; 3] = ["paths", "sampling", "until"];

/// Whether a key is the programme's own, or names a scenario: no scenario changes it.
pub fn is_of_programme(key: &str) -> bool {
    !case_keys().iter().any(|own| own == key) && Node::root().child(key).or(Node::scenario().child(key)).is_some()
}

pub fn is_name(name: &str) -> bool {
    !name.trim().is_empty() && name.chars().count() <= LETTERS && !visible::hides(name)
}

/// A value with the label it has where none is written.
fn value(written: &toml::Value) -> Value {
    let label = match written {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Value { toml: written.to_string(), number: number(written).map(|(number, _)| number), label: Named::alike(label) }
}

/// A number, and how it is written.
fn number(written: &toml::Value) -> Option<(f64, Form)> {
    match written {
        toml::Value::Integer(whole) => Some((*whole as f64, Form::Whole)),
        toml::Value::Float(number) => number.is_finite().then_some((*number, Form::Plain)),
        toml::Value::String(text) if text.trim_end().ends_with('%') => bound(text).map(|number| (number, Form::Percent)),
        _ => None,
    }
}

/// Values with the labels written for them, each of its own.
fn labelled(mut values: Vec<Value>, key: &KeyFile, say: &mut dyn FnMut(&str, String, &str, String)) -> Vec<Value> {
    for (step, labels) in [("labels", &key.labels), ("zh/labels", &key.zh.labels)] {
        if !labels.is_empty() && labels.len() != values.len() {
            let what = format!("{} labels for {} values", labels.len(), values.len());
            say(step, what, "each value has its label", "write as many".into());
            return values;
        }
    }
    let zh = if key.zh.labels.is_empty() { &key.labels } else { &key.zh.labels };
    for (at, value) in values.iter_mut().enumerate() {
        value.label.en = key.labels.get(at).unwrap_or(&value.label.en).clone();
        value.label.zh = zh.get(at).unwrap_or(&value.label.zh).clone();
    }
    for (at, value) in values.iter().enumerate().filter(|_| !key.values.is_empty()) {
        let step = if key.labels.is_empty() { format!("values/{at}") } else { format!("labels/{at}") };
        if values[..at].iter().any(|before| before.toml == value.toml) {
            say(
                &format!("values/{at}"),
                format!("{} stands twice", value.toml),
                "each value makes settings of its own",
                "remove one of them".into(),
            );
        } else if !is_name(&value.label.en) || !is_name(&value.label.zh) {
            say(&step, "the report has no short name for the value".into(), NAME, "write `labels`, a name for each value".into());
        }
    }
    values
}
