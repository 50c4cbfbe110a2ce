//! Says in one sentence what the figures ask for: the most pressing of breached limits, losses beyond the buffers, warnings, open tests.

use super::coverage::{buffers, of_amount};
use super::limits::{found, limit_value, limits_by_urgency};
use super::shares::seen_often;
use super::tables;
use super::watches::{finding_name, watch_name};
use crate::measures::shapes::Driver;
use crate::model::part::Words;
use crate::report::charts::Context;
use crate::report::facts::ScenarioFacts;
use crate::report::text::{measure, number};
use crate::study::limits::Verdict;
use crate::study::register::line::Status;
use crate::study::watch::State;

const BREACH: Words = Words(
    "Bring {measure} in “{scenario}” back within its limit ({found} against {limit}), and grant no new loans against it until then.",
    "将“{scenario}”的{measure}压降至限额之内（现为 {found}，限额 {limit}）；此前不新增相关融资。",
);
const BEYOND_ALL: Words = Words(
    "Raise the pool's capital or cut its loans: in “{scenario}” losses go beyond all tiers on {share} of the paths.",
    "补充资金池资本或压降融资：“{scenario}”下有 {share} 的路径损失超出各层合计。",
);
const BEYOND_FIRST: Words = Words(
    "Raise tier {tier} by {missing} to hold the ES 99% of “{scenario}”, cut what causes that loss{cause}, or accept it by a limit.",
    "将 {tier} 层补充 {missing}，以覆盖“{scenario}”的 ES 99%，或压降其主要来源{cause}，或设定限额予以接受。",
);
const CAUSE: Words = Words(" (its largest part, {share}, comes from {symbol})", "（最大来源为{symbol}，占 {share}）");
const RED: Words = Words("Act on the red warning: {name}.", "处置红色预警：{name}。");
const UNDECIDED: Words = Words(
    "Run more paths before relying on {measure} in “{scenario}”: {found} against {limit} is undecided.",
    "“{scenario}”的{measure}（{found}，限额 {limit}）尚未判定，应增加路径后再作结论。",
);
const AMBER: Words = Words("Watch closely, without measures yet: {name}.", "密切关注，暂无须采取措施：{name}。");
const NOTHING: Words = Words("These figures ask for no measure.", "根据上述结果，暂无须采取措施。");
const NO_LIMITS: Words =
    Words("Set limits: without them no figure of this report asks for anything.", "设定限额：未设限额时，本报告的结果无从判定。");

/// The sentence; the first of the rules that applies.
pub fn sentence(context: &Context<'_>) -> String {
    let (text, facts) = (&context.text, context.facts);
    let limits = limits_by_urgency(context);
    let of_limit = |words: Words, verdict: Verdict| {
        let limit = limits.iter().find(|l| l.verdict == verdict)?;
        let (measure, scenario) = (measure::name(text, &limit.measure), context.scenario(&limit.scenario));
        let values = [
            ("measure", measure.as_str()),
            ("scenario", &scenario),
            ("found", &found(context, limit)),
            ("limit", &limit_value(context, limit)),
        ];
        Some(text.fill(words, &values))
    };
    let warned = |words: Words, state: State| Some(text.fill(words, &[("name", &warning(context, state)?)]));
    let none = || text.get(if facts.limits.is_empty() && facts.watches.is_empty() { NO_LIMITS } else { NOTHING }).to_string();
    of_limit(BREACH, Verdict::Breach)
        .or_else(|| beyond_all(context))
        .or_else(|| beyond_first(context, context.worst()?))
        .or_else(|| warned(RED, State::Red))
        .or_else(|| of_limit(UNDECIDED, Verdict::Undecided))
        .or_else(|| warned(AMBER, State::Amber))
        .unwrap_or_else(none)
}

/// The scenario in which losses go beyond all tiers on most paths, where they do on more than a handful.
fn beyond_all(context: &Context<'_>) -> Option<String> {
    let of = |s: &'_ ScenarioFacts| s.measures.get("unallocated_loss.probability").filter(|e| e.value > 0.0 && seen_often(e)).cloned();
    let found = context.facts.scenarios.iter().filter_map(|s| Some((s, of(s)?)));
    let (scenario, share) = found.max_by(|a, b| a.1.value.total_cmp(&b.1.value))?;
    let values = [("scenario", &*context.scenario(&scenario.name)), ("share", &number::percent(share.value))];
    Some(context.text.fill(BEYOND_ALL, &values))
}

/// What the first tier lacks to hold the worst tail, where that is beyond noise.
fn beyond_first(context: &Context<'_>, worst: &ScenarioFacts) -> Option<String> {
    let first = buffers(context, worst).into_iter().next()?;
    let es = worst.measures.get("pool_loss.es_99").filter(|e| e.value.is_finite())?;
    let share = of_amount(es, first.size);
    if share.value - 2.0 * share.std_error <= 1.0 {
        return None;
    }
    let largest = worst.causes.as_ref().and_then(|causes| causes.symbols.first()).filter(|symbol| symbol.part.value > 0.0);
    let part = |symbol: &'_ Driver| number::percent(symbol.part.value / es.value);
    let cause = largest.map_or(String::new(), |symbol| context.text.fill(CAUSE, &[("symbol", &symbol.name), ("share", &part(symbol))]));
    let missing = tables::money(context, es.value - first.size);
    let values = [("tier", first.name.as_str()), ("missing", &missing), ("scenario", &context.scenario(&worst.name)), ("cause", &cause)];
    Some(context.text.fill(BEYOND_FIRST, &values))
}

/// What is at a level: the finding that has been longest, or a watch.
fn warning(context: &Context<'_>, state: State) -> Option<String> {
    let Some(register) = &context.facts.register else {
        let watch = context.facts.watches.iter().find(|w| w.state == state)?;
        return Some(watch_name(context, &watch.name).to_string());
    };
    let open = register.entry.findings.iter().filter(|f| f.level == state && f.status != Status::Closed && f.status != Status::Green);
    open.max_by_key(|f| f.reports).map(|finding| finding_name(context, finding))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::case::Language;
    use crate::report::sample;

    #[test]
    fn the_most_pressing_rule_speaks() {
        let programme = sample::programme(Language::En);
        let mut facts = sample::facts(&programme);
        let say = |facts: &crate::report::facts::Facts<'_>| sentence(&Context::new(facts, Language::En));
        assert!(say(&facts).starts_with("Bring ") && say(&facts).contains(" back within its limit ("), "{}", say(&facts));
        facts.limits.retain(|l| l.verdict != Verdict::Breach);
        for scenario in &mut facts.scenarios {
            scenario.measures.remove("unallocated_loss.probability");
        }
        assert!(say(&facts).starts_with("Raise tier C by CNY "), "{}", say(&facts));
        let undecided = facts.limits[0].clone();
        for scenario in &mut facts.scenarios {
            scenario.measures.remove("pool_loss.es_99");
        }
        facts.limits = vec![crate::study::limits::LimitResult { verdict: Verdict::Undecided, ..undecided.clone() }];
        assert!(say(&facts).starts_with("Run more paths before relying on "), "{}", say(&facts));
        facts.limits = vec![crate::study::limits::LimitResult { verdict: Verdict::Pass, ..undecided }];
        assert_eq!(say(&facts), "These figures ask for no measure.");
        facts.limits.clear();
        assert!(say(&facts).starts_with("Set limits"));
    }
}
