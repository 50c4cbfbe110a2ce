//! Shows step by step who bore the mean loss of a scenario: the shortfall, what came back, then tier after tier.

use super::bars::{FOOT, ROW};
use super::canvas::{Anchor, Axis, Canvas, Drawing, NORMAL, SMALL, WIDTH, palette};
use super::{Context, Painter, slug};
use crate::model::part::Words;
use crate::report::facts::ScenarioFacts;
use crate::report::text::number::{self, Scale};
use crate::report::text::shared;
use plotters::style::RGBColor;

pub const PAINTER: Painter =
    Painter {
        slug: "loss-waterfall", section: "pool", title: Words("Who bore what: {scenario}", "损失分担：{scenario}"), draw: drawings
    };

const AXIS_MONEY: Words = Words("mean over paths, {unit}", "路径均值（{unit}）");
const STEP_SHORTFALL: Words = Words("Clients' shortfall", "客户穿仓");
const STEP_CUSTODY: Words = Words("Lost with the custodian", "托管损失");
const STEP_RECOURSE: Words = Words("Recovered from clients", "向客户追回");
const ALT_WATERFALL: Words = Words("Waterfall chart, {title}; {unit}: {values}.", "瀑布图，{title}；{unit}：{values}。");

/// One step: it reaches from `from` to `to`.
struct Step {
    name: String,
    from: f64,
    to: f64,
    written: String,
    colour: RGBColor,
}

/// One chart for the base and one for the worst scenario, where anything is lost.
fn drawings(context: Context<'_>) -> Vec<Drawing<'_>> {
    let mut shown: Vec<&ScenarioFacts> = context.facts.scenarios.first().into_iter().collect();
    shown.extend(context.worst().filter(|w| shown.first().is_none_or(|base| base.name != w.name)));
    shown.into_iter().filter_map(|scenario| drawing(context, scenario)).collect()
}

fn drawing<'a>(context: Context<'a>, scenario: &ScenarioFacts) -> Option<Drawing<'a>> {
    let text = context.text;
    let scale = Scale::of(&text, scenario.measures.get("shortfall.mean").map(|e| e.value));
    let steps = steps(&context, scenario, scale)?;
    let title = text.fill(PAINTER.title, &[("scenario", &context.scenario(&scenario.name))]);
    let axis = text.fill(AXIS_MONEY, &[("unit", &context.unit(scale))]);
    let stated: Vec<String> = steps.iter().map(|s| format!("{} {}", s.name, s.written)).collect();
    let alt = text.fill(ALT_WATERFALL, &[("title", &title), ("unit", &axis), ("values", &text.list(&stated))]);
    let height = 24.0 + steps.len() as f64 * ROW + FOOT;
    let paint = move |canvas: &Canvas<'_, '_>| paint(canvas, &steps, &axis);
    Some(Drawing { slug: format!("{}-{}", PAINTER.slug, slug(&scenario.name)), title, alt, height: height as i32, paint: Box::new(paint) })
}

/// Up by what is lost, down by those who bear it; none where nothing is lost.
fn steps(context: &Context<'_>, scenario: &ScenarioFacts, scale: Scale) -> Option<Vec<Step>> {
    let text = context.text;
    let order = context.facts.snapshot.in_loss_order();
    let mut parts: Vec<(String, String, f64, RGBColor)> = vec![
        ("shortfall.mean".into(), text.get(STEP_SHORTFALL).into(), 1.0, palette::ALARM),
        ("custody_loss.mean".into(), text.get(STEP_CUSTODY).into(), 1.0, palette::ALARM),
        ("recourse.mean".into(), text.get(STEP_RECOURSE).into(), -1.0, palette::MUTED),
    ];
    // the shades of the chart that shows who bears the loss
    let tier = |(at, t): (usize, &crate::measures::snapshot::TierSnapshot)| {
        let name = text.fill(shared::TIER_NAMED, &[("tier", &t.name)]);
        (format!("tier.{}.loss.mean", t.name), name, -1.0, palette::TIERS[at.min(palette::TIERS.len() - 1)])
    };
    parts.extend(order.into_iter().enumerate().map(tier));
    parts.push(("unallocated_loss.mean".into(), text.get(shared::BEYOND_TIERS).into(), -1.0, palette::ALARM));
    let (mut level, mut steps) = (0.0, Vec::new());
    for (key, name, sign, colour) in parts {
        let Some(estimate) = scenario.measures.get(&key).filter(|e| e.value.is_finite()) else { continue };
        if estimate.value == 0.0 && key.starts_with("custody") {
            continue;
        }
        let to = level + sign * estimate.value / scale.divisor;
        steps.push(Step { name, from: level, to, written: number::estimate(&text, estimate, scale).full(), colour });
        level = to;
    }
    steps.first().is_some_and(|s| s.to > 0.0).then_some(steps)
}

fn paint(canvas: &Canvas<'_, '_>, steps: &[Step], axis_title: &str) {
    let top = 16.0;
    let label_room = steps.iter().map(|s| canvas.width(&s.name, NORMAL)).fold(0.0, f64::max).min(440.0);
    let figure_room = steps.iter().map(|s| canvas.width(&s.written, NORMAL)).fold(0.0, f64::max);
    let (left, right) = (40.0 + label_room + 18.0, f64::from(WIDTH) - 68.0 - figure_room);
    let most = steps.iter().map(|s| s.from.max(s.to)).fold(0.0, f64::max);
    let axis = Axis::new(0.0, most, left, right, 6);
    let bottom = top + steps.len() as f64 * ROW;
    for tick in &axis.ticks {
        canvas.line(&[(axis.at(*tick), top), (axis.at(*tick), bottom)], palette::GRID, 2);
        canvas.text(axis.at(*tick), bottom + 24.0, &axis.label(*tick), SMALL, Anchor::Middle, palette::MUTED, false);
    }
    for (at, step) in steps.iter().enumerate() {
        let middle = top + (at as f64 + 0.5) * ROW;
        canvas.label(left - 18.0, middle, &canvas.fitted(&step.name, NORMAL, label_room), Anchor::End);
        let (a, b) = (axis.at(step.from.min(step.to).max(0.0)), axis.at(step.from.max(step.to)));
        if b - a >= 1.0 {
            canvas.rect(a, middle - 18.0, b, middle + 18.0, step.colour);
        }
        // where one step ends the next begins: through a step of nothing the line goes on
        if at + 1 < steps.len() {
            let (x, from) = (axis.at(step.to.max(0.0)), if b - a >= 1.0 { 18.0 } else { -18.0 });
            canvas.line(&[(x, middle + from), (x, middle + ROW - 18.0)], palette::MUTED, 2);
        }
        canvas.label(f64::from(WIDTH) - 40.0, middle, &step.written, Anchor::End);
        canvas.tip([40.0, middle - ROW / 2.0, f64::from(WIDTH) - 40.0, middle + ROW / 2.0], format!("{} {}", step.name, step.written));
    }
    canvas.line(&[(left, top), (left, bottom)], palette::INK, 2);
    canvas.text((left + right) / 2.0, bottom + 62.0, axis_title, SMALL, Anchor::Middle, palette::MUTED, false);
}
