//! Prints the completion script of a shell.

use super::command::Command;
use super::terminal;
use crate::problem::{Problems, exit};
use clap::{Args, CommandFactory};
use std::marker::PhantomData;

/// Print the completion script of a shell
#[derive(Debug, Args)]
pub struct Completions<C> {
    pub shell: clap_complete::Shell,
    /// The command line that is completed.
    #[arg(skip)]
    of: PhantomData<C>,
}

impl<C: CommandFactory> Command for Completions<C> {
    fn execute(&self) -> Result<i32, Problems> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut C::command(), "levertide", &mut script);
        terminal::say(&String::from_utf8_lossy(&script))?;
        Ok(exit::DONE)
    }

    fn starts_threads(&self) -> bool {
        false
    }
}
