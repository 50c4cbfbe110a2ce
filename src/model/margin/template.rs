//! States the leverage template: the leverage allowed without stress and under stress, and for illiquid holdings.
//!
//! Between no and full stress (0 to 1, see the market state) the leverage allowed falls linearly,
//!
//! ```text
//! L = 1 + ((calm − 1) + (stress − calm)·s)·liquidity
//! ```
//!
//! where liquidity is the share of an account's holdings that `liquid-days` sessions could take, each at most
//! `participation` of average turnover and, where the depth of buyers' quotes is known, that depth `depth-refills` times:
//! quotes that are hit are filled up again so often in a session. How often is an assumption, and the report lists it.
//! An account above L stands below the ratio L/(L − 1); with `enforce` it is sold down to it.
//!
//! Worked: calm 3, stress 1.5: at s = 0.5 L = 2.25, a ratio of 180 %; with half of the holdings liquid 1.625, 260 %. Five
//! sessions at 20 % of a turnover of 10 m take 10 m; quotes of 50,000 filled up 20 times a session take 5 m.

use crate::model::part::rule::Rule;
use crate::model::part::{Bounds, Declared, Fault, Kind, Param, Part, Unit, Words};
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[margin.template]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Template {
    /// Leverage allowed at no stress and full liquidity.
    pub calm_leverage: f64,
    /// Leverage allowed at full stress.
    pub stress_leverage: f64,
    /// Sessions in which holdings count as liquid.
    pub liquid_days: u32,
    /// Share of a symbol's average turnover that a sale may take in a session.
    pub participation: Ratio,
    /// Times a session that the depth of buyers' quotes can be taken, where it is known.
    pub depth_refills: f64,
    /// True when an account above what is allowed is sold down at the close.
    pub enforce: bool,
}

/// A holding as the template sees it, in money: its market value, its symbol's average daily turnover, and the depth of
/// buyers' quotes. An unknown turnover or depth is 0 and does not bound it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Holding {
    pub value: f64,
    pub turnover: f64,
    pub depth: f64,
}

impl Default for Template {
    fn default() -> Self {
        Template {
            calm_leverage: 3.0,
            stress_leverage: 1.5,
            liquid_days: 5,
            participation: Ratio::from_fraction(0.2),
            // four hours of trading: quotes that were taken are there again after twelve minutes
            depth_refills: 20.0,
            enforce: false,
        }
    }
}

impl Part for Template {
    const DECLARED: Declared = Declared {
        key: "template",
        kind: Kind::Rule,
        what: Words("leverage allowed without and under stress", "平静与压力下允许的杠杆"),
        formula: "L = 1 + ((calm − 1) + (stress − calm)·s)·liquidity",
        source: "",
        params: &[
            Param::shown(
                "calm-leverage",
                Unit::Number,
                Bounds::LEVERAGE,
                "3.0",
                Words("leverage allowed at no stress and full liquidity", "无压力且流动性充足时允许的杠杆"),
            ),
            Param::shown(
                "stress-leverage",
                Unit::Number,
                Bounds::LEVERAGE,
                "1.5",
                Words("leverage allowed at full stress", "压力满值时允许的杠杆"),
            ),
            Param::shown(
                "liquid-days",
                Unit::Count,
                Bounds::within(1.0, 250.0),
                "5",
                Words("sessions in which holdings count as liquid", "持仓视为可变现的交易日数"),
            ),
            Param::shown(
                "participation",
                Unit::Percent,
                Bounds::PART,
                "\"20%\"",
                Words("share of average turnover that a sale may take in a session", "每个交易日可占平均成交额的比例"),
            ),
            Param::shown(
                "depth-refills",
                Unit::Number,
                Bounds::above(0.0, 10_000.0),
                "20",
                Words(
                    "times a session that the depth of buyers' quotes can be taken, for symbols whose `depth_amount` is known",
                    "买盘深度每个交易日可重复成交的次数",
                ),
            ),
            Param::shown(
                "enforce",
                Unit::Flag,
                Bounds::ANY,
                "false",
                Words("accounts above what is allowed are sold down at the close", "超限账户于收盘减仓"),
            ),
        ],
        sentences: &[Words(
            "{calm-leverage} without stress to {stress-leverage} at full stress; enforced: {enforce}",
            "平静时 {calm-leverage} 倍，压力时 {stress-leverage} 倍；强制执行：{enforce}",
        )],
        figures: &[],
    };

    fn contradictions(&self) -> Vec<Fault> {
        let what = || format!("stress allows {}, calm {}", self.stress_leverage, self.calm_leverage);
        let why = "a template allows less under stress than without";
        let fault = || Fault::new(&["stress-leverage", "calm-leverage"], what(), why, "swap them");
        (self.stress_leverage > self.calm_leverage).then(fault).into_iter().collect()
    }
}

impl Rule for Template {
    const TITLE: Words = Words("Leverage template", "杠杆模板");

    fn assumed(&self, depths: bool) -> Option<Words> {
        const ASSUMED: Words = Words(
            "Where the depth of buyers' quotes is known, the leverage template lets it be taken a fixed number of times a session; how fast quotes fill up again is assumed.",
            "已知买盘深度时，杠杆模板设每日可按固定次数吃掉盘口；盘口恢复速度为假设。",
        );
        depths.then_some(ASSUMED)
    }
}

impl Template {
    /// Leverage allowed at a stress, over full liquidity.
    pub fn leverage(&self, stress: f64) -> f64 {
        self.calm_leverage + (self.stress_leverage - self.calm_leverage) * stress
    }

    /// Excess over the debt that the template asks for at a stress: 1/(L − 1), over full liquidity.
    pub fn excess(&self, stress: f64) -> f64 {
        1.0 / (self.leverage(stress) - 1.0)
    }

    /// Liquidity of holdings: the share that can be sold in time; 1 for nothing held.
    pub fn liquidity(&self, holdings: impl Iterator<Item = Holding>) -> f64 {
        let (mut value, mut liquid) = (0.0, 0.0);
        for Holding { value: held, turnover, depth } in holdings {
            let days = f64::from(self.liquid_days);
            let by_turnover = if turnover > 0.0 { turnover * self.participation.get() * days } else { f64::INFINITY };
            let by_depth = if depth > 0.0 { depth * self.depth_refills * days } else { f64::INFINITY };
            value += held;
            liquid += held.min(by_turnover).min(by_depth);
        }
        if value > 0.0 { liquid / value } else { 1.0 }
    }
}

/// Least liquidity a template counts: below it leverage is taken as gone, not as a division by nothing.
pub const LEAST_LIQUIDITY: f64 = 0.01;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leverage_falls_with_stress_and_with_holdings_that_sell_slowly() {
        let template = Template::default();
        assert_eq!((template.leverage(0.0), template.leverage(0.5), template.leverage(1.0)), (3.0, 2.25, 1.5));
        assert!((1.0 + template.excess(0.5) - 1.8).abs() < 1e-12);
        assert!((1.0 + template.excess(0.5) / 0.5 - 2.6).abs() < 1e-12);
        // 10 of turnover sells 10 in five sessions at 20 %
        let held = |value, turnover, depth| Holding { value, turnover, depth };
        let liquidity = |holdings: [Holding; 3]| template.liquidity(holdings.into_iter());
        assert_eq!(liquidity([held(10.0, 10.0, 0.0), held(10.0, 0.0, 0.0), held(20.0, 5.0, 0.0)]), 0.625);
        // quotes of 0.05 that fill up 20 times a session take 5 in five; turnover binds where it is the less
        assert_eq!(liquidity([held(10.0, 10.0, 0.05), held(10.0, 0.0, 0.05), held(20.0, 5.0, 1.0)]), 0.375);
        assert_eq!(template.liquidity([].into_iter()), 1.0);
    }
}
