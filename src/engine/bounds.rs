//! Bounds what accounts under controls could do, and says when an account on one path has nothing to do; exact.
//!
//! Without controls an account acts at or below its highest line (`watch.rs`). With them, lines scale, holdings count for less,
//! and stops look at single prices: the bound then takes the most adverse lane of the day, or, for a whole tile, the most
//! adverse that could ever be (the cap of the scale, full stress, the widest haircuts).

use super::controls::{ControlRules, LaneControls};
use super::day::Desk;
use super::plan::{Account, Plan};
use super::prices::Prices;
use super::reach::Row;
use super::slot::{Slot, Standing, State, event};
use super::tile::MarketTile;
use crate::model::margin::Lines;
use crate::model::market::LANES;

/// Whether an untouched account stays above the ratio `calm` even if each holding counted for its lowest in `low`.
#[inline(always)]
fn stays_above(plan: &Plan<'_>, account: &Account, low: &[f64], elapsed: f64, calm: f64) -> bool {
    let (cash, netted) = if account.lines.nets_cash { (0.0, account.cash) } else { (account.cash, 0.0) };
    let assets = plan.positions[account.positions.clone()].iter().fold(cash, |sum, p| sum + p.quantity * low[p.symbol as usize]);
    let debt = account.loan + account.accrued - netted + account.loan * account.rate_day * elapsed;
    // the margin keeps rounding of the two sums from hiding a lane that stands on its line
    debt <= 0.0 || assets >= calm * debt * (1.0 + 1e-9)
}

/// Whether no holding of an account could stand at its stop at the prices `low`.
fn keeps_off_stops(plan: &Plan<'_>, account: &Account, low: &[f64]) -> bool {
    plan.positions[account.positions.clone()].iter().all(|p| p.quantity == 0.0 || low[p.symbol as usize] > p.stop)
}

/// Whether an account whose holdings are worth `value` has nothing to do at this close: it is in no state, and at no line not yet met.
#[inline(always)]
pub(super) fn is_idle(slot: &Slot, account: &Account, row: &Row, value: f64, elapsed: f64) -> bool {
    let once_warned = if slot.events & event::LIMITED != 0 { row.acts } else { row.calm_warned };
    let line = if slot.events & event::WARNED != 0 { once_warned } else { row.calm };
    slot.state == State::Normal && stands_between(slot.sides(account, value, elapsed), line, row.withdraws_above)
}

/// Whether `(assets, debt)` stand above a line and not above the one over which money may be taken out.
#[inline(always)]
fn stands_between((assets, debt): (f64, f64), line: f64, withdraws_above: f64) -> bool {
    let may_withdraw = assets > withdraws_above * debt;
    assets > line * debt && !may_withdraw
}

impl Desk {
    /// Whether an account can do nothing in any lane on any day of the tile.
    pub(super) fn stays_calm_throughout(&self, plan: &Plan<'_>, rules: &ControlRules, account: u32, tile: &MarketTile) -> bool {
        if plan.reach.row_of(account).met_at_start != 0 {
            return false;
        }
        let account = &plan.accounts[account as usize];
        let low = if rules.counts_less { &self.counted.low_horizon } else { &tile.lowest };
        let elapsed = plan.elapsed_days[plan.days];
        account.withdraws_above.is_infinite()
            && stays_above(plan, account, low, elapsed, rules.calm(account, 0, &rules.worst()))
            && (rules.stop.position_loss.is_none() || keeps_off_stops(plan, account, &tile.lowest))
            && rules.stop.drawdown.is_none_or(|drawdown| keeps_own_capital(plan, account, tile, elapsed, drawdown.get()))
    }

    /// Whether an untouched account can do nothing in any lane at this close, of which `tile.lowest_today` is known.
    pub(super) fn stays_calm_today(&self, plan: &Plan<'_>, rules: &ControlRules, account: u32, tile: &MarketTile, day: usize) -> bool {
        // an account that might meet its stop on drawdown is followed from the first day, since its best must be known
        if rules.stop.drawdown.is_some() {
            return false;
        }
        if plan.reach.row_of(account).acts_from_start() {
            return false;
        }
        let account = &plan.accounts[account as usize];
        let low = if rules.counts_less { &self.counted.low } else { &tile.lowest_today };
        let worst = if plan.reads_weather { self.controls.worst } else { rules.worst() };
        stays_above(plan, account, low, plan.elapsed_days[day + 1], rules.calm(account, 0, &worst))
            && (rules.stop.position_loss.is_none() || keeps_off_stops(plan, account, &tile.lowest_today))
    }

    /// Whether an untouched account has nothing to do in one lane at this close, under controls.
    pub(super) fn stays_idle(&self, plan: &Plan<'_>, rules: &ControlRules, place: u32, tile: &MarketTile, day: usize, lane: usize) -> bool {
        if plan.reach.rows[place as usize].acts_from_start() {
            return false;
        }
        let mut slot = Slot::new(plan, place, lane, tile.paths[lane]);
        if self.tells {
            // who tells the path tells of every close below a line, not of the first alone
            slot.events = 0;
        }
        let counted = self.counted_value(plan, &slot, self.value(plan, &slot, tile, day));
        self.is_idle(plan, rules, &slot, counted, tile.prices_of(day), plan.elapsed_days[day + 1])
    }

    /// Whether an account whose holdings count for `counted` has nothing to do at this close, under controls.
    pub(super) fn is_idle(
        &self,
        plan: &Plan<'_>,
        rules: &ControlRules,
        slot: &Slot,
        counted: f64,
        prices: Prices<'_>,
        elapsed: f64,
    ) -> bool {
        let account = &plan.accounts[slot.account()];
        let now: &LaneControls = &self.controls.lanes[slot.lane()];
        slot.state == State::Normal
            && rules.stop.drawdown.is_none()
            && stands_between(slot.sides(account, counted, elapsed), rules.calm(account, slot.events, now), account.withdraws_above)
            && !self.is_stopped(plan, rules, slot, prices)
    }

    /// Whether a holding of an account stands at its stop.
    fn is_stopped(&self, plan: &Plan<'_>, rules: &ControlRules, slot: &Slot, prices: Prices<'_>) -> bool {
        let price = |symbol: u32| prices.in_lane(symbol * LANES as u32, slot.lane());
        rules.stop.position_loss.is_some()
            && plan
                .positions_of(slot.account())
                .iter()
                .enumerate()
                .any(|(i, p)| slot.quantity(&self.shares, i, p.quantity) > 0.0 && price(p.symbol) <= p.stop)
    }

    /// What the holdings of an account count for, whose market value is `value`.
    #[inline(always)]
    pub(super) fn counted_value(&self, plan: &Plan<'_>, slot: &Slot, value: f64) -> f64 {
        if self.counts_less(plan) { slot.value(plan, &self.shares, Prices::plain(&self.counted.price)) } else { value }
    }

    /// What the holdings of a touched account count for after any sale.
    pub(super) fn counted_held(&self, plan: &Plan<'_>, at: usize) -> f64 {
        let slot = &self.slots[at];
        self.counted_value(plan, slot, slot.held)
    }

    /// Where every touched account stands after a close, for who tells its path.
    pub(super) fn keep_standings(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize) {
        for at in 0..self.slots.len() {
            let slot = &self.slots[at];
            let value = self.counted_value(plan, slot, self.value(plan, slot, tile, day));
            let (assets, debt) = slot.sides(&plan.accounts[slot.account()], value, plan.elapsed_days[day + 1]);
            let lines = self.lines_of(plan, slot, (assets, debt));
            self.slots[at].standing = match debt > 0.0 {
                // what a sale restores is rounded
                true if assets < lines.limit * debt * (1.0 - 1e-12) => Standing::Limited,
                true if assets < lines.warning * debt * (1.0 - 1e-12) => Standing::Warned,
                _ => Standing::Clear,
            };
        }
    }

    pub(super) fn counts_less(&self, plan: &Plan<'_>) -> bool {
        plan.controls.as_ref().is_some_and(|rules| rules.counts_less)
    }

    /// The lines in force for a touched account, with `(assets, debt)`.
    pub(super) fn lines_of(&self, plan: &Plan<'_>, slot: &Slot, (assets, debt): (f64, f64)) -> Lines {
        let account = &plan.accounts[slot.account()];
        let now: &LaneControls = &self.controls.lanes[slot.lane()];
        plan.controls.as_ref().map_or(account.lines, |rules| rules.lines(account, now, assets, debt))
    }
}

/// Whether own capital at the lowest prices stays clear of a drawdown from what it could be at the highest.
///
/// With feedback prices are not known ahead, and no account is passed over.
fn keeps_own_capital(plan: &Plan<'_>, account: &Account, tile: &MarketTile, elapsed: f64, drawdown: f64) -> bool {
    if plan.scenario.case.feedback.is_on() {
        return false;
    }
    let high = |symbol: usize| {
        (0..tile.days).fold(plan.price_start[symbol], |most, day| tile.prices(day, symbol).iter().fold(most, |most, p| most.max(*p)))
    };
    let positions = &plan.positions[account.positions.clone()];
    let (low, best) = positions.iter().fold((account.cash, account.cash), |(low, best), p| {
        (low + p.quantity * tile.lowest[p.symbol as usize], best + p.quantity * high(p.symbol as usize))
    });
    let (first, last) = (account.loan + account.accrued, account.loan + account.accrued + account.loan * account.rate_day * elapsed);
    let best = (best - first).max(account.equity_start);
    last <= 0.0 || low - last > (1.0 - drawdown) * best + 1e-9 * best.abs()
}
