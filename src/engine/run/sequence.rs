//! Joins batches in order of paths, whichever thread ends first, and hands their rows to the spool.
//!
//! Each thread takes the next batch when it is free, so that batches end nearly in order: about one for each thread waits for
//! those before it, however many there are in all, and no thread waits for another.

use super::control::interrupted;
use super::group::Group;
use crate::engine::record::spool::{Rows, Spool};
use crate::engine::tally::batch::Tally;
use crate::problem::Problems;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// What was joined so far.
struct Joined<'a, 'b> {
    group: &'a Group<'b>,
    spool: &'a mut dyn Spool,
    /// One for each member of the group.
    whole: Vec<Tally>,
    /// The batch to be joined next, and those that ended before it.
    next: usize,
    waiting: BTreeMap<usize, Vec<(Tally, Rows)>>,
}

impl Joined<'_, '_> {
    /// Takes a batch that ended, and joins every one whose turn it is.
    fn add(&mut self, batch: usize, tallies: Vec<(Tally, Rows)>) -> Result<(), Problems> {
        self.waiting.insert(batch, tallies);
        while let Some(tallies) = self.waiting.remove(&self.next) {
            for ((member, whole), (part, rows)) in self.group.members.iter().zip(&mut self.whole).zip(tallies) {
                self.spool.put(member.index, member.plan.paths as usize, rows)?;
                whole.append(part);
            }
            self.next += 1;
        }
        Ok(())
    }
}

/// Leaves no batch to be taken once one thread has ended its work: all are taken then, or one failed, or it panicked.
struct EndsAll<'a> {
    free: &'a AtomicUsize,
    batches: usize,
}

impl Drop for EndsAll<'_> {
    fn drop(&mut self) {
        self.free.fetch_max(self.batches, Ordering::Relaxed);
    }
}

/// Runs `batches` batches of a group on the threads there are; `run` gives nothing once it is stopped.
///
/// Errors: an interrupted run (kind Interrupted), and those of the spool.
pub fn run(
    group: &Group<'_>,
    batches: usize,
    spool: &mut dyn Spool,
    run: impl Fn(usize) -> Option<Vec<(Tally, Rows)>> + Sync,
) -> Result<Vec<Tally>, Problems> {
    let whole = group.members.iter().map(|m| Tally::new(&m.plan)).collect();
    let joined = Mutex::new((Joined { group, spool, whole, next: 0, waiting: BTreeMap::new() }, Problems::new()));
    let free = AtomicUsize::new(0);
    let work = || {
        let _end = EndsAll { free: &free, batches };
        loop {
            let batch = free.fetch_add(1, Ordering::Relaxed);
            if batch >= batches {
                return;
            }
            let ended = run(batch).ok_or_else(interrupted);
            let (joined, problems) = &mut *joined.lock().unwrap_or_else(PoisonError::into_inner);
            // of a run that failed nothing is joined any more
            if !problems.is_empty() {
                return;
            }
            if let Err(more) = ended.and_then(|tallies| joined.add(batch, tallies)) {
                problems.extend(more);
                return;
            }
        }
    };
    rayon::scope(|scope| (0..rayon::current_num_threads()).for_each(|_| scope.spawn(|_| work())));
    let (joined, problems) = joined.into_inner().unwrap_or_else(PoisonError::into_inner);
    problems.into_result(joined.whole)
}
