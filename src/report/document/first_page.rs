//! Writes the committee's page: the answers to the chair's questions, the limits, the scenarios, one chart.

use super::block::{Figure, Table};
use super::findings::{self, Finding};
use super::limits::{each_limit, limits_table};
use super::sections::{self, Story};
use super::tables::{self, asked};
use super::tiers::senior_tier;
use crate::model::part::Words;
use crate::report::charts::Context;
use crate::report::text::shared;
use crate::study::limits::Verdict;
use serde::Serialize;

const FIRST_VERDICT: Words = Words("Findings", "结论");
const FIRST_LIMITS: Words = Words("Limits", "限额");
const FIRST_SCENARIOS: Words = Words("Scenarios", "情景结果");
const FIRST_MORE_PASSES: Words =
    Words("{n} further limits pass; every test is in section “{section}”.", "另有 {n} 项限额通过，全部检验见“{section}”一节。");
const FIRST_MORE_TESTS: Words = Words("{n} further limits are in section “{section}”.", "另有 {n} 项限额见“{section}”一节。");
const FIRST_MORE_SCENARIOS: Words = Words("{n} further scenarios are in section “{section}”.", "另有 {n} 个情景见“{section}”一节。");

/// How many limit tests and scenarios the page has room for; the rest is in its section.
const LIMITS_SHOWN: usize = 7;
const SCENARIOS_SHOWN: usize = 9;

#[derive(Serialize)]
pub struct FirstPage {
    pub verdict_title: &'static str,
    pub verdict: Vec<Finding>,
    pub limits: Option<Table>,
    pub scenarios: Table,
    pub chart: Option<Figure>,
}

pub fn compose(story: &Story<'_>) -> FirstPage {
    let context = &story.context;
    FirstPage {
        verdict_title: context.text.get(FIRST_VERDICT),
        verdict: findings::all(context),
        limits: limits(context),
        scenarios: scenarios(context),
        chart: story.charts.iter().find(|c| c.slug == "tail-loss-by-scenario").map(Figure::of),
    }
}

fn limits(context: &Context<'_>) -> Option<Table> {
    let text = &context.text;
    let all = each_limit(context);
    if all.is_empty() {
        return None;
    }
    let (shown, rest) = all.split_at(all.len().min(LIMITS_SHOWN));
    let mut table = limits_table(context, shown);
    table.caption = text.get(FIRST_LIMITS).into();
    if !rest.is_empty() {
        let word = if rest.iter().all(|row| row.result.verdict == Verdict::Pass) { FIRST_MORE_PASSES } else { FIRST_MORE_TESTS };
        table.note = Some(text.fill(word, &[("n", &rest.len().to_string()), ("section", sections::title(text, "limits"))]));
    }
    Some(table)
}

fn scenarios(context: &Context<'_>) -> Table {
    let text = &context.text;
    let mut heads = vec![
        asked(context, shared::HEAD_POOL_MEAN, "pool_loss.mean"),
        asked(context, shared::HEAD_VAR, "pool_loss.var_99"),
        asked(context, shared::HEAD_ES, "pool_loss.es_99"),
        asked(context, shared::HEAD_LIQUIDATED, "liquidation_rate"),
        asked(context, shared::HEAD_SHORTFALL, "shortfall.probability"),
    ];
    if let Some(tier) = senior_tier(context) {
        heads.push(tables::Asked {
            head: text.fill(shared::HEAD_TIER_HIT, &[("tier", &tier)]),
            key: format!("tier.{tier}.hit_probability"),
        });
    }
    let shown = context.facts.scenarios.iter().take(SCENARIOS_SHOWN).map(|s| (s, &s.measures));
    let mut table = tables::by_scenario(context, shown, &heads, true);
    table.caption = text.get(FIRST_SCENARIOS).into();
    let rest = context.facts.scenarios.len().saturating_sub(SCENARIOS_SHOWN);
    let more = if rest > 0 {
        text.fill(FIRST_MORE_SCENARIOS, &[("n", &rest.to_string()), ("section", sections::title(text, "results"))])
    } else {
        String::new()
    };
    table.note = Some(format!("{} {more}", text.get(shared::FIRST_ERRORS)).trim_end().to_string());
    table
}
