//! Holds the oracle against small cases whose right value is worked out by hand, where two rules meet.

use levertide_oracle::programme::{Board, Programme};
use levertide_oracle::story::{PathStory, State};
use levertide_oracle::world::{Account, Instrument, Position, Quote};
use levertide_oracle::{Date, World, run};

/// One account `a` of tier A, so many shares of one symbol at a price, and prices that stand still.
fn world(rules: &str, sessions: usize, board: Board, price: f64, (cash, loan, shares): (f64, f64, f64)) -> World {
    let text = format!("as-of = \"2015-06-12\"\n{rules}");
    let mut world = World { programme: Programme::read(&text).unwrap(), ..World::default() };
    let symbol = String::from("X");
    world.instruments = vec![Instrument { symbol: symbol.clone(), board, price, ..Instrument::default() }];
    world.accounts = vec![Account { account_id: "a".into(), tier: "A".into(), cash, loan, ..Account::default() }];
    world.positions = vec![Position { account_id: "a".into(), symbol, quantity: shares, ..Position::default() }];
    world.stand_still(sessions);
    world
}

fn told(world: &World) -> PathStory {
    run(world).paths.remove(0)
}

/// Prices by session, from the as-of date on.
fn prices(path: &PathStory) -> Vec<f64> {
    path.days.iter().map(|day| (day.symbols[0].price * 1e6).round() / 1e6).collect()
}

/// Shares of account `at`, by session.
fn shares(path: &PathStory, at: usize) -> Vec<f64> {
    path.days.iter().map(|day| day.accounts[at].shares[0]).collect()
}

fn returns(world: &mut World, returns: &[f64]) {
    world.paths = vec![returns.iter().map(|r| vec![Quote { simple_return: *r, ..Quote::default() }]).collect()];
}

fn near(found: f64, right: f64) {
    assert!((found - right).abs() < 5e-3, "{found} where {right} is right");
}

const BOOK: (f64, f64, f64) = (0.0, 10_000.0, 1_350.0);

#[test]
fn e1_a_raised_call_is_not_cured_at_the_close_it_is_made() {
    let raised = "margin = { call = \"130%\", cure-days = 1 }\npool.line-add = { A = \"10%\" }";
    let direct = "margin = { call = \"140%\", cure-days = 1 }";
    for rules in [raised, direct] {
        let path = told(&world(rules, 5, Board::Main, 10.0, BOOK));
        assert_eq!((path.called, path.cured, path.liquidated), (1, 0, 1), "{rules}");
        assert_eq!(path.accounts[0].first_close, Some(1));
        near(path.forced_sales, 13_500.0);
    }
    let limit = "margin = { limit = \"130%\", limit-action = { reduce-to = \"132%\" } }\npool.line-add = { A = \"10%\" }";
    let path = told(&world(limit, 5, Board::Main, 10.0, BOOK));
    // to 142 %: S = (1.42·10,000 − 13,500)/0.42 = 1,666.67, in whole lots of 1,000
    near(path.forced_sales, 2_000.0);
    assert!(path.accounts[0].reduced && path.liquidated == 0);
}

#[test]
fn e2_limits_bind_after_a_shock() {
    let gap = "margin.liquidation = \"120%\"\n[[shocks]]\ngap = { day = 1, size = \"-30%\" }\n";
    // past days or drawn ones: the remainder is bound alike
    for past in [false, true] {
        let mut world = world(gap, 5, Board::Main, 10.0, BOOK);
        world.paths[0].iter_mut().flatten().for_each(|quote| quote.past = past);
        let path = told(&world);
        assert_eq!(prices(&path), [10.0, 9.0, 8.1, 7.29, 7.0, 7.0]);
        assert_eq!(shares(&path, 0), [1350.0, 1350.0, 1350.0, 1350.0, 0.0, 0.0]);
        // 1,350 at 7.00 leave 550 of the loan
        near(path.pool_loss, 550.0);
    }
    let suspended = format!("{gap}[[shocks]]\nsuspension = {{ first-day = 1, days = 2 }}\n");
    let path = told(&world(&suspended, 6, Board::Main, 10.0, BOOK));
    assert_eq!(prices(&path), [10.0, 10.0, 10.0, 9.0, 8.1, 7.29, 7.0]);
    assert!(path.days[2].symbols[0].halted && path.days[3].symbols[0].locked);
}

#[test]
fn e3_a_turnover_cap_hands_out_the_rest() {
    for lot in [100, 0] {
        let rules = format!("exchange.lot = {lot}\nmargin.liquidation = \"110%\"\nliquidation.participation = \"20%\"");
        let mut world = world(&rules, 20, Board::Main, 10.0, (0.0, 9_500.0, 1_000.0));
        world.instruments[0].adv_amount = Some(250_000.0);
        for at in 0..100 {
            let id = format!("a{at:03}");
            let (account, position) = (world.accounts[0].clone(), world.positions[0].clone());
            world.accounts.push(Account { account_id: id.clone(), ..account });
            world.positions.push(Position { account_id: id, ..position });
        }
        world.accounts.remove(0);
        world.positions.remove(0);
        let path = told(&world);
        for day in 1..=20 {
            near(path.days[day].symbols[0].sold, 50_000.0);
        }
        near(path.unsold, 0.0);
        assert_eq!(path.shortfall_accounts, 0);
    }
}

#[test]
fn e4_own_cash_pays_first() {
    let book = (5_000.0, 10_000.0, 700.0);
    let path = told(&world("margin = { liquidation = \"125%\", restore-to = \"130%\" }", 5, Board::Main, 10.0, book));
    near(path.forced_sales, 0.0);
    // all of the 5,000 pay: 7,000 over 5,000
    near(path.days[1].accounts[0].ratio_after.unwrap(), 1.4);
    near(path.days[1].accounts[0].loan, 5_000.0);
    assert_eq!(path.days[1].accounts[0].state, State::Normal);
    let path = told(&world("margin.rulebook = \"us-reg-t\"", 5, Board::Main, 10.0, book));
    assert_eq!((path.called, path.liquidated), (0, 0));
    near(path.days[0].accounts[0].ratio.unwrap(), 1.4);
}

#[test]
fn e6_a_name_under_special_treatment_moves_by_five_per_cent() {
    let rules = "margin.liquidation = \"120%\"\n[[shocks]]\ngap = { day = 1, size = \"-30%\" }";
    let mut world = world(rules, 5, Board::Main, 10.0, BOOK);
    world.instruments[0].st = true;
    assert_eq!(prices(&told(&world))[..4], [10.0, 9.5, 9.03, 8.58]);
    near(told(&world).pool_loss, 0.0);
}

#[test]
fn e9_interest_runs_over_holidays_by_calendar_days() {
    let mut world = world("margin.warning = \"1000%\"", 2, Board::None, 10.0, (0.0, 500.0, 100.0));
    world.programme.as_of = Date::read("2015-09-30").unwrap();
    world.accounts[0].rate_annual = 0.0365;
    world.sessions = ["2015-10-08", "2015-10-09"].map(|day| Date::read(day).unwrap()).to_vec();
    let path = told(&world);
    near(path.days[1].accounts[0].accrued_interest, 0.40);
    near(path.days[2].accounts[0].accrued_interest, 0.45);
}

#[test]
fn e12_the_as_of_close_counts() {
    let rules = "margin.liquidation = \"115%\"\nliquidation.delay-days = 1\n[[shocks]]\ngap = { day = 2, size = \"-20%\" }";
    let path = told(&world(rules, 5, Board::None, 10.0, (0.0, 900.0, 100.0)));
    near(path.shortfall, 0.0);
    assert_eq!((path.accounts[0].first_liquidation, path.accounts[0].first_close), (Some(0), Some(1)));
}

#[test]
fn a_call_that_runs_keeps_its_deadline() {
    // called on Thursday, three sessions: what is not cured on the second session of the horizon is in liquidation
    let rules = "margin = { call = \"130%\", cure-days = 3 }";
    let mut world = world(rules, 4, Board::None, 10.0, (0.0, 8_000.0, 1_000.0));
    world.accounts[0].called_on = Some(Date::read("2015-06-11").unwrap());
    let path = told(&world);
    assert_eq!((path.accounts[0].first_call, path.accounts[0].first_liquidation), (Some(0), Some(2)));
    world.accounts[0].called_on = Some(Date::read("2015-06-05").unwrap());
    world.programme.margin.delay_days = Some(4);
    let path = told(&world);
    // the deadline was Wednesday, two sessions before the as-of date: sold on the second session
    assert_eq!((path.accounts[0].first_liquidation, path.accounts[0].first_close), (Some(0), Some(2)));
}

#[test]
fn what_would_be_sold_at_the_as_of_close_is_sold_on_session_one() {
    // 133 % at the as-of close, below the limit line; 146.7 % on session 1, below the target still
    let rules = "margin = { limit = \"140%\", limit-action = { reduce-to = \"150%\" } }";
    let mut world = world(rules, 1, Board::None, 10.0, (0.0, 7_500.0, 1_000.0));
    returns(&mut world, &[0.1]);
    near(told(&world).forced_sales, (1.5 * 7_500.0 - 11_000.0) / 0.5);
    returns(&mut world, &[0.13]);
    near(told(&world).forced_sales, 0.0);
}

#[test]
fn a_name_halted_on_the_as_of_date_catches_up_within_its_limit() {
    let mut world = world("margin.liquidation = \"115%\"", 5, Board::Main, 10.0, (0.0, 9_000.0, 1_000.0));
    world.instruments[0].halted = true;
    // two sessions away, and what it missed
    returns(&mut world, &[-0.1, -0.05 / 0.9, 0.0, 0.0, 0.0]);
    world.paths[0][..2].iter_mut().flatten().for_each(|quote| quote.halted = true);
    let path = told(&world);
    assert_eq!(prices(&path), [10.0, 10.0, 10.0, 9.0, 8.5, 8.5]);
    assert_eq!(path.accounts[0].first_close, Some(4));
    near(path.shortfall, 500.0);
}

#[test]
fn e13_a_conversion_rate_of_nothing_counts_nothing() {
    let rules = "margin = { call = \"130%\", cure-days = 3, haircuts = { base = \"collateral\" } }";
    let mut world = world(rules, 5, Board::Main, 10.0, (9_500.0, 10_000.0, 5_000.0));
    world.instruments[0].st = true;
    world.instruments[0].conversion = 0.0;
    let path = told(&world);
    near(path.days[0].accounts[0].ratio.unwrap(), 0.95);
    assert_eq!(path.called, 1);
}

#[test]
fn e15_regulation_t_asks_for_the_net_debit() {
    let rules = "margin.rulebook = \"us-reg-t\"\nclients.cure-probability = 1.0";
    let path = told(&world(rules, 5, Board::None, 10.0, (0.0, 10_000.0, 1_200.0)));
    near(path.call_amount, 1_000.0);
    near(path.days.iter().map(|day| day.accounts[0].payment).sum(), 1_000.0);
    assert_eq!((path.cured, path.liquidated), (1, 0));
}

#[test]
fn e16_shares_bought_on_the_as_of_day_are_sold_on_the_first_session() {
    let rules = "margin.liquidation = 1.10\nexchange = { price-limits = false, tick = 0, lot = 0, t-plus-one = true }";
    let mut world = world(rules, 3, Board::Main, 10.0, (0.0, 9_000.0, 1_000.0));
    world.positions[0].sellable_quantity = Some(0.0);
    returns(&mut world, &[-0.08, 8.5 / 9.2 - 1.0, 8.4 / 8.5 - 1.0]);
    let path = told(&world);
    assert_eq!(path.accounts[0].first_close, Some(1));
    near(path.pool_loss, 0.0);
}

#[test]
fn e17_a_shock_that_does_next_to_nothing_keeps_the_locks_of_the_drawn_day() {
    // the drawn day closed at its limit, but traded above it: what has to be sold is sold there
    let rules = |shock| format!("margin.liquidation = \"120%\"\n{shock}");
    let drift = "[[shocks]]\ndrift = { total = \"-0.0001%\" }";
    let mut losses = Vec::new();
    for shock in ["", drift] {
        let mut world = world(&rules(shock), 2, Board::Main, 10.0, (0.0, 10_000.0, 1_150.0));
        let day = |r, closed_down| vec![Quote { simple_return: r, closed_down, past: true, ..Quote::default() }];
        world.paths = vec![vec![day(-0.1, true), day(-0.1, true)]];
        let path = told(&world);
        assert_eq!(path.accounts[0].first_close, Some(1), "{shock}");
        losses.push(path.pool_loss);
    }
    near(losses[0], losses[1]);
}

#[test]
fn a_ratio_exactly_at_a_line() {
    // exactly at the liquidation line liquidates, exactly at the call line is not called
    let at = |loan| {
        told(&world("margin = { call = \"130%\", liquidation = \"110%\", cure-days = 9 }", 1, Board::None, 10.0, (0.0, loan, 143.0)))
    };
    assert_eq!((at(1_300.0).liquidated, at(1_300.0).called), (1, 0));
    assert_eq!((at(1_299.99).liquidated, at(1_299.99).called), (0, 1));
    assert_eq!((at(1_100.0).liquidated, at(1_100.0).called), (0, 0));
}

#[test]
fn the_falls_to_each_line_are_those_of_the_table() {
    // d = 1 − m·(L − 1)/L: the line is met at that fall and not a hair above it
    for (leverage, line, fall) in [(2.0, 1.5, 0.25), (3.0, 1.3, 0.1333333333), (4.0, 1.1, 0.175), (5.0, 1.1, 0.12), (10.0, 1.1, 0.01)] {
        for (more, liquidated) in [(1e-6, 1), (-1e-6, 0)] {
            let rules = format!("margin.liquidation = {line}");
            let mut world = world(&rules, 1, Board::None, 1.0, (0.0, 1_000.0 * (leverage - 1.0), 1_000.0 * leverage));
            returns(&mut world, &[-fall - more]);
            assert_eq!(told(&world).liquidated, liquidated, "{leverage} {line}");
        }
    }
}

#[test]
fn limit_downs_until_own_capital_is_gone() {
    for (board, leverage, days) in
        [(Board::Main, 4.0, 3), (Board::Main, 2.0, 7), (Board::Star, 4.0, 2), (Board::Star, 3.0, 2), (Board::Main, 8.0, 2)]
    {
        let rules = "margin.liquidation = \"101%\"\nexchange.tick = 0\n[[shocks]]\nlimit-downs = { first-day = 1, days = 10 }";
        let path = told(&world(rules, 10, board, 100.0, (0.0, 100.0 * (leverage - 1.0), leverage)));
        let own = |day: usize| path.days[day].symbols[0].price * leverage - 100.0 * (leverage - 1.0);
        assert!(own(days - 1) > 0.0 && own(days) <= 1e-9, "{leverage}");
        assert!(path.forced_sales == 0.0 && path.pool_loss > 0.0);
    }
}
