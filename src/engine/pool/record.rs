//! Records what the pool of a path came to, and asserts that its balance sheet closes.

use super::lane::PoolLane;
use super::workspace::PoolWorkspace;
use crate::engine::plan::pool::PoolPlan;
use crate::engine::plan::scenario::Plan;
use crate::engine::record::pool::{DailyColumns, PoolColumns, PoolFigure};
use crate::model::ledger::PoolBalance;
use crate::model::pool::cash::{buffer_days, outflow_day};

/// What the accounts of a path came to, for the pool's balance sheet.
#[derive(Clone, Copy, Debug, Default)]
pub struct AccountSide {
    /// Loans and interest due at the end.
    pub debt: f64,
    /// Interest charged over the horizon.
    pub interest: f64,
    pub shortfall: f64,
    pub recourse: f64,
    /// Shortfalls of accounts not closed: their debt still stands.
    pub marked: f64,
    pub cover_1: f64,
    pub cover_2: f64,
    /// All that these sums are made of.
    pub gross: f64,
}

impl AccountSide {
    /// Adds one account's loss to the largest of the path.
    pub fn add_loss(&mut self, loss: f64) {
        if loss > self.cover_1 {
            self.cover_2 = self.cover_1;
            self.cover_1 = loss;
        } else if loss > self.cover_2 {
            self.cover_2 = loss;
        }
    }
}

impl PoolColumns {
    /// Columns without paths for a plan.
    pub fn new(plan: &Plan<'_>) -> Self {
        let daily = plan.pool.as_ref().map(|pool| DailyColumns {
            figures: vec![Vec::new(); PoolFigure::ALL.len()],
            tier_failed: vec![Vec::new(); plan.loss_order.len()],
            trigger_fired: vec![Vec::new(); pool.triggers.len()],
            source_withdrawn: vec![Vec::new(); pool.sources.len()],
            buffer_days_start: buffer_days(pool.cash_start, outflow_day(pool.principal_start, pool.cycle_days, pool.leaving_day)),
            maturity_gap_worst: pool.maturity_gap_worst,
        });
        PoolColumns { daily, ..PoolColumns::default() }
    }

    /// One path: the largest clients, and where the pool is kept daily its figures and its balance.
    pub fn push(&mut self, plan: &Plan<'_>, workspace: &PoolWorkspace, lane: usize, side: &AccountSide, path: u64) {
        self.cover_1.push(side.cover_1);
        self.cover_2.push(side.cover_1 + side.cover_2);
        let (Some(columns), Some(pool)) = (&mut self.daily, &plan.pool) else { return };
        let of_lane = &workspace.lane[lane];
        balance(pool, of_lane, side).assert_balanced(path);
        for (figure, column) in PoolFigure::ALL.iter().zip(&mut columns.figures) {
            let unpaid = || of_lane.source.iter().fold(0.0, |sum, s| sum + s.unpaid(plan.days as u16));
            column.push(if *figure == PoolFigure::UnpaidEnd { unpaid() } else { of_lane.figures[*figure as usize] });
        }
        for (tier, failed) in plan.loss_order.iter().zip(&of_lane.failed_on) {
            columns.tier_failed[*tier].push(u32::from(*failed));
        }
        for (column, day) in columns.trigger_fired.iter_mut().zip(&of_lane.fired_on) {
            column.push(u32::from(*day));
        }
        for (column, source) in columns.source_withdrawn.iter_mut().zip(&of_lane.source) {
            column.push(source.withdrawn);
        }
    }
}

/// The closing balance sheet of one path.
fn balance(pool: &PoolPlan, lane: &PoolLane, side: &AccountSide) -> PoolBalance {
    let figure = |f: PoolFigure| lane.figures[f as usize];
    PoolBalance {
        loans: side.debt - side.marked,
        recourse_due: side.recourse - lane.recovered,
        cash: lane.cash,
        transit: lane.transit,
        frozen: lane.frozen,
        margin: lane.hedge.margin,
        owed: lane.owed(),
        own_start: pool.own_start,
        interest: side.interest,
        shortfall: side.shortfall,
        recourse: side.recourse,
        hedge: figure(PoolFigure::HedgeResult),
        funding_cost: figure(PoolFigure::FundingCost),
        custody_loss: figure(PoolFigure::CustodyLoss),
        replenished: figure(PoolFigure::Replenished),
        written_down: figure(PoolFigure::WrittenDown),
        gross: side.gross + pool.principal_start + libm::fabs(pool.cash_start) + pool.funding_start,
    }
}
