//! Compares scenarios by horizontal bars from zero, each with its interval and its figure.

use super::canvas::{Anchor, Axis, Canvas, Drawing, NORMAL, SMALL, WIDTH, palette};
use super::{Context, FIRST_PAGE, Painter, canvas};
use crate::measures::{Estimate, Unit};
use crate::model::part::Words;
use crate::report::text::number::{self, Scale};
use crate::report::text::shared;
use plotters::style::RGBColor;

pub const LIQUIDATION: Painter = Painter {
    slug: "liquidation-rate-by-scenario",
    section: "results",
    title: Words("Accounts liquidated, by scenario", "各情景账户强制平仓率"),
    draw: liquidation,
};

pub const TAIL_LOSS: Painter = Painter {
    slug: "tail-loss-by-scenario",
    section: FIRST_PAGE,
    title: Words("Expected pool loss in the worst 1% of paths, by scenario", "各情景最差 1% 路径的资金池平均损失"),
    draw: tail_loss,
};

const AXIS_TAIL_LOSS: Words = Words("ES 99% of the pool loss, {unit}", "资金池损失 ES 99%（{unit}）");
const AXIS_ACCOUNTS: Words = Words("Share of accounts, %", "账户占比（%）");

/// One bar.
pub struct Bar {
    pub label: String,
    pub value: f64,
    /// The interval, absent for a figure without sampling error; an open upper end is the second value missing.
    pub interval: Option<(f64, Option<f64>)>,
    /// The figure as written at the right.
    pub written: String,
    pub strong: bool,
    /// In place of the colours of all bars.
    pub colour: Option<RGBColor>,
}

/// The region of a sheet a bar chart fills.
#[derive(Clone, Copy)]
pub struct Region {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    /// The scale reaches at least to here, so that neighbours can share it.
    pub reach: f64,
}

/// Height of one bar's row.
pub const ROW: f64 = 62.0;
/// Room below the bars for the ticks and the axis title.
pub const FOOT: f64 = 92.0;

/// Draws bars from zero, and the axis below them; labels stand left, figures in a column at the right. The axis, and how far down it goes.
pub fn draw(canvas: &Canvas<'_, '_>, region: Region, bars: &[Bar], axis_title: &str) -> (Axis, f64) {
    let widest = |f: &dyn Fn(&Bar) -> f64| bars.iter().map(f).fold(0.0, f64::max);
    let span = region.right - region.left;
    let label_room = widest(&|b| canvas.width(&b.label, NORMAL)).min(span * 0.34);
    let figure_room = widest(&|b| canvas.width(&b.written, NORMAL));
    let (left, right) = (region.left + label_room + 18.0, region.right - figure_room - 28.0);
    let low = bars.iter().map(|b| b.interval.map_or(b.value, |(l, _)| l.min(b.value))).fold(0.0, f64::min);
    let high = bars.iter().map(|b| b.interval.and_then(|(_, h)| h).unwrap_or(b.value).max(b.value)).fold(region.reach, f64::max);
    let axis = Axis::new(low, high, left, right, if span > 900.0 { 6 } else { 3 });
    let bottom = region.top + bars.len() as f64 * ROW;
    for tick in &axis.ticks {
        let x = axis.at(*tick);
        canvas.line(&[(x, region.top), (x, bottom)], palette::GRID, 2);
        canvas.text(x, bottom + 24.0, &axis.label(*tick), SMALL, Anchor::Middle, palette::MUTED, false);
    }
    for (row, bar) in bars.iter().enumerate() {
        let middle = region.top + (row as f64 + 0.5) * ROW;
        let lines = canvas.two_lines(&bar.label, NORMAL, label_room);
        for (k, text) in lines.iter().enumerate() {
            let y = middle + (k as f64 - (lines.len() - 1) as f64 / 2.0) * 28.0;
            canvas.label(left - 18.0, y, text, Anchor::End);
        }
        let colour = bar.colour.unwrap_or(if bar.strong { palette::NAVY } else { palette::BLUE });
        let (zero, end) = (axis.at(0.0), axis.at(bar.value));
        canvas.rect(zero.min(end), middle - 17.0, zero.max(end), middle + 17.0, colour);
        if let Some((from, to)) = bar.interval {
            whisker(canvas, axis.at(from), to.map_or(right, |to| axis.at(to)), middle, to.is_some());
        }
        canvas.label(region.right, middle, &bar.written, Anchor::End);
        canvas.tip([region.left, middle - ROW / 2.0, region.right, middle + ROW / 2.0], format!("{} {}", bar.label, bar.written));
    }
    let zero = axis.at(0.0);
    canvas.line(&[(zero, region.top), (zero, bottom)], palette::INK, 2);
    canvas.text((left + right) / 2.0, bottom + 62.0, axis_title, SMALL, Anchor::Middle, palette::MUTED, false);
    (axis, bottom)
}

/// The same under a head, from one edge of a panel to the other.
pub fn panel(canvas: &Canvas<'_, '_>, (left, right): (f64, f64), head: &str, (bars, reach): (&[Bar], f64), axis_title: &str) {
    canvas.text(left, 26.0, &canvas.fitted(head, NORMAL, right - left), NORMAL, Anchor::Start, palette::INK, true);
    draw(canvas, Region { left, top: 56.0, right, reach }, bars, axis_title);
}

fn whisker(canvas: &Canvas<'_, '_>, from: f64, to: f64, y: f64, closed: bool) {
    if to - from < 3.0 {
        return;
    }
    // a light line under the dark one keeps it visible on the bar
    canvas.line(&[(from, y), (to, y)], palette::PAPER, 8);
    canvas.line(&[(from, y), (to, y)], palette::INK, 3);
    canvas.line(&[(from, y - 9.0), (from, y + 9.0)], palette::INK, 3);
    if closed {
        canvas.line(&[(to, y - 9.0), (to, y + 9.0)], palette::INK, 3);
    } else {
        canvas.polygon(&[(to, y), (to - 16.0, y - 9.0), (to - 16.0, y + 9.0)], palette::INK);
    }
}

/// A bar of an estimate, in the units of `scale` or per cent; none where the figure is not defined.
pub fn bar(context: &Context<'_>, label: String, e: &Estimate, scale: Scale, strong: bool) -> Option<Bar> {
    if !e.value.is_finite() {
        return None;
    }
    let factor = if e.unit == Unit::Ratio { 100.0 } else { 1.0 / scale.divisor };
    let interval = (e.paths > 1 && e.ci_low.is_finite()).then(|| (e.ci_low * factor, e.ci_high.map(|h| h * factor)));
    let written = number::estimate(&context.text, e, scale).full();
    Some(Bar { label, value: e.value * factor, interval, written, strong, colour: None })
}

fn by_scenario<'a>(
    context: Context<'a>,
    key: &'static str,
    slug: &str,
    title: String,
    axis_title: String,
    scale: Scale,
) -> Vec<Drawing<'a>> {
    let worst = context.worst().map(|s| s.name.clone());
    let title = title + &context.shown();
    let bars: Vec<Bar> = (context.rows().into_iter())
        .filter_map(|s| bar(&context, context.scenario(&s.name), s.measures.get(key)?, scale, worst.as_ref() == Some(&s.name)))
        .collect();
    if bars.is_empty() {
        return Vec::new();
    }
    let stated: Vec<String> = bars.iter().map(|b| format!("{} {}", b.label, b.written)).collect();
    let alt = context.text.fill(shared::ALT_BARS, &[("title", &title), ("unit", &axis_title), ("values", &context.text.list(&stated))]);
    let height = 24.0 + bars.len() as f64 * ROW + FOOT;
    let paint = move |canvas: &canvas::Canvas<'_, '_>| {
        let region = Region { left: 40.0, top: 16.0, right: f64::from(WIDTH) - 40.0, reach: 0.0 };
        draw(canvas, region, &bars, &axis_title);
    };
    vec![Drawing { slug: slug.into(), title, alt, height: height as i32, paint: Box::new(paint) }]
}

/// Expected shortfall at 99 % by scenario.
fn tail_loss(context: Context<'_>) -> Vec<Drawing<'_>> {
    let scale = context.scale(&["pool_loss.es_99"]);
    let axis = context.text.fill(AXIS_TAIL_LOSS, &[("unit", &context.unit(scale))]);
    by_scenario(context, "pool_loss.es_99", TAIL_LOSS.slug, context.text.get(TAIL_LOSS.title).into(), axis, scale)
}

/// Forced-liquidation rate by scenario.
fn liquidation(context: Context<'_>) -> Vec<Drawing<'_>> {
    let (title, axis) = (context.text.get(LIQUIDATION.title), context.text.get(AXIS_ACCOUNTS));
    by_scenario(context, "liquidation_rate", LIQUIDATION.slug, title.into(), axis.into(), Scale::ONE)
}
