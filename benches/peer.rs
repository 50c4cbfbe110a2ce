//! Times the base scenario of one programme beside valuation alone, and prints figures and times as JSON, for `peers/run.py`.

use super::Args;
use super::shared;
use levertide::engine::brute;
use levertide::inputs;
use std::path::Path;

/// Runs and the valuation-only loop in turn; one line of JSON.
pub fn run(file: &Path, args: &Args) {
    let mut programme = shared::read_programme(file, args.paths);
    programme.scenarios.truncate(1);
    let inputs = shared::sound(inputs::load(&programme));
    let (mut seconds, mut valuation, mut last) = (Vec::new(), Vec::new(), None);
    // the first round warms up and is not counted
    for round in 0..=args.runs {
        let (mut outcomes, ours) = shared::timed(|| shared::run(&programme, &inputs.book, &inputs, args.threads));
        let (_, values) = shared::timed(|| shared::brute(&programme, &inputs, args.threads, brute::Work::Valuation));
        if round > 0 {
            seconds.push(ours);
            valuation.push(values);
        }
        last = Some(outcomes.remove(0));
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
        "seconds": shared::median(&seconds),
        "seconds_all": seconds,
        "valuation_seconds": shared::median(&valuation),
        "shortfall": mean_and_error(&outcome.path.shortfall),
        "warning_rate": rate(&outcome.path.warned),
        "limit_rate": rate(&outcome.path.limited),
        "call_rate": rate(&outcome.path.called),
        "liquidation_rate": rate(&outcome.path.liquidated),
        "hash": shared::hash(&outcome.path.pool_loss),
    });
    println!("{line}");
}

/// Mean over paths and its standard error.
fn mean_and_error(values: &[f64]) -> [f64; 2] {
    let count = values.len() as f64;
    let mean = values.iter().fold(0.0, |sum, v| sum + v) / count;
    let square = values.iter().fold(0.0, |sum, v| sum + (v - mean) * (v - mean));
    [mean, (square / (count - 1.0) / count).sqrt()]
}
