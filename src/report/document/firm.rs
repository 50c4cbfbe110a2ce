//! Says how the firm's indicators stand against their levels, for page one and for their section.

use super::block::Tone;
use super::shares::{NAMED, listed};
use crate::measures::firm::{After, Before, Standing};
use crate::model::part::Words;
use crate::report::charts::Context;
use crate::report::facts::ScenarioFacts;
use crate::report::text::number::{self, Scale};

const MEETS: Words = Words("keeps its levels", "符合标准");
const AT_WARNING: Words = Words("within two errors of the warning line", "距预警线不足两倍标准误");
const WARNING: Words = Words("beyond the warning line", "越过预警线");
const AT_LIMIT: Words = Words("within two errors of the limit", "距监管标准不足两倍标准误");
const BREACH: Words = Words("breaks the limit", "不符合标准");
const NO_LEVEL: Words = Words("no level is set", "未设标准");
const USED_UP: Words = Words("capital used up", "资本耗尽");

const BREAKS: Words = Words("After stress these break their limits: {items}.", "压力后不符合标准：{items}。");
const WARNS: Words = Words(
    "Beyond their warning lines, or within two standard errors of a level: {items}.",
    "越过预警线，或与标准、预警线相差不足两倍标准误：{items}。",
);
const ITEM: Words = Words(
    "{indicator} {value} in “{scenario}” ({before} before stress, limit {limit})",
    "“{scenario}”的{indicator} {value}（压力前 {before}，标准 {limit}）",
);

pub fn word(standing: Standing) -> Words {
    match standing {
        Standing::NoLevel => NO_LEVEL,
        Standing::Meets => MEETS,
        Standing::AtWarning => AT_WARNING,
        Standing::Warning => WARNING,
        Standing::AtLimit => AT_LIMIT,
        Standing::Breach => BREACH,
    }
}

pub fn tone(standing: Standing) -> Tone {
    match standing {
        Standing::NoLevel | Standing::Meets => Tone::Plain,
        Standing::AtWarning | Standing::Warning | Standing::AtLimit => Tone::Undecided,
        Standing::Breach => Tone::Breach,
    }
}

/// A level with the sign of its side: `≥ 100%`.
pub fn side(floor: bool, level: f64) -> String {
    format!("{} {}", sign(floor), number::line(level))
}

/// The sign of a side.
pub fn sign(floor: bool) -> &'static str {
    if floor { "≥" } else { "≤" }
}

/// The value after a scenario, with its error and unit.
pub fn value(context: &Context<'_>, after: &After) -> String {
    match &after.value {
        Some(e) => number::estimate(&context.text, e, Scale::ONE).full(),
        None => context.text.get(USED_UP).into(),
    }
}

/// What page one says: of each indicator that does not keep its levels in every scenario, the worst; nothing where all do.
pub fn sentences(context: &Context<'_>) -> Vec<String> {
    let text = &context.text;
    let Some(firm) = &context.facts.firm else { return Vec::new() };
    let worst = |before: &Before| -> Option<(&ScenarioFacts, &After)> {
        let of = |s: &'_ ScenarioFacts| s.firm.iter().flat_map(|firm| &firm.after).position(|after| after.indicator == before.indicator);
        let all = context.facts.scenarios.iter().filter_map(|s| Some((s, &s.firm.as_ref()?.after[of(s)?])));
        // capital used up is worse than any figure
        let badness = |after: &After| {
            let sign = if before.indicator.is_floor() { -1.0 } else { 1.0 };
            after.value.as_ref().map_or(f64::INFINITY, |e| sign * e.value)
        };
        all.fold(None, |most: Option<(&ScenarioFacts, &After)>, of| match most {
            Some(most) if badness(most.1) >= badness(of.1) => Some(most),
            _ => Some(of),
        })
    };
    let rows: Vec<(&Before, &ScenarioFacts, &After)> =
        firm.before.iter().filter_map(|before| worst(before).map(|(scenario, after)| (before, scenario, after))).collect();
    let told = |word: Words, of: &dyn Fn(Standing) -> bool| {
        let chosen: Vec<_> = rows.iter().filter(|(_, _, after)| of(after.standing)).collect();
        let item = |(before, scenario, after): &&(&Before, &ScenarioFacts, &After)| {
            let limit = before.level.map_or(String::new(), |level| side(after.indicator.is_floor(), level.limit));
            let values = [
                ("indicator", text.get(after.indicator.name()).to_string()),
                ("scenario", context.scenario(&scenario.name)),
                ("value", value(context, after)),
                ("before", before.value.map_or("–".into(), number::to_four)),
                ("limit", limit),
            ];
            text.fill(ITEM, &values.each_ref().map(|(name, value)| (*name, value.as_str())))
        };
        let items: Vec<String> = chosen.iter().take(NAMED).map(item).collect();
        (!items.is_empty()).then(|| text.fill(word, &[("items", &listed(context, items, chosen.len()))]))
    };
    let breaks = told(BREAKS, &|standing| standing == Standing::Breach);
    let warns = told(WARNS, &|standing| matches!(standing, Standing::AtWarning | Standing::Warning | Standing::AtLimit));
    breaks.into_iter().chain(warns).collect()
}
