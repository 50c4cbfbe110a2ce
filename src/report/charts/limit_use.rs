//! Shows how much of each limit is used, with the interval of the figure, against the limit itself.

use super::bars::{self, Bar, FOOT, ROW, Region};
use super::canvas::{Canvas, Drawing, WIDTH, palette};
use super::{Context, Painter};
use crate::model::part::Words;
use crate::report::text::{limit, measure, shared};
use crate::study::limits::{LimitResult, Verdict};

pub const PAINTER: Painter =
    Painter { slug: "limit-use", section: "limits", title: Words("How much of each limit is used", "各限额使用率"), draw: drawings };

const AXIS_USED: Words = Words("% of the limit; line: the limit", "限额使用率（%），竖线为限额");
const TEST: Words = Words("{measure}, {scenario}", "{measure}，{scenario}");
const MORE: Words = Words(" (the {shown} closest of {n})", "（最接近限额的 {shown} 项，共 {n} 项）");

/// Tests that one chart has room for.
const MOST: usize = 14;
/// What goes further beyond its limit is drawn to here.
const LONGEST: f64 = 300.0;

fn drawings(context: Context<'_>) -> Vec<Drawing<'_>> {
    let text = context.text;
    let mut tests: Vec<(&LimitResult, f64)> = context.facts.limits.iter().filter_map(|l| Some((l, l.used()?))).collect();
    if tests.len() < 2 {
        return Vec::new();
    }
    tests.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| reach(b.0).total_cmp(&reach(a.0))));
    let n = tests.len();
    tests.truncate(MOST);
    let bars: Vec<Bar> = tests.iter().map(|(l, used)| bar(&context, l, *used)).collect();
    let mut title = text.get(PAINTER.title).to_string();
    if n > MOST {
        title += &text.fill(MORE, &[("shown", &MOST.to_string()), ("n", &n.to_string())]);
    }
    let told: Vec<String> = bars.iter().map(|b| format!("{} {}", b.label, b.written)).collect();
    let alt = text.fill(shared::ALT_BARS, &[("title", &title), ("unit", text.get(AXIS_USED)), ("values", &text.list(&told))]);
    let height = 24.0 + bars.len() as f64 * ROW + FOOT;
    let paint = move |canvas: &Canvas<'_, '_>| {
        let region = Region { left: 40.0, top: 16.0, right: f64::from(WIDTH) - 40.0, reach: 105.0 };
        let (axis, bottom) = bars::draw(canvas, region, &bars, text.get(AXIS_USED));
        canvas.line(&[(axis.at(100.0), 8.0), (axis.at(100.0), bottom)], palette::INK, 4);
    };
    vec![Drawing { slug: PAINTER.slug.into(), title, alt, height: height as i32, paint: Box::new(paint) }]
}

/// The share of its limit that the far end of a figure's interval would use.
fn reach(l: &LimitResult) -> f64 {
    l.estimate.ci_high.map_or(f64::INFINITY, |high| high / l.limit)
}

fn bar(context: &Context<'_>, l: &LimitResult, used: f64) -> Bar {
    let text = &context.text;
    let label = text.fill(TEST, &[("measure", &measure::name(text, &l.measure)), ("scenario", &context.scenario(&l.scenario))]);
    let colour = match l.verdict {
        Verdict::Pass => palette::BLUE,
        Verdict::Undecided => palette::AMBER,
        Verdict::Breach => palette::ALARM,
    };
    let shown = |share: f64| (share * 100.0).min(LONGEST);
    // what must stay above its limit uses the more of it the smaller it is
    let ends = if l.side == "above" {
        l.estimate
            .ci_high
            .map(|high| (l.limit / high, Some(l.limit / l.estimate.ci_low).filter(|end| l.estimate.ci_low > 0.0 && end.is_finite())))
    } else {
        Some((l.estimate.ci_low.max(0.0) / l.limit, l.estimate.ci_high.map(|high| high / l.limit)))
    };
    let interval = ends.filter(|(low, _)| l.estimate.paths > 1 && low.is_finite()).map(|(low, high)| (shown(low), high.map(shown)));
    Bar { label, value: shown(used), interval, written: limit::used(l, used), strong: false, colour: Some(colour) }
}
