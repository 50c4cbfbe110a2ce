//! Prepares all that a programme simulates, numbers its batches, and cuts them into parts for several processes.
//!
//! Batches are numbered through all groups, those of the first group first. The cut into batches and parts depends on the programme
//! alone; no figure depends on the cut into parts.

use super::group::{Group, Run, prepare};
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
    pub batches: u64,
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
        let groups = pool.install(|| prepare(programme, runs, book, market))?;
        Ok(Work { groups, pool })
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
        let of = |group: &Group<'_>| GroupLayout {
            paths: group.paths(),
            batches: group.batches(),
            members: group.members.iter().map(|m| m.index).collect(),
        };
        Layout { groups: self.groups.iter().map(of).collect() }
    }

    /// How many batches there are in all groups.
    pub fn batches(&self) -> u64 {
        self.groups.iter().map(Group::batches).sum()
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
        let (group, batch) = self.place(number);
        let group = &self.groups[group];
        let of_path = group.members.iter().map(|m| (m.plan.accounts.len() * m.plan.days) as u64).sum::<u64>();
        group.paths_of(batch).count() as u64 * of_path
    }

    /// The group of a batch, and its number there.
    pub fn place(&self, number: u64) -> (usize, u64) {
        let mut left = number;
        for (at, group) in self.groups.iter().enumerate() {
            let batches = group.batches();
            if left < batches {
                return (at, left);
            }
            left -= batches;
        }
        panic!("batch {number} is none of {}", self.batches());
    }

    /// The number of a group's first batch.
    pub fn first_of(&self, group: usize) -> u64 {
        self.groups[..group].iter().map(Group::batches).sum()
    }
}
