//! Walks one programme from files to outcomes: what `run` and `regress` have in common.

use super::flags::{Changes, FitCache, Voice};
use super::progress::Progress;
use super::terminal;
use crate::engine;
use crate::inputs::programme::Overrides;
use crate::inputs::{self, Inputs, programme};
use crate::model::case::Programme;
use crate::problem::{Problems, visible};
use crate::report::folder::{Input, Published};
use crate::study::{limits, reverse, rounds, watch};
use std::path::{Path, PathBuf};

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
    let inputs = inputs::load(&programme)?;
    let line_of = |limit: &_, key: &str| programme::line_of_limit(path, limit, key);
    let file = path.display().to_string();
    limits::check_programme(&file, &programme, &inputs.book, &line_of)?;
    watch::check_programme(&file, &programme, &inputs.book)?;
    rounds::check_programme(&file, &programme, &inputs.book)?;
    reverse::check_programme(&file, &programme, &inputs.book)?;
    Ok(Loaded { programme, inputs })
}

/// Everything a command reads, for its output to be kept apart from.
pub fn inputs(programme: &Path, loaded: &Loaded, recall: &FitCache, font_dir: Option<&Path>) -> Vec<Input> {
    let folder = &loaded.programme.folder;
    let mut inputs = vec![Input::new("the programme", programme)];
    inputs.extend(loaded.inputs.lineage.iter().map(|file| Input::new(file.role.clone(), folder.join(&file.path))));
    inputs.extend(recall.fit_cache.iter().map(|cache| Input::new("--fit-cache", cache)));
    inputs.extend(font_dir.map(|fonts| Input::new("--font-dir", fonts)));
    inputs
}

/// Says which files of the user's lay in the report that was replaced, and where they are.
pub fn tell_carried(published: &Published, voice: &Voice) {
    // what kept its name is where it was; what did not has to be told whoever listens
    let told = |name: &&PathBuf| !voice.quiet || !published.keeps_its_name(name);
    for name in published.carried.iter().filter(told) {
        let name = name.display().to_string();
        terminal::note(&format!("note: {} lay in the replaced report and is kept in the new one", visible::line(&name)));
    }
    for place in &published.stuck {
        let place = place.display().to_string();
        terminal::note(&format!("note: {} lay in the replaced report and could not be moved: it is left there", visible::line(&place)));
    }
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
