//! Compares two report folders figure by figure, and tells a change from noise.

use super::command::Command;
use super::flags::positive;
use super::{regress, show, terminal};
use crate::measures::{Estimate, Flag, Unit};
use crate::problem::{Problems, exit, visible};
use crate::study::compare::{Change, Row, compare};
use crate::study::regress::Figure;
use clap::Args;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Compare two report folders, and separate changes from sampling noise
#[derive(Debug, Args)]
pub struct Compare {
    /// The earlier report folder, or its summary.json
    pub first: PathBuf,
    /// The later one
    pub second: PathBuf,
    /// Standard errors of the difference up to which a change counts as noise
    #[arg(long, value_name = "K", default_value = "4", value_parser = positive)]
    pub tolerance: f64,
    /// Show every figure, not only those that changed
    #[arg(long)]
    pub all: bool,
}

impl Command for Compare {
    fn execute(&self) -> Result<i32, Problems> {
        let (first, _) = regress::read(&summary_of(&self.first), "the first run", "name a report folder, or its summary.json")?;
        let (second, _) = regress::read(&summary_of(&self.second), "the second run", "name a report folder, or its summary.json")?;
        let rows = compare(&first, &second, self.tolerance);
        terminal::say(&told(&rows, self))?;
        Ok(exit::DONE)
    }

    fn starts_threads(&self) -> bool {
        false
    }
}

fn summary_of(path: &Path) -> PathBuf {
    if path.is_dir() { path.join("summary.json") } else { path.to_path_buf() }
}

fn told(rows: &[Row], args: &Compare) -> String {
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
        if beyond || args.all {
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
    if counts[1] + counts[2] > 0 || args.all {
        let _ = writeln!(out, "{}\n", table.trim_fmt());
    }
    if starred {
        let _ = writeln!(out, "{}\n", show::STARRED);
    }
    let [same, moved, lone] = counts;
    let _ = writeln!(
        out,
        "{} figures: {moved} moved by more than {} standard errors, {same} did not, {lone} in one run only",
        rows.len(),
        args.tolerance
    );
    out
}

/// One run's figure with its own error.
fn side(unit: Option<Unit>, stored: Option<Figure>) -> String {
    stored.map_or_else(|| "–".into(), |f| figure(unit, f.value.unwrap_or(f64::NAN), f.std_error.unwrap_or(0.0), f.flag))
}

fn figure(unit: Option<Unit>, value: f64, std_error: f64, flag: Option<Flag>) -> String {
    show::figure(&Estimate { std_error, flag, ..show::exact(unit.unwrap_or(Unit::Number), value) })
}
