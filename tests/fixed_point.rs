//! Holds the clearing at its own prices to the equation it solves, to order independence, and to a single pass where nothing is sold.

use crate::support::world::{World, cases, on_the_board, worlds};
use crate::support::{Account, book, free_exchange, gaussian, market, programme, ratio, run};
use levertide::engine::outcome::Outcome;
use levertide::engine::trace::trace;
use levertide::model::case::Case;
use levertide::model::client::pre_emptive::PreEmptive;
use levertide::model::client::withdrawal::Withdrawal;
use levertide::model::impact::clearing::{Clearing, FixedPoint};
use levertide::model::impact::{Impact, linear::Linear, square_root::SquareRoot};
use levertide::model::pool::cash::Cash;
use levertide::model::shock::{Shock, Target, gap::Gap};
use proptest::prelude::*;

/// A market that stands still but for a fall of 20 % on the first session; linear impact without fade, cleared as said.
fn falls(days: u32, clearing: Clearing) -> Case {
    let mut case = Case { exchange: free_exchange(), market: gaussian(0.0, 0.0, 252.0), ..Case::default() };
    (case.simulation.paths, case.simulation.horizon_days) = (1, days);
    case.shocks = vec![Shock::Gap(Gap { day: 1, size: ratio(-0.2), on: Target::All })];
    case.feedback.impact = Impact::Linear(Linear::default());
    (case.feedback.fade_days, case.feedback.clearing) = (0.0, clearing);
    case
}

/// Runs on one share at one yuan, `depth_money` deep.
fn on(case: Case, accounts: &[Account], depth_money: f64) -> Outcome {
    let mut market = market(&[1.0]);
    market.instruments[0].adv_amount = Some(depth_money * 0.02 / Linear::default().depth);
    run(&programme(7, vec![case]), &book(accounts, &[("A", 1e6)]), &market).remove(0)
}

fn fixed() -> Clearing {
    Clearing::FixedPoint(FixedPoint::default())
}

#[test]
fn a_sale_to_restore_meets_the_equation_of_its_own_price() {
    // p' = 0.8·exp(−Q/D) and Q = (m·debt − 600·p')/(m − 1), the value sold at p'
    let (debt, target, depth) = (360.0, 1.5, 2_000.0);
    let mut case = falls(1, fixed());
    (case.margin.liquidation, case.margin.restore_to) = (Some(ratio(1.4)), Some(ratio(target)));
    let outcome = on(case, &[Account::of_one("a", debt, 600.0), Account::of_one("z", 0.0, 1.0)], depth);
    let (mut low, mut high) = (0.0, 600.0);
    for _ in 0..200 {
        let q: f64 = 0.5 * (low + high);
        let asked = (target * debt - 600.0 * 0.8 * libm::exp(-q / depth)) / (target - 1.0);
        if asked > q { low = q } else { high = q }
    }
    let price = 0.8 * libm::exp(-low / depth);
    let found = 1.0 - outcome.account.client_loss_sum[1];
    assert!((found - price).abs() < 1e-8, "the price is {found}, the equation says {price}");
    // shares sold are Q/p', and they were sold from 0.8 on
    assert!((outcome.path.forced_sales[0] - low / price * 0.8).abs() < 1e-5, "{} sold", outcome.path.forced_sales[0]);
    assert!(outcome.path.clearing_residual[0] <= 1e-9, "{}", outcome.path.clearing_residual[0]);
    assert!(low > (target * debt - 600.0 * 0.8) / (target - 1.0), "more is sold than at the price before");
}

#[test]
fn one_clients_sale_brings_down_the_next_within_the_session() {
    let accounts = [Account::of_one("a", 500.0, 600.0), Account::of_one("b", 285.0, 400.0)];
    let first_days = |clearing| {
        let mut case = falls(3, clearing);
        case.margin.liquidation = Some(ratio(1.1));
        on(case, &accounts, 4_800.0).account.first_liquidation
    };
    assert_eq!(first_days(Clearing::SinglePass), [[1, 1], [2, 2]]);
    assert_eq!(first_days(fixed()), [[1, 1], [1, 1]]);
}

#[test]
fn too_few_rounds_leave_a_residual_that_is_told() {
    let residual = |rounds| {
        let mut case = falls(1, Clearing::FixedPoint(FixedPoint { rounds, ..FixedPoint::default() }));
        (case.margin.liquidation, case.margin.restore_to) = (Some(ratio(1.4)), Some(ratio(1.5)));
        on(case, &[Account::of_one("a", 360.0, 600.0)], 2_000.0).path.clearing_residual[0]
    };
    let found: Vec<f64> = [1, 2, 4, 8, 100].map(residual).to_vec();
    assert!(found.windows(2).all(|pair| pair[1] < pair[0]) && found[0] > 1e-3 && found[4] <= 1e-9, "{found:?}");
}

/// A generated world whose sales press, cleared at the fixed point.
fn loud(world: World, turnover: f64) -> World {
    let mut world = on_the_board(world, turnover, 0.5);
    world.case.feedback.impact = Impact::SquareRoot(SquareRoot::default());
    world.case.feedback.clearing = fixed();
    world.case.feedback.layers = false;
    world
}

fn bits(outcome: &Outcome) -> Vec<u64> {
    let path = &outcome.path;
    [&path.pool_loss, &path.client_loss, &path.forced_sales, &path.lender_pnl].into_iter().flatten().map(|x| x.to_bits()).collect()
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn the_order_of_accounts_changes_no_bit(world in worlds(16), turnover in 1.0..50.0f64) {
        let world = loud(world, turnover);
        let mut turned = world.clone();
        turned.accounts.reverse();
        prop_assert_eq!(bits(&world.outcome()), bits(&turned.outcome()));
    }

    #[test]
    fn a_path_run_alone_gives_the_same_bits_and_its_ledger_balances(world in worlds(20), turnover in 1.0..50.0f64, path in 0..20u64) {
        let world = loud(world, turnover);
        let (book, market) = (world.book(), world.market());
        let programme = programme(world.seed, vec![world.case.clone()]);
        let outcome = run(&programme, &book, &market).remove(0);
        let traced = trace(&programme, &book, &market, 0, path).expect("the path runs alone");
        prop_assert_eq!(traced.pool_loss.to_bits(), outcome.path.pool_loss[path as usize].to_bits());
    }

    #[test]
    fn impact_of_no_size_clears_as_a_single_pass_does(world in worlds(16), turnover in 1.0..50.0f64) {
        let mut world = loud(world, turnover);
        let none = SquareRoot { coefficient: 0.0, ..SquareRoot::default() };
        world.case.feedback.impact = Impact::SquareRoot(none);
        let at_once = Case { feedback: levertide::model::impact::Feedback { clearing: Clearing::SinglePass, ..world.case.feedback.clone() }, ..world.case.clone() };
        let outcomes = world.outcomes(vec![world.case.clone(), at_once]);
        prop_assert_eq!(bits(&outcomes[0]), bits(&outcomes[1]));
    }

    #[test]
    fn clients_who_act_and_a_pool_kept_daily_go_with_it(world in worlds(20), turnover in 1.0..50.0f64, path in 0..20u64, cash in 0.0..0.3f64) {
        let mut world = loud(world, turnover);
        world.case.pool.cash = Some(Cash { idle: Some(ratio(cash)), cycle_days: Some(4.0), ..Cash::default() });
        world.case.clients.pre_emptive = Some(PreEmptive::default());
        world.case.clients.withdrawal = Some(Withdrawal { probability: ratio(0.5), ..Withdrawal::default() });
        (world.case.clients.stress_sensitivity, world.case.clients.common_correlation) = (1.0, ratio(0.3));
        let (book, market) = (world.book(), world.market());
        let programme = programme(world.seed, vec![world.case.clone()]);
        // every path's balance is asserted as it runs, and every entry's as it is traced
        let outcome = run(&programme, &book, &market).remove(0);
        let traced = trace(&programme, &book, &market, 0, path).expect("the path runs alone");
        prop_assert_eq!(traced.pool_loss.to_bits(), outcome.path.pool_loss[path as usize].to_bits());
        let sum = traced.entries.iter().fold(0.0, |sum, e| sum + e.amount);
        prop_assert!(sum.abs() < 1e-6, "the ledger is off by {sum}");
    }
}
