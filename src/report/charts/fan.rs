//! Shows the pool's value over the horizon as bands of quantiles, base and worst scenario side by side on one scale.

use super::canvas::{Anchor, Axis, Canvas, Drawing, NORMAL, SMALL, WIDTH, palette};
use super::{Context, Painter};
use crate::measures::Estimate;
use crate::measures::shapes::FanQuantiles;
use crate::model::part::Words;
use crate::report::facts::ScenarioFacts;
use crate::report::text::number::{self, Scale};
use crate::report::text::shared;
use plotters::style::RGBColor;

pub const PAINTER: Painter = Painter {
    slug: "pool-value-fan",
    section: "results",
    title: Words("Value of the pool over the horizon", "期限内资金池价值"),
    draw: drawings,
};

const AXIS_POOL_VALUE: Words = Words("Pool value, {unit} (scale does not start at zero)", "资金池价值（{unit}；纵轴不从零起）");
const LEGEND_MEDIAN: Words = Words("median", "中位数");
const FAN_PATHS: Words = Words("quantiles over {paths} paths", "{paths} 条路径的分位数");
const LEGEND_BAND: Words = Words("{low} to {high}", "{low} 至 {high}");
const ALT_FAN: Words = Words("Fan chart of the pool's value. At the end: {values}.", "资金池价值扇形图。期末：{values}。");
const ALT_FAN_SCENARIO: Words = Words("{scenario} median {middle}, lowest 1% below {low}", "{scenario}中位数 {middle}，最低 1% 低于 {low}");

const HEIGHT: f64 = 660.0;
/// Bands from the outermost in: levels, and the shade between them.
const BANDS: [(f64, f64, RGBColor); 3] = [(0.01, 0.99, palette::PALE), (0.05, 0.95, palette::SKY), (0.25, 0.75, palette::BLUE)];

fn drawings(context: Context<'_>) -> Vec<Drawing<'_>> {
    let mut shown: Vec<&ScenarioFacts> = Vec::new();
    for scenario in context.facts.scenarios.first().into_iter().chain(context.worst()) {
        let drawable = scenario.fan.value.len() == scenario.fan.levels.len() && scenario.fan.value.iter().all(|q| q.len() > 1);
        if drawable && !scenario.fan.value.is_empty() && shown.iter().all(|s| s.name != scenario.name) {
            shown.push(scenario);
        }
    }
    if shown.is_empty() {
        return Vec::new();
    }
    let text = context.text;
    let values = || shown.iter().flat_map(|s| s.fan.value.iter().flatten().copied());
    let scale = Scale::of(&text, values());
    let stated: Vec<String> = (shown.iter())
        .map(|s| {
            let written =
                |level| end(&s.fan, level).map_or(text.get(shared::NOT_AVAILABLE).into(), |e| number::estimate(&text, e, scale).value);
            let written = |level| scale.in_text(&text, context.currency(), &written(level));
            text.fill(ALT_FAN_SCENARIO, &[("scenario", &context.scenario(&s.name)), ("low", &written(0.01)), ("middle", &written(0.5))])
        })
        .collect();
    let alt = text.fill(ALT_FAN, &[("values", &stated.join(text.get(shared::SEMICOLON)))]);
    let title = text.get(PAINTER.title).to_string();
    let paint = move |canvas: &Canvas<'_, '_>| paint(canvas, &context, &shown, scale);
    vec![Drawing { slug: PAINTER.slug.into(), title, alt, height: HEIGHT as i32, paint: Box::new(paint) }]
}

fn line(fan: &FanQuantiles, level: f64) -> Option<&Vec<f64>> {
    let at = fan.levels.iter().position(|l| (l - level).abs() < 1e-9)?;
    fan.value.get(at)
}

/// The quantile of a level at the last day.
fn end(fan: &FanQuantiles, level: f64) -> Option<&Estimate> {
    let at = fan.levels.iter().position(|l| (l - level).abs() < 1e-9)?;
    fan.end.get(at)
}

/// A band is drawn where both its edges rest on enough paths.
fn is_known(fan: &FanQuantiles, (lower, upper, _): &(f64, f64, RGBColor)) -> bool {
    fan.paths > 1 && [lower, upper].iter().all(|level| end(fan, **level).is_some_and(|e| e.flag.is_none()))
}

fn paint(canvas: &Canvas<'_, '_>, context: &Context<'_>, shown: &[&ScenarioFacts], scale: Scale) {
    let values = || shown.iter().flat_map(|s| s.fan.value.iter().flatten().map(|v| v / scale.divisor));
    let (low, high) = values().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    let (top, bottom) = (96.0, HEIGHT - 140.0);
    let y = Axis::new(low, high, bottom, top, 5);
    let left = 40.0 + y.ticks.iter().map(|t| canvas.width(&y.label(*t), SMALL)).fold(0.0, f64::max) + 20.0;
    let gap = 60.0;
    let width = (f64::from(WIDTH) - 40.0 - left - gap * (shown.len() - 1) as f64) / shown.len() as f64;
    for tick in &y.ticks {
        canvas.text(left - 14.0, y.at(*tick), &y.label(*tick), SMALL, Anchor::End, palette::MUTED, false);
    }
    let least = shown.iter().map(|s| s.fan.paths).filter(|paths| *paths > 1).min();
    let over = least.map(|paths| context.text.fill(FAN_PATHS, &[("paths", &number::count(paths))]));
    let axis = context.text.fill(AXIS_POOL_VALUE, &[("unit", &context.unit(scale))]);
    let axis = [Some(axis), over].into_iter().flatten().collect::<Vec<_>>().join("  ·  ");
    canvas.text(40.0, 22.0, &axis, SMALL, Anchor::Start, palette::MUTED, false);
    for (panel, scenario) in shown.iter().enumerate() {
        let from = left + panel as f64 * (width + gap);
        paint_panel(canvas, context, scenario, scale, &y, (from, from + width, top, bottom));
    }
    legend(canvas, context, shown, left, HEIGHT - 28.0);
}

fn paint_panel(
    canvas: &Canvas<'_, '_>,
    context: &Context<'_>,
    scenario: &ScenarioFacts,
    scale: Scale,
    y: &Axis,
    frame: (f64, f64, f64, f64),
) {
    let (left, right, top, bottom) = frame;
    let name = canvas.fitted(&context.scenario(&scenario.name), NORMAL, right - left);
    canvas.text(left, top - 28.0, &name, NORMAL, Anchor::Start, palette::INK, true);
    for tick in &y.ticks {
        canvas.line(&[(left, y.at(*tick)), (right, y.at(*tick))], palette::GRID, 2);
    }
    let days = scenario.fan.value[0].len() - 1;
    let x = Axis::exact(0.0, days as f64, left, right, 5);
    let points = |values: &Vec<f64>| -> Vec<(f64, f64)> {
        values.iter().enumerate().map(|(day, v)| (x.at(day as f64), y.at(v / scale.divisor))).collect()
    };
    for (lower, upper, colour) in BANDS.into_iter().filter(|band| is_known(&scenario.fan, band)) {
        if let (Some(lower), Some(upper)) = (line(&scenario.fan, lower), line(&scenario.fan, upper)) {
            let mut outline = points(upper);
            outline.extend(points(lower).into_iter().rev());
            canvas.polygon(&outline, colour);
        }
    }
    if let Some(median) = line(&scenario.fan, 0.5) {
        canvas.line(&points(median), palette::NAVY, 5);
    }
    canvas.line(&[(left, bottom), (right, bottom)], palette::INK, 2);
    for tick in x.ticks.iter().filter(|t| t.fract() == 0.0) {
        canvas.line(&[(x.at(*tick), bottom), (x.at(*tick), bottom + 8.0)], palette::INK, 2);
        canvas.text(x.at(*tick), bottom + 28.0, &format!("{tick:.0}"), SMALL, Anchor::Middle, palette::MUTED, false);
    }
    canvas.text((left + right) / 2.0, bottom + 62.0, context.text.get(shared::AXIS_DAYS), SMALL, Anchor::Middle, palette::MUTED, false);
}

fn legend(canvas: &Canvas<'_, '_>, context: &Context<'_>, shown: &[&ScenarioFacts], left: f64, y: f64) {
    let mut x = left;
    let median = context.text.get(LEGEND_MEDIAN);
    canvas.line(&[(x, y), (x + 40.0, y)], palette::NAVY, 5);
    canvas.text(x + 52.0, y, median, SMALL, Anchor::Start, palette::INK, false);
    x += 52.0 + canvas.width(median, SMALL) + 44.0;
    for (lower, upper, colour) in BANDS.iter().rev().filter(|band| shown.iter().any(|s| is_known(&s.fan, band))) {
        let label =
            context.text.fill(LEGEND_BAND, &[("low", &format!("{:.0}%", lower * 100.0)), ("high", &format!("{:.0}%", upper * 100.0))]);
        canvas.rect(x, y - 12.0, x + 40.0, y + 12.0, *colour);
        canvas.text(x + 52.0, y, &label, SMALL, Anchor::Start, palette::INK, false);
        x += 52.0 + canvas.width(&label, SMALL) + 44.0;
    }
}
