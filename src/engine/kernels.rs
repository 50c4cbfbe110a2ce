//! Computes the hot loops over lanes, compiled for each instruction set from one body; the bits never differ.

use super::reach::{Held, Row};
use crate::maths::isa::by_isa;
use crate::model::exchange::price_limit::limit_price;
use crate::model::history::flag;
use crate::model::market::LANES;

by_isa! {
    /// Turns one session's simple returns (in `price`, `[symbol][lane]`) into prices due.
    ///
    /// `unsound[0]` becomes NaN when any return is not finite, and negative when one is below −100 %.
    pub fn advance(due: &mut [f64], price: &mut [f64], unsound: &mut [f64; 1]) {
        let mut checks = [0.0; LANES];
        for (due, price) in due.chunks_exact_mut(LANES).zip(price.chunks_exact_mut(LANES)) {
            for lane in 0..LANES {
                let factor = 1.0 + price[lane];
                // adds 0 while the factor is finite and not negative
                checks[lane] += factor * 0.0 + if factor < 0.0 { -1.0 } else { 0.0 };
                due[lane] *= factor;
                price[lane] = due[lane];
            }
        }
        unsound[0] = checks.iter().fold(0.0, |sum, c| sum + c);
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

/// Market value in every lane of holdings that are the same in all of them; `prices` are `[symbol][lane]`.
#[inline(always)]
fn value_of(held: &[Held], prices: &[f64]) -> [f64; LANES] {
    let mut sum = [0.0; LANES];
    for holding in held {
        let price: &[f64; LANES] = prices[holding.at as usize..][..LANES].try_into().expect("a row of lanes");
        for lane in 0..LANES {
            sum[lane] += holding.quantity * price[lane];
        }
    }
    sum
}

/// The lanes where `holds` does, as bits.
#[inline(always)]
fn mask(holds: impl Fn(usize) -> bool) -> u16 {
    (0..LANES).fold(0, |mask, lane| mask | u16::from(holds(lane)) << lane)
}

by_isa! {
    /// Adds the market value of every account's holdings, lane by lane.
    pub fn value_all(rows: &[Row], held: &[Held], prices: &[f64], sum: &mut [f64; LANES]) {
        let mut total = [0.0; LANES];
        for row in rows {
            let value = value_of(&held[row.first as usize..row.last as usize], prices);
            for lane in 0..LANES {
                total[lane] += value[lane];
            }
        }
        *sum = total;
    }
}

by_isa! {
    /// Puts into `picked` the places in `among` of the accounts whose holdings at the bounds `low` are worth less than they need in any lane.
    pub fn pick(picked: &mut Vec<u32>, among: &[u32], rows: &[Row], held: &[Held], low: &[f64]) {
        picked.clear();
        for (place, account) in among.iter().enumerate() {
            let row = &rows[*account as usize];
            let value = value_of(&held[row.first as usize..row.last as usize], low);
            let mut near = row.withdraws_above < f64::INFINITY;
            for value in value {
                near |= value < row.need;
            }
            if near {
                picked.push(place as u32);
            }
        }
    }
}

/// What a watched account met at a close, a bit for every lane.
#[derive(Clone, Copy, Debug, Default)]
pub struct Met {
    /// Place among the candidates.
    pub candidate: u32,
    /// Something is to be done: a line that changes its state, or the line above which money may be taken out.
    pub acts: u16,
    pub warned: u16,
    pub limited: u16,
}

by_isa! {
    /// Looks at the watched accounts (places among `candidates`) at one close, and puts into `met` those that met a line in any lane.
    ///
    /// `early` makes every line one that something is to be done at.
    pub fn watch(met: &mut Vec<Met>, watched: &[u32], candidates: &[u32], rows: &[Row], held: &[Held], prices: &[f64], elapsed: f64, early: bool) {
        met.clear();
        for candidate in watched {
            let row = &rows[candidates[*candidate as usize] as usize];
            let debt = row.debt(elapsed);
            let value = value_of(&held[row.first as usize..row.last as usize], prices);
            let (calm, above) = (row.calm * debt, row.withdraws_above * debt);
            let mut any = false;
            for value in value {
                any |= row.cash + value <= calm || row.cash + value > above;
            }
            if !any || debt <= 0.0 {
                continue;
            }
            let acts = if early { calm } else { row.acts * debt };
            let (warning, limit) = (row.warning * debt, row.limit * debt);
            met.push(Met {
                candidate: *candidate,
                acts: mask(|lane| row.cash + value[lane] <= acts || row.cash + value[lane] > above),
                warned: mask(|lane| row.cash + value[lane] < warning),
                limited: mask(|lane| row.cash + value[lane] < limit),
            });
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::maths::isa::{self, Isa};

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        let returns: Vec<f64> = (0..8 * LANES).map(|k| (k as f64 * 0.7073).fract() * 0.2 - 0.1).collect();
        let held: Vec<Held> = (0..8).map(|s| Held { at: s * LANES as u32, quantity: 100.0 + f64::from(s) / 3.0 }).collect();
        let row = |first, last| Row { loan: 2_900.0 * f64::from(last - first) / 2.9, first, last, ..row_of_lines() };
        let rows = [row(0, 3), row(3, 8), row(1, 2)];
        let mut seen = Vec::new();
        for level in isa::LEVELS {
            isa::force(level);
            let (mut due, mut price, mut unsound) = (vec![10.3; returns.len()], returns.clone(), [0.0]);
            advance(&mut due, &mut price, &mut unsound);
            assert_eq!(unsound[0], 0.0);
            let (mut sum, mut low, mut picked, mut met) = ([0.0; LANES], due.clone(), Vec::new(), Vec::new());
            value_all(&rows, &held, &price, &mut sum);
            lower(&mut low, &returns);
            pick(&mut picked, &[0, 1, 2], &rows, &held, &price);
            watch(&mut met, &picked, &[0, 1, 2], &rows, &held, &price, 3.0, false);
            let masks = met.iter().flat_map(|m| [m.candidate, m.acts.into(), m.warned.into(), m.limited.into()]).map(u64::from);
            seen.push([price, low, sum.to_vec()].concat().into_iter().map(f64::to_bits).chain(masks).collect::<Vec<_>>());
        }
        isa::force(Isa::Avx512);
        assert!(seen.windows(2).all(|pair| pair[0] == pair[1]));
    }

    fn row_of_lines() -> Row {
        Row {
            cash: 0.0,
            loan: 0.0,
            accrued: 0.0,
            rate_day: 0.0,
            warning: 1.03,
            limit: 1.0,
            calm: 1.03,
            acts: 0.98,
            withdraws_above: f64::INFINITY,
            need: 1e9,
            first: 0,
            last: 1,
        }
    }

    #[test]
    fn a_watched_account_tells_which_line_it_met_in_which_lane() {
        let held = [Held { at: 0, quantity: 1.0 }];
        let mut prices = [2.0; LANES];
        (prices[3], prices[5], prices[7]) = (1.02, 0.99, 0.98);
        let rows = [Row { loan: 1.0, ..row_of_lines() }];
        let mut met = Vec::new();
        watch(&mut met, &[0], &[0], &rows, &held, &prices, 1.0, false);
        assert_eq!((met[0].acts, met[0].warned, met[0].limited), (1 << 7, 1 << 3 | 1 << 5 | 1 << 7, 1 << 5 | 1 << 7));
        watch(&mut met, &[0], &[0], &rows, &held, &prices, 1.0, true);
        assert_eq!(met[0].acts, 1 << 3 | 1 << 5 | 1 << 7);
        watch(&mut met, &[0], &[0], &rows, &held, &[2.0; LANES], 1.0, true);
        assert!(met.is_empty());
    }

    #[test]
    fn a_return_that_is_no_number_or_below_minus_one_is_told() {
        for bad in [f64::NAN, f64::INFINITY, -1.5] {
            let (mut due, mut price, mut unsound) = (vec![1.0; LANES], vec![0.0; LANES], [0.0]);
            price[3] = bad;
            advance(&mut due, &mut price, &mut unsound);
            assert!(unsound[0] != 0.0, "{bad}");
        }
    }
}
