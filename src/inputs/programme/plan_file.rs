//! Checks what the files that lay settings over a programme have in common: their heads, the names of their keys, their values.

use super::locate::{Layer, Source, View};
use super::settings::{self, Assignment};
use super::shape::{Node, case_keys, flat};
use super::typed;
use crate::model::sweep::{Form, Named, Value, bound};
use crate::problem::{Place, Problem, Problems, visible};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use toml::de::DeValue;

/// What a file is called in its problems.
pub struct What {
    /// The verb that reads it: `sweep`.
    pub verb: &'static str,
    /// What its sentences call it.
    pub name: &'static str,
    /// What it does to a key, as what was done: `swept`.
    pub changed: &'static str,
    /// The same as what is done: `sweep`.
    pub change: &'static str,
    /// A name that it might have.
    pub example: &'static str,
}

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

/// Reads the tree of a file into its type.
pub fn read<'t, F: DeserializeOwned + JsonSchema>(
    tree: &'t DeValue<'t>,
    source: &'t Source,
    problems: &mut Problems,
) -> (Option<F>, Faults<'t>) {
    let layers = [Layer { tree, prefix: Vec::new(), flags: &[], start: None }];
    let beside = ["programme".to_string()];
    let context = typed::Context { source, layers: &layers, shape: Node::of(flat::<F>()), beside: &beside, elsewhere: &[] };
    let file: Option<F> = typed::read(&mut tree.clone(), &context, problems);
    (file, Faults { source, tree })
}

/// The version of a file's format that this program reads.
const SCHEMA: u32 = 1;

/// Letters of a name, a title or a label.
const LETTERS: usize = 100;

/// What a name is.
pub const NAME: &str = "a name holds 1 to 100 printable characters";
const PLAIN: &str = "every setting has the same paths, the first ones drawn, so that their differences are on common paths";
pub const NO_RULE: &str = "it is no key that a scenario changes in the base";
/// Keys of `[simulation]` that such a file has of its own.
pub const FIXED: [&str; 3] = ["paths", "sampling", "until"];

/// Records a problem unless something holds: what is found, why it cannot be, and what to write.
pub type Require<'a> = &'a mut dyn FnMut(bool, &[&str], &str, &str, &str);

/// The keys that stand above all others.
pub struct Head<'f> {
    pub schema: Option<u32>,
    pub name: Option<&'f String>,
    pub zh_name: Option<&'f String>,
    pub paths: Option<u64>,
    pub seed: u64,
    pub measures: &'f [String],
    pub set: &'f toml::Table,
}

impl Head<'_> {
    /// Finds what is wrong with each key by itself.
    pub fn check(&self, what: &What, require: Require<'_>) {
        let Head { schema, name, zh_name, paths, seed, measures, set } = self;
        match schema {
            None => require(false, &["schema"], "key `schema` is missing", "it cannot be left out", "add a line schema = 1"),
            Some(found) => {
                let why = format!("this version of levertide reads {}s of schema 1", what.name);
                require(*found == SCHEMA, &["schema"], &format!("found {found}"), &why, "write schema = 1");
            }
        }
        let names = [(&["name"][..], name), (&["zh", "name"], zh_name)];
        for (path, name) in names.into_iter().filter_map(|(path, name)| Some((path, name.as_ref()?))) {
            require(is_name(name), path, &format!("found \"{name}\""), NAME, "write a short name");
        }
        let fix = format!("add a line such as name = \"{}\"", what.example);
        require(name.is_some(), &["name"], "key `name` is missing", "it cannot be left out", &fix);
        let fix = "write for example paths = 10_000";
        require(*paths != Some(0), &["paths"], "found 0", "a setting needs a path", fix);
        let (whole, found) = (i64::try_from(*seed).is_ok(), format!("found {seed}"));
        require(whole, &["seed"], &found, "a seed is a whole number from 0 to 9223372036854775807", "write a smaller number");
        let fix = "add measures = [\"pool_loss.es_99\", \"lender_pnl.mean\"]";
        let why = format!("a {} looks at measures", what.name);
        require(!measures.is_empty(), &["measures"], "no measure is named", &why, fix);
        for (at, measure) in measures.iter().enumerate() {
            let first = measures.iter().position(|m| m == measure) == Some(at);
            let found = format!("`{measure}` stands twice");
            require(first, &["measures", &at.to_string()], &found, "each measure is shown once", "remove one of them");
        }
        for key in set.keys().filter(|key| is_of_programme(key)) {
            require(false, &["set", key], &format!("`{key}` cannot be set"), NO_RULE, "set keys of the rules, for example margin.call");
        }
        if let Some(toml::Value::Table(simulation)) = set.get("simulation") {
            let holds = !simulation.keys().any(|key| FIXED.contains(&key.as_str()));
            let fix = format!("write `paths` at the top of the {}", what.name);
            require(holds, &["set", "simulation"], "sets how many paths are simulated, or which", PLAIN, &fix);
        }
    }
}

/// Says what is wrong at a step below an entry of `[[key]]`, its steps parted by `/`.
pub type Say<'a> = &'a mut dyn FnMut(&str, String, &str, String);

/// Says problems of the entry of `[[key]]` with this number.
pub fn say_at<'s>(at: usize, faults: &'s Faults<'_>, problems: &'s mut Problems) -> impl FnMut(&str, String, &str, String) + 's {
    move |step: &str, what: String, why: &str, fix: String| {
        let number = at.to_string();
        let path: Vec<&str> = ["key", &number].into_iter().chain(step.split('/').filter(|s| !s.is_empty())).collect();
        problems.push(faults.problem(&path, what, why, fix));
    }
}

/// Finds what is wrong with the names of a key: its own, then those of `also`; `before` are names of the keys above it.
pub fn check_names(names: &[&str], before: &[&str], named: bool, what: &What, say: Say<'_>) {
    let What { name: file, changed, change, .. } = what;
    if !named {
        let why = format!("a key that is {changed} is one of a programme");
        say("", "key `name` is missing".into(), &why, "add for example name = \"margin.liquidation\"".into());
    }
    for (k, name) in names.iter().enumerate() {
        let step = if k == 0 { "name".to_string() } else { format!("also/{}", k - 1) };
        match Assignment::of(name, "0") {
            None => say(
                &step,
                format!("\"{name}\" is not a key"),
                "a key is words joined by dots; an entry of a list has its number behind it",
                "write it as \"margin.liquidation\", or \"shocks[1].gap.size\"".into(),
            ),
            Some(path) if is_of_programme(&path.path[0]) => {
                let fix = format!("{change} a key of the rules, for example margin.liquidation");
                say(&step, format!("`{name}` cannot be {changed}"), NO_RULE, fix);
            }
            Some(path) if FIXED.iter().any(|fixed| path.path.starts_with(&["simulation".into(), (*fixed).into()])) => {
                say(&step, format!("`{name}` cannot be {changed}"), PLAIN, format!("write `paths` at the top of the {file}"));
            }
            Some(_) => {}
        }
        if before.contains(name) || names[..k].contains(name) {
            say(&step, format!("`{name}` is {changed} twice"), "a key has one value in a setting", "remove one of them".into());
        }
    }
}

/// What a key is called in both languages; its name where no title is written.
pub fn titled(name: Option<&String>, title: Option<&String>, zh: Option<&String>, say: Say<'_>) -> Named {
    let en = title.or(name).cloned().unwrap_or_default();
    let zh = zh.unwrap_or(&en).clone();
    for (step, title) in [("title", &en), ("zh/title", &zh)] {
        if !is_name(title) && name.is_some() {
            say(step, format!("found \"{title}\""), NAME, "write a short name".into());
        }
    }
    Named { en, zh }
}

/// The entry of `[[key]]` that a key of a setting, as it is shown, comes from: the last that holds it or lies below it.
pub fn holder<'f>(shown: &str, keys: impl DoubleEndedIterator<Item = Vec<&'f str>> + ExactSizeIterator) -> Option<usize> {
    let holds = |name: &str| {
        let name = Assignment::of(name, "0").map_or_else(|| name.to_string(), |key| settings::shown(&key.path));
        shown == name
            || shown.starts_with(&format!("{name}."))
            || shown.starts_with(&format!("{name}["))
            || name.starts_with(&format!("{shown}."))
    };
    keys.enumerate().rev().find(|(_, names)| names.iter().any(|name| holds(name))).map(|(at, _)| at)
}

/// Whether a key is the programme's own, or names a scenario: no scenario changes it.
pub fn is_of_programme(key: &str) -> bool {
    !case_keys().iter().any(|own| own == key) && Node::root().child(key).or(Node::scenario().child(key)).is_some()
}

pub fn is_name(name: &str) -> bool {
    !name.trim().is_empty() && name.chars().count() <= LETTERS && !visible::hides(name)
}

/// A key as TOML writes it.
pub fn quoted(key: &str) -> String {
    let bare = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if bare { key.to_string() } else { toml::Value::from(key).to_string() }
}

/// A value with the label it has where none is written.
pub fn value(written: &toml::Value) -> Value {
    let label = match written {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Value { toml: written.to_string(), number: number(written).map(|(number, _)| number), label: Named::alike(label) }
}

/// A number, and how it is written.
pub fn number(written: &toml::Value) -> Option<(f64, Form)> {
    match written {
        toml::Value::Integer(whole) => Some((*whole as f64, Form::Whole)),
        toml::Value::Float(number) => number.is_finite().then_some((*number, Form::Plain)),
        toml::Value::String(text) if text.trim_end().ends_with('%') => bound(text).map(|number| (number, Form::Percent)),
        _ => None,
    }
}

/// Gives values the labels written for them, in both languages; nothing more is to be said of them where their number is wrong.
pub fn label(values: &mut [Value], labels: &[String], zh: &[String], say: Say<'_>) -> bool {
    for (step, labels) in [("labels", labels), ("zh/labels", zh)] {
        if !labels.is_empty() && labels.len() != values.len() {
            let what = format!("{} labels for {} values", labels.len(), values.len());
            say(step, what, "each value has its label", "write as many".into());
            return false;
        }
    }
    let zh = if zh.is_empty() { labels } else { zh };
    for (at, value) in values.iter_mut().enumerate() {
        value.label.en = labels.get(at).unwrap_or(&value.label.en).clone();
        value.label.zh = zh.get(at).unwrap_or(&value.label.zh).clone();
    }
    true
}

/// Says of a value whose label is no name that it needs one.
pub fn check_label(value: &Value, step: &str, say: Say<'_>) {
    if !is_name(&value.label.en) || !is_name(&value.label.zh) {
        say(step, "the report has no short name for the value".into(), NAME, "write `labels`, a name for each value".into());
    }
}
