//! Writes the committee's page: the answers to the chair's questions, the limits, the scenarios, one chart.

use super::block::{Figure, Table};
use super::findings::{self, Finding};
use super::limits::{each_limit, limits_table};
use super::sections::Story;
use super::tables::{self, asked};
use super::tiers::senior_tier;
use crate::report::charts::Context;
use crate::report::text::Word;
use crate::study::limits::Verdict;
use serde::Serialize;

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
        verdict_title: context.text.get(Word::FirstVerdict),
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
    table.caption = text.get(Word::FirstLimits).into();
    if !rest.is_empty() {
        let word = if rest.iter().all(|row| row.result.verdict == Verdict::Pass) { Word::FirstMorePasses } else { Word::FirstMoreTests };
        table.note = Some(text.fill(word, &[("n", &rest.len().to_string()), ("section", text.get(Word::SectionLimits))]));
    }
    Some(table)
}

fn scenarios(context: &Context<'_>) -> Table {
    let text = &context.text;
    let mut heads = vec![
        asked(context, Word::HeadPoolMean, "pool_loss.mean"),
        asked(context, Word::HeadVar, "pool_loss.var_99"),
        asked(context, Word::HeadEs, "pool_loss.es_99"),
        asked(context, Word::HeadLiquidated, "liquidation_rate"),
        asked(context, Word::HeadShortfall, "shortfall.probability"),
    ];
    if let Some(tier) = senior_tier(context) {
        heads.push(tables::Asked { head: text.fill(Word::HeadTierHit, &[("tier", &tier)]), key: format!("tier.{tier}.hit_probability") });
    }
    let shown = context.facts.scenarios.iter().take(SCENARIOS_SHOWN).map(|s| (s, &s.measures));
    let mut table = tables::by_scenario(context, shown, &heads, true);
    table.caption = text.get(Word::FirstScenarios).into();
    let rest = context.facts.scenarios.len().saturating_sub(SCENARIOS_SHOWN);
    let more = if rest > 0 {
        text.fill(Word::FirstMoreScenarios, &[("n", &rest.to_string()), ("section", text.get(Word::SectionResults))])
    } else {
        String::new()
    };
    table.note = Some(format!("{} {more}", text.get(Word::FirstErrors)).trim_end().to_string());
    table
}
