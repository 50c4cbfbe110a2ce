//! Says what funding sources do: earn, mature and roll or not, run, and are paid; and when tiers fail.

use crate::date::Date;
use crate::day::Path;
use crate::pool::{Claim, DUST};
use crate::world::Purpose;
use std::collections::BTreeMap;

impl Path<'_> {
    /// loss-weight·loss/capital + buffer-weight·max(0, 1 − buffer days/buffer-days) + stress-weight·stress.
    pub fn worry(&self) -> f64 {
        let run = &self.world.programme.pool.run;
        let pool = self.pool.as_ref().expect("a pool is kept daily");
        let thin = if run.buffer_days > 0.0 { (1.0 - self.buffer_days() / run.buffer_days).max(0.0) } else { 0.0 };
        run.loss_weight * pool.loss() / pool.whole_capital() + run.buffer_weight * thin + run.stress_weight * self.market.stress
    }

    /// Cash over loans/cycle-days and the funding expected not to roll within the horizon, a session of it.
    pub fn buffer_days(&self) -> f64 {
        let rules = &self.world.programme.pool;
        let cash = rules.cash.as_ref().expect("a pool is kept daily");
        let pool = self.pool.as_ref().expect("a pool is kept daily");
        let last = *self.dates.last().expect("there are sessions");
        // of the as-of date's contracts
        let falls_due = self.world.funding.iter().filter(|source| source.maturity_date.is_some_and(|day| day <= last));
        let leaves: f64 = falls_due.map(|source| source.amount * (1.0 - self.roll_probability(&source.source_id))).sum();
        let outflow = cash.cycle_days.map_or(0.0, |days| self.loans() / days as f64) + leaves / self.dates.len() as f64;
        if outflow > DUST { (pool.cash / outflow).min(1000.0) } else { 1000.0 }
    }

    fn roll_probability(&self, source: &str) -> f64 {
        let rules = &self.world.programme.pool.funding;
        rules.roll_probability_by_source.get(source).copied().unwrap_or(rules.roll_probability)
    }

    /// Funding earns its interest; sources fail on their day, mature and roll or not, and run.
    pub fn funders_decide(&mut self) {
        let programme = &self.world.programme;
        let years = self.calendar_days() / f64::from(programme.interest.day_count);
        let worry = self.worry().exp();
        let (day, date) = (self.day, self.date());
        for at in 0..self.world.funding.len() {
            let source = &self.world.funding[at];
            let interest = self.pool().funders[at].amount * (source.rate_annual + programme.interest.funding_rate_rise) * years;
            let pool = self.pool();
            pool.funders[at].interest += interest;
            pool.story.funding_cost += interest;
            pool.earned -= interest;
            if self.pool().failed.contains(&source.tier) {
                continue;
            }
            if day == programme.pool.failure.source_day && programme.pool.failure.sources.contains(&source.source_id) {
                self.call_money(at, 1.0, day);
                continue;
            }
            if self.pool().funders[at].maturity.is_some_and(|maturity| maturity <= date) {
                let rolls = self.draw(Purpose::Roll, &source.source_id, day) < self.roll_probability(&source.source_id).powf(worry);
                if rolls {
                    self.pool().funders[at].maturity = Some(Date(date.0 + programme.pool.funding.roll_days));
                    self.pool().today.rolled.push(source.source_id.clone());
                } else {
                    self.call_money(at, 1.0, day);
                    continue;
                }
            }
            let run = &programme.pool.run;
            let hazard = 1.0 - (1.0 - run.hazard_daily).powf(worry);
            let stays = self.pool().funders[at].amount > 0.0 && !self.pool().funders[at].ran;
            if source.runnable && stays && self.draw(Purpose::Run, &source.source_id, day) < hazard {
                self.pool().funders[at].ran = true;
                self.call_money(at, run.share, day + run.notice_days);
                self.pool().today.run.push(source.source_id.clone());
                self.pool().story.sources_run += 1;
            }
        }
    }

    /// A source calls a share of its money, less its part of its tier's losses so far.
    fn call_money(&mut self, at: usize, share: f64, due: usize) {
        let tier = self.world.funding[at].tier.clone();
        let same = |source: &&crate::world::Source| source.tier == tier;
        let sources: Vec<usize> = (0..self.world.funding.len()).filter(|at| same(&&self.world.funding[*at])).collect();
        let pool = self.pool();
        let whole: f64 = sources.iter().map(|at| pool.funders[*at].amount).sum();
        let amount = share * pool.funders[at].amount;
        if amount <= 0.0 {
            return;
        }
        let of = |parts: &BTreeMap<String, f64>| parts.get(&tier).copied().unwrap_or(0.0);
        let losses = (of(&pool.borne) - of(&pool.refilled) - of(&pool.written)).max(0.0);
        let written = (losses * amount / whole).min(amount);
        // with the money goes the interest on it
        let interest = share * pool.funders[at].interest;
        pool.funders[at].interest -= interest;
        pool.funders[at].amount -= amount;
        pool.funders[at].maturity = pool.funders[at].maturity.filter(|_| share < 1.0);
        pool.story.written_down += written;
        pool.earned += written;
        *pool.written.entry(tier.clone()).or_insert(0.0) += written;
        *pool.called.entry(tier.clone()).or_insert(0.0) += amount - written;
        pool.story.funding_withdrawn += amount;
        pool.today.withdrawn += amount - written;
        pool.claims.push(Claim { tier, amount: amount - written + interest, due });
    }

    /// The broker first, then senior tiers before junior ones, never beyond the cash.
    pub fn pay_claims(&mut self) {
        let day = self.day;
        let pool = self.pool();
        let broker = pool.owed.min(pool.cash);
        pool.owed -= broker;
        pool.cash -= broker;
        let seniors: Vec<String> = pool.order.iter().rev().cloned().collect();
        for tier in seniors.iter().filter(|tier| !pool.failed.contains(tier)) {
            // what fell due first is paid first
            pool.claims.sort_by_key(|claim| claim.due);
            for claim in pool.claims.iter_mut().filter(|claim| claim.tier == *tier && claim.due <= day) {
                let paid = claim.amount.min(pool.cash);
                claim.amount -= paid;
                pool.cash -= paid;
            }
        }
        pool.claims.retain(|claim| claim.amount > DUST);
        assert!(pool.cash >= -DUST, "the pool's cash stands at {} on session {day}", pool.cash);
    }

    /// In the order of losses, until no claim on a standing tier is unpaid, once one has waited so long.
    pub fn fail_tiers(&mut self) {
        let grace = self.world.programme.pool.cash.as_ref().expect("a pool is kept daily").grace_days;
        let day = self.day;
        let pool = self.pool();
        let waited = pool.claims.iter().any(|claim| claim.due + grace <= day && !pool.failed.contains(&claim.tier));
        if !waited {
            return;
        }
        for tier in pool.order.clone() {
            if pool.unpaid_standing(day) <= DUST {
                break;
            }
            if !pool.failed.contains(&tier) {
                pool.failed.push(tier.clone());
                pool.today.failed_tiers.push(tier.clone());
                pool.story.tier_failed.insert(tier, Some(day));
            }
        }
    }
}
