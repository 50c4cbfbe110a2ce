//! Writes a commented programme that runs.

use super::{interrupt, terminal};
use crate::cli::Init;
use crate::disk::whole::{self, Over};
use crate::inputs::programme;
use crate::problem::{Problems, exit};

pub fn execute(args: &Init) -> Result<i32, Problems> {
    let text = programme::template();
    if args.file.as_os_str() == "-" {
        terminal::say(text)?;
        return Ok(exit::DONE);
    }
    interrupt::listen();
    whole::folder_stands(&args.file)?;
    whole::write(&args.file, text.as_bytes(), if args.force { Over::AnyFile } else { Over::Nothing })?;
    let shown = args.file.display();
    terminal::say(&format!("programme: {shown}\nnext: levertide check {shown}\n"))?;
    Ok(exit::DONE)
}
