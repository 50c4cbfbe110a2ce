//! Holds every shock of size zero, and every rule at its neutral value, to the run without it: to the last bit.

use crate::support::world::{World, first_worlds, on_the_board};
use crate::support::{programme, ratio, run};
use levertide::engine::outcome::Outcome;
use levertide::maths::random::Key;
use levertide::model::case::Case;
use levertide::model::exchange::{CarryOver, Exchange};
use levertide::model::history::{Market, flag};
use levertide::model::impact::{Feedback, Impact, square_root::SquareRoot};
use levertide::model::market::{MarketSpec, block_bootstrap::BlockBootstrap, replay::Replay};
use levertide::model::shock::correlation::Correlation;
use levertide::model::shock::drift::Drift;
use levertide::model::shock::gap::Gap;
use levertide::model::shock::suspension::Suspension;
use levertide::model::shock::volatility::Volatility;
use levertide::model::shock::volume_dry_up::VolumeDryUp;
use levertide::model::shock::{Shock, Target};
use ndarray::Array2;

const WORLDS: u32 = 25;

/// A world on the main board that draws past days with halts, closes and locks at either limit, and days filled from a proxy.
fn stormy(world: World, spec: MarketSpec) -> (World, Market) {
    let mut world = on_the_board(world, 50.0, 0.5);
    let mut market = world.market();
    let (days, width) = (40, world.prices.len());
    let history = &mut market.history;
    while history.dates.len() < days {
        history.dates.push(history.dates[history.dates.len() - 1].next_weekday());
    }
    let (mut returns, mut flags) = (Vec::new(), Vec::new());
    for cell in 0..(days * width) as u64 {
        let pick = |n: u64| (Key([3, world.seed as u32]).uniform(cell, n as u32), 0.0);
        let (u, r) = (pick(0).0, 0.08 * (pick(1).0 - 0.5));
        let (r, state) = match (u * 20.0) as u32 {
            0 => (0.0, flag::HALTED),
            1 => (-0.1, flag::CLOSE_DOWN | flag::LOCKED_DOWN | flag::INTRADAY),
            2 => (-0.1, flag::CLOSE_DOWN | flag::INTRADAY),
            3 => (0.1, flag::CLOSE_UP | flag::INTRADAY),
            4 => (-0.1, flag::CLOSE_DOWN),
            6 => (3.0 * r, flag::PROXY),
            _ => (r, flag::INTRADAY),
        };
        returns.push(r);
        flags.push(flag::PRESENT | state);
    }
    history.simple_return = Array2::from_shape_vec((days, width), returns).expect("days of all names");
    history.flags = Array2::from_shape_vec((days, width), flags).expect("days of all names");
    world.case.market = spec;
    world.case.estimation.end = history.dates.last().copied();
    (world, market)
}

fn outcomes(world: &World, market: &Market, cases: Vec<Case>) -> Vec<Outcome> {
    run(&programme(world.seed, cases), &world.book(), market)
}

/// Everything a run came to but its contagion's layers; two runs agree when this text does, since it holds every digit.
fn text(outcome: &Outcome) -> String {
    format!("{:?}\n{:?}\n{:?}\n{:?}\n{:?}", outcome.path, outcome.pool, outcome.account, outcome.symbol, outcome.fan)
}

fn zero_shocks() -> Vec<(&'static str, Shock)> {
    let (on, zero) = (Target::All, ratio(0.0));
    let drift = |annual, total| Shock::Drift(Drift { annual, total, first_day: 1, last_day: None, on: Target::All });
    vec![
        ("gap", Shock::Gap(Gap { day: 1, size: zero, on: on.clone() })),
        ("annual drift", drift(Some(zero), None)),
        ("total drift", drift(None, Some(zero))),
        ("volatility", Shock::Volatility(Volatility { multiple: 1.0, first_day: 1, last_day: None, on: on.clone() })),
        ("correlation", Shock::Correlation(Correlation { pull: zero, first_day: 1, last_day: None, on: on.clone() })),
        ("volume", Shock::VolumeDryUp(VolumeDryUp { multiple: ratio(1.0), first_day: 1, last_day: None, on: on.clone() })),
        ("suspension of none", Shock::Suspension(Suspension { share: zero, first_day: 1, days: 3, on: on.clone() })),
        ("suspension of no days", Shock::Suspension(Suspension { share: ratio(1.0), first_day: 1, days: 0, on })),
    ]
}

#[test]
fn a_shock_of_size_zero_changes_nothing() {
    let start = crate::support::market(&[1.0]).history.dates[0];
    for spec in [MarketSpec::BlockBootstrap(BlockBootstrap::default()), MarketSpec::Replay(Replay { start })] {
        for world in first_worlds(WORLDS, 32) {
            let (world, market) = stormy(world, spec.clone());
            let shocks = zero_shocks();
            let mut cases = vec![world.case.clone()];
            cases.extend(shocks.iter().map(|(_, shock)| Case { shocks: vec![shock.clone()], ..world.case.clone() }));
            cases.push(Case { shocks: shocks.iter().map(|(_, shock)| shock.clone()).collect(), ..world.case.clone() });
            let outcomes = outcomes(&world, &market, cases);
            let base = text(&outcomes[0]);
            for (at, outcome) in outcomes.iter().enumerate().skip(1) {
                let name = shocks.get(at - 1).map_or("all of them", |(name, _)| name);
                assert!(text(outcome) == base, "{}: {name}, seed {}", spec.key(), world.seed);
            }
        }
    }
}

#[test]
fn a_shock_that_is_hardly_there_hardly_changes_anything() {
    let (mut plain, mut shocked) = (0.0, 0.0);
    for world in first_worlds(WORLDS, 64) {
        let (world, market) = stormy(world, MarketSpec::default());
        // what a shock touches the limit binds: no day without a limit here, and none that its proxy carries beyond it
        let drift =
            |total: f64| Shock::Drift(Drift { annual: None, total: Some(ratio(total)), first_day: 1, last_day: None, on: Target::All });
        let with = |size: f64| Case { shocks: vec![drift(size)], ..world.case.clone() };
        let outcomes = outcomes(&world, &market, vec![world.case.clone(), with(-1e-6), with(1e-6)]);
        let blocked = |outcome: &Outcome| outcome.symbol.locked_days.iter().sum::<u64>() as f64;
        plain += 2.0 * blocked(&outcomes[0]);
        shocked += blocked(&outcomes[1]) + blocked(&outcomes[2]);
    }
    // locks of the drawn days stay; a few are added where the limit binds a day that had none of its own
    assert!(plain > 500.0, "{plain} locked sessions");
    assert!((shocked / plain - 1.0).abs() < 0.15, "{shocked} locked sessions with a drift of a millionth, {plain} without");
}

#[test]
fn a_rule_at_its_neutral_value_changes_nothing() {
    for world in first_worlds(WORLDS, 32) {
        let (world, market) = stormy(world, MarketSpec::default());
        let pushed = |impact: Impact| Feedback { impact, layers: false, ..Feedback::default() };
        let square_root = Impact::SquareRoot(SquareRoot { coefficient: 0.0, ..SquareRoot::default() });
        let exchange = Exchange { continuation: 0.0, carry_over: CarryOver::Full, ..world.case.exchange.clone() };
        let neutral = [
            ("square-root impact", Case { feedback: pushed(square_root), ..world.case.clone() }),
            ("exchange", Case { exchange, ..world.case.clone() }),
        ];
        let mut cases = vec![world.case.clone()];
        cases.extend(neutral.iter().map(|(_, case)| case.clone()));
        let outcomes = outcomes(&world, &market, cases);
        let key = |o: &Outcome| {
            format!("{:?}\n{:?}", (&o.account.liquidated, &o.account.first_liquidation), (&o.path.pool_loss, &o.path.shortfall))
        };
        for ((name, _), outcome) in neutral.iter().zip(&outcomes[1..]) {
            assert!(key(outcome) == key(&outcomes[0]), "{name}, seed {}", world.seed);
        }
    }
}
