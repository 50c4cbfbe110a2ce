//! States how exact the figures of a run shall be: paths are added until they are, or until there are as many as allowed.

use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[simulation.until]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Until {
    /// Keys of summary.json; each must be exact enough in every scenario that has it.
    pub measures: Vec<String>,
    /// Half of the confidence interval, at most, as a share of the figure.
    pub half_width: Ratio,
    /// Half of the interval, at most, in the figure's own unit: enough where the share is not met, as for a figure of 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub half_width_absolute: Option<f64>,
    /// Paths at most.
    pub max_paths: u64,
}

impl Default for Until {
    fn default() -> Self {
        Until {
            measures: vec!["pool_loss.es_97_5".into()],
            half_width: Ratio::from_fraction(0.01),
            half_width_absolute: None,
            max_paths: 1_000_000,
        }
    }
}

/// Paths are added in multiples of this: whole batches.
const WHOLE: u64 = 256;

/// A run grows at most so much at once: what its first paths tell of its errors is itself uncertain.
const GROWTH: u64 = 4;

impl Until {
    /// Half of the interval that a figure may have.
    pub fn allowed(&self, value: f64) -> f64 {
        (self.half_width.get() * value.abs()).max(self.half_width_absolute.unwrap_or(0.0))
    }

    /// How many paths to have next, when after `paths` the widest interval is `times` as wide as allowed; nothing when that is enough,
    /// or there are as many as allowed.
    ///
    /// Errors fall with the square root of paths. What is far off is approached from below first, so that the last step rests on nearly as
    /// many paths as are needed.
    pub fn next(&self, paths: u64, times: f64) -> Option<u64> {
        if times <= 1.0 || paths >= self.max_paths {
            return None;
        }
        let needed = paths as f64 * times * times;
        let most = paths.saturating_mul(GROWTH);
        let aim = if needed > 1.5 * paths as f64 { 0.85 * needed } else { (1.02 * needed).max(1.05 * paths as f64) };
        // an interval without an end needs more paths than can be told
        let next = if aim < most as f64 { aim as u64 } else { most };
        Some(next.max(paths + 1).div_ceil(WHOLE).saturating_mul(WHOLE).min(self.max_paths))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_follow_the_square_root_law_and_end_close_to_what_is_needed() {
        let until = Until { max_paths: 500_000, ..Until::default() };
        // an error of 1 at 100,000 paths: as many are needed
        for first in [256, 2_000, 10_000, 60_000, 90_000] {
            let (mut paths, mut rounds) = (first, 1);
            while let Some(next) = until.next(paths, (100_000.0 / paths as f64).sqrt()) {
                assert!(next > paths && next < 4 * paths + WHOLE, "{paths} to {next}");
                (paths, rounds) = (next, rounds + 1);
            }
            assert!((100_000..105_600).contains(&paths) && rounds <= 8, "{paths} paths in {rounds} rounds from {first}");
        }
        assert_eq!(until.next(100_000, 1.0), None);
        assert_eq!(until.next(400_000, f64::INFINITY), Some(500_000));
        assert_eq!(until.next(500_000, 2.0), None);
        assert!(until.allowed(-300.0) == 3.0 && Until { half_width_absolute: Some(5.0), ..until }.allowed(0.0) == 5.0);
    }
}
