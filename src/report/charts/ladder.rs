//! Shows the maturity ladder of the as-of date: what falls due, the gap that it leaves, and how long the pool pays in each scenario.

use super::bars::{self, Bar, FOOT, ROW};
use super::canvas::{Anchor, Axis, Canvas, Drawing, NORMAL, SMALL, WIDTH, palette};
use super::{Context, Painter};
use crate::measures::snapshot::LadderRung;
use crate::model::part::Words;
use crate::report::text::number::{self, Scale};
use crate::report::text::shared;

pub const PAINTER: Painter = Painter {
    slug: "liquidity-ladder",
    section: "pool",
    title: Words("What falls due, and how long the pool pays", "到期阶梯与资金池可支付天数"),
    draw: drawings,
};

const TITLE_DUE: Words = Words("What falls due", "到期阶梯");
const DUE: Words = Words("Falling due by calendar days, {unit}", "按到期日历天数（{unit}）");
const LOANS_DUE: Words = Words("loans due", "到期融资");
const FUNDING_DUE: Words = Words("funding due", "到期资金");
const GAP: Words = Words("cumulated gap", "累计缺口");
const SURVIVAL: Words = Words("Sessions until a claim stays unpaid", "出现未付款项前的交易日数");
const OF_SESSIONS: Words = Words("mean, of at most {n} sessions", "均值，至多 {n} 个交易日");
const UP_TO: Words = Words("≤ {days}", "≤ {days}");
const LATER: Words = Words("later", "更长");
const RUNG: Words = Words("{days}: loans {loans}, funding {funding}, gap {gap}", "{days}：融资 {loans}，资金 {funding}，缺口 {gap}");

fn drawings(context: Context<'_>) -> Vec<Drawing<'_>> {
    let text = context.text;
    let rungs = &context.facts.snapshot.ladder;
    if rungs.iter().all(|rung| rung.funding <= 0.0) {
        return Vec::new();
    }
    let scale = Scale::of(&text, rungs.iter().flat_map(|rung| [rung.funding, rung.loans, rung.gap.abs()]));
    let survival: Vec<Bar> = (context.rows().into_iter())
        .filter_map(|s| bars::bar(&context, context.scenario(&s.name), s.measures.get("survival_days.mean")?, Scale::ONE, false))
        .collect();
    let sessions = context.facts.scenarios.iter().map(|s| s.horizon_days).max().unwrap_or(0);
    let title = if survival.is_empty() { text.get(TITLE_DUE).into() } else { text.get(PAINTER.title).to_string() + &context.shown() };
    let amount = |value: f64| number::plain(value / scale.divisor);
    let told = rungs.iter().map(|rung| {
        let values =
            [("days", name(&context, rung)), ("loans", amount(rung.loans)), ("funding", amount(rung.funding)), ("gap", amount(rung.gap))];
        text.fill(RUNG, &values.each_ref().map(|(key, value)| (*key, value.as_str())))
    });
    let told: Vec<String> = told.chain(survival.iter().map(|b| format!("{} {}", b.label, b.written))).collect();
    let unit = context.unit(scale);
    let alt = text.fill(shared::ALT_BARS, &[("title", &title), ("unit", &unit), ("values", &told.join(text.get(shared::SEMICOLON)))]);
    let height = (70.0 + survival.len() as f64 * ROW + FOOT).max(560.0);
    let paint = move |canvas: &Canvas<'_, '_>| {
        let middle = if survival.is_empty() { f64::from(WIDTH) } else { f64::from(WIDTH) * 0.56 };
        ladder(canvas, &context, rungs, scale, (40.0, middle - 30.0, height));
        if !survival.is_empty() {
            let left = middle + 20.0;
            let axis = text.fill(OF_SESSIONS, &[("n", &sessions.to_string())]);
            bars::panel(canvas, (left, f64::from(WIDTH) - 40.0), text.get(SURVIVAL), (&survival, f64::from(sessions)), &axis);
        }
    };
    vec![Drawing { slug: PAINTER.slug.into(), title, alt, height: height as i32, paint: Box::new(paint) }]
}

fn name(context: &Context<'_>, rung: &LadderRung) -> String {
    match rung.up_to_days {
        i32::MAX => context.text.get(LATER).to_string(),
        days => context.text.fill(UP_TO, &[("days", &days.to_string())]),
    }
}

fn ladder(canvas: &Canvas<'_, '_>, context: &Context<'_>, rungs: &[LadderRung], scale: Scale, (start, right, height): (f64, f64, f64)) {
    let text = &context.text;
    let (top, bottom) = (66.0, height - 120.0);
    canvas.text(start, 26.0, &text.fill(DUE, &[("unit", &context.unit(scale))]), NORMAL, Anchor::Start, palette::INK, true);
    let values = || rungs.iter().flat_map(|r| [r.loans, -r.funding, r.gap]).map(|v| v / scale.divisor);
    let y = Axis::new(values().fold(0.0, f64::min), values().fold(0.0, f64::max), bottom, top, 6);
    let left = start + y.ticks.iter().map(|t| canvas.width(&y.label(*t), SMALL)).fold(0.0, f64::max) + 18.0;
    canvas.rules(&y, (left, right), 12.0, "");
    let step = (right - left) / rungs.len() as f64;
    let middle = |at: usize| left + (at as f64 + 0.5) * step;
    for (at, rung) in rungs.iter().enumerate() {
        let half = (step * 0.3).min(60.0);
        canvas.rect(middle(at) - half, y.at(rung.loans / scale.divisor), middle(at) + half, y.at(0.0), palette::BLUE);
        canvas.rect(middle(at) - half, y.at(0.0), middle(at) + half, y.at(-rung.funding / scale.divisor), palette::SKY);
        canvas.text(middle(at), bottom + 28.0, &name(context, rung), SMALL, Anchor::Middle, palette::MUTED, false);
    }
    canvas.line(&[(left, y.at(0.0)), (right, y.at(0.0))], palette::INK, 2);
    for (at, rung) in rungs.iter().enumerate() {
        let level = y.at(rung.gap / scale.divisor);
        let colour = if rung.gap < 0.0 { palette::ALARM } else { palette::INK };
        canvas.line(&[(middle(at) - step * 0.42, level), (middle(at) + step * 0.42, level)], colour, 6);
    }
    let mut x = left;
    for (word, colour) in [(LOANS_DUE, palette::BLUE), (FUNDING_DUE, palette::SKY), (GAP, palette::INK)] {
        let line = if word.0 == GAP.0 { 3.0 } else { 12.0 };
        canvas.rect(x, height - 40.0 - line, x + 34.0, height - 40.0 + line, colour);
        canvas.text(x + 46.0, height - 40.0, text.get(word), SMALL, Anchor::Start, palette::INK, false);
        x += 46.0 + canvas.width(text.get(word), SMALL) + 36.0;
    }
}
