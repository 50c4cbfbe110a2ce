//! Checks the shocks of one case: sizes that can be meant, days within the horizon, something to hit.

use super::check::{Check, found};
use crate::model::shock::drift::Drift;
use crate::model::shock::limit_downs::LimitDowns;
use crate::model::shock::suspension::Suspension;
use crate::model::shock::{Shock, Target};
use crate::units::Ratio;

/// Checks one shock; `index` is its place in the list, `horizon` the sessions simulated.
pub fn shock(shock: &Shock, index: &str, horizon: u32, check: &mut Check<'_, '_, '_>) {
    let at = |name: &'static str| ["shocks", index, name];
    match shock {
        Shock::Correlation(correlation) => {
            let at = at("correlation");
            check.share(&[&at[..], &["pull"]].concat(), correlation.pull);
            span(&at, (correlation.first_day, correlation.last_day), horizon, check);
        }
        Shock::Drift(drift) => self::drift(drift, &at("drift"), horizon, check),
        Shock::Gap(gap) => {
            let at = at("gap");
            day_within(&[&at[..], &["day"]].concat(), gap.day, horizon, check);
            size(&[&at[..], &["size"]].concat(), gap.size, check);
        }
        Shock::LimitDowns(downs) => limit_downs(downs, &at("limit-downs"), horizon, check),
        Shock::PinnedPath(pinned) => {
            let at = at("pinned-path");
            size(&[&at[..], &["total"]].concat(), pinned.total, check);
            span(&at, (pinned.first_day, pinned.last_day), horizon, check);
        }
        Shock::Suspension(suspension) => self::suspension(suspension, &at("suspension"), horizon, check),
        Shock::Volatility(volatility) => {
            let at = at("volatility");
            let holds = volatility.multiple > 0.0 && volatility.multiple <= 100.0;
            let what = || format!("found {}", volatility.multiple);
            let why = "a multiple of volatility lies above 0 and at most at 100";
            check.require(holds, &[&[&at[..], &["multiple"]].concat()], what, why, "write for example 1.5");
            span(&at, (volatility.first_day, volatility.last_day), horizon, check);
        }
        Shock::VolumeDryUp(dry) => {
            let at = at("volume-dry-up");
            let holds = dry.multiple.get() > 0.0 && dry.multiple.get() <= 100.0;
            let why = "what is left of a session's volume lies above 0% and at most at 10000%";
            let fix = "write for example \"30%\"; a session without any trading is a suspension";
            check.require(holds, &[&[&at[..], &["multiple"]].concat()], || found(dry.multiple), why, fix);
            span(&at, (dry.first_day, dry.last_day), horizon, check);
        }
    }
    target(shock.target(), &at(name(shock)), check);
}

fn name(shock: &Shock) -> &'static str {
    match shock {
        Shock::Correlation(_) => "correlation",
        Shock::Drift(_) => "drift",
        Shock::Gap(_) => "gap",
        Shock::LimitDowns(_) => "limit-downs",
        Shock::PinnedPath(_) => "pinned-path",
        Shock::Suspension(_) => "suspension",
        Shock::Volatility(_) => "volatility",
        Shock::VolumeDryUp(_) => "volume-dry-up",
    }
}

/// A move of the price.
fn size(path: &[&str], size: Ratio, check: &mut Check<'_, '_, '_>) {
    let holds = size.get() > -1.0 && size.get() <= 10.0;
    let why = "a move lies above -100% (a price stays positive) and at most at 1000%";
    check.require(holds, &[path], || found(size), why, "write it as \"-10%\" or -0.1");
}

fn drift(drift: &Drift, at: &[&str], horizon: u32, check: &mut Check<'_, '_, '_>) {
    let given = [("annual", drift.annual), ("total", drift.total)];
    for (key, value) in given {
        if let Some(value) = value {
            size(&[at, &[key]].concat(), value, check);
        }
    }
    let named: Vec<&str> = given.iter().filter(|(_, value)| value.is_some()).map(|(key, _)| *key).collect();
    let what = || if named.is_empty() { "no size is given".to_string() } else { "both annual and total are given".to_string() };
    let why = "a drift is so much a year, or so much over its sessions together";
    let fix = "write either total = \"-20%\" or annual = \"-60%\"";
    check.require(named.len() == 1, &[at], what, why, fix);
    span(at, (drift.first_day, drift.last_day), horizon, check);
}

fn limit_downs(downs: &LimitDowns, at: &[&str], horizon: u32, check: &mut Check<'_, '_, '_>) {
    let holds = (0.0..1.0).contains(&downs.size_without_limit.get());
    let why = "the fall of a locked day is at least 0% and below 100%";
    let path = [at, &["size-without-limit"]].concat();
    check.require(holds, &[&path], || found(downs.size_without_limit), why, "write it without a sign, as \"10%\"");
    run_of_days("locked", (downs.first_day, downs.days), at, horizon, check);
}

fn suspension(suspension: &Suspension, at: &[&str], horizon: u32, check: &mut Check<'_, '_, '_>) {
    let path = [at, &["share"]].concat();
    check.share(&path, suspension.share);
    let why = "a suspension that reaches no name changes nothing";
    let fix = "write for example \"40%\", or leave the key out to suspend every name hit";
    check.require(suspension.share.get() != 0.0, &[&path], || "found 0%".into(), why, fix);
    run_of_days("suspended", (suspension.first_day, suspension.days), at, horizon, check);
}

/// So many days from a first, all within the horizon.
fn run_of_days(of: &str, (first, days): (u32, u32), at: &[&str], horizon: u32, check: &mut Check<'_, '_, '_>) {
    day_within(&[at, &["first-day"]].concat(), first, horizon, check);
    let path = [at, &["days"]].concat();
    let why = format!("a run of {of} days has 1 or more");
    check.require(days >= 1, &[&path], || "found 0 days".into(), &why, "write 1 or more");
    let holds = u64::from(first) + u64::from(days.max(1)) - 1 <= u64::from(horizon) || first > horizon;
    let what = || format!("found {days} days from day {first}");
    let why = format!("the {of} days end within the horizon of {horizon} days");
    let paths: [&[&str]; 2] = [&path, &["simulation", "horizon-days"]];
    check.require(holds, &paths, what, &why, "shorten the run of days or lengthen the horizon");
}

/// From a first day to a last, both within the horizon.
fn span(at: &[&str], (first, last): (u32, Option<u32>), horizon: u32, check: &mut Check<'_, '_, '_>) {
    day_within(&[at, &["first-day"]].concat(), first, horizon, check);
    let Some(last) = last else { return };
    let path = [at, &["last-day"]].concat();
    day_within(&path, last, horizon, check);
    let what = || format!("last day {last} lies before first day {first}");
    check.require(last >= first, &[&path], what, "a stress runs from its first day to its last", "swap them");
}

fn day_within(path: &[&str], day: u32, horizon: u32, check: &mut Check<'_, '_, '_>) {
    check.require(day >= 1, &[path], || "found day 0".into(), "days of a shock count from 1", "write 1 for the first session");
    let why = format!("the horizon ends on day {horizon}");
    let paths: [&[&str]; 2] = [path, &["simulation", "horizon-days"]];
    check.require(day <= horizon, &paths, || format!("found day {day}"), &why, "name a day of the horizon, or lengthen the horizon");
}

fn target(target: &Target, at: &[&str], check: &mut Check<'_, '_, '_>) {
    let named = match target {
        Target::All | Target::Board(_) => true,
        Target::Sector(sector) => !sector.trim().is_empty(),
        Target::Symbols(symbols) => !symbols.is_empty() && symbols.iter().all(|s| !s.trim().is_empty()),
    };
    let fix = "name what it hits, or leave `on` out to hit all";
    check.require(named, &[&[at, &["on"]].concat()], || "nothing is named".into(), "a shock hits at least one symbol", fix);
}
