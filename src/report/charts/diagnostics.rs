//! Draws what a fit leaves unexplained: residuals against a normal law, and autocorrelations of residuals and of squares.

use super::canvas::{Anchor, Axis, Canvas, Drawing, NORMAL, SMALL, palette};
use super::slug;
use crate::measures::diagnostics::{autocorrelations, normal_quantiles};
use crate::model::part::Words;
use crate::report::text::{Text, number};
use crate::study::fit::{LAGS, LAGS_DRAWN, ModelFit, SymbolReport};

const CHART_TITLE: Words = Words("{model}, {symbol}: what the fit leaves unexplained", "{model}，{symbol}：拟合未能解释的部分");
const QUANTILE_PANEL: Words = Words("Residuals against a normal law", "残差与正态分布对照");
const NORMAL_AXIS: Words = Words("normal quantile", "正态分位数");
const RESIDUAL_AXIS: Words = Words("residual", "残差");
const AUTOCORRELATION_PANEL: Words = Words("Autocorrelation of residuals", "残差自相关");
const SQUARES_PANEL: Words = Words("Autocorrelation of squares", "残差平方自相关");
const LAG_AXIS: Words = Words("lag, sessions", "滞后（交易日）");
const BAND_NOTE: Words = Words("dashed: 95% band of independent days", "虚线：独立时的 95% 区间");
const ALT_CHART: Words = Words(
    "{title}. {days} days. Ljung-Box p value at {lags} lags: residuals {residuals}, squares {squares}. Excess kurtosis {kurtosis}.",
    "{title}。{days} 个交易日。{lags} 阶检验的概率值：残差 {residuals}，平方 {squares}。超额峰度 {kurtosis}。",
);

const HEIGHT: f64 = 560.0;
/// Points of a quantile plot; more would cover each other.
const POINTS: usize = 250;
/// 97.5 % point of a normal law: autocorrelations of independent days lie within ±1.96/√n.
const BAND: f64 = 1.959_964;

/// One panel's box.
#[derive(Clone, Copy)]
struct Panel {
    left: f64,
    right: f64,
}

const PANELS: [Panel; 3] =
    [Panel { left: 110.0, right: 530.0 }, Panel { left: 650.0, right: 1040.0 }, Panel { left: 1160.0, right: 1550.0 }];
const TOP: f64 = 90.0;
const BOTTOM: f64 = HEIGHT - 100.0;

/// The chart of one symbol of a model.
pub fn drawing<'a>(text: Text, model: &ModelFit, called: &str, symbol: &'a SymbolReport) -> Drawing<'a> {
    let title = text.fill(CHART_TITLE, &[("model", called), ("symbol", &symbol.symbol)]);
    let p = |test: Option<f64>| test.map_or("–".to_string(), |p| number::grouped(p, 3));
    let alt = text.fill(
        ALT_CHART,
        &[
            ("title", &title),
            ("days", &number::count(symbol.observations as u64)),
            ("lags", &LAGS.to_string()),
            ("residuals", &p(symbol.ljung_box_residuals.map(|t| t.p_value))),
            ("squares", &p(symbol.ljung_box_squares.map(|t| t.p_value))),
            ("kurtosis", &number::grouped(symbol.residuals.excess_kurtosis, 2)),
        ],
    );
    let paint = move |canvas: &Canvas<'_, '_>| {
        quantiles(canvas, &text, &symbol.series);
        let squares: Vec<f64> = symbol.series.iter().map(|z| z * z).collect();
        for (panel, word, series) in [(1, AUTOCORRELATION_PANEL, &symbol.series), (2, SQUARES_PANEL, &squares)] {
            correlogram(canvas, &text, PANELS[panel], text.get(word), series);
        }
    };
    Drawing { slug: format!("fit-{}-{}", model.model, slug(&symbol.symbol)), title, alt, height: HEIGHT as i32, paint: Box::new(paint) }
}

fn heading(canvas: &Canvas<'_, '_>, panel: Panel, heading: &str) {
    let room = panel.right - panel.left + 90.0;
    canvas.text(panel.left - 70.0, 36.0, &canvas.fitted(heading, NORMAL, room), NORMAL, Anchor::Start, palette::INK, true);
}

/// The frame's ticks; `x` runs along the bottom, `y` up the left side.
fn frame(canvas: &Canvas<'_, '_>, panel: Panel, (x, y): (&Axis, &Axis), below: &str) {
    canvas.rules(y, (panel.left, panel.right), 12.0, "");
    for tick in &x.ticks {
        canvas.text(x.at(*tick), BOTTOM + 26.0, &x.label(*tick), SMALL, Anchor::Middle, palette::MUTED, false);
    }
    canvas.text((panel.left + panel.right) / 2.0, BOTTOM + 66.0, below, SMALL, Anchor::Middle, palette::MUTED, false);
}

fn quantiles(canvas: &Canvas<'_, '_>, text: &Text, series: &[f64]) {
    let panel = PANELS[0];
    heading(canvas, panel, text.get(QUANTILE_PANEL));
    let pairs = normal_quantiles(series, POINTS);
    let reach = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(|pair| of(pair).abs()).fold(1.0, f64::max);
    let (across, up) = (reach(|p| p.0), reach(|p| p.1));
    let x = Axis::new(-across, across, panel.left, panel.right, 4);
    let y = Axis::new(-up, up, BOTTOM, TOP, 5);
    frame(canvas, panel, (&x, &y), text.get(NORMAL_AXIS));
    canvas.text(panel.left - 70.0, TOP - 22.0, text.get(RESIDUAL_AXIS), SMALL, Anchor::Start, palette::MUTED, false);
    let end = across.min(up);
    canvas.line(&[(x.at(-end), y.at(-end)), (x.at(end), y.at(end))], palette::MUTED, 2);
    for (normal, own) in &pairs {
        let (at_x, at_y) = (x.at(*normal), y.at(*own));
        canvas.rect(at_x - 3.0, at_y - 3.0, at_x + 3.0, at_y + 3.0, palette::BLUE);
    }
}

fn correlogram(canvas: &Canvas<'_, '_>, text: &Text, panel: Panel, title: &str, series: &[f64]) {
    heading(canvas, panel, title);
    let bars = autocorrelations(series, LAGS_DRAWN);
    let band = BAND / (series.len().max(1) as f64).sqrt();
    let reach = bars.iter().map(|rho| rho.abs()).fold(1.2 * band, f64::max);
    let x = Axis::exact(0.0, LAGS_DRAWN as f64 + 1.0, panel.left, panel.right, 4);
    let y = Axis::new(-reach, reach, BOTTOM, TOP, 5);
    frame(canvas, panel, (&x, &y), text.get(LAG_AXIS));
    for (lag, rho) in bars.iter().enumerate() {
        let (at, colour) = (x.at(lag as f64 + 1.0), if rho.abs() > band { palette::ALARM } else { palette::BLUE });
        canvas.rect(at - 5.0, y.at(rho.max(0.0)), at + 5.0, y.at(rho.min(0.0)), colour);
    }
    for side in [-band, band] {
        canvas.dashed((panel.left, y.at(side)), (panel.right, y.at(side)), palette::MUTED, 2);
    }
    canvas.line(&[(panel.left, y.at(0.0)), (panel.right, y.at(0.0))], palette::INK, 2);
    let note = canvas.fitted(text.get(BAND_NOTE), SMALL, panel.right - panel.left + 70.0);
    canvas.text(panel.left - 70.0, TOP - 22.0, &note, SMALL, Anchor::Start, palette::MUTED, false);
}
