//! Reads ratios as a programme writes them: `"150%"`, `"1,250%"`, `"1.5"` and `1.5` are fractions.

use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;

/// A ratio of a text.
pub fn read(text: &str) -> Result<f64, String> {
    let plain = text.trim().replace(',', "");
    let (digits, scale) = match plain.strip_suffix('%') {
        Some(digits) => (digits.trim_end(), 100.0),
        None => (plain.as_str(), 1.0),
    };
    digits.parse::<f64>().map(|number| number / scale).map_err(|_| format!("`{text}` is no ratio"))
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Number(f64),
    Text(String),
}

fn fraction<E: serde::de::Error>(written: Written) -> Result<f64, E> {
    match written {
        Written::Number(number) => Ok(number),
        Written::Text(text) => read(&text).map_err(E::custom),
    }
}

/// For `#[serde(deserialize_with)]` of a ratio.
pub fn one<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    fraction(Written::deserialize(from)?)
}

/// The same of one that may be left out.
pub fn maybe<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    Option::<Written>::deserialize(from)?.map(fraction).transpose()
}

/// The same of a table of them.
pub fn by_name<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, f64>, D::Error> {
    let written = BTreeMap::<String, Written>::deserialize(from)?;
    written.into_iter().map(|(name, value)| Ok((name, fraction(value)?))).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_text_without_a_sign_is_a_fraction() {
        let near = |text: &str, value: f64| assert!((super::read(text).unwrap() - value).abs() < 1e-12, "{text}");
        near("150%", 1.5);
        near("1,250%", 12.5);
        near("1.5", 1.5);
        near("-0.0001%", -0.000001);
        assert!(super::read("many").is_err());
    }
}
