//! Estimates value at risk: an order statistic, with the distribution-free interval of two others.
//!
//! VaR_α = inf{x : F(x) ≥ α}, the order statistic of rank ⌈nα⌉. Interval (Dowd 2006; David and Nagaraja 2003, §7.1):
//! ranks l = Binom⁻¹(γ/2; n, α) and u = Binom⁻¹(1 − γ/2; n, α) + 1; when u > n there is no finite upper bound, and that is
//! said, not clamped. SE: half the 95 % interval over 1.96, which equals √(α(1−α)/n)/f(q) for large n without choosing a
//! bandwidth for the density f; the density it implies serves the paired difference.
//! Worked: n = 1,000 at 95 % gives rank 950 between ranks 936 and 964.

use super::figure::{Doubt, Figure, Judge};
use super::influence::{Column, Shape, Term};
use super::stated::{Estimate, Flag, Unit};
use crate::maths::select::largest;
use crate::maths::special::{binomial_quantile, normal_quantile};
use std::cmp::Ordering;

/// A tail level, held in thousandths so that ranks are exact integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// As it stands in keys: `var_97_5`.
    pub key: &'static str,
    pub permille: u64,
}

/// The levels every tail is stated at, ascending.
pub const LEVELS: [Level; 4] = [
    Level { key: "95", permille: 950 },
    Level { key: "97_5", permille: 975 },
    Level { key: "99", permille: 990 },
    Level { key: "99_9", permille: 999 },
];

impl Level {
    pub fn alpha(self) -> f64 {
        self.permille as f64 / 1000.0
    }

    /// Rank (from 1, ascending) of the VaR among `n` samples: the first with F ≥ α.
    pub fn rank(self, n: u64) -> u64 {
        (n * self.permille).div_ceil(1000).max(1)
    }

    /// Thousandths of a sample beyond the level: 1000·n(1 − α).
    pub fn beyond_permille(self, n: u64) -> u64 {
        n * (1000 - self.permille)
    }
}

/// Ranks of the order statistics around a quantile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ranks {
    pub level: Level,
    pub rank: u64,
    pub low: u64,
    /// Above n when the interval is open.
    pub high: u64,
    /// The ranks at 95 %, which give the standard error whatever confidence is shown.
    pub error_low: u64,
    pub error_high: u64,
}

/// The order-statistic interval of a quantile.
pub fn ranks(n: u64, level: Level, confidence: f64) -> Ranks {
    let pair = |confidence: f64| {
        let miss = (1.0 - confidence) / 2.0;
        (binomial_quantile(miss, n, level.alpha()).max(1), binomial_quantile(1.0 - miss, n, level.alpha()) + 1)
    };
    let ((low, high), (error_low, error_high)) = (pair(confidence), pair(0.95));
    Ranks { level, rank: level.rank(n), low, high, error_low, error_high }
}

/// The upper end of a sorted sample.
#[derive(Clone, Debug)]
pub struct Tail {
    n: u64,
    /// Ascending: the samples of ranks `n − values.len() + 1 ..= n`.
    values: Vec<f64>,
}

impl Tail {
    /// The samples of rank `first` and above; no column is copied.
    pub fn new(column: Column<'_>, n: u64, first: u64) -> Tail {
        let keep = (n - first.clamp(1, n) + 1) as usize;
        let values = match column {
            Column::Money(values) => largest(keep, |take| take(values)),
            Column::Count(values) => {
                let mut piece = [0.0; 1024];
                largest(keep, |take| {
                    for counts in values.chunks(piece.len()) {
                        counts.iter().zip(&mut piece).for_each(|(count, value)| *value = f64::from(*count));
                        take(&piece[..counts.len()]);
                    }
                })
            }
            Column::Sparse(entries) => {
                let values = sparse_top(entries, n as usize, keep);
                largest(keep.min(values.len()), |take| take(&values))
            }
        };
        Tail { n, values }
    }

    /// The order statistic of a rank, from 1.
    pub fn at(&self, rank: u64) -> f64 {
        let first = self.n - self.values.len() as u64 + 1;
        assert!(rank >= first && rank <= self.n, "rank {rank} lies outside the tail of ranks {first} to {}", self.n);
        self.values[(rank - first) as usize]
    }

    /// The `count` largest, ascending.
    pub fn top(&self, count: u64) -> &[f64] {
        &self.values[self.values.len() - count as usize..]
    }

    /// Different values above `quantile`, counted to ten.
    pub fn distinct_beyond(&self, quantile: f64) -> usize {
        let mut distinct = 0;
        let mut last = quantile;
        for value in &self.values[self.values.partition_point(|v| *v <= quantile)..] {
            if *value > last {
                distinct += 1;
                last = *value;
            }
            if distinct == DISTINCT_NEEDED {
                break;
            }
        }
        distinct
    }
}

/// Enough of a sparse column to hold its `keep` largest, its zeros among them where they reach that far.
fn sparse_top(entries: &[(u32, f64)], n: usize, keep: usize) -> Vec<f64> {
    let mut values: Vec<f64> = entries.iter().map(|e| e.1).filter(|v| v.partial_cmp(&0.0) == Some(Ordering::Greater)).collect();
    if values.len() < keep {
        let zeros = n - entries.len() + entries.iter().filter(|e| e.1 == 0.0).count();
        values.resize(values.len() + zeros.min(keep - values.len()), 0.0);
    }
    if values.len() < keep {
        values.extend(entries.iter().map(|e| e.1).filter(|v| *v < 0.0));
    }
    values
}

/// Samples that must lie beyond a quantile for it to be read bare.
pub const SAMPLES_NEEDED: u64 = 30;
/// Different samples among them.
pub const DISTINCT_NEEDED: usize = 10;

/// What a VaR came to, and what the ES beside it needs to know.
#[derive(Clone, Copy, Debug)]
pub struct Quantile {
    pub value: f64,
    pub std_error: f64,
    pub low: f64,
    pub high: Option<f64>,
    /// 1/f(q): how far the quantile moves per share of paths that cross it.
    pub inverse_density: f64,
    /// Fewer than 30 samples beyond.
    pub thin: bool,
    /// Fewer than ten different ones.
    pub coarse: bool,
}

/// The quantile of one level.
pub fn quantile(tail: &Tail, ranks: &Ranks) -> Quantile {
    let (n, alpha) = (tail.n, ranks.level.alpha());
    let value = tail.at(ranks.rank);
    let z = normal_quantile(0.975);
    let below = value - tail.at(ranks.error_low);
    let std_error = if ranks.error_high <= n {
        (tail.at(ranks.error_high) - tail.at(ranks.error_low)) / (2.0 * z)
    } else {
        // only the lower side and the largest sample speak of the spread; the wider of the two is the safer
        below.max(tail.at(n) - value) / z
    };
    Quantile {
        value,
        std_error,
        low: tail.at(ranks.low.min(ranks.rank)),
        high: (ranks.high <= n).then(|| tail.at(ranks.high)),
        inverse_density: std_error * (n as f64 / (alpha * (1.0 - alpha))).sqrt(),
        thin: ranks.level.beyond_permille(n) < SAMPLES_NEEDED * 1000,
        coarse: tail.distinct_beyond(value) < DISTINCT_NEEDED,
    }
}

/// Any quantile of a sample, flagged where fewer than 30 samples lie on its short side.
pub fn of_sample(judge: &Judge<'_>, key: &str, unit: Unit, sample: &[f64], permille: u64) -> Estimate {
    let n = sample.len() as u64;
    let tail = Tail::new(Column::Money(sample), n, 1);
    let q = quantile(&tail, &ranks(n, Level { key: "", permille }, judge.confidence));
    let flag = match q.high {
        None => Some(Flag::OpenInterval),
        Some(_) => (n * permille.min(1000 - permille) < SAMPLES_NEEDED * 1000).then_some(Flag::ThinTail),
    };
    let doubt = Doubt::Given { std_error: q.std_error, low: q.low, high: q.high.unwrap_or(q.value) };
    let mut figure = Figure::new(key, q.value, unit, Vec::new()).doubt(doubt).flag(flag);
    figure.paths = Some(n);
    judge.estimate(&figure)
}

/// The VaR figure of one level: `prefix.var_99`.
pub fn figure<'a>(prefix: &str, unit: Unit, column: Column<'a>, level: Level, q: &Quantile) -> Figure<'a> {
    // a quantile inside an atom (no loss on most paths) is known exactly however few samples lie beyond
    let in_atom = q.high == Some(q.low);
    let flag = match q.high {
        None => Some(Flag::OpenInterval),
        Some(_) if q.thin || (q.coarse && !in_atom) => Some(Flag::ThinTail),
        Some(_) => None,
    };
    let influence = vec![Term::new(column, Shape::Above(q.value), q.inverse_density)];
    let doubt = Doubt::Given { std_error: q.std_error, low: q.low, high: q.high.unwrap_or(q.value) };
    let figure = Figure::new(format!("{prefix}.var_{}", level.key), q.value, unit, influence).doubt(doubt).flag(flag);
    Figure { weight: q.inverse_density, ..figure }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::maths::special::binomial_cdf;
    use statrs::distribution::{ContinuousCDF, Normal};

    #[test]
    fn ranks_meet_dowds_table() {
        let row = |n, key: &str| {
            let level = LEVELS.into_iter().find(|l| l.key == key).unwrap();
            let r = ranks(n, level, 0.95);
            (r.low, r.high, binomial_cdf(r.high - 1, n, level.alpha()) - binomial_cdf(r.low - 1, n, level.alpha()))
        };
        for (n, key, low, high, coverage) in [
            (1_000, "95", 936, 964, Some(0.9581)),
            (1_000, "99", 983, 997, Some(0.9761)),
            (10_000, "99", 9_880, 9_920, Some(0.9558)),
            (100_000, "99_9", 99_880, 99_920, None),
            (1_000_000, "99", 989_805, 990_196, Some(0.9506)),
        ] {
            let found = row(n, key);
            assert_eq!((found.0, found.1), (low, high), "{n} {key}");
            if let Some(coverage) = coverage {
                assert!((found.2 - coverage).abs() < 5e-5, "{n} {key}: {}", found.2);
            }
        }
        assert_eq!(row(250, "99").1, 251);
    }

    #[test]
    fn the_quantile_is_the_first_sample_with_enough_below() {
        for (n, key, rank) in [(100, "95", 95), (101, "95", 96), (1, "99", 1), (1_000, "99_9", 999), (1_001, "99_9", 1_000)] {
            let level = LEVELS.into_iter().find(|l| l.key == key).unwrap();
            assert_eq!(level.rank(n), rank, "{n} {key}");
        }
    }

    #[test]
    fn a_quantile_of_few_samples_is_flagged_on_either_side() {
        let judge = Judge::new(1_000, 0.95, false);
        let sample: Vec<f64> = (0..1_000).map(f64::from).collect();
        let of = |permille| of_sample(&judge, "x", Unit::Money, &sample, permille);
        assert_eq!([10, 50, 500, 950, 990].map(|p| of(p).flag.is_some()), [true, false, false, false, true]);
        let median = of(500);
        // ranks 469 and 532 hold the median at 95 %
        assert_eq!((median.value, median.ci_low, median.ci_high), (499.0, 468.0, Some(531.0)));
        assert!((median.std_error - 63.0 / 2.0 / 1.959_964).abs() < 1e-4, "{median:?}");
    }

    #[test]
    fn a_sparse_tail_counts_its_zeros() {
        let sparse = [(3, 5.0), (7, -2.0), (9, 1.0)];
        let tail = Tail::new(Column::Sparse(&sparse), 10, 1);
        assert_eq!(tail.values, [-2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 5.0]);
        assert_eq!(Tail::new(Column::Sparse(&sparse), 10, 8).values, [0.0, 1.0, 5.0]);
    }

    #[test]
    fn the_standard_error_of_a_normal_grid_is_the_asymptotic_one() {
        // √n·SE of VaR for a standard normal: √(α(1−α))/f(q)
        let n = 1_000_000;
        let normal = Normal::standard();
        let grid: Vec<f64> = (0..n).map(|i| normal.inverse_cdf((i as f64 + 0.5) / n as f64)).collect();
        let tail = Tail::new(Column::Money(&grid), n, n * 94 / 100);
        for (level, root_n_se) in LEVELS.into_iter().zip([2.113_19, 2.671_31, 3.733_24, 9.387_03]) {
            let q = quantile(&tail, &ranks(n, level, 0.95));
            let found = q.std_error * (n as f64).sqrt();
            assert!((found / root_n_se - 1.0).abs() < 0.01, "{}: {found}", level.key);
            assert!(!q.thin && !q.coarse);
        }
    }
}
