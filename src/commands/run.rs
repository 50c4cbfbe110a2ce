//! Simulates every scenario of a programme and writes the report folder.

use super::command::Command;
use super::flags::{Changes, Drive, Voice};
use super::spool::FileShelf;
use super::{fit_cache, interrupt, pipeline, previous, progress::Progress, show, terminal};
use crate::engine::outcome::Outcome;
use crate::engine::spool::Spooled;
use crate::inputs::known_fits::Tally;
use crate::inputs::programme::Overrides;
use crate::problem::Problems;
use crate::report::export::{self, Audited, DATA_EXPORTS, EXPORTS, Results, manifest, summary};
use crate::report::facts::{self, Facts, ScenarioFacts};
use crate::report::folder::{self, Claim};
use crate::report::fonts::Fonts;
use crate::report::{charts, document, names};
use crate::study::{limits, model_risk, regress::Baseline};
use chrono::{DateTime, SecondsFormat, Utc};
use clap::Args;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Instant;

/// Simulate every scenario of a programme and write the report folder
#[derive(Debug, Args)]
pub struct Run {
    /// The programme, a TOML file
    pub programme: PathBuf,
    /// The report folder [default: reports/<name of the programme>]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace an existing report folder
    #[arg(long)]
    pub force: bool,
    /// An earlier report folder: the report says what changed since, with its error
    #[arg(long, value_name = "DIR")]
    pub previous: Option<PathBuf>,
    /// Folder with further fonts, for characters the embedded ones lack
    #[arg(long, value_name = "DIR")]
    pub font_dir: Option<PathBuf>,
    #[command(flatten)]
    pub changes: Changes,
    #[command(flatten)]
    pub drive: Drive,
    #[command(flatten)]
    pub voice: Voice,
}

impl Command for Run {
    fn execute(&self) -> Result<i32, Problems> {
        let clock = Clock::start();
        interrupt::listen();
        let overrides = Overrides { previous: self.previous.clone(), ..self.changes.overrides() };
        let mut loaded = pipeline::load_with(&self.programme, &overrides)?;
        let earlier = previous::read(&mut loaded)?;
        let recall = fit_cache::open(&self.drive.recall, &mut loaded);
        let out = self.out.clone().unwrap_or_else(|| PathBuf::from("reports").join(names::file_name(&loaded.programme.name)));
        let fonts = load_fonts(self, &loaded)?;
        previous::keep_apart(&loaded.programme, &out)?;
        let inputs = pipeline::inputs(&self.programme, &loaded, &self.drive.recall, self.font_dir.as_deref());
        let mut claim = folder::claim_apart(&out, self.force, &inputs)?;

        let extended = model_risk::extended(&loaded.programme);
        let progress = pipeline::progress_of(&loaded, &extended, &self.voice);
        let mut spool = FileShelf::in_folder(&claim.staging(), claim.target())?;
        let mut simulated = pipeline::simulate_onto(&mut spool, &loaded, &extended, &self.drive, &progress)?;
        recall.tell(&self.voice);
        progress.stage("measures");
        let mut measured = measure(&mut claim, &loaded, &mut simulated.spooled, &mut spool)?;
        drop(spool);
        let facts = measured.facts(&loaded, earlier.as_ref())?;
        let effort = clock.effort(&simulated, self, recall.tally());
        progress.stage("data");
        write_data(&mut claim, &loaded, &simulated.spooled.outcomes[..loaded.programme.scenarios.len()], &measured.audited, &facts)?;
        // from here on the facts say everything: accounts and symbols make room for the document
        simulated.spooled = Spooled::default();
        fill(&mut claim, &fonts, &loaded, &facts, &progress, effort)?;
        interrupt::check()?;
        pipeline::tell_carried(&claim.publish()?, &self.voice);

        let report = out.join("report.pdf").display().to_string();
        progress.done(&report);
        terminal::say(&show::closing(&facts, &report))?;
        Ok(limits::exit_code(&facts.limits))
    }

    fn voice(&self) -> Option<&Voice> {
        Some(&self.voice)
    }
}

/// What is kept of paths once they are measured and written.
struct Measured {
    scenarios: Vec<ScenarioFacts>,
    further: Vec<model_risk::Row>,
    audited: Vec<Vec<Audited>>,
}

/// Measures one scenario after another and writes its rows of `paths.parquet`; only the base's are held beside them, since
/// every other scenario is compared with it path by path.
fn measure(claim: &mut Claim, loaded: &pipeline::Loaded, spooled: &mut Spooled, spool: &mut FileShelf) -> Result<Measured, Problems> {
    let (programme, book, market) = (&loaded.programme, &loaded.inputs.book, &loaded.inputs.market);
    let own = programme.scenarios.len();
    let daily = spooled.outcomes[..own].iter().any(|o| o.pool.daily.is_some());
    let mut measured = Measured { scenarios: Vec::new(), further: Vec::new(), audited: Vec::new() };
    export::paths::write(claim, &book.tiers, daily, |file| {
        for at in 0..own {
            interrupt::check()?;
            spooled.fetch(at, spool)?;
            let outcome = &spooled.outcomes[at];
            measured.scenarios.push(facts::scenario(programme, book, market, at, &spooled.outcomes));
            measured.audited.push(export::ledger::audited(outcome));
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
    fn facts<'a>(&mut self, loaded: &'a pipeline::Loaded, earlier: Option<&Baseline>) -> Result<Facts<'a>, Problems> {
        let (programme, inputs) = (&loaded.programme, &loaded.inputs);
        let (lineage, notes) = (inputs.lineage.clone(), inputs.notes.clone());
        let scenarios = std::mem::take(&mut self.scenarios);
        let mut facts = facts::compose(programme, &inputs.book, &inputs.market, lineage, notes, scenarios)?;
        let own: Vec<_> = facts.scenarios.iter().map(|s| (s.paths, &s.measures)).collect();
        facts.model_risk = model_risk::panels(programme, &own, std::mem::take(&mut self.further));
        earlier.into_iter().for_each(|earlier| facts.set_beside(earlier));
        Ok(facts)
    }
}

/// Writes the files that hold accounts, symbols and entries.
fn write_data(
    claim: &mut Claim,
    loaded: &pipeline::Loaded,
    outcomes: &[Outcome],
    audited: &[Vec<Audited>],
    facts: &Facts<'_>,
) -> Result<(), Problems> {
    let simulated = export::Simulated { facts, book: &loaded.inputs.book, market: &loaded.inputs.market, outcomes, audited };
    for export in DATA_EXPORTS {
        interrupt::check()?;
        (export.write)(&simulated, claim)?;
    }
    Ok(())
}

/// Writes every other file of the report; the manifest last.
fn fill(
    claim: &mut Claim,
    fonts: &Fonts,
    loaded: &pipeline::Loaded,
    facts: &Facts<'_>,
    progress: &Progress,
    effort: impl FnOnce() -> manifest::Effort,
) -> Result<(), Problems> {
    interrupt::check()?;
    progress.stage("charts");
    let language = loaded.programme.report.language;
    let charts = charts::draw_with(facts, language, fonts)?;
    interrupt::check()?;
    progress.stage("document");
    let summary_json = summary::bytes(facts);
    let edition = document::Edition { language, summary_json: &summary_json, font_dir: None };
    let pdf = document::pdf_with(facts, &charts, &edition, fonts)?;
    progress.stage("exports");
    let results = Results { facts, charts: &charts, summary_json: &summary_json, pdf: &pdf };
    for export in EXPORTS {
        interrupt::check()?;
        (export.write)(&results, claim)?;
    }
    manifest::write(facts, &effort(), claim)
}

/// Loads the fonts, and finds a name they cannot show before the run, not after it.
fn load_fonts(args: &Run, loaded: &pipeline::Loaded) -> Result<Fonts, Problems> {
    let fonts = Fonts::load(args.font_dir.as_deref())?;
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
    fonts.check(words.chain(names).chain(symbols).map(String::as_str).chain(scenarios))?;
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
    fn effort(self, simulated: &pipeline::Simulated, args: &Run, fits: Option<Tally>) -> impl FnOnce() -> manifest::Effort + use<> {
        let account_steps = simulated.account_steps;
        let simulation_seconds = simulated.seconds;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = args.drive.threads.map_or(cores, usize::from);
        move || manifest::Effort {
            started: self.wall.to_rfc3339_opts(SecondsFormat::Millis, true),
            ended: Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true),
            host: host(),
            threads,
            account_steps,
            simulation_seconds,
            wall_seconds: self.steady.elapsed().as_secs_f64(),
            account_steps_per_second: account_steps as f64 / simulation_seconds.max(1e-9),
            peak_memory_bytes: peak_memory_bytes(),
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

/// `VmHWM` of Linux: the most memory the process held.
fn peak_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}
