//! Adds a round of further paths to a run, and looks at the rows that there are so far.
//!
//! A round's paths are the next ones drawn; of a sample, some of the next candidates, whose strata stand beside those of earlier rounds.
//! Its rows are sections of their own, behind all others: batches keep their numbers, and what was joined stays as it is.

use super::batch::bare;
use super::group::{Group, Section};
use super::screening;
use super::work::Work;
use crate::engine::record::outcome::{FAN_PATHS, Outcome};
use crate::engine::record::sample::Stratum;
use crate::engine::record::spool::Spool;
use crate::problem::Problems;
use std::sync::Arc;

impl Work<'_> {
    /// Adds paths to every group that runs until its figures are exact, so that each has `paths`.
    ///
    /// Errors: a price beyond numbers (kind Model).
    pub fn extend(&mut self, paths: u64) -> Result<(), Problems> {
        let Work { groups, sections, pool } = self;
        pool.install(|| {
            for (at, group) in groups.iter_mut().enumerate().filter(|(_, group)| group.may_grow()) {
                sections.extend(group.extend(at, paths)?);
            }
            Ok(())
        })
    }

    /// What one of the runs came to on the rows that are on the spool, without the sums of accounts, symbols and groups.
    ///
    /// Errors: those of the spool.
    pub fn so_far(&self, run: usize, spool: &mut dyn Spool) -> Result<Outcome, Problems> {
        let (group, member) = self.member_of(run);
        let rows = spool.copy(run)?;
        Ok(Outcome { path: rows.path, pool: rows.pool, ..bare(member, group) })
    }
}

impl Group<'_> {
    fn may_grow(&self) -> bool {
        let plan = &self.members[0].plan;
        plan.paths > 1 && plan.scenario.case.simulation.until.is_some()
    }

    /// The sections of further paths, so that there are `paths`.
    fn extend(&mut self, at: usize, paths: u64) -> Result<Vec<Section>, Problems> {
        let from = self.paths();
        assert!(paths > from, "a run of {from} paths does not grow to {paths}");
        let sections = match self.sample.clone() {
            None => vec![Section::new(at, from..paths, 0..FAN_PATHS)],
            Some(mut sample) => {
                let candidates = self.members[0].plan.scenario.case.simulation.candidates_for_further(paths - from);
                let mut levels = std::mem::take(&mut self.levels);
                let next = screening::screen(self, &mut levels, candidates, paths - from)?;
                self.levels = levels;
                // what is shown day by day is shown of the first round
                let section = |s: &Stratum| Section::new(at, from + s.rows.start..from + s.rows.end, 0..0);
                let sections = next.strata.iter().map(section).collect();
                Arc::make_mut(&mut sample).append(next);
                self.sample = Some(sample);
                sections
            }
        };
        self.members.iter_mut().for_each(|member| member.plan.paths = paths);
        Ok(sections)
    }
}
