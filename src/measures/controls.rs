//! Estimates what the platform's controls do: sales before any close-out, trigger days, procyclicality, investment caps.
//!
//! Figures appear only where the scenario has such a rule. `procyclicality.peak_to_trough.mean` and
//! `procyclicality.rise_N_day.mean` are means over paths of max M/min M and max M(t + N)/M(t) − 1 of the market's margin
//! requirement with its tools on; the same keys under `procyclicality_off` have every tool off.
//! `stock_cap.exceeded` counts the stocks of which the book holds more of the free float than the rulebook allows to finance.
//! `risk_volatility.realised` and `.read` are annual volatilities of the market on the as-of date, as realised over 60 sessions
//! and as margin rules read it, where a series of implied volatility is given.
//! Worked: requirements 1, 1.5, 1.2: peak-to-trough 1.5, largest one-day rise 0.5.

use super::figure::Figure;
use super::influence::Column;
use super::{Context, Unit, estimate};
use crate::engine::outcome::CYCLES;
use crate::model::margin::cap::Binding;
use crate::model::margin::dynamic::SPANS;

pub fn figures<'a>(context: &Context<'a>) -> Vec<Figure<'a>> {
    let (case, columns) = (&context.scenario.case, &context.outcome.path.controls);
    let mut figures = Vec::new();
    if case.reduces() {
        figures.push(match context.book.accounts() {
            0 => Figure::undefined("reduction_rate", Unit::Ratio),
            accounts => {
                estimate::mean_of(context, "reduction_rate", Unit::Ratio, Column::Count(&columns.reduced), 1.0 / accounts as f64, 1.0)
            }
        });
        figures.push(estimate::mean_of(
            context,
            "reduction_sales.mean",
            Unit::Money,
            Column::Money(&columns.reduction_sales),
            1.0,
            f64::INFINITY,
        ));
    }
    if case.margin.volatility_trigger.is_some() {
        let (days, most) = (Column::Count(&columns.trigger_days), context.outcome.dates.len() as f64);
        figures.push(estimate::mean_of(context, "volatility_trigger.mean_days", Unit::Days, days, 1.0, most));
    }
    if case.margin.dynamic.is_some() {
        assert_eq!(columns.cycle.len(), CYCLES, "figures of procyclicality");
        let spans = SPANS.map(|n| format!("rise_{n}_day"));
        for (prefix, columns) in ["procyclicality", "procyclicality_off"].into_iter().zip(columns.cycle.chunks(CYCLES / 2)) {
            let names = std::iter::once("peak_to_trough").chain(spans.iter().map(String::as_str));
            for (name, column) in names.zip(columns) {
                figures.push(estimate::mean(context, format!("{prefix}.{name}.mean"), Unit::Number, Column::Money(column), 1.0));
            }
        }
    }
    if case.margin.in_force.is_some_and(|i| i.version.stock_cap.is_some()) {
        let beyond = f64::from(context.outcome.stocks_beyond_cap);
        figures.push(Figure::exact("stock_cap.exceeded", beyond, Unit::Number));
    }
    if let Some(rule) = &case.margin.risk_volatility {
        for (key, daily) in ["risk_volatility.realised", "risk_volatility.read"].into_iter().zip(context.outcome.market_volatility) {
            figures.push(Figure::exact(key, daily * rule.trading_days.sqrt(), Unit::Ratio));
        }
    }
    if case.margin.investment_cap.is_some() {
        figures.extend(caps(context));
    }
    figures
}

/// Shares of accounts by the bound that is the least, and of those beyond it: facts of the as-of date, without error.
fn caps<'a>(context: &Context<'a>) -> Vec<Figure<'a>> {
    let caps = &context.outcome.caps;
    let known = |key: &str, count: usize| match caps.len() {
        0 => Figure::undefined(key, Unit::Ratio),
        accounts => Figure::exact(key, count as f64 / accounts as f64, Unit::Ratio),
    };
    let bound = |binding: Binding| caps.iter().filter(|c| c.cap.binding == binding).count();
    let beyond = caps.iter().filter(|c| c.exposure_money > c.cap.money);
    let excess = beyond.clone().fold(0.0, |sum, c| sum + (c.exposure_money - c.cap.money));
    vec![
        known("investment_cap.by_means", bound(Binding::Means)),
        known("investment_cap.by_regulation", bound(Binding::Regulation)),
        known("investment_cap.by_platform", bound(Binding::Platform)),
        known("investment_cap.exceeded", beyond.count()),
        Figure::exact("investment_cap.excess", excess, Unit::Money),
    ]
}
