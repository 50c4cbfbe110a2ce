//! Reads `paths.parquet` of a report back: scenarios, and of each a value per path and column.
//!
//! Whole numbers become doubles, which hold them exactly up to 2⁵³. A column of nothing but empty cells is none of that scenario; one that
//! is empty or no number on some paths alone is damage, and stops with the path.

use super::parquet::{self, Parquet};
use crate::problem::{Kind, Place, Problem};
use polars::prelude::{Column, DataType};
use std::ops::Range;

/// The file, its columns at hand.
pub struct ReportPaths {
    file: String,
    /// Every column of numbers, in the file's order.
    columns: Vec<(String, Column)>,
    /// Each scenario's rows, in the file's order.
    scenarios: Vec<(String, Range<usize>)>,
}

/// Columns that number and name paths and measure nothing.
const NAMES: [&str; 2] = ["scenario", "path"];
/// What each path counts; no figure of it either.
const WEIGHT: &str = "weight";

impl ReportPaths {
    /// Reads the file's bytes; `file` names it in problems.
    ///
    /// Errors (kind Data): it is damaged, or is none of a report's.
    pub fn of(file: String, bytes: Vec<u8>) -> Result<ReportPaths, Problem> {
        let refused = |what: String, why: &str, fix: &str| Problem::new(Kind::Data, Place::file(&file), what, why, fix);
        let parquet = parquet::open(&file, bytes)?;
        let headers = parquet.headers();
        let is_ours = NAMES.iter().all(|name| headers.iter().any(|h| h == name));
        if !is_ours {
            let why = "a row is known by its scenario and its path";
            return Err(refused("has no columns `scenario` and `path`".into(), why, "name a report folder that `run` or `merge` wrote"));
        }
        let columns = of_names(&parquet, &headers, |name| name != "scenario")?;
        let named = of_names(&parquet, &headers, |name| name == "scenario")?;
        let columns: Vec<(String, Column)> = columns.into_iter().filter(|(_, column)| column.dtype().is_primitive_numeric()).collect();
        let scenarios = runs(&named[0].1).ok_or_else(|| {
            refused("has rows that are in no scenario's order".into(), "the rows of a scenario stand together", "run the programme again")
        })?;
        Ok(ReportPaths { file, columns, scenarios })
    }

    /// The columns that hold figures, in the file's order.
    pub fn columns(&self) -> Vec<String> {
        let is_figure = |name: &&String| !NAMES.contains(&name.as_str()) && *name != WEIGHT;
        self.columns.iter().map(|(name, _)| name).filter(is_figure).cloned().collect()
    }

    /// The scenarios, in the file's order.
    pub fn scenarios(&self) -> impl Iterator<Item = &str> {
        self.scenarios.iter().map(|(name, _)| name.as_str())
    }

    /// How many rows there are in all.
    pub fn rows(&self) -> u64 {
        self.scenarios.iter().map(|(_, rows)| rows.len() as u64).sum()
    }

    /// The figures of a scenario, by column; those it has none of are left out.
    pub fn figures(&self, scenario: &str) -> Result<Vec<(String, Vec<f64>)>, Problem> {
        let mut figures = Vec::new();
        for name in self.columns() {
            if let Some(values) = self.values(scenario, &name)? {
                figures.push((name, values));
            }
        }
        Ok(figures)
    }

    /// What each path of a scenario counts, one on average; nothing where the file tells none.
    pub fn weight(&self, scenario: &str) -> Result<Option<Vec<f64>>, Problem> {
        let weight = self.values(scenario, WEIGHT)?;
        if let Some(at) = weight.iter().flatten().position(|w| *w <= 0.0) {
            return Err(self.damaged(scenario, WEIGHT, at, "a path that was simulated counts more than nothing"));
        }
        Ok(weight)
    }

    fn values(&self, scenario: &str, name: &str) -> Result<Option<Vec<f64>>, Problem> {
        let (Some((_, rows)), Some((_, column))) =
            (self.scenarios.iter().find(|(own, _)| own == scenario), self.columns.iter().find(|(own, _)| own == name))
        else {
            return Ok(None);
        };
        let part = column.slice(rows.start as i64, rows.len());
        if part.null_count() == part.len() {
            return Ok(None);
        }
        let part = part.cast(&DataType::Float64).expect("a number is read as a double");
        let values: Vec<f64> = part.f64().expect("it was cast").iter().map(|value| value.unwrap_or(f64::NAN)).collect();
        match values.iter().position(|value| !value.is_finite()) {
            Some(at) => Err(self.damaged(scenario, name, at, "every path has a finite figure in the columns of its scenario")),
            None => Ok(Some(values)),
        }
    }

    fn damaged(&self, scenario: &str, name: &str, at: usize, why: &str) -> Problem {
        let value = self.columns.iter().find(|(own, _)| own == name).and_then(|(_, column)| {
            let rows = &self.scenarios.iter().find(|(own, _)| own == scenario)?.1;
            column.get(rows.start + at).ok().map(|value| value.to_string())
        });
        let what = format!("is {} on row {} of scenario {scenario:?}", value.unwrap_or_default(), at + 1);
        let fix = "run programme.resolved.toml again, and reweigh the new report";
        Problem::new(Kind::Data, Place::file(&self.file).field(name), what, why, fix)
    }
}

/// The columns of some names.
fn of_names(parquet: &Parquet, headers: &[String], wanted: impl Fn(&str) -> bool) -> Result<Vec<(String, Column)>, Problem> {
    let indices: Vec<usize> = (0..headers.len()).filter(|at| wanted(&headers[*at])).collect();
    let columns = parquet.read(&indices)?;
    Ok(indices.into_iter().map(|at| headers[at].clone()).zip(columns.into_iter().map(|(column, _)| column)).collect())
}

/// Each name with the rows it stands on; nothing where one stands in two places, or a row has none.
fn runs(names: &Column) -> Option<Vec<(String, Range<usize>)>> {
    let mut runs: Vec<(String, Range<usize>)> = Vec::new();
    for (row, name) in names.str().ok()?.iter().enumerate() {
        let name = name?;
        match runs.iter().position(|(own, _)| own == name) {
            Some(at) if at + 1 == runs.len() => runs[at].1.end = row + 1,
            Some(_) => return None,
            None => runs.push((name.to_string(), row..row + 1)),
        }
    }
    Some(runs)
}
