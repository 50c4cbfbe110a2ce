//! Draws the numbers of a sample book, each from its own address, so that one more account leaves the others as they were.
//!
//! An address is (seed, `Stream::Sample`, family and index, topic); its draws in order are a generator of the `rand` crate. The laws of
//! a drawn market are those of `rand_distr`, which take logarithms and exponentials from the platform's own library, where a last
//! digit may differ; its closes are rounded to the tick. The laws of clients are written out with `libm`, for the books in `data/`
//! are theirs to the byte on every machine (`tests/golden.rs`): normals by Box–Muller, a Pareto by inverting its truncated law.
//! Worked: u = (0.5, 0.25) → z = √(−2·ln 0.5)·cos(π/2) ≈ 0.

use crate::maths::random::{Sequence, Stream, Streams, unit};
use rand::Rng;
use rand_distr::{Distribution, LogNormal, StudentT};

/// What an index counts; two families never share an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    Account = 1,
    Symbol = 2,
    Sector = 3,
    Market = 4,
    Source = 5,
}

/// The draws of one item and topic, in order.
pub struct Draws {
    sequence: Sequence,
}

impl Draws {
    /// The draws of item `index` of a family on one `topic` (a day, or a group of attributes).
    pub fn of(streams: &Streams, family: Family, index: usize, topic: u64) -> Draws {
        Draws { sequence: streams.key(Stream::Sample, ((family as u64) << 48) | index as u64).sequence(topic) }
    }

    /// The next uniform in (0, 1).
    pub fn uniform(&mut self) -> f64 {
        unit(self.sequence.next_u64())
    }

    /// A uniform in (low, high).
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// A whole number in low..=high.
    pub fn whole(&mut self, low: u32, high: u32) -> u32 {
        let span = f64::from(high - low + 1);
        low + ((self.uniform() * span) as u32).min(high - low)
    }

    /// A standard normal.
    pub fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(self.uniform()));
        radius * libm::cos(2.0 * std::f64::consts::PI * self.uniform())
    }

    /// A Pareto above `scale` with tail index `alpha`, cut off at `cap` (by inverting the truncated law, not by clipping).
    pub fn pareto(&mut self, scale: f64, alpha: f64, cap: f64) -> f64 {
        let reach = 1.0 - libm::pow(scale / cap, alpha);
        scale * libm::pow(1.0 - self.uniform() * reach, -1.0 / alpha)
    }

    /// A lognormal of this median, its logarithm with the deviation `sigma`.
    pub fn lognormal(&mut self, median: f64, sigma: f64) -> f64 {
        LogNormal::new(libm::log(median), sigma).expect("a median above 0").sample(&mut self.sequence)
    }

    /// A Student t of `freedom` degrees of freedom, scaled to unit variance (`freedom` above 2).
    pub fn student(&mut self, freedom: u32) -> f64 {
        assert!(freedom > 2, "a t of {freedom} degrees of freedom has no variance");
        let freedom = f64::from(freedom);
        StudentT::new(freedom).expect("positive degrees of freedom").sample(&mut self.sequence) * ((freedom - 2.0) / freedom).sqrt()
    }

    /// The index of the first cumulative weight above a uniform; `cumulative` ends at its total.
    pub fn pick(&mut self, cumulative: &[f64]) -> usize {
        let total = cumulative.last().copied().expect("something to pick from");
        let at = self.uniform() * total;
        cumulative.partition_point(|c| *c <= at).min(cumulative.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_draws_have_the_moments_they_name() {
        let streams = Streams::new(7);
        let mut sums = [0.0f64; 4];
        let n = 40_000;
        for i in 0..n {
            let mut draws = Draws::of(&streams, Family::Account, i, 3);
            let (z, t) = (draws.normal(), draws.student(6));
            sums[0] += z;
            sums[1] += z * z;
            sums[2] += t * t;
            sums[3] += f64::from(draws.whole(1, 5));
        }
        let mean = sums.map(|s| s / n as f64);
        // four standard errors: of a mean 4/√n = 0.02, of a variance 0.03; t(6) has kurtosis 6, so 0.05
        assert!(mean[0].abs() < 0.02 && (mean[1] - 1.0).abs() < 0.03 && (mean[2] - 1.0).abs() < 0.05, "{mean:?}");
        assert!((mean[3] - 3.0).abs() < 0.03, "{mean:?}");
    }

    #[test]
    fn a_pareto_stays_between_its_scale_and_its_cap() {
        let mut draws = Draws::of(&Streams::new(1), Family::Account, 0, 0);
        let all: Vec<f64> = (0..2_000).map(|_| draws.pareto(3.0, 1.5, 60.0)).collect();
        assert!(all.iter().all(|x| (3.0..=60.0).contains(x)));
        let above = all.iter().filter(|x| **x > 6.0).count() as f64 / all.len() as f64;
        // P(X > 6) = (2^-1.5 − 20^-1.5) / (1 − 20^-1.5) = 0.34625
        assert!((above - 0.346).abs() < 0.045, "{above}");
    }
}
