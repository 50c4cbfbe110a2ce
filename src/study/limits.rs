//! Judges the programme's limits: pass, breach, or undecided at the confidence asked.

use crate::measures::{Estimate, Estimates};
use crate::model::case::Limit;
use serde::Serialize;

/// A limit and what became of it in one scenario.
#[derive(Clone, Debug, Serialize)]
pub struct LimitResult {
    pub scenario: String,
    pub measure: String,
    /// "below" or "above".
    pub side: &'static str,
    pub limit: f64,
    pub confidence: f64,
    pub estimate: Estimate,
    pub verdict: Verdict,
}

/// Whether a limit holds with the confidence asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Pass,
    Breach,
    Undecided,
}

/// Judges every limit against every scenario it holds for; `results` is (scenario name, its estimates), base first.
pub fn judge(_limits: &[Limit], _results: &[(String, Estimates)]) -> Vec<LimitResult> {
    todo!()
}
