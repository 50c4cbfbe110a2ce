//! Walks one programme from files to outcomes: what `run` and `regress` have in common.

use super::interrupt;
use super::progress::Progress;
use crate::cli::{Changes, Drive, Voice};
use crate::engine::{self, Control, outcome::Outcome};
use crate::inputs::{self, Inputs, programme};
use crate::measures;
use crate::model::case::Programme;
use crate::problem::Problems;
use crate::study::limits;
use std::path::Path;

/// A programme and everything its data files came to.
pub struct Loaded {
    pub programme: Programme,
    pub inputs: Inputs,
}

/// Reads a programme and all its data files.
pub fn load(path: &Path, changes: &Changes) -> Result<Loaded, Problems> {
    let programme = programme::load(path, &changes.overrides())?;
    let inputs = inputs::load(&programme)?;
    check_limits(path, &programme, &inputs)?;
    Ok(Loaded { programme, inputs })
}

/// A limit that can never be judged is found before the first path, not after the last.
fn check_limits(path: &Path, programme: &Programme, inputs: &Inputs) -> Result<(), Problems> {
    if programme.limits.is_empty() {
        return Ok(());
    }
    let scenarios: Vec<&str> = programme.scenarios.iter().map(|s| s.name.as_str()).collect();
    let keys = measures::keys(&programme.scenarios[0], &inputs.book);
    let mut problems = Problems::new();
    for found in limits::check(&programme.limits, &scenarios, &keys).iter() {
        let mut problem = found.clone();
        problem.place.file = path.display().to_string();
        problems.push(problem);
    }
    problems.into_result(())
}

/// What a simulation came to, and what it took.
pub struct Simulated {
    pub outcomes: Vec<Outcome>,
    pub seconds: f64,
    pub account_steps: u64,
}

/// Simulates every scenario, with progress; ends early when interrupted.
pub fn simulate(loaded: &Loaded, drive: &Drive, progress: &Progress) -> Result<Simulated, Problems> {
    let stop = interrupt::listen();
    interrupt::check()?;
    let control = Control { threads: drive.threads.map(usize::from), stop, progress: &|steps| progress.advance(steps) };
    let outcomes = engine::simulate(&loaded.programme, &loaded.inputs.book, &loaded.inputs.market, &control)?;
    interrupt::check()?;
    assert_eq!(outcomes.len(), loaded.programme.scenarios.len(), "the engine gives one outcome per scenario");
    let account_steps = outcomes.iter().map(|o| o.account_steps).sum();
    Ok(Simulated { outcomes, seconds: progress.finish(), account_steps })
}

/// The progress of one programme.
pub fn progress(loaded: &Loaded, voice: &Voice) -> Progress {
    let total = engine::account_steps(&loaded.programme, &loaded.inputs.book);
    Progress::start(voice, &loaded.programme.name, total)
}
