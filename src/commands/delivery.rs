//! Prepares a report before its first path is simulated, and writes it when the last one is: what `run` and `merge` have in common.

use super::fit_cache::{self, Recall};
use super::flags::{Drive, ReportFolder, Voice};
use super::history::History;
use super::previous::Earlier;
use super::progress::Progress;
use super::simulation::Simulated;
use super::spool::FileShelf;
use super::{capacity, closing, interrupt, pipeline, previous, terminal, threads};
use crate::engine::outcome::Outcome;
use crate::engine::spool::Spooled;
use crate::inputs::fit_store::Tally;
use crate::inputs::programme::Overrides;
use crate::model::case::Programme;
use crate::model::watch::Watch;
use crate::problem::{Kind, Place, Problem, Problems};
use crate::report::export::{self, Audited, DATA_EXPORTS, EXPORTS, Results, ledger, manifest, summary};
use crate::report::facts::{self, Facts, ScenarioFacts};
use crate::report::folder::{self, Claim, Input};
use crate::report::fonts::Fonts;
use crate::report::{charts, document, names};
use crate::study::reverse::answer::Answer;
use crate::study::{limits, model_risk};
use chrono::{DateTime, SecondsFormat, Utc};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;
use std::{panic, thread};

/// A report whose inputs are read and whose folder is claimed.
pub struct Delivery<'a> {
    pub loaded: pipeline::Loaded,
    /// The programme as it is simulated: its scenarios, then those of its model-risk panels.
    pub simulated: Programme,
    clock: Clock,
    earlier: Option<Earlier>,
    history: Option<History>,
    /// Whether an undecided limit sets the exit code.
    strict: bool,
    recall: Recall,
    drive: &'a Drive,
    out: PathBuf,
    fonts: Fonts,
    claim: Claim,
}

impl<'a> Delivery<'a> {
    /// Reads a programme and its data, and claims the folder of its report, apart from all that is read and from `kept`.
    ///
    /// Errors: everything wrong with programme, data, fonts and folder.
    pub fn prepare(
        programme: &Path,
        folder: &ReportFolder,
        overrides: Overrides,
        drive: &'a Drive,
        kept: Vec<Input>,
    ) -> Result<Delivery<'a>, Problems> {
        let clock = Clock::start();
        interrupt::listen();
        let overrides = Overrides { previous: folder.previous.clone(), ..overrides };
        let mut loaded = pipeline::load_with(programme, &overrides)?;
        let earlier = previous::read(&mut loaded)?;
        let history = open_history(folder.history.as_deref(), &overrides, &mut loaded)?;
        let recall = fit_cache::open(&drive.recall, &mut loaded);
        let out = folder.out.clone().unwrap_or_else(|| PathBuf::from("reports").join(names::file_name(&loaded.programme.name)));
        let shown = earlier.iter().flat_map(Earlier::texts).chain(history.iter().flat_map(History::words));
        let fonts = load_fonts(folder.font_dir.as_deref(), &loaded, shown)?;
        previous::keep_apart(&loaded.programme, &out)?;
        let mut inputs = pipeline::inputs(programme, &loaded, &drive.recall, folder.font_dir.as_deref());
        inputs.extend(kept);
        inputs.extend(folder.history.iter().map(|file| Input::new("--history", file)));
        let simulated = model_risk::extended(&loaded.programme);
        capacity::demand(&loaded, &simulated, threads::asked(drive.threads)).check(&out)?;
        let claim = folder::claim_apart(&out, folder.force, &inputs)?;
        Ok(Delivery { loaded, simulated, clock, earlier, history, strict: folder.strict, recall, drive, out, fonts, claim })
    }

    /// Where the rows of finished paths wait.
    ///
    /// Errors (kind Output): no file can be made there.
    pub fn spool(&self) -> Result<FileShelf, Problems> {
        FileShelf::in_folder(&self.claim.staging(), self.claim.target())
    }

    /// Measures what was simulated and writes the report, with the reverse stress tests that were answered; the exit code.
    ///
    /// Errors: the report cannot be written, or the run was asked to end.
    pub fn deliver(
        mut self,
        (mut simulated, reverse): (Simulated, Vec<Answer>),
        mut spool: FileShelf,
        progress: &Progress,
        voice: &Voice,
    ) -> Result<i32, Problems> {
        let loaded = &self.loaded;
        self.recall.tell(voice);
        let threads = threads::asked(self.drive.threads);
        progress.stage("measures");
        let mut measured = measure(&mut self.claim, loaded, &mut simulated.spooled, &mut spool, threads)?;
        drop(spool);
        let facts = Facts { convergence: simulated.convergence.clone(), reverse, ..measured.facts(loaded, self.earlier.as_ref())? };
        let facts = entered(facts, self.history.as_ref());
        let effort = self.clock.effort(&simulated, self.drive, self.recall.tally());
        progress.stage("data");
        let (book, market, audited) = (&loaded.inputs.book, &loaded.inputs.market, &measured.audited);
        let told = ledger::Told { facts: &facts, book, market, audited, threads };
        let (claim, fonts) = (&mut self.claim, &self.fonts);
        let open = ledger::open(claim)?;
        let (told, filled) = beside(
            threads,
            || ledger::write(&told, open),
            || {
                let outcomes = &simulated.spooled.outcomes[..loaded.programme.scenarios.len()];
                write_data(claim, loaded, outcomes, &facts, threads)?;
                // from here on the facts say everything: accounts and symbols make room for the document
                simulated.spooled = Spooled::default();
                fill(claim, fonts, loaded, &facts, progress)
            },
        );
        filled?;
        self.claim.close(told?)?;
        manifest::write(&facts, &effort(), &mut self.claim)?;
        interrupt::check()?;
        self.history.as_ref().map_or(Ok(()), History::check_unchanged)?;
        pipeline::tell_carried(&self.claim.publish()?, voice);
        if let Some((history, register)) = self.history.as_ref().zip(facts.register.as_ref()) {
            history.enter(register)?;
        }

        let report = self.out.join("report.pdf").display().to_string();
        progress.done(&report);
        terminal::say(&closing::closing(&facts, &report))?;
        Ok(limits::exit_code(&facts.limits, self.strict))
    }
}

/// Reads the early-warning register that the run is entered in, and notes it among the inputs.
fn open_history(file: Option<&Path>, overrides: &Overrides, loaded: &mut pipeline::Loaded) -> Result<Option<History>, Problems> {
    let Some(file) = file else { return Ok(None) };
    if !overrides.scenarios.is_empty() {
        let why = "a report of some scenarios would leave the watches of the others unjudged";
        let what = "stands beside --scenario";
        return Err(Problem::new(Kind::Usage, Place::file("--history"), what, why, "leave one of them out").into());
    }
    let history = History::of(file, &loaded.programme)?;
    loaded.inputs.lineage.extend(history.lineage());
    Ok(Some(history))
}

/// The facts, entered into the register.
fn entered<'a>(mut facts: Facts<'a>, history: Option<&History>) -> Facts<'a> {
    if let Some(history) = history {
        facts.enter(&history.lines);
    }
    facts
}

/// What is kept of paths once they are measured and written.
struct Measured {
    scenarios: Vec<ScenarioFacts>,
    further: Vec<model_risk::Row>,
    audited: Vec<Vec<Audited>>,
}

/// Measures one scenario after another and writes its rows of `paths.parquet`; only the base's are held beside them, since
/// every other scenario is compared with it path by path.
fn measure(
    claim: &mut Claim,
    loaded: &pipeline::Loaded,
    spooled: &mut Spooled,
    spool: &mut FileShelf,
    threads: usize,
) -> Result<Measured, Problems> {
    let (programme, book, market) = (&loaded.programme, &loaded.inputs.book, &loaded.inputs.market);
    let own = programme.scenarios.len();
    let daily = programme.scenarios.iter().any(|scenario| scenario.case.pool.is_kept_daily());
    let weighted = programme.scenarios.iter().any(|scenario| !scenario.case.simulation.sampling.is_plain());
    let mut measured = Measured { scenarios: Vec::new(), further: Vec::new(), audited: Vec::new() };
    export::paths::write(claim, programme, &book.tiers, (daily, weighted), threads, |file| {
        for at in 0..own {
            interrupt::check()?;
            spooled.fetch(at, spool)?;
            let outcome = &spooled.outcomes[at];
            measured.scenarios.push(facts::scenario(programme, book, market, at, &spooled.outcomes));
            measured.audited.push(ledger::audited(outcome));
            file.add(&programme.scenarios[at].name, outcome)?;
            if at > 0 {
                spooled.release(at);
            }
        }
        spooled.release(0);
        Ok(())
    })?;
    for at in own..spooled.outcomes.len() {
        interrupt::check()?;
        spooled.fetch(at, spool)?;
        measured.further.push(model_risk::further(programme, book, at - own, &spooled.outcomes[at]));
        spooled.release(at);
    }
    Ok(measured)
}

impl Measured {
    /// The facts of the run.
    fn facts<'a>(&mut self, loaded: &'a pipeline::Loaded, earlier: Option<&Earlier>) -> Result<Facts<'a>, Problems> {
        let (programme, inputs) = (&loaded.programme, &loaded.inputs);
        let (lineage, notes) = (inputs.lineage.clone(), inputs.notes.clone());
        let scenarios = std::mem::take(&mut self.scenarios);
        let mut facts = facts::compose(programme, &inputs.book, &inputs.market, lineage, notes, scenarios)?;
        let own: Vec<_> = facts.scenarios.iter().map(|s| (s.paths, &s.measures)).collect();
        facts.model_risk = model_risk::panels(programme, &own, std::mem::take(&mut self.further));
        if let Some(earlier) = earlier {
            facts.set_beside(&earlier.figures);
            facts.made.clone_from(&earlier.made);
        }
        Ok(facts)
    }
}

/// Does `other` on a thread of its own beside `own`, or before it where there is one thread.
fn beside<A: Send, B>(threads: usize, other: impl FnOnce() -> A + Send, own: impl FnOnce() -> B) -> (A, B) {
    if threads == 1 {
        let other = other();
        return (other, own());
    }
    thread::scope(|scope| {
        let other = scope.spawn(other);
        let own = own();
        (other.join().unwrap_or_else(|cause| panic::resume_unwind(cause)), own)
    })
}

/// Writes the files that hold accounts and symbols.
fn write_data(
    claim: &mut Claim,
    loaded: &pipeline::Loaded,
    outcomes: &[Outcome],
    facts: &Facts<'_>,
    threads: usize,
) -> Result<(), Problems> {
    let simulated = export::Simulated { facts, book: &loaded.inputs.book, market: &loaded.inputs.market, outcomes, threads };
    for export in DATA_EXPORTS {
        interrupt::check()?;
        (export.write)(&simulated, claim)?;
    }
    Ok(())
}

/// Writes every other file of the report but the manifest.
fn fill(claim: &mut Claim, fonts: &Fonts, loaded: &pipeline::Loaded, facts: &Facts<'_>, progress: &Progress) -> Result<(), Problems> {
    interrupt::check()?;
    progress.stage("charts");
    let language = loaded.programme.report.language;
    let charts = charts::draw_with(facts, language, fonts)?;
    interrupt::check()?;
    progress.stage("document");
    let summary_json = summary::bytes(facts);
    let edition = document::Edition { language, summary_json: &summary_json, font_dir: None };
    let pdf = document::pdf_with(facts, &charts, &edition, fonts)?;
    let editions = document::editions(facts, &charts, &edition, fonts)?;
    progress.stage("exports");
    let results = Results { facts, charts: &charts, summary_json: &summary_json, pdf: &pdf, editions: &editions };
    for export in EXPORTS {
        interrupt::check()?;
        (export.write)(&results, claim)?;
    }
    Ok(())
}

/// Loads the fonts, and finds a name they cannot show before the run, not after it; `shown` are names beside those of programme and data.
pub fn load_fonts<'s>(font_dir: Option<&Path>, loaded: &pipeline::Loaded, shown: impl Iterator<Item = &'s str>) -> Result<Fonts, Problems> {
    let fonts = Fonts::load(font_dir)?;
    let (programme, book) = (&loaded.programme, &loaded.inputs.book);
    let language = programme.report.language;
    let report = programme.report.in_language(language);
    let held: BTreeSet<u32> = book.position_symbol.iter().copied().collect();
    let instruments = held.iter().map(|s| &loaded.inputs.market.instruments[*s as usize]);
    let titles = [&report.title, &report.institution, &report.owner, &report.approver].into_iter().flatten();
    let words = [&programme.name, &programme.currency, &report.confidentiality].into_iter().chain(titles).chain(&report.distribution);
    let words = words.chain(programme.model_risk.models.iter().filter_map(|m| m.name.as_ref()));
    let scenarios = programme.scenarios.iter().flat_map(|s| [s.name.as_str(), s.name_in(language), s.narrative_in(language)]);
    let names = book.account_id.iter().chain(&book.tiers).chain(&book.grades).chain(&book.products);
    let symbols = instruments.flat_map(|i| [&i.symbol, &i.name, &i.sector]);
    let told = programme.watch.iter().flat_map(Watch::words);
    fonts.check(words.chain(names).chain(symbols).map(String::as_str).chain(scenarios).chain(told))?;
    fonts.check(shown)?;
    Ok(fonts)
}

/// When the run began, by both clocks.
struct Clock {
    wall: DateTime<Utc>,
    steady: Instant,
}

#[expect(clippy::disallowed_methods, reason = "the hour goes into the manifest, the one file that may differ between runs")]
impl Clock {
    fn start() -> Self {
        Clock { wall: Utc::now(), steady: Instant::now() }
    }

    /// The effort of the run, to be asked for when everything else is written.
    fn effort(self, simulated: &Simulated, drive: &Drive, fits: Option<Tally>) -> impl FnOnce() -> manifest::Effort + use<> {
        let account_steps = simulated.account_steps;
        let simulation_seconds = simulated.seconds;
        let threads = threads::asked(drive.threads);
        move || manifest::Effort {
            started: self.wall.to_rfc3339_opts(SecondsFormat::Millis, true),
            ended: Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true),
            host: host(),
            threads,
            account_steps,
            simulation_seconds,
            wall_seconds: self.steady.elapsed().as_secs_f64(),
            account_steps_per_second: account_steps as f64 / simulation_seconds.max(1e-9),
            // the most memory the process held
            peak_memory_bytes: capacity::status("VmHWM:"),
            fits: fits.map(|t| manifest::Fits { recalled: t.recalled, kept: t.kept, unreadable: t.unreadable }),
        }
    }
}

fn host() -> String {
    let read = |path: &str| std::fs::read_to_string(path).ok().map(|s| s.trim().to_string()).filter(|s| !s.is_empty());
    read("/proc/sys/kernel/hostname")
        .or_else(|| std::env::var("HOSTNAME").ok())
        .or_else(|| std::env::var("COMPUTERNAME").ok())
        .unwrap_or_else(|| "unknown".into())
}
