//! Weighs the paths of a finished report anew so that views hold, and writes what its figures become; nothing is simulated.

use super::command::Command;
use super::flags::{Lang, Voice};
use super::{interrupt, pipeline, regress, show, terminal};
use crate::disk::bounded;
use crate::inputs::programme::{self, Overrides};
use crate::inputs::report_paths::ReportPaths;
use crate::measures::{Estimate, Unit};
use crate::model::case::{Language, Programme};
use crate::model::lineage::InputFile;
use crate::problem::{Kind, Place, Problem, Problems, exit, near};
use crate::report::folder::{self, Input};
use crate::report::fonts::Fonts;
use crate::report::names;
use crate::report::reweigh::{LeftOut, Subject, write};
use crate::study::paths::{Paths, Reason, Refused, shown};
use crate::study::regress::{Baseline, Stored};
use crate::study::reweigh::{Reweighed, reweigh};
use crate::study::view::{Side, View};
use clap::Args;
use std::fmt::Write;
use std::path::{Path, PathBuf};

const VIEWS: &str = "A view is FIGURE >= TARGET, or with <= or =. FIGURE is a column of paths.parquet (its mean over paths), \
sd(COLUMN), or P(COLUMN < VALUE). TARGET is a value (3e6, -10%), +30% for that much above the figure of the simulation, or \
\"prior - 20%\" for below it; a leading minus is part of a value. volatility, return and worst_day stand for market_volatility, \
market_return and market_worst_day, those of the shares held.\n\n\
Examples:\n  levertide reweigh reports/weekly --view \"volatility >= +30%\"\n  \
levertide reweigh reports/weekly --scenario base --view \"P(return < -10%) >= 20%\" --view \"pool_loss >= 3e6\"\n\n\
A scenario cannot carry views that none of its paths reaches, that contradict each other, or that leave fewer than 100 effective paths (or \
1% of all): it is left out, and named; where it was asked for by --scenario, or none is left, the exit code is 5.";

/// What if: reweigh the paths of a finished report so that views hold, without a new simulation
#[derive(Debug, Args)]
#[command(after_help = VIEWS)]
pub struct Reweigh {
    /// The report folder, written by `run` or `merge`
    pub report: PathBuf,
    /// What is to hold, for example "volatility >= +30%" (repeatable: all hold together)
    #[arg(long, value_name = "VIEW", required = true)]
    pub view: Vec<String>,
    /// Reweigh this scenario alone (repeatable) [default: every scenario that can carry the views]
    #[arg(long, value_name = "NAME")]
    pub scenario: Vec<String>,
    /// The folder to write [default: reports/<name of the programme>-reweighed]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace an existing folder
    #[arg(long)]
    pub force: bool,
    /// Show every figure, not only the main ones
    #[arg(long)]
    pub all: bool,
    /// Language of the report [default: the programme's]
    #[arg(long, value_enum)]
    pub lang: Option<Lang>,
    /// Folder with further fonts, for characters that the embedded fonts lack
    #[arg(long, value_name = "DIR")]
    pub font_dir: Option<PathBuf>,
    #[command(flatten)]
    pub voice: Voice,
}

impl Command for Reweigh {
    fn execute(&self) -> Result<i32, Problems> {
        interrupt::listen();
        let report = Report::read(&self.report)?;
        let views = views(&self.view, &report.paths)?;
        let language = self.lang.map_or(report.programme.report.language, Language::from);
        let fonts = Fonts::load(self.font_dir.as_deref())?;
        let name = format!("{}-reweighed", names::file_name(&report.programme.name));
        let out = self.out.clone().unwrap_or_else(|| PathBuf::from("reports").join(name));
        let mut read = vec![Input::new("the report", &self.report)];
        read.extend(self.font_dir.iter().map(|fonts| Input::new("--font-dir", fonts)));
        let mut claim = folder::claim_apart(&out, self.force, &read)?;
        let (scenarios, left_out) = report.reweighed(&self.scenario, &views)?;
        interrupt::check()?;
        let subject = Subject {
            programme: &report.programme,
            programme_hash: &report.summary.programme_hash,
            language,
            views: &self.view,
            scenarios: &scenarios,
            left_out: &left_out,
            lineage: &report.lineage,
        };
        write(&subject, &fonts, &mut claim)?;
        interrupt::check()?;
        pipeline::tell_carried(&claim.publish()?, &self.voice);
        if !self.voice.quiet {
            terminal::say(&told(&scenarios, &left_out, self.all, &out.join("report.pdf").display().to_string()))?;
        }
        Ok(exit::DONE)
    }

    fn voice(&self) -> Option<&Voice> {
        Some(&self.voice)
    }
}

/// A finished report, as far as it is read.
struct Report {
    programme: Programme,
    summary: Baseline,
    paths: ReportPaths,
    lineage: Vec<InputFile>,
}

const PROGRAMME: &str = "programme.resolved.toml";
const SUMMARY: &str = "summary.json";
const PATHS: &str = "paths.parquet";
/// A larger file is none of a report's.
const LARGEST_BYTES: u64 = 16 << 30;

impl Report {
    /// Reads the programme, the figures and the paths of a report.
    ///
    /// Errors: (kind Data) a file is missing, damaged, or not of one run with the others.
    fn read(folder: &Path) -> Result<Report, Problems> {
        let fix = "name a report folder that `run` or `merge` wrote";
        let (summary, summary_bytes) = regress::read(&folder.join(SUMMARY), "the report", fix)?;
        let bytes = |name: &str, why: &str| {
            let place = folder.join(name);
            let problem = |e| Problem::new(Kind::Data, Place::file(place.display().to_string()), format!("cannot be read: {e}"), why, fix);
            bounded::read(&place, LARGEST_BYTES).map_err(problem)
        };
        let programme_bytes = bytes(PROGRAMME, "it says in which language and currency the report is")?;
        if names::sha256(&programme_bytes) != summary.programme_hash {
            let place = Place::file(folder.join(PROGRAMME).display().to_string());
            let what = "is not the programme that summary.json was made by";
            let why = "figures are read with the programme they are of";
            return Err(Problem::new(Kind::Data, place, what, why, "run the programme again, and reweigh the new report").into());
        }
        let programme = programme::load(&folder.join(PROGRAMME), &Overrides::default())?;
        let paths_bytes = bytes(PATHS, "a report keeps the figures of each path there")?;
        let file =
            |role: &str, name: &str, bytes: &[u8], rows: u64| names::input_file(role, folder.join(name).display().to_string(), bytes, rows);
        let figures = summary.scenarios.iter().map(|s| s.measures.len() as u64).sum();
        let mut lineage = vec![file("programme", PROGRAMME, &programme_bytes, 0), file("summary", SUMMARY, &summary_bytes, figures)];
        let paths_file = file("paths", PATHS, &paths_bytes, 0);
        let paths = ReportPaths::of(folder.join(PATHS).display().to_string(), paths_bytes)?;
        lineage.push(InputFile { rows: paths.rows(), used: paths.rows(), ..paths_file });
        Ok(Report { programme, summary, paths, lineage })
    }

    /// The scenarios asked for under the views; where none is named, every one that can carry them, and why the others cannot.
    fn reweighed(&self, asked: &[String], views: &[View]) -> Result<(Vec<Reweighed>, Vec<LeftOut>), Problems> {
        let known: Vec<String> = self.summary.scenarios.iter().map(|s| s.name.clone()).collect();
        let mut problems = Problems::new();
        for name in asked.iter().filter(|name| !known.contains(name)) {
            let why = "the report has no scenario of that name";
            let fix = format!("name one of its scenarios: {}", near::nearest(name, &known));
            problems.push(Problem::new(Kind::Usage, Place::default().field("--scenario"), format!("found {name:?}"), why, fix));
        }
        let mut problems = problems.into_result(Problems::new())?;
        let (mut done, mut left_out) = (Vec::new(), Vec::new());
        for stored in self.summary.scenarios.iter().filter(|s| asked.is_empty() || asked.contains(&s.name)) {
            interrupt::check()?;
            match self.scenario(stored, views) {
                Ok(reweighed) => done.push(reweighed),
                Err(Refused { reason: None, problems }) => return Err(problems),
                Err(Refused { reason: Some(reason), problems: found }) => {
                    let said = found.iter().next().map_or_else(String::new, said);
                    left_out.push(LeftOut { name: stored.name.clone(), reason, said });
                    problems.extend(found);
                }
            }
        }
        // a scenario that was named is reweighed or nothing is; and one at least has to be
        if done.is_empty() || !asked.is_empty() { problems.into_result((done, left_out)) } else { Ok((done, left_out)) }
    }

    fn scenario(&self, stored: &Stored, views: &[View]) -> Result<Reweighed, Refused> {
        if stored.deterministic {
            let what = format!("every path is the same, in scenario {:?}", stored.name);
            let why = "weights change nothing where paths do not differ";
            let problem =
                Problem::new(Kind::Model, Place::default().field("--scenario"), what, why, "choose a scenario whose market is drawn");
            return Err(Refused { reason: Some(Reason::Alike), problems: problem.into() });
        }
        reweigh(&self.paths_of(stored)?, views, &stored.measures)
    }

    fn paths_of(&self, stored: &Stored) -> Result<Paths, Problem> {
        let rows = self.paths.weight(&stored.name)?.map_or(0, |weight| weight.len() as u64);
        if let Some(last) = stored.strata.last().filter(|last| last.rows.end != rows) {
            let what =
                format!("scenario {:?} has {rows} paths in paths.parquet and strata of {} in summary.json", stored.name, last.rows.end);
            let (why, fix) = ("both tell of the same paths", "run programme.resolved.toml again, and reweigh the new report");
            return Err(Problem::new(Kind::Data, Place::file("summary.json"), what, why, fix));
        }
        Ok(Paths {
            scenario: stored.name.clone(),
            columns: self.paths.figures(&stored.name)?,
            weight: self.paths.weight(&stored.name)?.filter(|_| stored.candidates.is_some()),
            candidates: stored.candidates,
            strata: stored.strata.clone(),
            confidence: stored.confidence,
        })
    }
}

/// A problem of a view in a line.
fn said(problem: &Problem) -> String {
    match problem.place.field.as_deref().and_then(|field| field.strip_prefix("--view ")) {
        Some(view) => format!("{view:?} {}", problem.what),
        None => problem.what.clone(),
    }
}

/// Every view, or what is wrong with each.
fn views(written: &[String], paths: &ReportPaths) -> Result<Vec<View>, Problems> {
    let columns = paths.columns();
    let (mut views, mut problems) = (Vec::new(), Problems::new());
    for text in written {
        match View::parse(text, &columns) {
            Ok(view) => views.push(view),
            Err(problem) => problems.push(problem),
        }
    }
    problems.into_result(views)
}

/// The figures shown where not all are asked for.
const MAIN: [&str; 8] = [
    "pool_loss.mean",
    "pool_loss.probability",
    "pool_loss.var_99",
    "pool_loss.es_97_5",
    "pool_loss.es_99",
    "shortfall.probability",
    "call_rate",
    "liquidation_rate",
];

/// Views and figures of each scenario, and where the report is.
fn told(scenarios: &[Reweighed], left_out: &[LeftOut], all: bool, report: &str) -> String {
    let mut out = String::new();
    let mut starred = false;
    for s in scenarios {
        let p = &s.posterior;
        let _ = writeln!(
            out,
            "{} · {} effective paths of {} ({} by entropy)",
            s.scenario,
            show::grouped(p.paths_by_squares.floor()),
            show::grouped(s.paths as f64),
            show::grouped(p.paths_by_entropy.floor())
        );
        let mut views = show::plain(&["view", "before", "asked", "after"]);
        for met in &p.met {
            let sign = match met.view.side {
                Side::AtLeast => ">=",
                Side::AtMost => "<=",
                Side::Equal => "=",
            };
            let of = |x: f64| if met.unit == Unit::Money { show::grouped(x) } else { shown(met.unit, x) };
            views.add_row(vec![met.view.text.clone(), of(met.prior), format!("{sign} {}", of(met.asked)), of(met.posterior)]);
        }
        show::align_right(&mut views, 1);
        let mut table = show::plain(&["measure", "before", "after", "change"]);
        for row in s.rows.iter().filter(|row| all || MAIN.contains(&row.key.as_str())) {
            let change = change(row.posterior.unit, row.change, row.change_error);
            let cells = vec![row.key.clone(), show::figure(&row.prior), show::figure(&row.posterior), change];
            starred |= cells[1..3].iter().any(|cell| cell.ends_with('*'));
            table.add_row(cells);
        }
        show::align_right(&mut table, 1);
        let _ = writeln!(out, "\n{}\n\n{}\n", views.trim_fmt(), table.trim_fmt());
    }
    for left_out in left_out {
        let _ = writeln!(out, "left out: {}", left_out.said);
    }
    if !left_out.is_empty() {
        out.push('\n');
    }
    if starred {
        let _ = writeln!(out, "{}\n", show::STARRED);
    }
    let _ = writeln!(out, "report: {report}");
    out
}

fn change(unit: Unit, value: f64, std_error: f64) -> String {
    let sign = if value > 0.0 { "+" } else { "" };
    format!("{sign}{}", show::figure(&Estimate { std_error, ..show::exact(unit, value) }))
}
