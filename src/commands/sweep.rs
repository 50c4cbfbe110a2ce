//! Simulates every setting of a sweep on common market paths, and writes which are efficient and what dominates the others.

use super::command::Command;
use super::fit_cache;
use super::flags::{Drive, Lang, Voice, count};
use super::pipeline::{self, Loaded};
use super::progress::Progress;
use super::{capacity, interrupt, show, simulation, terminal, threads};
use crate::disk::bounded;
use crate::engine::outcome::Outcome;
use crate::engine::{self, Run};
use crate::inputs;
use crate::inputs::programme::Overrides;
use crate::inputs::programme::sweep::{self, Swept};
use crate::measures::pairs::Figures;
use crate::measures::{self, Estimate};
use crate::model::book::Book;
use crate::model::case::{Case, Language, Programme, Scenario};
use crate::model::lineage::InputFile;
use crate::model::sweep::Sweep as Plan;
use crate::problem::{Kind, Place, Problem, Problems, exit, visible};
use crate::report::folder::{self, Claim, Input};
use crate::report::fonts::Fonts;
use crate::report::names;
use crate::report::sweep::{Subject, write};
use crate::study::sweep::{Results, Status, frontier};
use clap::Args;
use std::fmt::Write;
use std::path::{Path, PathBuf};

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
    /// The folder to write [default: reports/<name of the file>]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace an existing folder
    #[arg(long)]
    pub force: bool,
    /// Check the sweep, its programme and its data, and list every problem; nothing is simulated
    #[arg(long, conflicts_with_all = ["out", "force"])]
    pub check: bool,
    /// Paths of every setting, for example 20_000
    #[arg(long, value_name = "N", value_parser = count)]
    pub paths: Option<u64>,
    /// Seed of all random numbers of the paths
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Override one key of the programme, for example margin.call=135% (repeatable)
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Show every setting, not only the efficient ones
    #[arg(long)]
    pub all: bool,
    /// Language of the report [default: the programme's]
    #[arg(long, value_enum)]
    pub lang: Option<Lang>,
    /// Folder with further fonts, for characters that the embedded fonts lack
    #[arg(long, value_name = "DIR")]
    pub font_dir: Option<PathBuf>,
    #[command(flatten)]
    pub drive: Drive,
    #[command(flatten)]
    pub voice: Voice,
}

impl Command for Sweep {
    fn execute(&self) -> Result<i32, Problems> {
        interrupt::listen();
        let flags = Overrides {
            paths: self.paths,
            seed: self.seed,
            set: self.set.clone(),
            language: self.lang.map(Language::from),
            ..Overrides::default()
        };
        let mut swept = sweep::load(&self.sweep, &flags)?;
        let lineage = lineage(&self.sweep, swept.programme_file.as_deref())?;
        let data = inputs::load(&swept.programme)?;
        // the base is no setting
        let settings: Vec<Scenario> = swept.programme.scenarios.drain(1..).collect();
        swept.check_measures(&known(&swept.sweep, &settings, &data.book))?;
        let fonts = fonts(self.font_dir.as_deref(), &swept, &settings)?;
        let whole = Programme { scenarios: settings, ..swept.programme.clone() };
        let (order, programme) = ordered(&whole);
        let mut loaded = Loaded { programme, inputs: data };
        let runs = runs(&swept.sweep, &loaded.programme);
        let demand = capacity::demand(&loaded, &loaded.programme, threads::asked(self.drive.threads)).in_memory();
        if self.check {
            demand.check(Path::new("."))?;
            if !self.voice.quiet {
                terminal::say(&told_check(&swept.sweep, &loaded.programme, &demand))?;
            }
            return Ok(exit::DONE);
        }
        let recall = fit_cache::open(&self.drive.recall, &mut loaded);
        let stem = self.sweep.file_stem().map_or_else(|| "sweep".into(), |stem| stem.to_string_lossy());
        let out = self.out.clone().unwrap_or_else(|| PathBuf::from("reports").join(names::file_name(&stem)));
        demand.check(&out)?;
        let mut claim = self.claim(&out, &swept, &loaded)?;
        let outcomes = self.simulated(&swept.sweep.name.en, &loaded, &runs)?;
        recall.tell(&self.voice);
        interrupt::check()?;
        let results = results(&swept.sweep, &loaded, &outcomes, &order)?;
        interrupt::check()?;
        self.write(&whole, (&swept, &results), [lineage, loaded.inputs.lineage.clone()].concat(), &fonts, &mut claim)?;
        interrupt::check()?;
        pipeline::tell_carried(&claim.publish()?, &self.voice);
        if !self.voice.quiet {
            terminal::say(&told(&results, self.all, &out.join("report.pdf").display().to_string()))?;
        }
        Ok(exit::DONE)
    }

    fn voice(&self) -> Option<&Voice> {
        Some(&self.voice)
    }
}

impl Sweep {
    fn claim(&self, out: &Path, swept: &Swept, loaded: &Loaded) -> Result<Claim, Problems> {
        let mut read = pipeline::inputs(&self.sweep, loaded, &self.drive.recall, self.font_dir.as_deref());
        read.extend(swept.programme_file.iter().map(|file| Input::new("the programme", file)));
        folder::claim_apart(out, self.force, &read)
    }

    fn simulated(&self, name: &str, loaded: &Loaded, runs: &[Run]) -> Result<Vec<Outcome>, Problems> {
        let accounts = loaded.inputs.book.accounts() as u64;
        let steps = |case: &Case| accounts * case.simulation.paths * u64::from(case.simulation.horizon_days);
        let total = runs.iter().map(|run| steps(&run.scenario.case)).sum();
        let progress = Progress::start(&self.voice, name, total);
        simulation::of_runs_in_memory(loaded, runs, &self.drive, &progress)
    }

    fn write(
        &self,
        programme: &Programme,
        (swept, results): (&Swept, &Results<'_>),
        lineage: Vec<InputFile>,
        fonts: &Fonts,
        claim: &mut Claim,
    ) -> Result<(), Problems> {
        let language = programme.report.language;
        let hash = names::sha256(programme.resolved_toml.as_bytes());
        let scenario_name = if language == Language::Zh { &swept.scenario_zh } else { &swept.scenario };
        let (scenario, lineage) = (swept.scenario.as_str(), &lineage[..]);
        let subject = Subject { programme, programme_hash: &hash, language, scenario, scenario_name, results, lineage };
        write(&subject, fonts, threads::asked(self.drive.threads), claim)
    }
}

/// The sweep and its programme among the files read.
fn lineage(sweep: &Path, programme: Option<&Path>) -> Result<Vec<InputFile>, Problems> {
    let file = |role: &str, path: &Path| -> Result<InputFile, Problems> {
        let shown = path.display().to_string();
        let bytes = bounded::read(path, LARGEST_BYTES).map_err(|e| {
            let why = "a sweep needs its programme";
            Problem::new(Kind::Programme, Place::file(shown.clone()), format!("cannot be read: {e}"), why, "check the path")
        })?;
        let (sha256, bytes) = (names::sha256(&bytes), bytes.len() as u64);
        Ok(InputFile { role: role.into(), path: shown, sha256, bytes, rows: 0, used: 0, rejected: 0, passed_over: 0 })
    };
    let mut files = vec![file("sweep", sweep)?];
    if let Some(programme) = programme {
        files.push(file("programme", programme)?);
    }
    Ok(files)
}

/// As of a programme: a larger file is none.
const LARGEST_BYTES: u64 = 4 << 20;

/// The keys of summary.json that a setting has, ascending; looked for until every measure of the sweep is among them.
fn known(sweep: &Plan, settings: &[Scenario], book: &Book) -> Vec<String> {
    let mut known: Vec<String> = Vec::new();
    for scenario in settings {
        if sweep.measures.iter().all(|(measure, _)| known.binary_search(measure).is_ok()) && !known.is_empty() {
            break;
        }
        known.extend(measures::keys(scenario, book));
        known.sort_unstable();
        known.dedup();
    }
    known
}

/// Loads the fonts, and finds a name they cannot show before the first path.
fn fonts(font_dir: Option<&Path>, swept: &Swept, settings: &[Scenario]) -> Result<Fonts, Problems> {
    let fonts = Fonts::load(font_dir)?;
    let (programme, sweep) = (&swept.programme, &swept.sweep);
    let language = programme.report.language;
    let report = programme.report.in_language(language);
    let titles = sweep.keys.iter().flat_map(|key| std::iter::once(&key.title).chain(key.values.iter().map(|value| &value.label)));
    let own = titles.chain([&sweep.name]).map(|name| name.get(language));
    let words = report.institution.iter().chain([&programme.name, &programme.currency, &report.confidentiality]);
    let scenarios = settings.iter().map(|s| s.name_in(language)).chain([swept.scenario.as_str(), swept.scenario_zh.as_str()]);
    fonts.check(own.chain(words.map(String::as_str)).chain(scenarios))?;
    Ok(fonts)
}

/// The programme with settings that have the same prices beside each other, and which setting each of its scenarios is.
fn ordered(whole: &Programme) -> (Vec<usize>, Programme) {
    let prices = |a: &Case, b: &Case| a.shares_market_with(b) && a.shocks == b.shocks && a.exchange == b.exchange;
    let mut first: Vec<usize> = Vec::new();
    let of = |at: usize| -> usize {
        let case = &whole.scenarios[at].case;
        first.iter().copied().find(|other| prices(&whole.scenarios[*other].case, case)).unwrap_or_else(|| {
            first.push(at);
            at
        })
    };
    let kinds: Vec<usize> = (0..whole.scenarios.len()).map(of).collect();
    let mut order: Vec<usize> = (0..kinds.len()).collect();
    order.sort_by_key(|at| (kinds[*at], *at));
    let scenarios = order.iter().map(|at| whole.scenarios[*at].clone()).collect();
    (order, Programme { scenarios, ..whole.clone() })
}

/// What is simulated: the settings, and the layers of contagion where a measure reads them.
fn runs(sweep: &Plan, programme: &Programme) -> Vec<Run> {
    let layered = |measure: &str| measure.starts_with("contagion.") || measure.starts_with("amplification");
    if sweep.measures.iter().any(|(measure, _)| layered(measure)) {
        return engine::runs(programme);
    }
    programme.scenarios.iter().map(|scenario| Run { scenario: scenario.clone(), layer: None }).collect()
}

/// Markets that differ: each is fitted once, and its paths are drawn once.
fn markets(programme: &Programme) -> usize {
    let mut markets: Vec<&Case> = Vec::new();
    for scenario in &programme.scenarios {
        if !markets.iter().any(|other| other.shares_market_with(&scenario.case)) {
            markets.push(&scenario.case);
        }
    }
    markets.len()
}

/// Every measure of every setting, and the frontier.
fn results<'a>(sweep: &'a Plan, loaded: &Loaded, outcomes: &[Outcome], order: &[usize]) -> Result<Results<'a>, Problems> {
    let (programme, book) = (&loaded.programme, &loaded.inputs.book);
    let keys: Vec<String> = sweep.measures.iter().map(|(measure, _)| measure.clone()).collect();
    let mut figures: Vec<(usize, Figures<'_>)> = Vec::with_capacity(order.len());
    for ((setting, scenario), outcome) in order.iter().zip(&programme.scenarios).zip(outcomes) {
        interrupt::check()?;
        figures.push((*setting, Figures::of(scenario, book, outcome, &keys)));
    }
    figures.sort_by_key(|(setting, _)| *setting);
    let figures: Vec<Figures<'_>> = figures.into_iter().map(|(_, figures)| figures).collect();
    let estimates =
        figures.iter().map(|of| (0..keys.len()).map(|at| of.estimate(at).cloned()).collect::<Vec<Option<Estimate>>>()).collect();
    let confidence = programme.scenarios[0].case.simulation.confidence.get();
    let better = |at: [usize; 2]| at.map(|measure| sweep.measures[measure].1);
    let frontier = sweep.frontier.map(|at| frontier(&figures, at, better(at), confidence, &interrupt::check)).transpose()?;
    let paths = outcomes.iter().map(|outcome| outcome.paths).max().unwrap_or(0);
    Ok(Results { sweep, estimates, frontier, paths, confidence, markets: markets(programme) })
}

/// What there is to simulate.
fn told_check(sweep: &Plan, programme: &Programme, demand: &capacity::Demand) -> String {
    let mut out = String::new();
    let mut table = show::plain(&["key", "values"]);
    for key in &sweep.keys {
        let labels: Vec<&str> = key.values.iter().map(|value| value.label.en.as_str()).take(SHOWN).collect();
        let more = if key.values.len() > SHOWN { ", …" } else { "" };
        table.add_row(vec![visible::line(&key.names.join(", ")).into_owned(), format!("{}{more}", visible::line(&labels.join(", ")))]);
    }
    let _ = writeln!(out, "{}\n\n{}\n", visible::line(&sweep.name.en), table.trim_fmt());
    let paths = programme.scenarios.iter().map(|s| s.case.simulation.paths).max().unwrap_or(0);
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let (settings, markets) = (count(sweep.settings.len(), "setting"), count(markets(programme), "market"));
    let _ = writeln!(out, "{settings} on {} paths of {markets}", show::grouped(paths as f64));
    let _ = writeln!(out, "{}", demand.told());
    let _ = writeln!(out, "no problems found");
    out
}

/// Values of a key, and settings, that are shown.
const SHOWN: usize = 12;

/// The settings and their places, and where the report is.
fn told(results: &Results<'_>, all: bool, report: &str) -> String {
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
    let _ = writeln!(out, "report: {report}");
    out
}
