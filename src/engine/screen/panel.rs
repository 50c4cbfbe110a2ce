//! Tells roughly what a path costs the pool, from the prices alone and a panel of its accounts: the score that paths are sampled by.
//!
//! Each account of the panel is followed on its own: below its liquidation line, or called and not back above the cure ratio when the call
//! expires, it is sold at the first close after its delay at which most of its holdings can be sold; what is then missing is its loss. No
//! client pays in, no limit binds a price, no sale moves one or waits for volume. An account that ends with little to spare counts a little:
//! a loss x counts `s·ln(1 + e^(x/s))` with s = 2 % of the debt. The score decides which paths are simulated, and no figure.
//!
//! The panel is drawn with probability proportional to size, systematically (Cochran 1977, §9A.9): size is the loan, less the more own
//! capital stands before it. Worked: sizes 6, 1, 1 and a panel of 2: the first is certain and counts once, one of the others counts twice.

use crate::engine::market::prices::Prices;
use crate::engine::market::tile::{MarketTile, is_blocked};
use crate::engine::plan::account::Account;
use crate::engine::plan::scenario::Plan;
use crate::maths::isa::by_isa;
use crate::maths::lanes::{exp1, ln1};
use crate::model::market::LANES;

/// Accounts of a panel.
const ACCOUNTS: usize = 64;

/// Own capital, as a share of all assets, that makes an account e times less likely to lose.
const SPREAD: f64 = 0.1;

/// What counts as little to spare, as a share of the debt.
const SOFT: f64 = 0.02;

/// With so much to spare, as a share of the debt, an account is not followed day by day.
const SPARED: f64 = 0.2;

/// In place of a session: never.
const NEVER: f64 = 1e9;

/// The accounts whose losses stand for the book's, each with how many like it there are.
pub struct Panel {
    accounts: Vec<(usize, f64)>,
}

impl Panel {
    pub fn of(plan: &Plan<'_>) -> Panel {
        let size = |account: &Account| {
            let assets = account.cash + account.value_start;
            let own = if assets > 0.0 { (account.equity_start / assets).max(0.0) } else { 0.0 };
            (account.loan + account.accrued).max(0.0) * exp1(-own / SPREAD)
        };
        let sizes: Vec<f64> = plan.accounts.iter().map(size).collect();
        Panel { accounts: systematic(&sizes, ACCOUNTS) }
    }

    /// The accounts.
    pub fn accounts(&self) -> impl Iterator<Item = usize> {
        self.accounts.iter().map(|(index, _)| *index)
    }

    /// Gives what each account, by its place in the panel, and those like it cost in every lane of a tile whose prices are laid out: what
    /// they add up to is a path's score.
    pub fn losses(&self, plan: &Plan<'_>, tile: &MarketTile, mut give: impl FnMut(usize, [f64; LANES])) {
        for (place, (index, counts)) in self.accounts.iter().enumerate() {
            let account = &plan.accounts[*index];
            let mut left = [0.0; LANES];
            follow(plan, tile, account, &mut left);
            let (owed, soft) = (account.loan + account.accrued, SOFT * (account.loan + account.accrued));
            let loss = |left: f64| {
                let short = (owed - left) / soft;
                // of a large loss the logarithm is the loss itself
                counts
                    * match short {
                        short if short > 30.0 => short * soft,
                        // ln(1 + x) of a small x is x
                        short if short < -30.0 => soft * exp1(short.max(-80.0)),
                        short => soft * ln1(1.0 + exp1(short)),
                    }
            };
            give(place, left.map(loss));
        }
    }
}

/// Items drawn with probability proportional to size, each with the inverse of its probability; those of no size never.
fn systematic(sizes: &[f64], count: usize) -> Vec<(usize, f64)> {
    let mut order: Vec<usize> = (0..sizes.len()).filter(|item| sizes[*item] > 0.0).collect();
    if order.len() <= count {
        return order.into_iter().map(|item| (item, 1.0)).collect();
    }
    order.sort_by(|a, b| sizes[*b].total_cmp(&sizes[*a]).then(a.cmp(b)));
    let mut left: f64 = order.iter().map(|item| sizes[*item]).sum();
    let mut chosen = Vec::with_capacity(count);
    // the largest are certain while they fill a step alone
    while chosen.len() < count && sizes[order[chosen.len()]] >= left / (count - chosen.len()) as f64 {
        let item = order[chosen.len()];
        left -= sizes[item];
        chosen.push((item, 1.0));
    }
    let step = left / (count - chosen.len()).max(1) as f64;
    let (mut reached, mut next) = (0.0, 0.5 * step);
    for item in order[chosen.len()..].iter().copied() {
        reached += sizes[item];
        if reached >= next && chosen.len() < count {
            chosen.push((item, step / sizes[item]));
            next += step;
        }
    }
    chosen
}

/// What an account's assets are worth at some prices, in every lane.
#[inline(always)]
fn worth(plan: &Plan<'_>, account: &Account, prices: Prices<'_>) -> [f64; LANES] {
    let mut value = [account.cash; LANES];
    for position in &plan.positions[account.positions.clone()] {
        let price = prices.of_symbol(position.symbol as usize);
        for lane in 0..LANES {
            value[lane] += position.quantity * price[lane];
        }
    }
    value
}

by_isa! {
    /// What an account is worth in every lane when it is sold, or at its lowest where it is not.
    fn follow(plan: &Plan<'_>, tile: &MarketTile, account: &Account, left: &mut [f64; LANES]) {
        let lines = &account.lines;
        let owed_first = account.loan + account.accrued;
        let highest = lines.call.max(lines.liquidation).max(1.0 + SPARED);
        *left = worth(plan, account, Prices::plain(&tile.low_horizon));
        // interest of a horizon is a per cent of the debt or two: with this much to spare no line is met
        if left.iter().all(|low| *low > 1.05 * highest * owed_first) {
            return;
        }
        *left = [f64::INFINITY; LANES];
        let (cured_at, cure_days) = (lines.cured_at.max(lines.call), f64::from(lines.cure_days));
        let (liquidation, delay) = (lines.liquidation.max(1.0), f64::from(account.delay_days));
        let (mut called, mut sells_from, mut open) = ([NEVER; LANES], [NEVER; LANES], [true; LANES]);
        for day in 0..tile.days {
            let value = worth(plan, account, tile.prices_of(day));
            let owed = owed_first + account.loan * account.rate_day * plan.elapsed_days[day + 1];
            let (now, mut due) = (day as f64, false);
            for lane in 0..LANES {
                let v = value[lane];
                let at_call = if v <= lines.call * owed && called[lane] == NEVER { now } else { called[lane] };
                called[lane] = if v >= cured_at * owed { NEVER } else { at_call };
                let falls = v <= liquidation * owed || now >= called[lane] + cure_days;
                sells_from[lane] = if falls && sells_from[lane] == NEVER { now + delay } else { sells_from[lane] };
                left[lane] = if open[lane] && (v < left[lane] || sells_from[lane] != NEVER) { v } else { left[lane] };
                due |= open[lane] && now >= sells_from[lane];
            }
            if due {
                for lane in (0..LANES).filter(|lane| now >= sells_from[*lane]) {
                    open[lane] = open[lane] && !is_sellable(plan, tile, account, day, lane);
                }
                if !open.contains(&true) {
                    return;
                }
            }
        }
    }
}

/// Whether most of what an account holds can be sold at a close.
fn is_sellable(plan: &Plan<'_>, tile: &MarketTile, account: &Account, day: usize, lane: usize) -> bool {
    let prices = tile.prices_of(day);
    let (mut all, mut held_up) = (0.0, 0.0);
    for position in &plan.positions[account.positions.clone()] {
        let money = position.quantity * prices.of_symbol(position.symbol as usize)[lane];
        all += money;
        if is_blocked(tile.state(day, position.symbol as usize, lane), plan.exchange.limit_lock) {
            held_up += money;
        }
    }
    2.0 * held_up <= all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panel_stands_for_all() {
        assert_eq!(systematic(&[6.0, 1.0, 1.0], 2), [(0, 1.0), (1, 2.0)]);
        assert_eq!(systematic(&[2.0, 0.0, 5.0], 2), [(0, 1.0), (2, 1.0)]);
        let sizes: Vec<f64> = (1..=1_000).map(f64::from).collect();
        let panel = systematic(&sizes, 50);
        assert_eq!(panel.len(), 50);
        // what they stand for adds up to all sizes
        let stands_for: f64 = panel.iter().map(|(item, counts)| counts * sizes[*item]).sum();
        assert!((stands_for / 500_500.0 - 1.0).abs() < 1e-12, "{stands_for}");
    }
}
