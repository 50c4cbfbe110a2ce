//! Calls loans back: what cash lacks, what a trigger asks for, what is lent above its cap, and loans that mature and do not roll.
//!
//! Where loans have a cycle, all of these together call no more than is due in it on a session: loans that mature first, as
//! their contracts say, then triggers, caps and cash share what is left. What that holds back of a trigger is called on the next sessions.
//!
//! A client pays from its cash at once; for the rest its shares are sold from the next session on, in the same market and under
//! the same limits as every forced sale. The margin rules go on as for any account.

use super::workspace::{LoanBook, NONE, PoolWorkspace};
use crate::engine::account::close::Close;
use crate::engine::account::moves::pay;
use crate::engine::plan::active::{ActiveAccount, State, key};
use crate::engine::plan::pool::{LoanDue, PoolPlan};
use crate::engine::record::pool::PoolFigure;
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

impl PoolWorkspace {
    /// The recalls of one session's close.
    pub fn recall_loans(&mut self, close: &Close<'_>, pool: &PoolPlan, book: &mut LoanBook<'_>) {
        for lane in &mut self.lane {
            lane.callable = pool.cycle_days.map_or(f64::INFINITY, |days| lane.principal / days);
        }
        self.mature_loans(close, pool, book);
        for lane in 0..LANES {
            for t in 0..pool.triggers.len() {
                self.recall_share(close, pool, book, lane, t);
            }
            if let Some((rule, caps)) = &pool.loan_to_value {
                self.recall_above_cap(close, book, lane, (rule, caps));
            }
            let need = if pool.recall == RecallOrder::None { 0.0 } else { self.lane[lane].to_recall(pool) };
            if need > 0.0 {
                self.recall_money(close, pool, book, lane, need);
            }
        }
    }

    /// Before the first session's decisions: overdue loans roll or are called back whole, and are sold for on that session.
    pub fn recall_overdue(&mut self, close: &Close<'_>, book: &mut LoanBook<'_>) {
        let Some(pool) = &close.plan.pool else { return };
        self.paid_on_recall = false;
        self.mature(close, pool, book, &pool.overdue);
        let paid = self.paid_on_recall(close, book);
        for (lane, paid) in self.lane.iter_mut().zip(paid) {
            lane.receive(paid);
        }
    }

    /// Loans at their maturity roll or are called back whole.
    fn mature_loans(&mut self, close: &Close<'_>, pool: &PoolPlan, book: &mut LoanBook<'_>) {
        let day = close.day;
        let first = pool.loans_due.partition_point(|d| d.day < day);
        let count = pool.loans_due[first..].partition_point(|d| d.day == day);
        self.mature(close, pool, book, &pool.loans_due[first..first + count]);
    }

    fn mature(&mut self, close: &Close<'_>, pool: &PoolPlan, book: &mut LoanBook<'_>, dues: &[LoanDue]) {
        if pool.loan_roll_probability >= 1.0 {
            return;
        }
        for due in dues {
            for lane in 0..LANES {
                let distress = pool.run.distress(&self.lane[lane].signs);
                let rolls = roll_probability(pool.loan_roll_probability, distress);
                if rolls <= 0.0 || due.key.uniform(close.tile.paths[lane], 0) >= rolls {
                    self.recall(close, book, due.account, lane, f64::INFINITY);
                }
            }
        }
    }

    /// What a trigger asks for, the same share of every loan, or of every loan of one tier: at once, or as the cycle lets it.
    fn recall_share(&mut self, close: &Close<'_>, pool: &PoolPlan, book: &mut LoanBook<'_>, lane: usize, t: usize) {
        let trigger = &pool.triggers[t];
        let fires = self.lane[lane].fired_on[t] == close.session();
        if trigger.rule.recall.get() <= 0.0 || !(fires || self.lane[lane].to_call[t] > 0.0) {
            return;
        }
        let loans = self.loans(close, book, lane, trigger.recall_tier);
        let total = loans.iter().fold(0.0, |sum, l| sum + l.money);
        let now = &mut self.lane[lane];
        let asked = now.to_call[t] + if fires { trigger.rule.recall.get() * total } else { 0.0 };
        let money = asked.min(total).min(now.callable);
        now.to_call[t] = if pool.cycle_days.is_some() && asked - money > DUST_MONEY { asked - money } else { 0.0 };
        let share = if total > 0.0 { money / total } else { 0.0 };
        loans.iter().for_each(|loan| self.recall(close, book, loan.account, lane, share * loan.money));
    }

    /// What is lent above each account's cap, as far as it can be called.
    fn recall_above_cap(&mut self, close: &Close<'_>, book: &mut LoanBook<'_>, lane: usize, (rule, caps): (&LoanToValue, &[f64])) {
        let stress = self.lane[lane].signs.stress;
        let mut above: Vec<(usize, f64)> = Vec::new();
        for loan in self.loans(close, book, lane, None) {
            let money = excess(loan.debt, loan.assets, rule.under(caps[loan.account], stress));
            if money > 0.0 {
                above.push((loan.account, money));
            }
        }
        let total = above.iter().fold(0.0, |sum, a| sum + a.1);
        let due = self.lane[lane].callable;
        let share = if total > due { due / total } else { 1.0 };
        for (account, money) in above {
            self.recall(close, book, account, lane, share * money);
        }
    }

    /// So much money, of the loans the programme's order names first, as far as it can be called.
    fn recall_money(&mut self, close: &Close<'_>, pool: &PoolPlan, book: &mut LoanBook<'_>, lane: usize, need: f64) {
        let mut loans = self.loans(close, book, lane, None);
        let total = loans.iter().fold(0.0, |sum, l| sum + l.money);
        let due = self.lane[lane].callable.min(total);
        let mut need = need.min(due);
        match pool.recall {
            RecallOrder::ProRata => {
                let share = if total > 0.0 { need / total } else { 0.0 };
                loans.iter().for_each(|loan| self.recall(close, book, loan.account, lane, share * loan.money));
                return;
            }
            RecallOrder::LargestFirst => loans.sort_by(|a, b| b.money.total_cmp(&a.money).then(a.account.cmp(&b.account))),
            RecallOrder::RiskiestFirst => {
                // what one target has restored is equal but for rounding
                let rank = |loan: &Loan| (loan.ratio * 1e6).round();
                loans.sort_by(|a, b| rank(a).total_cmp(&rank(b)).then(a.account.cmp(&b.account)));
            }
            RecallOrder::None => return,
        }
        for loan in loans {
            if need <= DUST_MONEY {
                return;
            }
            // whole loans, but no more than can be called
            let money = loan.money.min(self.lane[lane].callable);
            self.recall(close, book, loan.account, lane, money);
            need -= money;
        }
    }

    /// Loans that can be called back in a lane: of accounts neither closed, nor in liquidation, nor called back already.
    fn loans(&mut self, close: &Close<'_>, book: &LoanBook<'_>, lane: usize, tier: Option<u32>) -> Vec<Loan> {
        let (plan, elapsed) = (close.plan, close.elapsed());
        self.find_active(&book.accounts.active);
        let asks = |p: &PoolPlan| p.recall == RecallOrder::RiskiestFirst || p.loan_to_value.is_some();
        let valued = plan.pool.as_ref().is_some_and(asks);
        let mut loans = Vec::new();
        for (index, account) in plan.accounts.iter().enumerate() {
            let in_tier = tier.is_none_or(|t| account.groups[0] == t);
            if !in_tier || account.loan <= 0.0 {
                continue;
            }
            let place = plan.distances.place[index];
            let active = match self.active_at[key(place, lane) as usize] {
                NONE => ActiveAccount::new(plan, place, lane, close.tile.paths[lane]),
                at => book.accounts.active[at as usize],
            };
            if matches!(active.state, State::Closed | State::Liquidating) || active.recall > 0.0 {
                continue;
            }
            let (mut assets, mut ratio) = (0.0, f64::INFINITY);
            if valued {
                let value = active.value(plan, &book.accounts.shares, close.prices());
                let sides = close.sides(&active, &book.accounts.shares, value);
                assets = active.cash + value;
                ratio = if sides.1 > 0.0 { sides.0 / sides.1 } else { f64::INFINITY };
            }
            let (money, debt) = (active.loan, active.debt(account, elapsed));
            if money > 0.0 {
                loans.push(Loan { account: index, money, assets, debt, ratio });
            }
        }
        loans
    }

    /// Calls `money` of one loan back (all of it when infinite): cash pays now, shares are sold from the next session on.
    ///
    /// What is in liquidation, or called back in part, is called back whole where all of it is due: that waits for what runs.
    fn recall(&mut self, close: &Close<'_>, book: &mut LoanBook<'_>, account: usize, lane: usize, money: f64) {
        let at = self.active_for(close, book, account, lane);
        let (plan, elapsed) = (close.plan, close.elapsed());
        let terms = &plan.accounts[account];
        let active = &mut book.accounts.active[at];
        let shares = &mut book.accounts.shares;
        if matches!(active.state, State::Closed | State::Liquidating) || active.recall > 0.0 {
            if money.is_infinite() && active.state != State::Closed && active.recall.is_finite() {
                let before = active.recall.min(active.debt(terms, elapsed));
                let called = active.debt(terms, elapsed) - before;
                active.recall = f64::INFINITY;
                // what is called back is read off accounts that have quantities of their own
                active.separate(plan, shares);
                self.lane[lane].figures[PoolFigure::Recalled as usize] += called;
                self.lane[lane].recalling += called;
            }
            return;
        }
        active.separate(plan, shares);
        active.charge(terms, elapsed);
        let debt = active.loan + active.accrued;
        if debt.min(money) <= DUST_MONEY {
            return;
        }
        // all but what rounding leaves is all
        let money = if debt - money > DUST_MONEY { money } else { debt };
        self.lane[lane].callable = (self.lane[lane].callable - money).max(0.0);
        let from_cash = money.min(active.cash).max(0.0);
        active.cash -= from_cash;
        pay(active, from_cash);
        self.paid_on_recall |= from_cash > 0.0;
        if debt - from_cash <= DUST_MONEY {
            (active.loan, active.accrued) = (0.0, 0.0);
            active.state = State::Closed;
            active.closed_on = close.session();
        } else {
            // the whole debt grows by its interest until it is paid
            let waits = if money - from_cash > DUST_MONEY { money - from_cash } else { 0.0 };
            active.recall = if money >= debt { f64::INFINITY } else { waits };
        }
        book.lanes.note_loan(terms, active, close.day);
        self.lane[lane].figures[PoolFigure::Recalled as usize] += money;
        self.lane[lane].recalling += money - from_cash;
        self.lane[lane].coming += from_cash;
    }
}
