//! Prepares all that a programme simulates, numbers its batches, and cuts them into parts for several processes.
//!
//! Batches are numbered through all sections, those of the first group first. The cut into batches and parts depends on the programme
//! alone; no figure depends on the cut into parts.

use super::group::{Group, Member, Run, Section, prepare};
use super::screening;
use crate::engine::plan::scenario::Coupling;
use crate::model::book::Book;
use crate::model::case::Programme;
use crate::model::history::Market;
use crate::problem::Problems;
use rayon::ThreadPool;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Every group of scenarios, its market fitted, and the threads that work on them.
pub struct Work<'a> {
    pub groups: Vec<Group<'a>>,
    /// The rows of every group, those of the first group first.
    pub sections: Vec<Section>,
    pub pool: ThreadPool,
}

/// The batches of each group, and the scenarios and layers that it simulates on one market.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    pub groups: Vec<GroupLayout>,
}

/// One group's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupLayout {
    pub paths: u64,
    /// Of each of its sections.
    pub batches: Vec<u64>,
    /// What the paths were chosen of; none where they are the first ones drawn.
    pub candidates: Option<u64>,
    pub members: Vec<usize>,
}

impl<'a> Work<'a> {
    /// Plans every scenario and layer of `runs` and fits each market once.
    ///
    /// Errors: every model that cannot be fitted, and every plan that cannot be made.
    pub fn prepare(
        programme: &Programme,
        runs: &'a [Run],
        book: &Book,
        market: &Market,
        threads: Option<usize>,
    ) -> Result<Work<'a>, Problems> {
        let pool = super::threads::pool(threads);
        let groups = pool.install(|| {
            let mut groups = prepare(programme, runs, book, market)?;
            screening::choose(&mut groups)?;
            Ok::<_, Problems>(groups)
        })?;
        let sections = groups.iter().enumerate().flat_map(|(at, group)| group.sections(at)).collect();
        Ok(Work { groups, sections, pool })
    }

    /// Has every account looked at on every day of every path.
    pub fn pass_over_nothing(&mut self) {
        for member in self.groups.iter_mut().flat_map(|g| &mut g.members) {
            member.plan.passes_over = false;
            member.plan.looks_ahead = false;
            member.plan.coupling = Coupling::EveryClose;
        }
    }

    /// What two processes must agree on to work on one run.
    pub fn layout(&self) -> Layout {
        let of = |(at, group): (usize, &Group<'_>)| GroupLayout {
            paths: group.paths(),
            batches: self.sections.iter().filter(|section| section.group == at).map(Section::batches).collect(),
            candidates: group.sample.as_ref().map(|sample| sample.candidates),
            members: group.members.iter().map(|m| m.index).collect(),
        };
        Layout { groups: self.groups.iter().enumerate().map(of).collect() }
    }

    /// How many batches there are in all groups.
    pub fn batches(&self) -> u64 {
        self.sections.iter().map(Section::batches).sum()
    }

    /// The batches of part `part` of `parts`, from 1: equal shares of account-steps, as far as whole batches go.
    ///
    /// Panics when `part` is none of 1 to `parts`.
    pub fn part(&self, part: u64, parts: u64) -> Range<u64> {
        assert!((1..=parts).contains(&part), "part {part} is one of {parts}");
        let steps: Vec<u128> = (0..self.batches()).map(|number| u128::from(self.steps_of(number))).collect();
        let all: u128 = steps.iter().sum();
        let first_of = |part: u64| {
            let (mut before, mut number) = (0_u128, 0);
            while number < steps.len() && before * u128::from(parts) < all * u128::from(part - 1) {
                before += steps[number];
                number += 1;
            }
            number as u64
        };
        first_of(part)..first_of(part + 1)
    }

    /// Account-steps of some batches.
    pub fn steps(&self, batches: Range<u64>) -> u64 {
        batches.map(|number| self.steps_of(number)).sum()
    }

    fn steps_of(&self, number: u64) -> u64 {
        let (at, batch) = self.place(number);
        let section = &self.sections[at];
        let of_path = self.groups[section.group].members.iter().map(|m| (m.plan.accounts.len() * m.plan.days) as u64).sum::<u64>();
        section.rows_of(batch).count() as u64 * of_path
    }

    /// The section of a batch, and its number there.
    pub fn place(&self, number: u64) -> (usize, u64) {
        let mut left = number;
        for (at, section) in self.sections.iter().enumerate() {
            let batches = section.batches();
            if left < batches {
                return (at, left);
            }
            left -= batches;
        }
        panic!("batch {number} is none of {}", self.batches());
    }

    /// The number of a section's first batch.
    pub fn first_of(&self, section: usize) -> u64 {
        self.sections[..section].iter().map(Section::batches).sum()
    }

    /// The group and the member of a run.
    ///
    /// Panics when it is none of the runs prepared.
    pub fn member_of(&self, run: usize) -> (&Group<'a>, &Member<'a>) {
        let mut members = self.groups.iter().flat_map(|group| group.members.iter().map(move |member| (group, member)));
        members.find(|(_, member)| member.index == run).expect("every run belongs to a group")
    }

    /// The group of a section.
    pub fn group_of(&self, section: usize) -> &Group<'a> {
        &self.groups[self.sections[section].group]
    }
}
