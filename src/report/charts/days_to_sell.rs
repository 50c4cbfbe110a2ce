//! Shows how many sessions the book's holdings take to sell at the share of turnover that forced sales may take.

use super::bars::{self, Bar, FOOT, ROW};
use super::canvas::{Canvas, Drawing, WIDTH, palette};
use super::{Context, Painter};
use crate::model::part::Words;
use crate::report::text::number;
use crate::report::text::shared;

pub const PAINTER: Painter = Painter {
    slug: "days-to-sell",
    section: "book",
    title: Words("Sessions that the sale of the book takes, at {share} of average turnover", "按日均成交额的 {share} 卖出账簿所需交易日"),
    draw: drawings,
};

const SLOWEST: Words = Words("Slowest holdings", "最慢的持仓");
const WITHIN: Words = Words("Market value sold within so many sessions", "在若干交易日内可卖出的市值");
const AXIS_SESSIONS: Words = Words("sessions", "交易日");
const AXIS_PERCENT: Words = Words("% of the market value", "市值占比（%）");
const DAYS: Words = Words("{n} sessions", "{n} 个交易日");
const ONE_DAY: Words = Words("1 session", "1 个交易日");
const UNKNOWN: Words = Words("turnover not known", "成交额未知");
const SLOW: Words = Words("{symbol} {days}", "{symbol} {days}");

/// Holdings shown.
const MOST: usize = 8;

fn drawings(context: Context<'_>) -> Vec<Drawing<'_>> {
    let text = context.text;
    let Some(shape) = &context.facts.snapshot.days_to_sell else { return Vec::new() };
    if shape.slowest.is_empty() {
        return Vec::new();
    }
    let bar = |label: String, value: f64, written: String| Bar { label, value, interval: None, written, strong: false, colour: None };
    let digits = |days: f64| number::grouped(days, number::decimals_for_value(days, 2).min(2));
    let slowest: Vec<Bar> = (shape.slowest.iter().take(MOST))
        .map(|(symbol, name, days, _)| bar(format!("{symbol} {name}").trim_end().to_string(), *days, digits(*days)))
        .collect();
    let days = |n: u32| if n == 1 { text.get(ONE_DAY).into() } else { text.fill(DAYS, &[("n", &n.to_string())]) };
    let mut within: Vec<Bar> = shape.within.iter().map(|(n, share)| bar(days(*n), share * 100.0, number::share(*share, 1.0))).collect();
    if shape.unknown > 0.0 {
        let unknown = bar(text.get(UNKNOWN).into(), shape.unknown * 100.0, number::share(shape.unknown, 1.0));
        within.push(Bar { colour: Some(palette::AMBER), ..unknown });
    }
    let title = text.fill(PAINTER.title, &[("share", &number::line(shape.participation))]);
    let slow = slowest.iter().map(|b| text.fill(SLOW, &[("symbol", &b.label), ("days", &b.written)]));
    let told: Vec<String> = slow.chain(within.iter().map(|b| format!("{} {}", b.label, b.written))).collect();
    let alt = text.fill(shared::ALT_BARS, &[("title", &title), ("unit", text.get(AXIS_SESSIONS)), ("values", &text.list(&told))]);
    let height = 70.0 + slowest.len().max(within.len()) as f64 * ROW + FOOT;
    let paint = move |canvas: &Canvas<'_, '_>| {
        let half = f64::from(WIDTH) / 2.0 + 60.0;
        let panels = [
            (40.0, half - 30.0, &slowest, SLOWEST, AXIS_SESSIONS, 0.0),
            (half + 30.0, f64::from(WIDTH) - 40.0, &within, WITHIN, AXIS_PERCENT, 100.0),
        ];
        for (left, right, rows, word, axis, reach) in panels {
            bars::panel(canvas, (left, right), text.get(word), (rows, reach), text.get(axis));
        }
    };
    vec![Drawing { slug: PAINTER.slug.into(), title, alt, height: height as i32, paint: Box::new(paint) }]
}
