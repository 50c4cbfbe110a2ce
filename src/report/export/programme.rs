//! Writes `programme.resolved.toml`: the programme as it was run, every key and every flag in it.

use super::Export;

const NAME: &str = "programme.resolved.toml";

pub const EXPORT: Export =
    Export { name: NAME, write: |results, claim| claim.write(NAME, results.facts.programme.resolved_toml.as_bytes()) };
