//! Shows where each tier begins and ends to lose, and how often the worst scenario touches and exhausts it.

use super::bars::{FOOT, ROW};
use super::canvas::{Anchor, Axis, Canvas, Drawing, NORMAL, SMALL, WIDTH, palette};
use super::{Context, Painter};
use crate::model::part::Words;
use crate::report::text::number::{self, Scale};
use crate::report::text::shared;

pub const PAINTER: Painter = Painter {
    slug: "tier-attachment",
    section: "pool",
    title: Words("Where each tier attaches, and how often it is touched: {scenario}", "各层的起赔点与受损概率：{scenario}"),
    draw: drawings,
};

const AXIS_LOSS: Words = Words("pool loss, {unit}", "资金池损失（{unit}）");
const RANGE: Words = Words("Tier {tier}, losses from {from} to {to}", "{tier} 层，损失 {from} 至 {to}");
const TOUCHED: Words = Words("touched {hit}, exhausted {gone}", "受损 {hit}，耗尽 {gone}");
const ALT_ATTACHMENT: Words = Words("Tiers from the first loss up, {unit}: {values}.", "自首个损失起的各层，{unit}：{values}。");

/// How far the axis goes, in times the largest loss marked.
const SHOWN: f64 = 1.5;
/// Room above the bars for the marks of the loss.
const HEAD: f64 = 96.0;

struct Tier {
    name: String,
    from: f64,
    to: f64,
    written: String,
}

fn drawings(context: Context<'_>) -> Vec<Drawing<'_>> {
    let text = context.text;
    let Some(worst) = context.worst() else { return Vec::new() };
    let order: Vec<_> = context.facts.snapshot.in_loss_order().into_iter().filter(|t| t.capital > 0.0).collect();
    let whole: f64 = order.iter().map(|t| t.capital).sum();
    let scale = Scale::of(&text, [whole]);
    let mut from = 0.0;
    let mut tiers = Vec::new();
    for tier in order {
        let share = |key: &str| {
            let estimate = worst.measures.get(&format!("tier.{}.{key}", tier.name));
            estimate.map_or(text.get(shared::NOT_AVAILABLE).to_string(), |e| number::estimate(&text, e, Scale::ONE).full())
        };
        let money = |value: f64| number::grouped(value / scale.divisor, number::decimals_for_value(value / scale.divisor, 3));
        let (attaches, ends) = (money(from), money(from + tier.capital));
        let name = text.fill(RANGE, &[("tier", &tier.name), ("from", &attaches), ("to", &ends)]);
        let (hit, gone) = (share("hit_probability"), share("exhausted_probability"));
        let values = [("hit", hit.as_str()), ("gone", gone.as_str())];
        let written = text.fill(TOUCHED, &values);
        tiers.push(Tier { name, from: from / scale.divisor, to: (from + tier.capital) / scale.divisor, written });
        from += tier.capital;
    }
    if tiers.is_empty() {
        return Vec::new();
    }
    let marks: Vec<(String, f64)> =
        [("pool_loss.mean", shared::HEAD_MEAN), ("pool_loss.var_99", shared::HEAD_VAR), ("pool_loss.es_99", shared::HEAD_ES)]
            .into_iter()
            .filter_map(|(key, word)| Some((word, worst.measures.get(key).filter(|e| e.value > 0.0)?)))
            .map(|(word, e)| (format!("{} {}", text.get(word), number::estimate(&text, e, scale).value), e.value / scale.divisor))
            .collect();
    let title = text.fill(PAINTER.title, &[("scenario", &context.scenario(&worst.name))]);
    let axis = text.fill(AXIS_LOSS, &[("unit", &context.unit(scale))]);
    let plain = |t: &Tier| format!("{} {}–{}: {}", t.name, number::plain(t.from), number::plain(t.to), t.written);
    let stated: Vec<String> = tiers.iter().map(plain).collect();
    let alt = text.fill(ALT_ATTACHMENT, &[("unit", &axis), ("values", &text.list(&stated))]);
    let height = HEAD + tiers.len() as f64 * ROW + FOOT;
    let paint = move |canvas: &Canvas<'_, '_>| paint(canvas, &tiers, &marks, &axis);
    vec![Drawing { slug: PAINTER.slug.into(), title, alt, height: height as i32, paint: Box::new(paint) }]
}

fn paint(canvas: &Canvas<'_, '_>, tiers: &[Tier], marks: &[(String, f64)], axis_title: &str) {
    let top = HEAD;
    let room = tiers.iter().map(|t| canvas.width(&t.written, SMALL).max(canvas.width(&t.name, NORMAL))).fold(0.0, f64::max).min(620.0);
    let (left, right) = (40.0 + room + 24.0, f64::from(WIDTH) - 60.0);
    // as far as losses go, and a little beyond: a tier that ends further right is cut, its name says where
    let (whole, furthest) = (tiers.iter().map(|t| t.to).fold(0.0, f64::max), marks.iter().map(|m| m.1).fold(tiers[0].to, f64::max));
    let axis = Axis::exact(0.0, whole.min(furthest * SHOWN), left, right, 6);
    let end = whole.min(furthest * SHOWN);
    let bottom = top + tiers.len() as f64 * ROW;
    for tick in &axis.ticks {
        canvas.line(&[(axis.at(*tick), top), (axis.at(*tick), bottom)], palette::GRID, 2);
        canvas.text(axis.at(*tick), bottom + 24.0, &axis.label(*tick), SMALL, Anchor::Middle, palette::MUTED, false);
    }
    for (at, tier) in tiers.iter().enumerate() {
        // the first to lose stands lowest
        let middle = bottom - (at as f64 + 0.5) * ROW;
        canvas.label(40.0, middle - 13.0, &canvas.fitted(&tier.name, NORMAL, room), Anchor::Start);
        canvas.text(40.0, middle + 15.0, &canvas.fitted(&tier.written, SMALL, room), SMALL, Anchor::Start, palette::MUTED, false);
        let colour = palette::TIERS[at.min(palette::TIERS.len() - 1)];
        let (from, to) = (axis.at(tier.from.min(end)), axis.at(tier.to.min(end)));
        if tier.from < end {
            canvas.rect(from, middle - 20.0, to, middle + 20.0, colour);
        }
        if tier.to > end {
            canvas.polygon(&[(to, middle - 20.0), (to + 24.0, middle), (to, middle + 20.0)], colour);
        }
    }
    for (place, (name, value)) in marks.iter().enumerate() {
        let (x, y) = (axis.at(*value), 14.0 + place as f64 * 26.0);
        canvas.dashed((x, y + 10.0), (x, bottom), palette::ALARM, 3);
        let fits = x + 8.0 + canvas.width(name, SMALL) <= f64::from(WIDTH) - 20.0;
        let (at, anchor) = if fits { (x + 8.0, Anchor::Start) } else { (x - 8.0, Anchor::End) };
        canvas.text(at, y, name, SMALL, anchor, palette::ALARM, false);
    }
    canvas.line(&[(left, top), (left, bottom)], palette::INK, 2);
    canvas.text((left + right) / 2.0, bottom + 62.0, axis_title, SMALL, Anchor::Middle, palette::MUTED, false);
}
