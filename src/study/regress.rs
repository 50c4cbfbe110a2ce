//! Compares the figures of a run with stored ones, and tells a change from noise.
//!
//! A figure has moved when |now − then| > allowed + 10⁻⁹ · max(|now|, |then|), with allowed the larger of K · √(se_now² + se_then²)
//! and K/z · √(side_now² + side_then²): the sides of the two intervals that face each other, the lower one of the larger figure
//! and the upper one of the smaller (Zou and Donner 2008), z the standard errors in half an interval. An error of a rare event
//! is no measure of how far the other run may lie; the exact or skewness-corrected interval is. The runs are taken as
//! independent; on the same seed they are not, and the true noise is smaller, so that the test is cautious in calling a change.
//! The last term lets the last bits differ where a figure carries no sampling error.
//!
//! A figure that no path of one run shows, and whose largest value on a path is not known, has no interval. It is then set
//! against the share of paths that show it in the other, at least (value/se)²/n, and their mean size there.
//! A figure flagged `thin-tail` or `open-interval` in either has no known noise and is not judged otherwise; raise the paths to
//! have it guarded.
//!
//! K is 4, and more where more than 158 figures are compared: so many that a run without a change calls one of them changed once in
//! a hundred at most, however they hang together.
//!
//! Example: K = 4, then 100 ± 3, now 118 ± 4: 18 < 4 · 5 = 20, the same; now 121 would have moved. Then none of 10,000 paths
//! (0 to 3.7 of them at 95 %), now 12 (6.2 to 21.0): 12 < 4 · √(3.5² + 1.9²) = 15.8, the same; now 20 would have moved.

use super::limits::{LimitResult, Verdict};
use crate::engine::outcome::Stratum;
use crate::maths::special::{normal_cdf, two_sided_quantile};
use crate::measures::{Estimate, Estimates, Flag, Unit};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What the verdicts call themselves in JUnit XML.
const SUITES: &str = "levertide regress";
/// Standard errors that a figure may move by at least.
const LEAST_TOLERANCE: f64 = 4.0;
/// Of runs without a change, those in which any figure is called changed, at most.
const FALSE_ALARMS: f64 = 0.01;
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
    /// Two-sided confidence of intervals.
    #[serde(default = "usual_confidence")]
    pub confidence: f64,
    /// What its paths were chosen of; absent with plain sampling.
    #[serde(default)]
    pub candidates: Option<u64>,
    /// Where candidates count differently.
    #[serde(default)]
    pub strata: Vec<Stratum>,
    /// True when every path is the same.
    #[serde(default)]
    pub deterministic: bool,
    pub measures: BTreeMap<String, Figure>,
}

/// What intervals were made with before a summary stated it.
fn usual_confidence() -> f64 {
    0.95
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
    /// Paths it rests on.
    #[serde(default)]
    pub paths: Option<u64>,
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
            paths: Some(estimate.paths),
            ci_low: finite(estimate.ci_low),
            ci_high: estimate.ci_high.and_then(finite),
        }
    }

    /// The value, where there is one to compare.
    pub fn defined(&self) -> Option<f64> {
        self.value.filter(|_| self.flag != Some(Flag::Undefined))
    }
}

/// The standard error of a difference of two figures, taken as independent; infinite where one has none.
pub fn noise(a: &Figure, b: &Figure) -> f64 {
    let of = |f: &Figure| f.std_error.unwrap_or(f64::INFINITY);
    let (a, b) = (of(a), of(b));
    (a * a + b * b).sqrt()
}

/// How far the interval of `after − before` reaches below and above it, from the intervals of both; nothing where one is open.
pub fn reach(before: &Figure, after: &Figure) -> Option<(f64, f64)> {
    let sides = |f: &Figure| Some((f.value? - f.ci_low?, f.ci_high? - f.value?));
    let ((low_then, high_then), (low_now, high_now)) = (sides(before)?, sides(after)?);
    let root = |a: f64, b: f64| (a * a + b * b).sqrt();
    Some((root(low_now, high_then), root(high_now, low_then)))
}

/// How far two figures may lie apart and be the same but for noise; nothing where the noise of one is not known.
///
/// `confidence` is that of the intervals, `tolerance` the number of standard errors that is still noise.
pub fn allowed(before: &Figure, after: &Figure, confidence: f64, tolerance: f64) -> Option<f64> {
    let (was, is) = (before.defined()?, after.defined()?);
    let z = two_sided_quantile(confidence);
    let (less, more) = if was <= is { (before, after) } else { (after, before) };
    let beside = |f: &Figure| !matches!(f.flag, None | Some(Flag::RareEvent));
    if beside(before) || beside(after) {
        // only what no path of one run shows can still be judged, by a figure of the other that is known
        let unseen = |f: &Figure| f.value == Some(0.0) && f.std_error.is_none_or(|e| e == 0.0) && f.flag == Some(Flag::OpenInterval);
        let judged = unseen(less) && !beside(more) && more.value > Some(0.0);
        return if judged { against_nothing(less, more, z, tolerance) } else { None };
    }
    let plain = tolerance * noise(before, after);
    let sides = reach(before, after).map(|(below, above)| if was <= is { below } else { above } * tolerance / z);
    Some(sides.map_or(plain, |sides| sides.max(plain))).filter(|a| a.is_finite())
}

/// What `more` may come to where no path of `less` shows any, at least.
fn against_nothing(less: &Figure, more: &Figure, z: f64, tolerance: f64) -> Option<f64> {
    let (value, error) = (more.value?, more.std_error?);
    let paths = more.paths? as f64 / less.paths? as f64;
    // of n paths that show it with probability p none does with (1 − p)^n: as rare as `tolerance` errors where np is this
    let never = -libm::log(1.0 - normal_cdf(tolerance));
    let seen = (value / error) * (value / error);
    let (up, down) = (value * never * paths / seen, (value - more.ci_low?) * tolerance / z);
    Some((up * up + down * down).sqrt())
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

/// Standard errors that every one of `figures` may move by (Bonferroni). Worked: 158 figures → 4.00; 3,171, the weekly programme → 4.66.
pub fn tolerance_of(figures: usize) -> f64 {
    two_sided_quantile(1.0 - FALSE_ALARMS / figures.max(1) as f64).max(LEAST_TOLERANCE)
}

/// Compares every figure of a run with its baseline, and adds the verdict on every limit; `tolerance` as their number asks for
/// where none is named.
pub fn compare(baseline: &Baseline, results: &[(String, Estimates)], limits: &[LimitResult], tolerance: Option<f64>) -> Vec<Finding> {
    let then: BTreeMap<(&str, &str), Figure> =
        baseline.scenarios.iter().flat_map(|s| s.measures.iter().map(|(key, f)| ((s.name.as_str(), key.as_str()), *f))).collect();
    let confidence: BTreeMap<&str, f64> = baseline.scenarios.iter().map(|s| (s.name.as_str(), s.confidence)).collect();
    let now: BTreeMap<(&str, &str), Figure> = results
        .iter()
        .flat_map(|(scenario, list)| list.iter().map(|(key, e)| ((scenario.as_str(), key.as_str()), Figure::of(e))))
        .collect();
    let mut keys: Vec<&(&str, &str)> = then.keys().chain(now.keys()).collect();
    keys.sort();
    keys.dedup();
    let tolerance = tolerance.unwrap_or_else(|| tolerance_of(keys.len()));
    let figures = keys.into_iter().map(|key| Finding {
        scenario: key.0.to_string(),
        measure: key.1.to_string(),
        change: match (then.get(key), now.get(key)) {
            (Some(then), Some(now)) => moved(*then, *now, confidence[key.0], tolerance),
            (None, _) => Some("is new: the baseline does not hold it".into()),
            (_, None) => Some("is gone: only the baseline holds it".into()),
        },
    });
    figures.chain(limits.iter().map(breached)).collect()
}

fn moved(then: Figure, now: Figure, confidence: f64, tolerance: f64) -> Option<String> {
    let (Some(before), Some(after)) = (then.defined(), now.defined()) else {
        let word = |value: Option<f64>| value.map_or("not defined".to_string(), |v| v.to_string());
        let changed = then.defined().is_some() != now.defined().is_some();
        return changed.then(|| format!("was {}, is {}", word(then.defined()), word(now.defined())));
    };
    // beyond too few paths the error is no measure of the noise, and every seed would be a change
    let allowed = allowed(&then, &now, confidence, tolerance)? + last_bits(before, after);
    let moved = (after - before).abs() > allowed;
    moved.then(|| {
        let by = after - before;
        format!("was {before}{}, is {after}{}: moved by {by} where {allowed} is allowed", doubt(then.std_error), doubt(now.std_error))
    })
}

/// ` ± 3`, or nothing where there is no error.
fn doubt(std_error: Option<f64>) -> String {
    std_error.filter(|error| *error > 0.0 && error.is_finite()).map_or_else(String::new, |error| format!(" ± {error}"))
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
        Figure { value: Some(value), std_error: Some(std_error), unit: None, flag: None, paths: None, ci_low: None, ci_high: None }
    }

    #[test]
    fn noise_is_no_change_and_a_change_is() {
        assert_eq!(moved(figure(100.0, 3.0), figure(118.0, 4.0), 0.95, 4.0), None);
        let told = moved(figure(100.0, 3.0), figure(121.0, 4.0), 0.95, 4.0).unwrap();
        assert!(told.starts_with("was 100 ± 3, is 121 ± 4: moved by 21 "), "{told}");
        assert_eq!(moved(figure(0.3, 0.0), figure(0.1 + 0.2, 0.0), 0.95, 4.0), None);
        assert!(moved(figure(0.3, 0.0), figure(0.300_001, 0.0), 0.95, 4.0).is_some());
        let undefined = Figure { flag: Some(Flag::Undefined), ..figure(0.0, 0.0) };
        assert_eq!(moved(undefined, undefined, 0.95, 4.0), None);
        assert!(moved(undefined, figure(0.0, 0.0), 0.95, 4.0).is_some());
    }

    #[test]
    fn a_rare_event_is_set_against_its_interval_and_nothing_against_the_paths_of_the_other() {
        let n = 10_000.0;
        let count = |hits: f64, low: f64, high: f64| Figure {
            ci_low: Some(low / n),
            ci_high: Some(high / n),
            paths: Some(10_000),
            ..figure(hits / n, if hits > 0.0 { hits.sqrt() / n } else { 1.9 / n })
        };
        let none = count(0.0, 0.0, 3.7);
        assert_eq!(moved(none, count(12.0, 6.2, 21.0), 0.95, 4.0), None);
        assert!(moved(none, count(20.0, 12.2, 30.9), 0.95, 4.0).is_some());
        // money that no path showed: no interval, and yet what four hundred paths show now is no chance
        let unseen = Figure { std_error: None, flag: Some(Flag::OpenInterval), ci_high: None, ..none };
        let seen = |paths: f64| {
            let error = 1e6 / paths.sqrt();
            Figure { ci_low: Some(1e6 - 1.96 * error), ci_high: Some(1e6 + 1.96 * error), paths: Some(10_000), ..figure(1e6, error) }
        };
        assert!(moved(unseen, seen(400.0), 0.95, 4.0).is_some() && moved(seen(400.0), unseen, 0.95, 4.0).is_some());
        assert_eq!(moved(unseen, seen(12.0), 0.95, 4.0), None);
        assert_eq!(moved(unseen, unseen, 0.95, 4.0), None);
    }

    #[test]
    fn more_figures_are_allowed_more_errors_each() {
        for (figures, errors) in [(0, 4.0), (1, 4.0), (157, 4.0), (159, 4.0017), (3_171, 4.6606), (31_710, 5.1140)] {
            assert!((tolerance_of(figures) - errors).abs() < 5e-4, "{figures}: {}", tolerance_of(figures));
        }
    }

    #[test]
    fn what_is_new_and_what_is_gone_are_found() {
        let text = r#"{"schema":1,"name":"w","scenarios":[{"name":"base","measures":{"gone":{"value":1,"std_error":0}}}]}"#;
        let baseline: Baseline = serde_json::from_str(text).unwrap();
        let findings = compare(&baseline, &[("base".into(), Estimates::new())], &[], None);
        assert!(findings[0].change.as_ref().unwrap().contains("gone"));
        let xml = junit(&[("w".into(), findings)]);
        assert!(xml.contains("failures=\"1\"") && xml.contains("w.base"), "{xml}");
        assert!(is_junit(xml.as_bytes()) && !is_junit(b"<testsuites name=\"pytest\">"));
    }
}
