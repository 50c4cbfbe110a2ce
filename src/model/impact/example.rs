//! Costs every sale the same: an impact law of the tests, which shows that a further one is a file and a line.

use super::{Effect, Law, Sale};
use crate::model::part::{Absent, Bounds, Declared, Kind, Param, Part, Unit, Words};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[feedback.impact.example]`
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Example {
    pub cost: f64,
}

impl Default for Example {
    fn default() -> Self {
        Example { cost: 0.01 }
    }
}

impl Part for Example {
    const DECLARED: Declared = Declared {
        key: "example",
        kind: Kind::Impact,
        what: Words("every sale costs the same", "每笔卖出成本相同"),
        formula: "slippage cost, no lasting impact",
        source: "",
        params: &[Param {
            key: "cost",
            unit: Unit::Share,
            range: Bounds::within(0.0, 0.25),
            absent: Absent::Shown,
            shown: "0.01",
            meaning: Words("slippage of the fill", "成交滑点"),
        }],
        sentences: &[Words("a cost of {cost}", "成本 {cost}")],
        figures: &[],
    };
}

impl Law for Example {
    fn effect(&self, _: &Sale) -> Effect {
        Effect { slippage: self.cost, lasting: 0.0 }
    }
}
