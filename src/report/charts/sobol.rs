//! Draws the Sobol' indices of a measure, both of each key with their intervals, the largest total first.

use super::canvas::{Anchor, Axis, Canvas, Drawing, NORMAL, SMALL, WIDTH, palette};
use super::varied::{Rows, Varied, WITHIN_NOISE, legend, whisker};
use crate::model::part::Words;
use crate::report::text::{number, shared};
use crate::study::sobol::{Index, Indices};
use crate::study::tornado::{Found, by_total};

pub const SLUG: &str = "sobol";
const TITLE: Words = Words("Sobol' indices: {measure}", "Sobol 指数：{measure}");
pub const TOTAL: Words = Words("total", "总效应");
pub const FIRST: Words = Words("first order", "一阶效应");
const AXIS: Words = Words("Share of the variance over the ranges", "占取值范围内方差的比例");
const NOTE: Words = Words(
    "Whiskers: intervals, of the design and of the paths together. Grey: within noise. Right: the total index.",
    "须线：置信区间，含抽样设计与路径两部分误差。灰色：在抽样误差之内。右列为总效应指数。",
);
const ALT: Words = Words("Bar chart, {title}. Total: {values}.", "条形图，{title}。总效应：{values}。");

const ROW: f64 = 62.0;
const PAGE: f64 = 1_500.0;
const TOP: f64 = 56.0;
const FOOT: f64 = 150.0;

/// The chart of a measure; nothing where it has no indices.
pub fn drawing(of: Varied<'_>, measure: usize) -> Option<Drawing<'_>> {
    let Found::Indices(indices) = &of.results.found[measure] else { return None };
    let title = of.text.fill(TITLE, &[("measure", &of.measured(measure).name())]);
    let keys = by_total(indices);
    let colon = of.text.get(shared::COLON);
    let told: Vec<String> = keys.iter().map(|key| format!("{}{colon}{}", of.title(*key), written(&indices.keys[*key].total))).collect();
    let alt = of.text.fill(ALT, &[("title", &title), ("values", &of.told(&told))]);
    let row = ROW.min(PAGE / keys.len() as f64);
    let height = TOP + row * keys.len() as f64 + FOOT;
    let paint = move |canvas: &Canvas<'_, '_>| paint(canvas, of, (indices, &keys), (row, height));
    let slug = format!("{SLUG}-{}", super::slug(&of.results.tornado.measures[measure]));
    Some(Drawing { slug, title, alt, height: height as i32, paint: Box::new(paint) })
}

/// An index with its error, to three decimals at most: `0.52 ± 0.03`.
pub fn written(index: &Index) -> String {
    match index.std_error {
        0.0 => number::plain(index.value),
        error if error < 0.000_5 => format!("{} ± <0.001", number::grouped(index.value, 3)),
        error => number::with_error(index.value, error),
    }
}

fn paint(canvas: &Canvas<'_, '_>, of: Varied<'_>, (indices, keys): (&Indices, &[usize]), (row, height): (f64, f64)) {
    let figures: Vec<String> = keys.iter().map(|key| written(&indices.keys[*key].total)).collect();
    let widest = |texts: &mut dyn Iterator<Item = f64>| texts.fold(0.0, f64::max);
    let room = widest(&mut keys.iter().map(|key| canvas.width(of.title(*key), NORMAL))).min(400.0);
    let right = f64::from(WIDTH) - 40.0;
    let rows = Rows { top: TOP, height: row, names: 40.0 + room, room };
    let (from, to) = (rows.names + 24.0, right - widest(&mut figures.iter().map(|f| canvas.width(f, NORMAL))) - 24.0);
    let ends = |index: &Index| of.results.interval(index);
    let all = || indices.keys.iter().flat_map(|key| [&key.first, &key.total]);
    let low = all().map(|index| ends(index)[0]).fold(0.0, f64::min);
    let high = all().map(|index| ends(index)[1]).fold(0.0, f64::max);
    let axis = Axis::new(low, high, from, to, 6);
    let bottom = TOP + row * keys.len() as f64;
    for tick in &axis.ticks {
        canvas.line(&[(axis.at(*tick), TOP), (axis.at(*tick), bottom)], palette::GRID, 2);
        canvas.text(axis.at(*tick), bottom + 24.0, &axis.label(*tick), SMALL, Anchor::Middle, palette::MUTED, false);
    }
    let colours = [(TOTAL, palette::NAVY), (FIRST, palette::SKY), (WITHIN_NOISE, palette::GRID)];
    let entries: Vec<_> = colours.map(|(words, colour)| (of.text.get(words), colour)).to_vec();
    legend(canvas, right, 20.0, &entries);
    for (at, key) in keys.iter().enumerate() {
        rows.name(canvas, at, of.title(*key));
        let (middle, half) = (rows.middle(at), (row * 0.36).min(20.0));
        let both = &indices.keys[*key];
        for (index, colour, (above, below)) in
            [(&both.total, palette::NAVY, (middle - half, middle - 1.0)), (&both.first, palette::SKY, (middle + 1.0, middle + half))]
        {
            let (zero, tip) = (axis.at(0.0), axis.at(index.value));
            canvas.rect(zero.min(tip), above, zero.max(tip), below, if of.results.is_beyond(index) { colour } else { palette::GRID });
            whisker(canvas, ends(index).map(|end| axis.at(end)), [true; 2], (above + below) / 2.0);
        }
        let colour = if of.results.is_beyond(&both.total) { palette::INK } else { palette::MUTED };
        canvas.text(right, middle, &figures[at], NORMAL, Anchor::End, colour, false);
    }
    canvas.line(&[(axis.at(0.0), TOP), (axis.at(0.0), bottom)], palette::INK, 2);
    canvas.text((from + to) / 2.0, bottom + 62.0, of.text.get(AXIS), SMALL, Anchor::Middle, palette::MUTED, false);
    canvas.text(40.0, height - 30.0, of.text.get(NOTE), SMALL, Anchor::Start, palette::MUTED, false);
}
