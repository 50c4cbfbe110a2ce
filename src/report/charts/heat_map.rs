//! Draws a measure over two swept keys as a heat map, darker where it is worse; a small map for each combination of further keys.

use super::canvas::{Anchor, Canvas, Drawing, NORMAL, SMALL, WIDTH, palette};
use super::swept::Swept;
use crate::model::part::Words;
use crate::model::sweep::{Better, Design, Sweep};
use crate::report::text::shared;
use crate::study::sweep::Status;
use plotters::style::RGBColor;

const TITLE: Words = Words("{measure} by {row} and {column}", "{measure}：按{row}与{column}");
const LEGEND: Words = Words("Darker: worse. ± is one standard error.", "颜色越深越不利；± 为一倍标准误。");
const LEGEND_FRONTIER: Words = Words(
    "Darker: worse. ± is one standard error. Framed: efficient; dashed frame: a tie with the frontier.",
    "颜色越深越不利；± 为一倍标准误。实线框：有效；虚线框：与前沿无法区分。",
);
const ALT: Words = Words("Heat map, {title}; {unit}: {values}.", "热力图，{title}；{unit}：{values}。");

/// Height of one cell, less where there are many rows, and of the head of a map.
const CELL: f64 = 84.0;
const LEAST_CELL: f64 = 36.0;
const HEAD: f64 = 96.0;
/// Maps side by side, where there are several.
const ABREAST: usize = 2;
/// Height of a drawing that fits a page.
const PAGE: f64 = 1_950.0;
/// Rows and columns of a map that can be read.
const MOST: usize = 40;

/// Whether the settings of a sweep make maps: a grid of two keys at least, the first two of few values.
pub fn is_map(sweep: &Sweep) -> bool {
    sweep.design == Design::Grid && sweep.keys.len() > 1 && sweep.keys[..2].iter().all(|key| key.values.len() <= MOST)
}

/// One map: its name, and the setting of each cell by row and column.
struct Map {
    name: String,
    settings: Vec<Vec<usize>>,
}

/// The heat maps of a measure, as many as fit a page on each drawing.
pub fn drawings(of: Swept<'_>, measure: usize) -> Vec<Drawing<'_>> {
    let sweep = of.results.sweep;
    let mut maps = maps(of);
    let values = [("measure", of.name(measure)), ("row", of.title(0).to_string()), ("column", of.title(1).to_string())];
    let title = of.text.fill(TITLE, &values.each_ref().map(|(name, value)| (*name, value.as_str())));
    let alt = of.text.fill(ALT, &[("title", &title), ("unit", &of.axis(measure)), ("values", &of.stated(measure))]);
    let rows = sweep.keys[0].values.len() as f64;
    let cell = (1_150.0 / rows).clamp(LEAST_CELL, CELL);
    let (abreast, foot) = if maps.len() > 1 { (ABREAST, 66.0) } else { (1, 20.0) };
    let each = HEAD + rows * cell + foot;
    let on_a_page = ((PAGE - 102.0) / each).floor().max(1.0) as usize * abreast;
    let slug = format!("heat-map-{}", super::slug(&sweep.measures[measure].0));
    let mut drawings = Vec::new();
    while !maps.is_empty() {
        let rest = maps.split_off(maps.len().min(on_a_page));
        let shown = std::mem::replace(&mut maps, rest);
        let height = 102.0 + shown.len().div_ceil(abreast) as f64 * each;
        let paint = move |canvas: &Canvas<'_, '_>| {
            canvas.text(40.0, 24.0, &of.axis(measure), NORMAL, Anchor::Start, palette::INK, true);
            let width = (f64::from(WIDTH) - 80.0) / abreast as f64;
            for (at, map) in shown.iter().enumerate() {
                let (left, top) = (40.0 + (at % abreast) as f64 * width, 56.0 + (at / abreast) as f64 * each);
                paint(canvas, of, (measure, map), (left, top, width - if abreast > 1 { 24.0 } else { 0.0 }, cell));
            }
            let legend = if of.results.frontier.is_some() { LEGEND_FRONTIER } else { LEGEND };
            canvas.text(40.0, height - 26.0, of.text.get(legend), SMALL, Anchor::Start, palette::MUTED, false);
        };
        let (slug, title, alt) = (slug.clone(), title.clone(), alt.clone());
        drawings.push(Drawing { slug, title, alt, height: height as i32, paint: Box::new(paint) });
    }
    drawings
}

/// The first two keys make a map; each combination of the others has one of its own.
fn maps(of: Swept<'_>) -> Vec<Map> {
    let sweep = of.results.sweep;
    let mut maps: Vec<(Vec<usize>, Map)> = Vec::new();
    for (setting, values) in sweep.settings.iter().enumerate() {
        let (row, column, rest) = (values[0], values[1], values[2..].to_vec());
        let at = maps.iter().position(|(own, _)| *own == rest).unwrap_or_else(|| {
            let name: Vec<String> = (2..sweep.keys.len()).map(|key| format!("{} {}", of.title(key), of.label(setting, key))).collect();
            let settings = vec![vec![0; sweep.keys[1].values.len()]; sweep.keys[0].values.len()];
            maps.push((rest.clone(), Map { name: name.join(of.text.get(shared::COMMA)), settings }));
            maps.len() - 1
        });
        maps[at].1.settings[row][column] = setting;
    }
    maps.into_iter().map(|(_, map)| map).collect()
}

/// From the best, 0, to the worst of all settings, 1; nothing where there is no figure.
fn shade(of: Swept<'_>, setting: usize, measure: usize) -> Option<f64> {
    let value = of.estimate(setting, measure)?.value;
    let all = || (0..of.results.estimates.len()).filter_map(|s| Some(of.estimate(s, measure)?.value));
    let (low, high) = (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
    let share = if high > low { (value - low) / (high - low) } else { 0.0 };
    Some(if of.results.sweep.measures[measure].1 == Better::Higher { 1.0 - share } else { share })
}

/// From pale, 0, to dark, 1.
pub(super) fn colour(shade: f64) -> RGBColor {
    let mix = |from: u8, to: u8| (f64::from(from) + (f64::from(to) - f64::from(from)) * shade).round() as u8;
    let (pale, deep) = (RGBColor(236, 243, 249), palette::NAVY);
    RGBColor(mix(pale.0, deep.0), mix(pale.1, deep.1), mix(pale.2, deep.2))
}

fn paint(canvas: &Canvas<'_, '_>, of: Swept<'_>, (measure, map): (usize, &Map), (left, top, width, height): (f64, f64, f64, f64)) {
    let sweep = of.results.sweep;
    if !map.name.is_empty() {
        canvas.text(left, top + 14.0, &canvas.fitted(&map.name, NORMAL, width), NORMAL, Anchor::Start, palette::INK, true);
    }
    let top = if map.name.is_empty() { top } else { top + 40.0 };
    let label = |key: usize, at: usize| sweep.keys[key].values[at].label.get(of.text.language);
    let rows = sweep.keys[0].values.len();
    let widest = (0..rows).map(|row| canvas.width(label(0, row), NORMAL)).fold(0.0, f64::max);
    let room = widest.max(canvas.width(of.title(0), SMALL)).min(width * 0.28) + 24.0;
    let columns = sweep.keys[1].values.len();
    let step = (width - room) / columns as f64;
    let head = canvas.fitted(of.title(1), SMALL, width - room);
    canvas.text(left + room + (width - room) / 2.0, top + 20.0, &head, SMALL, Anchor::Middle, palette::MUTED, false);
    canvas.text(left, top + 60.0, &canvas.fitted(of.title(0), SMALL, room - 12.0), SMALL, Anchor::Start, palette::MUTED, false);
    // where labels are wider than columns, only some stand
    let widest = (0..columns).map(|column| canvas.width(label(1, column), NORMAL)).fold(0.0, f64::max);
    let every = if columns > 12 { ((widest + 12.0) / step).ceil().max(1.0) as usize } else { 1 };
    for column in (0..columns).step_by(every) {
        let text = canvas.fitted(label(1, column), NORMAL, step * every as f64 - 8.0);
        canvas.text(left + room + (column as f64 + 0.5) * step, top + 60.0, &text, NORMAL, Anchor::Middle, palette::INK, false);
    }
    for (row, settings) in map.settings.iter().enumerate() {
        let y = top + HEAD - 10.0 + row as f64 * height;
        canvas.text(left, y + height / 2.0, &canvas.fitted(label(0, row), NORMAL, room - 14.0), NORMAL, Anchor::Start, palette::INK, false);
        for (column, setting) in settings.iter().enumerate() {
            let x = left + room + column as f64 * step;
            cell(canvas, of, (*setting, measure), (x, y, step, height));
        }
    }
}

fn cell(canvas: &Canvas<'_, '_>, of: Swept<'_>, (setting, measure): (usize, usize), (x, y, step, height): (f64, f64, f64, f64)) {
    let shade = shade(of, setting, measure);
    let fill = shade.map_or(palette::GRID, colour);
    canvas.rect(x + 2.0, y + 2.0, x + step - 2.0, y + height - 2.0, fill);
    let ink = if shade.is_some_and(|shade| shade > 0.5) { palette::PAPER } else { palette::INK };
    let written = of.written(setting, measure);
    let (value, error) = match written.split_once(" ± ") {
        Some((value, error)) => (value.to_string(), format!("± {error}")),
        None => {
            written.split_once(" (").map_or((written.clone(), String::new()), |(v, e)| (v.to_string(), e.trim_end_matches(')').to_string()))
        }
    };
    let (middle, room) = (x + step / 2.0, step - 16.0);
    let fits = |text: &str, size: f64| canvas.width(text, size) <= room;
    let size = if fits(&value, NORMAL) { NORMAL } else { 19.0 };
    let with_error = !error.is_empty() && fits(&error, 19.0) && height > 60.0;
    if fits(&value, size) {
        canvas.text(middle, y + height / 2.0 - if with_error { 13.0 } else { 0.0 }, &value, size, Anchor::Middle, ink, false);
        if with_error {
            canvas.text(middle, y + height / 2.0 + 18.0, &error, 19.0, Anchor::Middle, ink, false);
        }
    }
    let (l, t, r, b) = (x + 4.0, y + 4.0, x + step - 4.0, y + height - 4.0);
    match of.status(setting) {
        Some(Status::Efficient) => canvas.line(&[(l, t), (r, t), (r, b), (l, b), (l, t), (r, t)], palette::ALARM, 6),
        Some(Status::Tie) => {
            for (from, to) in [((l, t), (r, t)), ((r, t), (r, b)), ((l, b), (r, b)), ((l, t), (l, b))] {
                canvas.dashed(from, to, palette::ALARM, 4);
            }
        }
        _ => {}
    }
}
