//! Writes model risk: the same book under several market models, a table and a band for each scenario asked for.

use super::{Section, Story};
use crate::measures::Unit;
use crate::model::part::Words;
use crate::report::charts::model_risk::SHOWN;
use crate::report::charts::slug;
use crate::report::document::block::{Block, Cell, Table, Tone, figures, words};
use crate::report::document::cells;
use crate::report::document::tables::{cell, money, money_estimate_in, unit_name};
use crate::report::text::number::{self, Scale};
use crate::report::text::shared;
use crate::study::model_risk::Panel;

pub const SECTION: Section = Section {
    slug: "model-risk",
    title: Words("Model risk: the same book under several market models", "模型风险：多种市场模型下的同一账簿"),
    write: blocks,
};

const NONE: Words = Words(
    "The programme names no further market models ([model-risk]); every figure rests on the model of its scenario alone.",
    "方案未指定其他市场模型，各项数字仅依赖所在情景的模型。",
);
const TEXT: Words = Words(
    "The same accounts, rules and paths are run under each model. The band is how far the models disagree; more paths narrow each interval, not the band.",
    "在每种模型下运行相同的账户、规则与路径数。区间带反映模型之间的分歧；增加路径只会收窄各自的置信区间，不会收窄区间带。",
);
const TABLE_CAPTION: Words = Words("“{scenario}” under each model", "各模型下的“{scenario}”");
const HEAD_MODEL: Words = Words("Model", "模型");
const HEAD_PATHS: Words = Words("Paths", "路径数");
const HEAD_CALLED: Words = Words("Called", "追保比例");
const HEAD_SHORTFALL: Words = Words("Any shortfall", "穿仓概率");
const OWN: Words = Words("{model} (the scenario's own)", "{model}（情景自身模型）");
const SPREAD: Words = Words("highest less lowest", "最高减最低");
const FINDING: Words = Words(
    "Expected shortfall at 97.5% of “{scenario}” runs from {low} under {low_model} to {high} under {high_model}: models disagree by {width}.",
    "“{scenario}”的 97.5% 预期尾部损失由 {low_model} 下的 {low} 到 {high_model} 下的 {high}：模型之间相差 {width}。",
);

fn blocks(story: &Story<'_>) -> Vec<Block> {
    let (context, text) = (&story.context, &story.context.text);
    let panels = &context.facts.model_risk;
    if panels.is_empty() {
        return vec![Block::paragraph(text.get(NONE))];
    }
    let mut out = vec![Block::paragraph(text.get(TEXT))];
    for panel in panels {
        let scenario = context.scenario(&panel.scenario);
        if let Some(spread) = panel.spread.get(SHOWN) {
            let scale = Scale::of(text, [spread.low, spread.high]);
            let of = |model: &str| panel.models.iter().find(|row| row.model == model).and_then(|row| row.measures.get(SHOWN));
            let written = |model: &str, value: f64| of(model).map_or(money(context, value), |e| money_estimate_in(context, e, scale));
            let width = with_error(spread.width / scale.divisor, spread.std_error / scale.divisor);
            let values = [
                ("scenario", scenario.clone()),
                ("low", written(&spread.low_model, spread.low)),
                ("low_model", context.model(&spread.low_model)),
                ("high", written(&spread.high_model, spread.high)),
                ("high_model", context.model(&spread.high_model)),
                ("width", scale.in_text(text, context.currency(), &width)),
            ];
            out.push(Block::paragraph(text.fill(FINDING, &values.each_ref().map(|(name, value)| (*name, value.as_str())))));
        }
        out.push(Block::Table(table(story, panel, &scenario)));
        out.extend(story.chart(&format!("model-risk-{}", slug(&panel.scenario))));
    }
    out
}

/// A row per model, and how far they lie apart.
fn table(story: &Story<'_>, panel: &Panel, scenario: &str) -> Table {
    let (context, text) = (&story.context, &story.context.text);
    let heads = [
        (text.get(shared::HEAD_MEAN), "pool_loss.mean"),
        (text.get(shared::HEAD_ES975), SHOWN),
        (text.get(shared::HEAD_ES), "pool_loss.es_99"),
        (text.get(HEAD_SHORTFALL), "shortfall.probability"),
        (text.get(HEAD_CALLED), "call_rate"),
        (text.get(shared::HEAD_LIQUIDATED_SHORT), "liquidation_rate"),
    ];
    let money = |row: &crate::study::model_risk::Row| {
        row.measures.values().filter(|e| e.unit == Unit::Money).map(|e| e.value).collect::<Vec<f64>>()
    };
    let scale = Scale::of(text, panel.models.iter().flat_map(money));
    let mut columns = vec![words(text.get(HEAD_MODEL), 1), figures(text.get(HEAD_PATHS), "")];
    let unit = |key: &str| panel.models.iter().find_map(|row| row.measures.get(key)).map_or(Unit::Number, |e| e.unit);
    columns.extend(heads.iter().map(|(head, key)| figures(head, unit_name(context, unit(key), scale))));
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for row in &panel.models {
        let tone = if row.own { Tone::Strong } else { Tone::Plain };
        let name = if row.own { text.fill(OWN, &[("model", &context.model(&row.model))]) } else { context.model(&row.model) };
        let mut cells = vec![Cell::toned(name, tone), cells::count(row.paths)];
        cells.extend(heads.iter().map(|(_, key)| cell(context, row.measures.get(*key), scale, tone)));
        rows.push(cells);
    }
    let mut last = vec![Cell::from(text.get(SPREAD)), Cell::from("")];
    last.extend(heads.iter().map(|(_, key)| spread(panel, key, scale, unit(key))));
    rows.push(last);
    Table { caption: text.fill(TABLE_CAPTION, &[("scenario", scenario)]), columns, rows, ..Table::default() }
}

/// Width and error of the band, in the unit of its column.
fn spread(panel: &Panel, key: &str, scale: Scale, unit: Unit) -> Cell {
    let Some(spread) = panel.spread.get(key) else { return "–".into() };
    let factor = number::factor(unit, scale);
    let cell = cells::with_error(spread.width * factor, spread.std_error * factor);
    if unit == Unit::Ratio { cells::of_hundred(cell) } else { cell }
}

/// `3.3 ± 0.5`; four digits where there is no error.
fn with_error(value: f64, error: f64) -> String {
    if error > 0.0 { number::with_error(value, error) } else { number::grouped(value, number::decimals_for_value(value, 4)) }
}
