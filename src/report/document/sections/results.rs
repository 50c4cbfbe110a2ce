//! Writes the results: by scenario, against the base, by group, by account and symbol, and of forced sales.

use super::Story;
use crate::measures::{Estimates, Flag};
use crate::report::charts::slug;
use crate::report::document::block::{Block, Cell, Table, Tone, figures, words};
use crate::report::document::tables::{self, Asked, asked};
use crate::report::document::tiers::{senior_tier, tiers_in_loss_order};
use crate::report::facts::ScenarioFacts;
use crate::report::text::number::Scale;
use crate::report::text::{Word, clients, margin::Pair, measure, outcome_words};

pub fn results(story: &Story<'_>) -> Vec<Block> {
    let (context, facts) = (&story.context, story.context.facts);
    let text = &context.text;
    let all = facts.scenarios.iter().map(|s| (s, &s.measures));
    let losses = [
        asked(context, Word::HeadMean, "pool_loss.mean"),
        asked(context, Word::HeadVar95, "pool_loss.var_95"),
        asked(context, Word::HeadVar, "pool_loss.var_99"),
        asked(context, Word::HeadVar999, "pool_loss.var_99_9"),
        asked(context, Word::HeadEs975, "pool_loss.es_97_5"),
        asked(context, Word::HeadEs, "pool_loss.es_99"),
        asked(context, Word::HeadEs999, "pool_loss.es_99_9"),
    ];
    let accounts = [
        asked(context, Word::HeadWarned, "warning_rate"),
        asked(context, Word::HeadCalled, "call_rate"),
        asked(context, Word::HeadCured, "cure_share"),
        asked(context, Word::HeadLiquidatedShort, "liquidation_rate"),
        asked(context, Word::HeadShortfallAccounts, "shortfall_rate"),
        asked(context, Word::HeadTimeToCall, "time_to_call.mean_days"),
        asked(context, Word::HeadDrawdown, "max_drawdown.mean"),
    ];
    let mut table = tables::by_scenario(context, all.clone(), &losses, false);
    (table.caption, table.note) = (text.get(Word::ResultsLossCaption).into(), Some(text.get(Word::FirstErrors).into()));
    let told = [text.get(Word::ResultsText), text.get(Word::ResultsScenarioNote)].join(if text.zh() { "" } else { " " });
    let mut out = vec![Block::paragraph(told), Block::Table(table)];
    out.extend(story.chart("tier-losses-by-scenario"));
    let mut table = tables::by_scenario(context, all.clone(), &accounts, false);
    table.caption = text.get(Word::ResultsAccountsCaption).into();
    out.push(Block::Table(table));
    out.extend(close_outs(story, all));
    for chart in ["liquidation-rate-by-scenario", "account-funnel", "pool-value-fan"] {
        out.extend(story.chart(chart));
    }
    for scenario in &facts.scenarios {
        out.push(Block::NewPage);
        out.push(Block::subheading(context.scenario(&scenario.name)));
        out.extend(story.chart(&format!("loss-distribution-{}", slug(&scenario.name))));
        let case = facts.programme.scenarios.iter().find(|p| p.name == scenario.name);
        let confidence = case.map_or(0.95, |p| p.case.simulation.confidence.get());
        out.push(Block::Table(tables::whole(context, scenario, confidence)));
    }
    out
}

/// What forced liquidations came to, where there were any.
fn close_outs<'s>(story: &Story<'_>, scenarios: impl Iterator<Item = (&'s ScenarioFacts, &'s Estimates)> + Clone) -> Option<Block> {
    let context = &story.context;
    let text = &context.text;
    let paired = |pair: Pair, key: &str| Asked { head: pair.get(text).into(), key: key.into() };
    let heads = [
        asked(context, Word::HeadLiquidatedShort, "liquidation_rate"),
        paired(outcome_words::UNNEEDED, "unneeded_liquidation_share"),
        paired(outcome_words::DAYS_TO_CLOSE_OUT, "time_to_close_out.mean_days"),
        asked(context, Word::HeadForced, "forced_sales.mean"),
        asked(context, Word::HeadUnsold, "unsold.mean"),
    ];
    let any = scenarios.clone().any(|(_, m)| m.get("unneeded_liquidation_share").is_some_and(|e| e.flag != Some(Flag::Undefined)));
    let mut table = tables::by_scenario(context, scenarios, &heads, false);
    table.caption = outcome_words::CLOSE_OUTS.get(text).into();
    table.note = Some(outcome_words::CLOSE_OUTS_NOTE.get(text).into());
    any.then_some(Block::Table(table))
}

pub fn differences(story: &Story<'_>) -> Vec<Block> {
    let (context, facts) = (&story.context, story.context.facts);
    let text = &context.text;
    let (paired, apart): (Vec<&ScenarioFacts>, Vec<&ScenarioFacts>) =
        facts.scenarios.iter().skip(1).partition(|s| !s.difference.is_empty());
    if paired.is_empty() {
        return vec![Block::paragraph(text.get(Word::DifferencesNone))];
    }
    let mut heads = vec![
        asked(context, Word::HeadPoolMean, "pool_loss.mean"),
        asked(context, Word::HeadVar, "pool_loss.var_99"),
        asked(context, Word::HeadEs, "pool_loss.es_99"),
        asked(context, Word::HeadLiquidated, "liquidation_rate"),
        asked(context, Word::HeadShortfall, "shortfall.probability"),
    ];
    if let Some(tier) = senior_tier(context) {
        heads.push(Asked { head: text.fill(Word::HeadTierHit, &[("tier", &tier)]), key: format!("tier.{tier}.hit_probability") });
    }
    let rows = paired.iter().map(|s| (*s, &s.difference));
    let mut table = tables::by_scenario(context, rows, &heads, false);
    table.caption = text.get(Word::DifferencesCaption).into();
    let mut out = vec![Block::paragraph(text.get(Word::DifferencesText)), Block::Table(table)];
    if !apart.is_empty() {
        let names: Vec<String> = apart.iter().map(|s| context.scenario(&s.name)).collect();
        out.push(Block::paragraph(text.fill(Word::DifferencesMissing, &[("scenarios", &text.list(&names))])));
    }
    out
}

pub fn groups(story: &Story<'_>) -> Vec<Block> {
    let (context, facts) = (&story.context, story.context.facts);
    let text = &context.text;
    let has = |key: &str| facts.scenarios.iter().any(|s| s.measures.contains_key(key));
    let all = || facts.scenarios.iter().map(|s| (s, &s.measures));
    let mut out = Vec::new();
    for tier in tiers_in_loss_order(context) {
        let heads = [
            asked(context, Word::HeadMeanLoss, &format!("tier.{tier}.loss.mean")),
            asked(context, Word::HeadEs, &format!("tier.{tier}.loss.es_99")),
            asked(context, Word::HeadHit, &format!("tier.{tier}.hit_probability")),
            asked(context, Word::HeadExhausted, &format!("tier.{tier}.exhausted_probability")),
            asked(context, Word::HeadLiquidatedShort, &format!("tier.{tier}.liquidation_rate")),
        ];
        if heads.iter().any(|head| has(&head.key)) {
            let mut table = tables::by_scenario(context, all(), &heads, false);
            let name = text.fill(Word::TierNamed, &[("tier", &tier)]);
            table.caption = text.fill(Word::GroupsTierCaption, &[("tier", &name)]);
            out.push(Block::Table(table));
        }
    }
    let by_name = |heads: Vec<Asked>, caption: Word| -> Option<Block> {
        heads.iter().any(|head| has(&head.key)).then(|| {
            let mut table = tables::by_scenario(context, all(), &heads, false);
            table.caption = text.get(caption).into();
            Block::Table(table)
        })
    };
    let rate = "liquidation_rate";
    let grades = facts
        .snapshot
        .grades
        .iter()
        .map(|g| Asked { head: text.fill(Word::GradeNamed, &[("grade", &g.0)]), key: format!("grade.{}.{rate}", g.0) });
    let buckets = facts.snapshot.leverage.iter().map(|l| Asked { head: l.0.clone(), key: measure::leverage_key(&l.0, rate) });
    out.extend(by_name(grades.collect(), Word::GroupsGradeCaption));
    out.extend(by_name(buckets.collect(), Word::GroupsLeverageCaption));
    out.extend(story.chart("liquidation-rate-by-leverage"));
    for scenario in base_and_worst(story) {
        out.extend(sectors(story, scenario));
    }
    if out.is_empty() {
        out.push(Block::paragraph(text.get(Word::GroupsNone)));
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
    let columns = vec![
        words(outcome_words::SECTOR.get(text), 1),
        figures(text.get(Word::HeadForced), context.unit(scale)),
        figures(text.get(Word::HeadUnsold), context.unit(scale)),
        figures(text.get(Word::HeadLiquidatedShort), "%"),
        figures(outcome_words::SECTOR_LOSS.get(text), context.unit(scale)),
        figures(outcome_words::SECTOR_PART.get(text), context.unit(scale)),
    ];
    let caption = outcome_words::SECTORS.fill(text, &[("scenario", &context.scenario(&scenario.name))]);
    let note = Some(outcome_words::SECTORS_NOTE.get(text).to_string());
    (!rows.is_empty()).then_some(Block::Table(Table { caption, columns, rows, note, narrow: true, ..Table::default() }))
}

/// The base and the worst scenario; one when they are the same.
fn base_and_worst<'s>(story: &'s Story<'_>) -> Vec<&'s ScenarioFacts> {
    let mut shown: Vec<&ScenarioFacts> = story.context.facts.scenarios.first().into_iter().collect();
    shown.extend(story.context.worst().filter(|w| shown.first().is_none_or(|base| base.name != w.name)));
    shown
}

pub fn worst(story: &Story<'_>) -> Vec<Block> {
    let text = &story.context.text;
    let mut out: Vec<Block> = Vec::new();
    for scenario in base_and_worst(story) {
        out.extend(worst_accounts(story, scenario));
    }
    if out.is_empty() {
        out.push(Block::paragraph(text.get(Word::WorstNone)));
    }
    for scenario in base_and_worst(story) {
        out.extend(worst_symbols(story, scenario));
    }
    out
}

fn worst_accounts(story: &Story<'_>, scenario: &ScenarioFacts) -> Option<Block> {
    let context = &story.context;
    let text = &context.text;
    let losing = || scenario.worst_accounts.iter().filter(|(_, [loss, ..])| loss.value > 0.0);
    let scale = Scale::of(text, losing().map(|(_, [loss, ..])| loss.value));
    let rows: Vec<Vec<Cell>> = losing()
        .map(|(id, figures)| {
            let mut row: Vec<Cell> = vec![id.as_str().into()];
            row.extend(figures.iter().map(|figure| tables::cell(context, Some(figure), scale, Tone::Plain)));
            row
        })
        .collect();
    let columns = vec![
        words(text.get(Word::HeadClient), 1),
        figures(text.get(Word::HeadExpectedLoss), context.unit(scale)),
        figures(text.get(Word::HeadLiquidationProbability), "%"),
        figures(text.get(Word::HeadShortfallProbability), "%"),
    ];
    let caption = text.fill(Word::WorstAccounts, &[("scenario", &context.scenario(&scenario.name))]);
    (!rows.is_empty()).then_some(Block::Table(Table { caption, columns, rows, narrow: true, ..Table::default() }))
}

fn worst_symbols(story: &Story<'_>, scenario: &ScenarioFacts) -> Option<Block> {
    let context = &story.context;
    let text = &context.text;
    let flows = || scenario.worst_symbols.iter().filter(|flow| flow.figures.sold.value > 0.0 || flow.figures.blocked.value > 0.0);
    let scale = Scale::of(text, flows().map(|flow| flow.figures.sold.value));
    // where no sale moves a price there is no push to show
    let pushed = flows().any(|flow| flow.figures.push.value > 0.0);
    let rows: Vec<Vec<Cell>> = flows()
        .map(|flow| {
            let cell = |figure| tables::cell(context, Some(figure), scale, Tone::Plain);
            let found = &flow.figures;
            let mut row: Vec<Cell> = vec![flow.symbol.as_str().into(), flow.name.as_str().into(), cell(&found.sold), cell(&found.unsold)];
            row.extend(pushed.then(|| cell(&found.push)));
            row.push(cell(&found.blocked));
            row
        })
        .collect();
    let mut columns = vec![
        words(text.get(Word::HeadSymbol), 1),
        words(text.get(Word::HeadName), 1),
        figures(text.get(Word::HeadForcedSales), context.unit(scale)),
        figures(text.get(Word::HeadUnsold), context.unit(scale)),
    ];
    columns.extend(pushed.then(|| figures(clients::PUSH.get(text), "%")));
    columns.push(figures(text.get(Word::HeadBlocked), "%"));
    let caption = text.fill(Word::WorstSymbols, &[("scenario", &context.scenario(&scenario.name))]);
    let mut note = text.get(Word::WorstBlockedNote).to_string();
    if pushed {
        note = [note, clients::PUSH_NOTE.get(text).to_string()].join(if text.zh() { "" } else { " " });
    }
    (!rows.is_empty()).then_some(Block::Table(Table { caption, columns, rows, note: Some(note), narrow: true, ..Table::default() }))
}

pub fn liquidity(story: &Story<'_>) -> Vec<Block> {
    let context = &story.context;
    let text = &context.text;
    let heads = [
        asked(context, Word::HeadMarginCalled, "call_amount.mean"),
        asked(context, Word::HeadForced, "forced_sales.mean"),
        asked(context, Word::HeadUnsold, "unsold.mean"),
        asked(context, Word::HeadSaleCost, "sale_cost.mean"),
        asked(context, Word::HeadRecourse, "recourse.mean"),
        asked(context, Word::HeadWithoutImpact, "contagion.no_feedback.pool_loss.mean"),
        asked(context, Word::HeadAmplification, "amplification"),
    ];
    let scenarios = context.facts.scenarios.iter().map(|s| (s, &s.measures as &Estimates));
    let mut table = tables::by_scenario(context, scenarios.clone(), &heads, false);
    table.caption = text.get(Word::LiquidityCaption).into();
    let mut out = vec![Block::paragraph(text.get(Word::LiquidityText))];
    if context.facts.scenarios.iter().any(|s| s.measures.contains_key("amplification")) {
        out.push(Block::paragraph(text.get(Word::LiquidityAmplified)));
    }
    out.push(Block::Table(table));
    out.extend(story.chart("sales-by-session"));
    out.extend(contagion(story, scenarios));
    out
}

/// What each part of the answer adds, where a scenario was taken apart.
fn contagion<'s>(story: &Story<'_>, scenarios: impl Iterator<Item = (&'s ScenarioFacts, &'s Estimates)> + Clone) -> Vec<Block> {
    let context = &story.context;
    let layer = |head: Word, name: &str| asked(context, head, &format!("contagion.{name}.pool_loss.mean"));
    let heads = [
        layer(Word::HeadWithoutImpact, "no_feedback"),
        layer(Word::HeadWithImpact, "impact"),
        layer(Word::HeadMarginSpiral, "margin_spiral"),
        layer(Word::HeadClientStress, "client_stress"),
        layer(Word::HeadRun, "run"),
        asked(context, Word::HeadAmplification, "amplification"),
    ];
    if !scenarios.clone().any(|(_, measures)| heads[1..5].iter().any(|head| measures.contains_key(&head.key))) {
        return Vec::new();
    }
    let mut table = tables::by_scenario(context, scenarios, &heads, false);
    table.caption = context.text.get(Word::ContagionCaption).into();
    let mut out = vec![Block::paragraph(context.text.get(Word::ContagionText)), Block::Table(table)];
    out.extend(story.chart("contagion-cascade"));
    out
}
