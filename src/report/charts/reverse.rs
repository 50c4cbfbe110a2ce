//! Draws a reverse stress test: the measure along each change up to its limit, or the curve of two changes on which the limit fails.

use super::canvas::{Anchor, Axis, Canvas, Drawing, NORMAL, SMALL, WIDTH, palette};
use super::reversed::{Reversed, value};
use super::{Context, Painter};
use crate::model::part::Words;
use crate::model::reverse::Search;
use crate::model::sweep::Form;
use crate::model::way::Way;
use crate::report::text::shared;
use crate::study::reverse::Ray;
use crate::study::reverse::line::Ending;

pub const PAINTER: Painter =
    Painter { slug: "reverse", section: "reverse", title: Words("Reverse stress tests", "反向压力测试"), draw: drawings };

const TITLE: Words = Words("{name}: {measure}", "{name}：{measure}");
const TITLE_CURVE: Words = Words("{name}: where the limit fails", "{name}：限额突破边界");
const LIMIT: Words = Words("limit", "限额");
const HOLDS: Words = Words("holds", "满足");
const FAILS: Words = Words("fails", "突破");
const BOUNDARY: Words = Words("boundary, ± two standard errors", "边界，±两倍标准误");
const UP_TO: Words = Words("the limit holds up to here", "至此处限额满足");
const BAND: Words = Words(
    "With the interval of each figure. Shaded: from where the limit no longer holds for sure to where it fails for sure.",
    "含各数字的置信区间；阴影：自不能确认满足限额处，至确认突破限额处。",
);
const SHARE: Words = Words("part of the way, %", "变动比例（%）");
const ALT: Words = Words("Line chart, {title}; limit {limit}: {values}.", "折线图，{title}；限额{limit}：{values}。");
const SAID: Words = Words("{setting}, limit met", "{setting} 时触及限额");
const NEVER: Words = Words("{change}, limit not met", "{change}：未触及限额");

/// Height of a panel, and of all that fit a page.
const PANEL: f64 = 620.0;
const PAGE: f64 = 1_900.0;
const CURVE: f64 = 1_000.0;

fn drawings(context: Context<'_>) -> Vec<Drawing<'_>> {
    let of = |answer| Reversed { answer, text: context.text, currency: context.currency() };
    context.facts.reverse.iter().map(|answer| drawing(of(answer))).collect()
}

/// The chart of an answer.
pub fn drawing(of: Reversed<'_>) -> Drawing<'_> {
    let curve = of.answer.reverse.search == Search::Curve;
    let title = match curve {
        true => of.text.fill(TITLE_CURVE, &[("name", of.name())]),
        false => of.text.fill(TITLE, &[("name", of.name()), ("measure", &of.measure())]),
    };
    let said = |ray: &Ray| match ray.found.boundary {
        Some((place, _)) => of.text.fill(SAID, &[("setting", &of.setting(ray, place))]),
        None => {
            let titles: Vec<String> = of.moved(ray).into_iter().map(|way| of.title(way)).collect();
            of.text.fill(NEVER, &[("change", &titles.join(of.text.get(shared::COMMA)))])
        }
    };
    let values: Vec<String> = of.answer.rays.iter().map(said).collect();
    let values = values.join(of.text.get(shared::SEMICOLON));
    let alt = of.text.fill(ALT, &[("title", &title), ("limit", &of.limit()), ("values", &values)]);
    let slug = format!("reverse-{}", super::slug(&of.answer.name.en));
    if curve {
        return Drawing { slug, title, alt, height: CURVE as i32, paint: Box::new(move |canvas| paint_curve(canvas, of)) };
    }
    let shown = rays(of);
    let abreast = if shown.len() > 1 { 2 } else { 1 };
    let rows = shown.len().div_ceil(abreast) as f64;
    let each = PANEL.min(PAGE / rows);
    let height = 110.0 + rows * each;
    let paint = move |canvas: &Canvas<'_, '_>| {
        canvas.text(40.0, 24.0, &of.axis(), NORMAL, Anchor::Start, palette::INK, true);
        let width = (f64::from(WIDTH) - 60.0) / abreast as f64;
        for (at, ray) in shown.iter().enumerate() {
            let (left, top) = (40.0 + (at % abreast) as f64 * width, 48.0 + (at / abreast) as f64 * each);
            panel(canvas, of, ray, (left, top, width, each));
        }
        canvas.text(40.0, height - 24.0, of.text.get(BAND), SMALL, Anchor::Start, palette::MUTED, false);
    };
    Drawing { slug, title, alt, height: height as i32, paint: Box::new(paint) }
}

/// The rays that have a panel: of a search for the most plausible shock the last one.
fn rays(of: Reversed<'_>) -> Vec<&Ray> {
    match of.answer.reverse.search {
        Search::Plausible => of.answer.rays.last().into_iter().collect(),
        Search::Each | Search::Together | Search::Curve => of.answer.rays.iter().collect(),
    }
}

/// What stands across a panel: the value of the only change, or the part of the way.
struct Across<'a> {
    way: Option<&'a Way>,
}

impl Across<'_> {
    fn at(&self, place: f64) -> f64 {
        match self.way {
            Some(way) => way.at(place).number.expect("a way is of numbers") * if way.form == Form::Percent { 100.0 } else { 1.0 },
            None => 100.0 * place,
        }
    }

    fn suffix(&self) -> &'static str {
        if self.way.is_some_and(|way| way.form == Form::Percent) { "%" } else { "" }
    }
}

fn panel(canvas: &Canvas<'_, '_>, of: Reversed<'_>, ray: &Ray, (left, top, width, height): (f64, f64, f64, f64)) {
    let moved = of.moved(ray);
    let across = Across { way: if let [only] = moved[..] { Some(&of.answer.ways[only]) } else { None } };
    let factor = of.factor();
    let points: Vec<(f64, [f64; 3])> = (ray.tried.iter())
        .filter_map(|tried| {
            let e = tried.estimate.as_ref()?;
            let low = if e.ci_low.is_finite() { e.ci_low } else { e.value };
            // an interval without an upper end reaches the top
            Some((tried.place, [low, e.value, e.ci_high.unwrap_or(f64::INFINITY)].map(|v| v * factor)))
        })
        .collect();
    let limit = of.answer.limit.value * factor;
    let low = points.iter().map(|(_, v)| v[0]).fold(limit, f64::min);
    let high = points.iter().flat_map(|(_, v)| [v[1], v[2]]).filter(|v| v.is_finite()).fold(limit, f64::max);
    let low = if low > 0.0 && low < 0.5 * high { 0.0 } else { low };
    let (from, to) = (left + 110.0, left + width - 40.0);
    let (ceiling, floor) = (top + 24.0, top + height - 120.0);
    let y = Axis::new(low, high, floor, ceiling, 5);
    let x = |place: f64| from + place * (to - from);
    if let Some((start, end)) = ray.found.holds.as_ref().zip(ray.found.fails.as_ref()) {
        let (start, end) = (x(start.place), x(end.place).max(x(start.place) + 2.0));
        canvas.rect(start, ceiling, end, floor, palette::PALE);
    }
    canvas.rules(&y, (from, to), 12.0, "");
    canvas.line(&[(from, floor), (to, floor)], palette::INK, 2);
    // a way may fall: its ends are those of the axis
    let (first, last) = (across.at(0.0), across.at(1.0));
    let marks =
        Axis::exact(first.min(last), first.max(last), if first < last { from } else { to }, if first < last { to } else { from }, 5);
    for tick in &marks.ticks {
        let label = format!("{}{}", marks.label(*tick), across.suffix());
        canvas.text(marks.at(*tick), floor + 28.0, &label, SMALL, Anchor::Middle, palette::MUTED, false);
    }
    let title = match across.way {
        Some(_) => of.title(moved[0]),
        None => of.text.get(SHARE).to_string(),
    };
    canvas.text((from + to) / 2.0, floor + 70.0, &canvas.fitted(&title, NORMAL, to - from), NORMAL, Anchor::Middle, palette::INK, false);
    let upper = points.iter().map(|(place, v)| (x(*place), if v[2].is_finite() { y.at(v[2]) } else { ceiling }));
    let lower = points.iter().rev().map(|(place, v)| (x(*place), y.at(v[0])));
    if points.len() > 1 {
        canvas.polygon(&upper.chain(lower).collect::<Vec<_>>(), palette::SKY);
        canvas.line(&points.iter().map(|(place, v)| (x(*place), y.at(v[1]))).collect::<Vec<_>>(), palette::NAVY, 4);
    }
    for (place, v) in &points {
        canvas.circle(x(*place), y.at(v[1]), 5.0, palette::NAVY);
    }
    canvas.dashed((from, y.at(limit)), (to, y.at(limit)), palette::ALARM, 3);
    canvas.text(to, y.at(limit) - 18.0, of.text.get(LIMIT), SMALL, Anchor::End, palette::ALARM, true);
    if let Some((place, _)) = ray.found.boundary {
        canvas.circle(x(place), y.at(limit), 11.0, palette::ALARM);
        let side = if place > 0.6 { (Anchor::End, -18.0) } else { (Anchor::Start, 18.0) };
        let said = of.values(ray, place, None);
        if across.way.is_some() {
            canvas.text(x(place) + side.1, y.at(limit) + 26.0, &said, SMALL, side.0, palette::ALARM, true);
        }
    }
}

/// Two changes, one across and one up: the boundary with its errors, and the side on which the limit fails.
fn paint_curve(canvas: &Canvas<'_, '_>, of: Reversed<'_>) {
    let (left, right, top, bottom) = (190.0, f64::from(WIDTH) - 60.0, 90.0, CURVE - 130.0);
    let [across, up] = [&of.answer.ways[0], &of.answer.ways[1]];
    let (x, y) = (|place: f64| left + place * (right - left), |place: f64| bottom - place * (bottom - top));
    let found: Vec<(&Ray, f64, f64)> =
        of.answer.rays.iter().filter_map(|ray| ray.found.boundary.map(|(place, error)| (ray, place, error))).collect();
    let point = |ray: &Ray, place: f64| {
        let at = ray.at(place);
        (x(at[0]), y(at[1]))
    };
    let line: Vec<(f64, f64)> = found.iter().map(|(ray, place, _)| point(ray, *place)).collect();
    if line.len() > 1 {
        // beyond the boundary, to the far ends of the rays that reach it
        let far = found.iter().rev().map(|(ray, _, _)| point(ray, 1.0));
        canvas.polygon(&line.iter().copied().chain(far).collect::<Vec<_>>(), palette::PALE);
    }
    let ticks = |way: &Way| -> Vec<(f64, String)> {
        let scale = if way.form == Form::Percent { 100.0 } else { 1.0 };
        let (first, last) = (way.from * scale, way.to * scale);
        let axis = Axis::exact(first.min(last), first.max(last), 0.0, 1.0, 6);
        let suffix = if way.form == Form::Percent { "%" } else { "" };
        axis.ticks.iter().map(|tick| ((tick - first) / (last - first), format!("{}{suffix}", axis.label(*tick)))).collect()
    };
    for (place, label) in ticks(across) {
        canvas.line(&[(x(place), top), (x(place), bottom)], palette::GRID, 2);
        canvas.text(x(place), bottom + 28.0, &label, SMALL, Anchor::Middle, palette::MUTED, false);
    }
    for (place, label) in ticks(up) {
        canvas.line(&[(left, y(place)), (right, y(place))], palette::GRID, 2);
        canvas.text(left - 14.0, y(place), &label, SMALL, Anchor::End, palette::MUTED, false);
    }
    canvas.line(&[(left, top), (left, bottom), (right, bottom)], palette::INK, 2);
    canvas.text(left - 150.0, 56.0, &of.title(1), NORMAL, Anchor::Start, palette::INK, false);
    canvas.text((left + right) / 2.0, bottom + 74.0, &of.title(0), NORMAL, Anchor::Middle, palette::INK, false);
    canvas.line(&line, palette::ALARM, 4);
    for (ray, place, error) in &found {
        if error.is_finite() {
            canvas.line(&[point(ray, (place - 2.0 * error).max(0.0)), point(ray, (place + 2.0 * error).min(1.0))], palette::INK, 4);
        }
        let (px, py) = point(ray, *place);
        canvas.circle(px, py, 8.0, palette::ALARM);
    }
    for ray in of.answer.rays.iter().filter(|ray| ray.found.boundary.is_none() && ray.found.ending == Ending::Holds) {
        let (px, py) = point(ray, 1.0);
        canvas.circle(px, py, 8.0, palette::MUTED);
        canvas.circle(px, py, 5.0, palette::PAPER);
    }
    canvas.text(x(0.04), y(0.04), of.text.get(HOLDS), NORMAL, Anchor::Start, palette::MUTED, true);
    if line.len() > 1 {
        canvas.text(x(0.96), y(0.96), of.text.get(FAILS), NORMAL, Anchor::End, palette::ALARM, true);
    }
    legend(canvas, of);
    // the values of the ends, where only one change moves
    for (at, way, anchor) in [(0, across, Anchor::Middle), (of.answer.rays.len() - 1, up, Anchor::Start)] {
        let Some((ray, place, _)) = found.iter().find(|(ray, _, _)| std::ptr::eq(*ray, &of.answer.rays[at])) else { continue };
        let (px, py) = point(ray, *place);
        let places = ray.at(*place);
        let said = value(way, if at == 0 { places[0] } else { places[1] }, None);
        let (dx, dy) = if at == 0 { (0.0, -26.0) } else { (18.0, -30.0) };
        canvas.text(px + dx, py + dy, &said, SMALL, anchor, palette::INK, true);
    }
}

fn legend(canvas: &Canvas<'_, '_>, of: Reversed<'_>) {
    let mut right = f64::from(WIDTH) - 60.0;
    let open = of.answer.rays.iter().any(|ray| ray.found.ending == Ending::Holds);
    for (words, colour) in [(UP_TO, palette::MUTED), (BOUNDARY, palette::ALARM)].into_iter().skip(usize::from(!open)) {
        let word = of.text.get(words);
        canvas.text(right, 24.0, word, SMALL, Anchor::End, palette::INK, false);
        let x = right - canvas.width(word, SMALL) - 20.0;
        canvas.circle(x, 24.0, 8.0, colour);
        if words.0 == UP_TO.0 {
            canvas.circle(x, 24.0, 5.0, palette::PAPER);
        }
        right = x - 36.0;
    }
}
