//! Simulates every setting of a sweep on common market paths, and writes which are efficient and what dominates the others.

use super::command::Command;
use super::flags::Voice;
use super::laid::{File, Laid, Study};
use super::{interrupt, show, threads};
use crate::engine::outcome::Outcome;
use crate::inputs::programme::sweep;
use crate::measures::Estimate;
use crate::model::sweep::{Named, Sweep as Plan};
use crate::problem::{Problems, visible};
use crate::report::sweep::write;
use crate::study::sweep::{Results, Status, frontier};
use clap::Args;
use std::fmt::Write;
use std::path::PathBuf;

const FILE: &str = "A sweep is a TOML file:\n\n  \
schema = 1\n  name = \"leverage and lines\"\n  programme = \"weekly.toml\"\n  measures = [\"pool_loss.es_99\", \"lender_pnl.mean\"]\n  \
[[key]]\n  name = \"margin.liquidation\"\n  values = [\"105%\", \"110%\", \"115%\"]\n  \
[[key]]\n  name = \"margin.cure-days\"\n  from = 0\n  to = 4\n  steps = 5\n\n\
A key is any key of a programme that a scenario may hold; every combination of values is a setting. docs/sweep.md has the whole format, \
scenarios/sweeps/ ready sweeps.\n\n\
Examples:\n  levertide sweep scenarios/sweeps/leverage-and-line.toml\n  levertide sweep mine.toml --check\n  \
levertide sweep mine.toml --paths 50_000 --out reports/mine";

/// Sweep keys of a programme over values, all settings on common market paths, and mark the efficient frontier
#[derive(Debug, Args)]
#[command(after_help = FILE)]
pub struct Sweep {
    /// The sweep, a TOML file
    pub sweep: PathBuf,
    /// Show every setting, not only the efficient ones
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub study: Study,
}

impl Command for Sweep {
    fn execute(&self) -> Result<i32, Problems> {
        interrupt::listen();
        let planned = sweep::load(&self.sweep, &self.study.overrides())?;
        let plan = &planned.plan;
        let measures: Vec<&str> = plan.measures.iter().map(|(measure, _)| measure.as_str()).collect();
        let shown: Vec<&Named> =
            plan.keys.iter().flat_map(|key| std::iter::once(&key.title).chain(key.values.iter().map(|value| &value.label))).collect();
        let file = File { path: &self.sweep, role: "sweep", name: &plan.name, measures: &measures, shown: &shown };
        let mut laid = self.study.laid(&file, &planned)?;
        if self.study.check {
            return self.study.checked(&laid, &told_check(plan));
        }
        self.study.run(&file, &planned, &mut laid, |laid, outcomes, claim| {
            let results = results(plan, laid, outcomes, &measures)?;
            interrupt::check()?;
            let threads = threads::asked(self.study.drive.threads);
            laid.told(&planned, |subject, fonts| write(subject, &results, fonts, threads, claim))?;
            Ok(told(&results, self.all))
        })
    }

    fn voice(&self) -> Option<&Voice> {
        Some(&self.study.voice)
    }
}

/// Every measure of every setting, and the frontier.
fn results<'a>(sweep: &'a Plan, laid: &Laid, outcomes: &[Outcome], measures: &[&str]) -> Result<Results<'a>, Problems> {
    let figures = laid.figures(outcomes, measures)?;
    let estimates =
        figures.iter().map(|of| (0..measures.len()).map(|at| of.estimate(at).cloned()).collect::<Vec<Option<Estimate>>>()).collect();
    let confidence = laid.confidence();
    let better = |at: [usize; 2]| at.map(|measure| sweep.measures[measure].1);
    let frontier = sweep.frontier.map(|at| frontier(&figures, at, better(at), confidence, &interrupt::check)).transpose()?;
    let paths = outcomes.iter().map(|outcome| outcome.paths).max().unwrap_or(0);
    Ok(Results { sweep, estimates, frontier, paths, confidence, markets: laid.markets() })
}

/// What there is to simulate.
fn told_check(sweep: &Plan) -> String {
    let mut out = String::new();
    let mut table = show::plain(&["key", "values"]);
    for key in &sweep.keys {
        let labels: Vec<&str> = key.values.iter().map(|value| value.label.en.as_str()).take(SHOWN).collect();
        let more = if key.values.len() > SHOWN { ", …" } else { "" };
        table.add_row(vec![visible::line(&key.names.join(", ")).into_owned(), format!("{}{more}", visible::line(&labels.join(", ")))]);
    }
    let _ = writeln!(out, "{}\n\n{}\n", visible::line(&sweep.name.en), table.trim_fmt());
    out
}

/// Values of a key, and settings, that are shown.
const SHOWN: usize = 12;

/// The settings and their places.
fn told(results: &Results<'_>, all: bool) -> String {
    let sweep = results.sweep;
    let mut out = String::new();
    let mut headings = vec!["setting".to_string()];
    headings.extend(sweep.keys.iter().map(|key| key.title.en.clone()));
    headings.extend(sweep.measures.iter().map(|(measure, _)| measure.clone()));
    if results.frontier.is_some() {
        headings.push("place".into());
    }
    let headings: Vec<String> = headings.iter().map(|heading| visible::line(heading).into_owned()).collect();
    let mut table = show::plain(&headings.iter().map(String::as_str).collect::<Vec<_>>());
    let place = |setting: usize| results.frontier.as_ref().map(|frontier| &frontier.places[setting]);
    let is_shown = |setting: &usize| all || sweep.settings.len() <= SHOWN || place(*setting).is_none_or(|p| p.status == Status::Efficient);
    let most = if all { usize::MAX } else { 3 * SHOWN };
    let mut starred = false;
    for setting in (0..sweep.settings.len()).filter(is_shown).take(most) {
        let mut row = vec![(setting + 1).to_string()];
        row.extend(sweep.values(setting).map(|value| visible::line(&value.label.en).into_owned()));
        let figures: Vec<String> = results.estimates[setting].iter().map(|e| e.as_ref().map_or("–".into(), show::figure)).collect();
        starred |= figures.iter().any(|figure| figure.ends_with('*'));
        row.extend(figures);
        row.extend(place(setting).map(|place| match (place.status, place.by) {
            (Status::Efficient, _) => "efficient".to_string(),
            (Status::Tie, Some((by, _))) => format!("ties with {}", by + 1),
            (Status::Dominated, Some((by, _))) => format!("dominated by {}", by + 1),
            _ => "not defined".into(),
        }));
        table.add_row(row);
    }
    show::align_right(&mut table, 1 + sweep.keys.len());
    let _ = writeln!(out, "{}\n", table.trim_fmt());
    if starred {
        let _ = writeln!(out, "{}\n", show::STARRED);
    }
    if let Some(frontier) = &results.frontier {
        let count = |status| frontier.of(status).count();
        let (efficient, dominated, ties) = (count(Status::Efficient), count(Status::Dominated), count(Status::Tie));
        let _ = writeln!(
            out,
            "{} settings: {efficient} efficient, {dominated} dominated, {ties} within noise of the frontier\n",
            sweep.settings.len()
        );
    }
    out
}
