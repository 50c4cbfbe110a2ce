//! Writes what a reviewer needs: the model and its limits, actions, Monte Carlo error, signatures, glossary.

use super::Story;
use crate::report::document::block::{Block, Cell, Column, Table, figures, words};
use crate::report::document::limits::{each_test, is_open, limits_table, verdict_word};
use crate::report::document::{assumptions as defaults, parts, rules_clients, rules_margin};
use crate::report::facts::ScenarioFacts;
use crate::report::text::number;
use crate::report::text::{FindingWord, Word, glossary as terms, measure};

pub fn model(story: &Story<'_>) -> Vec<Block> {
    let text = &story.context.text;
    let mut out = Vec::new();
    let mut told: Vec<&ScenarioFacts> = Vec::new();
    for scenario in &story.context.facts.scenarios {
        if told.iter().all(|s| s.card != scenario.card) {
            out.extend(card(story, scenario));
            told.push(scenario);
        }
    }
    let unset = story.context.facts.previous.is_none();
    let limitations: Vec<Word> = missing_rules(story)
        .into_iter()
        .chain([Word::LimitCapital, Word::LimitSeverity])
        .chain(unset.then_some(Word::LimitPrevious))
        .collect();
    let said = |words: &[Word]| -> Vec<String> { words.iter().map(|word| text.get(*word).to_string()).collect() };
    out.push(Block::subheading(text.get(Word::Assumptions)));
    let mut assumptions = said(&[Word::AssumptionMarket]);
    assumptions.push(rules_clients::book(&story.context));
    assumptions.extend(said(&[Word::AssumptionClose, Word::AssumptionOrder, Word::AssumptionWaterfall]));
    assumptions.extend(rules_clients::assumptions(&story.context));
    assumptions.extend(defaults::all(&story.context));
    let facts = story.context.facts;
    assumptions.extend(rules_margin::assumptions(text, facts.programme.scenarios.iter().map(|s| &s.case), facts.snapshot.depths > 0));
    out.push(Block::List { items: assumptions });
    out.push(Block::subheading(text.get(Word::Limitations)));
    out.push(Block::List { items: impact(story).into_iter().chain(said(&limitations)).collect() });
    out.push(Block::paragraph(text.fill(Word::Validation, &[("section", text.get(Word::SectionSign))])));
    out
}

/// Rules that no scenario has in force, and whose absence a reader must know of.
fn missing_rules(story: &Story<'_>) -> Vec<Word> {
    let cases = || story.context.facts.programme.scenarios.iter().map(|s| &s.case);
    let kept_daily = cases().any(|case| case.pool.cash.is_some());
    let hedged = cases().any(|case| case.pool.hedge.as_ref().is_some_and(|hedge| hedge.ratio.get() != 0.0));
    let controlled = cases().any(|case| case.margin.dynamic.is_some() || case.margin.volatility_trigger.is_some());
    [(Word::LimitRun, kept_daily), (Word::LimitHedge, hedged || controlled)]
        .into_iter()
        .filter(|(_, in_force)| !in_force)
        .map(|(word, _)| word)
        .collect()
}

/// What must be said of the impact of sales: where it is missing, and what it rests on where it is not.
fn impact(story: &Story<'_>) -> Vec<String> {
    let (context, text, programme) = (&story.context, &story.context.text, story.context.facts.programme);
    let without: Vec<String> = programme.scenarios.iter().filter(|s| !s.case.feedback.is_on()).map(|s| context.scenario(&s.name)).collect();
    if without.len() == programme.scenarios.len() {
        return vec![text.get(Word::LimitNoImpact).into()];
    }
    let mut out = vec![text.get(Word::LimitImpactLaw).to_string()];
    if !without.is_empty() {
        out.push(text.fill(Word::LimitNoImpactIn, &[("scenarios", &text.list(&without))]));
    }
    out
}

fn card(story: &Story<'_>, scenario: &ScenarioFacts) -> Vec<Block> {
    let (context, text, facts) = (&story.context, &story.context.text, story.context.facts);
    let case = facts.programme.scenarios.iter().find(|p| p.name == scenario.name);
    let model = case.map_or(scenario.card.model.clone(), |p| parts::model(text, &p.case.market));
    let declared = case.map(|p| p.case.market.declared());
    let name = context.scenario(&scenario.name);
    let filled = [("scenario", name.as_str()), ("model", model.as_str())];
    let mut out = Vec::new();
    if scenario.card.parameters.is_empty() {
        out.push(Block::paragraph(text.fill(Word::ModelNoParameters, &filled)));
    } else {
        let rows = (scenario.card.parameters.iter())
            .map(|(name, value, error)| {
                let error = error.map_or("–".to_string(), number::plain);
                vec![parts::figure(text, declared, name).into(), number::plain(*value).into(), error.into()]
            })
            .collect();
        let columns =
            vec![words(text.get(Word::HeadParameter), 1), figures(text.get(Word::HeadValue), ""), figures(text.get(Word::HeadError), "")];
        out.push(Block::Table(Table {
            caption: text.fill(Word::ModelCardCaption, &filled),
            columns,
            rows,
            narrow: true,
            ..Table::default()
        }));
    }
    if !scenario.card.notes.is_empty() {
        out.push(Block::paragraph(text.get(Word::ModelNotes)));
        out.push(Block::List { items: scenario.card.notes.iter().map(|note| text.note(note).to_string()).collect() });
    }
    let same: Vec<String> =
        facts.scenarios.iter().filter(|s| s.card == scenario.card && s.name != scenario.name).map(|s| context.scenario(&s.name)).collect();
    if !same.is_empty() {
        out.push(Block::paragraph(text.fill(Word::ModelSame, &[("scenarios", &text.list(&same))])));
    }
    out
}

pub fn limits(story: &Story<'_>) -> Vec<Block> {
    let context = &story.context;
    let text = &context.text;
    let all = each_test(context);
    if all.is_empty() {
        return vec![Block::paragraph(text.get(FindingWord::LimitsNone))];
    }
    let mut table = limits_table(context, &all);
    table.caption = text.get(FindingWord::LimitsCaption).into();
    let mut out = vec![Block::paragraph(text.get(FindingWord::LimitsText)), Block::Table(table)];
    let joint = crate::study::limits::joint(&context.facts.limits);
    if let Some(each) = joint.each_for_95 {
        let values = [("n", &number::count(joint.tests as u64)), ("joint", &number::line(joint.confidence)), ("each", &number::line(each))];
        out.push(Block::paragraph(text.fill(FindingWord::LimitsJoint, &values.map(|(key, value)| (key, value.as_str())))));
    }
    let open: Vec<_> = all.iter().map(|row| row.result).filter(|l| is_open(l.verdict)).collect();
    if open.is_empty() {
        out.push(Block::paragraph(text.get(Word::ActionsNone)));
        return out;
    }
    let rows = (open.iter())
        .map(|l| {
            let verdict = text.get(verdict_word(l.verdict));
            let name = measure::name(text, &l.measure);
            let item =
                text.fill(Word::ActionItem, &[("measure", &name), ("scenario", &context.scenario(&l.scenario)), ("verdict", verdict)]);
            vec![Cell::toned(item, l.verdict.into()), "".into(), "".into(), "".into()]
        })
        .collect();
    let columns = vec![
        words(text.get(Word::HeadItem), 4),
        words(text.get(Word::HeadAction), 4),
        words(text.get(Word::HeadOwner), 2),
        words(text.get(Word::HeadDue), 2),
    ];
    out.push(Block::paragraph(text.get(Word::ActionsText)));
    out.push(Block::Table(Table { caption: text.get(Word::ActionsCaption).into(), columns, rows, tall: true, ..Table::default() }));
    out
}

pub fn error(story: &Story<'_>) -> Vec<Block> {
    let context = &story.context;
    let text = &context.text;
    let rows = (context.facts.scenarios.iter())
        .map(|s| {
            let es = s.measures.get("pool_loss.es_99").filter(|e| e.paths > 1 && e.value.is_finite());
            let relative =
                es.filter(|e| e.value > 0.0 && e.std_error.is_finite()).map_or("–".into(), |e| number::percent(e.std_error / e.value));
            let beyond = es.map_or("–".into(), |e| number::count((e.paths as f64 * 0.01).round() as u64));
            vec![context.scenario(&s.name).into(), number::count(s.paths).into(), beyond.into(), relative.into()]
        })
        .collect();
    let columns = vec![
        words(text.get(Word::HeadScenario), 1),
        figures(text.get(Word::HeadPaths), ""),
        figures(text.get(Word::HeadPathsBeyond), ""),
        figures(text.get(Word::HeadRelativeError), ""),
    ];
    vec![
        Block::paragraph(text.get(Word::ErrorText)),
        Block::Table(Table { caption: text.get(Word::ErrorCaption).into(), columns, rows, narrow: true, ..Table::default() }),
    ]
}

pub fn sign(story: &Story<'_>) -> Vec<Block> {
    let (text, report) = (&story.context.text, story.context.report());
    let row = |role: Word, name: &Option<String>| -> Vec<Cell> {
        vec![text.get(role).into(), name.clone().unwrap_or_default().into(), "".into(), "".into(), "".into()]
    };
    let rows = vec![row(Word::SignPrepared, &report.owner), row(Word::SignChallenge, &None), row(Word::SignApproved, &report.approver)];
    let columns = vec![
        words(text.get(Word::HeadRoleOf), 3),
        words(text.get(Word::HeadSignName), 3),
        words(text.get(Word::HeadDecision), 3),
        words(text.get(Word::HeadDate), 2),
        words(text.get(Word::HeadSignature), 4),
    ];
    vec![
        Block::paragraph(text.fill(Word::SignText, &[("section", text.get(Word::SectionModel))])),
        Block::Table(Table { caption: text.get(Word::SignCaption).into(), columns, rows, tall: true, ..Table::default() }),
    ]
}

pub fn glossary(story: &Story<'_>) -> Vec<Block> {
    let text = &story.context.text;
    let rows = (terms::TERMS.iter())
        .map(|(en, zh, en_meaning, zh_meaning)| {
            let (first, second, meaning) = if text.zh() { (zh, en, zh_meaning) } else { (en, zh, en_meaning) };
            vec![(*first).into(), (*second).into(), (*meaning).into()]
        })
        .collect();
    let columns = vec![
        Column { share: 0, ..words(text.get(Word::HeadTerm), 0) },
        Column { share: 0, ..words(text.get(Word::HeadTermOther), 0) },
        words(text.get(Word::HeadMeaning), 1),
    ];
    vec![Block::Table(Table { caption: text.get(Word::SectionGlossary).into(), columns, rows, ..Table::default() })]
}
