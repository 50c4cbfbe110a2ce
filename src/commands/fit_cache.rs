//! Lets a command recall what earlier runs fitted, and tells what came of it.

use super::flags::{FitCache, Voice};
use super::pipeline::Loaded;
use super::terminal;
use crate::inputs::known_fits::{Folder, Tally};
use crate::model::market::known::KnownFits;
use std::sync::Arc;

/// The folder asked for, if any.
#[derive(Clone, Default)]
pub struct Recall(Option<Arc<Folder>>);

/// Gives the loaded market the folder that `--fit-cache` names.
pub fn open(args: &FitCache, loaded: &mut Loaded) -> Recall {
    let folder = args.fit_cache.as_deref().map(|folder| Arc::new(Folder::new(folder)));
    if let Some(folder) = &folder {
        loaded.inputs.market.known = KnownFits(Some(folder.clone()));
    }
    Recall(folder)
}

impl Recall {
    /// What came of the folder so far; nothing without one.
    pub fn tally(&self) -> Option<Tally> {
        self.0.as_ref().map(|folder| folder.tally())
    }

    /// Says on standard error what was recalled, what was fitted, and what could not be read or written.
    pub fn tell(&self, voice: &Voice) {
        let Some(tally) = self.tally().filter(|_| !voice.quiet) else { return };
        if tally.recalled + tally.kept > 0 {
            terminal::note(&format!("fits: {} parts recalled, {} fitted and kept", tally.recalled, tally.kept));
        }
        if tally.unreadable > 0 {
            terminal::note(&format!("fits: {} files of the fit cache are no records of this build's: fitted anew", tally.unreadable));
        }
        if tally.unwritten > 0 {
            terminal::note(&format!("fits: {} records could not be written to the fit cache", tally.unwritten));
        }
    }
}
