//! Runs the programmes between two, each with one more source of the second than the one before, and has the change split.

use super::flags::{Drive, Lang, Voice, count};
use super::laid::fonts_for;
use super::pipeline::{self, Loaded};
use super::progress::Progress;
use super::sides::{Folders, Pair, Side, only_both};
use super::split_told::{told, told_check};
use super::{capacity, fit_cache, interrupt, simulation, terminal, threads};
use crate::engine::outcome::Outcome;
use crate::inputs;
use crate::inputs::programme::Overrides;
use crate::inputs::programme::mix::Standing;
use crate::measures::pairs::Figures;
use crate::model::case::{Language, Programme};
use crate::model::market::fit_cache::FitCache;
use crate::model::split::Source;
use crate::problem::{Kind, Place, Problem, Problems, exit};
use crate::report::compare::write;
use crate::report::compared::Compared;
use crate::report::folder::{self, Input};
use crate::report::fonts::Fonts;
use crate::report::names;
use crate::study::split::{Refused, Results, Run as Figured, Step, Taken, split};
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};

/// Flags of a split.
#[derive(Debug, Args)]
pub struct Split {
    /// Run the programmes between the two, and split each change into data, book, parameters, model and noise; of programmes always
    #[arg(long)]
    pub split: bool,
    /// A measure to split, a key of summary.json (repeatable) [default: those of the limits, else mean loss, ES 99% and liquidations]
    #[arg(long, value_name = "KEY")]
    pub measure: Vec<String>,
    /// The scenario to split, by its name in both
    #[arg(long, value_name = "NAME")]
    pub scenario: Option<String>,
    /// The order in which sources are taken over [default: data,book,parameters,model]
    #[arg(long, value_name = "LIST", value_enum, value_delimiter = ',')]
    pub order: Vec<Taking>,
    /// Paths of both, for example 20_000; the stored figures are then left aside
    #[arg(long, value_name = "N", value_parser = count)]
    pub paths: Option<u64>,
    /// A folder that holds the data files of the first as they were, with the same paths below it
    #[arg(long, value_name = "DIR")]
    pub first_data: Option<PathBuf>,
    /// The same of the second
    #[arg(long, value_name = "DIR")]
    pub second_data: Option<PathBuf>,
    /// The folder to write [default: reports/compare-<name of the second>]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace an existing folder
    #[arg(long)]
    pub force: bool,
    /// Read both and list what differs, or every problem; nothing is simulated
    #[arg(long, conflicts_with_all = ["out", "force"])]
    pub check: bool,
    /// Language of the report [default: that of the second]
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

/// A source in `--order`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Taking {
    Data,
    Book,
    Parameters,
    Model,
}

impl From<Taking> for Source {
    fn from(taking: Taking) -> Source {
        match taking {
            Taking::Data => Source::Data,
            Taking::Book => Source::Book,
            Taking::Parameters => Source::Parameters,
            Taking::Model => Source::Model,
        }
    }
}

/// A programme that was run.
struct Stage<'s> {
    loaded: Held<'s>,
    outcome: Outcome,
}

/// One of the two as it was read, or a programme between them.
enum Held<'s> {
    Side(&'s Loaded),
    Between(Box<Loaded>),
}

impl std::ops::Deref for Held<'_> {
    type Target = Loaded;

    fn deref(&self) -> &Loaded {
        match self {
            Held::Side(loaded) => loaded,
            Held::Between(loaded) => loaded,
        }
    }
}

/// A step that was run: which stage stands behind it.
struct Walked {
    step: Step,
    stage: Option<usize>,
    alone: Option<usize>,
    not_alone: Option<Refused>,
}

/// What is run, and on what.
struct Walk<'s> {
    flags: &'s Split,
    pair: &'s Pair,
    /// The second, its files named from the folder of the first.
    second: Standing,
    measures: &'s [String],
    fits: FitCache,
    stages: Vec<Stage<'s>>,
}

impl Split {
    /// The first flag that is of a split alone.
    pub fn asked(&self) -> Option<&'static str> {
        let asked = [
            (!self.measure.is_empty(), "--measure"),
            (self.scenario.is_some(), "--scenario"),
            (!self.order.is_empty(), "--order"),
            (self.paths.is_some(), "--paths"),
            (self.first_data.is_some(), "--first-data"),
            (self.second_data.is_some(), "--second-data"),
            (self.out.is_some(), "--out"),
            (self.force, "--force"),
            (self.check, "--check"),
            (self.lang.is_some(), "--lang"),
            (self.font_dir.is_some(), "--font-dir"),
        ];
        asked.into_iter().find_map(|(is, flag)| is.then_some(flag))
    }

    pub fn execute(&self, first: &Path, second: &Path, all: bool, exit_code: bool) -> Result<i32, Problems> {
        interrupt::listen();
        let order = self.order()?;
        let overrides = Overrides { paths: self.paths, language: self.lang.map(Language::from), ..Overrides::default() };
        let folders = Folders { first: self.first_data.as_deref(), second: self.second_data.as_deref() };
        let mut pair = Pair::read([first, second], self.scenario.as_deref(), &overrides, folders)?;
        let measures = pair.measures(&self.measure)?;
        let fonts = self.fonts(&pair)?;
        if self.check {
            return self.checked(&pair, &measures, all);
        }
        let recall = fit_cache::open(&self.drive.recall, &mut pair.first.loaded);
        fit_cache::keep(&mut pair.first.loaded);
        pair.second.loaded.inputs.market.fit_cache = pair.first.loaded.inputs.market.fit_cache.clone();
        let out = self.out.clone().unwrap_or_else(|| {
            let name = format!("compare-{}", pair.second.label);
            PathBuf::from("reports").join(names::file_name(&name))
        });
        self.demands(&pair).into_iter().try_for_each(|demand| demand.check(&out))?;
        let mut claim = folder::claim_apart(&out, self.force, &self.read(&pair))?;
        let fits = pair.first.loaded.inputs.market.fit_cache.clone();
        let second = pair.second.standing.seen_from(pair.first.standing.folder());
        let mut walk = Walk { flags: self, pair: &pair, second, measures: &measures, fits, stages: Vec::new() };
        let walked = walk.all(&order)?;
        recall.tell(&self.voice);
        interrupt::check()?;
        let results = results(&walk, walked)?;
        interrupt::check()?;
        let (first, second) = (pair.first.told(), pair.second.told());
        let compared = Compared::of([&first, &second], [&pair.scenario, &pair.scenario_zh], &results);
        write(&compared, &pair.second.programme, &pair.lineage()?, &fonts, threads::asked(self.drive.threads), &mut claim)?;
        interrupt::check()?;
        pipeline::tell_carried(&claim.publish()?, &self.voice);
        if !self.voice.quiet {
            terminal::say(&format!("{}report: {}\n", told(&compared, all), out.join("report.pdf").display()))?;
        }
        let moved = (0..measures.len()).any(|measure| results.moved(measure));
        Ok(if exit_code && moved { exit::BREACH } else { exit::DONE })
    }

    fn order(&self) -> Result<Vec<Source>, Problems> {
        if self.order.is_empty() {
            return Ok(Source::ORDER.to_vec());
        }
        let order: Vec<Source> = self.order.iter().map(|taking| (*taking).into()).collect();
        if order.len() != Source::ORDER.len() || Source::ORDER.iter().any(|source| !order.contains(source)) {
            let names: Vec<&str> = order.iter().map(|source| source.name()).collect();
            let what = format!("found {}", names.join(","));
            let why = "each of data, book, parameters and model is taken over once";
            return Err(Problem::new(
                Kind::Usage,
                Place::file("--order"),
                what,
                why,
                "name all four, for example book,data,parameters,model",
            )
            .into());
        }
        Ok(order)
    }

    /// Loads the fonts, and finds what they cannot show before the first path.
    fn fonts(&self, pair: &Pair) -> Result<Fonts, Problems> {
        let sides = [&pair.first, &pair.second].map(|side| side.label.as_str());
        let differ = pair.differs.iter().flat_map(|differs| differs.what.texts());
        let shown = differ.chain(sides).chain([pair.scenario.as_str(), pair.scenario_zh.as_str()]);
        fonts_for(self.font_dir.as_deref(), &pair.second.programme, shown)
    }

    /// Everything that is read, for the output to be kept apart from.
    fn read(&self, pair: &Pair) -> Vec<Input> {
        let mut read = Vec::new();
        for side in [&pair.first, &pair.second] {
            read.extend(pipeline::inputs(&side.file, &side.loaded, &self.drive.recall, self.font_dir.as_deref()));
            read.extend(side.report.as_ref().map(|report| Input::new(format!("the {} report", side.which), &report.folder)));
        }
        read
    }

    /// What as many runs as there are need, of either book.
    fn demands(&self, pair: &Pair) -> [capacity::Demand; 2] {
        [&pair.first, &pair.second].map(|side| {
            let programme = &side.loaded.programme;
            let scenarios = vec![programme.scenarios[0].clone(); pair.runs()];
            let all = Programme { scenarios, ..programme.clone() };
            capacity::demand(&side.loaded, &all, threads::asked(self.drive.threads)).in_memory()
        })
    }

    fn checked(&self, pair: &Pair, measures: &[String], all: bool) -> Result<i32, Problems> {
        let [_, demand] = self.demands(pair);
        demand.check(Path::new("."))?;
        if !self.voice.quiet {
            terminal::say(&told_check(pair, measures, &demand.told(), all))?;
        }
        Ok(exit::DONE)
    }
}

impl<'s> Walk<'s> {
    /// Runs the first, then with one more source after another what stands between, up to the second.
    fn all(&mut self, order: &[Source]) -> Result<Vec<Walked>, Problems> {
        let pair = self.pair;
        let first = self.run("the first", Stand::Side(&pair.first))?;
        let order: Vec<Source> = order.iter().copied().chain([Source::Noise]).collect();
        let differ: Vec<Source> = order.iter().copied().filter(|source| pair.differ(*source)).collect();
        let (mut walked, mut taken, mut pending, mut why) = (Vec::new(), Vec::new(), Vec::new(), None);
        for source in &order {
            if !differ.contains(source) {
                walked.push(Walked { step: Step::Same(*source), stage: None, alone: None, not_alone: None });
                continue;
            }
            taken.push(*source);
            pending.push(*source);
            let is_last = taken.len() == differ.len();
            match self.between(&taken, is_last) {
                Ok(stage) => {
                    let step = Step::Taken { sources: std::mem::take(&mut pending), why: why.take() };
                    walked.push(Walked { step, stage: Some(stage), alone: None, not_alone: None });
                }
                Err(problems) if is_last || !may_join(&problems) => return Err(problems),
                Err(problems) => why = why.or_else(|| problems.iter().next().map(refused)),
            }
        }
        self.alone(&mut walked, first)?;
        Ok(walked)
    }

    /// Runs the first with some sources of the second.
    fn between(&mut self, taken: &[Source], is_last: bool) -> Result<usize, Problems> {
        let pair = self.pair;
        if is_last {
            return self.run("the second", Stand::Side(&pair.second));
        }
        only_both(pair, taken)?;
        let names: Vec<&str> = taken.iter().map(|source| source.name()).collect();
        let name = format!("the first with {} of the second", names.join(", "));
        let standing = pair.first.standing.with(&self.second, taken);
        self.run(&name, Stand::Between(&standing))
    }

    /// Runs the first with the sources of each step alone, where that is another programme than those that were run.
    fn alone(&mut self, walked: &mut [Walked], first: usize) -> Result<(), Problems> {
        let runs = |walked: &Walked| walked.stage.is_some() && !walked.step.draws();
        let mut before = first;
        for step in walked.iter_mut().filter(|step| runs(step)) {
            let sources = step.step.sources().to_vec();
            if before != first {
                match self.between(&sources, false) {
                    Ok(stage) => step.alone = Some(stage),
                    Err(problems) if may_join(&problems) => step.not_alone = problems.iter().next().map(refused),
                    Err(problems) => return Err(problems),
                }
            }
            before = step.stage.expect("it was run");
        }
        Ok(())
    }

    /// Reads what is not read yet, and simulates it.
    fn run(&mut self, name: &str, stand: Stand<'s, '_>) -> Result<usize, Problems> {
        interrupt::check()?;
        let loaded = match stand {
            Stand::Side(side) => Held::Side(&side.loaded),
            Stand::Between(standing) => {
                let programme = standing.read(name)?;
                let mut inputs = inputs::load(&programme)?;
                inputs.market.fit_cache = self.fits.clone();
                Held::Between(Box::new(Loaded { programme, inputs }))
            }
        };
        let programme = &loaded.programme;
        let runs = simulation::runs_for(programme, self.measures.iter().map(String::as_str));
        let case = &programme.scenarios[0].case.simulation;
        let steps = loaded.inputs.book.accounts() as u64 * case.paths * u64::from(case.horizon_days);
        let progress = Progress::start(&self.flags.voice, name, steps * runs.len() as u64);
        let mut outcomes = simulation::of_runs_in_memory(&loaded, &runs, &self.flags.drive, &progress)?;
        let outcome = outcomes.swap_remove(0);
        self.stages.push(Stage { loaded, outcome });
        Ok(self.stages.len() - 1)
    }
}

/// What is run: one of the two as it is, or what stands between.
enum Stand<'s, 'b> {
    Side(&'s Side),
    Between(&'b Standing),
}

/// Whether a programme between the two may be passed over: it is refused for what it is, not for the machine or the user.
fn may_join(problems: &Problems) -> bool {
    problems.iter().all(|problem| matches!(problem.kind, Kind::Programme | Kind::Data | Kind::Model))
}

fn refused(problem: &Problem) -> Refused {
    Refused { place: problem.place.to_string(), what: format!("{}: {}", problem.what, problem.why) }
}

/// The change of every measure, split.
fn results(walk: &Walk<'_>, walked: Vec<Walked>) -> Result<Results, Problems> {
    let (pair, measures) = (walk.pair, walk.measures);
    let mut figures = Vec::with_capacity(walk.stages.len());
    for stage in &walk.stages {
        interrupt::check()?;
        figures.push(Figures::of(&stage.loaded.programme.scenarios[0], &stage.loaded.inputs.book, &stage.outcome, measures));
    }
    let confidence = |stage: usize| walk.stages[stage].loaded.programme.scenarios[0].case.simulation.confidence.get();
    let run = |stage: usize| Figured { figures: &figures[stage], confidence: confidence(stage) };
    let of =
        |walked: Walked| Taken { step: walked.step, run: walked.stage.map(run), alone: walked.alone.map(run), not_alone: walked.not_alone };
    let stored = [&pair.first, &pair.second].map(|side| side.stored(&pair.scenario, measures));
    let (rows, comparisons, confidence_each) = split(measures, run(0), walked.into_iter().map(of).collect(), stored);
    let paths = [&pair.first, &pair.second].map(|side| side.loaded.programme.scenarios[0].case.simulation.paths);
    Ok(Results {
        measures: measures.to_vec(),
        rows,
        differs: pair.differs.clone(),
        confidence: confidence(0),
        comparisons,
        confidence_each,
        paths,
    })
}
