//! Keeps the pool of every lane of a tile day by day: step 10, and what a failing custodian does before it.
//!
//! What accounts paid is read off their state at two closes, not reported by the rules that moved them.

pub mod columns;
pub mod lane;
pub mod ledger;
pub mod plan;
mod recall;
pub mod record;

use super::day::Desk;
use super::plan::Plan;
use super::slot::{Slot, State};
use super::tile::MarketTile;
use crate::maths::random::normal;
use crate::model::market::LANES;
use lane::{Moment, PoolLane};

/// Repayments below this are rounding, and wait until they are more.
const DUST_MONEY: f64 = 1e-7;

pub(super) const NONE: u32 = u32::MAX;

/// What was last seen of one account.
#[derive(Clone, Copy, Debug)]
struct Seen {
    loan: [f64; LANES],
    /// Loan and interest due less interest charged so far, and what was written off: it falls by what is paid, and by nothing else.
    owed: [f64; LANES],
    written_off: [f64; LANES],
}

/// The pool of one tile; empty where the pool is not kept daily.
#[derive(Default)]
pub struct PoolDesk {
    pub lane: Vec<PoolLane>,
    /// One per slot seen.
    seen: Vec<Seen>,
    /// Slot of each account, as far as slots were looked at.
    slot_at: Vec<u32>,
    synced: usize,
    /// Candidates picked at the start: the part of the list that is in order.
    first_candidates: usize,
    /// Whether a client paid from its cash at today's recalls.
    paid_on_recall: bool,
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
    pub fn start(&mut self, plan: &Plan<'_>, candidates: usize) {
        let Some(pool) = &plan.pool else {
            self.lane.clear();
            return;
        };
        self.lane.resize(LANES, PoolLane::default());
        self.lane.iter_mut().for_each(|lane| lane.start(pool, plan.days));
        self.seen.clear();
        self.slot_at.clear();
        self.slot_at.resize(plan.accounts.len(), NONE);
        (self.synced, self.first_candidates) = (0, candidates);
    }

    /// Reads off the slots what was repaid and written off since the last close, and what is still being called back.
    fn collect(&mut self, plan: &Plan<'_>, slots: &[Slot]) -> Today {
        let mut today = Today { received: [0.0; LANES], drawn: [0.0; LANES], shortfall: [0.0; LANES] };
        self.lane.iter_mut().for_each(|lane| lane.recalling = 0.0);
        for (at, slot) in slots.iter().enumerate() {
            let account = &plan.accounts[slot.account];
            if self.seen.len() == at {
                self.seen.push(Seen {
                    loan: [account.loan; LANES],
                    owed: [account.loan + account.accrued; LANES],
                    written_off: [0.0; LANES],
                });
            }
            if !slot.sold && !slot.borrowed {
                continue;
            }
            let seen = &mut self.seen[at];
            for lane in 0..LANES {
                let written_off = if slot.state[lane] == State::Closed { slot.shortfall[lane] } else { 0.0 };
                let owed = slot.loan[lane] + slot.accrued[lane] - slot.charged[lane] + written_off;
                let paid = seen.owed[lane] - owed;
                if paid.abs() > DUST_MONEY {
                    today.received[lane] += paid.max(0.0);
                    today.drawn[lane] += (-paid).max(0.0);
                    seen.owed[lane] = owed;
                }
                today.shortfall[lane] += written_off - seen.written_off[lane];
                seen.written_off[lane] = written_off;
                self.lane[lane].principal += slot.loan[lane] - seen.loan[lane];
                seen.loan[lane] = slot.loan[lane];
                self.lane[lane].recalling += slot.recall[lane].min(slot.loan[lane] + slot.accrued[lane]);
            }
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
            sum[lane] += weight * (now[lane] / before[lane] - 1.0);
        }
    }
    sum
}

impl Desk {
    /// Step 10: the pool of every lane after the day's sales, and the loans it calls back.
    pub(super) fn pass_pool(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize, first_path: u64) {
        let Some(pool) = &plan.pool else { return };
        let today = self.pool.collect(plan, &self.slots[..self.used]);
        let index = pool.hedge.as_ref().map_or([0.0; LANES], |h| index_return(&h.weights, plan, tile, day));
        let gap = plan.elapsed_days[day + 1] - plan.elapsed_days[day];
        for (lane, index_return) in index.into_iter().enumerate() {
            let path = first_path + lane as u64;
            let noise = pool.hedge.as_ref().filter(|h| h.basis > 0.0).map_or(0.0, |h| h.basis * normal(h.key, path, day as u32));
            let at = Moment {
                day,
                days: plan.days,
                path,
                elapsed: plan.elapsed_days[day + 1],
                gap,
                received: today.received[lane],
                drawn: today.drawn[lane],
                shortfall: today.shortfall[lane],
                index_return,
                noise,
                // 0 in every lane where nobody asks
                stress: self.weather.stress[lane],
            };
            let of_lane = &mut self.pool.lane[lane];
            of_lane.pass(pool, &at, self.lanes.loss_today[lane]);
            let recovered = if pool.recourse_delay > 0 { of_lane.recovery_on(day) } else { 0.0 };
            self.lanes.loss_today[lane] += of_lane.custody_today - recovered;
            self.lanes.income[lane] += plan.funding_cost_day * gap - of_lane.funding_today + of_lane.other_today;
        }
        self.pool.paid_on_recall = false;
        self.recall_loans(plan, pool, tile, day, first_path);
        if self.pool.paid_on_recall {
            let paid = self.pool.collect(plan, &self.slots[..self.used]);
            for (lane, money) in self.pool.lane.iter_mut().zip(paid.received) {
                lane.receive(money);
            }
        }
    }

    /// Losses marked at the end of the horizon go down the tiers too.
    pub(super) fn bear_marked(&mut self, plan: &Plan<'_>) {
        let Some(pool) = &plan.pool else { return };
        for (lane, loss) in self.pool.lane.iter_mut().zip(self.lanes.loss_today) {
            lane.bear(pool, loss);
        }
    }

    /// Before the session's decisions: clients of a custodian that fails today lose a part of their shares.
    pub(super) fn fail_custody(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize) {
        let Some(pool) = &plan.pool else { return };
        let Some(custodian) = pool.custodian.as_ref().filter(|c| c.day == day) else { return };
        let prices = &tile.price[day * tile.symbols * LANES..][..tile.symbols * LANES];
        for account in (0..plan.accounts.len()).filter(|a| custodian.holds[*a]) {
            let at = self.slot_for(plan, account);
            let slot = &mut self.slots[at];
            slot.separate(plan);
            let value = slot.value(plan, prices);
            slot.quantity.iter_mut().for_each(|q| *q *= 1.0 - custodian.haircut);
            for (lane, value) in value.into_iter().enumerate() {
                slot.mark(lane, value);
                let lost = value * custodian.haircut;
                slot.held[lane] -= lost;
                slot.custody_loss[lane] += lost;
                self.pool.lane[lane].figures[columns::PoolFigure::ClientCustodyLoss as usize] += lost;
            }
        }
    }

    /// The slot of an account, opened where nothing had happened to it yet.
    fn slot_for(&mut self, plan: &Plan<'_>, account: usize) -> usize {
        for at in self.pool.synced..self.used {
            self.pool.slot_at[self.slots[at].account] = at as u32;
        }
        self.pool.synced = self.used;
        if self.pool.slot_at[account] != NONE {
            return self.pool.slot_at[account] as usize;
        }
        let at = self.open_slot(plan, account);
        self.pool.slot_at[account] = at;
        self.pool.synced = self.used;
        match self.candidates[..self.pool.first_candidates].binary_search(&(account as u32)) {
            Ok(candidate) => self.slot_of[candidate] = at,
            Err(_) => {
                self.candidates.push(account as u32);
                self.slot_of.push(at);
            }
        }
        at as usize
    }
}
