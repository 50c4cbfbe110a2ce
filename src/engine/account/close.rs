//! Holds one close of one tile as the rules look at it: the plan, its prices, and what the market and the controls are.

use super::collateral::Collateral;
use super::controls::Controls;
use crate::engine::market::prices::Prices;
use crate::engine::market::state::MarketState;
use crate::engine::market::tile::MarketTile;
use crate::engine::plan::active::ActiveAccount;
use crate::engine::plan::controls::LaneControls;
use crate::engine::plan::scenario::Plan;
use crate::model::margin::Lines;

/// What all accounts see at a close beside prices; each part is kept only where a rule reads it.
#[derive(Clone, Default)]
pub struct Conditions {
    pub market: MarketState,
    pub controls: Controls,
    pub collateral: Collateral,
}

/// One close of one tile.
#[derive(Clone, Copy)]
pub struct Close<'a> {
    pub plan: &'a Plan<'a>,
    pub tile: &'a MarketTile,
    /// Index of the session.
    pub day: usize,
    pub now: &'a Conditions,
}

impl Conditions {
    /// The as-of date.
    pub fn start(&mut self, plan: &Plan<'_>, tile: &MarketTile) {
        if plan.reads_market_state {
            self.market.start(plan);
        }
        if let Some(rules) = &plan.controls {
            self.controls.start(rules);
            if rules.counts_less {
                self.collateral.start(plan, tile);
            }
        }
    }

    /// Step 5: the state of the market, and what the platform's controls make of it.
    pub fn observe(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize) {
        if plan.reads_market_state {
            self.market.observe(plan, tile, day);
        }
        if let Some(rules) = &plan.controls {
            if rules.counts_less {
                self.collateral.observe(plan, tile, day);
            }
            if plan.reads_market_state {
                self.controls.observe(rules, &self.market, day);
            }
        }
    }

    /// One close under these conditions.
    #[inline(always)]
    pub fn close<'a>(&'a self, plan: &'a Plan<'_>, tile: &'a MarketTile, day: usize) -> Close<'a> {
        Close { plan, tile, day, now: self }
    }

    /// What the holdings of an account count for, whose market value is `value`.
    #[inline(always)]
    pub fn counted_value(&self, plan: &Plan<'_>, active: &ActiveAccount, shares: &[f64], value: f64) -> f64 {
        if plan.counts_less() { active.value(plan, shares, Prices::plain(&self.collateral.price)) } else { value }
    }
}

impl<'a> Close<'a> {
    /// Calendar days from the as-of date.
    #[inline(always)]
    pub fn elapsed(&self) -> f64 {
        self.plan.elapsed_days[self.day + 1]
    }

    /// The session, from 1.
    #[inline(always)]
    pub fn session(&self) -> u16 {
        self.day as u16 + 1
    }

    /// Its closing prices.
    #[inline(always)]
    pub fn prices(&self) -> Prices<'a> {
        self.tile.prices_of(self.day)
    }

    /// Assets and debt of an active account as the lines see them, its holdings worth `value`.
    #[inline(always)]
    pub fn sides(&self, active: &ActiveAccount, shares: &[f64], value: f64) -> (f64, f64) {
        let counted = self.now.counted_value(self.plan, active, shares, value);
        active.sides(&self.plan.accounts[active.account()], counted, self.elapsed())
    }

    /// The lines in force for an active account, with `(assets, debt)`.
    pub fn lines_of(&self, active: &ActiveAccount, (assets, debt): (f64, f64)) -> Lines {
        let account = &self.plan.accounts[active.account()];
        let now: &LaneControls = &self.now.controls.lanes[active.lane()];
        self.plan.controls.as_ref().map_or(account.lines, |rules| rules.lines(account, now, assets, debt))
    }
}
