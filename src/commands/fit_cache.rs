//! Opens the fit cache of a command, and reports what was reused from it.

use super::flags::{FitCache, Voice};
use super::pipeline::Loaded;
use super::terminal;
use crate::inputs::fit_store::{Folder, Tally};
use crate::model::market::fit_cache::{self, FitStore, Record};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The folder asked for, if any.
#[derive(Clone, Default)]
pub struct Recall(Option<Arc<Folder>>);

/// Gives the loaded market the cache in the folder that `--fit-cache` names.
pub fn open(args: &FitCache, loaded: &mut Loaded) -> Recall {
    let folder = args.fit_cache.as_deref().map(|folder| Arc::new(Folder::new(folder)));
    if let Some(folder) = &folder {
        loaded.inputs.market.fit_cache = fit_cache::FitCache(Some(folder.clone()));
    }
    Recall(folder)
}

/// Keeps every fit in memory too, for a command that fits the same markets again.
pub fn keep(loaded: &mut Loaded) {
    let folder = loaded.inputs.market.fit_cache.0.take();
    loaded.inputs.market.fit_cache = fit_cache::FitCache(Some(Arc::new(Memory { folder, records: Mutex::default() })));
}

/// Records in memory, and those of a folder behind them.
struct Memory {
    folder: Option<Arc<dyn FitStore>>,
    records: Mutex<BTreeMap<String, Record>>,
}

impl Memory {
    fn put(&self, address: &str, record: &Record) {
        self.records.lock().unwrap_or_else(PoisonError::into_inner).insert(address.into(), record.clone());
    }
}

impl FitStore for Memory {
    fn recall(&self, address: &str) -> Option<Record> {
        let own = self.records.lock().unwrap_or_else(PoisonError::into_inner).get(address).cloned();
        own.or_else(|| {
            let record = self.folder.as_ref()?.recall(address)?;
            self.put(address, &record);
            Some(record)
        })
    }

    fn keep(&self, address: &str, record: &Record) {
        self.put(address, record);
        self.folder.iter().for_each(|folder| folder.keep(address, record));
    }

    fn refuse(&self, address: &str) {
        self.records.lock().unwrap_or_else(PoisonError::into_inner).remove(address);
        self.folder.iter().for_each(|folder| folder.refuse(address));
    }
}

impl Recall {
    /// What was reused and stored so far; nothing without a folder.
    pub fn tally(&self) -> Option<Tally> {
        self.0.as_ref().map(|folder| folder.tally())
    }

    /// Prints on standard error what was reused, what was fitted, and what could not be read or written.
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
