//! Simulates a programme: whole, from a checkpoint on, a part of it, or joined from parts.

use super::flags::Drive;
use super::interrupt;
use super::parts::checkpoint::{Checkpoint, Found};
use super::parts::head::Identity;
use super::parts::piece::Part;
use super::pipeline::Loaded;
use super::progress::Progress;
use crate::engine::spool::{Memory, Spool, Spooled};
use crate::engine::{self, Control, Joined, Run, Store, Work, outcome::Outcome};
use crate::model::case::Programme;
use crate::problem::{Kind, Problems};
use std::ops::Range;

/// What a simulation came to, and what it took.
pub struct Simulated {
    /// Of the programme's scenarios, then of its model-risk panels where they were asked for.
    pub spooled: Spooled,
    pub seconds: f64,
    pub account_steps: u64,
}

/// Simulates every scenario, with progress; ends early when interrupted. All outcomes are whole.
pub fn in_memory(loaded: &Loaded, drive: &Drive, progress: &Progress) -> Result<Vec<Outcome>, Problems> {
    let runs = engine::runs(&loaded.programme);
    let mut spool = Memory::default();
    let simulated = Simulation::prepare(loaded, &loaded.programme, &runs, drive, progress)?.whole(&mut spool)?;
    simulated.spooled.whole(&mut spool)
}

/// A programme whose markets are fitted and whose batches are numbered.
pub struct Simulation<'a> {
    work: Work<'a>,
    runs: &'a [Run],
    loaded: &'a Loaded,
    programme: &'a Programme,
    drive: &'a Drive,
    progress: &'a Progress,
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
        Ok(Simulation { work, runs, loaded, programme, drive, progress })
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
    pub fn whole(&self, spool: &mut dyn Spool) -> Result<Simulated, Problems> {
        let mut joined = Joined::run(&self.work, spool, None);
        self.simulate(0..self.work.batches(), &mut joined)?;
        self.end(joined)
    }

    /// Takes back what a checkpoint holds, simulates the rest, and keeps it there as it goes.
    ///
    /// Errors: as `whole`, and those of the checkpoint.
    pub fn from_checkpoint(&self, spool: &mut dyn Spool, checkpoint: &mut Checkpoint, found: &mut Found) -> Result<Simulated, Problems> {
        let mut joined = Joined::run(&self.work, spool, Some(checkpoint));
        found.restore(&mut joined)?;
        self.progress.restored(self.work.steps(0..joined.next()));
        self.simulate(joined.next()..self.work.batches(), &mut joined)?;
        self.end(joined)
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
        self.end(joined)
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
        Ok(Simulated { spooled, seconds: self.progress.finish(), account_steps })
    }
}
