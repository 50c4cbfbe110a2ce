//! Writes a commented programme that runs.

use super::terminal;
use crate::cli::Init;
use crate::inputs::programme;
use crate::problem::{Kind, Place, Problem, Problems, exit};
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};

pub fn execute(args: &Init) -> Result<i32, Problems> {
    let text = programme::template();
    if args.file.as_os_str() == "-" {
        terminal::say(text)?;
        return Ok(exit::DONE);
    }
    let shown = args.file.display().to_string();
    let mut options = OpenOptions::new();
    options.write(true);
    // without --force the file must be new: create_new refuses to follow or replace anything
    let options = if args.force { options.create(true).truncate(true) } else { options.create_new(true) };
    let written = options.open(&args.file).and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
    match written {
        Ok(()) => {
            terminal::say(&format!("programme: {shown}\nnext: levertide check {shown}\n"))?;
            Ok(exit::DONE)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(Problem::new(
            Kind::Output,
            Place::file(shown),
            "exists already",
            "a programme is somebody's work and is not overwritten unasked",
            "name another file, or add --force",
        )
        .into()),
        Err(error) => Err(Problem::new(
            Kind::Output,
            Place::file(shown),
            format!("cannot be written: {error}"),
            "the programme is written where you name it",
            "name a file in a folder that exists and that you may write to",
        )
        .into()),
    }
}
