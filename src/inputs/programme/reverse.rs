//! Reads a programme again with changes of its rules, and shocks of any size, laid over a scenario: what a reverse stress test tries.
//!
//! A change at the start of its way is not written at all, so that the setting is the scenario.

use super::settings::{self, Assignment, Setting, Settings};
use super::shape::Node;
use super::typed::nearest_fix;
use super::{Overrides, read, read_text, resolve};
use crate::model::case::{BASE, Programme, Scenario};
use crate::model::reverse::{Change, Reverse, Written};
use crate::model::shock::Shock;
use crate::model::sweep::{Form, Named};
use crate::model::way::{Moves, Way, number};
use crate::problem::{Kind, Place, Problem, Problems};
use std::path::{Path, PathBuf};

/// A programme's text, to be read with settings.
pub struct Reader {
    path: PathBuf,
    file: String,
    text: String,
    overrides: Overrides,
}

/// What a setting is simulated on.
#[derive(Clone, Copy, Debug)]
pub struct On {
    pub paths: u64,
    pub seed: u64,
}

impl Reader {
    /// Errors: the file cannot be read.
    pub fn open(path: &Path, overrides: &Overrides) -> Result<Reader, Problems> {
        let file = path.display().to_string();
        let text = read_text(path, &file)?;
        Ok(Reader { path: path.to_path_buf(), file, text, overrides: overrides.clone() })
    }

    /// The ways of a reverse stress test's changes; `entry` is its number in the programme.
    ///
    /// Errors: a key that the scenario has no number at, or that starts where it ends (kind Programme).
    pub fn ways(&self, programme: &Programme, entry: usize) -> Result<Vec<Way>, Problems> {
        let reverse = &programme.reverse[entry];
        let scenario = scenario_of(programme, reverse);
        let mut problems = Problems::new();
        let mut ways = Vec::new();
        for (at, change) in reverse.change.iter().enumerate() {
            let field = format!("reverse[{}].change[{}]", entry + 1, at + 1);
            match way(change, scenario) {
                Ok(way) => ways.push(way),
                Err((what, fix)) => {
                    let why = "a change runs from a number to another";
                    problems.push(Problem::new(Kind::Programme, Place::file(&self.file).field(field), what, why, fix));
                }
            }
        }
        problems.into_result(ways)
    }

    /// The programme with a scenario for each setting in place of its own, the base aside; on paths and a seed of its own where none are given.
    ///
    /// Errors: what a programme's reader finds of the keys and values (kind Programme, or Usage).
    pub fn with(&self, settings: &[At<'_>], on: Option<On>) -> Result<Programme, Problems> {
        let setting = |at: &At<'_>| Setting {
            scenario: at.reverse.scenario.clone(),
            name: at.name.en.clone(),
            narrative: said(at, |named| &named.en, ", "),
            name_zh: at.name.zh.clone(),
            narrative_zh: said(at, |named| &named.zh, "，"),
            keys: at.moved().map(|(way, place)| assignment(way, place)).collect(),
        };
        let laid = Settings { scenario: BASE.into(), list: settings.iter().map(setting).collect() };
        let overrides = Overrides {
            paths: on.map(|on| on.paths).or(self.overrides.paths),
            seed: on.map(|on| on.seed).or(self.overrides.seed),
            scenarios: Vec::new(),
            ..self.overrides.clone()
        };
        let own = self.path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = |root: Option<String>| match root {
            Some(root) => own.join(root),
            None => resolve::original_folder(&self.path).unwrap_or_else(|| own.to_path_buf()),
        };
        read(&self.text, &self.file, &overrides, Some(&laid), folder).map_err(|problems| self.placed(&problems, settings))
    }

    /// Places the problems of settings at the change that made them, each once.
    fn placed(&self, problems: &Problems, settings: &[At<'_>]) -> Problems {
        let mut once = std::collections::BTreeSet::new();
        for problem in problems.iter() {
            let mut problem = problem.clone();
            let field = problem.place.field.clone().unwrap_or_default();
            let own = settings.iter().find_map(|at| Some((at, field.strip_prefix(&format!("scenario.{}.", at.name.en))?)));
            if let Some((at, key)) = own.filter(|_| problem.place.file == settings::MARK) {
                let way = at.ways.iter().position(|way| matches!(&way.moves, Moves::Key(own) if key.starts_with(own.as_str())));
                let change = way.map_or_else(String::new, |way| format!(".change[{}]", way + 1));
                problem.place = Place::file(&self.file).field(format!("reverse[{}]{change}", at.test + 1));
                problem.kind = Kind::Programme;
            }
            once.insert(problem);
        }
        let mut placed = Problems::new();
        once.into_iter().for_each(|problem| placed.push(problem));
        placed
    }
}

/// A setting: how it is called, the number of its test in the programme, and the place of every way.
pub struct At<'a> {
    pub test: usize,
    pub name: Named,
    pub reverse: &'a Reverse,
    pub ways: &'a [Way],
    pub places: Vec<f64>,
}

impl At<'_> {
    /// The ways that do not stay at their start.
    fn moved(&self) -> impl Iterator<Item = (&Way, f64)> {
        self.ways.iter().zip(self.places.iter().copied()).filter(|(_, place)| *place != 0.0)
    }
}

/// The scenario that changes are laid over.
pub fn scenario_of<'p>(programme: &'p Programme, reverse: &Reverse) -> &'p Scenario {
    let name = reverse.scenario.as_deref().unwrap_or(BASE);
    programme.scenarios.iter().find(|scenario| scenario.name == name).expect("its scenario was looked for when it was read")
}

fn said(at: &At<'_>, title: impl Fn(&Named) -> &String, comma: &str) -> String {
    let parts: Vec<String> = at.moved().map(|(way, place)| format!("{} {}", title(&way.title), way.at(place).label.en)).collect();
    parts.join(comma)
}

/// The line that makes a change.
fn assignment(way: &Way, place: f64) -> Assignment {
    let value = way.at(place).toml;
    match &way.moves {
        Moves::Key(key) => Assignment::of(key, &value).expect("the key was checked"),
        Moves::Shock(shock, key) => Assignment::entry("shocks", &resized(shock, key, &value)),
    }
}

/// A shock of another size, as an entry of a list.
fn resized(shock: &Shock, key: &str, size: &str) -> String {
    let mut table = toml::Table::try_from(shock).expect("a shock is a table");
    let own = table.get_mut(shock.declared().key).and_then(toml::Value::as_table_mut).expect("a shock is a table of one part");
    let size: toml::Table = format!("size = {size}").parse().expect("a value as TOML writes it");
    own.insert(key.into(), size["size"].clone());
    toml::Value::Table(table).to_string()
}

/// The way of a change, or what is wrong with it and what to do.
fn way(change: &Change, scenario: &Scenario) -> Result<Way, (String, String)> {
    let named = |own: String| {
        let en = change.title.clone().unwrap_or(own);
        Named { zh: change.zh.title.clone().unwrap_or_else(|| en.clone()), en }
    };
    if let Some(shock) = &change.shock {
        let (key, from) = shock.size().expect("a shock that grows was asked for");
        let to = shock.values().figure(key).expect("a size is a number");
        let form = if matches!(
            toml::Table::try_from(shock).ok().and_then(|t| number_at(&t, &[shock.declared().key, key])),
            Some((_, Form::Percent))
        ) {
            Form::Percent
        } else {
            Form::Plain
        };
        return Ok(Way { moves: Moves::Shock(Box::new(shock.clone()), key), title: named(shock.declared().key.into()), from, to, form });
    }
    let key = change.key.clone().expect("a key or a shock was asked for");
    let (to, form) = change.to.as_ref().and_then(number).expect("an end was asked for");
    if let Some(fault) = unknown(&key) {
        return Err(fault);
    }
    let own = || {
        let case = toml::Table::try_from(&scenario.case).expect("a case is a table");
        let path = Assignment::of(&key, "0").expect("the key was checked").path;
        number_at(&case, &path.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let start = change.from.as_ref().and_then(number).or_else(own);
    let Some((from, other)) = start else {
        return Err((format!("`{key}` has no number in the scenario \"{}\"", scenario.name), "add `from`".into()));
    };
    if from == to {
        return Err((format!("`{key}` starts at its end, {to}"), "write another `to`".into()));
    }
    let form = if form == other { form } else { Form::Plain };
    Ok(Way { moves: Moves::Key(key.clone()), title: named(key), from, to, form })
}

/// The step of a key that no scenario has, and what may be meant.
fn unknown(key: &str) -> Option<(String, String)> {
    let mut node = Node::scenario();
    for step in Assignment::of(key, "0").expect("the key was checked").path {
        match node.child(&step) {
            Some(child) => node = child,
            None => return Some((format!("unknown key `{step}`"), nearest_fix(&step, &node.keys(), "see docs/formats.md"))),
        }
    }
    None
}

/// The number at a path, and how it is written.
fn number_at(table: &toml::Table, path: &[&str]) -> Option<(f64, Form)> {
    let (first, rest) = path.split_first()?;
    let mut value = table.get(*first)?;
    for step in rest {
        value = match value {
            toml::Value::Array(list) => list.get(step.parse::<usize>().ok()?)?,
            value => value.get(*step)?,
        };
    }
    number(&value.clone().try_into::<Written>().ok()?)
}
