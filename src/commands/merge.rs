//! Joins the parts that `shard` wrote to the report that one run of the programme would have written.

use super::command::Command;
use super::delivery::Delivery;
use super::flags::{Drive, Lang, ReportFolder, Voice};
use super::parts::head::Head;
use super::parts::piece::{self, Part};
use super::simulation::Simulation;
use super::{pipeline, terminal};
use crate::disk::address;
use crate::disk::sealed::Unsound;
use crate::disk::shelf::Shelf;
use crate::engine;
use crate::problem::{Kind, Place, Problem, Problems, exit};
use crate::report::folder::Input;
use clap::Args;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Join the parts written by shard, and write the report folder
#[derive(Debug, Args)]
pub struct Merge {
    /// The parts, in any order; a part given twice counts once. An address of object storage that ends in / stands for the parts below it
    #[arg(required = true, value_name = "PART")]
    pub parts: Vec<PathBuf>,
    /// Only list the missing parts, one a line; exit code 1 if there are any
    #[arg(long)]
    pub missing: bool,
    /// The programme, if it is not at the path where the parts were made
    #[arg(long, value_name = "FILE")]
    pub programme: Option<PathBuf>,
    #[command(flatten)]
    pub folder: ReportFolder,
    /// Language of the report
    #[arg(long, value_enum)]
    pub lang: Option<Lang>,
    #[command(flatten)]
    pub drive: Drive,
    #[command(flatten)]
    pub voice: Voice,
}

impl Command for Merge {
    fn execute(&self) -> Result<i32, Problems> {
        if self.missing {
            return self.tell_missing();
        }
        let mut shelf = Shelf::default();
        let parts = self.whole(&mut shelf)?;
        let head = parts[0].sealed.head.clone();
        let programme = self.programme.clone().unwrap_or_else(|| head.programme.clone());
        let kept = parts.iter().map(|part| Input::new("a part", &part.path)).collect();
        let delivery = Delivery::prepare(&programme, &self.folder, head.changed.overrides(self.lang), &self.drive, kept)?;
        let progress = pipeline::progress_of(&delivery.loaded, &delivery.simulated, &self.voice);
        let runs = engine::runs(&delivery.simulated);
        let simulation = Simulation::prepare(&delivery.loaded, &delivery.simulated, &runs, &self.drive, &progress)?;
        if let Some(difference) = simulation.identity().difference(&head.identity) {
            let why = "a report is made of parts of the same programme, data and version alone";
            let fix = "give the programme and data that the parts were made of, or make the parts again";
            return Err(Problem::new(Kind::Data, parts[0].place(), format!("was made of {difference}"), why, fix).into());
        }
        let mut spool = delivery.spool()?;
        let simulated = simulation.merged(&mut spool, &parts)?;
        drop(simulation);
        delivery.deliver((simulated, Vec::new()), spool, &progress, &self.voice)
    }

    fn voice(&self) -> Option<&Voice> {
        Some(&self.voice)
    }
}

/// The parts that stand, by number; and how many there are to be.
type Standing = (BTreeMap<u64, Part>, u64);

/// Parts of one run, each with its number.
type Numbered = Vec<(u64, Part)>;

impl Merge {
    /// Prints the number of every part that is absent, or spoilt.
    fn tell_missing(&self) -> Result<i32, Problems> {
        let (parts, problems) = self.sound(&mut Shelf::default());
        let ((standing, of), more) = fitting(parts);
        let problems: Vec<Problem> = problems.into_iter().chain(more).collect();
        if standing.is_empty() {
            // how many there are to be is said by a part
            let mut none = Problems::new();
            problems.into_iter().for_each(|problem| none.push(problem));
            return none.into_result(exit::DONE);
        }
        problems.iter().for_each(|problem| terminal::note(&problem.to_string()));
        let missing = missing(&standing, of);
        if !missing.is_empty() {
            terminal::say(&format!("{}\n", missing.join("\n")))?;
        }
        Ok(if missing.is_empty() { exit::DONE } else { exit::BREACH })
    }

    /// Every part in order.
    ///
    /// Errors: parts that are spoilt, of something else, or absent.
    fn whole(&self, shelf: &mut Shelf) -> Result<Vec<Part>, Problems> {
        let (parts, found) = self.sound(shelf);
        let ((standing, of), more) = fitting(parts);
        let mut problems = Problems::new();
        found.into_iter().chain(more).for_each(|problem| problems.push(problem));
        let missing = missing(&standing, of);
        if !missing.is_empty() {
            let shown = missing.iter().take(10).map(String::as_str).collect::<Vec<_>>().join(", ");
            let more = if missing.len() > 10 { format!(" and {} more", missing.len() - 10) } else { String::new() };
            let what = format!("{} of {of} parts absent: {shown}{more}", missing.len());
            let why = "a report is made of all its paths";
            let fix = "make them with `levertide shard PROGRAMME --part I/N`; `merge --missing` lists them all";
            problems.push(Problem::new(Kind::Data, parts_place(&standing), what, why, fix));
        }
        problems.into_result(standing.into_values().collect())
    }

    /// Every part whose seal is whole, and what is wrong with the others.
    fn sound(&self, shelf: &mut Shelf) -> (Vec<Part>, Vec<Problem>) {
        let (mut parts, mut problems) = (Vec::new(), Vec::new());
        for named in &self.parts {
            let (paths, listed) = match shelf.below(named) {
                Ok(Some(below)) => (below, true),
                Ok(None) => (vec![named.clone()], false),
                Err(error) => {
                    problems.push(address::problem(Kind::Data, named, "cannot be listed", &error));
                    continue;
                }
            };
            let before = parts.len() + problems.len();
            for path in paths {
                match Part::open(&path, shelf) {
                    Ok(part) => parts.push(part),
                    // what lies beside parts was not named
                    Err(Unsound::OtherKind) if listed => {}
                    Err(unsound) => problems.push(piece::problem(&path, &unsound)),
                }
            }
            if listed && parts.len() + problems.len() == before {
                let place = Place::file(named.display().to_string());
                let why = "an address that ends in `/` stands for the parts right below it";
                problems.push(Problem::new(Kind::Data, place, "no part lies below it", why, "mend the address, or name the parts"));
            }
        }
        (parts, problems)
    }
}

/// The parts that are not there, as `shard` names them.
fn missing(standing: &BTreeMap<u64, Part>, of: u64) -> Vec<String> {
    (1..=of).filter(|n| !standing.contains_key(n)).map(|n| format!("{n}/{of}")).collect()
}

fn parts_place(standing: &BTreeMap<u64, Part>) -> Place {
    standing.values().next().map(|part| part.place()).unwrap_or_default()
}

/// The parts of one run by number, and what is wrong with those that are of another: the run that most of them are of, the first named of
/// two that have as many.
fn fitting(parts: Vec<Part>) -> (Standing, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut runs: Vec<(Head, u64, Numbered)> = Vec::new();
    for part in parts {
        let head = &part.sealed.head;
        let Some((number, of)) = head.part else {
            let why = "it belongs to one run, which goes on from it";
            problems.push(Problem::new(Kind::Data, part.place(), "is a part of a checkpoint", why, "name files that `shard` wrote"));
            continue;
        };
        match runs.iter_mut().find(|(leader, parts, _)| *parts == of && leader.identity.difference(&head.identity).is_none()) {
            Some((_, _, own)) => own.push((number, part)),
            None => runs.push((head.clone(), of, vec![(number, part)])),
        }
    }
    let most = runs.iter().map(|(_, _, own)| own.len()).max();
    let Some(at) = runs.iter().position(|(_, _, own)| Some(own.len()) == most) else { return ((BTreeMap::new(), 0), problems) };
    let (leader, of, own) = runs.remove(at);
    for part in runs.into_iter().flat_map(|(_, _, others)| others).map(|(_, part)| part) {
        let other = &part.sealed.head;
        let cut = || format!("a cut into {} parts, most of the others of {of}", other.part.map_or(0, |(_, parts)| parts));
        let what = format!("was made of {}", leader.identity.difference(&other.identity).unwrap_or_else(cut));
        let why = "parts of one programme, data, version and cut are joined";
        problems.push(Problem::new(Kind::Data, part.place(), what, why, "leave it out, or make it again"));
    }
    // the same part made twice is the same to the byte
    ((own.into_iter().collect(), of), problems)
}
