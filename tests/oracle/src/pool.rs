//! Keeps the pool day by day: its cash, its funders, its tiers, its hedge. A session follows the numbered list of `docs/pool.md`.

use crate::date::Date;
use crate::day::Path;
use crate::story::{PoolDay, PoolStory};
use crate::waterfall;
use crate::world::{Purpose, World};
use std::collections::BTreeMap;

/// A claim or a recall of less is what rounding left.
pub const DUST: f64 = 1e-4;

/// A funding source on a path.
#[derive(Clone, Debug)]
pub struct Funder {
    pub amount: f64,
    pub interest: f64,
    pub maturity: Option<Date>,
    /// It has run: what it left stays to its maturity.
    pub ran: bool,
}

/// Money a source has called, and the session it falls due.
#[derive(Clone, Debug)]
pub struct Claim {
    pub tier: String,
    pub amount: f64,
    pub due: usize,
}

/// The pool of one path.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    pub today: PoolDay,
    pub story: PoolStory,
    /// What clients repaid in this session, and what of it is cash at once.
    pub repaid_today: f64,
    /// What clients paid from their cash of what is called back: cash once the session's claims are paid.
    pub after_claims: f64,
    /// What was written off in this session.
    pub lost_today: f64,
    pub cash: f64,
    pub margin: f64,
    pub owed: f64,
    /// Repayments that settle, and recoveries that come in, by session.
    pub transit: Vec<(usize, f64)>,
    pub recoveries: Vec<(usize, f64)>,
    pub frozen: Vec<(usize, f64)>,
    pub funders: Vec<Funder>,
    pub claims: Vec<Claim>,
    pub order: Vec<String>,
    pub capital: BTreeMap<String, f64>,
    pub called: BTreeMap<String, f64>,
    pub refilled: BTreeMap<String, f64>,
    pub hedged: BTreeMap<String, f64>,
    pub borne: BTreeMap<String, f64>,
    pub written: BTreeMap<String, f64>,
    pub unallocated: f64,
    pub recovered: f64,
    pub failed: Vec<String>,
    fired: Vec<bool>,
    /// Of each trigger, what of its recall waits for the cycle of the loans.
    pub to_call: Vec<f64>,
    /// Short notional of the hedge; nothing once it is closed for good.
    pub notional: Option<f64>,
    funding: f64,
    began: f64,
    pub earned: f64,
}

fn sum<K>(parts: &[(K, f64)]) -> f64 {
    parts.iter().map(|(_, amount)| amount).sum()
}

/// What of a list is due, taken out of it.
fn due(parts: &mut Vec<(usize, f64)>, day: usize) -> f64 {
    let (now, later): (Vec<_>, Vec<_>) = parts.drain(..).partition(|(on, _)| *on <= day);
    *parts = later;
    sum(&now)
}

impl Pool {
    /// Nothing without `[pool.cash]`.
    pub fn new(world: &World) -> Option<Pool> {
        let rules = &world.programme.pool;
        let cash = rules.cash.as_ref()?;
        let funding: f64 = world.funding.iter().map(|source| source.amount).sum();
        let loans: f64 = world.accounts.iter().map(|account| account.loan).sum();
        let mut pool = Pool {
            cash: cash.idle.map_or((funding - loans).max(0.0), |idle| idle * funding),
            funders: world
                .funding
                .iter()
                .map(|source| Funder { amount: source.amount, interest: 0.0, maturity: source.maturity_date, ran: false })
                .collect(),
            order: world.loss_order(),
            fired: vec![false; rules.triggers.len()],
            to_call: vec![0.0; rules.triggers.len()],
            notional: rules.hedge.as_ref().filter(|hedge| hedge.ratio > 0.0).map(|_| 0.0),
            funding,
            ..Pool::default()
        };
        pool.story.cash_min = f64::INFINITY;
        pool.story.buffer_days_min = f64::INFINITY;
        Some(pool)
    }

    /// A tier bears losses up to capital − called + refilled + the hedge's result, less what it has borne.
    pub fn room(&self) -> BTreeMap<String, f64> {
        let of = |parts: &BTreeMap<String, f64>, tier: &str| parts.get(tier).copied().unwrap_or(0.0);
        let room = |tier: &String| {
            of(&self.capital, tier) - of(&self.called, tier) + of(&self.refilled, tier) + of(&self.hedged, tier) - of(&self.borne, tier)
        };
        self.order.iter().map(|tier| (tier.clone(), room(tier).max(0.0))).collect()
    }

    /// A loss goes down the tiers in the order in force.
    pub fn bear(&mut self, loss: f64) {
        let (borne, left) = waterfall::bear(loss, &self.order, &self.room());
        for (tier, part) in borne {
            *self.borne.entry(tier).or_insert(0.0) += part;
        }
        self.unallocated += left;
    }

    /// What comes back restores tiers from the senior end: what no tier bore first, the most junior last.
    fn restore(&mut self, mut amount: f64) {
        let first = amount.min(self.unallocated);
        self.unallocated -= first;
        amount -= first;
        for tier in self.order.iter().rev() {
            let borne = self.borne.entry(tier.clone()).or_insert(0.0);
            let part = amount.min(*borne);
            *borne -= part;
            amount -= part;
        }
    }

    pub fn loss(&self) -> f64 {
        self.borne.values().sum::<f64>() + self.unallocated
    }

    pub fn whole_capital(&self) -> f64 {
        self.capital.values().sum()
    }

    pub fn unpaid(&self, day: usize) -> f64 {
        self.claims.iter().filter(|claim| claim.due <= day).map(|claim| claim.amount).sum()
    }

    /// Of tiers that stand.
    pub fn unpaid_standing(&self, day: usize) -> f64 {
        let standing = self.claims.iter().filter(|claim| claim.due <= day && !self.failed.contains(&claim.tier));
        standing.map(|claim| claim.amount).sum()
    }

    /// What it has less what it owes.
    fn own(&self, loans: f64) -> f64 {
        let has = self.cash + self.margin + sum(&self.transit) + sum(&self.frozen) + loans;
        let owes: f64 = self.funders.iter().map(|funder| funder.amount + funder.interest).sum();
        has - owes - self.claims.iter().map(|claim| claim.amount).sum::<f64>() - self.owed
    }
}

impl Path<'_> {
    /// The pool on the as-of date, after its accounts were judged.
    pub fn open_pool(&mut self) {
        let capital = self.capital();
        let debts = self.debts();
        let Some(pool) = &mut self.pool else { return };
        pool.capital = capital;
        pool.began = pool.own(debts);
        self.set_hedge();
        self.tell_pool();
    }

    /// Loans and interest due from clients.
    fn debts(&self) -> f64 {
        self.holders.iter().map(|holder| holder.debt()).sum()
    }

    pub fn loans(&self) -> f64 {
        self.holders.iter().map(|holder| holder.loan).sum()
    }

    /// Step 10 of the day.
    pub fn keep_pool(&mut self) {
        if self.pool.is_none() {
            return;
        }
        /* 1 */
        self.money_comes_in();
        /* 2 */
        self.refill();
        /* 3 */
        self.settle_hedge();
        self.set_hedge();
        /* 4 */
        let custody = self.custodian_fails();
        /* 5 */
        self.bear_today(custody);
        /* 6 */
        self.funders_decide();
        /* 7 */
        self.pay_claims();
        /* 8 */
        let fired = self.fire_triggers();
        /* 9 */
        self.call_loans_back(&fired);
        /* 10 */
        self.fail_tiers();
        self.tell_pool();
    }

    pub fn pool(&mut self) -> &mut Pool {
        self.pool.as_mut().expect("a pool is kept daily")
    }

    fn money_comes_in(&mut self) {
        let day = self.day;
        let cash_rules = self.world.programme.pool.cash.as_ref().expect("a pool is kept daily");
        let accrued: f64 = self.interest_today;
        let (delay, recourse) = (self.world.programme.pool.recourse_delay_days, self.world.programme.pool.recourse);
        let pool = self.pool();
        pool.earned += accrued;
        let repaid = std::mem::take(&mut pool.repaid_today);
        pool.transit.push((day + cash_rules.settlement_days, repaid));
        pool.cash += due(&mut pool.transit, day);
        let recovered = due(&mut pool.recoveries, day);
        pool.cash += recovered;
        pool.recovered += recovered;
        pool.earned += recovered;
        pool.restore(recovered);
        // recourse without delay is cash at once
        if delay == 0 {
            pool.cash += recourse * pool.lost_today;
        }
    }

    /// A tier gets a share of its own capital from outside, up to what it bore.
    fn refill(&mut self) {
        for (tier, share) in &self.world.programme.pool.replenish_daily {
            let pool = self.pool();
            let of = |parts: &BTreeMap<String, f64>| parts.get(tier).copied().unwrap_or(0.0);
            let lacks = (of(&pool.borne) - of(&pool.refilled)).max(0.0);
            let amount = (share * of(&pool.capital)).min(lacks);
            pool.put_in(tier, amount);
        }
    }

    /// Before the decisions of its session: a part of the securities it holds is gone, the rest is frozen.
    pub fn custodian_takes_securities(&mut self) {
        let Some(failure) = &self.world.programme.pool.failure.custodian else { return };
        let day = self.day;
        if day != failure.day || self.pool.is_none() {
            return;
        }
        for at in 0..self.holders.len() {
            let id = self.id(at);
            if self.draw(Purpose::Custody, id, 0) >= failure.client_share {
                continue;
            }
            let (price, _) = self.prices();
            let holder = &mut self.holders[at];
            let gone = holder.value(&price) * failure.haircut;
            holder.shares.iter_mut().for_each(|shares| *shares *= 1.0 - failure.haircut);
            holder.frozen_until = day + failure.frozen_days;
            let legs = [(&*format!("client/{id}/securities"), -gone), ("custodian/clients", gone)];
            self.ledger.enter(day, "custodian", &legs);
            self.pool().story.client_custody_loss += gone;
        }
    }

    /// A share of the cash it holds is gone, and the rest is frozen for its sessions. What the pool lost of it.
    fn custodian_fails(&mut self) -> f64 {
        let Some(failure) = &self.world.programme.pool.failure.custodian else { return 0.0 };
        let day = self.day;
        let pool = self.pool();
        let freed = due(&mut pool.frozen, day);
        pool.cash += freed;
        if day != failure.day {
            return 0.0;
        }
        let held = pool.cash * failure.cash_share;
        let gone = held * failure.haircut;
        pool.cash -= held;
        pool.frozen.push((day + failure.frozen_days, held - gone));
        pool.story.custody_loss += gone;
        pool.earned -= gone;
        gone
    }

    /// Today's loss goes down the tiers: shortfalls less what recourse brings at once, and what a custodian lost.
    fn bear_today(&mut self, custody: f64) {
        let rules = &self.world.programme.pool;
        let day = self.day;
        let pool = self.pool();
        let shortfall = std::mem::take(&mut pool.lost_today);
        let recourse = rules.recourse * shortfall;
        pool.earned -= shortfall;
        let mut loss = shortfall + custody;
        if rules.recourse_delay_days == 0 {
            // its cash came in with the session's other money
            loss -= recourse;
            pool.recovered += recourse;
            pool.earned += recourse;
        } else if recourse > 0.0 {
            pool.recoveries.push((day + rules.recourse_delay_days, recourse));
        }
        pool.bear(loss);
    }

    /// Each fires once, at the first close at which every condition it names holds; all look at the same pool. Those that fire today.
    fn fire_triggers(&mut self) -> Vec<usize> {
        let mut fired = Vec::new();
        let (buffer, stress) = (self.buffer_days(), self.market.stress);
        let lost = self.pool().loss() / self.pool().whole_capital();
        for (at, trigger) in self.world.programme.pool.triggers.iter().enumerate() {
            let pool = self.pool();
            let holds = [
                trigger.pool_loss.is_none_or(|least| lost >= least),
                trigger.buffer_days.is_none_or(|most| buffer <= most),
                trigger.stress.is_none_or(|least| stress >= least),
            ];
            if pool.fired[at] || holds.contains(&false) {
                continue;
            }
            pool.fired[at] = true;
            pool.today.fired.push(trigger.name.clone().unwrap_or((at + 1).to_string()));
            if let Some(order) = &trigger.loss_order {
                // those it does not name follow in the order before
                let before = std::mem::replace(&mut pool.order, order.clone());
                pool.order.extend(before.into_iter().filter(|tier| !order.contains(tier)));
            }
            for (tier, amount) in &trigger.replenish {
                pool.put_in(tier, *amount);
            }
            fired.push(at);
        }
        fired
    }

    /// The session's figures, and the check that the pool's money is conserved.
    fn tell_pool(&mut self) {
        let (day, buffer, loans, debts) = (self.day, self.buffer_days(), self.loans(), self.debts());
        let pool = self.pool();
        let (own, right) = (pool.own(debts), pool.began + pool.earned);
        assert!(
            (own - right).abs() <= 0.005 + 1e-9 * debts.abs().max(pool.funding),
            "the pool has {own} on session {day} where {right} is right"
        );
        let unpaid = pool.unpaid(day);
        let money = pool.cash + sum(&pool.transit) + sum(&pool.frozen) + pool.margin + loans;
        let story = &mut pool.story;
        story.cash_min = story.cash_min.min(pool.cash);
        story.buffer_days_min = story.buffer_days_min.min(buffer);
        story.utilisation_max = story.utilisation_max.max(if money > DUST { loans / money } else { 0.0 });
        // the hedge's broker has a claim, too
        if unpaid + pool.owed > DUST && !story.unpaid {
            story.unpaid = true;
            story.survival_days = day as f64 - 1.0;
        }
        story.unpaid_end = unpaid;
        pool.today.cash = pool.cash;
        pool.today.transit = sum(&pool.transit);
        pool.today.frozen = sum(&pool.frozen);
        pool.today.loans = loans;
        pool.today.unpaid = unpaid;
        pool.today.loss = pool.loss();
        pool.today.borne.clone_from(&pool.borne);
        pool.today.buffer_days = buffer;
    }

    /// What is marked at the end goes down the tiers too.
    pub fn end_pool(&mut self) {
        let (recourse, sessions) = (self.world.programme.pool.recourse, self.dates.len());
        let delay = self.world.programme.pool.recourse_delay_days;
        let pool = self.pool();
        let shortfall = std::mem::take(&mut pool.lost_today);
        let at_once = if delay == 0 { recourse * shortfall } else { 0.0 };
        pool.recovered += at_once;
        pool.bear(shortfall - at_once);
        if !pool.story.unpaid {
            pool.story.survival_days = sessions as f64;
        }
        let (borne, unallocated, recovered) = (pool.borne.clone(), pool.unallocated, pool.recovered);
        self.story.pool = Some(self.pool().story.clone());
        self.story.tier_loss = borne;
        self.story.unallocated_loss = unallocated;
        self.story.recourse = recovered;
        // what reaches the pool, what it lost with a custodian among it
        let custody = self.story.pool.as_ref().map_or(0.0, |pool| pool.custody_loss);
        self.story.pool_loss = self.story.shortfall - recovered + custody;
        let names: Vec<(String, f64)> =
            (0..self.holders.len()).map(|at| (format!("shortfall/{}", self.id(at)), self.holders[at].shortfall)).collect();
        let tiers: Vec<(String, f64)> = self.story.tier_loss.iter().map(|(tier, part)| (format!("tier/{tier}"), -part)).collect();
        let mut legs: Vec<(&str, f64)> = names.iter().chain(&tiers).map(|(name, amount)| (name.as_str(), *amount)).collect();
        legs.extend([("recourse", -recovered), ("unallocated", -unallocated), ("custodian", custody)]);
        self.ledger.enter(self.day, "loss", &legs);
    }

    pub fn is_recallable(&self, at: usize) -> bool {
        let holder = &self.holders[at];
        holder.is_open() && holder.recall <= 0.0 && holder.loan > 0.0
    }
}

impl Pool {
    /// Money from outside into a tier.
    fn put_in(&mut self, tier: &str, amount: f64) {
        self.cash += amount;
        self.earned += amount;
        self.story.replenished += amount;
        *self.refilled.entry(tier.into()).or_insert(0.0) += amount;
    }

    /// What is still to be covered by recalls: what is unpaid, and what the buffer lacks, less what settles or is called already.
    pub fn lacks(&self, day: usize, minimum: f64, called: f64) -> f64 {
        let buffer = (minimum * self.funding - self.cash).max(0.0);
        self.unpaid_standing(day) + self.owed + buffer - sum(&self.transit) - called
    }
}
