//! Does nothing: a control of the tests, which shows what a further one needs beside the line of the day that asks it.

use crate::model::part::rule::Rule;
use crate::model::part::{Bounds, Declared, Kind, Param, Part, Unit, Words};
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[margin.example]`
#[derive(Clone, Copy, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Example {
    pub share: Ratio,
}

impl Part for Example {
    const DECLARED: Declared = Declared {
        key: "example",
        kind: Kind::Rule,
        what: Words("a control of the tests", "测试用控制"),
        formula: "share",
        source: "",
        params: &[Param::shown("share", Unit::Percent, Bounds::SHARE, "\"0%\"", Words("a share of the tests", "测试用比例"))],
        sentences: &[Words("with a share of {share}", "比例 {share}")],
        figures: &[],
    };
}

impl Rule for Example {
    const TITLE: Words = Words("A control of the tests", "测试用控制");

    fn assumed(&self, _depths: bool) -> Option<Words> {
        const ASSUMED: Words = Words("The share of the example is assumed.", "示例的比例为假设。");
        Some(ASSUMED)
    }
}
