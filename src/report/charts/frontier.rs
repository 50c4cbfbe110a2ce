//! Draws the settings of a sweep in two measures, with their intervals: the efficient ones joined, ties open, dominated ones pale.

use super::canvas::{Anchor, Axis, Canvas, Drawing, NORMAL, SMALL, WIDTH, palette};
use super::swept::{DOMINATED, EFFICIENT, Swept, TIE};
use crate::model::part::Words;
use crate::model::sweep::Better;
use crate::report::text::shared;
use crate::study::sweep::Status;
use plotters::style::RGBColor;

pub const SLUG: &str = "frontier";
const TITLE: Words = Words("Efficient frontier: {first} against {second}", "有效前沿：{first}与{second}");
const BETTER_LOWER: Words = Words("{measure} (lower is better)", "{measure}，越低越好");
const BETTER_HIGHER: Words = Words("{measure} (higher is better)", "{measure}，越高越好");
const NUMBERS: Words = Words(
    "Numbers are those of the settings; crosses are their intervals, cut at the edge. Differences on common paths have far smaller errors.",
    "数字为方案编号；十字为置信区间，超出图框部分截断。相同路径上差异的误差远小于此。",
);
const ALT: Words = Words("Scatter chart, {title}. Efficient: {values}.", "散点图，{title}。有效方案：{values}。");

const HEIGHT: f64 = 900.0;

/// A setting on the chart: both values and both intervals.
struct Point {
    setting: usize,
    value: [f64; 2],
    interval: [(f64, f64); 2],
    status: Status,
}

/// The chart of the frontier; nothing where the sweep has none.
pub fn drawing(of: Swept<'_>) -> Option<Drawing<'_>> {
    let at = of.results.sweep.frontier?;
    let frontier = of.results.frontier.as_ref()?;
    let point = |setting: usize| {
        let one = |measure: usize| {
            let (e, factor) = (of.estimate(setting, measure)?, of.factor(measure));
            let (low, high) = (if e.ci_low.is_finite() { e.ci_low } else { e.value }, e.ci_high.unwrap_or(e.value));
            Some((e.value * factor, (low * factor, high * factor)))
        };
        let [(x, across), (y, up)] = [one(at[0])?, one(at[1])?];
        Some(Point { setting, value: [x, y], interval: [across, up], status: frontier.places[setting].status })
    };
    let points: Vec<Point> = (0..frontier.places.len()).filter_map(point).collect();
    if points.is_empty() {
        return None;
    }
    let title = of.text.fill(TITLE, &[("first", &of.name(at[0])), ("second", &of.name(at[1]))]);
    let efficient: Vec<String> = frontier.of(Status::Efficient).map(|s| format!("{} {}", s + 1, of.setting(s))).collect();
    let alt = of.text.fill(ALT, &[("title", &title), ("values", &efficient.join(of.text.get(shared::SEMICOLON)))]);
    let paint = move |canvas: &Canvas<'_, '_>| paint(canvas, of, &points, at);
    Some(Drawing { slug: SLUG.into(), title, alt, height: HEIGHT as i32, paint: Box::new(paint) })
}

fn axis_name(of: Swept<'_>, measure: usize) -> String {
    let words = if of.results.sweep.measures[measure].1 == Better::Higher { BETTER_HIGHER } else { BETTER_LOWER };
    of.text.fill(words, &[("measure", &of.axis(measure))])
}

fn look(status: Status) -> (f64, RGBColor) {
    match status {
        Status::Efficient => (12.0, palette::NAVY),
        Status::Tie => (11.0, palette::BLUE),
        Status::Dominated | Status::Undefined => (8.0, palette::SKY),
    }
}

/// The mark of a setting; open where it ties.
fn mark(canvas: &Canvas<'_, '_>, (x, y): (f64, f64), status: Status) {
    let (radius, colour) = look(status);
    canvas.circle(x, y, radius, colour);
    if status == Status::Tie {
        canvas.circle(x, y, radius - 4.0, palette::PAPER);
    }
}

fn paint(canvas: &Canvas<'_, '_>, of: Swept<'_>, points: &[Point], at: [usize; 2]) {
    let range = |k: usize| {
        let ends = |(a, b): (f64, f64), v: f64| (a.min(v), b.max(v));
        let none = (f64::INFINITY, f64::NEG_INFINITY);
        let (low, high) = points.iter().map(|p| p.value[k]).fold(none, ends);
        let reach = points.iter().flat_map(|p| [p.interval[k].0, p.interval[k].1, p.value[k]]).fold(none, ends);
        // what settings differ by shall be seen, however wide the intervals
        let room = if high > low { 0.3 * (high - low) } else { f64::INFINITY };
        (reach.0.max(low - room), reach.1.min(high + room))
    };
    let (left, right, top, bottom) = (170.0, f64::from(WIDTH) - 60.0, 96.0, HEIGHT - 120.0);
    let [(x_low, x_high), (y_low, y_high)] = [range(0), range(1)];
    let (x, y) = (Axis::new(x_low, x_high, left, right, 7), Axis::new(y_low, y_high, bottom, top, 6));
    for tick in &x.ticks {
        canvas.line(&[(x.at(*tick), top), (x.at(*tick), bottom)], palette::GRID, 2);
        canvas.text(x.at(*tick), bottom + 28.0, &x.label(*tick), SMALL, Anchor::Middle, palette::MUTED, false);
    }
    canvas.rules(&y, (left, right), 14.0, "");
    canvas.line(&[(left, top), (left, bottom), (right, bottom)], palette::INK, 2);
    canvas.text(left - 130.0, 60.0, &axis_name(of, at[1]), NORMAL, Anchor::Start, palette::INK, false);
    canvas.text((left + right) / 2.0, bottom + 70.0, &axis_name(of, at[0]), NORMAL, Anchor::Middle, palette::INK, false);
    canvas.text(left - 130.0, HEIGHT - 16.0, of.text.get(NUMBERS), SMALL, Anchor::Start, palette::MUTED, false);
    legend(canvas, of);
    for point in points {
        let (px, py) = (x.at(point.value[0]), y.at(point.value[1]));
        let [(x0, x1), (y0, y1)] = point.interval;
        let (across, up) = (|v: f64| x.at(v).clamp(left, right), |v: f64| y.at(v).clamp(top, bottom));
        canvas.line(&[(across(x0), py), (across(x1), py)], palette::PALE, 3);
        canvas.line(&[(px, up(y0)), (px, up(y1))], palette::PALE, 3);
    }
    let mut efficient: Vec<(f64, f64)> =
        points.iter().filter(|p| p.status == Status::Efficient).map(|p| (x.at(p.value[0]), y.at(p.value[1]))).collect();
    efficient.sort_by(|a, b| a.0.total_cmp(&b.0));
    if efficient.len() > 1 {
        canvas.line(&efficient, palette::NAVY, 3);
    }
    // the efficient ones last, so that they lie above
    for status in [Status::Dominated, Status::Tie, Status::Efficient] {
        for point in points.iter().filter(|p| p.status == status) {
            mark(canvas, (x.at(point.value[0]), y.at(point.value[1])), status);
        }
    }
    label(canvas, points, |p| (x.at(p.value[0]), y.at(p.value[1])));
}

/// Numbers beside the settings, the efficient ones first; one that would lie over another is left out.
fn label(canvas: &Canvas<'_, '_>, points: &[Point], place: impl Fn(&Point) -> (f64, f64)) {
    let mut taken: Vec<(f64, f64)> = Vec::new();
    for status in [Status::Efficient, Status::Tie, Status::Dominated] {
        for point in points.iter().filter(|p| p.status == status) {
            let (x, y) = place(point);
            let at = (x + 26.0, y - 20.0);
            let free = taken.iter().all(|(tx, ty)| (tx - at.0).abs() > 44.0 || (ty - at.1).abs() > 26.0);
            if free {
                let (colour, bold) = if status == Status::Efficient { (palette::INK, true) } else { (palette::MUTED, false) };
                canvas.text(at.0, at.1, &(point.setting + 1).to_string(), SMALL, Anchor::Middle, colour, bold);
                taken.push(at);
            }
        }
    }
}

fn legend(canvas: &Canvas<'_, '_>, of: Swept<'_>) {
    let mut right = f64::from(WIDTH) - 60.0;
    for (status, words) in [(Status::Dominated, DOMINATED), (Status::Tie, TIE), (Status::Efficient, EFFICIENT)] {
        let word = of.text.get(words);
        canvas.text(right, 24.0, word, SMALL, Anchor::End, palette::INK, false);
        let x = right - canvas.width(word, SMALL) - 22.0;
        mark(canvas, (x, 24.0), status);
        right = x - 36.0;
    }
}
