//! States an early-warning watch as a programme writes it: a measure, an amber and a red level, and who is told.

use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One entry of `watch`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Watch {
    /// What the register calls it; its findings are known by it from one report to the next.
    #[schemars(length(min = 1, max = 100))]
    pub name: String,
    /// A key of `summary.json`, for example `pool_loss.es_99`.
    pub measure: String,
    /// The scenario it looks at; the base when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// Levels that the measure should stay at or below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<Levels>,
    /// Levels that the measure should stay at or above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<Levels>,
    /// Confidence with which a level is said to be crossed, and to be kept.
    #[serde(default = "confidence_95")]
    pub confidence: Ratio,
    /// Reports in a row that have to be green before a finding is closed.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 100))]
    pub close_after: u32,
    /// Reports after which those who are told of red are told of an amber finding too; never when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub escalate_after: Option<u32>,
    /// Who is told.
    #[serde(default, skip_serializing_if = "Tell::is_empty")]
    pub tell: Tell,
    /// Its name in a Chinese report.
    #[serde(default, skip_serializing_if = "WatchZh::is_empty")]
    pub zh: WatchZh,
}

/// Two levels on the same side.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Levels {
    /// Crossed first: attention.
    pub amber: Ratio,
    /// Crossed next: action.
    pub red: Ratio,
}

/// Who is told of a level.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Tell {
    /// Of amber, and of red.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amber: Vec<String>,
    /// Of red alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub red: Vec<String>,
}

/// The words of a watch in a Chinese report.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct WatchZh {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    pub name: Option<String>,
    /// Who is told, name by name as in `tell`.
    #[serde(skip_serializing_if = "Tell::is_empty")]
    pub tell: Tell,
}

fn confidence_95() -> Ratio {
    Ratio::from_fraction(0.95)
}

fn one() -> u32 {
    1
}

impl Tell {
    pub fn is_empty(&self) -> bool {
        self.amber.is_empty() && self.red.is_empty()
    }
}

impl WatchZh {
    pub fn is_empty(&self) -> bool {
        *self == WatchZh::default()
    }
}

impl Watch {
    /// The name in a report, a Chinese one or an English one.
    pub fn name_in(&self, zh: bool) -> &str {
        self.zh.name.as_deref().filter(|_| zh).unwrap_or(&self.name)
    }

    /// All its names, and those of who is told.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        let told = [&self.tell, &self.zh.tell].into_iter().flat_map(|tell| tell.amber.iter().chain(&tell.red));
        told.chain([&self.name]).chain(&self.zh.name).map(String::as_str)
    }

    /// What somebody who is told is called in a report, a Chinese one or an English one.
    pub fn told_in<'w>(&'w self, name: &'w str, zh: bool) -> &'w str {
        let pairs = self.tell.amber.iter().zip(&self.zh.tell.amber).chain(self.tell.red.iter().zip(&self.zh.tell.red));
        let mut pairs = pairs.filter(|_| zh);
        pairs.find(|(own, _)| *own == name).map_or(name, |(_, zh)| zh)
    }

    /// Its levels, and whether the measure should stay below them; a watch that was read has them on one side.
    pub fn levels(&self) -> (bool, Levels) {
        match (self.below, self.above) {
            (Some(levels), _) => (true, levels),
            (None, levels) => (false, levels.expect("a side was asked for when it was read")),
        }
    }
}
