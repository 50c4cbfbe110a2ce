//! Estimates what each tier of the pool bears, and how often it is hit or used up.

use super::figure::Figure;
use super::influence::{Column, Shape};
use super::quantile::LEVELS;
use super::{Context, Unit, es, estimate, key_names, rates};
use crate::model::pool::{Pool, tier_capital};

/// Whether a rule can add to what tiers hold: money from outside, or the gains of a hedge.
fn may_grow(pool: &Pool) -> bool {
    let from_outside = pool.triggers.iter().any(|trigger| !trigger.replenish.is_empty());
    !pool.replenish_daily.is_empty() || from_outside || pool.hedge.is_some()
}

/// `tier.X.loss.…`, `tier.X.hit_probability`, `tier.X.exhausted_probability`: losses borne, whoever caused them.
pub fn figures<'a>(context: &Context<'a>) -> Vec<Figure<'a>> {
    let capital = tier_capital(context.book, &context.scenario.case.pool);
    let names = key_names(context.book.tiers.iter().map(String::as_str));
    let losses = &context.outcome.path.tier_loss;
    assert_eq!(losses.len(), names.len(), "{} columns of tier loss for {} tiers", losses.len(), names.len());
    let mut figures = Vec::new();
    for ((name, capital), loss) in names.iter().zip(capital).zip(losses) {
        let column = Column::Money(loss);
        let prefix = format!("tier.{name}");
        // a tier bears what it holds, but for what a rule adds to it on the path; and never more than all that is owed
        let most = if may_grow(&context.scenario.case.pool) { context.claims() } else { context.claims().min(capital) };
        figures.push(estimate::mean_of(context, format!("{prefix}.loss.mean"), Unit::Money, column, 1.0, most));
        figures.extend(es::tail_figures(context, &format!("{prefix}.loss"), Unit::Money, column, &LEVELS, most));
        figures.push(rates::probability(context, format!("{prefix}.hit_probability"), column, Shape::Above(0.0)));
        // the waterfall fills a tier by sums of doubles, so "full" is within their rounding; a tier of nothing is never "used up"
        let full = if capital > 0.0 { capital * (1.0 - 1e-12) } else { f64::MAX };
        figures.push(rates::probability(context, format!("{prefix}.exhausted_probability"), column, Shape::AtLeast(full)));
    }
    figures
}
