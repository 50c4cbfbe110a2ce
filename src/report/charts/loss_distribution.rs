//! Shows how a scenario's pool loss spreads over its paths, with mean, VaR and ES marked and lossless paths stated.

use super::canvas::{Anchor, Axis, Canvas, Drawing, NORMAL, SMALL, WIDTH, palette};
use super::{Context, Painter, slug};
use crate::model::part::Words;
use crate::report::facts::ScenarioFacts;
use crate::report::text::number::{self, Scale};
use crate::report::text::{Text, measure, shared};
use plotters::style::RGBColor;

pub const PAINTER: Painter = Painter {
    slug: "loss-distribution",
    section: "results",
    title: Words("Pool loss over all paths: {scenario}", "资金池损失分布：{scenario}"),
    draw: drawings,
};

const AXIS_POOL_LOSS: Words = Words("Pool loss, {unit}", "资金池损失（{unit}）");
const AXIS_SHARE_OF_PATHS: Words = Words("Share of paths per bin", "各区间路径占比");
const LOSS_ZERO_MASS: Words =
    Words("without loss: {share} ({zeros} of {paths} paths, not drawn)", "无损失路径：{share}（{paths} 条中的 {zeros} 条，未画出）");
const LOSS_ZERO_MASS_OF_SAMPLE: Words =
    Words("without loss: {share} (not drawn); bins by candidate paths", "无损失路径：{share}（未画出）；柱高按候选路径计");
const LOSS_BEYOND: Words = Words("paths farther right: {n}", "更右侧路径：{n} 条");
const TAIL: Words = Words("The worst 1% enlarged", "最差 1% 放大");
const NO_LOSS_AT_ALL: Words = Words("no path loses anything", "没有任何路径发生损失");
const ALT_LOSS_DISTRIBUTION: Words = Words("Histogram, {title}; {zero}; {marks}.", "直方图，{title}；{zero}；{marks}。");

const HEIGHT: f64 = 664.0;
const MARKED: [(&str, RGBColor); 3] =
    [("pool_loss.mean", palette::MUTED), ("pool_loss.var_99", palette::NAVY), ("pool_loss.es_99", palette::ALARM)];

/// One chart for every scenario that has more than one path.
fn drawings(context: Context<'_>) -> Vec<Drawing<'_>> {
    let shown = |s: &&ScenarioFacts| !s.deterministic && s.histogram.paths > 1;
    context.facts.scenarios.iter().filter(shown).map(|scenario| drawing(context, scenario)).collect()
}

struct Mark {
    value: f64,
    name: String,
    written: String,
    colour: RGBColor,
}

fn drawing<'a>(context: Context<'a>, scenario: &'a ScenarioFacts) -> Drawing<'a> {
    let text = context.text;
    let histogram = &scenario.histogram;
    let scale = Scale::of(&text, [histogram.high]);
    let marks: Vec<Mark> = (MARKED.iter())
        .filter_map(|(key, colour)| {
            let e = scenario.measures.get(*key).filter(|e| e.value.is_finite())?;
            let written = scale.in_text(&text, context.currency(), &number::estimate(&text, e, scale).full());
            Some(Mark { value: e.value / scale.divisor, name: measure::name(&text, key), written, colour: *colour })
        })
        .collect();
    let share = histogram.none.as_ref().map_or(String::new(), |none| number::estimate(&text, none, Scale::ONE).full());
    let (zeros, paths) = (number::count(histogram.zeros), number::count(histogram.paths));
    let mut none = match scenario.candidates {
        None => text.fill(LOSS_ZERO_MASS, &[("share", &share), ("zeros", &zeros), ("paths", &paths)]),
        Some(_) => text.fill(LOSS_ZERO_MASS_OF_SAMPLE, &[("share", &share)]),
    };
    if histogram.beyond > 0 {
        none += text.get(shared::SEMICOLON);
        none += &text.fill(LOSS_BEYOND, &[("n", &number::count(histogram.beyond))]);
    }
    let title = text.fill(PAINTER.title, &[("scenario", &context.scenario(&scenario.name))]);
    let stated: Vec<String> = marks.iter().map(|m| format!("{} {}", m.name, m.written)).collect();
    let alt = text.fill(ALT_LOSS_DISTRIBUTION, &[("title", &title), ("zero", &none), ("marks", &text.list(&stated))]);
    let axis = text.fill(AXIS_POOL_LOSS, &[("unit", &context.unit(scale))]);
    let paint = move |canvas: &Canvas<'_, '_>| paint(canvas, &context, scenario, scale, &marks, &none, &axis);
    Drawing { slug: format!("{}-{}", PAINTER.slug, slug(&scenario.name)), title, alt, height: HEIGHT as i32, paint: Box::new(paint) }
}

fn paint(
    canvas: &Canvas<'_, '_>,
    context: &Context<'_>,
    scenario: &ScenarioFacts,
    scale: Scale,
    marks: &[Mark],
    none: &str,
    axis_title: &str,
) {
    let histogram = &scenario.histogram;
    let bins = Bins::of(scenario, scale, marks);
    let (left, top, bottom) = (150.0, 194.0, HEIGHT - 96.0);
    let tail = bins.tail().filter(|share| *share > 0.0);
    let right = if tail.is_some() { f64::from(WIDTH) * 0.66 } else { f64::from(WIDTH) - 50.0 };
    let furthest = marks.iter().map(|m| m.value).fold(bins.low + bins.step * bins.shares.len() as f64, f64::max);
    let x = bins.draw(canvas, (left, right, top, bottom), (bins.low, furthest));
    if histogram.counts.iter().all(|n| *n == 0) {
        let none = context.text.get(NO_LOSS_AT_ALL);
        canvas.text((left + right) / 2.0, (top + bottom) / 2.0, none, NORMAL, Anchor::Middle, palette::MUTED, false);
    }
    canvas.text((left + right) / 2.0, bottom + 68.0, axis_title, SMALL, Anchor::Middle, palette::MUTED, false);
    canvas.text(40.0, 24.0, &format!("{}  ·  {none}", context.text.get(AXIS_SHARE_OF_PATHS)), SMALL, Anchor::Start, palette::MUTED, false);
    label_marks(canvas, &context.text, marks, &x, f64::from(WIDTH) - 50.0, bottom);
    if tail.is_some() {
        let from = right + 130.0;
        canvas.text(from, top - 22.0, context.text.get(TAIL), NORMAL, Anchor::Start, palette::ALARM, true);
        let to = f64::from(WIDTH) - 50.0;
        bins.draw(canvas, (from, to, top, bottom), (bins.first_of_tail(), furthest));
        canvas.text((from + to) / 2.0, bottom + 68.0, axis_title, SMALL, Anchor::Middle, palette::MUTED, false);
    }
}

/// The bins of a histogram, in the units of its axis and in per cent of the paths.
struct Bins {
    low: f64,
    step: f64,
    shares: Vec<f64>,
    /// The VaR at 99 %: bins from it on are the tail.
    tail_from: f64,
}

impl Bins {
    fn of(scenario: &ScenarioFacts, scale: Scale, marks: &[Mark]) -> Bins {
        let histogram = &scenario.histogram;
        let per_path = 100.0 / histogram.paths.max(1) as f64;
        Bins {
            low: histogram.low / scale.divisor,
            step: (histogram.high - histogram.low) / scale.divisor / histogram.counts.len().max(1) as f64,
            shares: histogram.counts.iter().map(|n| *n as f64 * per_path).collect(),
            tail_from: marks.iter().find(|m| m.colour == palette::NAVY).map_or(f64::INFINITY, |m| m.value),
        }
    }

    fn from(&self, bin: usize) -> f64 {
        self.low + bin as f64 * self.step
    }

    fn is_tail(&self, bin: usize) -> bool {
        self.from(bin) >= self.tail_from - 1e-9 * self.tail_from.abs()
    }

    /// Where the first bin of the tail begins.
    fn first_of_tail(&self) -> f64 {
        (0..self.shares.len()).find(|bin| self.is_tail(*bin)).map_or(self.tail_from, |bin| self.from(bin))
    }

    /// The tallest bin of the tail; none where it has fewer than two, or one as tall as any.
    fn tail(&self) -> Option<f64> {
        let tail: Vec<f64> = (0..self.shares.len()).filter(|bin| self.is_tail(*bin)).map(|bin| self.shares[bin]).collect();
        let (tallest, all) = (tail.iter().copied().fold(0.0, f64::max), self.shares.iter().copied().fold(0.0, f64::max));
        (tail.len() > 1 && tallest < all / 3.0).then_some(tallest)
    }

    /// Draws those that begin within a range, on axes of their own; the axis of losses.
    fn draw(&self, canvas: &Canvas<'_, '_>, (left, right, top, bottom): (f64, f64, f64, f64), (low, high): (f64, f64)) -> Axis {
        let inside = |bin: &usize| self.from(*bin) >= low - 1e-9 * self.step;
        let bins: Vec<usize> = (0..self.shares.len()).filter(inside).collect();
        let tallest = bins.iter().map(|bin| self.shares[*bin]).fold(0.0, f64::max);
        let (x, y) =
            (Axis::exact(low, high, left, right, if right - left > 700.0 { 8 } else { 4 }), Axis::new(0.0, tallest, bottom, top, 4));
        canvas.rules(&y, (left, right), 14.0, "%");
        for bin in bins.into_iter().filter(|bin| self.shares[*bin] > 0.0) {
            let colour = if self.is_tail(bin) { palette::ALARM } else { palette::SKY };
            // a bin that any path fell in shows as a hairline at least
            let height = y.at(self.shares[bin]).min(bottom - 2.0);
            let from = x.at(self.from(bin));
            let (low, high) = (number::plain(self.from(bin)), number::plain(self.from(bin) + self.step));
            canvas
                .tip([from, top, x.at(self.from(bin) + self.step), bottom], format!("{low}–{high} · {}%", number::plain(self.shares[bin])));
            canvas.rect(from, height, (x.at(self.from(bin) + self.step) - 1.0).max(from + 1.0), bottom, colour);
        }
        canvas.line(&[(left, bottom), (right, bottom)], palette::INK, 2);
        for tick in &x.ticks {
            canvas.line(&[(x.at(*tick), bottom), (x.at(*tick), bottom + 8.0)], palette::INK, 2);
            canvas.text(x.at(*tick), bottom + 28.0, &x.label(*tick), SMALL, Anchor::Middle, palette::MUTED, false);
        }
        x
    }
}

/// Writes the labels in rows that no line crosses: those set leftwards on top, from the right; then those set rightwards, from the left.
fn label_marks(canvas: &Canvas<'_, '_>, text: &Text, marks: &[Mark], x: &Axis, right: f64, bottom: f64) {
    let mut rows: Vec<(bool, f64, String, RGBColor)> = Vec::new();
    for mark in marks {
        let label = format!("{}{}{}", mark.name, text.get(shared::COLON), mark.written);
        let leftwards = x.at(mark.value) + canvas.width(&label, NORMAL) + 16.0 > right;
        rows.push((leftwards, x.at(mark.value), label, mark.colour));
    }
    rows.sort_by(|a, b| b.0.cmp(&a.0).then(if a.0 { b.1.total_cmp(&a.1) } else { a.1.total_cmp(&b.1) }));
    for (row, (_, at, _, colour)) in rows.iter().enumerate() {
        canvas.line(&[(*at, 66.0 + row as f64 * 36.0), (*at, bottom)], *colour, 4);
    }
    for (row, (leftwards, at, label, _)) in rows.iter().enumerate() {
        let (y, width) = (66.0 + row as f64 * 36.0, canvas.width(label, NORMAL));
        let start = if *leftwards { at - 12.0 - width } else { at + 12.0 };
        canvas.rect(start - 4.0, y - 14.0, start + width + 4.0, y + 18.0, palette::PAPER);
        canvas.label(start, y + 2.0, label, Anchor::Start);
    }
}
