//! Runs made worlds with many rules on at once: what is asserted on the way must hold, and what no rule may do is not done.

use levertide_oracle::programme::{Board, Programme};
use levertide_oracle::story::{Story, Why};
use levertide_oracle::world::{Account, Draw, Instrument, Position, Purpose, Quote, Source};
use levertide_oracle::{Date, World, run};

/// A plain generator of numbers.
struct Dice(u64);

impl Dice {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[(self.uniform() * from.len() as f64) as usize]
    }
}

/// Each row is one feature: on in one of its ways, or off.
const FEATURES: [&[&str]; 16] = [
    &["", "[liquidation.adl]\nupper = \"135%\"\nlower = \"112%\"", "[clients.pre-emptive]\nintensity = \"20%\""],
    &["", "[margin.stop]\nposition-loss = \"15%\"\ndrawdown = \"60%\""],
    &["", "[margin.haircuts]\nbase = \"collateral\"\nwidening = 1", "[margin.haircuts]\nbase = { flat = \"5%\" }"],
    &["", "[margin.volatility-trigger]\nthreshold = \"3%\"\nlimit = \"150%\"\ncut-to-leverage = 2.5"],
    &["", "[margin.dynamic]\nbuffer = \"25%\"", "[margin.dynamic.method.value-at-risk]\ndays = 3"],
    &["", "[margin.template]\nenforce = true"],
    &["", "[feedback.impact.square-root]", "[feedback.impact.linear]\ndepth = 0.8", "[feedback.impact.almgren]"],
    &["", "[clients.withdrawal]\nprobability = \"50%\""],
    &["", "[[shocks]]\ngap = { day = 2, size = \"-25%\" }", "[[shocks]]\nlimit-downs = { first-day = 2, days = 2 }"],
    &["", "[[shocks]]\nsuspension = { first-day = 3, days = 2, share = \"50%\" }", "[[shocks]]\ndrift = { total = \"-20%\" }"],
    &["", "[[shocks]]\nvolume-dry-up = { multiple = \"20%\" }", "[[shocks]]\npinned-path = { total = \"-30%\" }"],
    &["", "[pool.line-add]\nA = \"5%\""],
    &[
        "",
        "[interest]\ninterest-base = \"exposure\"\nday-count = 360",
        "[sharing]\nplatform-fee = \"1%\"\nmode = { fixed-split = { client = \"70%\" } }",
    ],
    &["", "[pool.cash]\nidle = \"3%\"", "[pool.cash]\ncycle-days = 5\nminimum = \"2%\"\nrecall = \"riskiest-first\""],
    &[
        "",
        "[pool.replenish-daily]\nC = \"10%\"\n[pool.run]\nhazard-daily = \"10%\"\nshare = \"60%\"\n[pool.hedge]\nratio = \"10%\"\ncost-annual = \"5%\"",
    ],
    &[
        "",
        "[pool.funding]\nroll-probability = \"30%\"\nloan-roll-probability = \"50%\"\n[pool.lending.loan-to-value]",
        "[pool.failure]\nsources = [\"s1\"]\n[pool.failure.custodian]\nday = 3\nclient-share = \"50%\"\nfrozen-days = 3",
    ],
];

fn world(seed: u64) -> World {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    dice.uniform();
    let order = dice.pick(&["pro-rata", "most-liquid-first", "largest-first", "losers-first"]);
    let limit = dice.pick(&["", "limit-action = { reduce-to = \"145%\" }\n"]);
    let restore = dice.pick(&["", "restore-to = \"140%\"\n"]);
    let lot = dice.pick(&["0", "100"]);
    let participation = dice.pick(&["", "participation = \"15%\"\n"]);
    let carry = dice.pick(&["full", "none"]);
    let mut rules = format!(
        "as-of = \"2015-06-12\"\n[exchange]\nlot = {lot}\ncarry-over = \"{carry}\"\ncontinuation = 0.3\n[costs]\ncommission = \"0.1%\"\nstamp-duty = \"china\"\n\
         [margin]\nwarning = \"150%\"\nlimit = \"140%\"\ncall = \"130%\"\ncure-days = 2\nliquidation = \"110%\"\n{limit}{restore}\
         [liquidation]\ncost = \"0.5%\"\ndelay-days = 1\norder = \"{order}\"\n{participation}[clients]\ncure-probability = \"50%\"\n[pool]\nrecourse = \"20%\"\n"
    );
    let feature: Vec<&str> = FEATURES.iter().map(|ways| dice.pick(ways)).collect();
    for text in feature {
        rules.push_str(text);
        rules.push('\n');
    }
    // a pool's rules need its cash
    if !rules.contains("[pool.cash]") {
        let cut = rules.find("[pool.replenish").into_iter().chain(rules.find("[pool.funding]")).chain(rules.find("[pool.failure]")).min();
        rules.truncate(cut.unwrap_or(rules.len()));
    }
    let mut world = World { programme: Programme::read(&rules).unwrap_or_else(|why| panic!("{why}\n{rules}")), ..World::default() };
    for (at, board) in [Board::Main, Board::Star, Board::None].into_iter().enumerate() {
        world.instruments.push(Instrument {
            symbol: format!("S{at}"),
            board,
            st: dice.uniform() < 0.2,
            conversion: dice.between(0.5, 1.0),
            price: (dice.between(5.0, 30.0) * 100.0).round() / 100.0,
            adv_amount: Some(dice.between(1e5, 1e6)),
            ..Instrument::default()
        });
    }
    for at in 0..5 {
        let account_id = format!("c{at}");
        let mut value = 0.0;
        for instrument in &world.instruments {
            let quantity = (dice.between(0.0, 8_000.0)).floor();
            value += quantity * instrument.price;
            world.positions.push(Position {
                account_id: account_id.clone(),
                symbol: instrument.symbol.clone(),
                quantity,
                ..Position::default()
            });
        }
        let leverage = dice.between(1.3, 4.5);
        world.accounts.push(Account {
            account_id,
            tier: dice.pick(&["A", "B", "C"]).into(),
            cash: value * dice.between(0.0, 0.1),
            loan: value * (leverage - 1.0) / leverage,
            rate_annual: 0.08,
            maturity_date: (dice.uniform() < 0.3).then(|| Date::read("2015-06-17").unwrap()),
            ..Account::default()
        });
    }
    let loans: f64 = world.accounts.iter().map(|account| account.loan).sum();
    for (at, tier) in ["A", "B", "C", "A"].into_iter().enumerate() {
        let maturity_date = (at == 2).then(|| Date::read("2015-06-18").unwrap());
        world.funding.push(Source {
            source_id: format!("s{at}"),
            tier: tier.into(),
            amount: loans * 0.27,
            rate_annual: 0.05,
            maturity_date,
            runnable: at % 2 == 1,
        });
    }
    let quote = |dice: &mut Dice| Quote {
        simple_return: dice.between(-0.08, 0.07),
        past: dice.uniform() < 0.3,
        volume: dice.between(0.2, 2.0),
        ..Quote::default()
    };
    world.paths = (0..2).map(|_| (0..8).map(|_| (0..3).map(|_| quote(&mut dice)).collect()).collect()).collect();
    for path in 0..2 {
        for number in 0..=8 {
            for at in 0..5 {
                for purpose in [Purpose::Answer, Purpose::Withdrawal, Purpose::LoanRoll, Purpose::Custody] {
                    world.draws.push(Draw { purpose, path, who: format!("c{at}"), number, value: dice.uniform() });
                }
                for purpose in [Purpose::Roll, Purpose::Run, Purpose::Suspension] {
                    world.draws.push(Draw {
                        purpose,
                        path,
                        who: format!("{}{at}", if purpose == Purpose::Suspension { "S" } else { "s" }),
                        number,
                        value: dice.uniform(),
                    });
                }
            }
        }
    }
    world
}

fn look(world: &World, story: &Story) {
    for path in &story.paths {
        for entries in path.entries.chunk_by(|a, b| a.entry == b.entry) {
            let (sum, size) = entries.iter().fold((0.0, 0.0), |(sum, size), leg| (sum + leg.amount, size + leg.amount.abs()));
            assert!(f64::abs(sum) <= 0.005 + 1e-9 * size);
        }
        let borne: f64 = path.tier_loss.values().sum::<f64>() + path.unallocated_loss;
        assert!((path.pool_loss - borne).abs() < 0.01, "{} {borne}", path.pool_loss);
        assert!(path.pool_loss >= -0.01 && path.shortfall >= 0.0);
        for (day, next) in path.days.iter().zip(&path.days[1..]) {
            for (at, symbol) in next.symbols.iter().enumerate() {
                let sales: Vec<_> = next.accounts.iter().flat_map(|account| &account.sales).filter(|sale| sale.symbol == at).collect();
                if symbol.halted || symbol.locked {
                    assert!(sales.is_empty());
                }
                if let Some(part) = world.programme.liquidation.participation {
                    // the average times at most twice
                    assert!(symbol.sold <= part * world.instruments[at].adv_amount.unwrap() * 2.0 + 0.01);
                }
            }
            for (before, after) in day.accounts.iter().zip(&next.accounts) {
                for (at, (was, is)) in before.shares.iter().zip(&after.shares).enumerate() {
                    assert!(*is >= 0.0 && *is <= *was + 1e-6);
                    let sold: f64 = after.sales.iter().filter(|sale| sale.symbol == at).map(|sale| sale.shares).sum();
                    assert!(sold <= was - is + 1e-6);
                }
                assert!(after.cash >= -1e-6 && after.loan >= -1e-6 && after.accrued_interest >= -1e-6);
                let out = after.sales.iter().any(|sale| sale.why == Why::CloseOut);
                assert!(!out || after.sales.iter().all(|sale| sale.why == Why::CloseOut));
            }
        }
    }
}

#[test]
fn made_worlds_keep_their_books() {
    let (mut sold, mut called, mut lost, mut recalled) = (0, 0, 0, 0);
    for seed in 1..=200 {
        let world = world(seed);
        let story = run(&world);
        look(&world, &story);
        for path in &story.paths {
            sold += usize::from(path.forced_sales > 0.0);
            called += path.called;
            lost += usize::from(path.pool_loss > 0.0);
            recalled += usize::from(path.pool.as_ref().is_some_and(|pool| pool.recalled > 0.0));
        }
    }
    // the worlds are no calm ones
    assert!(sold > 250 && called > 150 && lost > 30 && recalled > 20, "{sold} {called} {lost} {recalled}");
}

#[test]
fn the_place_of_an_account_changes_nothing_for_the_others() {
    for seed in 1..=30 {
        let mut world = world(seed);
        // what others sell moves prices and takes turnover: without both, and without a pool, each lives alone
        world.programme.feedback.impact = Default::default();
        world.programme.liquidation.participation = None;
        world.programme.pool.cash = None;
        let story = run(&world);
        let mut turned = world.clone();
        turned.accounts.reverse();
        let other = run(&turned);
        for (path, turned) in story.paths.iter().zip(&other.paths) {
            for (day, again) in path.days.iter().zip(&turned.days) {
                let mut accounts = again.accounts.clone();
                accounts.reverse();
                assert_eq!(day.accounts, accounts);
            }
        }
    }
}

#[test]
fn a_world_and_its_story_are_kept_as_files() {
    let world = world(3);
    let text = serde_json::to_string(&world).unwrap();
    assert_eq!(serde_json::from_str::<World>(&text).unwrap(), world);
    let story = run(&world);
    assert_eq!(serde_json::from_str::<Story>(&serde_json::to_string(&story).unwrap()).unwrap(), story);
}
