//! Keeps names that are halted on the as-of date halted over the first sessions of a path, before any shock is laid.
//!
//! What they miss is due with the first session they trade, `1 + r' = (1 + r) · missed before the as-of date · ∏ (1 + r missed)`;
//! the price limits bind it like any other. How long they stay away: `exchange/resumption.rs`. A drawn stay has the address (seed,
//! path, symbol): P(n sessions) = (1 − h)ⁿ·h.

use crate::maths::random::Key;
use crate::model::exchange::resumption::{Halted, Stay};
use crate::model::market::{LANES, Tile};

/// One name, by its number among those simulated, and the key of its draws.
pub struct Held {
    pub symbol: usize,
    pub halted: Halted,
    pub key: Key,
}

impl Held {
    /// The sessions it does not trade on a path.
    fn sessions(&self, path: u64) -> usize {
        match self.halted.stay {
            Stay::Sessions(sessions) => sessions,
            Stay::Drawn { hazard } if hazard >= 1.0 => 0,
            // u in [0, 1): the whole number of sessions whose survival still lies above it
            Stay::Drawn { hazard } => (libm::log1p(-self.key.uniform(path, 0)) / libm::log1p(-hazard)) as usize,
        }
    }

    pub fn is_random(&self) -> bool {
        matches!(self.halted.stay, Stay::Drawn { .. })
    }

    pub fn apply(&self, tile: &mut Tile<'_>) {
        for lane in 0..LANES {
            suspend(tile, self.symbol, lane, 0..self.sessions(tile.paths[lane]), self.halted.missed);
        }
    }
}

/// Takes the sessions `away` of one path from a name; what it misses, and what was `missed` before, is due when it trades again.
pub fn suspend(tile: &mut Tile<'_>, symbol: usize, lane: usize, away: std::ops::Range<usize>, missed: f64) {
    let end = away.end.min(tile.days);
    let mut missed = missed;
    for day in away.start..end {
        let cell = tile.at(day, symbol) + lane;
        missed *= 1.0 + tile.simple_return[cell];
        tile.simple_return[cell] = 0.0;
        tile.state[cell] = crate::model::history::flag::HALTED;
        if let Some(volume) = tile.volume.get_mut(cell) {
            *volume = 0.0;
        }
    }
    // the market's own halts may keep the name from trading longer
    if let Some(day) = (end..tile.days).find(|day| !tile.is_halted(tile.at(*day, symbol) + lane)) {
        tile.grow(tile.at(day, symbol) + lane, missed);
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::market::toy;
    use super::*;
    use crate::model::history::flag;

    fn held(stay: Stay) -> Held {
        Held { symbol: 0, halted: Halted { stay, missed: 0.8 }, key: Key([5, 6]) }
    }

    #[test]
    fn it_stays_away_and_then_catches_up_at_once() {
        let mut buffer = toy::Buffer::new(4, 1);
        buffer.simple_return.fill(0.10);
        buffer.state.fill(flag::PRESENT);
        buffer.volume.fill(1.0);
        held(Stay::Sessions(2)).apply(&mut buffer.tile(0));
        let day = |d: usize| (buffer.simple_return[d * LANES], buffer.state[d * LANES], buffer.volume[d * LANES]);
        assert_eq!((day(0), day(1)), ((0.0, flag::HALTED, 0.0), (0.0, flag::HALTED, 0.0)));
        assert!((day(2).0 - (0.8 * libm::pow(1.1, 3.0) - 1.0)).abs() < 1e-15);
        assert_eq!((day(2).1, day(3)), (0, (0.10, flag::PRESENT, 1.0)));
    }

    #[test]
    fn a_drawn_stay_is_geometric() {
        let (hazard, paths) = (0.2, 20_000_u64);
        let name = held(Stay::Drawn { hazard });
        let mut counts = [0.0; 6];
        for path in 0..paths {
            counts[name.sessions(path).min(5)] += 1.0 / paths as f64;
        }
        for (n, share) in counts.iter().enumerate().take(5) {
            let expected = hazard * libm::pow(1.0 - hazard, n as f64);
            assert!((share - expected).abs() < 5.0 * (expected / paths as f64).sqrt(), "{n}: {share} for {expected}");
        }
        assert_eq!(held(Stay::Drawn { hazard: 1.0 }).sessions(3), 0);
    }
}
