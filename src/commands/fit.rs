//! Fits the market models of a programme, tests them, and writes the folder of what was found.

use super::command::Command;
use super::flags::{Changes, FitCache, Voice};
use super::{fit_cache, interrupt, pipeline, show, terminal};
use crate::problem::{Problems, exit};
use crate::report::fit::{self as fit_report, Subject};
use crate::report::fonts::Fonts;
use crate::report::{folder, names};
use crate::study::fit::{self, FitReport};
use clap::Args;
use std::fmt::Write;
use std::path::PathBuf;

/// Fit the market models of a programme, test them in sample and on held-out sessions, and write fit.json and charts
#[derive(Debug, Args)]
pub struct Fit {
    /// The programme, a TOML file; each distinct market model of its scenarios is fitted
    pub programme: PathBuf,
    /// The folder to write [default: reports/<name of the programme>-fit]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace an existing folder
    #[arg(long)]
    pub force: bool,
    /// Last sessions of the window held out for the test; 0 for none [default: 250, or a fifth of a shorter window]
    #[arg(long, value_name = "SESSIONS")]
    pub holdout: Option<usize>,
    /// Folder with further fonts, for characters that the embedded fonts lack
    #[arg(long, value_name = "DIR")]
    pub font_dir: Option<PathBuf>,
    #[command(flatten)]
    pub changes: Changes,
    #[command(flatten)]
    pub recall: FitCache,
    #[command(flatten)]
    pub voice: Voice,
}

impl Command for Fit {
    fn execute(&self) -> Result<i32, Problems> {
        interrupt::listen();
        let mut loaded = pipeline::load(&self.programme, &self.changes)?;
        let recall = fit_cache::open(&self.recall, &mut loaded);
        let (programme, inputs) = (&loaded.programme, &loaded.inputs);
        let name = format!("{}-fit", names::file_name(&programme.name));
        let out = self.out.clone().unwrap_or_else(|| PathBuf::from("reports").join(name));
        let fonts = Fonts::load(self.font_dir.as_deref())?;
        let read = pipeline::inputs(&self.programme, &loaded, &self.recall, self.font_dir.as_deref());
        let mut claim = folder::claim_apart(&out, self.force, &read)?;
        let report = fit::fit(programme, &inputs.book, &inputs.market, self.holdout)?;
        recall.tell(&self.voice);
        interrupt::check()?;
        let subject = Subject { programme, book: &inputs.book, market: &inputs.market, lineage: &inputs.lineage, notes: &inputs.notes };
        fit_report::write(&subject, &report, &fonts, &mut claim)?;
        interrupt::check()?;
        pipeline::tell_carried(&claim.publish()?, &self.voice);
        if !self.voice.quiet {
            terminal::say(&told(&report, &out.join("fit.json").display().to_string()))?;
        }
        Ok(exit::DONE)
    }

    fn voice(&self) -> Option<&Voice> {
        Some(&self.voice)
    }
}

/// A line per model: what was fitted on what, and how many symbols each test rejects.
fn told(report: &FitReport, file: &str) -> String {
    let heads = ["model", "sessions", "symbols", "residuals", "squares", "99% in sample", "hold-out", "clusters"];
    let mut table = show::plain(&heads);
    for model in &report.models {
        let r = &model.rejected;
        let of = |rejected: usize, all: usize| format!("{rejected} of {all}");
        table.add_row(vec![
            model.model.clone(),
            format!("{} to {}", model.first_day, model.last_day),
            r.symbols.to_string(),
            of(r.ljung_box_residuals, r.symbols),
            of(r.ljung_box_squares, r.symbols),
            of(r.coverage_in_sample, r.symbols),
            of(r.coverage_holdout, r.holdout_symbols),
            of(r.independence_holdout, r.holdout_symbols),
        ]);
    }
    let mut out = format!("{table}\n");
    let _ =
        writeln!(out, "symbols rejected at 5%: Ljung-Box on residuals and squares, Kupiec in sample and held out, Christoffersen held out");
    let _ = writeln!(out, "{file}");
    out
}
