//! Lets clients take money out while the ratio stands above the withdrawal line, and never below it.
//!
//! Cash goes first: `w = A − m·D` at most, what brings the ratio down to the line m. Where `borrow` allows, the rest comes
//! from a larger loan: `b = A/m − D` with what is left of A, since borrowed money adds to the debt and leaves the assets.
//! Source: regulated contracts let money out only above 300 %, and only down to it (domain notes §2.2). How often and how
//! much clients take are assumptions.
//! Worked: A = 500 of which cash 50, D = 100, m = 300 %: 50 in cash, then 450/3 − 100 = 50 borrowed; 450/150 = 300 %.

use crate::model::part::rule::Rule;
use crate::model::part::{Bounds, Declared, Kind, Param, Part, Unit, Words};
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the contract names no line, money leaves only above 300 %, as the exchanges' rules have it.
pub const LINE: f64 = 3.0;

/// `[clients.withdrawal]`; the line is the contract's, `[margin] withdrawal`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Withdrawal {
    /// Probability that a client above the line takes money out on a session.
    pub probability: Ratio,
    /// Share of what may leave that is taken.
    pub share: Ratio,
    /// Whether a client without cash may borrow more to take it out.
    pub borrow: bool,
}

impl Default for Withdrawal {
    fn default() -> Self {
        Withdrawal { probability: Ratio::from_fraction(0.05), share: Ratio::ONE, borrow: false }
    }
}

impl Part for Withdrawal {
    const DECLARED: Declared = Declared {
        key: "withdrawal",
        kind: Kind::Rule,
        what: Words("clients above the contract's withdrawal line take money out", "高于提取线的客户提取资金"),
        formula: "w = share·(A − m·D) at most, and borrowed A/m − D",
        source: "",
        params: &[
            Param::shown(
                "probability",
                Unit::Percent,
                Bounds::SHARE,
                "\"5%\"",
                Words(
                    "that a client above `margin.withdrawal` (300% where it is not in force) takes money out on a session",
                    "每个交易日提取资金的概率",
                ),
            ),
            Param::shown("share", Unit::Percent, Bounds::SHARE, "\"100%\"", Words("share taken of what may leave", "提取可提部分的比例")),
            Param::shown(
                "borrow",
                Unit::Flag,
                Bounds::ANY,
                "false",
                Words("whether a client may borrow more to take it out; not from a pool that is kept daily", "是否可借款提取"),
            ),
        ],
        sentences: &[Words(
            "with a probability of {probability} a session, {share} of what is free; by borrowing: {borrow}",
            "每个交易日概率 {probability}，提取可提部分的 {share}；可借款提取：{borrow}",
        )],
        figures: &[],
    };
}

impl Rule for Withdrawal {
    const TITLE: Words = Words("Clients take money out", "客户提取资金");

    fn assumed(&self, _depths: bool) -> Option<Words> {
        const ASSUMED: Words = Words(
            "How often clients above the withdrawal line take money out, and how much, is assumed.",
            "高于提取线的客户提取资金的频率与数额为假设。",
        );
        Some(ASSUMED)
    }
}

/// What leaves an account: from its cash, and newly borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Taken {
    pub cash_money: f64,
    pub borrowed_money: f64,
}

impl Withdrawal {
    /// What a client takes of assets A (of which `cash_money`) against a debt D; nothing at or below `line`, or without debt.
    pub fn take(&self, line: f64, assets_money: f64, cash_money: f64, debt_money: f64) -> Taken {
        let room = assets_money - line * debt_money;
        if room <= 0.0 || debt_money <= 0.0 {
            return Taken::default();
        }
        let cash = room.min(cash_money).max(0.0);
        let borrowed = if self.borrow { ((assets_money - cash) / line - debt_money).max(0.0) } else { 0.0 };
        Taken { cash_money: self.share.get() * cash, borrowed_money: self.share.get() * borrowed }
    }

    /// The same where cash is netted: assets A are market value alone, D is net of `cash_money` and may be below nothing, and whatever
    /// leaves adds to it.
    pub fn take_netted(&self, line: f64, assets_money: f64, cash_money: f64, debt_money: f64) -> Taken {
        let room = assets_money / line - debt_money;
        if room <= 0.0 {
            return Taken::default();
        }
        let cash = room.min(cash_money).max(0.0);
        let borrowed = if self.borrow { room - cash } else { 0.0 };
        Taken { cash_money: self.share.get() * cash, borrowed_money: self.share.get() * borrowed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_leaves_down_to_the_line_and_no_further() {
        let rule = Withdrawal { borrow: true, ..Withdrawal::default() };
        let taken = rule.take(3.0, 500.0, 50.0, 100.0);
        assert_eq!(taken, Taken { cash_money: 50.0, borrowed_money: 50.0 });
        assert!(((500.0 - 50.0) / 150.0 - 3.0f64).abs() < 1e-12);
        assert_eq!(rule.take(3.0, 500.0, 400.0, 100.0), Taken { cash_money: 200.0, borrowed_money: 0.0 });
        for (assets, debt) in [(300.0, 100.0), (200.0, 100.0), (500.0, 0.0)] {
            assert_eq!(rule.take(3.0, assets, 50.0, debt), Taken::default());
        }
        // 450 of shares against 150, of which 50 stand in cash: 450/3 − 100 = 50 may leave
        assert_eq!(rule.take_netted(3.0, 450.0, 50.0, 100.0), Taken { cash_money: 50.0, borrowed_money: 0.0 });
        assert_eq!(rule.take_netted(3.0, 600.0, 50.0, 100.0), Taken { cash_money: 50.0, borrowed_money: 50.0 });
        // 900 of cash against 850: all that may stay out is 600/3 = 200
        assert_eq!(rule.take_netted(3.0, 600.0, 900.0, -50.0), Taken { cash_money: 250.0, borrowed_money: 0.0 });
        let half = Withdrawal { share: Ratio::from_fraction(0.5), ..Withdrawal::default() };
        assert_eq!(half.take(3.0, 500.0, 50.0, 100.0), Taken { cash_money: 25.0, borrowed_money: 0.0 });
    }
}
