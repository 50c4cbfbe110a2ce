//! Bounds a measure from one side, for those who must claim that it lies below or above a value.

use super::{Estimate, Unit};
use crate::maths::special::{normal_quantile, probability_high, probability_low};

/// One-sided bounds of an estimate, each wrong with probability at most 1 − `confidence`.
///
/// `shown` is the two-sided confidence of the estimate's own interval, whose sides are scaled: an order-statistic interval
/// is not symmetric, and its long side must not be shortened.
pub fn one_sided(key: &str, e: &Estimate, confidence: f64, shown: f64) -> (f64, f64) {
    let exact = e.std_error == 0.0 && e.ci_low == e.value && e.ci_high == Some(e.value);
    if exact {
        return (e.value, e.value);
    }
    let miss = 1.0 - confidence;
    let never_or_always = e.unit == Unit::Ratio && e.std_error == 0.0 && (e.value == 0.0 || e.value == 1.0);
    if key.ends_with("probability") || never_or_always {
        // a count of paths; a mean of shares that is 0 on every path lies below the bound of "any path shows it"
        let hits = (e.value * e.paths as f64).round() as u64;
        return (probability_low(hits, e.paths, miss), probability_high(hits, e.paths, miss));
    }
    let scale = normal_quantile(confidence) / normal_quantile(0.5 + shown / 2.0);
    let low = e.value - (e.value - e.ci_low) * scale;
    let high = e.ci_high.map_or(f64::INFINITY, |high| e.value + (high - e.value) * scale);
    (low, high)
}
