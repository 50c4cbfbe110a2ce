//! Lays settings over a scenario, each as a scenario of its own, before anything is resolved: what a sweep simulates.
//!
//! A setting starts from what the scenario writes, or from the base, and puts its own keys over that. `shocks[1].gap.size` is a key of
//! the first entry of a list: the list is the scenario's, or the base's, with that key changed. All settings draw plain paths, a fixed
//! number of them: how paths are chosen and how many there are follows from the figures of one scenario, and would differ between them.

use super::locate::Path;
use super::merge::{drop_at, merge, quote_dates};
use super::shape::Node;
use crate::model::case::BASE;
use crate::problem::{Kind, Place, Problem, Problems};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The file that problems of a setting's keys are placed in, until it is known where they were written.
pub const MARK: &str = "setting";

/// The keys that a setting has written, as those that a flag has set.
type Set = Vec<(Path, &'static str)>;

/// A key of a setting and its value.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// The list that the key is in, dotted, and the number of the entry from 0; behind the last for one that is added.
    list: Option<(String, usize)>,
    /// A line of TOML; without a key in front where the value is the entry itself.
    text: String,
    /// The steps to the key.
    pub path: Path,
}

/// One setting.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The scenario it is laid over, where it is not that of all.
    pub scenario: Option<String>,
    pub name: String,
    pub narrative: String,
    pub name_zh: String,
    pub narrative_zh: String,
    pub keys: Vec<Assignment>,
}

/// Settings over one scenario.
#[derive(Clone, Debug)]
pub struct Settings {
    pub scenario: String,
    pub list: Vec<Setting>,
}

impl Assignment {
    /// A key by its dotted name; nothing where that is no name of a key.
    pub fn of(name: &str, toml: &str) -> Option<Assignment> {
        let (list, key) = match name.split_once('[') {
            None => (None, name),
            Some((list, rest)) => {
                let (number, rest) = rest.split_once(']')?;
                let number = number.trim().parse::<usize>().ok()?.checked_sub(1)?;
                (Some((list.trim().to_string(), number)), rest.strip_prefix('.')?)
            }
        };
        let text = format!("{key} = {toml}");
        let table = DeTable::parse(&text).ok()?.into_inner();
        let mut path: Path = match &list {
            None => Path::new(),
            Some((list, number)) => {
                steps(DeTable::parse(&format!("{list} = 0")).ok()?.get_ref())?.into_iter().chain([number.to_string()]).collect()
            }
        };
        path.extend(steps(DeTable::parse(&format!("{key} = 0")).ok()?.get_ref())?);
        (!table.is_empty()).then_some(Assignment { list, text, path })
    }

    /// A further entry of a list, behind those that there are; `toml` is the entry.
    ///
    /// Panics when it is none.
    pub fn entry(list: &str, toml: &str) -> Assignment {
        let text = format!("{ENTRY} = {toml}");
        assert!(DeTable::parse(&text).is_ok(), "an entry is written as a value: {toml}");
        Assignment { list: Some((list.to_string(), ADDED)), text, path: vec![list.to_string()] }
    }
}

/// The number of an entry that is added, and the key that its text has in front.
const ADDED: usize = usize::MAX;
const ENTRY: &str = "entry";

/// The steps of a table that holds one key.
fn steps(table: &DeTable<'_>) -> Option<Path> {
    let (mut path, mut table) = (Path::new(), table);
    loop {
        let (key, value) = table.iter().next().filter(|_| table.len() == 1)?;
        path.push(key.get_ref().to_string());
        match value.get_ref() {
            DeValue::Table(inner) => table = inner,
            _ => return Some(path),
        }
    }
}

/// Adds every setting behind the scenarios of a document, and its name behind theirs; what each of them set.
pub fn add<'i>(root: &mut DeTable<'i>, names: &mut Vec<String>, settings: &'i Settings, problems: &mut Problems) -> Vec<Set> {
    make_plain(root);
    let known = names.clone();
    let mut sets = Vec::new();
    for setting in &settings.list {
        let own = setting.scenario.as_ref().unwrap_or(&settings.scenario);
        let from = known.iter().position(|name| name == own).and_then(|at| scenario(root, at).cloned());
        let (mut patch, mut set) = (from.unwrap_or_default(), Set::new());
        make_plain(&mut patch);
        for key in ["name", "narrative", "zh", "severity"] {
            drop_at_table(&mut patch, key);
        }
        for key in &setting.keys {
            match lay(&mut patch, root, key) {
                Ok(()) => set.push((key.path.clone(), MARK)),
                Err(what) => {
                    let place = Place::file(MARK).field(format!("scenario.{}.{}", setting.name, shown(&key.path)));
                    let why = "a key of an entry changes an entry that the scenario has, or the base";
                    problems.push(Problem::new(Kind::Usage, place, what, why, "write the entry in the programme, or sweep the whole list"));
                }
            }
        }
        words(&mut patch, setting);
        names.push(setting.name.clone());
        sets.push(set);
        push(root, patch);
    }
    sets
}

/// A path with entries of lists counted from 1.
pub fn shown(path: &[String]) -> String {
    let mut out = String::new();
    for step in path {
        match step.parse::<usize>() {
            Ok(number) => out.push_str(&format!("[{}]", number + 1)),
            Err(_) if out.is_empty() => out.push_str(step),
            Err(_) => out.push_str(&format!(".{step}")),
        }
    }
    out
}

/// Has a table simulate its first paths, and no more.
fn make_plain(table: &mut DeTable<'_>) {
    if let Some(simulation) = table.get_mut("simulation").map(Spanned::get_mut) {
        for key in ["sampling", "until"] {
            drop_at(simulation, &[key.to_string()], false);
        }
    }
}

fn drop_at_table(table: &mut DeTable<'_>, key: &str) {
    table.remove(key);
}

fn scenario<'t, 'i>(root: &'t DeTable<'i>, index: usize) -> Option<&'t DeTable<'i>> {
    match root.get("scenario")?.get_ref() {
        DeValue::Array(list) => list.get(index)?.get_ref().as_table(),
        _ => None,
    }
}

/// Lays one key over a patch; what is wrong where it is a key of an entry that is not there.
fn lay<'i>(patch: &mut DeTable<'i>, base: &DeTable<'i>, key: &'i Assignment) -> Result<(), String> {
    let mut node = DeValue::Table(DeTable::parse(&key.text).expect("it was parsed when it was made").into_inner());
    quote_dates(&mut node);
    let DeValue::Table(table) = node else { unreachable!("a table stays a table") };
    let Some((name, number)) = &key.list else {
        merge(patch, &table, Some(Node::scenario()));
        return Ok(());
    };
    if *number == ADDED {
        add_entry(patch, base, &key.path, table);
        return Ok(());
    }
    let to_list = &key.path[..key.path.iter().position(|step| *step == number.to_string()).unwrap_or(0)];
    let none = || format!("there is no `{name}[{}]`", number + 1);
    let own = find(patch, to_list).or_else(|| find(base, to_list)).cloned().ok_or_else(none)?;
    put(patch, to_list, own);
    let shape = to_list.iter().try_fold(Node::scenario(), |node, step| node.child(step)).and_then(|node| node.child("0"));
    match find_mut(patch, to_list).map(Spanned::get_mut) {
        Some(DeValue::Array(list)) => match list.get_mut(*number).map(Spanned::get_mut) {
            Some(DeValue::Table(entry)) => merge(entry, &table, shape),
            _ => return Err(none()),
        },
        _ => return Err(none()),
    }
    Ok(())
}

/// Puts an entry behind those of a list.
fn add_entry<'i>(patch: &mut DeTable<'i>, base: &DeTable<'i>, path: &[String], mut table: DeTable<'i>) {
    let entry = table.remove(ENTRY).expect("an entry's text has its key in front");
    let list = find(patch, path).or_else(|| find(base, path)).cloned();
    let mut list =
        list.filter(|list| list.get_ref().is_array()).unwrap_or_else(|| Spanned::new(NOWHERE, DeValue::Array(Default::default())));
    if let DeValue::Array(entries) = list.get_mut() {
        entries.push(entry);
    }
    put(patch, path, list);
}

fn find<'t, 'i>(table: &'t DeTable<'i>, path: &[String]) -> Option<&'t Spanned<DeValue<'i>>> {
    let (first, rest) = path.split_first()?;
    let node = table.get(first.as_str())?;
    if rest.is_empty() { Some(node) } else { find(node.get_ref().as_table()?, rest) }
}

fn find_mut<'t, 'i>(table: &'t mut DeTable<'i>, path: &[String]) -> Option<&'t mut Spanned<DeValue<'i>>> {
    let (first, rest) = path.split_first()?;
    let node = table.get_mut(first.as_str())?;
    if rest.is_empty() {
        return Some(node);
    }
    match node.get_mut() {
        DeValue::Table(inner) => find_mut(inner, rest),
        _ => None,
    }
}

/// Puts a node at the end of a path, whose tables are made where they are not there.
fn put<'i>(table: &mut DeTable<'i>, path: &[String], node: Spanned<DeValue<'i>>) {
    let Some((first, rest)) = path.split_first() else { return };
    let at = |value: DeValue<'i>| Spanned::new(node.span(), value);
    if rest.is_empty() {
        table.remove(first.as_str());
        table.insert(key(first), node);
        return;
    }
    if !table.get(first.as_str()).is_some_and(|inner| inner.get_ref().is_table()) {
        table.insert(key(first), at(DeValue::Table(DeTable::default())));
    }
    if let Some(DeValue::Table(inner)) = table.get_mut(first.as_str()).map(Spanned::get_mut) {
        put(inner, rest, node);
    }
}

const NOWHERE: Range<usize> = 0..0;

fn key<'i>(name: &str) -> Spanned<std::borrow::Cow<'i, str>> {
    Spanned::new(NOWHERE, name.to_string().into())
}

fn text<'i>(text: &'i str) -> Spanned<DeValue<'i>> {
    Spanned::new(NOWHERE, DeValue::String(text.into()))
}

/// Names a setting as a scenario is named.
fn words<'i>(patch: &mut DeTable<'i>, setting: &'i Setting) {
    patch.insert(key("name"), text(&setting.name));
    patch.insert(key("narrative"), text(&setting.narrative));
    let mut zh = DeTable::default();
    zh.insert(key("name"), text(&setting.name_zh));
    zh.insert(key("narrative"), text(&setting.narrative_zh));
    patch.insert(key("zh"), Spanned::new(NOWHERE, DeValue::Table(zh)));
}

fn push<'i>(root: &mut DeTable<'i>, patch: DeTable<'i>) {
    let patch = Spanned::new(NOWHERE, DeValue::Table(patch));
    match root.get_mut("scenario").map(Spanned::get_mut) {
        Some(DeValue::Array(list)) => list.push(patch),
        _ => {
            root.remove("scenario");
            let mut list = toml::de::DeArray::new();
            list.push(patch);
            root.insert(key("scenario"), Spanned::new(NOWHERE, DeValue::Array(list)));
        }
    }
}

/// The scenarios that settings may start from.
pub fn known(names: &[String]) -> Vec<String> {
    std::iter::once(BASE.to_string()).chain(names.iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_its_steps_and_an_entry_is_counted_from_one() {
        let key = Assignment::of("shocks[2].gap.size", "\"-5%\"").unwrap();
        assert_eq!((shown(&key.path), key.text.as_str()), ("shocks[2].gap.size".into(), "gap.size = \"-5%\""));
        let quoted = Assignment::of("pool.capital.\"A B\"", "5").unwrap();
        assert_eq!(quoted.path, ["pool", "capital", "A B"]);
        let table = Assignment::of("pool.capital", "{ A = 1, B = 2 }").unwrap();
        assert_eq!(table.path, ["pool", "capital"]);
        for name in ["", "a b", "shocks[0].x", "shocks[1]", "shocks[x].y", "a = 1\nb"] {
            assert!(Assignment::of(name, "5").is_none(), "{name:?}");
        }
    }
}
