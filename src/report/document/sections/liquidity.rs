//! Shows forced sales, what could not be sold, and what each part of the answer adds.

use super::{Section, Story};
use crate::measures::Estimates;
use crate::model::part::Words;
use crate::report::document::block::Block;
use crate::report::document::tables::{self, asked};
use crate::report::facts::ScenarioFacts;
use crate::report::text::shared;

pub const SECTION: Section =
    Section {
        slug: "liquidity", title: Words("Forced sales and what could not be sold", "强制平仓卖出与未能卖出的部分"), write: blocks
    };

const LIQUIDITY_TEXT: Words = Words(
    "Means over paths. Unsold is the market value still queued for sale on the last day, because of halts, limit locks, lots or the cap on turnover.",
    "均为各路径平均值。未卖出市值指期末因停牌、跌停、整手或成交占比上限仍在排队的市值。",
);
const LIQUIDITY_AMPLIFIED: Words = Words(
    "Amplification is the mean pool loss over that of the same paths without feedback: sales move no price, and clients and lines do not react to the fall.",
    "损失放大倍数为资金池平均损失与同一路径上无任何反馈（卖出不影响价格，客户与线不随下跌而变）时的平均损失之比。",
);
const CONTAGION_TEXT: Words = Words(
    "Each column adds one part of the feedback to the one before it, on the same paths and draws, so that a difference between columns is what the part adds.",
    "各列在前一列基础上加入一项反馈，路径与随机数相同，两列之差即该项所增损失。",
);
const CONTAGION_CAPTION: Words = Words("Mean pool loss as parts of the feedback are switched on", "逐项计入反馈时的资金池平均损失");
const HEAD_AMPLIFICATION: Words = Words("Amplification", "放大倍数");
const HEAD_WITHOUT_IMPACT: Words = Words("Pool loss without feedback", "无反馈时资金池损失");
const LIQUIDITY_CAPTION: Words = Words("Forced sales by scenario, means", "各情景强制平仓卖出（均值）");
const HEAD_SALE_COST: Words = Words("Cost of sales", "卖出成本");
const HEAD_MARGIN_CALLED: Words = Words("Margin called", "追保金额");
const HEAD_RECOURSE: Words = Words("Recourse", "追偿回收");

fn blocks(story: &Story<'_>) -> Vec<Block> {
    let context = &story.context;
    let text = &context.text;
    let heads = [
        asked(context, HEAD_MARGIN_CALLED, "call_amount.mean"),
        asked(context, shared::HEAD_FORCED, "forced_sales.mean"),
        asked(context, shared::HEAD_UNSOLD, "unsold.mean"),
        asked(context, HEAD_SALE_COST, "sale_cost.mean"),
        asked(context, HEAD_RECOURSE, "recourse.mean"),
        asked(context, HEAD_WITHOUT_IMPACT, "contagion.no_feedback.pool_loss.mean"),
        asked(context, HEAD_AMPLIFICATION, "amplification"),
    ];
    let scenarios = context.by_loss().into_iter().map(|s| (s, &s.measures as &Estimates));
    let mut table = tables::by_scenario(context, scenarios.clone(), &heads, false);
    table.caption = text.get(LIQUIDITY_CAPTION).into();
    let mut out = vec![Block::paragraph(text.get(LIQUIDITY_TEXT))];
    if context.facts.scenarios.iter().any(|s| s.measures.contains_key("amplification")) {
        out.push(Block::paragraph(text.get(LIQUIDITY_AMPLIFIED)));
    }
    out.push(Block::Table(table));
    out.extend(story.chart("sales-by-session"));
    out.extend(contagion(story, scenarios));
    out
}

/// What each part of the answer adds, where a scenario was taken apart.
fn contagion<'s>(story: &Story<'_>, scenarios: impl Iterator<Item = (&'s ScenarioFacts, &'s Estimates)> + Clone) -> Vec<Block> {
    let context = &story.context;
    let layer = |head: Words, name: &str| asked(context, head, &format!("contagion.{name}.pool_loss.mean"));
    let heads = [
        layer(HEAD_WITHOUT_IMPACT, "no_feedback"),
        layer(shared::HEAD_WITH_IMPACT, "impact"),
        layer(shared::HEAD_MARGIN_SPIRAL, "margin_spiral"),
        layer(shared::HEAD_CLIENT_STRESS, "client_stress"),
        layer(shared::HEAD_RUN, "run"),
        asked(context, HEAD_AMPLIFICATION, "amplification"),
    ];
    if !scenarios.clone().any(|(_, measures)| heads[1..5].iter().any(|head| measures.contains_key(&head.key))) {
        return Vec::new();
    }
    let mut table = tables::by_scenario(context, scenarios, &heads, false);
    table.caption = context.text.get(CONTAGION_CAPTION).into();
    let mut out = vec![Block::paragraph(context.text.get(CONTAGION_TEXT)), Block::Table(table)];
    out.extend(story.chart("contagion-cascade"));
    out
}
