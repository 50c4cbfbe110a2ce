//! Checks the platform's controls of a case: stops, haircuts, volatility trigger, dynamic lines, template, cap, ADL.

use super::check::{Check, HORIZON_DAYS, found};
use super::locate::View;
use crate::model::liquidation::Liquidation;
use crate::model::liquidation::adl::Adl;
use crate::model::margin::Margin;
use crate::model::margin::cap::InvestmentCap;
use crate::model::margin::dynamic::{Dynamic, Method};
use crate::model::margin::haircut::Base;
use crate::model::margin::risk_volatility::Measure;
use crate::model::margin::template::Template;
use crate::model::margin::trigger::{Movement, SESSIONS, VolatilityTrigger};
use crate::problem::Problems;
use crate::units::Ratio;

/// Leverages and money that a rule can mean.
const LEVERAGE: (f64, f64) = (1.0, 100.0);
const MONEY: (f64, f64) = (0.0, 1e15);

/// Checks everything of `[margin]` that acts beside the lines.
pub fn margin(margin: &Margin, check: &mut Check<'_, '_, '_>) {
    for (key, loss) in [("position-loss", margin.stop.position_loss), ("drawdown", margin.stop.drawdown)] {
        if let Some(loss) = loss {
            let why = "a stop lies above 0% and below 100% of what can be lost";
            within(&["margin", "stop", key], loss, (0.0, 1.0), false, why, check);
        }
    }
    haircuts(margin, check);
    if let Some(trigger) = &margin.volatility_trigger {
        self::trigger(trigger, check);
    }
    if let Some(dynamic) = &margin.dynamic {
        self::dynamic(dynamic, margin, check);
    }
    if let Some(template) = &margin.template {
        self::template(template, check);
    }
    if let Some(cap) = &margin.investment_cap {
        investment_cap(cap, check);
    }
}

/// A ratio above the first bound and up to the second, or below it where the second is excluded.
fn within(path: &[&str], ratio: Ratio, (low, high): (f64, f64), closed: bool, why: &str, check: &mut Check<'_, '_, '_>) {
    let holds = ratio.get() > low && (ratio.get() < high || (closed && ratio.get() == high));
    check.require(holds, &[path], || found(ratio), why, "write a percentage within these bounds");
}

fn leverage(path: &[&str], value: f64, check: &mut Check<'_, '_, '_>) {
    let holds = value > LEVERAGE.0 && value <= LEVERAGE.1;
    let why = "a leverage lies above 1, where nothing is lent, and at most at 100";
    check.require(holds, &[path], || format!("found {value}"), why, "write for example 2.5");
}

fn haircuts(margin: &Margin, check: &mut Check<'_, '_, '_>) {
    let rule = &margin.haircuts;
    if let Base::Flat(share) = rule.base {
        let holds = (0.0..1.0).contains(&share.get());
        let path: &[&str] = &["margin", "haircuts", "base"];
        check.require(holds, &[path], || found(share), "a haircut is at least 0% and below 100%", "write for example { flat = \"10%\" }");
        let what = || format!("the haircut {share} stands above its cap {}", rule.cap);
        let why = "a haircut widens from its base up to its cap";
        check.require(share <= rule.cap, &[path, &["margin", "haircuts", "cap"]], what, why, "raise the cap");
    }
    check.share(&["margin", "haircuts", "cap"], rule.cap);
    let why = "a haircut follows 0 to 100 times the rise of volatility";
    check.number(&["margin", "haircuts", "widening"], rule.widening, (0.0, 100.0), why);
    let path: &[&str] = &["margin", "haircuts", "widening"];
    let what = || format!("found {} without a haircut", rule.widening);
    let why = "a haircut of nothing has nothing to widen";
    check.require(rule.widening == 0.0 || rule.is_on(), &[path, &["margin", "haircuts", "base"]], what, why, "choose a `base` too");
}

fn trigger(trigger: &VolatilityTrigger, check: &mut Check<'_, '_, '_>) {
    let at = |key: &'static str| ["margin", "volatility-trigger", key];
    within(&at("threshold"), trigger.threshold, (0.0, 1.0), true, "a threshold lies above 0% and at most at 100%", check);
    let days = trigger.days;
    let why = "a trigger stays tripped for 1 to 1000 sessions";
    check.require((1..=HORIZON_DAYS).contains(&days), &[&at("days")], || format!("found {days}"), why, "write 1 for the session alone");
    leverage(&at("above-leverage"), trigger.above_leverage, check);
    if let Some(cut) = trigger.cut_to_leverage {
        leverage(&at("cut-to-leverage"), cut, check);
        let what = || format!("accounts above {} are cut to {cut}", trigger.above_leverage);
        let why = "a cut lowers leverage";
        let paths: [&[&str]; 2] = [&at("cut-to-leverage"), &at("above-leverage")];
        check.require(cut <= trigger.above_leverage, &paths, what, why, "set cut-to-leverage at or below above-leverage");
    }
    check.line(&at("limit"), trigger.limit);
    if let Movement::Realised(n) | Movement::Range(n) = trigger.measure {
        let holds = (2..=SESSIONS).contains(&n);
        let why = "a movement of several sessions is measured over 2 to 60";
        check.require(holds, &[&at("measure")], || format!("found {n}"), why, "write for example { realised = 5 }");
    }
}

fn dynamic(dynamic: &Dynamic, margin: &Margin, check: &mut Check<'_, '_, '_>) {
    let at = |key: &'static str| ["margin", "dynamic", key];
    within(&at("floor"), dynamic.floor, (0.0, 10.0), true, "a floor of the scale lies above 0% and at most at 1000%", check);
    within(&at("cap"), dynamic.cap, (0.0, 10.0), true, "a cap of the scale lies above 0% and at most at 1000%", check);
    let what = || format!("the floor {} stands above the cap {}", dynamic.floor, dynamic.cap);
    let paths: [&[&str]; 2] = [&at("floor"), &at("cap")];
    check.require(dynamic.floor <= dynamic.cap, &paths, what, "a scale lies between its floor and its cap", "swap them");
    check.share(&at("stressed-weight"), dynamic.stressed_weight);
    let holds = (0.0..=10.0).contains(&dynamic.buffer.get());
    check.require(holds, &[&at("buffer")], || found(dynamic.buffer), "a buffer lies within 0% and 1000%", "write for example \"25%\"");
    if let Method::ValueAtRisk(risk) = dynamic.method {
        let path = |key: &'static str| ["margin", "dynamic", "method", "value-at-risk", key];
        check.confidence(&path("confidence"), risk.confidence);
        let why = "a close-out takes 1 to 250 sessions";
        let what = || format!("found {}", risk.days);
        check.require((1..=250).contains(&risk.days), &[&path("days")], what, why, "write for example 2");
    }
    let by_product = margin.in_force_by_product.values().any(|i| i.version.lines().highest() > 1.0);
    let lines = [margin.warning, margin.limit, margin.call, margin.liquidation];
    let lined = by_product || lines.iter().flatten().any(|line| line.get() > 1.0);
    let why = "dynamic margin moves the lines of the contract";
    check.require(lined, &[&["margin", "dynamic"]], || "no line above 100% is in force".into(), why, "write `call` or `liquidation` too");
}

/// Checks what margin rules read as volatility; `given` says whether a series of implied volatility is there, where that is known.
pub fn risk_volatility(margin: &Margin, given: Option<bool>, view: &View<'_, '_>, problems: &mut Problems) {
    let Some(rule) = &margin.risk_volatility else { return };
    let check = &mut Check { view, problems, above: Vec::new() };
    let at = |key: &'static str| ["margin", "risk-volatility", key];
    let why = "without a series of implied volatility there is only the realised one";
    let fix = "name the series: implied-volatility = \"data/implied.csv\" under [data], or remove the table";
    check.require(given != Some(false), &[&["margin", "risk-volatility"]], || "no series is given".into(), why, fix);
    if let Measure::Blend(weight) = rule.measure {
        check.share(&["margin", "risk-volatility", "measure", "blend"], weight);
    }
    if let Some(half) = rule.half_life_days {
        let holds = half > 0.0 && half <= 10_000.0;
        let why = "half of the distance is gone within more than 0 and at most 10,000 sessions";
        check.require(holds, &[&at("half-life-days")], || format!("found {half}"), why, "write for example 20");
    }
    let why = "options imply 0.1 to 10 times what is realised in the long run";
    check.number(&at("long-run-ratio"), rule.long_run_ratio, (0.1, 10.0), why);
    let what = || format!("found {} without a half-life", rule.long_run_ratio);
    let why = "without a half-life the ratio stays as it is on the as-of date";
    let holds = rule.long_run_ratio == 1.0 || rule.half_life_days.is_some();
    check.require(holds, &[&at("long-run-ratio"), &at("half-life-days")], what, why, "write `half-life-days` too");
    let why = "a year has 200 to 366 sessions";
    check.number(&at("trading-days"), rule.trading_days, (200.0, 366.0), why);
}

fn template(template: &Template, check: &mut Check<'_, '_, '_>) {
    let at = |key: &'static str| ["margin", "template", key];
    leverage(&at("calm-leverage"), template.calm_leverage, check);
    leverage(&at("stress-leverage"), template.stress_leverage, check);
    let what = || format!("stress allows {}, calm {}", template.stress_leverage, template.calm_leverage);
    let paths: [&[&str]; 2] = [&at("stress-leverage"), &at("calm-leverage")];
    let holds = template.stress_leverage <= template.calm_leverage;
    check.require(holds, &paths, what, "a template allows less in stress than in calm", "swap them");
    let why = "holdings count as liquid within 1 to 250 sessions";
    let days = template.liquid_days;
    check.require((1..=250).contains(&days), &[&at("liquid-days")], || format!("found {days}"), why, "write for example 5");
    let why = "sales take more than 0% and at most 100% of a day's turnover";
    within(&at("participation"), template.participation, (0.0, 1.0), true, why, check);
    let refills = template.depth_refills;
    let why = "the depth of quotes can be taken more than 0 and at most 10,000 times a session";
    check.require(
        refills > 0.0 && refills <= 10_000.0,
        &[&at("depth-refills")],
        || format!("found {refills}"),
        why,
        "write for example 20",
    );
}

fn investment_cap(cap: &InvestmentCap, check: &mut Check<'_, '_, '_>) {
    let at = |key: &'static str| ["margin", "investment-cap", key];
    check.share(&at("risk-factor"), cap.risk_factor);
    if let Some(factor) = cap.leverage_factor {
        check.number(&at("leverage-factor"), factor, (0.0, 100.0), "a leverage factor lies within 0 and 100");
    }
    for (key, money) in [("platform", cap.platform), ("lender-capital", cap.lender_capital)] {
        if let Some(money) = money {
            check.number(&at(key), money, MONEY, "an amount of money is 0 to 1e15");
        }
    }
}

/// Checks the stages of a close-out, and de-leveraging ahead of it.
pub fn liquidation(liquidation: &Liquidation, check: &mut Check<'_, '_, '_>) {
    if let Some(share) = liquidation.daily_share {
        let why = "a session sells more than 0% and at most 100% of a position";
        within(&["liquidation", "daily-share"], share, (0.0, 1.0), true, why, check);
    }
    if let Some(adl) = &liquidation.adl {
        self::adl(adl, check);
    }
}

fn adl(adl: &Adl, check: &mut Check<'_, '_, '_>) {
    let at = |key: &'static str| ["liquidation", "adl", key];
    check.line(&at("upper"), Some(adl.upper));
    check.line(&at("lower"), Some(adl.lower));
    let what = || format!("lower {} is not below upper {}", adl.lower, adl.upper);
    let paths: [&[&str]; 2] = [&at("lower"), &at("upper")];
    check.require(adl.lower < adl.upper, &paths, what, "it acts between its two ratios", "set lower below upper");
    within(&at("share"), adl.share, (0.0, 1.0), true, "a session sells more than 0% and at most 100% of what is held", check);
}
