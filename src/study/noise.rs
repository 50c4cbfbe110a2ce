//! Tells whether a paired difference is beyond noise.
//!
//! It is where its one-sided bound, which the skewness of the difference moves, and the plain one, difference less z standard errors, both
//! lie on the same side of nothing. Both are asked, for at such levels a few paths that differ all to one side have a skewed bound that
//! claims more than they show.

use crate::maths::special::normal_quantile;
use crate::measures::Estimate;
use crate::measures::bounds::one_sided;

/// On which side of nothing a difference lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Above,
    Below,
}

/// The one-sided confidence that makes so many two-sided comparisons right together (Bonferroni 1936).
pub fn each_of(comparisons: usize, confidence: f64) -> f64 {
    1.0 - (1.0 - confidence) / (2.0 * comparisons.max(1) as f64)
}

/// The side of a difference that is beyond noise; `shown` is the confidence of its own interval.
pub fn side(difference: &Estimate, each: f64, shown: f64) -> Option<Side> {
    let (low, high) = one_sided(difference, each, shown);
    let clear = difference.value.abs() > normal_quantile(each) * difference.std_error;
    match (low > 0.0 && clear, high < 0.0 && clear) {
        (true, _) => Some(Side::Above),
        (_, true) => Some(Side::Below),
        _ => None,
    }
}
