//! Bounds what an account may invest: the least of its own means, the law and the platform's threshold.
//!
//! `cap = min(available · risk coefficient · leverage coefficient, regulatory limit, platform threshold)`
//! (domain notes E1). Worked: 100 · 0.8 · 2.5 = 200 against 250 and 180 → 180, the platform binds.

use crate::model::part::rule::Rule;
use crate::model::part::{Absent, Bounds, Declared, Kind, Param, Part, Unit, Words};
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[margin.investment-cap]`: reported for every account as of the start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct InvestmentCap {
    /// Share of own capital that counts as available.
    pub risk_factor: Ratio,
    /// Investment per unit of available own capital; the leverage template's on the as-of date when absent, else what the initial margin allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leverage_factor: Option<f64>,
    /// Most that the platform lets one account invest, money.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<f64>,
    /// The lender's capital that the rulebook's cap per client is a share of, money; the pool's when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lender_capital: Option<f64>,
}

impl Default for InvestmentCap {
    fn default() -> Self {
        InvestmentCap { risk_factor: Ratio::ONE, leverage_factor: None, platform: None, lender_capital: None }
    }
}

impl Part for InvestmentCap {
    const DECLARED: Declared = Declared {
        key: "investment-cap",
        kind: Kind::Rule,
        what: Words("what an account may invest: the least of means, regulation and platform", "账户可投资额的上限"),
        formula: "min(available · risk-factor · leverage-factor, regulatory limit, platform)",
        source: "",
        params: &[
            Param::shown(
                "risk-factor",
                Unit::Percent,
                Bounds::SHARE,
                "\"100%\"",
                Words("share of own capital that counts as available", "计为可用的自有资金比例"),
            ),
            Param {
                absent: Absent::Says(Words(
                    "the template's on the as-of date, else by the initial margin",
                    "取自杠杆模板，否则按初始保证金",
                )),
                ..Param::optional(
                    "leverage-factor",
                    Unit::Number,
                    Bounds::within(0.0, 100.0),
                    "2.5",
                    Words("investment per unit of available own capital", "每单位可用自有资金的投资额"),
                )
            },
            Param::optional(
                "platform",
                Unit::Number,
                Bounds::within(0.0, 1e15),
                "5_000_000",
                Words("most that one account may invest, money", "单一账户投资上限（金额）"),
            ),
            Param {
                absent: Absent::Says(Words("the pool's", "取资金池资本")),
                ..Param::optional(
                    "lender-capital",
                    Unit::Number,
                    Bounds::within(0.0, 1e15),
                    "800_000_000",
                    Words("what the rulebook's cap per client is a share of, money", "规则手册单一客户上限所依据的资本（金额）"),
                )
            },
        ],
        sentences: &[Words(
            "least of own capital times {risk-factor} times the leverage factor, rules, and the platform's limit",
            "自有资金乘以 {risk-factor} 再乘以杠杆系数、监管限额、平台门槛三者取最小",
        )],
        figures: &[],
    };
}

impl Rule for InvestmentCap {
    const TITLE: Words = Words("Investment cap", "投资上限");
}

/// Most that rules let an account of `own_capital` invest: own capital with the loan that what it counts for as margin
/// (`margin_money`) carries, and own capital with the largest loan to one client. Infinite where neither is in force.
///
/// Worked: 100 in cash at an initial margin of 80 % carry 125, 2.25 times; 100 in shares count 70 at a conversion rate of 70 %
/// and carry 87.5, 1.875 times.
pub fn regulatory_limit(own_capital_money: f64, margin_money: f64, initial_margin: Option<f64>, client_cap_money: Option<f64>) -> f64 {
    let by_margin = initial_margin.map_or(f64::INFINITY, |m| own_capital_money + margin_money / m);
    let by_client = client_cap_money.map_or(f64::INFINITY, |cap| own_capital_money + cap);
    by_margin.min(by_client)
}

/// What own capital counts for as margin 保证金: its cash whole, and the rest, which stands in shares, at their conversion rate.
pub fn margin_of(own_capital_money: f64, cash_money: f64, conversion_rate: f64) -> f64 {
    let in_cash = cash_money.clamp(0.0, own_capital_money.max(0.0));
    in_cash + conversion_rate * (own_capital_money - in_cash)
}

/// Which of the three bounds is the least; of equal ones the first named.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// Available funds times the two coefficients.
    Means,
    Regulation,
    Platform,
}

/// The largest investment allowed, in money, and what bounds it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cap {
    pub money: f64,
    pub binding: Binding,
}

/// The investment cap; an infinite limit is one that is not in force.
pub fn investment_cap(
    available_money: f64,
    risk_coefficient: f64,
    leverage_coefficient: f64,
    regulatory_money: f64,
    platform_money: f64,
) -> Cap {
    let means = available_money * risk_coefficient * leverage_coefficient;
    let bounds = [(means, Binding::Means), (regulatory_money, Binding::Regulation), (platform_money, Binding::Platform)];
    let (money, binding) =
        bounds.into_iter().reduce(|least, next| if next.0 < least.0 { next } else { least }).expect("there are three bounds");
    Cap { money, binding }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initial_margin_and_the_cap_per_client_bound_an_investment() {
        // 50 %, 100 % and 80 % allow 3, 2 and 2.25 times own capital
        for (margin, leverage) in [(0.5, 3.0), (1.0, 2.0), (0.8, 2.25)] {
            assert_eq!(regulatory_limit(100.0, 100.0, Some(margin), None), 100.0 * leverage);
        }
        assert_eq!(regulatory_limit(100.0, 100.0, Some(0.5), Some(50.0)), 150.0);
        assert_eq!(regulatory_limit(100.0, 100.0, None, None), f64::INFINITY);
        // all of it in shares at 70 %, and half of it in cash
        assert_eq!(regulatory_limit(100.0, margin_of(100.0, 0.0, 0.7), Some(0.8), None), 187.5);
        assert_eq!((margin_of(100.0, 50.0, 0.7), margin_of(100.0, 300.0, 0.7)), (85.0, 100.0));
    }

    #[test]
    fn each_bound_binds_when_it_is_the_least() {
        for (regulation, platform, money, binding) in [
            (250.0, 300.0, 200.0, Binding::Means),
            (150.0, 300.0, 150.0, Binding::Regulation),
            (250.0, 180.0, 180.0, Binding::Platform),
            (200.0, 200.0, 200.0, Binding::Means),
            (f64::INFINITY, f64::INFINITY, 200.0, Binding::Means),
        ] {
            assert_eq!(investment_cap(100.0, 0.8, 2.5, regulation, platform), Cap { money, binding });
        }
    }
}
