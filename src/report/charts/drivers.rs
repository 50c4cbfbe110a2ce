//! Shows the accounts and the symbols that make most of the worst scenario's ES, side by side.

use super::canvas::{Anchor, Axis, Canvas, Drawing, NORMAL, SMALL, WIDTH, palette};
use super::{Context, Painter};
use crate::measures::shapes::Driver;
use crate::model::part::Words;
use crate::report::text::number::{self, Scale};
use crate::report::text::shared;

pub const PAINTER: Painter = Painter {
    slug: "es-drivers",
    section: "worst",
    title: Words("Who makes the worst paths: {scenario}", "最差路径的来源：{scenario}"),
    draw: drawings,
};

const OF_ACCOUNTS: Words = Words("Accounts, part of ES 99%, {unit}", "账户：ES 99% 贡献（{unit}）");
const OF_SYMBOLS: Words = Words("Symbols, part of ES 99%, {unit}", "证券：ES 99% 贡献（{unit}）");
const ALT: Words = Words("Bar chart, {title}. {accounts}. {symbols}.", "条形图，{title}。{accounts}。{symbols}。");

/// Bars of one kind, at most.
const BARS: usize = 8;
const ROW: f64 = 44.0;
const HEAD: f64 = 60.0;
const FOOT: f64 = 60.0;

fn drawings(context: Context<'_>) -> Vec<Drawing<'_>> {
    let text = context.text;
    let Some((scenario, causes)) = context.caused() else { return Vec::new() };
    let shown = |of: &'_ [Driver]| -> Vec<Driver> { of.iter().take(BARS).cloned().collect() };
    let (accounts, symbols) = (shown(&causes.accounts), shown(&causes.symbols));
    let scale = Scale::of(&text, accounts.iter().chain(&symbols).map(|driver| driver.part.value));
    let unit = context.unit(scale);
    let title = text.fill(PAINTER.title, &[("scenario", &context.scenario(&scenario.name))]);
    let heads = [OF_ACCOUNTS, OF_SYMBOLS].map(|words| text.fill(words, &[("unit", &unit)]));
    let stated = |head: &str, of: &[Driver]| {
        let each: Vec<String> = of.iter().map(|d| format!("{} {}", d.id, number::estimate(&text, &d.part, scale).full())).collect();
        format!("{head}{}{}", text.get(shared::COLON), text.list(&each))
    };
    let (of_accounts, of_symbols) = (stated(&heads[0], &accounts), stated(&heads[1], &symbols));
    let alt = text.fill(ALT, &[("title", &title), ("accounts", &of_accounts), ("symbols", &of_symbols)]);
    let height = HEAD + accounts.len().max(symbols.len()) as f64 * ROW + FOOT;
    let paint = move |canvas: &Canvas<'_, '_>| {
        let middle = f64::from(WIDTH) / 2.0;
        // an account is known by its id, a symbol by its name too
        panel(canvas, &accounts, scale, &heads[0], (40.0, middle - 30.0), &|driver| driver.id.clone());
        let of_symbol = |driver: &Driver| if driver.name.is_empty() { driver.id.clone() } else { format!("{} {}", driver.id, driver.name) };
        panel(canvas, &symbols, scale, &heads[1], (middle + 30.0, f64::from(WIDTH) - 40.0), &of_symbol);
    };
    vec![Drawing { slug: PAINTER.slug.into(), title, alt, height: height as i32, paint: Box::new(paint) }]
}

fn panel(canvas: &Canvas<'_, '_>, of: &[Driver], scale: Scale, head: &str, (from, to): (f64, f64), name: &dyn Fn(&Driver) -> String) {
    canvas.text(from, 24.0, &canvas.fitted(head, NORMAL, to - from), NORMAL, Anchor::Start, palette::INK, true);
    let names = of.iter().map(|driver| canvas.width(&name(driver), SMALL)).fold(0.0, f64::max).min(260.0);
    let left = from + names + 20.0;
    let high = |driver: &Driver| driver.part.ci_high.unwrap_or(driver.part.value).max(driver.part.value) / scale.divisor;
    let axis = Axis::new(0.0, of.iter().map(high).fold(0.0, f64::max), left, to - 10.0, 4);
    let bottom = HEAD + of.len() as f64 * ROW;
    for tick in &axis.ticks {
        let x = axis.at(*tick);
        canvas.line(&[(x, HEAD - 6.0), (x, bottom)], palette::GRID, 2);
        canvas.text(x, bottom + 24.0, &axis.label(*tick), SMALL, Anchor::Middle, palette::MUTED, false);
    }
    for (at, driver) in of.iter().enumerate() {
        let middle = HEAD + (at as f64 + 0.5) * ROW;
        canvas.text(from, middle, &canvas.fitted(&name(driver), SMALL, names), SMALL, Anchor::Start, palette::INK, false);
        canvas.rect(left, middle - 13.0, axis.at(driver.part.value / scale.divisor), middle + 13.0, palette::BLUE);
        let (low, high) = (axis.at(driver.part.ci_low / scale.divisor), axis.at(high(driver)));
        if high - low > 3.0 {
            canvas.line(&[(low, middle), (high, middle)], palette::PAPER, 8);
            canvas.line(&[(low, middle), (high, middle)], palette::INK, 3);
        }
    }
    canvas.line(&[(left, HEAD - 6.0), (left, bottom)], palette::INK, 2);
}
