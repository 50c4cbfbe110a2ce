//! Measures what the held shares did on each path of a tile: their return, their worst session, their volatility.
//!
//! The portfolio is all that accounts hold on the as-of date, kept to the end of the horizon: V_d = Σ q_s · P_{s,d}, r_d = V_d / V_{d−1} − 1,
//! at the prices of the path, price impact of its sales included. Return V_T / V_0 − 1; worst session min_d r_d; volatility √(Σ r_d² / T), a
//! session, about zero, so that one session has one too. A portfolio of nothing has no return: all three are 0.
//!
//! Worked: V = 100, 90, 99: return −1 %, worst session −10 %, volatility √((0.01 + 0.01)/2) = 10 %.

use crate::engine::market::tile::MarketTile;
use crate::engine::plan::scenario::Plan;
use crate::model::market::LANES;

/// What the held shares did, a lane per path.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HeldMarket {
    pub total_return: [f64; LANES],
    pub worst_day: [f64; LANES],
    pub volatility: [f64; LANES],
}

/// The held shares over the horizon of a tile whose days are done.
pub fn held_market(plan: &Plan<'_>, tile: &MarketTile) -> HeldMarket {
    let mut values = vec![[0.0; LANES]; plan.days];
    let mut start = 0.0;
    for (symbol, quantity) in plan.quantity_total.iter().enumerate().filter(|(_, quantity)| **quantity != 0.0) {
        start += quantity * plan.price_start[symbol];
        for (day, value) in values.iter_mut().enumerate() {
            let prices = tile.prices(day, symbol);
            for lane in 0..LANES {
                value[lane] += quantity * prices[lane];
            }
        }
    }
    of_values(start, &values)
}

/// The three figures of a portfolio's value at each close.
fn of_values(start: f64, values: &[[f64; LANES]]) -> HeldMarket {
    let mut held = HeldMarket { worst_day: [f64::INFINITY; LANES], ..HeldMarket::default() };
    let mut before = [start; LANES];
    for value in values {
        let moved = |lane: usize| if before[lane] > 0.0 { value[lane] / before[lane] - 1.0 } else { 0.0 };
        // what has lost all its value moves no more
        let returns: [f64; LANES] = std::array::from_fn(moved);
        held.worst_day.iter_mut().zip(returns).for_each(|(worst, r)| *worst = if r < *worst { r } else { *worst });
        held.volatility.iter_mut().zip(returns).for_each(|(sum, r)| *sum += r * r);
        before = *value;
    }
    let days = values.len().max(1) as f64;
    held.total_return = before.map(|last| if start > 0.0 { last / start - 1.0 } else { 0.0 });
    held.volatility = held.volatility.map(|sum| (sum / days).sqrt());
    held
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fall_and_a_rise_give_the_worked_figures_and_lanes_are_their_own() {
        let mut values = [[90.0; LANES], [99.0; LANES]];
        values[1][5] = 0.0;
        let held = of_values(100.0, &values);
        let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found} for {expected}");
        near(held.total_return[3], -0.01);
        near(held.worst_day[3], -0.1);
        near(held.volatility[3], 0.1);
        near(held.total_return[5], -1.0);
        near(held.worst_day[5], -1.0);
        let nothing = of_values(0.0, &[[0.0; LANES]; 2]);
        assert_eq!((nothing.total_return[0], nothing.worst_day[0], nothing.volatility[0]), (0.0, 0.0, 0.0));
    }
}
