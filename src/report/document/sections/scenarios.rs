//! Tells the scenarios, and how each departs from the base.

use super::{Section, Story};
use crate::model::part::Words;
use crate::report::document::block::{Block, Column, Table, figures, words};
use crate::report::document::cells;
use crate::report::document::{parts, rules};
use crate::report::text::shared;

pub const SECTION: Section = Section { slug: "scenarios", title: Words("Scenarios and shocks", "情景与冲击"), write: blocks };

const HEAD_MODEL: Words = Words("Market model", "市场模型");
const HEAD_DAYS: Words = Words("Sessions", "交易日");
const HEAD_FIRST_DAY: Words = Words("First day", "首日");
const HEAD_LAST_DAY: Words = Words("Last day", "末日");
const SCENARIOS_TEXT: Words = Words(
    "All scenarios but replays use the same random numbers, so that a difference between two of them is the effect of what was changed, almost free of sampling error.",
    "除历史重演外，各情景使用相同的随机数，因此两者之差即为所改变因素的影响，几乎不含抽样误差。",
);
const SCENARIOS_CAPTION: Words = Words("Scenarios", "情景一览");
const SCENARIO_CHANGES: Words = Words("Departs from the base:", "与基准情景的不同：");
const SCENARIO_NO_CHANGE: Words = Words("The programme as it stands, without any shock.", "方案自身的设定，不加冲击。");
const SCENARIO_BASE_SHOCKS: Words =
    Words("The programme as it stands, with its own shocks: {shocks}.", "方案自身的设定，含冲击：{shocks}。");
const SCENARIO_CHANGE: Words = Words("{rule}: {value} (base: {base})", "{rule}：{value}（基准：{base}）");

fn blocks(story: &Story<'_>) -> Vec<Block> {
    let (context, facts) = (&story.context, story.context.facts);
    let text = &context.text;
    let rows = (facts.scenarios.iter())
        .map(|s| {
            let case = facts.programme.scenarios.iter().find(|p| p.name == s.name).map(|p| &p.case);
            vec![
                context.scenario(&s.name).into(),
                text.severity(s.severity).into(),
                case.map_or(s.card.model.clone(), |c| parts::model(text, &c.market)).into(),
                cells::count(s.paths),
                cells::said(s.horizon_days.to_string(), f64::from(s.horizon_days)),
                s.first_day.as_str().into(),
                s.last_day.as_str().into(),
            ]
        })
        .collect();
    let columns = vec![
        words(text.get(shared::HEAD_SCENARIO), 3),
        Column { share: 0, ..words(text.get(shared::HEAD_SEVERITY), 0) },
        words(text.get(HEAD_MODEL), 4),
        figures(text.get(shared::HEAD_PATHS), ""),
        figures(text.get(HEAD_DAYS), ""),
        figures(text.get(HEAD_FIRST_DAY), ""),
        figures(text.get(HEAD_LAST_DAY), ""),
    ];
    let mut out = vec![
        Block::paragraph(text.get(SCENARIOS_TEXT)),
        Block::Table(Table { caption: text.get(SCENARIOS_CAPTION).into(), columns, rows, ..Table::default() }),
    ];
    let Some(base) = facts.programme.scenarios.first() else { return out };
    let base_rules = rules::rows(context, &base.case);
    for s in &facts.scenarios {
        out.push(Block::subheading(context.scenario(&s.name)));
        let own = facts.programme.scenarios.iter().find(|p| p.name == s.name);
        let narrative = own.map_or(s.narrative.as_str(), |own| own.narrative_in(text.language));
        if !narrative.is_empty() {
            out.push(Block::paragraph(narrative));
        }
        if s.name == base.name {
            let shocks: Vec<String> = base.case.shocks.iter().map(|shock| parts::shock(text, shock)).collect();
            if !shocks.is_empty() {
                let shocks = shocks.join(text.get(shared::SEMICOLON));
                out.push(Block::paragraph(text.fill(SCENARIO_BASE_SHOCKS, &[("shocks", &shocks)])));
            } else if narrative.is_empty() {
                out.push(Block::paragraph(text.get(SCENARIO_NO_CHANGE)));
            }
            continue;
        }
        let Some(own) = own else { continue };
        let changed: Vec<String> = (rules::rows(context, &own.case).iter().zip(&base_rules))
            .filter(|((_, value), (_, base))| value != base)
            .map(|((rule, value), (_, base))| text.fill(SCENARIO_CHANGE, &[("rule", rule), ("value", value), ("base", base)]))
            .collect();
        if !changed.is_empty() {
            out.push(Block::paragraph(text.get(SCENARIO_CHANGES)));
            out.push(Block::List { items: changed });
        }
    }
    out
}
