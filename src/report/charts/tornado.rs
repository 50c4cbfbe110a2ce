//! Draws how far each key moves a measure from its base, the longest bars first, each end with the interval of its paired difference.

use super::canvas::{Anchor, Axis, Canvas, Drawing, NORMAL, SMALL, WIDTH, palette};
use super::varied::{Rows, Varied, WITHIN_NOISE, legend, whisker};
use crate::model::part::Words;
use crate::report::text::shared;
use crate::study::tornado::{Bar, Difference, Found};

pub const SLUG: &str = "tornado";
const TITLE: Words = Words("Tornado chart: {measure}", "龙卷风图：{measure}");
const AT_LOW: Words = Words("at the low end", "取低值");
const AT_HIGH: Words = Words("at the high end", "取高值");
const BASE: Words = Words("base: {value}", "基准：{value}");
const SWING: Words = Words("Swing", "摆幅");
const NOTE: Words = Words(
    "Whiskers: the interval of the difference from the base on common paths. Grey: within noise. Right: the swing.",
    "须线：相同路径上与基准之差的置信区间。灰色：在抽样误差之内。右列为摆幅。",
);
const ALT: Words = Words("Tornado chart, {title}; {unit}; {base}. Swing: {values}.", "龙卷风图，{title}；{unit}；{base}。摆幅：{values}。");

/// Height of a row, less where there are many.
const ROW: f64 = 62.0;
const PAGE: f64 = 1_500.0;
const TOP: f64 = 86.0;
const FOOT: f64 = 150.0;
/// Room beside the bars for what an end is called.
const LABEL: f64 = 150.0;

/// The chart of a measure; nothing where it has no base, or was not varied one key at a time.
pub fn drawing(of: Varied<'_>, measure: usize) -> Option<Drawing<'_>> {
    let Found::Bars(bars) = &of.results.found[measure] else { return None };
    let measured = of.measured(measure);
    let base = measured.estimate(0)?;
    let title = of.text.fill(TITLE, &[("measure", &measured.name())]);
    let stated = of.text.fill(BASE, &[("value", &measured.full(base))]);
    let told: Vec<String> =
        bars.iter().map(|bar| format!("{}{}{}", of.title(bar.key), of.text.get(shared::COLON), swing(of, measure, bar))).collect();
    let alt = of.text.fill(ALT, &[("title", &title), ("unit", &measured.axis()), ("base", &stated), ("values", &of.told(&told))]);
    let row = ROW.min(PAGE / bars.len() as f64);
    let height = TOP + row * bars.len() as f64 + FOOT;
    let paint = move |canvas: &Canvas<'_, '_>| paint(canvas, of, measure, (bars, base.value), (row, height));
    let slug = format!("{SLUG}-{}", super::slug(&of.results.tornado.measures[measure]));
    Some(Drawing { slug, title, alt, height: height as i32, paint: Box::new(paint) })
}

/// The swing of a bar: `3.4 ± 0.2`.
fn swing(of: Varied<'_>, measure: usize, bar: &Bar) -> String {
    bar.swing.as_ref().map_or_else(|| "–".into(), |d| of.measured(measure).difference(d.estimate.value, d.estimate.std_error))
}

fn paint(canvas: &Canvas<'_, '_>, of: Varied<'_>, measure: usize, (bars, base): (&[Bar], f64), (row, height): (f64, f64)) {
    let (measured, factor) = (of.measured(measure), of.measured(measure).factor());
    let swings: Vec<String> = bars.iter().map(|bar| swing(of, measure, bar)).collect();
    let widest = |texts: &mut dyn Iterator<Item = f64>| texts.fold(0.0, f64::max);
    let room = widest(&mut bars.iter().map(|bar| canvas.width(of.title(bar.key), NORMAL))).min(400.0);
    let right = f64::from(WIDTH) - 40.0;
    let column = widest(&mut swings.iter().map(|s| canvas.width(s, NORMAL))).max(canvas.width(of.text.get(SWING), SMALL));
    let rows = Rows { top: TOP, height: row, names: 40.0 + room, room };
    let (from, to) = (rows.names + 24.0, right - column - 24.0);
    let ends = bars.iter().flat_map(|bar| [&bar.low, &bar.high]).flatten();
    let reach = |(low, high): (f64, f64), [a, b]: [f64; 2]| (low.min(a), high.max(b));
    let (least, most) = ends.clone().map(|d| [d.estimate.value; 2]).fold((0.0, 0.0), reach);
    // what keys move shall be seen, however wide the intervals
    let room = if most > least { 0.3 * (most - least) } else { f64::INFINITY };
    let (low, high) = ends.map(interval).fold((least, most), reach);
    let (low, high) = (low.max(least - room), high.min(most + room));
    let axis = Axis::new((base + low) * factor, (base + high) * factor, from + LABEL, to - LABEL, 5);
    let (bottom, x) = (TOP + row * bars.len() as f64, |difference: f64| axis.at((base + difference) * factor));
    for tick in &axis.ticks {
        canvas.line(&[(axis.at(*tick), TOP), (axis.at(*tick), bottom)], palette::GRID, 2);
        canvas.text(axis.at(*tick), bottom + 24.0, &axis.label(*tick), SMALL, Anchor::Middle, palette::MUTED, false);
    }
    let colours = [(AT_LOW, palette::SKY), (AT_HIGH, palette::NAVY), (WITHIN_NOISE, palette::GRID)];
    let entries: Vec<_> = colours.map(|(words, colour)| (of.text.get(words), colour)).to_vec();
    legend(canvas, right, 20.0, &entries);
    canvas.text(right, TOP - 20.0, of.text.get(SWING), SMALL, Anchor::End, palette::MUTED, false);
    for (at, bar) in bars.iter().enumerate() {
        rows.name(canvas, at, of.title(bar.key));
        let middle = rows.middle(at);
        let half = (row * 0.36).min(20.0);
        for (end, name, colour, (above, below)) in [
            (&bar.low, of.low(bar.key), palette::SKY, (middle - half, middle - 1.0)),
            (&bar.high, of.high(bar.key), palette::NAVY, (middle + 1.0, middle + half)),
        ] {
            let Some(end) = end else { continue };
            let (zero, tip) = (x(0.0), x(end.estimate.value));
            canvas.rect(zero.min(tip), above, zero.max(tip), below, if end.side.is_some() { colour } else { palette::GRID });
            let (y, [a, b]) = ((above + below) / 2.0, interval(end));
            let closed = [end.estimate.ci_low.is_finite() && a >= low, end.estimate.ci_high.is_some() && b <= high];
            let [a, b] = [a, b].map(|end| end.clamp(low, high));
            whisker(canvas, [x(a), x(b)], closed, y);
            let leftwards = if end.estimate.value == 0.0 { name == of.low(bar.key) } else { end.estimate.value < 0.0 };
            let name = canvas.fitted(name, SMALL, LABEL - 30.0);
            let (at, anchor) = if leftwards { (x(a).min(tip) - 12.0, Anchor::End) } else { (x(b).max(tip) + 12.0, Anchor::Start) };
            canvas.text(at, y, &name, SMALL, anchor, palette::MUTED, false);
        }
        let colour = if bar.within_noise { palette::MUTED } else { palette::INK };
        canvas.text(right, middle, &swings[at], NORMAL, Anchor::End, colour, false);
    }
    canvas.line(&[(x(0.0), TOP), (x(0.0), bottom)], palette::INK, 3);
    let stated = of.text.fill(BASE, &[("value", &measured.estimate(0).map_or("–".into(), |e| measured.full(e)))]);
    canvas.text(x(0.0), TOP - 20.0, &stated, SMALL, Anchor::Middle, palette::INK, false);
    canvas.text((from + to) / 2.0, bottom + 62.0, &measured.axis(), SMALL, Anchor::Middle, palette::MUTED, false);
    canvas.text(40.0, height - 30.0, of.text.get(NOTE), SMALL, Anchor::Start, palette::MUTED, false);
}

/// The interval of a difference; an open end is where the difference is, and so are both where no path differs.
fn interval(difference: &Difference) -> [f64; 2] {
    let e = &difference.estimate;
    if e.value == 0.0 {
        return [0.0; 2];
    }
    [if e.ci_low.is_finite() { e.ci_low } else { e.value }, e.ci_high.unwrap_or(e.value)]
}
