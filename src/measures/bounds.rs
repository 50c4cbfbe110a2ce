//! Bounds a measure from one side, for those who must claim that it lies below or above a value.

use super::Estimate;
use super::figure::skewed_interval;
use super::stated::Basis;
use crate::maths::special::{normal_quantile, probability_high, probability_low, two_sided_quantile};

/// One-sided bounds of an estimate, each wrong with probability at most 1 − `confidence`; infinite where it has none.
///
/// `shown` is the two-sided confidence of the estimate's own interval. Order statistics keep its sides, scaled: such an
/// interval is not symmetric, and its long side must not be shortened. Where every path is the same both are the value.
pub fn one_sided(e: &Estimate, confidence: f64, shown: f64) -> (f64, f64) {
    let miss = 1.0 - confidence;
    match e.basis {
        Basis::Exact => (e.value, e.value),
        Basis::Count { hits, of } => (probability_low(hits, of, miss), probability_high(hits, of, miss)),
        Basis::Skewed { skewness, least, most } => {
            let (low, high) = skewed_interval(e.value, e.std_error, skewness, normal_quantile(confidence));
            (low.max(least).min(e.value), if e.ci_high.is_none() { f64::INFINITY } else { high.min(most).max(e.value) })
        }
        Basis::Unseen { down, up, least, most, of } => {
            let share = probability_high(0, of, miss);
            let side = |reach: f64| if reach > 0.0 { share * reach } else { 0.0 };
            ((e.value - side(down)).max(least), (e.value + side(up)).min(most))
        }
        Basis::Sides => {
            let scale = normal_quantile(confidence) / two_sided_quantile(shown);
            let low = e.value - (e.value - e.ci_low) * scale;
            (low, e.ci_high.map_or(f64::INFINITY, |high| e.value + (high - e.value) * scale))
        }
    }
}
