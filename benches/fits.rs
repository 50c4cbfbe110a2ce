//! Times the fit of every market model on one file of prices, all of its symbols in the book, and the memory it takes.

use levertide::inputs::programme::Overrides;
use levertide::inputs::{self, Inputs};
use levertide::maths::correlation::nearest_correlation;
use levertide::maths::random::{Key, Streams};
use levertide::model::market::block_bootstrap::BlockBootstrap;
use levertide::model::market::covariance::Covariance;
use levertide::model::market::filtered_historical::FilteredHistorical;
use levertide::model::market::garch::{Innovations, Volatility};
use levertide::model::market::gaussian::Gaussian;
use levertide::model::market::jump_diffusion::JumpDiffusion;
use levertide::model::market::regime_switching::RegimeSwitching;
use levertide::model::market::replay::Replay;
use levertide::model::market::student_t::StudentT;
use levertide::model::market::t_copula::TCopula;
use levertide::model::market::{FitRequest, LANES, MarketModel, MarketSpec, Tile, paths_from};
use levertide::units::Day;
use rayon::prelude::*;
use std::fs;
use std::path::Path;
use std::time::Instant;

/// Sessions of the tile whose drawing is timed.
const DAYS: usize = 20;

/// Prints one line for the repair of an indefinite matrix of `n` symbols: correlations of one half, give or take a quarter.
pub fn repair(n: usize) {
    let noise = |i: usize, j: usize| Key([i.max(j) as u32, 6]).uniform(i.min(j) as u64, 0) - 0.5;
    let cell = |at: usize| if at / n == at % n { 1.0 } else { 0.5 + 0.5 * noise(at / n, at % n) };
    let matrix: Vec<f64> = (0..n * n).map(cell).collect();
    let (start, worked) = (Instant::now(), work());
    let repair = nearest_correlation(&matrix, n).expect("the matrix is finite");
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{n} symbols: {seconds:.2} s, {:.2} s of work, {} iterations, {:.4} away",
        work() - worked,
        repair.iterations,
        repair.distance
    );
}

/// Prints one line for each model whose name contains `only`.
pub fn run(prices: &Path, as_of: &str, threads: usize, only: &str) {
    let as_of = Day::parse(as_of).expect("--as-of is a date");
    let inputs = load(prices, as_of);
    let history = &inputs.market.history;
    let mut symbols: Vec<usize> = inputs.book.position_symbol.iter().map(|s| *s as usize).collect();
    symbols.sort_unstable();
    let window = history.window(None, Some(as_of));
    println!("{} symbols, {} days, {threads} threads, {} MB before", symbols.len(), window.len(), memory("VmRSS"));
    println!("{:<44} {:>9} {:>9} {:>14} {:>18}", "model", "fit, s", "work, s", "peak, MB", "draw, ns a return");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("worker threads can be started");
    for (name, spec) in models(history.dates[window.end - DAYS]).into_iter().filter(|(name, _)| name.contains(only)) {
        let request = FitRequest {
            market: &inputs.market,
            symbols: &symbols,
            window: window.clone(),
            after_as_of: window.end,
            horizon_days: DAYS,
            drift: Default::default(),
            workers: &|jobs, job| (0..jobs).into_par_iter().for_each(job),
        };
        // the highest level of memory is counted from here on, where the system lets it be
        let _ = fs::write("/proc/self/clear_refs", "5");
        let (start, worked) = (Instant::now(), work());
        match pool.install(|| spec.fit(&request)) {
            Ok(model) => {
                let seconds = start.elapsed().as_secs_f64();
                let (peak, worked) = (memory("VmHWM"), work() - worked);
                println!("{name:<44} {seconds:>9.2} {worked:>9.2} {peak:>14} {:>18.2}", draw(&*model, symbols.len()));
            }
            Err(problems) => println!("{name:<44} {problems}"),
        }
    }
}

fn models(replayed_from: Day) -> Vec<(String, MarketSpec)> {
    let mut models = vec![("block-bootstrap".to_string(), MarketSpec::BlockBootstrap(BlockBootstrap::default()))];
    for volatility in [Volatility::Garch, Volatility::Gjr, Volatility::Egarch] {
        for innovations in [Innovations::Normal, Innovations::T, Innovations::SkewedT] {
            let name = format!("filtered-historical, {volatility:?}, {innovations:?}");
            models.push((name, MarketSpec::FilteredHistorical(FilteredHistorical { volatility, innovations })));
        }
    }
    for covariance in [Covariance::Auto, Covariance::Sample, Covariance::Shrinkage, Covariance::Factor] {
        models.push((format!("gaussian, {covariance:?}"), MarketSpec::Gaussian(Gaussian { covariance, ..Gaussian::default() })));
    }
    models.push(("jump-diffusion".into(), MarketSpec::JumpDiffusion(JumpDiffusion::default())));
    models.extend([2, 3].map(|regimes| (format!("regime-switching, {regimes}"), MarketSpec::RegimeSwitching(RegimeSwitching { regimes }))));
    models.push(("replay".into(), MarketSpec::Replay(Replay { start: replayed_from })));
    models.push(("student-t, Auto".into(), MarketSpec::StudentT(StudentT::default())));
    for covariance in [Covariance::Auto, Covariance::Factor] {
        models.push((format!("t-copula, {covariance:?}"), MarketSpec::TCopula(TCopula { covariance, ..TCopula::default() })));
    }
    models
}

/// Reads the prices twice: for the names of the symbols, and with one position in each.
fn load(prices: &Path, as_of: Day) -> Inputs {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let prices = fs::canonicalize(prices).expect("the file of prices is there");
    let text = format!(
        "schema = 1\nname = \"fits\"\nas-of = \"{as_of}\"\n[data]\nprices = '{}'\naccounts = \"accounts.csv\"\npositions = \"positions.csv\"\n",
        prices.display()
    );
    let file = folder.path().join("programme.toml");
    fs::write(&file, text).expect("a file can be written");
    let programme = inputs::programme::load(&file, &Overrides::default()).unwrap_or_else(|problems| panic!("{problems}"));
    let market = inputs::market(&programme).unwrap_or_else(|problems| panic!("{problems}"));
    let rows: String = market.history.symbols.iter().map(|symbol| format!("a,{symbol},1000\n")).collect();
    fs::write(folder.path().join("positions.csv"), format!("account_id,symbol,quantity\n{rows}")).expect("a file can be written");
    fs::write(folder.path().join("accounts.csv"), "account_id,tier,cash,loan\na,A,100,1000\n").expect("a file can be written");
    inputs::load(&programme).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Nanoseconds to draw one return, of the quickest of nine tiles: a busy machine slows some of them.
pub fn draw(model: &dyn MarketModel, symbols: usize) -> f64 {
    let cells = DAYS * symbols * LANES;
    let (mut simple_return, mut state, mut volume) = (vec![0.0; cells], vec![0; cells], vec![0.0; cells]);
    let mut fill = |first_path: u64| {
        let (simple_return, state, volume) = (&mut simple_return[..], &mut state[..], &mut volume[..]);
        model.fill(&mut Tile { paths: paths_from(first_path), days: DAYS, symbols, simple_return, state, volume }, &Streams::new(1));
    };
    let mut time = |tile: u64| {
        let start = Instant::now();
        fill(tile * LANES as u64);
        start.elapsed().as_secs_f64() * 1e9 / cells as f64
    };
    (0..9).map(&mut time).fold(f64::INFINITY, f64::min)
}

/// Seconds of processor time of all threads, in hundredths; 0 where the system does not tell.
fn work() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // the name of the program may hold spaces; after it come the state and eleven further fields
    let fields: Vec<f64> =
        stat.rsplit(')').next().unwrap_or("").split_whitespace().skip(11).take(2).filter_map(|f| f.parse().ok()).collect();
    fields.iter().sum::<f64>() / 100.0
}

/// Megabytes of the process under a key of its status; 0 where the system does not tell.
fn memory(key: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) / 1024
}
