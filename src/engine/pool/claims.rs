//! Says what sources call, what they are paid of it, and when tiers fail for what they are not.
//!
//! Every claim waits by itself: it falls due on its own session, is paid before later ones of its tier, and fails tiers once it
//! has waited the days of grace. Money of a failed tier does not leave, and its claims are not paid.

use super::lane::PoolLane;
use super::source::Claim;
use crate::engine::plan::pool::PoolPlan;
use crate::engine::record::pool::PoolFigure;
use crate::model::pool::cash::DUST_MONEY;

impl PoolLane {
    /// A source calls a share of its money: it gets the interest on it, and the money less its part of what its tier still bears.
    ///
    /// That is what the tier has borne, less what was put back and what sources that left took with them; each source bears it in
    /// proportion to its money. Worked: a tier of two sources of 50 has borne 20: the first to leave takes 10 and gets 40, the second too.
    pub fn call(&mut self, pool: &PoolPlan, s: usize, share: f64, due_on: u16) {
        let rank = pool.sources[s].rank;
        let of_tier = self.source.iter().zip(&pool.sources).filter(|(_, source)| source.rank == rank);
        let whole = of_tier.fold(0.0, |sum, (lane, _)| sum + lane.amount);
        let borne = (self.taken[rank] - self.added[rank] - self.written[rank]).max(0.0);
        let lane = &mut self.source[s];
        let (money, interest) = (lane.amount * share, lane.interest * share);
        let written = if whole > 0.0 { (borne * (money / whole)).min(money) } else { 0.0 };
        let claim = money - written;
        lane.amount -= money;
        lane.interest -= interest;
        let place = usize::from(lane.claims[0].due_on > 0);
        assert!(lane.claims[place].due_on == 0, "a source calls its money twice: {lane:?}");
        lane.claims[place] = Claim { due_on, money: claim + interest };
        lane.withdrawn += money;
        lane.claimed += claim + interest;
        self.left[rank] += claim;
        self.written[rank] += written;
        self.add(PoolFigure::Withdrawn, money);
        self.add(PoolFigure::WrittenDown, written);
    }

    /// Pays what is due from the cash, the hedge first, then clients who drew, then sources of the senior tiers, in each what fell due
    /// first; cash stops at nothing.
    pub fn pay(&mut self, pool: &PoolPlan) {
        let owed = self.hedge.unpaid.min(self.cash);
        self.hedge.unpaid -= owed;
        self.cash -= owed;
        let lent = self.undrawn.min(self.cash);
        self.undrawn -= lent;
        self.cash -= lent;
        for place in (0..self.order.len()).rev() {
            let rank = self.order[place];
            while self.failed_on[rank] == 0 && self.cash > 0.0 && self.pay_first(pool, rank) {}
        }
        if self.unpaid(pool) > DUST_MONEY && self.figures[PoolFigure::Unpaid as usize] == 0.0 {
            self.figures[PoolFigure::Unpaid as usize] = 1.0;
            self.figures[PoolFigure::SurvivalDays as usize] = f64::from(self.session - 1);
        }
    }

    /// Pays the claim on a tier that fell due first, as far as the cash goes; false where none is left.
    fn pay_first(&mut self, pool: &PoolPlan, rank: usize) -> bool {
        let mut first: Option<(u16, usize, usize)> = None;
        for (s, lane) in self.source.iter().enumerate().filter(|(s, _)| pool.sources[*s].rank == rank) {
            for (c, claim) in lane.claims.iter().enumerate().filter(|(_, claim)| claim.is_due(self.session) && claim.money > 0.0) {
                if first.is_none_or(|(due_on, ..)| claim.due_on < due_on) {
                    first = Some((claim.due_on, s, c));
                }
            }
        }
        let Some((_, s, c)) = first else { return false };
        let lane = &mut self.source[s];
        let money = lane.claims[c].money.min(self.cash);
        lane.claims[c].money -= money;
        lane.paid += money;
        self.cash -= money;
        true
    }

    /// Claims that are due and not paid, of tiers that stand, with what the hedge's broker and clients who drew wait for.
    pub fn unpaid(&self, pool: &PoolPlan) -> f64 {
        self.unpaid_of_sources(pool) + self.hedge.unpaid + self.undrawn
    }

    fn unpaid_of_sources(&self, pool: &PoolPlan) -> f64 {
        let standing = self.source.iter().zip(&pool.sources).filter(|(_, source)| self.failed_on[source.rank] == 0);
        standing.fold(0.0, |sum, (lane, _)| sum + lane.unpaid(self.session))
    }

    /// Once a claim has waited the days of grace, tiers fail in the order of losses until no claim on a standing tier is left unpaid.
    pub fn fail_tiers(&mut self, pool: &PoolPlan) {
        let waits = |claim: &Claim| {
            claim.due_on > 0 && claim.money > DUST_MONEY && u32::from(claim.due_on) + u32::from(pool.grace_days) <= u32::from(self.session)
        };
        let mut standing = self.source.iter().zip(&pool.sources).filter(|(_, source)| self.failed_on[source.rank] == 0);
        if !standing.any(|(lane, _)| lane.claims.iter().any(waits)) {
            return;
        }
        for place in 0..self.order.len() {
            if self.unpaid_of_sources(pool) <= DUST_MONEY {
                return;
            }
            let rank = self.order[place];
            if self.failed_on[rank] == 0 {
                self.failed_on[rank] = self.session;
            }
        }
    }
}
