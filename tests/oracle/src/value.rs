//! Follows the pool's value: the capital of its tiers, plus what loans earn less the funding's interest, less what reaches the pool of losses.

use crate::day::Path;

/// Sums over a path so far, of which each session's part is taken.
#[derive(Clone, Copy, Debug, Default)]
pub struct Followed {
    /// Written off in this session.
    pub lost: f64,
    funding: f64,
    hedge: f64,
    custody: f64,
    recovered: f64,
}

impl Path<'_> {
    /// On the as-of date: all tiers' capital; loans where there is none.
    pub fn open_value(&mut self) {
        let capital: f64 = self.capital().values().sum();
        let loans: f64 = self.world.accounts.iter().map(|account| account.loan).sum();
        self.story.value.push(if capital < 0.01 { loans.max(1.0) } else { capital });
    }

    /// A session's income less its loss. A shortfall is net of recourse where that is cash at once; else recourse counts when it is in.
    pub fn follow_value(&mut self) {
        let before = self.followed;
        let mut now = Followed { lost: 0.0, ..before };
        let mut loss = self.lasting_part() * before.lost;
        if let Some(pool) = &self.pool {
            now = Followed {
                lost: 0.0,
                funding: pool.story.funding_cost,
                hedge: pool.story.hedge_result,
                custody: pool.story.custody_loss,
                recovered: pool.recovered,
            };
            loss += now.custody - before.custody;
            if self.world.programme.pool.recourse_delay_days > 0 {
                loss -= now.recovered - before.recovered;
            }
        } else {
            let rules = &self.world.programme.interest;
            let years = self.calendar_days() / f64::from(rules.day_count);
            let cost = |source: &crate::world::Source| source.amount * (source.rate_annual + rules.funding_rate_rise) * years;
            now.funding += self.world.funding.iter().map(cost).sum::<f64>();
        }
        let income = self.interest_today - (now.funding - before.funding) + (now.hedge - before.hedge);
        let value = self.story.value.last().expect("it is opened") + income - loss;
        self.story.value.push(value);
        self.followed = now;
    }

    /// What is marked at the end belongs to the last session.
    pub fn mark_value(&mut self) {
        let loss = self.lasting_part() * std::mem::take(&mut self.followed.lost);
        *self.story.value.last_mut().expect("there are sessions") -= loss;
        let mut peak = f64::MIN;
        for value in &self.story.value {
            peak = peak.max(*value);
            self.story.max_drawdown = self.story.max_drawdown.max((peak - value) / peak);
        }
    }

    /// The part of a shortfall that reaches the pool on the day it is written off.
    fn lasting_part(&self) -> f64 {
        let rules = &self.world.programme.pool;
        if self.pool.is_some() && rules.recourse_delay_days > 0 { 1.0 } else { 1.0 - rules.recourse }
    }
}
