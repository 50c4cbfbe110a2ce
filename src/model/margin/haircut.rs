//! States how much of a holding's market value counts in the ratio, and how haircuts widen with its own volatility.
//!
//! A holding counts `p·(1 − h)` a share; money always moves at p. The haircut is
//!
//! ```text
//! h = max(h₀, min(cap, h₀·(1 + widening·max(0, σ/σ₀ − 1))))
//! ```
//!
//! with σ the symbol's exponentially weighted daily volatility and σ₀ that of the as-of date: falls make prices volatile,
//! volatility widens haircuts, ratios fall without a sale, and sales follow. This is the margin spiral of Brunnermeier and
//! Pedersen (2009).
//!
//! Worked: h₀ = 10 %, widening 1, σ from 2 % to 5 %: h = 10 %·(1 + 1.5) = 25 %; 100 of value counts 75.

use super::rulebook::Collateral;
use crate::model::part::rule::Rule;
use crate::model::part::{Bounds, Declared, Fault, Kind, Param, Part, Unit, Words};
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is taken off a holding's market value before it counts.
#[derive(Clone, Copy, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Base {
    /// Nothing: the ratio counts market value.
    #[default]
    None,
    /// All but the symbol's conversion rate 折算率, of the instruments file, within the rulebook's caps.
    Collateral,
    /// The same share of every holding.
    Flat(Ratio),
}

/// `[margin.haircuts]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Haircuts {
    pub base: Base,
    /// How much of a rise in volatility the haircut follows; 0 for one that never moves.
    pub widening: f64,
    /// What a haircut widens to at most; one that starts wider stays as it is.
    pub cap: Ratio,
}

impl Default for Haircuts {
    fn default() -> Self {
        Haircuts { base: Base::None, widening: 0.0, cap: Ratio::from_fraction(0.9) }
    }
}

impl Part for Haircuts {
    const DECLARED: Declared = Declared {
        key: "haircuts",
        kind: Kind::Rule,
        what: Words("what a holding counts for in the ratio; money moves at the market price", "持仓计入担保比例的折扣"),
        formula: "h = max(h₀, min(cap, h₀·(1 + widening·max(0, σ/σ₀ − 1))))",
        source: "Brunnermeier and Pedersen (2009)",
        params: &[
            Param::choice(
                "base",
                &[
                    ("none", Words("nothing", "无")),
                    ("collateral", Words("all but the conversion rate", "按折算率计入")),
                    ("flat", Words("{base.flat} of every holding", "每项持仓 {base.flat}")),
                ],
                "\"none\"",
                Words("what is taken off market value in the ratio", "计算担保比例时自市值扣除的部分"),
            ),
            Param::optional(
                "base.flat",
                Unit::Percent,
                Bounds::below(0.0, 1.0),
                "\"10%\"",
                Words("the same share of every holding", "各持仓的统一扣减比例"),
            ),
            Param::shown(
                "widening",
                Unit::Number,
                Bounds::within(0.0, 100.0),
                "0",
                Words("how much of a rise in its volatility a haircut follows", "折扣随波动率上升而扩大的程度"),
            ),
            Param::shown(
                "cap",
                Unit::Percent,
                Bounds::SHARE,
                "\"90%\"",
                Words("what a haircut widens to at most; one that starts wider stays", "折扣扩大的上限"),
            ),
        ],
        sentences: &[
            Words("{base}", "{base}"),
            Words("following {widening} times the rise of volatility, at most {cap}", "随波动率上升的 {widening} 倍扩大，最高 {cap}"),
        ],
        figures: &[],
    };

    fn contradictions(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if let Base::Flat(share) = self.base
            && share > self.cap
        {
            let what = format!("the haircut {share} stands above its cap {}", self.cap);
            faults.push(Fault::new(&["base", "cap"], what, "a haircut widens from its base up to its cap", "raise the cap"));
        }
        if self.widening != 0.0 && !self.is_on() {
            let what = format!("found {} without a haircut", self.widening);
            faults.push(Fault::new(&["widening", "base"], what, "a haircut of nothing has nothing to widen", "choose a `base` too"));
        }
        faults
    }
}

impl Rule for Haircuts {
    const TITLE: Words = Words("Haircuts in the ratio", "担保比例中的折扣");

    fn acts(&self) -> bool {
        self.base != Base::None
    }

    fn said(&self) -> Vec<usize> {
        if self.widening == 0.0 { vec![0] } else { vec![0, 1] }
    }
}

/// A conversion rate 折算率 within the caps of a rulebook. Which stocks are of an index is not known: the higher cap holds for all but ST.
pub fn capped_rate(conversion_rate: f64, st: bool, caps: Option<&Collateral>) -> f64 {
    let most = caps.map_or(1.0, |c| if st { c.st.get() } else { c.index_stock.get().max(c.other_stock.get()) });
    conversion_rate.min(most)
}

impl Haircuts {
    /// True when anything is taken off.
    pub fn is_on(&self) -> bool {
        self.base != Base::None
    }

    /// The haircut of a symbol at the as-of date: a conversion rate of 0 counts nothing, whatever the cap on widening.
    pub fn start(&self, conversion_rate: f64, st: bool, caps: Option<&Collateral>) -> f64 {
        match self.base {
            Base::None => 0.0,
            Base::Flat(share) => share.get(),
            Base::Collateral => 1.0 - capped_rate(conversion_rate, st, caps),
        }
    }

    /// The haircut of a symbol that started at `start`, at `relative` times its as-of volatility.
    #[inline(always)]
    pub fn at(&self, start: f64, relative: f64) -> f64 {
        let rise = if relative > 1.0 { relative - 1.0 } else { 0.0 };
        let wide = start * (1.0 + self.widening * rise);
        let cap = self.cap.get();
        if wide < cap { wide } else { cap.max(start) }
    }

    /// The widest haircut of a symbol that started at `start`: what a bound must assume.
    pub fn widest(&self, start: f64) -> f64 {
        if self.widening > 0.0 && start > 0.0 { self.cap.get().max(start) } else { start }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_haircut_widens_with_volatility_up_to_its_cap() {
        let haircuts = Haircuts { base: Base::Flat(Ratio::from_fraction(0.1)), widening: 1.0, cap: Ratio::from_fraction(0.6) };
        let start = haircuts.start(1.0, false, None);
        for (relative, expected) in [(0.5, 0.1), (1.0, 0.1), (2.5, 0.25), (100.0, 0.6)] {
            assert!((haircuts.at(start, relative) - expected).abs() < 1e-12, "{relative}");
        }
        assert_eq!(haircuts.widest(start), 0.6);
        assert_eq!(Haircuts { widening: 0.0, ..haircuts }.widest(start), 0.1);
    }

    #[test]
    fn conversion_rates_stay_within_the_rulebooks_caps() {
        let caps = Collateral { index_stock: Ratio::from_fraction(0.7), other_stock: Ratio::from_fraction(0.65), st: Ratio::ZERO };
        let haircuts = Haircuts { base: Base::Collateral, cap: Ratio::ONE, ..Haircuts::default() };
        assert!((haircuts.start(0.9, false, Some(&caps)) - 0.3).abs() < 1e-12);
        assert!((haircuts.start(0.5, false, Some(&caps)) - 0.5).abs() < 1e-12);
        assert_eq!(haircuts.start(0.9, true, Some(&caps)), 1.0);
        assert!((haircuts.start(0.9, false, None) - 0.1).abs() < 1e-12);
        // the cap holds widening back, and lifts nothing
        let capped = Haircuts { widening: 1.0, ..Haircuts { base: Base::Collateral, ..Haircuts::default() } };
        let nothing = capped.start(0.0, false, None);
        assert_eq!((nothing, capped.start(0.9, true, Some(&caps)), capped.at(nothing, 5.0), capped.widest(nothing)), (1.0, 1.0, 1.0, 1.0));
    }
}
