//! Measures the reference books: speed with and without rules, feedback and leverage, memory, and the time a tail takes.

use super::Args;
use super::hardware;
use super::shared::{self, Work};
use levertide::engine::brute;
use levertide::engine::outcome::Outcome;
use levertide::maths::isa;
use std::cell::RefCell;

/// Prints every book, each in a process of its own, so that the highest level of memory is that of one book.
pub fn run(args: &Args) {
    println!("machine: {}; medians of {} runs", shared::machine(), args.runs);
    super::generation::normals_alone(args.runs);
    for book in args.books_or(&["desk", "platform", "market"]) {
        if args.here {
            one(args, &book);
        } else {
            args.child(&["--one", &book]);
        }
    }
}

/// Prints one book.
pub fn one(args: &Args, book: &str) {
    let mut reference = shared::reference(book, &[], args.paths_of(book, 1));
    if args.calm {
        // only accounts far from their lines: what passing accounts over saves
        reference.inputs.book = shared::halved_leverage(&reference.inputs.book, &reference.inputs.market.prices());
    }
    let (programme, inputs) = (&reference.programme, &reference.inputs);
    let loud = shared::with_feedback(programme);
    let halved = shared::halved_leverage(&inputs.book, &inputs.market.prices());
    let (days, paths) = (programme.scenarios[0].case.simulation.horizon_days, programme.scenarios[0].case.simulation.paths);
    println!(
        "\n{book}: {} accounts, {} positions, {days} days, {paths} paths, {}",
        inputs.book.accounts(),
        inputs.book.position_symbol.len(),
        programme.scenarios[0].case.market.key()
    );
    // memory first: later works would raise its highest level
    let read = shared::memory_mib("VmHWM");
    shared::forget_peak();
    let plain = shared::run(programme, &inputs.book, inputs, 2).remove(0);
    let peak = shared::memory_mib("VmHWM");
    println!("  peak memory: {read:.0} MiB while read, {peak:.0} MiB for one run on 2 threads, reading left out");
    let loudest: RefCell<Option<Outcome>> = RefCell::new(None);
    let run = |programme, book, threads| shared::hash_of(&shared::run(programme, book, inputs, threads));
    let loud_run = |threads| {
        let outcomes = shared::run(&loud, &inputs.book, inputs, threads);
        let hash = shared::hash_of(&outcomes);
        *loudest.borrow_mut() = outcomes.into_iter().next();
        hash
    };
    let brute = |work, threads| shared::hash(&[shared::brute(programme, inputs, threads, work)]);
    let works: [Work<'_>; 9] = [
        ("rules, 1 thread", &|| run(programme, &inputs.book, 1)),
        ("rules, 2 threads", &|| run(programme, &inputs.book, 2)),
        ("feedback off, then on, 1 thread", &|| loud_run(1)),
        ("feedback off, then on, 2 threads", &|| loud_run(2)),
        ("rules at half the leverage, 1 thread", &|| run(programme, &halved, 1)),
        ("rules at half the leverage, 2 threads", &|| run(programme, &halved, 2)),
        ("market only, 1 thread", &|| brute(brute::Work::Market, 1)),
        ("valuation only, 1 thread", &|| brute(brute::Work::Valuation, 1)),
        ("valuation only, 2 threads", &|| brute(brute::Work::Valuation, 2)),
    ];
    let timed = shared::in_turn(&works, args.runs);
    let steps = shared::account_steps(programme, &inputs.book);
    let symbols = levertide::engine::held_symbols(&inputs.book).len() as f64;
    let normals = symbols * f64::from(days) * paths as f64;
    for ((name, _), t) in works.iter().zip(&timed) {
        let seconds = t.median();
        println!(
            "  {name:<40} {seconds:>8.3} s  {:>9.1} M account-steps/s  {:>7.1} M returns/s  {}",
            steps / seconds / 1e6,
            normals / seconds / 1e6,
            t.hash
        );
    }
    let seconds: Vec<f64> = timed.iter().map(|t| t.median()).collect();
    ratios(&seconds, hardware::share(programme, inputs, seconds[7], hardware::peak(isa::level())));
    let loudest = loudest.into_inner().expect("it ran");
    println!("  time until the 97.5 % expected shortfall of the pool's loss has an error of 1 %, by the square-root law:");
    for (name, outcome, seconds) in [
        ("feedback off, 1 thread", &plain, seconds[0]),
        ("feedback off, 2 threads", &plain, seconds[1]),
        ("feedback on, 1 thread", &loudest, seconds[2] - seconds[0]),
        ("feedback on, 2 threads", &loudest, seconds[3] - seconds[1]),
    ] {
        println!("    {name:<24} {}", shared::time_to_error(programme, &inputs.book, outcome, 0.0, seconds));
    }
}

fn ratios(seconds: &[f64], share: f64) {
    let [one, two, loud_one, loud_two, half_one, half_two, market, value_one, value_two] = seconds else { unreachable!("nine works") };
    println!("  2 threads over 1: {:.2}, feedback on {:.2}, valuation only {:.2}", one / two, loud_one / loud_two, value_one / value_two);
    println!("  rules over valuation only: {:.2} (1 thread), {:.2} (2 threads)", value_one / one, value_two / two);
    println!("  rules over market only: {:.2} of the time", one / market);
    println!("  feedback on over off, speed: {:.2} (1 thread), {:.2} (2 threads)", one / (loud_one - one), two / (loud_two - two));
    println!("  half the leverage, speed: {:.2} (1 thread), {:.2} (2 threads)", one / half_one, two / half_two);
    println!("  valuation only: {:.3} of one thread's fused multiply-add peak", share);
}
