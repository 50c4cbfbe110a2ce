//! Words the margin of a case: its lines, its rulebooks with their sources, and what the platform's controls do.

use super::block::{Block, Column, Table, words};
use super::rules::Rule;
use crate::model::case::Case;
use crate::model::margin::InForce;
use crate::model::margin::limit_action::LimitAction;
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
    vec![
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
    ]
}

/// The rulebooks the cases stand under: for whom, since when, where it is written, and what is assumed; nothing without any.
pub fn rulebooks<'c>(text: &Text, cases: impl Iterator<Item = &'c Case>) -> Option<Block> {
    let mut seen: Vec<(String, InForce)> = Vec::new();
    for m in cases.map(|c| &c.margin) {
        let all = m.in_force.iter().map(|i| (margin::ALL_ACCOUNTS.get(text).to_string(), *i));
        let products = m.in_force_by_product.iter().map(|(p, i)| (margin::OF_PRODUCT.fill(text, &[("product", p)]), *i));
        for entry in all.chain(products) {
            if !seen.contains(&entry) {
                seen.push(entry);
            }
        }
    }
    let rows: Vec<_> = seen
        .into_iter()
        .map(|(who, i)| {
            let (title, assumption) = match text.zh() {
                true => (&i.rulebook.title_zh, &i.version.assumption_zh),
                false => (&i.rulebook.title, &i.version.assumption),
            };
            let assumption = assumption.clone().unwrap_or_else(|| margin::NO_ASSUMPTION.get(text).into());
            vec![
                who.into(),
                title.as_str().into(),
                i.version.effective.to_string().into(),
                i.version.citation.as_str().into(),
                assumption.into(),
            ]
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let columns = vec![
        words(margin::HEAD_FOR.get(text), 2),
        words(margin::RULEBOOK.get(text), 3),
        Column { share: 0, ..words(margin::HEAD_SINCE.get(text), 0) },
        words(margin::HEAD_SOURCE.get(text), 5),
        words(margin::HEAD_ASSUMPTION.get(text), 4),
    ];
    Some(Block::Table(Table { caption: margin::TABLE_CAPTION.get(text).into(), columns, rows, ..Table::default() }))
}
