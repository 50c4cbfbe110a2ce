//! Draws how often the pool loses more than what: the exceedance curves of the base and the worst scenarios, and what the tiers hold.

use super::canvas::{Anchor, Axis, Canvas, Drawing, NORMAL, SMALL, WIDTH, palette};
use super::{Context, Painter};
use crate::model::part::Words;
use crate::report::facts::ScenarioFacts;
use crate::report::text::number::{self, Scale};
use plotters::style::RGBColor;

pub const PAINTER: Painter = Painter {
    slug: "exceedance",
    section: "results",
    title: Words("Pool loss that is exceeded once in so many horizons", "资金池损失超越概率曲线"),
    draw: drawings,
};

const AXIS_LOSS: Words = Words("Pool loss, {unit}; bands: intervals", "资金池损失（{unit}）；色带为置信区间");
const AXIS_SHARE: Words =
    Words("Horizons, and the share of paths with a larger loss, given the scenario", "重现期及损失更大的路径占比（以情景发生为条件）");
const MARK: Words = Words("1 in {n}", "{n} 期");
const HELD: Words = Words("tier {tier} used up: {value}", "{tier} 层耗尽：{value}");
const ALT: Words =
    Words("Exceedance curves, {unit}; exceeded once in 100 horizons: {values}.", "超越概率曲线，{unit}；百期一遇：{values}。");

const HEIGHT: f64 = 760.0;
/// Where the axis has its marks, in horizons.
const MARKS: [u64; 9] = [2, 5, 10, 20, 50, 100, 200, 500, 1000];
/// The base, then the worst: a colour and a width for each.
const LINES: [(RGBColor, u32); 6] =
    [(palette::MUTED, 4), (palette::NAVY, 6), (palette::BLUE, 4), (palette::AMBER, 4), (palette::SKY, 4), (palette::INK, 3)];
/// Room for the names of scenarios, and between two of them.
const NAMES: f64 = 330.0;
const BETWEEN: f64 = 34.0;

/// A curve as far as enough paths show it: share above, loss, and the ends of its interval.
struct Line {
    name: String,
    points: Vec<[f64; 4]>,
    look: (RGBColor, u32),
}

fn drawings(context: Context<'_>) -> Vec<Drawing<'_>> {
    let text = context.text;
    let shown: Vec<&ScenarioFacts> = context.by_loss().into_iter().filter(|s| !s.exceedance.curve.is_empty()).take(LINES.len()).collect();
    let scale = Scale::of(&text, shown.iter().flat_map(|s| s.exceedance.curve.iter().map(|(_, e)| e.value)));
    let line = |(scenario, look): (&&ScenarioFacts, (RGBColor, u32))| {
        let known = scenario.exceedance.curve.iter().take_while(|(_, e)| e.flag.is_none());
        let point = known.map(|(above, e)| [*above as f64 / 1000.0, e.value, e.ci_low, e.ci_high.unwrap_or(e.value)]);
        let points: Vec<[f64; 4]> =
            point.map(|[share, v, low, high]| [share, v / scale.divisor, low / scale.divisor, high / scale.divisor]).collect();
        (points.len() > 1).then(|| Line { name: context.scenario(&scenario.name), points, look })
    };
    let lines: Vec<Line> = shown.iter().zip(LINES).filter_map(line).collect();
    let most = lines.iter().flat_map(|l| l.points.iter().map(|p| p[3])).fold(0.0, f64::max);
    if most <= 0.0 {
        return Vec::new();
    }
    let (mut held, mut sum) = (Vec::new(), 0.0);
    for tier in context.facts.snapshot.in_loss_order().into_iter().filter(|tier| tier.capital > 0.0) {
        sum += tier.capital / scale.divisor;
        if sum <= most {
            let value = number::grouped(sum, number::decimals_for_value(sum, 3));
            held.push((sum, text.fill(HELD, &[("tier", &tier.name), ("value", &value)])));
        }
    }
    let unit = text.fill(AXIS_LOSS, &[("unit", &context.unit(scale))]);
    let rare = |s: &&ScenarioFacts| {
        let (_, loss) = s.exceedance.periods().find(|(n, _)| *n == 100)?;
        Some(format!("{} {}", context.scenario(&s.name), number::estimate(&text, loss, scale).full()))
    };
    let values: Vec<String> = shown.iter().filter_map(rare).collect();
    let alt = text.fill(ALT, &[("unit", &context.unit(scale)), ("values", &text.list(&values))]);
    let paint = move |canvas: &Canvas<'_, '_>| paint(canvas, &context, &lines, &held, &unit);
    vec![Drawing { slug: PAINTER.slug.into(), title: text.get(PAINTER.title).into(), alt, height: HEIGHT as i32, paint: Box::new(paint) }]
}

fn paint(canvas: &Canvas<'_, '_>, context: &Context<'_>, lines: &[Line], held: &[(f64, String)], unit: &str) {
    let text = &context.text;
    let (top, bottom) = (62.0, HEIGHT - 128.0);
    let values = || lines.iter().flat_map(|l| l.points.iter());
    let (low, high) = (values().map(|p| p[2]).fold(0.0, f64::min), values().map(|p| p[3]).fold(0.0, f64::max));
    let y = Axis::new(low, high, bottom, top, 6);
    let left = 40.0 + y.ticks.iter().map(|t| canvas.width(&y.label(*t), SMALL)).fold(0.0, f64::max) + 20.0;
    let right = f64::from(WIDTH) - 40.0 - NAMES;
    let decades = libm::log10(MARKS[MARKS.len() - 1] as f64 / MARKS[0] as f64);
    let x = |share: f64| left + libm::log10(1.0 / (share * MARKS[0] as f64)) / decades * (right - left);
    canvas.text(40.0, 24.0, unit, SMALL, Anchor::Start, palette::MUTED, false);
    canvas.rules(&y, (left, right), 14.0, "");
    for mark in MARKS {
        let (at, share) = (x(1.0 / mark as f64), 100.0 / mark as f64);
        canvas.line(&[(at, top), (at, bottom + 8.0)], palette::GRID, 2);
        canvas.text(at, bottom + 28.0, &text.fill(MARK, &[("n", &number::count(mark))]), SMALL, Anchor::Middle, palette::INK, false);
        canvas.text(at, bottom + 60.0, &format!("{}%", number::plain(share)), SMALL, Anchor::Middle, palette::MUTED, false);
    }
    canvas.text((left + right) / 2.0, bottom + 100.0, text.get(AXIS_SHARE), SMALL, Anchor::Middle, palette::MUTED, false);
    for line in lines {
        let upper = line.points.iter().map(|p| (x(p[0]), y.at(p[3])));
        let lower = line.points.iter().rev().map(|p| (x(p[0]), y.at(p[2])));
        canvas.polygon(&upper.chain(lower).collect::<Vec<_>>(), palette::PALE);
    }
    for (value, said) in held {
        canvas.dashed((left, y.at(*value)), (right, y.at(*value)), palette::ALARM, 3);
        let width = canvas.width(said, SMALL);
        canvas.rect(left + 10.0, y.at(*value) - 34.0, left + 18.0 + width, y.at(*value) - 6.0, palette::PAPER);
        canvas.text(left + 14.0, y.at(*value) - 20.0, said, SMALL, Anchor::Start, palette::ALARM, true);
    }
    for line in lines {
        canvas.line(&line.points.iter().map(|p| (x(p[0]), y.at(p[1]))).collect::<Vec<_>>(), line.look.0, line.look.1);
    }
    canvas.line(&[(left, bottom), (right, bottom)], palette::INK, 2);
    for (line, point) in lines.iter().flat_map(|line| line.points.iter().map(move |point| (line, point))) {
        let [share, loss, low, high] = *point;
        let [loss, low, high] = [loss, low, high].map(|value| number::grouped(value, number::decimals_for_value(value, 3)));
        let (at, level) = (x(share), y.at(point[1]));
        let says = format!("{} · {}% · {loss} ({low}–{high})", line.name, number::plain(share * 100.0));
        canvas.tip([at - 14.0, level - 14.0, at + 14.0, level + 14.0], says);
    }
    names(canvas, lines, &y, (right, bottom), &x);
}

/// The name of each line at its end, one above the other, with a thread to it where it had to give way.
fn names(canvas: &Canvas<'_, '_>, lines: &[Line], y: &Axis, (right, bottom): (f64, f64), x: &dyn Fn(f64) -> f64) {
    let mut ends: Vec<(f64, f64, &Line)> =
        (lines.iter()).filter_map(|line| line.points.last().map(|p| (y.at(p[1]), x(p[0]), line))).collect();
    ends.sort_by(|a, b| b.0.total_cmp(&a.0));
    // up from the lowest, and down again where the highest would leave the sheet
    let mut places: Vec<f64> = Vec::new();
    for (at, _, _) in &ends {
        places.push(at.min(places.last().map_or(bottom - 10.0, |below| below - BETWEEN)));
    }
    let mut highest = 20.0;
    for place in places.iter_mut().rev() {
        *place = place.max(highest);
        highest = *place + BETWEEN;
    }
    for ((at, from, line), place) in ends.into_iter().zip(places) {
        let start = right + 34.0;
        // dashed: beyond its end a curve is not known
        canvas.dashed((from, at), (right + 4.0, at), line.look.0, 2);
        canvas.line(&[(right + 4.0, at), (start - 6.0, place)], line.look.0, 2);
        let name = canvas.fitted(&line.name, NORMAL, NAMES - 40.0);
        canvas.text(start, place, &name, NORMAL, Anchor::Start, line.look.0, line.look.1 > 4);
    }
}
