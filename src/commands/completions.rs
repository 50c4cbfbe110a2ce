//! Prints the completion script of a shell.

use super::terminal;
use crate::cli::{Cli, Completions};
use crate::problem::{Problems, exit};
use clap::CommandFactory;

pub fn execute(args: &Completions) -> Result<i32, Problems> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "levertide", &mut script);
    terminal::say(&String::from_utf8_lossy(&script))?;
    Ok(exit::DONE)
}
