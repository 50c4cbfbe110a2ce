//! Reads the two sides of a split: a report with its stored figures and the programme it was made from, or a programme.

use super::pipeline::Loaded;
use super::regress;
use crate::disk::bounded;
use crate::inputs;
use crate::inputs::programme::mix::{Standing, files_that_differ};
use crate::inputs::programme::{self, BASE, Overrides};
use crate::inputs::report_origin::{self, Origin};
use crate::measures;
use crate::model::case::{Language, Programme};
use crate::model::lineage::InputFile;
use crate::model::split::{Differs, Source, What};
use crate::problem::{Kind, Place, Problem, Problems, near};
use crate::report::compared::Told;
use crate::report::names;
use crate::study::regress::Baseline;
use crate::study::split::{Aside, Stored};
use std::path::{Path, PathBuf};

const SUMMARY: &str = "summary.json";
const RESOLVED: &str = "programme.resolved.toml";
/// What a measure is taken from where none is named and no limit names one.
const HEADLINE: [&str; 3] = ["pool_loss.mean", "pool_loss.es_99", "liquidation_rate"];
/// A larger file is neither a summary nor a programme.
const LARGEST_BYTES: u64 = 256 << 20;

/// Folders that hold data files as they were.
pub struct Folders<'f> {
    pub first: Option<&'f Path>,
    pub second: Option<&'f Path>,
}

/// A report as it was stored.
pub struct Report {
    pub folder: PathBuf,
    baseline: Baseline,
    origin: Origin,
}

/// One of the two.
pub struct Side {
    /// `first` or `second`.
    pub which: &'static str,
    /// What it is called: the name of its folder, or of its file.
    pub label: String,
    /// The file of its programme.
    pub file: PathBuf,
    pub report: Option<Report>,
    pub programme: Programme,
    /// Its scenario as a programme of its own, on plain paths.
    pub standing: Standing,
    /// The same, with its data.
    pub loaded: Loaded,
    /// Why the stored figures are on other paths than those that are run.
    aside: Option<Aside>,
}

/// Both, and what differs.
pub struct Pair {
    pub first: Side,
    pub second: Side,
    pub scenario: String,
    pub scenario_zh: String,
    pub differs: Vec<Differs>,
}

/// A side whose programme is read, and not its data.
struct Read {
    file: PathBuf,
    report: Option<Report>,
    programme: Programme,
}

impl Pair {
    /// Reads both with their data.
    ///
    /// Errors: every problem of either; two currencies; a scenario that one has not; data that are no longer those of the report.
    pub fn read(
        [first, second]: [&Path; 2],
        scenario: Option<&str>,
        overrides: &Overrides,
        folders: Folders<'_>,
    ) -> Result<Pair, Problems> {
        let name = scenario.unwrap_or(BASE);
        let (one, two) = both(programme_of(first, "the first", overrides), programme_of(second, "the second", overrides))?;
        if one.programme.currency != two.programme.currency {
            let what = format!("is in {}, the first in {}", two.programme.currency, one.programme.currency);
            let why = "amounts of two currencies have no difference";
            return Err(Problem::new(Kind::Data, Place::file(shown(second)), what, why, "compare two in the same currency").into());
        }
        check_scenario(name, [&one, &two])?;
        let labels = labels([first, second]);
        let read = |read: Read, which: &'static str, label: &String, folder: Option<&Path>| {
            Side::read(read, which, label.clone(), name, overrides.paths.is_some(), folder)
        };
        let (first, second) = both(read(one, "first", &labels[0], folders.first), read(two, "second", &labels[1], folders.second))?;
        let mut differs = first.standing.keys_that_differ(&second.standing);
        differs.extend(files_that_differ(&first.loaded.inputs.lineage, &second.loaded.inputs.lineage));
        differs.sort_by_key(|differs| (differs.source.is_none(), differs.source));
        let own = second.programme.scenarios.iter().find(|own| own.name == name).expect("it was checked");
        let scenario_zh = own.name_in(Language::Zh).to_string();
        Ok(Pair { first, second, scenario: name.to_string(), scenario_zh, differs })
    }

    /// Whether anything of a source differs.
    pub fn differ(&self, source: Source) -> bool {
        self.differs.iter().any(|differs| differs.source == Some(source))
    }

    /// How many programmes are run at most: the two, those between, and each source alone.
    pub fn runs(&self) -> usize {
        let differ = Source::ORDER.iter().filter(|source| self.differ(**source)).count();
        1 + differ + differ.saturating_sub(1) + usize::from(self.differ(Source::Noise))
    }

    /// The measures asked for, or those of the limits, or the headline.
    ///
    /// Errors (kind Usage): one that neither has.
    pub fn measures(&self, asked: &[String]) -> Result<Vec<String>, Problems> {
        let sides = [&self.first, &self.second];
        let mut known: Vec<String> =
            sides.iter().flat_map(|side| measures::keys(&side.loaded.programme.scenarios[0], &side.loaded.inputs.book)).collect();
        known.sort_unstable();
        known.dedup();
        let has = |measure: &str| known.binary_search_by(|known| known.as_str().cmp(measure)).is_ok();
        let mut problems = Problems::new();
        for measure in asked.iter().filter(|measure| !has(measure)) {
            let what = format!("unknown measure `{measure}`");
            let fix = format!("write one such as {}", near::nearest(measure, &known));
            problems.push(Problem::new(Kind::Usage, Place::file("--measure"), what, "a split looks at keys of summary.json", fix));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let limits = sides.iter().flat_map(|side| &side.programme.limits);
        let limits = limits.filter(|limit| limit.scenario.as_ref().is_none_or(|own| *own == self.scenario)).map(|limit| &limit.measure);
        let mut chosen: Vec<String> = Vec::new();
        let mut add = |measure: &str| {
            if has(measure) && !chosen.iter().any(|own| own == measure) {
                chosen.push(measure.to_string());
            }
        };
        if asked.is_empty() {
            limits.for_each(|measure| add(measure))
        } else {
            asked.iter().for_each(|measure| add(measure))
        };
        if chosen.is_empty() {
            HEADLINE.iter().filter(|measure| has(measure)).for_each(|measure| chosen.push((*measure).to_string()));
        }
        Ok(chosen)
    }

    /// Every file that was read, for the manifest: what was given, then the data of each.
    pub fn lineage(&self) -> Result<Vec<InputFile>, Problems> {
        let mut files = Vec::new();
        for side in [&self.first, &self.second] {
            let mut given = vec![(side.which.to_string(), side.file.clone())];
            given.extend(side.report.as_ref().map(|report| (format!("{} summary", side.which), report.folder.join(SUMMARY))));
            for (role, path) in given {
                let place = || Place::file(shown(&path));
                let fix = "leave it in place while it is compared";
                let gone =
                    |e: std::io::Error| Problem::new(Kind::Data, place(), format!("cannot be read: {e}"), "it was there before", fix);
                let bytes = bounded::read(&path, LARGEST_BYTES).map_err(gone)?;
                files.push(names::input_file(&role, shown(&path), &bytes, 0));
            }
            let data = side.loaded.inputs.lineage.iter().cloned();
            files.extend(data.map(|file| InputFile { role: format!("{} {}", side.which, file.role), ..file }));
        }
        Ok(files)
    }
}

impl Side {
    fn read(read: Read, which: &'static str, label: String, scenario: &str, paths: bool, data: Option<&Path>) -> Result<Side, Problems> {
        let Read { file, report, programme } = read;
        let mut standing = Standing::of(&programme, scenario).expect("the scenario was checked");
        let was_plain = !standing.make_plain();
        let aside = if !was_plain { Some(Aside::Sampling) } else { paths.then_some(Aside::Paths) };
        data.iter().for_each(|folder| standing.move_to(folder));
        let flag = if which == "first" { "--first-data DIR" } else { "--second-data DIR" };
        let alone = standing.read(&shown(&file))?;
        let inputs = match (inputs::load(&alone), &report) {
            (Ok(inputs), Some(report)) => {
                report_origin::check(&report.origin, &inputs.lineage, &alone.folder, flag)?;
                inputs
            }
            (Err(problems), Some(report)) => {
                // where a file is not what it was, that is what is wrong
                report_origin::check_bytes(&report.origin, &alone.folder, flag)?;
                return Err(problems);
            }
            (inputs, None) => inputs?,
        };
        let aside = aside.filter(|_| report.is_some());
        Ok(Side { which, label, file, report, programme, standing, loaded: Loaded { programme: alone, inputs }, aside })
    }

    /// What is stored of some measures; nothing where there is no report, or it is on other paths.
    pub fn stored(&self, scenario: &str, measures: &[String]) -> Option<Stored> {
        let report = self.report.as_ref().filter(|_| self.aside.is_none())?;
        let stored = report.baseline.scenarios.iter().find(|stored| stored.name == scenario)?;
        Some(measures.iter().map(|measure| stored.measures.get(measure).copied()).collect())
    }

    /// What a report says of it.
    pub fn told(&self) -> Told {
        let simulation = &self.loaded.programme.scenarios[0].case.simulation;
        Told {
            label: self.label.clone(),
            programme: self.programme.name.clone(),
            as_of: self.programme.as_of.to_string(),
            seed: self.programme.seed,
            paths: simulation.paths,
            horizon_days: simulation.horizon_days,
            version: self.report.as_ref().map(|report| report.origin.version.clone()),
            programme_hash: names::sha256(self.programme.resolved_toml.as_bytes()),
            resolved: self.programme.resolved_toml.clone(),
            aside: self.aside,
        }
    }
}

/// Whether a path names a programme, and no report.
pub fn is_programme(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")) && !path.is_dir()
}

/// Both, or every problem of either.
fn both<T>(first: Result<T, Problems>, second: Result<T, Problems>) -> Result<(T, T), Problems> {
    match (first, second) {
        (Ok(first), Ok(second)) => Ok((first, second)),
        (first, second) => {
            let mut problems = Problems::new();
            problems.extend(first.err().unwrap_or_default());
            problems.extend(second.err().unwrap_or_default());
            Err(problems)
        }
    }
}

/// Reads what is given: a report folder, its summary, or a programme.
fn programme_of(path: &Path, which: &str, overrides: &Overrides) -> Result<Read, Problems> {
    if is_programme(path) {
        let programme = programme::load(path, overrides)?;
        return Ok(Read { file: path.to_path_buf(), report: None, programme });
    }
    let own = || path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_path_buf();
    let folder = if path.is_dir() { path.to_path_buf() } else { own() };
    let summary = if path.is_dir() { folder.join(SUMMARY) } else { path.to_path_buf() };
    let (baseline, _) = regress::read(&summary, which, "name a report folder, its summary.json, or a programme")?;
    let origin = report_origin::read(&folder)?;
    let file = folder.join(RESOLVED);
    let bytes = bounded::read(&file, LARGEST_BYTES).map_err(|e| {
        let why = "a report is run again from it";
        Problem::new(Kind::Data, Place::file(shown(&file)), format!("cannot be read: {e}"), why, "name the programme instead of the report")
    })?;
    if names::sha256(&bytes) != baseline.programme_hash {
        let what = "is not the programme that the report was made from";
        let why = "its SHA-256 is not the one that summary.json states";
        return Err(Problem::new(Kind::Data, Place::file(shown(&file)), what, why, "put it back as it was, or run the report again").into());
    }
    let programme = programme::load(&file, overrides)?;
    Ok(Read { file, report: Some(Report { folder, baseline, origin }), programme })
}

fn check_scenario(name: &str, sides: [&Read; 2]) -> Result<(), Problems> {
    let names = |read: &Read| read.programme.scenarios.iter().map(|scenario| scenario.name.clone()).collect::<Vec<String>>();
    let (first, second) = (names(sides[0]), names(sides[1]));
    if first.iter().any(|own| own == name) && second.iter().any(|own| own == name) {
        return Ok(());
    }
    let quoted = |names: &[String]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let (what, own) = match [&first, &second].map(|names| names.iter().any(|own| own == name)) {
        [true, _] => (format!("the second has no scenario \"{name}\""), &second),
        [false, true] => (format!("the first has no scenario \"{name}\""), &first),
        [false, false] => (format!("neither has a scenario \"{name}\""), &first),
    };
    let why = format!("a scenario is known by its name in both: the first has {}, the second {}", quoted(&first), quoted(&second));
    let fix = match near::meant(name, own) {
        Some(near) => format!("did you mean `{near}`? One that was renamed has to be given the same name in both"),
        None => "name one that both have, or give a scenario that was renamed the same name in both".into(),
    };
    Err(Problem::new(Kind::Usage, Place::file("--scenario"), what, why, fix).into())
}

/// What each is called: its last name, or as it was given where that is the same.
fn labels(paths: [&Path; 2]) -> [String; 2] {
    let own = paths.map(|path| {
        let path = if path.file_name().is_some_and(|name| name == SUMMARY) { path.parent().unwrap_or(path) } else { path };
        let name = if is_programme(path) { path.file_stem() } else { path.file_name() };
        name.map_or_else(|| shown(path), |name| name.to_string_lossy().into_owned())
    });
    if own[0] == own[1] { paths.map(shown) } else { own }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Data and book can be taken over one without the other only where both are written alike.
///
/// Errors (kind Data): they are not.
pub fn only_both(pair: &Pair, taken: &[Source]) -> Result<(), Problems> {
    let common = |differs: &&Differs| matches!(&differs.what, What::Key { key, .. } if key == "data.encoding" || key == "data.decimal");
    let Some(key) = pair.differs.iter().find(common) else { return Ok(()) };
    let alone = pair.differ(Source::Book) && taken.contains(&Source::Data) != taken.contains(&Source::Book);
    if !alone {
        return Ok(());
    }
    let what = "is another one in the second";
    let why = "it holds for the files of the data and of the book alike";
    Err(Problem::new(Kind::Data, Place::default().field(key.what.name()), what, why, "take both over together").into())
}
