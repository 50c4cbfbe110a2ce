//! Walks one programme from files to outcomes: what `run` and `regress` have in common.

use super::interrupt;
use super::progress::Progress;
use crate::cli::{Changes, Drive, Voice};
use crate::engine::shelf::{Memory, Shelf, Shelved};
use crate::engine::{self, Control, outcome::Outcome};
use crate::inputs::programme::Overrides;
use crate::inputs::{self, Inputs, programme};
use crate::model::case::Programme;
use crate::problem::{Kind, Place, Problem, Problems};
use crate::report::charts::slug;
use crate::study::limits;
use std::collections::BTreeMap;
use std::path::Path;

/// A programme and everything its data files came to.
pub struct Loaded {
    pub programme: Programme,
    pub inputs: Inputs,
}

/// Reads a programme and all its data files.
pub fn load(path: &Path, changes: &Changes) -> Result<Loaded, Problems> {
    load_with(path, &changes.overrides())
}

/// The same, set beside the earlier report that the overrides may name.
pub fn load_with(path: &Path, overrides: &Overrides) -> Result<Loaded, Problems> {
    let programme = programme::load(path, overrides)?;
    check_names(path, &programme)?;
    let inputs = inputs::load(&programme)?;
    let line_of = |limit: &_, key: &str| programme::line_of_limit(path, limit, key);
    limits::check_programme(&path.display().to_string(), &programme, &inputs.book, &line_of)?;
    Ok(Loaded { programme, inputs })
}

/// Two scenarios must not want one chart file.
fn check_names(path: &Path, programme: &Programme) -> Result<(), Problems> {
    let mut problems = Problems::new();
    let mut taken: BTreeMap<String, &str> = BTreeMap::new();
    for scenario in &programme.scenarios {
        if let Some(other) = taken.insert(slug(&scenario.name), &scenario.name) {
            problems.push(Problem::new(
                Kind::Programme,
                Place::file(path.display().to_string()).field("scenario.name"),
                format!("\"{}\" and \"{other}\" differ only in case or punctuation", scenario.name),
                "each scenario has charts of its own, in files named after it",
                "give one of them another name",
            ));
        }
    }
    problems.into_result(())
}

/// What a simulation came to, and what it took.
pub struct Simulated {
    /// Of the programme's scenarios, then of its model-risk panels where they were asked for.
    pub shelved: Shelved,
    pub seconds: f64,
    pub account_steps: u64,
}

/// Simulates every scenario, with progress; ends early when interrupted. All outcomes are whole.
pub fn simulate(loaded: &Loaded, drive: &Drive, progress: &Progress) -> Result<Vec<Outcome>, Problems> {
    let mut shelf = Memory::default();
    simulate_onto(&mut shelf, loaded, &loaded.programme, drive, progress)?.shelved.whole(&mut shelf)
}

/// The same for a programme that may hold further scenarios, on the loaded data; rows stay on the shelf until they are fetched.
pub fn simulate_onto(
    shelf: &mut dyn Shelf,
    loaded: &Loaded,
    programme: &Programme,
    drive: &Drive,
    progress: &Progress,
) -> Result<Simulated, Problems> {
    let stop = interrupt::listen();
    interrupt::check()?;
    let control = Control { threads: drive.threads.map(usize::from), stop, progress: &|steps| progress.advance(steps) };
    let shelved = engine::simulate_onto(shelf, programme, &loaded.inputs.book, &loaded.inputs.market, &control)?;
    interrupt::check()?;
    assert_eq!(shelved.outcomes.len(), programme.scenarios.len(), "the engine gives one outcome per scenario");
    let account_steps = shelved.outcomes.iter().map(|o| o.account_steps).sum();
    Ok(Simulated { shelved, seconds: progress.finish(), account_steps })
}

/// The progress of one programme.
pub fn progress(loaded: &Loaded, voice: &Voice) -> Progress {
    progress_of(loaded, &loaded.programme, voice)
}

/// The progress of a programme that may hold further scenarios.
pub fn progress_of(loaded: &Loaded, programme: &Programme, voice: &Voice) -> Progress {
    let total = engine::account_steps(programme, &loaded.inputs.book);
    Progress::start(voice, &programme.name, total)
}
