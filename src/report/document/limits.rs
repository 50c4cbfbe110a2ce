//! Sets out limits: what was found, how much of each is used, and what the verdict is.

use super::block::{Cell, Number, Table, Tone, figures, words};
use super::{cells, tables};
use crate::model::part::Words;
use crate::report::charts::Context;
use crate::report::text::{limit, measure, shared};
use crate::study::limits::{LimitResult, Verdict};

const LIMIT_IN_EACH: Words = Words("each of {n}", "全部 {n} 个情景");
const LIMIT_MOST_PRESSING: Words = Words("{scenario} (nearest of {n})", "{scenario}（{n} 个中最紧）");
const HEAD_LIMIT_USED: Words = Words("Used", "占用");
const VERDICT_PASS: Words = Words("pass", "通过");
const VERDICT_BREACH: Words = Words("breach", "突破");
const VERDICT_UNDECIDED: Words = Words("undecided", "未定");
const HEAD_LIMIT: Words = Words("Limit", "限额");
const HEAD_FOUND: Words = Words("Found", "结果");
const HEAD_CONFIDENCE: Words = Words("Confidence", "置信度");
const HEAD_VERDICT: Words = Words("Verdict", "判定");

/// Breaches first, then what is undecided, then what passes; each by how much of the limit is used.
pub fn limits_by_urgency<'l>(context: &Context<'l>) -> Vec<&'l LimitResult> {
    let mut limits: Vec<&LimitResult> = context.facts.limits.iter().collect();
    limits.sort_by(|a, b| rank(a).cmp(&rank(b)).then(b.used().unwrap_or(0.0).total_cmp(&a.used().unwrap_or(0.0))));
    limits
}

fn rank(l: &LimitResult) -> u32 {
    match l.verdict {
        Verdict::Breach => 0,
        Verdict::Undecided => 1,
        Verdict::Pass => 2,
    }
}

/// How much of a limit is used, as a cell.
fn used_cell(l: &LimitResult, used: f64) -> Cell {
    let told = limit::used(l, used);
    let cell = cells::said(told, used);
    let error = used * l.estimate.std_error / l.estimate.value;
    let high = l.estimate.ci_high.map(|high| high / l.limit);
    let number = cell.number.map(|number| match cell.text.contains(['±', '≤']) {
        true if used == 0.0 => Number { high, ..number },
        true => Number { std_error: Some(error), ..number },
        false => number,
    });
    Cell { number, ..cell }
}

/// A row of a table of limits: one test, or all tests of one limit by their most pressing.
pub struct LimitRow<'l> {
    pub result: &'l LimitResult,
    pub scenario: String,
}

/// Every test of its own, the most pressing first.
pub fn each_test<'l>(context: &Context<'l>) -> Vec<LimitRow<'l>> {
    limits_by_urgency(context).into_iter().map(|result| LimitRow { result, scenario: context.scenario(&result.scenario) }).collect()
}

/// One row per limit: the test that is closest to it or furthest beyond it, and of how many it is that.
pub fn each_limit<'l>(context: &Context<'l>) -> Vec<LimitRow<'l>> {
    let text = &context.text;
    let same = |a: &LimitResult, b: &LimitResult| {
        (&a.measure, a.side, a.limit.to_bits(), a.confidence.to_bits()) == (&b.measure, b.side, b.limit.to_bits(), b.confidence.to_bits())
    };
    let all = limits_by_urgency(context);
    let first = |at: usize| all[..at].iter().all(|l| !same(l, all[at]));
    (0..all.len())
        .filter(|at| first(*at))
        .map(|at| {
            let tests: Vec<&LimitResult> = all.iter().copied().filter(|l| same(l, all[at])).collect();
            let n = tests.len().to_string();
            let alike = tests.iter().all(|l| l.verdict == all[at].verdict && found(context, l) == found(context, all[at]));
            let scenario = match tests.len() {
                1 => context.scenario(&all[at].scenario),
                _ if alike => text.fill(LIMIT_IN_EACH, &[("n", &n)]),
                _ => text.fill(LIMIT_MOST_PRESSING, &[("scenario", &context.scenario(&all[at].scenario)), ("n", &n)]),
            };
            LimitRow { result: all[at], scenario }
        })
        .collect()
}

/// The word for a verdict.
pub fn verdict_word(verdict: Verdict) -> Words {
    match verdict {
        Verdict::Pass => VERDICT_PASS,
        Verdict::Breach => VERDICT_BREACH,
        Verdict::Undecided => VERDICT_UNDECIDED,
    }
}

/// The limits table of the rows given.
pub fn limits_table(context: &Context<'_>, limits: &[LimitRow<'_>]) -> Table {
    let text = &context.text;
    let columns = vec![
        words(text.get(shared::HEAD_MEASURE), 3),
        words(text.get(shared::HEAD_SCENARIO), 2),
        figures(text.get(HEAD_LIMIT), ""),
        figures(text.get(HEAD_FOUND), ""),
        figures(text.get(HEAD_LIMIT_USED), ""),
        figures(text.get(HEAD_CONFIDENCE), ""),
        super::block::Column { share: 0, ..words(text.get(HEAD_VERDICT), 0) },
    ];
    let rows = (limits.iter())
        .map(|row| {
            let l = row.result;
            vec![
                measure::name(text, &l.measure).into(),
                row.scenario.clone().into(),
                tables::bound_cell(context, l.side, l.estimate.unit, l.limit),
                tables::stated_cell(context, &l.estimate),
                l.used().map_or("–".into(), |used| used_cell(l, used)),
                cells::line(l.confidence),
                Cell::toned(text.get(verdict_word(l.verdict)), l.verdict.into()),
            ]
        })
        .collect();
    Table { columns, rows, ..Table::default() }
}

pub fn limit_value(context: &Context<'_>, l: &LimitResult) -> String {
    tables::bound(context, l.side, l.estimate.unit, l.limit)
}

pub fn found(context: &Context<'_>, l: &LimitResult) -> String {
    tables::stated(context, &l.estimate)
}

/// What a tone is for, so that a colour is never the only sign.
pub fn is_open(verdict: Verdict) -> bool {
    Tone::from(verdict) != Tone::Pass
}
