//! Words how clients behave, and which of it is assumed.

use super::rule::Rule;
use crate::model::case::Case;
use crate::model::client::Clients;
use crate::model::impact::Feedback;
use crate::model::impact::clearing::Clearing;
use crate::model::part::Words;
use crate::report::charts::Context;
use crate::report::text::number::{self, line};
use crate::report::text::{Text, shared};

const ASSUMPTION_BOOK: Words = Words(
    "Accounts hold their positions: no voluntary trades, deposits or withdrawals, except payments on margin calls.",
    "账户持仓不变：除应追保的补足外，无主动交易、入金或出金。",
);
const STRESS: Words = Words("Payments on calls fall with market stress", "市场压力削弱客户应答");
const DRAWDOWN: Words = Words("Payments on calls fall with losses", "亏损削弱客户应答");
const CLUSTER: Words = Words("Correlation of payments on calls", "客户应答的聚集");
const STRESS_VALUE: Words = Words("lowered by {n} (normal deviation) at full stress", "压力满值时下移 {n} 个正态偏差");
const DRAWDOWN_VALUE: Words = Words("lowered by {n} (normal deviation) when all own capital is lost", "自有资金亏尽时下移 {n} 个正态偏差");
const CLUSTER_VALUE: Words = Words("with a correlation of {n}", "相关系数 {n}");
const ASSUMED_CLIENTS: Words = Words(
    "The effect of market stress and losses on clients' payments on calls, and their correlation, are assumed: no published estimate for margin clients is at hand.",
    "市场压力与亏损对客户应答的影响及其聚集程度为假设，尚无针对融资客户的公开估计。",
);
const ASSUMED_BOOK_ACTIVE: Words = Words(
    "Accounts hold their positions, apart from what their clients do as stated below: no purchases and no deposits, except payments on margin calls.",
    "除下述客户行为外账户持仓不变：除应追保的补足外，无买入或入金。",
);
const ASSUMED_IMPACT: Words = Words(
    "Coefficients of the impact of sales are taken from the literature on orders in orderly markets and assumed to hold for forced sales; sales leave at least a millionth of the price without impact.",
    "卖出冲击的系数取自正常市场的文献，假设对强制平仓卖出同样适用；卖出至多将价格压低至无冲击时价格的百万分之一。",
);
const SINGLE_PASS: Words = Words("from the next session on", "自下一交易日起");
const FIXED_POINT: Words =
    Words("at the very close they are decided at, to a tolerance of {tolerance}", "计入决策当日收盘价，容差 {tolerance}");

/// What weighs on an answer, a row each.
pub fn under_stress(text: &Text, clients: &Clients) -> Vec<Rule> {
    let row = |name: Words, value: Words, acts: bool, n: String| {
        let told = if acts { text.fill(value, &[("n", &n)]) } else { text.get(shared::NOT_IN_FORCE).into() };
        (text.get(name).to_string(), told)
    };
    let (stress, drawdown, cluster) = (clients.stress_sensitivity, clients.drawdown_sensitivity, clients.common_correlation.get());
    vec![
        row(STRESS, STRESS_VALUE, stress != 0.0, number::plain(stress)),
        row(DRAWDOWN, DRAWDOWN_VALUE, drawdown != 0.0, number::plain(drawdown)),
        row(CLUSTER, CLUSTER_VALUE, cluster != 0.0, line(cluster)),
    ]
}

/// When the session's own sales press on its prices.
pub fn clearing(text: &Text, feedback: &Feedback) -> String {
    match &feedback.clearing {
        _ if !feedback.is_on() => text.get(shared::NOT_IN_FORCE).into(),
        Clearing::SinglePass => text.get(SINGLE_PASS).into(),
        Clearing::FixedPoint(rule) => text.fill(FIXED_POINT, &[("tolerance", &format!("{:e}", rule.tolerance))]),
    }
}

/// What accounts are assumed to do by themselves: nothing, unless a scenario says so.
pub fn book(context: &Context<'_>) -> String {
    let active = |case: &Case| case.clients.pre_emptive.is_some() || case.clients.withdrawal.is_some();
    let text = &context.text;
    let any = context.facts.programme.scenarios.iter().any(|s| active(&s.case));
    if any { text.get(ASSUMED_BOOK_ACTIVE).into() } else { text.get(ASSUMPTION_BOOK).into() }
}

/// What any scenario assumes of clients and of the market's answer without a published estimate behind it.
pub fn assumptions(context: &Context<'_>) -> Vec<String> {
    let any = |holds: fn(&Case) -> bool| context.facts.programme.scenarios.iter().any(|s| holds(&s.case));
    let mut out = Vec::new();
    if any(|case| case.clients.react()) {
        out.push(ASSUMED_CLIENTS);
    }
    if any(|case| case.feedback.is_on()) {
        out.push(ASSUMED_IMPACT);
    }
    out.into_iter().map(|pair| context.text.get(pair).to_string()).collect()
}
