//! Holds which paths of a scenario were simulated where they are not the first ones drawn, and how many candidates each stands for.
//!
//! Rows are the simulated paths in order of strata, and within a stratum in order of their numbers; a path's number is the address of
//! its draws. Of a figure with mean m_k and variance s_k² over the n_k rows of stratum k, which holds N_k of N candidates, π_k = N_k/N
//! (Cochran 1977, §12.2):
//!
//! ```text
//! mean = Σ π_k m_k
//! SE²  = Σ π_k² s_k² (1/n_k − 1/N_k)                      rows drawn of each stratum's candidates
//!      + (1/N) Σ π_k (s_k² + (m_k − mean)²)               candidates drawn of all paths
//! ```
//!
//! Worked: two strata of 3 and 1 of 4 candidates, rows (0, 2) and (8): mean = ¾·1 + ¼·8 = 2.75; SE² = (9/16)·2·(1/2 − 1/3) +
//! ¼·(¾·(2 + 3.0625) + ¼·27.5625) = 0.1875 + 2.671875.
//!
//! Candidates drawn from tilted laws count wᵢ each (`model/market/tilt.rs`), and rows are drawn of a stratum's with probabilities in
//! proportion to wᵢ, so that within a stratum all rows count the same. With Aₖ = Σ wᵢ and Bₖ = Σ wᵢ² over the candidates of stratum k and A
//! the sum over all, π_k = Aₖ/A, N_k becomes Aₖ²/Bₖ, and the last term (1/A)·Σ π_k·(Bₖ/Aₖ)·(s_k² + (m_k − mean)²): the error of a ratio of
//! weighted sums (Hesterberg 1995). All wᵢ = 1 gives the formulas above.

use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Consecutive rows, drawn at random of so many candidates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stratum {
    pub rows: Range<u64>,
    pub candidates: u64,
    /// What its candidates count, and the sum of the squares of that: their number each, where none counts more than another.
    pub counts: f64,
    pub squares: f64,
}

impl Stratum {
    /// Rows of candidates that all count the same.
    pub fn alike(rows: Range<u64>, candidates: u64) -> Stratum {
        Stratum { rows, candidates, counts: candidates as f64, squares: candidates as f64 }
    }

    pub fn count(&self) -> u64 {
        self.rows.end - self.rows.start
    }

    /// As many candidates of one weight tell as much.
    fn effective(&self) -> f64 {
        if self.counts == self.squares { self.counts } else { self.counts * (self.counts / self.squares) }
    }

    /// What its candidates count on average, each counted as often as it counts: 1 where all are alike.
    fn mean_weight(&self) -> f64 {
        self.squares / self.counts
    }
}

/// The paths simulated of all candidates.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sample {
    pub candidates: u64,
    /// What they count in all.
    pub counts: f64,
    /// From the calmest to the one on which the market falls farthest.
    pub strata: Vec<Stratum>,
    /// Of each row the path's number.
    pub numbers: Vec<u64>,
    /// Of each row what it was ordered by.
    pub severity: Vec<f32>,
}

/// How candidates are ordered: the factor that makes each scenario's scores comparable, and the level of every candidate so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Levels {
    pub scale: Vec<f64>,
    /// By number; the lowest are the worst.
    pub of: Vec<f32>,
    /// What each counts; empty where all count the same.
    pub weight: Vec<f32>,
}

impl Sample {
    /// A stratum's share of all candidates.
    pub fn share(&self, stratum: &Stratum) -> f64 {
        stratum.counts / self.counts
    }

    /// Whether no candidate counts more than another.
    pub fn is_alike(&self) -> bool {
        self.strata.iter().all(|stratum| stratum.counts == stratum.squares)
    }

    /// The strata, where candidates count differently: what a reader of the rows cannot tell from their weights.
    pub fn told_strata(&self) -> &[Stratum] {
        if self.is_alike() { &[] } else { &self.strata }
    }

    /// The least squared error that a share of the worst can have: that of its candidates, were all else known.
    pub fn least_error_square(&self, share: f64) -> f64 {
        if self.is_alike() {
            return share * (1.0 - share) / self.candidates as f64;
        }
        // strata stand from the calmest to the worst
        let (mut left, mut square) = (share, 0.0);
        for stratum in self.strata.iter().rev() {
            let taken = self.share(stratum).min(left);
            square += taken * stratum.mean_weight();
            left -= taken;
        }
        square * (1.0 - share) / self.counts
    }

    /// What each row of a stratum counts, one on average over all rows.
    pub fn weight(&self, stratum: &Stratum) -> f64 {
        self.share(stratum) * self.numbers.len() as f64 / stratum.count() as f64
    }

    /// Adds the strata of a further round of paths, chosen of candidates of their own: of all candidates each is a part.
    pub fn append(&mut self, next: Sample) {
        let row = self.numbers.len() as u64;
        let moved = |stratum: Stratum| Stratum { rows: row + stratum.rows.start..row + stratum.rows.end, ..stratum };
        self.candidates += next.candidates;
        self.counts += next.counts;
        self.strata.extend(next.strata.into_iter().map(moved));
        self.numbers.extend(next.numbers);
        self.severity.extend(next.severity);
    }

    /// What each row counts, in order of rows.
    pub fn weights(&self) -> impl Iterator<Item = f64> + '_ {
        self.strata.iter().flat_map(|stratum| std::iter::repeat_n(self.weight(stratum), stratum.count() as usize))
    }

    /// The largest of them.
    pub fn largest_weight(&self) -> f64 {
        self.strata.iter().fold(1.0, |largest: f64, stratum| largest.max(self.weight(stratum)))
    }

    /// The rows at the head of a stratum that, with those of the others, are `paths` rows of one weight.
    pub fn even(&self, stratum: &Stratum, paths: u64) -> Range<u64> {
        let paths = paths.min(self.numbers.len() as u64 / 2);
        stratum.rows.start..stratum.rows.start + (self.share(stratum) * paths as f64) as u64
    }

    /// A mean over all rows and its squared standard error, of each stratum's mean and its variance over rows (divisor n − 1).
    pub fn gather(&self, of: impl Fn(usize) -> (f64, f64)) -> (f64, f64) {
        let (mut mean, mut within, mut square) = (0.0, 0.0, 0.0);
        // what the sums of squares, of means and of nothing gain by candidates that count more than others
        let mut more = [0.0; 3];
        for (k, stratum) in self.strata.iter().enumerate() {
            let (of_stratum, variance) = of(k);
            let share = self.share(stratum);
            let rows = stratum.count() as f64;
            mean += share * of_stratum;
            within += share * share * variance * (1.0 / rows - 1.0 / stratum.effective()).max(0.0);
            let own = variance + of_stratum * of_stratum;
            square += share * own;
            let excess = share * (stratum.mean_weight() - 1.0);
            more[0] += excess * own;
            more[1] += excess * of_stratum;
            more[2] += excess;
        }
        // rounding may leave a constant a hair below zero spread
        let spread = (square - mean * mean) + (more[0] - 2.0 * mean * more[1] + mean * mean * more[2]);
        (mean, within + spread.max(0.0) / self.counts)
    }

    /// The share of paths that show something and its squared standard error, of the rows of each stratum that do.
    pub fn share_of(&self, met: impl Fn(usize) -> f64) -> [f64; 2] {
        let (share, error_square) = self.gather(|k| {
            let rows = self.strata[k].count() as f64;
            let share = met(k) / rows;
            (share, if rows > 1.0 { share * (1.0 - share) * rows / (rows - 1.0) } else { 0.0 })
        });
        [share, error_square]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_over_strata_has_the_worked_error() {
        let strata = vec![Stratum::alike(0..2, 3), Stratum::alike(2..3, 1)];
        let sample = Sample { candidates: 4, counts: 4.0, strata, numbers: vec![0, 1, 3], severity: vec![0.0, 0.0, -1.0] };
        let (mean, square) = sample.gather(|k| [(1.0, 2.0), (8.0, 0.0)][k]);
        assert_eq!(mean, 2.75);
        assert!((square - (0.1875 + 2.671_875)).abs() < 1e-12, "{square}");
        let weights: Vec<f64> = sample.weights().collect();
        assert_eq!(weights, [1.125, 1.125, 0.75]);
        assert!((weights.iter().sum::<f64>() - 3.0).abs() < 1e-12);
    }
    #[test]
    fn candidates_that_count_differently_have_the_worked_error() {
        // strata of two candidates of weight 1 and of four of weight ½, a row of each
        let half = Stratum { rows: 1..2, candidates: 4, counts: 2.0, squares: 1.0 };
        let strata = vec![Stratum::alike(0..1, 2), half];
        let sample = Sample { candidates: 6, counts: 4.0, strata, numbers: vec![0, 1], severity: vec![0.0, -1.0] };
        let (mean, square) = sample.gather(|k| [(1.0, 0.0), (3.0, 0.0)][k]);
        // ¼·(½·1·1² + ½·½·1²)
        assert!((mean, square) == (2.0, 0.1875), "{mean} {square}");
        assert_eq!(sample.least_error_square(0.5), 0.5 * 0.5 * 0.5 / 4.0);
    }
}
