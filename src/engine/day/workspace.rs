//! Takes the accounts of one tile through the order of a day.
//!
//! Untouched accounts are watched, not kept: bounds of the whole horizon leave the candidates, bounds of a few sessions those
//! watched, and a look at the session's prices those that meet a line (`screen/`; exact, not an approximation). Where a line
//! changes what an account does, it becomes active on that path; a warning is only noted.
//!
//! What differs between scenarios is what accounts meet in (`Coupling`), chosen once above the day: at every close together, in the
//! volume of a session alone, or in nothing. The order of a day is one function, `session`.

use super::kept::{Scheduled, Search};
use crate::engine::account::accounts::Accounts;
use crate::engine::account::close::Conditions;
use crate::engine::market::tile::MarketTile;
use crate::engine::plan::scenario::{Coupling, Plan};
use crate::engine::pool::workspace::{LoanBook, PoolWorkspace};
use crate::engine::record::lanes::LaneSums;
use crate::engine::sale::book::SaleBook;
use crate::engine::screen::watch::Screen;
use crate::engine::tally::batch::Tally;
use crate::model::market::LANES;
use crate::model::shock::Prepared;

/// The working memory of one worker; nothing is allocated once it has grown.
#[derive(Default)]
pub struct Workspace {
    /// The accounts nothing happened to yet, as far as anything might.
    pub screen: Screen,
    /// Those something happened to.
    pub accounts: Accounts,
    /// What all see at a close beside prices.
    pub now: Conditions,
    /// The sales of a session.
    pub sales: SaleBook,
    /// The pool of every lane, where it is kept daily.
    pub pool: PoolWorkspace,
    pub lanes: LaneSums,
    /// Sales asked for ahead, by day, where accounts meet in volume alone.
    pub scheduled: Vec<Vec<Scheduled>>,
    /// The search for prices that bear their own sales.
    pub search: Search,
    /// True when a path is told: then each account's standing after a close is kept.
    pub tells: bool,
}

/// Sees the workspace after each day.
pub type Watcher<'w> = dyn FnMut(usize, &Workspace, &MarketTile) + 'w;

/// Log impact a tile with feedback is first bounded for; a tile that goes beyond is run again with a wider bound.
const IMPACT_GUESS: f64 = 0.05;

impl Workspace {
    /// Runs one tile of one scenario and records its paths in `tally`. The tile's returns are drawn; without feedback its prices stand.
    pub fn run(&mut self, plan: &Plan<'_>, tile: &mut MarketTile, shocks: &[Prepared], tally: &mut Tally) {
        self.run_watched(plan, tile, shocks, tally, &mut |_, _, _| {});
    }

    /// The same, with `watch` called before the first day (0), after each (from 1), and once more at the end.
    pub fn run_watched(&mut self, plan: &Plan<'_>, tile: &mut MarketTile, shocks: &[Prepared], tally: &mut Tally, watch: &mut Watcher<'_>) {
        // a path that is told is told close by close
        let coupling = if self.tells { Coupling::EveryClose } else { plan.coupling };
        if plan.feedback.is_on() {
            self.run_with_feedback(plan, tile, shocks, watch);
        } else {
            self.start(plan, tile);
            watch(0, self, tile);
            match coupling {
                Coupling::Nothing => return self.run_apart(plan, tile, tally),
                Coupling::Volume => self.schedule_first_sales(plan, tile),
                Coupling::EveryClose => {}
            }
            for day in 0..plan.days {
                self.session(plan, tile, day, coupling);
                watch(day + 1, self, tile);
            }
        }
        self.end_accounts(plan, tile);
        watch(plan.days + 1, self, tile);
        tally.begin(plan, tile);
        for (_, at) in &self.accounts.in_order {
            tally.record_active(plan, tile, &self.lanes, &self.accounts.active[*at as usize]);
        }
        tally.end(plan, tile, &self.lanes, &self.screen, &self.accounts.active, &self.pool);
    }

    /// Accounts are passed over on a guess of how far sales will push prices; a guess that proves too small is doubled.
    fn run_with_feedback(&mut self, plan: &Plan<'_>, tile: &mut MarketTile, shocks: &[Prepared], watch: &mut Watcher<'_>) {
        let mut guess = IMPACT_GUESS;
        tile.lay_out(false);
        loop {
            tile.shock(plan, shocks);
            tile.bound_ahead(plan, guess);
            self.start(plan, tile);
            watch(0, self, tile);
            for day in 0..plan.days {
                tile.close_day(plan, day);
                self.session(plan, tile, day, Coupling::EveryClose);
                watch(day + 1, self, tile);
                self.sales.apply_impact(plan, tile);
            }
            if tile.largest_impact <= guess {
                return;
            }
            guess = 2.0 * tile.largest_impact;
        }
    }

    /// Puts the working memory where the tile starts.
    fn start(&mut self, plan: &Plan<'_>, tile: &MarketTile) {
        self.sales.start(tile);
        self.accounts.clear();
        self.lanes.start(plan, &tile.paths, &tile.rows);
        self.now.start(plan, tile);
        self.screen.start(plan, tile, &self.now, self.tells);
        self.pool.start(plan);
    }

    /// Steps 3 to 10 of one session; steps 1 and 2 are the tile's, and step 8 presses on the next session's prices.
    fn session(&mut self, plan: &Plan<'_>, tile: &mut MarketTile, day: usize, coupling: Coupling) {
        // 3. interest
        self.accrue(plan, day);
        // before the session's decisions: what failed or is overdue on the as-of date
        self.fail_and_recall(plan, tile, day);
        // 4 to 9. conditions, states, decisions, clearing, settlement
        match plan.feedback.fixed_point() {
            Some(rule) => self.clear_at_own_prices(plan, tile, day, rule),
            None => {
                self.now.observe(plan, tile, day);
                self.decide(plan, tile, day, coupling);
                self.sales.clear(&self.now.close(plan, tile, day), &self.accounts);
                self.settle(plan, tile, day);
            }
        }
        if coupling == Coupling::Volume {
            self.schedule_next_sales(plan, tile, day);
        }
        // 10. the pool
        self.keep_pool(plan, tile, day);
        if self.tells {
            self.accounts.keep_standings(&self.now.close(plan, tile, day));
        }
        self.lanes.end_day(plan, day);
    }

    /// Step 3: the interest of the day, on the loans as they stood after yesterday's sales, less the funding's cost.
    ///
    /// Each account's own debt is reckoned where it is asked for (`ActiveAccount::debt`); here is what the pool earns.
    pub fn accrue(&mut self, plan: &Plan<'_>, day: usize) {
        let gap = plan.elapsed_days[day + 1] - plan.elapsed_days[day];
        self.lanes.accrue(plan.interest_day_total - plan.funding_cost_day, gap, day);
    }

    /// Steps 4 to 7, first half: what every account asks to sell, on the same prices.
    pub fn decide(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize, coupling: Coupling) {
        self.sales.open_session();
        if coupling == Coupling::Volume {
            return self.take_scheduled(plan, tile, day);
        }
        let Workspace { screen, accounts, now, sales, lanes, .. } = self;
        let close = now.close(plan, tile, day);
        screen.watch(&close, accounts);
        accounts.put_in_order();
        accounts.each_open(|accounts, at| {
            let value = accounts.value(plan, &accounts.active[at], close.prices());
            let target = accounts.assess(&close, lanes, at, value);
            let active = &mut accounts.active[at];
            let recalled = active.recall > 0.0 && active.goes_on();
            if target.is_some() || recalled {
                active.mark(value);
                sales.want(&close, accounts, lanes, at, target.unwrap_or_default());
            }
        });
    }

    /// Step 9: every sale is settled.
    pub fn settle(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize) {
        let Workspace { accounts, now, sales, lanes, .. } = self;
        sales.settle(&now.close(plan, tile, day), accounts, lanes);
    }

    fn fail_and_recall(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize) {
        let Workspace { screen, accounts, now, lanes, pool, .. } = self;
        let close = now.close(plan, tile, day);
        let mut book = LoanBook { accounts, screen, lanes };
        pool.fail_custody(&close, &mut book);
        if day == 0 {
            pool.recall_overdue(&close, &mut book);
        }
    }

    fn keep_pool(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize) {
        let Workspace { screen, accounts, now, lanes, pool, sales, .. } = self;
        let paid_at_once = std::mem::replace(&mut sales.paid_on_recall, [0.0; LANES]);
        pool.pass(&now.close(plan, tile, day), &mut LoanBook { accounts, screen, lanes }, paid_at_once);
    }
}
