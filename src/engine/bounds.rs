//! Bounds what untouched accounts could do, so that those that cannot act are passed over whole; exact, not an approximation.
//!
//! Without controls an account acts at or below its highest line. With them, lines scale, holdings count for less, and
//! stops look at single prices: the bound then takes the most adverse lane of the day, or, for a whole tile, the most
//! adverse that could ever be (the cap of the scale, full stress, the widest haircuts).

use super::controls::{ControlRules, LaneControls};
use super::day::Desk;
use super::kernels;
use super::plan::{Account, Plan};
use super::slot::{Standing, State};
use super::tile::MarketTile;
use crate::model::margin::Lines;
use crate::model::market::LANES;

/// Whether an untouched account stays above every line even if each holding stood at its lowest price.
#[inline(always)]
pub fn stays_calm(plan: &Plan<'_>, account: &Account, low: &[f64], elapsed: f64) -> bool {
    stays_above(plan, account, low, elapsed, account.calm)
}

/// Whether an untouched account stays above the ratio `calm` even if each holding counted for its lowest in `low`.
#[inline(always)]
fn stays_above(plan: &Plan<'_>, account: &Account, low: &[f64], elapsed: f64, calm: f64) -> bool {
    let assets = plan.positions[account.positions.clone()].iter().fold(account.cash, |sum, p| sum + p.quantity * low[p.symbol as usize]);
    let debt = account.loan + account.accrued + account.loan * account.rate_day * elapsed;
    // the margin keeps rounding of the two sums from hiding a lane that stands on its line
    debt <= 0.0 || assets >= calm * debt * (1.0 + 1e-9)
}

/// Whether an untouched account is at or below its highest line, or may take money out, in any lane.
#[inline(always)]
pub fn any_lane_acts(plan: &Plan<'_>, account: &Account, prices: &[f64], elapsed: f64) -> bool {
    let mut assets = [0.0; LANES];
    kernels::value_common(&plan.positions[account.positions.clone()], prices, &mut assets);
    let debt = account.loan + (account.accrued + account.loan * account.rate_day * elapsed);
    let (line, above) = (account.calm * debt, account.withdraws_above * debt);
    debt > 0.0 && assets.iter().any(|value| account.cash + value <= line || account.cash + value > above)
}

/// Whether no holding of an account could stand at its stop at the prices `low`.
fn keeps_off_stops(plan: &Plan<'_>, account: &Account, low: &[f64]) -> bool {
    plan.positions[account.positions.clone()].iter().all(|p| p.quantity == 0.0 || low[p.symbol as usize] > p.stop)
}

impl Desk {
    /// Whether an account can do nothing in any lane on any day of the tile.
    pub(super) fn stays_calm_throughout(&self, plan: &Plan<'_>, rules: &ControlRules, account: &Account, tile: &MarketTile) -> bool {
        let low = if rules.counts_less { &self.counted.low_horizon } else { &tile.low_horizon };
        let elapsed = plan.elapsed_days[plan.days];
        stays_above(plan, account, low, elapsed, rules.calm(account, 0, &rules.worst()))
            && (rules.stop.position_loss.is_none() || keeps_off_stops(plan, account, &tile.low_horizon))
            && rules.stop.drawdown.is_none_or(|drawdown| keeps_own_capital(plan, account, tile, elapsed, drawdown.get()))
    }

    /// Whether an untouched account can do nothing in any lane at this close.
    pub(super) fn stays_calm_today(&self, plan: &Plan<'_>, rules: &ControlRules, account: &Account, tile: &MarketTile, day: usize) -> bool {
        // an account that might meet its stop on drawdown is followed from the first day, since its best must be known
        if rules.stop.drawdown.is_some() {
            return false;
        }
        let market_low = &tile.low[day * tile.symbols..][..tile.symbols];
        let low = if rules.counts_less { &self.counted.low[..] } else { market_low };
        let worst = if plan.reads_weather { self.controls.worst } else { rules.worst() };
        stays_above(plan, account, low, plan.elapsed_days[day + 1], rules.calm(account, 0, &worst))
            && (rules.stop.position_loss.is_none() || keeps_off_stops(plan, account, market_low))
    }

    /// Which lanes of a touched account have anything to do at this close, under controls.
    #[expect(clippy::too_many_arguments, reason = "the sibling of kernels::acting, with what controls look at beside")]
    pub(super) fn acting(
        &self,
        plan: &Plan<'_>,
        rules: &ControlRules,
        at: usize,
        counted: &[f64; LANES],
        prices: &[f64],
        elapsed: f64,
        acts: &mut [bool; LANES],
    ) {
        let slot = &self.slots[at];
        let account = &plan.accounts[slot.account];
        for lane in 0..LANES {
            let debt = slot.debt(account, lane, elapsed);
            let line = rules.calm(account, slot.events[lane], &self.controls.lanes[lane]);
            let above = slot.cash[lane] + counted[lane] > line * debt;
            let may_withdraw = slot.cash[lane] + counted[lane] > account.withdraws_above * debt;
            let idle = above && !may_withdraw && slot.state[lane] == State::Normal && rules.stop.drawdown.is_none();
            acts[lane] = slot.state[lane] != State::Closed && (!idle || self.stopped(plan, rules, at, prices, lane));
        }
    }

    /// Whether a holding of a touched account stands at its stop in one lane.
    fn stopped(&self, plan: &Plan<'_>, rules: &ControlRules, at: usize, prices: &[f64], lane: usize) -> bool {
        let slot = &self.slots[at];
        let held = |i: usize, quantity: f64| if slot.sold { slot.quantity[i * LANES + lane] } else { quantity };
        rules.stop.position_loss.is_some()
            && plan
                .positions_of(slot.account)
                .iter()
                .enumerate()
                .any(|(i, p)| held(i, p.quantity) > 0.0 && prices[p.symbol as usize * LANES + lane] <= p.stop)
    }

    /// What the holdings of a touched account count for, a lane each; `value` is their market value.
    pub(super) fn counted_value(&self, plan: &Plan<'_>, at: usize, value: [f64; LANES]) -> [f64; LANES] {
        if self.counts_less(plan) { self.slots[at].value(plan, &self.counted.price) } else { value }
    }

    /// What the holdings of a touched account count for in one lane, after any sale.
    pub(super) fn counted_held(&self, plan: &Plan<'_>, at: usize, lane: usize) -> f64 {
        let slot = &self.slots[at];
        if !self.counts_less(plan) {
            return slot.held[lane];
        }
        let positions = plan.positions_of(slot.account).iter().enumerate();
        positions.fold(0.0, |sum, (i, p)| {
            let quantity = if slot.sold { slot.quantity[i * LANES + lane] } else { p.quantity };
            sum + quantity * self.counted.price[p.symbol as usize * LANES + lane]
        })
    }

    /// Where every touched account stands after a close, for who tells its path.
    pub(super) fn keep_standings(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize) {
        let prices = &tile.price[day * tile.symbols * LANES..][..tile.symbols * LANES];
        for at in 0..self.used {
            let value = self.counted_value(plan, at, self.slots[at].value(plan, prices));
            for (lane, value) in value.into_iter().enumerate() {
                let slot = &self.slots[at];
                let (assets, debt) = (slot.cash[lane] + value, slot.debt(&plan.accounts[slot.account], lane, plan.elapsed_days[day + 1]));
                let lines = self.lines_of(plan, at, lane, (assets, debt));
                self.slots[at].standing[lane] = match debt > 0.0 {
                    true if assets < lines.limit * debt => Standing::Limited,
                    true if assets < lines.warning * debt => Standing::Warned,
                    _ => Standing::Clear,
                };
            }
        }
    }

    pub(super) fn counts_less(&self, plan: &Plan<'_>) -> bool {
        plan.controls.as_ref().is_some_and(|rules| rules.counts_less)
    }

    /// The lines in force for a touched account in one lane, with `(assets, debt)`.
    pub(super) fn lines_of(&self, plan: &Plan<'_>, at: usize, lane: usize, (assets, debt): (f64, f64)) -> Lines {
        let account = &plan.accounts[self.slots[at].account];
        let now: &LaneControls = &self.controls.lanes[lane];
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
        (low + p.quantity * tile.low_horizon[p.symbol as usize], best + p.quantity * high(p.symbol as usize))
    });
    let (first, last) = (account.loan + account.accrued, account.loan + account.accrued + account.loan * account.rate_day * elapsed);
    let best = (best - first).max(account.equity_start);
    last <= 0.0 || low - last > (1.0 - drawdown) * best + 1e-9 * best.abs()
}
