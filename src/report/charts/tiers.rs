//! Shows who bears the mean loss: the tiers in the order they lose, and what is left beyond them.

use super::bars::{FOOT, ROW};
use super::canvas::{Anchor, Axis, Canvas, Drawing, NORMAL, SMALL, WIDTH, palette};
use super::{Context, Painter};
use crate::measures::Estimate;
use crate::model::part::Words;
use crate::report::text::{number, shared};
use plotters::style::RGBColor;

pub const PAINTER: Painter = Painter {
    slug: "tier-losses-by-scenario",
    section: "results",
    title: Words("Who bears the mean pool loss", "平均损失由谁承担"),
    draw: drawings,
};

struct Row {
    name: String,
    /// One mean loss per tier in loss order, then what no tier bears; and as they are told.
    parts: Vec<f64>,
    told: Vec<String>,
    written: String,
}

fn drawings(context: Context<'_>) -> Vec<Drawing<'_>> {
    let text = context.text;
    let order = context.facts.snapshot.in_loss_order();
    let scale = context.scale(&["pool_loss.mean"]);
    let mut names: Vec<String> = order.iter().map(|t| text.fill(shared::TIER_NAMED, &[("tier", &t.name)])).collect();
    names.push(text.get(shared::BEYOND_TIERS).into());
    let mut rows = Vec::new();
    for scenario in context.rows() {
        let mean = |key: &str| scenario.measures.get(key).filter(|e| e.value.is_finite());
        let tiers: Option<Vec<&Estimate>> = order.iter().map(|t| mean(&format!("tier.{}.loss.mean", t.name))).collect();
        let (Some(mut found), Some(total)) = (tiers, scenario.measures.get("pool_loss.mean")) else { continue };
        found.extend(mean("unallocated_loss.mean"));
        let written = |e: &Estimate| number::estimate(&text, e, scale).full();
        let parts = found.iter().map(|e| e.value / scale.divisor).collect();
        let told = found.into_iter().map(written).collect();
        rows.push(Row { name: context.scenario(&scenario.name), parts, told, written: written(total) });
    }
    if rows.is_empty() || order.is_empty() {
        return Vec::new();
    }
    let title = text.get(PAINTER.title).to_string() + &context.shown();
    let axis = text.fill(shared::AXIS_MEAN_LOSS, &[("unit", &context.unit(scale))]);
    let stated: Vec<String> = (rows.iter())
        .map(|row| {
            let parts: Vec<String> = names.iter().zip(&row.told).map(|(name, told)| format!("{name} {told}")).collect();
            format!("{}{}{}", row.name, text.get(shared::COLON), text.list(&parts))
        })
        .collect();
    let alt = text.fill(shared::ALT_BARS, &[("title", &title), ("unit", &axis), ("values", &stated.join(text.get(shared::SEMICOLON)))]);
    let height = 70.0 + rows.len() as f64 * ROW + FOOT;
    let paint = move |canvas: &Canvas<'_, '_>| paint(canvas, &rows, &names, &axis);
    vec![Drawing { slug: PAINTER.slug.into(), title, alt, height: height as i32, paint: Box::new(paint) }]
}

fn shade(part: usize, parts: usize) -> RGBColor {
    if part + 1 == parts { palette::ALARM } else { palette::TIERS[part.min(palette::TIERS.len() - 1)] }
}

/// Frames what no tier bears: in grey its colour alone would be that of the second tier.
fn frame(canvas: &Canvas<'_, '_>, part: usize, parts: usize, (left, top, right, bottom): (f64, f64, f64, f64)) {
    if part + 1 == parts {
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
        canvas.line(&corners, palette::INK, 4);
    }
}

fn paint(canvas: &Canvas<'_, '_>, rows: &[Row], names: &[String], axis_title: &str) {
    let top = 66.0;
    let label_room = rows.iter().map(|r| canvas.width(&r.name, NORMAL)).fold(0.0, f64::max).min(440.0);
    let figure_room = rows.iter().map(|r| canvas.width(&r.written, NORMAL)).fold(0.0, f64::max);
    let (left, right) = (40.0 + label_room + 18.0, f64::from(WIDTH) - 68.0 - figure_room);
    let mut x = left;
    for (part, name) in names.iter().enumerate() {
        canvas.rect(x, 14.0, x + 30.0, 40.0, shade(part, names.len()));
        frame(canvas, part, names.len(), (x, 14.0, x + 30.0, 40.0));
        canvas.text(x + 42.0, 28.0, name, SMALL, Anchor::Start, palette::INK, false);
        x += 42.0 + canvas.width(name, SMALL) + 44.0;
    }
    let longest = rows.iter().map(|r| r.parts.iter().sum::<f64>()).fold(0.0, f64::max);
    let axis = Axis::new(0.0, longest, left, right, 6);
    let bottom = top + rows.len() as f64 * ROW;
    for tick in &axis.ticks {
        canvas.line(&[(axis.at(*tick), top), (axis.at(*tick), bottom)], palette::GRID, 2);
        canvas.text(axis.at(*tick), bottom + 24.0, &axis.label(*tick), SMALL, Anchor::Middle, palette::MUTED, false);
    }
    for (at, row) in rows.iter().enumerate() {
        let middle = top + (at as f64 + 0.5) * ROW;
        let lines = canvas.two_lines(&row.name, NORMAL, label_room);
        for (k, line) in lines.iter().enumerate() {
            canvas.label(left - 18.0, middle + (k as f64 - (lines.len() - 1) as f64 / 2.0) * 28.0, line, Anchor::End);
        }
        let mut from = 0.0;
        for (part, value) in row.parts.iter().enumerate().filter(|(_, v)| **v > 0.0) {
            let (a, b) = (axis.at(from), axis.at(from + value));
            canvas.rect(a, middle - 18.0, b, middle + 18.0, shade(part, row.parts.len()));
            frame(canvas, part, row.parts.len(), (a, middle - 18.0, b, middle + 18.0));
            // a white seam keeps neighbours apart in grey
            if from > 0.0 && b - a > 4.0 {
                canvas.line(&[(a, middle - 18.0), (a, middle + 18.0)], palette::PAPER, 3);
            }
            canvas.tip([a, middle - 18.0, b.max(a + 6.0), middle + 18.0], format!("{} · {} · {}", row.name, names[part], row.told[part]));
            from += value;
        }
        canvas.label(f64::from(WIDTH) - 40.0, middle, &row.written, Anchor::End);
    }
    canvas.line(&[(left, top), (left, bottom)], palette::INK, 2);
    canvas.text((left + right) / 2.0, bottom + 62.0, axis_title, SMALL, Anchor::Middle, palette::MUTED, false);
}
