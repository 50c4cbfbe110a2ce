//! Composes a baseline of `regress`: the part of `summary.json` that is compared, a line for each figure, and what it was made from.
//!
//! A line for each figure keeps the difference of two baselines readable in a version control system.

use super::summary::SCHEMA;
use crate::measures::Estimates;
use crate::report::facts::Facts;
use crate::study::limits::LimitResult;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;

/// What a baseline says ahead of its figures.
#[derive(Serialize)]
struct Head<'a> {
    schema: u32,
    version: &'static str,
    name: &'a str,
    as_of: String,
    currency: &'a str,
    seed: u64,
    programme_hash: &'a str,
    data: BTreeMap<&'a str, &'a str>,
}

/// The same of a scenario.
#[derive(Serialize)]
struct Scenario<'a> {
    name: &'a str,
    confidence: f64,
    deterministic: bool,
}

/// What is kept of a limit.
#[derive(Serialize)]
struct Limit<'a> {
    scenario: &'a str,
    measure: &'a str,
    side: &'a str,
    limit: f64,
    verdict: crate::study::limits::Verdict,
}

/// SHA-256 of each data file, by its role.
pub fn data<'a>(facts: &'a Facts<'_>) -> BTreeMap<&'a str, &'a str> {
    facts.lineage.iter().map(|file| (file.role.as_str(), file.sha256.as_str())).collect()
}

/// The bytes of a baseline.
pub fn bytes(facts: &Facts<'_>) -> Vec<u8> {
    let programme = facts.programme;
    let head = Head {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION"),
        name: &programme.name,
        as_of: programme.as_of.to_string(),
        currency: &programme.currency,
        seed: programme.seed,
        programme_hash: &facts.programme_hash,
        data: data(facts),
    };
    let mut out = open(&head);
    out.push_str(",\n\"scenarios\": [");
    for (at, (facts, scenario)) in facts.scenarios.iter().zip(&programme.scenarios).enumerate() {
        let confidence = scenario.case.simulation.confidence.get();
        let head = Scenario { name: &facts.name, confidence, deterministic: facts.deterministic };
        let _ = write!(out, "{}\n{},\n\"measures\": {{{}\n}}}}", comma(at), open(&head), lines(&facts.measures));
    }
    out.push_str("\n],\n\"limits\": [");
    for (at, limit) in facts.limits.iter().enumerate() {
        let LimitResult { scenario, measure, side, limit, verdict, .. } = limit;
        let kept = Limit { scenario, measure, side, limit: *limit, verdict: *verdict };
        let _ = write!(out, "{}\n{}", comma(at), json(&kept));
    }
    out.push_str("\n]\n}\n");
    out.into_bytes()
}

fn lines(measures: &Estimates) -> String {
    let mut out = String::new();
    for (at, (key, estimate)) in measures.iter().enumerate() {
        let _ = write!(out, "{}\n{}: {}", comma(at), json(key), json(estimate));
    }
    out
}

fn comma(at: usize) -> &'static str {
    if at > 0 { "," } else { "" }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain structures with text keys become JSON")
}

/// An object that more follows in.
fn open(head: &impl Serialize) -> String {
    let mut text = json(head);
    assert_eq!(text.pop(), Some('}'), "an object ends in a brace");
    text
}
