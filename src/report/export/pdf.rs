//! Writes `report.pdf`, which is set already.

use super::Export;

pub const EXPORT: Export = Export { name: "report.pdf", write: |results, claim| claim.write("report.pdf", results.pdf) };
