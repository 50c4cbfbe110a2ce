//! Estimates means over paths, and ratios of means by the delta method.
//!
//! Mean: x̄, ψ = x. Ratio of means R = ā/b̄: ψ = a/b̄ − R·b/b̄ (first-order Taylor; Cochran 1977, §2.11).
//! Worked: a = (2, 4), b = (1, 3) gives R = 1.5.

use super::figure::{Doubt, Figure};
use super::influence::{Column, Term};
use super::{Context, Unit};

/// The mean of a column times `scale`.
pub fn mean<'a>(context: &Context<'a>, key: impl Into<String>, unit: Unit, column: Column<'a>, scale: f64) -> Figure<'a> {
    let influence = vec![Term::linear(column, scale)];
    let value = context.mean(&influence);
    Figure::new(key, value, unit, influence)
}

/// A mean below this is nothing to divide by, in money as in counts.
const LEAST: f64 = 1e-12;

/// The mean of `top` over the mean of `bottom`; it rests on the paths where `bottom` is not zero.
pub fn ratio<'a>(context: &Context<'a>, key: &str, unit: Unit, top: Column<'a>, bottom: Column<'a>) -> Figure<'a> {
    let mean_of = |column| context.mean(&[Term::linear(column, 1.0)]);
    let (top_mean, bottom_mean) = (mean_of(top), mean_of(bottom));
    if bottom_mean.abs() < LEAST {
        return Figure::undefined(key, unit);
    }
    let value = top_mean / bottom_mean;
    let influence = vec![Term::linear(top, 1.0 / bottom_mean), Term::linear(bottom, -value / bottom_mean)];
    let mut figure = Figure::new(key, value, unit, influence);
    figure.paths = Some(bottom.count(context.paths(), |b| b != 0.0));
    figure
}

/// The mean of a column that is never below zero, and never above `most` on a path.
pub fn mean_of<'a>(context: &Context<'a>, key: impl Into<String>, unit: Unit, column: Column<'a>, scale: f64, most: f64) -> Figure<'a> {
    mean(context, key, unit, column, scale).within(0.0, most)
}

/// The money figures that are stated as means.
pub fn figures<'a>(context: &Context<'a>) -> Vec<Figure<'a>> {
    let p = &context.outcome.path;
    let (claims, any, either) = ((0.0, context.claims()), (0.0, f64::INFINITY), (f64::NEG_INFINITY, f64::INFINITY));
    let columns: [(&str, &'a [f64], (f64, f64)); 10] = [
        ("pool_loss.mean", &p.pool_loss, claims),
        ("shortfall.mean", &p.shortfall, claims),
        ("recourse.mean", &p.recourse, claims),
        ("unallocated_loss.mean", &p.unallocated_loss, claims),
        ("lender_pnl.mean", &p.lender_pnl, either),
        ("client_loss.mean", &p.client_loss, either),
        ("forced_sales.mean", &p.forced_sales, any),
        ("sale_cost.mean", &p.sale_cost, any),
        ("unsold.mean", &p.unsold, any),
        ("call_amount.mean", &p.call_amount, any),
    ];
    let clients = &context.scenario.case.clients;
    let behaviour = [
        ("early_sales.mean", &p.early_sales, clients.pre_emptive.is_some()),
        ("client_withdrawals.mean", &p.client_withdrawals, clients.withdrawal.is_some()),
    ];
    let chosen = behaviour.into_iter().filter(|(_, _, on)| *on).map(|(key, column, _)| (key, &column[..], any));
    let figure = |(key, column, (least, most)): (&str, &'a [f64], (f64, f64))| {
        mean(context, key, Unit::Money, Column::Money(column), 1.0).within(least, most)
    };
    let never = context.scenario.case.pool.recourse.get() == 0.0;
    let known = |f: Figure<'a>| if never && f.key == "recourse.mean" { f.doubt(Doubt::Exact) } else { f };
    columns.into_iter().chain(chosen).map(figure).map(known).collect()
}
