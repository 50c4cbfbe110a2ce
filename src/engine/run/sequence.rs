//! Runs batches on the threads there are, and hands them on in order of paths, whichever thread ends first.
//!
//! Each thread takes the next batch when it is free, so that batches end nearly in order: about one for each thread waits for
//! those before it, however many there are in all, and no thread waits for another.

use super::control::interrupted;
use crate::engine::record::spool::Rows;
use crate::engine::tally::batch::Tally;
use crate::problem::Problems;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// What each member of a group came to in one batch.
pub type Ended = Vec<(Tally, Rows)>;

/// Takes batches in order.
pub trait Sink: Send {
    /// Takes the next batch of a section.
    ///
    /// Errors: it cannot be kept.
    fn take(&mut self, section: usize, batch: u64, ended: Ended) -> Result<(), Problems>;
}

/// Batches that ended before those in front of them.
struct Waiting<'a> {
    section: usize,
    sink: &'a mut dyn Sink,
    /// The batch to be handed on next.
    next: u64,
    waiting: BTreeMap<u64, Ended>,
}

impl Waiting<'_> {
    /// Takes a batch that ended, and hands on every one whose turn it is.
    fn add(&mut self, batch: u64, ended: Ended) -> Result<(), Problems> {
        self.waiting.insert(batch, ended);
        while let Some(ended) = self.waiting.remove(&self.next) {
            self.sink.take(self.section, self.next, ended)?;
            self.next += 1;
        }
        Ok(())
    }
}

/// Leaves no batch to be taken once one thread has ended its work: all are taken then, or one failed, or it panicked.
struct EndsAll<'a> {
    free: &'a AtomicU64,
    end: u64,
}

impl Drop for EndsAll<'_> {
    fn drop(&mut self) {
        self.free.fetch_max(self.end, Ordering::Relaxed);
    }
}

/// Runs the batches of a section on the threads there are; `run` gives nothing once it is stopped.
///
/// Errors: an interrupted run (kind Interrupted), and those of the sink.
pub fn run(section: usize, batches: Range<u64>, sink: &mut dyn Sink, run: impl Fn(u64) -> Option<Ended> + Sync) -> Result<(), Problems> {
    let (free, end) = (AtomicU64::new(batches.start), batches.end);
    let handed = Mutex::new((Waiting { section, sink, next: batches.start, waiting: BTreeMap::new() }, Problems::new()));
    let work = || {
        let _end = EndsAll { free: &free, end };
        loop {
            let batch = free.fetch_add(1, Ordering::Relaxed);
            if batch >= end {
                return;
            }
            let ended = run(batch).ok_or_else(interrupted);
            let (handed, problems) = &mut *handed.lock().unwrap_or_else(PoisonError::into_inner);
            // of a run that failed nothing is handed on any more
            if !problems.is_empty() {
                return;
            }
            if let Err(more) = ended.and_then(|ended| handed.add(batch, ended)) {
                problems.extend(more);
                return;
            }
        }
    };
    rayon::scope(|scope| (0..rayon::current_num_threads()).for_each(|_| scope.spawn(|_| work())));
    let (_, problems) = handed.into_inner().unwrap_or_else(PoisonError::into_inner);
    problems.into_result(())
}
