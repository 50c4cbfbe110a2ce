//! Estimates how much the answer to its own losses adds to a scenario: loss with feedback over loss without, on the same draws.
//!
//! `amplification` = E[pool loss] / E[pool loss without feedback]; the paths are common, so the error of the ratio (delta
//! method) is far below that of either mean. Each layer's mean loss stands beside it, what its part adds to the layer
//! before (a paired difference) and its own amplification. Worked: 12 m against 10 m → 1.2, of which impact adds 2 m.

use super::figure::Figure;
use super::influence::{Column, Term};
use super::{Context, Unit, estimate};
use crate::engine::outcome::Layer;
use crate::model::layers::SILENT;

/// What is compared of one layer: its name, and its paths' losses and forced sales.
struct Step<'a> {
    name: &'static str,
    pool_loss: Column<'a>,
    forced_sales: Column<'a>,
}

impl<'a> Step<'a> {
    fn of(layer: &'a Layer) -> Self {
        Step { name: layer.name, pool_loss: Column::Money(&layer.pool_loss), forced_sales: Column::Money(&layer.forced_sales) }
    }
}

pub fn figures<'a>(context: &Context<'a>) -> Vec<Figure<'a>> {
    let path = &context.outcome.path;
    let Some(silent) = context.outcome.layers.first().map(Step::of) else { return Vec::new() };
    let (loss, sales) = (Column::Money(&path.pool_loss), Column::Money(&path.forced_sales));
    let mut figures = vec![
        estimate::ratio(context, "amplification", Unit::Number, loss, silent.pool_loss),
        estimate::ratio(context, "amplification.forced_sales", Unit::Number, sales, silent.forced_sales),
        estimate::mean_of(context, format!("contagion.{SILENT}.pool_loss.mean"), Unit::Money, silent.pool_loss, 1.0, context.claims()),
        estimate::mean_of(context, format!("contagion.{SILENT}.forced_sales.mean"), Unit::Money, silent.forced_sales, 1.0, f64::INFINITY),
    ];
    let Some(last) = context.scenario.case.last_part() else { return figures };
    let whole = Step { name: last, pool_loss: loss, forced_sales: sales };
    let mut before = silent.pool_loss;
    for step in context.outcome.layers[1..].iter().map(Step::of).chain([whole]) {
        let key = |figure: &str| format!("contagion.{}.{figure}", step.name);
        figures.push(estimate::mean_of(context, key("pool_loss.mean"), Unit::Money, step.pool_loss, 1.0, context.claims()));
        figures.push(estimate::mean_of(context, key("forced_sales.mean"), Unit::Money, step.forced_sales, 1.0, f64::INFINITY));
        figures.push(estimate::ratio(context, &key("amplification"), Unit::Number, step.pool_loss, silent.pool_loss));
        figures.push(added(context, key("added.mean"), step.pool_loss, before));
        before = step.pool_loss;
    }
    figures
}

/// The mean of what one layer loses beyond the one before, path by path.
fn added<'a>(context: &Context<'a>, key: String, with: Column<'a>, without: Column<'a>) -> Figure<'a> {
    let influence = vec![Term::linear(with, 1.0), Term::linear(without, -1.0)];
    let value = context.mean(&influence);
    let claims = context.claims();
    Figure::new(key, value, Unit::Money, influence).within(-claims, claims)
}
