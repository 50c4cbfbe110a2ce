//! Holds what is told of a change that was split: the two sides, and every measure at every step.

use crate::measures::Estimate;
use crate::study::split::{Aside, Results, Side};

/// What is said of one of the two.
#[derive(Clone, Debug)]
pub struct Told {
    /// The name of its folder, or of its file.
    pub label: String,
    pub programme: String,
    pub as_of: String,
    pub seed: u64,
    pub paths: u64,
    pub horizon_days: u32,
    /// The version that made the report; nothing of a programme.
    pub version: Option<String>,
    pub programme_hash: String,
    /// The programme with every default filled in.
    pub resolved: String,
    /// Why its stored figures are left aside.
    pub aside: Option<Aside>,
}

/// A change that was split, and what it is of.
pub struct Compared<'a> {
    pub first: &'a Told,
    pub second: &'a Told,
    pub scenario: &'a str,
    /// What a Chinese report calls the scenario.
    pub scenario_zh: &'a str,
    pub results: &'a Results,
    /// Of each line every measure.
    pub estimates: Vec<Vec<Option<Estimate>>>,
}

impl<'a> Compared<'a> {
    pub fn of([first, second]: [&'a Told; 2], [scenario, scenario_zh]: [&'a str; 2], results: &'a Results) -> Compared<'a> {
        let estimates = results.rows.iter().map(|row| row.figures.clone()).collect();
        Compared { first, second, scenario, scenario_zh, results, estimates }
    }

    pub fn side(&self, side: Side) -> &'a Told {
        match side {
            Side::First => self.first,
            Side::Second => self.second,
        }
    }
}
