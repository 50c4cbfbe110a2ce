//! Holds the pool kept day by day against closed forms and identities: cash, waterfall, recalls, hedge, failures.

use crate::support::world::{World, cases, first_worlds};
use crate::support::{Account, as_of, book, figure, free_exchange, gaussian, market, measure, programme, ratio, run};
use levertide::engine::outcome::{DailyColumns, Outcome, PoolFigure};
use levertide::model::book::{Book, FundingSource};
use levertide::model::case::{Case, Simulation};
use levertide::model::pool::Pool;
use levertide::model::pool::cash::{Cash, RecallOrder, survival_days};
use levertide::model::pool::failure::{Custodian, Failure};
use levertide::model::pool::funding::{Funding, Run};
use levertide::model::pool::hedge::{Hedge, gain};
use levertide::model::pool::lending::{Lending, LoanToValue};
use levertide::model::pool::trigger::Trigger;
use levertide::model::pool::waterfall::{allocate_in, restore_in};
use levertide::units::Day;
use proptest::prelude::*;

fn source(id: &str, tier: u32, amount: f64, days: Option<i32>, runnable: bool) -> FundingSource {
    let maturity_date = days.map(|days| Day::from_epoch_days(as_of().epoch_days() + days));
    FundingSource { source_id: id.into(), tier, amount, rate_annual: 0.0, maturity_date, runnable }
}

/// A still market of one symbol, clients of twice leverage, and a pool kept daily with `funding`.
fn still(accounts: usize, horizon_days: u32, funding: Vec<FundingSource>, pool: Pool) -> (Case, Book) {
    let rows: Vec<Account> = (0..accounts).map(|a| Account::of_one(&format!("a{a}"), 100.0, 200.0)).collect();
    let mut book = book(&rows, &[("A", 0.0), ("B", 0.0), ("C", 0.0)]);
    book.funding = funding;
    let case = Case {
        simulation: Simulation { paths: 20, horizon_days, ..Simulation::default() },
        market: gaussian(0.0, 0.0, 252.0),
        exchange: free_exchange(),
        pool,
        ..Case::default()
    };
    (case, book)
}

fn daily(outcome: &Outcome) -> &DailyColumns {
    outcome.pool.daily.as_ref().expect("the pool is kept daily")
}

fn first(outcome: &Outcome, figure: PoolFigure) -> f64 {
    daily(outcome).figure(figure)[0]
}

fn run_still(case: &Case, book: &Book) -> Outcome {
    run(&programme(7, vec![case.clone()]), book, &market(&[1.0])).remove(0)
}

#[test]
fn cash_survives_a_drain_as_long_as_the_closed_form_says() {
    // one source of 10 falls due on every session of two weeks, and 1000 have no term: loans of 1000, idle cash as given
    for cash in [0.0, 9.0, 10.0, 35.0, 59.9, 1_000.0] {
        let due = |s: i32| source(&format!("d{s}"), 1, 10.0, Some(3 + s + 2 * (s / 5)), false);
        let mut funding: Vec<FundingSource> = (0..10).map(due).collect();
        funding.push(source("base", 0, 900.0 + cash, None, false));
        let pool = Pool {
            cash: Some(Cash { recall: RecallOrder::None, ..Cash::default() }),
            funding: Some(Funding { roll_probability: ratio(0.0), ..Funding::default() }),
            ..Pool::default()
        };
        let (case, book) = still(10, 10, funding, pool);
        let outcome = run_still(&case, &book);
        let expected = survival_days(cash, 10.0, 10);
        assert_eq!(first(&outcome, PoolFigure::SurvivalDays), f64::from(expected), "cash of {cash}");
        assert_eq!(first(&outcome, PoolFigure::Unpaid), f64::from(u32::from(expected < 10)));
        // money of a failed tier no longer leaves: what falls due after B fails stays
        let called = if expected < 9 { 10.0 * f64::from(expected + 2) } else { 100.0 };
        assert_eq!(first(&outcome, PoolFigure::Withdrawn), called);
        assert!((first(&outcome, PoolFigure::UnpaidEnd) - (called - cash).max(0.0)).abs() < 1e-9);
        let buffer = first(&outcome, PoolFigure::BufferDaysMin);
        assert!(buffer <= cash / 10.0 + 1e-12);
        // the claim of tier B stays unpaid beyond the day of grace, and the tiers fail from the junior end: C, then B, not A
        let failed: Vec<u32> = daily(&outcome).tier_failed.iter().map(|c| c[0]).collect();
        let day = if expected < 9 { expected + 2 } else { 0 };
        assert_eq!(failed, [0, day, day], "cash of {cash}");
    }
}

#[test]
fn an_unpaid_source_calls_loans_back_and_is_paid_from_their_sales() {
    let funding = vec![source("a", 0, 800.0, None, false), source("b", 1, 210.0, None, true)];
    let failure = Failure { sources: vec!["b".into()], source_day: 2, custodian: None };
    let cash = Cash { settlement_days: 1, grace_days: 3, ..Cash::default() };
    let (case, book) = still(10, 6, funding, Pool { cash: Some(cash), failure: Some(failure), ..Pool::default() });
    let outcome = run_still(&case, &book);
    // 10 of cash against 210 called: 200 are called back from loans of 1000, sold on day 3, in cash on day 4
    assert_eq!(first(&outcome, PoolFigure::Recalled), 200.0);
    assert_eq!(first(&outcome, PoolFigure::SurvivalDays), 1.0);
    assert_eq!(first(&outcome, PoolFigure::UnpaidEnd), 0.0);
    assert!((outcome.path.forced_sales[0] - 200.0).abs() < 1e-9);
    assert!(daily(&outcome).tier_failed.iter().all(|c| c[0] == 0));
    assert_eq!(daily(&outcome).source_withdrawn[1][0], 210.0);
    // with grace for a day only, the money comes too late
    let mut hasty = case.clone();
    hasty.pool.cash = Some(Cash { grace_days: 1, ..Cash::default() });
    let failed: Vec<u32> = daily(&run_still(&hasty, &book)).tier_failed.iter().map(|c| c[0]).collect();
    assert_eq!(failed, [0, 3, 3]);
    // whole loans instead of a share of each: two of a hundred
    let mut largest = case;
    largest.pool.cash = Some(Cash { grace_days: 3, recall: RecallOrder::LargestFirst, ..Cash::default() });
    let outcome = run_still(&largest, &book);
    assert_eq!(first(&outcome, PoolFigure::Recalled), 200.0);
    assert_eq!(outcome.account.first_close.iter().filter(|d| d[0] == 3).count(), 2);
}

#[test]
fn loans_of_a_cycle_are_called_back_no_faster_than_they_fall_due() {
    let funding = vec![source("a", 0, 500.0, None, false), source("b", 1, 520.0, None, true)];
    let failure = Failure { sources: vec!["b".into()], source_day: 1, custodian: None };
    let cash = Cash { cycle_days: Some(5.0), settlement_days: 0, grace_days: 20, ..Cash::default() };
    let (case, book) = still(10, 8, funding, Pool { cash: Some(cash), failure: Some(failure), ..Pool::default() });
    let outcome = run_still(&case, &book);
    // idle cash of 20 against a fifth of 1000 a session
    assert_eq!(first(&outcome, PoolFigure::BufferDaysMin), 0.0);
    let (start, _) =
        still(10, 1, book.funding.clone(), Pool { cash: Some(Cash { cycle_days: Some(5.0), ..Cash::default() }), ..Pool::default() });
    assert!((first(&run_still(&start, &book), PoolFigure::BufferDaysMin) - 0.1).abs() < 1e-12);
    // 500 are lacking; a fifth of what is out comes back a session: 200, 160, 128, and what is left of it
    assert!((first(&outcome, PoolFigure::Recalled) - 500.0).abs() < 1e-6);
    assert_eq!(first(&outcome, PoolFigure::UnpaidEnd), 0.0);
}

#[test]
fn what_is_lent_above_its_cap_is_called_back_and_rates_follow_the_funding() {
    let funding = vec![FundingSource { rate_annual: 0.05, ..source("a", 0, 1_100.0, None, false) }];
    let cap = LoanToValue { base: ratio(0.45), funding_weight: 1.0, volatility_weight: 0.0, ..LoanToValue::default() };
    let spread_by_grade = [("g1".to_string(), ratio(0.0225))].into();
    let lending = Lending { spread_by_grade, loan_to_value: Some(cap) };
    let cash = Cash { settlement_days: 0, ..Cash::default() };
    let (case, book) = still(10, 5, funding, Pool { cash: Some(cash), lending: Some(lending), ..Pool::default() });
    let outcome = run_still(&case, &book);
    // three days of 7.25 % on 100 when the first session closes, and a cap of 45 % less 5 %: every loan is brought to 40 % of its assets
    let debt = 100.0 * (1.0 + 0.0725 * 3.0 / 365.0);
    let sale = (debt - 0.4 * 200.0) / 0.6;
    let interest = |loan: f64| loan * 0.0725 / 365.0;
    // each later session calls back the interest that has grown on the rest, some 0.03 a client
    let recalled = first(&outcome, PoolFigure::Recalled);
    assert!(recalled >= 10.0 * sale && recalled < 10.0 * (sale + 0.2), "{recalled} against {}", 10.0 * sale);
    assert!((outcome.path.forced_sales[0] - recalled).abs() < 10.0 * 0.04, "{}", outcome.path.forced_sales[0]);
    // four days on the whole loan (the sale is on the second session), three on what is left of it, the funding's seven at 5 %
    let left = 100.0 - (sale - interest(100.0) * 4.0);
    let income = 10.0 * (interest(100.0) * 4.0 + interest(left) * 3.0) - 1_100.0 * 0.05 * 7.0 / 365.0;
    assert!((outcome.path.lender_pnl[0] - income).abs() < 0.01, "{} against {income}", outcome.path.lender_pnl[0]);
}

#[test]
fn a_failing_custodian_freezes_cash_and_takes_its_part_of_the_shares() {
    let funding = vec![source("a", 0, 1_000.0, None, false), source("c", 2, 100.0, None, false)];
    let custodian = Custodian { day: 2, cash_share: ratio(0.5), client_share: ratio(1.0), haircut: ratio(0.2), frozen_days: 3 };
    let failure = Failure { sources: Vec::new(), source_day: 1, custodian: Some(custodian) };
    let (mut case, book) = still(10, 8, funding, Pool { cash: Some(Cash::default()), failure: Some(failure), ..Pool::default() });
    case.margin.liquidation = Some(ratio(1.7));
    let outcome = run_still(&case, &book);
    // half of 100 in cash lies there, a fifth of that is gone, and tier C bears it; clients lose a fifth of 2000
    assert_eq!(first(&outcome, PoolFigure::CustodyLoss), 10.0);
    assert!((first(&outcome, PoolFigure::ClientCustodyLoss) - 400.0).abs() < 1e-9);
    assert!((outcome.path.pool_loss[0] - 10.0).abs() < 1e-9 && (outcome.path.tier_loss[2][0] - 10.0).abs() < 1e-9);
    assert_eq!(first(&outcome, PoolFigure::CashMin), 50.0);
    // at 160 % they are liquidated, but their shares stay frozen until day 5
    assert!(outcome.account.first_liquidation.iter().all(|d| *d == [2, 2]));
    assert!(outcome.account.first_close.iter().all(|d| *d == [5, 5]), "{:?}", outcome.account.first_close);
    assert!((outcome.path.client_loss[0] - 400.0).abs() < 1e-9);
}

#[test]
fn a_hedge_earns_what_the_index_loses_less_its_cost() {
    use levertide::model::shock::{Shock, Target, gap::Gap};
    let funding = vec![source("a", 0, 1_000.0, None, false), source("c", 2, 200.0, None, false)];
    let hedge = Hedge { ratio: ratio(0.5), cost_annual: ratio(0.0365), margin: ratio(0.1), ..Hedge::default() };
    let pool = Pool { cash: Some(Cash::default()), hedge: Some(hedge), ..Pool::default() };
    let (mut case, book) = still(10, 5, funding, pool);
    case.shocks = vec![Shock::Gap(Gap { day: 2, size: ratio(-0.1), on: Target::All })];
    let outcome = run_still(&case, &book);
    // short 500; from Friday to the next Friday are seven days at a ten thousandth of the notional
    let cost = 500.0 * 7.0 * 1e-4;
    assert!((first(&outcome, PoolFigure::HedgeCost) - cost).abs() < 1e-9);
    assert!((first(&outcome, PoolFigure::HedgeResult) - (gain(500.0, -0.1, 0.0) - cost)).abs() < 1e-9);
    let expected = 50.0 - cost;
    assert!((outcome.path.lender_pnl[0] - expected).abs() < 1e-9, "{}", outcome.path.lender_pnl[0]);
    // its basis is drawn, path by path, and averages out
    let mut noisy = case.clone();
    noisy.pool.hedge.as_mut().expect("a hedge").basis_volatility_daily = ratio(0.01);
    noisy.simulation.paths = 4_000;
    let outcome = run_still(&noisy, &book);
    let results = daily(&outcome).figure(PoolFigure::HedgeResult);
    let mean = results.iter().sum::<f64>() / 4_000.0;
    let error = 500.0 * 0.01 * (5.0_f64 / 4_000.0).sqrt();
    assert!((mean - expected).abs() < 4.0 * error, "{mean} against {expected} ± {error}");
    // a rally that neither cash nor margin can pay closes it, and cash stands at nothing
    let mut rally = case;
    rally.shocks = vec![Shock::Gap(Gap { day: 2, size: ratio(0.9), on: Target::All })];
    let outcome = run_still(&rally, &book);
    assert_eq!(first(&outcome, PoolFigure::CashMin), 0.0);
    assert!(first(&outcome, PoolFigure::HedgeResult) < -400.0);
}

#[test]
fn recourse_that_comes_late_restores_the_tiers_from_the_senior_end() {
    use levertide::model::shock::{Shock, Target, gap::Gap};
    let funding = vec![source("a", 0, 900.0, None, false), source("b", 1, 120.0, None, false), source("c", 2, 80.0, None, false)];
    let pool = Pool { cash: Some(Cash::default()), recourse: ratio(0.5), recourse_delay_days: 3, ..Pool::default() };
    let (mut case, book) = still(10, 8, funding, pool);
    case.margin.liquidation = Some(ratio(1.1));
    // 2000 of shares become 700 against loans of 1000: a shortfall of 300 on day 1; half of it is back on day 4
    case.shocks = vec![Shock::Gap(Gap { day: 1, size: ratio(-0.65), on: Target::All })];
    let outcome = run_still(&case, &book);
    let tiers = |o: &Outcome| [2, 1, 0].map(|t| o.path.tier_loss[t][0]);
    assert_eq!(tiers(&outcome).map(f64::round), [80.0, 70.0, 0.0]);
    assert!((outcome.path.pool_loss[0] - 150.0).abs() < 1e-9 && (outcome.path.recourse[0] - 150.0).abs() < 1e-9);
    // what falls due beyond the horizon is not counted
    case.pool.recourse_delay_days = 8;
    let late = run_still(&case, &book);
    assert_eq!(tiers(&late).map(f64::round), [80.0, 120.0, 100.0]);
    assert_eq!(late.path.recourse[0], 0.0);
    // a refill takes the place of what was lost, and a trigger turns the order round
    case.pool.replenish_daily.insert("C".into(), ratio(0.25));
    assert!((first(&run_still(&case, &book), PoolFigure::Replenished) - 80.0).abs() < 1e-9);
    case.pool.triggers = vec![Trigger { pool_loss: Some(ratio(0.2)), recall: ratio(0.1), ..Trigger::default() }];
    let fired = run_still(&case, &book);
    assert_eq!(daily(&fired).trigger_fired[0][0], 1);
}

#[test]
fn a_trigger_changes_who_loses_next() {
    use levertide::model::shock::{Shock, Target, gap::Gap};
    let funding = vec![source("a", 0, 900.0, None, false), source("b", 1, 150.0, None, false), source("c", 2, 150.0, None, false)];
    let trigger = Trigger { pool_loss: Some(ratio(0.05)), loss_order: ["B", "C", "A"].map(String::from).to_vec(), ..Trigger::default() };
    let pool = Pool { cash: Some(Cash::default()), triggers: vec![trigger], ..Pool::default() };
    let (mut case, mut book) = still(10, 8, funding, pool);
    // five clients are closed on day 1 for 75, the others, with looser lines, on day 4
    for account in 5..10 {
        book.lines[account].liquidation = Some(0.75);
    }
    case.margin.liquidation = Some(ratio(1.1));
    let gap = |day, size| Shock::Gap(Gap { day, size: ratio(size), on: Target::All });
    case.shocks = vec![gap(1, -0.575), gap(4, -0.2)];
    let outcome = run_still(&case, &book);
    let lost = [2, 1, 0].map(|t| outcome.path.tier_loss[t][0].round());
    assert_eq!(outcome.path.pool_loss[0].round(), 75.0 + 160.0);
    assert_eq!(lost, [85.0, 150.0, 0.0]);
    assert_eq!(daily(&outcome).trigger_fired[0][0], 1);
}

/// A pool that does everything at once, for a generated world.
fn busy(world: &World, at: usize) -> (Case, Book) {
    let pick = |k: usize| (at * 7 + k * 13) % 10;
    let mut book = world.book();
    let loans: f64 = book.loan.iter().sum();
    let share = |tier: usize| [0.7, 0.3, 0.06][tier] * loans;
    book.funding = (0..3)
        .flat_map(|tier| {
            let days = Some(3 + (pick(tier) as i32));
            [
                source(&format!("s{tier}"), tier as u32, 0.6 * share(tier), days, tier > 0),
                source(&format!("t{tier}"), tier as u32, 0.4 * share(tier), None, tier == 1),
            ]
        })
        .map(|s| FundingSource { rate_annual: 0.05, ..s })
        .collect();
    let mut case = world.case.clone();
    let orders = [RecallOrder::ProRata, RecallOrder::LargestFirst, RecallOrder::RiskiestFirst, RecallOrder::None];
    case.pool.cash = Some(Cash {
        idle: (pick(0) > 4).then(|| ratio(0.03)),
        minimum: ratio(0.01 * pick(1) as f64),
        cycle_days: (pick(2) > 5).then(|| 2.0 + pick(3) as f64),
        settlement_days: pick(4) as u32 % 3,
        grace_days: pick(5) as u32 % 3,
        recall: orders[pick(6) % 4],
    });
    case.pool.funding =
        Some(Funding { roll_probability: ratio(0.6), roll_days: 4, loan_roll_probability: ratio(0.5), ..Funding::default() });
    case.pool.run = Some(Run { hazard_daily: ratio(0.05), share: ratio(0.7), notice_days: pick(7) as u32 % 3, ..Run::default() });
    case.pool.hedge = Some(Hedge {
        ratio: ratio(0.1 * pick(8) as f64),
        basis_volatility_daily: ratio(0.01),
        cost_annual: ratio(0.05),
        ..Hedge::default()
    });
    case.pool.recourse_delay_days = pick(9) as u32 % 4;
    case.pool.replenish_daily.insert("C".into(), ratio(0.1));
    let custodian = Custodian { day: 1, client_share: ratio(0.5), cash_share: ratio(0.5), haircut: ratio(0.1), frozen_days: 2 };
    case.pool.failure = (pick(1) > 6).then(|| Failure { sources: vec!["t1".into()], source_day: 1, custodian: Some(custodian) });
    case.pool.triggers = vec![
        Trigger { name: "turn".into(), pool_loss: Some(ratio(0.01)), loss_order: vec!["B".into()], ..Trigger::default() },
        Trigger { name: "thin".into(), buffer_days: Some(0.5), recall: ratio(0.2), recall_tier: Some("B".into()), ..Trigger::default() },
    ];
    (case, book)
}

#[test]
fn every_path_of_a_busy_pool_balances_and_no_cash_is_below_nothing() {
    let (mut unpaid, mut recalled, mut ran) = (0.0, 0.0, 0.0);
    for (at, world) in first_worlds(400, 32).into_iter().enumerate() {
        let (case, book) = busy(&world, at);
        // the engine asserts the balance of accounts, losses and pool on every path
        let outcome = run(&programme(world.seed, vec![case]), &book, &world.market()).remove(0);
        let columns = daily(&outcome);
        for path in 0..outcome.paths as usize {
            let borne: f64 = outcome.path.tier_loss.iter().map(|c| c[path]).sum::<f64>() + outcome.path.unallocated_loss[path];
            let lost = outcome.path.shortfall[path] - outcome.path.recourse[path] + columns.figure(PoolFigure::CustodyLoss)[path];
            assert!((borne - lost).abs() <= 0.005 + 1e-9 * lost.abs(), "world {at}, path {path}: {borne} borne of {lost}");
            assert!(columns.figure(PoolFigure::CashMin)[path] >= 0.0);
            let withdrawn: f64 = columns.source_withdrawn.iter().map(|c| c[path]).sum();
            assert!((withdrawn - columns.figure(PoolFigure::Withdrawn)[path]).abs() < 1e-6);
            unpaid += columns.figure(PoolFigure::Unpaid)[path];
            recalled += columns.figure(PoolFigure::Recalled)[path];
            ran += columns.figure(PoolFigure::SourcesRun)[path];
        }
    }
    assert!(unpaid > 100.0 && recalled > 1_000.0 && ran > 100.0, "the worlds are too calm: {unpaid} {recalled} {ran}");
}

#[test]
fn a_pool_that_is_only_watched_changes_no_loss() {
    for world in first_worlds(60, 64) {
        let mut watched = world.case.clone();
        watched.pool.cash = Some(Cash::default());
        let outcomes = run(&programme(world.seed, vec![world.case.clone(), watched]), &world.book(), &world.market());
        let (plain, kept) = (&outcomes[0].path, &outcomes[1].path);
        assert_eq!(plain.shortfall, kept.shortfall);
        assert_eq!(plain.client_loss, kept.client_loss);
        let near = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-9 * a.abs().max(1.0));
        assert!(near(&plain.unallocated_loss, &kept.unallocated_loss) && near(&plain.lender_pnl, &kept.lender_pnl));
        assert!(plain.tier_loss.iter().zip(&kept.tier_loss).all(|(a, b)| near(a, b)));
    }
}

proptest! {
    #![proptest_config(cases(10_000))]

    #[test]
    fn a_waterfall_keeps_its_order_and_every_cent_and_comes_back_the_way_it_went(
        tiers in prop::collection::vec(0.0..1e6f64, 1..6), losses in prop::collection::vec((0.0..1e6f64, 0.0..1e6f64), 1..8), turn in 0usize..6,
    ) {
        let mut order: Vec<usize> = (0..tiers.len()).collect();
        order.rotate_left(turn % tiers.len());
        let (mut taken, mut beyond, mut total) = (vec![0.0; tiers.len()], 0.0, 0.0);
        for (loss, back) in losses {
            total += loss;
            beyond += allocate_in(&order, loss, &tiers, &mut taken);
            let borne: f64 = taken.iter().sum::<f64>() + beyond;
            prop_assert!((borne - total).abs() < 0.005, "{} of {}", borne, total);
            for pair in order.windows(2) {
                prop_assert!(taken[pair[1]] == 0.0 || taken[pair[0]] >= tiers[pair[0]] * (1.0 - 1e-12), "a senior before its junior");
            }
            prop_assert!(beyond == 0.0 || order.iter().all(|t| taken[*t] >= tiers[*t] * (1.0 - 1e-12)));
            let left = restore_in(&order, back, &mut taken, &mut beyond);
            total -= back - left;
            let borne: f64 = taken.iter().sum::<f64>() + beyond;
            prop_assert!((borne - total).abs() < 0.005 && (left == 0.0 || borne < 0.005));
            for pair in order.windows(2) {
                prop_assert!(taken[pair[1]] == 0.0 || taken[pair[0]] >= tiers[pair[0]] * (1.0 - 1e-12), "what came back skipped a senior");
            }
        }
    }
}

#[test]
fn the_cover_of_the_largest_clients_is_their_loss() {
    let world = &first_worlds(1, 64)[0];
    let outcome = world.outcome();
    let estimates = measure(&programme(world.seed, vec![world.case.clone()]), 0, &world.book(), &outcome);
    assert!(figure(&estimates, "pool_loss.mean").value >= 0.0);
    for path in 0..64 {
        let (one, two, all) = (outcome.pool.cover_1[path], outcome.pool.cover_2[path], outcome.path.pool_loss[path]);
        assert!(one <= two + 1e-12 && two <= 2.0 * one + 1e-12 && two <= all + 1e-9);
    }
}
