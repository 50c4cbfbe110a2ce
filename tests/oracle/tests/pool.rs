//! Holds the pool kept daily against values worked out by hand.

use levertide_oracle::programme::{Board, Programme};
use levertide_oracle::story::{PathStory, Why};
use levertide_oracle::world::{Account, Draw, Instrument, Position, Purpose, Quote, Source};
use levertide_oracle::{Date, World, run};

/// Clients of 1,000 shares at 10 against a loan each, and one funding source a tier.
fn world(rules: &str, sessions: usize, loans: &[(&str, f64)], funding: &[(&str, f64, Option<&str>)]) -> World {
    let text = format!("as-of = \"2015-06-12\"\n{rules}");
    let mut world = World { programme: Programme::read(&text).unwrap(), ..World::default() };
    world.instruments = vec![Instrument { symbol: "X".into(), board: Board::None, price: 10.0, ..Instrument::default() }];
    for (at, (tier, loan)) in loans.iter().enumerate() {
        let account_id = format!("c{at}");
        world.positions.push(Position { account_id: account_id.clone(), symbol: "X".into(), quantity: 1000.0, ..Position::default() });
        world.accounts.push(Account { account_id, tier: (*tier).into(), loan: *loan, ..Account::default() });
    }
    for (at, (tier, amount, maturity)) in funding.iter().enumerate() {
        let maturity_date = maturity.map(|day| Date::read(day).unwrap());
        world.funding.push(Source {
            source_id: format!("s{at}"),
            tier: (*tier).into(),
            amount: *amount,
            maturity_date,
            ..Source::default()
        });
    }
    world.stand_still(sessions);
    world
}

fn told(world: &World) -> PathStory {
    run(world).paths.remove(0)
}

fn falls(world: &mut World, returns: &[f64]) {
    world.paths = vec![returns.iter().map(|r| vec![Quote { simple_return: *r, ..Quote::default() }]).collect()];
}

fn near(found: f64, right: f64) {
    assert!((found - right).abs() < 5e-3, "{found} where {right} is right");
}

#[test]
fn survival_is_cash_over_outflow_to_the_session() {
    // a source of 100 falls due a session and does not roll; 350 of cash pay three of them
    let days = ["2015-06-15", "2015-06-16", "2015-06-17", "2015-06-18", "2015-06-19"];
    let funding: Vec<(&str, f64, Option<&str>)> = days.iter().map(|day| ("A", 100.0, Some(*day))).collect();
    let rules =
        "[pool]\nloss-order = [\"A\"]\ncash = { idle = \"70%\", recall = \"none\", grace-days = 9 }\nfunding = { roll-probability = 0 }";
    let path = told(&world(rules, 5, &[("A", 400.0)], &funding));
    let pool = path.pool.unwrap();
    near(pool.survival_days, 3.0);
    near(pool.unpaid_end, 150.0);
    // 350 of cash over 500 that leave in five sessions
    near(path.days[0].pool.as_ref().unwrap().buffer_days, 3.5);
    near(pool.funding_withdrawn, 500.0);
    near(pool.cash_min, 0.0);
}

#[test]
fn an_unpaid_claim_calls_loans_back_and_then_fails_the_junior_tier() {
    let rules = "[pool]\nloss-order = [\"B\", \"A\"]\ncash = { idle = \"0%\" }\nfunding = { roll-probability = 0 }";
    let path = told(&world(rules, 4, &[("A", 3_000.0), ("A", 1_000.0)], &[("B", 2_000.0, Some("2015-06-15")), ("A", 2_000.0, None)]));
    let day = |day: usize| path.days[day].pool.as_ref().unwrap();
    // session 1: 2,000 due, nothing in cash, half of every loan is called back
    near(day(1).unpaid, 2_000.0);
    near(day(1).recalled, 2_000.0);
    // session 2: shares are sold, the money settles; one session of grace is over
    let sold: f64 = path.days[2].accounts.iter().flat_map(|a| &a.sales).filter(|s| s.why == Why::Recall).map(|s| s.proceeds).sum();
    near(sold, 2_000.0);
    near(path.days[2].accounts[0].loan, 1_500.0);
    near(day(2).transit, 2_000.0);
    assert_eq!(day(2).failed_tiers, ["B"]);
    // session 3: the claim is on a failed tier and waits; the cash stays
    near(day(3).cash, 2_000.0);
    near(day(3).unpaid, 2_000.0);
    // with two sessions of grace it is paid
    let patient = rules.replace("idle = \"0%\"", "idle = \"0%\", grace-days = 2");
    let path = told(&world(&patient, 4, &[("A", 3_000.0), ("A", 1_000.0)], &[("B", 2_000.0, Some("2015-06-15")), ("A", 2_000.0, None)]));
    near(path.days[3].pool.as_ref().unwrap().unpaid, 0.0);
    assert!(path.pool.unwrap().tier_failed.is_empty());
}

#[test]
fn recourse_that_comes_late_restores_the_senior_tier_first() {
    // a fall of 40 % leaves 9,000 − 6,000 = 3,000: C 1,000, B 2,000
    let rules = "margin.liquidation = \"105%\"\n[pool]\nrecourse = \"50%\"\nrecourse-delay-days = 2\n[pool.cash]";
    let funding = [("C", 1_000.0, None), ("B", 4_000.0, None), ("A", 5_000.0, None)];
    let mut world = world(rules, 4, &[("A", 9_000.0)], &funding);
    falls(&mut world, &[-0.4, 0.0, 0.0, 0.0]);
    let path = told(&world);
    near(path.shortfall, 3_000.0);
    near(path.days[2].pool.as_ref().unwrap().loss, 3_000.0);
    near(path.days[3].pool.as_ref().unwrap().loss, 1_500.0);
    near(path.tier_loss["C"], 1_000.0);
    near(path.tier_loss["B"], 500.0);
    near(path.pool_loss, 1_500.0);
    near(path.recourse, 1_500.0);
    // the cash: 1,000 idle, 6,000 repaid, 1,500 recovered
    near(path.days[4].pool.as_ref().unwrap().cash, 8_500.0);
}

#[test]
fn a_hedge_earns_what_the_index_loses() {
    let rules =
        "[pool]\nloss-order = [\"C\"]\ncash = { idle = \"50%\" }\nhedge = { ratio = \"20%\", cost-annual = \"3.65%\", margin = \"10%\" }";
    let mut world = world(rules, 1, &[("C", 1_000.0)], &[("C", 1_000.0, None)]);
    falls(&mut world, &[-0.1]);
    let path = told(&world);
    // 200 short: 20 of the fall, less 200·3.65 %·3/365 for the weekend
    near(path.pool.as_ref().unwrap().hedge_result, 20.0 - 0.06);
    near(path.days[1].pool.as_ref().unwrap().cash, 500.0 - 20.0 + 19.94);
    near(path.lender_pnl, 19.94);
}

#[test]
fn a_run_takes_its_part_of_the_losses_with_it() {
    // B lost 500 of 4,000 when a source of 1,000 leaves: it gets 875
    let rules = "margin.liquidation = \"105%\"\n[pool.run]\nhazard-daily = \"50%\"\nloss-weight = 0\nbuffer-weight = 0\nstress-weight = 0\n[pool.cash]\nidle = \"50%\"";
    let mut world = world(rules, 2, &[("B", 6_500.0)], &[("B", 1_000.0, None), ("B", 3_000.0, None)]);
    world.funding[0].runnable = true;
    falls(&mut world, &[-0.4, 0.0]);
    let draw = |number, value| Draw { purpose: Purpose::Run, path: 0, who: "s0".into(), number, value };
    world.draws = vec![draw(1, 0.6), draw(2, 0.49)];
    let path = told(&world);
    let pool = path.pool.unwrap();
    near(pool.written_down, 125.0);
    near(pool.funding_withdrawn, 1_000.0);
    assert_eq!(pool.sources_run, 1);
    near(path.days[2].pool.as_ref().unwrap().unpaid, 0.0);
}

#[test]
fn e14_what_is_overdue_is_claimed_at_once() {
    let rules = "[pool]\nloss-order = [\"A\"]\n[pool.cash]\nidle = \"1%\"\n[pool.funding]\nroll-probability = 0\nloan-roll-probability = 0";
    let mut world = world(rules, 5, &[("A", 1_000.0), ("A", 1_000.0)], &[("A", 2_000.0, Some("2015-05-15"))]);
    world.accounts[0].maturity_date = Some(Date::read("2015-05-01").unwrap());
    let path = told(&world);
    near(path.days[1].pool.as_ref().unwrap().withdrawn, 2_000.0);
    // the loan is called back before the session's decisions, the other one for the claim
    near(path.days[1].accounts[0].loan, 0.0);
    near(path.days[1].accounts[1].loan, 1_000.0);
    // 20 of cash met a part of it
    near(path.days[2].accounts[1].loan, 20.0);
}

#[test]
fn a_custodian_takes_cash_and_securities_with_it() {
    let rules =
        "[pool]\nloss-order = [\"C\"]\ncash = { idle = \"50%\" }\n[pool.failure.custodian]\nday = 1\ncash-share = \"50%\"\nfrozen-days = 2";
    let mut world = world(rules, 4, &[("C", 1_000.0)], &[("C", 1_000.0, None)]);
    world.programme.margin.limit = Some(9.9);
    world.programme.margin.limit_action = Some(levertide_oracle::programme::LimitAction::ReduceTo(9.9));
    let path = told(&world);
    // 250 of 500 lie with it: 25 are gone, 225 frozen for two sessions; a tenth of the shares is gone, the rest waits
    near(path.tier_loss["C"], 25.0);
    near(path.days[1].pool.as_ref().unwrap().frozen, 225.0);
    near(path.days[3].pool.as_ref().unwrap().frozen, 0.0);
    near(path.pool.unwrap().client_custody_loss, 1_000.0);
    near(path.days[2].accounts[0].shares[0], 900.0);
}
