//! Answers the chair's questions in plain words: within limits? what is the worst? who bears it? does the cash last? what is to decide?

use super::coverage;
use super::limits::{found, is_open, limit_value, limits_by_urgency, used, used_written, verdict_word};
use super::parts;
use super::recommendation;
use super::shares::{paths, seen_often, written};
use super::tables;
use super::tiers::tiers_in_loss_order;
use super::watches;
use crate::measures::{Estimate, Unit};
use crate::model::part::Words;
use crate::report::charts::Context;
use crate::report::facts::ScenarioFacts;
use crate::report::text::number::{self, Scale};
use crate::report::text::{measure, shared};
use crate::study::limits::{LimitResult, Verdict};
use serde::Serialize;

const LIMITS: Words = Words("Limits", "限额");
const RECOMMEND: Words = Words("Recommended", "建议");
const WARNING: Words = Words("Early warning", "风险预警");
const WORST: Words = Words("Worst case", "最不利情景");
const BUFFERS: Words = Words("Buffers", "损失缓冲");
const CASH: Words = Words("Liquidity", "流动性");
const DECIDE: Words = Words("To decide", "待决事项");
const CHANGE: Words = Words("Change", "较前期");
const BOOK: Words = Words("Book", "账簿");
const VERDICT_BOOK: Words = Words(
    "On {date}, {accounts} accounts owe {loans} on {own} of own capital: a leverage of {leverage} over the whole book.",
    "截至 {date}，共 {accounts} 个账户，融资余额 {loans}，客户自有资金 {own}，整体杠杆 {leverage} 倍。",
);
const VERDICT_DRIFT: Words = Words(
    "The portfolio's drift before any shock is {used} a year in the base; in the history it is fitted on it was {historical}.",
    "基准情景在施加冲击前，组合年化漂移为 {used}；估计所用历史中为 {historical}。",
);
const VERDICT_DRIFT_ALONE: Words =
    Words("The portfolio's drift before any shock is {used} a year in the base.", "基准情景在施加冲击前，组合年化漂移为 {used}。");
const VERDICT_WORST: Words = Words(
    "“{scenario}” ({severity}) costs the pool most of {n} scenarios: in the worst 1% of its paths the pool loses {es} on average within {days} sessions, {share} of all loans; in the base {base}.",
    "{n} 个情景中损失最大的是“{scenario}”（{severity}）：在最差的 1% 路径中，资金池在 {days} 个交易日内平均损失 {es}，占全部融资余额的 {share}；基准情景下为 {base}。",
);
const VERDICT_WORST_EXACT: Words = Words(
    "“{scenario}” ({severity}) costs the pool most of {n} scenarios: on its single path of {days} sessions the pool loses {es}, {share} of all loans; in the worst 1% of the base's paths {base} on average.",
    "{n} 个情景中损失最大的是“{scenario}”（{severity}）：在这条 {days} 个交易日的单一路径上，资金池损失 {es}，占全部融资余额的 {share}；基准情景最差 1% 路径的平均损失为 {base}。",
);
const VERDICT_ONLY: Words = Words(
    "In the worst 1% of the paths the pool loses {es} on average within {days} sessions, {share} of all loans.",
    "在最差的 1% 路径中，资金池在 {days} 个交易日内平均损失 {es}，占全部融资余额的 {share}。",
);
const VERDICT_LIQUIDATION: Words = Words(
    "{rate} of the accounts are liquidated there, against {base} in the base.",
    "该情景下 {rate} 的账户被强制平仓，基准情景下为 {base}。",
);
const VERDICT_TIED: Words = Words("Within two standard errors of it: {scenarios}.", "与其相差不足两倍标准误的情景：{scenarios}。");
const VERDICT_MARKET: Words = Words(
    "The shares held return {total} there on average, {day} on their worst session; at the end {unsold} is still to be sold.",
    "该情景下持仓证券平均收益率为 {total}，最差单日为 {day}；期末尚有 {unsold}未卖出。",
);
const VERDICT_MOST_LIQUIDATED: Words =
    Words("Most accounts are liquidated in “{scenario}”: {rate}.", "强制平仓账户最多的是“{scenario}”：{rate}。");
const VERDICT_RUN_MOVES: Words =
    Words("Where funders have left a tier, its losses fall on the next.", "资金方撤离的层不再承担损失，由下一层承担。");
const VERDICT_CASH: Words = Words(
    "In “{scenario}” a claim stays unpaid at a close on this share of paths: {unpaid} (base: {unpaid_base}); funders run on {run} (base: {run_base}).",
    "“{scenario}”下出现当日未能兑付的路径占比：{unpaid}（基准：{unpaid_base}）；发生资金方挤兑：{run}（基准：{run_base}）。",
);
const VERDICT_FAILED: Words = Words("Tiers that then fail to pay their funders: {tiers}.", "其中无力兑付资金方的层：{tiers}。");
const VERDICT_FAILED_PART: Words = Words("{tier} ({failed})", "{tier} 层（{failed}）");
const VERDICT_CLOSEST: Words = Words(
    "Closest to its limit: {measure} in “{scenario}”, {found} against {limit} ({used} of the limit).",
    "最接近限额的是“{scenario}”的{measure}：{found}，限额 {limit}，已占用 {used}。",
);
const DECIDE_OPEN: Words = Words("What to do about {items}.", "须就下列各项决定措施：{items}。");
const DECIDE_ITEM: Words =
    Words("{measure} in “{scenario}” ({verdict}: {found} against {limit})", "“{scenario}”的{measure}（{verdict}：{found}，限额 {limit}）");
const DECIDE_MORE: Words = Words("{n} more", "另有 {n} 项");
const DECIDE_NOTHING_OPEN: Words = Words("Nothing under the limits set.", "现有限额项下无待决事项。");
const DECIDE_UNWATCHED: Words = Words("Whether to limit what no limit watches yet: {items}.", "以下各项尚无限额监控，是否增设：{items}。");
const UNWATCHED_ITEM: Words = Words("{measure} in “{scenario}” ({found})", "“{scenario}”的{measure}（{found}）");
const VERDICT_CHANGED: Words = Words(
    "Against “{name}” as of {date} the ES 99% in the base moved by {base}, in “{scenario}” by {worst}; {moved} of {n} figures moved by more than four standard errors.",
    "与 {date} 的“{name}”相比，基准情景的 ES 99% 变化 {base}，“{scenario}”变化 {worst}；{n} 项数字中有 {moved} 项变化超过四倍标准误。",
);
const VERDICT_CHANGED_ONLY: Words = Words(
    "Against “{name}” as of {date} the ES 99% moved by {base}; {moved} of {n} figures moved by more than four standard errors.",
    "与 {date} 的“{name}”相比，ES 99% 变化 {base}；{n} 项数字中有 {moved} 项变化超过四倍标准误。",
);
const VERDICTS_MOVED: Words = Words("Verdicts that changed: {items}.", "判定有变：{items}。");
const VERDICT_MOVED_ITEM: Words =
    Words("{measure} in “{scenario}” from {before} to {after}", "“{scenario}”的{measure}由{before}变为{after}");
const VERDICTS_SAME: Words = Words("No verdict on a limit changed.", "各限额判定均无变化。");
const WARNING_OPEN: Words = Words("Open: {items}.", "未关闭：{items}。");
const WARNING_CLOSED: Words = Words("Closed by this report: {items}.", "本期关闭：{items}。");
const VERDICT_CHANGE: Words = Words("Not judged: this run is not compared with an earlier report.", "未作判定：本次运行未与前期报告比较。");
const VERDICT_LIMITS_NONE: Words = Words("Not judged: the programme states no limits.", "未作判定：方案未设限额。");
const VERDICT_LIMITS: Words = Words(
    "Not within limits: of {n} tests {pass} pass, {breach} are breached and {undecided} are undecided at the confidence asked.",
    "未全部达标：{n} 项限额检验中，{pass} 项通过，{breach} 项突破，{undecided} 项在要求的置信度下未能判定。",
);
const VERDICT_OPEN: Words = Words(
    "Not yet decided: of {n} tests {pass} pass and {undecided} are undecided at the confidence asked; none is breached.",
    "尚待判定：{n} 项限额检验中，{pass} 项通过，{undecided} 项在要求的置信度下未能判定，无突破。",
);
const VERDICT_ALL_PASS: Words =
    Words("Within limits: all {n} tests pass at the confidence asked.", "全部达标：{n} 项限额检验均在要求的置信度下通过。");

/// How many items a sentence names before it counts the rest.
const NAMED: usize = 3;

/// One question of the chair, and its answer.
#[derive(Serialize)]
pub struct Finding {
    pub head: String,
    pub text: String,
}

/// Every finding, the most pressing question first.
pub fn all(context: &Context<'_>) -> Vec<Finding> {
    let text = &context.text;
    let joint = if text.zh() { "" } else { " " };
    let mut out = Vec::new();
    let mut put = |head: Words, sentences: Vec<String>| {
        if !sentences.is_empty() {
            out.push(Finding { head: text.get(head).into(), text: sentences.join(joint) });
        }
    };
    put(LIMITS, limits(context));
    put(RECOMMEND, vec![recommendation::sentence(context)]);
    put(WARNING, warning(context));
    if let (Some(base), Some(worst)) = (context.facts.scenarios.first(), context.worst()) {
        put(WORST, worst_case(context, base, worst));
        let runs = worst.measures.get("run.probability").is_some_and(|e| e.value > 0.0);
        let moves = runs.then(|| text.get(VERDICT_RUN_MOVES).to_string());
        put(BUFFERS, coverage::tail(context, worst).into_iter().chain(coverage::tiers(context, worst)).chain(moves).collect());
        put(CASH, cash(context, base, worst));
    }
    put(DECIDE, decide(context));
    put(CHANGE, change(context));
    put(BOOK, std::iter::once(book(context)).chain(drift(context)).collect());
    out
}

fn book(context: &Context<'_>) -> String {
    let book = &context.facts.snapshot;
    context.text.fill(
        VERDICT_BOOK,
        &[
            ("date", &context.facts.programme.as_of.to_string()),
            ("accounts", &number::count(book.accounts as u64)),
            ("loans", &tables::money(context, book.loans)),
            ("own", &tables::money(context, book.own_capital)),
            ("leverage", &number::grouped(book.mean_leverage, 2)),
        ],
    )
}

/// The drift of the book's portfolio in the base: what is simulated, beside the history's own.
fn drift(context: &Context<'_>) -> Option<String> {
    let drift = context.facts.scenarios.first()?.drift?;
    let used = parts::yearly(drift.used);
    Some(match drift.historical {
        Some(historical) => {
            let values = [("used", used.as_str()), ("historical", &parts::yearly(historical))];
            context.text.fill(VERDICT_DRIFT, &values)
        }
        None => context.text.fill(VERDICT_DRIFT_ALONE, &[("used", &used)]),
    })
}

/// The states of the watches, and what is open in the register.
fn warning(context: &Context<'_>) -> Vec<String> {
    let text = &context.text;
    let (open, closed) = watches::items(context);
    let mut out: Vec<String> = watches::states(context).into_iter().collect();
    if !open.is_empty() {
        let n = open.len();
        let items = open.into_iter().take(NAMED).collect();
        out.push(text.fill(WARNING_OPEN, &[("items", &listed(context, items, n))]));
    }
    if !closed.is_empty() {
        let n = closed.len();
        let items = closed.into_iter().take(NAMED).collect();
        out.push(text.fill(WARNING_CLOSED, &[("items", &listed(context, items, n))]));
    }
    out
}

/// What moved since the earlier report: the tail of the base and of the worst scenario, how many figures, which verdicts.
fn change(context: &Context<'_>) -> Vec<String> {
    let (text, facts) = (&context.text, context.facts);
    let Some(previous) = &facts.previous else { return vec![text.get(VERDICT_CHANGE).into()] };
    let (Some(base), Some(worst)) = (facts.scenarios.first(), context.worst()) else { return Vec::new() };
    let tail = |s: &ScenarioFacts| s.change.get("pool_loss.es_99").cloned();
    let scale = Scale::of(text, [base, worst].into_iter().filter_map(tail).flat_map(|e| [e.value, e.std_error]).filter(|x| x.is_finite()));
    let moved = |s: &ScenarioFacts| {
        let number = tail(s).map(|e| number::signed(&number::estimate(text, &e, scale).value));
        number.map_or(text.get(shared::NOT_AVAILABLE).to_string(), |number| scale.in_text(text, context.currency(), &number))
    };
    let values = [
        ("name", previous.name.clone()),
        ("date", previous.as_of.clone()),
        ("base", moved(base)),
        ("scenario", context.scenario(&worst.name)),
        ("worst", moved(worst)),
        ("moved", previous.moved.to_string()),
        ("n", number::count(previous.judged as u64)),
    ];
    let word = if worst.name == base.name { VERDICT_CHANGED_ONLY } else { VERDICT_CHANGED };
    let mut out = vec![text.fill(word, &values.each_ref().map(|(name, value)| (*name, value.as_str())))];
    let items: Vec<String> = (previous.verdicts.iter().take(NAMED))
        .map(|v| {
            let word = |verdict| text.get(verdict_word(verdict));
            let (measure, scenario) = (measure::name(text, &v.measure), context.scenario(&v.scenario));
            let values = [("measure", measure.as_str()), ("scenario", &scenario), ("before", word(v.before)), ("after", word(v.after))];
            text.fill(VERDICT_MOVED_ITEM, &values)
        })
        .collect();
    if !items.is_empty() {
        out.push(text.fill(VERDICTS_MOVED, &[("items", &listed(context, items, previous.verdicts.len()))]));
    } else if !facts.limits.is_empty() {
        out.push(text.get(VERDICTS_SAME).into());
    }
    out
}

fn limits(context: &Context<'_>) -> Vec<String> {
    let (text, limits) = (&context.text, limits_by_urgency(context));
    let of = |verdict: Verdict| limits.iter().filter(|l| l.verdict == verdict).count();
    let (pass, breach, undecided) = (of(Verdict::Pass), of(Verdict::Breach), of(Verdict::Undecided));
    let n = limits.len().to_string();
    let first = match limits.len() {
        0 => return vec![text.get(VERDICT_LIMITS_NONE).into()],
        all if all == pass => text.fill(VERDICT_ALL_PASS, &[("n", &n)]),
        _ if breach == 0 => text.fill(VERDICT_OPEN, &[("n", &n), ("pass", &pass.to_string()), ("undecided", &undecided.to_string())]),
        _ => text.fill(
            VERDICT_LIMITS,
            &[("n", &n), ("pass", &pass.to_string()), ("breach", &breach.to_string()), ("undecided", &undecided.to_string())],
        ),
    };
    let mut out = vec![first];
    let closest = limits.first().and_then(|l| Some((*l, used(l).filter(|used| *used > 0.0)?)));
    if let (Some((l, used)), 0, 0) = (closest, breach, undecided) {
        let share = used_written(l, used);
        out.push(text.fill(
            VERDICT_CLOSEST,
            &[
                ("measure", &measure::name(text, &l.measure)),
                ("scenario", &context.scenario(&l.scenario)),
                ("found", &found(context, l)),
                ("limit", &limit_value(context, l)),
                ("used", &share),
            ],
        ));
    }
    out
}

fn worst_case(context: &Context<'_>, base: &ScenarioFacts, worst: &ScenarioFacts) -> Vec<String> {
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
    let share = if loans > 0.0 { self::written(context, &share) } else { text.get(shared::NOT_AVAILABLE).into() };
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

/// Whether claims are paid, funders run and tiers fail, where the pool is kept daily; that it is not, where it is not.
fn cash(context: &Context<'_>, base: &ScenarioFacts, worst: &ScenarioFacts) -> Vec<String> {
    let text = &context.text;
    let of = |s: &ScenarioFacts, key: &str| s.measures.get(key).map(|e| paths(context, e));
    let (Some(unpaid), Some(run)) = (of(worst, "unpaid.probability"), of(worst, "run.probability")) else {
        return vec![text.get(shared::NOT_KEPT).into()];
    };
    let none = || text.get(shared::NOT_AVAILABLE).to_string();
    let mut out = vec![text.fill(
        VERDICT_CASH,
        &[
            ("scenario", &context.scenario(&worst.name)),
            ("unpaid", &unpaid),
            ("unpaid_base", &of(base, "unpaid.probability").unwrap_or_else(none)),
            ("run", &run),
            ("run_base", &of(base, "run.probability").unwrap_or_else(none)),
        ],
    )];
    let failed: Vec<String> = (tiers_in_loss_order(context).iter())
        .filter_map(|tier| {
            let failed = worst.measures.get(&format!("tier.{tier}.failed_probability")).filter(|e| e.value > 0.0)?;
            Some(text.fill(VERDICT_FAILED_PART, &[("tier", tier), ("failed", &paths(context, failed))]))
        })
        .collect();
    if !failed.is_empty() {
        out.push(text.fill(VERDICT_FAILED, &[("tiers", &text.list(&failed))]));
    }
    out
}

/// What the committee has to decide: open limits, and what happens that no limit watches.
fn decide(context: &Context<'_>) -> Vec<String> {
    let text = &context.text;
    let open: Vec<&LimitResult> = limits_by_urgency(context).into_iter().filter(|l| is_open(l.verdict)).collect();
    let mut out = Vec::new();
    if !open.is_empty() {
        let named: Vec<String> = (open.iter().take(NAMED))
            .map(|l| {
                let values = [
                    ("measure", measure::name(text, &l.measure)),
                    ("scenario", context.scenario(&l.scenario)),
                    ("found", found(context, l)),
                    ("limit", limit_value(context, l)),
                    ("verdict", text.get(verdict_word(l.verdict)).to_string()),
                ];
                text.fill(DECIDE_ITEM, &values.each_ref().map(|(name, value)| (*name, value.as_str())))
            })
            .collect();
        out.push(text.fill(DECIDE_OPEN, &[("items", &listed(context, named, open.len()))]));
    } else if !context.facts.limits.is_empty() {
        out.push(text.get(DECIDE_NOTHING_OPEN).into());
    }
    let unwatched = unwatched(context);
    if !unwatched.is_empty() {
        let n = unwatched.len();
        let named = unwatched.into_iter().take(NAMED).collect();
        out.push(text.fill(DECIDE_UNWATCHED, &[("items", &listed(context, named, n))]));
    }
    out
}

/// The items named, and how many more there are.
fn listed(context: &Context<'_>, mut named: Vec<String>, all: usize) -> String {
    let text = &context.text;
    if all > named.len() {
        named.push(text.fill(DECIDE_MORE, &[("n", &(all - named.len()).to_string())]));
    }
    text.list(&named)
}

/// A first tier used up, losses behind it, losses beyond all tiers and claims left unpaid that happen on more than a handful of paths of
/// a scenario in which no limit asks for them, the likeliest first.
fn unwatched(context: &Context<'_>) -> Vec<String> {
    let (text, facts) = (&context.text, context.facts);
    // (what a limit's key must start with to watch it, the key of the event)
    let order = tiers_in_loss_order(context);
    let exhausted = order.first().map(|tier| (format!("tier.{tier}."), format!("tier.{tier}.exhausted_probability")));
    let hit = order.iter().skip(1).map(|tier| (format!("tier.{tier}."), format!("tier.{tier}.hit_probability")));
    let mut events: Vec<(String, String)> = exhausted.into_iter().chain(hit).collect();
    events.push(("unallocated_loss.".into(), "unallocated_loss.probability".into()));
    events.push(("unpaid.".into(), "unpaid.probability".into()));
    let mut found: Vec<(f64, String)> = Vec::new();
    for scenario in &facts.scenarios {
        for (family, key) in &events {
            let watched = facts.limits.iter().any(|l| l.scenario == scenario.name && l.measure.starts_with(family.as_str()));
            let Some(e) = scenario.measures.get(key).filter(|e| e.value > 0.0 && seen_often(e) && !watched) else { continue };
            let values =
                [("measure", measure::name(text, key)), ("scenario", context.scenario(&scenario.name)), ("found", paths(context, e))];
            found.push((e.value, text.fill(UNWATCHED_ITEM, &values.each_ref().map(|(name, value)| (*name, value.as_str())))));
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.into_iter().map(|(_, item)| item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::stated::Basis;
    use crate::model::case::Language;
    use crate::report::sample;

    fn answer(findings: &[Finding], head: &str) -> String {
        findings.iter().find(|f| f.head == head).unwrap_or_else(|| panic!("no finding is headed {head}")).text.clone()
    }

    #[test]
    fn limits_come_first_and_a_breach_is_named_with_its_figure() {
        let programme = sample::programme(Language::En);
        let facts = sample::facts(&programme);
        let context = Context::new(&facts, Language::En);
        let findings = all(&context);
        assert_eq!(findings[0].head, "Limits");
        assert!(findings[0].text.starts_with("Not within limits: of 12 tests"), "{}", findings[0].text);
        let (decide, breach) = (answer(&findings, "To decide"), limits_by_urgency(&context)[0]);
        assert_eq!(breach.verdict, Verdict::Breach);
        for part in [measure::name(&context.text, &breach.measure), found(&context, breach), limit_value(&context, breach)] {
            assert!(decide.contains(&part), "{part} is not in: {decide}");
        }
    }

    #[test]
    fn what_happens_without_a_limit_is_put_to_the_committee() {
        let programme = sample::programme(Language::En);
        let mut facts = sample::facts(&programme);
        let context = Context::new(&facts, Language::En);
        assert!(answer(&all(&context), "To decide").contains("Tier B: probability of being hit in “"));
        let limit = facts.limits[0].clone();
        let watch = |s: &ScenarioFacts| LimitResult { scenario: s.name.clone(), measure: "tier.B.hit_probability".into(), ..limit.clone() };
        let watched: Vec<LimitResult> = facts.scenarios.iter().map(watch).collect();
        facts.limits.extend(watched);
        let context = Context::new(&facts, Language::En);
        assert!(!answer(&all(&context), "To decide").contains("Tier B"));
    }

    #[test]
    fn a_handful_of_paths_is_not_put_to_the_committee_and_ties_are_called_ties() {
        let programme = sample::programme(Language::En);
        let mut facts = sample::facts(&programme);
        let rare = |s: &mut ScenarioFacts| {
            let hit = s.measures.get_mut("tier.B.hit_probability").expect("the sample has it");
            *hit = Estimate { value: 2e-5, basis: Basis::Count { hits: 2, of: 100_000 }, ..hit.clone() };
        };
        facts.scenarios.iter_mut().for_each(rare);
        let said = |facts: &crate::report::facts::Facts<'_>, head: &str| answer(&all(&Context::new(facts, Language::En)), head);
        assert!(!said(&facts, "To decide").contains("Tier B"));
        assert!(!said(&facts, "Worst case").contains("Within two standard errors"));
        let worst = Context::new(&facts, Language::En).worst().expect("one is worst").clone();
        let other = facts.scenarios.iter().position(|s| s.name == "severe").expect("it is there");
        let largest = worst.measures["pool_loss.es_99"].clone();
        facts.scenarios[other]
            .measures
            .insert("pool_loss.es_99".into(), Estimate { value: largest.value - 1.0, std_error: 1.0, ..largest });
        assert!(said(&facts, "Worst case").contains("Within two standard errors of it: severe."), "{}", said(&facts, "Worst case"));
    }

    #[test]
    fn without_a_breach_the_limit_closest_to_its_figure_is_named() {
        let programme = sample::programme(Language::En);
        let mut facts = sample::facts(&programme);
        facts.limits.retain(|l| l.verdict == Verdict::Pass);
        let context = Context::new(&facts, Language::En);
        let said = answer(&all(&context), "Limits");
        let closest = limits_by_urgency(&context)[0];
        let share = used(closest).unwrap();
        assert!(facts.limits.iter().filter_map(used).all(|other| other <= share));
        assert!(said.starts_with("Within limits") && said.contains(&used_written(closest, share)), "{said}");
    }
}
