//! Sets the firm's indicators against their limits: before stress, after each scenario, after the worst with its interval.
//!
//! Each stands as a share of its limit, the limit over the indicator where it is a most, so that all are read from left to right: below
//! 100 % the limit is broken.

use super::bars::{FOOT, ROW};
use super::canvas::{Anchor, Axis, Canvas, Drawing, NORMAL, SMALL, WIDTH, palette};
use super::{Context, Painter};
use crate::measures::firm::{After, Before};
use crate::model::part::Words;
use crate::report::text::number::{self, Scale};

pub const PAINTER: Painter = Painter {
    slug: "firm-indicators",
    section: "firm",
    title: Words("Indicators against their limits, before and after stress", "各指标与标准：压力前后"),
    draw: drawings,
};

const AXIS: Words = Words(
    "Indicator as a share of its limit, % (limit over indicator where it is a most); below 100 the limit is broken",
    "指标占标准的比例，%（上限类指标取标准÷指标）；低于 100 即不符合标准",
);
const BEFORE: Words = Words("before stress", "压力前");
const EACH: Words = Words("after each scenario", "各情景后");
const WORST: Words = Words("after the worst, with its interval", "最不利情景后及其区间");
const WARNING: Words = Words("warning line", "预警线");
const LIMIT: Words = Words("limit", "标准");
const USED_UP: Words = Words("used up", "耗尽");
const TOLD: Words = Words("{before} → {after}", "{before} → {after}");
const ALT: Words = Words("Indicators before stress and after the worst scenario: {values}.", "各指标压力前与最不利情景后：{values}。");

/// Shares of the limit that the sheet has room for; what lies further out is drawn at its edge.
const MOST: f64 = 300.0;
const LEAST: f64 = 50.0;
/// Room above the rows for the legend.
const HEAD: f64 = 66.0;

struct Row {
    name: String,
    before: f64,
    warning: f64,
    each: Vec<f64>,
    worst: f64,
    interval: (f64, f64),
    written: String,
}

fn drawings(context: Context<'_>) -> Vec<Drawing<'_>> {
    let text = context.text;
    let rows: Vec<Row> = context.facts.firm.iter().flat_map(|firm| &firm.before).filter_map(|before| row(&context, before)).collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let stated: Vec<String> = rows.iter().map(|row| format!("{} {}", row.name, row.written)).collect();
    let alt = text.fill(ALT, &[("values", &text.list(&stated))]);
    let legend = [BEFORE, EACH, WORST, WARNING, LIMIT].map(|word| text.get(word).to_string());
    let axis = text.get(AXIS);
    let height = HEAD + rows.len() as f64 * ROW + FOOT;
    let paint = move |canvas: &Canvas<'_, '_>| paint(canvas, &rows, &legend, axis);
    vec![Drawing { slug: PAINTER.slug.into(), title: text.get(PAINTER.title).into(), alt, height: height as i32, paint: Box::new(paint) }]
}

/// An indicator that has a limit and that paths move.
fn row(context: &Context<'_>, before: &Before) -> Option<Row> {
    let (level, value) = (before.level?, before.value?);
    let floor = before.indicator.is_floor();
    // an indicator of nothing or less keeps no floor, and any ceiling
    let share = |value: f64| match floor {
        true => 100.0 * value / level.limit,
        false if value > 0.0 => 100.0 * level.limit / value,
        false => MOST,
    };
    let after: Vec<&After> =
        context.facts.scenarios.iter().filter_map(|s| s.firm.as_ref()?.after.iter().find(|a| a.indicator == before.indicator)).collect();
    if after.iter().all(|after| after.source.is_empty()) {
        return None;
    }
    // capital that is used up is worse than any figure
    let of = |after: &&After| after.value.as_ref().map_or(f64::NEG_INFINITY, |e| share(e.value));
    let worst = after.iter().min_by(|a, b| of(a).total_cmp(&of(b)))?;
    let ends = worst.value.as_ref().map(|e| (share(e.ci_low), e.ci_high.map_or(if floor { MOST } else { LEAST }, share)));
    let (a, b) = ends.unwrap_or((LEAST, LEAST));
    let written =
        worst.value.as_ref().map_or(context.text.get(USED_UP).to_string(), |e| number::estimate(&context.text, e, Scale::ONE).full());
    Some(Row {
        name: context.text.get(before.indicator.name()).to_string(),
        before: share(value),
        warning: share(level.warning),
        each: after.iter().map(of).collect(),
        worst: of(worst),
        interval: (a.min(b), a.max(b)),
        written: context.text.fill(TOLD, &[("before", &number::to_four(value)), ("after", &written)]),
    })
}

fn paint(canvas: &Canvas<'_, '_>, rows: &[Row], legend: &[String; 5], axis_title: &str) {
    let label_room = rows.iter().map(|r| canvas.width(&r.name, NORMAL)).fold(0.0, f64::max).min(440.0);
    let figure_room = rows.iter().map(|r| canvas.width(&r.written, NORMAL)).fold(0.0, f64::max).min(420.0);
    let (left, right) = (40.0 + label_room + 24.0, f64::from(WIDTH) - 70.0 - figure_room);
    let most = rows.iter().flat_map(|r| [r.before, r.warning]).fold(150.0, f64::max).min(MOST);
    let axis = Axis::new(LEAST, most, left, right, 5);
    let bottom = HEAD + rows.len() as f64 * ROW;
    let (first, last) = (axis.ticks[0], axis.ticks[axis.ticks.len() - 1]);
    let place = |share: f64| axis.at(share.clamp(first, last));
    let beyond = |of: &dyn Fn(f64) -> bool| rows.iter().any(|r| r.each.iter().chain([&r.before]).any(|share| of(*share)));
    let (below, above) = (beyond(&|share| share < first), beyond(&|share| share > last));
    for tick in &axis.ticks {
        let sign = if below && *tick == first {
            "≤ "
        } else if above && *tick == last {
            "≥ "
        } else {
            ""
        };
        let told = format!("{sign}{}", axis.label(*tick));
        canvas.line(&[(axis.at(*tick), HEAD), (axis.at(*tick), bottom)], palette::GRID, 2);
        canvas.text(axis.at(*tick), bottom + 24.0, &told, SMALL, Anchor::Middle, palette::MUTED, false);
    }
    canvas.line(&[(axis.at(100.0), HEAD - 8.0), (axis.at(100.0), bottom)], palette::ALARM, 5);
    for (at, row) in rows.iter().enumerate() {
        let middle = HEAD + (at as f64 + 0.5) * ROW;
        canvas.label(left - 24.0, middle, &canvas.fitted(&row.name, NORMAL, label_room), Anchor::End);
        canvas.dashed((place(row.warning), middle - 22.0), (place(row.warning), middle + 22.0), palette::AMBER, 4);
        canvas.line(&[(place(row.worst), middle), (place(row.before), middle)], palette::SKY, 6);
        canvas.line(&[(place(row.interval.0), middle), (place(row.interval.1), middle)], palette::INK, 3);
        row.each.iter().for_each(|share| canvas.circle(place(*share), middle, 7.0, palette::BLUE));
        ring(canvas, place(row.before), middle);
        canvas.circle(place(row.worst), middle, 11.0, palette::NAVY);
        canvas.label(f64::from(WIDTH) - 40.0, middle, &canvas.fitted(&row.written, NORMAL, figure_room), Anchor::End);
    }
    let mut x = 40.0;
    for (at, word) in legend.iter().enumerate() {
        match at {
            0 => ring(canvas, x + 14.0, 28.0),
            1 => canvas.circle(x + 14.0, 28.0, 7.0, palette::BLUE),
            2 => canvas.circle(x + 14.0, 28.0, 11.0, palette::NAVY),
            3 => canvas.dashed((x + 14.0, 10.0), (x + 14.0, 46.0), palette::AMBER, 4),
            _ => canvas.line(&[(x + 14.0, 12.0), (x + 14.0, 44.0)], palette::ALARM, 5),
        }
        canvas.text(x + 36.0, 28.0, word, SMALL, Anchor::Start, palette::INK, false);
        x += 36.0 + canvas.width(word, SMALL) + 40.0;
    }
    canvas.text(f64::from(WIDTH) / 2.0, bottom + 62.0, axis_title, SMALL, Anchor::Middle, palette::MUTED, false);
}

/// A ring, which grey and colour tell from a full dot.
fn ring(canvas: &Canvas<'_, '_>, x: f64, y: f64) {
    canvas.circle(x, y, 11.0, palette::INK);
    canvas.circle(x, y, 7.0, palette::PAPER);
}
