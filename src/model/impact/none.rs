//! Leaves the price alone: forced sales move nothing.

use super::{Effect, Law, Sale};
use crate::model::part::{Declared, Kind, Part, Words};
use serde::Serialize;

/// `feedback.impact = "none"`
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Nothing;

impl Part for Nothing {
    const DECLARED: Declared = Declared {
        key: "none",
        kind: Kind::Impact,
        what: Words("sales move nothing", "卖出不影响价格"),
        formula: "0",
        source: "",
        params: &[],
        sentences: &[Words("none", "无")],
        figures: &[],
    };
}

impl Law for Nothing {
    fn effect(&self, _: &Sale) -> Effect {
        Effect::default()
    }
}
