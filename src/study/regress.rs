//! Compares the figures of a run with stored ones, and tells a change from noise.
//!
//! A figure has moved when |now − then| > K · √(se_now² + se_then²) + 10⁻⁹ · max(|now|, |then|). The two standard errors
//! are added as if the runs were independent; on the same seed they are not, and the true noise is smaller, so that the
//! test is cautious in calling a change. The last term lets the last bits differ where a figure carries no sampling error.
//!
//! A figure flagged `thin-tail` or `open-interval` has no known noise and is not judged; raise the paths to have it guarded.
//!
//! Example: K = 4, then 100 ± 3, now 118 ± 4: 18 < 4 · 5 = 20, the same; now 121 would have moved.

use super::limits::{LimitResult, Verdict};
use crate::measures::{Estimate, Estimates, Flag, Unit};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What the verdicts call themselves in JUnit XML.
const SUITES: &str = "levertide regress";
/// Relative difference that no change of a figure without sampling error may exceed.
const LAST_BITS: f64 = 1e-9;

/// What a baseline keeps: the part of `summary.json` that is compared; a whole `summary.json` is a baseline.
#[derive(Clone, Debug, Deserialize)]
pub struct Baseline {
    pub schema: u32,
    pub name: String,
    #[serde(default)]
    pub as_of: String,
    #[serde(default)]
    pub currency: String,
    #[serde(default)]
    pub programme_hash: String,
    pub scenarios: Vec<Stored>,
    #[serde(default)]
    pub limits: Vec<StoredLimit>,
}

/// A stored limit and its verdict.
#[derive(Clone, Debug, Deserialize)]
pub struct StoredLimit {
    pub scenario: String,
    pub measure: String,
    pub side: String,
    pub limit: f64,
    pub verdict: Verdict,
}

/// One stored scenario.
#[derive(Clone, Debug, Deserialize)]
pub struct Stored {
    pub name: String,
    pub measures: BTreeMap<String, Figure>,
}

/// A figure and its standard error; a figure that is not defined has no value, or the flag that says so.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Figure {
    pub value: Option<f64>,
    pub std_error: Option<f64>,
    #[serde(default)]
    pub unit: Option<Unit>,
    #[serde(default)]
    pub flag: Option<Flag>,
    /// Its interval, where it is known; no upper end where it is open.
    #[serde(default)]
    pub ci_low: Option<f64>,
    #[serde(default)]
    pub ci_high: Option<f64>,
}

impl Figure {
    /// A figure as a run gives it.
    pub fn of(estimate: &Estimate) -> Self {
        let finite = |x: f64| x.is_finite().then_some(x);
        Figure {
            value: finite(estimate.value),
            std_error: finite(estimate.std_error),
            unit: Some(estimate.unit),
            flag: estimate.flag,
            ci_low: finite(estimate.ci_low),
            ci_high: estimate.ci_high.and_then(finite),
        }
    }

    /// The value, where there is one to compare.
    pub fn defined(&self) -> Option<f64> {
        self.value.filter(|_| self.flag != Some(Flag::Undefined))
    }
}

/// The standard error of a difference of two figures, taken as independent.
pub fn noise(a: &Figure, b: &Figure) -> f64 {
    let (a, b) = (a.std_error.unwrap_or(0.0), b.std_error.unwrap_or(0.0));
    (a * a + b * b).sqrt()
}

/// What last bits may differ by.
pub fn last_bits(a: f64, b: f64) -> f64 {
    LAST_BITS * a.abs().max(b.abs())
}

/// What became of one figure, or of one limit.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub scenario: String,
    pub measure: String,
    /// Nothing when it is as it was; else what changed, in words.
    pub change: Option<String>,
}

/// Compares every figure of a run with its baseline, and adds the verdict on every limit.
pub fn compare(baseline: &Baseline, results: &[(String, Estimates)], limits: &[LimitResult], tolerance: f64) -> Vec<Finding> {
    let then: BTreeMap<(&str, &str), Figure> =
        baseline.scenarios.iter().flat_map(|s| s.measures.iter().map(|(key, f)| ((s.name.as_str(), key.as_str()), *f))).collect();
    let now: BTreeMap<(&str, &str), Figure> = results
        .iter()
        .flat_map(|(scenario, list)| list.iter().map(|(key, e)| ((scenario.as_str(), key.as_str()), Figure::of(e))))
        .collect();
    let mut keys: Vec<&(&str, &str)> = then.keys().chain(now.keys()).collect();
    keys.sort();
    keys.dedup();
    let figures = keys.into_iter().map(|key| Finding {
        scenario: key.0.to_string(),
        measure: key.1.to_string(),
        change: match (then.get(key), now.get(key)) {
            (Some(then), Some(now)) => moved(*then, *now, tolerance),
            (None, _) => Some("is new: the baseline does not hold it".into()),
            (_, None) => Some("is gone: only the baseline holds it".into()),
        },
    });
    figures.chain(limits.iter().map(breached)).collect()
}

fn moved(then: Figure, now: Figure, tolerance: f64) -> Option<String> {
    let (Some(before), Some(after)) = (then.defined(), now.defined()) else {
        let word = |value: Option<f64>| value.map_or("not defined".to_string(), |v| v.to_string());
        let changed = then.defined().is_some() != now.defined().is_some();
        return changed.then(|| format!("was {}, is {}", word(then.defined()), word(now.defined())));
    };
    // beyond too few paths the error is no measure of the noise, and every seed would be a change
    if then.flag.or(now.flag).is_some() {
        return None;
    }
    let allowed = tolerance * noise(&then, &now) + last_bits(before, after);
    let moved = (after - before).abs() > allowed;
    moved.then(|| {
        let by = after - before;
        format!("was {before}{}, is {after}{}: moved by {by} where {allowed} is allowed", doubt(then.std_error), doubt(now.std_error))
    })
}

/// ` ± 3`, or nothing where there is no error.
fn doubt(std_error: Option<f64>) -> String {
    std_error.filter(|error| *error > 0.0).map_or_else(String::new, |error| format!(" ± {error}"))
}

fn breached(limit: &LimitResult) -> Finding {
    let breach = limit.verdict == Verdict::Breach;
    Finding {
        scenario: limit.scenario.clone(),
        measure: format!("limit on {}", limit.measure),
        change: breach.then(|| {
            let error = doubt(Some(limit.estimate.std_error));
            format!("is {}{error}, must stay {} {}", limit.estimate.value, limit.side, limit.limit)
        }),
    }
}

/// The findings of several programmes as JUnit XML: a suite per programme, a case per figure and limit.
pub fn junit(programmes: &[(String, Vec<Finding>)]) -> String {
    let mut report = Report::new(SUITES);
    for (programme, findings) in programmes {
        let mut suite = TestSuite::new(programme.as_str());
        for finding in findings {
            let status = match &finding.change {
                None => TestCaseStatus::success(),
                Some(change) => {
                    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                    status.set_message(change.as_str());
                    status
                }
            };
            let mut case = TestCase::new(finding.measure.as_str(), status);
            case.set_classname(format!("{programme}.{}", finding.scenario));
            suite.add_test_case(case);
        }
        report.add_test_suite(suite);
    }
    report.to_string().expect("text becomes XML")
}

/// True for the XML that `junit` writes.
pub fn is_junit(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(1_000)]);
    head.contains("<testsuites ") && head.contains(&format!("name=\"{SUITES}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(value: f64, std_error: f64) -> Figure {
        Figure { value: Some(value), std_error: Some(std_error), unit: None, flag: None, ci_low: None, ci_high: None }
    }

    #[test]
    fn noise_is_no_change_and_a_change_is() {
        assert_eq!(moved(figure(100.0, 3.0), figure(118.0, 4.0), 4.0), None);
        let told = moved(figure(100.0, 3.0), figure(121.0, 4.0), 4.0).unwrap();
        assert!(told.starts_with("was 100 ± 3, is 121 ± 4: moved by 21 "), "{told}");
        assert_eq!(moved(figure(0.3, 0.0), figure(0.1 + 0.2, 0.0), 4.0), None);
        assert!(moved(figure(0.3, 0.0), figure(0.300_001, 0.0), 4.0).is_some());
        let undefined = Figure { flag: Some(Flag::Undefined), ..figure(0.0, 0.0) };
        assert_eq!(moved(undefined, undefined, 4.0), None);
        assert!(moved(undefined, figure(0.0, 0.0), 4.0).is_some());
    }

    #[test]
    fn what_is_new_and_what_is_gone_are_found() {
        let text = r#"{"schema":1,"name":"w","scenarios":[{"name":"base","measures":{"gone":{"value":1,"std_error":0}}}]}"#;
        let baseline: Baseline = serde_json::from_str(text).unwrap();
        let findings = compare(&baseline, &[("base".into(), Estimates::new())], &[], 4.0);
        assert!(findings[0].change.as_ref().unwrap().contains("gone"));
        let xml = junit(&[("w".into(), findings)]);
        assert!(xml.contains("failures=\"1\"") && xml.contains("w.base"), "{xml}");
        assert!(is_junit(xml.as_bytes()) && !is_junit(b"<testsuites name=\"pytest\">"));
    }
}
