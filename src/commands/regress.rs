//! Compares programmes with stored baselines, for a build that must fail when a risk figure moves or a limit breaks.

use super::command::Command;
use super::flags::{Changes, Drive, Voice, positive, share};
use super::pipeline::{self, Loaded};
use super::{fit_cache, interrupt, simulation, terminal};
use crate::disk::bounded;
use crate::disk::whole::{self, Over};
use crate::measures::Estimates;
use crate::model::case::Language;
use crate::problem::{Kind, Place, Problem, Problems, exit};
use crate::report::export::{baseline, summary};
use crate::report::facts;
use crate::report::names::{file_name, sha256};
use crate::report::regress as page;
use crate::study::gate::{Fate, Gate, Renewal, Rule, Set, judge};
use crate::study::junit::{is_junit, junit};
use crate::study::limits::LimitResult;
use crate::study::regress::Baseline;
use clap::Args;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// A longer file is no `summary.json`.
const LARGEST_SUMMARY_BYTES: u64 = 256 << 20;
/// Of runs without a change, those that may fail.
const FALSE_ALARMS: f64 = 0.01;
/// Characters of a hash that are shown.
const HASH_SHOWN: usize = 12;

/// A baseline is replaced by a baseline only, and verdicts by verdicts: every other file is somebody's work.
const BASELINE: Over<'static> = Over::Ours { what: "baseline", told_by: &|bytes| summary::read(bytes).is_ok() };
const VERDICTS: Over<'static> = Over::Ours { what: "JUnit XML of this program", told_by: &|bytes| is_junit(bytes) };
const MARKDOWN: Over<'static> = Over::Begins { what: "Markdown summary of this program", with: page::FIRST_LINE.as_bytes() };

const HELP: &str = "All figures of all programmes are one family: with --false-alarms 1% a run in which nothing changed fails, by any of \
them, at most once in a hundred times. docs/regress.md has the rule, a worked example, and files for GitHub Actions and GitLab.\n\n\
Examples:\n  levertide regress scenarios/*.toml --baselines baselines --update\n  \
levertide regress scenarios/*.toml --baselines baselines --junit regress.xml --markdown regress.md\n  \
levertide regress scenarios/*.toml --baselines baselines --exact";

/// Run programmes and compare their figures with stored baselines, within the sampling noise of both
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct Regress {
    /// The programmes, TOML files
    #[arg(required = true, value_name = "PROGRAMME")]
    pub programmes: Vec<PathBuf>,
    /// Folder of the baselines, one `<name>.json` per programme
    #[arg(long, value_name = "DIR")]
    pub baselines: PathBuf,
    /// Write the baselines, and say what moved against those that were there
    #[arg(long, conflicts_with_all = ["exact", "junit"])]
    pub update: bool,
    /// Every figure has to be equal to the last bit, for a change that should change none; refused where version, programme, seed or
    /// data of a baseline are others
    #[arg(long, conflicts_with_all = ["tolerance", "false_alarms"])]
    pub exact: bool,
    /// Write the verdicts as JUnit XML
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write a summary as Markdown: counts, changed figures, limits; with --update what moved
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// Of runs without a change those that may fail by chance, over all figures of all programmes [default: 1%]
    #[arg(long, value_name = "SHARE", value_parser = share, conflicts_with = "tolerance")]
    pub false_alarms: Option<f64>,
    /// Standard errors of the difference by which every figure may move, in place of --false-alarms; the rate that follows is stated
    #[arg(long, value_name = "K", value_parser = positive)]
    pub tolerance: Option<f64>,
    #[command(flatten)]
    pub changes: Changes,
    #[command(flatten)]
    pub drive: Drive,
    #[command(flatten)]
    pub voice: Voice,
}

/// A programme that is loaded, and its baseline, where there is one.
struct Task {
    loaded: Loaded,
    /// Where its baseline lies.
    path: PathBuf,
    baseline: Option<Baseline>,
}

/// What a programme came to, and what its baseline was.
struct Measured {
    name: String,
    path: PathBuf,
    baseline: Option<Baseline>,
    results: Vec<(String, Estimates)>,
    limits: Vec<LimitResult>,
    /// What a baseline of it holds.
    bytes: Vec<u8>,
    made: Made,
}

/// What figures are made from.
#[derive(Clone, Default)]
struct Made {
    version: String,
    seed: String,
    programme: String,
    data: BTreeMap<String, String>,
}

impl Command for Regress {
    fn execute(&self) -> Result<i32, Problems> {
        interrupt::listen();
        self.check_outputs()?;
        let tasks = self.tasks()?;
        let language = self.changes.lang.map_or(tasks[0].loaded.programme.report.language, Language::from);
        let measured = tasks.into_iter().map(|task| self.measured(task)).collect::<Result<Vec<Measured>, Problems>>()?;
        let rule = match (self.exact, self.tolerance) {
            (true, _) => Rule::Exact,
            (_, Some(tolerance)) => Rule::Tolerance(tolerance),
            _ => Rule::FalseAlarms(self.false_alarms.unwrap_or(FALSE_ALARMS)),
        };
        let sets = measured.iter().filter_map(|m| {
            let baseline = m.baseline.as_ref()?;
            Some(Set { name: &m.name, baseline, results: &m.results, limits: &m.limits })
        });
        let gate = judge(&sets.collect::<Vec<Set<'_>>>(), rule);
        interrupt::check()?;
        if self.update { self.renew(&measured, &gate, language) } else { self.tell(&gate, language) }
    }

    fn voice(&self) -> Option<&Voice> {
        Some(&self.voice)
    }
}

impl Regress {
    fn check_outputs(&self) -> Result<(), Problems> {
        let mut problems = Problems::new();
        for (path, over) in [(&self.junit, VERDICTS), (&self.markdown, MARKDOWN)] {
            if let Some(path) = path {
                let checked = whole::folder_stands(path).and_then(|()| whole::check(path, over).map(drop));
                problems.extend(checked.err().unwrap_or_default());
            }
        }
        if self.junit.is_some() && self.junit == self.markdown {
            let why = "one is XML, the other Markdown";
            problems.push(Problem::new(Kind::Usage, Place::file("--markdown"), "names the file of --junit", why, "name another file"));
        }
        if self.update && !self.changes.scenario.is_empty() {
            let why = "a baseline holds every scenario of its programme";
            let what = "leaves scenarios out of a baseline";
            problems.push(Problem::new(Kind::Usage, Place::file("--scenario"), what, why, "leave --scenario out of an update"));
        }
        problems.into_result(())
    }

    /// Every programme with its data and its baseline; every problem of all of them at once.
    fn tasks(&self) -> Result<Vec<Task>, Problems> {
        let mut problems = Problems::new();
        let mut tasks: Vec<Task> = Vec::new();
        for programme in &self.programmes {
            interrupt::check()?;
            match self.task(programme, &tasks) {
                Ok(task) => tasks.push(task),
                Err(found) => problems.extend(found),
            }
        }
        problems.into_result(tasks)
    }

    fn task(&self, programme: &Path, earlier: &[Task]) -> Result<Task, Problems> {
        let loaded = pipeline::load(programme, &self.changes)?;
        let name = &loaded.programme.name;
        let path = self.baselines.join(format!("{}.json", file_name(name)));
        if earlier.iter().any(|task| task.path == path) {
            return Err(twice(programme, name));
        }
        if self.update {
            whole::check(&path, BASELINE)?;
            // a layout of an earlier version cannot be compared, and is replaced
            let baseline = if path.exists() { read(&path, "the baseline", "").ok().map(|(baseline, _)| baseline) } else { None };
            return Ok(Task { loaded, path, baseline });
        }
        let fix = "write it with --update, or name its folder with --baselines";
        let (mut baseline, _) = read(&path, &format!("the baseline of {name:?}"), fix)?;
        if self.exact {
            check_identity(&path, &baseline, &Made::of(&loaded))?;
        }
        if !self.changes.scenario.is_empty() {
            baseline.scenarios.retain(|stored| loaded.programme.scenarios.iter().any(|scenario| scenario.name == stored.name));
        }
        Ok(Task { loaded, path, baseline: Some(baseline) })
    }

    fn measured(&self, task: Task) -> Result<Measured, Problems> {
        let Task { mut loaded, path, baseline } = task;
        let recall = fit_cache::open(&self.drive.recall, &mut loaded);
        let progress = pipeline::progress(&loaded, &self.voice);
        let outcomes = simulation::in_memory(&loaded, &self.drive, &progress)?;
        recall.tell(&self.voice);
        let inputs = &loaded.inputs;
        let facts =
            facts::gather(&loaded.programme, &inputs.book, &inputs.market, inputs.lineage.clone(), inputs.notes.clone(), &outcomes)?;
        Ok(Measured {
            name: loaded.programme.name.clone(),
            path,
            baseline,
            results: facts.scenarios.iter().map(|s| (s.name.clone(), s.measures.clone())).collect(),
            limits: facts.limits.clone(),
            bytes: baseline::bytes(&facts),
            made: Made::of(&loaded),
        })
    }

    /// Says and writes the verdicts.
    fn tell(&self, gate: &Gate, language: Language) -> Result<i32, Problems> {
        terminal::say(&told(gate))?;
        if let Some(path) = &self.junit {
            whole::write(path, junit(gate).as_bytes(), VERDICTS)?;
        }
        if let Some(path) = &self.markdown {
            whole::write(path, page::verdicts(gate, language).as_bytes(), MARKDOWN)?;
        }
        Ok(if gate.fails() { exit::BREACH } else { exit::DONE })
    }

    /// Writes the baselines, when every programme has run, so that a run that fails changes none; and says what moved.
    fn renew(&self, measured: &[Measured], gate: &Gate, language: Language) -> Result<i32, Problems> {
        let renewals: Vec<Renewal> = measured.iter().map(renewal).collect();
        let mut compared = gate.programmes.iter();
        for (measured, renewal) in measured.iter().zip(&renewals) {
            interrupt::check()?;
            whole::write(&measured.path, &measured.bytes, BASELINE)?;
            terminal::say(&format!("{}: baseline written to {}", measured.name, measured.path.display()))?;
            let mut out = String::new();
            match if renewal.is_first { None } else { compared.next() } {
                None => {
                    let _ = writeln!(out, ", {} figures", renewal.figures);
                }
                Some(judged) => {
                    let of = |fate: Fate| judged.count(|other| *other == fate);
                    let moved = judged.count(|fate| matches!(fate, Fate::Moved { .. } | Fate::Definition));
                    let (figures, within, new, gone) = (judged.rows.len(), of(Fate::Within), of(Fate::New), of(Fate::Gone));
                    let _ = writeln!(out, ": {figures} figures, {moved} moved beyond noise, {within} within it, {new} new, {gone} gone");
                    for [what, before, now] in &renewal.made_of {
                        let _ = writeln!(out, "  {what}: {before}, now {now}");
                    }
                    for row in judged.changes() {
                        let _ = writeln!(out, "  {} · {} {}", row.scenario, row.measure, row.words().unwrap_or_default());
                    }
                    for limit in &judged.limits {
                        if let Some(before) = limit.before.filter(|before| *before != limit.result.verdict) {
                            let (scenario, measure, now) = (&limit.result.scenario, &limit.result.measure, limit.result.verdict);
                            let _ = writeln!(out, "  {scenario} · limit on {measure} was {before:?}, is {now:?}");
                        }
                    }
                }
            }
            terminal::say(&out)?;
        }
        if !gate.programmes.is_empty() {
            terminal::say(&format!("{}\n", gate.words()))?;
        }
        if let Some(path) = &self.markdown {
            whole::write(path, page::renewals(&renewals, gate, language).as_bytes(), MARKDOWN)?;
        }
        Ok(exit::DONE)
    }
}

impl Made {
    fn of(loaded: &Loaded) -> Made {
        let programme = &loaded.programme;
        Made {
            version: env!("CARGO_PKG_VERSION").into(),
            seed: programme.seed.to_string(),
            programme: sha256(programme.resolved_toml.as_bytes()),
            data: loaded.inputs.lineage.iter().map(|file| (file.role.clone(), file.sha256.clone())).collect(),
        }
    }

    fn of_baseline(baseline: &Baseline) -> Made {
        Made {
            version: baseline.version.clone().unwrap_or_else(|| UNKNOWN.into()),
            seed: baseline.seed.map_or_else(|| UNKNOWN.into(), |seed| seed.to_string()),
            programme: baseline.programme_hash.clone(),
            data: baseline.data.clone(),
        }
    }

    /// What is not the same: what, here, and there.
    fn apart(&self, other: &Made) -> Vec<[String; 3]> {
        let mut out = Vec::new();
        for (what, own, theirs) in [
            ("version", &self.version, &other.version),
            ("seed", &self.seed, &other.seed),
            ("programme", &self.programme, &other.programme),
        ] {
            if own != theirs {
                out.push([what.to_string(), short(own), short(theirs)]);
            }
        }
        let roles: std::collections::BTreeSet<&String> = self.data.keys().chain(other.data.keys()).collect();
        for role in roles {
            let [own, theirs] = [self, other].map(|made| made.data.get(role).map_or(NONE, String::as_str));
            if own != theirs {
                out.push([format!("data file {role}"), short(own), short(theirs)]);
            }
        }
        out
    }
}

const UNKNOWN: &str = "not known";
const NONE: &str = "none";

fn short(text: &str) -> String {
    text.chars().take(HASH_SHOWN).collect()
}

fn renewal(measured: &Measured) -> Renewal {
    let before = measured.baseline.as_ref().map(Made::of_baseline);
    Renewal {
        name: measured.name.clone(),
        is_first: before.is_none(),
        figures: measured.results.iter().map(|(_, list)| list.len()).sum(),
        made_of: before.map_or_else(Vec::new, |before| before.apart(&measured.made)),
    }
}

/// A run has the bits of its baseline only where it is the same run.
fn check_identity(path: &Path, baseline: &Baseline, now: &Made) -> Result<(), Problems> {
    let problem = |what: String, why: &str, fix: &str| Problem::new(Kind::Data, Place::file(path.display().to_string()), what, why, fix);
    if baseline.version.is_none() {
        let why = "with --exact it has to be of the same version, programme, seed and data";
        return Err(problem("does not say which version made it".into(), why, "write it with `regress --update`").into());
    }
    let mut problems = Problems::new();
    let apart = Made::of_baseline(baseline).apart(now);
    // the seed is a part of the programme as resolved: where it is another one, nothing is known of the rest
    let other_seed = apart.iter().any(|[what, ..]| what == "seed");
    for [what, before, now] in apart.into_iter().filter(|[what, ..]| !(other_seed && what == "programme")) {
        let (why, fix) = match what.as_str() {
            "version" => ("another version may sum and draw in another order", "build that version, or leave --exact out"),
            "seed" => ("another seed draws other paths", "leave --seed out, or leave --exact out"),
            "programme" => {
                let why = "the programme as resolved, with --paths, --set and the seed, is not the one that it was made from";
                (why, "run it as then; where its change is meant, leave --exact out or renew the baseline with --update")
            }
            _ => ("other data give other figures", "restore the file; where its change is meant, renew the baseline with --update"),
        };
        problems.push(problem(format!("is of another {what}: {before}, now {now}"), why, fix));
    }
    problems.into_result(())
}

fn twice(programme: &Path, name: &str) -> Problems {
    let place = Place::file(programme.display().to_string()).field("name");
    let what = format!("an earlier programme of this command is named {name:?} too");
    Problem::new(Kind::Usage, place, what, "a baseline is stored under its programme's name", "give one of them another name").into()
}

/// Reads a stored `summary.json`, and gives its bytes too; `what` names it in a problem, `fix` says what to do when it is not there.
pub(super) fn read(path: &Path, what: &str, fix: &str) -> Result<(Baseline, Vec<u8>), Problems> {
    let problem = |found: String, fix: &str| {
        let why = "figures are compared with a summary.json that an earlier run stored";
        Problems::from(Problem::new(Kind::Data, Place::file(path.display().to_string()), found, why, fix))
    };
    let bytes = bounded::read(path, LARGEST_SUMMARY_BYTES).map_err(|e| problem(format!("{what} cannot be read: {e}"), fix))?;
    let baseline: Baseline = summary::read(&bytes).map_err(|e| problem(format!("is no summary.json: {e}"), "write it anew"))?;
    if baseline.schema != summary::SCHEMA {
        return Err(problem(format!("has layout {}, this version writes {}", baseline.schema, summary::SCHEMA), "write it anew"));
    }
    Ok((baseline, bytes))
}

/// What changed, how many figures were compared, and how often chance alone would say so.
fn told(gate: &Gate) -> String {
    let mut out = String::new();
    for programme in &gate.programmes {
        let name = &programme.name;
        for row in programme.changes() {
            let _ = writeln!(out, "changed: {name} · {} · {} {}", row.scenario, row.measure, row.words().unwrap_or_default());
        }
        for limit in programme.breaches() {
            let result = &limit.result;
            let _ =
                writeln!(out, "breached: {name} · {} · limit on {} {}", result.scenario, result.measure, limit.words().unwrap_or_default());
        }
        let of = |fate: Fate| programme.count(|other| *other == fate);
        let mut counts = format!("{} equal, {} within noise", of(Fate::Equal), of(Fate::Within));
        if of(Fate::Unjudged) > 0 {
            let _ = write!(counts, ", {} not judged", of(Fate::Unjudged));
        }
        let limits = programme.limits.len();
        if limits > 0 {
            let _ = write!(counts, "; {limits} limit{}, {} breached", if limits == 1 { "" } else { "s" }, programme.breaches().count());
        }
        let _ = writeln!(out, "{name}: {} figures, {} changed ({counts})", programme.rows.len(), programme.changes().count());
    }
    let _ = writeln!(out, "{}", gate.words());
    out
}
