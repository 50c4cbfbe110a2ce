//! Writes model risk: the same book under several market models, a table and a band for each scenario asked for.

use super::Story;
use crate::measures::Unit;
use crate::report::charts::model_risk::SHOWN;
use crate::report::charts::slug;
use crate::report::document::block::{Block, Cell, Table, Tone, figures, words};
use crate::report::document::tables::{cell, money, money_estimate_in, unit_name};
use crate::report::text::number::{self, Scale};
use crate::report::text::{PanelWord, Word};
use crate::study::model_risk::Panel;

pub fn model_risk(story: &Story<'_>) -> Vec<Block> {
    let (context, text) = (&story.context, &story.context.text);
    let panels = &context.facts.model_risk;
    if panels.is_empty() {
        return vec![Block::paragraph(text.get(PanelWord::None))];
    }
    let mut out = vec![Block::paragraph(text.get(PanelWord::Text))];
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
                ("low_model", spread.low_model.clone()),
                ("high", written(&spread.high_model, spread.high)),
                ("high_model", spread.high_model.clone()),
                ("width", scale.in_text(text, context.currency(), &width)),
            ];
            out.push(Block::paragraph(text.fill(PanelWord::Finding, &values.each_ref().map(|(name, value)| (*name, value.as_str())))));
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
        (text.get(Word::HeadMean), "pool_loss.mean"),
        (text.get(Word::HeadEs975), SHOWN),
        (text.get(Word::HeadEs), "pool_loss.es_99"),
        (text.get(PanelWord::HeadShortfall), "shortfall.probability"),
        (text.get(PanelWord::HeadCalled), "call_rate"),
        (text.get(Word::HeadLiquidatedShort), "liquidation_rate"),
    ];
    let money = |row: &crate::study::model_risk::Row| {
        row.measures.values().filter(|e| e.unit == Unit::Money).map(|e| e.value).collect::<Vec<f64>>()
    };
    let scale = Scale::of(text, panel.models.iter().flat_map(money));
    let mut columns = vec![words(text.get(PanelWord::HeadModel), 1), figures(text.get(PanelWord::HeadPaths), "")];
    let unit = |key: &str| panel.models.iter().find_map(|row| row.measures.get(key)).map_or(Unit::Number, |e| e.unit);
    columns.extend(heads.iter().map(|(head, key)| figures(head, unit_name(context, unit(key), scale))));
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for row in &panel.models {
        let tone = if row.own { Tone::Strong } else { Tone::Plain };
        let name = if row.own { text.fill(PanelWord::Own, &[("model", &row.model)]) } else { row.model.clone() };
        let mut cells = vec![Cell::toned(name, tone), number::count(row.paths).into()];
        cells.extend(heads.iter().map(|(_, key)| cell(context, row.measures.get(*key), scale, tone)));
        rows.push(cells);
    }
    let mut last = vec![Cell::from(text.get(PanelWord::Spread)), Cell::from("")];
    last.extend(heads.iter().map(|(_, key)| spread(panel, key, scale, unit(key))));
    rows.push(last);
    Table { caption: text.fill(PanelWord::TableCaption, &[("scenario", scenario)]), columns, rows, ..Table::default() }
}

/// Width and error of the band, in the unit of its column.
fn spread(panel: &Panel, key: &str, scale: Scale, unit: Unit) -> Cell {
    let Some(spread) = panel.spread.get(key) else { return "–".into() };
    let factor = if unit == Unit::Ratio { 100.0 } else { 1.0 / scale.divisor };
    let (width, error) = (spread.width * factor, spread.std_error * factor);
    with_error(width, error).into()
}

/// `3.3 ± 0.5`; four digits where there is no error.
fn with_error(value: f64, error: f64) -> String {
    if error > 0.0 { number::with_error(value, error) } else { number::grouped(value, number::decimals_for_value(value, 4)) }
}
