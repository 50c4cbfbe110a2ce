//! Shows the book's sales session by session, with and without feedback, for the scenario that sells most.

use super::canvas::{Anchor, Axis, Canvas, Drawing, SMALL, WIDTH, palette};
use super::{Context, Painter};
use crate::measures::Estimate;
use crate::model::part::Words;
use crate::report::facts::ScenarioFacts;
use crate::report::text::number::{self, Scale};
use crate::report::text::shared;

pub const PAINTER: Painter = Painter {
    slug: "sales-by-session",
    section: "liquidity",
    title: Words("Sales of the book by session: {scenario}", "账簿逐日卖出额：{scenario}"),
    draw: drawings,
};

const AXIS_SALES: Words = Words("Mean sales of a session, {unit}", "每交易日平均卖出额（{unit}）");
const ALT_SALES: Words = Words("most on session {day}, {most}", "第 {day} 个交易日最多，{most}");
const LEGEND_SILENT: Words = Words("{name} (standard error {error} at most)", "{name}（标准误至多 {error}）");
const LEGEND_SALES: Words = Words("sales, forced and ahead of a line", "卖出额（强制平仓与提前减仓）");

const HEIGHT: f64 = 520.0;

/// Bars by session for the scenario, marks for the same without feedback; nothing where nothing is sold.
fn drawings(context: Context<'_>) -> Vec<Drawing<'_>> {
    let total = |s: &ScenarioFacts| s.sales_by_day[0].iter().fold(0.0, |sum, e| sum + e.value);
    let mut most: Option<&ScenarioFacts> = None;
    for scenario in context.facts.scenarios.iter().filter(|s| total(s) > 0.0) {
        if most.is_none_or(|found| total(scenario) > total(found)) {
            most = Some(scenario);
        }
    }
    let Some(scenario) = most else { return Vec::new() };
    let text = context.text;
    let [with, without] = &scenario.sales_by_day;
    let scale = Scale::of(&text, with.iter().map(|e| e.value));
    let title = text.fill(PAINTER.title, &[("scenario", &context.scenario(&scenario.name))]);
    let axis = text.fill(AXIS_SALES, &[("unit", &context.unit(scale))]);
    let largest = (0..with.len()).fold(0, |top, day| if with[day].value > with[top].value { day } else { top });
    let written = scale.in_text(&text, context.currency(), &number::estimate(&text, &with[largest], scale).value);
    let stated = text.fill(ALT_SALES, &[("day", &(largest + 1).to_string()), ("most", &written)]);
    let alt = text.fill(shared::ALT_BARS, &[("title", &title), ("unit", &axis), ("values", &stated)]);
    let paint = move |canvas: &Canvas<'_, '_>| paint(canvas, &context, with, without, scale, &axis);
    vec![Drawing { slug: PAINTER.slug.into(), title, alt, height: HEIGHT as i32, paint: Box::new(paint) }]
}

fn paint(canvas: &Canvas<'_, '_>, context: &Context<'_>, with: &[Estimate], without: &[Estimate], scale: Scale, axis_title: &str) {
    let text = &context.text;
    let values = || with.iter().chain(without).map(|e| e.ci_high.unwrap_or(e.value).max(e.value) / scale.divisor);
    let (top, bottom) = (60.0, HEIGHT - 130.0);
    let y = Axis::new(0.0, values().fold(0.0, f64::max), bottom, top, 4);
    let left = 40.0 + y.ticks.iter().map(|t| canvas.width(&y.label(*t), SMALL)).fold(0.0, f64::max) + 20.0;
    let right = f64::from(WIDTH) - 40.0;
    canvas.text(40.0, 22.0, axis_title, SMALL, Anchor::Start, palette::MUTED, false);
    canvas.rules(&y, (left, right), 14.0, "");
    // session k stands between k − ½ and k + ½
    let x = Axis::exact(0.5, with.len() as f64 + 0.5, left, right, 8);
    let half = (x.at(1.0) - x.at(0.5)) * 0.7;
    for (day, sold) in with.iter().enumerate() {
        let middle = x.at(day as f64 + 1.0);
        let written = number::estimate(text, sold, scale).full();
        canvas.tip([middle - half * 1.4, top, middle + half * 1.4, bottom], format!("{} · {written}", day + 1));
        canvas.rect(middle - half, y.at(sold.value / scale.divisor), middle + half, bottom, palette::BLUE);
    }
    // a mark for each session: a line between them would show sales where there are none
    for (day, sold) in without.iter().enumerate() {
        let (middle, level) = (x.at(day as f64 + 1.0), y.at(sold.value / scale.divisor));
        canvas.line(&[(middle - half * 1.25, level), (middle + half * 1.25, level)], palette::ALARM, 5);
    }
    for (day, sold) in with.iter().enumerate().filter(|(_, sold)| sold.std_error > 0.0) {
        let high = sold.ci_high.unwrap_or(sold.value);
        whisker(canvas, x.at(day as f64 + 1.0), y.at(sold.ci_low / scale.divisor), y.at(high / scale.divisor));
    }
    canvas.line(&[(left, bottom), (right, bottom)], palette::INK, 2);
    for tick in x.ticks.iter().filter(|t| t.fract() == 0.0 && **t >= 1.0) {
        canvas.text(x.at(*tick), bottom + 26.0, &format!("{tick:.0}"), SMALL, Anchor::Middle, palette::MUTED, false);
    }
    canvas.text((left + right) / 2.0, bottom + 58.0, text.get(shared::AXIS_DAYS), SMALL, Anchor::Middle, palette::MUTED, false);
    // there is no room for an error at every mark: the largest stands beside its name
    let largest =
        without.iter().fold(0.0_f64, |largest, e| if e.std_error.is_finite() { largest.max(e.std_error) } else { largest }) / scale.divisor;
    let error = (largest > 0.0).then(|| number::grouped(largest, number::decimals_for_error(largest)));
    let name = context.text.get(shared::CASCADE_SILENT).to_string();
    let name = error.map_or(name.clone(), |error| text.fill(LEGEND_SILENT, &[("name", &name), ("error", &error)]));
    legend(canvas, context, left, HEIGHT - 26.0, (!without.is_empty()).then_some(name.as_str()));
}

/// The interval of one bar, light below dark so that it shows on the bar; none where it is no taller than its own line.
fn whisker(canvas: &Canvas<'_, '_>, x: f64, low: f64, high: f64) {
    if low - high > 3.0 {
        canvas.line(&[(x, low), (x, high)], palette::PAPER, 8);
        canvas.line(&[(x, low), (x, high)], palette::INK, 3);
    }
}

fn legend(canvas: &Canvas<'_, '_>, context: &Context<'_>, left: f64, y: f64, silent: Option<&str>) {
    let sales = context.text.get(LEGEND_SALES);
    canvas.rect(left, y - 12.0, left + 40.0, y + 12.0, palette::BLUE);
    canvas.text(left + 52.0, y, sales, SMALL, Anchor::Start, palette::INK, false);
    if let Some(silent) = silent {
        let x = left + 52.0 + canvas.width(sales, SMALL) + 44.0;
        canvas.line(&[(x, y), (x + 40.0, y)], palette::ALARM, 5);
        canvas.text(x + 52.0, y, silent, SMALL, Anchor::Start, palette::INK, false);
    }
}
