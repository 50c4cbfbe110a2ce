//! Holds the parts of accounts and symbols in the pool's ES to the whole, to the parts of their tiers, and to finite differences.

use crate::sampling::stratified;
use crate::support::world::first_worlds;
use crate::support::{Account, book, free_exchange, gaussian, market, programme, ratio, run};
use levertide::engine::outcome::Outcome;
use levertide::engine::spool::{Memory, Spool};
use levertide::engine::{Control, Joined, Work, outcomes, runs, simulate_batches};
use levertide::measures::attribution::{causes, tail_rows};
use levertide::measures::estimate;
use levertide::model::book::Book;
use levertide::model::case::{Case, Programme, Simulation};
use levertide::model::history::Market;
use levertide::model::liquidation::Liquidation;
use levertide::model::margin::Margin;
use levertide::model::sampling::Sampling;
use std::sync::atomic::AtomicBool;

/// The outcomes of a programme, the tail of each run again.
fn with_tails(programme: &Programme, book: &Book, market: &Market) -> Vec<Outcome> {
    let stop = AtomicBool::new(false);
    let control = Control { threads: Some(2), stop: &stop, progress: &|_| {} };
    let runs = runs(programme);
    let work = Work::prepare(programme, &runs, book, market, control.threads).unwrap();
    let mut spool = Memory::default();
    let mut joined = Joined::run(&work, &mut spool, None);
    simulate_batches(&work, 0..work.batches(), &control, &mut joined).unwrap();
    let mut spooled = outcomes(&work, &runs, joined);
    let own = runs.iter().enumerate().filter(|(_, run)| run.layer.is_none()).map(|(index, _)| index);
    for (at, index) in own.enumerate() {
        let outcome = work.so_far(index, &mut spool as &mut dyn Spool).unwrap();
        let rows = tail_rows(&programme.scenarios[at], book, &outcome);
        spooled.outcomes[at].tail = if rows.is_empty() { Vec::new() } else { work.tail(index, &rows).unwrap() };
    }
    spooled.whole(&mut spool).unwrap()
}

#[test]
fn parts_of_accounts_add_up_to_those_of_their_tiers_and_of_symbols_to_the_same() {
    let mut told = 0;
    for (at, mut world) in first_worlds(40, 4_000).into_iter().enumerate() {
        // every other one is a sample
        if at % 2 == 1 {
            world.case.simulation.sampling = stratified(24_000);
        }
        let (programme, book, market) = (programme(world.seed, vec![world.case.clone()]), world.book(), world.market());
        let outcome = &with_tails(&programme, &book, &market)[0];
        let Some(found) = causes(&programme.scenarios[0], &book, outcome) else { continue };
        told += 1;
        let all = estimate(&programme.scenarios[0], &book, outcome);
        let near =
            |a: f64, b: f64, scale: f64, what: &str| assert!((a - b).abs() <= 1e-9 * scale.max(1.0), "world {at}, {what}: {a} and {b}");
        let es = all["pool_loss.es_99"].value;
        let by_account: f64 = found.account.iter().map(|part| part.value).sum();
        near(found.symbol.iter().map(|part| part.value).sum(), by_account, es, "symbols and accounts");
        let mut of_tiers = 0.0;
        for (t, tier) in book.tiers.iter().enumerate() {
            let own: Vec<_> = found.account.iter().zip(&book.tier).filter(|(_, of)| **of as usize == t).map(|(part, _)| part).collect();
            let part = &all[&format!("tier.{tier}.accounts_loss.es_99_part")];
            near(own.iter().map(|part| part.value).sum(), part.value, es, tier);
            of_tiers += part.value;
            // the part of a tier with one account is that of the account, error and interval
            if let [one] = own[..] {
                let same = |a: f64, b: f64| (a - b).abs() <= 1e-6 * part.std_error.max(1e-9);
                let high = |e: &levertide::measures::Estimate| e.ci_high.unwrap_or(0.0);
                let alike = same(one.std_error, part.std_error) && same(one.ci_low, part.ci_low) && same(high(one), high(part));
                assert!(alike || one.value == 0.0, "world {at}: {one:?} and {part:?}");
            }
        }
        near(by_account, of_tiers, es, "accounts and tiers");
        // without a custodian's failure accounts make all of it
        if programme.scenarios[0].case.pool.failure.is_none() {
            near(by_account, es, es, "accounts and the pool");
        }
    }
    assert!(told > 12, "{told} worlds have a tail");
}

/// Accounts in one pool, one in a tier of its own; the size of the first times `scale`.
fn sized(scale: f64, sampling: Sampling) -> (Programme, Book, Market) {
    let account = |id: &str, tier: u32, times: f64, loan: f64, positions: &[(u32, f64)]| {
        let positions: Vec<(u32, f64)> = positions.iter().map(|(symbol, quantity)| (*symbol, quantity * times)).collect();
        Account { tier, ..Account::of(id, loan * times, 0.0, &positions) }
    };
    let accounts = [
        account("a", 0, scale, 70.0, &[(0, 60.0), (1, 40.0)]),
        account("b", 1, 1.0, 150.0, &[(0, 120.0), (1, 80.0)]),
        account("c", 1, 1.0, 60.0, &[(1, 90.0)]),
    ];
    let case = Case {
        simulation: Simulation { paths: 40_000, horizon_days: 10, sampling, ..Simulation::default() },
        market: gaussian(1.0, 0.0, 252.0),
        exchange: free_exchange(),
        margin: Margin { liquidation: Some(ratio(1.2)), ..Margin::default() },
        liquidation: Liquidation { delay_days: 2, ..Liquidation::default() },
        ..Case::default()
    };
    (programme(3, vec![case]), book(&accounts, &[("A", 500.0), ("B", 500.0)]), market(&[1.0, 1.0]))
}

#[test]
fn a_part_is_what_the_es_moves_by_as_the_account_grows() {
    let es = |scale: f64| {
        let (programme, book, market) = sized(scale, Sampling::default());
        estimate(&programme.scenarios[0], &book, &run(&programme, &book, &market)[0])["pool_loss.es_99"].value
    };
    let (step, mut parts) = (0.02, Vec::new());
    let slope = (es(1.0 + step) - es(1.0 - step)) / (2.0 * step);
    for sampling in [Sampling::default(), stratified(640_000)] {
        let (programme, book, market) = sized(1.0, sampling);
        let outcome = &with_tails(&programme, &book, &market)[0];
        parts.push(causes(&programme.scenarios[0], &book, outcome).expect("a tail").account[0].clone());
    }
    let [plain, sample] = &parts[..] else { unreachable!() };
    eprintln!(
        "slope {slope:.3}, part {:.3} ± {:.3}, of a sample {:.3} ± {:.3}",
        plain.value, plain.std_error, sample.value, sample.std_error
    );
    assert!((slope - plain.value).abs() < plain.std_error, "on the same paths: {slope} and {plain:?}");
    let apart = (plain.std_error * plain.std_error + sample.std_error * sample.std_error).sqrt();
    assert!((plain.value - sample.value).abs() < 3.5 * apart && sample.std_error < 0.6 * plain.std_error, "{plain:?} {sample:?}");
}

#[test]
fn a_loss_counts_through_what_had_fallen() {
    use levertide::model::shock::{Shock, Target, gap::Gap};
    let (mut programme, book, _) = sized(1.0, Sampling::default());
    let market = market(&[1.0, 1.0]);
    // a market that stands still, but for a fall of the first symbol alone
    let case = &mut programme.scenarios[0].case;
    case.market = gaussian(1e-9, 0.0, 252.0);
    case.simulation.paths = 64;
    let symbol = market.instruments[0].symbol.clone();
    case.shocks = vec![Shock::Gap(Gap { day: 2, size: ratio(-0.6), on: Target::Symbols(vec![symbol]) })];
    let outcome = &with_tails(&programme, &book, &market)[0];
    // too thin a tail is not shared out
    assert!(outcome.tail.is_empty());
    programme.scenarios[0].case.simulation.paths = 6_000;
    let outcome = &with_tails(&programme, &book, &market)[0];
    let found = causes(&programme.scenarios[0], &book, outcome).expect("every path loses");
    // a holds 60 and 40 against 70: worth 64 after the fall; b 120 and 80 against 150: 128
    let [a, b, c] = &found.account[..] else { panic!("three accounts") };
    assert!((a.value - 6.0).abs() < 1e-3 && (b.value - 22.0).abs() < 1e-3 && c.value == 0.0, "{found:?}");
    assert!((found.symbol[0].value - 28.0).abs() < 1e-3 && found.symbol[1].value.abs() < 1e-3, "{found:?}");
}
