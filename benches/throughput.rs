//! Measures the engine on the reference books, beside loops without rules, in one run; every line ends with a hash.
//!
//! `cargo bench --bench throughput -- [MODE] [BOOK ...] [--paths N] [--runs N] [--threads N] [--tiny]`, books `desk`,
//! `platform`, `market`. Without a mode: speed, memory and the time to a stated error of every book. Modes:
//!
//! | mode | measures |
//! |---|---|
//! | `--models` | one book under every market model |
//! | `--scaling` | cost over a factor of 16 in paths, accounts, days, scenarios; memory in paths |
//! | `--isa` | every instruction set forced in turn, and the multiply-add peak |
//! | `--pack` | twelve scenarios on one market against one |
//! | `--generation` | normals, correlation and exponentials alone, against the engine's market |
//! | `--start` | what comes before the first path, by phase |
//! | `--fits PRICES --as-of DATE [--only MODEL]` | the fit of every model on a file of prices |
//! | `--repair N` | the nearest correlation matrix of N symbols |
//! | `--programme FILE` | one programme's base scenario, as JSON, for `peers/run.py` |
//!
//! `--calm` halves every account's leverage beforehand. `--tiny` makes any mode a smoke test of a second or two.

mod fits;
mod generation;
mod hardware;
mod models;
mod pack;
mod peer;
mod reference;
mod scaling;
mod shared;
mod startup;

use std::path::PathBuf;
use std::process::Command;

/// What was asked for.
#[derive(Default)]
pub struct Args {
    mode: String,
    /// What follows the mode: a file, a number, a book.
    of: String,
    books: Vec<String>,
    paths: Option<u64>,
    runs: usize,
    threads: usize,
    as_of: String,
    only: String,
    calm: bool,
    tiny: bool,
    /// Measures in this process, where else each part has one of its own.
    here: bool,
}

#[allow(dead_code, reason = "the smoke tests include this file as a module")]
fn main() {
    run(std::env::args().skip(1));
}

/// Runs the mode the words ask for.
pub fn run(words: impl IntoIterator<Item = String>) {
    let args = Args::parse(words);
    match args.mode.as_str() {
        "" => reference::run(&args),
        "--one" => reference::one(&args, &args.of),
        "--models" => models::run(&args),
        "--scaling" => scaling::run(&args),
        "--peak" => scaling::peak(&args, &args.of),
        "--isa" => hardware::run(&args),
        "--pack" => pack::run(&args),
        "--generation" => generation::run(&args),
        "--start" => startup::run(&args),
        "--start-one" => startup::one(&args, &args.of),
        "--fits" => fits::run(&PathBuf::from(&args.of), &args.as_of, args.threads, &args.only),
        "--repair" => fits::repair(args.of.parse().expect("--repair takes a number of symbols")),
        "--programme" => peer::run(&PathBuf::from(&args.of), &args),
        other => panic!("no mode {other}: see the head of benches/throughput.rs"),
    }
}

impl Args {
    fn parse(words: impl IntoIterator<Item = String>) -> Args {
        let mut args = Args { runs: 5, threads: 2, ..Args::default() };
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let mut next = || words.next().unwrap_or_else(|| panic!("{word} takes a word"));
            match word.as_str() {
                "--paths" => args.paths = Some(next().parse().expect("--paths takes a number")),
                "--runs" => args.runs = next().parse().expect("--runs takes a number"),
                "--threads" => args.threads = next().parse().expect("--threads takes a number"),
                "--as-of" => args.as_of = next(),
                "--only" => args.only = next(),
                "--calm" => args.calm = true,
                "--here" => args.here = true,
                "--tiny" => (args.tiny, args.runs) = (true, 1),
                "--bench" => {}
                "--one" | "--peak" | "--start-one" | "--fits" | "--repair" | "--programme" => (args.of, args.mode) = (next(), word),
                _ if word.starts_with("--") => args.mode = word,
                book => args.books.push(book.into()),
            }
        }
        args
    }

    fn books_or(&self, all: &[&str]) -> Vec<String> {
        match (self.books.is_empty(), self.tiny) {
            (false, _) => self.books.clone(),
            (true, true) => vec!["desk".into()],
            (true, false) => all.iter().map(|b| b.to_string()).collect(),
        }
    }

    fn book<'a>(&'a self, usual: &'a str) -> &'a str {
        let usual = if self.tiny { "desk" } else { usual };
        self.books.first().map_or(usual, |b| b.as_str())
    }

    /// Paths asked for, or a part of the book's usual number.
    fn paths_of(&self, book: &str, part: u64) -> u64 {
        self.paths.unwrap_or(if self.tiny { 160 } else { shared::default_paths(book) / part })
    }

    /// Runs one part in a process of its own, with the same flags.
    fn child(&self, words: &[&str]) {
        let mut command = Command::new(std::env::current_exe().expect("the bench has a file"));
        command.args(words).args(["--runs", &self.runs.to_string()]);
        command.args(self.paths.iter().flat_map(|p| ["--paths".to_string(), p.to_string()]));
        command.args([(self.calm, "--calm"), (self.tiny, "--tiny")].iter().filter(|(on, _)| *on).map(|(_, flag)| flag));
        let done = command.status().expect("the bench starts again");
        assert!(done.success(), "{words:?} ended with {done}");
    }
}
