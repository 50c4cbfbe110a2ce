//! Shows, scenario by scenario, how many accounts are warned, called, liquidated, and end in shortfall.

use super::canvas::{Anchor, Canvas, Drawing, NORMAL, SMALL, WIDTH, palette};
use super::{Context, Painter};
use crate::measures::Estimate;
use crate::model::part::Words;
use crate::report::text::number::{self, Scale};
use crate::report::text::{measure, shared};

pub const PAINTER: Painter = Painter {
    slug: "account-funnel",
    section: "results",
    title: Words("From warning to shortfall, by scenario", "各情景从预警到穿仓"),
    draw: drawings,
};

const STAGE_ACCOUNTS: Words = Words("Accounts", "账户");
const STAGE_WARNED: Words = Words("Warned", "预警");
const STAGE_CALLED: Words = Words("Called", "追保");
const STAGE_LIQUIDATED: Words = Words("Liquidated", "强平");
const STAGE_SHORTFALL: Words = Words("In shortfall", "穿仓");
const FUNNEL_NOTE: Words = Words(
    "Share of all accounts that meet the event at least once within the horizon; bars on one common scale.",
    "期限内至少发生一次该事件的账户占全部账户的比例；各条同一比例尺。",
);
const ALT_FUNNEL: Words = Words("Shares of accounts by stage. {values}.", "各阶段账户占比。{values}。");

const STAGES: [&str; 4] = ["warning_rate", "call_rate", "liquidation_rate", "shortfall_rate"];
const ROW: f64 = 76.0;
const HEAD: f64 = 60.0;

struct Row {
    name: String,
    /// Share of accounts and its written form, by stage.
    stages: Vec<Option<(f64, String)>>,
}

fn drawings(context: Context<'_>) -> Vec<Drawing<'_>> {
    let text = context.text;
    let has = |key: &str| context.facts.scenarios.iter().any(|s| s.measures.contains_key(key));
    let stages: Vec<&str> = STAGES.into_iter().filter(|key| has(key)).collect();
    if stages.len() < 2 {
        return Vec::new();
    }
    let written = |e: &Estimate| (e.value, number::estimate(&text, e, Scale::ONE).full());
    let rows: Vec<Row> = (context.rows().into_iter())
        .map(|s| Row {
            name: context.scenario(&s.name),
            stages: stages.iter().map(|key| s.measures.get(*key).filter(|e| e.value.is_finite()).map(written)).collect(),
        })
        .collect();
    let stated: Vec<String> = (rows.iter())
        .map(|row| {
            let figures = stages.iter().zip(&row.stages).filter_map(|(key, stage)| Some((key, stage.as_ref()?)));
            let figures: Vec<String> = figures.map(|(key, (_, w))| format!("{} {w}", measure::name(&text, key))).collect();
            format!("{}{}{}", row.name, text.get(shared::COLON), text.list(&figures))
        })
        .collect();
    let alt = text.fill(ALT_FUNNEL, &[("values", &stated.join(text.get(shared::SEMICOLON)))]);
    let mut heads = vec![text.get(STAGE_ACCOUNTS).to_string()];
    heads.extend(stages.iter().map(|key| text.get(stage_word(key)).to_string()));
    let accounts = number::count(context.facts.snapshot.accounts as u64);
    let height = HEAD + rows.len() as f64 * ROW + 70.0;
    let note = text.get(FUNNEL_NOTE);
    let paint = move |canvas: &Canvas<'_, '_>| paint(canvas, &rows, &heads, &accounts, note);
    vec![Drawing {
        slug: PAINTER.slug.into(),
        title: text.get(PAINTER.title).to_string() + &context.shown(),
        alt,
        height: height as i32,
        paint: Box::new(paint),
    }]
}

fn stage_word(key: &str) -> Words {
    match key {
        "warning_rate" => STAGE_WARNED,
        "call_rate" => STAGE_CALLED,
        "liquidation_rate" => STAGE_LIQUIDATED,
        _ => STAGE_SHORTFALL,
    }
}

fn paint(canvas: &Canvas<'_, '_>, rows: &[Row], heads: &[String], accounts: &str, note: &str) {
    let names = rows.iter().map(|row| canvas.width(&row.name, NORMAL)).fold(0.0, f64::max).min(360.0);
    let left = 40.0 + names + 30.0;
    let column = (f64::from(WIDTH) - 40.0 - left) / heads.len() as f64;
    for (at, head) in heads.iter().enumerate() {
        let head = canvas.fitted(head, NORMAL, column - 16.0);
        canvas.text(left + at as f64 * column, 26.0, &head, NORMAL, Anchor::Start, palette::INK, true);
    }
    for (at, row) in rows.iter().enumerate() {
        let top = HEAD + at as f64 * ROW;
        canvas.line(&[(40.0, top), (f64::from(WIDTH) - 40.0, top)], palette::GRID, 2);
        let lines = canvas.two_lines(&row.name, NORMAL, names);
        for (k, line) in lines.iter().enumerate() {
            canvas.label(40.0, top + ROW / 2.0 + (k as f64 - (lines.len() - 1) as f64 / 2.0) * 28.0, line, Anchor::Start);
        }
        let all = Some((1.0, accounts.to_string()));
        for (stage, cell) in std::iter::once(&all).chain(&row.stages).enumerate() {
            let x = left + stage as f64 * column;
            let Some((share, written)) = cell else {
                canvas.text(x, top + 28.0, "–", NORMAL, Anchor::Start, palette::MUTED, false);
                continue;
            };
            canvas.label(x, top + 26.0, &canvas.fitted(written, NORMAL, column - 10.0), Anchor::Start);
            let (room, colour) = (column - 30.0, [palette::GRID, palette::SKY, palette::BLUE, palette::NAVY, palette::ALARM][stage.min(4)]);
            canvas.rect(x, top + 48.0, x + room, top + 64.0, palette::PAPER);
            canvas.rect(x, top + 48.0, x + (room * share).max(if *share > 0.0 { 2.0 } else { 0.0 }), top + 64.0, colour);
            canvas.line(&[(x, top + 46.0), (x, top + 66.0)], palette::MUTED, 2);
        }
    }
    canvas.text(40.0, HEAD + rows.len() as f64 * ROW + 36.0, note, SMALL, Anchor::Start, palette::MUTED, false);
}
