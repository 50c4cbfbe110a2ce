//! Draws on one sheet: plotters elements in sheet units, with text measured by the very font that sets it.
//!
//! A sheet is 1600 units wide and stands 170 mm wide on A4, so 26 units of text print at about 8 points.

use super::chart::{Chart, Spot};
use crate::report::fonts::{FAMILY, Fonts};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use resvg::{tiny_skia, usvg};
use std::cell::RefCell;

/// Width of every sheet.
pub const WIDTH: i32 = 1600;
/// Height of the band that holds the title of a chart that stands alone, and of the one below it that says what it is of.
const TITLE_BAND: i32 = 84;
const IMPRINT_BAND: i32 = 44;

/// Colours told apart by people of every colour vision, and by their lightness when printed in grey.
pub mod palette {
    use plotters::style::RGBColor;
    pub const INK: RGBColor = RGBColor(33, 37, 41);
    pub const MUTED: RGBColor = RGBColor(96, 103, 112);
    pub const GRID: RGBColor = RGBColor(222, 226, 230);
    pub const NAVY: RGBColor = RGBColor(16, 52, 92);
    pub const BLUE: RGBColor = RGBColor(58, 117, 175);
    pub const SKY: RGBColor = RGBColor(140, 183, 220);
    pub const PALE: RGBColor = RGBColor(207, 225, 240);
    /// What is close to a line.
    pub const AMBER: RGBColor = RGBColor(176, 126, 0);
    /// What goes beyond a line: tails, breaches.
    pub const ALARM: RGBColor = RGBColor(200, 80, 30);
    /// Tiers, from the first to lose on.
    pub const TIERS: [RGBColor; 4] = [NAVY, BLUE, SKY, PALE];
    pub const PAPER: RGBColor = RGBColor(255, 255, 255);
}

/// Sizes of text, in units to the em.
pub const SMALL: f64 = 23.0;
pub const NORMAL: f64 = 26.0;
const TITLE: f64 = 34.0;
const IMPRINT: f64 = 20.0;

/// Where a text stands relative to its point; always centred on it vertically.
#[derive(Clone, Copy, PartialEq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// The sheet being drawn.
pub struct Canvas<'a, 'f> {
    area: Area<'a>,
    pub fonts: &'f Fonts,
    spots: RefCell<Vec<Spot>>,
}

/// Drawing into memory cannot fail; a failure is a bug of the drawing itself.
fn sound<T, E: std::fmt::Debug>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("a chart could not be drawn: {error:?}"))
}

impl<'a, 'f> Canvas<'a, 'f> {
    fn on(area: Area<'a>, fonts: &'f Fonts) -> Canvas<'a, 'f> {
        Canvas { area, fonts, spots: RefCell::default() }
    }
}

impl Canvas<'_, '_> {
    pub fn rect(&self, left: f64, top: f64, right: f64, bottom: f64, colour: RGBColor) {
        sound(self.area.draw(&Rectangle::new([(px(left), px(top)), (px(right), px(bottom))], colour.filled())));
    }

    pub fn line(&self, points: &[(f64, f64)], colour: RGBColor, width: u32) {
        let points: Vec<(i32, i32)> = points.iter().map(|(x, y)| (px(*x), px(*y))).collect();
        sound(self.area.draw(&PathElement::new(points, colour.stroke_width(width))));
    }

    /// A line across at each tick of a scale, with its value a gap left of it.
    pub fn rules(&self, axis: &Axis, (left, right): (f64, f64), gap: f64, unit: &str) {
        for tick in &axis.ticks {
            let y = axis.at(*tick);
            self.line(&[(left, y), (right, y)], palette::GRID, 2);
            self.text(left - gap, y, &format!("{}{unit}", axis.label(*tick)), SMALL, Anchor::End, palette::MUTED, false);
        }
    }

    pub fn dashed(&self, from: (f64, f64), to: (f64, f64), colour: RGBColor, width: u32) {
        let length = (to.0 - from.0).abs().max((to.1 - from.1).abs());
        let at = |t: f64| (from.0 + (to.0 - from.0) * t / length, from.1 + (to.1 - from.1) * t / length);
        let mut t = 0.0;
        while t < length {
            self.line(&[at(t), at((t + 9.0).min(length))], colour, width);
            t += 16.0;
        }
    }

    /// Tells a value where a pointer rests, on a screen; edges are left, top, right, bottom in any order.
    pub fn tip(&self, [x, y, to_x, to_y]: [f64; 4], says: impl Into<String>) {
        let edges = [x.min(to_x), y.min(to_y), x.max(to_x), y.max(to_y)];
        self.spots.borrow_mut().push(Spot { edges, says: says.into() });
    }

    pub fn polygon(&self, points: &[(f64, f64)], colour: RGBColor) {
        let points: Vec<(i32, i32)> = points.iter().map(|(x, y)| (px(*x), px(*y))).collect();
        sound(self.area.draw(&Polygon::new(points, colour.filled())));
    }

    pub fn circle(&self, x: f64, y: f64, radius: f64, colour: RGBColor) {
        sound(self.area.draw(&Circle::new((px(x), px(y)), px(radius), colour.filled())));
    }

    #[expect(clippy::too_many_arguments, reason = "a text is a place, a size, an anchor, a colour and a weight")]
    pub fn text(&self, x: f64, y: f64, text: &str, size: f64, anchor: Anchor, colour: RGBColor, bold: bool) {
        let style = if bold { FontStyle::Bold } else { FontStyle::Normal };
        let hpos = match anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        // the SVG backend divides by 1.24 to come from a line's height to the em
        let font = FontDesc::new(FontFamily::Name(FAMILY), size * 1.24, style);
        let style = TextStyle::from(font).color(&colour).pos(Pos::new(hpos, VPos::Center));
        sound(self.area.draw(&Text::new(text.to_string(), (px(x), px(y)), style)));
    }

    /// Black text at the start of a line.
    pub fn label(&self, x: f64, y: f64, text: &str, anchor: Anchor) {
        self.text(x, y, text, NORMAL, anchor, palette::INK, false);
    }

    pub fn width(&self, text: &str, size: f64) -> f64 {
        self.fonts.width(text, false, size)
    }

    /// The text, or as much of it as fits with an ellipsis behind.
    pub fn fitted(&self, text: &str, size: f64, room: f64) -> String {
        if self.width(text, size) <= room {
            return text.to_string();
        }
        let mut kept = String::new();
        for c in text.chars() {
            kept.push(c);
            if self.width(&kept, size) + size > room {
                kept.pop();
                break;
            }
        }
        format!("{}…", kept.trim_end())
    }

    /// The text on one line, or broken in two at a space or between Han characters; what still does not fit is cut.
    pub fn two_lines(&self, text: &str, size: f64, room: f64) -> Vec<String> {
        if self.width(text, size) <= room {
            return vec![text.to_string()];
        }
        let chars: Vec<char> = text.chars().collect();
        let han = |c: char| ('\u{2e80}'..='\u{ffef}').contains(&c);
        let mut best = None;
        for at in 1..chars.len() {
            let head: String = chars[..at].iter().collect();
            if self.width(head.trim_end(), size) > room {
                break;
            }
            if chars[at] == ' ' || han(chars[at]) || han(chars[at - 1]) {
                best = Some(at);
            }
        }
        let Some(at) = best else { return vec![self.fitted(text, size, room)] };
        let (head, tail): (String, String) = (chars[..at].iter().collect(), chars[at..].iter().collect());
        vec![head.trim().to_string(), self.fitted(tail.trim(), size, room)]
    }
}

fn px(units: f64) -> i32 {
    assert!(units.is_finite() && units.abs() < 1e6, "a drawing point lies at {units}");
    units.round() as i32
}

/// A linear scale from values to sheet units, with round ticks.
#[derive(Clone, Debug)]
pub struct Axis {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
    pub ticks: Vec<f64>,
    pub decimals: usize,
}

impl Axis {
    /// An axis from `low` to at least `high`, `low` and `high` widened to round ticks, with about `count` of them.
    pub fn new(low: f64, high: f64, from: f64, to: f64, count: usize) -> Axis {
        let high = if high > low { high } else { low + if low == 0.0 { 1.0 } else { low.abs() * 0.1 } };
        let raw = (high - low) / count.max(1) as f64;
        let text = format!("{raw:e}");
        let (digits, exponent) = text.split_once('e').expect("a number in scientific form has an exponent");
        let (digits, exponent): (f64, i32) = (digits.parse().expect("digits"), exponent.parse().expect("an exponent"));
        let (step, exponent) = match digits {
            d if d <= 1.0 => (1.0, exponent),
            d if d <= 2.0 => (2.0, exponent),
            d if d <= 2.5 => (2.5, exponent),
            d if d <= 5.0 => (5.0, exponent),
            _ => (1.0, exponent + 1),
        };
        let decimals = (-exponent + i32::from(step == 2.5)).max(0) as usize;
        // the step is read from its decimal text, so that it is the same everywhere
        let step: f64 = format!("{step}e{exponent}").parse().expect("a step is a number");
        let (first, last) = ((low / step + 1e-9).floor() as i64, (high / step - 1e-9).ceil() as i64);
        let ticks: Vec<f64> = (first..=last).map(|k| k as f64 * step).collect();
        Axis { low: first as f64 * step, high: last as f64 * step, from, to, ticks, decimals }
    }

    /// An axis over exactly `low..high`, with the round ticks that lie inside.
    pub fn exact(low: f64, high: f64, from: f64, to: f64, count: usize) -> Axis {
        let mut axis = Axis::new(low, high, from, to, count);
        if high > low {
            axis.ticks.retain(|t| *t >= low - 1e-12 * high.abs() && *t <= high + 1e-12 * high.abs());
            (axis.low, axis.high) = (low, high);
        }
        axis
    }

    pub fn at(&self, value: f64) -> f64 {
        self.from + (value - self.low) / (self.high - self.low) * (self.to - self.from)
    }

    pub fn label(&self, value: f64) -> String {
        crate::report::text::number::grouped(value, self.decimals)
    }
}

/// What a chart is before it is drawn.
pub struct Drawing<'d> {
    pub slug: String,
    pub title: String,
    pub alt: String,
    pub height: i32,
    pub paint: Box<dyn Fn(&Canvas<'_, '_>) + 'd>,
}

/// Draws a chart twice: bare for the document, whose caption holds the title, and titled to stand alone, with what it is of below it.
pub fn finish(drawing: Drawing<'_>, imprint: &str, fonts: &Fonts) -> Chart {
    let (bare, hover) = sheet(&drawing, fonts, None);
    let (titled, _) = sheet(&drawing, fonts, Some(imprint));
    let options = usvg::Options { fontdb: fonts.database(), font_family: FAMILY.to_string(), ..usvg::Options::default() };
    let tree = sound(usvg::Tree::from_str(&titled, &options));
    let svg = tree.to_string(&usvg::WriteOptions::default());
    let scale = 1.5;
    let size = tree.size().to_int_size().scale_by(scale).expect("a sheet has a size");
    let mut pixels = tiny_skia::Pixmap::new(size.width(), size.height()).expect("a sheet has a size");
    resvg::render(&tree, tiny_skia::Transform::from_scale(scale, scale), &mut pixels.as_mut());
    let png = sound(pixels.encode_png());
    Chart { slug: drawing.slug, title: drawing.title, alt: drawing.alt, svg_text: bare, svg, png, hover }
}

fn sheet(drawing: &Drawing<'_>, fonts: &Fonts, alone: Option<&str>) -> (String, Vec<Spot>) {
    let (above, below) = match alone {
        None => (0, 0),
        Some(imprint) => (TITLE_BAND, if imprint.is_empty() { 0 } else { IMPRINT_BAND }),
    };
    let mut svg = String::new();
    let spots;
    {
        let root = SVGBackend::with_string(&mut svg, (WIDTH as u32, (above + drawing.height + below) as u32)).into_drawing_area();
        sound(root.fill(&palette::PAPER));
        let (head, rest) = root.split_vertically(above);
        let (body, foot) = rest.split_vertically(drawing.height);
        if let Some(imprint) = alone {
            let canvas = Canvas::on(head, fonts);
            let title = canvas.fitted(&drawing.title, TITLE, f64::from(WIDTH) - 80.0);
            canvas.text(40.0, 52.0, &title, TITLE, Anchor::Start, palette::INK, true);
            let canvas = Canvas::on(foot, fonts);
            let imprint = canvas.fitted(imprint, IMPRINT, f64::from(WIDTH) - 80.0);
            canvas.text(40.0, 18.0, &imprint, IMPRINT, Anchor::Start, palette::MUTED, false);
        }
        let canvas = Canvas::on(body, fonts);
        (drawing.paint)(&canvas);
        spots = canvas.spots.into_inner();
        sound(root.present());
    }
    (svg, spots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_hold_the_range() {
        let axis = Axis::new(0.0, 13.7, 0.0, 100.0, 5);
        assert_eq!(axis.ticks, [0.0, 5.0, 10.0, 15.0]);
        assert_eq!(axis.at(7.5), 50.0);
        assert_eq!(Axis::new(0.0, 0.0, 0.0, 1.0, 4).at(0.0), 0.0);
        assert_eq!(Axis::new(0.0, 0.011, 0.0, 1.0, 5).label(0.0025), "0.0025");
    }
}
