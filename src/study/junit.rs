//! Writes the verdicts of a regression test as JUnit XML: a suite per programme, a case per figure and limit.

use super::gate::{Gate, Judged, Rule};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

/// What the verdicts call themselves.
const SUITES: &str = "levertide regress";

/// The verdicts; every suite states the rule they follow and its rate of false alarms.
pub fn junit(gate: &Gate) -> String {
    let mut report = Report::new(SUITES);
    for programme in &gate.programmes {
        let mut suite = TestSuite::new(programme.name.as_str());
        suite.add_property(("rule", gate.words().as_str()));
        if gate.rule != Rule::Exact {
            suite.add_property(("false-alarms", gate.rate.to_string().as_str()));
            suite.add_property(("figures-with-error", gate.family.to_string().as_str()));
            suite.add_property(("standard-errors-allowed", gate.tolerance.to_string().as_str()));
        }
        for (scenario, measure, change) in cases(programme) {
            let status = match change {
                None => TestCaseStatus::success(),
                Some(change) => {
                    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                    status.set_message(change);
                    status
                }
            };
            let mut case = TestCase::new(measure, status);
            case.set_classname(format!("{}.{scenario}", programme.name));
            suite.add_test_case(case);
        }
        report.add_test_suite(suite);
    }
    report.to_string().expect("text becomes XML")
}

/// Scenario, measure and what changed, of every figure and limit.
fn cases(programme: &Judged) -> impl Iterator<Item = (&str, String, Option<String>)> {
    let figures = programme.rows.iter().map(|row| (row.scenario.as_str(), row.measure.clone(), row.words()));
    let limits = programme.limits.iter().map(|limit| {
        let result = &limit.result;
        (result.scenario.as_str(), format!("limit on {}", result.measure), limit.words())
    });
    figures.chain(limits)
}

/// True for the XML that `junit` writes.
pub fn is_junit(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(1_000)]);
    head.contains("<testsuites ") && head.contains(&format!("name=\"{SUITES}\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::gate::{Fate, Row};

    #[test]
    fn a_change_is_a_failure_and_the_rate_is_stated() {
        let row = |measure: &str, fate| Row { scenario: "base".into(), measure: measure.into(), before: None, after: None, fate };
        let rows = vec![row("same", Fate::Within), row("lost", Fate::Gone)];
        let programmes = vec![Judged { name: "w".into(), rows, limits: Vec::new() }];
        let xml = junit(&Gate { programmes, rule: Rule::FalseAlarms(0.01), family: 1, tolerance: 2.58, rate: 0.01 });
        assert!(xml.contains("failures=\"1\"") && xml.contains("w.base") && xml.contains("only the baseline"), "{xml}");
        assert!(xml.contains("name=\"false-alarms\" value=\"0.01\"") && xml.contains("at most 1% of runs"), "{xml}");
        assert!(is_junit(xml.as_bytes()) && !is_junit(b"<testsuites name=\"pytest\">"));
    }
}
