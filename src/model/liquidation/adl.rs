//! States the de-leveraging ahead of the line: between two ratios an account sells a share of what it holds each session.
//!
//! A financing platform has no counterparties to be matched against, so this is no deleveraging by rank as futures
//! exchanges make it: it is a proportional sale before the liquidation line (a definition of this program).

use crate::model::part::rule::Rule;
use crate::model::part::{Bounds, Declared, Fault, Kind, Param, Part, Unit, Words};
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[liquidation.adl]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Adl {
    /// An account below this ratio sells.
    pub upper: Ratio,
    /// At or below this ratio it sells no more by this rule; the liquidation line takes over.
    pub lower: Ratio,
    /// Share of every holding sold at each close.
    pub share: Ratio,
}

impl Default for Adl {
    fn default() -> Self {
        Adl { upper: Ratio::from_fraction(1.4), lower: Ratio::ONE, share: Ratio::from_fraction(0.1) }
    }
}

impl Part for Adl {
    const DECLARED: Declared = Declared {
        key: "adl",
        kind: Kind::Rule,
        what: Words("de-leveraging ahead of the line, in proportion", "平仓线前的按比例减仓"),
        formula: "between lower and upper an account sells share of every holding at each close",
        source: "",
        params: &[
            Param::shown("upper", Unit::Line, Bounds::LINE, "\"140%\"", Words("below it an account sells", "低于此比例即减仓")),
            Param::shown(
                "lower",
                Unit::Line,
                Bounds::LINE,
                "\"100%\"",
                Words("at or below it the rule sells no more", "低于此比例不再减仓"),
            ),
            Param::shown(
                "share",
                Unit::Percent,
                Bounds::PART,
                "\"10%\"",
                Words("share of every holding sold at each close", "每日收盘卖出各持仓的比例"),
            ),
        ],
        sentences: &[Words(
            "between {lower} and {upper}: {share} of every holding at each close",
            "担保比例介于 {lower} 与 {upper} 时每日卖出各持仓的 {share}",
        )],
        figures: &[],
    };

    fn contradictions(&self) -> Vec<Fault> {
        let what = || format!("lower {} is not below upper {}", self.lower, self.upper);
        let fault = || Fault::new(&["lower", "upper"], what(), "it acts between its two ratios", "set lower below upper");
        (self.lower >= self.upper).then(fault).into_iter().collect()
    }
}

impl Rule for Adl {
    const TITLE: Words = Words("De-leveraging ahead of the line", "线前比例减仓");
}

impl Adl {
    /// Whether an account of `assets` against `debt` sells today.
    pub fn acts(&self, assets_money: f64, debt_money: f64) -> bool {
        debt_money > 0.0 && assets_money < self.upper.get() * debt_money && assets_money > self.lower.get() * debt_money
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_acts_between_its_two_ratios() {
        let adl = Adl { upper: Ratio::from_fraction(1.4), lower: Ratio::from_fraction(1.1), share: Ratio::from_fraction(0.1) };
        for (assets, acts) in [(140.0, false), (139.0, true), (111.0, true), (110.0, false)] {
            assert_eq!(adl.acts(assets, 100.0), acts, "{assets}");
        }
        assert!(!adl.acts(1.0, 0.0));
    }
}
