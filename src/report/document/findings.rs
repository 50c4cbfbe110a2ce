//! Answers the chair's questions in plain words: within limits? what is the worst? who bears it? does the cash last? what is to decide?

use super::coverage;
use super::firm;
use super::limits::{found, is_open, limit_value, limits_by_urgency, verdict_word};
use super::parts;
use super::recommendation;
use super::shares::{NAMED, listed, paths, seen_often};
use super::tables;
use super::tiers::tiers_in_loss_order;
use super::watches;
use super::worst_case;
use crate::model::part::Words;
use crate::report::charts::Context;
use crate::report::facts::ScenarioFacts;
use crate::report::text::number::{self, Scale};
use crate::report::text::{limit, measure, shared};
use crate::study::limits::{LimitResult, Verdict};
use serde::Serialize;

const LIMITS: Words = Words("Limits", "限额");
const RECOMMEND: Words = Words("Recommended", "建议");
const WARNING: Words = Words("Early warning", "风险预警");
const WORST: Words = Words("Worst case", "最不利情景");
const BUFFERS: Words = Words("Buffers", "损失缓冲");
const FIRM: Words = Words("The firm", "公司资本");
const CASH: Words = Words("Liquidity", "流动性");
const DECIDE: Words = Words("To decide", "待决事项");
const CHANGE: Words = Words("Change", "较前期");
const BOOK: Words = Words("Book", "账簿");
const VERDICT_BOOK_ONE: Words = Words(
    "On {date}, 1 account owes {loans} on {own} of own capital: a leverage of {leverage}.",
    "截至 {date}，共 1 个账户，融资余额 {loans}，客户自有资金 {own}，杠杆 {leverage} 倍。",
);
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

/// One question of the chair, and its answer.
#[derive(Clone, Serialize)]
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
        put(WORST, worst_case::told(context, base, worst));
        let runs = worst.measures.get("run.probability").is_some_and(|e| e.value > 0.0);
        let moves = runs.then(|| text.get(VERDICT_RUN_MOVES).to_string());
        put(BUFFERS, coverage::tail(context, worst).into_iter().chain(coverage::tiers(context, worst)).chain(moves).collect());
        put(CASH, cash(context, base, worst));
    }
    put(FIRM, firm::sentences(context));
    put(DECIDE, decide(context));
    put(CHANGE, change(context));
    put(BOOK, std::iter::once(book(context)).chain(drift(context)).collect());
    out
}

fn book(context: &Context<'_>) -> String {
    let book = &context.facts.snapshot;
    let (date, accounts) = (context.facts.programme.as_of.to_string(), number::count(book.accounts as u64));
    let (loans, own) = (tables::money(context, book.loans), tables::money(context, book.own_capital));
    let leverage = number::grouped(book.mean_leverage, 2);
    let values = [("date", date.as_str()), ("loans", &loans), ("own", &own), ("leverage", &leverage)];
    if book.accounts == 1 {
        return context.text.fill(VERDICT_BOOK_ONE, &values);
    }
    context.text.fill(VERDICT_BOOK, &[&values[..], &[("accounts", accounts.as_str())]].concat())
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
    let closest = limits.first().and_then(|l| Some((*l, l.used().filter(|used| *used > 0.0)?)));
    if let (Some((l, used)), 0, 0) = (closest, breach, undecided) {
        let share = limit::used(l, used);
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
    use crate::measures::Estimate;
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
        let share = closest.used().unwrap();
        assert!(facts.limits.iter().filter_map(|l| l.used()).all(|other| other <= share));
        assert!(said.starts_with("Within limits") && said.contains(&limit::used(closest, share)), "{said}");
    }
}
