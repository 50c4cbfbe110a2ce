//! Estimates how a pool kept day by day fares: its cash, its funders, its hedge, what is called back, and what fails.
//!
//! There are none where the pool has no cash account. `survival_days.mean` is a mean up to the horizon: a path whose claims
//! were all paid counts with every session of it. `buffer_days.start` and `maturity_gap.worst` are the book's, without error.

use super::figure::{Doubt, Figure};
use super::influence::{Column, Shape};
use super::{Context, Unit, estimate, key_names, rates};
use crate::engine::outcome::PoolFigure;
use crate::model::pool::trigger_names;

/// What a figure can be on a path.
#[derive(Clone, Copy)]
enum Range {
    Any,
    NotNegative,
    /// From 0 to the sessions of the horizon.
    Sessions,
}

/// Figures stated as means, with their units and ranges.
const MEANS: [(PoolFigure, Unit, Range); 14] = [
    (PoolFigure::CashMin, Unit::Money, Range::Any),
    (PoolFigure::BufferDaysMin, Unit::Days, Range::NotNegative),
    (PoolFigure::UtilisationMax, Unit::Ratio, Range::NotNegative),
    (PoolFigure::SurvivalDays, Unit::Days, Range::Sessions),
    (PoolFigure::UnpaidEnd, Unit::Money, Range::NotNegative),
    (PoolFigure::Withdrawn, Unit::Money, Range::NotNegative),
    (PoolFigure::SourcesRun, Unit::Count, Range::NotNegative),
    (PoolFigure::Recalled, Unit::Money, Range::NotNegative),
    (PoolFigure::HedgeResult, Unit::Money, Range::Any),
    (PoolFigure::HedgeCost, Unit::Money, Range::NotNegative),
    (PoolFigure::FundingCost, Unit::Money, Range::NotNegative),
    (PoolFigure::Replenished, Unit::Money, Range::NotNegative),
    (PoolFigure::CustodyLoss, Unit::Money, Range::NotNegative),
    (PoolFigure::WrittenDown, Unit::Money, Range::NotNegative),
];

/// Whether the programme has no rule by which the figure could be anything but nothing.
fn is_ruled_out(context: &Context<'_>, figure: PoolFigure) -> bool {
    let pool = &context.scenario.case.pool;
    match figure {
        PoolFigure::HedgeResult | PoolFigure::HedgeCost => pool.hedge.is_none(),
        PoolFigure::Replenished => pool.replenish_daily.is_empty() && pool.triggers.is_empty(),
        PoolFigure::CustodyLoss | PoolFigure::ClientCustodyLoss => pool.failure.is_none(),
        _ => false,
    }
}

pub fn figures<'a>(context: &Context<'a>) -> Vec<Figure<'a>> {
    let Some(daily) = &context.outcome.pool.daily else { return Vec::new() };
    let mut figures = vec![
        Figure::exact("buffer_days.start", daily.buffer_days_start, Unit::Days),
        Figure::exact("maturity_gap.worst", daily.maturity_gap_worst, Unit::Money),
    ];
    let money = |figure: PoolFigure| Column::Money(daily.figure(figure));
    let sessions = context.outcome.dates.len() as f64;
    for (figure, unit, range) in MEANS.into_iter().chain([(PoolFigure::ClientCustodyLoss, Unit::Money, Range::NotNegative)]) {
        let (least, most) = match range {
            Range::Any => (f64::NEG_INFINITY, f64::INFINITY),
            Range::NotNegative => (0.0, f64::INFINITY),
            Range::Sessions => (0.0, sessions),
        };
        let mean = estimate::mean(context, format!("{}.mean", figure.name()), unit, money(figure), 1.0).within(least, most);
        figures.push(if is_ruled_out(context, figure) { mean.doubt(Doubt::Exact) } else { mean });
    }
    let above = Shape::Above(0.0);
    figures.push(rates::probability(context, "unpaid.probability", money(PoolFigure::Unpaid), above));
    figures.push(rates::probability(context, "run.probability", money(PoolFigure::SourcesRun), above));
    figures.push(rates::probability(context, "recall.probability", money(PoolFigure::Recalled), above));
    for (name, failed) in key_names(context.book.tiers.iter().map(String::as_str)).iter().zip(&daily.tier_failed) {
        figures.push(rates::probability(context, format!("tier.{name}.failed_probability"), Column::Count(failed), above));
    }
    let triggers = trigger_names(&context.scenario.case.pool);
    for (name, fired) in key_names(triggers.iter().map(String::as_str)).iter().zip(&daily.trigger_fired) {
        figures.push(rates::probability(context, format!("trigger.{name}.fired_probability"), Column::Count(fired), above));
    }
    for (name, money) in key_names(context.book.funding.iter().map(|s| s.source_id.as_str())).iter().zip(&daily.source_withdrawn) {
        let column = Column::Money(money);
        figures.push(estimate::mean_of(context, format!("source.{name}.funding_withdrawn.mean"), Unit::Money, column, 1.0, f64::INFINITY));
        figures.push(rates::probability(context, format!("source.{name}.funding_withdrawn.probability"), column, above));
    }
    figures
}
