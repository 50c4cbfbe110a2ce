//! Writes the committee's page: the answers to the chair's questions, the limits, the scenarios, one chart.

use super::block::{Cell, Figure, Table, figures};
use super::cells;
use super::findings::{self, Finding};
use super::limits::{each_limit, limits_table};
use super::sections::{self, Story};
use super::tables::{self, asked, asked_bare};
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

const HEAD_SESSIONS: Words = Words("Sessions", "交易日");
const HEAD_LOSS: Words = Words("Loss, mean", "平均损失");
const HEAD_UNSOLD: Words = Words("Unsold", "期末未卖出");

const FIRST_NOTE: Words = Words(
    "Shares held: mean return over the horizon of the shares held on the as-of date, and of its worst session. ± is one standard error; what stands without it is to three digits, with its error in section “{section}”. † The tail is thin or the event rare. (≤) and (≥): no path, or every path, shows it; the far end of the interval. Bold, and dark in the chart: the largest ES 99%.",
    "持仓收益：基准日持仓证券在期限内的平均收益率，及其最差单日。± 为一倍标准误；未列 ± 者取三位有效数字，误差见“{section}”一节。† 尾部样本不足或事件罕见。（≤）（≥）：没有路径或所有路径出现，为置信区间的另一端。粗体及图中深色：ES 99% 最大的情景。",
);

/// How many limit tests and scenarios the page has room for; the rest is in its section.
const LIMITS_SHOWN: usize = 7;
const SCENARIOS_SHOWN: usize = 9;

#[derive(Clone, Serialize)]
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
        asked_bare(context, shared::HEAD_MARKET, "market_return.mean"),
        asked_bare(context, shared::HEAD_WORST_DAY, "market_worst_day.mean"),
        asked_bare(context, HEAD_LOSS, "pool_loss.mean"),
        asked(context, shared::HEAD_ES, "pool_loss.es_99"),
        asked_bare(context, shared::HEAD_LIQUIDATED_SHORT, "liquidation_rate"),
        asked_bare(context, HEAD_UNSOLD, "unsold.mean"),
    ];
    if let Some(tier) = senior_tier(context) {
        heads.push(tables::Asked {
            head: text.fill(shared::HEAD_TIER_HIT, &[("tier", &tier)]),
            key: format!("tier.{tier}.hit_probability"),
            bare: true,
        });
    }
    let scenarios = context.by_loss();
    let shown = scenarios.iter().take(SCENARIOS_SHOWN);
    let mut table = tables::by_scenario(context, shown.clone().map(|s| (*s, &s.measures)), &heads, false);
    // figures of three digits leave room for the name, and how long each lasts stands beside it
    table.columns[0].share = 1;
    table.columns.insert(1, figures(text.get(HEAD_SESSIONS), ""));
    table.rows.iter_mut().zip(shown).for_each(|(row, s)| {
        row.insert(1, Cell { tone: row[0].tone, ..cells::said(s.horizon_days.to_string(), f64::from(s.horizon_days)) })
    });
    table.caption = text.get(FIRST_SCENARIOS).into();
    let rest = context.facts.scenarios.len().saturating_sub(SCENARIOS_SHOWN);
    let more = if rest > 0 {
        text.fill(FIRST_MORE_SCENARIOS, &[("n", &rest.to_string()), ("section", sections::title(text, "results"))])
    } else {
        String::new()
    };
    let note = text.fill(FIRST_NOTE, &[("section", sections::title(text, "results"))]);
    table.note = Some(format!("{note} {more}").trim_end().to_string());
    table
}
