//! Shows the results by tier, grade, leverage and sector.

use super::{Section, Story};
use crate::model::part::Words;
use crate::report::document::block::{Block, Cell, Column, Table, Tone, figures, words};
use crate::report::document::tables::{self, Asked, asked};
use crate::report::document::tiers::tiers_in_loss_order;
use crate::report::facts::ScenarioFacts;
use crate::report::text::number::Scale;
use crate::report::text::{measure, shared};

pub const SECTION: Section =
    Section { slug: "groups", title: Words("Tiers, grades and leverage", "分层、分级与分杠杆结果"), write: blocks };

const GROUPS_TIER_CAPTION: Words = Words("{tier}: mean loss and probabilities", "{tier}平均损失与概率");
const GROUPS_GRADE_CAPTION: Words = Words("Forced-liquidation rate by grade", "各等级客户强制平仓率");
const GROUPS_LEVERAGE_CAPTION: Words = Words("Forced-liquidation rate by leverage", "各杠杆区间强制平仓率");
const GROUPS_NONE: Words = Words("No group measure was computed.", "未计算分组指标。");
const HEAD_MEAN_LOSS: Words = Words("Mean loss", "平均损失");
const HEAD_HIT: Words = Words("Hit", "受损概率");
const HEAD_EXHAUSTED: Words = Words("Exhausted", "耗尽概率");
const GRADE_NAMED: Words = Words("Grade {grade}", "{grade} 级");
const SECTOR: Words = Words("Sector", "行业");
const SECTORS: Words = Words("“{scenario}”: sectors with the largest forced sales", "“{scenario}”：强制平仓卖出最多的行业");
const SECTOR_PART: Words = Words("Part of ES 99%", "在 ES 99% 中的部分");
const SECTOR_LOSS: Words = Words("Loss of accounts", "账户损失");
const SECTORS_NOTE: Words = Words(
    "Losses and rates are those of the accounts that hold most of their value in the sector; sales are of the sector's shares, whoever held them.",
    "损失与比率为持仓市值以该行业为主的账户；卖出额为该行业证券的卖出，不论由谁持有。",
);

fn blocks(story: &Story<'_>) -> Vec<Block> {
    let (context, facts) = (&story.context, story.context.facts);
    let text = &context.text;
    let has = |key: &str| facts.scenarios.iter().any(|s| s.measures.contains_key(key));
    let all = || context.by_loss().into_iter().map(|s| (s, &s.measures));
    let mut out = Vec::new();
    for tier in tiers_in_loss_order(context) {
        let heads = [
            asked(context, HEAD_MEAN_LOSS, &format!("tier.{tier}.loss.mean")),
            asked(context, shared::HEAD_ES, &format!("tier.{tier}.loss.es_99")),
            asked(context, HEAD_HIT, &format!("tier.{tier}.hit_probability")),
            asked(context, HEAD_EXHAUSTED, &format!("tier.{tier}.exhausted_probability")),
            asked(context, shared::HEAD_LIQUIDATED_SHORT, &format!("tier.{tier}.liquidation_rate")),
        ];
        if heads.iter().any(|head| has(&head.key)) {
            let mut table = tables::by_scenario(context, all(), &heads, false);
            let name = text.fill(shared::TIER_NAMED, &[("tier", &tier)]);
            table.caption = text.fill(GROUPS_TIER_CAPTION, &[("tier", &name)]);
            out.push(Block::Table(table));
        }
    }
    let by_name = |heads: Vec<Asked>, caption: Words| -> Option<Block> {
        heads.iter().any(|head| has(&head.key)).then(|| {
            let mut table = tables::by_scenario(context, all(), &heads, false);
            table.caption = text.get(caption).into();
            Block::Table(table)
        })
    };
    let rate = "liquidation_rate";
    let grades = facts.snapshot.grades.iter().map(|g| Asked {
        head: text.fill(GRADE_NAMED, &[("grade", &g.0)]),
        key: format!("grade.{}.{rate}", g.0),
        bare: false,
    });
    let buckets = facts.snapshot.leverage.iter().map(|l| Asked { head: l.0.clone(), key: measure::leverage_key(&l.0, rate), bare: false });
    out.extend(by_name(grades.collect(), GROUPS_GRADE_CAPTION));
    out.extend(by_name(buckets.collect(), GROUPS_LEVERAGE_CAPTION));
    out.extend(story.chart("liquidation-rate-by-leverage"));
    for scenario in story.base_and_worst() {
        out.extend(sectors(story, scenario));
    }
    if out.is_empty() {
        out.push(Block::paragraph(text.get(GROUPS_NONE)));
    }
    out
}

/// Sectors shown, at most.
const SECTORS_SHOWN: usize = 10;

/// The sectors whose shares were sold most, or whose accounts lost most.
fn sectors(story: &Story<'_>, scenario: &ScenarioFacts) -> Option<Block> {
    let context = &story.context;
    let text = &context.text;
    let measures = &scenario.measures;
    let sold = |name: &str| measures.get(&format!("sector.{name}.forced_sales.mean")).map_or(0.0, |e| e.value);
    let lost = |name: &str| measures.get(&format!("sector.{name}.accounts_loss.mean")).map_or(0.0, |e| e.value);
    let named = measures.keys().filter_map(|key| key.strip_prefix("sector.")?.strip_suffix(".forced_sales.mean"));
    let mut names: Vec<&str> = named.filter(|name| sold(name) > 0.0 || lost(name) > 0.0).collect();
    names.sort_by(|a, b| sold(b).total_cmp(&sold(a)).then(lost(b).total_cmp(&lost(a))).then(a.cmp(b)));
    names.truncate(SECTORS_SHOWN);
    let keys = ["forced_sales.mean", "unsold.mean", "liquidation_rate", "accounts_loss.mean", "accounts_loss.es_99_part"];
    let figure = |name: &str, key: &str| measures.get(&format!("sector.{name}.{key}"));
    let all = names.iter().flat_map(|name| keys.iter().filter_map(|key| figure(name, key)));
    let scale = Scale::of_estimates(text, all);
    let rows: Vec<Vec<Cell>> = names
        .iter()
        .map(|name| {
            let mut row: Vec<Cell> = vec![(*name).into()];
            row.extend(keys.iter().map(|key| tables::cell(context, figure(name, key), scale, Tone::Plain)));
            row
        })
        .collect();
    let heads = [shared::HEAD_FORCED, shared::HEAD_UNSOLD, shared::HEAD_LIQUIDATED_SHORT, SECTOR_LOSS, SECTOR_PART];
    let mut columns = vec![words(text.get(SECTOR), 1)];
    columns.extend(heads.into_iter().zip(keys).map(|(head, key)| {
        let unit = if key == "liquidation_rate" { "%".to_string() } else { context.unit(scale) };
        Column { measure: Some(format!("sector.*.{key}")), ..figures(text.get(head), unit) }
    }));
    let caption = text.fill(SECTORS, &[("scenario", &context.scenario(&scenario.name))]);
    let note = Some(text.get(SECTORS_NOTE).to_string());
    (!rows.is_empty()).then_some(Block::Table(Table { caption, columns, rows, note, narrow: true, ..Table::default() }))
}
