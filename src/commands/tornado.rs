//! Simulates keys of a programme between two ends on common market paths, and writes what its measures depend on.

use super::command::Command;
use super::flags::Voice;
use super::laid::{File, Laid, Study};
use super::{interrupt, show, threads};
use crate::engine::outcome::Outcome;
use crate::inputs::programme::tornado;
use crate::measures::{Estimate, Unit};
use crate::model::sweep::Named;
use crate::model::tornado::{HIGH, LOW, Method, Tornado as Plan};
use crate::problem::{Problems, visible};
use crate::report::tornado::write;
use crate::study::sobol::{Index, Indices};
use crate::study::tornado::{Bar, Difference, Found, Results, by_total, comparisons, found};
use clap::Args;
use std::fmt::Write;
use std::path::PathBuf;

const FILE: &str = "A tornado file is a TOML file:\n\n  \
schema = 1\n  name = \"what the tail loss depends on\"\n  programme = \"weekly.toml\"\n  measures = [\"pool_loss.es_99\"]\n  \
[[key]]\n  name = \"margin.liquidation\"\n  low = \"105%\"\n  high = \"115%\"\n  \
[[key]]\n  name = \"margin.cure-days\"\n  low = 0\n  high = 4\n\n\
Each key is changed alone, with all others as the programme has them. With method = \"sobol\" and rows = 100 all keys are drawn together \
over their ranges, and Sobol' indices say what share of the variance each makes. docs/tornado.md has the whole format, \
scenarios/tornado/ ready files.\n\n\
Examples:\n  levertide tornado scenarios/tornado/tail-loss.toml\n  levertide tornado mine.toml --check\n  \
levertide tornado mine.toml --paths 20_000 --out reports/mine";

/// Find what measures depend on: keys of a programme one at a time, or Sobol' indices over their ranges
#[derive(Debug, Args)]
#[command(after_help = FILE)]
pub struct Tornado {
    /// The keys and their ends, a TOML file
    pub file: PathBuf,
    #[command(flatten)]
    pub study: Study,
}

impl Command for Tornado {
    fn execute(&self) -> Result<i32, Problems> {
        interrupt::listen();
        let planned = tornado::load(&self.file, &self.study.overrides())?;
        let plan = &planned.plan;
        let measures: Vec<&str> = plan.measures.iter().map(String::as_str).collect();
        let ends = plan.keys.iter().flat_map(|key| [&key.title, &key.values[LOW].label, &key.values[HIGH].label]);
        let shown: Vec<&Named> = ends.chain(plan.bases.iter().flatten().map(|base| &base.label)).collect();
        let file = File { path: &self.file, role: "tornado", name: &plan.name, measures: &measures, shown: &shown };
        let mut laid = self.study.laid(&file, &planned)?;
        if self.study.check {
            return self.study.checked(&laid, &told_check(plan));
        }
        self.study.run(&file, &planned, &mut laid, |laid, outcomes, claim| {
            let results = results(plan, laid, outcomes, &measures)?;
            interrupt::check()?;
            let threads = threads::asked(self.study.drive.threads);
            laid.told(&planned, |subject, fonts| write(subject, &results, fonts, threads, claim))?;
            Ok(told(&results))
        })
    }

    fn voice(&self) -> Option<&Voice> {
        Some(&self.study.voice)
    }
}

/// Every measure of every setting, and what it depends on.
fn results<'a>(tornado: &'a Plan, laid: &Laid, outcomes: &[Outcome], measures: &[&str]) -> Result<Results<'a>, Problems> {
    let figures = laid.figures(outcomes, measures)?;
    let estimates =
        figures.iter().map(|of| (0..measures.len()).map(|at| of.estimate(at).cloned()).collect::<Vec<Option<Estimate>>>()).collect();
    let confidence = laid.confidence();
    let found = found(tornado, &figures, confidence, &interrupt::check)?;
    let (comparisons, confidence_each) = comparisons(tornado, confidence);
    let paths = outcomes.iter().map(|outcome| outcome.paths).max().unwrap_or(0);
    Ok(Results { tornado, estimates, found, comparisons, confidence_each, paths, confidence, markets: laid.markets() })
}

fn label(name: &Named) -> String {
    visible::line(&name.en).into_owned()
}

/// What a key is in the base.
fn base(tornado: &Plan, key: usize) -> String {
    tornado.bases[key].as_ref().map_or_else(|| "–".into(), |value| label(&value.label))
}

/// What there is to simulate.
fn told_check(tornado: &Plan) -> String {
    let mut table = show::plain(&["key", "low", "base", "high"]);
    for (at, key) in tornado.keys.iter().enumerate() {
        let [low, high] = [LOW, HIGH].map(|end| label(&key.values[end].label));
        table.add_row(vec![visible::line(&key.names.join(", ")).into_owned(), low, base(tornado, at), high]);
    }
    let design = match tornado.method {
        Method::OneAtATime => "one key at a time".to_string(),
        Method::Sobol => format!("{} rows of a Sobol' design, seed {}", tornado.rows, tornado.seed),
    };
    format!("{}\n\n{}\n\n{design}\n", label(&tornado.name), table.trim_fmt())
}

/// What each measure depends on.
fn told(results: &Results<'_>) -> String {
    let tornado = results.tornado;
    let mut out = String::new();
    for (measure, key) in tornado.measures.iter().enumerate() {
        let key = visible::line(key);
        let _ = match &results.found[measure] {
            Found::Bars(bars) => {
                let stated = results.estimates[0][measure].as_ref().map_or("–".into(), show::figure);
                writeln!(out, "{key}: base {stated}\n\n{}\n", of_bars(tornado, bars))
            }
            Found::Indices(indices) => {
                let unit = results.estimates.iter().find_map(|setting| Some(setting[measure].as_ref()?.unit)).unwrap_or(Unit::Number);
                writeln!(out, "{key}: {}\n\n{}\n", over_ranges(unit, indices), of_indices(results, indices))
            }
            Found::Flat => writeln!(out, "{key}: varies by no more than the noise of its paths; it has no indices\n"),
            Found::Undefined => writeln!(out, "{key}: not defined in some settings; it has no indices\n"),
        };
    }
    if out.contains('*') {
        let _ = writeln!(out, "{}\n", show::STARRED);
    }
    let what = if tornado.method == Method::OneAtATime { "differences" } else { "indices" };
    let _ = writeln!(
        out,
        "=: within noise, all {} {what} judged together at {}%\n",
        results.comparisons,
        (results.confidence * 1e5).round() / 1e3
    );
    out
}

/// A figure, marked where it is within noise.
fn marked(figure: String, beyond: bool) -> String {
    if beyond { figure } else { format!("{figure} =") }
}

fn of_bars(tornado: &Plan, bars: &[Bar]) -> String {
    let mut table = show::plain(&["key", "low", "base", "high", "at low", "at high", "swing"]);
    let figure = |d: &Option<Difference>, signed: bool| {
        let Some(Difference { estimate, side }) = d else { return "–".to_string() };
        let sign = if signed && estimate.value > 0.0 { "+" } else { "" };
        // where no path differs there is nothing to state an error of
        let exact = show::exact(estimate.unit, estimate.value);
        marked(format!("{sign}{}", show::figure(if estimate.value == 0.0 { &exact } else { estimate })), side.is_some())
    };
    for bar in bars {
        let key = &tornado.keys[bar.key];
        table.add_row(vec![
            label(&key.title),
            label(&key.values[LOW].label),
            base(tornado, bar.key),
            label(&key.values[HIGH].label),
            figure(&bar.low, true),
            figure(&bar.high, true),
            figure(&bar.swing, false),
        ]);
    }
    show::align_right(&mut table, 1);
    table.trim_fmt()
}

/// Mean and deviation of a measure over the ranges.
fn over_ranges(unit: Unit, indices: &Indices) -> String {
    let figure = |index: &Index| show::figure(&Estimate { std_error: index.std_error, ci_high: None, ..show::exact(unit, index.value) });
    let noise = match indices.noise {
        Some(share) => format!("{:.1}% of the variance was noise of the paths and is taken off", share * 100.0),
        None => "the noise of the paths is not known and not taken off".into(),
    };
    format!("mean {}, standard deviation {}; {noise}", figure(&indices.mean), figure(&indices.deviation))
}

fn of_indices(results: &Results<'_>, indices: &Indices) -> String {
    let tornado = results.tornado;
    let mut table = show::plain(&["key", "low", "high", "first order", "total"]);
    let plain = |index: &Index| {
        let (value, error) = (format!("{:.3}", index.value), format!("{:.3}", index.std_error));
        let value = if value == "-0.000" { "0.000" } else { &value };
        match index.std_error {
            0.0 => value.to_string(),
            few if few < 0.000_5 => format!("{value} ± <0.001"),
            _ => format!("{value} ± {error}"),
        }
    };
    let figure = |index: &Index| marked(plain(index), results.is_beyond(index));
    for key in by_total(indices) {
        let (of, both) = (&tornado.keys[key], &indices.keys[key]);
        let [low, high] = [LOW, HIGH].map(|end| label(&of.values[end].label));
        table.add_row(vec![label(&of.title), low, high, figure(&both.first), figure(&both.total)]);
    }
    show::align_right(&mut table, 1);
    format!("{}\n\nkeys acting together: {}", table.trim_fmt(), plain(&indices.together))
}
