//! Closes the books of a path at the end of its horizon: what is still in liquidation is marked, results are split, losses borne.

use crate::account::Standing;
use crate::day::Path;
use crate::sharing::{self, Result};
use crate::waterfall;
use std::collections::BTreeMap;

impl Path<'_> {
    /// The opening entries of every account.
    pub fn open(&mut self) {
        let (price, _) = self.prices();
        for at in 0..self.holders.len() {
            let (id, holder) = (self.id(at), &self.holders[at]);
            let legs = [
                (&*format!("client/{id}/cash"), holder.cash),
                (&*format!("client/{id}/securities"), holder.value(&price)),
                (&*format!("client/{id}/loan"), -holder.loan),
                (&*format!("client/{id}/interest"), -holder.interest),
                (&*format!("client/{id}/capital"), -holder.own(&price)),
            ];
            self.ledger.enter(0, "opening", &legs);
        }
    }

    pub fn end(&mut self) {
        self.mark_what_is_unsold();
        self.mark_value();
        let programme = &self.world.programme;
        let days = self.dates.last().map_or(0, |last| last.since(programme.as_of));
        let (price, _) = self.prices();
        for at in 0..self.holders.len() {
            let (account, holder) = (&self.world.accounts[at], &self.holders[at]);
            let own = holder.own(&price);
            let gained = own - holder.opening_own - holder.paid_in + holder.taken_out;
            let own_opening = account.own_capital_initial.unwrap_or(holder.opening_own);
            let result = Result {
                gross: gained + holder.accrued - holder.shortfall,
                interest: holder.accrued,
                shortfall: holder.shortfall,
                own: holder.opening_own,
                own_opening,
                exposure_opening: holder.contract.exposure,
                high_water_mark: account.high_water_mark.unwrap_or(own_opening.max(holder.opening_own)),
                calendar_days: f64::from(days),
                day_count: f64::from(programme.interest.day_count),
                left: own,
            };
            let split = sharing::split(&programme.sharing, &account.product, &result);
            let id = &account.account_id;
            let legs =
                [(&*format!("client/{id}/cash"), -split.fees - split.lender), ("lender/fees", split.fees), ("lender/share", split.lender)];
            self.ledger.enter(self.day, "sharing", &legs);
            let recourse = self.recourse_in(at) * self.holders[at].shortfall;
            let holder = &self.holders[at];
            let story = &mut self.story.accounts[at];
            story.reduced = holder.story.reduced;
            story.shortfall = holder.shortfall;
            story.lender_loss = holder.shortfall - recourse;
            // what recourse brings is lost by the client too
            story.client_loss = recourse - split.client;
            self.story.client_loss += recourse - split.client;
            self.story.shortfall += holder.shortfall;
            self.story.lender_pnl += split.lender + split.interest + split.fees;
        }
        self.bear_losses();
        self.story.lender_pnl -= self.story.pool_loss + self.funding_cost(days);
        let met = |event: fn(&crate::story::AccountStory) -> bool, accounts: &[crate::story::AccountStory]| {
            accounts.iter().filter(|account| event(account)).count()
        };
        let accounts = &self.story.accounts;
        let counts = [
            met(|a| a.first_warning.is_some(), accounts),
            met(|a| a.first_limit.is_some(), accounts),
            met(|a| a.first_call.is_some(), accounts),
            met(|a| a.first_cure.is_some(), accounts),
            met(|a| a.first_liquidation.is_some(), accounts),
            met(|a| a.shortfall > 0.0, accounts),
        ];
        let story = &mut self.story;
        [story.warned, story.limited, story.called, story.cured, story.liquidated, story.shortfall_accounts] = counts;
    }

    /// The part of a shortfall that recourse has brought by the end: with a delay, of accounts closed as many sessions before.
    fn recourse_in(&self, at: usize) -> f64 {
        let rules = &self.world.programme.pool;
        let delay = if self.pool.is_some() { rules.recourse_delay_days } else { 0 };
        let in_time = |closed: usize| closed + delay <= self.dates.len();
        let comes = delay == 0 || self.story.accounts[at].first_close.is_some_and(in_time);
        if comes { rules.recourse } else { 0.0 }
    }

    /// What is not closed at the end is marked at the last close, without cost; negative own capital is a shortfall, whatever line it met.
    fn mark_what_is_unsold(&mut self) {
        let (price, _) = self.prices();
        for at in 0..self.holders.len() {
            if self.holders[at].standing == Standing::Closed {
                continue;
            }
            let value = self.holders[at].value(&price);
            if matches!(self.holders[at].standing, Standing::InLiquidation { .. }) {
                self.story.unsold += value;
            }
            let id = self.id(at);
            let day = self.day;
            let holder = &mut self.holders[at];
            let shortfall = (-holder.own(&price)).max(0.0);
            let interest = shortfall.min(holder.interest);
            holder.interest -= interest;
            holder.loan -= shortfall - interest;
            holder.shortfall += shortfall;
            self.followed.lost += shortfall;
            let legs = [
                (&*format!("client/{id}/interest"), interest),
                (&*format!("client/{id}/loan"), shortfall - interest),
                (&*format!("shortfall/{id}"), -shortfall),
            ];
            self.ledger.enter(day, "written off", &legs);
            if let Some(pool) = &mut self.pool {
                pool.lost_today += shortfall;
            }
        }
    }

    /// Capital of each tier on the as-of date: the programme's, else its funding, else its loans.
    pub fn capital(&self) -> BTreeMap<String, f64> {
        let world = self.world;
        let mut capital = BTreeMap::new();
        if world.funding.is_empty() {
            for account in &world.accounts {
                *capital.entry(account.tier.clone()).or_insert(0.0) += account.loan;
            }
        }
        for source in &world.funding {
            *capital.entry(source.tier.clone()).or_insert(0.0) += source.amount;
        }
        capital.extend(world.programme.pool.capital.clone());
        capital
    }

    /// Shortfall less recourse is the pool's loss; tiers bear it at the end, or bore it day by day.
    fn bear_losses(&mut self) {
        let programme = &self.world.programme;
        for at in 0..self.holders.len() {
            let shortfall = self.holders[at].shortfall;
            let recourse = programme.pool.recourse * shortfall;
            self.story.recourse += recourse;
            self.story.pool_loss += shortfall - recourse;
        }
        if self.pool.is_some() {
            return self.end_pool();
        }
        let (borne, left) = waterfall::bear(self.story.pool_loss, &self.world.loss_order(), &self.capital());
        let names: Vec<(String, f64)> = self
            .world
            .accounts
            .iter()
            .map(|a| format!("shortfall/{}", a.account_id))
            .zip(self.holders.iter().map(|h| h.shortfall))
            .collect();
        let tiers: Vec<(String, f64)> = borne.iter().map(|(tier, part)| (format!("tier/{tier}"), -part)).collect();
        let mut legs: Vec<(&str, f64)> = names.iter().chain(&tiers).map(|(name, amount)| (name.as_str(), *amount)).collect();
        legs.extend([("recourse", -self.story.recourse), ("unallocated", -left)]);
        self.ledger.enter(self.day, "loss", &legs);
        self.story.tier_loss = borne;
        self.story.unallocated_loss = left;
    }

    /// Interest of the funding over the horizon.
    fn funding_cost(&self, days: i32) -> f64 {
        if let Some(pool) = &self.story.pool {
            return pool.funding_cost - pool.hedge_result;
        }
        let rules = &self.world.programme.interest;
        let years = f64::from(days) / f64::from(rules.day_count);
        self.world.funding.iter().map(|source| source.amount * (source.rate_annual + rules.funding_rate_rise) * years).sum()
    }
}
