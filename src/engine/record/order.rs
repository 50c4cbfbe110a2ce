//! Puts paths of one fate side by side in tiles, and what they came to back in order.
//!
//! An account is passed over in a tile when it stays clear of its lines in all its lanes. One deep path among fifteen calm ones
//! spoils the bound for all, so that the paths of a batch are simulated in the order of their severity (`MarketModel::severity`),
//! the worst first. A path's numbers have an address of their own: nothing but the order of sums over paths depends on this.

use crate::model::market::{LANES, Paths};
use std::ops::Range;

/// The order in which a batch's paths are simulated.
pub struct Order {
    /// Path numbers, as they are simulated.
    simulated: Vec<u64>,
    /// The first number that stands for no path of the batch.
    beyond: u64,
}

impl Order {
    /// Worst severity first, equal ones by number; the order of the numbers where there is none.
    pub fn of(paths: Range<u64>, severity: Option<Vec<f64>>) -> Order {
        let mut simulated: Vec<u64> = paths.clone().collect();
        if let Some(severity) = severity {
            let level = |path: &u64| severity[(path - paths.start) as usize];
            simulated.sort_unstable_by(|a, b| level(a).total_cmp(&level(b)).then(a.cmp(b)));
        }
        Order { simulated, beyond: paths.end }
    }

    /// The tiles; lanes too many in the last carry numbers beyond the batch's paths.
    pub fn tiles(&self) -> impl Iterator<Item = Paths> {
        self.simulated.chunks(LANES).map(|chunk| std::array::from_fn(|lane| chunk.get(lane).copied().unwrap_or(self.beyond + lane as u64)))
    }

    /// Of every path in the order of numbers, where it was simulated.
    fn places(&self) -> Vec<u32> {
        let mut places: Vec<u32> = (0..self.simulated.len() as u32).collect();
        places.sort_unstable_by_key(|place| self.simulated[*place as usize]);
        places
    }

    /// What puts columns back; nothing where they stand in order.
    pub fn restorer(&self) -> Option<Restorer> {
        (!self.simulated.is_sorted()).then(|| Restorer { places: self.places() })
    }
}

/// Puts columns with a value for each path, written as the paths were simulated, in the order of their numbers.
pub struct Restorer {
    places: Vec<u32>,
}

impl Restorer {
    /// A column of the batch's first paths, or of all; empty ones stay empty.
    pub fn restore<T: Copy>(&self, column: &mut [T]) {
        if column.is_empty() {
            return;
        }
        let written = column.to_vec();
        for (value, place) in column.iter_mut().zip(&self.places) {
            *value = written[*place as usize];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_simulated_by_severity_comes_back_in_order() {
        let severity: Vec<f64> = (100..137).map(|path| f64::from((path * 7) % 37)).collect();
        let order = Order::of(100..137, Some(severity));
        let tiles: Vec<Paths> = order.tiles().collect();
        assert_eq!(tiles.len(), 3);
        let mut column: Vec<u64> = tiles.concat().into_iter().filter(|path| *path < 137).collect();
        assert!(!column.is_sorted());
        assert_eq!(tiles[2][5..], std::array::from_fn::<u64, 11, _>(|k| 142 + k as u64));
        order.restorer().expect("paths were moved").restore(&mut column);
        assert_eq!(column, (100..137).collect::<Vec<_>>());
        assert!(Order::of(0..40, None).restorer().is_none());
    }
}
