//! Computes the hot loops over lanes, compiled for each instruction set from one body; the bits never differ.

use super::plan::{Account, Position};
use super::slot::{Slot, State, event};
use crate::maths::isa::by_isa;
use crate::model::exchange::price_limit::limit_price;
use crate::model::history::flag;
use crate::model::market::LANES;

by_isa! {
    /// Turns one session's simple returns (in `price`, `[symbol][lane]`) into prices due, and keeps each symbol's lowest.
    ///
    /// `unsound[0]` becomes NaN when any return is not finite, and negative when one is below −100 %.
    pub fn advance(due: &mut [f64], price: &mut [f64], low: &mut [f64], unsound: &mut [f64; 1]) {
        let mut checks = [0.0; LANES];
        for ((due, price), low) in due.chunks_exact_mut(LANES).zip(price.chunks_exact_mut(LANES)).zip(low.iter_mut()) {
            let mut lowest = f64::INFINITY;
            for lane in 0..LANES {
                let factor = 1.0 + price[lane];
                // adds 0 while the factor is finite and not negative
                checks[lane] += factor * 0.0 + if factor < 0.0 { -1.0 } else { 0.0 };
                due[lane] *= factor;
                price[lane] = due[lane];
                lowest = if due[lane] < lowest { due[lane] } else { lowest };
            }
            *low = lowest;
        }
        unsound[0] = checks.iter().fold(0.0, |sum, c| sum + c);
    }
}

by_isa! {
    /// Market value in every lane of holdings that are the same in all of them.
    pub fn value_common(positions: &[Position], prices: &[f64], value: &mut [f64; LANES]) {
        let mut sum = [0.0; LANES];
        for position in positions {
            let price: &[f64; LANES] = prices[position.symbol as usize * LANES..][..LANES].try_into().expect("a row of lanes");
            for lane in 0..LANES {
                sum[lane] += position.quantity * price[lane];
            }
        }
        *value = sum;
    }
}

by_isa! {
    /// Market value in every lane of holdings with their own quantities, `[position][lane]`.
    pub fn value_own(positions: &[Position], quantity: &[f64], prices: &[f64], value: &mut [f64; LANES]) {
        let mut sum = [0.0; LANES];
        for (position, quantity) in positions.iter().zip(quantity.chunks_exact(LANES)) {
            let price: &[f64; LANES] = prices[position.symbol as usize * LANES..][..LANES].try_into().expect("a row of lanes");
            for lane in 0..LANES {
                sum[lane] += quantity[lane] * price[lane];
            }
        }
        *value = sum;
    }
}

/// What one symbol's row of a session looks like to the price limits; a lane each.
pub struct LimitRow<'a> {
    pub previous: &'a [f64; LANES],
    pub price: &'a mut [f64; LANES],
    pub state: &'a mut [u8; LANES],
    pub due: &'a mut [f64; LANES],
    /// Log impact of past sales, and `exp(−impact)`; 0 and 1 where nothing presses.
    pub impact: &'a [f64; LANES],
    pub factor: &'a [f64; LANES],
}

by_isa! {
    /// Stops prices at the day's limits, and marks where they stopped; `keep_due` carries the rest over, else it is lost.
    ///
    /// A close at the limit adds `continuation` limits of its own direction to what is due.
    ///
    /// A halted lane keeps its price; a day taken unshocked from history was bound when it happened, unless sales press on it.
    pub fn bind_limits(row: &mut LimitRow<'_>, limit: f64, tick: f64, keep_due: bool, continuation: f64) {
        for lane in 0..LANES {
            let low = limit_price(row.previous[lane], -limit, tick);
            let high = limit_price(row.previous[lane], limit, tick);
            let price = row.price[lane];
            let halted = row.state[lane] & flag::HALTED != 0;
            let free = halted || (row.state[lane] & flag::PRESENT != 0 && row.impact[lane] == 0.0);
            let (down, up) = (!free && price <= low, !free && price > low && price >= high);
            // what an earlier limit left due waits for the name to trade again
            let price = if halted { row.previous[lane] } else { price };
            let bound = if down { low } else if up { high } else { price };
            row.price[lane] = bound;
            row.state[lane] |= if down { flag::CLOSE_DOWN } else if up { flag::CLOSE_UP } else { 0 };
            let due = if keep_due || !(down || up) { row.due[lane] } else { bound / row.factor[lane] };
            let further = continuation * limit;
            row.due[lane] = due * if down { 1.0 - further } else if up { 1.0 + further } else { 1.0 };
        }
    }
}

by_isa! {
    /// Which lanes of a touched account have anything to do at this close: not closed, and in a state or at a line not yet met.
    pub fn acting(slot: &Slot, account: &Account, value: &[f64; LANES], elapsed: f64, acts: &mut [bool; LANES]) {
        for lane in 0..LANES {
            // the same expression as `Slot::debt`
            let debt = slot.loan[lane] + (slot.accrued[lane] + slot.loan[lane] * account.rate_day * (elapsed - slot.since[lane]));
            let events = slot.events[lane];
            let once_warned = if events & event::LIMITED != 0 { account.calm_limited } else { account.calm_warned };
            let line = if events & event::WARNED != 0 { once_warned } else { account.calm };
            let above = slot.cash[lane] + value[lane] > line * debt;
            let may_withdraw = slot.cash[lane] + value[lane] > account.withdraws_above * debt;
            acts[lane] = slot.state[lane] != State::Closed && (may_withdraw || !(above && slot.state[lane] == State::Normal));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::maths::isa::{self, Isa};

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        let returns: Vec<f64> = (0..8 * LANES).map(|k| (k as f64 * 0.7073).fract() * 0.2 - 0.1).collect();
        let positions: Vec<Position> = (0..8)
            .map(|s| Position { symbol: s, quantity: 100.0 + f64::from(s) / 3.0, sellable_first: 0.0, cost: 1.0, lot: 0.0, stop: 0.0 })
            .collect();
        let mut seen = Vec::new();
        for level in isa::LEVELS {
            isa::force(level);
            let (mut due, mut price, mut low, mut unsound) = (vec![10.3; returns.len()], returns.clone(), vec![0.0; 8], [0.0]);
            advance(&mut due, &mut price, &mut low, &mut unsound);
            let (mut common, mut own) = ([0.0; LANES], [0.0; LANES]);
            value_common(&positions, &price, &mut common);
            value_own(&positions, &due, &price, &mut own);
            assert_eq!(unsound[0], 0.0);
            seen.push([price, low, common.to_vec(), own.to_vec()].concat().into_iter().map(f64::to_bits).collect::<Vec<_>>());
        }
        isa::force(Isa::Avx512);
        assert!(seen.windows(2).all(|pair| pair[0] == pair[1]));
    }

    #[test]
    fn a_return_that_is_no_number_or_below_minus_one_is_told() {
        for bad in [f64::NAN, f64::INFINITY, -1.5] {
            let (mut due, mut price, mut low, mut unsound) = (vec![1.0; LANES], vec![0.0; LANES], vec![0.0], [0.0]);
            price[3] = bad;
            advance(&mut due, &mut price, &mut low, &mut unsound);
            assert!(unsound[0] != 0.0, "{bad}");
        }
    }
}
