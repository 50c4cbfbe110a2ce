//! Reads a programme: mirrors the TOML, lays scenarios over the base, fills defaults, names every problem's line.

use crate::model::case::{Language, Programme};
use crate::problem::Problems;
use std::path::Path;

/// What the command line changes in a programme; everything here is written into the resolved programme.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    pub paths: Option<u64>,
    pub seed: Option<u64>,
    /// Only these scenarios (the base is always kept); every one when empty.
    pub scenarios: Vec<String>,
    /// `key=value` pairs, dotted keys, TOML values (a bare word is a string).
    pub set: Vec<String>,
    pub language: Option<Language>,
}

/// Reads and resolves a programme file.
pub fn load(_path: &Path, _overrides: &Overrides) -> Result<Programme, Problems> {
    todo!()
}

/// The commented programme that `init` prints; it holds every key.
pub fn template() -> &'static str {
    todo!()
}

/// The JSON Schema of a programme.
pub fn schema() -> String {
    todo!()
}
