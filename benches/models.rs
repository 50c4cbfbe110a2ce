//! Measures one book under every market model: fit, draw, speed at one and two threads, feedback, and the time a tail takes.

use super::Args;
use super::fits::draw;
use super::shared::{self, Work};
use levertide::engine::{held_symbols, side_by_side};
use levertide::model::market::block_bootstrap::BlockBootstrap;
use levertide::model::market::covariance::Covariance;
use levertide::model::market::filtered_historical::FilteredHistorical;
use levertide::model::market::gaussian::Gaussian;
use levertide::model::market::jump_diffusion::JumpDiffusion;
use levertide::model::market::regime_switching::RegimeSwitching;
use levertide::model::market::replay::Replay;
use levertide::model::market::student_t::StudentT;
use levertide::model::market::t_copula::TCopula;
use levertide::model::market::{FitRequest, MarketModel, MarketSpec};
use levertide::units::Day;

pub fn run(args: &Args) {
    let book = args.book("platform");
    let mut reference = shared::reference(book, &[], args.paths_of(book, 8));
    let inputs = &reference.inputs;
    let as_of = reference.programme.as_of;
    let days = reference.programme.scenarios[0].case.simulation.horizon_days as usize;
    let history = &inputs.market.history;
    let known = history.window(None, Some(as_of));
    let symbols = held_symbols(&inputs.book);
    println!(
        "{book} under every market model: {} accounts, {} symbols, {} days of history, {days} days and {} paths; {}; medians of {} runs",
        inputs.book.accounts(),
        symbols.len(),
        known.len(),
        reference.programme.scenarios[0].case.simulation.paths,
        shared::machine(),
        args.runs
    );
    println!(
        "{:<28} {:>8} {:>9} {:>10} {:>10} {:>10} {:>9} {:>15} {:>15}  hash",
        "M account-steps/s", "fit, s", "draw, ns", "1 thread", "2 threads", "feedback", "peak MiB", "1 % of ES in", "feedback on"
    );
    for (name, spec) in models(history.dates[known.end - days]) {
        let request = FitRequest {
            market: &inputs.market,
            symbols: &symbols,
            window: known.clone(),
            after_as_of: known.end,
            horizon_days: days,
            drift: Default::default(),
            workers: &side_by_side,
        };
        reference.programme.scenarios[0].case.market = spec.clone();
        row(name, &reference, args, &|| shared::sound(spec.fit(&request)));
    }
}

/// One model's line. Rates leave the fit out, which every run begins with; the time to an error counts it once.
fn row(name: &str, reference: &shared::Reference, args: &Args, fit: &(dyn Fn() -> Box<dyn MarketModel> + Sync)) {
    let (programme, inputs) = (&reference.programme, &reference.inputs);
    let symbols = held_symbols(&inputs.book).len();
    let loud = shared::with_feedback(programme);
    shared::forget_peak();
    let plain = shared::run(programme, &inputs.book, inputs, 2).remove(0);
    let peak = shared::memory_mib("VmHWM");
    let pressed = shared::run(&loud, &inputs.book, inputs, 2).remove(0);
    let run = |programme, threads| shared::hash_of(&shared::run(programme, &inputs.book, inputs, threads));
    let alone = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("worker threads can be started");
        pool.install(|| fit().card().model)
    };
    let works: [Work<'_>; 5] =
        [("", &|| alone(1)), ("", &|| alone(2)), ("", &|| run(programme, 1)), ("", &|| run(programme, 2)), ("", &|| run(&loud, 2))];
    let timed = shared::in_turn(&works, args.runs);
    // a replay has one path, whatever was asked for
    let steps = plain.account_steps as f64;
    let [fit_one, fit_two, one, two, both] = [0, 1, 2, 3, 4].map(|at: usize| timed[at].median());
    let rate = |seconds: f64| steps / seconds / 1e6;
    println!(
        "{name:<28} {fit_two:>8.3} {:>9.2} {:>10.1} {:>10.1} {:>10.1} {peak:>9.0} {:>15} {:>15}  {}",
        draw(&*fit(), symbols),
        rate(one - fit_one),
        rate(two - fit_two),
        rate(both - two),
        shared::time_to_error(programme, &inputs.book, &plain, fit_two, two - fit_two),
        shared::time_to_error(programme, &inputs.book, &pressed, fit_two, both - two),
        timed[3].hash
    );
}

/// Every model at its defaults, and the gaussian by factors too.
fn models(replayed_from: Day) -> [(&'static str, MarketSpec); 9] {
    [
        ("block-bootstrap", MarketSpec::BlockBootstrap(BlockBootstrap::default())),
        ("filtered-historical", MarketSpec::FilteredHistorical(FilteredHistorical::default())),
        ("gaussian", MarketSpec::Gaussian(Gaussian::default())),
        ("gaussian, factors", MarketSpec::Gaussian(Gaussian { covariance: Covariance::Factor, ..Gaussian::default() })),
        ("jump-diffusion", MarketSpec::JumpDiffusion(JumpDiffusion::default())),
        ("regime-switching", MarketSpec::RegimeSwitching(RegimeSwitching { regimes: 2 })),
        ("replay", MarketSpec::Replay(Replay { start: replayed_from })),
        ("student-t", MarketSpec::StudentT(StudentT::default())),
        ("t-copula", MarketSpec::TCopula(TCopula::default())),
    ]
}
