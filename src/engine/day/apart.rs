//! Takes accounts through their days by themselves, as far as they meet in nothing: the same bits as day by day.
//!
//! The pressure of sales on prices, the market's state and a pool's cash are shared, and then all accounts must be at a close
//! together (`workspace.rs`). Where only a session's volume is, an account is by itself from the day it becomes active to the next sale it
//! asks for; where nothing is, to the end. Its days then lie in the nearest caches.

use super::kept::Scheduled;
use super::workspace::Workspace;
use crate::engine::account::accounts::Accounts;
use crate::engine::account::close::Conditions;
use crate::engine::market::tile::MarketTile;
use crate::engine::plan::active::{ActiveAccount, State};
use crate::engine::plan::opening::SaleTarget;
use crate::engine::plan::scenario::Plan;
use crate::engine::record::lanes::LaneSums;
use crate::engine::screen::kernels::Scan;
use crate::engine::tally::batch::Tally;

impl Workspace {
    /// All days of one tile, and its record, where accounts meet in nothing.
    pub fn run_apart(&mut self, plan: &Plan<'_>, tile: &MarketTile, tally: &mut Tally) {
        tally.begin(plan, tile);
        for candidate in 0..self.screen.candidates.len() {
            for lane in self.screen.scan_candidate(plan, tile, candidate) {
                self.follow(plan, tile, self.screen.candidates[candidate], lane);
                tally.record_active(plan, tile, &self.lanes, &self.accounts.active[0]);
            }
        }
        for day in 0..plan.days {
            self.accrue(plan, day);
            self.lanes.end_day(plan, day);
        }
        self.end_horizon(plan, tile);
        tally.end(plan, tile, &self.lanes, &self.screen, &self.accounts.active, &self.pool);
    }

    /// One account on one path from the session it becomes active to the end, the only active one.
    fn follow(&mut self, plan: &Plan<'_>, tile: &MarketTile, place: u32, lane: usize) {
        let Workspace { screen, accounts, now, sales, lanes, .. } = self;
        accounts.active.clear();
        accounts.shares.clear();
        let mut active = ActiveAccount::new(plan, place, lane, tile.paths[lane]);
        screen.scan.noted.tell(&mut active);
        accounts.active.push(active);
        let mut from = usize::from(screen.scan.opens[lane]);
        while let Some((day, target)) = next_sale(plan, tile, now, accounts, lanes, 0, from, Some(&screen.scan)) {
            let close = now.close(plan, tile, day);
            sales.want(&close, accounts, lanes, 0, target);
            if let Some(seller) = sales.sellers.pop() {
                sales.execute(&close, accounts, lanes, seller);
                sales.wanted.clear();
                sales.parts.clear();
            }
            from = day + 1;
        }
        self.end_account(plan, tile, 0);
    }

    /// Where accounts meet in the volume of a session alone: each goes by itself to the first sale it asks for.
    pub fn schedule_first_sales(&mut self, plan: &Plan<'_>, tile: &MarketTile) {
        self.scheduled.resize(plan.days, Vec::new());
        self.scheduled.iter_mut().for_each(Vec::clear);
        for candidate in 0..self.screen.candidates.len() {
            for lane in self.screen.scan_candidate(plan, tile, candidate) {
                let at = self.screen.open(plan, tile, &mut self.accounts, candidate, lane);
                self.schedule(plan, tile, at, usize::from(self.screen.scan.opens[lane]), true);
            }
        }
    }

    /// What was scheduled for a day is asked for.
    pub fn take_scheduled(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize) {
        let Workspace { accounts, now, sales, lanes, scheduled, .. } = self;
        // sums over accounts are always made in the same order
        scheduled[day].sort_unstable_by_key(|sale| sale.key);
        let close = now.close(plan, tile, day);
        for sale in &scheduled[day] {
            sales.want(&close, accounts, lanes, sale.at as usize, sale.target);
        }
    }

    /// The accounts that asked for a sale on a day go on to their next.
    pub fn schedule_next_sales(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize) {
        let done = std::mem::take(&mut self.scheduled[day]);
        for sale in &done {
            self.schedule(plan, tile, sale.at as usize, day + 1, false);
        }
        self.scheduled[day] = done;
    }

    /// Puts an active account's next sale among what its day is asked for.
    fn schedule(&mut self, plan: &Plan<'_>, tile: &MarketTile, at: usize, from: usize, scanned: bool) {
        let Workspace { screen, accounts, now, lanes, .. } = self;
        let scan = scanned.then_some(&screen.scan);
        if let Some((day, target)) = next_sale(plan, tile, now, accounts, lanes, at, from, scan) {
            self.scheduled[day].push(Scheduled { key: self.accounts.active[at].key(), at: at as u32, target });
        }
    }
}

/// Takes an active account from the close of day `from` to the first on which it asks for a sale; nothing where it asks for none.
///
/// `scanned` is that of its account, whose holdings of the as-of date are valued already.
#[expect(clippy::too_many_arguments, reason = "the parts of a workspace it reads, which its callers hold apart")]
#[inline(always)]
fn next_sale(
    plan: &Plan<'_>,
    tile: &MarketTile,
    now: &Conditions,
    accounts: &mut Accounts,
    lanes: &mut LaneSums,
    at: usize,
    from: usize,
    scanned: Option<&Scan>,
) -> Option<(usize, SaleTarget)> {
    if accounts.active[at].state == State::Closed {
        return None;
    }
    (from..plan.days).find_map(|day| {
        let close = now.close(plan, tile, day);
        let active = &accounts.active[at];
        let known = scanned.filter(|_| active.own_shares().is_none());
        let value = known.map_or_else(|| accounts.value(plan, active, close.prices()), |scan| scan.value[day][active.lane()]);
        accounts.assess(&close, lanes, at, value).map(|target| (day, target))
    })
}
