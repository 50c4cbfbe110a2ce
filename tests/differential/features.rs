//! Draws which rules of a world are switched on, and their figures: one entry a rule, so that any two are on together somewhere.

use super::of_pool;
use super::worlds::{World, round};
use levertide_oracle::Date;
use rand::RngExt;
use rand::rngs::ChaCha8Rng;

/// A rule that is on: its name, its keys as lines of the programme, and its shocks.
#[derive(Clone, Debug)]
pub struct Feature {
    pub name: &'static str,
    pub lines: Vec<String>,
    pub shocks: Vec<String>,
}

/// Draws the keys of a rule for a world; it may change the book where the rule needs something there.
type Draw = fn(&mut World, &mut ChaCha8Rng, &Lines) -> Vec<String>;

/// The base lines of a world, in order.
pub struct Lines {
    liquidation: f64,
    call: f64,
    limit: f64,
    warning: f64,
}

/// Whether an entry gives keys or shocks.
enum Kind {
    Keys(Draw),
    Shock(Draw),
    /// A shock that stands before all others.
    First(Draw),
    /// Keys of a pool kept daily, drawn only beside its cash.
    OfPool(Draw),
}
use Kind::{First, Keys, OfPool, Shock};

/// How often each rule is on, and what it writes.
const FEATURES: &[(&str, f64, Kind)] = &[
    ("no price limits", 0.25, Keys(|_, _, _| vec!["exchange.price-limits = false".into()])),
    ("tick", 0.3, Keys(|_, r, _| vec![format!("exchange.tick = {}", [0.0, 0.1][r.random_range(0..2)])])),
    ("lot", 0.5, Keys(|_, r, _| vec![format!("exchange.lot = {}", [0, 200][r.random_range(0..2)])])),
    ("bought today", 0.3, Keys(bought_today)),
    ("limit-lock close", 0.3, Keys(|_, _, _| vec!["exchange.limit-lock = \"close\"".into()])),
    ("carry-over none", 0.15, Keys(|_, _, _| vec!["exchange.carry-over = \"none\"".into()])),
    ("continuation", 0.15, Keys(|_, r, _| vec![format!("exchange.continuation = {}", round(r.random_range(0.1..0.6), 2))])),
    ("costs", 0.4, Keys(costs)),
    ("warning", 0.5, Keys(|_, _, l| vec![format!("margin.warning = {}", l.warning)])),
    ("limit", 0.5, Keys(limit)),
    ("call", 0.6, Keys(call)),
    ("running call", 0.2, Keys(running_call)),
    ("liquidation", 0.6, Keys(liquidation)),
    ("delay", 0.4, Keys(|_, r, _| vec![format!("liquidation.delay-days = {}", r.random_range(1..3))])),
    ("sale cost", 0.3, Keys(|_, r, _| vec![format!("liquidation.cost = {}", round(r.random_range(0.0..0.03), 3))])),
    ("participation", 0.4, Keys(|_, r, _| vec![format!("liquidation.participation = {}", round(r.random_range(0.02..0.5), 2))])),
    ("order", 0.4, Keys(order)),
    ("daily share", 0.2, Keys(|_, r, _| vec![format!("liquidation.daily-share = {}", round(r.random_range(0.2..0.8), 2))])),
    ("adl", 0.2, Keys(adl)),
    ("paying clients", 0.4, Keys(paying)),
    (
        "pre-emptive",
        0.2,
        Keys(|_, r, _| {
            vec![format!(
                "clients.pre-emptive = {{ threshold = {}, intensity = {} }}",
                round(r.random_range(1.0..6.0), 1),
                round(r.random_range(0.05..0.5), 2)
            )]
        }),
    ),
    ("withdrawal", 0.2, Keys(withdrawal)),
    ("interest", 0.3, Keys(interest)),
    ("sharing", 0.3, Keys(sharing)),
    ("own lines", 0.3, Keys(own_lines)),
    ("rulebook", 0.25, Keys(rulebook)),
    (
        "line-add",
        0.25,
        Keys(|_, r, _| vec![format!("pool.line-add.{} = {}", ["A", "B"][r.random_range(0..2)], round(r.random_range(0.02..0.15), 2))]),
    ),
    ("recourse", 0.3, Keys(|_, r, _| vec![format!("pool.recourse = {}", round(r.random_range(0.1..1.0), 2))])),
    ("loss order", 0.2, Keys(|_, _, _| vec!["pool.loss-order = [\"B\", \"A\", \"C\"]".into()])),
    (
        "capital",
        0.2,
        Keys(|_, r, _| vec![format!("pool.capital.{} = {}", ["A", "C"][r.random_range(0..2)], round(r.random_range(0.0..20_000.0), 0))]),
    ),
    ("impact", 0.35, Keys(impact)),
    ("stop", 0.2, Keys(stop)),
    ("haircuts", 0.2, Keys(haircuts)),
    ("trigger", 0.25, Keys(trigger)),
    ("dynamic", 0.2, Keys(dynamic)),
    ("template", 0.15, Keys(template)),
    ("pool cash", 0.3, Keys(of_pool::cash)),
    (
        "gap",
        0.3,
        Shock(|w, r, _| {
            vec![format!(
                "{{ gap = {{ day = {}, size = {}, on = {} }} }}",
                r.random_range(1..=w.days),
                round(r.random_range(-0.4..0.1), 3),
                on(w, r)
            )]
        }),
    ),
    ("limit-downs", 0.2, Shock(limit_downs)),
    (
        "drift",
        0.2,
        Shock(|w, r, _| {
            vec![format!("{{ drift = {{ total = {}, {}on = {} }} }}", round(r.random_range(-0.3..0.2), 3), span(w, r), on(w, r))]
        }),
    ),
    ("suspension", 0.2, Shock(suspension)),
    (
        "volume dry-up",
        0.2,
        Shock(|w, r, _| {
            vec![format!("{{ volume-dry-up = {{ multiple = {}, {}on = {} }} }}", round(r.random_range(0.1..0.9), 2), span(w, r), on(w, r))]
        }),
    ),
    (
        "pinned path",
        0.15,
        Shock(|w, r, _| {
            let total = round(r.random_range(-0.4..0.1), 3);
            vec![format!("{{ pinned-path = {{ total = {total}, what = \"each\", {}on = {} }} }}", span(w, r), on(w, r))]
        }),
    ),
    ("hedge", 0.35, OfPool(of_pool::hedge)),
    ("custodian", 0.35, OfPool(of_pool::custodian)),
    ("failing funders", 0.35, OfPool(of_pool::failing_funders)),
    ("pool triggers", 0.4, OfPool(of_pool::triggers)),
    ("loan to value", 0.4, OfPool(of_pool::loan_to_value)),
    ("rolls by chance", 0.35, OfPool(of_pool::rolls_by_chance)),
    ("lending spread", 0.2, Keys(of_pool::lending_spread)),
    ("unknown turnover", 0.15, Keys(unknown_turnover)),
    ("answers by chance", 0.25, Keys(answers_by_chance)),
    ("pinned index", 0.15, First(pinned_index)),
];

/// Rules on which the two do not agree yet in every world; they are drawn where they are asked for.
const OPEN: &[&str] = &[];

/// Rules that no programme may write together: the second is not drawn beside the first.
pub const APART: [(&str, &str); 2] = [("participation", "unknown turnover"), ("impact", "unknown turnover")];

/// The rules that are drawn.
pub struct Rules(Vec<&'static str>);

impl Rules {
    /// The settled rules, `all`, or the settled ones and some of those still open: `settled+tick,daily share`.
    ///
    /// Panics where a name is no rule.
    pub fn named(text: &str) -> Rules {
        let all = || FEATURES.iter().map(|(name, _, _)| *name);
        let more: Vec<&str> = match text.trim() {
            "all" => OPEN.to_vec(),
            "" | "settled" => Vec::new(),
            more => more.strip_prefix("settled+").unwrap_or(more).split(',').map(str::trim).collect(),
        };
        for name in &more {
            assert!(all().any(|known| known == *name), "there is no rule `{name}`: {:?}", all().collect::<Vec<_>>());
        }
        Rules(all().filter(|name| !OPEN.contains(name) || more.contains(name)).collect())
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.contains(&name)
    }

    pub fn names(&self) -> &[&'static str] {
        &self.0
    }
}

/// The rules that are on, in the order of the list.
pub fn draw(world: &mut World, rng: &mut ChaCha8Rng, rules: &Rules) -> Vec<Feature> {
    let liquidation = round(rng.random_range(1.03..1.2), 3);
    let call = round(liquidation + rng.random_range(0.03..0.2), 3);
    let limit = round(call + rng.random_range(0.02..0.15), 3);
    let lines = Lines { liquidation, call, limit, warning: round(limit + rng.random_range(0.02..0.15), 3) };
    let mut out = Vec::new();
    for (name, often, kind) in FEATURES {
        let on = |rule: &str| out.iter().any(|f: &Feature| f.name == rule);
        let may = (!matches!(kind, OfPool(_)) || on("pool cash")) && !APART.iter().any(|(first, second)| second == name && on(first));
        if !rng.random_bool(*often) || !rules.has(name) || !may {
            continue;
        }
        let mut feature = Feature { name, lines: Vec::new(), shocks: Vec::new() };
        match kind {
            Keys(draw) | OfPool(draw) => feature.lines = draw(world, rng, &lines),
            Shock(draw) => feature.shocks = draw(world, rng, &lines),
            First(draw) => {
                feature.shocks = draw(world, rng, &lines);
                out.insert(0, feature);
                continue;
            }
        }
        out.push(feature);
    }
    out
}

pub fn pick<'a>(options: &[&'a str], rng: &mut ChaCha8Rng) -> &'a str {
    options[rng.random_range(0..options.len())]
}

/// What a shock hits.
fn on(world: &World, rng: &mut ChaCha8Rng) -> String {
    match rng.random_range(0..4) {
        3 => "{ board = \"main\" }".into(),
        0 => format!("{{ symbols = [\"{}\"] }}", world.symbols[rng.random_range(0..world.symbols.len())].code),
        1 => format!("{{ sector = \"{}\" }}", world.symbols[rng.random_range(0..world.symbols.len())].sector),
        _ => "\"all\"".into(),
    }
}

/// The sessions a stress holds on: all, from one on, up to one, or between two.
fn span(world: &World, rng: &mut ChaCha8Rng) -> String {
    let (first, last) = (rng.random_range(1..=world.days), rng.random_range(1..=world.days));
    match rng.random_range(0..4) {
        0 => format!("first-day = {first}, "),
        1 => format!("last-day = {last}, "),
        2 => format!("first-day = {}, last-day = {}, ", first.min(last), first.max(last)),
        _ => String::new(),
    }
}

fn bought_today(world: &mut World, rng: &mut ChaCha8Rng, _: &Lines) -> Vec<String> {
    for position in world.accounts.iter_mut().flat_map(|a| &mut a.positions) {
        if rng.random_bool(0.5) {
            position.sellable = [0.0, (position.quantity / 200.0).floor() * 100.0][rng.random_range(0..2)];
        }
    }
    vec![format!("exchange.t-plus-one = {}", rng.random_bool(0.7))]
}

fn costs(_: &mut World, rng: &mut ChaCha8Rng, _: &Lines) -> Vec<String> {
    vec![
        "costs.commission = \"0.03%\"".into(),
        format!("costs.stamp-duty = {}", pick(&["\"china\"", "{ rate = \"0.1%\" }"], rng)),
        format!("costs.transfer-fee = {}", pick(&["\"0.002%\"", "0"], rng)),
    ]
}

fn limit(_: &mut World, rng: &mut ChaCha8Rng, lines: &Lines) -> Vec<String> {
    let mut out = vec![format!("margin.limit = {}", lines.limit)];
    match rng.random_range(0..3) {
        0 => out.push(format!("margin.limit-action.reduce-to = {}", round(lines.limit + rng.random_range(0.0..0.2), 3))),
        1 => {
            let target = lines.limit + rng.random_range(0.01..0.2);
            out.push(format!("margin.limit-action.cap-leverage = {}", round(target / (target - 1.0) - 0.01, 3)));
        }
        _ => {}
    }
    out
}

fn call(_: &mut World, rng: &mut ChaCha8Rng, lines: &Lines) -> Vec<String> {
    let mut out = vec![format!("margin.call = {}", lines.call), format!("margin.cure-days = {}", rng.random_range(0..4))];
    if rng.random_bool(0.3) {
        out.push(format!("margin.cured-at = {}", round(lines.call + rng.random_range(0.0..0.1), 3)));
    }
    out
}

/// Calls that run on the as-of date, made on a weekday before it.
fn running_call(world: &mut World, rng: &mut ChaCha8Rng, _: &Lines) -> Vec<String> {
    let as_of = world.date();
    for account in &mut world.accounts {
        let before = rng.random_range(0..8);
        let weekday = (before..before + 3).find(|days| Date(as_of.0 - days).weekday() < 5);
        account.called_before = weekday.filter(|_| rng.random_bool(0.5));
    }
    Vec::new()
}

fn liquidation(_: &mut World, rng: &mut ChaCha8Rng, lines: &Lines) -> Vec<String> {
    let mut out = vec![format!("margin.liquidation = {}", lines.liquidation)];
    if rng.random_bool(0.6) {
        out.push(format!("margin.restore-to = {}", round(lines.liquidation + rng.random_range(0.01..0.4), 3)));
    }
    out
}

fn order(_: &mut World, rng: &mut ChaCha8Rng, _: &Lines) -> Vec<String> {
    vec![format!("liquidation.order = \"{}\"", pick(&["most-liquid-first", "largest-first", "losers-first"], rng))]
}

fn adl(_: &mut World, rng: &mut ChaCha8Rng, lines: &Lines) -> Vec<String> {
    vec![format!(
        "liquidation.adl = {{ upper = {}, lower = {}, share = {} }}",
        lines.call,
        round(lines.liquidation - rng.random_range(0.0..0.1), 3),
        round(rng.random_range(0.05..0.4), 2)
    )]
}

/// Clients who pay, all of them or none of a grade, so that no draw decides.
fn paying(_: &mut World, rng: &mut ChaCha8Rng, lines: &Lines) -> Vec<String> {
    let part = round(rng.random_range(0.3..1.0), 2);
    let mut out = vec!["clients.cure-probability = 1".into(), format!("clients.cure-delay-days = {}", rng.random_range(0..3))];
    if rng.random_bool(0.4) {
        out.push("clients.cure-probability-by-grade.g2 = 0".into());
    }
    if rng.random_bool(0.3) {
        out.push("clients.cure-delay-days-by-grade.g1 = 1".into());
    }
    if rng.random_bool(0.4) {
        out.push(format!("clients.payment = {{ low = {part}, high = {part} }}"));
    }
    if rng.random_bool(0.3) {
        out.push(format!("clients.cure-to = {}", round(lines.call + rng.random_range(0.05..0.3), 3)));
    }
    out
}

fn withdrawal(_: &mut World, rng: &mut ChaCha8Rng, lines: &Lines) -> Vec<String> {
    vec![
        format!("margin.withdrawal = {}", round(lines.warning + rng.random_range(0.05..0.5), 3)),
        format!("clients.withdrawal = {{ probability = {}, share = {} }}", pick(&["1", "0.5"], rng), round(rng.random_range(0.2..1.0), 2)),
    ]
}

fn interest(_: &mut World, rng: &mut ChaCha8Rng, _: &Lines) -> Vec<String> {
    vec![
        format!("interest.interest-base = \"{}\"", pick(&["loan", "exposure"], rng)),
        format!("interest.day-count = {}", pick(&["365", "360"], rng)),
        format!("interest.loan-rate-rise = {}", pick(&["0", "0.05"], rng)),
        format!("interest.funding-rate-rise = {}", pick(&["0", "0.02"], rng)),
    ]
}

fn sharing(world: &mut World, rng: &mut ChaCha8Rng, _: &Lines) -> Vec<String> {
    for account in &mut world.accounts {
        if rng.random_bool(0.3) {
            account.initial = Some(round(account.loan * rng.random_range(0.2..1.0), 2));
        }
        if rng.random_bool(0.3) {
            account.high_water_mark = Some(round(account.loan * rng.random_range(0.2..1.2), 2));
        }
    }
    let modes = [
        "{ fixed-split = { client = \"70%\" } }",
        "{ fixed-split = { client = \"70%\", share-losses = true } }",
        "{ capped-loss = { client = \"70%\", lender-loss = \"30%\", cap = \"10%\" } }",
        "{ performance-fee = { share = \"20%\" } }",
        "{ guaranteed = { return-annual = \"8%\" } }",
    ];
    vec![
        format!("sharing.mode = {}", pick(&modes, rng)),
        format!("sharing.product.fund = {}", pick(&modes, rng)),
        format!("sharing.platform-fee = {}", pick(&["0", "0.01"], rng)),
        format!("sharing.exposure-fee = {}", pick(&["0", "0.001"], rng)),
    ]
}

fn own_lines(world: &mut World, rng: &mut ChaCha8Rng, lines: &Lines) -> Vec<String> {
    for account in &mut world.accounts {
        if rng.random_bool(0.5) {
            let up = rng.random_range(0.0..0.02);
            let all = [
                ("warning", lines.warning),
                ("limit", lines.limit),
                ("call", lines.call),
                ("liquidation", lines.liquidation),
                ("restore_to", lines.call + 0.1),
            ];
            account.lines =
                all.iter().filter(|_| rng.random_bool(0.6)).map(|(name, line)| (*name, round(line + up, 3).to_string())).collect();
            if rng.random_bool(0.4) {
                account.lines.push(("cure_days", rng.random_range(0..3_u32).to_string()));
            }
        }
    }
    Vec::new()
}

const RULEBOOKS: [&str; 8] =
    ["cn-regulated", "cn-broker-145", "cn-broker-150", "cn-broker-150-130", "cn-peizi-low", "cn-umbrella-3to1", "us-reg-t", "kr"];

/// A rulebook for some accounts, as a contract of their own.
fn rulebook(world: &mut World, rng: &mut ChaCha8Rng, _: &Lines) -> Vec<String> {
    for account in &mut world.accounts {
        if rng.random_bool(0.6) {
            account.lines = vec![("rulebook", pick(&RULEBOOKS, rng).to_string())];
        }
    }
    Vec::new()
}

fn impact(_: &mut World, rng: &mut ChaCha8Rng, _: &Lines) -> Vec<String> {
    let law = [
        "feedback.impact.square-root = { coefficient = 1.0 }",
        "feedback.impact.square-root = { coefficient = 0.6, lasting-share = 1.0 }",
        "feedback.impact.linear = { depth = 0.4 }",
        "feedback.impact.almgren = {}",
        "feedback.impact.almgren = { session-share = 0.5 }",
    ];
    vec![pick(&law, rng).into(), format!("feedback.fade-days = {}", pick(&["40", "5", "0"], rng)), "feedback.layers = false".into()]
}

fn stop(_: &mut World, rng: &mut ChaCha8Rng, _: &Lines) -> Vec<String> {
    let mut out = vec![format!("margin.stop.position-loss = {}", round(rng.random_range(0.1..0.5), 2))];
    if rng.random_bool(0.5) {
        out.push(format!("margin.stop.drawdown = {}", round(rng.random_range(0.2..0.8), 2)));
    }
    out
}

fn haircuts(_: &mut World, rng: &mut ChaCha8Rng, _: &Lines) -> Vec<String> {
    vec![
        format!("margin.haircuts.base = {}", pick(&["\"collateral\"", "{ flat = \"10%\" }"], rng)),
        format!("margin.haircuts.widening = {}", pick(&["0", "1"], rng)),
    ]
}

fn trigger(_: &mut World, rng: &mut ChaCha8Rng, lines: &Lines) -> Vec<String> {
    let mut out = vec![
        format!(
            "margin.volatility-trigger.measure = {}",
            pick(&["\"absolute\"", "{ realised = 5 }", "\"weighted\"", "{ range = 4 }", "\"session-range\""], rng)
        ),
        format!("margin.volatility-trigger.threshold = {}", round(rng.random_range(0.02..0.08), 3)),
        format!("margin.volatility-trigger.days = {}", rng.random_range(1..3)),
        format!("margin.volatility-trigger.above-leverage = {}", round(rng.random_range(2.0..4.0), 2)),
    ];
    if rng.random_bool(0.6) {
        out.push(format!("margin.volatility-trigger.limit = {}", round(lines.limit + rng.random_range(0.0..0.1), 3)));
    }
    if rng.random_bool(0.5) {
        out.push("margin.volatility-trigger.cut-to-leverage = 2".into());
    }
    out
}

fn dynamic(_: &mut World, rng: &mut ChaCha8Rng, _: &Lines) -> Vec<String> {
    vec![
        format!("margin.dynamic.method = {}", pick(&["\"volatility\"", "{ value-at-risk = { confidence = \"99%\", days = 2 } }"], rng)),
        format!("margin.dynamic.floor = {}", pick(&["1.0", "0.8"], rng)),
        format!("margin.dynamic.stressed-weight = {}", pick(&["0", "0.25"], rng)),
        format!("margin.dynamic.buffer = {}", pick(&["0", "0.25"], rng)),
    ]
}

fn template(_: &mut World, rng: &mut ChaCha8Rng, _: &Lines) -> Vec<String> {
    vec![
        format!("margin.template.calm-leverage = {}", round(rng.random_range(2.5..4.0), 2)),
        format!("margin.template.stress-leverage = {}", round(rng.random_range(1.3..2.0), 2)),
        "margin.template.enforce = true".into(),
    ]
}

fn limit_downs(world: &mut World, rng: &mut ChaCha8Rng, _: &Lines) -> Vec<String> {
    let first = rng.random_range(1..=world.days);
    let days = rng.random_range(1..=(world.days + 1 - first).min(3));
    let size = pick(&["", "size-without-limit = 0.2, "], rng);
    vec![format!("{{ limit-downs = {{ first-day = {first}, days = {days}, {size}on = {} }} }}", on(world, rng))]
}

fn pinned_index(world: &mut World, rng: &mut ChaCha8Rng, _: &Lines) -> Vec<String> {
    vec![format!(
        "{{ pinned-path = {{ total = {}, {}on = {} }} }}",
        round(rng.random_range(-0.4..0.1), 3),
        span(world, rng),
        on(world, rng)
    )]
}

/// Clients of one grade answer by the number drawn for them, in a market that weighs on them or not, and pay a part or all.
fn answers_by_chance(_: &mut World, rng: &mut ChaCha8Rng, _: &Lines) -> Vec<String> {
    let mut out = vec![format!("clients.cure-probability-by-grade.g1 = {}", round(rng.random_range(0.2..0.9), 2))];
    let weighs = ["clients.stress-sensitivity = 1", "clients.drawdown-sensitivity = 2", "clients.common-correlation = 0.3"];
    out.extend(weighs.iter().filter(|_| rng.random_bool(0.5)).map(ToString::to_string));
    if rng.random_bool(0.5) {
        out.push("clients.payment-by-grade.g1 = { low = 0.2, high = 1 }".into());
    }
    out
}

/// Names without a turnover; only where no rule asks for one.
fn unknown_turnover(world: &mut World, rng: &mut ChaCha8Rng, _: &Lines) -> Vec<String> {
    world.symbols.iter_mut().filter(|_| rng.random_bool(0.5)).for_each(|symbol| symbol.adv_amount = None);
    Vec::new()
}

fn suspension(world: &mut World, rng: &mut ChaCha8Rng, _: &Lines) -> Vec<String> {
    let first = rng.random_range(1..=world.days);
    let days = rng.random_range(1..=(world.days + 1 - first).min(3));
    let share = pick(&["", "share = 0.5, "], rng);
    vec![format!("{{ suspension = {{ first-day = {first}, days = {days}, {share}on = {} }} }}", on(world, rng))]
}
