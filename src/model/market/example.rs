//! Moves every symbol by the same return each session: a model of the tests, which shows that a further one is a file and a line.

use super::{FitRequest, MarketModel, ModelCard, ModelSpec, Tile};
use crate::maths::random::Streams;
use crate::model::part::{Absent, Bounds, Declared, Figure, Kind, Param, Part, Unit, Words};
use crate::problem::Problems;
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[market.example]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Example {
    pub return_daily: Ratio,
}

impl Part for Example {
    const DECLARED: Declared = Declared {
        key: "example",
        kind: Kind::Law,
        what: Words("every symbol moves alike", "全部证券同幅变动"),
        formula: "r = return-daily",
        source: "",
        params: &[Param {
            key: "return-daily",
            unit: Unit::Move,
            range: Bounds::above(-1.0, 0.5),
            absent: Absent::Required,
            shown: "\"1%\"",
            meaning: Words("the return of every session", "每个交易日的收益率"),
        }],
        sentences: &[Words("a return of {return-daily} a session", "每个交易日收益率 {return-daily}")],
        figures: &[Figure { name: "return_daily", words: Words("Return of a session", "日收益率") }],
    };
}

impl ModelSpec for Example {
    fn name(&self) -> Words {
        Words("example", "示例")
    }

    fn fit(&self, _: &FitRequest<'_>) -> Result<Box<dyn MarketModel>, Problems> {
        Ok(Box::new(self.clone()))
    }
}

impl MarketModel for Example {
    fn fill(&self, tile: &mut Tile<'_>, _: &Streams) {
        tile.simple_return.fill(self.return_daily.get());
    }

    fn is_deterministic(&self) -> bool {
        true
    }

    fn card(&self) -> ModelCard {
        ModelCard { model: "example".into(), parameters: vec![("return_daily".into(), self.return_daily.get(), None)], notes: vec![] }
    }
}
