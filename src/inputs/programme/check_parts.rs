//! Checks market models, shocks, the impact law and the rules of a case by what each declares: ranges, pairs, sessions, targets.

use super::gather::Check;
use crate::model::case::Case;
use crate::model::impact::Impact;
use crate::model::market::MarketSpec;
use crate::model::part::{Fault, Unit};
use crate::model::rules::RULES;
use crate::model::shock::{Shock, Target};

/// Puts what is wrong with a part where the part stands.
pub fn put(faults: Vec<Fault>, at: &[&str], check: &mut Check<'_, '_, '_>) {
    for fault in faults {
        let steps = |key: &'_ str| -> Vec<String> {
            let inner = key.split('.').filter(|step| !step.is_empty()).map(String::from);
            at.iter().map(ToString::to_string).chain(inner).collect()
        };
        let paths: Vec<Vec<String>> = fault.keys.iter().map(|key| steps(key)).collect();
        let paths: Vec<Vec<&str>> = paths.iter().map(|path| path.iter().map(String::as_str).collect()).collect();
        let paths: Vec<&[&str]> = paths.iter().map(Vec::as_slice).collect();
        check.require(false, &paths, || fault.what, &fault.why, &fault.fix);
    }
}

/// Checks the rules that a case has in force.
pub fn rules(case: &Case, check: &mut Check<'_, '_, '_>) {
    for rule in RULES {
        put((rule.faults)(case), &[rule.above, rule.declared.key], check);
    }
}

pub fn market(market: &MarketSpec, check: &mut Check<'_, '_, '_>) {
    put(market.faults(), &["market", market.key()], check);
}

pub fn impact(impact: &Impact, check: &mut Check<'_, '_, '_>) {
    put(impact.faults(), &["feedback", "impact", impact.declared().key], check);
}

/// Correlations that are to be read need the file that holds them.
pub fn given(market: &MarketSpec, check: &mut Check<'_, '_, '_>) {
    let why = "given correlations are read from the file of [data] correlations";
    let fix = "name the file under [data], or let them be estimated";
    let path: &[&str] = &["market", market.key(), "covariance"];
    check.require(!market.reads_correlations(), &[path], || "found \"given\" without a file".into(), why, fix);
}

/// Checks one shock; `index` is its place in the list, `horizon` the sessions simulated.
pub fn shock(shock: &Shock, index: &str, horizon: u32, check: &mut Check<'_, '_, '_>) {
    let at = ["shocks", index, shock.declared().key];
    put(shock.faults(), &at, check);
    sessions(shock, &at, horizon, check);
    target(shock.target(), &at, check);
}

/// The sessions of a shock lie within the horizon, and in order.
fn sessions(shock: &Shock, at: &[&str], horizon: u32, check: &mut Check<'_, '_, '_>) {
    let values = shock.values();
    let given = |unit: Unit| {
        let param = shock.declared().params.iter().find(|param| param.unit == unit)?;
        Some((param.key, values.figure(param.key)? as u32))
    };
    let Some((key, first)) = given(Unit::Session) else { return };
    day_within(&[at, &[key]].concat(), first, horizon, check);
    if let Some((key, last)) = given(Unit::LastSession) {
        let path = [at, &[key]].concat();
        day_within(&path, last, horizon, check);
        let what = || format!("last day {last} lies before first day {first}");
        check.require(last >= first, &[&path], what, "a stress runs from its first day to its last", "swap them");
    }
    if let Some((key, days)) = given(Unit::Sessions) {
        let path = [at, &[key]].concat();
        check.require(days >= 1, &[&path], || "found 0 days".into(), "a run of days has 1 or more", "write 1 or more");
        let holds = u64::from(first) + u64::from(days.max(1)) - 1 <= u64::from(horizon) || first > horizon;
        let what = || format!("found {days} days from day {first}");
        let why = format!("the days end within the horizon of {horizon} days");
        let paths: [&[&str]; 2] = [&path, &["simulation", "horizon-days"]];
        check.require(holds, &paths, what, &why, "shorten the run of days or lengthen the horizon");
    }
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

#[cfg(test)]
mod tests {
    use crate::inputs::programme::{Overrides, parse, schema, template};
    use std::path::Path;

    fn with(more: &str) -> Result<crate::model::case::Programme, crate::problem::Problems> {
        let head = "schema = 1\nname = \"p\"\nas-of = 2015-06-12\n[data]\nprices = \"p.csv\"\ninstruments = \"i.csv\"\naccounts = \"a.csv\"\npositions = \"q.csv\"\n[margin]\nliquidation = \"110%\"\n";
        parse(&format!("{head}{more}"), "p.toml", Path::new(""), &Overrides::default())
    }

    #[test]
    fn a_further_part_is_checked_by_what_it_declares_alone() {
        let good = "[market.example]\nreturn-daily = \"1%\"\n[feedback.impact.example]\ncost = 0.02\n[[shocks]]\nexample = { day = 2, share = 0.5 }\n";
        assert!(with(good).is_ok(), "{}", with(good).unwrap_err());
        for (from, to, field, why) in [
            ("\"1%\"", "\"60%\"", "market.example.return-daily", "`return-daily` is above -100%, at most 50%: the return of every session"),
            ("0.02", "0.3", "feedback.impact.example.cost", "`cost` is 0 to 0.25: slippage of the fill"),
            ("0.5", "1.5", "shocks[1].example.share", "`share` is 0 to 1: what is left of the move"),
            ("day = 2", "day = 999", "shocks[1].example.day", "the horizon ends on day 20"),
        ] {
            let problems = with(&good.replace(from, to)).expect_err(to);
            let problem = problems.iter().next().expect("one");
            assert_eq!((problem.place.field.as_deref(), problem.why.as_str()), (Some(field), why), "{problems}");
        }
    }

    #[test]
    fn a_further_part_stands_in_the_template_and_in_the_schema() {
        for line in [
            "# [market.example] ",
            "# return-daily = \"1%\" ",
            "# [feedback.impact.example] ",
            "# example = { day = 1, share = 0.5, on = \"all\" } ",
        ] {
            assert!(template().contains(line), "{line}");
        }
        let schema: serde_json::Value = serde_json::from_str(&schema()).expect("JSON");
        let schema = schema.to_string();
        assert!(schema.contains("\"exclusiveMinimum\":-1.0") && schema.contains("\"maximum\":0.25"));
    }
}
