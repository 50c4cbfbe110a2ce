//! Draws a line: a chart of the tests, which shows that a further one is a file and a line.

use super::canvas::{Canvas, Drawing, palette};
use super::{Context, Painter};
use crate::model::part::Words;

pub const PAINTER: Painter =
    Painter { slug: "example", section: "example", title: Words("A chart of the tests", "测试用图"), draw: drawings };

const ALT: Words = Words("A line, {title}.", "一条线，{title}。");

fn drawings(context: Context<'_>) -> Vec<Drawing<'_>> {
    let title = context.text.get(PAINTER.title);
    let paint = |canvas: &Canvas<'_, '_>| canvas.line(&[(40.0, 40.0), (400.0, 40.0)], palette::INK, 2);
    let alt = context.text.fill(ALT, &[("title", title)]);
    vec![Drawing { slug: PAINTER.slug.into(), title: title.into(), alt, height: 80, paint: Box::new(paint) }]
}
