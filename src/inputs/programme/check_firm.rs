//! Checks the firm: amounts that can be, parts within their wholes, levels on the right side of one another.

use super::gather::{Check, found};
use super::locate::View;
use super::plan_file::{NAME, is_name};
use crate::model::firm::Firm;
use crate::model::firm::indicator::Indicator;
use crate::problem::Problems;

/// Trading days of a year.
const DAYS: (u32, u32) = (200, 366);

/// Checks `[firm]`.
pub fn firm(firm: &Firm, view: &View<'_, '_>, problems: &mut Problems) {
    let mut check = Check { view, problems, above: vec!["firm"] };
    for (path, name) in [(&["name"][..], &firm.name), (&["zh", "name"], &firm.zh.name)] {
        let fits = name.as_ref().is_none_or(|name| is_name(name));
        let what = || format!("found \"{}\"", name.as_deref().unwrap_or_default());
        check.require(fits, &[path], what, NAME, "write a short name");
    }
    amounts(firm, &mut check);
    for (key, rate) in [("margin-reserve-rate", firm.margin_reserve_rate), ("margin-stable-factor", firm.margin_stable_factor)] {
        rate.into_iter().for_each(|rate| check.share(&[key], rate));
    }
    let needed = [
        ("margin-reserve-rate", firm.margin_reserve_rate.is_some(), "risk-capital-reserves", firm.risk_capital_reserves),
        ("margin-stable-factor", firm.margin_stable_factor.is_some(), "required-stable-funding", firm.required_stable_funding),
    ];
    for (key, given, whole, amount) in needed {
        let why = format!("it says how `{whole}` falls with loans that end");
        let fix = format!("add `{whole}` under [firm], or remove the key");
        check.require(!given || amount.is_some(), &[&[key], &[whole]], || format!("`{whole}` is not given"), &why, &fix);
    }
    for (at, tier) in firm.tiers.iter().enumerate() {
        let twice = firm.tiers[..at].contains(tier);
        check.require(!twice, &[&["tiers"]], || format!("tier \"{tier}\" stands twice"), "a tier is named once", "name it once");
    }
    let idle = firm.tiers.is_empty() && !firm.beyond_tiers;
    let why = "without `tiers` every loss of the pool is the firm's, those beyond all tiers among them";
    let fix = "name the firm's tiers under `tiers`, or remove the key";
    check.require(!idle, &[&["beyond-tiers"]], || "found false, and no tiers".into(), why, fix);
    Indicator::ALL.iter().for_each(|indicator| level(firm, *indicator, &mut check));
    check.share(&["staging", "stage-2-probability"], firm.staging.stage_2_probability);
    let days = firm.staging.days_a_year;
    let why = "a year has 200 to 366 trading days";
    let holds = (DAYS.0..=DAYS.1).contains(&days);
    check.require(holds, &[&["staging", "days-a-year"]], || format!("found {days}"), why, "write for example 250");
}

/// Amounts by themselves, and against one another.
fn amounts(firm: &Firm, check: &mut Check<'_, '_, '_>) {
    let mut clean = true;
    for (key, amount) in firm.amounts() {
        let Some(amount) = amount else { continue };
        // loans there may be none of, and capital may be used up; what is divided by has to be something
        let (holds, why) = match key {
            "margin-loans" | "liquid-assets" | "stable-funding" => (amount >= 0.0, "it is an amount of nothing or more"),
            "net-capital" | "core-net-capital" | "net-assets" => (amount > 0.0, "a firm without capital of its own has nothing to stress"),
            _ => (amount > 0.0, "indicators divide by it"),
        };
        let holds = holds && amount <= 1e18;
        clean &= holds;
        check.require(
            holds,
            &[&[key]],
            || format!("found {amount}"),
            why,
            "write the amount in the programme's currency, for example 650_000_000",
        );
    }
    if !clean {
        return;
    }
    let pairs = [
        ("core-net-capital", firm.core_net_capital, "net-capital", firm.net_capital),
        ("net-assets", firm.net_assets, "total-assets", firm.total_assets),
        ("core-net-capital", firm.core_net_capital, "net-assets", firm.net_assets),
        ("liquid-assets", firm.liquid_assets, "total-assets", firm.total_assets),
    ];
    for (part, amount, whole, most) in pairs {
        let (Some(amount), Some(most)) = (amount, most) else { continue };
        let why = format!("`{part}` is a part of `{whole}`");
        let what = || format!("found {amount}, and `{whole}` is {most}");
        check.require(amount <= most, &[&[part], &[whole]], what, &why, "correct one of the two; both are in the programme's currency");
    }
}

/// A level of the programme's own.
fn level(firm: &Firm, indicator: Indicator, check: &mut Check<'_, '_, '_>) {
    let Some(level) = indicator.own_level(&firm.levels) else { return };
    let key = ["levels", indicator.key()];
    let limit = [&key[..], &["limit"]].concat();
    let holds = level.limit.get() > 0.0 && level.limit.get() <= 100.0;
    check.require(holds, &[&limit], || found(level.limit), "a level lies above 0%, at most at 10000%", "write it as \"100%\" or 1.0");
    let below_all = !indicator.loses_on_both_sides() || level.limit.get() < 1.0;
    let why = "a loss takes as much from both sides of this indicator, and none of them brings it below 100%";
    check.require(!holds || below_all, &[&limit], || found(level.limit), why, "write a level below 100%");
    let Some(warning) = level.warning else { return };
    let path = [&key[..], &["warning"]].concat();
    let (inside, why) = match indicator.is_floor() {
        true => (warning >= level.limit, "the warning line is crossed before the limit: at or above it"),
        false => (warning <= level.limit && warning.get() > 0.0, "the warning line is crossed before the limit: at or below it"),
    };
    let what = || format!("found {warning}, and the limit is {}", level.limit);
    check.require(inside, &[&path, &limit], what, why, "write the warning line on the safe side of the limit");
    let below_all = !indicator.loses_on_both_sides() || warning.get() < 1.0;
    let why = "a loss takes as much from both sides of this indicator, and none of them brings it below 100%";
    check.require(!inside || below_all, &[&path], || found(warning), why, "write a line below 100%");
}
