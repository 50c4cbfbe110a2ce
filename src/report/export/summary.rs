//! Composes `summary.json`: every measure of every scenario, with its doubt, and the verdicts on the limits.
//!
//! The bytes are the same for the same facts: keys are sorted, numbers have their shortest exact form.

use super::{Export, reverse};
use crate::engine::outcome::Stratum;
use crate::measures::Estimates;
use crate::measures::firm::{FirmFacts, Stressed};
use crate::measures::shapes::Drivers;
use crate::model::case::Severity;
use crate::model::market::ModelCard;
use crate::report::facts::Facts;
use crate::report::rulebooks::{Row, RulebookUse};
use crate::study::limits::{self, Joint, LimitResult};
use crate::study::model_risk::Panel;
use crate::study::previous::Previous;
use crate::study::register::line::Finding;
use crate::study::regress::Baseline;
use crate::study::rounds::Convergence;
use crate::study::watch::WatchResult;
use serde::Serialize;

pub const EXPORT: Export = Export { name: "summary.json", write: |results, claim| claim.write("summary.json", results.summary_json) };

/// The version of the layout of `summary.json`; raised when a key is renamed or removed.
pub const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Summary<'a> {
    schema: u32,
    name: &'a str,
    as_of: String,
    currency: &'a str,
    seed: u64,
    programme_hash: &'a str,
    scenarios: Vec<Scenario<'a>>,
    limits: &'a [LimitResult],
    /// How far all their verdicts may be trusted together; absent without limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    limits_joint: Option<Joint>,
    /// What the watches of the programme show; absent where it has none.
    #[serde(skip_serializing_if = "<[WatchResult]>::is_empty")]
    watches: &'a [WatchResult],
    /// Findings of the early-warning register; absent where no history is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<&'a [Finding]>,
    /// The same book under further market models; absent where the programme asks for none.
    #[serde(skip_serializing_if = "<[Panel]>::is_empty")]
    model_risk: &'a [Panel],
    /// The earlier report the run is set beside; absent where none is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<&'a Previous>,
    /// What each round of paths showed; absent where a number of paths was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    convergence: Option<&'a Convergence>,
    /// What makes limits fail, as in `reverse.json`; absent where it was not searched for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reverse: Vec<reverse::Test<'a>>,
    /// The firm on the as-of date, as in `firm.csv`; absent where the programme has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    firm: Option<&'a FirmFacts>,
}

#[derive(Serialize)]
struct Scenario<'a> {
    name: &'a str,
    severity: Severity,
    narrative: &'a str,
    paths: u64,
    /// What they were chosen of; absent where they are the first ones drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    candidates: Option<u64>,
    /// What its candidates count, where some count more than others; absent else.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    strata: &'a [Stratum],
    horizon_days: u32,
    first_day: &'a str,
    last_day: &'a str,
    /// True when every path is the same (a replay): the figures then carry no sampling error.
    deterministic: bool,
    /// Two-sided confidence of intervals.
    confidence: f64,
    model: &'a ModelCard,
    /// Absent where every line is the programme's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rulebooks: Vec<Row<'a>>,
    measures: &'a Estimates,
    /// Who causes the pool's ES 99 %; absent where its tail is too thin, or nothing is lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    causes: Option<&'a Drivers>,
    /// Scenario less base on the same paths; empty for the base and where paths are not common.
    difference: &'a Estimates,
    /// This run less the earlier report, the two taken as independent; absent without one.
    #[serde(skip_serializing_if = "Estimates::is_empty")]
    change: &'a Estimates,
    /// What it leaves of the firm; absent where the programme has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    firm: Option<&'a Stressed>,
}

/// The bytes of `summary.json`.
pub fn bytes(facts: &Facts<'_>) -> Vec<u8> {
    let scenarios = facts.scenarios.iter().map(|s| Scenario {
        name: &s.name,
        severity: s.severity,
        narrative: &s.narrative,
        paths: s.paths,
        candidates: s.candidates,
        strata: &s.strata,
        horizon_days: s.horizon_days,
        first_day: &s.first_day,
        last_day: &s.last_day,
        deterministic: s.deterministic,
        confidence: confidence(facts, &s.name),
        model: &s.card,
        rulebooks: s.rulebooks.iter().map(RulebookUse::row).collect(),
        measures: &s.measures,
        causes: s.causes.as_ref(),
        difference: &s.difference,
        change: &s.change,
        firm: s.firm.as_ref(),
    });
    let summary = Summary {
        schema: SCHEMA,
        name: &facts.programme.name,
        as_of: facts.programme.as_of.to_string(),
        currency: &facts.programme.currency,
        seed: facts.programme.seed,
        programme_hash: &facts.programme_hash,
        scenarios: scenarios.collect(),
        limits: &facts.limits,
        limits_joint: (!facts.limits.is_empty()).then(|| limits::joint(&facts.limits)),
        watches: &facts.watches,
        findings: facts.register.as_ref().map(|register| &register.entry.findings[..]),
        model_risk: &facts.model_risk,
        previous: facts.previous.as_ref(),
        convergence: facts.convergence.as_ref(),
        reverse: facts.reverse.iter().map(reverse::test).collect(),
        firm: facts.firm.as_ref(),
    };
    pretty(&summary)
}

/// The confidence of a scenario's intervals.
fn confidence(facts: &Facts<'_>, name: &str) -> f64 {
    facts.programme.scenarios.iter().find(|s| s.name == name).map_or(0.95, |s| s.case.simulation.confidence.get())
}

/// Reads a `summary.json` back as a baseline; the error says what is wrong with it.
pub fn read(bytes: &[u8]) -> Result<Baseline, String> {
    serde_json::from_slice(bytes).map_err(|error| error.to_string())
}

/// Indented JSON with a line break at its end.
pub(in crate::report) fn pretty(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).expect("plain structures with text keys become JSON");
    bytes.push(b'\n');
    bytes
}
