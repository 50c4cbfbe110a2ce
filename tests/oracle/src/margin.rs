//! Moves the margin state of every account at a close: normal, warned, limited, called, cured, in liquidation.

use crate::account::{Call, Prices, Standing};
use crate::day::Path;
use crate::maths;
use crate::world::Purpose;

impl Path<'_> {
    /// Step 6, account by account: none sees another's decision.
    pub fn assess_margin(&mut self) {
        for at in 0..self.holders.len() {
            self.assess(at);
            self.take_money_out(at);
        }
    }

    fn assess(&mut self, at: usize) {
        let (price, haircut) = self.prices();
        let prices = Prices { price: &price, haircut: &haircut };
        let lines = self.lines(at);
        let day = self.day;
        let holder = &mut self.holders[at];
        holder.cured_today = false;
        holder.today.ratio = holder.ratio(&prices);
        holder.today.lines = lines.clone();
        holder.best_own = holder.best_own.max(holder.own(&price) - holder.paid_in + holder.taken_out);
        if !holder.is_open() {
            return;
        }
        let story = &mut self.story.accounts[at];
        if holder.below(&prices, lines.warning) {
            story.first_warning.get_or_insert(day);
        }
        if holder.below(&prices, lines.limit) {
            story.first_limit.get_or_insert(day);
        }
        // a call that runs on the as-of date was made, whatever its close says
        if day == 0 && self.world.accounts[at].called_on.is_some() && lines.call.is_some() {
            return self.go_on_with_call(at, &prices);
        }
        // 1. a close at or below the liquidation line starts a liquidation at once
        if holder.at_or_below(&prices, lines.liquidation) || self.is_stopped(at, &price) {
            return self.liquidate(at);
        }
        // 2. a close below the call line starts a call
        if self.holders[at].standing == Standing::Open && self.holders[at].below(&prices, lines.call) {
            self.call(at, day.cast_signed(), &prices);
        }
        self.go_through_call(at, &prices);
    }

    fn go_through_call(&mut self, at: usize, prices: &Prices) {
        let day = self.day;
        let lines = self.holders[at].today.lines.clone();
        let Standing::Called(call) = self.holders[at].standing.clone() else { return };
        //    it is cured at a close at or above `cured-at`, by prices or by the client's payment
        if self.holders[at].below(prices, lines.cured_at)
            && let Some((pays_on, part)) = call.pays
            && pays_on == day
        {
            let to = lines.cure_to.expect("a call has a line");
            let payment = part * self.holders[at].missing(prices, to);
            self.pay_in(at, payment);
        }
        let holder = &mut self.holders[at];
        if !holder.below(prices, lines.cured_at) {
            holder.standing = Standing::Open;
            holder.cured_today = true;
            self.story.accounts[at].first_cure.get_or_insert(day);
        //    what is not cured at the close of the last session goes into liquidation
        } else if day >= call.deadline {
            self.liquidate(at);
        }
    }

    fn liquidate(&mut self, at: usize) {
        self.holders[at].standing = Standing::InLiquidation { since: self.day.cast_signed() };
        self.story.accounts[at].first_liquidation.get_or_insert(self.day);
    }

    /// A call that runs on the as-of date: its deadline counts from the session it was made.
    fn go_on_with_call(&mut self, at: usize, prices: &Prices) {
        let on = self.world.accounts[at].called_on.expect("a call runs");
        let made = -self.world.sessions_since(on).cast_signed();
        let deadline = made + self.holders[at].contract.cure_days.cast_signed();
        self.call(at, made, prices);
        let lines = self.holders[at].today.lines.clone();
        if self.holders[at].at_or_below(prices, lines.liquidation) || deadline <= 0 && self.holders[at].below(prices, lines.cured_at) {
            self.liquidate(at);
            self.holders[at].standing = Standing::InLiquidation { since: deadline.min(0) };
        } else {
            self.go_through_call(at, prices);
        }
    }

    /// A call made at a close: whether the client answers is decided now, when it pays by its delay, never later than the
    /// deadline. Nothing is paid at the as-of close, nor what should have come before it.
    fn call(&mut self, at: usize, made: isize, prices: &Prices) {
        let day = self.day;
        let lines = self.lines(at);
        let number = self.holders[at].calls + 1;
        let part = self.answers(at, number, prices);
        let holder = &mut self.holders[at];
        let deadline = made + holder.contract.cure_days.cast_signed();
        let pays_on = made + holder.contract.cure_delay_days.min(holder.contract.cure_days).cast_signed();
        // an answer at once to a call of the as-of close comes on session 1
        let pays_on = if made == 0 && pays_on == 0 { 1 } else { pays_on };
        let pays = part.filter(|_| pays_on >= day.cast_signed() && pays_on > 0 && pays_on <= deadline);
        holder.calls = number;
        let deadline = deadline.max(0).cast_unsigned();
        holder.standing = Standing::Called(Call { deadline, pays: pays.map(|part| (pays_on.cast_unsigned(), part)) });
        if self.story.accounts[at].first_call.is_none() {
            self.story.accounts[at].first_call = Some(day);
            self.story.call_amount += holder.missing(prices, lines.call.expect("there is a call line"));
        }
    }

    /// The part of what is asked that a client pays: √ρ·Z + √(1 − ρ)·ε < Φ⁻¹(p) − a·stress − b·drawdown.
    fn answers(&self, at: usize, number: usize, prices: &Prices) -> Option<f64> {
        let clients = &self.world.programme.clients;
        let holder = &self.holders[at];
        let drawdown = if holder.opening_own > 0.0 {
            (1.0 - (holder.own(prices.price) - holder.paid_in + holder.taken_out) / holder.opening_own).clamp(0.0, 1.0)
        } else {
            1.0
        };
        let bound = maths::normal_quantile(holder.contract.cure_probability)
            - clients.stress_sensitivity * self.market.stress
            - clients.drawdown_sensitivity * drawdown;
        let own = maths::normal_quantile(self.draw(Purpose::Answer, self.id(at), number));
        let rho = clients.common_correlation;
        let score = rho.sqrt() * self.draw(Purpose::Common, "", 0) + (1.0 - rho).sqrt() * own;
        let (low, high) = holder.contract.payment;
        (score < bound).then(|| low + (high - low) * self.draw(Purpose::Payment, self.id(at), number))
    }

    /// Money a client pays in counts as assets.
    fn pay_in(&mut self, at: usize, payment: f64) {
        let id = self.id(at);
        let holder = &mut self.holders[at];
        holder.cash += payment;
        holder.paid_in += payment;
        holder.today.payment += payment;
        let legs = [(&*format!("client/{id}/cash"), payment), (&*format!("client/{id}/paid-in"), -payment)];
        self.ledger.enter(self.day, "paid in", &legs);
    }

    /// Own capital, less what was paid in on calls, fell by a share from its best; after that its best starts anew.
    fn is_stopped(&mut self, at: usize, price: &[f64]) -> bool {
        let Some(fall) = self.world.programme.margin.stop.drawdown else { return false };
        let holder = &mut self.holders[at];
        let own = holder.own(price) - holder.paid_in + holder.taken_out;
        if holder.debt() > 0.0 && own <= holder.best_own * (1.0 - fall) {
            holder.best_own = own;
            return true;
        }
        false
    }

    /// Above the contract's withdrawal line a client takes money out: cash first, then by a larger loan.
    fn take_money_out(&mut self, at: usize) {
        let Some(rules) = &self.world.programme.clients.withdrawal else { return };
        assert!(!(rules.borrow && self.pool.is_some()), "a pool that is kept daily lends nothing to be taken out");
        let (price, haircut) = self.prices();
        let prices = Prices { price: &price, haircut: &haircut };
        let id = self.id(at);
        let drawn = self.day > 0 && self.draw(Purpose::Withdrawal, id, self.day) < rules.probability;
        let holder = &mut self.holders[at];
        let lines = &holder.today.lines;
        let others = [lines.warning, lines.limit, lines.call, lines.liquidation].into_iter().flatten();
        let line = others.fold(holder.contract.withdrawal, f64::max);
        if !drawn || holder.standing != Standing::Open || holder.debt() <= 0.0 {
            return;
        }
        let (assets, debt) = holder.sides(&prices);
        // netted, what leaves adds to the debt: A = m·(D + x)
        let may = if holder.contract.net_of_cash { assets / line - debt } else { assets - line * debt };
        let cash = rules.share * may.clamp(0.0, holder.cash);
        let room = (assets - cash) / line - debt;
        let borrowed = if rules.borrow && holder.cash - cash <= 0.0 { rules.share * room.max(0.0) } else { 0.0 };
        holder.cash -= cash;
        holder.loan += borrowed;
        holder.taken_out += cash + borrowed;
        holder.today.withdrawal += cash + borrowed;
        self.story.client_withdrawals += cash + borrowed;
        let legs = [
            (&*format!("client/{id}/cash"), -cash),
            (&*format!("client/{id}/loan"), -borrowed),
            (&*format!("client/{id}/withdrawn"), cash + borrowed),
        ];
        self.ledger.enter(self.day, "withdrawn", &legs);
    }
}
