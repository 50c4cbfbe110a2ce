//! Estimates what the pool earns and how much that swings, the cover of its largest clients, and how it is concentrated.
//!
//! `X.volatility` is the standard deviation over paths, √(E x² − (E x)²), with influence ((x − m)² − σ²)/(2σ). `pool_return.volatility`
//! is that of the pool's daily return over all path-days, as in `sharpe`. `cover_1`, `cover_2` are what the client, and the two
//! clients, with the largest losses of each path cost the pool (CPMI-IOSCO 2012, principle 4); `cover_2.uncovered_probability` is
//! how often the two cost more than every tier but the most senior holds. Worked: x = (1, 2, 3, 4) has volatility 1.118034.

use super::concentration::herfindahl;
use super::figure::{Doubt, Figure};
use super::influence::{Column, Shape, Term};
use super::quantile::LEVELS;
use super::{Context, Unit, es, estimate, key_names, rates};
use crate::model::pool::{loss_order, tier_capital};

/// Standard deviation over paths of a column times `scale`.
pub fn volatility<'a>(context: &Context<'a>, key: impl Into<String>, unit: Unit, column: Column<'a>, scale: f64) -> Figure<'a> {
    let of = |shape| context.mean(&[Term::new(column, shape, 1.0)]);
    let (mean, square) = (of(Shape::Linear), of(Shape::Square));
    let variance = square - mean * mean;
    // below this the variance is rounding of a constant
    if variance <= 1e-14 * square {
        return Figure::new(key, 0.0, unit, Vec::new()).doubt(Doubt::Unseen).within(0.0, f64::INFINITY);
    }
    let sd = variance.sqrt();
    let influence = vec![Term::new(column, Shape::Square, scale / (2.0 * sd)), Term::linear(column, -mean * scale / sd)];
    Figure::new(key, sd * scale, unit, influence).within(0.0, f64::INFINITY)
}

/// The pool's return and its swings, cover, and concentration.
pub fn figures<'a>(context: &Context<'a>) -> Vec<Figure<'a>> {
    let (path, pool) = (&context.outcome.path, &context.outcome.pool);
    let case = &context.scenario.case;
    let capital = tier_capital(context.book, &case.pool);
    let whole: f64 = capital.iter().sum();
    let mut figures = Vec::new();
    if whole >= 0.01 {
        let pnl = Column::Money(&path.lender_pnl);
        figures.push(estimate::mean(context, "pool_return.mean", Unit::Ratio, pnl, 1.0 / whole));
    }
    figures.push(daily_volatility(context));
    figures.push(volatility(context, "pool_loss.volatility", Unit::Money, Column::Money(&path.pool_loss), 1.0));
    figures.push(volatility(context, "lender_pnl.volatility", Unit::Money, Column::Money(&path.lender_pnl), 1.0));
    for (name, loss) in key_names(context.book.tiers.iter().map(String::as_str)).iter().zip(&path.tier_loss) {
        figures.push(volatility(context, format!("tier.{name}.loss.volatility"), Unit::Money, Column::Money(loss), 1.0));
    }
    for (key, column) in [("cover_1", &pool.cover_1), ("cover_2", &pool.cover_2)] {
        let most = context.claims();
        figures.push(estimate::mean_of(context, format!("{key}.mean"), Unit::Money, Column::Money(column), 1.0, most));
        figures.extend(es::tail_figures(context, key, Unit::Money, Column::Money(column), &LEVELS, most));
    }
    let senior = loss_order(context.book, &case.pool).last().map_or(0.0, |t| capital[*t]);
    let covered = Shape::Above(whole - senior);
    figures.push(rates::probability(context, "cover_2.uncovered_probability", Column::Money(&pool.cover_2), covered));
    figures.extend(concentration(context));
    figures
}

/// The standard deviation of the pool's daily return, over every path and day.
fn daily_volatility<'a>(context: &Context<'a>) -> Figure<'a> {
    let p = &context.outcome.path;
    let days = context.outcome.dates.len() as f64;
    let [sum, square] = [&p.return_sum, &p.return_square].map(|c| Column::Money(c));
    let [m, s] = [sum, square].map(|c| context.mean(&[Term::linear(c, 1.0 / days)]));
    let variance = s - m * m;
    if variance <= 1e-14 * s {
        return Figure::new("pool_return.volatility", 0.0, Unit::Ratio, Vec::new()).doubt(Doubt::Unseen).within(0.0, f64::INFINITY);
    }
    let sd = variance.sqrt();
    let influence = vec![Term::linear(square, 1.0 / (2.0 * sd) / days), Term::linear(sum, -m / sd / days)];
    Figure::new("pool_return.volatility", sd, Unit::Ratio, influence).within(0.0, f64::INFINITY)
}

/// How much of the loans lies with few clients on the as-of date.
fn concentration<'a>(context: &Context<'a>) -> Vec<Figure<'a>> {
    let mut loans = context.book.loan.clone();
    loans.sort_by(|a, b| b.total_cmp(a));
    let whole: f64 = loans.iter().sum();
    let top = |n: usize| if whole > 0.0 { loans.iter().take(n).sum::<f64>() / whole } else { 0.0 };
    let mut figures = vec![Figure::exact("concentration.hhi_clients", herfindahl(&loans), Unit::Number)];
    figures.extend([1, 5, 10].map(|n| Figure::exact(format!("concentration.top_{n}_share"), top(n), Unit::Ratio)));
    figures
}
