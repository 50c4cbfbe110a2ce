//! Reads a file that lays settings over a programme: the programme it names or holds, and every setting as a scenario of it.
//!
//! The file is read as a programme is: mirrored, one fault after another, each at its line. Keys and values are then read by the
//! programme's own reader, setting by setting, so that what a scenario may not write no such file may; a fault there is placed at
//! the line of the file that wrote it, and is one problem however many settings share it.

use super::locate::{self, Source};
use super::plan_file::{self, Faults, What};
use super::settings::{self, Assignment, Setting, Settings};
use super::typed::{list, nearest_fix};
use super::{Overrides, into_table, merge, read, read_document, read_text, resolve, syntax};
use crate::model::case::{BASE, Language, Programme};
use crate::model::sweep::{Key, Value};
use crate::problem::{Kind, Place, Problem, Problems};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A kind of such files, but for the programme that one names or holds.
pub trait PlanFile: DeserializeOwned + JsonSchema {
    /// What it asks for.
    type Plan;
    const WHAT: What;

    fn paths(&self) -> Option<u64>;
    fn scenario(&self) -> Option<&str>;
    fn measures(&self) -> &[String];
    /// Keys that every setting has in common.
    fn set(&self) -> &toml::Table;
    /// What it asks for; what is wrong with the file alone, where nothing was wrong with its types.
    fn plan(&self, faults: &Faults<'_>, problems: &mut Problems) -> Self::Plan;
    /// How many settings there are.
    fn count(plan: &Self::Plan) -> usize;
    /// The keys that a setting has of its own, with their values.
    fn own(plan: &Self::Plan, setting: usize) -> Vec<(&Key, &Value)>;
    /// Where a key of a setting, as it is shown, was written; `about_name` where the fault is its name's.
    fn place_of(&self, plan: &Self::Plan, shown: &str, setting: usize, about_name: bool, faults: &Faults<'_>) -> Option<Place>;
}

/// A plan and what it simulates.
pub struct Planned<P> {
    pub plan: P,
    /// The programme with the settings in place of its scenarios; the base is the first of them.
    pub programme: Programme,
    /// The file of the programme, where it is not the plan's own.
    pub programme_file: Option<PathBuf>,
    /// The scenario that settings are laid over.
    pub scenario: String,
    /// The same as a Chinese report calls it.
    pub scenario_zh: String,
    lines: Lines,
}

/// Where what a file holds is written.
struct Lines {
    what: What,
    file: String,
    measures: Vec<usize>,
}

/// The programme that a file is of.
enum Of<'i> {
    File(PathBuf),
    Own(DeTable<'i>),
}

/// Reads a file and its programme.
///
/// Errors: every fault of the file, of the programme, and of the keys and values (kind Programme); of flags (kind Usage).
pub fn load<F: PlanFile>(path: &Path, flags: &Overrides) -> Result<Planned<F::Plan>, Problems> {
    let file = path.display().to_string();
    let text = read_text(path, &file)?;
    let source = Source::new(file, &text);
    let (root, faults) = DeTable::parse_recoverable(&text);
    if !faults.is_empty() {
        return Err(syntax(&faults, &source));
    }
    let mut document = DeValue::Table(root.into_inner());
    merge::quote_dates(&mut document);
    let mut root = into_table(document);
    let mut problems = Problems::new();
    let of = of(&mut root, path, &source, &F::WHAT, &mut problems);
    if of.is_none() {
        return Err(problems);
    }
    let tree = DeValue::Table(root);
    let (read_file, faults) = plan_file::read::<F>(&tree, &source, &mut problems);
    let (Some(file), Some(of)) = (read_file, of) else { return Err(problems) };
    let plan = file.plan(&faults, &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    let laid = Settings { scenario: file.scenario().unwrap_or(BASE).to_string(), list: laid::<F>(&plan, file.set()) };
    let overrides = Overrides { paths: flags.paths.or(file.paths()), ..flags.clone() };
    let own = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let scenario = laid.scenario.clone();
    let mut scenario_zh = scenario.clone();
    let (programme, programme_file) = match of {
        Of::Own(table) => {
            scenario_zh = check_scenario(&table, &laid, &faults)?;
            let folder = |root: Option<String>| root.map_or_else(|| own.to_path_buf(), |root| own.join(root));
            (read_document(table, &source, &overrides, Some(&laid), folder), None)
        }
        Of::File(path) => {
            let shown = path.display().to_string();
            let text = read_text(&path, &shown)?;
            let (root, syntax) = DeTable::parse_recoverable(&text);
            if syntax.is_empty() {
                scenario_zh = check_scenario(root.get_ref(), &laid, &faults)?;
            }
            let own = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let folder = |root: Option<String>| match root {
                Some(root) => own.join(root),
                None => resolve::original_folder(&path).unwrap_or_else(|| own.to_path_buf()),
            };
            (read(&text, &shown, &overrides, Some(&laid), folder), Some(path))
        }
    };
    let programme = programme.map_err(|problems| placed(problems, &laid, &plan, &file, &faults))?;
    let measures = (0..file.measures().len()).map(|at| faults.line(&["measures", &at.to_string()])).collect();
    let lines = Lines { what: F::WHAT, file: source.file, measures };
    Ok(Planned { plan, programme, programme_file, scenario, scenario_zh, lines })
}

impl<P> Planned<P> {
    /// Finds every measure that no setting has; `known` are those that some have.
    pub fn check_measures(&self, measures: &[&str], known: &[String]) -> Result<(), Problems> {
        let mut problems = Problems::new();
        for (at, measure) in measures.iter().enumerate() {
            if known.binary_search_by(|known| known.as_str().cmp(measure)).is_ok() {
                continue;
            }
            let place = Place::file(&self.lines.file).field(format!("measures[{}]", at + 1));
            let place = Place { line: self.lines.measures.get(at).copied(), ..place };
            let fix = format!("write one such as {}", crate::problem::near::nearest(measure, known));
            let (what, why) = (format!("unknown measure `{measure}`"), format!("a {} looks at keys of summary.json", self.lines.what.name));
            problems.push(Problem::new(Kind::Programme, place, what, why, fix));
        }
        problems.into_result(())
    }
}

/// Takes the programme, or its name, out of a file.
fn of<'i>(root: &mut DeTable<'i>, path: &Path, source: &Source, what: &What, problems: &mut Problems) -> Option<Of<'i>> {
    let own = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let is_programme = root.contains_key("as-of") && root.contains_key("data");
    let line = root.get("programme").map(|node| source.line(node.span().start));
    let name = what.name;
    let mut problem = |found: String, fix: &str| {
        let place = Place { line, ..Place::file(&source.file).field("programme") };
        problems.push(Problem::new(Kind::Programme, place, found, format!("a {name} is of one programme"), fix));
    };
    match root.remove("programme").map(Spanned::into_inner) {
        Some(DeValue::String(name)) if !name.trim().is_empty() => Some(Of::File(own.join(name.as_ref()))),
        Some(DeValue::Table(table)) => Some(Of::Own(table)),
        Some(other) => {
            problem(format!("found {}", other.type_str()), "write programme = \"weekly.toml\"");
            None
        }
        None if is_programme => {
            let fix = format!(
                "write a {name} beside it, with a line programme = \"…\" that names this file; `levertide help {}` shows one",
                what.verb
            );
            problem(format!("this is a programme, and no {name}"), &fix);
            None
        }
        None => {
            problem("key `programme` is missing".into(), "add a line such as programme = \"weekly.toml\"");
            None
        }
    }
}

/// The scenario must be one of the programme's; what a Chinese report calls it.
fn check_scenario(programme: &DeTable<'_>, laid: &Settings, faults: &Faults<'_>) -> Result<String, Problems> {
    let entries = programme.get("scenario").and_then(|list| list.get_ref().as_array());
    let name = |entry: &Spanned<DeValue<'_>>| locate::child(entry.get_ref(), "name")?.get_ref().as_str().map(str::to_string);
    let known = settings::known(&entries.into_iter().flatten().filter_map(name).collect::<Vec<_>>());
    if known.contains(&laid.scenario) {
        let own = entries.into_iter().flatten().find(|entry| name(entry).as_ref() == Some(&laid.scenario));
        let zh = own.and_then(|own| locate::child(locate::child(own.get_ref(), "zh")?.get_ref(), "name")?.get_ref().as_str());
        return Ok(zh.unwrap_or(&laid.scenario).to_string());
    }
    let fix = nearest_fix(&laid.scenario, &known, "name one of them, or leave the key out for the base");
    let why = format!("the scenarios are {}", list(&known));
    Err(faults.problem(&["scenario"], format!("no scenario \"{}\"", laid.scenario), why, fix).into())
}

/// Every setting with the lines that make it: those all have in common, then its own.
fn laid<F: PlanFile>(plan: &F::Plan, set: &toml::Table) -> Vec<Setting> {
    let common: Vec<Assignment> =
        set.iter().filter_map(|(key, value)| Assignment::of(&plan_file::quoted(key), &value.to_string())).collect();
    let of = |at: usize| {
        let pairs = F::own(plan, at);
        let own = pairs.iter().flat_map(|(key, value)| key.names.iter().map(move |name| (name, value)));
        let own = own.map(|(name, value)| Assignment::of(name, &value.toml).expect("the names were checked"));
        let said = |language| {
            let parts = pairs.iter().map(|(key, value)| format!("{} {}", key.title.get(language), value.label.get(language)));
            parts.collect::<Vec<_>>()
        };
        let (en, zh) = (said(Language::En), said(Language::Zh));
        let keys = common.iter().cloned().chain(own).collect();
        let (name, name_zh) = (name_of(at), format!("方案 {}", at + 1));
        Setting { scenario: None, name, narrative: en.join(", "), name_zh, narrative_zh: zh.join("，"), keys }
    };
    (0..F::count(plan)).map(of).collect()
}

/// What a setting is called as a scenario.
pub fn name_of(setting: usize) -> String {
    format!("setting {}", setting + 1)
}

/// Places the problems of settings where the file wrote them.
fn placed<F: PlanFile>(problems: Problems, laid: &Settings, plan: &F::Plan, file: &F, faults: &Faults<'_>) -> Problems {
    let mut once = std::collections::BTreeSet::new();
    for problem in problems.iter() {
        once.insert(place(problem.clone(), laid, plan, file, faults));
    }
    let mut placed = Problems::new();
    once.into_iter().for_each(|problem| placed.push(problem));
    placed
}

fn place<F: PlanFile>(mut problem: Problem, laid: &Settings, plan: &F::Plan, file: &F, faults: &Faults<'_>) -> Problem {
    let Some(field) = problem.place.field.clone() else { return problem };
    let of = |(at, setting): (usize, &Setting)| Some((at, field.strip_prefix(&format!("scenario.{}.", setting.name))?.to_string()));
    let Some((at, key)) = laid.list.iter().enumerate().find_map(of) else { return problem };
    if problem.place.file != settings::MARK {
        // what a setting takes over as it stands is the programme's
        problem.place.field = Some(key);
        return problem;
    }
    problem.kind = Kind::Programme;
    let about_name =
        problem.what.starts_with("unknown key") || problem.what.starts_with("key `") || problem.what.starts_with("there is no");
    problem.place = file.place_of(plan, &key, at, about_name, faults).unwrap_or_else(|| {
        let steps: Vec<&str> = std::iter::once("set").chain(key.split('.')).collect();
        faults.place(&steps)
    });
    problem
}
