//! Draws the numbers of a sample book, each from its own address, so that one more account leaves the others as they were.
//!
//! An address is (seed, `Stream::Sample`, family and index, topic, draw). Normals by Box–Muller, Student t of an even
//! number of degrees of freedom ν from a χ² that is `−2·ln` of a product of ν/2 uniforms; `libm` only, so that every
//! machine draws the same bits. Worked: u = (0.5, 0.25) → z = √(−2·ln 0.5)·cos(π/2) ≈ 0.

use crate::maths::random::{Key, Stream, Streams};

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
    key: Key,
    topic: u64,
    next: u32,
}

impl Draws {
    /// The draws of item `index` of a family on one `topic` (a day, or a group of attributes).
    pub fn of(streams: &Streams, family: Family, index: usize, topic: u64) -> Draws {
        Draws { key: streams.key(Stream::Sample, ((family as u64) << 48) | index as u64), topic, next: 0 }
    }

    /// The next uniform in (0, 1).
    pub fn uniform(&mut self) -> f64 {
        let u = self.key.uniform(self.topic, self.next);
        self.next += 1;
        u
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

    /// A Student t of `2·pairs` degrees of freedom, scaled to unit variance (`pairs` of 2 or more).
    pub fn student(&mut self, pairs: u32) -> f64 {
        assert!(pairs >= 2, "a t of {} degrees of freedom has no variance", 2 * pairs);
        let z = self.normal();
        let product: f64 = (0..pairs).map(|_| self.uniform()).product();
        let freedom = f64::from(2 * pairs);
        let chi_square = -2.0 * libm::log(product);
        z * libm::sqrt((freedom - 2.0) / chi_square)
    }

    /// A Pareto above `scale` with tail index `alpha`, cut off at `cap` (by inverting the truncated law, not by clipping).
    pub fn pareto(&mut self, scale: f64, alpha: f64, cap: f64) -> f64 {
        let reach = 1.0 - libm::pow(scale / cap, alpha);
        scale * libm::pow(1.0 - self.uniform() * reach, -1.0 / alpha)
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
            let (z, t) = (draws.normal(), draws.student(3));
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
