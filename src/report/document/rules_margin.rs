//! Words the margin of a case: its lines, its rulebooks with their sources, and what the platform's controls do.

use super::block::{Block, Column, Table, figures, words};
use super::cells;
use super::parts;
use super::rule::Rule;
use crate::model::case::Case;
use crate::model::margin::InForce;
use crate::model::margin::limit_action::LimitAction;
use crate::model::part::Words;
use crate::report::charts::Context;
use crate::report::rulebooks::{RulebookUse, Scope};
use crate::report::text::number::{self, line};
use crate::report::text::{Text, shared};
use crate::units::Ratio;

const RULE_CURE: Words = Words("Sessions to answer a call", "追保期限（交易日）");
const RULE_RESTORE: Words = Words("Forced sales stop at", "强制平仓卖至");
const RULE_SELL_ALL: Words = Words("everything is sold", "全部卖出");
const RULEBOOK: Words = Words("Rulebook", "规则手册");
const OWN_KEYS: Words = Words("none: the lines below", "无，按下列各线");
const SINCE: Words = Words("{name}, version in force since {date}", "{name}，{date} 起生效版本");
const PRODUCTS: Words = Words("Rulebooks by product", "分产品规则手册");
const CURED_AT: Words = Words("Ratio that cures a call", "追保解除线");
const CALL_LINE: Words = Words("the call line", "追保线");
const LIMIT_ACTION: Words = Words("Below the limit line", "低于限额线");
const NO_PURCHASES: Words = Words("no purchases", "禁止买入");
const REDUCE_TO: Words = Words("sold down to {ratio} at the same close", "当日收盘减仓至 {ratio}");
const CAP_LEVERAGE: Words = Words("sold down to a leverage of {leverage} at the same close", "当日收盘减仓至杠杆 {leverage} 倍");
const WITHDRAWAL: Words = Words("Withdrawal line", "提取线");
const INITIAL: Words = Words("Initial margin of a purchase", "融资保证金比例");
const TABLE_CAPTION: Words = Words("Rulebooks in force, their sources and assumptions", "生效的规则手册、出处与假设");
const HEAD_FOR: Words = Words("For", "适用");
const HEAD_SINCE: Words = Words("In force since", "生效日");
const HEAD_SOURCE: Words = Words("Source", "出处");
const HEAD_ASSUMPTION: Words = Words("Assumption", "假设");
const ALL_ACCOUNTS: Words = Words("accounts without another", "未另行指定的账户");
const OF_PRODUCT: Words = Words("product {product}", "产品 {product}");
const OF_ACCOUNTS: Words = Words("accounts that name it themselves", "账户自行指定");
const NO_ASSUMPTION: Words = Words("none", "无");
const STAGED: Words = Words("Most of a position closed out in a session", "平仓单日最多卖出持仓");

/// The margin's rules, always the same rows in the same order.
pub fn rows(text: &Text, case: &Case) -> Vec<Rule> {
    let m = &case.margin;
    let off = text.get(shared::NOT_IN_FORCE);
    let optional = |ratio: Option<Ratio>| ratio.map_or(off.to_string(), |r| line(r.get()));
    let row = |word: Words, value: String| (text.get(word).to_string(), value);
    let pair = |name: Words, value: String| (text.get(name).to_string(), value);
    let title = |i: &InForce| if text.zh() { i.rulebook.title_zh.clone() } else { i.rulebook.title.clone() };
    let since = |i: &InForce| text.fill(SINCE, &[("name", &title(i)), ("date", &i.version.effective.to_string())]);
    let colon = text.get(shared::COLON);
    let products: Vec<String> = m.in_force_by_product.iter().map(|(product, i)| format!("{product}{colon}{}", since(i))).collect();
    let semicolon = text.get(shared::SEMICOLON);
    let action = match m.limit_action {
        LimitAction::NoPurchases => text.get(NO_PURCHASES).to_string(),
        LimitAction::ReduceTo(ratio) => text.fill(REDUCE_TO, &[("ratio", &line(ratio.get()))]),
        LimitAction::CapLeverage(leverage) => text.fill(CAP_LEVERAGE, &[("leverage", &number::plain(leverage))]),
    };
    let mut out = vec![
        pair(RULEBOOK, m.in_force.as_ref().map_or(text.get(OWN_KEYS).to_string(), since)),
        row(shared::RULE_WARNING, optional(m.warning)),
        row(shared::RULE_LIMIT, optional(m.limit)),
        pair(LIMIT_ACTION, action),
        row(shared::RULE_CALL, optional(m.call)),
        row(RULE_CURE, m.cure_days.unwrap_or(0).to_string()),
        pair(CURED_AT, m.cured_at.map_or(text.get(CALL_LINE).to_string(), |r| line(r.get()))),
        row(shared::RULE_LIQUIDATION, optional(m.liquidation)),
        row(RULE_RESTORE, m.restore_to.map_or(text.get(RULE_SELL_ALL).into(), |r| line(r.get()))),
        pair(WITHDRAWAL, optional(m.withdrawal)),
        pair(INITIAL, optional(m.initial_margin)),
        pair(PRODUCTS, if products.is_empty() { off.to_string() } else { products.join(semicolon) }),
    ];
    out.extend(parts::rules(text, case, "margin"));
    out.push(pair(STAGED, optional(case.liquidation.daily_share)));
    out.extend(parts::rules(text, case, "liquidation"));
    out
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
        Scope::Programme => text.get(ALL_ACCOUNTS).to_string(),
        Scope::Product(product) => text.fill(OF_PRODUCT, &[("product", product)]),
        Scope::Account => text.get(OF_ACCOUNTS).to_string(),
    };
    let rows: Vec<_> = seen
        .into_iter()
        .map(|used| {
            let i = &used.in_force;
            let (title, citation, assumption) = match text.zh() {
                true => (&i.rulebook.title_zh, &i.version.citation_zh, &i.version.assumption_zh),
                false => (&i.rulebook.title, &i.version.citation, &i.version.assumption),
            };
            let assumption = assumption.clone().unwrap_or_else(|| text.get(NO_ASSUMPTION).into());
            vec![
                who(&used.scope).into(),
                cells::count(used.accounts as u64),
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
        words(text.get(HEAD_FOR), 2),
        figures(text.get(shared::HEAD_ACCOUNTS), ""),
        words(text.get(RULEBOOK), 3),
        Column { share: 0, ..words(text.get(HEAD_SINCE), 0) },
        words(text.get(HEAD_SOURCE), 5),
        words(text.get(HEAD_ASSUMPTION), 4),
    ];
    Some(Block::Table(Table { caption: text.get(TABLE_CAPTION).into(), columns, rows, ..Table::default() }))
}
