//! Shows the book by leverage, and how the forced-liquidation rate climbs with it in every scenario.

use super::bars::{self, Bar, FOOT};
use super::canvas::{Anchor, Canvas, Drawing, NORMAL, SMALL, WIDTH, palette};
use super::heat_map;
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
    "Share of the bucket's accounts that are liquidated, with its standard error; across: leverage on the as-of date",
    "各杠杆区间内被强平账户占比及其标准误；横向为基准日杠杆倍数",
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
        Bar {
            label: label.to_string(),
            value: value * 100.0,
            interval: None,
            written: format!("{:.1}%", value * 100.0),
            strong: false,
            colour: None,
        }
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
            bars::panel(canvas, (left, right), text.get(word), (rows, reach), text.get(AXIS_PERCENT));
        }
    };
    vec![Drawing { slug: BOOK.slug.into(), title, alt, height: height as i32, paint: Box::new(paint) }]
}

/// Height of a row, and of the heads above the first.
const CELL: f64 = 64.0;
const HEAD: f64 = 96.0;

/// A rate as a share, and as it is told with its error.
type Rate = (f64, String);

struct Row {
    name: String,
    /// By bucket; none where no account is.
    rates: Vec<Option<Rate>>,
}

/// Forced-liquidation rate by leverage bucket and scenario, the darker the higher.
fn liquidation(context: Context<'_>) -> Vec<Drawing<'_>> {
    let text = context.text;
    let buckets: Vec<String> = context.facts.snapshot.leverage.iter().map(|(name, _, _)| name.clone()).collect();
    let row = |s: &ScenarioFacts| Row {
        name: context.scenario(&s.name),
        rates: (buckets.iter())
            .map(|bucket| {
                let e = s.measures.get(&measure::leverage_key(bucket, "liquidation_rate")).filter(|e| e.value.is_finite())?;
                Some((e.value, number::estimate(&text, e, Scale::ONE).full()))
            })
            .collect(),
    };
    let rows: Vec<Row> = context.rows().into_iter().map(row).filter(|row| row.rates.iter().any(Option::is_some)).collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let stated: Vec<String> = (rows.iter())
        .map(|row| {
            let rates = buckets.iter().zip(&row.rates).filter_map(|(b, r)| Some(format!("{b} {}", r.as_ref()?.1)));
            format!("{}{}{}", row.name, text.get(shared::COLON), text.list(&rates.collect::<Vec<_>>()))
        })
        .collect();
    let title = text.get(LIQUIDATION.title).to_string() + &context.shown();
    let axis = text.get(AXIS_ACCOUNTS_IN_BUCKET);
    let alt = text.fill(shared::ALT_BARS, &[("title", &title), ("unit", axis), ("values", &stated.join(text.get(shared::SEMICOLON)))]);
    let height = HEAD + rows.len() as f64 * CELL + 20.0;
    let paint = move |canvas: &Canvas<'_, '_>| paint(canvas, &rows, &buckets, axis);
    vec![Drawing { slug: LIQUIDATION.slug.into(), title, alt, height: height as i32, paint: Box::new(paint) }]
}

fn paint(canvas: &Canvas<'_, '_>, rows: &[Row], buckets: &[String], axis: &str) {
    canvas.text(40.0, 24.0, axis, SMALL, Anchor::Start, palette::MUTED, false);
    let names = rows.iter().map(|row| canvas.width(&row.name, NORMAL)).fold(0.0, f64::max).min(380.0);
    let left = 40.0 + names + 24.0;
    let step = (f64::from(WIDTH) - 40.0 - left) / buckets.len() as f64;
    for (at, bucket) in buckets.iter().enumerate() {
        let head = canvas.fitted(bucket, NORMAL, step - 12.0);
        canvas.text(left + (at as f64 + 0.5) * step, 68.0, &head, NORMAL, Anchor::Middle, palette::INK, true);
    }
    for (at, row) in rows.iter().enumerate() {
        let top = HEAD + at as f64 * CELL;
        let lines = canvas.two_lines(&row.name, NORMAL, names);
        for (k, line) in lines.iter().enumerate() {
            let y = top + CELL / 2.0 + (k as f64 - (lines.len() - 1) as f64 / 2.0) * 28.0;
            canvas.label(40.0, y, line, Anchor::Start);
        }
        for (bucket, rate) in row.rates.iter().enumerate() {
            let from = left + bucket as f64 * step;
            let Some((value, written)) = rate else {
                canvas.text(from + step / 2.0, top + CELL / 2.0, "–", NORMAL, Anchor::Middle, palette::MUTED, false);
                continue;
            };
            canvas.tip([from, top, from + step, top + CELL], format!("{} · {} · {written}", row.name, buckets[bucket]));
            let shade = value.clamp(0.0, 1.0);
            canvas.rect(from + 2.0, top + 2.0, from + step - 2.0, top + CELL - 2.0, heat_map::colour(shade));
            let ink = if shade > 0.5 { palette::PAPER } else { palette::INK };
            let size = if canvas.width(written, NORMAL) <= step - 14.0 { NORMAL } else { 19.0 };
            let written = canvas.fitted(written, size, step - 10.0);
            canvas.text(from + step / 2.0, top + CELL / 2.0, &written, size, Anchor::Middle, ink, false);
        }
    }
}
