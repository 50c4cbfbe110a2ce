//! Shows how the intervals of the figures that shall be exact narrowed as paths were added, on two logarithmic scales.

use super::canvas::{Anchor, Axis, Canvas, Drawing, SMALL, WIDTH, palette};
use super::{Context, Painter};
use crate::model::part::Words;
use crate::report::text::{measure, number, shared};
use crate::study::rounds::{self, Shown};
use plotters::style::RGBColor;

pub const PAINTER: Painter = Painter {
    slug: "convergence",
    section: "precision",
    title: Words("Half-width of the intervals of {figures}, by paths simulated", "{figures} 的区间半宽随路径数的收敛"),
    draw: drawings,
};

const AXIS_WIDTH: Words = Words("half of the interval, share of the figure", "区间半宽占数值之比");
const AXIS_PATHS: Words = Words("paths simulated", "已模拟路径数");
const ASKED: Words = Words("asked for: {width}", "要求：{width}");
const ALT: Words = Words("Line chart, {title}; after the last round: {values}.", "折线图，{title}；末轮：{values}。");

const SHADES: [RGBColor; 4] = [palette::NAVY, palette::BLUE, palette::SKY, palette::MUTED];

/// Height of the chart, more where many lines are named; room for their names, and of a line of them.
const HEIGHT: f64 = 520.0;
const NAMES: f64 = 460.0;
const LINE: f64 = 32.0;

/// One figure's line.
struct Course {
    name: String,
    /// Paths, and half of the interval as a share of the figure.
    points: Vec<(f64, f64)>,
    exact: bool,
}

fn drawings(context: Context<'_>) -> Vec<Drawing<'_>> {
    let text = context.text;
    let (Some(convergence), Some(until)) = (&context.facts.convergence, rounds::asked(context.facts.programme)) else { return Vec::new() };
    let Some(last) = convergence.rounds.last() else { return Vec::new() };
    let several = until.measures.len() > 1;
    let course = |(at, shown): (usize, &Shown)| {
        let of = |round: &rounds::Round| {
            Some((round.paths as f64, round.figures.get(at)?.estimate.relative_half_width().filter(|share| *share > 0.0)?))
        };
        let points: Vec<(f64, f64)> = convergence.rounds.iter().filter_map(of).collect();
        let (_, width) = points.last()?;
        let of = if several { format!("{}{}", text.get(shared::COMMA), measure::name(&text, &shown.measure)) } else { String::new() };
        let name = format!("{} {}{of}", number::percent(*width), context.scenario(&shown.scenario));
        Some(Course { name, points, exact: shown.times_allowed <= 1.0 })
    };
    let courses: Vec<Course> = last.figures.iter().enumerate().filter_map(course).collect();
    if courses.is_empty() {
        return Vec::new();
    }
    let figures: Vec<String> = until.measures.iter().map(|key| measure::name(&text, key)).collect();
    let title = text.fill(PAINTER.title, &[("figures", &text.list(&figures))]);
    let stated: Vec<String> = courses.iter().map(|course| course.name.clone()).collect();
    let alt = text.fill(ALT, &[("title", &title), ("values", &stated.join(text.get(shared::SEMICOLON)))]);
    let asked = until.half_width.get();
    let height = HEIGHT.max(courses.len() as f64 * LINE + 240.0);
    let paint = move |canvas: &Canvas<'_, '_>| paint(canvas, &context, &courses, asked, height);
    vec![Drawing { slug: PAINTER.slug.into(), title, alt, height: height as i32, paint: Box::new(paint) }]
}

/// The round numbers 1, 2 and 5 times powers of ten within a range.
fn round_numbers(low: f64, high: f64) -> Vec<f64> {
    let powers = libm::log10(low).floor() as i32..=libm::log10(high).ceil() as i32;
    // read from its decimal text, so that it is the same everywhere
    let number = |(power, digit): (i32, u32)| format!("{digit}e{power}").parse::<f64>().expect("a number in scientific form");
    let all = powers.flat_map(|power| [1, 2, 5].map(|digit| number((power, digit))));
    all.filter(|number| *number >= low * 0.999 && *number <= high * 1.001).collect()
}

fn paint(canvas: &Canvas<'_, '_>, context: &Context<'_>, courses: &[Course], asked: f64, height: f64) {
    let text = &context.text;
    let points = || courses.iter().flat_map(|course| &course.points);
    let range = |values: &dyn Fn() -> Vec<f64>| {
        let values = values();
        let (low, high) = values.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), value| (low.min(*value), high.max(*value)));
        (low / 1.15, high * 1.15)
    };
    let (few, many) = range(&|| points().map(|point| point.0).collect());
    let (narrow, wide) = range(&|| points().map(|point| point.1).chain([asked]).collect());
    let (top, bottom, left, right) = (64.0, height - 90.0, 130.0, f64::from(WIDTH) - 40.0 - NAMES);
    let x = Axis::exact(libm::log10(few), libm::log10(many), left, right, 5);
    let y = Axis::exact(libm::log10(narrow), libm::log10(wide), bottom, top, 5);
    canvas.text(40.0, 22.0, text.get(AXIS_WIDTH), SMALL, Anchor::Start, palette::MUTED, false);
    for tick in round_numbers(narrow, wide) {
        let at = y.at(libm::log10(tick));
        canvas.line(&[(left, at), (right, at)], palette::GRID, 2);
        canvas.text(left - 14.0, at, &number::line(tick), SMALL, Anchor::End, palette::MUTED, false);
    }
    for tick in round_numbers(few, many) {
        let at = x.at(libm::log10(tick));
        canvas.line(&[(at, bottom), (at, bottom + 8.0)], palette::INK, 2);
        canvas.text(at, bottom + 26.0, &number::count(tick as u64), SMALL, Anchor::Middle, palette::MUTED, false);
    }
    canvas.line(&[(left, bottom), (right, bottom)], palette::INK, 2);
    canvas.text((left + right) / 2.0, bottom + 58.0, text.get(AXIS_PATHS), SMALL, Anchor::Middle, palette::MUTED, false);
    let goal = y.at(libm::log10(asked));
    canvas.dashed((left, goal), (right, goal), palette::INK, 3);
    let told = text.fill(ASKED, &[("width", &number::line(asked))]);
    canvas.text(right - 8.0, goal - 18.0, &told, SMALL, Anchor::End, palette::INK, false);
    let mut named: Vec<(f64, &str, RGBColor)> = Vec::new();
    for (at, course) in courses.iter().enumerate() {
        let colour = if course.exact { SHADES[at % SHADES.len()] } else { palette::ALARM };
        let line: Vec<(f64, f64)> =
            course.points.iter().map(|(paths, width)| (x.at(libm::log10(*paths)), y.at(libm::log10(*width)))).collect();
        if line.len() > 1 {
            canvas.line(&line, colour, 4);
        }
        line.iter().for_each(|(x, y)| canvas.rect(x - 6.0, y - 6.0, x + 6.0, y + 6.0, colour));
        named.extend(line.last().map(|end| (end.1, course.name.as_str(), colour)));
    }
    // names stand at the ends of their lines, one below the other
    named.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut below = f64::NEG_INFINITY;
    for (end, name, colour) in named {
        below = end.max(below + LINE);
        canvas.line(&[(x.at(libm::log10(many / 1.15)) + 10.0, end), (right + 12.0, below)], palette::GRID, 2);
        canvas.rect(right + 14.0, below - 6.0, right + 26.0, below + 6.0, colour);
        canvas.text(right + 36.0, below, &canvas.fitted(name, SMALL, NAMES - 40.0), SMALL, Anchor::Start, palette::INK, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_of_a_logarithmic_scale_are_round() {
        assert_eq!(round_numbers(0.009, 0.06), [0.01, 0.02, 0.05]);
        assert_eq!(round_numbers(1_000.0, 10_000.0), [1e3, 2e3, 5e3, 1e4]);
    }
}
