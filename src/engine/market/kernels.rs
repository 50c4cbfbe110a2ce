//! Moves, bounds and limits prices, lane by lane, compiled for each instruction set from one body; the bits never differ.

use super::lanes::lowest_by_lane;
use crate::maths::isa::by_isa;
use crate::model::exchange::price_limit::limit_price;
use crate::model::history::flag;
use crate::model::market::LANES;

/// Sessions that are bounded together.
pub const BLOCK: usize = 5;

/// The highest price that money is reckoned with: its fourth power times any quantity is still a number.
pub const HIGHEST: f64 = 1e30;

/// Adds 0 to the checks while a factor is not negative and the price due is within numbers; else they become negative, or NaN.
#[inline(always)]
fn check(checks: &mut f64, factor: f64, due: f64) {
    *checks += if due <= HIGHEST { 0.0 } else { f64::NAN } + if factor < 0.0 { -1.0 } else { 0.0 };
}

by_isa! {
    /// Moves prices due by one session's simple returns, all `[symbol][lane]`, and writes them as prices.
    ///
    /// `unsound[0]` becomes NaN when any price rises beyond `HIGHEST` or is no number, and negative when a return is below −100 %.
    pub fn advance(due: &mut [f64], price: &mut [f64], returns: &[f64], unsound: &mut [f64; 1]) {
        let mut checks = [0.0; LANES];
        let rows = due.chunks_exact_mut(LANES).zip(price.chunks_exact_mut(LANES)).zip(returns.chunks_exact(LANES));
        for ((due, price), returns) in rows {
            for lane in 0..LANES {
                let factor = 1.0 + returns[lane];
                due[lane] *= factor;
                check(&mut checks[lane], factor, due[lane]);
                price[lane] = due[lane];
            }
        }
        unsound[0] = checks.iter().fold(0.0, |sum, c| sum + c);
    }
}

by_isa! {
    /// The same for all sessions of one symbol: its returns stand `stride` apart, its prices, `[day][lane]`, one after the other.
    pub fn advance_days(due: &mut [f64], price: &mut [f64], returns: &[f64], stride: usize, unsound: &mut [f64; 1]) {
        let mut checks = [0.0; LANES];
        let mut moving: [f64; LANES] = (&*due).try_into().expect("a row of lanes");
        for (price, returns) in price.chunks_exact_mut(LANES).zip(returns.chunks(stride)) {
            let returns: &[f64; LANES] = returns[..LANES].try_into().expect("a row of lanes");
            for lane in 0..LANES {
                let factor = 1.0 + returns[lane];
                moving[lane] *= factor;
                check(&mut checks[lane], factor, moving[lane]);
            }
            price.copy_from_slice(&moving);
        }
        due.copy_from_slice(&moving);
        unsound[0] = checks.iter().fold(0.0, |sum, c| sum + c);
    }
}

by_isa! {
    /// Of one symbol's rows, those of `days` sessions first: puts the lowest prices of each block behind them, and those of all into `horizon`.
    pub fn bound_days(rows: &mut [f64], days: usize, horizon: &mut [f64]) {
        let (prices, bounds) = rows.split_at_mut(days * LANES);
        // rows beyond the last block's only fill the symbol up
        let bounds = &mut bounds.as_chunks_mut().0[..days.div_ceil(BLOCK)];
        for (block, bound) in prices.chunks(BLOCK * LANES).zip(&mut *bounds) {
            *bound = lowest_by_lane(block.as_chunks().0);
        }
        horizon.copy_from_slice(&lowest_by_lane(bounds));
    }
}

by_isa! {
    /// Lowers every bound to the price where that is lower.
    pub fn lower(low: &mut [f64], price: &[f64]) {
        for (low, price) in low.iter_mut().zip(price) {
            *low = if *price < *low { *price } else { *low };
        }
    }
}

/// What one symbol's row of a session looks like to the price limits; a lane each.
pub struct LimitRow<'a> {
    pub previous: &'a [f64; LANES],
    pub price: &'a mut [f64; LANES],
    pub state: &'a mut [u8; LANES],
    pub due: &'a mut [f64; LANES],
    /// What was due before the session's return, and the return as it was drawn.
    pub before: &'a [f64; LANES],
    pub drawn: &'a [f64; LANES],
    /// `exp(−impact)` of past sales; 1 where nothing presses.
    pub factor: &'a [f64; LANES],
}

by_isa! {
    /// Stops prices at the day's limits, and marks where they stopped; `keep_due` carries the rest over, else it is lost.
    ///
    /// A close at the limit adds `continuation` limits of its own direction to what is due.
    ///
    /// A halted lane keeps its price. A day drawn whole from the name's own trading was bound when it happened, and is free unless
    /// something is due: what an earlier limit cut off, what sales press, or what comes back of it. The drawn day's own close and
    /// lock at a limit stand while what is added to it, by stresses, by what was due and by sales, is slight.
    pub fn bind_limits(row: &mut LimitRow<'_>, limit: f64, tick: f64, keep_due: bool, continuation: f64) {
        for lane in 0..LANES {
            let (previous, sought, state) = (row.previous[lane], row.price[lane], row.state[lane]);
            let low = limit_price(previous, -limit, tick);
            let high = limit_price(previous, limit, tick);
            let halted = state & flag::HALTED != 0;
            let start = row.before[lane] * row.factor[lane];
            let whole = state & (flag::PRESENT | flag::PROXY) == flag::PRESENT && start == previous;
            let free = halted || whole;
            // rounding of a move of exactly the limit stops at it and leaves nothing due
            let (down, up) = (!free && sought <= low * (1.0 + ROUNDING), !free && sought > low && sought >= high * (1.0 - ROUNDING));
            // what an earlier limit left due waits for the name to trade again
            let price = if halted { previous } else { sought };
            let bound = if down { low } else if up { high } else { price };
            let exact = (price - bound).abs() <= bound * ROUNDING;
            row.price[lane] = bound;
            let stop = if down { flag::CLOSE_DOWN } else if up { flag::CLOSE_UP } else { 0 };
            let added = sought / (previous * (1.0 + row.drawn[lane]));
            row.state[lane] = if free { state } else { flag::after_change(state, added) } | stop;
            let due = if !(down || up) || (keep_due && !exact) { row.due[lane] } else { bound / row.factor[lane] };
            let further = continuation * limit;
            row.due[lane] = due * if down { 1.0 - further } else if up { 1.0 + further } else { 1.0 };
        }
    }
}

/// Relative error of a price that a few multiplications leave.
const ROUNDING: f64 = 1e-12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_return_that_is_no_number_or_below_minus_one_is_told() {
        for bad in [f64::NAN, f64::INFINITY, -1.5] {
            let (mut due, mut price, mut returns, mut unsound) = ([1.0; LANES], [0.0; LANES], [0.0; LANES], [0.0]);
            returns[3] = bad;
            advance(&mut due, &mut price, &returns, &mut unsound);
            assert!(unsound[0] != 0.0, "{bad}");
            unsound[0] = 0.0;
            advance_days(&mut [1.0; LANES], &mut price, &returns, LANES, &mut unsound);
            assert!(unsound[0] != 0.0, "{bad}");
        }
    }
}
