//! Simulates a programme: whole, from a checkpoint on, a part of it, or joined from parts.

use super::flags::Drive;
use super::interrupt;
use super::parts::checkpoint::{Checkpoint, Found};
use super::parts::head::Identity;
use super::parts::piece::Part;
use super::pipeline::Loaded;
use super::progress::Progress;
use crate::engine::spool::{Memory, Spool, Spooled};
use crate::engine::{self, Control, Joined, Kept, Run, Store, Work, outcome::Outcome};
use crate::measures::attribution;
use crate::model::case::Programme;
use crate::model::until::Until;
use crate::problem::{Kind, Problems};
use crate::study::rounds::{self, Convergence, Round};
use std::ops::Range;

/// What a simulation came to, and what it took.
pub struct Simulated {
    /// Of the programme's scenarios, then of its model-risk panels where they were asked for.
    pub spooled: Spooled,
    pub seconds: f64,
    pub account_steps: u64,
    /// What each round of paths showed, where paths were added until figures were exact.
    pub convergence: Option<Convergence>,
}

/// Simulates every scenario, with progress; ends early when interrupted. All outcomes are whole, but for who causes the tail.
pub fn in_memory(loaded: &Loaded, drive: &Drive, progress: &Progress) -> Result<Vec<Outcome>, Problems> {
    of_runs_in_memory(loaded, &engine::runs(&loaded.programme), drive, progress)
}

/// The same of runs that hold every scenario, and such layers of them as are looked at.
pub fn of_runs_in_memory(loaded: &Loaded, runs: &[Run], drive: &Drive, progress: &Progress) -> Result<Vec<Outcome>, Problems> {
    let mut spool = Memory::default();
    let simulation = Simulation::prepare(loaded, &loaded.programme, runs, drive, progress)?;
    let simulated = Simulation { tells_causes: false, ..simulation }.whole(&mut spool)?;
    simulated.spooled.whole(&mut spool)
}

/// The runs that some measures need: layers of contagion are simulated where one of them is read.
pub fn runs_for<'m>(programme: &Programme, measures: impl IntoIterator<Item = &'m str>) -> Vec<Run> {
    let mut measures = measures.into_iter();
    if measures.any(|measure| measure.starts_with("contagion.") || measure.starts_with("amplification")) {
        return engine::runs(programme);
    }
    programme.scenarios.iter().map(|scenario| Run { scenario: scenario.clone(), layer: None }).collect()
}

/// A programme whose markets are fitted and whose batches are numbered.
pub struct Simulation<'a> {
    work: Work<'a>,
    runs: &'a [Run],
    loaded: &'a Loaded,
    programme: &'a Programme,
    drive: &'a Drive,
    progress: &'a Progress,
    /// Whether the paths of each scenario's tail are run again for what accounts and symbols cause.
    tells_causes: bool,
}

impl<'a> Simulation<'a> {
    /// Prepares the `runs` of a programme, which may hold further scenarios, on the loaded data.
    ///
    /// Errors: models that cannot be fitted, and an interrupted run.
    pub fn prepare(
        loaded: &'a Loaded,
        programme: &'a Programme,
        runs: &'a [Run],
        drive: &'a Drive,
        progress: &'a Progress,
    ) -> Result<Simulation<'a>, Problems> {
        interrupt::listen();
        interrupt::check()?;
        let work = Work::prepare(programme, runs, &loaded.inputs.book, &loaded.inputs.market, drive.threads.map(usize::from))?;
        interrupt::check()?;
        Ok(Simulation { work, runs, loaded, programme, drive, progress, tells_causes: true })
    }

    /// What rows of this simulation follow from.
    pub fn identity(&self) -> Identity {
        Identity::of(self.loaded, self.programme, self.work.layout())
    }

    /// The batches of one part of several, from 1.
    pub fn batches_of(&self, part: u64, parts: u64) -> Range<u64> {
        self.work.part(part, parts)
    }

    /// Simulates everything; rows stay on the spool until they are fetched.
    ///
    /// Errors: an interrupted run, a price beyond numbers, and those of the spool.
    pub fn whole(self, spool: &mut dyn Spool) -> Result<Simulated, Problems> {
        self.rounds(spool, None)
    }

    /// Takes back what a checkpoint holds, simulates the rest, and keeps it there as it goes.
    ///
    /// Errors: as `whole`, and those of the checkpoint.
    pub fn from_checkpoint(self, spool: &mut dyn Spool, checkpoint: &mut Checkpoint, found: &mut Found) -> Result<Simulated, Problems> {
        self.rounds(spool, Some((checkpoint, found)))
    }

    /// Simulates the programme's paths, and further rounds of them until its figures are as exact as it asks for.
    fn rounds(mut self, spool: &mut dyn Spool, mut kept_in: Option<(&mut Checkpoint, &mut Found)>) -> Result<Simulated, Problems> {
        let until = rounds::asked(&self.loaded.programme);
        let mut convergence = until.map(|_| Convergence::default());
        let mut kept = Kept::default();
        loop {
            let (store, found) = match &mut kept_in {
                None => (None, None),
                Some((checkpoint, found)) => (Some(&mut **checkpoint as &mut dyn Store), Some(&mut **found)),
            };
            let mut joined = Joined::resume(&self.work, spool, store, kept);
            let first = joined.next();
            if let Some(found) = found {
                found.restore(&mut joined, self.work.batches())?;
                self.progress.restored(self.work.steps(first..joined.next()));
            }
            self.simulate(joined.next()..self.work.batches(), &mut joined)?;
            kept = joined.keep();
            let Some((until, convergence)) = until.zip(convergence.as_mut()) else { break };
            let Some(paths) = self.look(until, spool, convergence)? else { break };
            let batches = self.work.batches();
            self.work.extend(paths)?;
            self.progress.extend(self.work.steps(batches..self.work.batches()));
            interrupt::check()?;
        }
        let simulated = self.end(Joined::resume(&self.work, spool, None, kept))?;
        self.causes(Simulated { convergence, ..simulated }, spool)
    }

    /// Looks at the figures that shall be exact; how many paths to have next, if more.
    fn look(&self, until: &Until, spool: &mut dyn Spool, convergence: &mut Convergence) -> Result<Option<u64>, Problems> {
        let (programme, book) = (&self.loaded.programme, &self.loaded.inputs.book);
        let mut round = Round { paths: 0, figures: Vec::new() };
        for (at, run) in self.own_runs().enumerate() {
            interrupt::check()?;
            let outcome = self.work.so_far(run, spool)?;
            round.paths = round.paths.max(outcome.paths);
            round.figures.extend(rounds::look(until, programme, book, at, &outcome));
        }
        let next = convergence.add(until, round);
        self.progress.round(until, convergence.rounds.last().expect("it was added"), next);
        Ok(next)
    }

    /// Simulates some batches into a store.
    ///
    /// Errors: an interrupted run, a price beyond numbers, and those of the store.
    pub fn part(&self, batches: Range<u64>, store: &mut dyn Store) -> Result<(), Problems> {
        let mut joined = Joined::part(&self.work, store, batches.start);
        self.simulate(batches, &mut joined)
    }

    /// Joins parts that follow each other from the first batch to the last.
    ///
    /// Errors: a part that does not fit, and those of the spool.
    pub fn merged(&self, spool: &mut dyn Spool, parts: &[Part]) -> Result<Simulated, Problems> {
        let mut joined = Joined::run(&self.work, spool, None);
        for part in parts {
            interrupt::check()?;
            let first = joined.next();
            let end = part.restore(&mut joined)?;
            self.progress.advance(self.work.steps(first..end));
        }
        let simulated = self.end(joined)?;
        self.causes(simulated, spool)
    }

    /// The programme's own scenarios among the runs, in order.
    fn own_runs(&self) -> impl Iterator<Item = usize> {
        let scenarios = self.runs.iter().enumerate().filter(|(_, run)| run.layer.is_none()).map(|(index, _)| index);
        scenarios.take(self.loaded.programme.scenarios.len())
    }

    /// Runs the paths of every scenario's tail again, for who causes it.
    fn causes(&self, mut simulated: Simulated, spool: &mut dyn Spool) -> Result<Simulated, Problems> {
        if self.tells_causes {
            self.progress.stage("causes");
            for (at, run) in self.own_runs().enumerate() {
                interrupt::check()?;
                let outcome = self.work.so_far(run, spool)?;
                let rows = attribution::tail_rows(&self.loaded.programme.scenarios[at], &self.loaded.inputs.book, &outcome);
                if !rows.is_empty() {
                    simulated.spooled.outcomes[at].tail = self.work.tail(run, &rows)?;
                }
            }
        }
        Ok(simulated)
    }

    /// Simulates batches; what a store was given is closed even when the run is asked to end.
    fn simulate(&self, batches: Range<u64>, joined: &mut Joined<'_, '_>) -> Result<(), Problems> {
        let advance = |steps| self.progress.advance(steps);
        let control = Control { threads: self.drive.threads.map(usize::from), stop: interrupt::listen(), progress: &advance };
        let simulated = engine::simulate_batches(&self.work, batches, &control, joined);
        match simulated {
            Err(problems) if problems.exit_code() != Kind::Interrupted.exit_code() => Err(problems),
            ended => joined.close().and(ended),
        }
    }

    fn end(&self, joined: Joined<'_, '_>) -> Result<Simulated, Problems> {
        let spooled = engine::outcomes(&self.work, self.runs, joined);
        interrupt::check()?;
        assert_eq!(spooled.outcomes.len(), self.programme.scenarios.len(), "the engine gives one outcome per scenario");
        let account_steps = spooled.outcomes.iter().map(|o| o.account_steps).sum();
        Ok(Simulated { spooled, seconds: self.progress.finish(), account_steps, convergence: None })
    }
}
