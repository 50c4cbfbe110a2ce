//! Finds out before any work whether the system lets the threads start that the libraries need.

use crate::problem::{Kind, Place, Problem, Problems};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Threads beside the pools of the libraries: the one that waits for signals, the clock of a progress bar, and two to spare.
const BESIDE: usize = 4;
/// Pools that libraries start, each with a thread a core: of the tables, of the document.
const POOLS: usize = 2;
/// The stack of a thread that only waits.
const STACK_BYTES: usize = 64 << 10;

/// Worker threads: those asked for, or one a core.
pub fn asked(threads: Option<u16>) -> usize {
    threads.map_or_else(|| thread::available_parallelism().map_or(1, usize::from), usize::from)
}

/// An error where the system (`ulimit -u`, a container's limit) refuses the threads that reading and setting need.
pub fn check() -> Result<(), Problems> {
    let needed = POOLS * asked(None) + BESIDE;
    let started = start(needed);
    if started == needed {
        return Ok(());
    }
    Err(Problem::new(
        Kind::Usage,
        Place::default(),
        format!("the system lets {started} further threads start, {needed} are needed"),
        "a limit on processes (ulimit -u, or a container's) is reached",
        "raise the limit, or end other processes of this user",
    )
    .into())
}

/// How many of `wanted` threads can live side by side.
fn start(wanted: usize) -> usize {
    let gate = Mutex::new(());
    let closed = gate.lock().unwrap_or_else(PoisonError::into_inner);
    thread::scope(|scope| {
        let wait = || drop(gate.lock());
        let started = (0..wanted).map_while(|_| thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, wait).ok()).count();
        drop(closed);
        started
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_threads_start_side_by_side() {
        assert_eq!(start(5), 5);
        check().unwrap();
    }
}
