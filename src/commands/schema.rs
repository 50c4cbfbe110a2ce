//! Prints the JSON Schema of a programme, so that editors complete and underline.

use super::command::Command;
use super::terminal;
use crate::inputs::programme;
use crate::problem::{Problems, exit};
use clap::Args;

/// Print the JSON Schema of a programme
#[derive(Debug, Args)]
pub struct Schema;

impl Command for Schema {
    fn execute(&self) -> Result<i32, Problems> {
        terminal::say(programme::schema().trim_end())?;
        terminal::say("\n")?;
        Ok(exit::DONE)
    }

    fn starts_threads(&self) -> bool {
        false
    }
}
