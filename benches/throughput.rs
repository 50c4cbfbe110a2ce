//! Measures account-steps per second on the reference books, beside a loop that only values accounts, in one run.
//!
//! `cargo bench --bench throughput -- [desk|platform|market ...] [--paths N] [--runs N]`; `--tiny` for a smoke test.
//! Every line ends with a hash of the result, which must not change unless a figure should.
//! `--fits PRICES --as-of DATE [--threads N] [--only MODEL]` times the fit of every market model instead (`fits.rs`).
//! `--repair N` times the nearest correlation matrix of N symbols.
//! `--programme FILE [--threads N]` times the base scenario of one programme instead and prints JSON, for `peers/run.py`.

mod fits;

use levertide::engine::{Control, brute, simulate};
use levertide::inputs::programme::Overrides;
use levertide::inputs::{self, Inputs};
use levertide::maths::random::{self, Stream, Streams};
use levertide::model::case::Programme;
use levertide::model::impact::{Impact, square_root::SquareRoot};
use levertide::model::market::LANES;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

struct Args {
    books: Vec<String>,
    paths: Option<u64>,
    runs: usize,
    programme: Option<PathBuf>,
    fits: Option<PathBuf>,
    repair: Option<usize>,
    as_of: String,
    only: String,
    threads: usize,
}

fn main() {
    let args = arguments();
    if let Some(symbols) = args.repair {
        return fits::repair(symbols);
    }
    if let Some(prices) = &args.fits {
        return fits::run(prices, &args.as_of, args.threads, &args.only);
    }
    if let Some(file) = &args.programme {
        return match one(file, &args) {
            Ok(line) => println!("{line}"),
            Err(problems) => panic!("{problems}"),
        };
    }
    println!("machine: {} threads seen; medians of {} runs", std::thread::available_parallelism().map_or(1, usize::from), args.runs);
    normals(args.runs);
    for book in &args.books {
        if let Err(problems) = bench(book, &args) {
            panic!("{book}: {problems}");
        }
    }
}

fn arguments() -> Args {
    let mut args = Args {
        books: Vec::new(),
        paths: None,
        runs: 5,
        programme: None,
        fits: None,
        repair: None,
        as_of: String::new(),
        only: String::new(),
        threads: 2,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--paths" => args.paths = words.next().and_then(|n| n.parse().ok()),
            "--runs" => args.runs = words.next().and_then(|n| n.parse().ok()).unwrap_or(5),
            "--tiny" => {
                args = Args { books: vec!["desk".into()], paths: Some(256), runs: 1, ..args };
            }
            "--fits" => args.fits = words.next().map(PathBuf::from),
            "--repair" => args.repair = words.next().and_then(|n| n.parse().ok()),
            "--as-of" => args.as_of = words.next().unwrap_or_default(),
            "--only" => args.only = words.next().unwrap_or_default(),
            "--programme" => args.programme = words.next().map(PathBuf::from),
            "--threads" => args.threads = words.next().and_then(|n| n.parse().ok()).unwrap_or(2),
            "--bench" => {}
            book => args.books.push(book.into()),
        }
    }
    if args.books.is_empty() {
        args.books = ["desk", "platform", "market"].map(String::from).to_vec();
    }
    args
}

/// Paths a book is measured at: enough for a run of seconds.
fn default_paths(book: &str) -> u64 {
    match book {
        "desk" => 200_000,
        "platform" => 8_000,
        _ => 800,
    }
}

/// Writes a reference book with the product's own generator and reads it back.
fn load(book: &str, paths: u64) -> Result<(tempfile::TempDir, Programme, Inputs), levertide::problem::Problems> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("book");
    let done = Command::new(env!("CARGO_BIN_EXE_levertide")).args(["sample-book", "--preset", book, "--out"]).arg(&out).output();
    let done = done.expect("the generator starts");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let mut programme = inputs::programme::load(&out.join("programme.toml"), &Overrides { paths: Some(paths), ..Overrides::default() })?;
    programme.scenarios.truncate(1);
    let inputs = inputs::load(&programme)?;
    Ok((folder, programme, inputs))
}

fn bench(book: &str, args: &Args) -> Result<(), levertide::problem::Problems> {
    let paths = args.paths.unwrap_or(default_paths(book));
    let (_folder, programme, inputs) = load(book, paths)?;
    let days = programme.scenarios[0].case.simulation.horizon_days;
    let steps = (inputs.book.accounts() as u64 * u64::from(days) * paths) as f64;
    println!("\n{book}: {} accounts, {} positions, {days} days, {paths} paths", inputs.book.accounts(), inputs.book.position_symbol.len());
    let mut loud = programme.clone();
    loud.scenarios[0].case.feedback.impact = Impact::SquareRoot(SquareRoot::default());
    let stop = AtomicBool::new(false);
    let drive = |threads| Control { threads: Some(threads), stop: &stop, progress: &|_| {} };
    let run = |programme: &Programme, threads| {
        let outcome = simulate(programme, &inputs.book, &inputs.market, &drive(threads)).map(|o| hash(&o[0].path.pool_loss));
        outcome.unwrap_or_else(|problems| panic!("{problems}"))
    };
    let brute = |work, threads| {
        let sum =
            brute::run(&programme, &inputs.book, &inputs.market, &drive(threads), work).unwrap_or_else(|problems| panic!("{problems}"));
        hash(&[sum])
    };
    let works: [(&str, &dyn Fn() -> String); 6] = [
        ("rules, 1 thread", &|| run(&programme, 1)),
        ("rules, 2 threads", &|| run(&programme, 2)),
        ("rules with feedback off, one layer, and on, 2 threads", &|| run(&loud, 2)),
        ("market only, 1 thread", &|| brute(brute::Work::Market, 1)),
        ("valuation only, 1 thread", &|| brute(brute::Work::Valuation, 1)),
        ("valuation only, 2 threads", &|| brute(brute::Work::Valuation, 2)),
    ];
    let mut seconds = vec![Vec::new(); works.len()];
    let mut hashes = vec![String::new(); works.len()];
    // round by round, so that a drift of the machine touches every work alike
    for _ in 0..args.runs {
        for (w, (_, work)) in works.iter().enumerate() {
            let start = Instant::now();
            hashes[w] = work();
            seconds[w].push(start.elapsed().as_secs_f64());
        }
    }
    let medians: Vec<f64> = seconds.iter_mut().map(|s| median(s)).collect();
    for ((name, _), (seconds, hash)) in works.iter().zip(medians.iter().zip(&hashes)) {
        println!("  {name:<56} {seconds:>8.3} s  {:>8.1} M account-steps/s  {hash}", steps / seconds / 1e6);
    }
    let feedback_on = medians[2] - medians[1];
    println!("  2 threads over 1: {:.2}", medians[0] / medians[1]);
    println!("  rules over valuation only: {:.2} (1 thread), {:.2} (2 threads)", medians[4] / medians[0], medians[5] / medians[1]);
    println!("  rules over market only: {:.2} of the time", medians[0] / medians[3]);
    println!("  feedback on over off, speed: {:.2}", medians[1] / feedback_on);
    println!("  peak memory: {:.0} MiB", peak_memory_mib());
    Ok(())
}

/// Times the base scenario of a programme and the valuation-only loop in turn; figures and times as one line of JSON.
fn one(file: &Path, args: &Args) -> Result<String, levertide::problem::Problems> {
    let mut programme = inputs::programme::load(file, &Overrides { paths: args.paths, ..Overrides::default() })?;
    programme.scenarios.truncate(1);
    let inputs = inputs::load(&programme)?;
    let stop = AtomicBool::new(false);
    let control = Control { threads: Some(args.threads), stop: &stop, progress: &|_| {} };
    let (mut seconds, mut valuation, mut last) = (Vec::new(), Vec::new(), None);
    // the first round warms up and is not counted
    for round in 0..=args.runs {
        let start = Instant::now();
        let outcome = simulate(&programme, &inputs.book, &inputs.market, &control)?.remove(0);
        let ours = start.elapsed().as_secs_f64();
        let start = Instant::now();
        brute::run(&programme, &inputs.book, &inputs.market, &control, brute::Work::Valuation)?;
        if round > 0 {
            seconds.push(ours);
            valuation.push(start.elapsed().as_secs_f64());
        }
        last = Some(outcome);
    }
    let outcome = last.expect("at least one round");
    let accounts = inputs.book.accounts() as f64;
    let rate = |counts: &[u32]| mean_and_error(&counts.iter().map(|c| f64::from(*c) / accounts).collect::<Vec<_>>());
    let line = serde_json::json!({
        "accounts": inputs.book.accounts(),
        "days": outcome.dates.len(),
        "paths": outcome.paths,
        "runs": args.runs,
        "account_steps": outcome.account_steps,
        "seconds": median(&mut seconds),
        "seconds_all": seconds,
        "valuation_seconds": median(&mut valuation),
        "shortfall": mean_and_error(&outcome.path.shortfall),
        "warning_rate": rate(&outcome.path.warned),
        "limit_rate": rate(&outcome.path.limited),
        "call_rate": rate(&outcome.path.called),
        "liquidation_rate": rate(&outcome.path.liquidated),
        "hash": hash(&outcome.path.pool_loss),
    });
    Ok(line.to_string())
}

/// Mean over paths and its standard error.
fn mean_and_error(values: &[f64]) -> [f64; 2] {
    let count = values.len() as f64;
    let mean = values.iter().fold(0.0, |sum, v| sum + v) / count;
    let square = values.iter().fold(0.0, |sum, v| sum + (v - mean) * (v - mean));
    [mean, (square / (count - 1.0) / count).sqrt()]
}

/// Nanoseconds a standard normal takes on one core.
fn normals(runs: usize) {
    let key = Streams::new(1).key(Stream::Symbol, 7);
    let mut seconds = Vec::new();
    let mut sum = 0.0;
    const DRAWS: usize = 64;
    const TILES: u64 = 4_000;
    for _ in 0..runs {
        let start = Instant::now();
        let mut rows = [0.0; DRAWS * LANES];
        for tile in 0..TILES {
            random::normals(key, tile * LANES as u64, &mut rows);
            sum += rows[0];
        }
        seconds.push(start.elapsed().as_secs_f64());
    }
    let each = median(&mut seconds) / (TILES as usize * DRAWS * LANES) as f64 * 1e9;
    println!("standard normals: {each:.2} ns each on one core  {}", hash(&[sum]));
}

fn median(seconds: &mut [f64]) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

fn hash(values: &[f64]) -> String {
    let mut digest = Sha256::new();
    values.iter().for_each(|v| digest.update(v.to_le_bytes()));
    digest.finalize().iter().take(6).map(|b| format!("{b:02x}")).collect()
}

fn peak_memory_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM"));
    line.and_then(|l| l.split_whitespace().nth(1)?.parse::<f64>().ok()).map_or(f64::NAN, |kib| kib / 1024.0)
}
