//! Reads a sweep: the programme it names or holds, the keys and their values, and every setting as a scenario of that programme.
//!
//! The file is read as a programme is: mirrored, one fault after another, each at its line. Keys and values are then read by the
//! programme's own reader, setting by setting, so that what a scenario may not write no sweep may; a fault there is placed at the
//! line of the sweep that wrote it, and is one problem however many settings share it.

use super::locate::{self, Source};
use super::settings::{self, Assignment, Setting, Settings};
use super::sweep_file::{self, Faults, SweepFile};
use super::typed::{list, nearest_fix};
use super::{Overrides, into_table, merge, read, read_document, read_text, resolve, syntax};
use crate::model::case::{BASE, Language, Programme};
use crate::model::sweep::{Better, Named, SETTINGS, Sweep, settings as settings_of};
use crate::problem::{Kind, Place, Problem, Problems};
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A sweep and what it simulates.
pub struct Swept {
    pub sweep: Sweep,
    /// The programme with the settings in place of its scenarios; the base is the first of them.
    pub programme: Programme,
    /// The file of the programme, where it is not the sweep's own.
    pub programme_file: Option<PathBuf>,
    /// The scenario that settings are laid over.
    pub scenario: String,
    /// The same as a Chinese report calls it.
    pub scenario_zh: String,
    lines: Lines,
}

/// Where what a sweep holds is written.
struct Lines {
    file: String,
    measures: Vec<usize>,
}

/// The programme that a sweep is of.
enum Of<'i> {
    File(PathBuf),
    Own(DeTable<'i>),
}

/// Reads a sweep and its programme.
///
/// Errors: every fault of the file, of the programme, and of the keys and values (kind Programme); of flags (kind Usage).
pub fn load(path: &Path, flags: &Overrides) -> Result<Swept, Problems> {
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
    let of = of(&mut root, path, &source, &mut problems);
    if of.is_none() {
        return Err(problems);
    }
    let tree = DeValue::Table(root);
    let (read_file, faults) = sweep_file::read(&tree, &source, &mut problems);
    let (Some(file), Some(of)) = (read_file, of) else { return Err(problems) };
    let made = made(&file, &faults, &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    let (sweep, laid) = made;
    let overrides = Overrides { paths: flags.paths.or(file.paths), ..flags.clone() };
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
    let programme = programme.map_err(|problems| placed(problems, &laid, (&sweep, &file), &faults))?;
    let measures = (0..file.measures.len()).map(|at| faults.line(&["measures", &at.to_string()])).collect();
    Ok(Swept { sweep, programme, programme_file, scenario, scenario_zh, lines: Lines { file: source.file, measures } })
}

impl Swept {
    /// Finds every measure that no setting has; `known` are those that some have.
    pub fn check_measures(&self, known: &[String]) -> Result<(), Problems> {
        let mut problems = Problems::new();
        for (at, (measure, _)) in self.sweep.measures.iter().enumerate().filter(|(_, (measure, _))| known.binary_search(measure).is_err()) {
            let place = Place::file(&self.lines.file).field(format!("measures[{}]", at + 1));
            let place = Place { line: self.lines.measures.get(at).copied(), ..place };
            let fix = format!("write one such as {}", crate::problem::near::nearest(measure, known));
            let what = format!("unknown measure `{measure}`");
            problems.push(Problem::new(Kind::Programme, place, what, "a sweep looks at keys of summary.json", fix));
        }
        problems.into_result(())
    }
}

/// Takes the programme, or its name, out of a sweep.
fn of<'i>(root: &mut DeTable<'i>, path: &Path, source: &Source, problems: &mut Problems) -> Option<Of<'i>> {
    let own = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let is_programme = root.contains_key("as-of") && root.contains_key("data");
    let line = root.get("programme").map(|node| source.line(node.span().start));
    let mut problem = |what: String, fix: &str| {
        let place = Place { line, ..Place::file(&source.file).field("programme") };
        problems.push(Problem::new(Kind::Programme, place, what, "a sweep is of one programme", fix));
    };
    match root.remove("programme").map(Spanned::into_inner) {
        Some(DeValue::String(name)) if !name.trim().is_empty() => Some(Of::File(own.join(name.as_ref()))),
        Some(DeValue::Table(table)) => Some(Of::Own(table)),
        Some(other) => {
            problem(format!("found {}", other.type_str()), "write programme = \"weekly.toml\"");
            None
        }
        None if is_programme => {
            let fix = "write a sweep beside it, with a line programme = \"…\" that names this file; `levertide help sweep` shows one";
            problem("this is a programme, and no sweep".into(), fix);
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

/// The sweep, and its settings over the scenario.
fn made(file: &SweepFile, faults: &Faults<'_>, problems: &mut Problems) -> (Sweep, Settings) {
    let name = file.name.clone().unwrap_or_else(|| "sweep".into());
    let zh = file.zh.name.clone().unwrap_or_else(|| name.clone());
    let keys = file.keys(faults, problems);
    let all = settings_of(file.design, &keys.iter().map(|key| key.values.len()).collect::<Vec<_>>());
    if all.len() > SETTINGS {
        let what = format!("{} settings", all.len());
        let why = format!("a sweep has at most {SETTINGS} settings, one for each combination of its values");
        problems.push(faults.problem(&["key"], what, why, "leave out values or a key, or draw the settings: design = \"random\""));
    }
    let measures: Vec<(String, Better)> = (file.measures.iter())
        .map(|measure| (measure.clone(), file.better.get(measure).copied().unwrap_or_else(|| Better::of(measure))))
        .collect();
    let frontier = file.frontier(faults, problems);
    let sweep = Sweep { name: Named { en: name, zh }, design: file.design, keys, settings: all, measures, frontier };
    let scenario = file.scenario.clone().unwrap_or_else(|| BASE.into());
    let list = if problems.is_empty() { laid(&sweep, file) } else { Vec::new() };
    (sweep, Settings { scenario, list })
}

/// Every setting with the lines that make it.
fn laid(sweep: &Sweep, file: &SweepFile) -> Vec<Setting> {
    let common: Vec<Assignment> =
        file.set.iter().filter_map(|(key, value)| Assignment::of(&sweep_file::quoted(key), &value.to_string())).collect();
    let of = |at: usize| {
        let own = sweep.keys.iter().zip(sweep.values(at)).flat_map(|(key, value)| key.names.iter().map(move |name| (name, value)));
        let own = own.map(|(name, value)| Assignment::of(name, &value.toml).expect("the names were checked"));
        let said = |language| {
            let parts =
                sweep.keys.iter().zip(sweep.values(at)).map(|(k, v)| format!("{} {}", k.title.get(language), v.label.get(language)));
            parts.collect::<Vec<_>>()
        };
        let (en, zh) = (said(Language::En), said(Language::Zh));
        let name = name_of(at);
        let own = common.iter().cloned().chain(own).collect();
        Setting {
            scenario: None,
            name,
            narrative: en.join(", "),
            name_zh: format!("方案 {}", at + 1),
            narrative_zh: zh.join("，"),
            keys: own,
        }
    };
    (0..sweep.settings.len()).map(of).collect()
}

/// What a setting is called as a scenario.
pub fn name_of(setting: usize) -> String {
    format!("setting {}", setting + 1)
}

/// Places the problems of settings where the sweep wrote them.
fn placed(problems: Problems, laid: &Settings, of: (&Sweep, &SweepFile), faults: &Faults<'_>) -> Problems {
    let mut once = std::collections::BTreeSet::new();
    for problem in problems.iter() {
        once.insert(place(problem.clone(), laid, of, faults));
    }
    let mut placed = Problems::new();
    once.into_iter().for_each(|problem| placed.push(problem));
    placed
}

fn place(mut problem: Problem, laid: &Settings, (sweep, file): (&Sweep, &SweepFile), faults: &Faults<'_>) -> Problem {
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
    problem.place = file.place_of(&key, &sweep.settings[at], about_name, faults);
    problem
}

impl SweepFile {
    /// Where a key of a setting was written: among those all have, or as a value of one that is swept.
    fn place_of(&self, shown: &str, values: &[usize], about_name: bool, faults: &Faults<'_>) -> Place {
        let holds = |name: &str| {
            let name = Assignment::of(name, "0").map_or_else(|| name.to_string(), |key| settings::shown(&key.path));
            shown == name
                || shown.starts_with(&format!("{name}."))
                || shown.starts_with(&format!("{name}["))
                || name.starts_with(&format!("{shown}."))
        };
        let swept = self.key.iter().enumerate().rev().find(|(_, key)| key.names().iter().any(|name| holds(name)));
        let Some((at, key)) = swept else {
            let steps: Vec<&str> = std::iter::once("set").chain(shown.split('.')).collect();
            return faults.place(&steps);
        };
        let number = at.to_string();
        match (about_name, key.values.is_empty()) {
            (false, false) => faults.place(&["key", &number, "values", &values[at].to_string()]),
            (false, true) => faults.place(&["key", &number, "from"]),
            (true, _) => faults.place(&["key", &number, "name"]),
        }
    }
}
