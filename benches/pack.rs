//! Measures a pack of twelve scenarios that share one market against one scenario alone: what sharing tiles saves.

use super::Args;
use super::shared::{self, Work, volatility};
use levertide::model::case::Programme;
use levertide::units::Ratio;

const SCENARIOS: usize = 12;

pub fn run(args: &Args) {
    let book = args.book("platform");
    let reference = shared::reference(book, &[], args.paths_of(book, 8));
    let (alone, inputs) = (&reference.programme, &reference.inputs);
    let (rules, shocked) = (pack(alone, false), pack(alone, true));
    let run = |programme, threads| shared::hash_of(&shared::run(programme, &inputs.book, inputs, threads));
    let works: [Work<'_>; 6] = [
        ("one scenario, 1 thread", &|| run(alone, 1)),
        ("12 margin rules on one market, 1 thread", &|| run(&rules, 1)),
        ("12 shocks over one draw, 1 thread", &|| run(&shocked, 1)),
        ("one scenario, 2 threads", &|| run(alone, 2)),
        ("12 margin rules on one market, 2 threads", &|| run(&rules, 2)),
        ("12 shocks over one draw, 2 threads", &|| run(&shocked, 2)),
    ];
    println!("{book}, {} paths; {}; medians of {} runs", alone.scenarios[0].case.simulation.paths, shared::machine(), args.runs);
    let timed = shared::in_turn(&works, args.runs);
    let steps = shared::account_steps(alone, &inputs.book);
    for (half, half_timed) in works.chunks_exact(3).zip(timed.chunks_exact(3)) {
        let single = half_timed[0].median();
        for (at, ((name, _), t)) in half.iter().zip(half_timed).enumerate() {
            let scenarios = if at == 0 { 1.0 } else { SCENARIOS as f64 };
            let each = t.median() / scenarios;
            println!(
                "  {name:<42} {:>8.3} s  {:>9.1} M account-steps/s  {:>5.2} of one scenario's time each  {}",
                t.median(),
                steps / each / 1e6,
                each / single,
                t.hash
            );
        }
    }
}

/// Twelve scenarios: with call lines of their own on the same prices, or with shocks of their own over the same draws.
fn pack(alone: &Programme, shocked: bool) -> Programme {
    let mut pack = alone.clone();
    let base = pack.scenarios.remove(0);
    for k in 0..SCENARIOS {
        let mut scenario = base.clone();
        scenario.name = format!("scenario {k}");
        if shocked {
            let multiple = 1.0 + 0.02 * k as f64;
            scenario.case.shocks.push(volatility(multiple));
        } else {
            scenario.case.margin.call = Some(Ratio::from_fraction(1.24 + 0.01 * k as f64));
        }
        pack.scenarios.push(scenario);
    }
    pack
}
