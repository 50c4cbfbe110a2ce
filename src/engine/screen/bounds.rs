//! Bounds what accounts under controls could do, and says when an account on one path has nothing to do; exact.
//!
//! Without controls an account acts at or below its highest line (`watch.rs`). With them, lines scale, holdings count for less,
//! and stops look at single prices: the bound then takes the most adverse lane of the day, or, for a whole tile, the most
//! adverse that could ever be (the cap of the scale, full stress, the widest haircuts).

use crate::engine::account::close::{Close, Conditions};
use crate::engine::market::tile::MarketTile;
use crate::engine::plan::account::Account;
use crate::engine::plan::active::ActiveAccount;
use crate::engine::plan::controls::ControlRules;
use crate::engine::plan::scenario::Plan;

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

/// Whether an account can do nothing in any lane on any day of the tile.
pub fn stays_calm_throughout(plan: &Plan<'_>, rules: &ControlRules, account: u32, tile: &MarketTile, now: &Conditions) -> bool {
    if plan.distances.row_of(account).met_at_start != 0 {
        return false;
    }
    let account = &plan.accounts[account as usize];
    let low = if rules.counts_less { &now.collateral.low_horizon } else { &tile.lowest };
    let elapsed = plan.elapsed_days[plan.days];
    account.withdraws_above.is_infinite()
        && stays_above(plan, account, low, elapsed, rules.calm(account, 0, &rules.worst()))
        && (rules.stop.position_loss.is_none() || keeps_off_stops(plan, account, &tile.lowest))
        && rules.stop.drawdown.is_none_or(|drawdown| keeps_own_capital(plan, account, tile, elapsed, drawdown.get()))
}

/// Whether an untouched account can do nothing in any lane at this close, at which no price is below `lowest`, by symbol.
pub fn stays_calm_today(close: &Close<'_>, rules: &ControlRules, account: u32, lowest: &[f64]) -> bool {
    let Close { plan, now, .. } = *close;
    // an account that might meet its stop on drawdown is followed from the first day, since its best must be known
    if rules.stop.drawdown.is_some() {
        return false;
    }
    if plan.distances.row_of(account).acts_from_start() {
        return false;
    }
    let account = &plan.accounts[account as usize];
    let low = if rules.counts_less { &now.collateral.low } else { lowest };
    let worst = if plan.reads_market_state { now.controls.worst } else { rules.worst() };
    stays_above(plan, account, low, close.elapsed(), rules.calm(account, 0, &worst))
        && (rules.stop.position_loss.is_none() || keeps_off_stops(plan, account, lowest))
}

/// Whether an untouched account has nothing to do in one lane at this close, under controls; who `tells` its path tells of every
/// close below a line, not of the first alone.
pub fn stays_idle(close: &Close<'_>, rules: &ControlRules, place: u32, lane: usize, tells: bool) -> bool {
    let plan = close.plan;
    if plan.distances.rows[place as usize].acts_from_start() {
        return false;
    }
    let mut active = ActiveAccount::new(plan, place, lane, close.tile.paths[lane]);
    if tells {
        active.events = 0;
    }
    // it holds what it held at the as-of date
    let counted = close.now.counted_value(plan, &active, &[], active.value(plan, &[], close.prices()));
    close.is_idle(rules, &active, &[], counted)
}

/// Whether own capital at the lowest prices stays clear of a drawdown from what it could be at the highest.
///
/// With feedback prices are not known ahead, and no account is passed over.
fn keeps_own_capital(plan: &Plan<'_>, account: &Account, tile: &MarketTile, elapsed: f64, drawdown: f64) -> bool {
    if plan.feedback.is_on() {
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
