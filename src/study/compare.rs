//! Compares two stored runs figure by figure, and tells a difference from noise.
//!
//! Two folders hold no paths to pair, so the difference d = b − a is set against √(se_a² + se_b²) as if the runs were
//! independent: z = d/√(…). Where both used the same seed the true noise is smaller, and a verdict of "beyond noise" only
//! the safer. Beyond noise is what `regress` calls moved: the intervals of rare events count, and a thin tail is not judged. Two figures without sampling error differ when they differ by more than 10⁻⁹ of the larger.
//! Worked: 100 ± 3 and 118 ± 4 give d = 18, noise 5, z = 3.6.

use super::regress::{Baseline, Figure, allowed, last_bits, noise};
use crate::measures::Unit;
use std::collections::BTreeMap;

/// One figure of two runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub scenario: String,
    pub measure: String,
    pub unit: Option<Unit>,
    /// Absent where a run does not hold the figure, or could not define it.
    pub first: Option<Figure>,
    pub second: Option<Figure>,
    pub change: Change,
}

/// How the second run stands to the first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// Second less first, the standard error of that, and their ratio (absent where neither has an error).
    Both {
        difference: f64,
        std_error: f64,
        z: Option<f64>,
        beyond_noise: bool,
    },
    OnlyFirst,
    OnlySecond,
    /// Held by both, defined by neither.
    Neither,
}

/// Every figure of either run, in order of scenario and key; `tolerance` is the number of standard errors that is still noise.
pub fn compare(first: &Baseline, second: &Baseline, tolerance: f64) -> Vec<Row> {
    let (a, b) = (figures(first), figures(second));
    let confidence: BTreeMap<&str, f64> = second.scenarios.iter().map(|s| (s.name.as_str(), s.confidence)).collect();
    let mut keys: Vec<_> = a.keys().chain(b.keys()).copied().collect();
    keys.sort_unstable();
    keys.dedup();
    let row = |key: (&str, &str)| {
        let (x, y) = (a.get(&key), b.get(&key));
        let defined = |f: Option<&&Figure>| f.filter(|f| f.defined().is_some()).map(|f| **f);
        let value = |f: Option<&&Figure>| f.and_then(|f| f.defined());
        Row {
            scenario: key.0.to_string(),
            measure: key.1.to_string(),
            unit: y.or(x).and_then(|f| f.unit),
            first: defined(x),
            second: defined(y),
            change: match (value(x), value(y)) {
                (Some(before), Some(after)) => {
                    let confidence = confidence.get(key.0).copied().unwrap_or(0.95);
                    let (noise, allowed) = x.zip(y).map_or((0.0, None), |(x, y)| (noise(x, y), allowed(x, y, confidence, tolerance)));
                    both(before, after, noise, allowed)
                }
                (Some(_), None) => Change::OnlyFirst,
                (None, Some(_)) => Change::OnlySecond,
                (None, None) => Change::Neither,
            },
        }
    };
    keys.into_iter().map(row).collect()
}

fn both(before: f64, after: f64, std_error: f64, allowed: Option<f64>) -> Change {
    let difference = after - before;
    let beyond_noise = allowed.is_some_and(|allowed| difference.abs() > allowed + last_bits(before, after));
    Change::Both { difference, std_error, z: (std_error > 0.0).then(|| difference / std_error), beyond_noise }
}

fn figures(run: &Baseline) -> BTreeMap<(&str, &str), &Figure> {
    run.scenarios.iter().flat_map(|s| s.measures.iter().map(|(key, f)| ((s.name.as_str(), key.as_str()), f))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(value: f64, std_error: f64, extra: &str) -> Baseline {
        let unit = Some(Unit::Money);
        let figure = |value: f64, se: f64| Figure {
            value: Some(value),
            std_error: Some(se),
            unit,
            flag: None,
            paths: None,
            ci_low: None,
            ci_high: None,
        };
        let measures = BTreeMap::from([("pool_loss.mean".to_string(), figure(value, std_error)), (extra.to_string(), figure(1.0, 0.0))]);
        let scenarios = vec![crate::study::regress::Stored {
            name: "base".into(),
            confidence: 0.95,
            candidates: None,
            strata: Vec::new(),
            deterministic: false,
            measures,
        }];
        Baseline { schema: 1, name: "w".into(), scenarios, ..Baseline::default() }
    }

    #[test]
    fn a_difference_is_set_against_the_noise_of_both() {
        let rows = compare(&run(100.0, 3.0, "a"), &run(118.0, 4.0, "b"), 3.0);
        assert_eq!(rows.iter().map(|r| r.change).take(2).collect::<Vec<_>>(), [Change::OnlyFirst, Change::OnlySecond]);
        assert_eq!(rows[2].change, Change::Both { difference: 18.0, std_error: 5.0, z: Some(3.6), beyond_noise: true });
        let same = compare(&run(100.0, 0.0, "a"), &run(100.000_000_01, 0.0, "a"), 3.0);
        assert!(matches!(same[1].change, Change::Both { beyond_noise: false, z: None, .. }));
    }
}
