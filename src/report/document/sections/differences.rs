//! Sets each scenario against the base on the same paths.

use super::{Section, Story};
use crate::model::part::Words;
use crate::report::document::block::Block;
use crate::report::document::tables::{self, Asked, asked};
use crate::report::document::tiers::senior_tier;
use crate::report::facts::ScenarioFacts;
use crate::report::text::shared;

pub const SECTION: Section =
    Section { slug: "differences", title: Words("Differences to the base", "与基准情景的差异"), write: blocks };

const DIFFERENCES_TEXT: Words = Words(
    "Scenario less base on the same paths. A difference of more than two standard errors is not noise.",
    "同一路径上情景减基准。超过两倍标准误的差异不是噪声。",
);
const DIFFERENCES_CAPTION: Words = Words("Paired differences to the base", "与基准情景的配对差异");
const DIFFERENCES_NONE: Words =
    Words("No scenario shares its paths with the base, so there are no paired differences.", "没有情景与基准共用路径，故无配对差异。");
const DIFFERENCES_MISSING: Words = Words(
    "Not on common paths, and therefore without a paired difference: {scenarios}.",
    "未与基准共用路径、因而无配对差异的情景：{scenarios}。",
);

fn blocks(story: &Story<'_>) -> Vec<Block> {
    let (context, facts) = (&story.context, story.context.facts);
    let text = &context.text;
    let (paired, apart): (Vec<&ScenarioFacts>, Vec<&ScenarioFacts>) =
        facts.scenarios.iter().skip(1).partition(|s| !s.difference.is_empty());
    if paired.is_empty() {
        return vec![Block::paragraph(text.get(DIFFERENCES_NONE))];
    }
    let mut heads = vec![
        asked(context, shared::HEAD_POOL_MEAN, "pool_loss.mean"),
        asked(context, shared::HEAD_VAR, "pool_loss.var_99"),
        asked(context, shared::HEAD_ES, "pool_loss.es_99"),
        asked(context, shared::HEAD_LIQUIDATED, "liquidation_rate"),
        asked(context, shared::HEAD_SHORTFALL, "shortfall.probability"),
    ];
    if let Some(tier) = senior_tier(context) {
        heads.push(Asked {
            head: text.fill(shared::HEAD_TIER_HIT, &[("tier", &tier)]),
            key: format!("tier.{tier}.hit_probability"),
            bare: false,
        });
    }
    let rows = paired.iter().map(|s| (*s, &s.difference));
    let mut table = tables::by_scenario(context, rows, &heads, false);
    table.caption = text.get(DIFFERENCES_CAPTION).into();
    let mut out = vec![Block::paragraph(text.get(DIFFERENCES_TEXT)), Block::Table(table)];
    if !apart.is_empty() {
        let names: Vec<String> = apart.iter().map(|s| context.scenario(&s.name)).collect();
        out.push(Block::paragraph(text.fill(DIFFERENCES_MISSING, &[("scenarios", &text.list(&names))])));
    }
    out
}
