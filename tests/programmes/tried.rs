//! Takes one drawn programme through all that `regress` does, and looks at every figure.

use super::{Drawn, mend};
use levertide::engine::outcome::Outcome;
use levertide::engine::trace::trace;
use levertide::engine::{Control, simulate};
use levertide::inputs::{self, Inputs, programme};
use levertide::measures::{Estimate, Estimates, Flag};
use levertide::model::case::Programme;
use levertide::problem::{Problems, exit};
use levertide::report::export::summary;
use levertide::report::facts;
use levertide::study::{limits, model_risk};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicBool;

/// How a programme ended.
pub enum Ended {
    /// It ran: 0, or 1 where a limit is breached.
    Code(i32),
    /// Its exit code, and the first problem with figures left out.
    Refused(i32, String),
    /// A panic, a figure that is no number, a problem without a place.
    Fault(String),
}

pub fn tried(drawn: Drawn, repairs: usize, through_commands: bool) -> Ended {
    let folder = tempfile::tempdir().expect("a scratch folder can be made");
    let ended = catch_unwind(AssertUnwindSafe(|| try_in(folder.path(), drawn, repairs, through_commands)));
    let ended = ended.unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
        Ended::Fault(format!("stops: {}", said.unwrap_or_default()))
    });
    match ended {
        Ended::Fault(what) => Ended::Fault(format!("{what}\n  its files: {}", folder.keep().display())),
        ended => ended,
    }
}

fn try_in(folder: &Path, mut drawn: Drawn, repairs: usize, through_commands: bool) -> Ended {
    drawn.write_files(folder);
    let file = folder.join("programme.toml");
    for repair in 0..=repairs {
        drawn.write(folder);
        let problems = match run(&file) {
            Ok(ended) if through_commands => return commands(folder, &file, ended),
            Ok(ended) => return ended,
            Err(problems) => problems,
        };
        if let Some(fault) = ill_told(&problems) {
            return Ended::Fault(fault);
        }
        // keys alone are taken out: a cell is what it is, and a model that cannot be fitted has said so
        let named: Vec<String> =
            problems.iter().filter(|p| !p.place.file.ends_with(".csv")).filter_map(|p| p.place.field.clone()).collect();
        let taken = problems.exit_code() != exit::MODEL
            && named.iter().map(|field| mend::take_out(&mut drawn.root, field)).collect::<Vec<_>>().contains(&true);
        if !taken || repair == repairs {
            let first = problems.iter().min().expect("a refusal has a problem");
            let field = first.place.field.as_deref().unwrap_or_default();
            let words: String = first.what.chars().filter(|c| !c.is_ascii_digit()).take(100).collect();
            return Ended::Refused(problems.exit_code(), format!("[{field}] {words}"));
        }
    }
    unreachable!("the last try ends the programme")
}

/// A refusal has a documented code, and each problem a place, words, a reason and a remedy.
fn ill_told(problems: &Problems) -> Option<String> {
    let code = problems.exit_code();
    if ![exit::USAGE, exit::PROGRAMME, exit::DATA, exit::MODEL].contains(&code) {
        return Some(format!("ends with {code}: {problems}"));
    }
    let told = |p: &levertide::problem::Problem| {
        let placed = p.place.field.is_some() || p.place.line.is_some() || !p.place.file.is_empty();
        placed && [&p.what, &p.why, &p.fix].iter().all(|t| !t.is_empty()) && ![&p.what, &p.why].iter().any(|t| t.contains("NaN"))
    };
    problems.iter().find(|p| !told(p)).map(|p| format!("a problem is told without place or words: {p}"))
}

fn run(file: &Path) -> Result<Ended, Problems> {
    let programme = programme::load(file, &Default::default())?;
    let inputs = inputs::load(&programme)?;
    let line_of = |limit: &_, key: &str| programme::line_of_limit(file, limit, key);
    limits::check_programme(&file.display().to_string(), &programme, &inputs.book, &line_of)?;
    let again = programme::parse(&programme.resolved_toml, "resolved", &programme.folder, &Default::default());
    match again {
        Ok(again) if again.resolved_toml == programme.resolved_toml => {}
        Ok(again) => {
            return Ok(Ended::Fault(format!(
                "the resolved programme reads differently:\n{}\n---\n{}",
                programme.resolved_toml, again.resolved_toml
            )));
        }
        Err(problems) => return Ok(Ended::Fault(format!("the resolved programme is refused: {problems}\n{}", programme.resolved_toml))),
    }
    let stop = AtomicBool::new(false);
    let control = Control { threads: Some(1), stop: &stop, progress: &|_| () };
    // with its panels of model risk, as `run` has it
    let outcomes = simulate(&model_risk::extended(&programme), &inputs.book, &inputs.market, &control)?;
    if let Some(fault) = outcomes.iter().find_map(path_fault) {
        return Ok(Ended::Fault(fault));
    }
    measured(&programme, &inputs, &outcomes[..programme.scenarios.len()])
}

/// Measures, verdicts and `summary.json`, and the story of the first path.
fn measured(programme: &Programme, inputs: &Inputs, outcomes: &[Outcome]) -> Result<Ended, Problems> {
    let (book, market) = (&inputs.book, &inputs.market);
    let facts = facts::gather(programme, book, market, inputs.lineage.clone(), inputs.notes.clone(), outcomes)?;
    for scenario in &facts.scenarios {
        let found = [&scenario.measures, &scenario.difference].into_iter().find_map(estimate_fault);
        if let Some(fault) = found {
            return Ok(Ended::Fault(format!("{}: {fault}", scenario.name)));
        }
    }
    if let Err(why) = summary::read(&summary::bytes(&facts)) {
        return Ok(Ended::Fault(format!("summary.json does not read back: {why}")));
    }
    for (scenario, outcome) in outcomes.iter().enumerate() {
        let traced = trace(programme, book, market, scenario, outcome.number_of(0))?;
        let (lost, kept) = (traced.pool_loss, outcome.path.pool_loss[0]);
        if lost.to_bits() != kept.to_bits() {
            return Ok(Ended::Fault(format!("the first path of scenario {scenario} loses {kept}, and {lost} when it is told alone")));
        }
    }
    Ok(Ended::Code(limits::exit_code(&facts.limits, false)))
}

fn path_fault(outcome: &Outcome) -> Option<String> {
    let p = &outcome.path;
    let columns: [(&str, &[f64]); 14] = [
        ("pool_loss", &p.pool_loss),
        ("shortfall", &p.shortfall),
        ("recourse", &p.recourse),
        ("unallocated_loss", &p.unallocated_loss),
        ("lender_pnl", &p.lender_pnl),
        ("client_loss", &p.client_loss),
        ("forced_sales", &p.forced_sales),
        ("early_sales", &p.early_sales),
        ("client_withdrawals", &p.client_withdrawals),
        ("unsold", &p.unsold),
        ("sale_cost", &p.sale_cost),
        ("call_amount", &p.call_amount),
        ("max_drawdown", &p.max_drawdown),
        ("clearing_residual", &p.clearing_residual),
    ];
    let tiers = p.tier_loss.iter().map(|column| ("tier_loss", &column[..]));
    let of = |(name, column): (&str, &[f64])| {
        column.iter().position(|v| !v.is_finite()).map(|path| format!("{name} of path {path} is {}", column[path]))
    };
    columns.into_iter().chain(tiers).find_map(of)
}

fn estimate_fault(estimates: &Estimates) -> Option<String> {
    let of = |(key, e): (&String, &Estimate)| {
        let ends = [e.std_error, e.ci_low, e.ci_high.unwrap_or(f64::INFINITY)];
        let defined = e.flag == Some(Flag::Undefined) || e.value.is_finite();
        let holds = defined && !ends.iter().any(|v| v.is_nan()) && e.std_error >= 0.0;
        (!holds).then(|| format!("{key} is {} ± {} ({} to {:?}, {:?})", e.value, e.std_error, e.ci_low, e.ci_high, e.flag))
    };
    estimates.iter().find_map(of)
}

/// The same by the program itself: `check`, `replay`, `regress` and the whole report of `run`.
fn commands(folder: &Path, file: &Path, ended: Ended) -> Ended {
    let Ended::Code(code) = ended else { return ended };
    let (stored, out) = (folder.join("stored"), folder.join("report"));
    std::fs::create_dir(&stored).expect("a scratch folder can be written");
    let path = |p: &Path| p.to_str().expect("a path").to_string();
    let lines: [(Vec<String>, &[i32]); 5] = [
        (vec!["check".into(), path(file)], &[exit::DONE]),
        (vec!["replay".into(), path(file), "--path".into(), "0".into()], &[exit::DONE]),
        (vec!["regress".into(), path(file), "--baselines".into(), path(&stored), "--update".into()], &[exit::DONE]),
        // an unchanged programme has not moved; a breached limit is a finding of its own
        (vec!["regress".into(), path(file), "--baselines".into(), path(&stored)], &[exit::DONE, exit::BREACH]),
        (vec!["run".into(), path(file), "--quiet".into(), "--out".into(), path(&out)], &[code]),
    ];
    for (words, codes) in lines {
        let output = Command::new(env!("CARGO_BIN_EXE_levertide")).args(&words).output().expect("the program starts");
        let found = output.status.code().unwrap_or(-1);
        if !codes.contains(&found) {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            // a font is a matter of the machine
            if said.contains("font") {
                continue;
            }
            return Ended::Fault(format!("{} ends with {found}, not {codes:?}: {said}", words[0]));
        }
    }
    ended
}
