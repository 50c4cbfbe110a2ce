//! Does nothing: a verb of the tests, which shows that a further one is a file and a line.

use super::command::Command;
use crate::problem::{Problems, exit};
use clap::Args;

/// Do nothing
#[derive(Debug, Args)]
pub struct Example {
    /// How many times
    #[arg(long, default_value_t = 1)]
    pub times: u32,
}

impl Command for Example {
    fn execute(&self) -> Result<i32, Problems> {
        Ok(exit::DONE)
    }
}
