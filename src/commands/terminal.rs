//! Speaks to the user: results on standard output, notes and problems on standard error.

use super::flags::LogFormat;
use crate::problem::visible;
use crate::problem::{Kind, Place, Problem, Problems};
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Writes a result to standard output, characters that steer a terminal spelled out. A reader that went away (`| head`) is no error; a full disk is.
pub fn say(text: &str) -> Result<(), Problems> {
    let mut out = io::stdout().lock();
    let written = out.write_all(visible::lines(text).as_bytes()).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Problem::new(
            Kind::Output,
            Place::file("standard output"),
            format!("cannot be written: {error}"),
            "the result has nowhere to go",
            "free space where the output is sent, or send it elsewhere",
        )
        .into()),
        _ => Ok(()),
    }
}

/// Set once everything on standard error is a line of JSON.
static JSON: AtomicBool = AtomicBool::new(false);

/// Writes a line to standard error, in JSON where that was asked for; nobody listening is no reason to stop.
pub fn note(line: &str) {
    if JSON.load(Ordering::Relaxed) {
        tracing::info!(event = "note", text = &*visible::lines(line));
        return;
    }
    let _ = writeln!(io::stderr().lock(), "{}", visible::lines(line));
}

/// Lists problems on standard error, as text or as one JSON object each.
pub fn complain(problems: &Problems, format: LogFormat) {
    match format {
        LogFormat::Text => {
            let _ = write!(io::stderr().lock(), "{}", visible::lines(&problems.to_string()));
        }
        LogFormat::Json => {
            for problem in problems.iter() {
                let place = problem.place.to_string();
                let [what, why, fix] = [&problem.what, &problem.why, &problem.fix].map(|text| visible::line(text));
                tracing::error!(event = "problem", place, what = &*what, why = &*why, fix = &*fix);
            }
        }
    }
}

/// Sends every event to standard error as a line of JSON.
pub fn log_as_json() {
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .with_writer(io::stderr);
    JSON.store(true, Ordering::Relaxed);
    // a second call in one process (tests) keeps the first
    let _ = subscriber.try_init();
}
