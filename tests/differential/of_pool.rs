//! Draws the rules of a pool that is kept daily, and of what its loans cost.

use super::features::{Lines, pick};
use super::worlds::{TIERS, World, round};
use rand::RngExt;
use rand::rngs::ChaCha8Rng;

pub fn cash(world: &mut World, rng: &mut ChaCha8Rng, _: &Lines) -> Vec<String> {
    for account in &mut world.accounts {
        account.matures_in = rng.random_bool(0.3).then(|| rng.random_range(1..12));
    }
    for source in &mut world.funding {
        source.matures_in = rng.random_bool(0.3).then(|| rng.random_range(1..12));
        source.runnable = rng.random_bool(0.4);
    }
    let mut out = vec![
        format!("pool.cash.idle = {}", round(rng.random_range(0.0..0.3), 2)),
        format!("pool.cash.minimum = {}", round(rng.random_range(0.0..0.1), 2)),
        format!("pool.cash.settlement-days = {}", rng.random_range(0..3)),
        format!("pool.cash.grace-days = {}", rng.random_range(0..3)),
        format!("pool.cash.recall = \"{}\"", pick(&["pro-rata", "largest-first", "riskiest-first", "none"], rng)),
        format!("pool.funding.roll-probability = {}", pick(&["0", "1"], rng)),
        format!("pool.funding.loan-roll-probability = {}", pick(&["0", "1"], rng)),
    ];
    if rng.random_bool(0.3) {
        out.push(format!("pool.cash.cycle-days = {}", rng.random_range(1..6)));
    }
    // funders who run for certain
    if rng.random_bool(0.3) {
        let (share, notice) = (pick(&["0.4", "1"], rng), rng.random_range(0..3));
        out.push(format!("pool.run = {{ hazard-daily = 0.999999, share = {share}, notice-days = {notice} }}"));
    }
    if rng.random_bool(0.2) {
        out.push(format!("pool.recourse-delay-days = {}", rng.random_range(1..4)));
    }
    if rng.random_bool(0.2) {
        out.push(format!("pool.replenish-daily.{} = {}", pick(&["A", "B", "C"], rng), round(rng.random_range(0.01..0.3), 2)));
    }
    out
}

pub fn hedge(world: &mut World, rng: &mut ChaCha8Rng, _: &Lines) -> Vec<String> {
    let mut out = vec![
        format!("pool.hedge.tier = \"{}\"", pick(&TIERS, rng)),
        format!("pool.hedge.ratio = {}", round(rng.random_range(0.05..1.0), 2)),
        format!("pool.hedge.weighting = \"{}\"", pick(&["equal", "value"], rng)),
        format!("pool.hedge.margin = {}", round(rng.random_range(0.0..0.3), 2)),
        format!("pool.hedge.cost-annual = {}", pick(&["0", "0.05"], rng)),
        format!("pool.hedge.basis-volatility-daily = {}", pick(&["0", "0.01"], rng)),
    ];
    if rng.random_bool(0.3) {
        let held = &world.accounts[0].positions;
        out.push(format!("pool.hedge.symbols = [\"{}\"]", held[rng.random_range(0..held.len())].code));
    }
    out
}

pub fn custodian(world: &mut World, rng: &mut ChaCha8Rng, _: &Lines) -> Vec<String> {
    vec![format!(
        "pool.failure.custodian = {{ day = {}, cash-share = {}, client-share = {}, haircut = {}, frozen-days = {} }}",
        rng.random_range(1..=world.days),
        round(rng.random_range(0.0..1.0), 2),
        pick(&["1", "0.5"], rng),
        round(rng.random_range(0.0..0.5), 2),
        rng.random_range(1..5)
    )]
}

pub fn failing_funders(world: &mut World, rng: &mut ChaCha8Rng, _: &Lines) -> Vec<String> {
    let source = &world.funding[rng.random_range(0..world.funding.len())];
    vec![format!("pool.failure.sources = [\"{}\"]", source.id), format!("pool.failure.source-day = {}", rng.random_range(1..=world.days))]
}

/// One or two, each with one condition or two, that ask for one thing or for all.
pub fn triggers(_: &mut World, rng: &mut ChaCha8Rng, _: &Lines) -> Vec<String> {
    let count = rng.random_range(1..=2);
    let trigger = |number: usize| {
        let mut keys = vec![format!("name = \"t{number}\"")];
        match rng.random_range(0..4) {
            0 => keys.push(format!("pool-loss = {}", round(rng.random_range(0.0..0.1), 3))),
            1 => keys.push(format!("buffer-days = {}", round(rng.random_range(0.0..5.0), 1))),
            2 => keys.push(format!("stress = {}", round(rng.random_range(0.0..0.6), 2))),
            _ => keys.push("pool-loss = 0.01, buffer-days = 3".into()),
        }
        if rng.random_bool(0.7) {
            keys.push(format!("recall = {}", round(rng.random_range(0.05..1.0), 2)));
            if rng.random_bool(0.4) {
                keys.push(format!("recall-tier = \"{}\"", pick(&TIERS, rng)));
            }
        }
        if rng.random_bool(0.4) {
            keys.push(format!("loss-order = {}", pick(&["[\"A\"]", "[\"B\", \"A\", \"C\"]", "[\"C\", \"A\"]"], rng)));
        }
        // one that asks for nothing is refused
        if rng.random_bool(0.4) || !keys.iter().any(|key| key.starts_with("recall") || key.starts_with("loss-order")) {
            keys.push(format!("replenish.{} = {}", pick(&TIERS, rng), round(rng.random_range(100.0..20_000.0), 0)));
        }
        format!("{{ {} }}", keys.join(", "))
    };
    let all: Vec<String> = (1..=count).map(trigger).collect();
    vec![format!("pool.triggers = [{}]", all.join(", "))]
}

pub fn loan_to_value(_: &mut World, rng: &mut ChaCha8Rng, _: &Lines) -> Vec<String> {
    vec![format!(
        "pool.lending.loan-to-value = {{ base = {}, funding-weight = {}, volatility-weight = {}, stress-weight = {}, participation = {}, floor = {} }}",
        round(rng.random_range(0.6..1.0), 2),
        pick(&["1", "0"], rng),
        pick(&["2", "0.5"], rng),
        pick(&["0", "0.3"], rng),
        pick(&["0.2", "0.05"], rng),
        pick(&["0.2", "0.5"], rng)
    )]
}

/// Sources that stay or leave by the number drawn for them.
pub fn rolls_by_chance(world: &mut World, rng: &mut ChaCha8Rng, _: &Lines) -> Vec<String> {
    let roll = |source: &mut super::worlds::Source| {
        source.matures_in = Some(rng.random_range(1..12));
        format!("pool.funding.roll-probability-by-source.{} = {}", source.id, round(rng.random_range(0.2..0.9), 2))
    };
    world.funding.iter_mut().map(roll).collect()
}

pub fn lending_spread(world: &mut World, rng: &mut ChaCha8Rng, _: &Lines) -> Vec<String> {
    let grade = world.accounts[rng.random_range(0..world.accounts.len())].grade;
    vec![format!("pool.lending.spread-by-grade.{grade} = {}", round(rng.random_range(0.0..0.05), 3))]
}
