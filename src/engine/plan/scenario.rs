//! Holds one scenario as the day loop reads it: calendar, limits, costs, and every account as plain numbers.

use super::account::{Account, Group, Position};
use super::active::ActiveAccount;
use super::controls::ControlRules;
use super::distance::{Distances, Row};
use super::opening::{Opening, SaleTarget};
use super::past::PastMarket;
use super::pool::PoolPlan;
use super::recourse::Recourse;
use super::risk::RiskFactors;
use crate::maths::random::Streams;
use crate::model::case::Scenario;
use crate::model::client::Clients;
use crate::model::exchange::Exchange;
use crate::model::impact::Feedback;
use crate::model::liquidation::Liquidation;
use crate::model::margin::haircut::Haircuts;
use crate::units::Day;

/// What accounts meet in before the end of the horizon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coupling {
    /// Neither in volume, prices, the market's state nor a pool's cash.
    Nothing,
    /// In what a session's volume lets them sell.
    Volume,
    /// In more: they must be at every close together.
    EveryClose,
}

/// One scenario, ready to run.
pub struct Plan<'a> {
    /// Its name, and what its market is fitted and drawn by; the rules the day loop reads stand beside it.
    pub scenario: &'a Scenario,
    pub exchange: &'a Exchange,
    pub liquidation: &'a Liquidation,
    pub clients: &'a Clients,
    pub feedback: &'a Feedback,
    pub haircuts: &'a Haircuts,
    pub recourse: Recourse,
    pub streams: Streams,
    pub paths: u64,
    pub days: usize,
    pub dates: Vec<Day>,
    /// Calendar days from the as-of date to the end of each session, index 0 is the as-of date itself.
    pub elapsed_days: Vec<f64>,
    /// Indices into the market's symbols of those simulated (the held ones), ascending.
    pub symbols: Vec<usize>,
    pub price_start: Vec<f64>,
    /// `[day][symbol]`, infinite where no limit binds.
    pub price_limit: std::sync::Arc<Vec<f64>>,
    /// Forced sales all together may take this much of a symbol in a session, money; infinite without a cap.
    pub volume_cap: Vec<f64>,
    pub average_volume: Vec<f64>,
    /// Money that buyers' quotes offer at a time; 0 where unknown.
    pub depth: Vec<f64>,
    /// Daily volatility of each simulated symbol over its last 60 sessions, and average turnover over free float (0: unknown).
    pub volatility_daily: Vec<f64>,
    pub turnover_ratio: Vec<f64>,
    /// Market value of the free float, money; infinite where unknown.
    pub free_float: Vec<f64>,
    /// Daily variance of the equal-weighted mean of the simulated symbols at the as-of date.
    pub market_variance: f64,
    /// The market's state on the as-of date.
    pub past_market_state: PastMarket,
    /// What margin rules read over the realised volatility.
    pub risk_factors: RiskFactors,
    /// True when any rule reads the market's state; else it is not kept.
    pub reads_market_state: bool,
    /// The platform's controls that act day by day; nothing where there are none.
    pub controls: Option<ControlRules>,
    /// Haircut of each simulated symbol at the as-of date.
    pub haircut_start: Vec<f64>,
    /// True when some rule sells of accounts that are not in liquidation.
    pub reduces: bool,
    /// True when no sale moves a price, and nothing but its own lines tells when an untouched account acts: it can be looked at ahead.
    pub looks_ahead: bool,
    /// What accounts meet in before the end of the horizon.
    pub coupling: Coupling,
    /// True when accounts that cannot act are passed over; false only to check that this changes nothing.
    pub passes_over: bool,
    /// What is left of a push on the price one session later.
    pub fade: f64,
    /// Share of proceeds a sale costs, per day.
    pub sale_cost: Vec<f64>,
    /// The part of it that is stamp duty, per day, and which of the simulated symbols pay none; empty where all pay it.
    pub duty: Vec<f64>,
    pub duty_free: Vec<bool>,
    /// The tick of each simulated symbol's limit prices.
    pub tick: Vec<f64>,
    pub accounts: Vec<Account>,
    /// The accounts that met something at the as-of close, in order.
    pub openings: Vec<Opening>,
    pub positions: Vec<Position>,
    /// What must be known of the accounts to watch them.
    pub distances: Distances,
    pub groups: Vec<Group>,
    /// The sector of each simulated symbol, as an index into the book's, and how many there are; nothing where none is known.
    pub sector_of: Vec<u32>,
    pub sectors: usize,
    /// Total quantity per simulated symbol over all accounts.
    pub quantity_total: Vec<f64>,
    /// Sum over accounts of cash less loan and interest accrued at the start.
    pub net_cash_total: f64,
    /// Sum over accounts of loan and interest accrued at the start.
    pub debt_start_total: f64,
    /// Sum over accounts of equity at the start.
    pub equity_start_total: f64,
    /// Interest all accounts accrue in one calendar day while no loan changes.
    pub interest_day_total: f64,
    /// Tiers in loss order: index into `Book::tiers`, and capital.
    pub loss_order: Vec<usize>,
    pub capital: Vec<f64>,
    /// The pool's value at the start, and its funding cost of one calendar day.
    pub pool_start: f64,
    pub funding_cost_day: f64,
    /// The pool kept day by day; nothing where only its losses are shared out at the end.
    pub pool: Option<PoolPlan>,
    /// True when any account shares profit or pays fees: then every account is settled on every path.
    pub shares: bool,
    /// True when any client's answer to a call is drawn.
    pub payments_are_random: bool,
}

impl Plan<'_> {
    /// True when paths on one market differ: clients' answers, funders' decisions or the hedge's noise are drawn.
    pub fn draws(&self) -> bool {
        self.payments_are_random || self.pool.as_ref().is_some_and(PoolPlan::draws)
    }

    /// Share of proceeds that a sale of a simulated symbol costs on a day.
    pub fn sale_cost_of(&self, day: usize, symbol: usize) -> f64 {
        let free = self.duty_free.get(symbol).is_some_and(|free| *free);
        self.sale_cost[day] - if free { self.duty[day] } else { 0.0 }
    }

    /// True when the session's volume matters: sales are capped by it, or move prices in proportion to it.
    pub fn reads_volume(&self) -> bool {
        self.liquidation.participation.is_some() || self.feedback.is_on()
    }

    /// The holdings of one account.
    pub fn positions_of(&self, account: usize) -> &[Position] {
        &self.positions[self.accounts[account].positions.clone()]
    }

    /// True when haircuts make holdings count for less than their market value.
    pub fn counts_less(&self) -> bool {
        self.controls.as_ref().is_some_and(|rules| rules.counts_less)
    }

    /// What recourse brings back within the horizon of an account closed on session `closed_on` ([`Recourse::by`]).
    pub fn recourse_on(&self, closed_on: u16) -> f64 {
        self.recourse.by(self.days, closed_on)
    }

    /// What an account met at the as-of close; nothing for most.
    #[inline(always)]
    pub fn opening_of(&self, row: &Row) -> Option<&Opening> {
        if row.met_at_start == 0 {
            return None;
        }
        let at = self.openings.binary_search_by_key(&(row.account as usize), Opening::account);
        Some(&self.openings[at.expect("what met something has an opening")])
    }

    /// What the holdings of an account count for at the as-of close.
    pub fn counted_at_start(&self, index: usize) -> f64 {
        let haircuts = self.haircuts;
        if !self.counts_less() {
            return self.accounts[index].value_start;
        }
        let symbols = self.symbols.len();
        self.positions_of(index).iter().fold(0.0, |sum, p| {
            let s = p.symbol as usize;
            let haircut = haircuts.at(self.haircut_start[s], self.risk_factors.of_symbol(0, s, symbols));
            sum + p.quantity * (self.price_start[s] * (1.0 - haircut))
        })
    }

    /// What a rule asked at the as-of close to sell of an account that goes on: it is sold at the first session's close.
    #[inline(always)]
    pub fn due_at_first(&self, day: usize, active: &ActiveAccount) -> Option<SaleTarget> {
        let row = &self.distances.rows[active.place()];
        if day > 0 || !row.acts_from_start() {
            return None;
        }
        self.opening_of(row).and_then(|opening| opening.target)
    }
}
