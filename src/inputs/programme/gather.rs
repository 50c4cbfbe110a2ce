//! Gathers problems of a case at the keys they concern, with the bounds that many keys share.

use super::locate::View;
use super::typed::{list, nearest_fix};
use crate::model::case::BASE;
use crate::model::part::{Bounds, Unit};
use crate::problem::Problems;
use crate::units::Ratio;

/// Sessions of one path: four years; beyond it a book does not keep its composition.
pub const HORIZON_DAYS: u32 = 1000;
/// Paths of one scenario.
pub const PATHS: u64 = 1_000_000_000;

/// Gathers problems at the keys they concern.
pub struct Check<'c, 't, 'i> {
    pub view: &'c View<'t, 'i>,
    pub problems: &'c mut Problems,
    /// What stands above the keys that are checked; nothing at the programme's top.
    pub above: Vec<&'c str>,
}

impl Check<'_, '_, '_> {
    /// Records a problem of `paths` unless `holds` or one of them was already found faulty; it stands at the first of them that the scenario itself wrote.
    pub fn require(&mut self, holds: bool, paths: &[&[&str]], what: impl FnOnce() -> String, why: &str, fix: &str) {
        if holds {
            return;
        }
        let full: Vec<Vec<&str>> = paths.iter().map(|path| [&self.above[..], path].concat()).collect();
        let paths: Vec<&[&str]> = full.iter().map(Vec::as_slice).collect();
        if !paths.iter().any(|path| self.view.dropped(path)) {
            self.problems.push(self.view.problem(&paths, what(), why, fix));
        }
    }

    /// The name of a scenario of the programme, the base among them, which a key left out stands for.
    pub fn scenario(&mut self, path: &[&str], name: &str, scenarios: &[&str]) {
        let names: Vec<String> = std::iter::once(BASE).chain(scenarios.iter().copied()).map(String::from).collect();
        let fix = nearest_fix(name, &names, "name one of them, or leave the key out for the base");
        let why = format!("the scenarios are {}", list(&names));
        self.require(names.iter().any(|own| own == name), &[path], || format!("no scenario \"{name}\""), &why, &fix);
    }

    /// A share or probability: 0 to 100 %.
    pub fn share(&mut self, path: &[&str], share: Ratio) {
        let holds = (0.0..=1.0).contains(&share.get());
        self.require(holds, &[path], || found(share), "a share or probability lies within 0% and 100%", "write 0% to 100%");
    }

    /// A cost as a share of proceeds: 0 to below 100 %.
    pub fn cost(&mut self, path: &[&str], cost: Ratio) {
        let holds = (0.0..1.0).contains(&cost.get());
        self.require(holds, &[path], || found(cost), "a cost is at least 0% and below 100% of the proceeds", "write 0% to 99%");
    }

    pub fn confidence(&mut self, path: &[&str], confidence: Ratio) {
        let holds = confidence.get() > 0.5 && confidence.get() < 1.0;
        let why = "a confidence level lies between 50% and 100%, both excluded";
        self.require(holds, &[path], || found(confidence), why, "write for example \"95%\"");
    }

    /// A line on the maintenance ratio, of a size that can be meant.
    pub fn line(&mut self, path: &[&str], line: Option<Ratio>) {
        let Some(line) = line else { return };
        let holds = Bounds::LINE.holds(line.get());
        let why = format!("a line on the maintenance ratio is {}", Bounds::LINE.words(Unit::Line));
        self.require(holds, &[path], || format!("{}, is this per cent?", found(line)), &why, "write it as \"130%\" or 1.3");
    }

    pub fn number(&mut self, path: &[&str], value: f64, range: (f64, f64), why: &str) {
        let holds = value >= range.0 && value <= range.1;
        self.require(holds, &[path], || format!("found {value}"), why, &format!("write a number from {} to {}", range.0, range.1));
    }
}

pub fn found(ratio: Ratio) -> String {
    format!("found {ratio}")
}
