//! Estimates how the shares held fared: their return over the horizon, and that of their worst session, means over paths.
//!
//! The shares held on the as-of date are kept to the end, whatever accounts sell: what the market did to the book, before any rule.
//! Worked: 100 of shares at 92, 95 and 90 after three sessions return −10 %; their worst session is the first, −8 %.

use super::figure::Figure;
use super::influence::{Column, Term};
use super::{Context, Unit};

/// `market_return.mean` and `market_worst_day.mean`.
pub fn figures<'a>(context: &Context<'a>) -> Vec<Figure<'a>> {
    let path = &context.outcome.path;
    let mean = |key: &str, column: &'a [f64]| {
        let influence = vec![Term::linear(Column::Money(column), 1.0)];
        // nothing that is held falls by more than all of it
        Figure::new(key, context.mean(&influence), Unit::Ratio, influence).within(-1.0, f64::INFINITY)
    };
    vec![mean("market_return.mean", &path.market_return), mean("market_worst_day.mean", &path.market_worst_day)]
}
