//! Reads a programme: mirrors the TOML, lays scenarios over the base, fills defaults, names every problem's line.
//!
//! The steps: the text is parsed with the place of every key (`locate`); flags are written into it (`flags`); each
//! scenario's patch is laid over the base (`merge`); base and scenarios are read into the strict types one fault after
//! another (`typed`) and cross-checked (`check`); the resolved programme is written (`resolve`). `shape` derives the keys
//! and the JSON Schema from the types.

use crate::disk::bounded;
use crate::inputs::rulebooks;
use crate::model::case::{Case, Language, Limit, Programme, Scenario, Severity};
use crate::model::margin::CONTRACT_KEYS;
use crate::problem::{Kind, Place, Problem, Problems};
use crate::units::Day;
use gather::Check;
use locate::{Layer, Source, View};
use settings::Settings;
use shape::{Node, ProgrammeHead, ScenarioHead};
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

mod check;
mod check_clients;
mod check_controls;
mod check_firm;
mod check_head;
mod check_history;
mod check_margin;
mod check_model_risk;
mod check_parts;
mod check_pool;
mod check_reverse;
mod check_watch;
mod flags;
mod gather;
mod locate;
mod merge;
pub mod mix;
pub mod plan;
mod plan_file;
mod resolve;
pub mod reverse;
mod settings;
mod shape;
pub mod sweep;
mod sweep_file;
mod template;
pub mod tornado;
mod tornado_file;
mod typed;

pub use shape::schema;
/// The commented programme that `init` prints; it holds every key.
pub use template::template;

/// A programme longer than this is no programme.
const BYTES: u64 = 4 << 20;
/// Scenarios of one programme.
const SCENARIOS: usize = 1000;
pub use crate::model::case::BASE;

/// What the command line changes in a programme; everything here is written into the resolved programme.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    pub paths: Option<u64>,
    pub seed: Option<u64>,
    /// Only these scenarios (the base is always kept); every one when empty.
    pub scenarios: Vec<String>,
    /// `key=value` pairs, dotted keys, TOML values (a bare word is a string).
    pub set: Vec<String>,
    pub language: Option<Language>,
    /// The earlier report, as the command line names it: from the folder the command runs in.
    pub previous: Option<PathBuf>,
}

/// Reads and resolves a programme file.
pub fn load(path: &Path, overrides: &Overrides) -> Result<Programme, Problems> {
    let file = path.display().to_string();
    let text = read_text(path, &file)?;
    let own = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    read(&text, &file, overrides, None, |root| match root {
        Some(root) => own.join(root),
        None => resolve::original_folder(path).unwrap_or_else(|| own.to_path_buf()),
    })
}

fn read_text(path: &Path, file: &str) -> Result<String, Problem> {
    let problem = |what: String, why: &str, fix: &str| Problem::new(Kind::Programme, Place::file(file), what, why, fix);
    let unreadable = |e: std::io::Error| {
        problem(format!("cannot be read: {e}"), "a run needs its programme", "check the path, or write one with `levertide init`")
    };
    let bytes = bounded::read(path, BYTES).map_err(|error| match error.kind() {
        std::io::ErrorKind::FileTooLarge => {
            problem(format!("is no programme: {error}"), "a programme is a text of at most 4 MiB", "name the programme, not a data file")
        }
        _ => unreadable(error),
    })?;
    String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        let line = 1 + e.as_bytes()[..at].iter().filter(|b| **b == b'\n').count();
        let mut problem = problem("is not UTF-8 text".into(), "TOML is written in UTF-8", "save the programme as UTF-8");
        problem.place.line = Some(line);
        problem
    })
}

/// The line of a programme's file on which a key of a limit stands, or the limit itself; none where the file has no such limit.
pub fn line_of_limit(path: &Path, wanted: &Limit, key: &str) -> Option<usize> {
    let text = String::from_utf8(bounded::read(path, BYTES).ok()?).ok()?;
    let source = Source::new(String::new(), &text);
    let document = DeValue::Table(DeTable::parse_recoverable(&text).0.into_inner());
    let said = |limit: &DeValue<'_>, key: &str| locate::child(limit, key).and_then(|v| v.get_ref().as_str().map(str::to_string));
    // known by what it says: limits of scenarios that were left out are gone from the programme, not from the file
    let is_meant = |limit: &&Spanned<DeValue<'_>>| {
        let limit = limit.get_ref();
        said(limit, "measure").as_deref() == Some(&wanted.measure) && said(limit, "scenario") == wanted.scenario
    };
    let limit = locate::child(&document, "limits")?.get_ref().as_array()?.iter().find(is_meant)?;
    let span = locate::child(limit.get_ref(), key).map_or(limit.span(), Spanned::span);
    Some(source.line(span.start))
}

/// Reads and resolves a programme's text; `file` names it in problems, `folder` is what its data paths start from.
pub fn parse(text: &str, file: &str, folder: &Path, overrides: &Overrides) -> Result<Programme, Problems> {
    read(text, file, overrides, None, |root| root.map_or_else(|| folder.to_path_buf(), |root| folder.join(root)))
}

/// `folder` says where data paths start, given the programme's own `root`; `settings` are read in place of its scenarios.
fn read(
    text: &str,
    file: &str,
    overrides: &Overrides,
    settings: Option<&Settings>,
    folder: impl Fn(Option<String>) -> PathBuf,
) -> Result<Programme, Problems> {
    let source = Source::new(file.to_string(), text);
    let (root, faults) = DeTable::parse_recoverable(text);
    if !faults.is_empty() {
        return Err(syntax(&faults, &source));
    }
    read_document(root.into_inner(), &source, overrides, settings, folder)
}

/// The same of a document that is parsed.
fn read_document(
    root: DeTable<'_>,
    source: &Source,
    overrides: &Overrides,
    settings: Option<&Settings>,
    folder: impl Fn(Option<String>) -> PathBuf,
) -> Result<Programme, Problems> {
    let mut problems = Problems::new();
    let mut document = DeValue::Table(root);
    merge::quote_dates(&mut document);
    let mut names = names(&document, source, &mut problems);
    let own = names.len();
    let lines = flags::lines(overrides, &names, &mut problems);
    let mut root = into_table(document);
    let mut sets = flags::apply(&mut root, &lines, own);
    let base_set = sets.pop().expect("the base's set is the last");
    sets.extend(settings.iter().flat_map(|settings| settings::add(&mut root, &mut names, settings, &mut problems)));
    let parts = split(root, names, sets);
    let mut reader = Reader { source, base: &parts.base, base_set: &base_set, as_of: None, given: None };
    let head = reader.head(&parts, &mut problems);
    reader.as_of = head.as_ref().and_then(|h| h.as_of);
    reader.given = head.as_ref().map(|h| Given {
        implied: h.data.implied_volatility.is_some(),
        correlations: h.data.correlations.is_some(),
        // without instruments too it is one fault, and said already
        history: h.data.has_history() || h.data.instruments.is_none(),
    });
    let base = reader.base(&mut problems);
    let scenarios = match &base {
        Some((_, clean)) => parts.scenarios.iter().filter_map(|p| reader.scenario(p, clean, &mut problems)).collect(),
        None => Vec::new(),
    };
    duplicates(&parts, source, &mut problems);
    let kept = match settings {
        None => kept(overrides, &parts, &mut problems),
        Some(settings) => settings.list.iter().map(|setting| setting.name.clone()).collect(),
    };
    let problems = distinct(problems);
    let (Some(mut head), Some((base, _)), true) = (head, base, problems.is_empty()) else { return Err(problems) };
    let folder = folder(head.data.root.take());
    if settings.is_some() {
        head.model_risk = Default::default();
        head.reverse = Vec::new();
    }
    if let Some(previous) = &overrides.previous {
        head.report.previous = Some(resolve::way(&folder, previous));
    }
    Ok(assemble(head, base, scenarios, &kept, folder))
}

/// Every fault of the text, one a line.
fn syntax(faults: &[toml::de::Error], source: &Source) -> Problems {
    let mut problems = Problems::new();
    let mut last = 0;
    for fault in faults {
        let line = source.line(fault.span().map_or(0, |s| s.start));
        if line == last {
            continue;
        }
        last = line;
        let fix = "write `key = value`, texts and percentages in double quotes: warning = \"150%\"";
        let place = Place::file(&source.file).line(line);
        problems.push(Problem::new(Kind::Programme, place, fault.message(), "a programme is written in TOML 1.0", fix));
    }
    problems
}

fn into_table<'i>(node: DeValue<'i>) -> DeTable<'i> {
    match node {
        DeValue::Table(table) => table,
        other => panic!("a table was expected, found {}", other.type_str()),
    }
}

/// The scenarios' names; "[2]" for the second when it has none.
fn names(document: &DeValue<'_>, source: &Source, problems: &mut Problems) -> Vec<String> {
    let Some(node) = locate::child(document, "scenario") else { return Vec::new() };
    let place = |span: Range<usize>| Place::file(&source.file).line(source.line(span.start)).field("scenario");
    let fix = "write [[scenario]] above each scenario, with double brackets";
    let why = "`scenario` is a list of tables";
    let Some(list) = node.get_ref().as_array() else {
        let what = format!("found a {}", node.get_ref().type_str());
        problems.push(Problem::new(Kind::Programme, place(node.span()), what, why, fix));
        return Vec::new();
    };
    if list.len() > SCENARIOS {
        let what = format!("found {} scenarios", list.len());
        let why = "a programme holds at most 1000 scenarios";
        problems.push(Problem::new(Kind::Programme, place(node.span()), what, why, "split the programme"));
    }
    let mut names = Vec::new();
    for (index, entry) in list.iter().enumerate().take(SCENARIOS) {
        if !entry.get_ref().is_table() {
            let what = format!("found a {}", entry.get_ref().type_str());
            problems.push(Problem::new(Kind::Programme, place(entry.span()), what, why, fix));
        }
        let name = locate::child(entry.get_ref(), "name").and_then(|n| n.get_ref().as_str()).map(str::to_string);
        names.push(name.unwrap_or_else(|| format!("[{}]", index + 1)));
    }
    names
}

/// A programme taken apart: what no scenario changes, what every scenario starts from, and the scenarios.
struct Parts<'i> {
    head: DeValue<'i>,
    base: DeValue<'i>,
    scenarios: Vec<Part<'i>>,
}

struct Part<'i> {
    name: String,
    span: Range<usize>,
    head: DeValue<'i>,
    patch: DeValue<'i>,
    set: flags::Set,
}

fn split<'i>(mut root: DeTable<'i>, names: Vec<String>, sets: Vec<flags::Set>) -> Parts<'i> {
    let list = match root.remove("scenario").map(Spanned::into_inner) {
        Some(DeValue::Array(list)) => list.into_iter().collect(),
        _ => Vec::new(),
    };
    let own = shape::scenario_head_keys();
    let mut scenarios = Vec::new();
    for ((entry, name), set) in list.into_iter().zip(names).zip(sets) {
        let span = entry.span();
        if let DeValue::Table(table) = entry.into_inner() {
            let (head, patch) = part(table, &own);
            scenarios.push(Part { name, span, head, patch, set });
        }
    }
    let (head, base) = part(root, &shape::head_keys());
    Parts { head, base, scenarios }
}

/// The named keys of a table, and the rest.
fn part<'i>(table: DeTable<'i>, keys: &[String]) -> (DeValue<'i>, DeValue<'i>) {
    let (named, rest): (Vec<_>, Vec<_>) = table.into_iter().partition(|(k, _)| keys.iter().any(|key| key == k.get_ref()));
    (DeValue::Table(named.into_iter().collect()), DeValue::Table(rest.into_iter().collect()))
}

/// Reads the parts into their types.
struct Reader<'t, 'i> {
    source: &'t Source,
    base: &'t DeValue<'i>,
    base_set: &'t flags::Set,
    as_of: Option<Day>,
    /// What files are named; unknown where the programme's own keys are faulty.
    given: Option<Given>,
}

/// Files that some keys of a case need.
#[derive(Clone, Copy)]
struct Given {
    implied: bool,
    correlations: bool,
    /// Prices or returns.
    history: bool,
}

/// A scenario read and checked, and its patch for the resolved programme.
struct Read {
    scenario: Scenario,
    patch: toml::Table,
}

impl<'i> Reader<'_, 'i> {
    fn head(&self, parts: &Parts<'i>, problems: &mut Problems) -> Option<ProgrammeHead> {
        let layers = [Layer { tree: &parts.head, prefix: Vec::new(), flags: self.base_set, start: None }];
        let context = typed::Context { source: self.source, layers: &layers, shape: Node::root(), beside: &[], elsewhere: &[] };
        let mut current = parts.head.clone();
        let head: ProgrammeHead = typed::read(&mut current, &context, problems)?;
        let names: Vec<&str> = parts.scenarios.iter().map(|p| p.name.as_str()).collect();
        let view = View { source: self.source, current: &current, layers: &layers };
        check_head::head(&head, &names, &view, problems);
        Some(head)
    }

    /// Fills in what depends on the rest of the programme, and checks the case.
    fn resolve(&self, case: &mut Case, view: &View<'_, '_>, problems: &mut Problems) {
        rulebooks::resolve(&mut case.margin, self.as_of);
        check::case(case, self.as_of, view, problems);
        check_controls::risk_volatility(&case.margin, self.given.map(|given| given.implied), view, problems);
        if self.given.is_some_and(|given| given.implied) {
            case.margin.risk_volatility.get_or_insert_default();
        }
        if self.given.is_some_and(|given| !given.correlations) {
            check_parts::given(&case.market, &mut Check { view, problems, above: Vec::new() });
        }
        if self.given.is_some_and(|given| !given.history) {
            check_history::case(case, &mut Check { view, problems, above: Vec::new() });
        }
    }

    /// The base, and its tree without what was faulty.
    fn base(&self, problems: &mut Problems) -> Option<(Case, DeValue<'i>)> {
        let layers = [Layer { tree: self.base, prefix: Vec::new(), flags: self.base_set, start: None }];
        let beside: Vec<String> = shape::head_keys().into_iter().chain(["scenario".to_string()]).collect();
        let context = typed::Context { source: self.source, layers: &layers, shape: Node::root(), beside: &beside, elsewhere: &[] };
        let mut current = self.base.clone();
        let mut case: Case = typed::read(&mut current, &context, problems)?;
        self.resolve(&mut case, &View { source: self.source, current: &current, layers: &layers }, problems);
        Some((case, current))
    }

    fn scenario(&self, part: &Part<'i>, base: &DeValue<'i>, problems: &mut Problems) -> Option<Read> {
        let prefix = vec!["scenario".to_string(), part.name.clone()];
        let start = Some(part.span.clone());
        let layers = [Layer { tree: &part.head, prefix: prefix.clone(), flags: &part.set, start: start.clone() }];
        let context = typed::Context { source: self.source, layers: &layers, shape: Node::scenario(), beside: &[], elsewhere: &[] };
        let mut current = part.head.clone();
        let head: Option<ScenarioHead> = typed::read(&mut current, &context, problems);
        let view = View { source: self.source, current: &current, layers: &layers };
        if let Some(head) = &head {
            check_head::scenario(head, &view, problems);
        }

        let patch = Layer { tree: &part.patch, prefix, flags: &part.set, start };
        let below = Layer { tree: self.base, prefix: Vec::new(), flags: self.base_set, start: None };
        let layers = [patch, below];
        let (beside, elsewhere) = (shape::scenario_head_keys(), shape::head_keys());
        let context =
            typed::Context { source: self.source, layers: &layers, shape: Node::scenario(), beside: &beside, elsewhere: &elsewhere };
        let mut current = base.clone();
        if let (DeValue::Table(base), DeValue::Table(patch)) = (&mut current, &part.patch) {
            leave_contract(base, patch);
            merge::merge(base, patch, Some(Node::scenario()));
        }
        let mut case: Case = typed::read(&mut current, &context, problems)?;
        self.resolve(&mut case, &View { source: self.source, current: &current, layers: &layers }, problems);
        let patch = plain(&part.patch)?;
        let (name, head) = (part.name.clone(), head?);
        let severity = head.severity.unwrap_or(Severity::Moderate);
        Some(Read { scenario: Scenario { name, severity, narrative: head.narrative, zh: head.zh, case }, patch })
    }
}

/// A scenario that names a rulebook, or a version of one, starts from it: the lines of the base's contract are left behind.
fn leave_contract(base: &mut DeTable<'_>, patch: &DeTable<'_>) {
    let Some(DeValue::Table(own)) = patch.get("margin").map(Spanned::get_ref) else { return };
    let (book, version) = (own.contains_key("rulebook"), own.contains_key("version"));
    if let Some(DeValue::Table(margin)) = base.get_mut("margin").map(Spanned::get_mut) {
        for key in CONTRACT_KEYS.iter().filter(|key| book || (version && **key != "rulebook")) {
            margin.remove(*key);
        }
    }
}

/// Writes into a patch the rulebook's targets that a line of it moved: in the resolved base they are written, and would stay.
fn write_moved_targets(patch: &mut toml::Table, base: &Case, case: &Case) {
    let Some(toml::Value::Table(own)) = patch.get_mut("margin") else { return };
    if own.contains_key("rulebook") || own.contains_key("version") {
        return;
    }
    let targets =
        [("cured-at", base.margin.cured_at, case.margin.cured_at), ("restore-to", base.margin.restore_to, case.margin.restore_to)];
    for (key, of_base, target) in targets {
        if let Some(target) = target.filter(|target| of_base != Some(*target) && !own.contains_key(key)) {
            own.insert(key.into(), toml::Value::String(target.to_string()));
        }
    }
}

/// A scenario is known by its name; the second of a name is the fault.
fn duplicates(parts: &Parts<'_>, source: &Source, problems: &mut Problems) {
    for (index, part) in parts.scenarios.iter().enumerate() {
        let Some(first) = parts.scenarios[..index].iter().find(|p| p.name == part.name) else { continue };
        let line_of = |p: &Part<'_>| source.line(locate::child(&p.head, "name").map_or(p.span.start, |n| n.span().start));
        let place = Place::file(&source.file).line(line_of(part)).field(format!("scenario.{}.name", part.name));
        let what = format!("a second scenario is named \"{}\"", part.name);
        let why = format!("a scenario is known by its name, and line {} has it", line_of(first));
        problems.push(Problem::new(Kind::Programme, place, what, why, "give each scenario its own name"));
    }
    // a Chinese reader knows a scenario by the name shown there
    let zh = |p: &Part<'_>| locate::child(locate::child(&p.head, "zh")?.get_ref(), "name")?.get_ref().as_str().map(str::to_string);
    let shown = |p: &Part<'_>| zh(p).unwrap_or_else(|| p.name.clone());
    for (index, part) in parts.scenarios.iter().enumerate() {
        let Some(first) = parts.scenarios[..index].iter().find(|p| p.name != part.name && shown(p) == shown(part)) else { continue };
        let line = source.line(locate::child(&part.head, "zh").map_or(part.span.start, |n| n.span().start));
        let place = Place::file(&source.file).line(line).field(format!("scenario.{}.zh.name", part.name));
        let what = format!("a Chinese report shows it as \"{}\"", shown(part));
        let why = format!("scenario \"{}\" is shown by the same name", first.name);
        problems.push(Problem::new(Kind::Programme, place, what, why, "give each scenario its own name there"));
    }
}

/// The table without the places of its keys.
fn plain(node: &DeValue<'_>) -> Option<toml::Table> {
    use serde::Deserialize;
    toml::Table::deserialize(toml::de::ValueDeserializer::from(Spanned::new(0..0, node.clone()))).ok()
}

/// Which scenarios `--scenario` keeps, by name.
fn kept(overrides: &Overrides, parts: &Parts<'_>, problems: &mut Problems) -> Vec<String> {
    let names: Vec<String> = parts.scenarios.iter().map(|p| p.name.clone()).collect();
    if overrides.scenarios.is_empty() {
        return names;
    }
    for asked in &overrides.scenarios {
        if asked != BASE && !names.contains(asked) {
            let what = format!("no scenario \"{asked}\"");
            let why = match names.is_empty() {
                true => "the programme holds the base alone".to_string(),
                false => format!("the scenarios are {}", typed::list(&names)),
            };
            let fix = typed::nearest_fix(asked, &names, "name one of the programme's scenarios");
            problems.push(Problem::new(Kind::Usage, Place::file("--scenario"), what, why, fix));
        }
    }
    names.into_iter().filter(|n| overrides.scenarios.contains(n)).collect()
}

/// A fault of the base shows again in every scenario that inherits it; it is one problem.
fn distinct(problems: Problems) -> Problems {
    let mut seen = std::collections::BTreeSet::new();
    let mut once = Problems::new();
    for problem in problems.iter() {
        if seen.insert(problem.clone()) {
            once.push(problem.clone());
        }
    }
    once
}

fn assemble(mut head: ProgrammeHead, base: Case, scenarios: Vec<Read>, kept: &[String], folder: PathBuf) -> Programme {
    let panels = head.model_risk.scenarios.len();
    head.model_risk.scenarios.retain(|s| s == BASE || kept.contains(s));
    if panels > 0 && head.model_risk.scenarios.is_empty() {
        head.model_risk = Default::default();
    }
    head.watch.retain(|w| w.scenario.as_ref().is_none_or(|s| s == BASE || kept.contains(s)));
    head.reverse.retain(|r| r.scenario.as_ref().is_none_or(|s| s == BASE || kept.contains(s)));
    head.limits.retain(|l| l.scenario.as_ref().is_none_or(|s| s == BASE || kept.contains(s)));
    let mut scenarios: Vec<Read> = scenarios.into_iter().filter(|r| kept.contains(&r.scenario.name)).collect();
    scenarios.iter_mut().for_each(|r| write_moved_targets(&mut r.patch, &base, &r.scenario.case));
    let patches: Vec<resolve::Patch> = scenarios.iter().map(|r| resolve::Patch::new(&r.scenario, &r.patch)).collect();
    let resolved_toml = resolve::write(&head, &base, &patches);
    let own = Scenario::base(base);
    Programme {
        name: head.name.expect("checked: a programme has a name"),
        as_of: head.as_of.expect("checked: a programme has an as-of date"),
        currency: head.currency,
        seed: head.seed,
        data: head.data,
        folder,
        scenarios: std::iter::once(own).chain(scenarios.into_iter().map(|r| r.scenario)).collect(),
        limits: head.limits,
        report: head.report,
        model_risk: head.model_risk,
        reverse: head.reverse,
        watch: head.watch,
        firm: head.firm,
        resolved_toml,
    }
}
