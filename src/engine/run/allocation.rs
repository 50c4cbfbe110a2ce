//! Shares the rows of a sample out among its strata.
//!
//! Half of the rows are spread in proportion to what the strata count, so that no row counts more than twice; the other half by parts. A
//! stratum that has fewer rows to give gives all.

/// The rows of each stratum, of its share of all, of its part in what is spread evenly, and of the most rows it has: as many as there are
/// paths in all, or as rows.
pub fn allocate(shares: &[f64], parts: &[f64], held: &[u64], paths: u64) -> Vec<u64> {
    let even = |k: usize| 0.5 * paths as f64 * shares[k];
    let mut whole: Vec<bool> = held.iter().map(|held| *held == 0).collect();
    loop {
        let taken: u64 = held.iter().zip(&whole).filter(|(_, whole)| **whole).map(|(held, _)| held).sum();
        let open = || (0..held.len()).filter(|k| !whole[*k]);
        let spread = open().fold(0.0, |sum, k| sum + even(k));
        let sum = open().fold(0.0, |sum, k| sum + parts[k]);
        let more = ((paths - taken) as f64 - spread).max(0.0) / if sum > 0.0 { sum } else { 1.0 };
        let full: Vec<usize> = open().filter(|k| even(*k) + more * parts[*k] >= held[*k] as f64).collect();
        if full.is_empty() {
            let rows = |(k, whole): (usize, &bool)| if *whole { held[k] } else { (even(k) + more * parts[k]) as u64 };
            let mut rows: Vec<u64> = whole.iter().enumerate().map(rows).collect();
            // what rounding leaves, to strata with candidates to spare
            let mut left = paths.saturating_sub(rows.iter().sum());
            for (rows, held) in rows.iter_mut().zip(held) {
                let added = left.min(held - *rows);
                *rows += added;
                left -= added;
            }
            return rows;
        }
        full.into_iter().for_each(|k| whole[k] = true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_candidates(held: &[u64], paths: u64) -> Vec<u64> {
        let all: u64 = held.iter().sum();
        allocate(&held.iter().map(|held| *held as f64 / all as f64).collect::<Vec<f64>>(), &vec![1.0; held.len()], held, paths)
    }

    #[test]
    fn every_stratum_has_rows_and_no_row_counts_more_than_twice() {
        for (held, paths) in [
            (vec![500_000, 250_000, 125_000, 62_500, 31_250, 15_625, 15_625], 20_000),
            (vec![5_000, 2_500, 1_250, 1_250], 9_990),
            (vec![10_000], 300),
            (vec![600, 0, 600], 1_200),
        ] {
            let all: u64 = held.iter().sum();
            let rows = of_candidates(&held, paths);
            assert_eq!(rows.iter().sum::<u64>(), paths, "{rows:?}");
            for (rows, held) in rows.iter().zip(&held) {
                assert!(rows <= held && (*held == 0) == (*rows == 0), "{rows} of {held}");
                let weight = *held as f64 / all as f64 * paths as f64 / (*rows).max(1) as f64;
                assert!(weight <= 2.01, "{rows} rows of {held} count {weight} each");
            }
        }
        // the deepest 1.6 % of candidates have a seventh of the half that is spread evenly
        let rows = of_candidates(&[500_000, 250_000, 125_000, 62_500, 31_250, 15_625, 15_625], 20_000);
        assert!((rows[6] as f64 - (10_000.0 / 7.0 + 10_000.0 / 64.0)).abs() < 1.5, "{rows:?}");
    }
}
