//! Words how clients behave, and which of it is assumed.

use super::rule::Rule;
use crate::model::case::Case;
use crate::model::client::Clients;
use crate::model::client::payment::Payment;
use crate::model::client::pre_emptive::PreEmptive;
use crate::model::client::withdrawal::Withdrawal;
use crate::model::impact::Feedback;
use crate::model::impact::clearing::Clearing;
use crate::report::charts::Context;
use crate::report::text::clients as words;
use crate::report::text::margin::Pair;
use crate::report::text::number::{self, line};
use crate::report::text::{Text, Word};

fn separator(text: &Text) -> &'static str {
    if text.zh() { "，" } else { ", " }
}

/// The part of a call that is paid, and where a grade differs.
pub fn paid(text: &Text, clients: &Clients) -> String {
    let part = |p: &Payment| if p.is_certain() { line(p.low.get()) } else { format!("{}–{}", line(p.low.get()), line(p.high.get())) };
    let by_grade = clients.payment_by_grade.iter().map(|(g, p)| text.fill(Word::RuleClientsGrade, &[("grade", g), ("p", &part(p))]));
    std::iter::once(part(&clients.payment)).chain(by_grade).collect::<Vec<_>>().join(separator(text))
}

/// What weighs on an answer, a row each.
pub fn under_stress(text: &Text, clients: &Clients) -> Vec<Rule> {
    let row = |name: Pair, value: Pair, acts: bool, n: String| {
        let told = if acts { value.fill(text, &[("n", &n)]) } else { text.get(Word::NotInForce).into() };
        (name.get(text).to_string(), told)
    };
    let (stress, drawdown, cluster) = (clients.stress_sensitivity, clients.drawdown_sensitivity, clients.common_correlation.get());
    vec![
        row(words::STRESS, words::STRESS_VALUE, stress != 0.0, number::plain(stress)),
        row(words::DRAWDOWN, words::DRAWDOWN_VALUE, drawdown != 0.0, number::plain(drawdown)),
        row(words::CLUSTER, words::CLUSTER_VALUE, cluster != 0.0, line(cluster)),
    ]
}

/// How clients sell ahead of their line.
pub fn ahead(text: &Text, clients: &Clients) -> String {
    let told = |rule: &PreEmptive| {
        words::AHEAD_VALUE.fill(text, &[("start", &number::plain(rule.threshold)), ("share", &line(rule.intensity.get()))])
    };
    clients.pre_emptive.as_ref().map_or(text.get(Word::NotInForce).into(), told)
}

/// How clients take money out.
pub fn withdrawals(text: &Text, clients: &Clients) -> String {
    let borrow = |yes: bool| text.get(if yes { Word::Yes } else { Word::No }).to_string();
    let told = |rule: &Withdrawal| {
        let values = [("p", line(rule.probability.get())), ("share", line(rule.share.get())), ("borrow", borrow(rule.borrow))];
        words::WITHDRAWALS_VALUE.fill(text, &values.each_ref().map(|(name, value)| (*name, value.as_str())))
    };
    clients.withdrawal.as_ref().map_or(text.get(Word::NotInForce).into(), told)
}

/// When the session's own sales press on its prices.
pub fn clearing(text: &Text, feedback: &Feedback) -> String {
    match &feedback.clearing {
        _ if !feedback.is_on() => text.get(Word::NotInForce).into(),
        Clearing::SinglePass => words::SINGLE_PASS.get(text).into(),
        Clearing::FixedPoint(rule) => words::FIXED_POINT.fill(text, &[("tolerance", &format!("{:e}", rule.tolerance))]),
    }
}

/// What accounts are assumed to do by themselves: nothing, unless a scenario says so.
pub fn book(context: &Context<'_>) -> String {
    let active = |case: &Case| case.clients.pre_emptive.is_some() || case.clients.withdrawal.is_some();
    let text = &context.text;
    let any = context.facts.programme.scenarios.iter().any(|s| active(&s.case));
    if any { words::ASSUMED_BOOK_ACTIVE.get(text).into() } else { text.get(Word::AssumptionBook).into() }
}

/// What any scenario assumes of clients and of the market's answer without a published estimate behind it.
pub fn assumptions(context: &Context<'_>) -> Vec<String> {
    let any = |holds: fn(&Case) -> bool| context.facts.programme.scenarios.iter().any(|s| holds(&s.case));
    let mut out = Vec::new();
    if any(|case| case.clients.react()) {
        out.push(words::ASSUMED_CLIENTS);
    }
    if any(|case| case.clients.payment != Payment::default() || !case.clients.payment_by_grade.is_empty()) {
        out.push(words::ASSUMED_PART);
    }
    if any(|case| case.clients.pre_emptive.is_some()) {
        out.push(words::ASSUMED_AHEAD);
    }
    if any(|case| case.clients.withdrawal.is_some()) {
        out.push(words::ASSUMED_WITHDRAWALS);
    }
    if any(|case| case.feedback.is_on()) {
        out.push(words::ASSUMED_IMPACT);
    }
    out.into_iter().map(|pair| pair.get(&context.text).to_string()).collect()
}
