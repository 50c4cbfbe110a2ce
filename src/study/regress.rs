//! Tells a change of a figure from noise: a stored figure, a figure now, and how far the two may lie apart.
//!
//! A figure has moved when |now − then| > allowed + 10⁻⁹ · max(|now|, |then|), with allowed the largest of
//!
//! - K · √(se_now² + se_then²);
//! - K/z · √(side_now² + side_then²): the sides of the two intervals that face each other, the lower one of the larger figure
//!   and the upper one of the smaller (Zou and Donner 2008), z the standard errors in half an interval. An error of a rare event
//!   is no measure of how far the other run may lie; the exact or skewness-corrected interval is;
//! - K/z · √(½ Σ side²) over all four sides: without a change both runs follow one law, and the run that met the rare path which
//!   moves a figure tells of it in the side that faces away. Of symmetric intervals this is the first term again.
//!
//! The runs are taken as independent; on the same seed they are not, and the true noise is smaller, so that the test is cautious
//! in calling a change. The last term lets the last bits differ where a figure carries no sampling error.
//!
//! A figure that no path of one run shows, and whose largest value on a path is not known, has no interval. It is then set
//! against the share of paths that show it in the other, at least (value/se)²/n, and their mean size there.
//! A figure flagged `thin-tail` or `open-interval` in either has no known noise and is not judged otherwise; raise the paths to
//! have it guarded. What K is, and what a command of many figures concludes, is `gate`.
//!
//! Example: K = 4, then 100 ± 3, now 118 ± 4: 18 < 4 · 5 = 20, the same; now 121 would have moved. Then none of 10,000 paths
//! (0 to 3.7 of them at 95 %), now 12 (6.2 to 21.0): 12 < 4/1.96 · √(½·(3.7² + 5.8² + 9.0²)) = 16.3, the same; now 21 would have moved.

use super::limits::Verdict;
use crate::engine::outcome::Stratum;
use crate::maths::special::{normal_cdf, two_sided_quantile};
use crate::measures::{Estimate, Flag, Unit};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Relative difference that no change of a figure without sampling error may exceed.
const LAST_BITS: f64 = 1e-9;

/// What a baseline keeps: the part of `summary.json` that is compared; a whole `summary.json` is a baseline.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Baseline {
    pub schema: u32,
    /// The version of the program that made it; absent in the `summary.json` of a report.
    #[serde(default)]
    pub version: Option<String>,
    pub name: String,
    #[serde(default)]
    pub as_of: String,
    #[serde(default)]
    pub currency: String,
    #[serde(default)]
    pub seed: Option<u64>,
    #[serde(default)]
    pub programme_hash: String,
    /// SHA-256 of each data file, by its role; absent in the `summary.json` of a report.
    #[serde(default)]
    pub data: BTreeMap<String, String>,
    pub scenarios: Vec<Stored>,
    #[serde(default)]
    pub limits: Vec<StoredLimit>,
}

/// A stored limit and its verdict.
#[derive(Clone, Debug, Deserialize)]
pub struct StoredLimit {
    pub scenario: String,
    pub measure: String,
    pub side: String,
    pub limit: f64,
    pub verdict: Verdict,
}

/// One stored scenario.
#[derive(Clone, Debug, Deserialize)]
pub struct Stored {
    pub name: String,
    /// Two-sided confidence of intervals.
    #[serde(default = "usual_confidence")]
    pub confidence: f64,
    /// What its paths were chosen of; absent with plain sampling.
    #[serde(default)]
    pub candidates: Option<u64>,
    /// Where candidates count differently.
    #[serde(default)]
    pub strata: Vec<Stratum>,
    /// True when every path is the same.
    #[serde(default)]
    pub deterministic: bool,
    pub measures: BTreeMap<String, Figure>,
}

/// What intervals were made with before a summary stated it.
fn usual_confidence() -> f64 {
    0.95
}

/// A figure and its standard error; a figure that is not defined has no value, or the flag that says so.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Figure {
    pub value: Option<f64>,
    pub std_error: Option<f64>,
    #[serde(default)]
    pub unit: Option<Unit>,
    #[serde(default)]
    pub flag: Option<Flag>,
    /// Paths it rests on.
    #[serde(default)]
    pub paths: Option<u64>,
    /// Its interval, where it is known; no upper end where it is open.
    #[serde(default)]
    pub ci_low: Option<f64>,
    #[serde(default)]
    pub ci_high: Option<f64>,
}

impl Figure {
    /// A figure as a run gives it.
    pub fn of(estimate: &Estimate) -> Self {
        let finite = |x: f64| x.is_finite().then_some(x);
        Figure {
            value: finite(estimate.value),
            std_error: finite(estimate.std_error),
            unit: Some(estimate.unit),
            flag: estimate.flag,
            paths: Some(estimate.paths),
            ci_low: finite(estimate.ci_low),
            ci_high: estimate.ci_high.and_then(finite),
        }
    }

    /// Equal to the last bit in all that is compared.
    pub fn is_same(&self, other: &Figure) -> bool {
        let bits = |figure: &Figure| [figure.value, figure.std_error, figure.ci_low, figure.ci_high].map(|x| x.map(f64::to_bits));
        bits(self) == bits(other) && (self.flag, self.paths) == (other.flag, other.paths)
    }

    /// The value, where there is one to compare.
    pub fn defined(&self) -> Option<f64> {
        self.value.filter(|_| self.flag != Some(Flag::Undefined))
    }
}

/// The standard error of a difference of two figures, taken as independent; infinite where one has none.
pub fn noise(a: &Figure, b: &Figure) -> f64 {
    let of = |f: &Figure| f.std_error.unwrap_or(f64::INFINITY);
    let (a, b) = (of(a), of(b));
    (a * a + b * b).sqrt()
}

/// How far the interval of `after − before` reaches below and above it, from the intervals of both; nothing where one is open.
pub fn reach(before: &Figure, after: &Figure) -> Option<(f64, f64)> {
    let sides = |f: &Figure| Some((f.value? - f.ci_low?, f.ci_high? - f.value?));
    let ((low_then, high_then), (low_now, high_now)) = (sides(before)?, sides(after)?);
    let root = |a: f64, b: f64| (a * a + b * b).sqrt();
    Some((root(low_now, high_then), root(high_now, low_then)))
}

/// How far two figures may lie apart and be the same but for noise; nothing where the noise of one is not known.
///
/// `confidence` is that of the intervals, `tolerance` the number of standard errors that is still noise.
pub fn allowed(before: &Figure, after: &Figure, confidence: f64, tolerance: f64) -> Option<f64> {
    let (was, is) = (before.defined()?, after.defined()?);
    let z = two_sided_quantile(confidence);
    let (less, more) = if was <= is { (before, after) } else { (after, before) };
    let beside = |f: &Figure| !matches!(f.flag, None | Some(Flag::RareEvent));
    if beside(before) || beside(after) {
        // only what no path of one run shows can still be judged, by a figure of the other that is known
        let unseen = |f: &Figure| f.value == Some(0.0) && f.std_error.is_none_or(|e| e == 0.0) && f.flag == Some(Flag::OpenInterval);
        let judged = unseen(less) && !beside(more) && more.value > Some(0.0);
        return if judged { against_nothing(less, more, z, tolerance) } else { None };
    }
    let plain = tolerance * noise(before, after);
    let facing = reach(before, after).map_or(0.0, |(below, above)| if was <= is { below } else { above });
    let pooled = pooled(before, after).unwrap_or(0.0);
    Some(plain.max(facing.max(pooled) * tolerance / z)).filter(|a| a.is_finite())
}

/// How far two figures of one law lie apart, from all sides of both intervals; nothing where one is open.
fn pooled(before: &Figure, after: &Figure) -> Option<f64> {
    let square = |f: &Figure| {
        let (low, high) = (f.value? - f.ci_low?, f.ci_high? - f.value?);
        Some(low * low + high * high)
    };
    Some(((square(before)? + square(after)?) / 2.0).sqrt())
}

/// Whether chance alone leaves a figure defined in one run and not in the other, as rarely as `tolerance` errors or more often.
///
/// What k paths of one run define and none of another as long does, comes with a probability of 2⁻ᵏ at most. A figure rests on the
/// paths it states, and its error tells how many of them it really rests on: of a mean of k paths (value/se)² ≤ k where sizes do not
/// vary, and of the root of a mean square up to four times as many. Few paths that all show the same have no error, and count as the
/// paths they are; a single path without a flag is the only one there is, and not drawn. Worked: K = 4.87 asks for 21 paths.
pub fn defined_by_chance(defined: &Figure, tolerance: f64) -> bool {
    let stated = defined.paths.filter(|paths| *paths > 1 || defined.flag == Some(Flag::OpenInterval)).map(|paths| paths as f64);
    let error = defined.std_error.filter(|error| *error > 0.0 && error.is_finite());
    let told = defined.value.zip(error).map(|(value, error)| (value / error) * (value / error) / 4.0);
    let paths = match (stated, told) {
        (Some(stated), Some(told)) => stated.min(told),
        (Some(paths), None) | (None, Some(paths)) => paths,
        (None, None) => return false,
    };
    paths * std::f64::consts::LN_2 <= -libm::log(normal_cdf(-tolerance))
}

/// What `more` may come to where no path of `less` shows any, at least.
fn against_nothing(less: &Figure, more: &Figure, z: f64, tolerance: f64) -> Option<f64> {
    let (value, error) = (more.value?, more.std_error?);
    let paths = more.paths? as f64 / less.paths? as f64;
    // of n paths that show it with probability p none does with (1 − p)^n: as rare as `tolerance` errors where np is this
    let never = -libm::log(1.0 - normal_cdf(tolerance));
    let seen = (value / error) * (value / error);
    let (up, down) = (value * never * paths / seen, (value - more.ci_low?) * tolerance / z);
    Some((up * up + down * down).sqrt())
}

/// What last bits may differ by.
pub fn last_bits(a: f64, b: f64) -> f64 {
    LAST_BITS * a.abs().max(b.abs())
}
