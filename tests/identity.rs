//! Holds every shock of size zero, and every rule at its neutral value, to the run without it: to the last bit.

use crate::support::world::{TIERS, World, first_worlds, on_the_board};
use crate::support::{programme, ratio, run};
use levertide::engine::outcome::Outcome;
use levertide::maths::random::Key;
use levertide::model::case::Case;
use levertide::model::client::Clients;
use levertide::model::client::payment::Payment;
use levertide::model::client::pre_emptive::PreEmptive;
use levertide::model::client::withdrawal::Withdrawal;
use levertide::model::exchange::{CarryOver, Costs, Exchange, StampDuty};
use levertide::model::history::{Market, flag};
use levertide::model::impact::{Feedback, Impact, almgren::Almgren, square_root::SquareRoot};
use levertide::model::liquidation::Liquidation;
use levertide::model::margin::Margin;
use levertide::model::margin::cap::InvestmentCap;
use levertide::model::margin::dynamic::{Dynamic, Method, ValueAtRisk};
use levertide::model::margin::haircut::{Base, Haircuts};
use levertide::model::margin::stop::Stop;
use levertide::model::margin::template::Template;
use levertide::model::margin::trigger::VolatilityTrigger;
use levertide::model::market::{MarketSpec, block_bootstrap::BlockBootstrap, replay::Replay};
use levertide::model::pool::Pool;
use levertide::model::pool::cash::{Cash, RecallOrder};
use levertide::model::pool::failure::Failure;
use levertide::model::pool::funding::{Funding, Run};
use levertide::model::pool::hedge::Hedge;
use levertide::model::pool::lending::Lending;
use levertide::model::pool::trigger::Trigger;
use levertide::model::shock::correlation::Correlation;
use levertide::model::shock::drift::Drift;
use levertide::model::shock::gap::Gap;
use levertide::model::shock::suspension::Suspension;
use levertide::model::shock::volatility::Volatility;
use levertide::model::shock::volume_dry_up::VolumeDryUp;
use levertide::model::shock::{Shock, Target};
use ndarray::Array2;
use std::collections::BTreeMap;

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
        let blocked = |outcome: &Outcome| outcome.symbol.locked_days.iter().sum::<f64>();
        plain += 2.0 * blocked(&outcomes[0]);
        shocked += blocked(&outcomes[1]) + blocked(&outcomes[2]);
    }
    // locks of the drawn days stay; a few are added where the limit binds a day that had none of its own
    assert!(plain > 500.0, "{plain} locked sessions");
    assert!((shocked / plain - 1.0).abs() < 0.15, "{shocked} locked sessions with a drift of a millionth, {plain} without");
}

/// What became of each account, and how many on each path.
fn fates(outcome: &Outcome) -> String {
    let (path, account) = (&outcome.path, &outcome.account);
    format!("{:?}", (&account.liquidated, &account.first_liquidation, &path.warned, &path.called, &path.cured, &path.liquidated))
}

/// Every sum of money of a run, by name. Sums are added in another order where accounts are passed over by other bounds, so that
/// they agree but for rounding.
fn money(outcome: &Outcome) -> Vec<(String, &[f64])> {
    let (path, account) = (&outcome.path, &outcome.account);
    let mut all: Vec<(String, &[f64])> = [
        ("pool_loss", &path.pool_loss),
        ("shortfall", &path.shortfall),
        ("recourse", &path.recourse),
        ("unallocated_loss", &path.unallocated_loss),
        ("lender_pnl", &path.lender_pnl),
        ("client_loss", &path.client_loss),
        ("forced_sales", &path.forced_sales),
        ("early_sales", &path.early_sales),
        ("client_withdrawals", &path.client_withdrawals),
        ("unsold", &path.unsold),
        ("sale_cost", &path.sale_cost),
        ("call_amount", &path.call_amount),
        ("loss of each account", &account.loss_sum),
        ("loss of each client", &account.client_loss_sum),
        ("sold of each symbol", &outcome.symbol.sold),
        ("value of the pool", &outcome.fan.value),
    ]
    .map(|(name, column)| (name.to_string(), &**column))
    .into();
    all.extend(path.tier_loss.iter().enumerate().map(|(tier, column)| (format!("loss of tier {tier}"), &**column)));
    all
}

/// The first sum of money that differs by more than a millionth, or a millionth of a millionth of itself.
fn differs(plain: &Outcome, other: &Outcome) -> Option<String> {
    money(plain).into_iter().zip(money(other)).find_map(|((name, plain), (_, other))| {
        assert_eq!(plain.len(), other.len(), "{name}");
        let apart = |(a, b): &(&f64, &f64)| (*a - *b).abs() > 1e-6 + 1e-12 * a.abs();
        plain.iter().zip(other).enumerate().find(|(_, pair)| apart(pair)).map(|(at, (a, b))| format!("{name}, place {at}: {a} and {b}"))
    })
}

/// Tries each rule at its neutral value beside the worlds' own.
fn try_neutral(base: impl Fn(&Case) -> Case, neutral: impl Fn(&Case) -> Vec<(&'static str, Case)>) {
    for world in first_worlds(WORLDS, 32) {
        let (world, market) = stormy(world, MarketSpec::default());
        let base = base(&world.case);
        let neutral = neutral(&base);
        let mut cases = vec![base];
        cases.extend(neutral.iter().map(|(_, case)| case.clone()));
        let outcomes = outcomes(&world, &market, cases);
        let plain = fates(&outcomes[0]);
        for ((name, _), outcome) in neutral.iter().zip(&outcomes[1..]) {
            assert!(fates(outcome) == plain, "{name}, seed {}", world.seed);
            if let Some(what) = differs(&outcomes[0], outcome) {
                panic!("{name}, seed {}: {what}", world.seed);
            }
        }
    }
}

#[test]
fn a_rule_of_the_market_at_its_neutral_value_changes_nothing() {
    try_neutral(Case::clone, |base| {
        let pushed = |impact: Impact| Feedback { impact, layers: false, ..Feedback::default() };
        let square_root = Impact::SquareRoot(SquareRoot { coefficient: 0.0, ..SquareRoot::default() });
        let almgren = Impact::Almgren(Almgren { permanent: 0.0, temporary: 0.0, ..Almgren::default() });
        let exchange = Exchange { continuation: 0.0, carry_over: CarryOver::Full, ..base.exchange.clone() };
        let costs = Costs { stamp_duty: StampDuty::Rate(ratio(0.0)), ..base.costs.clone() };
        vec![
            ("square-root impact", Case { feedback: pushed(square_root), ..base.clone() }),
            ("Almgren's impact", Case { feedback: pushed(almgren), ..base.clone() }),
            ("exchange", Case { exchange, ..base.clone() }),
            ("costs", Case { costs, ..base.clone() }),
        ]
    });
}

#[test]
fn a_margin_control_at_its_neutral_value_changes_nothing() {
    try_neutral(Case::clone, |base| {
        let with = |change: &dyn Fn(&mut Margin)| {
            let mut case = base.clone();
            change(&mut case.margin);
            case
        };
        let liquidation = Liquidation { daily_share: Some(ratio(1.0)), ..base.liquidation.clone() };
        let dynamic = |method| Dynamic { method, floor: ratio(1.0), cap: ratio(1.0), ..Dynamic::default() };
        let haircuts = |base, widening| Haircuts { base, widening, ..Haircuts::default() };
        // no price comes down to a millionth of its cost here
        let stop = Stop { position_loss: Some(ratio(0.999_999)), drawdown: None };
        // a market that moved by its whole value in a session would trip it
        let never = VolatilityTrigger {
            threshold: ratio(1.0),
            limit: Some(ratio(5.0)),
            cut_to_leverage: Some(1.1),
            ..VolatilityTrigger::default()
        };
        // it always trips, and touches nobody
        let spares = VolatilityTrigger { threshold: ratio(1e-9), ..VolatilityTrigger::default() };
        vec![
            ("lines that stay", with(&|m| m.dynamic = Some(dynamic(Method::Volatility)))),
            ("lines that stay, by value at risk", with(&|m| m.dynamic = Some(dynamic(Method::ValueAtRisk(ValueAtRisk::default()))))),
            ("haircuts of nothing", with(&|m| m.haircuts = haircuts(Base::Flat(ratio(0.0)), 3.0))),
            ("haircuts of nothing, by conversion rate", with(&|m| m.haircuts = haircuts(Base::Collateral, 3.0))),
            ("a stop out of reach", with(&|m| m.stop = stop.clone())),
            ("a trigger that never trips", with(&|m| m.volatility_trigger = Some(never.clone()))),
            ("a trigger that asks for nothing", with(&|m| m.volatility_trigger = Some(spares.clone()))),
            ("a template that is not enforced", with(&|m| m.template = Some(Template::default()))),
            ("initial margin", with(&|m| m.initial_margin = Some(ratio(0.5)))),
            ("a withdrawal line that nobody uses", with(&|m| m.withdrawal = Some(ratio(3.0)))),
            ("an investment cap", with(&|m| m.investment_cap = Some(InvestmentCap::default()))),
            ("cured at the call line", with(&|m| m.cured_at = m.call)),
            ("delay of the liquidation", with(&|m| m.delay_days = Some(base.liquidation.delay_days))),
            ("all of a position a session", Case { liquidation, ..base.clone() }),
        ]
    });
}

#[test]
fn a_client_behaviour_at_its_neutral_value_changes_nothing() {
    try_neutral(Case::clone, |base| {
        let with = |change: &dyn Fn(&mut Clients)| {
            let mut case = base.clone();
            change(&mut case.clients);
            case
        };
        let everybody = |clients: &Clients| BTreeMap::from([("g1".to_string(), clients.cure_probability)]);
        let nothing = |probability: f64, share: f64| Withdrawal { probability: ratio(probability), share: ratio(share), borrow: true };
        vec![
            ("answers by grade", with(&|c| c.cure_probability_by_grade = everybody(c))),
            ("delays by grade", with(&|c| c.cure_delay_days_by_grade = BTreeMap::from([("g2".to_string(), c.cure_delay_days)]))),
            ("whole payments by grade", with(&|c| c.payment_by_grade = BTreeMap::from([("g1".to_string(), Payment::default())]))),
            ("selling ahead of nothing", with(&|c| c.pre_emptive = Some(PreEmptive { intensity: ratio(0.0), ..PreEmptive::default() }))),
            ("taking out with no probability", with(&|c| c.withdrawal = Some(nothing(0.0, 1.0)))),
            ("taking out nothing", with(&|c| c.withdrawal = Some(nothing(1.0, 0.0)))),
        ]
    });
}

#[test]
fn a_key_of_the_pool_at_its_neutral_value_changes_nothing() {
    try_neutral(Case::clone, |base| {
        let with = |change: &dyn Fn(&mut Pool)| {
            let mut case = base.clone();
            change(&mut case.pool);
            case
        };
        let zero = |tier: &str| BTreeMap::from([(tier.to_string(), ratio(0.0))]);
        let capital = TIERS.iter().map(|(tier, money)| (tier.to_string(), *money)).collect::<BTreeMap<_, _>>();
        vec![
            ("lines that stand no higher", with(&|p| p.line_add = zero("A"))),
            ("the capital that the funding file adds up to", with(&|p| p.capital = capital.clone())),
            ("a part of the order that stands for the rest", with(&|p| p.loss_order = vec!["C".into()])),
            (
                "a pool kept daily, whose funders and loans stay",
                with(&|p| p.cash = Some(Cash { recall: RecallOrder::None, ..Cash::default() })),
            ),
        ]
    });
    let kept = |case: &Case| {
        let cash = Cash { recall: RecallOrder::None, ..Cash::default() };
        Case { pool: Pool { cash: Some(cash), ..case.pool.clone() }, ..case.clone() }
    };
    try_neutral(kept, |base| {
        let with = |change: &dyn Fn(&mut Pool)| {
            let mut case = base.clone();
            change(&mut case.pool);
            case
        };
        let never = Trigger {
            name: "never".into(),
            buffer_days: Some(0.0),
            pool_loss: Some(ratio(1.0)),
            stress: Some(ratio(1.0)),
            ..Trigger::default()
        };
        let zero = |tier: &str| BTreeMap::from([(tier.to_string(), ratio(0.0))]);
        vec![
            ("funding that rolls", with(&|p| p.funding = Some(Funding::default()))),
            ("funders who never run", with(&|p| p.run = Some(Run::default()))),
            ("a hedge of nothing", with(&|p| p.hedge = Some(Hedge { ratio: ratio(0.0), ..Hedge::default() }))),
            ("nothing fails", with(&|p| p.failure = Some(Failure::default()))),
            ("a trigger that does nothing", with(&|p| p.triggers = vec![never.clone()])),
            ("nothing is put back", with(&|p| p.replenish_daily = zero("C"))),
            ("rates of the accounts file", with(&|p| p.lending = Some(Lending::default()))),
        ]
    });
}
