//! Ranks paths by a rough and cheap measure of how far the market falls, so that similar paths are simulated side by side.

use super::{LANES, Paths, paths_from};
use std::ops::Range;

/// The lowest level, relative to the start, that moves of the market as a whole add up to on each path.
///
/// `moves(paths, days)` fills the move of every day in every lane, in any unit.
pub fn lowest_levels(paths: Range<u64>, days: usize, mut moves: impl FnMut(&Paths, &mut [[f64; LANES]])) -> Vec<f64> {
    let count = (paths.end - paths.start) as usize;
    let mut moved = vec![[0.0; LANES]; days];
    let mut lowest = Vec::with_capacity(count + LANES);
    for first in paths.step_by(LANES) {
        moves(&paths_from(first), &mut moved);
        let (mut level, mut low) = ([0.0; LANES], [f64::INFINITY; LANES]);
        for day in &moved {
            for lane in 0..LANES {
                level[lane] += day[lane];
                low[lane] = if level[lane] < low[lane] { level[lane] } else { low[lane] };
            }
        }
        lowest.extend(low);
    }
    lowest.truncate(count);
    lowest
}
