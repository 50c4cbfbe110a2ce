//! Holds a fraction of something, written `"150%"` by people and `1.5` inside.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{borrow::Cow, fmt};

/// A finite fraction: 1.5 is 150 %.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Default)]
pub struct Ratio(f64);

impl Ratio {
    pub const ZERO: Ratio = Ratio(0.0);
    pub const ONE: Ratio = Ratio(1.0);

    /// A ratio from a fraction known to be finite, for constants.
    pub const fn from_fraction(fraction: f64) -> Self {
        Ratio(fraction)
    }

    /// A ratio from a fraction, or nothing when it is not finite.
    pub fn new(fraction: f64) -> Option<Self> {
        fraction.is_finite().then_some(Ratio(fraction))
    }

    /// Reads `"150%"`, `"1.5"` or `"1,250%"`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().replace('\u{ff05}', "%").replace(',', "");
        let (digits, scale) = match text.strip_suffix('%') {
            Some(digits) => (digits.trim(), 100.0),
            None => (text.as_str(), 1.0),
        };
        digits.parse::<f64>().ok().and_then(|v| Ratio::new(v / scale))
    }

    /// The fraction: 1.5 for 150 %.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = format!("{}%", trimmed(self.0 * 100.0));
        match Ratio::parse(&percent) {
            Some(back) if back.0.to_bits() == self.0.to_bits() => f.write_str(&percent),
            _ => write!(f, "{}", self.0),
        }
    }
}

/// Up to ten decimals without trailing zeros.
fn trimmed(value: f64) -> String {
    let text = format!("{value:.10}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

impl Serialize for Ratio {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Ratio {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Ratio;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a percentage such as \"150%\" or a fraction such as 1.5")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Ratio, E> {
                Ratio::parse(text).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Ratio, E> {
                Ratio::new(value).ok_or_else(|| E::invalid_value(de::Unexpected::Float(value), &self))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Ratio, E> {
                Ok(Ratio(value as f64))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Ratio, E> {
                Ok(Ratio(value as f64))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Ratio {
    fn schema_name() -> Cow<'static, str> {
        "Ratio".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "a percentage such as \"150%\", or a fraction such as 1.5",
            "anyOf": [
                { "type": "string", "pattern": "^\\s*-?[0-9][0-9,]*(\\.[0-9]+)?\\s*%?\\s*$" },
                { "type": "number" }
            ]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_ratio_reads_back_to_the_bit() {
        for k in 0..2000 {
            let r = Ratio(k as f64 / 777.0);
            assert_eq!(Ratio::parse(&r.to_string()), Some(r));
        }
        assert_eq!(Ratio(1.5).to_string(), "150%");
        assert_eq!(Ratio::parse("1e999"), None);
    }
}
