//! Keeps the pool of every lane of a tile day by day: step 10, and what a failing custodian does before it.
//!
//! What accounts paid is read off their state at two closes, not reported by the rules that moved them.

mod claims;
pub mod columns;
pub mod lane;
pub mod ledger;
pub mod plan;
mod recall;
pub mod record;

use super::day::Desk;
use super::plan::Plan;
use super::slot::{Slot, State, key};
use super::tile::MarketTile;
use crate::maths::random::normal;
use crate::model::market::LANES;
use crate::model::pool::cash::DUST_MONEY;
use lane::{Moment, PoolLane};

pub(super) const NONE: u32 = u32::MAX;

/// What was last seen of one account on one path.
#[derive(Clone, Copy, Debug)]
struct Seen {
    loan: f64,
    /// Loan and interest due less interest charged so far, and what was written off: it falls by what is paid, and by nothing else.
    owed: f64,
    written_off: f64,
}

/// The pool of one tile; empty where the pool is not kept daily.
#[derive(Default)]
pub struct PoolDesk {
    pub lane: Vec<PoolLane>,
    /// One per slot seen.
    seen: Vec<Seen>,
    /// Slot of each place and lane, by its key, as far as slots were looked at.
    slot_at: Vec<u32>,
    synced: usize,
    /// Whether a client paid from its cash at today's recalls.
    paid_on_recall: bool,
    /// What clients paid in this session's decisions from their cash of what was called back before.
    pub(super) paid_at_once: [f64; LANES],
}

/// What the accounts of all lanes did today.
struct Today {
    received: [f64; LANES],
    /// Lent to clients who took more out.
    drawn: [f64; LANES],
    shortfall: [f64; LANES],
}

impl PoolDesk {
    /// The pool as it stands on the as-of date, in every lane.
    pub fn start(&mut self, plan: &Plan<'_>) {
        let Some(pool) = &plan.pool else {
            self.lane.clear();
            return;
        };
        self.lane.resize(LANES, PoolLane::default());
        self.lane.iter_mut().for_each(|lane| lane.start(pool, plan.days));
        self.seen.clear();
        self.slot_at.clear();
        self.slot_at.resize(plan.accounts.len() * LANES, NONE);
        self.synced = 0;
        self.paid_at_once = [0.0; LANES];
    }

    /// Reads off the slots what was repaid and written off since the last close, and what is still being called back.
    fn collect(&mut self, plan: &Plan<'_>, slots: &[Slot], elapsed: f64) -> Today {
        let mut today = Today { received: [0.0; LANES], drawn: [0.0; LANES], shortfall: [0.0; LANES] };
        self.lane.iter_mut().for_each(|lane| lane.recalling = 0.0);
        for (at, slot) in slots.iter().enumerate() {
            if self.seen.len() == at {
                let account = &plan.accounts[slot.account()];
                self.seen.push(Seen { loan: account.loan, owed: account.loan + account.accrued, written_off: 0.0 });
            }
            if slot.own_shares().is_none() && !slot.borrowed {
                continue;
            }
            let (seen, lane) = (&mut self.seen[at], slot.lane());
            let written_off = if slot.state == State::Closed { slot.shortfall } else { 0.0 };
            let owed = slot.loan + slot.accrued - slot.charged + written_off;
            let paid = seen.owed - owed;
            // what rounding leaves waits until it is more
            if paid.abs() > DUST_MONEY {
                today.received[lane] += paid.max(0.0);
                today.drawn[lane] += (-paid).max(0.0);
                seen.owed = owed;
            }
            today.shortfall[lane] += written_off - seen.written_off;
            seen.written_off = written_off;
            self.lane[lane].principal += slot.loan - seen.loan;
            seen.loan = slot.loan;
            self.lane[lane].recalling += slot.recall.min(slot.debt(&plan.accounts[slot.account()], elapsed));
        }
        // what is left of a book repaid in full is rounding
        self.lane.iter_mut().for_each(|lane| lane.principal = lane.principal.max(0.0));
        today
    }
}

/// Return of an index of the simulated symbols over one session, a lane each.
fn index_return(weights: &[f64], plan: &Plan<'_>, tile: &MarketTile, day: usize) -> [f64; LANES] {
    let mut sum = [0.0; LANES];
    for (symbol, weight) in weights.iter().enumerate().filter(|(_, w)| **w > 0.0) {
        let now = tile.prices(day, symbol);
        let first = [plan.price_start[symbol]; LANES];
        let before = if day == 0 { &first } else { tile.prices(day - 1, symbol) };
        for lane in 0..LANES {
            // what has lost all its value moves no more
            sum[lane] += if before[lane] > 0.0 { weight * (now[lane] / before[lane] - 1.0) } else { 0.0 };
        }
    }
    sum
}

impl Desk {
    /// Step 10: the pool of every lane after the day's sales, and the loans it calls back.
    pub(super) fn pass_pool(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize) {
        let Some(pool) = &plan.pool else { return };
        let today = self.pool.collect(plan, &self.slots, plan.elapsed_days[day + 1]);
        let index = pool.hedge.as_ref().map_or([0.0; LANES], |h| index_return(&h.weights, plan, tile, day));
        let gap = plan.elapsed_days[day + 1] - plan.elapsed_days[day];
        for (lane, index_return) in index.into_iter().enumerate() {
            let path = tile.paths[lane];
            let noise = pool.hedge.as_ref().filter(|h| h.basis > 0.0).map_or(0.0, |h| h.basis * normal(h.key, path, day as u32));
            let at = Moment {
                day,
                days: plan.days,
                path,
                elapsed: plan.elapsed_days[day + 1],
                gap,
                received: (today.received[lane] - self.pool.paid_at_once[lane]).max(0.0),
                drawn: today.drawn[lane],
                shortfall: today.shortfall[lane],
                index_return,
                noise,
                // 0 in every lane where nobody asks
                stress: self.weather.stress[lane],
            };
            let at_once = self.pool.paid_at_once[lane];
            let of_lane = &mut self.pool.lane[lane];
            of_lane.coming = at_once;
            of_lane.pass(pool, &at, self.lanes.loss[day][lane]);
            let recovered = if pool.recourse_delay > 0 { of_lane.recovery_on(day) } else { 0.0 };
            self.lanes.loss[day][lane] += of_lane.custody_today - recovered;
            self.lanes.income[lane] += plan.funding_cost_day * gap - of_lane.funding_today + of_lane.other_today;
        }
        self.pool.paid_on_recall = false;
        self.recall_loans(plan, pool, tile, day);
        let paid = self.paid_on_recall(plan, day);
        for ((lane, paid), before) in self.pool.lane.iter_mut().zip(paid).zip(std::mem::take(&mut self.pool.paid_at_once)) {
            lane.close(pool, paid + before);
        }
    }

    /// What clients paid from their cash on today's recalls.
    fn paid_on_recall(&mut self, plan: &Plan<'_>, day: usize) -> [f64; LANES] {
        if !self.pool.paid_on_recall {
            return [0.0; LANES];
        }
        self.pool.collect(plan, &self.slots, plan.elapsed_days[day + 1]).received
    }

    /// Losses marked at the end of the horizon go down the tiers too.
    pub(super) fn bear_marked(&mut self, plan: &Plan<'_>) {
        let Some(pool) = &plan.pool else { return };
        for (lane, loss) in self.pool.lane.iter_mut().zip(self.lanes.loss[plan.days]) {
            lane.bear(pool, loss);
        }
    }

    /// Before the session's decisions: clients of a custodian that fails today lose a part of their shares.
    pub(super) fn fail_custody(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize) {
        let Some(pool) = &plan.pool else { return };
        let Some(custodian) = pool.custodian.as_ref().filter(|c| c.day == day) else { return };
        for account in (0..plan.accounts.len()).filter(|a| custodian.holds[*a]) {
            for lane in 0..LANES {
                let at = self.slot_for(plan, account, lane);
                let slot = &mut self.slots[at];
                slot.separate(plan, &mut self.shares);
                let value = slot.value(plan, &self.shares, tile.prices_of(day));
                let first = slot.own_shares().expect("it has its own quantities");
                let positions = plan.positions_of(account).len();
                self.shares[first..first + positions].iter_mut().for_each(|q| *q *= 1.0 - custodian.haircut);
                slot.mark(value);
                let lost = value * custodian.haircut;
                slot.held -= lost;
                slot.custody_loss += lost;
                self.pool.lane[lane].figures[columns::PoolFigure::ClientCustodyLoss as usize] += lost;
            }
        }
    }

    /// The slot of an account on a path, opened where nothing had happened to it yet.
    fn slot_for(&mut self, plan: &Plan<'_>, account: usize, lane: usize) -> usize {
        self.find_slots();
        let place = plan.reach.place[account];
        match self.pool.slot_at[key(place, lane) as usize] {
            NONE => {}
            found => return found as usize,
        }
        match self.watch.candidates.binary_search(&place) {
            Ok(candidate) => self.open_candidate(plan, candidate, lane),
            Err(_) => self.open_slot(plan, place, lane),
        }
    }

    /// Brings the way from accounts and lanes to slots up to date.
    fn find_slots(&mut self) {
        for (at, slot) in self.slots.iter().enumerate().skip(self.pool.synced) {
            self.pool.slot_at[slot.key() as usize] = at as u32;
        }
        self.pool.synced = self.slots.len();
    }
}
