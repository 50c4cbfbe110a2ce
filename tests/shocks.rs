//! Lays shocks over whole runs: what they do to accounts, volume and rates, worked by hand.

use crate::cli::{Desk, err};
use crate::support::{Account, book, gaussian, market, programme, ratio, run};
use levertide::model::case::Case;
use levertide::model::exchange::{Exchange, LimitLock};
use levertide::model::history::Board;
use levertide::model::margin::Margin;
use levertide::model::sharing::Interest;
use levertide::model::shock::gap::Gap;
use levertide::model::shock::pinned_path::{Pin, PinnedPath};
use levertide::model::shock::suspension::Suspension;
use levertide::model::shock::volume_dry_up::VolumeDryUp;
use levertide::model::shock::{Shock, Target};

/// A market that stands still but for its shocks, over `days` sessions.
fn still(days: u32, paths: u64) -> Case {
    let mut case = Case { market: gaussian(0.0, 0.0, 252.0), ..Case::default() };
    case.simulation.horizon_days = days;
    case.simulation.paths = paths;
    case.margin = Margin { liquidation: Some(ratio(1.10)), ..Margin::default() };
    case
}

fn fall(day: u32, size: f64) -> Shock {
    Shock::Gap(Gap { day, size: ratio(size), on: Target::All })
}

fn suspended(share: f64, first_day: u32, days: u32) -> Shock {
    Shock::Suspension(Suspension { share: ratio(share), first_day, days, on: Target::All })
}

#[test]
fn rates_that_rise_cost_clients_and_the_pool_by_the_calendar() {
    // 20 weekdays from Friday 12 June 2015 on are 28 calendar days
    let book = book(&[Account::of_one("a", 1_000_000.0, 200_000.0)], &[("A", 800_000.0)]);
    let plain = still(20, 4);
    let with = |interest: Interest| Case { interest, ..plain.clone() };
    let cases = vec![
        plain.clone(),
        with(Interest { loan_rate_rise: ratio(0.01), ..Interest::default() }),
        with(Interest { funding_rate_rise: ratio(0.02), ..Interest::default() }),
    ];
    let outcomes = run(&programme(1, cases), &book, &market(&[10.0]));
    let pnl: Vec<f64> = outcomes.iter().map(|o| o.path.lender_pnl[0]).collect();
    assert_eq!(outcomes[0].dates.len(), 20);
    assert!((pnl[1] - pnl[0] - 1_000_000.0 * 0.01 * 28.0 / 365.0).abs() < 1e-6, "{pnl:?}");
    assert!((pnl[1] - pnl[0] - 767.12).abs() < 5e-3);
    assert!((pnl[0] - pnl[2] - 800_000.0 * 0.02 * 28.0 / 365.0).abs() < 1e-6, "{pnl:?}");
}

#[test]
fn a_suspended_name_meets_its_fall_on_the_day_it_trades_again() {
    // 12 % below the loan's 110 % line after the fall; it falls on day 2, and trades again on day 5
    let book = book(&[Account::of_one("a", 800.0, 100.0)], &[("A", 800.0)]);
    let case = |shocks: Vec<Shock>| Case { shocks, ..still(8, 4) };
    let cases = vec![
        case(vec![fall(2, -0.30)]),
        case(vec![fall(2, -0.30), suspended(1.0, 2, 3)]),
        case(vec![suspended(1.0, 2, 3), fall(2, -0.30)]),
    ];
    let outcomes = run(&programme(1, cases), &book, &market(&[10.0]));
    let first: Vec<u16> = outcomes.iter().map(|o| o.account.first_liquidation[0][0]).collect();
    // a gap laid after the suspension waits for it to end, as one before it does
    assert_eq!(first, [2, 5, 5]);
    for outcome in &outcomes[1..] {
        assert_eq!(outcome.symbol.halted_days[0], 3.0 * outcome.paths as f64);
        assert!((outcome.path.pool_loss[0] - outcomes[0].path.pool_loss[0]).abs() < 1e-9, "the loss is the same, three days later");
    }
}

#[test]
fn names_suspended_by_chance_make_paths_of_a_still_market_differ() {
    let accounts = [Account::of_one("a", 800.0, 100.0), Account { positions: vec![(1, 100.0)], ..Account::of_one("b", 800.0, 0.0) }];
    let both = book(&accounts, &[("A", 1600.0)]);
    let case = Case { shocks: vec![fall(2, -0.30), suspended(0.4, 1, 8)], ..still(8, 4_000) };
    let outcome = run(&programme(1, vec![case.clone()]), &both, &market(&[10.0, 10.0])).remove(0);
    assert!(!outcome.deterministic && outcome.paths == 4_000, "a random shock is no single path");
    for liquidated in &outcome.account.liquidated {
        let share = f64::from(*liquidated) / 4_000.0;
        assert!((share - 0.6).abs() < 5.0 * (0.24f64 / 4_000.0).sqrt(), "{share}: the names that trade fall");
    }
    // the second account alone fares path for path as it did beside the first
    let alone = run(&programme(1, vec![case]), &book(&accounts[1..], &[("A", 1600.0)]), &market(&[10.0, 10.0])).remove(0);
    assert_eq!(alone.account.liquidated[0], outcome.account.liquidated[1]);
}

#[test]
fn thin_volume_lets_less_of_a_sale_through() {
    let book = book(&[Account::of_one("a", 800.0, 100.0)], &[("A", 800.0)]);
    let mut market = market(&[10.0]);
    // a fifth of a turnover of 1,050 is 210 a session: 700 of value takes four sessions, fourteen at a quarter of the volume
    market.instruments[0].adv_amount = Some(1_050.0);
    let case = |shocks: Vec<Shock>| {
        let mut case = Case { shocks, ..still(20, 4) };
        case.liquidation.participation = Some(ratio(0.20));
        case
    };
    let dry = Shock::VolumeDryUp(VolumeDryUp { multiple: ratio(0.25), first_day: 1, last_day: None, on: Target::All });
    let cases = vec![case(vec![fall(2, -0.30)]), case(vec![fall(2, -0.30), dry])];
    let outcomes = run(&programme(1, cases), &book, &market);
    let closed: Vec<u16> = outcomes.iter().map(|o| o.account.first_close[0][0]).collect();
    // 700 at most 210 a session from day 2: days 2 to 5; at 52.5 a session: days 2 to 15
    assert_eq!(closed, [5, 15]);
}

#[test]
fn an_index_pinned_on_a_limited_board_still_comes_down_by_limits() {
    // −40 % on one session is more than a limit of 10 %: it comes through as a run of limit-downs
    let book = book(&[Account::of_one("a", 800.0, 100.0)], &[("A", 800.0)]);
    let mut market = market(&[10.0]);
    market.instruments[0].board = Board::Main;
    let pin = Shock::PinnedPath(PinnedPath { total: ratio(-0.40), what: Pin::Index, first_day: 1, last_day: Some(1), on: Target::All });
    let exchange = Exchange { limit_lock: LimitLock::Close, ..Exchange::default() };
    let case = Case { shocks: vec![pin], exchange, ..still(8, 4) };
    let outcome = run(&programme(1, vec![case]), &book, &market).remove(0);
    // 9.00, 8.10, 7.29, 6.56, then 6.00: four closes locked at the limit
    assert_eq!(outcome.symbol.locked_days[0], 4.0 * outcome.paths as f64);
    let close = outcome.account.first_close[0][0];
    assert_eq!(close, 5, "nothing sells before the fifth session");
}

#[test]
fn a_shock_on_a_name_that_is_not_there_is_a_problem() {
    let desk = Desk::new();
    desk.edit("programme.toml", "size = \"-12%\"", "size = \"-12%\", on = { sector = \"Bank\" }");
    let told = err(&desk.expect(3, &["check", "programme.toml"]));
    assert!(told.contains("scenario.gap.shocks[1]") && told.contains("no sector \"Bank\"") && told.contains("`Banks`"), "{told}");
    desk.edit("programme.toml", "sector = \"Bank\"", "symbols = [\"600001.SH\", \"600003.SH\"]");
    let told = err(&desk.expect(3, &["check", "programme.toml"]));
    assert!(told.contains("no symbol \"600003.SH\"") && !told.contains("no symbol \"600001.SH\""), "{told}");
    desk.edit("programme.toml", "symbols = [\"600001.SH\", \"600003.SH\"]", "sector = \"Banks\"");
    desk.expect(0, &["check", "programme.toml"]);
}
