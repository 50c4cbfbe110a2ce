//! Estimates means over paths, and ratios of means by the delta method.
//!
//! Mean: x̄, ψ = x. Ratio of means R = ā/b̄: ψ = a/b̄ − R·b/b̄ (first-order Taylor; Cochran 1977, §2.11).
//! Worked: a = (2, 4), b = (1, 3) gives R = 1.5.

use super::figure::Figure;
use super::influence::{Column, Term, spread};
use super::{Context, Unit};

/// The mean of a column times `scale`.
pub fn mean<'a>(context: &Context<'a>, key: impl Into<String>, unit: Unit, column: Column<'a>, scale: f64) -> Figure<'a> {
    let influence = vec![Term::linear(column, scale)];
    let value = spread(context.paths(), &influence, &[]).0;
    Figure::new(key, value, unit, influence)
}

/// The mean of `top` over the mean of `bottom`; it rests on the paths where `bottom` is not zero.
pub fn ratio<'a>(context: &Context<'a>, key: &str, unit: Unit, top: Column<'a>, bottom: Column<'a>) -> Figure<'a> {
    let mean_of = |column| spread(context.paths(), &[Term::linear(column, 1.0)], &[]).0;
    let (top_mean, bottom_mean) = (mean_of(top), mean_of(bottom));
    if bottom_mean == 0.0 {
        return Figure::undefined(key, unit);
    }
    let value = top_mean / bottom_mean;
    let influence = vec![Term::linear(top, 1.0 / bottom_mean), Term::linear(bottom, -value / bottom_mean)];
    let mut figure = Figure::new(key, value, unit, influence);
    figure.paths = Some(bottom.count(context.paths(), |b| b != 0.0));
    figure
}

/// The money figures that are stated as means.
pub fn figures<'a>(context: &Context<'a>) -> Vec<Figure<'a>> {
    let p = &context.outcome.path;
    let columns: [(&str, &'a [f64]); 10] = [
        ("pool_loss.mean", &p.pool_loss),
        ("shortfall.mean", &p.shortfall),
        ("recourse.mean", &p.recourse),
        ("unallocated_loss.mean", &p.unallocated_loss),
        ("lender_pnl.mean", &p.lender_pnl),
        ("client_loss.mean", &p.client_loss),
        ("forced_sales.mean", &p.forced_sales),
        ("sale_cost.mean", &p.sale_cost),
        ("unsold.mean", &p.unsold),
        ("call_amount.mean", &p.call_amount),
    ];
    let clients = &context.scenario.case.clients;
    let behaviour = [
        ("early_sales.mean", &p.early_sales, clients.pre_emptive.is_some()),
        ("client_withdrawals.mean", &p.client_withdrawals, clients.withdrawal.is_some()),
    ];
    let chosen = behaviour.into_iter().filter(|(_, _, on)| *on).map(|(key, column, _)| (key, &column[..]));
    columns.into_iter().chain(chosen).map(|(key, column)| mean(context, key, Unit::Money, Column::Money(column), 1.0)).collect()
}
