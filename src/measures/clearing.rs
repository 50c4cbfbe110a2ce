//! Tells how closely the sessions' prices meet the fixed point of their own sales, where one is sought.
//!
//! Of each path the largest residual counts, a log price: `clearing_residual.mean` over paths, `clearing_residual.max` of all drawn.
//! More paths may show a larger one: the maximum bounds from below, and its interval is open.
//! Worked: residuals of 10⁻¹⁰ and 3·10⁻¹⁰ on two paths have mean 2·10⁻¹⁰ and maximum 3·10⁻¹⁰.

use super::figure::{Doubt, Figure};
use super::influence::Column;
use super::{Context, Flag, Unit, estimate};

pub fn figures<'a>(context: &Context<'a>) -> Vec<Figure<'a>> {
    if context.scenario.case.feedback.fixed_point().is_none() {
        return Vec::new();
    }
    let residuals = &context.outcome.path.clearing_residual;
    let largest = residuals.iter().fold(0.0_f64, |m, r| m.max(*r));
    let whole = Doubt::Given { std_error: f64::INFINITY, low: largest, high: f64::INFINITY };
    vec![
        estimate::mean_of(context, "clearing_residual.mean", Unit::Number, Column::Money(residuals), 1.0, f64::INFINITY),
        Figure::new("clearing_residual.max", largest, Unit::Number, Vec::new()).doubt(whole).flag(Some(Flag::OpenInterval)),
    ]
}
