//! Simulates settings that a file lays over a programme, all of them on common market paths: what `sweep` and `tornado` have in common.

use super::fit_cache;
use super::flags::{Drive, Lang, Voice, count};
use super::pipeline::{self, Loaded};
use super::progress::Progress;
use super::{capacity, interrupt, simulation, terminal, threads};
use crate::disk::bounded;
use crate::engine::outcome::Outcome;
use crate::inputs;
use crate::inputs::programme::Overrides;
use crate::inputs::programme::plan::Planned;
use crate::measures;
use crate::measures::pairs::Figures;
use crate::model::book::Book;
use crate::model::case::{Case, Language, Programme, Scenario};
use crate::model::lineage::InputFile;
use crate::model::sweep::Named;
use crate::problem::{Kind, Place, Problem, Problems, exit};
use crate::report::folder::{self, Claim, Input};
use crate::report::fonts::Fonts;
use crate::report::names;
use crate::report::settings::Subject;
use clap::Args;
use std::path::{Path, PathBuf};

/// Flags of a command that simulates the settings of a file.
#[derive(Debug, Args)]
pub struct Study {
    /// The folder to write [default: reports/<name of the file>]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace an existing folder
    #[arg(long)]
    pub force: bool,
    /// Check the file, its programme and its data, and list every problem; nothing is simulated
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

/// A file whose settings are ready to be simulated.
pub struct Laid {
    /// The programme with the settings alone as its scenarios, in their order.
    pub whole: Programme,
    /// The same with settings of the same prices beside each other, and its data.
    pub loaded: Loaded,
    /// Which setting each of its scenarios is.
    order: Vec<usize>,
    pub demand: capacity::Demand,
    fonts: Fonts,
    /// The file and its programme.
    lineage: Vec<InputFile>,
}

/// A file as it was given, what it is called, and what it looks at.
pub struct File<'f> {
    pub path: &'f Path,
    pub role: &'static str,
    pub name: &'f Named,
    pub measures: &'f [&'f str],
    /// Further names that its report shows.
    pub shown: &'f [&'f Named],
}

impl Study {
    pub fn overrides(&self) -> Overrides {
        Overrides {
            paths: self.paths,
            seed: self.seed,
            set: self.set.clone(),
            language: self.lang.map(Language::from),
            ..Overrides::default()
        }
    }

    /// Reads the data, and finds what is wrong before the first path.
    pub fn laid<P>(&self, file: &File<'_>, planned: &Planned<P>) -> Result<Laid, Problems> {
        let lineage = lineage(file, planned.programme_file.as_deref())?;
        let data = inputs::load(&planned.programme)?;
        // the base is no setting
        let settings = planned.programme.scenarios[1..].to_vec();
        planned.check_measures(file.measures, &known(file.measures, &settings, &data.book))?;
        let whole = Programme { scenarios: settings, ..planned.programme.clone() };
        let fonts = self.fonts(file, planned, &whole)?;
        let (order, programme) = ordered(&whole);
        let loaded = Loaded { programme, inputs: data };
        let demand = capacity::demand(&loaded, &loaded.programme, threads::asked(self.drive.threads)).in_memory();
        Ok(Laid { whole, loaded, order, demand, fonts, lineage })
    }

    /// Loads the fonts, and finds a name they cannot show before the first path.
    fn fonts<P>(&self, file: &File<'_>, planned: &Planned<P>, whole: &Programme) -> Result<Fonts, Problems> {
        let language = whole.report.language;
        let own = file.shown.iter().copied().chain([file.name]).map(|name| name.get(language));
        let over = [planned.scenario.as_str(), planned.scenario_zh.as_str()];
        fonts_for(self.font_dir.as_deref(), whole, own.chain(whole.scenarios.iter().map(|s| s.name_in(language))).chain(over))
    }

    /// Says what there is to simulate, where no more is asked.
    pub fn checked(&self, laid: &Laid, told: &str) -> Result<i32, Problems> {
        laid.demand.check(Path::new("."))?;
        if !self.voice.quiet {
            let paths = laid.whole.scenarios.iter().map(|s| s.case.simulation.paths).max().unwrap_or(0);
            let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
            let (settings, markets) = (count(laid.whole.scenarios.len(), "setting"), count(laid.markets(), "market"));
            let paths = super::show::grouped(paths as f64);
            terminal::say(&format!("{told}{settings} on {paths} paths of {markets}\n{}\nno problems found\n", laid.demand.told()))?;
        }
        Ok(exit::DONE)
    }

    /// Simulates every setting, has the folder written, and says what it came to.
    pub fn run<P>(
        &self,
        file: &File<'_>,
        planned: &Planned<P>,
        laid: &mut Laid,
        write: impl FnOnce(&Laid, &[Outcome], &mut Claim) -> Result<String, Problems>,
    ) -> Result<i32, Problems> {
        let recall = fit_cache::open(&self.drive.recall, &mut laid.loaded);
        let stem = file.path.file_stem().map_or_else(|| file.role.into(), |stem| stem.to_string_lossy());
        let out = self.out.clone().unwrap_or_else(|| PathBuf::from("reports").join(names::file_name(&stem)));
        laid.demand.check(&out)?;
        let mut read = pipeline::inputs(file.path, &laid.loaded, &self.drive.recall, self.font_dir.as_deref());
        read.extend(planned.programme_file.iter().map(|file| Input::new("the programme", file)));
        let mut claim = folder::claim_apart(&out, self.force, &read)?;
        let outcomes = self.simulated(file, laid)?;
        recall.tell(&self.voice);
        interrupt::check()?;
        let told = write(laid, &outcomes, &mut claim)?;
        interrupt::check()?;
        pipeline::tell_carried(&claim.publish()?, &self.voice);
        if !self.voice.quiet {
            terminal::say(&format!("{told}report: {}\n", out.join("report.pdf").display()))?;
        }
        Ok(exit::DONE)
    }

    fn simulated(&self, file: &File<'_>, laid: &Laid) -> Result<Vec<Outcome>, Problems> {
        let runs = simulation::runs_for(&laid.loaded.programme, file.measures.iter().copied());
        let accounts = laid.loaded.inputs.book.accounts() as u64;
        let steps = |case: &Case| accounts * case.simulation.paths * u64::from(case.simulation.horizon_days);
        let total = runs.iter().map(|run| steps(&run.scenario.case)).sum();
        let progress = Progress::start(&self.voice, &file.name.en, total);
        simulation::of_runs_in_memory(&laid.loaded, &runs, &self.drive, &progress)
    }
}

impl Laid {
    /// Some figures of every setting, in the order of the settings.
    ///
    /// Errors: the run was asked to end.
    pub fn figures<'a>(&'a self, outcomes: &'a [Outcome], measures: &[&str]) -> Result<Vec<Figures<'a>>, Problems> {
        let keys: Vec<String> = measures.iter().map(|measure| (*measure).to_string()).collect();
        let mut figures: Vec<(usize, Figures<'_>)> = Vec::with_capacity(self.order.len());
        for ((setting, scenario), outcome) in self.order.iter().zip(&self.loaded.programme.scenarios).zip(outcomes) {
            interrupt::check()?;
            figures.push((*setting, Figures::of(scenario, &self.loaded.inputs.book, outcome, &keys)));
        }
        figures.sort_by_key(|(setting, _)| *setting);
        Ok(figures.into_iter().map(|(_, figures)| figures).collect())
    }

    /// Two-sided confidence of intervals.
    pub fn confidence(&self) -> f64 {
        self.whole.scenarios[0].case.simulation.confidence.get()
    }

    /// Markets that differ: each is fitted once, and its paths are drawn once.
    pub fn markets(&self) -> usize {
        let mut markets: Vec<&Case> = Vec::new();
        for scenario in &self.whole.scenarios {
            if !markets.iter().any(|other| other.shares_market_with(&scenario.case)) {
                markets.push(&scenario.case);
            }
        }
        markets.len()
    }

    /// Has a folder written that says what the settings came to.
    pub fn told<P>(&self, planned: &Planned<P>, write: impl FnOnce(&Subject<'_>, &Fonts) -> Result<(), Problems>) -> Result<(), Problems> {
        let language = self.whole.report.language;
        let scenario_name = if language == Language::Zh { &planned.scenario_zh } else { &planned.scenario };
        let subject = Subject {
            programme: &self.whole,
            programme_hash: &names::sha256(self.whole.resolved_toml.as_bytes()),
            language,
            scenario: &planned.scenario,
            scenario_name,
            lineage: &[&self.lineage[..], &self.loaded.inputs.lineage].concat(),
        };
        write(&subject, &self.fonts)
    }
}

/// Loads the fonts of a report on a programme, and finds what they cannot show of its own words and of those it shows besides.
pub fn fonts_for<'s>(font_dir: Option<&Path>, programme: &Programme, shown: impl Iterator<Item = &'s str>) -> Result<Fonts, Problems> {
    let fonts = Fonts::load(font_dir)?;
    let report = programme.report.in_language(programme.report.language);
    let words = report.institution.iter().chain([&programme.name, &programme.currency, &report.confidentiality]);
    let shown: Vec<&str> = shown.collect();
    fonts.check(shown.into_iter().chain(words.map(String::as_str)))?;
    Ok(fonts)
}

/// The file and its programme among the files read.
fn lineage(of: &File<'_>, programme: Option<&Path>) -> Result<Vec<InputFile>, Problems> {
    let file = |role: &str, path: &Path| -> Result<InputFile, Problems> {
        let shown = path.display().to_string();
        let bytes = bounded::read(path, LARGEST_BYTES).map_err(|e| {
            let why = "settings are laid over a programme";
            Problem::new(Kind::Programme, Place::file(shown.clone()), format!("cannot be read: {e}"), why, "check the path")
        })?;
        Ok(names::input_file(role, shown, &bytes, 0))
    };
    let mut files = vec![file(of.role, of.path)?];
    if let Some(programme) = programme {
        files.push(file("programme", programme)?);
    }
    Ok(files)
}

/// As of a programme: a larger file is none.
const LARGEST_BYTES: u64 = 4 << 20;

/// The keys of summary.json that a setting has, ascending; looked for until every measure is among them.
fn known(measures: &[&str], settings: &[Scenario], book: &Book) -> Vec<String> {
    let mut known: Vec<String> = Vec::new();
    let holds = |known: &[String], measure: &str| known.binary_search_by(|known| known.as_str().cmp(measure)).is_ok();
    for scenario in settings {
        if measures.iter().all(|measure| holds(&known, measure)) && !known.is_empty() {
            break;
        }
        known.extend(measures::keys(scenario, book));
        known.sort_unstable();
        known.dedup();
    }
    known
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
