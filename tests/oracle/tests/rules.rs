//! Holds each rule of the order of the day against values worked out by hand.

#![allow(clippy::disallowed_methods)] // bits need not agree on every platform here

use levertide_oracle::programme::{Board, Programme};
use levertide_oracle::story::{PathStory, State, Why};
use levertide_oracle::world::{Account, Draw, Instrument, Position, Purpose, Quote};
use levertide_oracle::{World, run};

/// Symbols S0, S1 … at 10 without a board, account `a` with so many shares of each, and returns by session.
fn world(rules: &str, shares: &[f64], (cash, loan): (f64, f64), returns: &[f64]) -> World {
    let mut world = World { programme: Programme::read(&format!("as-of = \"2015-06-12\"\n{rules}")).unwrap(), ..World::default() };
    world.accounts = vec![Account { account_id: "a".into(), tier: "A".into(), cash, loan, ..Account::default() }];
    for (at, quantity) in shares.iter().enumerate() {
        let symbol = format!("S{at}");
        world.instruments.push(Instrument { symbol: symbol.clone(), board: Board::None, price: 10.0, ..Instrument::default() });
        world.positions.push(Position { account_id: "a".into(), symbol, quantity: *quantity, ..Position::default() });
    }
    world.paths = vec![returns.iter().map(|r| vec![Quote { simple_return: *r, ..Quote::default() }; shares.len()]).collect()];
    world
}

fn told(world: &World) -> PathStory {
    run(world).paths.remove(0)
}

fn states(path: &PathStory) -> Vec<State> {
    path.days.iter().map(|day| day.accounts[0].state).collect()
}

fn sold(path: &PathStory, day: usize) -> Vec<f64> {
    let sales = &path.days[day].accounts[0].sales;
    (0..path.days[0].symbols.len()).map(|at| sales.iter().filter(|sale| sale.symbol == at).map(|sale| sale.shares).sum()).collect()
}

fn near(found: f64, right: f64) {
    assert!((found - right).abs() < 5e-3, "{found} where {right} is right");
}

const CALL: &str = "margin = { call = \"130%\", cure-days = 2, liquidation = \"110%\" }\n";

#[test]
fn a_call_is_cured_by_prices_or_ends_at_its_deadline() {
    use State::{Called, Closed, Cured, Normal};
    // 1,000 shares at 10 against 7,500: 133 %; called at 12.5 below
    let of = |returns: &[f64]| states(&told(&world(CALL, &[1_000.0], (0.0, 7_500.0), returns)));
    assert_eq!(of(&[-0.05, 0.0, 0.0, 0.0]), [Normal, Called, Called, Closed, Closed]);
    assert_eq!(of(&[-0.05, 0.0, 0.04, 0.0]), [Normal, Called, Called, Cured, Normal]);
    // cured on the second session, called again on the third with two sessions anew
    assert_eq!(of(&[-0.05, 0.06, -0.06, 0.0]), [Normal, Called, Cured, Called, Called]);
}

#[test]
fn a_client_pays_on_its_day_and_never_after_the_deadline() {
    let pays = |more: &str| format!("{CALL}clients = {{ cure-probability = 1, {more} }}");
    let path = told(&world(&pays("cure-delay-days = 1"), &[1_000.0], (0.0, 7_500.0), &[-0.05, -0.01, 0.0]));
    // asked for at the payment: 130 %·7,500 − 9,405
    near(path.days[2].accounts[0].payment, 345.0);
    near(path.call_amount, 250.0);
    assert_eq!(states(&path)[2..], [State::Cured, State::Normal]);
    let late = told(&world(&pays("cure-delay-days = 9"), &[1_000.0], (0.0, 7_500.0), &[-0.05, 0.0, 0.0]));
    assert_eq!(states(&late)[3], State::Cured);
    let half = told(&world(&pays("payment = { low = \"50%\", high = \"50%\" }"), &[1_000.0], (0.0, 7_500.0), &[-0.05, 0.0, 0.0]));
    near(half.days[1].accounts[0].payment, 125.0);
    assert_eq!(states(&half)[1..], [State::Called, State::Called, State::Closed]);
    let more = told(&world(&pays("cure-to = \"140%\""), &[1_000.0], (0.0, 7_500.0), &[-0.05, 0.0, 0.0]));
    near(more.days[1].accounts[0].payment, 1_000.0);
}

#[test]
fn an_answer_falls_with_stress_and_with_loss() {
    // p = 60 %, full stress (a fall of 30 %) takes one normal deviation off: 22.8 % are left
    let rules = "margin = { call = \"150%\", cure-days = 1 }\nclients = { cure-probability = \"60%\", stress-sensitivity = 1 }";
    for (uniform, cured) in [(0.227, 1), (0.229, 0)] {
        let mut world = world(rules, &[1_000.0], (0.0, 6_000.0), &[-0.3]);
        world.draws = vec![Draw { purpose: Purpose::Answer, path: 0, who: "a".into(), number: 1, value: uniform }];
        assert_eq!(told(&world).cured, cured);
    }
}

#[test]
fn a_sale_waits_its_delay_and_stops_at_its_target() {
    let rules = "margin = { liquidation = \"125%\", restore-to = \"150%\", delay-days = 1 }";
    let path = told(&world(rules, &[1_000.0], (0.0, 7_500.0), &[-0.1, 0.0, 0.0]));
    assert_eq!(states(&path), [State::Normal, State::InLiquidation, State::Normal, State::Normal]);
    // (1.5·7,500 − 9,000)/0.5
    near(path.forced_sales, 4_500.0);
    // a price that comes back before the sale ends it unsold
    let path = told(&world(rules, &[1_000.0], (0.0, 7_500.0), &[-0.1, 0.3, 0.0]));
    near(path.forced_sales, 0.0);
    assert_eq!(states(&path)[2], State::Normal);
    // a part of every position at most in a session
    let staged = "margin.liquidation = \"125%\"\nliquidation.daily-share = \"25%\"";
    let path = told(&world(staged, &[1_000.0, 200.0], (0.0, 9_000.0), &[-0.1, 0.0, 0.0, 0.0]));
    assert_eq!(sold(&path, 1), [250.0, 50.0]);
    assert_eq!(states(&path)[4], State::Closed);
}

#[test]
fn costs_by_date_are_taken_from_proceeds() {
    let rules = "margin.liquidation = \"110%\"\nliquidation.cost = \"0.5%\"\ncosts = { commission = \"0.03%\", stamp-duty = \"china\", transfer-fee = \"0.001%\" }";
    let path = told(&world(rules, &[1_000.0], (0.0, 9_000.0), &[-0.05]));
    near(path.sale_cost, 9_500.0 * 0.00631);
    near(path.days[1].accounts[0].cash, 500.0 - 9_500.0 * 0.00631);
    let mut later = world(rules, &[1_000.0], (0.0, 9_000.0), &[-0.05]);
    later.programme.as_of = levertide_oracle::Date::read("2023-08-25").unwrap();
    near(told(&later).sale_cost, 9_500.0 * 0.00581);
}

#[test]
fn what_is_blocked_waits_and_the_rest_is_sold() {
    let mut world = world("margin.liquidation = \"110%\"", &[500.0, 500.0], (0.0, 9_000.0), &[-0.05, 0.0]);
    world.paths[0][0][1].halted = true;
    world.paths[0][0][1].simple_return = 0.0;
    world.paths[0][0][0].simple_return = -0.1;
    let path = told(&world);
    assert_eq!(sold(&path, 1), [500.0, 0.0]);
    assert_eq!(sold(&path, 2), [0.0, 500.0]);
    assert_eq!(states(&path)[1..], [State::InLiquidation, State::Closed]);
}

#[test]
fn the_limit_line_sells_before_the_call() {
    let rules = "margin = { limit = \"140%\", call = \"130%\", cure-days = 2, limit-action = { cap-leverage = 3 } }";
    let path = told(&world(rules, &[1_000.0], (0.0, 7_000.0), &[-0.05, -0.3]));
    // 9,500 against 7,000: to 150 %, S = (10,500 − 9,500)/0.5
    near(path.forced_sales, 2_000.0);
    assert_eq!(path.days[1].accounts[0].sales[0].why, Why::Reduction);
    near(path.days[1].accounts[0].ratio_after.unwrap(), 1.5);
    assert_eq!(path.days[2].accounts[0].state, State::Called);
    assert!(path.days[2].accounts[0].sales.is_empty());
}

#[test]
fn a_tripped_trigger_cuts_high_leverage() {
    let rules = "margin.volatility-trigger = { threshold = \"5%\", above-leverage = 2, cut-to-leverage = 2 }";
    let path = told(&world(rules, &[1_000.0], (0.0, 5_000.0), &[-0.04, -0.06, 0.0]));
    assert_eq!(path.days.iter().map(|day| day.tripped).collect::<Vec<_>>(), [false, false, true, false]);
    // 9,024 against 5,000: to 200 %
    near(path.forced_sales, 10_000.0 - 9_024.0);
}

#[test]
fn a_stop_sells_what_lost_and_a_drawdown_ends_an_account() {
    let rules = "margin.stop = { position-loss = \"20%\" }";
    let mut one = world(rules, &[500.0, 500.0], (0.0, 1_000.0), &[-0.1, -0.1]);
    one.positions[0].cost = Some(11.25);
    let path = told(&one);
    assert_eq!((sold(&path, 1), sold(&path, 2)), (vec![500.0, 0.0], vec![0.0, 0.0]));
    let rules = "margin.stop = { drawdown = \"50%\" }";
    let path = told(&world(rules, &[1_000.0], (0.0, 5_000.0), &[0.2, -0.29, 0.0]));
    // own capital 7,000 at its best, 3,520 then, 3,500 is the half
    assert_eq!(path.liquidated, 0);
    let path = told(&world(rules, &[1_000.0], (0.0, 5_000.0), &[0.2, -0.3, 0.0]));
    assert_eq!(path.accounts[0].first_liquidation, Some(2));
}

#[test]
fn haircuts_count_less_and_widen() {
    let rules = "margin = { call = \"130%\", cure-days = 5, haircuts = { base = { flat = \"10%\" } } }";
    let path = told(&world(rules, &[1_000.0], (0.0, 7_000.0), &[0.0]));
    near(path.days[1].accounts[0].ratio.unwrap(), 9_000.0 / 7_000.0);
    assert_eq!(path.called, 1);
    // a sale to 130 % does 1.3 − 0.9 a unit
    let rules = "margin = { liquidation = \"129%\", restore-to = \"130%\", haircuts = { base = { flat = \"10%\" } } }";
    let path = told(&world(rules, &[1_000.0], (0.0, 7_000.0), &[0.0]));
    near(path.forced_sales, 100.0 / 0.4);
}

#[test]
fn lines_rise_with_volatility_and_their_targets_with_them() {
    // 2 % where nothing is known; a fall of 4 %: σ² = 0.94·4 + 0.06·16 of 10⁻⁴
    let rules = "margin = { call = \"130%\", cure-days = 1, liquidation = \"110%\", dynamic = {} }";
    let path = told(&world(rules, &[1_000.0], (0.0, 7_000.0), &[-0.04, 0.0]));
    let scale = ((0.94 * 4.0 + 0.06 * 16.0) / 4.0f64).sqrt();
    near(path.days[1].line_scale, scale);
    near(path.days[1].accounts[0].lines.call.unwrap() * 1e3, (1.0 + 0.3 * scale) * 1e3);
    near(path.days[1].accounts[0].lines.cured_at.unwrap() * 1e3, (1.0 + 0.3 * scale) * 1e3);
}

#[test]
fn adl_sells_a_share_of_every_holding_between_its_lines() {
    let rules = "liquidation.adl = { upper = \"140%\", lower = \"110%\", share = \"10%\" }";
    let path = told(&world(rules, &[600.0, 400.0], (0.0, 7_500.0), &[0.0, 0.0]));
    assert_eq!(sold(&path, 1), [60.0, 40.0]);
    // 9,000 against 6,500: 138 %, once more
    assert_eq!(sold(&path, 2), [54.0, 36.0]);
}

#[test]
fn a_client_near_its_line_sells_ahead() {
    // DMC = (1 − 1.3/R)/σ with σ = 2 %: R = 10,000/7,500 = 1.3333, 1.25; a tenth of 1 − 1.25/3 of the holdings
    let rules = "margin = { call = \"130%\", cure-days = 5 }\nclients.pre-emptive = {}";
    let path = told(&world(rules, &[1_000.0], (0.0, 7_500.0), &[0.0]));
    near(path.early_sales, 10_000.0 * 0.1 * (1.0 - 1.25 / 3.0));
    near(path.forced_sales, 0.0);
    // of two holdings the larger first, and what is halted is made up for
    let ahead = "margin = { call = \"130%\", cure-days = 5 }\nclients.pre-emptive = {}\nliquidation.order = \"largest-first\"";
    let mut two = world(ahead, &[600.0, 400.0], (0.0, 7_500.0), &[0.0]);
    two.paths[0][0][0].halted = true;
    near(told(&two).early_sales, 10_000.0 * 0.1 * (1.0 - 1.25 / 3.0));
    assert_eq!(told(&two).days[1].accounts[0].sales[0].symbol, 1);
}

#[test]
fn money_above_the_withdrawal_line_may_leave() {
    let rules = "clients.withdrawal = { probability = 1 }";
    let path = told(&world(rules, &[1_000.0], (4_000.0, 4_000.0), &[0.0]));
    // 14,000 − 3·4,000
    near(path.client_withdrawals, 2_000.0);
    near(path.client_loss, 0.0);
}

#[test]
fn sales_press_on_the_next_session_and_fade() {
    // two clients, one share, everything sold: q = (600, 400), debts (500, 285), a fall of 20 %, D = c·V/σ = 4,800
    let rules = "margin.liquidation = \"110%\"\n[feedback]\nfade-days = 0\nimpact.linear = { depth = 0.4 }";
    let mut world = world(rules, &[600.0], (0.0, 500.0), &[-0.2, 0.0, 0.0]);
    world.instruments[0].price = 1.0;
    world.instruments[0].adv_amount = Some(4_800.0 * 0.02 / 0.4);
    world.accounts.push(Account { account_id: "b".into(), tier: "A".into(), loan: 285.0, ..Account::default() });
    world.positions.push(Position { account_id: "b".into(), symbol: "S0".into(), quantity: 400.0, ..Position::default() });
    let path = told(&world);
    near(path.days[2].symbols[0].price, 0.8 * (-480.0f64 / 4_800.0).exp());
    near(path.days[1].accounts[0].shortfall, 500.0 - 480.0 * (1.0 - 480.0 / 4_800.0 / 2.0));
    assert!((path.pool_loss - 48.2).abs() < 0.05);
    // without an answer 20 are lost
    let mut still = world.clone();
    still.programme.feedback.impact = levertide_oracle::programme::Impact::None;
    near(told(&still).pool_loss, 20.0);
}

#[test]
fn sales_of_any_size_leave_a_millionth_of_the_price() {
    let rules = "margin.liquidation = \"110%\"\n[feedback]\nfade-days = 0\nimpact.linear = {}";
    let mut world = world(rules, &[600.0], (0.0, 500.0), &[-0.2, 0.0, 0.0]);
    world.instruments[0].price = 1.0;
    world.instruments[0].adv_amount = Some(1e-3);
    let price = told(&world).days[3].symbols[0].price;
    assert!((price / 0.8e-6 - 1.0).abs() < 1e-9, "{price}");
}

#[test]
fn a_push_is_bound_by_the_limit_and_the_rest_follows() {
    // a push of 30 % on a main-board share of 100: 90.00, 81.00, 74.08
    let rules = "margin.liquidation = \"110%\"\n[feedback]\nfade-days = 0\nimpact.linear = {}";
    let mut world = world(rules, &[1_000.0], (0.0, 95_000.0), &[0.0, 0.0, 0.0, 0.0]);
    world.instruments[0].price = 100.0;
    world.instruments[0].board = Board::Main;
    // everything is sold on session 1: x·σ/c = 0.3
    world.instruments[0].adv_amount = Some(100_000.0 * 0.02 / 0.4 / 0.3);
    let path = told(&world);
    let prices: Vec<f64> = path.days[2..].iter().map(|day| day.symbols[0].price).collect();
    for (price, right) in prices.iter().zip([90.0, 81.0, 100.0 * (-0.3f64).exp()]) {
        near(*price, right);
    }
}
