//! Puts paths of one fate side by side in tiles, and what they came to back in order.
//!
//! An account is passed over in a tile when it stays clear of its lines in all its lanes. One deep path among fifteen calm ones
//! spoils the bound for all, so that the paths of a batch are simulated in the order of their severity (`MarketModel::severity`),
//! the worst first. A path's draws have an address of their own, its number: nothing but the order of sums over paths depends on this.

use crate::engine::market::lanes::{Carried, NO_ROW};
use crate::model::market::LANES;
use std::ops::Range;

/// The order in which a batch's paths are simulated.
pub struct Order<'a> {
    /// Rows, as they are simulated.
    simulated: Vec<u64>,
    rows: Range<u64>,
    /// The number of each row's path; that of the row itself where there is none.
    numbers: Option<&'a [u64]>,
}

impl<'a> Order<'a> {
    /// Worst severity first, equal ones by row; the order of the rows where there is none.
    pub fn of(rows: Range<u64>, numbers: Option<&'a [u64]>, severity: Option<Vec<f64>>) -> Self {
        let mut simulated: Vec<u64> = rows.clone().collect();
        if let Some(severity) = severity {
            let level = |row: &u64| severity[(row - rows.start) as usize];
            simulated.sort_unstable_by(|a, b| level(a).total_cmp(&level(b)).then(a.cmp(b)));
        }
        Order { simulated, rows, numbers }
    }

    /// The tiles; lanes too many in the last stand for no path.
    pub fn tiles(&self) -> impl Iterator<Item = Carried> {
        let number = |row: u64| self.numbers.map_or(row, |numbers| numbers[(row - self.rows.start) as usize]);
        self.simulated.chunks(LANES).map(move |chunk| Carried {
            paths: std::array::from_fn(|lane| chunk.get(lane).map_or(self.rows.end + lane as u64, |row| number(*row))),
            rows: std::array::from_fn(|lane| chunk.get(lane).map_or(NO_ROW, |row| *row as u32)),
        })
    }

    /// Of every row in order, where it was simulated.
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
    use crate::model::market::Paths;

    #[test]
    fn what_is_simulated_by_severity_comes_back_in_order() {
        let severity: Vec<f64> = (100..137).map(|path| f64::from((path * 7) % 37)).collect();
        let order = Order::of(100..137, None, Some(severity));
        let tiles: Vec<Paths> = order.tiles().map(|tile| tile.paths).collect();
        assert_eq!(tiles.len(), 3);
        let mut column: Vec<u64> = tiles.concat().into_iter().filter(|path| *path < 137).collect();
        assert!(!column.is_sorted());
        assert_eq!(tiles[2][5..], std::array::from_fn::<u64, 11, _>(|k| 142 + k as u64));
        order.restorer().expect("paths were moved").restore(&mut column);
        assert_eq!(column, (100..137).collect::<Vec<_>>());
        assert!(Order::of(0..40, None, None).restorer().is_none());
        // of a sample the rows are those of its numbers
        let numbers = [7, 9, 400];
        let tile = Order::of(20..23, Some(&numbers), Some(vec![0.0, -1.0, 1.0])).tiles().next().expect("a tile");
        assert_eq!((&tile.paths[..3], &tile.rows[..4]), (&[9, 7, 400][..], &[21, 20, 22, NO_ROW][..]));
    }
}
