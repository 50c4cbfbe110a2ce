//! Shows the disagreement of market models as a band: one row per model, its interval, and the span from lowest to highest.

use super::canvas::{Anchor, Axis, Canvas, Drawing, NORMAL, SMALL, WIDTH, palette};
use super::{Context, Painter, slug};
use crate::model::part::Words;
use crate::report::text::number::{self, Scale};
use crate::report::text::shared;
use crate::study::model_risk::Panel;

pub const PAINTER: Painter = Painter {
    slug: "model-risk",
    section: "model-risk",
    title: Words("Expected shortfall at 97.5% under each model, “{scenario}”", "各模型下的 97.5% 预期尾部损失，“{scenario}”"),
    draw: drawings,
};

const AXIS: Words = Words(
    "expected shortfall of the pool at 97.5%, {unit}; shaded: from the lowest model to the highest",
    "资金池 97.5% 预期尾部损失，{unit}；阴影：最低至最高模型",
);

/// The measure drawn.
pub const SHOWN: &str = "pool_loss.es_97_5";
const ROW: f64 = 62.0;
const FOOT: f64 = 92.0;
const TOP: f64 = 20.0;

struct Mark {
    label: String,
    value: f64,
    interval: Option<(f64, f64)>,
    written: String,
    own: bool,
}

/// One chart for every panel with at least two models.
fn drawings(context: Context<'_>) -> Vec<Drawing<'_>> {
    context.facts.model_risk.iter().filter_map(|panel| drawing(context, panel)).collect()
}

fn drawing<'a>(context: Context<'a>, panel: &'a Panel) -> Option<Drawing<'a>> {
    let text = context.text;
    let spread = panel.spread.get(SHOWN)?;
    let known = || panel.models.iter().filter_map(|row| Some((row, row.measures.get(SHOWN).filter(|e| e.value.is_finite())?)));
    let scale = Scale::of(&text, known().map(|(_, e)| e.value));
    let marks: Vec<Mark> = known()
        .map(|(row, e)| Mark {
            label: context.model(&row.model),
            value: e.value / scale.divisor,
            interval: e
                .ci_high
                .filter(|_| e.paths > 1 && e.ci_low.is_finite())
                .map(|high| (e.ci_low / scale.divisor, high / scale.divisor)),
            written: number::estimate(&text, e, scale).full(),
            own: row.own,
        })
        .collect();
    let scenario = context.scenario(&panel.scenario);
    let title = text.fill(PAINTER.title, &[("scenario", &scenario)]);
    let axis = text.fill(AXIS, &[("unit", &context.unit(scale))]);
    let stated: Vec<String> = marks.iter().map(|m| format!("{} {}", m.label, m.written)).collect();
    let alt = text.fill(shared::ALT_BARS, &[("title", &title), ("unit", &axis), ("values", &text.list(&stated))]);
    let height = TOP + marks.len() as f64 * ROW + FOOT;
    let band = (spread.low / scale.divisor, spread.high / scale.divisor);
    let paint = move |canvas: &Canvas<'_, '_>| paint(canvas, &marks, band, &axis);
    Some(Drawing { slug: format!("{}-{}", PAINTER.slug, slug(&panel.scenario)), title, alt, height: height as i32, paint: Box::new(paint) })
}

fn paint(canvas: &Canvas<'_, '_>, marks: &[Mark], band: (f64, f64), axis_title: &str) {
    let widest = |f: &dyn Fn(&Mark) -> f64| marks.iter().map(f).fold(0.0, f64::max);
    let (edge, end) = (40.0, f64::from(WIDTH) - 40.0);
    let label_room = widest(&|m| canvas.width(&m.label, NORMAL)).min((end - edge) * 0.28);
    let (left, right) = (edge + label_room + 24.0, end - widest(&|m| canvas.width(&m.written, NORMAL)) - 28.0);
    let low = marks.iter().map(|m| m.interval.map_or(m.value, |(low, _)| low)).fold(0.0, f64::min);
    let high = marks.iter().map(|m| m.interval.map_or(m.value, |(_, high)| high.max(m.value))).fold(band.1, f64::max);
    let axis = Axis::new(low, high, left, right, 6);
    let bottom = TOP + marks.len() as f64 * ROW;
    canvas.rect(axis.at(band.0), TOP, axis.at(band.1).max(axis.at(band.0) + 2.0), bottom, palette::PALE);
    for tick in &axis.ticks {
        let x = axis.at(*tick);
        canvas.line(&[(x, TOP), (x, bottom)], palette::GRID, 2);
        canvas.text(x, bottom + 24.0, &axis.label(*tick), SMALL, Anchor::Middle, palette::MUTED, false);
    }
    for (row, mark) in marks.iter().enumerate() {
        let middle = TOP + (row as f64 + 0.5) * ROW;
        let colour = if mark.own { palette::NAVY } else { palette::BLUE };
        canvas.label(left - 24.0, middle, &canvas.fitted(&mark.label, NORMAL, label_room), Anchor::End);
        if let Some((from, to)) = mark.interval {
            canvas.line(&[(axis.at(from), middle), (axis.at(to), middle)], colour, 4);
            for x in [axis.at(from), axis.at(to)] {
                canvas.line(&[(x, middle - 10.0), (x, middle + 10.0)], colour, 4);
            }
        }
        let x = axis.at(mark.value);
        canvas.rect(x - 8.0, middle - 8.0, x + 8.0, middle + 8.0, colour);
        canvas.label(end, middle, &mark.written, Anchor::End);
    }
    canvas.text((left + right) / 2.0, bottom + 62.0, axis_title, SMALL, Anchor::Middle, palette::MUTED, false);
}
