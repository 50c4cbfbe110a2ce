//! Compares programmes with stored baselines, for a build that must fail when a risk figure moves or a limit breaks.

use super::command::Command;
use super::flags::{Changes, Drive, Voice, positive};
use super::{fit_cache, interrupt, pipeline, simulation, terminal};
use crate::disk::bounded;
use crate::disk::whole::{self, Over};
use crate::measures::Estimates;
use crate::problem::{Kind, Place, Problem, Problems, exit};
use crate::report::export::summary;
use crate::report::facts;
use crate::report::names::file_name;
use crate::study::limits::LimitResult;
use crate::study::regress::{Baseline, Finding, compare, is_junit, junit};
use clap::Args;
use std::path::{Path, PathBuf};

/// What one programme came to.
struct Measured {
    name: String,
    results: Vec<(String, Estimates)>,
    limits: Vec<LimitResult>,
    summary_json: Vec<u8>,
}

/// A longer file is no `summary.json`.
const LARGEST_SUMMARY_BYTES: u64 = 256 << 20;

/// A baseline is replaced by a baseline only, and verdicts by verdicts: every other file is somebody's work.
const BASELINE: Over<'static> = Over::Ours { what: "baseline", told_by: &|bytes| summary::read(bytes).is_ok() };
const VERDICTS: Over<'static> = Over::Ours { what: "JUnit XML of this program", told_by: &|bytes| is_junit(bytes) };

/// Run programmes and compare their figures with stored baselines, within the sampling noise of both
#[derive(Debug, Args)]
pub struct Regress {
    /// The programmes, TOML files
    #[arg(required = true, value_name = "PROGRAMME")]
    pub programmes: Vec<PathBuf>,
    /// Folder of the baselines, one `<name>.json` per programme
    #[arg(long, value_name = "DIR")]
    pub baselines: PathBuf,
    /// Write the baselines instead of comparing with them
    #[arg(long)]
    pub update: bool,
    /// Write the verdicts as JUnit XML
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Standard errors of the difference by which a figure may change [default: 4, or as many as keep false alarms to 1 run in 100]
    #[arg(long, value_name = "K", value_parser = positive)]
    pub tolerance: Option<f64>,
    #[command(flatten)]
    pub changes: Changes,
    #[command(flatten)]
    pub drive: Drive,
    #[command(flatten)]
    pub voice: Voice,
}

impl Command for Regress {
    fn execute(&self) -> Result<i32, Problems> {
        interrupt::listen();
        if let Some(path) = &self.junit {
            whole::folder_stands(path)?;
            whole::check(path, VERDICTS)?;
        }
        let mut judged: Vec<(String, Vec<Finding>)> = Vec::new();
        // baselines are written when every programme has run, so that a run that fails changes none
        let mut baselines: Vec<(PathBuf, Measured)> = Vec::new();
        for programme in &self.programmes {
            let mut loaded = pipeline::load(programme, &self.changes)?;
            let name = loaded.programme.name.clone();
            let path = self.baselines.join(format!("{}.json", file_name(&name)));
            if self.update {
                whole::check(&path, BASELINE)?;
                if baselines.iter().any(|(taken, _)| *taken == path) {
                    return Err(twice(programme, &name));
                }
                baselines.push((path, measure(self, &mut loaded)?));
            } else {
                let fix = "write it with --update, or name its folder with --baselines";
                let (baseline, _) = read(&path, &format!("the baseline of {name:?}"), fix)?;
                let measured = measure(self, &mut loaded)?;
                let findings = compare(&baseline, &measured.results, &measured.limits, self.tolerance);
                terminal::say(&verdict(&name, &findings))?;
                judged.push((name, findings));
            }
        }
        for (path, measured) in baselines {
            interrupt::check()?;
            whole::write(&path, &measured.summary_json, BASELINE)?;
            terminal::say(&format!("{}: baseline written to {}\n", measured.name, path.display()))?;
        }
        if let Some(path) = &self.junit {
            whole::write(path, junit(&judged).as_bytes(), VERDICTS)?;
        }
        let failed = judged.iter().any(|(_, findings)| findings.iter().any(|f| f.change.is_some()));
        Ok(if failed { exit::BREACH } else { exit::DONE })
    }

    fn voice(&self) -> Option<&Voice> {
        Some(&self.voice)
    }
}

fn twice(programme: &Path, name: &str) -> Problems {
    let place = Place::file(programme.display().to_string()).field("name");
    let what = format!("an earlier programme of this command is named {name:?} too");
    Problem::new(Kind::Usage, place, what, "a baseline is stored under its programme's name", "give one of them another name").into()
}

fn measure(args: &Regress, loaded: &mut pipeline::Loaded) -> Result<Measured, Problems> {
    let recall = fit_cache::open(&args.drive.recall, loaded);
    let progress = pipeline::progress(loaded, &args.voice);
    let outcomes = simulation::in_memory(loaded, &args.drive, &progress)?;
    recall.tell(&args.voice);
    let inputs = &loaded.inputs;
    let facts = facts::gather(&loaded.programme, &inputs.book, &inputs.market, inputs.lineage.clone(), inputs.notes.clone(), &outcomes)?;
    Ok(Measured {
        name: loaded.programme.name.clone(),
        results: facts.scenarios.iter().map(|s| (s.name.clone(), s.measures.clone())).collect(),
        limits: facts.limits.clone(),
        summary_json: summary::bytes(&facts),
    })
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

fn verdict(name: &str, findings: &[Finding]) -> String {
    let changed: Vec<String> = findings
        .iter()
        .filter_map(|f| f.change.as_ref().map(|change| format!("changed: {name} · {} · {} {change}\n", f.scenario, f.measure)))
        .collect();
    format!("{}{name}: {} figures and limits compared, {} changed\n", changed.concat(), findings.len(), changed.len())
}
