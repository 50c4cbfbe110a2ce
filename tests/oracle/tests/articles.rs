//! Holds the oracle against the worked numbers of the articles that first described such a platform.

use levertide_oracle::programme::{Board, Programme};
use levertide_oracle::story::PathStory;
use levertide_oracle::world::{Account, Instrument, Position, Quote};
use levertide_oracle::{Date, World, run};

/// Own capital of 100,000 at a leverage, thirty days in one session, and a move of the price.
fn told(rules: &str, leverage: f64, rate_annual: f64, rise: f64) -> PathStory {
    let mut world = World { programme: Programme::read(&format!("as-of = \"2015-06-12\"\n{rules}")).unwrap(), ..World::default() };
    world.instruments = vec![Instrument { symbol: "X".into(), board: Board::None, price: 1.0, ..Instrument::default() }];
    let loan = 100_000.0 * (leverage - 1.0);
    world.accounts = vec![Account {
        account_id: "a".into(),
        tier: "A".into(),
        loan,
        rate_annual,
        own_capital_initial: Some(100_000.0),
        ..Account::default()
    }];
    world.positions = vec![Position { account_id: "a".into(), symbol: "X".into(), quantity: 100_000.0 * leverage, ..Position::default() }];
    world.sessions = vec![Date::read("2015-07-12").unwrap()];
    world.paths = vec![vec![vec![Quote { simple_return: rise, ..Quote::default() }]]];
    run(&world).paths.remove(0)
}

fn near(found: f64, right: f64) {
    assert!((found - right).abs() < 0.02, "{found} where {right} is right");
}

#[test]
fn three_times_at_six_per_cent_split_seventy_to_thirty() {
    let split = "[sharing]\nplatform-fee = \"1%\"\nmode = { fixed-split = { client = \"70%\" } }\n";
    let exposure = format!("interest.interest-base = \"exposure\"\n{split}");
    for (rules, interest, client, lender) in [(&*exposure, 1_479.45, 19_754.38, 8_466.16), (split, 986.30, 20_099.59, 8_614.11)] {
        let path = told(rules, 3.0, 0.06, 0.1);
        near(path.days[1].accounts[0].accrued_interest, interest);
        near(-path.client_loss, client);
        near(path.lender_pnl, lender + interest + 300.0);
        near(path.lender_pnl - path.client_loss, 30_000.0);
        // a loss pays no fee and is the client's
        let path = told(rules, 3.0, 0.06, -0.1);
        near(path.client_loss, 30_000.0 + interest);
        near(100_000.0 - path.client_loss, if interest > 1_000.0 { 68_520.55 } else { 69_013.70 });
    }
}

#[test]
fn five_times_at_eight_per_cent() {
    let fee = "sharing.exposure-fee = \"0.1%\"\n";
    near(-told(fee, 5.0, 0.08, 0.1).client_loss, 46_869.86);
    near(-told(fee, 5.0, 0.08, -0.1).client_loss, -53_130.14);
    near(told(fee, 5.0, 0.08, 0.1).days[1].accounts[0].accrued_interest, 2_630.14);
    near(told(&format!("{fee}interest.day-count = 360"), 5.0, 0.08, 0.1).days[1].accounts[0].accrued_interest, 2_666.67);
    // the zero of own capital, with the whole fee: a fall of 19.3740 %
    near(told(fee, 5.0, 0.08, -0.193_739_726).client_loss, 100_000.0);
}

#[test]
fn five_times_opens_below_the_call_line_and_is_sold_seven_points_before_its_capital_is_gone() {
    let line = "margin.liquidation = \"110%\"";
    assert_eq!(told(line, 5.0, 0.0, -0.11999).liquidated, 0);
    assert_eq!(told(line, 5.0, 0.0, -0.12001).liquidated, 1);
    // thirty days of interest bring the line to 11.42 %
    assert_eq!(told(line, 5.0, 0.08, -0.1142).liquidated, 0);
    assert_eq!(told(line, 5.0, 0.08, -0.1143).liquidated, 1);
    let called = told("margin = { call = \"130%\", cure-days = 9 }", 5.0, 0.0, 0.0);
    assert_eq!(called.accounts[0].first_call, Some(0));
}
