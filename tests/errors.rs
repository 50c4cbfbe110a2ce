//! Holds the standard errors of means that are kept as sums over paths to the paths themselves, and to the spread over seeds.

use crate::support::world::{World, cases, on_the_board, worlds};
use crate::support::{Account, book, free_exchange, gaussian, market, programme, ratio, run};
use levertide::engine::outcome::Outcome;
use levertide::measures::{accounts, symbols};
use levertide::model::book::Book;
use levertide::model::case::{Case, Programme, Simulation};
use levertide::model::history::Market;
use levertide::model::margin::Margin;
use proptest::prelude::*;

/// Paths of a batch in a run this small.
const BATCH: usize = 128;

/// Three leveraged accounts in two symbols, of which they are sold at 120 %.
struct Small {
    book: Book,
    market: Market,
    programme: Programme,
}

impl Small {
    fn new(seed: u64, paths: u64) -> Small {
        let account = |id: &str, loan: f64, positions: &[(u32, f64)]| Account::of(id, loan, 0.08, positions);
        let accounts = [account("a", 70.0, &[(0, 100.0)]), account("b", 150.0, &[(0, 120.0), (1, 80.0)]), account("c", 20.0, &[(0, 90.0)])];
        let case = Case {
            simulation: Simulation { paths, horizon_days: 10, ..Simulation::default() },
            market: gaussian(0.7, 0.0, 252.0),
            exchange: free_exchange(),
            margin: Margin { liquidation: Some(ratio(1.2)), ..Margin::default() },
            ..Case::default()
        };
        Small { book: book(&accounts, &[("A", 10.0)]), market: market(&[1.0, 1.0]), programme: programme(seed, vec![case]) }
    }

    fn outcome(&self) -> Outcome {
        run(&self.programme, &self.book, &self.market).remove(0)
    }
}

/// Sample standard error of a mean.
fn error_of(column: &[f64]) -> f64 {
    let n = column.len() as f64;
    let mean = column.iter().fold(0.0, |sum, x| sum + x) / n;
    (column.iter().fold(0.0, |sum, x| sum + (x - mean) * (x - mean)) / (n - 1.0) / n).sqrt()
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-7 * expected.abs(), "{found} for {expected}");
}

#[test]
fn what_symbols_sold_has_the_error_of_the_paths_totals() {
    // the sales of all symbols on one path are known: with one symbol they are that symbol's
    let mut small = Small::new(3, 1_000);
    small.book.position_symbol.iter_mut().for_each(|symbol| *symbol = 0);
    let outcome = small.outcome();
    let found = symbols::figures(&small.programme.scenarios[0], &outcome, 0);
    assert!(found.sold.value > 10.0, "{found:?}");
    near(found.sold.std_error, error_of(&outcome.path.forced_sales));
    let by_day = &symbols::sales_by_day(&small.programme.scenarios[0], &outcome)[0];
    near(by_day.iter().fold(0.0, |sum, day| sum + day.value), found.sold.value);
    assert!(by_day.iter().all(|day| day.std_error > 0.0 && day.std_error < found.sold.std_error));
}

#[test]
fn what_a_client_loses_has_the_error_between_batches() {
    let mut small = Small::new(4, 1_000);
    small.book = Book { ..book(&[Account::of_one("alone", 80.0, 100.0)], &[("A", 10.0)]) };
    let outcome = small.outcome();
    let (mean, error) = accounts::expected_client_loss(&outcome, 0);
    let loss = &outcome.path.client_loss;
    near(mean, loss.iter().fold(0.0, |sum, x| sum + x) / 1_000.0);
    let batches: Vec<(f64, f64)> = loss.chunks(BATCH).map(|b| (b.len() as f64, b.iter().fold(0.0, |sum, x| sum + x))).collect();
    let squares = batches.iter().fold(0.0, |sum, (n, total)| sum + n * (total / n - mean) * (total / n - mean));
    near(error.expect("eight batches"), (squares / 7.0 / 1_000.0).sqrt());
    assert_eq!(accounts::expected_client_loss(&Small::new(4, 16).outcome(), 0).1, None, "one batch tells of no other");
}

/// Mean over runs of the squared error stated, over the variance of the values between runs.
fn stated_over_seen(runs: &[(f64, f64)]) -> f64 {
    let values: Vec<f64> = runs.iter().map(|run| run.0).collect();
    let n = runs.len() as f64;
    let stated = runs.iter().fold(0.0, |sum, run| sum + run.1 * run.1) / n;
    let seen = error_of(&values);
    stated / (seen * seen * n)
}

#[test]
fn the_errors_stated_are_the_spread_over_seeds() {
    let seeds = 400;
    let mut found: Vec<Vec<(f64, f64)>> = vec![Vec::new(); 5];
    for seed in 0..seeds {
        let small = Small::new(1_000 + seed, 512);
        let outcome = small.outcome();
        let scenario = &small.programme.scenarios[0];
        for (symbol, runs) in found.iter_mut().take(2).enumerate() {
            let sold = symbols::figures(scenario, &outcome, symbol).sold;
            runs.push((sold.value, sold.std_error));
        }
        let (loss, error) = accounts::expected_client_loss(&outcome, 1);
        found[2].push((loss, error.expect("four batches")));
        let (day, error) = accounts::expected_day(&outcome, 0, 2).expect("some path is liquidated");
        found[3].push((day, error.expect("more than one")));
        let (share, error) = accounts::share_of_paths(&outcome, accounts::Event::Liquidated, 0);
        found[4].push((share, error.expect("known")));
    }
    for (name, runs) in ["sold of the first", "sold of the second", "client's loss", "day of liquidation", "share"].iter().zip(&found) {
        let ratio = stated_over_seen(runs);
        // a variance over 400 runs has a relative error of 7 %: five of them
        assert!((0.65..1.35).contains(&ratio), "{name}: the variance stated is {ratio} of the one seen");
    }
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn of_one_path_every_square_is_that_of_its_total(world in worlds(1), share in 0.02..0.4f64) {
        let world: World = on_the_board(world, 40.0, share);
        let symbols = world.outcome().symbol;
        let square = &symbols.square;
        for (totals, squares) in [(&symbols.sold, &square.sold), (&symbols.unsold, &square.unsold), (&symbols.push_sum, &square.push), (&symbols.by_day, &square.by_day)] {
            for (total, square) in totals.iter().zip(squares) {
                prop_assert!((square - total * total).abs() <= 1e-8 * (total * total).max(1e-6), "{} for {} squared", square, total);
            }
        }
        for (days, squares) in [(&symbols.halted_days, &square.halted_days), (&symbols.locked_days, &square.locked_days), (&symbols.queued_days, &square.queued_days)] {
            for at in 0..days.len() {
                prop_assert_eq!(squares[at], days[at] * days[at]);
                prop_assert!(symbols.queued_days[at] <= symbols.halted_days[at] + symbols.locked_days[at]);
            }
        }
        for at in 0..symbols.symbol.len() {
            let blocked = symbols.halted_days[at] + symbols.locked_days[at];
            prop_assert_eq!(square.blocked_days[at], blocked * blocked);
        }
    }
}
