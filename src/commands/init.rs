//! Writes a commented programme that runs.

use super::command::Command;
use super::{interrupt, terminal};
use crate::disk::whole::{self, Over};
use crate::inputs::programme;
use crate::problem::{Problems, exit};
use clap::Args;
use std::path::PathBuf;

/// Write a commented programme that runs
#[derive(Debug, Args)]
pub struct Init {
    /// Where to write the programme; `-` prints it
    #[arg(default_value = "programme.toml")]
    pub file: PathBuf,
    /// Replace an existing file
    #[arg(long)]
    pub force: bool,
}

impl Command for Init {
    fn execute(&self) -> Result<i32, Problems> {
        let text = programme::template();
        if self.file.as_os_str() == "-" {
            terminal::say(text)?;
            return Ok(exit::DONE);
        }
        interrupt::listen();
        whole::folder_stands(&self.file)?;
        whole::write(&self.file, text.as_bytes(), if self.force { Over::AnyFile } else { Over::Nothing })?;
        let shown = self.file.display();
        terminal::say(&format!("programme: {shown}\nnext: levertide check {shown}\n"))?;
        Ok(exit::DONE)
    }

    fn starts_threads(&self) -> bool {
        false
    }
}
