//! Writes the pool: who bore what, its return and largest clients, its cash and funders, its maturity ladder and triggers.

use super::Story;
use crate::measures::Estimates;
use crate::model::pool::trigger::Trigger;
use crate::model::pool::trigger_names;
use crate::report::charts::slug;
use crate::report::document::block::{Block, Cell, Table, figures, words};
use crate::report::document::tables::{self, Asked};
use crate::report::document::tiers::tiers_in_loss_order;
use crate::report::facts::ScenarioFacts;
use crate::report::text::PoolWord;
use crate::report::text::number::{self, Scale};

pub fn pool(story: &Story<'_>) -> Vec<Block> {
    let (context, facts) = (&story.context, story.context.facts);
    let text = &context.text;
    let mut out = vec![Block::paragraph(text.get(PoolWord::Intro))];
    out.extend(table(story, bore(story), PoolWord::BoreCaption));
    for scenario in [facts.scenarios.first(), context.worst()].into_iter().flatten() {
        let chart = story.chart(&format!("loss-waterfall-{}", slug(&scenario.name)));
        let base_is_worst = facts.scenarios.first().is_some_and(|b| b.name == scenario.name) && out.iter().any(is_waterfall);
        out.extend(chart.filter(|_| !base_is_worst));
    }
    let attachment = story.chart("tier-attachment");
    let runs = facts.scenarios.iter().any(|s| s.measures.get("run.probability").is_some_and(|e| e.value > 0.0));
    let moves = (runs && attachment.is_some()).then(|| Block::paragraph(text.get(PoolWord::Moves)));
    out.extend(attachment.into_iter().chain(moves));
    let returns = [
        (PoolWord::HeadReturn, "pool_return.mean"),
        (PoolWord::HeadVolatility, "pool_return.volatility"),
        (PoolWord::HeadLossDeviation, "pool_loss.volatility"),
        (PoolWord::HeadCover1, "cover_1.es_99"),
        (PoolWord::HeadCover2, "cover_2.es_99"),
        (PoolWord::HeadUncovered, "cover_2.uncovered_probability"),
    ];
    out.extend(table(story, named(story, &returns), PoolWord::ReturnCaption));
    out.extend(ladder(story));
    out.extend(kept_daily(story));
    out
}

fn is_waterfall(block: &Block) -> bool {
    matches!(block, Block::Figure(figure) if figure.file.contains("loss-waterfall"))
}

fn named(story: &Story<'_>, asked: &[(PoolWord, &str)]) -> Vec<Asked> {
    let text = &story.context.text;
    asked.iter().map(|(head, key)| Asked { head: text.get(*head).into(), key: (*key).into() }).collect()
}

fn has(story: &Story<'_>, key: &str) -> bool {
    story.context.facts.scenarios.iter().any(|s| s.measures.contains_key(key))
}

/// A table by scenario of the figures that are there; none where none is.
fn table(story: &Story<'_>, asked: Vec<Asked>, caption: PoolWord) -> Option<Block> {
    let context = &story.context;
    let scenarios = context.facts.scenarios.iter().map(|s| (s, &s.measures as &Estimates));
    asked.iter().any(|a| has(story, &a.key)).then(|| {
        let mut table = tables::by_scenario(context, scenarios, &asked, false);
        table.caption = context.text.get(caption).into();
        Block::Table(table)
    })
}

/// What is lost, and each who bears it, the first to lose first.
fn bore(story: &Story<'_>) -> Vec<Asked> {
    let text = &story.context.text;
    let mut asked = named(story, &[(PoolWord::HeadShortfallMean, "shortfall.mean"), (PoolWord::HeadRecourseMean, "recourse.mean")]);
    let custody = story.context.facts.scenarios.iter().filter_map(|s| s.measures.get("custody_loss.mean")).any(|e| e.value > 0.0);
    if custody {
        asked.extend(named(story, &[(PoolWord::HeadCustodyPool, "custody_loss.mean")]));
    }
    for tier in tiers_in_loss_order(&story.context) {
        asked.push(Asked { head: text.fill(PoolWord::HeadTier, &[("tier", &tier)]), key: format!("tier.{tier}.loss.mean") });
    }
    asked.extend(named(story, &[(PoolWord::HeadBeyond, "unallocated_loss.mean")]));
    asked
}

/// Cash, funders, failures and triggers, where the pool is kept daily.
fn kept_daily(story: &Story<'_>) -> Vec<Block> {
    let (context, facts) = (&story.context, story.context.facts);
    let text = &context.text;
    let start = facts.scenarios.iter().find_map(|s| s.measures.get("buffer_days.start"));
    let Some(start) = start else { return vec![Block::paragraph(text.get(PoolWord::NotKept))] };
    let word = if start.value < 1.0 { PoolWord::Thin } else { PoolWord::Buffered };
    let mut out = vec![Block::paragraph(text.fill(word, &[("days", &number::plain((start.value * 100.0).round() / 100.0))]))];
    let cash = [
        (PoolWord::HeadBuffer, "buffer_days_min.mean"),
        (PoolWord::HeadCash, "cash_min.mean"),
        (PoolWord::HeadUtilisation, "utilisation_max.mean"),
        (PoolWord::HeadSurvival, "survival_days.mean"),
        (PoolWord::HeadUnpaid, "unpaid.probability"),
        (PoolWord::HeadRecalled, "recalled.mean"),
    ];
    out.extend(table(story, named(story, &cash), PoolWord::CashCaption));
    let funders = [
        (PoolWord::HeadRun, "run.probability"),
        (PoolWord::HeadWithdrawn, "funding_withdrawn.mean"),
        (PoolWord::HeadHedge, "hedge_result.mean"),
        (PoolWord::HeadCustodyPool, "custody_loss.mean"),
        (PoolWord::HeadClientCustody, "client_custody_loss.mean"),
    ];
    out.extend(table(story, named(story, &funders), PoolWord::FundersCaption));
    let mut fails: Vec<Asked> = Vec::new();
    for tier in tiers_in_loss_order(context) {
        fails.push(Asked { head: text.fill(PoolWord::HeadFailed, &[("tier", &tier)]), key: format!("tier.{tier}.failed_probability") });
    }
    for name in trigger_keys(facts.scenarios.iter()) {
        fails.push(Asked { head: text.fill(PoolWord::HeadFired, &[("trigger", &name)]), key: format!("trigger.{name}.fired_probability") });
    }
    out.extend(table(story, fails, PoolWord::TiersCaption));
    out.extend(triggers(story));
    out.extend(sources(story));
    out
}

/// Names of triggers that any scenario has a figure of, in order of name.
fn trigger_keys<'s>(scenarios: impl Iterator<Item = &'s ScenarioFacts>) -> Vec<String> {
    let of = |s: &'s ScenarioFacts| {
        s.measures.keys().filter_map(|k| Some(k.strip_prefix("trigger.")?.strip_suffix(".fired_probability")?.to_string()))
    };
    let mut names: Vec<String> = scenarios.flat_map(of).collect();
    names.sort();
    names.dedup();
    names
}

/// Each trigger of any scenario with its values.
fn triggers(story: &Story<'_>) -> Option<Block> {
    let text = &story.context.text;
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    let mut told: Vec<Trigger> = Vec::new();
    for scenario in &story.context.facts.programme.scenarios {
        for (name, trigger) in trigger_names(&scenario.case.pool).into_iter().zip(&scenario.case.pool.triggers) {
            if told.contains(trigger) {
                continue;
            }
            told.push(trigger.clone());
            rows.push(vec![name.into(), text.list(&conditions(story, trigger)).into(), text.list(&effects(story, trigger)).into()]);
        }
    }
    let columns = vec![
        words(text.get(PoolWord::HeadTrigger), 1),
        words(text.get(PoolWord::HeadCondition), 2),
        words(text.get(PoolWord::HeadEffect), 2),
    ];
    let caption = text.get(PoolWord::TriggersCaption).into();
    (!rows.is_empty()).then(|| Block::Table(Table { caption, columns, rows, ..Table::default() }))
}

fn conditions(story: &Story<'_>, trigger: &Trigger) -> Vec<String> {
    let text = &story.context.text;
    let mut out = Vec::new();
    out.extend(trigger.pool_loss.map(|v| text.fill(PoolWord::WhenLoss, &[("value", &number::line(v.get()))])));
    out.extend(trigger.buffer_days.map(|v| text.fill(PoolWord::WhenBuffer, &[("value", &number::plain(v))])));
    out.extend(trigger.stress.map(|v| text.fill(PoolWord::WhenStress, &[("value", &number::line(v.get()))])));
    out
}

fn effects(story: &Story<'_>, trigger: &Trigger) -> Vec<String> {
    let (context, text) = (&story.context, &story.context.text);
    let mut out = Vec::new();
    if !trigger.loss_order.is_empty() {
        out.push(text.fill(PoolWord::DoOrder, &[("order", &trigger.loss_order.join(if text.zh() { "、" } else { ", " }))]));
    }
    let share = number::line(trigger.recall.get());
    match &trigger.recall_tier {
        _ if trigger.recall.get() <= 0.0 => {}
        Some(tier) => out.push(text.fill(PoolWord::DoRecallTier, &[("share", &share), ("tier", tier)])),
        None => out.push(text.fill(PoolWord::DoRecall, &[("share", &share)])),
    }
    if !trigger.replenish.is_empty() {
        let amounts: Vec<String> =
            trigger.replenish.iter().map(|(tier, money)| format!("{tier} {}", tables::money(context, *money))).collect();
        out.push(text.fill(PoolWord::DoReplenish, &[("amounts", &text.list(&amounts))]));
    }
    out
}

/// Probability that each source withdraws, where any does; the eight most likely to.
fn sources(story: &Story<'_>) -> Option<Block> {
    let facts = story.context.facts;
    let mut likely: Vec<(f64, String)> = Vec::new();
    for scenario in &facts.scenarios {
        for (key, estimate) in &scenario.measures {
            let Some(name) = key.strip_prefix("source.").and_then(|k| k.strip_suffix(".funding_withdrawn.probability")) else { continue };
            match likely.iter_mut().find(|(_, n)| n == name) {
                Some(row) => row.0 = row.0.max(estimate.value),
                None => likely.push((estimate.value, name.to_string())),
            }
        }
    }
    likely.retain(|(value, _)| *value > 0.0);
    likely.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    likely.truncate(8);
    likely.sort_by(|a, b| a.1.cmp(&b.1));
    let asked: Vec<Asked> =
        likely.into_iter().map(|(_, n)| Asked { key: format!("source.{n}.funding_withdrawn.probability"), head: n }).collect();
    if asked.is_empty() { None } else { table(story, asked, PoolWord::SourcesCaption) }
}

/// Loans and funding by days to maturity, and the cash left when nothing rolls.
fn ladder(story: &Story<'_>) -> Option<Block> {
    let context = &story.context;
    let text = &context.text;
    let rungs = &context.facts.snapshot.ladder;
    if rungs.iter().all(|rung| rung.funding <= 0.0) {
        return None;
    }
    let scale = Scale::of(text, rungs.iter().map(|rung| rung.funding.max(rung.loans)));
    let money = |value: f64| -> Cell {
        let scaled = value / scale.divisor;
        number::grouped(scaled, number::decimals_for_value(scaled, 4).min(2)).into()
    };
    let rows = rungs.iter().map(|rung| {
        let days = match rung.up_to_days {
            i32::MAX => text.get(PoolWord::RungOpen).to_string(),
            days => text.fill(PoolWord::RungUpTo, &[("days", &days.to_string())]),
        };
        vec![days.into(), money(rung.loans), money(rung.funding), money(rung.gap)]
    });
    let unit = context.unit(scale);
    let columns = vec![
        words(text.get(PoolWord::HeadRung), 1),
        figures(text.get(PoolWord::HeadLoansDue), unit.clone()),
        figures(text.get(PoolWord::HeadFundingDue), unit.clone()),
        figures(text.get(PoolWord::HeadGap), unit),
    ];
    let (caption, note) = (text.get(PoolWord::LadderCaption).into(), Some(text.get(PoolWord::LadderNote).into()));
    Some(Block::Table(Table { caption, columns, rows: rows.collect(), note, narrow: true, ..Table::default() }))
}
