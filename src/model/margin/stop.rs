//! States the stops beside the lines: on one position's loss, and on an account's fall from its best.

use crate::model::part::rule::Rule;
use crate::model::part::{Bounds, Declared, Kind, Param, Part, Unit, Words};
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[margin.stop]`: of accounts that owe money.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Stop {
    /// A position that lost this share of its cost (or of its price at the as-of date) is sold at that close.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position_loss: Option<Ratio>,
    /// An account whose own capital, less what was paid in, fell by this share from its best goes into liquidation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drawdown: Option<Ratio>,
}

impl Part for Stop {
    const DECLARED: Declared = Declared {
        key: "stop",
        kind: Kind::Rule,
        what: Words("stops on one position's loss, and on an account's fall from its best", "单一持仓亏损与账户回撤的止损"),
        formula: "sold at or below cost·(1 − position-loss); closed at best·(1 − drawdown)",
        source: "",
        params: &[
            Param::optional(
                "position-loss",
                Unit::Percent,
                Bounds::between(0.0, 1.0),
                "\"20%\"",
                Words("a position that lost this share of its cost is sold at that close", "亏损达成本此比例的持仓于当日收盘卖出"),
            ),
            Param::optional(
                "drawdown",
                Unit::Percent,
                Bounds::between(0.0, 1.0),
                "\"50%\"",
                Words(
                    "an account whose own capital fell by this share from its best goes into liquidation",
                    "自有资金自高点回落此比例的账户进入平仓",
                ),
            ),
        ],
        sentences: &[
            Words("a position at a loss of {position-loss} is sold", "单一持仓亏损达 {position-loss} 时卖出"),
            Words("an account {drawdown} below its best is closed out", "账户自有资金自高点回落 {drawdown} 时强制平仓"),
        ],
        figures: &[],
    };
}

impl Rule for Stop {
    const TITLE: Words = Words("Stops", "止损规则");

    fn acts(&self) -> bool {
        !self.said().is_empty()
    }

    fn said(&self) -> Vec<usize> {
        [self.position_loss, self.drawdown].iter().enumerate().filter(|(_, stop)| stop.is_some()).map(|(at, _)| at).collect()
    }
}

impl Stop {
    /// The price below or at which a position of that cost is sold; 0 without such a stop.
    pub fn price(&self, cost: f64) -> f64 {
        self.position_loss.map_or(0.0, |loss| cost * (1.0 - loss.get()))
    }
}
