//! Draws sums of a Poisson number of normal jumps, and fits them to a series by maximum likelihood.
//!
//! Formula: N ~ Poisson(λ) jumps a session add up to N·mean + √N·deviation·z; a session's value x, diffusion and jumps
//! together, has the density Σₙ e^−λ λⁿ/n! · φ(x; m + n·mean, s² + n·deviation²).
//!
//! Worked number: λ = 0.02 a session is five jumps a year; N is 0 on 98.02 % of all days and 1 on 1.96 %.

use super::fit_cache::{Reader, Record, Recorded};
use super::maximise::{Likelihood, maximise};
use super::{LANES, Paths};
use crate::maths::lanes::{exp1, ln1};
use crate::maths::random::{Key, unit, words};
use crate::model::lineage::Note;
use crate::model::part::{Absent, Bounds, Param, Unit, Words};
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Jumps of the log price, the same for every symbol.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct GivenJumps {
    /// Jumps expected in a year; 0 for none.
    pub per_year: f64,
    /// Mean log size.
    pub mean: Ratio,
    /// Standard deviation of the log size.
    pub deviation: Ratio,
}

/// Jumps of a year at most.
pub const MOST_PER_YEAR: f64 = 1000.0;

/// The parameters of given jumps, under the key of their kind.
pub const fn per_year(key: &'static str) -> Param {
    let meaning = Words("jumps expected in a year, at most 20 a session", "每年预期跳跃次数");
    Param { key, unit: Unit::Number, range: Bounds::within(0.0, MOST_PER_YEAR), absent: Absent::Required, shown: "5", meaning }
}

pub const fn mean(key: &'static str, shown: &'static str) -> Param {
    let meaning = Words("mean log size of a jump", "跳跃对数幅度均值");
    Param { key, unit: Unit::Percent, range: Bounds::within(-2.0, 2.0), absent: Absent::Required, shown, meaning }
}

pub const fn deviation(key: &'static str, shown: &'static str) -> Param {
    let meaning = Words("standard deviation of the log size of a jump", "跳跃对数幅度标准差");
    Param { key, unit: Unit::Percent, range: Bounds::within(0.0, 2.0), absent: Absent::Required, shown, meaning }
}

/// Jumps of one kind, per session and in log units.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Jumps {
    /// Expected number of a session.
    pub rate: f64,
    pub mean: f64,
    pub deviation: f64,
    /// P(N ≤ k) for k = 0, 1, … up to one; empty without jumps.
    cumulative: Vec<f64>,
}

impl Jumps {
    /// The largest rate whose law is tabled; jumps this frequent are a diffusion.
    pub const MOST: f64 = 20.0;

    pub fn new(rate: f64, mean: f64, deviation: f64) -> Self {
        assert!((0.0..=Self::MOST).contains(&rate) && mean.is_finite() && deviation >= 0.0, "{rate} jumps of {mean} ± {deviation}");
        let mut cumulative = Vec::new();
        let (mut mass, mut sum, mut k) = (libm::exp(-rate), 0.0, 0.0);
        // past the mean the masses fall: what is left then is below the last bit of a uniform
        while rate > 0.0 && (k <= rate || mass >= 1e-18) {
            sum += mass;
            cumulative.push(sum);
            k += 1.0;
            mass *= rate / k;
        }
        Jumps { rate, mean, deviation, cumulative }
    }

    /// True when nothing is ever added.
    pub fn is_none(&self) -> bool {
        self.rate == 0.0 || (self.mean == 0.0 && self.deviation == 0.0)
    }

    /// The variance the jumps of a session add.
    pub fn variance(&self) -> f64 {
        self.rate * (self.mean * self.mean + self.deviation * self.deviation)
    }

    /// ln E e^(load · sum): what a session's jumps add to the log of the mean price.
    pub fn log_growth(&self, load: f64) -> f64 {
        self.rate * libm::expm1(load * self.mean + 0.5 * load * load * self.deviation * self.deviation)
    }

    /// The sums of one day: `z` normals of the sizes in, sums out. The numbers are drawn from the words of block `day`.
    pub fn draw(&self, key: Key, paths: &Paths, day: u32, z: &mut [f64]) {
        if self.is_none() {
            z.fill(0.0);
            return;
        }
        let mut w = [[0; LANES]; 4];
        words(key, paths, day, &mut w);
        for (lane, z) in z.iter_mut().enumerate() {
            *z = self.sum_of(unit(u64::from(w[0][lane]) | (u64::from(w[1][lane]) << 32)), *z).1;
        }
    }

    /// The number of jumps at a uniform, and their sum at a normal.
    #[inline(always)]
    pub fn sum_of(&self, u: f64, z: f64) -> (f64, f64) {
        let count = self.cumulative.iter().take_while(|c| u >= **c).count() as f64;
        (count, count * self.mean + count.sqrt() * self.deviation * z)
    }
}

/// A diffusion with jumps, fitted to a series.
pub struct Fit {
    /// Deviation of the diffusion of a session.
    pub diffusion: f64,
    pub jumps: Jumps,
    /// Standard errors of the diffusion, the rate, the mean and the deviation of the jumps; NaN where there is none.
    pub errors: [f64; 4],
}

impl Fit {
    /// Whether the frequency of jumps stands on its bound: the likelihood may go on rising beyond it.
    pub fn is_on_bound(&self) -> bool {
        self.jumps.rate > (1.0 - 1e-3) * MOST_OFTEN
    }
}

/// The note on jumps whose fitted frequency is on its bound.
pub fn bound_note(fit: Option<&Fit>, which: Words) -> Option<Note> {
    let Words(which, which_zh) = which;
    let note = |_: &Fit| {
        Note::new(
            format!(
                "{which} jumps stand on their bound of one session in four: no standard error is known of their frequency, and the \
             likelihood may rise beyond; more frequent jumps would be changing volatility, which filtered-historical and \
             regime-switching model"
            ),
            format!(
                "{which_zh}跳跃频率位于其边界（每四个交易日一次）：无标准误，越过边界似然或仍上升；更频繁的跳跃实为波动率变化，可改用 \
             filtered-historical 或 regime-switching"
            ),
        )
    };
    fit.filter(|fit| fit.is_on_bound()).map(note)
}

impl Recorded for Fit {
    fn write(&self, record: &mut Record) {
        record.list(&[self.diffusion, self.jumps.rate, self.jumps.mean, self.jumps.deviation]);
        record.list(&self.errors);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let [diffusion, rate, mean, deviation] = reader.array()?;
        let sound = (0.0..=Jumps::MOST).contains(&rate) && mean.is_finite() && deviation >= 0.0;
        Some(Fit { diffusion, jumps: sound.then(|| Jumps::new(rate, mean, deviation))?, errors: reader.array()? })
    }
}

/// Jumps are rarer than one session in four; more frequent ones would be the diffusion.
///
/// A series of changing volatility (the S&P 500 of 1999 to 2018) gives 164 a year, two days in three: a mixture of low
/// and nervous days, not days on which everything falls at once. Such a law has no rare jump left that a scenario could speak
/// of, and its tail is no longer; `regime-switching` and `filtered-historical` say the same better. So the bound holds, and is told.
const MOST_OFTEN: f64 = 0.25;
/// More jumps than this on one day happen once in 10⁷ days at the highest rate.
const TERMS: usize = 6;
/// Fewer observations than this do not distinguish jumps from a diffusion.
pub const LEAST: usize = 60;

/// Fits diffusion and jumps; nothing when the series is short, constant, or jumps do not pay for their three figures
/// (Akaike: less than 3 of log-likelihood above the normal law).
pub fn fit(series: &[f64]) -> Option<Fit> {
    let n = series.len();
    if n < LEAST {
        return None;
    }
    let mean = series.iter().sum::<f64>() / n as f64;
    let spread = (series.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n as f64).sqrt();
    if spread <= 1e-12 * (1.0 + mean.abs()) {
        return None;
    }
    let standard: Vec<f64> = series.iter().map(|x| (x - mean) / spread).collect();
    // the floor under the diffusion keeps the likelihood from growing without bound around a single observation
    let figures = |free: &[f64]| {
        let share = |x: f64| 1.0 / (1.0 + exp1(-x));
        [0.1 + 1.1 * share(free[1]), MOST_OFTEN * share(free[2]), free[3], exp1(free[4])]
    };
    let each = |free: &[f64], out: &mut [f64]| {
        let [diffusion, rate, size, deviation] = figures(free);
        let mut terms = [(0.0, 0.0, 0.0); TERMS + 1];
        let mut mass = exp1(-rate);
        for (k, term) in terms.iter_mut().enumerate() {
            let jumps = k as f64;
            let variance = diffusion * diffusion + jumps * deviation * deviation;
            *term = (mass / (std::f64::consts::TAU * variance).sqrt(), free[0] + jumps * size, -0.5 / variance);
            mass *= rate / (jumps + 1.0);
        }
        for (out, x) in out.iter_mut().zip(&standard) {
            *out = ln1(terms.iter().map(|(weight, at, scale)| weight * exp1(scale * (x - at) * (x - at))).sum());
        }
        true
    };
    let start = |rate: f64, size: f64, deviation: f64| {
        let diffusion: f64 = 0.8;
        vec![0.0, ln1((diffusion - 0.1) / (1.2 - diffusion)), ln1(rate / (MOST_OFTEN - rate)), size, ln1(deviation)]
    };
    let starts = [(0.02, 0.0, 3.0), (0.1, 0.0, 2.0), (0.02, -2.0, 2.0), (0.1, -0.5, 1.5), (0.005, -4.0, 2.0)];
    let top = maximise(&Likelihood { observations: n, each: &each }, starts.map(|(r, s, d)| start(r, s, d)).to_vec())?;
    let normal = -0.5 * n as f64 * (1.0 + ln1(std::f64::consts::TAU));
    if top.log_likelihood < normal + 3.0 {
        return None;
    }
    let [diffusion, rate, size, deviation] = figures(&top.free);
    let errors = top.errors(figures);
    Some(Fit {
        diffusion: spread * diffusion,
        jumps: Jumps::new(rate, spread * size, spread * deviation),
        errors: [spread * errors[0], errors[1], spread * errors[2], spread * errors[3]],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::maths::random::{normal, paths_from};

    #[test]
    fn jumps_come_back_from_a_series_made_of_them() {
        let jumps = Jumps::new(0.05, -0.03, 0.02);
        let key = Key([4, 4]);
        let n = 15_000;
        let series: Vec<f64> = (0..n as u64)
            .map(|k| {
                let mut sums: [f64; LANES] = std::array::from_fn(|_| normal(key, k * LANES as u64, 1));
                jumps.draw(key, &paths_from(k * LANES as u64), 0, &mut sums);
                0.0005 + 0.01 * normal(key, k * LANES as u64, 0) + sums[0]
            })
            .collect();
        let found = fit(&series).expect("jumps");
        let pairs = [
            (found.diffusion, 0.01),
            (found.jumps.rate, jumps.rate),
            (found.jumps.mean, jumps.mean),
            (found.jumps.deviation, jumps.deviation),
        ];
        for ((value, expected), error) in pairs.into_iter().zip(found.errors) {
            assert!(error > 0.0 && error < 0.2 * expected.abs(), "{value} ± {error} for {expected}");
            assert!((value - expected).abs() < 4.0 * error, "{value} ± {error} for {expected}");
        }
    }

    #[test]
    fn jumps_on_their_bound_have_no_error_of_their_frequency() {
        // volatility that changes from day to day, without a jump
        let day = |k: u64| 0.01 * libm::exp(0.8 * normal(Key([3, 7]), k, 1)) * normal(Key([3, 7]), k, 0);
        let found = fit(&(0..3000).map(day).collect::<Vec<_>>()).expect("jumps");
        assert!(found.is_on_bound() && found.errors[1].is_nan(), "{} ± {}", found.jumps.rate, found.errors[1]);
        assert!(found.errors[0] > 0.0 && found.errors[3] > 0.0, "{:?}", found.errors);
    }

    #[test]
    fn a_normal_a_constant_and_a_short_series_have_no_jumps() {
        let noise: Vec<f64> = (0..2000).map(|k| 0.01 * normal(Key([2, 3]), k, 0)).collect();
        assert!(fit(&noise).is_none() && fit(&noise[..LEAST - 1]).is_none() && fit(&[0.001; 500]).is_none());
        assert!(Jumps::new(0.0, -0.1, 0.1).is_none() && Jumps::default().is_none());
    }

    #[test]
    fn the_table_ends_at_one_at_any_rate() {
        for rate in [1e-9, 0.02, 1.0, Jumps::MOST] {
            let last = *Jumps::new(rate, 0.0, 1.0).cumulative.last().expect("a table");
            assert!((last - 1.0).abs() < 1e-14, "{last} at {rate}");
        }
    }
}
