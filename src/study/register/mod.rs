//! Keeps the early-warning register over reports: findings that keep their number until they are closed, and the course of figures.
//!
//! A *finding* is opened by a watch that is amber or red, or by a limit that is breached. It keeps its number through every later report, may
//! get worse or better, and is closed when its watch has been green in as many reports in a row as the watch asks for, or by hand. What a
//! report does not judge (a scenario left out, a watch removed) stays open as it was. Numbers are never given twice in a file.
//!
//! The register is a function of the lines of its file and of the run: a report as of day t rests on the lines of days before t, the last one
//! of each day, so that a run repeated gives the same findings with the same numbers. A run as of a day that later reports already rest on
//! changes nothing in them and is not entered.
//!
//! Worked: green, amber, amber, red, green: opened with number 1 in the second report, in 3 reports when red, closed by the fifth.

pub mod item;
pub mod line;

use super::watch::{State, WatchResult};
use crate::measures::Unit;
use crate::units::Day;
use item::{Now, figures, items};
use line::{Entry, Finding, Line, Point, Status, Watched};
use std::collections::BTreeMap;

/// The register after a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Register {
    pub entry: Entry,
    /// Reports of this programme before it.
    pub reports: usize,
    /// True where reports of later days are there: the run is not entered.
    pub past: bool,
    /// The course of figures: those watched, then headlines.
    pub courses: Vec<Course>,
}

/// A figure over the reports.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    pub scenario: String,
    pub measure: String,
    pub unit: Unit,
    pub points: Vec<(Day, Point)>,
    /// Levels of watches on it, as they are now: amber and red.
    pub levels: Vec<[f64; 2]>,
}

/// What a run rests on.
pub struct Before<'l> {
    /// Reports of the programme before its day, the last of each day, ascending.
    entries: Vec<&'l Entry>,
    /// Findings that the reports of its own day gave, which it replaces.
    replaced: Vec<&'l Finding>,
    by_hand: Vec<u32>,
    highest: u32,
    past: bool,
}

/// The reports of a programme, the last one of each day, ascending.
pub fn reports<'l>(lines: &'l [Line], programme: &str) -> BTreeMap<Day, &'l Entry> {
    lines.iter().filter_map(Line::report).filter(|entry| entry.programme == programme).map(|entry| (entry.as_of, entry)).collect()
}

impl<'l> Before<'l> {
    /// Of the lines of a file, those that a run of a programme as of a day rests on.
    pub fn of(lines: &'l [Line], programme: &str, as_of: Day) -> Before<'l> {
        let all = lines.iter().filter_map(Line::report);
        let own = reports(lines, programme);
        Before {
            past: own.keys().any(|day| *day > as_of),
            entries: own.into_iter().filter(|(day, _)| *day < as_of).map(|(_, entry)| entry).collect(),
            replaced: all.clone().filter(|e| e.programme == programme && e.as_of == as_of).flat_map(|e| &e.findings).collect(),
            by_hand: lines.iter().filter_map(Line::closed).map(|closing| closing.number).collect(),
            highest: all.flat_map(|entry| &entry.findings).map(|f| f.number).max().unwrap_or(0),
        }
    }

    /// What a run after all reports of a programme rests on.
    pub fn next(lines: &'l [Line], programme: &str) -> Before<'l> {
        Before::of(lines, programme, Day::from_epoch_days(i32::MAX))
    }

    /// The state that a watch had in the last report that judged it.
    pub fn state(&self, watch: &str) -> Option<State> {
        self.entries.iter().rev().find_map(|entry| entry.watches.iter().find(|w| w.name == watch)).map(|w| w.state)
    }

    /// Findings open before the run.
    pub fn open(&self) -> impl Iterator<Item = &'l Finding> {
        let last = self.entries.last().map_or(&[][..], |entry| &entry.findings);
        last.iter().filter(|f| f.status != Status::Closed && !self.by_hand.contains(&f.number))
    }

    /// The register after the run.
    pub fn with(&self, now: &Now<'_>) -> Register {
        let mut highest = self.highest;
        let mut findings: Vec<Finding> = Vec::new();
        let open: Vec<&Finding> = self.open().collect();
        let items = items(now, &open);
        for item in &items {
            let before = open.iter().find(|f| f.subject == item.subject);
            let next = match before {
                Some(finding) => Some(item.after(finding, now.as_of)),
                None if item.state == State::Green => None,
                None => {
                    let again = self.replaced.iter().find(|f| f.subject == item.subject && f.opened == now.as_of).map(|f| f.number);
                    let number = again.unwrap_or_else(|| {
                        highest += 1;
                        highest
                    });
                    Some(item.opened(number, now.as_of))
                }
            };
            findings.extend(next.filter(|f| !self.by_hand.contains(&f.number)));
        }
        let judged = |finding: &Finding| items.iter().any(|item| item.subject == finding.subject);
        findings.extend(open.iter().filter(|f| !judged(f)).map(|f| Finding { status: Status::NotJudged, ..(*f).clone() }));
        findings.sort_by_key(|f| f.number);
        let figures = figures(now);
        let watches = now.results.iter().map(|w| Watched { name: w.name.clone(), amber: w.amber, red: w.red, state: w.state }).collect();
        let entry = Entry {
            as_of: now.as_of,
            programme: now.programme.into(),
            programme_hash: now.programme_hash.into(),
            version: now.version.into(),
            seed: now.seed,
            currency: now.currency.into(),
            watches,
            findings,
            figures,
        };
        Register { courses: self.courses(&entry, now.results), reports: self.entries.len(), past: self.past, entry }
    }

    fn courses(&self, now: &Entry, watches: &[WatchResult]) -> Vec<Course> {
        let course = |figure: &Point| {
            let same = |point: &&Point| (&point.scenario, &point.measure, point.unit) == (&figure.scenario, &figure.measure, figure.unit);
            let reports = self.entries.iter().copied().chain([now]);
            let points = reports.filter_map(|entry| Some((entry.as_of, entry.figures.iter().find(same)?.clone()))).collect();
            let watched = watches.iter().filter(|w| (&w.scenario, &w.measure) == (&figure.scenario, &figure.measure));
            let levels = watched.map(|w| [w.amber, w.red]).collect();
            Course { scenario: figure.scenario.clone(), measure: figure.measure.clone(), unit: figure.unit, points, levels }
        };
        now.figures.iter().map(course).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::line::Closing;
    use super::*;
    use crate::measures::stated::Basis;
    use crate::measures::{Estimate, Estimates};
    use crate::model::case::BASE;
    use crate::model::watch::{Levels, Tell, Watch, WatchZh};
    use crate::study::limits::{BELOW, LimitResult, Measured, Verdict};
    use crate::study::watch::judge;
    use crate::units::Ratio;

    fn watch(name: &str, close_after: u32, escalate_after: Option<u32>) -> Watch {
        let levels = |amber, red| Levels { amber: Ratio::from_fraction(amber), red: Ratio::from_fraction(red) };
        Watch {
            name: name.into(),
            measure: "pool_loss.es_99".into(),
            scenario: None,
            below: Some(levels(10.0, 12.0)),
            above: None,
            confidence: Ratio::from_fraction(0.95),
            close_after,
            escalate_after,
            tell: Tell { amber: vec!["desk".into()], red: vec!["committee".into(), "desk".into()] },
            zh: WatchZh::default(),
        }
    }

    fn day(day: u32) -> Day {
        Day::from_ymd(2025, 1, day).expect("a day")
    }

    fn figure(value: f64) -> Estimate {
        let (ci_low, ci_high) = (value - 0.2, Some(value + 0.2));
        Estimate {
            value,
            std_error: 0.1,
            ci_low,
            ci_high,
            paths: 1_000,
            plain_paths: None,
            unit: Unit::Money,
            flag: None,
            basis: Basis::Sides,
        }
    }

    fn entered(lines: &[Line], watches: &[Watch], on: u32, value: f64, limits: &[LimitResult]) -> Register {
        let measures = Estimates::from([("pool_loss.es_99".to_string(), figure(value))]);
        let before = Before::of(lines, "weekly", day(on));
        let measured = Measured { scenario: BASE, confidence: 0.95, estimates: &measures };
        let results = judge(watches, &[measured], &|name| before.state(name));
        before.with(&Now {
            as_of: day(on),
            programme: "weekly",
            programme_hash: "x",
            version: "0.1.0",
            seed: 1,
            currency: "CNY",
            watches,
            results: &results,
            limits,
            measured: &[measured],
        })
    }

    fn course(watches: &[Watch], values: &[f64]) -> (Vec<Line>, Vec<Vec<Finding>>) {
        let (mut lines, mut found) = (Vec::new(), Vec::new());
        for (at, value) in values.iter().enumerate() {
            let register = entered(&lines, watches, at as u32 + 1, *value, &[]);
            found.push(register.entry.findings.clone());
            lines.push(Line::Report(register.entry));
        }
        (lines, found)
    }

    #[test]
    fn a_finding_keeps_its_number_until_it_is_closed() {
        let (_, found) = course(&[watch("tail", 1, Some(3))], &[9.0, 11.0, 10.5, 13.0, 11.0, 9.0, 9.0, 12.9]);
        let told: Vec<Vec<(u32, Status, u32)>> =
            found.iter().map(|f| f.iter().map(|f| (f.number, f.status, f.reports)).collect()).collect();
        let expected = [
            vec![],
            vec![(1, Status::Opened, 1)],
            vec![(1, Status::Persists, 2)],
            vec![(1, Status::Worse, 3)],
            vec![(1, Status::Better, 4)],
            vec![(1, Status::Closed, 4)],
            vec![],
            vec![(2, Status::Opened, 1)],
        ];
        assert_eq!(told, expected);
        assert_eq!((found[4][0].worst, found[4][0].worst_on, found[4][0].opened), (13.0, day(4), day(2)));
        // amber is told the desk, red the committee too; amber for three reports as well
        assert_eq!([1, 2, 3, 4].map(|at: usize| found[at][0].tell.len()), [1, 1, 2, 2]);
    }

    #[test]
    fn green_reports_in_a_row_close_it_where_it_asks_for_several() {
        let (_, found) = course(&[watch("tail", 2, None)], &[11.0, 9.0, 11.0, 9.0, 9.0]);
        let told: Vec<Status> = found.iter().map(|f| f[0].status).collect();
        assert_eq!(told, [Status::Opened, Status::Green, Status::Persists, Status::Green, Status::Closed]);
        assert_eq!(found[4][0].reports, 2);
    }

    #[test]
    fn a_run_repeated_gives_the_same_and_an_older_one_is_not_entered() {
        let watches = [watch("tail", 1, None), watch("other", 1, None)];
        let (mut lines, _) = course(&watches, &[11.0, 11.0]);
        let again = entered(&lines, &watches, 2, 11.0, &[]);
        assert_eq!(Line::Report(again.entry), lines[1]);
        // the corrected first report is not entered, and its numbers are those it had
        let older = entered(&lines, &watches, 1, 13.0, &[]);
        assert!(older.past && older.entry.findings.iter().map(|f| f.number).eq([1, 2]));
        // a corrected last report is entered beside the first one, and takes its place
        let corrected = entered(&lines, &watches, 2, 9.0, &[]);
        assert!(!corrected.past && corrected.entry.findings.iter().all(|f| f.status == Status::Closed));
        lines.push(Line::Report(corrected.entry));
        assert_eq!(entered(&lines, &watches, 3, 13.0, &[]).entry.findings[0].number, 3, "no number is given twice");
    }

    #[test]
    fn what_a_report_does_not_judge_stays_open_until_it_is_closed_by_hand() {
        let (mut lines, _) = course(&[watch("tail", 1, None)], &[11.0]);
        let silent = entered(&lines, &[], 2, 9.0, &[]);
        assert_eq!(silent.entry.findings.iter().map(|f| (f.number, f.status)).collect::<Vec<_>>(), [(1, Status::NotJudged)]);
        lines.push(Line::Report(silent.entry));
        lines.push(Line::Closed(Closing { programme: "weekly".into(), number: 1, because: "the product is closed".into(), by: None }));
        assert!(entered(&lines, &[], 3, 9.0, &[]).entry.findings.is_empty());
        // another programme has its own findings, and numbers of its own
        let other = Before::of(&lines, "desk", day(3));
        assert!(other.open().next().is_none() && other.highest == 1);
    }

    #[test]
    fn a_breached_limit_is_a_finding_and_an_undecided_one_neither_opens_nor_closes_it() {
        let limit = |value: f64, verdict| LimitResult {
            scenario: BASE.into(),
            measure: "pool_loss.es_99".into(),
            side: BELOW,
            limit: 12.0,
            confidence: 0.95,
            estimate: figure(value),
            verdict,
        };
        let (mut lines, mut told) = (Vec::new(), Vec::new());
        let reports = [(11.9, Verdict::Undecided), (13.0, Verdict::Breach), (11.9, Verdict::Undecided), (11.0, Verdict::Pass)];
        for (at, (value, verdict)) in reports.into_iter().enumerate() {
            let register = entered(&lines, &[], at as u32 + 1, value, &[limit(value, verdict), limit(value, Verdict::Pass)]);
            told.push(register.entry.findings.iter().map(|f| f.status).collect::<Vec<_>>());
            lines.push(Line::Report(register.entry));
        }
        assert_eq!(told, [vec![], vec![Status::Opened], vec![Status::Persists], vec![Status::Closed]]);
    }

    #[test]
    fn the_course_of_a_figure_has_a_point_for_each_day_and_the_levels_of_today() {
        let (mut lines, _) = course(&[watch("tail", 1, None)], &[9.0, 11.0]);
        lines.insert(1, lines[0].clone());
        let register = entered(&lines, &[watch("tail", 1, None)], 3, 12.0, &[]);
        let [course] = &register.courses[..] else { panic!("one figure") };
        assert_eq!(
            course.points.iter().map(|(day, p)| (*day, p.value)).collect::<Vec<_>>(),
            [(day(1), Some(9.0)), (day(2), Some(11.0)), (day(3), Some(12.0))]
        );
        assert_eq!((course.levels.as_slice(), register.reports), (&[[10.0, 12.0]][..], 2));
    }
}
