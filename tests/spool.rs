//! Shows that a spool gets every path once and in order, that its scenarios come back whole, and that a full one ends the run.

use crate::support::world::first_worlds;
use crate::support::{programme, run};
use levertide::engine::spool::{Memory, Rows, Spool};
use levertide::engine::{Control, simulate_onto};
use levertide::model::case::Programme;
use levertide::problem::{Kind, Place, Problem, Problems, exit};
use std::sync::atomic::AtomicBool;

/// Tiles of sixteen paths, so many that every one of the 256 batches has some, and a last one that is not full.
const PATHS: u64 = 16 * 300 + 5;

/// Two scenarios of one small world.
fn two() -> (Programme, levertide::model::book::Book, levertide::model::history::Market) {
    let world = first_worlds(1, PATHS).remove(0);
    let mut milder = world.case.clone();
    milder.liquidation.delay_days += 1;
    (programme(world.seed, vec![world.case.clone(), milder]), world.book(), world.market())
}

/// Looks at what is put, and has room for some batches.
struct Watched {
    inner: Memory,
    losses: Vec<Vec<f64>>,
    room: usize,
}

impl Watched {
    fn with_room(room: usize) -> Self {
        Watched { inner: Memory::default(), losses: vec![Vec::new(); 2], room }
    }
}

impl Spool for Watched {
    fn put(&mut self, run: usize, paths: usize, rows: Rows) -> Result<(), Problems> {
        if self.room == 0 {
            return Err(Problem::new(Kind::Output, Place::default(), "the spool is full", "a test made it so", "make room").into());
        }
        self.room -= 1;
        self.losses[run].extend(&rows.path.pool_loss);
        self.inner.put(run, paths, rows)
    }

    fn copy(&mut self, run: usize) -> Result<Rows, Problems> {
        self.inner.copy(run)
    }

    fn take(&mut self, run: usize) -> Result<Rows, Problems> {
        self.inner.take(run)
    }
}

#[test]
fn every_path_comes_once_in_order_and_a_scenario_comes_back_whole() {
    let (programme, book, market) = two();
    let plain = run(&programme, &book, &market);
    let stop = AtomicBool::new(false);
    let bits = |losses: &[f64]| losses.iter().map(|loss| loss.to_bits()).collect::<Vec<u64>>();
    for threads in [1, 2, 5] {
        let mut spool = Watched::with_room(usize::MAX);
        let control = Control { threads: Some(threads), stop: &stop, progress: &|_| {} };
        let mut spooled = simulate_onto(&mut spool, &programme, &book, &market, &control).unwrap();
        assert!(spooled.outcomes.iter().all(|o| o.path.pool_loss.is_empty()), "nothing is held that was not fetched");
        for (at, plain) in plain.iter().enumerate() {
            assert_eq!(bits(&spool.losses[at]), bits(&plain.path.pool_loss), "{threads} threads");
            spooled.fetch(at, &mut spool).unwrap();
            let found = &spooled.outcomes[at];
            assert_eq!(bits(&found.path.client_loss), bits(&plain.path.client_loss));
            assert_eq!(found.path.called, plain.path.called);
            assert_eq!(found.path.tier_loss, plain.path.tier_loss);
            for (found, plain) in found.groups.iter().zip(&plain.groups) {
                assert_eq!((&found.loss, bits(&found.loss_by_path)), (&plain.loss, bits(&plain.loss_by_path)));
            }
            spooled.release(at);
            assert!(spooled.outcomes[at].path.client_loss.is_empty());
        }
    }
}

#[test]
fn a_full_spool_ends_the_run_with_its_own_problem() {
    let (programme, book, market) = two();
    let stop = AtomicBool::new(false);
    for threads in [1, 3] {
        let mut spool = Watched::with_room(7);
        let control = Control { threads: Some(threads), stop: &stop, progress: &|_| {} };
        let problems = simulate_onto(&mut spool, &programme, &book, &market, &control).unwrap_err();
        assert_eq!(problems.exit_code(), exit::OUTPUT);
        assert_eq!(problems.to_string().matches("the spool is full").count(), 1, "{problems}");
        assert!(spool.losses[0].len() < PATHS as usize / 2, "the run went on for {} paths", spool.losses[0].len());
    }
}

#[test]
fn a_run_that_is_stopped_says_so_once() {
    let (programme, book, market) = two();
    let stop = AtomicBool::new(true);
    let control = Control { threads: Some(3), stop: &stop, progress: &|_| {} };
    let problems = simulate_onto(&mut Memory::default(), &programme, &book, &market, &control).unwrap_err();
    assert_eq!(problems.exit_code(), exit::INTERRUPTED);
    assert_eq!(problems.to_string().matches("interrupted").count(), 1, "{problems}");
}
