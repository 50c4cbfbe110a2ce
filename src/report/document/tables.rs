//! Builds the tables that several sections share: measures by scenario, and one scenario's whole list.

use super::block::{Cell, Column, Number, Shown, Table, Tone, figures, words};
use super::cells;
use crate::measures::{Estimate, Estimates, Flag, Unit};
use crate::model::part::Words;
use crate::report::charts::Context;
use crate::report::facts::ScenarioFacts;
use crate::report::text::number::{self, Scale};
use crate::report::text::{measure, shared};
use crate::study::limits::ABOVE;

const EXACT_PATH: Words = Words("exact, one path", "单一路径，无抽样误差");
const HEAD_INTERVAL: Words = Words("{level} interval", "{level} 区间");
const HEAD_NOTE: Words = Words("Note", "备注");
const HEAD_UNIT: Words = Words("Unit", "单位");
const RESULTS_SCENARIO_CAPTION: Words = Words("Figures of “{scenario}”", "“{scenario}”结果");

/// A column of a table by scenario: its head and the measure below it.
pub struct Asked {
    pub head: String,
    pub key: String,
    /// To three digits of its largest figure, without errors.
    pub bare: bool,
}

pub fn asked(context: &Context<'_>, head: Words, key: &str) -> Asked {
    Asked { head: context.text.get(head).into(), key: key.into(), bare: false }
}

/// The same to three digits of its largest figure, without errors.
pub fn asked_bare(context: &Context<'_>, head: Words, key: &str) -> Asked {
    Asked { bare: true, ..asked(context, head, key) }
}

/// One row per scenario; columns that no scenario has a figure for are left out.
///
/// All money columns share one scale, so that they can be compared across.
pub fn by_scenario<'s>(
    context: &Context<'_>,
    scenarios: impl Iterator<Item = (&'s ScenarioFacts, &'s Estimates)> + Clone,
    asked: &[Asked],
    with_severity: bool,
) -> Table {
    let text = &context.text;
    let present = |a: &&Asked| scenarios.clone().any(|(_, m)| m.contains_key(&a.key));
    let asked: Vec<&Asked> = asked.iter().filter(present).collect();
    // a difference is written in the unit of what differs
    let measures = context.facts.scenarios.iter().map(|s| &s.measures).chain(scenarios.clone().map(|(_, m)| m));
    let found = measures.flat_map(|m| asked.iter().filter_map(|a| m.get(&a.key)));
    let scale = Scale::of_estimates(text, found);
    // beside many figures a name takes what it needs, or it would be squeezed to nothing
    let mut columns = vec![words(text.get(shared::HEAD_SCENARIO), if asked.len() > 5 { 0 } else { 1 })];
    if with_severity {
        columns.push(Column { share: 0, ..words(text.get(shared::HEAD_SEVERITY), 0) });
    }
    for a in &asked {
        let unit = scenarios.clone().find_map(|(_, m)| m.get(&a.key)).map_or(Unit::Number, |e| e.unit);
        columns.push(Column { measure: Some(a.key.clone()), ..figures(&a.head, unit_name(context, unit, scale)) });
    }
    let worst = context.worst().map(|s| s.name.clone());
    let largest = |key: &str| scenarios.clone().filter_map(|(_, m)| m.get(key)).map(|e| in_unit(e, scale).abs()).fold(0.0, f64::max);
    let decimals: Vec<Option<usize>> = asked.iter().map(|a| a.bare.then(|| number::decimals_for_value(largest(&a.key), 3))).collect();
    let rows = (scenarios.clone())
        .map(|(s, measures)| {
            let tone = if worst.as_ref() == Some(&s.name) { Tone::Strong } else { Tone::Plain };
            let mut row = vec![Cell::toned(context.scenario(&s.name), tone)];
            if with_severity {
                row.push(text.severity(s.severity).into());
            }
            row.extend(asked.iter().zip(&decimals).map(|(a, decimals)| match decimals {
                Some(decimals) => bare(context, measures.get(&a.key), scale, *decimals, tone),
                None => cell(context, measures.get(&a.key), scale, tone),
            }));
            row
        })
        .collect();
    Table { columns, rows, ..Table::default() }
}

/// The unit that stands below a head.
pub fn unit_name(context: &Context<'_>, unit: Unit, scale: Scale) -> String {
    number::unit_name(&context.text, unit, scale, context.currency())
}

/// A figure in the unit of its column.
fn in_unit(e: &Estimate, scale: Scale) -> f64 {
    let value = e.value * number::factor(e.unit, scale);
    if value.is_finite() { value } else { 0.0 }
}

/// A figure to so many decimals without its error; what every path shows alike keeps its bound.
fn bare(context: &Context<'_>, e: Option<&Estimate>, scale: Scale, decimals: usize, tone: Tone) -> Cell {
    let own = cell(context, e, scale, tone);
    let is_number = own.text.chars().any(|c| c.is_ascii_digit()) && !own.text.contains('(');
    match e.filter(|_| is_number) {
        Some(e) => {
            let shown = |number: Number| Number { shown: Shown { decimals, ..number.shown }, ..number };
            Cell { text: number::grouped(in_unit(e, scale), decimals), number: own.number.map(shown), ..own }
        }
        None => own,
    }
}

/// A figure without its unit, with a dagger when its tail is thin.
pub fn cell(context: &Context<'_>, e: Option<&Estimate>, scale: Scale, tone: Tone) -> Cell {
    let Some(e) = e else { return Cell::toned("–", tone) };
    let own = cells::estimate(&context.text, e, scale);
    // an open interval is the thinnest of tails; a loss of nothing needs no doubt of its own
    let thin = matches!(e.flag, Some(Flag::ThinTail | Flag::RareEvent | Flag::OpenInterval)) && e.value != 0.0;
    let mark = if thin { " †" } else { "" };
    let marked = |number: Number| Number { shown: Shown { after: mark.into(), ..number.shown }, ..number };
    Cell { text: format!("{}{mark}", own.text), tone, number: own.number.map(marked) }
}

/// The order a reader expects: what is lost, who bears it, what happens to accounts, how the pool moves.
const ORDER: [&str; 31] = [
    "market_return",
    "market_worst_day",
    "pool_loss.probability",
    "pool_loss",
    "contagion",
    "amplification",
    "shortfall.",
    "recourse",
    "unallocated_loss",
    "lender_pnl",
    "client_loss",
    "warning_rate",
    "limit_rate",
    "call_rate",
    "cure_rate",
    "cure_share",
    "liquidation_rate",
    "unneeded_liquidation",
    "shortfall_rate",
    "time_to_call",
    "time_to_close_out",
    "call_amount",
    "forced_sales",
    "early_sales",
    "client_withdrawals",
    "unsold",
    "sale_cost",
    "clearing_residual",
    "max_drawdown",
    "sharpe",
    "sortino",
];

/// Means before quantiles before tail means, each by rising level.
fn rank(key: &str) -> (u32, u64) {
    let statistic = key.rsplit('.').next().unwrap_or_default();
    let kind = if statistic.starts_with("var_") { 1 } else { u32::from(statistic.starts_with("es_")) * 2 };
    (kind, measure::tail_level(key).map_or(0, |level| (level * 1e6) as u64))
}

/// What has a table of its own by scenario, by group or in the snapshot of the book.
const ELSEWHERE: [&str; 27] = [
    "tier.",
    "grade.",
    "leverage.",
    "sector.",
    "trigger.",
    "source.",
    "concentration.",
    "contagion.",
    "cover_1.",
    "cover_2.",
    "pool_return.",
    "cash_min.",
    "buffer_days",
    "utilisation_max.",
    "survival_days.",
    "unpaid",
    "recalled.",
    "recall.",
    "run.",
    "sources_run.",
    "funding_withdrawn.",
    "hedge_",
    "custody_loss.",
    "client_custody_loss.",
    "maturity_gap.",
    "written_down.",
    "replenished.",
];

/// The pool-wide figures of one scenario that no other table shows: value, interval, and what must be said with it.
///
/// They keep to one page with the scenario's chart; every further level is in `summary.json`.
pub fn whole(context: &Context<'_>, scenario: &ScenarioFacts, confidence: f64) -> Table {
    let text = &context.text;
    let shown = |key: &str| {
        let kept = ["mean", "es_99"].iter().any(|statistic| key.ends_with(&format!(".{statistic}")));
        let elsewhere = ELSEWHERE.iter().any(|start| key.starts_with(start)) && key != "contagion.no_feedback.pool_loss.mean";
        !(elsewhere || key.ends_with(".es_99_part") || (key.starts_with("max_drawdown.") && !kept))
    };
    let mut keys: Vec<(&String, &Estimate)> = scenario.measures.iter().filter(|(key, _)| shown(key)).collect();
    keys.sort_by_key(|(key, _)| (ORDER.iter().position(|start| key.starts_with(start)).unwrap_or(ORDER.len()), rank(key)));
    let scale = Scale::of_estimates(text, keys.iter().map(|(_, e)| *e));
    let level = text.fill(HEAD_INTERVAL, &[("level", &number::line(confidence))]);
    let columns = vec![
        words(text.get(shared::HEAD_MEASURE), 5),
        Column { share: 0, ..words(text.get(HEAD_UNIT), 0) },
        Column { measure: Some("*".into()), ..figures(text.get(shared::HEAD_VALUE), "") },
        figures(&level, ""),
        words(text.get(HEAD_NOTE), 3),
    ];
    let rows = (keys.into_iter())
        .map(|(key, e)| {
            let written = number::estimate(text, e, scale);
            let unit = if written.suffix.is_empty() && e.unit == Unit::Ratio { String::new() } else { unit_name(context, e.unit, scale) };
            let note = match number::flag(text, key, e, scenario.candidates.is_some()) {
                Some(flag) => flag,
                None if e.paths <= 1 => text.get(EXACT_PATH).into(),
                None => String::new(),
            };
            let (value, interval) = (cells::estimate(text, e, scale), cells::interval(text, e, scale));
            vec![measure::name(text, key).into(), unit.into(), value, interval, note.into()]
        })
        .collect();
    let caption = text.fill(RESULTS_SCENARIO_CAPTION, &[("scenario", &context.scenario(&scenario.name))]);
    Table { caption, columns, rows, ..Table::default() }
}

/// Two columns: what, and its value; a value that is one figure is a number too.
pub fn pairs(caption: impl Into<String>, heads: (&str, &str), rows: Vec<(String, String)>) -> Table {
    let rows = rows.into_iter().map(|(item, value)| vec![item.into(), cells::told(value)]).collect();
    Table { caption: caption.into(), columns: vec![words(heads.0, 2), words(heads.1, 3)], rows, ..Table::default() }
}

/// An amount in running text, scaled on its own.
pub fn money(context: &Context<'_>, amount: f64) -> String {
    let scale = Scale::of_one(&context.text, amount);
    let value = amount / scale.divisor;
    scale.in_text(&context.text, context.currency(), &number::grouped(value, number::decimals_for_value(value, 4).min(2)))
}

/// An estimate of money in running text, scaled on its own.
pub fn money_estimate(context: &Context<'_>, e: &Estimate) -> String {
    money_estimate_in(context, e, Scale::of(&context.text, [e.value]))
}

/// An estimate with its unit in running text.
pub fn stated(context: &Context<'_>, e: &Estimate) -> String {
    match e.unit {
        Unit::Money => money_estimate(context, e),
        _ => number::estimate(&context.text, e, Scale::ONE).full(),
    }
}

/// The same as a cell.
pub fn stated_cell(context: &Context<'_>, e: &Estimate) -> Cell {
    cells::stated(&context.text, e, context.currency(), stated(context, e))
}

/// A value that somebody set, with the sign of the side to stay on: `≤ 5%`.
pub fn bound(context: &Context<'_>, side: &str, unit: Unit, value: f64) -> String {
    let sign = if side == ABOVE { "≥" } else { "≤" };
    let value = match unit {
        Unit::Money => money(context, value),
        Unit::Ratio => number::line(value),
        Unit::Days | Unit::Number | Unit::Count => number::plain(value),
    };
    format!("{sign} {value}")
}

/// The same as a cell.
pub fn bound_cell(context: &Context<'_>, side: &str, unit: Unit, value: f64) -> Cell {
    let told = bound(context, side, unit, value);
    let sign = told.split(' ').next().unwrap_or_default().to_string();
    cells::bound(cells::value(&context.text, (unit, value), context.currency(), told), &sign)
}

/// An amount that stands alone, as a cell.
pub fn money_cell(context: &Context<'_>, amount: f64) -> Cell {
    cells::value(&context.text, (Unit::Money, amount), context.currency(), money(context, amount))
}

/// An estimate of money in running text, on a scale it shares with others.
pub fn money_estimate_in(context: &Context<'_>, e: &Estimate, scale: Scale) -> String {
    let written = number::estimate(&context.text, e, scale);
    if written.value == context.text.get(shared::NOT_AVAILABLE) {
        written.value
    } else {
        scale.in_text(&context.text, context.currency(), &written.value)
    }
}
