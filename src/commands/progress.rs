//! Shows how far a run is: a bar on a terminal, plain lines elsewhere, JSON lines when asked, nothing when quiet.

use super::flags::{LogFormat, Voice};
use super::show::grouped;
use super::terminal;
use crate::model::until::Until;
use crate::problem::visible;
use crate::study::rounds::Round;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How often a line is written where no bar can be drawn.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Counts account-steps and tells of them; shared by all workers.
pub struct Progress {
    face: Face,
    total: AtomicU64,
    done: AtomicU64,
    /// Of those, what an earlier run had done.
    restored: AtomicU64,
    started: Instant,
    /// Milliseconds after `started` at which the next line falls due.
    next_line_ms: AtomicU64,
}

enum Face {
    Quiet,
    Bar(ProgressBar),
    Lines,
    Json,
}

impl Progress {
    /// Starts the clock of a run of `total` account-steps.
    pub fn start(voice: &Voice, name: &str, total: u64) -> Self {
        let name = &*visible::line(name);
        let face = match (voice.quiet, voice.log_format) {
            (true, _) => Face::Quiet,
            (false, LogFormat::Json) => Face::Json,
            (false, LogFormat::Text) if std::io::stderr().is_terminal() => Face::Bar(bar(name, total)),
            (false, LogFormat::Text) => Face::Lines,
        };
        match face {
            Face::Lines => terminal::note(&format!("{name}: {} account-steps to simulate", short(total as f64))),
            Face::Json => tracing::info!(event = "start", name, account_steps = total),
            Face::Quiet | Face::Bar(_) => {}
        }
        let first_line = LINE_EVERY.as_millis() as u64;
        Progress {
            face,
            total: AtomicU64::new(total),
            done: AtomicU64::new(0),
            restored: AtomicU64::new(0),
            started: Instant::now(),
            next_line_ms: AtomicU64::new(first_line),
        }
    }

    /// Adds account-steps done; may be called by any worker at any time.
    pub fn advance(&self, steps: u64) {
        let done = self.done.fetch_add(steps, Ordering::Relaxed) + steps;
        match &self.face {
            Face::Quiet => {}
            Face::Bar(bar) => bar.inc(steps),
            Face::Lines | Face::Json => {
                if self.line_is_due() {
                    self.line(done);
                }
            }
        }
    }

    /// Adds account-steps that an earlier run had done.
    pub fn restored(&self, steps: u64) {
        self.restored.fetch_add(steps, Ordering::Relaxed);
        self.done.fetch_add(steps, Ordering::Relaxed);
        match &self.face {
            Face::Quiet => {}
            Face::Bar(bar) => bar.inc(steps),
            Face::Lines if steps > 0 => {
                terminal::note(&format!("{:.0}% was simulated before and is in the checkpoint", share(steps, self.total()) * 100.0));
            }
            Face::Lines => {}
            Face::Json => tracing::info!(event = "restored", account_steps = steps),
        }
    }

    /// Adds the account-steps of a further round of paths.
    pub fn extend(&self, steps: u64) {
        let total = self.total.fetch_add(steps, Ordering::Relaxed) + steps;
        if let Face::Bar(bar) = &self.face {
            bar.set_length(total);
        }
    }

    /// Tells what a round of paths came to, and what is needed by the square-root law.
    pub fn round(&self, until: &Until, round: &Round, next: Option<u64>) {
        let Some(widest) = round.widest() else { return };
        let times = widest.times_allowed;
        let needed = (round.paths as f64 * times * times).min(until.max_paths as f64);
        let left = self.started.elapsed().as_secs_f64() * (needed / round.paths as f64 - 1.0).max(0.0);
        if let Face::Json = self.face {
            let (scenario, measure) = (&*visible::line(&widest.scenario), &widest.measure);
            tracing::info!(event = "round", paths = round.paths, scenario, measure, times_allowed = times, next, seconds_left = left);
            return;
        }
        let width = if times.is_finite() { format!("{times:.2} times") } else { "beyond any multiple of".into() };
        let grouped = |paths: u64| grouped(paths as f64);
        let paths = grouped(round.paths);
        let figure = format!("{} of {}", widest.measure, visible::line(&widest.scenario));
        let then = match next {
            None if times <= 1.0 => "exact enough".to_string(),
            None => "the most paths allowed".to_string(),
            Some(next) => format!("{} paths next, about {} needed, {} left", grouped(next), grouped(needed as u64), clock(left)),
        };
        let line = format!("{paths} paths: the interval of {figure} is {width} the width allowed; {then}");
        match &self.face {
            Face::Quiet | Face::Json => {}
            Face::Bar(bar) => bar.suspend(|| terminal::note(&line)),
            Face::Lines => terminal::note(&line),
        }
    }

    fn total(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }

    /// Ends the count; the seconds it took.
    pub fn finish(&self) -> f64 {
        let seconds = self.started.elapsed().as_secs_f64();
        let steps = self.done.load(Ordering::Relaxed) - self.restored.load(Ordering::Relaxed);
        match &self.face {
            Face::Quiet => {}
            Face::Bar(bar) => bar.finish_and_clear(),
            Face::Lines => {
                terminal::note(&format!("simulated in {seconds:.1} s ({} account-steps/s)", short(steps as f64 / seconds.max(1e-3))))
            }
            Face::Json => tracing::info!(event = "simulated", account_steps = steps, seconds),
        }
        seconds
    }

    /// Tells what is being done after the paths, where somebody watches.
    pub fn stage(&self, what: &str) {
        match &self.face {
            Face::Json => tracing::info!(event = "stage", stage = what),
            Face::Quiet | Face::Bar(_) | Face::Lines => {}
        }
    }

    /// Tells where the report is.
    pub fn done(&self, report: &str) {
        if let Face::Json = self.face {
            tracing::info!(event = "done", report = &*visible::line(report), seconds = self.started.elapsed().as_secs_f64());
        }
    }

    /// True for exactly one caller each time the interval has passed.
    fn line_is_due(&self) -> bool {
        let now = self.started.elapsed().as_millis() as u64;
        let due = self.next_line_ms.load(Ordering::Relaxed);
        let next = now + LINE_EVERY.as_millis() as u64;
        now >= due && self.next_line_ms.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    fn line(&self, done: u64) {
        let total = self.total();
        let share = share(done, total);
        let here = done - self.restored.load(Ordering::Relaxed);
        let rate = here as f64 / self.started.elapsed().as_secs_f64().max(1e-3);
        let left = total.saturating_sub(done) as f64 / rate.max(1.0);
        if let Face::Json = self.face {
            tracing::info!(event = "progress", done, total, per_second = rate, seconds_left = left);
        } else {
            terminal::note(&format!("{:.0}% · {} account-steps/s · {} left", share * 100.0, short(rate), clock(left)));
        }
    }
}

impl Drop for Progress {
    /// A run that failed leaves no half bar before its problems.
    fn drop(&mut self) {
        if let Face::Bar(bar) = &self.face {
            bar.finish_and_clear();
        }
    }
}

fn bar(name: &str, total: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix} {bar:32} {percent:>3}% · {rate} · {eta} left")
        .expect("the template is a constant")
        .with_key("rate", |state: &indicatif::ProgressState, out: &mut dyn std::fmt::Write| {
            let _ = write!(out, "{} account-steps/s", short(state.per_sec()));
        });
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr_with_hz(8)).with_style(style);
    bar.set_prefix(name.to_string());
    bar
}

/// The share done, at most 1; an empty run is done.
fn share(done: u64, total: u64) -> f64 {
    if total == 0 { 1.0 } else { (done as f64 / total as f64).min(1.0) }
}

/// `1234567` as `1.2 M`.
pub fn short(number: f64) -> String {
    let steps = [(1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k")];
    match steps.iter().find(|(size, _)| number.abs() >= *size) {
        Some((size, letter)) => format!("{:.1}{letter}", number / size),
        None => format!("{number:.0}"),
    }
}

/// Seconds as `75 s`, `2 min 5 s` or `3 h 2 min`.
fn clock(seconds: f64) -> String {
    let s = seconds.ceil().min(1e9) as u64;
    match s {
        0..=90 => format!("{s} s"),
        91..=5_400 => format!("{} min {} s", s / 60, s % 60),
        _ => format!("{} h {} min", s / 3_600, s % 3_600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_are_short() {
        assert_eq!(short(1_234_567.0), "1.2 M");
        assert_eq!(short(999.0), "999");
        assert_eq!(clock(59.2), "60 s");
        assert_eq!(clock(125.0), "2 min 5 s");
        assert_eq!(clock(7_300.0), "2 h 1 min");
    }

    #[test]
    fn a_line_falls_due_once_per_interval() {
        let progress = Progress {
            face: Face::Quiet,
            total: AtomicU64::new(10),
            done: AtomicU64::new(0),
            restored: AtomicU64::new(0),
            started: Instant::now(),
            next_line_ms: AtomicU64::new(0),
        };
        assert!(progress.line_is_due());
        assert!(!progress.line_is_due());
        assert_eq!(share(0, 0), 1.0);
    }
}
