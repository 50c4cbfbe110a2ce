//! Searches for what makes limits fail: the reverse stress tests of a programme.

use super::command::Command;
use super::flags::{Drive, Lang, LogFormat, Voice, count};
use super::laid::fonts_for;
use super::pipeline::{self, Loaded};
use super::progress::Progress;
use super::{capacity, fit_cache, interrupt, show, simulation, terminal, threads};
use crate::engine::{self, Basket};
use crate::inputs::programme::Overrides;
use crate::inputs::programme::reverse::{At, On, Reader, scenario_of};
use crate::maths::special::two_sided_quantile;
use crate::measures::pairs::Figures;
use crate::measures::{Estimate, Unit};
use crate::model::case::{Language, Programme};
use crate::model::part::Words;
use crate::model::reverse::{Reverse as Entry, Search};
use crate::model::sweep::{Form, Named};
use crate::model::way::{Moves, Way, name_of};
use crate::problem::{Kind, Place, Problem, Problems, exit, visible};
use crate::report::folder::{self, Claim};
use crate::report::fonts::Fonts;
use crate::report::names;
use crate::report::reverse::{Subject, write};
use crate::report::text::number;
use crate::study::reverse::answer::{Answer, Breaks, Checked, Verdict};
use crate::study::reverse::plausible::{Law, Plausibility, plausibility};
use crate::study::reverse::{self, Question, Ray};
use clap::Args;
use std::fmt::Write;
use std::path::{Path, PathBuf};

const EXAMPLE: &str = "A reverse stress test stands in a programme:\n\n  \
[[reverse]]\n  name = \"fall that reaches tier A\"\n  measure = \"tier.A.hit_probability\"\n  below = \"1%\"\n  \
[[reverse.change]]\n  shock = { gap = { day = 1, size = \"-60%\" } }\n\n\
The limit is that the measure stays below 1 %; found is the smallest fall at which it does not, up to 60 %. In place of a shock a change may be \
of a key: key = \"margin.liquidation\", to = \"105%\". docs/reverse.md has the whole format.\n\n\
Examples:\n  levertide reverse scenarios/weekly.toml\n  levertide reverse mine.toml --only \"fall that reaches tier A\" --paths 50_000";

/// Search for the smallest shock, the most plausible shock or the mildest change of a rule that makes a limit fail
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub struct Reverse {
    /// The programme, a TOML file with [[reverse]] entries
    pub programme: PathBuf,
    /// The folder to write [default: reports/<name of the programme>-reverse]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace an existing folder
    #[arg(long)]
    pub force: bool,
    /// Only this reverse stress test (repeatable)
    #[arg(long, value_name = "NAME")]
    pub only: Vec<String>,
    /// Check the programme and its data, and list every problem; nothing is simulated
    #[arg(long, conflicts_with_all = ["out", "force"])]
    pub check: bool,
    /// Paths of every setting tried, for example 20_000
    #[arg(long, value_name = "N", value_parser = count)]
    pub paths: Option<u64>,
    /// Seed of all random numbers
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

/// Paths of the check, in those of the search.
const CHECK_PATHS: u64 = 4;

impl Command for Reverse {
    fn execute(&self) -> Result<i32, Problems> {
        interrupt::listen();
        let overrides =
            Overrides { seed: self.seed, set: self.set.clone(), language: self.lang.map(Language::from), ..Overrides::default() };
        let mut loaded = pipeline::load_with(&self.programme, &overrides)?;
        let questions = Questions::prepare(&self.programme, &loaded.programme, overrides, (&self.only, self.paths))?;
        if questions.entries.is_empty() {
            let place = Place::file(self.programme.display().to_string());
            let what = "the programme has no [[reverse]]";
            let fix = "add [[reverse]] with a measure and a change; `levertide help reverse` shows one";
            return Err(Problem::new(Kind::Programme, place, what, "a reverse stress test says which limit shall fail", fix).into());
        }
        let demand = capacity::demand(&loaded, &questions.first, threads::asked(self.drive.threads)).in_memory();
        if self.check {
            demand.check(Path::new("."))?;
            if !self.voice.quiet {
                terminal::say(&told_check(&loaded.programme, &questions, &demand))?;
            }
            return Ok(exit::DONE);
        }
        let fonts = self.fonts(&loaded.programme)?;
        let recall = fit_cache::open(&self.drive.recall, &mut loaded);
        let name = format!("{}-reverse", loaded.programme.name);
        let out = self.out.clone().unwrap_or_else(|| PathBuf::from("reports").join(names::file_name(&name)));
        demand.check(&out)?;
        let read = pipeline::inputs(&self.programme, &loaded, &self.drive.recall, self.font_dir.as_deref());
        let mut claim = folder::claim_apart(&out, self.force, &read)?;
        let programme = loaded.programme.clone();
        let answers = questions.answer(&mut loaded, &self.drive, &self.voice)?;
        recall.tell(&self.voice);
        self.write(&questions.reader, &programme, &answers, &loaded, &fonts, &mut claim)?;
        interrupt::check()?;
        pipeline::tell_carried(&claim.publish()?, &self.voice);
        if !self.voice.quiet {
            terminal::say(&format!("report: {}\n", visible::line(&out.join("report.pdf").display().to_string())))?;
        }
        Ok(exit::DONE)
    }

    fn voice(&self) -> Option<&Voice> {
        Some(&self.voice)
    }
}

impl Reverse {
    fn fonts(&self, programme: &Programme) -> Result<Fonts, Problems> {
        let language = programme.report.language;
        let named = |entry: &Entry| {
            let titles = entry.change.iter().flat_map(|change| [change.title.clone(), change.zh.title.clone()]).flatten();
            titles.chain([name_of(entry).get(language).to_string()]).collect::<Vec<String>>()
        };
        let own: Vec<String> = programme.reverse.iter().flat_map(named).collect();
        let scenarios = programme.scenarios.iter().map(|s| s.name_in(language));
        fonts_for(self.font_dir.as_deref(), programme, own.iter().map(String::as_str).chain(scenarios))
    }

    fn write(
        &self,
        reader: &Reader,
        programme: &Programme,
        answers: &[Answer],
        loaded: &Loaded,
        fonts: &Fonts,
        claim: &mut Claim,
    ) -> Result<(), Problems> {
        let settings: Vec<At<'_>> = answers.iter().flat_map(settings_of).collect();
        let resolved = reader.with(&settings, None)?;
        let hash = names::sha256(resolved.resolved_toml.as_bytes());
        let language = programme.report.language;
        let lineage = &loaded.inputs.lineage;
        let subject = Subject { programme: &resolved, programme_hash: &hash, language, answers, lineage };
        write(&subject, fonts, threads::asked(self.drive.threads), claim)
    }
}

/// What the settings of an answer are called.
const HOLDS: Words = Words("{name}: holds", "{name}：满足");
const FAILS: Words = Words("{name}: fails", "{name}：突破");

/// The settings just where a limit holds and where it fails, of every ray on which it does.
fn settings_of(answer: &Answer) -> Vec<At<'_>> {
    let name = &answer.name;
    let numbered = answer.rays.len() > 1;
    let ray = |(number, ray): (usize, &Ray)| {
        let behind = if numbered { format!(" {}", number + 1) } else { String::new() };
        let (holds, fails) = (ray.found.holds.as_ref(), ray.found.fails.as_ref());
        let at = |words: Words, place: f64| At {
            test: answer.test,
            name: Named {
                en: words.0.replace("{name}", &format!("{}{behind}", name.en)),
                zh: words.1.replace("{name}", &format!("{}{behind}", name.zh)),
            },
            reverse: &answer.reverse,
            ways: &answer.ways,
            places: ray.at(place),
        };
        let holds = holds.map(|tried| at(HOLDS, tried.place));
        holds.into_iter().chain(fails.map(|tried| at(FAILS, tried.place))).collect::<Vec<_>>()
    };
    answer.rays.iter().enumerate().flat_map(ray).collect()
}

/// The reverse stress tests of a programme, ready to be answered.
pub struct Questions {
    reader: Reader,
    file: String,
    /// Their numbers in the programme, and the ways of each.
    entries: Vec<(usize, Vec<Way>)>,
    paths: Option<u64>,
    /// The ends of all ways, as scenarios.
    first: Programme,
}

impl Questions {
    /// Reads the changes of the programme's entries, or of `only` some; `paths` is what each setting has, where it is not the entry's to say.
    ///
    /// Errors: names of no entry (kind Usage); a key or a value at either end of a way that the programme cannot have (kind Programme).
    pub fn prepare(
        path: &Path,
        programme: &Programme,
        overrides: Overrides,
        (only, paths): (&[String], Option<u64>),
    ) -> Result<Questions, Problems> {
        let reader = Reader::open(path, &overrides)?;
        let asked = asked(programme, only)?;
        let mut entries = Vec::new();
        for entry in asked {
            entries.push((entry, reader.ways(programme, entry)?));
        }
        let mut settings = Vec::new();
        let mut most = 1;
        for (number, (entry, ways)) in entries.iter().enumerate() {
            let reverse = &programme.reverse[*entry];
            most = most.max(paths.unwrap_or_else(|| reverse.paths_of(scenario_of(programme, reverse).case.simulation.paths)));
            for (at, places) in reverse::each(ways.len()).into_iter().enumerate() {
                let name = Named::alike(format!("setting {}.{}", number + 1, at + 1));
                settings.push(At { test: *entry, name, reverse, ways, places });
            }
        }
        let first = reader.with(&settings, Some(On { paths: most, seed: programme.seed }))?;
        Ok(Questions { reader, file: path.display().to_string(), entries, paths, first })
    }

    /// Answers all of them on the loaded data, whose programme is another afterwards.
    ///
    /// Errors: those of simulations, and a search for the most plausible shock where moves have no law.
    pub fn answer(&self, loaded: &mut Loaded, drive: &Drive, voice: &Voice) -> Result<Vec<Answer>, Problems> {
        fit_cache::keep(loaded);
        let programme = loaded.programme.clone();
        let mut answers = Vec::new();
        for (test, ways) in &self.entries {
            let (entry, ways) = (&programme.reverse[*test], ways.clone());
            let trial = Trial { questions: self, drive, voice, programme: &programme, test: *test, entry, ways, loaded, tried: 0 };
            let answer = trial.answer()?;
            if !voice.quiet {
                terminal::say(&told(&answer))?;
            }
            answers.push(answer);
        }
        loaded.programme = programme;
        Ok(answers)
    }
}

/// The entries to be answered, by their numbers.
fn asked(programme: &Programme, only: &[String]) -> Result<Vec<usize>, Problems> {
    let known: Vec<String> = programme.reverse.iter().map(|entry| entry.name.clone()).collect();
    let mut problems = Problems::new();
    for name in only.iter().filter(|name| !known.contains(name)) {
        let fix = format!("write one of {}", crate::problem::near::nearest(name, &known));
        let what = format!("no reverse stress test \"{name}\"");
        problems.push(Problem::new(Kind::Usage, Place::file("--only"), what, "it is known by its name", fix));
    }
    problems.into_result((0..known.len()).filter(|at| only.is_empty() || only.contains(&known[*at])).collect())
}

/// One entry as it is answered.
struct Trial<'a> {
    questions: &'a Questions,
    drive: &'a Drive,
    voice: &'a Voice,
    programme: &'a Programme,
    test: usize,
    entry: &'a Entry,
    ways: Vec<Way>,
    loaded: &'a mut Loaded,
    tried: usize,
}

impl Trial<'_> {
    fn answer(mut self) -> Result<Answer, Problems> {
        let scenario = scenario_of(self.programme, self.entry);
        let (limit, paths) =
            (self.entry.limit(), self.questions.paths.unwrap_or_else(|| self.entry.paths_of(scenario.case.simulation.paths)));
        let (confidence, shown) = (self.entry.confidence.get(), scenario.case.simulation.confidence.get());
        let ways = self.ways.clone();
        let question = Question { ways: &ways, limit, confidence, shown };
        let on = On { paths, seed: self.programme.seed };
        let (law, search) = (self.law()?, self.entry.search);
        let mut attempt = |places: &[Vec<f64>]| self.measure(places, on);
        let mut rays = match (search, &law) {
            (Search::Each, _) => reverse::search(&question, reverse::each(ways.len()), &mut attempt)?,
            (Search::Together, _) => reverse::search(&question, vec![vec![1.0; ways.len()]], &mut attempt)?,
            (Search::Curve, _) => reverse::search(&question, reverse::curve(), &mut attempt)?,
            (Search::Plausible, Some(law)) => reverse::most_plausible(&question, law, &mut attempt)?,
            (Search::Plausible, None) => return Err(self.no_law()),
        };
        for ray in &mut rays {
            interrupt::check()?;
            ray.plausibility = self.plausibility(ray, two_sided_quantile(shown))?;
        }
        let named = |language| scenario.name_in(language).to_string();
        let mut answer = Answer {
            test: self.test,
            reverse: self.entry.clone(),
            name: name_of(self.entry),
            limit,
            scenario: named(Language::En),
            scenario_zh: named(Language::Zh),
            ways,
            paths,
            tried: self.tried,
            rays,
            checked: None,
            breaks: None,
        };
        self.check(&mut answer)?;
        Ok(answer)
    }

    /// Simulates settings, and gives the measure of each.
    fn measure(&mut self, places: &[Vec<f64>], on: On) -> Result<Vec<Option<Estimate>>, Problems> {
        let outcomes = self.simulated(places, on)?;
        let (keys, book) = ([self.entry.measure.clone()], &self.loaded.inputs.book);
        let scenarios = &self.loaded.programme.scenarios;
        let estimate = |(scenario, outcome)| Figures::of(scenario, book, outcome, &keys).estimate(0).cloned();
        Ok(scenarios.iter().zip(&outcomes).map(estimate).collect())
    }

    fn simulated(&mut self, places: &[Vec<f64>], on: On) -> Result<Vec<engine::outcome::Outcome>, Problems> {
        let at = |(number, places): (usize, &Vec<f64>)| {
            let name = Named::alike(format!("setting {}", number + 1));
            At { test: self.test, name, reverse: self.entry, ways: &self.ways, places: places.clone() }
        };
        let settings: Vec<At<'_>> = places.iter().enumerate().map(at).collect();
        let mut programme = self.questions.reader.with(&settings, Some(on))?;
        programme.scenarios.remove(0);
        self.loaded.programme = programme;
        let runs = simulation::runs_for(&self.loaded.programme, [self.entry.measure.as_str()]);
        let quiet = Voice { quiet: true, log_format: LogFormat::Text };
        let progress = Progress::start(&quiet, &self.entry.name, 0);
        let outcomes = simulation::of_runs_in_memory(self.loaded, &runs, self.drive, &progress)?;
        self.tried += places.len();
        if !self.voice.quiet {
            let name = visible::line(&self.entry.name);
            terminal::note(&format!("{name}: {} settings on {} paths", self.tried, show::grouped(on.paths as f64)));
        }
        Ok(outcomes)
    }

    /// The sessions and targets of the shocks that move prices; nothing where a way is another change.
    fn baskets(&self, direction: &[f64]) -> Option<Vec<Basket>> {
        let days = scenario_of(self.programme, self.entry).case.simulation.horizon_days as usize;
        let moved = self.ways.iter().zip(direction).filter(|(_, far)| **far != 0.0);
        let basket = |way: &Way| match &way.moves {
            Moves::Shock(shock, _) => Some(Basket { target: shock.target().clone(), sessions: shock.moves(days)? }),
            Moves::Key(_) => None,
        };
        moved.map(|(way, _)| basket(way)).collect()
    }

    fn moves(&self, baskets: &[Basket], towards: Option<&[f64]>) -> Result<Option<engine::Moves>, Problems> {
        let scenario = scenario_of(self.programme, self.entry);
        let at = self.programme.scenarios.iter().position(|own| own.name == scenario.name).expect("a scenario of the programme");
        let (book, market) = (&self.loaded.inputs.book, &self.loaded.inputs.market);
        engine::moves((self.programme, at), book, market, baskets, towards, self.drive.threads.map(usize::from))
    }

    /// The law of the moves that all ways make; nothing where one makes none, or the market is one path.
    fn law(&self) -> Result<Option<Law>, Problems> {
        if self.entry.search != Search::Plausible {
            return Ok(None);
        }
        let Some(baskets) = self.baskets(&vec![1.0; self.ways.len()]) else { return Ok(None) };
        let law = self.moves(&baskets, None)?.as_ref().and_then(Law::of);
        Ok(law.filter(|law| law.distance(&law.mean).is_some()))
    }

    fn no_law(&self) -> Problems {
        let place = Place::file(&self.questions.file).field("reverse.search");
        let what = format!("the moves of \"{}\" have no law of their own", self.entry.name);
        let why = "plausibility is that of moves which the fitted model draws, each basket with held symbols and none moving as others do";
        let fix = "leave out a change whose symbols are those of another, or write search = \"together\"";
        Problem::new(Kind::Programme, place, what, why, fix).into()
    }

    /// How plausible the shock at a ray's boundary is; nothing where it is no move of prices, or there is no boundary.
    fn plausibility(&self, ray: &Ray, z: f64) -> Result<Option<Plausibility>, Problems> {
        let Some((baskets, (place, error))) = self.baskets(&ray.direction).zip(ray.found.boundary) else { return Ok(None) };
        let Some(drawn) = self.moves(&baskets, None)? else { return Ok(None) };
        let Some(law) = Law::of(&drawn) else { return Ok(None) };
        let error = if error.is_finite() { error } else { 0.0 };
        let point = |place: f64| {
            let places = ray.at(place.clamp(0.0, 1.0));
            let moved = self.ways.iter().zip(&places).zip(&ray.direction).filter(|(_, far)| **far != 0.0);
            let (ways, places): (Vec<Way>, Vec<f64>) = moved.map(|((way, place), _)| (way.clone(), *place)).unzip();
            reverse::moves_of(&ways, &places)
        };
        let points = [place - error, place, place + error].map(point);
        let Some(normal) = law.normal(&points[1]) else { return Ok(None) };
        let Some(towards) = self.moves(&baskets, Some(&normal))? else { return Ok(None) };
        let first = baskets.iter().map(|basket| basket.sessions.start).min().unwrap_or(0);
        let last = baskets.iter().map(|basket| basket.sessions.end).max().unwrap_or(0);
        Ok(plausibility(&law, &towards, points.each_ref().map(Vec::as_slice), last - first, z))
    }

    /// Simulates the answer on other paths, four times as many: where it holds, where it fails, and who breaks there.
    fn check(&mut self, answer: &mut Answer) -> Result<(), Problems> {
        let Some(best) = answer.best() else { return Ok(()) };
        let ray = &answer.rays[best];
        let Some(failing) = ray.answer() else { return Ok(()) };
        let on = On { paths: answer.paths.saturating_mul(CHECK_PATHS), seed: (self.programme.seed + 1) % (i64::MAX as u64) };
        let holding = ray.found.holds.as_ref().map(|tried| tried.place);
        let places: Vec<Vec<f64>> = std::iter::once(failing).chain(holding).map(|place| ray.at(place)).collect();
        let outcomes = self.simulated(&places, on)?;
        let (book, market) = (&self.loaded.inputs.book, &self.loaded.inputs.market);
        let keys = [self.entry.measure.clone()];
        let scenarios = &self.loaded.programme.scenarios;
        let verdict = |at: usize| {
            let estimate = Figures::of(&scenarios[at], book, &outcomes[at], &keys).estimate(0).cloned()?;
            Some(Verdict::of(answer.limit, estimate))
        };
        let fails = ray.found.fails.as_ref().and_then(|_| verdict(0));
        let holds = holding.and_then(|_| verdict(1));
        let breaks = Breaks::of(&scenarios[0], book, market, &outcomes[0]);
        (answer.checked, answer.breaks) = (Some(Checked { paths: on.paths, seed: on.seed, holds, fails }), Some(breaks));
        Ok(())
    }
}

/// What there is to search.
fn told_check(programme: &Programme, questions: &Questions, demand: &capacity::Demand) -> String {
    let mut out = String::new();
    let mut table = show::plain(&["reverse stress test", "limit on", "change", "from", "to"]);
    for (entry, ways) in &questions.entries {
        let entry = &programme.reverse[*entry];
        for way in ways {
            let cells = [entry.name.as_str(), entry.measure.as_str(), way.title.en.as_str()].map(|text| visible::line(text).into_owned());
            table.add_row(cells.into_iter().chain([way.at(0.0).label.en, way.at(1.0).label.en]).collect::<Vec<String>>());
        }
    }
    let _ = writeln!(out, "{}\n", table.trim_fmt());
    let _ = writeln!(out, "{}", demand.told());
    let _ = writeln!(out, "no problems found");
    out
}

/// What an entry came to.
fn told(answer: &Answer) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", visible::line(&answer.reverse.name));
    let mut table = show::plain(&["change", "holds up to", "limit met at", "fails from", "returns every"]);
    for ray in shown(answer) {
        let moved: Vec<usize> = (0..answer.ways.len()).filter(|way| ray.direction[*way] != 0.0).collect();
        let each = |of: &dyn Fn(usize) -> String| moved.iter().map(|way| of(*way)).collect::<Vec<String>>().join(", ");
        let value = |place: f64| each(&|way| answer.ways[way].at(ray.at(place)[way]).label.en);
        let tried = |tried: &Option<reverse::line::Tried>| tried.as_ref().map_or_else(|| "–".into(), |tried| value(tried.place));
        let boundary =
            |(place, error): (f64, f64)| each(&|way| with_error(&answer.ways[way], ray.at(place)[way], error * ray.direction[way]));
        table.add_row(vec![
            each(&|way| visible::line(&answer.ways[way].title.en).into_owned()),
            tried(&ray.found.holds),
            ray.found.boundary.map_or_else(|| "–".into(), boundary),
            tried(&ray.found.fails),
            ray.plausibility.as_ref().map_or_else(|| "–".into(), years),
        ]);
    }
    let _ = writeln!(out, "{}\n", table.trim_fmt());
    out
}

/// The rays a reader looks at: of a search for the most plausible shock the last one.
fn shown(answer: &Answer) -> &[Ray] {
    let first = if answer.reverse.search == Search::Plausible { answer.rays.len().saturating_sub(1) } else { 0 };
    &answer.rays[first..]
}

/// The value at a place of a way with the error of the place.
fn with_error(way: &Way, place: f64, error: f64) -> String {
    let value = way.at(place).number.expect("a way is of numbers");
    if way.form == Form::Whole {
        return way.at(place).label.en;
    }
    let unit = if way.form == Form::Percent { Unit::Ratio } else { Unit::Number };
    show::figure(&Estimate { std_error: (error * (way.to - way.from)).abs(), ..show::exact(unit, value) })
}

/// Years between two shocks and their interval.
fn years(p: &Plausibility) -> String {
    let short = number::three_digits;
    match (p.years, p.years_low.zip(p.years_high)) {
        (Some(at), Some((low, high))) => format!("{} years ({} to {})", short(at), short(low), short(high)),
        (Some(at), None) => format!("{} years", short(at)),
        (None, _) => p.years_low.map_or_else(|| "–".into(), |low| format!("more than {} years", short(low))),
    }
}
