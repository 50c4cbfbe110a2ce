//! Compares programmes with stored baselines, for a build that must fail when a risk figure moves or a limit breaks.

use super::{fit_cache, interrupt, pipeline, terminal};
use crate::cli::Regress;
use crate::measures::Estimates;
use crate::problem::{Kind, Place, Problem, Problems, exit};
use crate::report::export::summary;
use crate::report::facts;
use crate::report::folder::io_problem;
use crate::report::names::file_name;
use crate::study::limits::LimitResult;
use crate::study::regress::{Baseline, Finding, compare, junit};
use std::io::Write;
use std::path::Path;

/// What one programme came to.
struct Measured {
    name: String,
    results: Vec<(String, Estimates)>,
    limits: Vec<LimitResult>,
    summary_json: Vec<u8>,
}

pub fn execute(args: &Regress) -> Result<i32, Problems> {
    interrupt::listen();
    if args.update {
        std::fs::create_dir_all(&args.baselines).map_err(|e| io_problem(&args.baselines, "cannot be made", &e))?;
    }
    let mut judged: Vec<(String, Vec<Finding>)> = Vec::new();
    for programme in &args.programmes {
        let measured = measure(args, programme)?;
        let path = args.baselines.join(format!("{}.json", file_name(&measured.name)));
        if args.update {
            write_whole(&path, &measured.summary_json)?;
            terminal::say(&format!("{}: baseline written to {}\n", measured.name, path.display()))?;
        } else {
            let (baseline, _) = read(
                &path,
                &format!("the baseline of {:?}", measured.name),
                "write it with --update, or name its folder with --baselines",
            )?;
            let findings = compare(&baseline, &measured.results, &measured.limits, args.tolerance);
            terminal::say(&verdict(&measured.name, &findings))?;
            judged.push((measured.name, findings));
        }
    }
    if let Some(path) = &args.junit {
        write_whole(path, junit(&judged).as_bytes())?;
    }
    let failed = judged.iter().any(|(_, findings)| findings.iter().any(|f| f.change.is_some()));
    Ok(if failed { exit::BREACH } else { exit::DONE })
}

fn measure(args: &Regress, programme: &Path) -> Result<Measured, Problems> {
    let mut loaded = pipeline::load(programme, &args.changes)?;
    let recall = fit_cache::open(&args.drive.recall, &mut loaded);
    let progress = pipeline::progress(&loaded, &args.voice);
    let outcomes = pipeline::simulate(&loaded, &args.drive, &progress)?;
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
    let bytes = std::fs::read(path).map_err(|e| problem(format!("{what} cannot be read: {e}"), fix))?;
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

/// Writes a file whole or not at all: beside its place first, then renamed.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Problems> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = tempfile::NamedTempFile::new_in(folder).and_then(|mut file| {
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map(drop).map_err(|e| e.error)
    });
    written.map_err(|e| io_problem(path, "cannot be written", &e))
}
