//! Draws watched and headline figures over the reports of the register, with their intervals and the levels of their watches.

use super::canvas::{Anchor, Axis, Canvas, Drawing, NORMAL, SMALL, WIDTH, palette};
use super::{Context, Painter};
use crate::measures::Unit;
use crate::model::part::Words;
use crate::report::text::measure;
use crate::report::text::number::{self, Scale};
use crate::report::text::shared;
use crate::study::register::Course;
use crate::units::Day;

pub const PAINTER: Painter = Painter {
    slug: "trend",
    section: "register",
    title: Words("Figures over {n} reports, with their intervals", "{n} 期报告的指标走势及置信区间"),
    draw: drawings,
};

const PANEL_TITLE: Words = Words("{measure} ({scenario})", "{measure}（{scenario}）");
const PANEL_UNIT: Words = Words("{measure} ({scenario}), {unit}", "{measure}（{scenario}），{unit}");
const AMBER: Words = Words("amber {value}", "黄色 {value}");
const RED: Words = Words("red {value}", "红色 {value}");
const ALT: Words = Words("Line charts, {title}; last: {values}.", "折线图，{title}；末期：{values}。");
const LAST: Words = Words("{measure} {value}", "{measure} {value}");

/// Height of a row of panels, and panels at most.
const PANEL: f64 = 440.0;
const PANELS: usize = 8;
/// Days between labels at least, as a part of the axis.
const APART: f64 = 0.3;
/// A level further off than this many times what the figures span is told and not drawn.
const FAR: f64 = 2.0;
/// Room for the names of levels beside a panel, and between two of them.
const NAMES: f64 = 120.0;
const BETWEEN: f64 = 26.0;

/// One figure, ready to be drawn.
struct Panel<'a> {
    course: &'a Course,
    title: String,
    factor: f64,
    /// Days with the figure and its interval.
    points: Vec<(Day, [f64; 3])>,
}

fn drawings(context: Context<'_>) -> Vec<Drawing<'_>> {
    let Some(register) = &context.facts.register else { return Vec::new() };
    let panels: Vec<Panel<'_>> = register.courses.iter().filter_map(|course| panel(&context, course)).take(PANELS).collect();
    if panels.is_empty() {
        return Vec::new();
    }
    let text = context.text;
    let reports = panels.iter().map(|p| p.points.len()).max().unwrap_or(0);
    let title = text.fill(PAINTER.title, &[("n", &reports.to_string())]);
    let last = |p: &Panel<'_>| {
        let value = number::plain(p.points.last().map_or(0.0, |(_, v)| v[1]));
        text.fill(LAST, &[("measure", &p.title), ("value", &value)])
    };
    let values: Vec<String> = panels.iter().map(last).collect();
    let alt = text.fill(ALT, &[("title", &title), ("values", &values.join(text.get(shared::SEMICOLON)))]);
    let height = 30.0 + panels.len().div_ceil(2) as f64 * PANEL;
    let paint = move |canvas: &Canvas<'_, '_>| {
        let abreast = if panels.len() > 1 { 2.0 } else { 1.0 };
        let width = (f64::from(WIDTH) - 40.0) / abreast;
        for (at, panel) in panels.iter().enumerate() {
            let (column, row) = if panels.len() > 1 { (at % 2, at / 2) } else { (0, 0) };
            paint(canvas, &context, panel, (20.0 + column as f64 * width, 20.0 + row as f64 * PANEL, width));
        }
    };
    vec![Drawing { slug: PAINTER.slug.into(), title, alt, height: height as i32, paint: Box::new(paint) }]
}

/// A figure that two reports define at least.
fn panel<'a>(context: &Context<'_>, course: &'a Course) -> Option<Panel<'a>> {
    let text = &context.text;
    let values = course.points.iter().filter_map(|(_, point)| point.value);
    let scale = Scale::of(text, values.chain(course.levels.iter().flatten().copied()).filter(|_| course.unit == Unit::Money));
    let (factor, unit) = match course.unit {
        Unit::Money => (1.0 / scale.divisor, context.unit(scale)),
        Unit::Ratio => (100.0, "%".to_string()),
        Unit::Days | Unit::Number | Unit::Count => (1.0, String::new()),
    };
    let point = |(day, point): &(Day, crate::study::register::line::Point)| {
        let value = point.value?;
        Some((*day, [point.ci_low.unwrap_or(value), value, point.ci_high.unwrap_or(value)].map(|v| v * factor)))
    };
    let points: Vec<(Day, [f64; 3])> = course.points.iter().filter_map(point).collect();
    let (measure, scenario) = (measure::name(text, &course.measure), context.scenario(&course.scenario));
    let title = match unit.as_str() {
        "" => text.fill(PANEL_TITLE, &[("measure", &measure), ("scenario", &scenario)]),
        unit => text.fill(PANEL_UNIT, &[("measure", &measure), ("scenario", &scenario), ("unit", unit)]),
    };
    (points.len() > 1).then_some(Panel { course, title, factor, points })
}

fn paint(canvas: &Canvas<'_, '_>, context: &Context<'_>, panel: &Panel<'_>, (left, top, width): (f64, f64, f64)) {
    let text = &context.text;
    let (from, to, ceiling, floor) = (left + 110.0, left + width - 30.0 - NAMES, top + 60.0, top + PANEL - 76.0);
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for (_, v) in &panel.points {
        (low, high) = (low.min(v[0]), high.max(v[2]));
    }
    let span = (high - low).max(high.abs() * 0.2);
    let levels: Vec<(f64, bool)> =
        panel.course.levels.iter().flat_map(|l| [(l[0] * panel.factor, false), (l[1] * panel.factor, true)]).collect();
    let drawn: Vec<(f64, bool)> =
        levels.iter().copied().filter(|(level, _)| *level < high + FAR * span && *level > low - FAR * span).collect();
    for (level, _) in &drawn {
        (low, high) = (low.min(*level), high.max(*level));
    }
    let low = if low > 0.0 && low < 0.5 * high { 0.0 } else { low };
    let y = Axis::new(low, high, floor, ceiling, 4);
    canvas.text(left + 20.0, top + 18.0, &canvas.fitted(&panel.title, NORMAL, width - 60.0), NORMAL, Anchor::Start, palette::INK, true);
    canvas.rules(&y, (from, to), 12.0, "");
    let (first, last) = (panel.points[0].0, panel.points[panel.points.len() - 1].0);
    let days = f64::from(first.calendar_days_until(last)).max(1.0);
    let x = |day: Day| from + f64::from(first.calendar_days_until(day)) / days * (to - from);
    canvas.line(&[(from, floor), (to, floor)], palette::INK, 2);
    let mut right = f64::INFINITY;
    for (at, (day, _)) in panel.points.iter().enumerate().rev() {
        // the last day is named, and those before it that have room
        let place = x(*day);
        canvas.line(&[(place, floor), (place, floor + 8.0)], palette::INK, 2);
        if right - place >= APART * (to - from) && (at == 0 || place - from >= APART * (to - from)) {
            let anchor = if at == 0 {
                Anchor::Start
            } else if right.is_infinite() {
                Anchor::End
            } else {
                Anchor::Middle
            };
            let shift = if at == 0 {
                -40.0
            } else if right.is_infinite() {
                40.0
            } else {
                0.0
            };
            canvas.text(place + shift, floor + 32.0, &day.to_string(), SMALL, anchor, palette::MUTED, false);
            right = place;
        }
    }
    let upper = panel.points.iter().map(|(day, v)| (x(*day), y.at(v[2])));
    let lower = panel.points.iter().rev().map(|(day, v)| (x(*day), y.at(v[0])));
    canvas.polygon(&upper.chain(lower).collect::<Vec<_>>(), palette::PALE);
    for (level, is_red) in &drawn {
        let colour = if *is_red { palette::ALARM } else { palette::AMBER };
        canvas.dashed((from, y.at(*level)), (to, y.at(*level)), colour, 3);
        let said = text.fill(if *is_red { RED } else { AMBER }, &[("value", &number::plain(*level))]);
        // of two levels close to each other the upper one's name stands higher
        let near = drawn.iter().map(|(other, _)| y.at(*other) - y.at(*level)).find(|apart| *apart != 0.0 && apart.abs() < BETWEEN);
        let shift = near.map_or(0.0, |apart| if apart > 0.0 { apart - BETWEEN } else { 0.0 });
        canvas.text(to + 10.0, y.at(*level) + shift, &said, SMALL, Anchor::Start, colour, true);
    }
    canvas.line(&panel.points.iter().map(|(day, v)| (x(*day), y.at(v[1]))).collect::<Vec<_>>(), palette::NAVY, 4);
    for (day, v) in &panel.points {
        canvas.circle(x(*day), y.at(v[1]), 6.0, palette::NAVY);
    }
    let hidden: Vec<String> = (levels.iter().filter(|level| !drawn.contains(level)))
        .map(|(level, is_red)| text.fill(if *is_red { RED } else { AMBER }, &[("value", &number::plain(*level))]))
        .collect();
    if !hidden.is_empty() {
        canvas.text(to + NAMES, top + 46.0, &hidden.join(text.get(shared::COMMA)), SMALL, Anchor::End, palette::MUTED, false);
    }
}
