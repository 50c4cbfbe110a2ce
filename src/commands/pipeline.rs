//! Walks one programme from files to outcomes: what `run` and `regress` have in common.

use super::interrupt;
use super::progress::Progress;
use crate::cli::{Changes, Drive, Voice};
use crate::engine::{self, Control, outcome::Outcome};
use crate::inputs::{self, Inputs, programme};
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
    limits::check_programme(&path.display().to_string(), &programme, &inputs.book)?;
    Ok(Loaded { programme, inputs })
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
