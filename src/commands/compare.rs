//! Compares two reports figure by figure and tells a change from noise, or splits the change into what it comes from.

use super::command::Command;
use super::flags::{Voice, positive};
use super::sides::is_programme;
use super::split::Split;
use super::{regress, show, terminal};
use crate::measures::{Estimate, Flag, Unit};
use crate::problem::{Kind, Place, Problem, Problems, exit, visible};
use crate::study::compare::{Change, Row, compare};
use crate::study::regress::Figure;
use clap::Args;
use std::fmt::Write;
use std::path::{Path, PathBuf};

const HELP: &str = "Without --split two reports are compared as they are stored, and nothing is simulated.\n\n\
With --split the programmes are run, each with one more source of the second than the one before: its data (prices, instruments, calendar and \
as-of date), its book (accounts, positions, funding), the parameters of its rules, its market model; last its seed and paths. What each \
step changes is stated with its standard error, on common random numbers, and the steps add up to the whole change. A report is run again \
from its programme.resolved.toml; what this program makes of it is set beside what is stored (engine). docs/compare.md has an example.\n\n\
Exit codes: 0 done; with --exit-code 1 where a figure moved beyond noise.\n\n\
Examples:\n  levertide compare reports/2015-06-05 reports/2015-06-12\n  \
levertide compare reports/2015-06-05 reports/2015-06-12 --split --measure pool_loss.es_99\n  \
levertide compare weekly.toml stricter.toml --scenario severe --out reports/stricter\n  \
levertide compare reports/2015-06-05 weekly.toml --order book,data,parameters,model --exit-code";

/// Compare two reports or programmes, and separate changes from sampling noise; with --split say what they come from
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct Compare {
    /// The earlier one: a report folder, its summary.json, or a programme
    pub first: PathBuf,
    /// The later one
    pub second: PathBuf,
    /// Standard errors of the difference up to which a change counts as noise; of two stored reports [default: 4]
    #[arg(long, value_name = "K", value_parser = positive)]
    pub tolerance: Option<f64>,
    /// Show every figure, not only those that changed; with --split everything that differs
    #[arg(long)]
    pub all: bool,
    /// End with exit code 1 where a figure moved beyond noise, or is in one report only
    #[arg(long)]
    pub exit_code: bool,
    #[command(flatten)]
    pub split: Split,
}

/// Standard errors that are still noise.
const TOLERANCE: f64 = 4.0;

impl Command for Compare {
    fn execute(&self) -> Result<i32, Problems> {
        if self.is_split() {
            if self.tolerance.is_some() {
                let why = "the steps of a split are judged together at the confidence of the programme";
                return Err(usage("--tolerance", "does not go with a split", why, "leave it out"));
            }
            return self.split.execute(&self.first, &self.second, self.all, self.exit_code);
        }
        if let Some(flag) = self.split.asked() {
            return Err(usage(flag, "is of a split", "two reports are compared as they are stored", "add --split, or leave it out"));
        }
        let (first, _) =
            regress::read(&summary_of(&self.first), "the first run", "name a report folder, its summary.json, or a programme")?;
        let (second, _) =
            regress::read(&summary_of(&self.second), "the second run", "name a report folder, its summary.json, or a programme")?;
        let tolerance = self.tolerance.unwrap_or(TOLERANCE);
        let rows = compare(&first, &second, tolerance);
        let (told, moved) = told(&rows, tolerance, self.all);
        terminal::say(&told)?;
        Ok(if self.exit_code && moved { exit::BREACH } else { exit::DONE })
    }

    fn voice(&self) -> Option<&Voice> {
        Some(&self.split.voice)
    }

    fn starts_threads(&self) -> bool {
        self.is_split()
    }
}

impl Compare {
    /// Whether programmes are run: it is asked for, or one of the two is a programme.
    fn is_split(&self) -> bool {
        self.split.split || [&self.first, &self.second].into_iter().any(|path| is_programme(path))
    }
}

fn usage(flag: &str, what: &str, why: &str, fix: &str) -> Problems {
    Problem::new(Kind::Usage, Place::file(flag), what, why, fix).into()
}

fn summary_of(path: &Path) -> PathBuf {
    if path.is_dir() { path.join("summary.json") } else { path.to_path_buf() }
}

/// Every figure, and whether one moved beyond noise, came or went.
fn told(rows: &[Row], tolerance: f64, all: bool) -> (String, bool) {
    let mut table = show::plain(&["scenario", "measure", "first", "second", "difference", "standard errors"]);
    let mut counts = [0_usize; 3];
    let mut starred = false;
    for row in rows {
        let (difference, beyond, kind) = match row.change {
            Change::Both { difference, std_error, z, beyond_noise } => {
                let shown = figure(row.unit, difference, std_error, None);
                (vec![shown, z.map_or_else(|| "exact".into(), |z| format!("{z:.1}"))], beyond_noise, usize::from(beyond_noise))
            }
            Change::OnlyFirst => (vec!["gone".into(), String::new()], true, 2),
            Change::OnlySecond => (vec!["new".into(), String::new()], true, 2),
            Change::Neither => (vec!["–".into(), String::new()], false, 0),
        };
        counts[kind] += 1;
        if beyond || all {
            let mut cells = vec![
                visible::line(&row.scenario).into_owned(),
                visible::line(&row.measure).into_owned(),
                side(row.unit, row.first),
                side(row.unit, row.second),
            ];
            starred |= cells[2..].iter().any(|cell| cell.ends_with('*'));
            cells.extend(difference);
            table.add_row(cells);
        }
    }
    show::align_right(&mut table, 2);
    let mut out = String::new();
    if counts[1] + counts[2] > 0 || all {
        let _ = writeln!(out, "{}\n", table.trim_fmt());
    }
    if starred {
        let _ = writeln!(out, "{}\n", show::STARRED);
    }
    let [same, moved, lone] = counts;
    let _ = writeln!(
        out,
        "{} figures: {moved} moved by more than {tolerance} standard errors, {same} did not, {lone} in one run only",
        rows.len(),
    );
    (out, moved + lone > 0)
}

/// One run's figure with its own error.
fn side(unit: Option<Unit>, stored: Option<Figure>) -> String {
    stored.map_or_else(|| "–".into(), |f| figure(unit, f.value.unwrap_or(f64::NAN), f.std_error.unwrap_or(0.0), f.flag))
}

fn figure(unit: Option<Unit>, value: f64, std_error: f64, flag: Option<Flag>) -> String {
    show::figure(&Estimate { std_error, flag, ..show::exact(unit.unwrap_or(Unit::Number), value) })
}
