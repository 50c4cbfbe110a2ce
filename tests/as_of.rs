//! States that the as-of close counts alike however a run is driven: accounts passed over or not, one by one or all together.

use crate::support::world::{TIERS, World, cases, on_the_board, worlds};
use crate::support::{as_of, book, programme};
use levertide::engine::outcome::{NEVER, Outcome};
use levertide::engine::trace::trace;
use levertide::engine::{Control, simulate, simulate_every_account};
use levertide::model::book::Book;
use levertide::model::impact::{Impact, square_root::SquareRoot};
use levertide::units::Day;
use proptest::prelude::*;
use std::sync::atomic::AtomicBool;

/// The book of a world, with a call that was made so many calendar days before the as-of date where that is less than ten.
fn called(world: &World, days: &[i32]) -> Book {
    let mut book = if world.case.exchange.t_plus_one { world.book() } else { book(&world.accounts, &TIERS) };
    let before = |days: &i32| (*days < 10).then(|| Day::from_epoch_days(as_of().epoch_days() - days));
    book.called_on = days.iter().map(before).take(world.accounts.len()).collect();
    book
}

fn both(world: &World, book: &Book) -> [Outcome; 2] {
    let stop = AtomicBool::new(false);
    let control = Control { threads: Some(1), stop: &stop, progress: &|_| {} };
    let programme = programme(world.seed, vec![world.case.clone()]);
    let run = |drive: fn(&_, &_, &_, &Control<'_>) -> Result<Vec<Outcome>, _>| {
        drive(&programme, book, &world.market(), &control)
            .unwrap_or_else(|problems: levertide::problem::Problems| panic!("{problems}"))
            .remove(0)
    };
    [run(simulate), run(simulate_every_account)]
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn calls_that_run_and_lines_met_at_the_start_are_the_same_however_a_run_is_driven(
        world in worlds(16), days in prop::collection::vec(0..20i32, 8), way in 0..4, turnover in 5.0..200.0f64,
    ) {
        let mut world = world;
        match way {
            // accounts apart; from sale to sale; looked at ahead and together at every close; the same where sales move prices
            0 => {}
            1 => world = on_the_board(world, turnover, 0.3),
            2 => world.case.clients.stress_sensitivity = 1.0,
            _ => {
                world.case.feedback.impact = Impact::SquareRoot(SquareRoot::default());
                world.case.feedback.layers = false;
            }
        }
        let book = called(&world, &days);
        let [pruned, whole] = both(&world, &book);
        let bits = |column: &[f64]| column.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(bits(&pruned.account.loss_sum), bits(&whole.account.loss_sum));
        let events = |o: &Outcome| {
            let a = o.account.clone();
            [a.warned, a.limited, a.called, a.cured, a.liquidated, a.shortfall, a.unneeded]
        };
        prop_assert_eq!(events(&pruned), events(&whole));
        let days = |o: &Outcome| [&o.account.first_warning, &o.account.first_call, &o.account.first_liquidation, &o.account.first_close].map(Clone::clone);
        prop_assert_eq!(days(&pruned), days(&whole));
        prop_assert_eq!(&pruned.path.close_out_days, &whole.path.close_out_days);
        prop_assert_eq!(&pruned.path.close_outs, &whole.path.close_outs);
        // a path told alone is the path of the run
        let programme = programme(world.seed, vec![world.case.clone()]);
        let told = trace(&programme, &book, &world.market(), 0, 3).unwrap_or_else(|problems| panic!("{problems}"));
        prop_assert_eq!(told.pool_loss.to_bits(), pruned.path.pool_loss[3].to_bits());
    }

    #[test]
    fn a_line_met_at_the_as_of_close_is_met_on_day_zero_and_sold_no_earlier_than_the_first_session(world in worlds(4), delay in 0..4u32) {
        let mut world = world;
        world.case.liquidation.delay_days = delay;
        let line = world.case.margin.liquidation.map_or(0.0, |line| line.get());
        let outcome = world.outcome();
        for (at, account) in world.accounts.iter().enumerate() {
            let assets = account.positions.iter().fold(account.cash, |sum, (_, quantity)| sum + quantity);
            let first = outcome.account.first_liquidation[at];
            if assets <= line * account.loan {
                prop_assert_eq!(first, [0, 0], "{} at {}", account.id, assets / account.loan);
                let closed = outcome.account.first_close[at];
                prop_assert!(closed[0] == NEVER || u32::from(closed[0]) >= delay.max(1), "{:?} after {}", closed, delay);
            } else {
                // only a call that had no session to be cured is in liquidation at the as-of close too
                let may = world.case.margin.call.is_some_and(|call| assets < call.get() * account.loan) && world.case.margin.cure_days == Some(0);
                prop_assert!(first[0] != 0 || may, "{} at {}", account.id, assets / account.loan);
            }
        }
    }
}
