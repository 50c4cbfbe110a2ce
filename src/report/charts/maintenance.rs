//! Shows the loans of the book by maintenance ratio on the as-of date, against the lines of the programme.

use super::canvas::{Anchor, Axis, Canvas, Drawing, SMALL, WIDTH, palette};
use super::{Context, Painter};
use crate::measures::book_shapes::{ByRatio, RatioBin};
use crate::model::part::Words;
use crate::report::text::number;
use plotters::style::RGBColor;

pub const PAINTER: Painter = Painter {
    slug: "maintenance-ratio",
    section: "book",
    title: Words("Loans by maintenance ratio on the as-of date, and the lines", "基准日融资按维持担保比例的分布与控制线"),
    draw: drawings,
};

const AXIS_SHARE: Words = Words("Share of loans", "融资占比");
const AXIS_RATIO: Words = Words("Maintenance ratio", "维持担保比例");
const OTHER_LINES: Words = Words(
    "lines of the programme; {n} of {accounts} accounts stand under other lines",
    "所画为方案的控制线；{accounts} 个账户中 {n} 个适用其他控制线",
);
const LINES: [Words; 4] = [Words("warning", "预警线"), Words("limit", "限额线"), Words("call", "追保线"), Words("liquidation", "平仓线")];
const ALT: Words = Words("Histogram, {title}: {values}.", "直方图，{title}：{values}。");
const BELOW: Words = Words("{share} of loans at or below {line} ({value})", "{line}（{value}）以下融资占 {share}");

const HEIGHT: f64 = 560.0;

fn drawings(context: Context<'_>) -> Vec<Drawing<'_>> {
    let text = context.text;
    let shape = &context.facts.snapshot.by_ratio;
    let loans: f64 = shape.bins.iter().map(|bin| bin.loans).sum();
    if loans <= 0.0 {
        return Vec::new();
    }
    let accounts: usize = shape.bins.iter().map(|bin| bin.accounts).sum();
    let told = (shape.lines.iter().zip(LINES)).filter(|(line, _)| **line > 0.0).map(|(line, word)| {
        let below: f64 = shape.bins.iter().filter(|bin| bin.to.is_some_and(|to| to <= line + 1e-9)).map(|bin| bin.loans).sum();
        let values = [("share", number::share(below, loans)), ("line", text.get(word).to_string()), ("value", number::line(*line))];
        text.fill(BELOW, &values.each_ref().map(|(key, value)| (*key, value.as_str())))
    });
    let title = text.get(PAINTER.title).to_string();
    let alt = text.fill(ALT, &[("title", &title), ("values", &text.list(&told.collect::<Vec<_>>()))]);
    let note = (shape.other_lines > 0)
        .then(|| text.fill(OTHER_LINES, &[("n", &number::count(shape.other_lines as u64)), ("accounts", &number::count(accounts as u64))]));
    let paint = move |canvas: &Canvas<'_, '_>| paint(canvas, &context, shape, loans, note.as_deref());
    vec![Drawing { slug: PAINTER.slug.into(), title, alt, height: HEIGHT as i32, paint: Box::new(paint) }]
}

/// A bin that lies at or below the liquidation line, the call line, or neither.
fn colour(bin: &RatioBin, lines: [f64; 4]) -> RGBColor {
    let below = |line: f64| line > 0.0 && bin.to.is_some_and(|to| to <= line + 1e-9);
    if below(lines[3]) {
        palette::ALARM
    } else if below(lines[2]) {
        palette::AMBER
    } else {
        palette::BLUE
    }
}

fn paint(canvas: &Canvas<'_, '_>, context: &Context<'_>, shape: &ByRatio, loans: f64, note: Option<&str>) {
    let text = &context.text;
    let (left, right, top, bottom) = (140.0, f64::from(WIDTH) - 50.0, 150.0, HEIGHT - 104.0);
    let share = |bin: &RatioBin| bin.loans / loans * 100.0;
    let y = Axis::new(0.0, shape.bins.iter().map(share).fold(0.0, f64::max), bottom, top, 4);
    let head = [Some(text.get(AXIS_SHARE)), note].into_iter().flatten().collect::<Vec<_>>().join("  ·  ");
    canvas.text(40.0, 24.0, &head, SMALL, Anchor::Start, palette::MUTED, false);
    canvas.rules(&y, (left, right), 14.0, "%");
    let step = (right - left) / shape.bins.len() as f64;
    for (at, bin) in shape.bins.iter().enumerate().filter(|(_, bin)| bin.loans > 0.0) {
        let from = left + at as f64 * step;
        let edges = [bin.from, bin.to].map(|edge| edge.map_or(String::new(), number::line)).join("–");
        canvas.tip([from, top, from + step, bottom], format!("{edges} · {}", number::share(bin.loans, loans)));
        canvas.rect(from + 3.0, y.at(share(bin)).min(bottom - 2.0), from + step - 3.0, bottom, colour(bin, shape.lines));
    }
    canvas.line(&[(left, bottom), (right, bottom)], palette::INK, 2);
    // the edge below bin k stands at k steps
    for (at, bin) in shape.bins.iter().enumerate().filter(|(at, _)| at % 2 == 1) {
        let Some(from) = bin.from else { continue };
        let x = left + at as f64 * step;
        canvas.line(&[(x, bottom), (x, bottom + 8.0)], palette::INK, 2);
        canvas.text(x, bottom + 28.0, &number::line(from), SMALL, Anchor::Middle, palette::MUTED, false);
    }
    canvas.text((left + right) / 2.0, bottom + 70.0, text.get(AXIS_RATIO), SMALL, Anchor::Middle, palette::MUTED, false);
    let mut edges = shape.bins.iter().filter_map(|bin| bin.from);
    let (Some(first), Some(last)) = (edges.clone().next(), edges.next_back()) else { return };
    let x = |ratio: f64| left + step + (ratio - first) / (last - first) * step * (shape.bins.len() - 2) as f64;
    // the lowest line's name stands highest, above where the others begin, so that no name crosses a line
    let mut lines: Vec<(f64, Words)> = shape.lines.into_iter().zip(LINES).filter(|(line, _)| *line >= first && *line <= last).collect();
    lines.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (row, (line, word)) in lines.iter().enumerate() {
        let level = 54.0 + row as f64 * 26.0;
        canvas.dashed((x(*line), level), (x(*line), bottom), palette::INK, 3);
        let said = format!("{} {}", text.get(*word), number::line(*line));
        canvas.text(x(*line) + 10.0, level + 6.0, &said, SMALL, Anchor::Start, palette::INK, false);
    }
}
