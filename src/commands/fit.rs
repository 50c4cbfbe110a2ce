//! Fits the market models of a programme, tests them, and writes the folder of what was found.

use super::{fit_cache, interrupt, pipeline, show, terminal};
use crate::cli::Fit;
use crate::problem::{Problems, exit};
use crate::report::fit::{self as fit_report, Subject};
use crate::report::fonts::Fonts;
use crate::report::{folder, names};
use crate::study::fit::{self, FitReport};
use std::fmt::Write;
use std::path::PathBuf;

pub fn execute(args: &Fit) -> Result<i32, Problems> {
    interrupt::listen();
    let mut loaded = pipeline::load(&args.programme, &args.changes)?;
    let recall = fit_cache::open(&args.recall, &mut loaded);
    let (programme, inputs) = (&loaded.programme, &loaded.inputs);
    let name = format!("{}-fit", names::file_name(&programme.name));
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from("reports").join(name));
    let fonts = Fonts::load(args.font_dir.as_deref())?;
    let read = pipeline::inputs(&args.programme, &loaded, &args.recall, args.font_dir.as_deref());
    let mut claim = folder::claim_apart(&out, args.force, &read)?;
    let report = fit::fit(programme, &inputs.book, &inputs.market, args.holdout)?;
    recall.tell(&args.voice);
    interrupt::check()?;
    let subject = Subject { programme, book: &inputs.book, market: &inputs.market, lineage: &inputs.lineage, notes: &inputs.notes };
    fit_report::write(&subject, &report, &fonts, &mut claim)?;
    interrupt::check()?;
    pipeline::tell_carried(&claim.publish()?, &args.voice);
    if !args.voice.quiet {
        terminal::say(&told(&report, &out.join("fit.json").display().to_string()))?;
    }
    Ok(exit::DONE)
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
