//! Says what a run came to: key figures, limits, watches and findings, in tables for a terminal of 80 columns.
//!
//! All money stands in one unit, told in the first line; errors have one digit, or two, as in the report.

use super::show::{self, STARRED, plain};
use crate::measures::{Estimate, Flag, Unit};
use crate::model::case::Language;
use crate::problem::visible;
use crate::report::facts::Facts;
use crate::report::text::Text;
use crate::report::text::number::{self, Scale};
use crate::study::limits::{BELOW, LimitResult, Verdict, joint};
use crate::study::register::line::Finding;
use crate::study::watch::WatchResult;
use comfy_table::Table;
use std::cmp::Reverse;
use std::fmt::Write;

/// The figures of every scenario: key and heading.
const KEY_FIGURES: [(&str, &str); 3] =
    [("pool_loss.mean", "loss, mean"), ("pool_loss.es_99", "ES 99%"), ("liquidation_rate", "liquidated")];

/// Everything a run says at its end; the last line tells where the report is.
pub fn closing(facts: &Facts<'_>, report: &str) -> String {
    let brief = Brief::of(facts);
    let mut out = String::new();
    let programme = facts.programme;
    let unit = brief.scale.unit(&brief.text, &programme.currency);
    let _ = writeln!(out, "{} · as of {} · money in {unit}", visible::line(&programme.name), programme.as_of);
    let figures = narrow(brief.key_figures(facts));
    let _ = writeln!(out, "\n{figures}\n");
    if figures.contains('*') {
        let _ = writeln!(out, "{STARRED}\n");
    }
    if !facts.limits.is_empty() {
        let _ = writeln!(out, "{}", narrow(brief.limits(&facts.limits)));
        let _ = writeln!(out, "{}\n", show::together(&joint(&facts.limits)));
    }
    if !facts.watches.is_empty() {
        let _ = writeln!(out, "{}\n", narrow(brief.watches(&facts.watches)));
    }
    if let Some(register) = &facts.register {
        if !register.entry.findings.is_empty() {
            let _ = writeln!(out, "{}\n", narrow(findings(&register.entry.findings)));
        }
        if register.past {
            let _ = writeln!(out, "the history holds reports of later days: this run is not entered\n");
        }
    }
    let _ = writeln!(out, "report: {report}");
    out
}

/// A table as text, its columns close together.
fn narrow(mut table: Table) -> String {
    for column in table.column_iter_mut() {
        column.set_padding((1, 0));
    }
    table.trim_fmt()
}

/// Writes figures in few columns.
struct Brief {
    text: Text,
    scale: Scale,
}

impl Brief {
    fn of(facts: &Facts<'_>) -> Brief {
        let text = Text::new(Language::En, &facts.programme.currency);
        let money = facts.scenarios.iter().flat_map(|s| KEY_FIGURES.iter().filter_map(|(key, _)| s.measures.get(*key)));
        let scale = Scale::of_estimates(&text, money);
        Brief { text, scale }
    }

    /// A figure with its doubt; `*` marks a thin tail or a rare event.
    fn figure(&self, e: &Estimate) -> String {
        let written = number::estimate(&self.text, e, self.scale).full();
        let thin = matches!(e.flag, Some(Flag::ThinTail | Flag::RareEvent | Flag::OpenInterval));
        if thin && e.value != 0.0 { format!("{written}*") } else { written }
    }

    fn level(&self, unit: Unit, value: f64) -> String {
        match unit {
            Unit::Ratio => number::line(value),
            Unit::Money => number::plain(value / self.scale.divisor),
            Unit::Days | Unit::Number | Unit::Count => number::plain(value),
        }
    }

    fn key_figures(&self, facts: &Facts<'_>) -> Table {
        let mut headings = vec!["scenario"];
        headings.extend(KEY_FIGURES.map(|(_, heading)| heading));
        headings.push("paths");
        let mut table = plain(&headings);
        for scenario in &facts.scenarios {
            let mut row = vec![visible::line(&scenario.name).into_owned()];
            row.extend(KEY_FIGURES.map(|(key, _)| scenario.measures.get(key).map_or_else(|| "–".into(), |e| self.figure(e))));
            row.push(show::grouped(scenario.paths as f64));
            table.add_row(row);
        }
        show::align_right(&mut table, 1);
        table
    }

    /// The verdicts; a breach first, then what is undecided.
    fn limits(&self, limits: &[LimitResult]) -> Table {
        let alike = limits.iter().all(|l| l.confidence.to_bits() == limits[0].confidence.to_bits());
        let mut headings = vec!["limit", "scenario", "measure", "value", "must be"];
        headings.extend((!alike).then_some("confidence"));
        let mut table = plain(&headings);
        let mut sorted: Vec<&LimitResult> = limits.iter().collect();
        sorted.sort_by_key(|l| match l.verdict {
            Verdict::Breach => 0,
            Verdict::Undecided => 1,
            Verdict::Pass => 2,
        });
        for limit in sorted {
            let mut row = vec![
                verdict(limit.verdict).to_string(),
                visible::line(&limit.scenario).into_owned(),
                limit.measure.clone(),
                self.figure(&limit.estimate),
                format!("{} {}", sign(limit.side), self.level(limit.estimate.unit, limit.limit)),
            ];
            row.extend((!alike).then(|| number::line(limit.confidence)));
            table.add_row(row);
        }
        table
    }

    /// Watches by their state, red ones first.
    fn watches(&self, watches: &[WatchResult]) -> Table {
        let mut table = plain(&["watch", "state", "value", "amber", "red", "before"]);
        let mut sorted: Vec<&WatchResult> = watches.iter().collect();
        sorted.sort_by_key(|w| Reverse(w.state));
        for watch in sorted {
            let sign = sign(watch.side);
            let [amber, red] = [watch.amber, watch.red].map(|level| format!("{sign} {}", self.level(watch.estimate.unit, level)));
            table.add_row(vec![
                visible::line(&watch.name).into_owned(),
                format!("{}{}", show::state(watch.state), if watch.decided { "" } else { ", within noise" }),
                self.figure(&watch.estimate),
                amber,
                red,
                watch.before.map_or("–", show::state).to_string(),
            ]);
        }
        table
    }
}

/// Findings that are open, and those this run closed.
fn findings(findings: &[Finding]) -> Table {
    let mut table = plain(&["no.", "finding", "level", "reports", "status", "to be told"]);
    for finding in findings {
        table.add_row(vec![
            finding.number.to_string(),
            show::subject(finding),
            show::state(finding.level).to_string(),
            finding.reports.to_string(),
            show::status(finding.status).to_string(),
            visible::line(&finding.tell.join(", ")).into_owned(),
        ]);
    }
    table
}

/// The side that a figure must stay on.
fn sign(side: &str) -> &'static str {
    if side == BELOW { "≤" } else { "≥" }
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Breach => "BREACH",
        Verdict::Undecided => "undecided",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn it_fits_a_terminal_and_says_the_unit_of_money_once() {
        let programme = sample::programme(Language::En);
        let facts = sample::facts(&programme);
        let said = closing(&facts, "reports/weekly/report.pdf");
        assert!(said.starts_with("weekly · as of 2015-06-12 · money in CNY m\n"), "{said}");
        let wide: Vec<&str> = said.lines().filter(|line| line.chars().count() > 80 && !line.contains("tests on sampled paths")).collect();
        assert!(wide.is_empty(), "{}", wide.join("\n"));
        assert!(said.contains("BREACH") && said.ends_with("report: reports/weekly/report.pdf\n"), "{said}");
    }
}
