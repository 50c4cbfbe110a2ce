//! Chooses the volatility that margin rules read: realised, implied by options, the larger of both, or a blend.
//!
//! The realised volatility of a path is the exponentially weighted one of its own returns. An implied volatility is known on
//! the as-of date alone, as its ratio k₀ to the realised one (`[data] implied-volatility`); on a path it moves with the
//! realised one at the ratio
//!
//! ```text
//! k(t) = k∞ + (k₀ − k∞)·2^(−t/h)
//! ```
//!
//! after t sessions, h the `half-life-days` and k∞ the `long-run-ratio`; without a half-life k(t) = k₀, the premium of the
//! as-of date lasts. How implied volatility moves is an assumption, and the report lists it. What rules read is the realised volatility times
//!
//! - `realised`: 1; `implied`: k(t); `larger`: max(1, k(t)); `blend` w: 1 + w·(k(t) − 1).
//!
//! Worked: 64 % a year implied over 256 sessions is 4 % a day, twice a realised 2 %: k₀ = 2. With h = 1 and k∞ = 1, k(1) = 1.5; at a
//! realised volatility of 3 % rules read 4.5 %, and 3.75 % with a blend of 50 %.

use crate::model::part::rule::Rule;
use crate::model::part::{Absent, Bounds, Declared, Fault, Kind, Param, Part, Unit, Words};
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[margin.risk-volatility]`: in force wherever a series of implied volatility is given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct RiskVolatility {
    pub measure: Measure,
    /// Sessions in which half of the ratio's distance from its long run is gone; absent, the ratio stays as on the as-of date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub half_life_days: Option<f64>,
    /// The ratio of implied to realised volatility that a half-life leads to.
    pub long_run_ratio: f64,
    /// Sessions in a year: an annual volatility over their root is a daily one.
    pub trading_days: f64,
}

/// Which volatility counts.
#[derive(Clone, Copy, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// The larger of realised and implied.
    #[default]
    Larger,
    /// Realised alone: the series is reported, and nothing reads it.
    Realised,
    /// Implied alone.
    Implied,
    /// This weight on implied, the rest on realised.
    Blend(Ratio),
}

impl Default for RiskVolatility {
    fn default() -> Self {
        RiskVolatility { measure: Measure::Larger, half_life_days: None, long_run_ratio: 1.0, trading_days: 252.0 }
    }
}

impl Part for RiskVolatility {
    const DECLARED: Declared = Declared {
        key: "risk-volatility",
        kind: Kind::Rule,
        what: Words("the volatility that dynamic lines, haircuts and the template read", "各规则所读取的波动率"),
        formula: "k(t) = k∞ + (k₀ − k∞)·2^(−t/h)",
        source: "",
        params: &[
            Param {
                absent: Absent::Says(Words("`\"larger\"` where [data] names implied-volatility, which the table needs", "取两者较大者")),
                ..Param::choice(
                    "measure",
                    &[
                        ("larger", Words("the larger of realised and implied", "已实现与隐含波动率取大者")),
                        ("realised", Words("realised", "已实现波动率")),
                        ("implied", Words("implied", "隐含波动率")),
                        ("blend", Words("{measure.blend} implied, the rest realised", "隐含波动率占 {measure.blend}，其余为已实现")),
                    ],
                    "\"larger\"",
                    Words("which of realised and implied volatility counts", "采用已实现或隐含波动率"),
                )
            },
            Param::optional("measure.blend", Unit::Percent, Bounds::SHARE, "\"50%\"", Words("the weight on implied", "隐含波动率的权重")),
            Param::optional(
                "half-life-days",
                Unit::Number,
                Bounds::above(0.0, 10_000.0),
                "20",
                Words(
                    "sessions in which half of the distance of implied over realised from its long run is gone; without it the ratio of the as-of date lasts",
                    "隐含与已实现之比回归的半衰期（交易日）",
                ),
            ),
            Param::shown(
                "long-run-ratio",
                Unit::Number,
                Bounds::within(0.1, 10.0),
                "1.0",
                Words("the ratio that the half-life leads to, and needs", "该比值的长期水平"),
            ),
            Param::shown("trading-days", Unit::Number, Bounds::within(200.0, 366.0), "252", Words("sessions in a year", "一年的交易日数")),
        ],
        sentences: &[
            Words("{measure}", "{measure}"),
            Words("{measure}; implied keeps its ratio to realised of the as-of date", "{measure}；隐含与已实现之比保持基准日水平"),
            Words(
                "{measure}; half of implied's distance from {long-run-ratio} times realised is gone after {half-life-days} sessions",
                "{measure}；隐含波动率与已实现的 {long-run-ratio} 倍之差每 {half-life-days} 个交易日减半",
            ),
        ],
        figures: &[],
    };

    fn contradictions(&self) -> Vec<Fault> {
        let what = || format!("found {} without a half-life", self.long_run_ratio);
        let why = "without a half-life the ratio stays as it is on the as-of date";
        let fault = || Fault::new(&["long-run-ratio", "half-life-days"], what(), why, "write `half-life-days` too");
        (self.long_run_ratio != 1.0 && self.half_life_days.is_none()).then(fault).into_iter().collect()
    }
}

impl Rule for RiskVolatility {
    const TITLE: Words = Words("Volatility that margin reads", "保证金规则所取波动率");

    fn said(&self) -> Vec<usize> {
        match (self.measure, self.half_life_days) {
            (Measure::Realised, _) => vec![0],
            (_, None) => vec![1],
            (_, Some(_)) => vec![2],
        }
    }

    fn assumed(&self, _depths: bool) -> Option<Words> {
        const ASSUMED: Words = Words(
            "On simulated paths implied volatility moves with the realised one, at the ratio of the as-of date (with a half-life: on its way to a long-run ratio): how options are priced along a path is assumed, and the index of options stands for the equal-weighted mean of what is held.",
            "模拟路径上隐含波动率随已实现波动率变动，二者之比取基准日水平（设有半衰期的情景则逐步回归长期比率）；路径上的期权定价方式为假设，且以期权波动率指数代表持仓证券的等权平均。",
        );
        (self.measure != Measure::Realised).then_some(ASSUMED)
    }
}

impl RiskVolatility {
    /// An annual implied volatility over a realised daily one; 1 where nothing was realised.
    pub fn ratio(&self, implied_annual: f64, realised_daily: f64) -> f64 {
        let implied_daily = implied_annual / self.trading_days.sqrt();
        if realised_daily > 0.0 { implied_daily / realised_daily } else { 1.0 }
    }

    /// What rules read over the realised volatility, `day` sessions after an as-of date with the ratio `start`.
    pub fn factor(&self, start: f64, day: usize) -> f64 {
        let ratio = match self.half_life_days {
            None => start,
            Some(half) => self.long_run_ratio + (start - self.long_run_ratio) * libm::exp2(-(day as f64) / half),
        };
        match self.measure {
            Measure::Realised => 1.0,
            Measure::Implied => ratio,
            Measure::Larger => ratio.max(1.0),
            Measure::Blend(weight) => 1.0 + weight.get() * (ratio - 1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "found {found}, expected {expected}");
    }

    fn rule(measure: Measure, half_life_days: Option<f64>) -> RiskVolatility {
        RiskVolatility { measure, half_life_days, trading_days: 256.0, ..RiskVolatility::default() }
    }

    #[test]
    fn the_ratio_is_that_of_daily_volatilities_as_worked() {
        near(rule(Measure::Implied, None).ratio(0.64, 0.02), 2.0);
        near(rule(Measure::Implied, None).ratio(0.64, 0.0), 1.0);
    }

    #[test]
    fn each_measure_reads_its_part_and_a_half_life_takes_the_distance_away() {
        let blend = Measure::Blend(Ratio::from_fraction(0.5));
        for (measure, of_double, of_half) in
            [(Measure::Realised, 1.0, 1.0), (Measure::Implied, 2.0, 0.5), (Measure::Larger, 2.0, 1.0), (blend, 1.5, 0.75)]
        {
            near(rule(measure, None).factor(2.0, 7), of_double);
            near(rule(measure, None).factor(0.5, 7), of_half);
        }
        near(rule(Measure::Implied, Some(1.0)).factor(2.0, 1), 1.5);
        near(rule(blend, Some(1.0)).factor(2.0, 1), 1.25);
        near(rule(Measure::Implied, Some(5.0)).factor(0.6, 10), 0.9);
        near(rule(Measure::Implied, Some(5.0)).factor(2.0, 0), 2.0);
        let premium = RiskVolatility { long_run_ratio: 1.3, ..rule(Measure::Implied, Some(5.0)) };
        near(premium.factor(1.7, 5), 1.5);
        near(premium.factor(0.9, 10), 1.2);
    }
}
