//! Writes what changed since an earlier report, scenario by scenario, with the error of the change.

use super::Story;
use crate::measures::Estimates;
use crate::report::document::block::Block;
use crate::report::document::tables::{self, asked};
use crate::report::facts::ScenarioFacts;
use crate::report::text::{FindingWord, Word, number};

pub fn change(story: &Story<'_>) -> Vec<Block> {
    let (context, facts) = (&story.context, story.context.facts);
    let text = &context.text;
    let Some(previous) = &facts.previous else { return vec![Block::paragraph(text.get(FindingWord::ChangeNone))] };
    let id: String = previous.programme_hash.chars().take(12).collect();
    let told = text.fill(
        FindingWord::ChangeText,
        &[
            ("name", &previous.name),
            ("date", &previous.as_of),
            ("id", &id),
            ("n", &number::count(previous.figures as u64)),
            ("judged", &number::count(previous.judged as u64)),
            ("moved", &number::count(previous.moved as u64)),
        ],
    );
    let mut out = vec![Block::paragraph(told)];
    let (held, lacking): (Vec<&ScenarioFacts>, Vec<&ScenarioFacts>) = facts.scenarios.iter().partition(|s| !s.change.is_empty());
    let heads = [
        asked(context, Word::HeadPoolMean, "pool_loss.mean"),
        asked(context, Word::HeadVar, "pool_loss.var_99"),
        asked(context, Word::HeadEs, "pool_loss.es_99"),
        asked(context, Word::HeadCalled, "call_rate"),
        asked(context, Word::HeadLiquidated, "liquidation_rate"),
        asked(context, Word::HeadShortfall, "shortfall.probability"),
    ];
    if !held.is_empty() {
        let rows = held.iter().map(|s| (*s, &s.change as &Estimates));
        let mut table = tables::by_scenario(context, rows, &heads, false);
        table.caption = text.get(FindingWord::ChangeCaption).into();
        out.push(Block::Table(table));
    }
    if !lacking.is_empty() {
        let names: Vec<String> = lacking.iter().map(|s| context.scenario(&s.name)).collect();
        out.push(Block::paragraph(text.fill(FindingWord::ChangeMissing, &[("scenarios", &text.list(&names))])));
    }
    out
}
