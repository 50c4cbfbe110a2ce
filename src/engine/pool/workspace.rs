//! Keeps the pool of every lane of a tile day by day: step 10, and what a failing custodian does before it.
//!
//! What accounts paid is read off their state at two closes, not reported by the rules that moved them.

use super::lane::{Moment, PoolLane};
use crate::engine::account::accounts::Accounts;
use crate::engine::account::close::Close;
use crate::engine::market::tile::MarketTile;
use crate::engine::plan::active::{ActiveAccount, State, key};
use crate::engine::plan::scenario::Plan;
use crate::engine::record::lanes::LaneSums;
use crate::engine::record::pool::PoolFigure;
use crate::engine::screen::watch::Screen;
use crate::maths::random::normal;
use crate::model::market::LANES;
use crate::model::pool::cash::DUST_MONEY;

pub const NONE: u32 = u32::MAX;

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
pub struct PoolWorkspace {
    pub lane: Vec<PoolLane>,
    /// One per active account seen.
    seen: Vec<Seen>,
    /// The active account of each place and lane, by its key, as far as they were looked at.
    pub active_at: Vec<u32>,
    synced: usize,
    /// Whether a client paid from its cash at today's recalls.
    pub paid_on_recall: bool,
}

/// What the accounts of all lanes did today.
struct Today {
    received: [f64; LANES],
    /// Lent to clients who took more out.
    drawn: [f64; LANES],
    shortfall: [f64; LANES],
}

impl PoolWorkspace {
    /// The pool as it stands on the as-of date, in every lane.
    pub fn start(&mut self, plan: &Plan<'_>) {
        let Some(pool) = &plan.pool else {
            self.lane.clear();
            return;
        };
        self.lane.resize(LANES, PoolLane::default());
        self.lane.iter_mut().for_each(|lane| lane.start(pool, plan.days, plan.recourse));
        self.seen.clear();
        self.active_at.clear();
        self.active_at.resize(plan.accounts.len() * LANES, NONE);
        self.synced = 0;
    }

    /// Reads off the active accounts what was repaid and written off since the last close, and what is still being called back.
    fn collect(&mut self, plan: &Plan<'_>, active: &[ActiveAccount], elapsed: f64) -> Today {
        let mut today = Today { received: [0.0; LANES], drawn: [0.0; LANES], shortfall: [0.0; LANES] };
        self.lane.iter_mut().for_each(|lane| lane.recalling = 0.0);
        for (at, active) in active.iter().enumerate() {
            if self.seen.len() == at {
                let account = &plan.accounts[active.account()];
                self.seen.push(Seen { loan: account.loan, owed: account.loan + account.accrued, written_off: 0.0 });
            }
            if active.own_shares().is_none() && !active.borrowed {
                continue;
            }
            let (seen, lane) = (&mut self.seen[at], active.lane());
            let written_off = if active.state == State::Closed { active.shortfall } else { 0.0 };
            let owed = active.loan + active.accrued - active.charged + written_off;
            let paid = seen.owed - owed;
            // what rounding leaves waits until it is more
            if paid.abs() > DUST_MONEY {
                today.received[lane] += paid.max(0.0);
                today.drawn[lane] += (-paid).max(0.0);
                seen.owed = owed;
            }
            today.shortfall[lane] += written_off - seen.written_off;
            seen.written_off = written_off;
            self.lane[lane].principal += active.loan - seen.loan;
            seen.loan = active.loan;
            self.lane[lane].recalling += active.recall.min(active.debt(&plan.accounts[active.account()], elapsed));
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

/// What a session's recalls touch beside the pool: accounts, those not opened yet, and the sums by lane.
pub struct LoanBook<'a> {
    pub accounts: &'a mut Accounts,
    pub screen: &'a mut Screen,
    pub lanes: &'a mut LaneSums,
}

impl PoolWorkspace {
    /// Step 10: the pool of every lane after the day's sales, and the loans it calls back; `paid_at_once` is what clients paid of
    /// recalls while they decided.
    pub fn pass(&mut self, close: &Close<'_>, book: &mut LoanBook<'_>, paid_at_once: [f64; LANES]) {
        let Close { plan, tile, day, now } = *close;
        let Some(pool) = &plan.pool else { return };
        let today = self.collect(plan, &book.accounts.active, close.elapsed());
        let index = pool.hedge.as_ref().map_or([0.0; LANES], |h| index_return(&h.weights, plan, tile, day));
        let gap = plan.elapsed_days[day + 1] - plan.elapsed_days[day];
        for (lane, index_return) in index.into_iter().enumerate() {
            let path = tile.paths[lane];
            let noise = pool.hedge.as_ref().filter(|h| h.basis > 0.0).map_or(0.0, |h| h.basis * normal(h.key, path, day as u32));
            let at = Moment {
                day,
                days: plan.days,
                path,
                elapsed: close.elapsed(),
                gap,
                received: (today.received[lane] - paid_at_once[lane]).max(0.0),
                drawn: today.drawn[lane],
                shortfall: today.shortfall[lane],
                recourse: plan.recourse,
                index_return,
                noise,
                // 0 in every lane where nobody asks
                stress: now.market.stress[lane],
            };
            let of_lane = &mut self.lane[lane];
            of_lane.coming = paid_at_once[lane];
            of_lane.pass(pool, &at, book.lanes.loss[day][lane]);
            let recovered = if plan.recourse.delay > 0 { of_lane.recovery_on(day) } else { 0.0 };
            book.lanes.loss[day][lane] += of_lane.custody_today - recovered;
            book.lanes.income[lane] += plan.funding_cost_day * gap - of_lane.funding_today + of_lane.other_today;
        }
        self.paid_on_recall = false;
        self.recall_loans(close, pool, book);
        let paid = self.paid_on_recall(close, book);
        for ((lane, paid), before) in self.lane.iter_mut().zip(paid).zip(paid_at_once) {
            lane.close(pool, paid + before);
        }
    }

    /// What clients paid from their cash on today's recalls.
    pub fn paid_on_recall(&mut self, close: &Close<'_>, book: &LoanBook<'_>) -> [f64; LANES] {
        if !self.paid_on_recall {
            return [0.0; LANES];
        }
        self.collect(close.plan, &book.accounts.active, close.elapsed()).received
    }

    /// Losses marked at the end of the horizon go down the tiers too.
    pub fn bear_marked(&mut self, plan: &Plan<'_>, lanes: &LaneSums) {
        let Some(pool) = &plan.pool else { return };
        for (lane, loss) in self.lane.iter_mut().zip(lanes.loss[plan.days]) {
            lane.bear(pool, loss);
        }
    }

    /// Before the session's decisions: clients of a custodian that fails today lose a part of their shares.
    pub fn fail_custody(&mut self, close: &Close<'_>, book: &mut LoanBook<'_>) {
        let plan = close.plan;
        let Some(pool) = &plan.pool else { return };
        let Some(custodian) = pool.custodian.as_ref().filter(|c| c.day == close.day) else { return };
        for account in (0..plan.accounts.len()).filter(|a| custodian.holds[*a]) {
            for lane in 0..LANES {
                let at = self.active_for(close, book, account, lane);
                let Accounts { active, shares, .. } = &mut *book.accounts;
                let active = &mut active[at];
                active.separate(plan, shares);
                let value = active.value(plan, shares, close.prices());
                let first = active.own_shares().expect("it has its own quantities");
                let positions = plan.positions_of(account).len();
                shares[first..first + positions].iter_mut().for_each(|q| *q *= 1.0 - custodian.haircut);
                active.mark(value);
                let lost = value * custodian.haircut;
                active.held -= lost;
                active.custody_loss += lost;
                self.lane[lane].figures[PoolFigure::ClientCustodyLoss as usize] += lost;
            }
        }
    }

    /// The active account on a path, made active where nothing had happened to it yet.
    pub fn active_for(&mut self, close: &Close<'_>, book: &mut LoanBook<'_>, account: usize, lane: usize) -> usize {
        self.find_active(&book.accounts.active);
        let Close { plan, tile, .. } = *close;
        let place = plan.distances.place[account];
        match self.active_at[key(place, lane) as usize] {
            NONE => {}
            found => return found as usize,
        }
        match book.screen.candidates.binary_search(&place) {
            Ok(candidate) => book.screen.open(plan, tile, book.accounts, candidate, lane),
            Err(_) => book.accounts.open(plan, place, lane, tile.paths[lane]),
        }
    }

    /// Brings the way from accounts and lanes to active ones up to date.
    pub fn find_active(&mut self, active: &[ActiveAccount]) {
        for (at, active) in active.iter().enumerate().skip(self.synced) {
            self.active_at[active.key() as usize] = at as u32;
        }
        self.synced = active.len();
    }
}
