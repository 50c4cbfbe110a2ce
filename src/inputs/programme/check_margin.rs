//! Checks the margin of a case: its rulebooks, the order of its lines, and what its limit line does.

use super::gather::{Check, HORIZON_DAYS, found};
use super::typed::{list, nearest_fix};
use crate::inputs::rulebooks;
use crate::model::margin::Margin;
use crate::model::margin::limit_action::LimitAction;
use crate::units::{Day, Ratio};

/// Checks the lines of a margin, and that the rulebooks it names are known and in force.
pub fn margin(margin: &Margin, as_of: Option<Day>, check: &mut Check<'_, '_, '_>) {
    rulebooks(margin, as_of, check);
    lines(margin, check);
    limit_action(margin, check);
}

fn lines(margin: &Margin, check: &mut Check<'_, '_, '_>) {
    let lines = [("liquidation", margin.liquidation), ("call", margin.call), ("limit", margin.limit), ("warning", margin.warning)];
    for (name, line) in lines {
        check.line(&["margin", name], line);
    }
    check.line(&["margin", "restore-to"], margin.restore_to);
    let given: Vec<(&str, Ratio)> = lines.iter().filter_map(|(name, line)| Some((*name, (*line)?))).collect();
    for pair in given.windows(2) {
        let ((low, low_line), (high, high_line)) = (pair[0], pair[1]);
        let what = || format!("{low} {low_line} stands above {high} {high_line}");
        let paths: [&[&str]; 2] = [&["margin", low], &["margin", high]];
        let why = "the lines rise from liquidation over call and limit to warning";
        check.require(low_line <= high_line, &paths, what, why, &format!("set {low} at or below {high}"));
    }
    let path: &[&str] = &["margin", "restore-to"];
    if let Some(target) = margin.restore_to {
        let why = "at 100% or less the assets no longer cover the debt, and no sale can restore that";
        check.require(target.get() > 1.0, &[path], || found(target), why, "set it above 100%");
        if let Some(line) = margin.liquidation.filter(|_| target.get() > 1.0) {
            let what = || format!("restore-to {target} is not above liquidation {line}");
            let why = "sales that stop at or below the liquidation line leave the account in liquidation";
            let paths: [&[&str]; 2] = [path, &["margin", "liquidation"]];
            check.require(target > line, &paths, what, why, "set restore-to above the liquidation line");
        }
    }
    for (name, days) in [("cure-days", margin.cure_days), ("delay-days", margin.delay_days)] {
        let days = days.unwrap_or(0);
        let what = || format!("found {days}");
        let path: &[&str] = &["margin", name];
        check.require(days <= HORIZON_DAYS, &[path], what, "a deadline is at most 1000 sessions", "write a smaller number");
    }
    check.line(&["margin", "withdrawal"], margin.withdrawal);
    let path: &[&str] = &["margin", "cured-at"];
    check.line(path, margin.cured_at);
    if let (Some(cured), Some(call)) = (margin.cured_at, margin.call) {
        let what = || format!("cured-at {cured} stands below call {call}");
        let why = "an account still below the call line is not cured";
        check.require(cured >= call, &[path, &["margin", "call"]], what, why, "set cured-at at or above the call line");
    }
    if let Some(initial) = margin.initial_margin {
        let holds = initial.get() > 0.0 && initial.get() <= 10.0;
        let why = "own money per unit of a purchase lies above 0% and at most at 1000%";
        check.require(holds, &[&["margin", "initial-margin"]], || found(initial), why, "write it as \"100%\" or 1.0");
    }
}

fn rulebooks(margin: &Margin, as_of: Option<Day>, check: &mut Check<'_, '_, '_>) {
    if let Some(name) = &margin.rulebook {
        rulebook(name, margin.version.or(as_of), &["margin", "rulebook"], check);
    } else if let Some(version) = margin.version {
        let why = "a version is one of a rulebook's";
        check.require(false, &[&["margin", "version"]], || format!("found {version}"), why, "name the `rulebook` too, or remove it");
    }
    for (product, name) in &margin.products {
        rulebook(name, as_of, &["margin", "products", product], check);
    }
}

fn rulebook(name: &str, day: Option<Day>, path: &[&str], check: &mut Check<'_, '_, '_>) {
    let names = rulebooks::names();
    let Some(rulebook) = rulebooks::find(name) else {
        let why = format!("the rulebooks are {}", list(&names));
        let fix = nearest_fix(name, &names, "name one of them");
        return check.require(false, &[path], || format!("\"{name}\" is no rulebook"), &why, &fix);
    };
    if let Some(day) = day {
        let first = rulebook.versions[0].effective;
        let why = format!("its first version is in force from {first}");
        let what = || format!("rulebook \"{name}\" has no version on {day}");
        check.require(day >= first, &[path, &["margin", "version"]], what, &why, "name another, or a later `version`");
    }
}

fn limit_action(margin: &Margin, check: &mut Check<'_, '_, '_>) {
    let path: &[&str] = &["margin", "limit-action"];
    if let LimitAction::CapLeverage(leverage) = margin.limit_action {
        let why = "a leverage lies above 1, where nothing is lent, and at most at 100";
        let holds = leverage > 1.0 && leverage <= 100.0;
        check.require(holds, &[path], || format!("found {leverage}"), why, "write for example { cap-leverage = 2.5 }");
        if !holds {
            return;
        }
    }
    if let LimitAction::ReduceTo(target) = margin.limit_action {
        check.line(path, Some(target));
    }
    let target = margin.limit_action.target();
    if target == 0.0 {
        return;
    }
    let of_trigger = margin.volatility_trigger.as_ref().is_some_and(|t| t.limit.is_some());
    let lined = of_trigger || margin.limit.is_some() || margin.in_force_by_product.values().any(|i| i.version.limit.is_some());
    let why = "the action is taken at the limit line";
    check.require(
        lined,
        &[path, &["margin", "limit"]],
        || "no limit line is in force".into(),
        why,
        "write `limit` too, or remove the action",
    );
    if let Some(limit) = margin.limit {
        let what = || format!("a reduction to {target} stops below limit {limit}");
        let why = "a sale that leaves the account below its limit line would be made again at every close";
        check.require(target >= limit.get(), &[path, &["margin", "limit"]], what, why, "set the target at or above the limit line");
    }
}
