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
                self.holders[at].recall_whole = true;
                self.recall(at, self.holders[at].debt());
            } else if matured {
                // not rolled and not yet due here: its own session's end calls it
                self.holders[at].maturity = Some(self.date());
            }
        }
    }

    /// Loans that mature, loans beyond their loan-to-value, loans for what is unpaid or lacking, and what triggers call.
    pub fn call_loans_back(&mut self, triggered: Vec<f64>) {
        let rules = &self.world.programme.pool;
        let cash = rules.cash.as_ref().expect("a pool is kept daily");
        let loans: f64 = self.holders.iter().map(|holder| holder.loan).sum();
        // where loans have a cycle, no more than what is due can be called a session
        let mut room = cash.cycle_days.map_or(f64::INFINITY, |days| loans / days as f64);
        let mut asked = vec![0.0; self.holders.len()];
        for (at, asked) in asked.iter_mut().enumerate() {
            if self.is_recallable(at) {
                *asked = f64::max(triggered[at] * self.holders[at].loan, self.beyond_loan_to_value(at));
            }
        }
        let whole: f64 = asked.iter().sum();
        let part = if whole > room { room / whole } else { 1.0 };
        asked.iter_mut().for_each(|asked| *asked *= part);
        room -= asked.iter().sum::<f64>();
        let outstanding: f64 = self.holders.iter().map(|holder| holder.recall).sum::<f64>() + asked.iter().sum::<f64>();
        let pool = self.pool.as_ref().expect("a pool is kept daily");
        let need = pool.lacks(self.day, cash.minimum, outstanding).min(room);
        if need > DUST {
            self.spread(need, cash.recall, &mut asked);
        }
        // what a client paid in since pays what was called of it
        for at in 0..self.holders.len() {
            if self.holders[at].recall > 0.0 && self.holders[at].cash > DUST {
                self.pay_recall(at);
            }
        }
        for (at, matured) in self.matured().into_iter().enumerate() {
            if matured {
                asked[at] = self.holders[at].debt();
                self.holders[at].recall_whole = true;
            }
        }
        for (at, asked) in asked.into_iter().enumerate().filter(|(_, asked)| *asked > DUST) {
            self.recall(at, asked);
        }
    }

    /// The same share of every loan, or whole loans, the largest or the riskiest first.
    fn spread(&self, need: f64, rule: Recall, asked: &mut [f64]) {
        let (price, haircut) = self.prices();
        let prices = Prices { price: &price, haircut: &haircut };
        let mut open: Vec<usize> = (0..self.holders.len()).filter(|at| self.is_recallable(*at) && asked[*at] == 0.0).collect();
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
                let ratio = |at: usize| self.holders[at].ratio(&prices).unwrap_or(f64::INFINITY);
                open.sort_by(|a, b| ratio(*a).total_cmp(&ratio(*b)).then(self.id(*a).cmp(self.id(*b))));
            }
        }
        let mut left = need;
        for at in open {
            if left <= DUST {
                break;
            }
            asked[at] = loan(at);
            left -= loan(at);
        }
    }

    /// Loans whose maturity has come, and which do not roll.
    fn matured(&mut self) -> Vec<bool> {
        let rules = &self.world.programme.pool.funding;
        let (day, date) = (self.day, self.date());
        (0..self.holders.len())
            .map(|at| {
                let due = self.holders[at].maturity.is_some_and(|maturity| maturity <= date);
                if !due || !self.is_recallable(at) {
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
            - rules.stress_weight * self.weather.stress;
        let cap = cap.max(rules.floor);
        ((holder.debt() - cap * assets) / (1.0 - cap)).max(0.0)
    }

    /// The client's cash pays at once; for the rest its shares are offered from the next session on.
    pub fn recall(&mut self, at: usize, amount: f64) {
        let pool = self.pool.as_mut().expect("a pool is kept daily");
        pool.story.recalled += amount;
        pool.today.recalled += amount;
        self.holders[at].recall = amount;
        self.pay_recall(at);
    }

    fn pay_recall(&mut self, at: usize) {
        let before = self.pool.as_ref().map_or(0.0, |pool| pool.repaid_today);
        self.pay_from_cash(at, self.holders[at].recall.min(self.holders[at].cash));
        let pool = self.pool.as_mut().expect("a pool is kept daily");
        let paid = pool.repaid_today - before;
        pool.repaid_today = before;
        pool.cash += paid;
        let holder = &mut self.holders[at];
        holder.recall = if holder.recall - paid > DUST { holder.recall - paid } else { 0.0 };
    }

    /// Shares for what is still called.
    pub fn sell_for_recall(&mut self, at: usize, orders: &mut Vec<Order>) {
        let holder = &self.holders[at];
        let debt = holder.debt();
        let asked = if holder.recall_whole && holder.recall > 0.0 { debt } else { holder.recall.min(debt) };
        let need = asked / (1.0 - self.cost());
        if need <= DUST || matches!(holder.standing, Standing::Closed) {
            self.holders[at].recall = 0.0;
            return;
        }
        let planned = sales::of_value(&self.holdings(at), need, self.world.programme.liquidation.order);
        for (symbol, shares) in planned.into_iter().enumerate() {
            let others: f64 = orders.iter().filter(|o| o.account == at && o.symbol == symbol).map(|o| o.shares).sum();
            let shares = shares.min(self.holders[at].shares[symbol] - others);
            orders.push(Order { account: at, symbol, shares, why: Why::Recall });
        }
    }
}
