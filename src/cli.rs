//! Holds what was typed, nothing more.

use crate::units::Day;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

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

/// What is to be done.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Write a commented programme that runs
    Init(Init),
    /// Write a generated book, the market it holds, and a programme that runs on them
    SampleBook(SampleBook),
    /// Read a programme and its data, and list every problem; simulate nothing
    Check(Check),
    /// Simulate every scenario of a programme and write the report folder
    Run(Run),
    /// Fit the market models of a programme, test them in sample and on a hold-out, and write fit.json and charts
    Fit(Fit),
    /// Compare programmes with stored baselines, within the noise of both
    Regress(Regress),
    /// Run one path again and tell it day by day, one account's story on it, with its entries
    Replay(Replay),
    /// Compare two report folders, and tell a change from noise
    Compare(Compare),
    /// Print the JSON Schema of a programme
    Schema,
    /// Print the completion script of a shell
    Completions(Completions),
}

#[derive(Debug, Args)]
pub struct Init {
    /// Where to write the programme; `-` prints it
    #[arg(default_value = "programme.toml")]
    pub file: PathBuf,
    /// Replace an existing file
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
pub struct SampleBook {
    /// A reference book: desk 200 accounts, platform 10,000, market 100,000 [default: desk]
    #[arg(long, value_enum)]
    pub preset: Option<Preset>,
    /// Which clients the book is made of
    #[arg(long, value_enum, default_value_t = Clients::Mixed)]
    pub clients: Clients,
    /// Accounts, instead of the preset's
    #[arg(long, value_name = "N", value_parser = few)]
    pub accounts: Option<usize>,
    /// Shares of the drawn market, instead of the preset's
    #[arg(long, value_name = "N", value_parser = few, conflicts_with = "prices")]
    pub symbols: Option<usize>,
    /// Sessions the programme simulates, instead of the preset's
    #[arg(long, value_name = "N")]
    pub days: Option<u32>,
    /// Paths the programme simulates, instead of the preset's
    #[arg(long, value_name = "N", value_parser = count)]
    pub paths: Option<u64>,
    /// Seed of the book and of its programme
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// The folder to write; it must not exist
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Hold the symbols of this price file instead of drawn ones
    #[arg(long, value_name = "FILE", requires = "as_of")]
    pub prices: Option<PathBuf>,
    /// The facts of those symbols
    #[arg(long, value_name = "FILE", requires = "prices")]
    pub instruments: Option<PathBuf>,
    /// The as-of date; a drawn market ends there [default: 2025-12-31]
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub as_of: Option<Day>,
    /// Do not say what the book came to
    #[arg(long)]
    pub quiet: bool,
}

/// The reference books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Preset {
    /// 200 accounts, 50 symbols, 20 days, 1,000,000 paths
    Desk,
    /// 10,000 accounts, 300 symbols, 20 days, 100,000 paths
    Platform,
    /// 100,000 accounts, 3,000 symbols, 10 days, 10,000 paths
    Market,
}

/// Which clients a sample book is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Clients {
    /// Regulated, umbrella and off-exchange clients, at about 1.6 times together
    Mixed,
    /// Everybody levered 4 to 8 times, in one untiered pool
    HighLeverage,
    /// The same clients, capped at 2 and 2.5 times by tier
    Compliant,
}

#[derive(Debug, Args)]
pub struct Check {
    /// The programme, a TOML file
    pub programme: PathBuf,
    #[command(flatten)]
    pub changes: Changes,
    #[command(flatten)]
    pub voice: Voice,
}

#[derive(Debug, Args)]
pub struct Run {
    /// The programme, a TOML file
    pub programme: PathBuf,
    /// The report folder [default: reports/<name of the programme>]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace an existing report folder
    #[arg(long)]
    pub force: bool,
    /// An earlier report folder: the report says what changed since, with its error
    #[arg(long, value_name = "DIR")]
    pub previous: Option<PathBuf>,
    /// Folder with further fonts, for characters the embedded ones lack
    #[arg(long, value_name = "DIR")]
    pub font_dir: Option<PathBuf>,
    #[command(flatten)]
    pub changes: Changes,
    #[command(flatten)]
    pub drive: Drive,
    #[command(flatten)]
    pub voice: Voice,
}

#[derive(Debug, Args)]
pub struct Fit {
    /// The programme, a TOML file; each distinct market model of its scenarios is fitted
    pub programme: PathBuf,
    /// The folder to write [default: reports/<name of the programme>-fit]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace an existing folder
    #[arg(long)]
    pub force: bool,
    /// Last sessions of the window kept back for the test; 0 for none [default: 250, or a fifth of a shorter window]
    #[arg(long, value_name = "SESSIONS")]
    pub holdout: Option<usize>,
    /// Folder with further fonts, for characters the embedded ones lack
    #[arg(long, value_name = "DIR")]
    pub font_dir: Option<PathBuf>,
    #[command(flatten)]
    pub changes: Changes,
    #[command(flatten)]
    pub recall: FitCache,
    #[command(flatten)]
    pub voice: Voice,
}

#[derive(Debug, Args)]
pub struct Regress {
    /// The programmes, TOML files
    #[arg(required = true, value_name = "PROGRAMME")]
    pub programmes: Vec<PathBuf>,
    /// Folder of the baselines, one `<name>.json` per programme
    #[arg(long, value_name = "DIR")]
    pub baselines: PathBuf,
    /// Write the baselines instead of comparing with them
    #[arg(long)]
    pub update: bool,
    /// Write the verdicts as JUnit XML
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// How many standard errors of the difference a figure may move
    #[arg(long, value_name = "K", default_value = "4", value_parser = positive)]
    pub tolerance: f64,
    #[command(flatten)]
    pub changes: Changes,
    #[command(flatten)]
    pub drive: Drive,
    #[command(flatten)]
    pub voice: Voice,
}

#[derive(Debug, Args)]
pub struct Replay {
    /// The programme, a TOML file; `--scenario` names the scenario [default: base]
    pub programme: PathBuf,
    /// The path: a number from 0, or worst, median, es-typical (which simulates the scenario first)
    #[arg(long, value_name = "PATH", default_value = "worst")]
    pub path: String,
    /// Tell this account's story instead of the book's
    #[arg(long, value_name = "ID")]
    pub account: Option<String>,
    /// Tell this tier's story instead, with the pool's
    #[arg(long, value_name = "NAME", conflicts_with = "account")]
    pub tier: Option<String>,
    #[command(flatten)]
    pub changes: Changes,
    #[command(flatten)]
    pub drive: Drive,
    #[command(flatten)]
    pub voice: Voice,
}

#[derive(Debug, Args)]
pub struct Compare {
    /// The earlier report folder, or its summary.json
    pub first: PathBuf,
    /// The later one
    pub second: PathBuf,
    /// How many standard errors of the difference are still noise
    #[arg(long, value_name = "K", default_value = "4", value_parser = positive)]
    pub tolerance: f64,
    /// Show every figure, not only those that moved
    #[arg(long)]
    pub all: bool,
}

#[derive(Debug, Args)]
pub struct Completions {
    pub shell: clap_complete::Shell,
}

/// What the command line changes in a programme; all of it is written into `programme.resolved.toml`.
#[derive(Debug, Args)]
pub struct Changes {
    /// Paths of every scenario, for example 1_000_000
    #[arg(long, value_name = "N", value_parser = count)]
    pub paths: Option<u64>,
    /// Seed of all random numbers
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Only this scenario, and the base it is compared with (repeatable)
    #[arg(long, value_name = "NAME")]
    pub scenario: Vec<String>,
    /// Change one key, for example margin.call=135% (repeatable)
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Language of the report
    #[arg(long, value_enum)]
    pub lang: Option<Lang>,
}

/// How a simulation is driven; nothing here changes a figure.
#[derive(Debug, Args)]
pub struct Drive {
    /// Worker threads [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    #[command(flatten)]
    pub recall: FitCache,
}

/// Where fits are recalled from; nothing here changes a figure.
#[derive(Debug, Args)]
pub struct FitCache {
    /// Keep what slow fits find in this folder, and recall it where prices, window and model are the same
    #[arg(long, value_name = "DIR")]
    pub fit_cache: Option<PathBuf>,
}

/// How much is said while working.
#[derive(Debug, Args)]
pub struct Voice {
    /// Say nothing while working
    #[arg(long)]
    pub quiet: bool,
    /// How progress and problems are written on standard error
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    En,
    Zh,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    /// One JSON object a line
    Json,
}

/// A whole number of at least 1; `_` and `,` may group its digits.
fn count(text: &str) -> Result<u64, String> {
    let digits: String = text.chars().filter(|c| !matches!(c, '_' | ',')).collect();
    match digits.parse::<u64>() {
        Ok(n) if n >= 1 => Ok(n),
        _ => Err("a whole number of at least 1 is needed, for example 100000".into()),
    }
}

/// A count that fits the memory's index.
fn few(text: &str) -> Result<usize, String> {
    count(text).and_then(|n| usize::try_from(n).map_err(|_| "a smaller number is needed".into()))
}

fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| "a date is needed, for example 2015-06-12".into())
}

/// A finite number above 0.
fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(x) if x.is_finite() && x > 0.0 => Ok(x),
        _ => Err("a number above 0 is needed, for example 4".into()),
    }
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
    fn a_count_may_be_grouped_and_is_at_least_one() {
        assert_eq!(count("1_000_000"), Ok(1_000_000));
        assert_eq!(count("1,000"), Ok(1_000));
        for text in ["0", "-1", "1.5", "", "1e6"] {
            assert!(count(text).is_err(), "{text}");
        }
    }
}
