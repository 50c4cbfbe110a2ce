//! Holds the market's answer to closed forms: fire sales of one asset between two clients, decay, and the price limit's cap.
//!
//! The derivations stand in `docs/feedback.md`, "Checks". Prices are free of noise (volatility 0), so that a path is a sum.

use crate::support::{Account, book, figure, free_exchange, gaussian, market, measure, programme, ratio, run};
use levertide::engine::outcome::Outcome;
use levertide::inputs::{self, programme as programmes};
use levertide::measures::Flag;
use levertide::model::case::Case;
use levertide::model::exchange::Exchange;
use levertide::model::history::Board;
use levertide::model::impact::{Impact, linear::Linear, square_root::SquareRoot};
use levertide::model::shock::{Shock, Target, gap::Gap};
use std::path::Path;

/// Depth `D = c·V/σ` of the linear law at its default c, with the built market's daily volatility of 2 %.
fn turnover_of(depth_money: f64) -> f64 {
    depth_money * 0.02 / Linear::default().depth
}

/// A market that stands still but for a fall of `fall` on the first session; sales press linearly and for good.
fn still(days: u32, fall: f64) -> Case {
    let mut case = Case { exchange: free_exchange(), market: gaussian(0.0, 0.0, 252.0), ..Case::default() };
    (case.simulation.paths, case.simulation.horizon_days) = (1, days);
    case.shocks = vec![Shock::Gap(Gap { day: 1, size: ratio(-fall), on: Target::All })];
    case.feedback.impact = Impact::Linear(Linear::default());
    case.feedback.fade_days = 0.0;
    case
}

/// Runs one case on a market of shares at one yuan, each as deep as said.
fn on(case: Case, accounts: &[Account], symbols: usize, depth_money: f64) -> Outcome {
    let book = book(accounts, &[("A", 1e6)]);
    let mut market = market(&vec![1.0; symbols]);
    market.instruments.iter_mut().for_each(|i| i.adv_amount = Some(turnover_of(depth_money)));
    run(&programme(7, vec![case]), &book, &market).remove(0)
}

fn near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance * expected.abs(), "found {found}, expected {expected}");
}

#[test]
fn a_fire_sale_of_two_clients_in_one_share_loses_what_the_closed_form_says() {
    // a: 600 shares, debt 500; b: 400 shares, debt 285; a fall of 20 %, line 110 %, depth 4,800, everything sold
    let accounts = [Account::of_one("a", 500.0, 600.0), Account::of_one("b", 285.0, 400.0)];
    let mut case = still(4, 0.2);
    case.margin.liquidation = Some(ratio(1.1));
    let (depth, p1) = (4_800.0, 0.8);
    let q1 = 600.0 * p1;
    let p2 = p1 * libm::exp(-q1 / depth);
    let q2 = 400.0 * p2;
    let short_a = 500.0 - q1 * (1.0 - 0.5 * q1 / depth);
    let short_b = 285.0 - q2 * (1.0 - 0.5 * q2 / depth);
    assert!(short_a > 0.0 && short_b > 0.0 && 400.0 * p1 > 1.1 * 285.0, "b falls to a's sales, not to the shock");
    let outcome = on(case, &accounts, 1, depth);
    near(outcome.path.pool_loss[0], short_a + short_b, 1e-12);
    near(outcome.path.forced_sales[0], q1 + q2, 1e-12);
    // without the market's answer b stands, and a loses the shock alone
    near(outcome.layers[0].pool_loss[0], 500.0 - q1, 1e-12);
    assert_eq!((outcome.account.first_liquidation[0], outcome.account.first_liquidation[1]), ([1, 1], [2, 2]));
}

#[test]
fn contagion_starts_at_the_debt_the_closed_form_names() {
    // b falls exactly when its debt is at least q_b·p₁·exp(−Q_a/D)/line
    let edge = 400.0 * 0.8 * libm::exp(-480.0 / 4_800.0) / 1.1;
    for (debt, falls) in [(edge * (1.0 + 1e-9), 1), (edge * (1.0 - 1e-9), 0)] {
        let mut case = still(3, 0.2);
        case.margin.liquidation = Some(ratio(1.1));
        let outcome = on(case, &[Account::of_one("a", 500.0, 600.0), Account::of_one("b", debt, 400.0)], 1, 4_800.0);
        assert_eq!(outcome.account.liquidated, [1, falls], "debt {debt}");
    }
}

/// Forced sales, and the fall of the price, when clients at ratio `target` restore it after a small fall.
fn deleveraging(fall: f64, holds: &[(u32, f64)], target: f64, depth: f64) -> (f64, f64) {
    let mut accounts: Vec<Account> = (holds.iter().enumerate())
        .map(|(k, (symbol, quantity))| {
            let mut account = Account::of_one(&format!("a{k}"), quantity / target, *quantity);
            account.positions = vec![(*symbol, *quantity)];
            account
        })
        .collect();
    // one share of the first symbol, without a loan, tells the price
    accounts.push(Account::of_one("z", 0.0, 1.0));
    let mut case = still(90, fall);
    // a client at its target sells again the moment a price falls
    case.margin.liquidation = Some(ratio(target));
    case.margin.restore_to = Some(ratio(target));
    let symbols = holds.iter().map(|(symbol, _)| symbol + 1).max().unwrap() as usize;
    let outcome = on(case, &accounts, symbols, depth);
    (outcome.path.forced_sales[0], outcome.account.client_loss_sum[holds.len()])
}

#[test]
fn clients_who_restore_their_ratio_multiply_a_small_shock_by_one_over_one_less_theta() {
    // θ = A / (D·(m − 1)): sales and the price's fall are A·ε/(m − 1) and ε, over 1 − θ, to first order in the shock ε
    let (target, depth) = (1.5, 4_000.0);
    // Richardson's step takes out the second order
    let limit = |holds: &[(u32, f64)]| {
        let at = |fall: f64| {
            let (sales, drop) = deleveraging(fall, holds, target, depth);
            (sales / fall, drop / fall)
        };
        let (whole, half) = (at(2e-4), at(1e-4));
        (2.0 * half.0 - whole.0, 2.0 * half.1 - whole.1)
    };
    let theta = |assets: f64| assets / (depth * (target - 1.0));
    let (sales, drop) = limit(&[(0, 600.0), (0, 400.0)]);
    near(sales, 1_000.0 / 0.5 / (1.0 - theta(1_000.0)), 5e-5);
    near(drop, 1.0 / (1.0 - theta(1_000.0)), 5e-5);
    // each in a share of its own, as deep: less is sold, and the first price falls by its own holder's sales alone
    let (apart, drop) = limit(&[(0, 600.0), (1, 400.0)]);
    near(apart, 600.0 / 0.5 / (1.0 - theta(600.0)) + 400.0 / 0.5 / (1.0 - theta(400.0)), 5e-5);
    near(drop, 1.0 / (1.0 - theta(600.0)), 5e-5);
    assert!(sales > 1.4 * apart, "{sales} in common, {apart} apart");
}

#[test]
fn beyond_the_critical_size_the_cascade_sells_back_to_it_however_small_the_shock() {
    // θ = 1.25: each round of sales asks for a larger one, until what is left is worth less than D·(m − 1) = 2,000
    for fall in [1e-3, 1e-4] {
        let (sales, drop) = deleveraging(fall, &[(0, 1_500.0), (0, 1_000.0)], 1.5, 4_000.0);
        println!("a shock of {fall} sells {sales}, and the price falls by {drop}");
        assert!(drop > 100.0 * fall && (2_500.0 - sales) * (1.0 - drop) < 2_000.0, "{sales} sold, the price fell by {drop}");
    }
}

#[test]
fn sales_of_any_size_leave_a_millionth_of_the_price() {
    // 480 sold into a depth of a thousandth, then what is left again; z holds one share and tells the price
    let accounts = [Account::of_one("a", 500.0, 600.0), Account::of_one("b", 285.0, 400.0), Account::of_one("z", 0.0, 1.0)];
    let mut case = still(6, 0.2);
    case.margin.liquidation = Some(ratio(1.1));
    let outcome = on(case, &accounts, 1, 1e-3);
    near(1.0 - outcome.account.client_loss_sum[2], 0.8e-6, 1e-9);
}

#[test]
fn a_push_fades_to_a_twentieth_over_the_days_named() {
    // one sale on day 1 presses from day 2 on; what a holder without a loan has lost tells the price of the last day
    let price_on = |days: u32| {
        let mut case = still(days, 0.2);
        case.margin.liquidation = Some(ratio(1.1));
        case.feedback.fade_days = 40.0;
        let outcome = on(case, &[Account::of_one("a", 500.0, 600.0), Account::of_one("z", 0.0, 1.0)], 1, 4_800.0);
        1.0 - outcome.account.client_loss_sum[1]
    };
    near(price_on(1), 0.8, 1e-12);
    for days in [2, 3, 12, 42] {
        let push = 0.1 * libm::pow(0.05, f64::from(days - 2) / 40.0);
        near(price_on(days), 0.8 * libm::exp(-push), 1e-12);
    }
}

#[test]
fn a_push_beyond_the_daily_limit_stops_there_and_the_rest_follows() {
    // 30 % of pressure on a main-board share of 100 yuan: 90.00, 81.00, then what is due, 100·exp(−0.3) = 74.08
    let price_on = |days: u32| {
        let mut case = still(days, 1e-9);
        case.exchange = Exchange { lot: Some(0.0), tick: 0.01, ..Exchange::default() };
        case.margin.liquidation = Some(ratio(1.5));
        let accounts = [Account::of_one("a", 8_000.0, 100.0), Account::of_one("z", 0.0, 1.0)];
        let book = book(&accounts, &[("A", 1e6)]);
        let mut market = market(&[100.0]);
        market.instruments[0].board = Board::Main;
        market.instruments[0].adv_amount = Some(turnover_of(10_000.0 / 0.3));
        let outcome = run(&programme(7, vec![case]), &book, &market).remove(0);
        100.0 - outcome.account.client_loss_sum[1]
    };
    for (days, price) in [(1, 100.0), (2, 90.0), (3, 81.0), (4, 100.0 * libm::exp(-0.3)), (5, 100.0 * libm::exp(-0.3))] {
        near(price_on(days), price, 1e-7);
    }
}

#[test]
fn every_shipped_scenario_loses_no_less_for_the_markets_answer() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("the scenarios are there").map(|entry| entry.expect("listed").path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    assert!(files.len() >= 3, "{files:?}");
    for file in files {
        let mut programme = programmes::load(&file, &programmes::Overrides::default()).unwrap_or_else(|problems| panic!("{problems}"));
        for scenario in &mut programme.scenarios {
            scenario.case.simulation.paths = 640;
            // where a programme leaves the impact out, the law's defaults stand in
            if !scenario.case.feedback.is_on() {
                scenario.case.feedback.impact = Impact::SquareRoot(SquareRoot::default());
            }
        }
        let inputs = inputs::load(&programme).unwrap_or_else(|problems| panic!("{problems}"));
        let outcomes = run(&programme, &inputs.book, &inputs.market);
        for (at, (scenario, outcome)) in programme.scenarios.iter().zip(&outcomes).enumerate() {
            let estimates = measure(&programme, at, &inputs.book, outcome);
            let found = figure(&estimates, "amplification");
            if found.flag == Some(Flag::Undefined) {
                println!("{} / {}: no loss to amplify", programme.name, scenario.name);
                continue;
            }
            println!("{} / {}: {:.4} ± {:.4}", programme.name, scenario.name, found.value, found.std_error);
            // few paths carry the losses of a rare scenario: three standard errors
            let holds = found.value + 3.0 * found.std_error >= 1.0;
            assert!(holds, "{} / {}: amplification {} ± {}", programme.name, scenario.name, found.value, found.std_error);
        }
    }
}
