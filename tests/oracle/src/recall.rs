//! Calls loans back, and sells for what is called.

use crate::account::{Prices, Standing};
use crate::day::Path;
use crate::forced::Order;
use crate::pool::DUST;
use crate::programme::Recall;
use crate::sales;
use crate::story::Why;
use crate::world::Purpose;

impl Path<'_> {
    /// A loan whose maturity lies on or before the as-of date is due on the first session, before its decisions: it rolls, or is
    /// called back whole.
    pub fn call_what_is_overdue(&mut self) {
        if self.pool.is_none() || self.day != 1 {
            return;
        }
        let as_of = self.world.programme.as_of;
        let overdue: Vec<bool> = self.holders.iter().map(|holder| holder.maturity.is_some_and(|maturity| maturity <= as_of)).collect();
        for (at, matured) in self.matured().into_iter().enumerate() {
            if matured && overdue[at] {
                self.call_whole(at);
                // before the session's claims
                let pool = self.pool();
                pool.cash += std::mem::take(&mut pool.after_claims);
            } else if matured {
                // not rolled and not yet due here: its own session's end calls it
                self.holders[at].maturity = Some(self.date());
            }
        }
    }

    /// Loans that mature come first, whole, and count; then what triggers call, then loans beyond their loan-to-value, then what is
    /// unpaid or lacking. What a client has paid in since pays what was called of it before.
    pub fn call_loans_back(&mut self, fired: &[usize]) {
        let rules = &self.world.programme.pool;
        let cash = rules.cash.as_ref().expect("a pool is kept daily");
        let loans: f64 = self.holders.iter().map(|holder| holder.loan).sum();
        // where loans have a cycle, no more than what is due can be called a session
        let mut room = cash.cycle_days.map_or(f64::INFINITY, |days| loans / days as f64);
        for (at, matured) in self.matured().into_iter().enumerate() {
            if matured {
                room = (room - self.call_whole(at)).max(0.0);
            }
        }
        for trigger in 0..rules.triggers.len() {
            // what rounding leaves of it is no room, and no debt of room
            room = (room - self.call_for_trigger(trigger, fired.contains(&trigger), room)).max(0.0);
        }
        let beyond: Vec<f64> = (0..self.holders.len()).map(|at| self.beyond_loan_to_value(at)).collect();
        room = (room - self.call_within(room, beyond)).max(0.0);
        let need = self.lacks(cash.minimum).min(room);
        if need > DUST {
            let mut asked = vec![0.0; self.holders.len()];
            self.spread(need, room, cash.recall, &mut asked);
            self.call_within(f64::INFINITY, asked);
        }
        let pool = self.pool.as_mut().expect("a pool is kept daily");
        pool.cash += std::mem::take(&mut pool.after_claims);
    }

    /// The same share of every loan that a trigger means and that can be called; what the cycle holds back waits for the next sessions.
    /// What it came to.
    fn call_for_trigger(&mut self, number: usize, fires: bool, room: f64) -> f64 {
        let rules = &self.world.programme.pool;
        let trigger = &rules.triggers[number];
        let waits = self.pool().to_call[number];
        if trigger.recall <= 0.0 || !fires && waits <= 0.0 {
            return 0.0;
        }
        let means = |at: usize| trigger.recall_tier.as_ref().is_none_or(|tier| *tier == self.world.accounts[at].tier);
        let loans: Vec<f64> =
            (0..self.holders.len()).map(|at| if means(at) && self.is_recallable(at) { self.holders[at].loan } else { 0.0 }).collect();
        let whole: f64 = loans.iter().sum();
        let asked = waits + if fires { trigger.recall * whole } else { 0.0 };
        let money = asked.min(whole).min(room);
        let cycle = rules.cash.as_ref().and_then(|cash| cash.cycle_days);
        self.pool().to_call[number] = if cycle.is_some() && asked - money > DUST { asked - money } else { 0.0 };
        if whole <= 0.0 {
            return 0.0;
        }
        self.call_within(f64::INFINITY, loans.into_iter().map(|loan| money / whole * loan).collect())
    }

    /// Calls back what is asked of each loan that can be, the same part of all where there is not room for them; what it came to.
    fn call_within(&mut self, room: f64, mut asked: Vec<f64>) -> f64 {
        for (at, asked) in asked.iter_mut().enumerate() {
            if !self.is_recallable(at) {
                *asked = 0.0;
            }
        }
        let whole: f64 = asked.iter().sum();
        let part = if whole > room { room / whole } else { 1.0 };
        for (at, asked) in asked.into_iter().enumerate().filter(|(_, asked)| part * *asked > DUST) {
            self.recall(at, part * asked);
        }
        part * whole
    }

    /// A loan that is due is called back with its interest; what is in liquidation waits for its end. What is newly called.
    fn call_whole(&mut self, at: usize) -> f64 {
        let holder = &mut self.holders[at];
        holder.recall_whole = true;
        let (before, debt) = (holder.recall.min(holder.debt()), holder.debt());
        if holder.standing == Standing::Closed {
            return 0.0;
        }
        if matches!(holder.standing, Standing::InLiquidation { .. }) || before > 0.0 {
            holder.recall = debt;
            self.pool().story.recalled += debt - before;
            return 0.0;
        }
        self.recall(at, debt);
        debt
    }

    /// What is still to be covered by recalls: what is unpaid and what the buffer lacks, less what settles, is called already, or was
    /// paid of it today.
    fn lacks(&self, minimum: f64) -> f64 {
        let called = |holder: &crate::account::Holder| if holder.recall_whole { holder.debt() } else { holder.recall.min(holder.debt()) };
        let outstanding: f64 = self.holders.iter().map(called).sum();
        let pool = self.pool.as_ref().expect("a pool is kept daily");
        pool.lacks(self.day, minimum, outstanding + pool.after_claims)
    }

    /// The same share of every loan, or whole loans, the largest or the riskiest first, the last in part where there is not room.
    fn spread(&self, need: f64, mut room: f64, rule: Recall, asked: &mut [f64]) {
        let (price, haircut) = self.prices();
        let prices = Prices { price: &price, haircut: &haircut };
        let mut open: Vec<usize> = (0..self.holders.len()).filter(|at| self.is_recallable(*at)).collect();
        let loan = |at: usize| self.holders[at].loan;
        match rule {
            Recall::None => return,
            Recall::ProRata => {
                let whole: f64 = open.iter().map(|at| loan(*at)).sum();
                for at in open {
                    asked[at] = loan(at) * (need / whole).min(1.0);
                }
                return;
            }
            Recall::LargestFirst => open.sort_by(|a, b| loan(*b).total_cmp(&loan(*a)).then(self.id(*a).cmp(self.id(*b)))),
            Recall::RiskiestFirst => {
                // equal to a millionth is equal
                let ratio = |at: usize| (self.holders[at].ratio(&prices).unwrap_or(f64::INFINITY) * 1e6).round();
                open.sort_by(|a, b| ratio(*a).total_cmp(&ratio(*b)).then(self.id(*a).cmp(self.id(*b))));
            }
        }
        let mut left = need;
        for at in open {
            if left <= DUST {
                break;
            }
            asked[at] = loan(at).min(room);
            left -= asked[at];
            room -= asked[at];
        }
    }

    /// Loans whose maturity has come, and which do not roll.
    fn matured(&mut self) -> Vec<bool> {
        let rules = &self.world.programme.pool.funding;
        let (day, date) = (self.day, self.date());
        (0..self.holders.len())
            .map(|at| {
                let due = self.holders[at].maturity.is_some_and(|maturity| maturity <= date);
                if !due || self.holders[at].standing == Standing::Closed || self.holders[at].loan <= 0.0 {
                    return false;
                }
                let rolls = self.draw(Purpose::LoanRoll, self.id(at), day) < rules.loan_roll_probability;
                self.holders[at].maturity = rolls.then(|| crate::Date(date.0 + rules.roll_days));
                !rolls
            })
            .collect()
    }

    /// A loan L on assets A above its cap is called back by (L − cap·A)/(1 − cap).
    fn beyond_loan_to_value(&self, at: usize) -> f64 {
        let Some(rules) = &self.world.programme.pool.lending.loan_to_value else { return 0.0 };
        let (price, _) = self.prices();
        let holder = &self.holders[at];
        let assets = holder.cash + holder.value(&price);
        let cost = self.world.funding_cost(&self.world.accounts[at].tier);
        // sessions it takes to sell the slowest of the holdings of the as-of date
        let slowest =
            holder.opening_shares.iter().zip(&self.world.instruments).map(|(shares, instrument)| {
                instrument.adv_amount.map_or(0.0, |adv| shares * instrument.price / (rules.participation * adv))
            });
        let sessions = slowest.fold(1.0, f64::max);
        let sigma = holder.volatility;
        let cap = rules.base
            - rules.funding_weight * cost
            - rules.volatility_weight * sigma * sessions.sqrt()
            - rules.stress_weight * self.market.stress;
        let cap = cap.max(rules.floor);
        // no more than all of it
        let all = holder.debt();
        if all > cap * assets { ((all - cap * assets) / (1.0 - cap).max(0.0)).min(all) } else { 0.0 }
    }

    /// The client's cash pays at once, once the session's claims were paid; for the rest its shares are offered from the next session on.
    pub fn recall(&mut self, at: usize, amount: f64) {
        let pool = self.pool.as_mut().expect("a pool is kept daily");
        pool.story.recalled += amount;
        pool.today.recalled += amount;
        self.holders[at].recall = amount;
        // all that is owed is called back with the interest it bears until it is paid
        self.holders[at].recall_whole = amount >= self.holders[at].debt() - DUST;
        self.pay_recall(at);
        self.close_if_repaid(at);
    }

    fn pay_recall(&mut self, at: usize) {
        let before = self.pool.as_ref().map_or(0.0, |pool| pool.repaid_today);
        let asked = self.asked(at);
        self.pay_from_cash(at, asked);
        let holder = &mut self.holders[at];
        holder.recall = if holder.recall > DUST { holder.recall } else { 0.0 };
        let pool = self.pool.as_mut().expect("a pool is kept daily");
        let paid = pool.repaid_today - before;
        pool.repaid_today = before;
        pool.after_claims += paid;
    }

    /// What is still called back of an account.
    fn asked(&self, at: usize) -> f64 {
        let holder = &self.holders[at];
        let debt = holder.debt();
        if holder.recall_whole && holder.recall > 0.0 { debt } else { holder.recall.min(debt) }
    }

    /// Cash, and then shares, for what is still called and what the sales planned so far do not repay.
    pub fn sell_for_recall(&mut self, at: usize, planned: &mut [f64], prices: &Prices, orders: &mut Vec<Order>) {
        if self.holders[at].recall <= 0.0 || !self.holders[at].is_open() {
            return;
        }
        self.pay_recall(at);
        self.close_if_repaid(at);
        let sales = planned.iter().zip(prices.price).enumerate();
        let repaid: f64 = sales.map(|(symbol, (shares, price))| shares * price * (1.0 - self.cost(symbol))).sum();
        let need = self.asked(at) - repaid;
        if need <= DUST {
            return;
        }
        let sold = sales::bringing(&self.left(at, planned), need, self.world.programme.liquidation.order);
        for (symbol, shares) in sold.into_iter().enumerate() {
            planned[symbol] += shares;
            orders.push(Order { account: at, symbol, shares, why: Why::Recall });
        }
    }
}
