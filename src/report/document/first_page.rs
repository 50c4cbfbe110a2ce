//! Writes the committee's page: the verdict in plain words, the limits, the scenarios, one chart.

use super::block::{Cell, Figure, Table, Tone, figures, words};
use super::sections::Story;
use super::tables::{self, asked};
use crate::report::charts::Context;
use crate::report::facts::ScenarioFacts;
use crate::report::text::number::{self, Scale};
use crate::report::text::{Word, measure};
use crate::study::limits::{LimitResult, Verdict};
use serde::Serialize;

/// How many limit tests and scenarios the page has room for; the rest is in its section.
const LIMITS_SHOWN: usize = 7;
const SCENARIOS_SHOWN: usize = 9;

#[derive(Serialize)]
pub struct FirstPage {
    pub verdict_title: &'static str,
    pub verdict: Vec<String>,
    pub limits: Option<Table>,
    pub scenarios: Table,
    pub chart: Option<Figure>,
}

pub fn compose(story: &Story<'_>) -> FirstPage {
    let context = &story.context;
    FirstPage {
        verdict_title: context.text.get(Word::FirstVerdict),
        verdict: verdict(context),
        limits: limits(context),
        scenarios: scenarios(context),
        chart: story.charts.iter().find(|c| c.slug == "tail-loss-by-scenario").map(Figure::of),
    }
}

/// The tiers, the first to lose first.
pub fn tiers_in_loss_order(context: &Context<'_>) -> Vec<String> {
    let mut tiers: Vec<_> = context.facts.snapshot.tiers.iter().collect();
    tiers.sort_by_key(|tier| tier.loss_rank);
    tiers.into_iter().map(|tier| tier.name.clone()).collect()
}

/// The tier that loses last.
pub fn senior_tier(context: &Context<'_>) -> Option<String> {
    tiers_in_loss_order(context).pop()
}

fn ratio(context: &Context<'_>, scenario: &ScenarioFacts, key: &str) -> Option<String> {
    scenario.measures.get(key).map(|e| number::estimate(&context.text, e, Scale::ONE).full())
}

fn verdict(context: &Context<'_>) -> Vec<String> {
    let text = &context.text;
    let book = &context.facts.snapshot;
    let mut out = vec![text.fill(
        Word::VerdictBook,
        &[
            ("date", &context.facts.programme.as_of.to_string()),
            ("accounts", &number::count(book.accounts as u64)),
            ("loans", &tables::money(context, book.loans)),
            ("own", &tables::money(context, book.own_capital)),
            ("leverage", &number::grouped(book.mean_leverage, 2)),
        ],
    )];
    if let (Some(base), Some(worst)) = (context.facts.scenarios.first(), context.worst()) {
        out.extend(worst_sentence(context, base, worst));
        if worst.name != base.name {
            let rates = (ratio(context, worst, "liquidation_rate"), ratio(context, base, "liquidation_rate"));
            if let (Some(rate), Some(base)) = rates {
                out.push(text.fill(Word::VerdictLiquidation, &[("rate", &rate), ("base", &base)]));
            }
        }
        let parts: Vec<String> = (tiers_in_loss_order(context).iter())
            .filter_map(|tier| {
                let key = format!("tier.{tier}.hit_probability");
                let (hit, base) = (ratio(context, worst, &key)?, ratio(context, base, &key)?);
                Some(text.fill(Word::VerdictTierPart, &[("tier", tier), ("hit", &hit), ("base", &base)]))
            })
            .collect();
        if !parts.is_empty() {
            out.push(text.fill(Word::VerdictTiers, &[("tiers", &text.list(&parts))]));
        }
    }
    out.push(limits_sentence(context));
    out
}

fn worst_sentence(context: &Context<'_>, base: &ScenarioFacts, worst: &ScenarioFacts) -> Option<String> {
    let text = &context.text;
    let es = worst.measures.get("pool_loss.es_99").filter(|e| e.value.is_finite())?;
    let share = if context.facts.snapshot.loans > 0.0 {
        number::percent(es.value / context.facts.snapshot.loans)
    } else {
        text.get(Word::NotAvailable).into()
    };
    let scale = Scale::of(text, [es.value]);
    let written = tables::money_estimate_in(context, es, scale);
    let days = worst.horizon_days.to_string();
    if worst.name == base.name {
        return Some(text.fill(Word::VerdictOnly, &[("es", &written), ("days", &days), ("share", &share)]));
    }
    let base = base
        .measures
        .get("pool_loss.es_99")
        .map_or(text.get(Word::NotAvailable).to_string(), |e| tables::money_estimate_in(context, e, scale));
    let word = if worst.deterministic { Word::VerdictWorstExact } else { Word::VerdictWorst };
    Some(text.fill(
        word,
        &[
            ("n", &context.facts.scenarios.len().to_string()),
            ("scenario", &text.scenario(&worst.name)),
            ("severity", text.severity(worst.severity)),
            ("es", &written),
            ("days", &days),
            ("share", &share),
            ("base", &base),
        ],
    ))
}

fn limits_sentence(context: &Context<'_>) -> String {
    let (text, limits) = (&context.text, &context.facts.limits);
    let of = |verdict: Verdict| limits.iter().filter(|l| l.verdict == verdict).count();
    let (pass, breach, undecided) = (of(Verdict::Pass), of(Verdict::Breach), of(Verdict::Undecided));
    let n = limits.len().to_string();
    match limits.len() {
        0 => text.get(Word::VerdictLimitsNone).into(),
        all if all == pass => text.fill(Word::VerdictAllPass, &[("n", &n)]),
        _ => text.fill(
            Word::VerdictLimits,
            &[("n", &n), ("pass", &pass.to_string()), ("breach", &breach.to_string()), ("undecided", &undecided.to_string())],
        ),
    }
}

/// Breaches first, then what is undecided, then what passes.
pub fn limits_by_urgency<'l>(context: &Context<'l>) -> Vec<&'l LimitResult> {
    let rank = |l: &&LimitResult| match l.verdict {
        Verdict::Breach => 0,
        Verdict::Undecided => 1,
        Verdict::Pass => 2,
    };
    let mut limits: Vec<&LimitResult> = context.facts.limits.iter().collect();
    limits.sort_by_key(rank);
    limits
}

/// The limits table of the rows given.
pub fn limits_table(context: &Context<'_>, limits: &[&LimitResult]) -> Table {
    let text = &context.text;
    let columns = vec![
        words(text.get(Word::HeadMeasure), 3),
        words(text.get(Word::HeadScenario), 2),
        figures(text.get(Word::HeadLimit), ""),
        figures(text.get(Word::HeadFound), ""),
        figures(text.get(Word::HeadConfidence), ""),
        super::block::Column { share: 0, ..words(text.get(Word::HeadVerdict), 0) },
    ];
    let rows = (limits.iter())
        .map(|l| {
            let word = match l.verdict {
                Verdict::Pass => Word::VerdictPass,
                Verdict::Breach => Word::VerdictBreach,
                Verdict::Undecided => Word::VerdictUndecided,
            };
            vec![
                measure::name(text, &l.measure).into(),
                text.scenario(&l.scenario).into(),
                limit_value(context, l).into(),
                found(context, l).into(),
                number::line(l.confidence).into(),
                Cell::toned(text.get(word), l.verdict.into()),
            ]
        })
        .collect();
    Table { columns, rows, ..Table::default() }
}

fn limit_value(context: &Context<'_>, l: &LimitResult) -> String {
    let sign = if l.side == "above" { "≥" } else { "≤" };
    let value = match l.estimate.unit {
        crate::measures::Unit::Money => tables::money(context, l.limit),
        crate::measures::Unit::Ratio => number::line(l.limit),
        _ => number::plain(l.limit),
    };
    format!("{sign} {value}")
}

fn found(context: &Context<'_>, l: &LimitResult) -> String {
    match l.estimate.unit {
        crate::measures::Unit::Money => tables::money_estimate(context, &l.estimate),
        _ => number::estimate(&context.text, &l.estimate, Scale::ONE).full(),
    }
}

fn limits(context: &Context<'_>) -> Option<Table> {
    let text = &context.text;
    let all = limits_by_urgency(context);
    if all.is_empty() {
        return None;
    }
    let shown = &all[..all.len().min(LIMITS_SHOWN)];
    let mut table = limits_table(context, shown);
    table.caption = text.get(Word::FirstLimits).into();
    let rest = &all[shown.len()..];
    if !rest.is_empty() {
        let word = if rest.iter().all(|l| l.verdict == Verdict::Pass) { Word::FirstMorePasses } else { Word::FirstMoreTests };
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

/// What a tone is for, so that a colour is never the only sign.
pub fn is_open(verdict: Verdict) -> bool {
    Tone::from(verdict) != Tone::Pass
}
