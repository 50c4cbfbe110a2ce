//! Words the margin of a case: its lines, its rulebooks with their sources, and what the platform's controls do.

use super::block::{Block, Column, Table, figures, words};
use super::rule::Rule;
use crate::model::case::Case;
use crate::model::liquidation::adl::Adl;
use crate::model::margin::InForce;
use crate::model::margin::dynamic::{Dynamic, Method};
use crate::model::margin::haircut::Base;
use crate::model::margin::limit_action::LimitAction;
use crate::model::margin::risk_volatility::{Measure, RiskVolatility};
use crate::model::margin::template::Template;
use crate::model::margin::trigger::{Movement, VolatilityTrigger};
use crate::report::charts::Context;
use crate::report::rulebooks::{RulebookUse, Scope};
use crate::report::text::number::{self, line};
use crate::report::text::{Text, Word, margin};
use crate::units::Ratio;

/// The margin's rules, always the same rows in the same order.
pub fn rows(text: &Text, case: &Case) -> Vec<Rule> {
    let m = &case.margin;
    let off = text.get(Word::NotInForce);
    let optional = |ratio: Option<Ratio>| ratio.map_or(off.to_string(), |r| line(r.get()));
    let row = |word: Word, value: String| (text.get(word).to_string(), value);
    let pair = |name: margin::Pair, value: String| (name.get(text).to_string(), value);
    let title = |i: &InForce| if text.zh() { i.rulebook.title_zh.clone() } else { i.rulebook.title.clone() };
    let since = |i: &InForce| margin::SINCE.fill(text, &[("name", &title(i)), ("date", &i.version.effective.to_string())]);
    let colon = if text.zh() { "：" } else { ": " };
    let products: Vec<String> = m.in_force_by_product.iter().map(|(product, i)| format!("{product}{colon}{}", since(i))).collect();
    let semicolon = if text.zh() { "；" } else { "; " };
    let action = match m.limit_action {
        LimitAction::NoPurchases => margin::NO_PURCHASES.get(text).to_string(),
        LimitAction::ReduceTo(ratio) => margin::REDUCE_TO.fill(text, &[("ratio", &line(ratio.get()))]),
        LimitAction::CapLeverage(leverage) => margin::CAP_LEVERAGE.fill(text, &[("leverage", &number::plain(leverage))]),
    };
    let mut out = vec![
        pair(margin::RULEBOOK, m.in_force.as_ref().map_or(margin::OWN_KEYS.get(text).to_string(), since)),
        row(Word::RuleWarning, optional(m.warning)),
        row(Word::RuleLimit, optional(m.limit)),
        pair(margin::LIMIT_ACTION, action),
        row(Word::RuleCall, optional(m.call)),
        row(Word::RuleCure, m.cure_days.unwrap_or(0).to_string()),
        pair(margin::CURED_AT, m.cured_at.map_or(margin::CALL_LINE.get(text).to_string(), |r| line(r.get()))),
        row(Word::RuleLiquidation, optional(m.liquidation)),
        row(Word::RuleRestore, m.restore_to.map_or(text.get(Word::RuleSellAll).into(), |r| line(r.get()))),
        pair(margin::WITHDRAWAL, optional(m.withdrawal)),
        pair(margin::INITIAL, optional(m.initial_margin)),
        pair(margin::PRODUCTS, if products.is_empty() { off.to_string() } else { products.join(semicolon) }),
    ];
    let or_off = |value: Option<String>| value.unwrap_or_else(|| off.to_string());
    out.extend([
        pair(margin::STOP, or_off(stop(text, case))),
        pair(margin::HAIRCUTS, or_off(haircuts(text, case))),
        pair(margin::TRIGGER, or_off(m.volatility_trigger.as_ref().map(|t| trigger(text, t)))),
        pair(margin::DYNAMIC, or_off(m.dynamic.as_ref().map(|d| dynamic(text, d)))),
        pair(margin::RISK, or_off(m.risk_volatility.as_ref().map(|r| risk_volatility(text, r)))),
        pair(margin::TEMPLATE, or_off(m.template.as_ref().map(|t| template(text, t)))),
        pair(margin::CAP, or_off(m.investment_cap.as_ref().map(|c| margin::CAP_VALUE.fill(text, &[("risk", &line(c.risk_factor.get()))])))),
        pair(margin::STAGED, optional(case.liquidation.daily_share)),
        pair(margin::ADL, or_off(case.liquidation.adl.as_ref().map(|a| adl(text, a)))),
    ]);
    out
}

fn stop(text: &Text, case: &Case) -> Option<String> {
    let stop = &case.margin.stop;
    let rules = [(margin::STOP_POSITION, stop.position_loss), (margin::STOP_DRAWDOWN, stop.drawdown)];
    let said: Vec<String> = rules.into_iter().filter_map(|(words, loss)| Some(words.fill(text, &[("loss", &line(loss?.get()))]))).collect();
    (!said.is_empty()).then(|| said.join(margin::AND.get(text)))
}

fn haircuts(text: &Text, case: &Case) -> Option<String> {
    let haircuts = &case.margin.haircuts;
    let base = match haircuts.base {
        Base::None => return None,
        Base::Flat(share) => margin::HAIRCUT_FLAT.fill(text, &[("share", &line(share.get()))]),
        Base::Collateral => margin::HAIRCUT_COLLATERAL.get(text).to_string(),
    };
    if haircuts.widening == 0.0 {
        return Some(base);
    }
    let (times, cap) = (number::plain(haircuts.widening), line(haircuts.cap.get()));
    Some(margin::HAIRCUT_WIDENING.fill(text, &[("base", &base), ("times", &times), ("cap", &cap)]))
}

fn trigger(text: &Text, trigger: &VolatilityTrigger) -> String {
    let measure = match trigger.measure {
        Movement::Absolute => margin::ABSOLUTE.get(text).to_string(),
        Movement::Realised(n) => margin::REALISED.fill(text, &[("n", &n.to_string())]),
        Movement::Range(n) => margin::RANGE.fill(text, &[("n", &n.to_string())]),
        Movement::Weighted => margin::WEIGHTED.get(text).to_string(),
        Movement::SessionRange => margin::SESSION_RANGE.get(text).to_string(),
    };
    let mut what = trigger.limit.map_or(String::new(), |l| margin::TRIGGER_LIMIT.fill(text, &[("limit", &line(l.get()))]));
    if let Some(leverage) = trigger.cut_to_leverage {
        what.push_str(&margin::TRIGGER_CUT.fill(text, &[("leverage", &number::plain(leverage))]));
    }
    let values = [
        ("measure", measure),
        ("threshold", line(trigger.threshold.get())),
        ("days", trigger.days.to_string()),
        ("leverage", number::plain(trigger.above_leverage)),
        ("what", what),
    ];
    margin::TRIGGER_VALUE.fill(text, &values.each_ref().map(|(name, value)| (*name, value.as_str())))
}

fn dynamic(text: &Text, dynamic: &Dynamic) -> String {
    let method = match dynamic.method {
        Method::Volatility => margin::DYNAMIC_VOLATILITY.get(text).to_string(),
        Method::ValueAtRisk(risk) => {
            margin::DYNAMIC_RISK.fill(text, &[("confidence", &line(risk.confidence.get())), ("days", &risk.days.to_string())])
        }
    };
    let values = [
        ("method", method),
        ("floor", line(dynamic.floor.get())),
        ("cap", line(dynamic.cap.get())),
        ("weight", line(dynamic.stressed_weight.get())),
        ("buffer", line(dynamic.buffer.get())),
        ("lookback", yes_no(text, dynamic.lookback_floor)),
    ];
    margin::DYNAMIC_VALUE.fill(text, &values.each_ref().map(|(name, value)| (*name, value.as_str())))
}

fn risk_volatility(text: &Text, rule: &RiskVolatility) -> String {
    let measure = match rule.measure {
        Measure::Larger => margin::RISK_LARGER.get(text).to_string(),
        Measure::Realised => return margin::RISK_REALISED.get(text).to_string(),
        Measure::Implied => margin::RISK_IMPLIED.get(text).to_string(),
        Measure::Blend(weight) => margin::RISK_BLEND.fill(text, &[("weight", &line(weight.get()))]),
    };
    match rule.half_life_days {
        None => margin::RISK_LASTS.fill(text, &[("measure", &measure)]),
        Some(days) => margin::RISK_REVERTS
            .fill(text, &[("measure", &measure), ("ratio", &number::plain(rule.long_run_ratio)), ("days", &number::plain(days))]),
    }
}

/// What margin rules of any scenario assume; `depths` says whether the depth of any symbol's quotes is known.
pub fn assumptions<'c>(text: &Text, cases: impl Iterator<Item = &'c Case> + Clone, depths: bool) -> Vec<String> {
    let any = |holds: fn(&Case) -> bool| cases.clone().any(holds);
    let mut out = Vec::new();
    if any(|case| case.margin.risk_volatility.as_ref().is_some_and(|r| r.measure != Measure::Realised)) {
        out.push(margin::ASSUMED_IMPLIED);
    }
    if any(|case| case.margin.volatility_trigger.as_ref().is_some_and(|t| t.measure == Movement::SessionRange)) {
        out.push(margin::ASSUMED_RANGE);
    }
    if depths && any(|case| case.margin.template.is_some()) {
        out.push(margin::ASSUMED_DEPTH);
    }
    out.into_iter().map(|pair| pair.get(text).to_string()).collect()
}

fn template(text: &Text, template: &Template) -> String {
    let (calm, stress) = (number::plain(template.calm_leverage), number::plain(template.stress_leverage));
    let enforced = yes_no(text, template.enforce);
    margin::TEMPLATE_VALUE.fill(text, &[("calm", &calm), ("stress", &stress), ("enforced", &enforced)])
}

fn adl(text: &Text, adl: &Adl) -> String {
    let [lower, upper, share] = [adl.lower, adl.upper, adl.share].map(|r| line(r.get()));
    margin::ADL_VALUE.fill(text, &[("lower", &lower), ("upper", &upper), ("share", &share)])
}

fn yes_no(text: &Text, yes: bool) -> String {
    text.get(if yes { Word::Yes } else { Word::No }).to_string()
}

/// The rulebooks the scenarios stand under: for whom, since when, where it is written, and what is assumed; nothing without any.
pub fn rulebooks(context: &Context<'_>) -> Option<Block> {
    let text = &context.text;
    let mut seen: Vec<&RulebookUse> = Vec::new();
    for one in context.facts.scenarios.iter().flat_map(|s| &s.rulebooks) {
        if !seen.contains(&one) {
            seen.push(one);
        }
    }
    let who = |scope: &Scope| match scope {
        Scope::Programme => margin::ALL_ACCOUNTS.get(text).to_string(),
        Scope::Product(product) => margin::OF_PRODUCT.fill(text, &[("product", product)]),
        Scope::Account => margin::OF_ACCOUNTS.get(text).to_string(),
    };
    let rows: Vec<_> = seen
        .into_iter()
        .map(|used| {
            let i = &used.in_force;
            let (title, citation, assumption) = match text.zh() {
                true => (&i.rulebook.title_zh, &i.version.citation_zh, &i.version.assumption_zh),
                false => (&i.rulebook.title, &i.version.citation, &i.version.assumption),
            };
            let assumption = assumption.clone().unwrap_or_else(|| margin::NO_ASSUMPTION.get(text).into());
            vec![
                who(&used.scope).into(),
                number::count(used.accounts as u64).into(),
                title.as_str().into(),
                i.version.effective.to_string().into(),
                citation.as_str().into(),
                assumption.into(),
            ]
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let columns = vec![
        words(margin::HEAD_FOR.get(text), 2),
        figures(text.get(Word::HeadAccounts), ""),
        words(margin::RULEBOOK.get(text), 3),
        Column { share: 0, ..words(margin::HEAD_SINCE.get(text), 0) },
        words(margin::HEAD_SOURCE.get(text), 5),
        words(margin::HEAD_ASSUMPTION.get(text), 4),
    ];
    Some(Block::Table(Table { caption: margin::TABLE_CAPTION.get(text).into(), columns, rows, ..Table::default() }))
}
