//! Shows the early-warning register that runs keep with --history, and closes findings by hand.

use super::command::Command;
use super::history::History;
use super::{show, terminal};
use crate::measures::Unit;
use crate::problem::{Kind, Place, Problem, Problems, exit, visible};
use crate::study::register::line::{Closing, Entry, Finding, Line, Point};
use crate::study::register::{Before, reports};
use crate::units::Day;
use clap::Args;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

const EXAMPLES: &str = "The register is kept by `levertide run PROGRAMME --history FILE`, one line a report. A finding is opened by a [[watch]] that \
is amber or red, or by a limit that is breached, and keeps its number until it is closed: by its watch being green again, or here.\n\n\
Examples:\n  levertide register register.jsonl\n  levertide register register.jsonl --reports 52\n  \
levertide register register.jsonl --close 3 --because \"the product was closed\" --by \"A. Chen\"";

/// Show the early-warning register of earlier runs, or close a finding by hand
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Register {
    /// The file that runs keep with --history
    pub file: PathBuf,
    /// Only this programme
    #[arg(long, value_name = "NAME")]
    pub programme: Option<String>,
    /// Reports shown of each programme, the last ones
    #[arg(long, value_name = "N", default_value_t = 8)]
    pub reports: usize,
    /// Close a finding by hand
    #[arg(long, value_name = "NUMBER", requires = "because")]
    pub close: Option<u32>,
    /// Why it is closed
    #[arg(long, value_name = "TEXT", requires = "close")]
    pub because: Option<String>,
    /// Who closes it
    #[arg(long, value_name = "NAME", requires = "close")]
    pub by: Option<String>,
}

/// Figures that a table of reports has room for.
const FIGURES: usize = 5;
/// Letters of a reason or a name.
const LETTERS: usize = 500;

impl Command for Register {
    fn execute(&self) -> Result<i32, Problems> {
        if !self.file.exists() {
            let place = Place::file(self.file.display().to_string());
            let why = "the register is kept by `levertide run PROGRAMME --history FILE`";
            return Err(Problem::new(Kind::Usage, place, "is not there", why, "check the path, or run with --history first").into());
        }
        let history = History::open(&self.file)?;
        if let Some(number) = self.close {
            return self.closed(&history, number);
        }
        let programmes = programmes(&history.lines);
        let shown: Vec<_> = programmes.iter().filter(|(name, _)| self.programme.as_deref().is_none_or(|asked| asked == **name)).collect();
        if let (Some(asked), true) = (&self.programme, shown.is_empty()) {
            let known: Vec<&str> = programmes.keys().copied().collect();
            let why = format!("the register holds {}", if known.is_empty() { "no report yet".into() } else { known.join(", ") });
            let place = Place::file("--programme");
            return Err(Problem::new(Kind::Usage, place, format!("no programme “{asked}”"), why, "name one of them").into());
        }
        let mut out = String::new();
        for (name, entries) in shown {
            self.programme(&history.lines, name, entries, &mut out);
        }
        if programmes.is_empty() {
            out.push_str("no report is entered yet\n");
        }
        terminal::say(&out)?;
        Ok(exit::DONE)
    }

    fn starts_threads(&self) -> bool {
        false
    }
}

impl Register {
    fn programme(&self, lines: &[Line], name: &str, entries: &BTreeMap<Day, &Entry>, out: &mut String) {
        let (Some((first, _)), Some((last, entry))) = (entries.first_key_value(), entries.last_key_value()) else { return };
        let n = entries.len();
        let reports = if n == 1 { format!("1 report, {last}") } else { format!("{n} reports, {first} to {last}") };
        let _ = writeln!(out, "{} · {reports} · {}\n", visible::line(name), entry.currency);
        let open = open(lines, name);
        if open.is_empty() {
            let _ = writeln!(out, "no finding is open\n");
        } else {
            let _ = writeln!(out, "{}\n", show::findings(&open).trim_fmt());
        }
        let figures: Vec<&Point> = entry.figures.iter().take(FIGURES).collect();
        let heads: Vec<String> = figures.iter().map(|f| format!("{} ({})", f.measure, f.scenario)).collect();
        let heads: Vec<&str> = std::iter::once("as of").chain(heads.iter().map(String::as_str)).collect();
        let mut table = show::plain(&heads);
        for (day, entry) in entries.iter().skip(n.saturating_sub(self.reports)) {
            let cell = |figure: &&Point| {
                let own = entry.figures.iter().find(|p| (&p.scenario, &p.measure) == (&figure.scenario, &figure.measure));
                own.map_or_else(|| "–".into(), stated)
            };
            table.add_row(std::iter::once(day.to_string()).chain(figures.iter().map(cell)).collect::<Vec<String>>());
        }
        show::align_right(&mut table, 1);
        let table = table.trim_fmt();
        let starred = if table.contains('*') { format!("\n{}\n", show::STARRED) } else { String::new() };
        let _ = writeln!(out, "{table}\n{starred}");
        let closings = lines.iter().filter_map(Line::closed).filter(|closing| closing.programme == name);
        for closing in closings {
            let by = closing.by.as_ref().map_or_else(String::new, |by| format!(" by {}", visible::line(by)));
            let _ = writeln!(out, "finding {} was closed{by}: {}", closing.number, visible::line(&closing.because));
        }
    }

    fn closed(&self, history: &History, number: u32) -> Result<i32, Problems> {
        let because = self.because.clone().unwrap_or_default();
        let usage =
            |flag: &str, what: String, why: String, fix: &str| Err(Problem::new(Kind::Usage, Place::file(flag), what, why, fix).into());
        for (flag, text) in [("--because", Some(&because)), ("--by", self.by.as_ref())] {
            let Some(text) = text else { continue };
            let printable = !text.trim().is_empty() && text.chars().count() <= LETTERS && !text.chars().any(char::is_control);
            if !printable {
                return usage(
                    flag,
                    "holds no plain text".into(),
                    "it is kept in the register, 1 to 500 printable characters".into(),
                    "write a short reason",
                );
            }
        }
        let programmes = programmes(&history.lines);
        let all: Vec<(&str, Finding)> =
            programmes.keys().flat_map(|name| open(&history.lines, name).into_iter().map(move |finding| (*name, finding))).collect();
        let Some((programme, _)) = all.iter().find(|(_, finding)| finding.number == number) else {
            let numbers: Vec<String> = all.iter().map(|(_, finding)| finding.number.to_string()).collect();
            let why = if numbers.is_empty() { "no finding is open".into() } else { format!("open are {}", numbers.join(", ")) };
            return usage("--close", format!("finding {number} is not open"), why, "name an open finding");
        };
        history.add(&Line::Closed(Closing { programme: (*programme).to_string(), number, because, by: self.by.clone() }))?;
        terminal::say(&format!("finding {number} of {} is closed\n", visible::line(programme)))?;
        Ok(exit::DONE)
    }
}

/// Every programme with its reports.
fn programmes(lines: &[Line]) -> BTreeMap<&str, BTreeMap<Day, &Entry>> {
    let names = lines.iter().filter_map(Line::report).map(|entry| entry.programme.as_str());
    names.map(|name| (name, reports(lines, name))).collect()
}

/// Findings that the next report finds open.
fn open(lines: &[Line], programme: &str) -> Vec<Finding> {
    Before::next(lines, programme).open().cloned().collect()
}

/// A figure with its error.
fn stated(point: &Point) -> String {
    let Some(value) = point.value else { return "–".into() };
    let exact = show::exact(if point.unit == Unit::Count { Unit::Number } else { point.unit }, value);
    let (std_error, ci_low) = (point.std_error.unwrap_or(0.0), point.ci_low.unwrap_or(value));
    show::figure(&crate::measures::Estimate { std_error, ci_low, ci_high: point.ci_high, paths: 2, flag: point.flag, ..exact })
}
