//! Simulates one part of a programme's paths, for `merge` to join with the others.

use super::command::Command;
use super::flags::{Changes, Drive, Voice};
use super::parts::head::{Head, KIND};
use super::parts::piece::{Part, PartWriter};
use super::progress::Progress;
use super::simulation::Simulation;
use super::{fit_cache, interrupt, pipeline, terminal};
use crate::disk::sealed;
use crate::disk::shelf::Shelf;
use crate::engine::{self, Piece, Store};
use crate::problem::{Kind, Place, Problem, Problems, visible};
use crate::study::{model_risk, rounds};
use clap::Args;
use std::path::PathBuf;

/// Simulate one part of a programme's paths, for example on one of many machines
#[derive(Debug, Args)]
pub struct Shard {
    /// The programme, a TOML file
    pub programme: PathBuf,
    /// The part and the number of parts, for example 3/16
    #[arg(long, value_name = "I/N", value_parser = part)]
    pub part: (u64, u64),
    /// The file to write, or an address of object storage (s3://bucket/part-3); an earlier part there is replaced
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    #[command(flatten)]
    pub changes: Changes,
    #[command(flatten)]
    pub drive: Drive,
    #[command(flatten)]
    pub voice: Voice,
}

/// The largest number of parts.
const MOST_PARTS: u64 = 1 << 20;

fn part(text: &str) -> Result<(u64, u64), String> {
    let number = |text: &str| text.trim().parse::<u64>().ok();
    match text.split_once('/').map(|(part, parts)| (number(part), number(parts))) {
        Some((Some(part), Some(parts))) if part >= 1 && part <= parts && parts <= MOST_PARTS => Ok((part, parts)),
        _ => Err(format!("a part from 1 and their number, at most {MOST_PARTS}, are needed, for example 3/16")),
    }
}

/// A part that is being written, whose end alone puts it in its place.
struct Whole(PartWriter);

impl Store for Whole {
    fn put(&mut self, piece: Piece, bytes: &[u8]) -> Result<(), Problems> {
        self.0.put(piece, bytes)
    }
}

impl Command for Shard {
    fn execute(&self) -> Result<i32, Problems> {
        interrupt::listen();
        let mut loaded = pipeline::load(&self.programme, &self.changes)?;
        if rounds::asked(&loaded.programme).is_some() {
            let place = Place::file(self.programme.display().to_string()).field("simulation.until");
            let what = "a run that goes on until its figures are exact";
            let why = "a part is cut from a known number of paths, and this programme finds its own as it runs";
            let fix = "name the number with --paths, for example the one that an earlier report needed";
            return Err(Problem::new(Kind::Programme, place, what, why, fix).into());
        }
        let recall = fit_cache::open(&self.drive.recall, &mut loaded);
        sealed::check(&self.out, KIND)?;
        let simulated = model_risk::extended(&loaded.programme);
        let runs = engine::runs(&simulated);
        let (number, of) = self.part;
        let share = (engine::account_steps(&simulated, &loaded.inputs.book) as f64 / of as f64) as u64;
        let progress = Progress::start(&self.voice, &format!("{} {number}/{of}", loaded.programme.name), share);
        let simulation = Simulation::prepare(&loaded, &simulated, &runs, &self.drive, &progress)?;
        let batches = simulation.batches_of(number, of);
        let (first, end) = (batches.start, batches.end);
        let head = Head { part: Some(self.part), first, ..Head::new(simulation.identity(), &self.programme, &self.changes) };
        let name = visible::line(&self.out.display().to_string()).into_owned();
        // a part that stands there already is the same to the byte
        if Part::open(&self.out, &mut Shelf::default()).is_ok_and(|part| part.sealed.head == head) {
            if !self.voice.quiet {
                terminal::note(&format!("part {number} of {of} stands in {name} already"));
            }
            return Ok(0);
        }
        let mut store = Whole(PartWriter::create(&self.out, &head)?);
        simulation.part(batches, &mut store)?;
        interrupt::check()?;
        progress.finish();
        recall.tell(&self.voice);
        let digest = store.0.end(end)?;
        if !self.voice.quiet {
            terminal::note(&format!("part {number} of {of}: {} batches, sha256 {digest}, in {name}", end - first));
        }
        Ok(0)
    }

    fn voice(&self) -> Option<&Voice> {
        Some(&self.voice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_one_of_those_there_are() {
        assert_eq!(part("3/16"), Ok((3, 16)));
        for text in ["0/4", "5/4", "1", "1/0", "a/b", "-1/4", "1/2000000", ""] {
            assert!(part(text).is_err(), "{text}");
        }
    }
}
