//! Tells the scenario that costs the pool most: its tail, what the market does in it, who is liquidated, and which others cost as much.

use super::shares::{NAMED, listed, written};
use super::tables;
use crate::measures::{Estimate, Unit};
use crate::model::part::Words;
use crate::report::charts::Context;
use crate::report::facts::ScenarioFacts;
use crate::report::text::number::{self, Scale};
use crate::report::text::shared;

const OF_LOANS: Words = Words(", {share} of all loans", "，占全部融资余额的 {share}");
const VERDICT_WORST: Words = Words(
    "“{scenario}” ({severity}) costs the pool most of {n} scenarios: in the worst 1% of its paths the pool loses {es} on average within {days} sessions{share}; in the base {base}.",
    "{n} 个情景中损失最大的是“{scenario}”（{severity}）：在最差的 1% 路径中，资金池在 {days} 个交易日内平均损失 {es}{share}；基准情景下为 {base}。",
);
const VERDICT_WORST_EXACT: Words = Words(
    "“{scenario}” ({severity}) costs the pool most of {n} scenarios: on its single path of {days} sessions the pool loses {es}{share}; in the worst 1% of the base's paths {base} on average.",
    "{n} 个情景中损失最大的是“{scenario}”（{severity}）：在这条 {days} 个交易日的单一路径上，资金池损失 {es}{share}；基准情景最差 1% 路径的平均损失为 {base}。",
);
const VERDICT_ONLY: Words = Words(
    "In the worst 1% of the paths the pool loses {es} on average within {days} sessions{share}.",
    "在最差的 1% 路径中，资金池在 {days} 个交易日内平均损失 {es}{share}。",
);
const VERDICT_LIQUIDATION: Words = Words(
    "{rate} of the accounts are liquidated there, against {base} in the base.",
    "该情景下 {rate} 的账户被强制平仓，基准情景下为 {base}。",
);
const VERDICT_TIED: Words = Words("Within two standard errors of it: {scenarios}.", "与其相差不足两倍标准误的情景：{scenarios}。");
const VERDICT_MARKET: Words = Words(
    "Over all its paths the shares held return {total} on average, and {day} on their worst session; {unsold} is still to be sold at the end.",
    "全部路径平均，持仓证券收益率为 {total}，最差单日为 {day}；期末尚有 {unsold}未卖出。",
);
const VERDICT_MOST_LIQUIDATED: Words =
    Words("Most accounts are liquidated in “{scenario}”: {rate}.", "强制平仓账户最多的是“{scenario}”：{rate}。");

/// Its sentences.
pub fn told(context: &Context<'_>, base: &ScenarioFacts, worst: &ScenarioFacts) -> Vec<String> {
    let text = &context.text;
    let mut out: Vec<String> = loss(context, base, worst).into_iter().chain(tied(context, worst)).chain(market(context, worst)).collect();
    if worst.name == base.name {
        return out;
    }
    let rate = |s: &ScenarioFacts| s.measures.get("liquidation_rate").cloned();
    let (Some(here), Some(there)) = (rate(worst), rate(base)) else { return out };
    out.push(text.fill(VERDICT_LIQUIDATION, &[("rate", &written(context, &here)), ("base", &written(context, &there))]));
    let most =
        context.facts.scenarios.iter().filter_map(|s| Some((s, rate(s)?))).fold(None, |most: Option<(&ScenarioFacts, Estimate)>, next| {
            if most.as_ref().is_none_or(|(_, e)| next.1.value > e.value) { Some(next) } else { most }
        });
    if let Some((scenario, e)) = most.filter(|(s, e)| s.name != worst.name && e.value > here.value) {
        out.push(text.fill(VERDICT_MOST_LIQUIDATED, &[("scenario", &context.scenario(&scenario.name)), ("rate", &written(context, &e))]));
    }
    out
}

/// Scenarios whose tail cannot be told from the worst one's.
fn tied(context: &Context<'_>, worst: &ScenarioFacts) -> Option<String> {
    let tail = |s: &ScenarioFacts| s.measures.get("pool_loss.es_99").cloned();
    let largest = tail(worst)?;
    let close = |e: &Estimate| {
        let error = (e.std_error * e.std_error + largest.std_error * largest.std_error).sqrt();
        largest.value > 0.0 && largest.value - e.value <= 2.0 * error
    };
    let others = context.facts.scenarios.iter().filter(|s| s.name != worst.name && tail(s).is_some_and(|e| close(&e)));
    let named: Vec<String> = others.map(|s| context.scenario(&s.name)).collect();
    let n = named.len();
    let named: Vec<String> = named.into_iter().take(NAMED).collect();
    (n > 0).then(|| context.text.fill(VERDICT_TIED, &[("scenarios", &listed(context, named, n))]))
}

/// What the market does in a scenario, and what it leaves unsold.
fn market(context: &Context<'_>, scenario: &ScenarioFacts) -> Option<String> {
    let of = |key: &str| scenario.measures.get(key);
    let (total, day, unsold) = (of("market_return.mean")?, of("market_worst_day.mean")?, of("unsold.mean")?);
    let values =
        [("total", number::percent(total.value)), ("day", number::percent(day.value)), ("unsold", tables::money_estimate(context, unsold))];
    Some(context.text.fill(VERDICT_MARKET, &values.each_ref().map(|(name, value)| (*name, value.as_str()))))
}

fn loss(context: &Context<'_>, base: &ScenarioFacts, worst: &ScenarioFacts) -> Option<String> {
    let text = &context.text;
    let es = worst.measures.get("pool_loss.es_99").filter(|e| e.value.is_finite())?;
    let loans = context.facts.snapshot.loans;
    let of_loans = |x: f64| x / loans;
    let share = Estimate {
        value: of_loans(es.value),
        std_error: of_loans(es.std_error),
        ci_low: of_loans(es.ci_low),
        ci_high: es.ci_high.map(of_loans),
        unit: Unit::Ratio,
        ..es.clone()
    };
    let share = if loans > 0.0 { text.fill(OF_LOANS, &[("share", &self::written(context, &share))]) } else { String::new() };
    let scale = Scale::of(text, [es.value]);
    let written = tables::money_estimate_in(context, es, scale);
    let days = worst.horizon_days.to_string();
    if worst.name == base.name {
        return Some(text.fill(VERDICT_ONLY, &[("es", &written), ("days", &days), ("share", &share)]));
    }
    let base = base
        .measures
        .get("pool_loss.es_99")
        .map_or(text.get(shared::NOT_AVAILABLE).to_string(), |e| tables::money_estimate_in(context, e, scale));
    let word = if worst.deterministic { VERDICT_WORST_EXACT } else { VERDICT_WORST };
    Some(text.fill(
        word,
        &[
            ("n", &context.facts.scenarios.len().to_string()),
            ("scenario", &context.scenario(&worst.name)),
            ("severity", text.severity(worst.severity)),
            ("es", &written),
            ("days", &days),
            ("share", &share),
            ("base", &base),
        ],
    ))
}
