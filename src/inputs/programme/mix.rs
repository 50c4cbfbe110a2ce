//! Makes programmes of two: one scenario as a programme of its own, with the keys of some sources taken from another; tells what differs.
//!
//! A scenario stands alone as the base of a programme without further scenarios, every key filled in. What it simulates is what the scenario
//! does among others, to the bit. Paths of files are relative to one folder, whichever of the two programmes they come from.

use super::{Overrides, parse, resolve};
use crate::model::case::{Programme, Simulation};
use crate::model::exchange::calendar;
use crate::model::lineage::InputFile;
use crate::model::split::{Differs, Of, Source, What, source_of, source_of_file};
use crate::problem::Problems;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Keys of the head that ask for more than the scenario.
const BESIDE: [&str; 5] = ["firm", "limits", "model-risk", "reverse", "watch"];
/// Keys that name a file, by their steps.
const FILES: [&[&str]; 9] = [
    &["data", "prices"],
    &["data", "returns"],
    &["data", "instruments"],
    &["data", "accounts"],
    &["data", "positions"],
    &["data", "funding"],
    &["data", "correlations"],
    &["data", "implied-volatility"],
    &["market", "given", "paths"],
];
const CALENDAR: [&str; 2] = ["data", "calendar"];

/// One scenario as a programme of its own.
#[derive(Clone, Debug)]
pub struct Standing {
    keys: Table,
    folder: PathBuf,
}

impl Standing {
    /// A scenario of a programme; nothing where it has none of that name.
    pub fn of(programme: &Programme, scenario: &str) -> Option<Standing> {
        let scenario = programme.scenarios.iter().find(|own| own.name == scenario)?;
        let mut keys: Table = toml::from_str(&programme.resolved_toml).expect("a resolved programme is TOML");
        keys.remove("scenario");
        keys.extend(Table::try_from(&scenario.case).expect("a case that was read can be written"));
        Some(Standing { keys, folder: programme.folder.clone() })
    }

    /// A whole programme from its resolved text, its scenarios by their names; nothing where that is no TOML.
    pub fn whole(resolved_toml: &str) -> Option<Standing> {
        let mut keys: Table = toml::from_str(resolved_toml).ok()?;
        // where files lie is no difference
        if let Some(Value::Table(data)) = keys.get_mut("data") {
            data.remove("root");
        }
        if let Some(Value::Array(scenarios)) = keys.remove("scenario") {
            let name = |scenario: &Value| scenario.get("name").and_then(Value::as_str).map(String::from);
            let named = scenarios.into_iter().filter_map(|scenario| Some((name(&scenario)?, scenario)));
            keys.insert("scenario".into(), Value::Table(named.collect()));
        }
        Some(Standing { keys, folder: PathBuf::new() })
    }

    /// The folder that paths of its files start from.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Has it read its files from another folder, with the same paths below it.
    pub fn move_to(&mut self, folder: &Path) {
        self.folder = folder.to_path_buf();
    }

    /// Has it simulate its first paths and no more; true where it did not.
    pub fn make_plain(&mut self) -> bool {
        let Some(Value::Table(simulation)) = self.keys.get_mut("simulation") else { return false };
        let had = simulation.remove("until").is_some();
        let plain = Table::try_from(Simulation::default()).expect("a default can be written");
        let sampling = simulation.remove("sampling");
        if let Some(own) = plain.get("sampling") {
            simulation.insert("sampling".into(), own.clone());
        }
        had || sampling.is_some_and(|own| plain.get("sampling") != Some(&own))
    }

    /// The same, its files named from another folder.
    pub fn seen_from(&self, folder: &Path) -> Standing {
        let way = resolve::way(folder, &self.folder);
        let mut keys = self.keys.clone();
        let named = |written: &str| written.contains("://") || Path::new(written).is_absolute();
        let is_file = |path: &[&str], written: &str| path != CALENDAR || !calendar::is_key(written);
        if way != "." {
            for path in FILES.into_iter().chain([&CALENDAR[..]]) {
                if let Some(Value::String(written)) = at(&mut keys, path)
                    && is_file(path, written)
                    && !named(written)
                {
                    *written = format!("{way}/{written}");
                }
            }
        }
        Standing { keys, folder: folder.to_path_buf() }
    }

    /// The same with the keys of some sources as another has them; both name files from the same folder.
    pub fn with(&self, other: &Standing, sources: &[Source]) -> Standing {
        let mut keys = self.keys.clone();
        take(&mut keys, &other.keys, &mut Vec::new(), sources);
        Standing { keys, folder: self.folder.clone() }
    }

    /// The programme; `name` stands for its file in problems.
    ///
    /// Errors: keys that do not go together.
    pub fn read(&self, name: &str) -> Result<Programme, Problems> {
        let mut keys = self.keys.clone();
        BESIDE.iter().for_each(|key| drop(keys.remove(*key)));
        if let Some(Value::Table(report)) = keys.get_mut("report") {
            report.remove("previous");
        }
        let text = toml::to_string(&keys).expect("a resolved programme can be written");
        parse(&text, name, &self.folder, &Overrides::default()).map_err(|problems| {
            let mut placed = Problems::new();
            for problem in problems.iter() {
                let mut problem = problem.clone();
                problem.place.line = None;
                placed.push(problem);
            }
            placed
        })
    }

    /// Every key whose values differ, in the order of the keys.
    pub fn keys_that_differ(&self, other: &Standing) -> Vec<Differs> {
        let [first, second] = [self, other].map(|of| {
            let mut leaves = BTreeMap::new();
            of.keys.iter().for_each(|(key, value)| gather(value, &mut vec![key.clone()], &mut leaves));
            leaves
        });
        let all: BTreeSet<&Vec<String>> = first.keys().chain(second.keys()).collect();
        let differ = |path: &&Vec<String>| {
            let steps: Vec<&str> = path.iter().map(String::as_str).collect();
            let both = [first.get(*path), second.get(*path)];
            let calendar = steps == CALENDAR && both.iter().flatten().any(|written| !calendar::is_key(written));
            both[0] != both[1] && !FILES.contains(&steps.as_slice()) && !calendar
        };
        let of = |path: &Vec<String>| {
            let steps: Vec<&str> = path.iter().map(String::as_str).collect();
            let source = match source_of(&steps) {
                Of::One(source) => Some(source),
                _ => None,
            };
            let key = super::settings::shown(path);
            Differs { source, what: What::Key { key, first: first.get(path).cloned(), second: second.get(path).cloned() } }
        };
        all.into_iter().filter(differ).map(of).collect()
    }
}

/// Every file whose bytes differ, or that one side has alone.
pub fn files_that_differ(first: &[InputFile], second: &[InputFile]) -> Vec<Differs> {
    let roles: BTreeSet<&str> = first.iter().chain(second).map(|file| file.role.as_str()).collect();
    let of = |files: &[InputFile], role: &str| files.iter().find(|file| file.role == role).cloned();
    let both = roles.into_iter().map(|role| (role, of(first, role), of(second, role)));
    let differ = both.filter(|(_, a, b)| a.as_ref().map(|file| &file.sha256) != b.as_ref().map(|file| &file.sha256));
    let told = differ.map(|(role, first, second)| Differs {
        source: Some(source_of_file(role)),
        what: What::File { role: role.to_string(), first, second },
    });
    told.collect()
}

fn at<'t>(table: &'t mut Table, path: &[&str]) -> Option<&'t mut Value> {
    let (first, rest) = path.split_first()?;
    let value = table.get_mut(*first)?;
    if rest.is_empty() { Some(value) } else { at(value.as_table_mut()?, rest) }
}

/// Takes the keys of some sources over.
fn take(into: &mut Table, from: &Table, path: &mut Vec<String>, sources: &[Source]) {
    let keys: BTreeSet<String> = into.keys().chain(from.keys()).cloned().collect();
    for key in keys {
        path.push(key.clone());
        let steps: Vec<&str> = path.iter().map(String::as_str).collect();
        match source_of(&steps) {
            Of::One(source) if sources.contains(&source) => {
                into.remove(&key);
                from.get(&key).into_iter().for_each(|value| drop(into.insert(key.clone(), value.clone())));
            }
            Of::Several => {
                let none = Table::new();
                let theirs = from.get(&key).and_then(Value::as_table).unwrap_or(&none);
                let own = into.entry(key.clone()).or_insert_with(|| Value::Table(Table::new()));
                if let Value::Table(own) = own {
                    take(own, theirs, path, sources);
                }
                if into.get(&key).and_then(Value::as_table).is_some_and(Table::is_empty) {
                    into.remove(&key);
                }
            }
            _ => {}
        }
        path.pop();
    }
}

/// Every value below a key, by its steps; texts without their quotes.
fn gather(value: &Value, path: &mut Vec<String>, leaves: &mut BTreeMap<Vec<String>, String>) {
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                path.push(key.clone());
                gather(value, path, leaves);
                path.pop();
            }
        }
        Value::Array(list) if list.iter().all(Value::is_table) => {
            for (at, value) in list.iter().enumerate() {
                path.push(at.to_string());
                gather(value, path, leaves);
                path.pop();
            }
        }
        Value::String(text) => drop(leaves.insert(path.clone(), text.clone())),
        other => drop(leaves.insert(path.clone(), other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(text: &str) -> Standing {
        Standing { keys: toml::from_str(text).unwrap(), folder: ".".into() }
    }

    #[test]
    fn keys_of_a_source_are_taken_and_all_others_stay() {
        let first = standing(
            "as-of = 1\nseed = 1\n[data]\nprices = \"a\"\naccounts = \"b\"\n[data.columns.accounts]\ncash = \"x\"\n[margin]\ncall = 2",
        );
        let second = standing(
            "as-of = 2\nseed = 2\n[data]\nprices = \"c\"\naccounts = \"d\"\nreturns = \"e\"\n[margin]\ncall = 3\n[market.t]\ndf = 4",
        );
        let with = |sources: &[Source]| first.with(&second, sources).keys;
        let keys = |text: &str| toml::from_str::<Table>(text).unwrap();
        let data = "as-of = 2\nseed = 1\nmargin.call = 2\n[data]\nprices = \"c\"\nreturns = \"e\"\naccounts = \"b\"\n[data.columns.accounts]\ncash = \"x\"";
        assert_eq!(with(&[Source::Data]), keys(data));
        let book = "as-of = 1\nseed = 1\nmargin.call = 2\n[data]\nprices = \"a\"\naccounts = \"d\"";
        assert_eq!(with(&[Source::Book]), keys(book));
        let all = [Source::Data, Source::Book, Source::Parameters, Source::Model, Source::Noise];
        assert_eq!(with(&all), second.keys);
        assert_eq!(with(&[]), first.keys);
    }

    #[test]
    fn what_differs_is_told_by_its_key_and_a_path_of_a_file_is_none() {
        let first = standing("[data]\nprices = \"a\"\n[[shocks]]\n[shocks.gap]\nsize = \"-5%\"");
        let second = standing("[data]\nprices = \"b\"\n[[shocks]]\n[shocks.gap]\nsize = \"-6%\"\nday = 1\n[report]\nowner = \"x\"");
        let told = first.keys_that_differ(&second);
        let said: Vec<_> = told.iter().map(|d| (d.source, d.what.name())).collect();
        let parameters = Some(Source::Parameters);
        assert_eq!(said, [(None, "report.owner"), (parameters, "shocks[1].gap.day"), (parameters, "shocks[1].gap.size")]);
        let What::Key { first, second, .. } = &told[2].what else { panic!() };
        assert_eq!((first.as_deref(), second.as_deref()), (Some("-5%"), Some("-6%")));
    }
}
