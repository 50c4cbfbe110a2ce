//! Says how a run is driven from outside.

use crate::problem::{Kind, Place, Problem, Problems};
use std::sync::atomic::AtomicBool;

/// How a run is driven; nothing here changes a figure.
pub struct Control<'a> {
    /// Worker threads; all cores when absent.
    pub threads: Option<usize>,
    /// Set from outside to end the run (Ctrl-C).
    pub stop: &'a AtomicBool,
    /// Called now and then, from any worker, with account-steps done since the last call.
    pub progress: &'a (dyn Fn(u64) + Sync),
}

/// The run was asked to stop.
pub fn interrupted() -> Problems {
    Problem::new(
        Kind::Interrupted,
        Place::default(),
        "the run was interrupted",
        "a signal asked it to stop",
        "start it again; nothing was written",
    )
    .into()
}
