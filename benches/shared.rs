//! Holds what every mode of the bench needs: reference books, clocks, memory, hashes, the error of a tail.

use levertide::engine::outcome::Outcome;
use levertide::engine::{Control, brute, simulate};
use levertide::inputs::programme::Overrides;
use levertide::inputs::{self, Inputs};
use levertide::measures;
use levertide::model::book::Book;
use levertide::model::case::Programme;
use levertide::model::impact::{Impact, square_root::SquareRoot};
use levertide::model::shock::volatility::Volatility;
use levertide::model::shock::{Shock, Target};
use levertide::problem::Problems;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// A book of the product's own generator, read back, with the base scenario alone.
pub struct Reference {
    pub programme: Programme,
    pub inputs: Inputs,
}

/// Paths a book is measured at: enough for a run of seconds.
pub fn default_paths(book: &str) -> u64 {
    match book {
        "desk" => 200_000,
        "platform" => 8_000,
        _ => 800,
    }
}

/// Writes a reference book by the command line, with further flags such as `--accounts 800`.
pub fn write_book(preset: &str, flags: &[String]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_levertide"));
    command.args(["sample-book", "--preset", preset, "--quiet", "--out"]).arg(folder.path().join("book")).args(flags);
    let done = command.output().expect("the generator starts");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    folder
}

/// A reference book at a number of paths.
pub fn reference(preset: &str, flags: &[String], paths: u64) -> Reference {
    let folder = write_book(preset, flags);
    let mut programme = read_programme(&folder.path().join("book/programme.toml"), Some(paths));
    programme.scenarios.truncate(1);
    let inputs = sound(inputs::load(&programme));
    Reference { programme, inputs }
}

pub fn read_programme(file: &Path, paths: Option<u64>) -> Programme {
    sound(inputs::programme::load(file, &Overrides { paths, ..Overrides::default() }))
}

/// What the product's own files came to; a problem there is the bench's mistake.
pub fn sound<T>(result: Result<T, Problems>) -> T {
    result.unwrap_or_else(|problems| panic!("{problems}"))
}

/// The same programme with sales pressing on prices by the square-root law.
pub fn with_feedback(programme: &Programme) -> Programme {
    let mut loud = programme.clone();
    loud.scenarios.iter_mut().for_each(|s| s.case.feedback.impact = Impact::SquareRoot(SquareRoot::default()));
    loud
}

/// Every return of the horizon so many times as large.
pub fn volatility(multiple: f64) -> Shock {
    Shock::Volatility(Volatility { multiple, first_day: 1, last_day: None, on: Target::default() })
}

/// Every account at half its leverage: the same holdings on twice the own capital.
pub fn halved_leverage(book: &Book, price: &[f64]) -> Book {
    let mut halved = book.clone();
    for account in 0..book.accounts() {
        let debt = book.loan[account] + book.accrued_interest[account];
        let own = (book.cash[account] + book.market_value(account, price) - debt).max(0.0);
        halved.loan[account] = (book.loan[account] - own).max(0.0);
        halved.cash[account] += own - (book.loan[account] - halved.loan[account]);
    }
    halved
}

pub fn account_steps(programme: &Programme, book: &Book) -> f64 {
    let case = &programme.scenarios[0].case.simulation;
    (book.accounts() as u64 * u64::from(case.horizon_days) * case.paths * programme.scenarios.len() as u64) as f64
}

/// Every scenario's outcome.
pub fn run(programme: &Programme, book: &Book, inputs: &Inputs, threads: usize) -> Vec<Outcome> {
    let stop = AtomicBool::new(false);
    sound(simulate(programme, book, &inputs.market, &Control { threads: Some(threads), stop: &stop, progress: &|_| {} }))
}

/// A loop without rules; its checksum.
pub fn brute(programme: &Programme, inputs: &Inputs, threads: usize, work: brute::Work) -> f64 {
    let stop = AtomicBool::new(false);
    let control = Control { threads: Some(threads), stop: &stop, progress: &|_| {} };
    sound(brute::run(programme, &inputs.book, &inputs.market, &control, work))
}

/// What a piece of work came to, and its seconds.
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = Instant::now();
    let done = work();
    (done, start.elapsed().as_secs_f64())
}

/// One piece of work of a table: its name, and what it does; it gives back the hash of its result.
pub type Work<'w> = (&'w str, &'w dyn Fn() -> String);

/// What came of one: seconds of every round, and the hash of the last.
pub struct Timed {
    pub seconds: Vec<f64>,
    pub hash: String,
}

impl Timed {
    pub fn median(&self) -> f64 {
        median(&self.seconds)
    }
}

/// Times works in turn, round by round, so that a drift of the machine touches all alike.
pub fn in_turn(works: &[Work<'_>], rounds: usize) -> Vec<Timed> {
    let mut all: Vec<Timed> = works.iter().map(|_| Timed { seconds: Vec::new(), hash: String::new() }).collect();
    for _ in 0..rounds {
        for ((_, work), all) in works.iter().zip(&mut all) {
            let (hash, seconds) = timed(work);
            all.seconds.push(seconds);
            all.hash = hash;
        }
    }
    all
}

pub fn median(seconds: &[f64]) -> f64 {
    let mut sorted = seconds.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

pub fn least(seconds: &[f64]) -> f64 {
    seconds.iter().copied().fold(f64::INFINITY, f64::min)
}

pub fn hash(values: &[f64]) -> String {
    let mut digest = Sha256::new();
    values.iter().for_each(|v| digest.update(v.to_le_bytes()));
    digest.finalize().iter().take(6).map(|b| format!("{b:02x}")).collect()
}

pub fn hash_of(outcomes: &[Outcome]) -> String {
    hash(&outcomes.iter().flat_map(|o| o.path.pool_loss.iter().chain(&o.path.client_loss)).copied().collect::<Vec<f64>>())
}

/// The 97.5 % expected shortfall of the pool's loss, and its relative standard error; nothing where there is no loss to speak of.
pub fn tail(programme: &Programme, book: &Book, outcome: &Outcome) -> Option<(f64, f64)> {
    let es = measures::estimate(&programme.scenarios[0], book, outcome).remove("pool_loss.es_97_5").expect("every run has it");
    (es.value > 0.0 && es.std_error > 0.0).then(|| (es.value, es.std_error / es.value))
}

/// Seconds until that error is 1 %, by the square-root law: `once` whatever the paths, `paths` for those of the outcome.
pub fn time_to_error(programme: &Programme, book: &Book, outcome: &Outcome, once: f64, paths: f64) -> String {
    match tail(programme, book, outcome) {
        Some((_, error)) => {
            let times = error / 0.01;
            format!("{:.3} s", once + paths * times * times)
        }
        None => "no loss in the tail".into(),
    }
}

/// Megabytes of the process under a key of its status; 0 where the system does not tell.
pub fn memory_mib(key: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<f64>().ok()).map_or(0.0, |kib| kib / 1024.0)
}

/// Counts the highest level of memory from here on, where the system lets it be.
pub fn forget_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// The processor, the threads seen, and how busy the machine is: what every figure must be read beside.
pub fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| info.lines().find_map(|l| l.strip_prefix(name)).map(|l| l.trim_start_matches([' ', '\t', ':']).to_string());
    let load = fs::read_to_string("/proc/loadavg").ok().and_then(|l| l.split(' ').next().map(String::from));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "{}, family {} model {}, {threads} threads seen, load {}",
        field("model name").unwrap_or_else(|| std::env::consts::ARCH.into()),
        field("cpu family").unwrap_or_else(|| "?".into()),
        field("model\t").unwrap_or_else(|| "?".into()),
        load.unwrap_or_else(|| "?".into())
    )
}
