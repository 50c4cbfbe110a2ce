//! Draws a measure against each swept key: a line with its error band over one key, points with their intervals where settings differ in several.

use super::canvas::{Anchor, Axis, Canvas, Drawing, NORMAL, SMALL, WIDTH, palette};
use super::swept::Swept;
use crate::model::part::Words;
use crate::model::sweep::Design;
use crate::study::sweep::Status;

const TITLE: Words = Words("{measure} by {keys}", "{measure}：按{keys}");
const BAND: Words = Words("With the interval of each figure. Dark: efficient.", "含各数字的置信区间；深色：有效。");
const ALT: Words = Words("Line chart, {title}; {unit}: {values}.", "折线图，{title}；{unit}：{values}。");

/// Height of a panel, less where there are many, and of all that fit a page.
const PANEL: f64 = 520.0;
const PAGE: f64 = 1_900.0;
/// Values named below an axis.
const NAMED: usize = 12;

/// A point of a panel: where it stands across, and its figure with both ends of its interval.
struct Point {
    across: f64,
    value: f64,
    low: f64,
    high: f64,
    status: Option<Status>,
}

/// The chart of a measure of a sweep of one key, or of a list or a random design.
pub fn drawing(of: Swept<'_>, measure: usize) -> Drawing<'_> {
    let sweep = of.results.sweep;
    let keys: Vec<String> = (0..sweep.keys.len()).map(|key| of.title(key).to_string()).collect();
    let title = of.text.fill(TITLE, &[("measure", &of.name(measure)), ("keys", &of.text.list(&keys))]);
    let alt = of.text.fill(ALT, &[("title", &title), ("unit", &of.axis(measure)), ("values", &of.stated(measure))]);
    let abreast = if sweep.keys.len() > 1 { 2 } else { 1 };
    let rows = sweep.keys.len().div_ceil(abreast) as f64;
    let each = PANEL.min(PAGE / rows);
    let height = 100.0 + rows * each;
    let paint = move |canvas: &Canvas<'_, '_>| {
        canvas.text(40.0, 24.0, &of.axis(measure), NORMAL, Anchor::Start, palette::INK, true);
        let width = (f64::from(WIDTH) - 60.0) / abreast as f64;
        for key in 0..of.results.sweep.keys.len() {
            let (left, top) = (40.0 + (key % abreast) as f64 * width, 48.0 + (key / abreast) as f64 * each);
            panel(canvas, of, (measure, key), (left, top, width, each));
        }
        canvas.text(40.0, height - 24.0, of.text.get(BAND), SMALL, Anchor::Start, palette::MUTED, false);
    };
    let slug = format!("sweep-{}", super::slug(&sweep.measures[measure].0));
    Drawing { slug, title, alt, height: height as i32, paint: Box::new(paint) }
}

/// Where each value stands across a panel: by its number, or in order.
fn positions(of: Swept<'_>, key: usize) -> Vec<f64> {
    let values = &of.results.sweep.keys[key].values;
    let numbers: Option<Vec<f64>> = values.iter().map(|value| value.number).collect();
    let rises = |numbers: &Vec<f64>| of.results.sweep.design == Design::Random || numbers.windows(2).all(|pair| pair[0] < pair[1]);
    numbers.filter(rises).unwrap_or_else(|| (0..values.len()).map(|at| at as f64).collect())
}

fn panel(canvas: &Canvas<'_, '_>, of: Swept<'_>, (measure, key): (usize, usize), (left, top, width, height): (f64, f64, f64, f64)) {
    let (sweep, factor, across) = (of.results.sweep, of.factor(measure), positions(of, key));
    let mut points: Vec<Point> = (0..sweep.settings.len())
        .filter_map(|setting| {
            let e = of.estimate(setting, measure)?;
            let (low, high) = (if e.ci_low.is_finite() { e.ci_low } else { e.value }, e.ci_high.unwrap_or(e.value));
            let across = across[sweep.settings[setting][key]];
            Some(Point { across, value: e.value * factor, low: low * factor, high: high * factor, status: of.status(setting) })
        })
        .collect();
    points.sort_by(|a, b| a.across.total_cmp(&b.across));
    let ends = |f: fn(&Point) -> f64, from: f64, with: fn(f64, f64) -> f64| points.iter().map(f).fold(from, with);
    let (low, high) = (ends(|p| p.low, f64::INFINITY, f64::min), ends(|p| p.high, f64::NEG_INFINITY, f64::max));
    if points.is_empty() {
        return;
    }
    let low = if low > 0.0 && low < 0.5 * high { 0.0 } else { low };
    let (from, to) = (left + 110.0, left + width - 40.0);
    let (ceiling, floor) = (top + 20.0, top + height - 110.0);
    let y = Axis::new(low, high, floor, ceiling, 5);
    let (first, last) = across.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(*x), b.max(*x)));
    let pad = 40.0;
    let x =
        |value: f64| if last > first { from + pad + (value - first) / (last - first) * (to - from - 2.0 * pad) } else { (from + to) / 2.0 };
    canvas.rules(&y, (from, to), 12.0, "");
    canvas.line(&[(from, floor), (to, floor)], palette::INK, 2);
    let line = sweep.keys.len() == 1 && sweep.design == Design::Grid;
    if line {
        let upper = points.iter().map(|p| (x(p.across), y.at(p.high)));
        let lower = points.iter().rev().map(|p| (x(p.across), y.at(p.low)));
        canvas.polygon(&upper.chain(lower).collect::<Vec<_>>(), palette::PALE);
        canvas.line(&points.iter().map(|p| (x(p.across), y.at(p.value))).collect::<Vec<_>>(), palette::BLUE, 4);
    }
    for point in &points {
        let (px, py) = (x(point.across), y.at(point.value));
        let colour = if point.status == Some(Status::Efficient) { palette::NAVY } else { palette::BLUE };
        if !line && y.at(point.low) - y.at(point.high) > 3.0 {
            canvas.line(&[(px, y.at(point.low)), (px, y.at(point.high))], palette::SKY, 3);
        }
        canvas.circle(px, py, if point.status == Some(Status::Efficient) { 10.0 } else { 7.0 }, colour);
    }
    names(canvas, of, key, (&across, &x), (from, to, floor));
    let title = canvas.fitted(of.title(key), NORMAL, to - from);
    canvas.text((from + to) / 2.0, floor + 74.0, &title, NORMAL, Anchor::Middle, palette::INK, false);
}

/// The values below an axis: each by its label, or round numbers where there are too many.
fn names(
    canvas: &Canvas<'_, '_>,
    of: Swept<'_>,
    key: usize,
    (across, x): (&[f64], &dyn Fn(f64) -> f64),
    (from, to, floor): (f64, f64, f64),
) {
    let values = &of.results.sweep.keys[key].values;
    let step = (to - from) / values.len().max(1) as f64;
    if values.len() <= NAMED {
        let mut end = f64::NEG_INFINITY;
        for (value, at) in values.iter().zip(across) {
            let label = canvas.fitted(value.label.get(of.text.language), SMALL, (step - 6.0).max(60.0));
            let half = canvas.width(&label, SMALL) / 2.0;
            // one that would lie over its neighbour is left out
            if x(*at) - half < end {
                continue;
            }
            end = x(*at) + half + 8.0;
            canvas.text(x(*at), floor + 28.0, &label, SMALL, Anchor::Middle, palette::MUTED, false);
        }
        return;
    }
    let percent = values.iter().all(|value| value.toml.ends_with("%\""));
    let factor = if percent { 100.0 } else { 1.0 };
    let (first, last) = across.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(*v), b.max(*v)));
    let axis = Axis::exact(first * factor, last * factor, x(first), x(last), 5);
    for tick in &axis.ticks {
        let label = format!("{}{}", axis.label(*tick), if percent { "%" } else { "" });
        canvas.text(axis.at(*tick), floor + 28.0, &label, SMALL, Anchor::Middle, palette::MUTED, false);
    }
}
