//! Draws how much of what was called a paying client pays: a uniform part between two bounds.
//!
//! The bounds are an assumption of the user; whole payments (100 % to 100 %) are the default and need no draw.
//! Worked: low 40 %, high 80 %, uniform 0.25 → 50 % of the money that would restore the ratio.

use crate::model::part::rule::Rule;
use crate::model::part::{Bounds, Declared, Fault, Kind, Param, Part, Unit, Words};
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `{ low = "40%", high = "80%" }`, shares of what restores the ratio.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Payment {
    /// The least part paid.
    pub low: Ratio,
    /// The largest part paid.
    pub high: Ratio,
}

impl Default for Payment {
    fn default() -> Self {
        Payment { low: Ratio::ONE, high: Ratio::ONE }
    }
}

impl Part for Payment {
    const DECLARED: Declared = Declared {
        key: "payment",
        kind: Kind::Rule,
        what: Words("the part of a call that a paying client pays", "客户实际补足的比例"),
        formula: "low + (high − low)·u, u uniform",
        source: "",
        params: &[
            Param::shown(
                "low",
                Unit::Percent,
                Bounds::SHARE,
                "\"100%\"",
                Words("the least part that a paying client pays", "补足比例下限"),
            ),
            Param::shown(
                "high",
                Unit::Percent,
                Bounds::SHARE,
                "\"100%\"",
                Words("the largest part that a paying client pays, uniform between the two", "补足比例上限，其间均匀分布"),
            ),
        ],
        sentences: &[Words("{low}", "{low}"), Words("{low}–{high}", "{low}–{high}")],
        figures: &[],
    };

    fn contradictions(&self) -> Vec<Fault> {
        let what = || format!("low {} stands above high {}", self.low, self.high);
        let fault = || Fault::new(&["low", "high"], what(), "the part paid lies between the two", "swap them");
        (self.low > self.high).then(fault).into_iter().collect()
    }
}

impl Rule for Payment {
    const TITLE: Words = Words("Part of a call that a paying client pays", "补足客户实际补足的比例");

    fn said(&self) -> Vec<usize> {
        vec![usize::from(!self.is_certain())]
    }

    fn assumed(&self, _depths: bool) -> Option<Words> {
        const ASSUMED: Words = Words("What part of a call a paying client pays is assumed.", "补足客户实际补足的比例为假设。");
        (*self != Payment::default()).then_some(ASSUMED)
    }
}

impl Payment {
    /// True when the part is the same every time.
    pub fn is_certain(&self) -> bool {
        self.low == self.high
    }

    /// The part at a uniform in (0, 1).
    pub fn share(&self, uniform: f64) -> f64 {
        self.low.get() + (self.high.get() - self.low.get()) * uniform
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_the_way_is_half() {
        let part = Payment { low: Ratio::from_fraction(0.4), high: Ratio::from_fraction(0.8) };
        assert!((part.share(0.25) - 0.5).abs() < 1e-15 && !part.is_certain());
        assert_eq!(Payment::default().share(0.7), 1.0);
    }
}
