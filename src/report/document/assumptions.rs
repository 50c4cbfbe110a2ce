//! Says what a programme assumes by default or by its own choice, and a supervisor would ask about: one sentence each, with the
//! scenarios it holds for.

use crate::model::case::Case;
use crate::model::exchange::StampDuty;
use crate::report::charts::Context;
use crate::report::text::AssumptionWord;
use crate::report::text::number::line;
use std::collections::BTreeMap;

/// Every assumption in force, in one order.
pub fn all(context: &Context<'_>) -> Vec<String> {
    let text = &context.text;
    let mut out = Vec::new();
    let mut say = |word: AssumptionWord, more: &[(&str, &str)], holds: &dyn Fn(&Case) -> bool| {
        if let Some(scenarios) = scenarios(context, holds) {
            out.push(text.fill(word, &[&[("scenarios", scenarios.as_str())][..], more].concat()));
        }
    };
    let delay = |case: &Case| case.margin.delay_days.unwrap_or(case.liquidation.delay_days);
    say(AssumptionWord::SameClose, &[], &|case| delay(case) == 0);
    for days in values(context, |case| Some(delay(case)).filter(|days| *days > 0)) {
        say(AssumptionWord::NextClose, &[("days", &days.to_string())], &|case| delay(case) == days);
    }
    let restore = |case: &Case| case.margin.restore_to.map(|ratio| line(ratio.get()));
    let liquidates = |case: &Case| case.margin.liquidation.is_some() || case.margin.call.is_some();
    say(AssumptionWord::SellsAll, &[], &|case| liquidates(case) && restore(case).is_none());
    for ratio in values(context, restore) {
        say(AssumptionWord::SellsTo, &[("ratio", &ratio)], &|case| restore(case).as_ref() == Some(&ratio));
    }
    say(AssumptionWord::NoTPlusOne, &[], &|case| !case.exchange.t_plus_one);
    say(AssumptionWord::NoLimits, &[], &|case| !case.exchange.price_limits);
    say(AssumptionWord::NoDuty, &[], &|case| matches!(case.costs.stamp_duty, StampDuty::Rate(rate) if rate.get() == 0.0));
    say(AssumptionWord::NoMaturities, &[], &|case| case.pool.cash.is_none());
    let any = |holds: &dyn Fn(&Case) -> bool| context.facts.programme.scenarios.iter().any(|s| holds(&s.case));
    if any(&reads_stress) {
        out.push(text.get(AssumptionWord::Stress).into());
    }
    if any(&|case| case.exchange.t_plus_one) {
        out.push(text.get(AssumptionWord::TPlusOne).into());
    }
    out.push(text.get(AssumptionWord::Interest).into());
    if let Some(calendar) = &context.facts.calendar {
        out.push(text.fill(AssumptionWord::Calendar, &[("calendar", text.note(calendar))]));
    }
    out
}

/// True when a rule of the case answers to market stress.
fn reads_stress(case: &Case) -> bool {
    let pool = &case.pool;
    let funders = pool.funders_react() && pool.run.as_ref().is_some_and(|run| run.stress_weight > 0.0);
    let lender = pool.lending.as_ref().and_then(|l| l.loan_to_value.as_ref()).is_some_and(|rule| rule.stress_weight > 0.0);
    case.clients.read_stress() || case.margin.template.is_some() || funders || lender || pool.triggers.iter().any(|t| t.stress.is_some())
}

/// The scenarios a condition holds for, "all scenarios" where it holds for every one; nothing where it holds for none.
fn scenarios(context: &Context<'_>, holds: &dyn Fn(&Case) -> bool) -> Option<String> {
    let all = &context.facts.programme.scenarios;
    let named: Vec<String> = all.iter().filter(|s| holds(&s.case)).map(|s| context.scenario(&s.name)).collect();
    match named.len() {
        0 => None,
        n if n == all.len() => Some(context.text.get(AssumptionWord::AllScenarios).into()),
        _ => Some(context.text.list(&named)),
    }
}

/// What the scenarios say of one thing, each value once.
fn values<T: Ord>(context: &Context<'_>, of: impl Fn(&Case) -> Option<T>) -> Vec<T> {
    let found: BTreeMap<T, ()> = context.facts.programme.scenarios.iter().filter_map(|s| Some((of(&s.case)?, ()))).collect();
    found.into_keys().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::case::Language;
    use crate::report::sample;
    use crate::units::Ratio;

    #[test]
    fn every_default_a_supervisor_asks_about_is_said_in_both_languages() {
        let mut programme = sample::programme(Language::En);
        programme.scenarios[1].case.liquidation.delay_days = 2;
        programme.scenarios[1].case.margin.delay_days = None;
        programme.scenarios[1].case.margin.restore_to = Ratio::new(1.5);
        programme.scenarios[2].case.clients.stress_sensitivity = 1.0;
        let facts = sample::facts(&programme);
        let (en, zh) = (all(&Context::new(&facts, Language::En)), all(&Context::new(&facts, Language::Zh)));
        assert_eq!(en.len(), zh.len());
        let said = |list: &[String], words: &str| assert!(list.iter().any(|s| s.contains(words)), "{words} in {list:#?}");
        said(&en, "made at that very close");
        said(&en, "2 after the one whose close decided it");
        said(&en, "stops at 150%");
        said(&en, "maturity dates are read and not acted on");
        said(&en, "from the first session on (T+1)");
        said(&en, "every calendar day");
        said(&en, "inside a crash stands in stress");
        said(&en, "exchanges of Shanghai");
        said(&zh, "即按该收盘价成交");
        said(&zh, "到期日已读取但不据以处理");
        said(&zh, "上海交易日历");
    }
}
