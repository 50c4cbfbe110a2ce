//! Resamples joint historical days in blocks of geometric length (the stationary bootstrap).

use super::{FitRequest, MarketModel};
use crate::problem::Problems;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Mean block length: a number of days, or chosen from the data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BlockDays {
    Auto,
    Days(f64),
}

/// `[market.block-bootstrap]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct BlockBootstrap {
    /// Mean block length in sessions, or "auto" (Politis–White).
    pub block_days: BlockDays,
}

impl Default for BlockBootstrap {
    fn default() -> Self {
        BlockBootstrap { block_days: BlockDays::Auto }
    }
}

impl BlockBootstrap {
    pub fn fit(&self, _request: &FitRequest<'_>) -> Result<Box<dyn MarketModel>, Problems> {
        todo!()
    }
}

impl Serialize for BlockDays {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            BlockDays::Auto => serializer.serialize_str("auto"),
            BlockDays::Days(days) => serializer.serialize_f64(*days),
        }
    }
}

impl<'de> Deserialize<'de> for BlockDays {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = BlockDays;
            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("\"auto\" or a mean block length of 1 or more sessions")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<BlockDays, E> {
                if text == "auto" { Ok(BlockDays::Auto) } else { Err(E::invalid_value(serde::de::Unexpected::Str(text), &self)) }
            }
            fn visit_f64<E: serde::de::Error>(self, days: f64) -> Result<BlockDays, E> {
                if days >= 1.0 && days.is_finite() {
                    Ok(BlockDays::Days(days))
                } else {
                    Err(E::invalid_value(serde::de::Unexpected::Float(days), &self))
                }
            }
            fn visit_i64<E: serde::de::Error>(self, days: i64) -> Result<BlockDays, E> {
                self.visit_f64(days as f64)
            }
            fn visit_u64<E: serde::de::Error>(self, days: u64) -> Result<BlockDays, E> {
                self.visit_f64(days as f64)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for BlockDays {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "BlockDays".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "anyOf": [{ "const": "auto" }, { "type": "number", "minimum": 1 }] })
    }
}
