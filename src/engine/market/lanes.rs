//! Joins, compares and numbers the lanes of one row.

use crate::model::market::{LANES, Paths, paths_from};

/// The row of a lane that stands for no path.
pub const NO_ROW: u32 = u32::MAX;

/// What the lanes of a tile carry: the number of each path, which is the address of its draws, and the row it is recorded on.
#[derive(Clone, Copy, Debug)]
pub struct Carried {
    pub paths: Paths,
    pub rows: [u32; LANES],
}

impl Carried {
    /// Paths one after the other from `first` on, each on the row of its number; those from `end` on stand for no path.
    pub fn from(first: u64, end: u64) -> Self {
        let paths = paths_from(first);
        Carried { paths, rows: paths.map(|path| if path < end { path as u32 } else { NO_ROW }) }
    }
}

/// All lanes joined into one, pair by pair: a chain of sixteen would wait for each.
#[inline(always)]
pub fn pair_by_pair<T: Copy>(row: &[T; LANES], join: impl Fn(T, T) -> T) -> T {
    let (mut eight, mut four) = ([row[0]; LANES / 2], [row[0]; LANES / 4]);
    for lane in 0..LANES / 2 {
        eight[lane] = join(row[lane], row[lane + LANES / 2]);
    }
    for lane in 0..LANES / 4 {
        four[lane] = join(eight[lane], eight[lane + LANES / 4]);
    }
    join(join(four[0], four[1]), join(four[2], four[3]))
}

/// The lowest lane.
#[inline(always)]
pub fn lowest(value: &[f64; LANES]) -> f64 {
    pair_by_pair(value, |a, b| if a < b { a } else { b })
}

/// The lowest row of each lane.
#[inline(always)]
pub fn lowest_by_lane(rows: &[[f64; LANES]]) -> [f64; LANES] {
    let mut low = [f64::INFINITY; LANES];
    for row in rows {
        for lane in 0..LANES {
            low[lane] = if row[lane] < low[lane] { row[lane] } else { low[lane] };
        }
    }
    low
}

/// The lanes below a line, as bits; a value and a line that are the same infinity tell nothing.
#[inline(always)]
pub fn lanes_below(value: &[f64; LANES], line: f64) -> u16 {
    negative(&value.map(|value| value - line))
}

/// The lanes above a line, as bits.
#[inline(always)]
pub fn lanes_above(value: &[f64; LANES], line: f64) -> u16 {
    negative(&value.map(|value| line - value))
}

/// The lanes below zero, as bits: signs put in their places and joined, of which compilers make no detours.
#[inline(always)]
pub fn negative(value: &[f64; LANES]) -> u16 {
    let mut bits = [0; LANES];
    for lane in 0..LANES {
        bits[lane] = (value[lane].to_bits() >> 63) << lane;
    }
    pair_by_pair(&bits, |a, b| a | b) as u16
}

/// The lanes whose bits are set, ascending.
#[inline(always)]
pub fn lanes_of(mut mask: u16) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lane = mask.trailing_zeros() as usize;
        mask &= mask.wrapping_sub(1);
        (lane < LANES).then_some(lane)
    })
}
