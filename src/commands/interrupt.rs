//! Ends a run cleanly on Ctrl-C, SIGTERM or SIGHUP: nothing half-written is left, and the exit code says so.

use super::terminal;
use crate::disk::work;
use crate::problem::{Kind, Place, Problem, Problems, exit};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Set once the user wants the run to end.
static STOP: AtomicBool = AtomicBool::new(false);
/// How long the run may take to end by itself; with the removal of the folder it stays below two seconds.
const GRACE: Duration = Duration::from_millis(1_200);

/// Starts listening; the flag is for the engine.
pub fn listen() -> &'static AtomicBool {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if let Err(error) = ctrlc::set_handler(end) {
            terminal::note(&format!("note: Ctrl-C will end the run without cleaning up ({error})"));
        }
    });
    &STOP
}

/// An error once the user wants the run to end.
pub fn check() -> Result<(), Problems> {
    if STOP.load(Ordering::Relaxed) { Err(interrupted().into()) } else { Ok(()) }
}

pub fn interrupted() -> Problem {
    Problem::new(
        Kind::Interrupted,
        Place::default(),
        "interrupted",
        "the run was asked to end; nothing half-written is left",
        "run it again for a whole report",
    )
}

/// Asks the run to end, and ends it when it does not in time (a fit or a page setting cannot be stopped midway).
fn end() {
    if STOP.swap(true, Ordering::Relaxed) {
        return;
    }
    std::thread::sleep(GRACE);
    // a folder already published stands: the run is done but for its closing words
    if work::abandon_all() {
        terminal::note(&interrupted().to_string());
        std::process::exit(exit::INTERRUPTED);
    }
}
