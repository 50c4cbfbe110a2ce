//! Does what each verb says; a file per verb, which holds its flags beside what it does.
//!
//! A further verb is a file, the line that names the file, and a line of [`Verb`].

pub mod capacity;
pub mod check;
pub mod closing;
pub mod command;
pub mod compare;
pub mod completions;
pub mod delivery;
#[cfg(test)]
pub mod example;
pub mod fit;
pub mod fit_cache;
pub mod flags;
mod history;
pub mod init;
pub mod interrupt;
pub mod laid;
pub mod merge;
pub mod parts;
pub mod pipeline;
mod previous;
pub mod progress;
pub mod register;
pub mod regress;
pub mod replay;
pub mod reverse;
pub mod reweigh;
pub mod run;
pub mod sample_book;
pub mod schema;
pub mod shard;
pub mod show;
mod sides;
pub mod simulation;
pub mod split;
mod split_told;
pub mod spool;
pub mod sweep;
pub mod terminal;
mod threads;
pub mod tornado;

use crate::inputs::parquet;
use crate::problem::{Problems, exit, visible};
use clap::Parser;
use command::{Command, verbs};
use flags::LogFormat;
use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

/// Monte Carlo stress tests for lenders who finance leveraged stock positions.
#[derive(Debug, Parser)]
#[command(name = "levertide", version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    pub verb: Verb,
}

/// The list a script has to know; the same as in `problem::exit`.
const EXIT_CODES: &str = "Exit codes: 0 done · 1 a limit is breached or a regression found · 2 usage · 3 programme · \
4 data · 5 model cannot be fitted · 6 output cannot be written · 70 bug · 130 interrupted";

verbs! {
    /// What is to be done, in the order of the help.
    pub enum Verb {
        Init(init::Init),
        SampleBook(sample_book::SampleBook),
        Check(check::Check),
        Run(run::Run),
        Shard(shard::Shard),
        Merge(merge::Merge),
        Fit(fit::Fit),
        Register(register::Register),
        Regress(regress::Regress),
        Replay(replay::Replay),
        Compare(compare::Compare),
        Reweigh(reweigh::Reweigh),
        Sweep(sweep::Sweep),
        Tornado(tornado::Tornado),
        Reverse(reverse::Reverse),
        Schema(schema::Schema),
        Completions(completions::Completions<Cli>),
        #[cfg(test)]
        Example(example::Example),
    }
}

/// Runs one command line to its exit code: everything `main` does.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> i32 {
    announce_bugs();
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // help and version come this way too, with exit code 0; a reader that went away is no error
            let said = error.to_string();
            match visible::lines(&said) {
                std::borrow::Cow::Borrowed(_) => drop(error.print()),
                std::borrow::Cow::Owned(said) => terminal::note(said.trim_end()),
            }
            return error.exit_code();
        }
    };
    let command = cli.verb.command();
    let log_format = command.voice().map_or(LogFormat::Text, |voice| voice.log_format);
    if log_format == LogFormat::Json {
        terminal::log_as_json();
    }
    match catch_unwind(AssertUnwindSafe(|| execute(command))) {
        Ok(Ok(code)) => code,
        Ok(Err(problems)) => {
            terminal::complain(&problems, log_format);
            problems.exit_code()
        }
        Err(_) => exit::BUG,
    }
}

fn execute(command: &dyn Command) -> Result<i32, Problems> {
    if command.starts_threads() {
        threads::check()?;
    }
    command.execute()
}

/// Makes a panic name the broken invariant once, in the words of a bug report.
fn announce_bugs() {
    static FIRST: Once = Once::new();
    std::panic::set_hook(Box::new(|info| {
        if parquet::is_guarded() {
            return;
        }
        FIRST.call_once(|| {
            let what = info.payload_as_str().unwrap_or("no message");
            let place = info.location().map(|l| format!(" ({}:{})", l.file(), l.line())).unwrap_or_default();
            terminal::note(&format!(
                "bug: {what}{place}\n  why: an invariant of levertide {} is broken; no input can excuse that\n  \
                 fix: report this message with the programme that led to it; no report folder was written",
                env!("CARGO_PKG_VERSION")
            ));
        });
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_verb_says_what_it_does() {
        for verb in Cli::command().get_subcommands() {
            let about = verb.get_about().unwrap_or_else(|| panic!("{} says nothing", verb.get_name())).to_string();
            assert!(about.starts_with(char::is_uppercase) && !about.ends_with('.'), "{about}");
        }
    }
}
