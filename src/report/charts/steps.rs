//! Draws the waterfall of a change: where a measure starts, what each step adds or takes away, where it ends.

use super::canvas::{Anchor, Axis, Canvas, Drawing, NORMAL, SMALL, WIDTH, palette};
use super::measured::Measured;
use super::varied::{Rows, WITHIN_NOISE, legend, whisker};
use crate::model::part::Words;
use crate::model::split::Source;
use crate::report::compared::Compared;
use crate::report::text::{Text, number, shared, source};
use crate::study::split::{Row, Step};

pub const SLUG: &str = "steps";
const TITLE: Words = Words("{measure}: the change step by step", "{measure}：变动逐项分解");
const UP: Words = Words("higher", "上升");
const DOWN: Words = Words("lower", "下降");
const CHANGE: Words = Words("Figure, change", "数值与变动");
const NOTE: Words = Words(
    "Whiskers: the interval of the step. Grey: within noise. The axis need not start at zero.",
    "须线：该项变动的置信区间。灰色：在抽样误差之内。坐标轴不一定从零开始。",
);
const ALT: Words = Words("Waterfall chart, {title}; {unit}: {values}.", "瀑布图，{title}；{unit}：{values}。");
const ENGINE_OF: Words = Words("Engine ({label})", "程序版本（{label}）");

/// Height of a row.
const ROW: f64 = 62.0;
const TOP: f64 = 86.0;
const FOOT: f64 = 150.0;

/// A change that was split, for a reader.
#[derive(Clone, Copy)]
pub struct Steps<'a> {
    pub compared: &'a Compared<'a>,
    pub text: Text,
    pub currency: &'a str,
}

impl<'a> Steps<'a> {
    /// One measure of all lines.
    pub fn measured(&self, measure: usize) -> Measured<'a> {
        let key = self.compared.results.measures[measure].as_str();
        Measured { estimates: &self.compared.estimates, at: measure, key, text: self.text, currency: self.currency }
    }

    pub fn rows(&self) -> &'a [Row] {
        &self.compared.results.rows
    }

    pub fn source(&self, source: Source) -> &'static str {
        source::name(&self.text, source)
    }

    /// What a line is called.
    pub fn step(&self, step: &Step) -> String {
        match step {
            Step::First => self.compared.first.label.clone(),
            Step::Second => self.compared.second.label.clone(),
            Step::Engine { of, .. } => self.text.fill(ENGINE_OF, &[("label", &self.compared.side(*of).label)]),
            _ => {
                let named = |(at, source): (usize, &Source)| match self.source(*source) {
                    name if at > 0 && !self.text.zh() => name.to_lowercase(),
                    name => name.to_string(),
                };
                self.text.list(&step.sources().iter().enumerate().map(named).collect::<Vec<_>>())
            }
        }
    }

    /// A change with its error, marked by nothing: `+3.4 ± 0.2`.
    pub fn change(&self, measure: usize, row: &Row) -> String {
        let measured = self.measured(measure);
        row.changes[measure]
            .as_ref()
            .map_or_else(|| "–".into(), |d| number::signed(&measured.difference(d.estimate.value, d.estimate.std_error)))
    }

    pub fn is_end(row: &Row) -> bool {
        matches!(row.step, Step::First | Step::Second)
    }
}

/// The chart of a measure; nothing where it is not defined at some step.
pub fn drawing(of: Steps<'_>, measure: usize) -> Option<Drawing<'_>> {
    let measured = of.measured(measure);
    let levels: Vec<f64> = (0..of.rows().len()).map(|row| measured.estimate(row).map(|e| e.value)).collect::<Option<_>>()?;
    let title = of.text.fill(TITLE, &[("measure", &measured.name())]);
    let told: Vec<String> = of
        .rows()
        .iter()
        .enumerate()
        .map(|(at, row)| format!("{}{}{}", of.step(&row.step), of.text.get(shared::COLON), said(of, measure, at)))
        .collect();
    let told = told.join(of.text.get(shared::SEMICOLON));
    let alt = of.text.fill(ALT, &[("title", &title), ("unit", &measured.axis()), ("values", &told)]);
    let height = TOP + ROW * levels.len() as f64 + FOOT;
    let slug = format!("{SLUG}-{}", super::slug(&of.compared.results.measures[measure]));
    let paint = move |canvas: &Canvas<'_, '_>| paint(canvas, of, measure, &levels);
    Some(Drawing { slug, title, alt, height: height as i32, paint: Box::new(paint) })
}

/// What stands at the right of a line: the figure at either end, else the change.
fn said(of: Steps<'_>, measure: usize, at: usize) -> String {
    let row = &of.rows()[at];
    if Steps::is_end(row) { of.measured(measure).written(at) } else { of.change(measure, row) }
}

fn paint(canvas: &Canvas<'_, '_>, of: Steps<'_>, measure: usize, levels: &[f64]) {
    let (measured, rows) = (of.measured(measure), of.rows());
    let factor = measured.factor();
    let names: Vec<String> = rows.iter().map(|row| of.step(&row.step)).collect();
    let written: Vec<String> = (0..rows.len()).map(|at| said(of, measure, at)).collect();
    let widest = |texts: &mut dyn Iterator<Item = f64>| texts.fold(0.0, f64::max);
    let room = widest(&mut names.iter().map(|name| canvas.width(name, NORMAL))).min(400.0);
    let right = f64::from(WIDTH) - 40.0;
    let column = widest(&mut written.iter().map(|s| canvas.width(s, NORMAL))).max(canvas.width(of.text.get(CHANGE), SMALL));
    let places = Rows { top: TOP, height: ROW, names: 40.0 + room, room };
    let (from, to) = (places.names + 34.0, right - column - 44.0);
    let (least, most) = levels.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), level| (low.min(*level), high.max(*level)));
    // steps shall be seen, however wide their intervals
    let beside = if most > least { 0.3 * (most - least) } else { 0.0 };
    let ends = rows.iter().enumerate().skip(1).filter(|(_, row)| !Steps::is_end(row)).filter_map(|(at, row)| {
        let e = &row.changes[measure].as_ref()?.estimate;
        let before = levels[at - 1];
        Some([if e.ci_low.is_finite() { before + e.ci_low } else { before }, e.ci_high.map_or(before, |high| before + high)])
    });
    let (low, high) = ends.fold((least, most), |(low, high), [a, b]| (low.min(a), high.max(b)));
    let (low, high) = (low.max(least - beside), high.min(most + beside));
    let axis = Axis::new(low * factor, high * factor, from, to, 5);
    let (bottom, x) = (TOP + ROW * rows.len() as f64, |level: f64| axis.at(level * factor));
    for tick in &axis.ticks {
        canvas.line(&[(axis.at(*tick), TOP), (axis.at(*tick), bottom)], palette::GRID, 2);
        canvas.text(axis.at(*tick), bottom + 24.0, &axis.label(*tick), SMALL, Anchor::Middle, palette::MUTED, false);
    }
    let colours = [(UP, palette::NAVY), (DOWN, palette::SKY), (WITHIN_NOISE, palette::MUTED)];
    legend(canvas, right, 20.0, &colours.map(|(words, colour)| (of.text.get(words), colour)));
    canvas.text(right, TOP - 20.0, of.text.get(CHANGE), SMALL, Anchor::End, palette::MUTED, false);
    for (at, row) in rows.iter().enumerate() {
        places.name(canvas, at, &names[at]);
        let middle = places.middle(at);
        // where one step ends the next begins
        if at + 1 < rows.len() {
            canvas.line(&[(x(levels[at]), middle), (x(levels[at]), middle + ROW)], palette::MUTED, 2);
        }
        let change = row.changes[measure].as_ref().filter(|_| !Steps::is_end(row));
        if let Some(change) = change.filter(|change| change.estimate.value != 0.0) {
            let (a, b) = (x(levels[at - 1]), x(levels[at]));
            let colour = if change.estimate.value > 0.0 { palette::NAVY } else { palette::SKY };
            let colour = if change.side.is_some() { colour } else { palette::MUTED };
            canvas.rect(a.min(b), middle - 17.0, a.max(b).max(a.min(b) + 2.0), middle + 17.0, colour);
            let (e, before) = (&change.estimate, levels[at - 1]);
            let ends =
                [if e.ci_low.is_finite() { before + e.ci_low } else { levels[at] }, e.ci_high.map_or(levels[at], |high| before + high)];
            let closed = [e.ci_low.is_finite() && ends[0] >= low, e.ci_high.is_some() && ends[1] <= high];
            whisker(canvas, ends.map(|end| x(end.clamp(low, high))), closed, middle);
        } else {
            let half = if Steps::is_end(row) { 20.0 } else { 9.0 };
            canvas.rect(x(levels[at]) - 4.0, middle - half, x(levels[at]) + 4.0, middle + half, palette::INK);
        }
        let muted = change.is_some_and(|change| change.side.is_none());
        canvas.text(
            right,
            middle,
            &written[at],
            NORMAL,
            Anchor::End,
            if muted { palette::MUTED } else { palette::INK },
            Steps::is_end(row),
        );
    }
    canvas.text((from + to) / 2.0, bottom + 62.0, &measured.axis(), SMALL, Anchor::Middle, palette::MUTED, false);
    canvas.text(40.0, bottom + FOOT - 30.0, of.text.get(NOTE), SMALL, Anchor::Start, palette::MUTED, false);
}
