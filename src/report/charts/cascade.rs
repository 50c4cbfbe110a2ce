//! Shows how the mean pool loss of one scenario builds up, part by part of the answer to its own losses: a waterfall.

use super::bars::{FOOT, ROW};
use super::canvas::{Anchor, Axis, Canvas, Drawing, NORMAL, SMALL, WIDTH, palette};
use super::{Context, Painter};
use crate::model::part::Words;
use crate::report::facts::ScenarioFacts;
use crate::report::text::number::{self, Scale};
use crate::report::text::{Text, shared};
use plotters::style::RGBColor;

pub const PAINTER: Painter = Painter {
    slug: "contagion-cascade",
    section: "liquidity",
    title: Words("How the mean pool loss builds up: {scenario}", "资金池平均损失的逐项累积：{scenario}"),
    draw: drawings,
};

const CASCADE_RISE: Words = Words("raises the loss", "增加损失");
const CASCADE_FALL: Words = Words("lowers the loss", "减少损失");
const CASCADE_WHOLE: Words = Words("all together", "合计");

/// Parts in the order they are switched on, with their words.
const PARTS: [(&str, Words); 4] = [
    ("impact", shared::HEAD_WITH_IMPACT),
    ("margin_spiral", shared::HEAD_MARGIN_SPIRAL),
    ("client_stress", shared::HEAD_CLIENT_STRESS),
    ("run", shared::HEAD_RUN),
];

/// One step of the waterfall: from where to where, and the figure as written.
struct Step {
    label: String,
    from: f64,
    to: f64,
    written: String,
    /// Stands on zero: the loss without feedback, and the whole.
    whole: bool,
}

impl Step {
    fn colour(&self) -> RGBColor {
        let part = if self.to >= self.from { palette::ALARM } else { palette::SKY };
        if self.whole { palette::NAVY } else { part }
    }
}

/// The scenario whose answer adds most to its loss, and the steps to it; nothing where no scenario was taken apart.
fn drawings(context: Context<'_>) -> Vec<Drawing<'_>> {
    let gain = |s: &ScenarioFacts| {
        let part = PARTS.iter().any(|(part, _)| s.measures.contains_key(&format!("contagion.{part}.added.mean")));
        let silent = s.measures.get("contagion.no_feedback.pool_loss.mean").filter(|_| part)?;
        Some(s.measures.get("pool_loss.mean")?.value - silent.value)
    };
    let mut most: Option<(&ScenarioFacts, f64)> = None;
    for scenario in &context.facts.scenarios {
        if let Some(gain) = gain(scenario).filter(|gain| most.is_none_or(|(_, found)| *gain > found)) {
            most = Some((scenario, gain));
        }
    }
    let Some((scenario, _)) = most.filter(|(_, gain)| *gain > 0.0) else { return Vec::new() };
    let scale = Scale::of(&context.text, scenario.measures.get("pool_loss.mean").map(|e| e.value));
    let steps = steps(&context, scenario, scale);
    let text = context.text;
    let title = text.fill(PAINTER.title, &[("scenario", &context.scenario(&scenario.name))]);
    let axis = text.fill(shared::AXIS_MEAN_LOSS, &[("unit", &context.unit(scale))]);
    let stated: Vec<String> = steps.iter().map(|step| format!("{} {}", step.label, step.written)).collect();
    let alt = text.fill(shared::ALT_BARS, &[("title", &title), ("unit", &axis), ("values", &text.list(&stated))]);
    let height = (44.0 + steps.len() as f64 * ROW + FOOT) as i32;
    let paint = move |canvas: &Canvas<'_, '_>| paint(canvas, &text, &steps, &axis);
    vec![Drawing { slug: PAINTER.slug.into(), title, alt, height, paint: Box::new(paint) }]
}

fn steps(context: &Context<'_>, scenario: &ScenarioFacts, scale: Scale) -> Vec<Step> {
    let text = &context.text;
    let measure = |key: &str| scenario.measures.get(key);
    let whole = |label: Words, key: &str| {
        measure(key).map(|e| Step {
            label: text.get(label).into(),
            from: 0.0,
            to: e.value / scale.divisor,
            written: number::estimate(text, e, scale).full(),
            whole: true,
        })
    };
    let mut steps: Vec<Step> = whole(shared::CASCADE_SILENT, "contagion.no_feedback.pool_loss.mean").into_iter().collect();
    for (part, word) in PARTS {
        let Some(added) = measure(&format!("contagion.{part}.added.mean")) else { continue };
        let from = steps.last().map_or(0.0, |step| step.to);
        let written = number::signed(&number::estimate(text, added, scale).full());
        steps.push(Step { label: text.get(word).into(), from, to: from + added.value / scale.divisor, written, whole: false });
    }
    steps.extend(whole(CASCADE_WHOLE, "pool_loss.mean"));
    steps
}

/// Says which colour raises the loss and which lowers it; only the ones drawn.
fn legend(canvas: &Canvas<'_, '_>, text: &Text, steps: &[Step], left: f64, y: f64) {
    let mut x = left;
    for (colour, word) in [(palette::ALARM, CASCADE_RISE), (palette::SKY, CASCADE_FALL)] {
        if !steps.iter().any(|step| step.colour() == colour) {
            continue;
        }
        canvas.rect(x, y - 12.0, x + 40.0, y + 12.0, colour);
        canvas.text(x + 52.0, y, text.get(word), SMALL, Anchor::Start, palette::INK, false);
        x += 52.0 + canvas.width(text.get(word), SMALL) + 44.0;
    }
}

fn paint(canvas: &Canvas<'_, '_>, text: &Text, steps: &[Step], axis_title: &str) {
    let widest = |f: &dyn Fn(&Step) -> f64| steps.iter().map(f).fold(0.0, f64::max);
    let (left, right) = (40.0, f64::from(WIDTH) - 40.0);
    let label_room = widest(&|s| canvas.width(&s.label, NORMAL)).min((right - left) * 0.30);
    let figure_room = widest(&|s| canvas.width(&s.written, NORMAL));
    let (from, to) = (left + label_room + 18.0, right - figure_room - 28.0);
    let low = steps.iter().map(|s| s.from.min(s.to)).fold(0.0, f64::min);
    let high = widest(&|s| s.from.max(s.to));
    let axis = Axis::new(low, high, from, to, 6);
    let (top, bottom) = (16.0, 16.0 + steps.len() as f64 * ROW);
    for tick in &axis.ticks {
        let x = axis.at(*tick);
        canvas.line(&[(x, top), (x, bottom)], palette::GRID, 2);
        canvas.text(x, bottom + 24.0, &axis.label(*tick), SMALL, Anchor::Middle, palette::MUTED, false);
    }
    for (row, step) in steps.iter().enumerate() {
        let middle = top + (row as f64 + 0.5) * ROW;
        for (k, line) in canvas.two_lines(&step.label, NORMAL, label_room).iter().enumerate() {
            canvas.label(from - 18.0, middle + k as f64 * 28.0, line, Anchor::End);
        }
        let (a, b) = (axis.at(step.from), axis.at(step.to));
        let colour = step.colour();
        canvas.rect(a.min(b), middle - 17.0, a.max(b).max(a.min(b) + 2.0), middle + 17.0, colour);
        // a thin line carries the level to the next step
        if row + 1 < steps.len() {
            canvas.line(&[(b, middle + 17.0), (b, middle + ROW - 17.0)], palette::MUTED, 2);
        }
        canvas.label(right, middle, &step.written, Anchor::End);
    }
    let zero = axis.at(0.0);
    canvas.line(&[(zero, top), (zero, bottom)], palette::INK, 2);
    canvas.text((from + to) / 2.0, bottom + 62.0, axis_title, SMALL, Anchor::Middle, palette::MUTED, false);
    legend(canvas, text, steps, left, bottom + FOOT + 4.0);
}
