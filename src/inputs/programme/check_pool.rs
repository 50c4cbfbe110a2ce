//! Checks the keys of the pool: tiers, cash, funding, runs, the hedge, failures, triggers.

use super::gather::{Check, HORIZON_DAYS};
use crate::model::pool::Pool;
use crate::model::pool::cash::Cash;
use crate::model::pool::failure::Failure;
use crate::model::pool::funding::{Funding, Run};
use crate::model::pool::hedge::Hedge;
use crate::model::pool::lending::Lending;
use crate::model::pool::trigger::Trigger;
use crate::units::Ratio;
use std::collections::BTreeSet;

pub fn pool(pool: &Pool, horizon: u32, check: &mut Check<'_, '_, '_>) {
    check.share(&["pool", "recourse"], pool.recourse);
    days(&["pool", "recourse-delay-days"], pool.recourse_delay_days, check);
    order(&pool.loss_order, &["pool", "loss-order"], check);
    for (tier, capital) in &pool.capital {
        let why = "a tier's capital is an amount of money, 0 to 1e15";
        check.number(&["pool", "capital", tier], *capital, (0.0, 1e15), why);
    }
    for (tier, add) in &pool.line_add {
        let holds = (0.0..=5.0).contains(&add.get());
        let why = "a tier's own lines stand 0% to 500% above the programme's";
        check.require(holds, &[&["pool", "line-add", tier]], || format!("found {add}"), why, "write for example \"10%\"");
    }
    for (tier, share) in &pool.replenish_daily {
        check.share(&["pool", "replenish-daily", tier], *share);
    }
    if let Some(lending) = &pool.lending {
        self::lending(lending, check);
    }
    needs_cash(pool, check);
    if let Some(cash) = &pool.cash {
        self::cash(cash, check);
    }
    if let Some(funding) = &pool.funding {
        self::funding(funding, check);
    }
    if let Some(run) = &pool.run {
        self::run(run, check);
    }
    if let Some(hedge) = &pool.hedge {
        self::hedge(hedge, check);
    }
    if let Some(failure) = &pool.failure {
        self::failure(failure, horizon, check);
    }
    for (index, trigger) in pool.triggers.iter().enumerate() {
        self::trigger(trigger, &index.to_string(), check);
    }
}

/// What happens in time needs the cash account it happens to.
fn needs_cash(pool: &Pool, check: &mut Check<'_, '_, '_>) {
    let timed = [
        ("recourse-delay-days", pool.recourse_delay_days > 0),
        ("replenish-daily", !pool.replenish_daily.is_empty()),
        ("funding", pool.funding.is_some()),
        ("run", pool.run.is_some()),
        ("hedge", pool.hedge.is_some()),
        ("failure", pool.failure.is_some()),
        ("triggers", !pool.triggers.is_empty()),
        ("lending", pool.lending.as_ref().is_some_and(|lending| lending.loan_to_value.is_some())),
    ];
    for (key, _) in timed.into_iter().filter(|(_, written)| *written && pool.cash.is_none()) {
        let why = "the pool is kept day by day only where it has a cash account";
        let fix = "add [pool.cash], or leave the key out";
        check.require(false, &[&["pool", key]], || format!("`{key}` stands without [pool.cash]"), why, fix);
    }
}

fn lending(lending: &Lending, check: &mut Check<'_, '_, '_>) {
    for (grade, spread) in &lending.spread_by_grade {
        let holds = (-1.0..=2.0).contains(&spread.get());
        let path = ["pool", "lending", "spread-by-grade", grade];
        let why = "a spread over the funding's cost lies within -100% and 200% a year";
        check.require(holds, &[&path], || format!("found {spread}"), why, "write for example \"4%\"");
    }
    let Some(cap) = &lending.loan_to_value else { return };
    let at = |key: &'static str| ["pool", "lending", "loan-to-value", key];
    check.share(&at("base"), cap.base);
    check.share(&at("floor"), cap.floor);
    let weights =
        [("funding-weight", cap.funding_weight), ("volatility-weight", cap.volatility_weight), ("stress-weight", cap.stress_weight)];
    for (key, weight) in weights {
        check.number(&at(key), weight, (0.0, 1e6), "a weight is 0 or more: cost, swings and stress never raise what is lent");
    }
    let holds = cap.participation.get() > 0.0 && cap.participation.get() <= 1.0;
    let what = || format!("found {}", cap.participation);
    let why = "a sale takes more than 0% and at most 100% of a session's turnover";
    check.require(holds, &[&at("participation")], what, why, "write for example \"20%\"");
}

fn order(order: &[String], at: &[&str], check: &mut Check<'_, '_, '_>) {
    let mut seen = BTreeSet::new();
    for (index, tier) in order.iter().enumerate() {
        let number = index.to_string();
        let path = [at, &[number.as_str()]].concat();
        let holds = !tier.trim().is_empty() && seen.insert(tier);
        check.require(holds, &[&path], || format!("found \"{tier}\""), "each tier is named once in the order of loss", "name it once");
    }
}

fn days(path: &[&str], days: u32, check: &mut Check<'_, '_, '_>) {
    let what = || format!("found {days}");
    check.require(days <= HORIZON_DAYS, &[path], what, "a delay is at most 1000 sessions", "write a smaller number");
}

fn session(path: &[&str], day: u32, horizon: u32, check: &mut Check<'_, '_, '_>) {
    let why = format!("a failure comes on a session from 1 to the horizon of {horizon}");
    let paths: [&[&str]; 2] = [path, &["simulation", "horizon-days"]];
    check.require((1..=horizon).contains(&day), &paths, || format!("found day {day}"), &why, "name a session of the horizon");
}

fn cash(cash: &Cash, check: &mut Check<'_, '_, '_>) {
    if let Some(idle) = cash.idle {
        check.share(&["pool", "cash", "idle"], idle);
    }
    check.share(&["pool", "cash", "minimum"], cash.minimum);
    if let Some(cycle) = cash.cycle_days {
        check.number(&["pool", "cash", "cycle-days"], cycle, (1.0, 1000.0), "a loan is out for 1 to 1000 sessions");
    }
    days(&["pool", "cash", "settlement-days"], cash.settlement_days, check);
    days(&["pool", "cash", "grace-days"], cash.grace_days, check);
}

fn funding(funding: &Funding, check: &mut Check<'_, '_, '_>) {
    check.share(&["pool", "funding", "roll-probability"], funding.roll_probability);
    for (source, share) in &funding.roll_probability_by_source {
        check.share(&["pool", "funding", "roll-probability-by-source", source], *share);
    }
    let what = || format!("found {}", funding.roll_days);
    let why = "a source that rolls stays 1 to 10000 calendar days";
    check.require((1..=10_000).contains(&funding.roll_days), &[&["pool", "funding", "roll-days"]], what, why, "write for example 30");
    check.share(&["pool", "funding", "loan-roll-probability"], funding.loan_roll_probability);
}

fn run(run: &Run, check: &mut Check<'_, '_, '_>) {
    let hazard = run.hazard_daily.get();
    let why = "a daily hazard is at least 0% and below 100%";
    let what = || format!("found {}", run.hazard_daily);
    check.require((0.0..1.0).contains(&hazard), &[&["pool", "run", "hazard-daily"]], what, why, "write for example \"0.2%\"");
    check.share(&["pool", "run", "share"], run.share);
    days(&["pool", "run", "notice-days"], run.notice_days, check);
    let why = "a weight is 0 or more: distress never calms a funder";
    check.number(&["pool", "run", "loss-weight"], run.loss_weight, (0.0, 1e6), why);
    check.number(&["pool", "run", "buffer-weight"], run.buffer_weight, (0.0, 1e6), why);
    check.number(&["pool", "run", "buffer-days"], run.buffer_days, (0.0, 1000.0), "buffer days lie within 0 and 1000");
    check.number(&["pool", "run", "stress-weight"], run.stress_weight, (0.0, 1e6), why);
}

fn hedge(hedge: &Hedge, check: &mut Check<'_, '_, '_>) {
    let at = |key: &'static str| ["pool", "hedge", key];
    let within = |path: [&str; 3], ratio: Ratio, most: f64, why: &str, check: &mut Check<'_, '_, '_>| {
        let holds = (0.0..=most).contains(&ratio.get());
        check.require(holds, &[&path], || format!("found {ratio}"), why, "write a smaller share");
    };
    within(at("ratio"), hedge.ratio, 5.0, "a hedge is short 0% to 500% of the loans", check);
    within(at("basis-volatility-daily"), hedge.basis_volatility_daily, 1.0, "daily noise lies within 0% and 100%", check);
    within(at("cost-annual"), hedge.cost_annual, 2.0, "a year's cost lies within 0% and 200%", check);
    within(at("margin"), hedge.margin, 1.0, "a margin lies within 0% and 100% of the notional", check);
    check.require(!hedge.tier.trim().is_empty(), &[&at("tier")], || "no tier is named".into(), "a tier hedges", "name it");
}

fn failure(failure: &Failure, horizon: u32, check: &mut Check<'_, '_, '_>) {
    if !failure.sources.is_empty() {
        session(&["pool", "failure", "source-day"], failure.source_day, horizon, check);
    }
    let Some(custodian) = &failure.custodian else { return };
    let at = |key: &'static str| ["pool", "failure", "custodian", key];
    session(&at("day"), custodian.day, horizon, check);
    check.share(&at("cash-share"), custodian.cash_share);
    check.share(&at("client-share"), custodian.client_share);
    let why = "what a custodian loses is at least 0% and below 100%";
    let what = || format!("found {}", custodian.haircut);
    check.require((0.0..1.0).contains(&custodian.haircut.get()), &[&at("haircut")], what, why, "write for example \"10%\"");
    let what = || format!("found {}", custodian.frozen_days);
    let why = "assets are frozen for 1 to 1000 sessions";
    check.require((1..=HORIZON_DAYS).contains(&custodian.frozen_days), &[&at("frozen-days")], what, why, "write for example 60");
}

fn trigger(trigger: &Trigger, index: &str, check: &mut Check<'_, '_, '_>) {
    let at = ["pool", "triggers", index];
    let path = |key: &'static str| [&at[..], &[key]].concat();
    let waits = trigger.pool_loss.is_some() || trigger.buffer_days.is_some() || trigger.stress.is_some();
    let fix = "name pool-loss, buffer-days or stress";
    check.require(waits, &[&at], || "it waits for nothing".into(), "a trigger fires on a value of the pool", fix);
    let acts = !trigger.loss_order.is_empty() || trigger.recall.get() > 0.0 || !trigger.replenish.is_empty();
    let fix = "name loss-order, recall or replenish";
    check.require(acts, &[&at], || "it does nothing".into(), "a trigger changes the pool", fix);
    for (key, share) in [("pool-loss", trigger.pool_loss), ("stress", trigger.stress)] {
        if let Some(share) = share {
            check.share(&path(key), share);
        }
    }
    if let Some(days) = trigger.buffer_days {
        check.number(&path("buffer-days"), days, (0.0, 1000.0), "buffer days lie within 0 and 1000");
    }
    order(&trigger.loss_order, &path("loss-order"), check);
    check.share(&path("recall"), trigger.recall);
    for (tier, money) in &trigger.replenish {
        let at = [&path("replenish")[..], &[tier.as_str()]].concat();
        check.number(&at, *money, (0.0, 1e15), "money put in is 0 to 1e15");
    }
}
