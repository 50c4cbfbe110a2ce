//! Passes the pool of one path through one session: money in, losses, hedge, funding, payments, triggers, failures.
//!
//! | assets | | liabilities | |
//! |---|---|---|---|
//! | loans and interest due | from the accounts | sources | `amount`, and `interest` |
//! | idle cash | `cash` | claims, due or not | `claims` |
//! | sales not yet settled | `transit` | | |
//! | cash frozen with a custodian | `frozen` | own | the rest |
//! | margin of the hedge | `margin` | | |
//!
//! Order of a session: what settles comes in; recoveries restore tiers from the senior end; today's loss goes down the tiers;
//! the hedge settles; a failing custodian freezes cash; funding falls due or runs; claims are paid, senior tiers first, and never
//! beyond the cash (`claims.rs`); what stays unpaid calls loans back, and last of all, after the days of grace, fails tiers in the
//! order of losses.

use super::source::SourceLane;
use crate::engine::plan::pool::{PoolPlan, Source};
use crate::engine::plan::recourse::Recourse;
use crate::engine::record::pool::{Figures, PoolFigure};
use crate::model::pool::cash::{DUST_MONEY, buffer_days, outflow_day};
use crate::model::pool::funding::{Signs, roll_probability};
use crate::model::pool::{hedge, waterfall};

/// The hedge on one path.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HedgeLane {
    pub notional: f64,
    pub margin: f64,
    /// Result after cost, and the cost, since the start.
    pub result: f64,
    pub cost: f64,
    /// Settlement that neither cash nor margin could pay.
    pub unpaid: f64,
    pub closed: bool,
}

/// The pool on one path.
#[derive(Clone, Debug, Default)]
pub struct PoolLane {
    pub cash: f64,
    pub frozen: f64,
    pub transit: f64,
    /// Proceeds by the session they settle on.
    arriving: Vec<f64>,
    /// Recoveries by the session they come in on.
    recovery: Vec<f64>,
    pub recovered: f64,
    /// Lent to clients and not paid out to them yet.
    pub undrawn: f64,
    /// Loans out, what of them is being called back, and what clients paid of that on this session: cash once claims are paid.
    pub principal: f64,
    pub recalling: f64,
    pub coming: f64,
    pub source: Vec<SourceLane>,
    pub hedge: HedgeLane,
    /// By place in the order of losses as planned: borne, put back, left with its funders, borne by those who left, and failed on
    /// (session from 1).
    pub taken: Vec<f64>,
    pub added: Vec<f64>,
    pub left: Vec<f64>,
    pub written: Vec<f64>,
    pub failed_on: Vec<u16>,
    pub unallocated: f64,
    pub order: Vec<usize>,
    capacity: Vec<f64>,
    /// The session that is passed, from 1.
    pub session: u16,
    /// Per trigger, the session it fired, and what of its recall still waits for the cycle.
    pub fired_on: Vec<u16>,
    pub to_call: Vec<f64>,
    /// What can still be called back on this session; infinite without a cycle.
    pub callable: f64,
    pub signs: Signs,
    pub figures: Figures,
    /// Funding cost and income beside the loans', of today.
    pub funding_today: f64,
    pub other_today: f64,
    /// Loss of cash with a custodian today.
    pub custody_today: f64,
}

/// One session of one path as the pool sees it.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Index of the session.
    pub day: usize,
    pub days: usize,
    pub path: u64,
    /// Calendar days from the as-of date, and since the last session.
    pub elapsed: f64,
    pub gap: f64,
    /// Money repaid by accounts and lent to them today, and shortfalls closed today.
    pub received: f64,
    pub drawn: f64,
    pub shortfall: f64,
    pub recourse: Recourse,
    /// Return of the hedge's index, and its own noise.
    pub index_return: f64,
    pub noise: f64,
    /// Market stress, 0 to 1.
    pub stress: f64,
}

impl PoolLane {
    /// The pool as it stands on the as-of date.
    pub fn start(&mut self, pool: &PoolPlan, days: usize, recourse: Recourse) {
        let tiers = pool.capital.len();
        let mut lane = std::mem::take(self);
        let refill = |column: &mut Vec<f64>, length: usize| {
            column.clear();
            column.resize(length, 0.0);
        };
        for column in [&mut lane.taken, &mut lane.added, &mut lane.left, &mut lane.written, &mut lane.capacity] {
            refill(column, tiers);
        }
        refill(&mut lane.arriving, days + pool.settlement_days + 1);
        refill(&mut lane.recovery, days + recourse.delay + 1);
        lane.failed_on.clear();
        lane.failed_on.resize(tiers, 0);
        lane.fired_on.clear();
        lane.fired_on.resize(pool.triggers.len(), 0);
        refill(&mut lane.to_call, pool.triggers.len());
        lane.order.clear();
        lane.order.extend(0..tiers);
        lane.source.clear();
        lane.source.extend(pool.sources.iter().map(|s| SourceLane {
            amount: s.amount,
            matures: s.matures.unwrap_or(f64::INFINITY),
            ..SourceLane::default()
        }));
        *self = PoolLane {
            arriving: lane.arriving,
            recovery: lane.recovery,
            taken: lane.taken,
            added: lane.added,
            left: lane.left,
            written: lane.written,
            capacity: lane.capacity,
            failed_on: lane.failed_on,
            fired_on: lane.fired_on,
            to_call: lane.to_call,
            order: lane.order,
            source: lane.source,
            cash: pool.cash_start,
            principal: pool.principal_start,
            ..PoolLane::default()
        };
        if let Some(hedge) = &pool.hedge {
            self.ask_margin(hedge.ratio * self.principal, hedge.margin, 0.0);
        }
        self.figures[PoolFigure::CashMin as usize] = self.cash;
        self.figures[PoolFigure::SurvivalDays as usize] = days as f64;
        self.read_signs(pool, 0.0);
        self.figures[PoolFigure::BufferDaysMin as usize] = self.signs.buffer_days;
        self.watch();
    }

    pub fn add(&mut self, figure: PoolFigure, amount: f64) {
        self.figures[figure as usize] += amount;
    }

    /// Step 10 up to the triggers: everything that needs no other account's answer.
    pub fn pass(&mut self, pool: &PoolPlan, at: &Moment, loss: f64) {
        self.session = at.day as u16 + 1;
        (self.funding_today, self.other_today, self.custody_today) = (0.0, 0.0, 0.0);
        self.transit += at.received;
        self.arriving[at.day + pool.settlement_days] += at.received;
        let settled = self.arriving[at.day];
        self.transit -= settled;
        self.cash += settled;
        self.undrawn += at.drawn;
        self.recover(at, loss);
        self.fill_up(pool);
        self.settle_hedge(pool, at);
        self.fail_custodian(pool, at);
        self.bear(pool, loss.max(0.0) + self.custody_today);
        self.accrue(pool, at);
        self.read_signs(pool, at.stress);
        self.leave(pool, at);
        self.pay(pool);
        self.fire(pool, at);
    }

    /// The end of the session, once loans are called back: what clients paid of them is cash, and tiers fail.
    pub fn close(&mut self, pool: &PoolPlan, paid: f64) {
        self.receive(paid);
        self.fail_tiers(pool);
        self.watch();
        self.read_signs(pool, self.signs.stress);
        let least = &mut self.figures[PoolFigure::BufferDaysMin as usize];
        *least = least.min(self.signs.buffer_days);
    }

    /// Recourse on today's shortfalls is cash at once, or after its delay; what comes in restores the tiers in reverse order.
    fn recover(&mut self, at: &Moment, loss: f64) {
        let Recourse { share, delay } = at.recourse;
        if delay == 0 {
            let recovered = at.shortfall * share;
            self.recovered += recovered;
            self.cash += recovered;
            return;
        }
        self.recovery[at.day + delay] += loss.max(0.0) * share;
        let money = self.recovery[at.day];
        if money > 0.0 {
            self.recovered += money;
            self.cash += money;
            waterfall::restore_in(&self.order, money, &mut self.taken, &mut self.unallocated);
        }
    }

    /// What recourse brings in on a session, of earlier shortfalls.
    pub fn recovery_on(&self, day: usize) -> f64 {
        self.recovery[day]
    }

    /// Sends a loss down the tiers; at the end of the horizon too, for what is marked there.
    pub fn bear(&mut self, pool: &PoolPlan, loss: f64) {
        if loss <= 0.0 {
            return;
        }
        for (rank, capacity) in self.capacity.iter_mut().enumerate() {
            let reserve = pool.hedge.as_ref().filter(|h| h.rank == rank).map_or(0.0, |_| self.hedge.result);
            *capacity = pool.capital[rank] - self.left[rank] + self.added[rank] + reserve;
        }
        self.unallocated += waterfall::allocate_in(&self.order, loss, &self.capacity, &mut self.taken);
    }

    /// Tiers that are refilled from outside get their share of what they bore.
    fn fill_up(&mut self, pool: &PoolPlan) {
        for rank in 0..pool.replenish_day.len() {
            let money = pool.replenish_day[rank].min(self.taken[rank] - self.added[rank]).max(0.0);
            if money > 0.0 {
                self.replenish(rank, money);
            }
        }
    }

    fn replenish(&mut self, rank: usize, money: f64) {
        self.added[rank] += money;
        self.cash += money;
        self.add(PoolFigure::Replenished, money);
    }

    fn settle_hedge(&mut self, pool: &PoolPlan, at: &Moment) {
        let Some(plan) = &pool.hedge else { return };
        if self.hedge.closed {
            return;
        }
        let cost = self.hedge.notional * plan.cost_day * at.gap;
        let result = hedge::gain(self.hedge.notional, at.index_return, at.noise) - cost;
        self.hedge.cost += cost;
        self.hedge.result += result;
        self.other_today += result;
        self.add(PoolFigure::HedgeResult, result);
        self.add(PoolFigure::HedgeCost, cost);
        self.ask_margin(plan.ratio * self.principal, plan.margin, result);
    }

    /// Settles a result in cash and posts the margin of a new notional; a hedge whose settlement or margin is not met is closed.
    fn ask_margin(&mut self, notional: f64, margin_rate: f64, result: f64) {
        let asked = notional * margin_rate;
        let (cash, margin, unpaid) = hedge::settle(self.cash, self.hedge.margin, result, asked);
        self.hedge.unpaid += unpaid;
        if margin < asked || unpaid > 0.0 {
            self.hedge = HedgeLane { notional: 0.0, margin: 0.0, closed: true, ..self.hedge };
            self.cash = cash + margin;
        } else {
            self.hedge = HedgeLane { notional, margin, ..self.hedge };
            self.cash = cash;
        }
    }

    fn fail_custodian(&mut self, pool: &PoolPlan, at: &Moment) {
        let Some(plan) = &pool.custodian else { return };
        if at.day == plan.day {
            let held = self.cash * plan.cash_share;
            let lost = held * plan.haircut;
            self.cash -= held;
            self.frozen += held - lost;
            self.custody_today = lost;
            self.add(PoolFigure::CustodyLoss, lost);
        }
        if at.day == plan.free_from {
            self.cash += self.frozen;
            self.frozen = 0.0;
        }
    }

    /// The day's interest of the funding.
    fn accrue(&mut self, pool: &PoolPlan, at: &Moment) {
        for (lane, source) in self.source.iter_mut().zip(&pool.sources) {
            let interest = lane.amount * source.rate_day * at.gap;
            lane.interest += interest;
            lane.accrued += interest;
            self.funding_today += interest;
        }
        self.add(PoolFigure::FundingCost, self.funding_today);
    }

    fn read_signs(&mut self, pool: &PoolPlan, stress: f64) {
        let lost = self.taken.iter().fold(self.unallocated, |sum, t| sum + t);
        let outflow = outflow_day(self.principal, pool.cycle_days, pool.leaving_day);
        self.signs = Signs {
            loss_share: if pool.capital_total > 0.0 { lost / pool.capital_total } else { 0.0 },
            buffer_days: buffer_days(self.cash, outflow),
            stress,
        };
    }

    /// Sources of tiers that stand fail, mature and run; each draw has the address (seed, source, path, session).
    fn leave(&mut self, pool: &PoolPlan, at: &Moment) {
        let distress = pool.run.distress(&self.signs);
        let run = pool.run.probability(distress);
        for (s, source) in pool.sources.iter().enumerate().filter(|(_, source)| source.amount > 0.0) {
            let lane = &self.source[s];
            if lane.amount <= 0.0 || self.failed_on[source.rank] > 0 {
                continue;
            }
            if source.fails_on == self.session {
                self.call(pool, s, 1.0, self.session);
                continue;
            }
            if lane.matures <= at.elapsed {
                let rolls = roll_probability(source.roll_probability, distress);
                let stays = rolls >= 1.0 || (rolls > 0.0 && source.key.uniform(at.path, 2 * at.day as u32) < rolls);
                if stays {
                    let lane = &mut self.source[s];
                    lane.rolls += 1;
                    lane.matures = at.elapsed + pool.roll_days;
                } else {
                    self.call(pool, s, 1.0, self.session);
                }
            }
            self.maybe_run(pool, at, s, source, run);
        }
    }

    fn maybe_run(&mut self, pool: &PoolPlan, at: &Moment, s: usize, source: &Source, probability: f64) {
        let lane = &self.source[s];
        let may = source.runnable && !lane.ran && lane.amount > 0.0 && probability > 0.0;
        if may && source.key.uniform(at.path, 2 * at.day as u32 + 1) < probability {
            self.source[s].ran = true;
            self.add(PoolFigure::SourcesRun, 1.0);
            let due = at.day as u32 + 1 + pool.run.notice_days;
            self.call(pool, s, pool.run.share.get(), due.min(u32::from(u16::MAX)) as u16);
        }
    }

    fn fire(&mut self, pool: &PoolPlan, at: &Moment) {
        self.read_signs(pool, at.stress);
        for (t, trigger) in pool.triggers.iter().enumerate() {
            if self.fired_on[t] > 0 || !trigger.rule.fires(&self.signs) {
                continue;
            }
            self.fired_on[t] = at.day as u16 + 1;
            if !trigger.order.is_empty() {
                // tiers it does not name follow in the order before
                let before = std::mem::take(&mut self.order);
                self.order.extend(&trigger.order);
                self.order.extend(before.iter().filter(|rank| !trigger.order.contains(rank)));
            }
            for (rank, money) in trigger.replenish.iter().enumerate().filter(|(_, money)| **money > 0.0) {
                self.replenish(rank, *money);
            }
        }
    }

    /// Keeps the extremes of the session.
    fn watch(&mut self) {
        let whole = self.principal + self.cash + self.frozen + self.transit + self.hedge.margin;
        let used = if whole > DUST_MONEY { self.principal / whole } else { 0.0 };
        let least = &mut self.figures[PoolFigure::CashMin as usize];
        *least = least.min(self.cash);
        let most = &mut self.figures[PoolFigure::UtilisationMax as usize];
        *most = most.max(used);
        assert!(self.cash >= 0.0, "cash of {} is below nothing: {self:?}", self.cash);
    }

    /// Money to call back: what is unpaid and what the buffer lacks, less what is on its way.
    pub fn to_recall(&self, pool: &PoolPlan) -> f64 {
        let lacking = self.unpaid(pool) + (pool.minimum - self.cash).max(0.0);
        let need = lacking - self.transit - self.recalling - self.coming;
        if need > DUST_MONEY { need } else { 0.0 }
    }

    /// Clients pay what is called back from their own cash, at once.
    pub fn receive(&mut self, money: f64) {
        self.cash += money;
        self.coming = 0.0;
    }

    /// What the pool owes: sources and what they called, with interest, and the hedge's broker.
    pub fn owed(&self) -> f64 {
        let others = self.hedge.unpaid + self.undrawn;
        self.source.iter().fold(others, |sum, s| sum + s.amount + s.interest + s.claimed_yet())
    }
}
