//! Simulates every scenario of a programme and writes the report folder.

use super::command::Command;
use super::delivery::Delivery;
use super::flags::{Changes, Drive, ReportFolder, Voice};
use super::parts::checkpoint::Checkpoint;
use super::parts::head::Head;
use super::reverse::Questions;
use super::simulation::Simulation;
use super::{pipeline, terminal};
use crate::engine;
use crate::problem::Problems;
use crate::report::folder::Input;
use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

/// Simulate every scenario of a programme and write the report folder
#[derive(Debug, Args)]
pub struct Run {
    /// The programme, a TOML file
    pub programme: PathBuf,
    #[command(flatten)]
    pub folder: ReportFolder,
    /// Keep checkpoints of finished paths in this folder; the same command resumes from them after it was stopped
    #[arg(long, value_name = "DIR")]
    pub checkpoint: Option<PathBuf>,
    /// Interval of the checkpoints; 0 for one after every batch of paths
    #[arg(long, value_name = "SECONDS", default_value_t = 60, requires = "checkpoint")]
    pub checkpoint_every: u32,
    /// Answer the reverse stress tests of the programme too, in a section of the report
    #[arg(long)]
    pub reverse: bool,
    #[command(flatten)]
    pub changes: Changes,
    #[command(flatten)]
    pub drive: Drive,
    #[command(flatten)]
    pub voice: Voice,
}

impl Command for Run {
    fn execute(&self) -> Result<i32, Problems> {
        let kept = self.checkpoint.iter().map(|folder| Input::new("--checkpoint", folder)).collect();
        let mut delivery = Delivery::prepare(&self.programme, &self.folder, self.changes.overrides(), &self.drive, kept)?;
        let questions = match self.reverse {
            true => Some(Questions::prepare(&self.programme, &delivery.loaded.programme, self.changes.overrides(), (&[], None))?),
            false => None,
        };
        let progress = pipeline::progress_of(&delivery.loaded, &delivery.simulated, &self.voice);
        let mut spool = delivery.spool()?;
        let runs = engine::runs(&delivery.simulated);
        let simulation = Simulation::prepare(&delivery.loaded, &delivery.simulated, &runs, &self.drive, &progress)?;
        let mut checkpoint = None;
        let simulated = match &self.checkpoint {
            None => simulation.whole(&mut spool)?,
            Some(folder) => {
                let head = Head::new(simulation.identity(), &self.programme, &self.changes);
                let (open, mut found) = Checkpoint::open(folder, head, Duration::from_secs(self.checkpoint_every.into()))?;
                let simulated = simulation.from_checkpoint(&mut spool, checkpoint.insert(open), &mut found)?;
                found.notes.iter().for_each(|note| terminal::note(&format!("note: {note}")));
                simulated
            }
        };
        let answers = match &questions {
            Some(questions) => questions.answer(&mut delivery.loaded, &self.drive, &self.voice)?,
            None => Vec::new(),
        };
        let code = delivery.deliver((simulated, answers), spool, &progress, &self.voice)?;
        // the report stands: nothing has to be gone on from any more
        if let Some(checkpoint) = checkpoint {
            checkpoint.clear();
        }
        Ok(code)
    }

    fn voice(&self) -> Option<&Voice> {
        Some(&self.voice)
    }
}
