//! Estimates how a pool kept day by day fares: its cash, its funders, its hedge, what is called back, and what fails.
//!
//! There are none where the pool has no cash account. `survival_days.mean` is a mean up to the horizon: a path whose claims
//! were all paid counts with every session of it. `buffer_days.start` and `maturity_gap.worst` are the book's, without error.

use super::figure::Figure;
use super::influence::{Column, Shape};
use super::pool::exact;
use super::{Context, Unit, estimate, key_names, rates};
use crate::engine::outcome::PoolFigure;
use crate::model::pool::trigger_names;

/// Figures stated as means, with their units.
const MEANS: [(PoolFigure, Unit); 14] = [
    (PoolFigure::CashMin, Unit::Money),
    (PoolFigure::BufferDaysMin, Unit::Days),
    (PoolFigure::UtilisationMax, Unit::Ratio),
    (PoolFigure::SurvivalDays, Unit::Days),
    (PoolFigure::UnpaidEnd, Unit::Money),
    (PoolFigure::Withdrawn, Unit::Money),
    (PoolFigure::SourcesRun, Unit::Count),
    (PoolFigure::Recalled, Unit::Money),
    (PoolFigure::HedgeResult, Unit::Money),
    (PoolFigure::HedgeCost, Unit::Money),
    (PoolFigure::FundingCost, Unit::Money),
    (PoolFigure::Replenished, Unit::Money),
    (PoolFigure::CustodyLoss, Unit::Money),
    (PoolFigure::WrittenDown, Unit::Money),
];

pub fn figures<'a>(context: &Context<'a>) -> Vec<Figure<'a>> {
    let Some(daily) = &context.outcome.pool.daily else { return Vec::new() };
    let mut figures = vec![
        exact("buffer_days.start", daily.buffer_days_start, Unit::Days),
        exact("maturity_gap.worst", daily.maturity_gap_worst, Unit::Money),
    ];
    let money = |figure: PoolFigure| Column::Money(daily.figure(figure));
    for (figure, unit) in MEANS {
        figures.push(estimate::mean(context, format!("{}.mean", figure.name()), unit, money(figure), 1.0));
    }
    let clients = money(PoolFigure::ClientCustodyLoss);
    figures.push(estimate::mean(context, "client_custody_loss.mean", Unit::Money, clients, 1.0));
    let above = Shape::Above(0.0);
    figures.push(rates::probability(context, "unpaid.probability", money(PoolFigure::Unpaid), above));
    figures.push(rates::probability(context, "run.probability", money(PoolFigure::SourcesRun), above));
    figures.push(rates::probability(context, "recall.probability", money(PoolFigure::Recalled), above));
    for (name, failed) in key_names(context.book.tiers.iter().map(String::as_str)).iter().zip(&daily.tier_failed) {
        figures.push(rates::probability(context, format!("tier.{name}.failed_probability"), Column::Count(failed), above));
    }
    let triggers = trigger_names(&context.scenario.case);
    for (name, fired) in key_names(triggers.iter().map(String::as_str)).iter().zip(&daily.trigger_fired) {
        figures.push(rates::probability(context, format!("trigger.{name}.fired_probability"), Column::Count(fired), above));
    }
    for (name, money) in key_names(context.book.funding.iter().map(|s| s.source_id.as_str())).iter().zip(&daily.source_withdrawn) {
        let column = Column::Money(money);
        figures.push(estimate::mean(context, format!("source.{name}.funding_withdrawn.mean"), Unit::Money, column, 1.0));
        figures.push(rates::probability(context, format!("source.{name}.funding_withdrawn.probability"), column, above));
    }
    figures
}
