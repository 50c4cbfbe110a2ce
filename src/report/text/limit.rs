//! Writes how much of a limit is used.

use super::number;
use crate::study::limits::LimitResult;

/// A share of a limit, with the error of the figure carried over: as e/limit, or as used·e/figure where it must stay above.
pub fn used(l: &LimitResult, used: f64) -> String {
    let relative = l.estimate.std_error / l.estimate.value;
    // what no path shows uses up as much as its bound may
    let bound = l.estimate.ci_high.filter(|high| used == 0.0 && *high > l.estimate.value && l.side == "below");
    if let Some(high) = bound {
        return format!("0% (≤ {})", number::whole_percent(high / l.limit));
    }
    // a share with an error below half a per cent is written as one without
    if relative.is_finite() && used * relative >= 0.005 {
        format!("{}%", number::with_error(used * 100.0, used * relative * 100.0))
    } else {
        number::whole_percent(used)
    }
}
