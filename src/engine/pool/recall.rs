//! Calls loans back: what cash lacks, what a trigger asks for, what is lent above its cap, and loans that mature and do not roll.
//!
//! Where loans have a cycle, all of these together call no more than is due in it on a session: loans that mature first, as
//! their contracts say, then triggers, caps and cash share what is left. What that holds back of a trigger is called on the next sessions.
//!
//! A client pays from its cash at once; for the rest its shares are sold from the next session on, in the same market and under
//! the same limits as every forced sale. The margin rules go on as for any account.

use super::NONE;
use super::columns::PoolFigure;
use super::plan::{LoanDue, PoolPlan};
use crate::engine::day::Desk;
use crate::engine::plan::Plan;
use crate::engine::slot::{Slot, State, key};
use crate::engine::state::pay;
use crate::engine::tile::MarketTile;
use crate::model::market::LANES;
use crate::model::pool::cash::{DUST_MONEY, RecallOrder};
use crate::model::pool::funding::roll_probability;
use crate::model::pool::lending::{LoanToValue, excess};

/// A loan that could be called back in one lane.
#[derive(Clone, Copy, Debug)]
struct Loan {
    account: usize,
    money: f64,
    /// Cash and market value, loan with interest, and the ratio that the lines see; only where an order or a cap asks for them.
    assets: f64,
    debt: f64,
    ratio: f64,
}

impl Desk {
    /// The recalls of one session's close.
    pub(super) fn recall_loans(&mut self, plan: &Plan<'_>, pool: &PoolPlan, tile: &MarketTile, day: usize) {
        for lane in &mut self.pool.lane {
            lane.callable = pool.cycle_days.map_or(f64::INFINITY, |days| lane.principal / days);
        }
        self.mature_loans(plan, pool, tile, day);
        for lane in 0..LANES {
            for t in 0..pool.triggers.len() {
                self.recall_share(plan, pool, tile, day, lane, t);
            }
            if let Some((rule, caps)) = &pool.loan_to_value {
                self.recall_above_cap(plan, tile, day, lane, (rule, caps));
            }
            let need = if pool.recall == RecallOrder::None { 0.0 } else { self.pool.lane[lane].to_recall(pool) };
            if need > 0.0 {
                self.recall_money(plan, pool, tile, day, lane, need);
            }
        }
    }

    /// Before the first session's decisions: overdue loans roll or are called back whole, and are sold for on that session.
    pub(in crate::engine) fn recall_overdue(&mut self, plan: &Plan<'_>, tile: &MarketTile) {
        let Some(pool) = &plan.pool else { return };
        self.pool.paid_on_recall = false;
        self.mature(plan, pool, tile, 0, &pool.overdue);
        let paid = self.paid_on_recall(plan, 0);
        for (lane, paid) in self.pool.lane.iter_mut().zip(paid) {
            lane.receive(paid);
        }
    }

    /// Loans at their maturity roll or are called back whole.
    fn mature_loans(&mut self, plan: &Plan<'_>, pool: &PoolPlan, tile: &MarketTile, day: usize) {
        let first = pool.loans_due.partition_point(|d| d.day < day);
        let count = pool.loans_due[first..].partition_point(|d| d.day == day);
        self.mature(plan, pool, tile, day, &pool.loans_due[first..first + count]);
    }

    fn mature(&mut self, plan: &Plan<'_>, pool: &PoolPlan, tile: &MarketTile, day: usize, dues: &[LoanDue]) {
        if pool.loan_roll_probability >= 1.0 {
            return;
        }
        for due in dues {
            for lane in 0..LANES {
                let distress = pool.run.distress(&self.pool.lane[lane].signs);
                let rolls = roll_probability(pool.loan_roll_probability, distress);
                if rolls <= 0.0 || due.key.uniform(tile.paths[lane], 0) >= rolls {
                    self.recall(plan, due.account, day, lane, f64::INFINITY);
                }
            }
        }
    }

    /// What a trigger asks for, the same share of every loan, or of every loan of one tier: at once, or as the cycle lets it.
    fn recall_share(&mut self, plan: &Plan<'_>, pool: &PoolPlan, tile: &MarketTile, day: usize, lane: usize, t: usize) {
        let trigger = &pool.triggers[t];
        let fires = usize::from(self.pool.lane[lane].fired_on[t]) == day + 1;
        if trigger.rule.recall.get() <= 0.0 || !(fires || self.pool.lane[lane].to_call[t] > 0.0) {
            return;
        }
        let loans = self.loans(plan, tile, day, lane, trigger.recall_tier);
        let total = loans.iter().fold(0.0, |sum, l| sum + l.money);
        let now = &mut self.pool.lane[lane];
        let asked = now.to_call[t] + if fires { trigger.rule.recall.get() * total } else { 0.0 };
        let money = asked.min(total).min(now.callable);
        now.to_call[t] = if pool.cycle_days.is_some() && asked - money > DUST_MONEY { asked - money } else { 0.0 };
        let share = if total > 0.0 { money / total } else { 0.0 };
        loans.iter().for_each(|loan| self.recall(plan, loan.account, day, lane, share * loan.money));
    }

    /// What is lent above each account's cap, as far as it can be called.
    fn recall_above_cap(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize, lane: usize, (rule, caps): (&LoanToValue, &[f64])) {
        let stress = self.pool.lane[lane].signs.stress;
        let mut above: Vec<(usize, f64)> = Vec::new();
        for loan in self.loans(plan, tile, day, lane, None) {
            let money = excess(loan.debt, loan.assets, rule.under(caps[loan.account], stress));
            if money > 0.0 {
                above.push((loan.account, money));
            }
        }
        let total = above.iter().fold(0.0, |sum, a| sum + a.1);
        let due = self.pool.lane[lane].callable;
        let share = if total > due { due / total } else { 1.0 };
        for (account, money) in above {
            self.recall(plan, account, day, lane, share * money);
        }
    }

    /// So much money, of the loans the programme's order names first, as far as it can be called.
    fn recall_money(&mut self, plan: &Plan<'_>, pool: &PoolPlan, tile: &MarketTile, day: usize, lane: usize, need: f64) {
        let mut loans = self.loans(plan, tile, day, lane, None);
        let total = loans.iter().fold(0.0, |sum, l| sum + l.money);
        let due = self.pool.lane[lane].callable.min(total);
        let mut need = need.min(due);
        match pool.recall {
            RecallOrder::ProRata => {
                let share = if total > 0.0 { need / total } else { 0.0 };
                loans.iter().for_each(|loan| self.recall(plan, loan.account, day, lane, share * loan.money));
                return;
            }
            RecallOrder::LargestFirst => loans.sort_by(|a, b| b.money.total_cmp(&a.money).then(a.account.cmp(&b.account))),
            RecallOrder::RiskiestFirst => {
                loans.sort_by(|a, b| a.ratio.total_cmp(&b.ratio).then(a.account.cmp(&b.account)));
            }
            RecallOrder::None => return,
        }
        for loan in loans {
            if need <= DUST_MONEY {
                return;
            }
            // whole loans, but no more than can be called
            let money = loan.money.min(self.pool.lane[lane].callable);
            self.recall(plan, loan.account, day, lane, money);
            need -= money;
        }
    }

    /// Loans that can be called back in a lane: of accounts neither closed, nor in liquidation, nor called back already.
    fn loans(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize, lane: usize, tier: Option<u32>) -> Vec<Loan> {
        let elapsed = plan.elapsed_days[day + 1];
        let prices = tile.prices_of(day);
        self.find_slots();
        let asks = |p: &PoolPlan| p.recall == RecallOrder::RiskiestFirst || p.loan_to_value.is_some();
        let valued = plan.pool.as_ref().is_some_and(asks);
        let mut loans = Vec::new();
        for (index, account) in plan.accounts.iter().enumerate() {
            let in_tier = tier.is_none_or(|t| account.groups[0] == t);
            if !in_tier || account.loan <= 0.0 {
                continue;
            }
            let place = plan.reach.place[index];
            let slot = match self.pool.slot_at[key(place, lane) as usize] {
                NONE => Slot::new(plan, place, lane, tile.paths[lane]),
                at => self.slots[at as usize],
            };
            if matches!(slot.state, State::Closed | State::Liquidating) || slot.recall > 0.0 {
                continue;
            }
            let (mut assets, mut ratio) = (0.0, f64::INFINITY);
            if valued {
                let value = slot.value(plan, &self.shares, prices);
                let sides = slot.sides(account, self.counted_value(plan, &slot, value), elapsed);
                assets = slot.cash + value;
                ratio = if sides.1 > 0.0 { sides.0 / sides.1 } else { f64::INFINITY };
            }
            let (money, debt) = (slot.loan, slot.debt(account, elapsed));
            if money > 0.0 {
                loans.push(Loan { account: index, money, assets, debt, ratio });
            }
        }
        loans
    }

    /// Calls `money` of one loan back (all of it when infinite): cash pays now, shares are sold from the next session on.
    ///
    /// What is in liquidation, or called back in part, is called back whole where all of it is due: that waits for what runs.
    fn recall(&mut self, plan: &Plan<'_>, account: usize, day: usize, lane: usize, money: f64) {
        let at = self.slot_for(plan, account, lane);
        let slot = &mut self.slots[at];
        if matches!(slot.state, State::Closed | State::Liquidating) || slot.recall > 0.0 {
            if money.is_infinite() && slot.state != State::Closed && slot.recall.is_finite() {
                let before = slot.recall.min(slot.debt(&plan.accounts[account], plan.elapsed_days[day + 1]));
                let called = slot.debt(&plan.accounts[account], plan.elapsed_days[day + 1]) - before;
                slot.recall = f64::INFINITY;
                // what is called back is read off accounts that have quantities of their own
                slot.separate(plan, &mut self.shares);
                self.pool.lane[lane].figures[PoolFigure::Recalled as usize] += called;
                self.pool.lane[lane].recalling += called;
            }
            return;
        }
        slot.separate(plan, &mut self.shares);
        slot.charge(&plan.accounts[account], plan.elapsed_days[day + 1]);
        let debt = slot.loan + slot.accrued;
        if debt.min(money) <= DUST_MONEY {
            return;
        }
        // all but what rounding leaves is all
        let money = if debt - money > DUST_MONEY { money } else { debt };
        self.pool.lane[lane].callable = (self.pool.lane[lane].callable - money).max(0.0);
        let from_cash = money.min(slot.cash).max(0.0);
        slot.cash -= from_cash;
        pay(slot, from_cash);
        self.pool.paid_on_recall |= from_cash > 0.0;
        if debt - from_cash <= DUST_MONEY {
            (slot.loan, slot.accrued) = (0.0, 0.0);
            slot.state = State::Closed;
            slot.closed_on = day as u16 + 1;
        } else {
            // the whole debt grows by its interest until it is paid
            let waits = if money - from_cash > DUST_MONEY { money - from_cash } else { 0.0 };
            slot.recall = if money >= debt { f64::INFINITY } else { waits };
        }
        self.lanes.note_loan(&plan.accounts[account], slot, day);
        self.pool.lane[lane].figures[PoolFigure::Recalled as usize] += money;
        self.pool.lane[lane].recalling += money - from_cash;
        self.pool.lane[lane].coming += from_cash;
    }
}
