//! Shows the book by leverage, and how the forced-liquidation rate climbs with it in every scenario.

use super::bars::{self, Bar, FOOT, Region};
use super::canvas::{Anchor, Axis, Canvas, Drawing, NORMAL, SMALL, WIDTH, palette};
use super::{Context, Painter};
use crate::model::part::Words;
use crate::report::facts::ScenarioFacts;
use crate::report::text::number::{self, Scale};
use crate::report::text::{measure, shared};

pub const BOOK: Painter = Painter {
    slug: "leverage-of-the-book",
    section: "book",
    title: Words("The book by leverage on the as-of date", "基准日账簿的杠杆分布"),
    draw: book,
};

pub const LIQUIDATION: Painter = Painter {
    slug: "liquidation-rate-by-leverage",
    section: "groups",
    title: Words("Accounts liquidated, by leverage and scenario", "各情景分杠杆的账户强制平仓率"),
    draw: liquidation,
};

const SHARE_OF_ACCOUNTS: Words = Words("Share of accounts", "账户占比");
const SHARE_OF_LOANS: Words = Words("Share of loans", "融资占比");
const AXIS_PERCENT: Words = Words("%", "%");
const AXIS_ACCOUNTS_IN_BUCKET: Words = Words(
    "Share of the bucket's accounts that are liquidated, with interval; across: leverage on the as-of date, from",
    "各杠杆区间内被强平账户占比及其区间；横轴：基准日杠杆倍数（起）",
);
const ALT_LEVERAGE_BUCKET: Words = Words("{bucket}: {accounts} of accounts, {loans} of loans", "{bucket}：账户 {accounts}，融资 {loans}");

/// Accounts and loans by leverage bucket, side by side.
fn book(context: Context<'_>) -> Vec<Drawing<'_>> {
    let (text, buckets) = (context.text, &context.facts.snapshot.leverage);
    if buckets.is_empty() {
        return Vec::new();
    }
    let accounts: usize = buckets.iter().map(|(_, n, _)| n).sum();
    let loans: f64 = buckets.iter().map(|(_, _, loan)| loan).sum();
    let share = |label: &str, part: f64, whole: f64| {
        let value = if whole > 0.0 { part / whole } else { 0.0 };
        Bar { label: label.to_string(), value: value * 100.0, interval: None, written: format!("{:.1}%", value * 100.0), strong: false }
    };
    let by_accounts: Vec<Bar> = buckets.iter().map(|(name, n, _)| share(name, *n as f64, accounts as f64)).collect();
    let by_loans: Vec<Bar> = buckets.iter().map(|(name, _, loan)| share(name, *loan, loans)).collect();
    let stated: Vec<String> = (by_accounts.iter().zip(&by_loans))
        .map(|(a, l)| text.fill(ALT_LEVERAGE_BUCKET, &[("bucket", &a.label), ("accounts", &a.written), ("loans", &l.written)]))
        .collect();
    let title = text.get(BOOK.title).to_string();
    let alt = text.fill(shared::ALT_BARS, &[("title", &title), ("unit", text.get(shared::LEVERAGE)), ("values", &text.list(&stated))]);
    let height = 70.0 + buckets.len() as f64 * bars::ROW + FOOT;
    let paint = move |canvas: &Canvas<'_, '_>| {
        let half = f64::from(WIDTH) / 2.0;
        let reach = by_accounts.iter().chain(&by_loans).map(|b| b.value).fold(0.0, f64::max);
        let panels =
            [(40.0, half - 30.0, &by_accounts, SHARE_OF_ACCOUNTS), (half + 30.0, f64::from(WIDTH) - 40.0, &by_loans, SHARE_OF_LOANS)];
        for (left, right, rows, word) in panels {
            canvas.text(left, 26.0, text.get(word), NORMAL, Anchor::Start, palette::INK, true);
            bars::draw(canvas, Region { left, top: 56.0, right, reach }, rows, text.get(AXIS_PERCENT));
        }
    };
    vec![Drawing { slug: BOOK.slug.into(), title, alt, height: height as i32, paint: Box::new(paint) }]
}

/// Height and room of one small panel.
const PANEL: f64 = 330.0;
const COLUMNS: usize = 3;

/// A rate and its interval, in per cent, and as it is told.
type Rate = (f64, Option<(f64, f64)>, String);

struct Panel {
    name: String,
    /// By bucket; none where no account is.
    rates: Vec<Option<Rate>>,
}

/// Forced-liquidation rate by leverage bucket: one small panel per scenario on one common scale.
fn liquidation(context: Context<'_>) -> Vec<Drawing<'_>> {
    let text = context.text;
    let buckets: Vec<String> = context.facts.snapshot.leverage.iter().map(|(name, _, _)| name.clone()).collect();
    let panel = |s: &ScenarioFacts| Panel {
        name: context.scenario(&s.name),
        rates: (buckets.iter())
            .map(|bucket| {
                let e = s.measures.get(&measure::leverage_key(bucket, "liquidation_rate")).filter(|e| e.value.is_finite())?;
                let interval = e.ci_high.filter(|_| e.paths > 1).map(|high| (e.ci_low * 100.0, high * 100.0));
                Some((e.value * 100.0, interval, number::estimate(&text, e, Scale::ONE).full()))
            })
            .collect(),
    };
    let panels: Vec<Panel> = context.facts.scenarios.iter().map(panel).filter(|p| p.rates.iter().any(Option::is_some)).collect();
    if panels.is_empty() {
        return Vec::new();
    }
    let stated: Vec<String> = (panels.iter())
        .map(|p| {
            let rates = buckets.iter().zip(&p.rates).filter_map(|(b, r)| Some(format!("{b} {}", r.as_ref()?.2)));
            format!("{}{}{}", p.name, text.get(shared::COLON), text.list(&rates.collect::<Vec<_>>()))
        })
        .collect();
    let title = text.get(LIQUIDATION.title).to_string();
    let axis = text.get(AXIS_ACCOUNTS_IN_BUCKET);
    let alt = text.fill(shared::ALT_BARS, &[("title", &title), ("unit", axis), ("values", &stated.join(text.get(shared::SEMICOLON)))]);
    let height = 50.0 + panels.len().div_ceil(COLUMNS) as f64 * PANEL + 20.0;
    let paint = move |canvas: &Canvas<'_, '_>| paint(canvas, &panels, &buckets, axis);
    vec![Drawing { slug: LIQUIDATION.slug.into(), title, alt, height: height as i32, paint: Box::new(paint) }]
}

fn paint(canvas: &Canvas<'_, '_>, panels: &[Panel], buckets: &[String], axis: &str) {
    canvas.text(40.0, 24.0, axis, SMALL, Anchor::Start, palette::MUTED, false);
    let highest = panels
        .iter()
        .flat_map(|p| p.rates.iter().flatten())
        .map(|(v, i, _)| i.map_or(*v, |(_, h)| h.max(*v)))
        .fold(0.0, f64::max)
        .min(100.0);
    let room = 90.0;
    let width = (f64::from(WIDTH) - 40.0 - room) / COLUMNS as f64;
    for (at, panel) in panels.iter().enumerate() {
        let (left, top) = (room + (at % COLUMNS) as f64 * width, 50.0 + (at / COLUMNS) as f64 * PANEL);
        let (right, bottom) = (left + width - 34.0, top + PANEL - 68.0);
        let y = Axis::new(0.0, highest, bottom, top + 52.0, 4);
        let name = canvas.fitted(&panel.name, NORMAL, right - left);
        canvas.text(left, top + 18.0, &name, NORMAL, Anchor::Start, palette::INK, true);
        for tick in &y.ticks {
            canvas.line(&[(left, y.at(*tick)), (right, y.at(*tick))], palette::GRID, 2);
            if at % COLUMNS == 0 {
                canvas.text(left - 12.0, y.at(*tick), &format!("{}%", y.label(*tick)), SMALL, Anchor::End, palette::MUTED, false);
            }
        }
        let step = (right - left) / buckets.len() as f64;
        for (bucket, rate) in panel.rates.iter().enumerate() {
            let middle = left + (bucket as f64 + 0.5) * step;
            if let Some((value, interval, _)) = rate {
                canvas.rect(middle - step * 0.34, y.at(*value), middle + step * 0.34, bottom, palette::BLUE);
                if let Some((low, high)) = interval.filter(|(low, high)| y.at(*low) - y.at(*high) > 3.0) {
                    canvas.line(&[(middle, y.at(low.max(0.0))), (middle, y.at(high.min(100.0)))], palette::INK, 3);
                }
            } else {
                canvas.text(middle, bottom - 14.0, "–", SMALL, Anchor::Middle, palette::MUTED, false);
            }
            // the bucket's lower edge, as its full name is too long for so small a panel
            let edge = buckets[bucket].split('-').next().unwrap_or_default().trim_end_matches('+');
            let edge = if edge.contains('.') { edge.trim_end_matches('0').trim_end_matches('.') } else { edge };
            let edge = format!("{edge}+");
            canvas.text(middle, bottom + 22.0, &edge, 21.0, Anchor::Middle, palette::MUTED, false);
        }
        canvas.line(&[(left, bottom), (right, bottom)], palette::INK, 2);
    }
}
