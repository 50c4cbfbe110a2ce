//! Does what each verb says; a file per verb.

pub mod check;
pub mod compare;
pub mod completions;
pub mod fit;
pub mod fit_cache;
pub mod init;
pub mod interrupt;
pub mod pipeline;
mod previous;
pub mod progress;
pub mod regress;
pub mod replay;
pub mod run;
pub mod sample_book;
pub mod schema;
pub mod show;
pub mod spool;
pub mod terminal;
mod threads;

use crate::cli::{Changes, Cli, Lang, LogFormat, Verb, Voice};
use crate::inputs::parquet;
use crate::inputs::programme::Overrides;
use crate::model::case::Language;
use crate::problem::{Problems, exit, visible};
use clap::Parser;
use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

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
    let log_format = cli.verb.voice().map_or(LogFormat::Text, |voice| voice.log_format);
    if log_format == LogFormat::Json {
        terminal::log_as_json();
    }
    match catch_unwind(AssertUnwindSafe(|| dispatch(&cli.verb))) {
        Ok(Ok(code)) => code,
        Ok(Err(problems)) => {
            terminal::complain(&problems, log_format);
            problems.exit_code()
        }
        Err(_) => exit::BUG,
    }
}

fn dispatch(verb: &Verb) -> Result<i32, Problems> {
    if !matches!(verb, Verb::Init(_) | Verb::Compare(_) | Verb::Schema | Verb::Completions(_)) {
        threads::check()?;
    }
    match verb {
        Verb::Init(args) => init::execute(args),
        Verb::SampleBook(args) => sample_book::execute(args),
        Verb::Check(args) => check::execute(args),
        Verb::Run(args) => run::execute(args),
        Verb::Fit(args) => fit::execute(args),
        Verb::Regress(args) => regress::execute(args),
        Verb::Replay(args) => replay::execute(args),
        Verb::Compare(args) => compare::execute(args),
        Verb::Schema => schema::execute(),
        Verb::Completions(args) => completions::execute(args),
    }
}

impl Verb {
    fn voice(&self) -> Option<&Voice> {
        match self {
            Verb::Check(args) => Some(&args.voice),
            Verb::Run(args) => Some(&args.voice),
            Verb::Fit(args) => Some(&args.voice),
            Verb::Regress(args) => Some(&args.voice),
            Verb::Replay(args) => Some(&args.voice),
            Verb::Init(_) | Verb::Compare(_) | Verb::SampleBook(_) | Verb::Schema | Verb::Completions(_) => None,
        }
    }
}

impl Changes {
    /// The same, as the programme reader takes it.
    pub fn overrides(&self) -> Overrides {
        Overrides {
            paths: self.paths,
            seed: self.seed,
            scenarios: self.scenario.clone(),
            set: self.set.clone(),
            language: self.lang.map(|lang| match lang {
                Lang::En => Language::En,
                Lang::Zh => Language::Zh,
            }),
            previous: None,
        }
    }
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
