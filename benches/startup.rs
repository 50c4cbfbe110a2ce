//! Times what comes before the first path: files read and checked, the market fitted, the book planned.

use super::Args;
use super::shared;
use levertide::engine::{brute, held_symbols, side_by_side};
use levertide::inputs;
use levertide::model::market::FitRequest;
use std::process::Command;

pub fn run(args: &Args) {
    for book in args.books_or(&["platform", "market"]) {
        if args.here {
            one(args, &book);
        } else {
            args.child(&["--start-one", &book]);
        }
    }
}

/// Prints one book's phases, medians of the runs.
pub fn one(args: &Args, book: &str) {
    let flags: Vec<String> = if args.tiny { vec!["--accounts".into(), "40".into()] } else { Vec::new() };
    let folder = shared::write_book(book, &flags);
    let file = folder.path().join("book/programme.toml");
    let names = ["programme", "prices, alone", "all files, read and checked", "fit", "plan and one tile", "levertide check"];
    let mut seconds = vec![Vec::new(); names.len()];
    let mut sizes = String::new();
    for _ in 0..args.runs {
        let (mut programme, parse) = shared::timed(|| shared::read_programme(&file, Some(16)));
        programme.scenarios.truncate(1);
        let (_, prices) = shared::timed(|| shared::sound(inputs::market(&programme)));
        let (inputs, all) = shared::timed(|| shared::sound(inputs::load(&programme)));
        let symbols = held_symbols(&inputs.book);
        let history = &inputs.market.history;
        let window = history.window(None, Some(programme.as_of));
        let request = FitRequest {
            market: &inputs.market,
            symbols: &symbols,
            after_as_of: window.end,
            window,
            horizon_days: programme.scenarios[0].case.simulation.horizon_days as usize,
            drift: Default::default(),
            workers: &side_by_side,
        };
        let (_, fit) = shared::timed(|| shared::sound(programme.scenarios[0].case.market.fit(&request)));
        let (_, tile) = shared::timed(|| shared::brute(&programme, &inputs, 1, brute::Work::Market));
        let (_, check) = shared::timed(|| {
            let done = Command::new(env!("CARGO_BIN_EXE_levertide")).args(["check", "--quiet"]).arg(&file).status();
            assert!(done.expect("the command starts").success(), "the generated book has no problems");
        });
        for (seconds, s) in seconds.iter_mut().zip([parse, prices, all, fit, tile - fit, check]) {
            seconds.push(s);
        }
        sizes = format!(
            "{} accounts, {} positions, {} symbols, {} days of history",
            inputs.book.accounts(),
            inputs.book.position_symbol.len(),
            history.width(),
            history.days()
        );
    }
    println!("\n{book}: {sizes}; {}; medians of {} runs", shared::machine(), args.runs);
    for (name, seconds) in names.iter().zip(&seconds) {
        println!("  {name:<30} {:>8.3} s", shared::median(seconds));
    }
    println!("  peak memory {:.0} MiB", shared::memory_mib("VmHWM"));
}
