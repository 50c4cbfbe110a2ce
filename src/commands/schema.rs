//! Prints the JSON Schema of a programme, so that editors complete and underline.

use super::terminal;
use crate::inputs::programme;
use crate::problem::{Problems, exit};

pub fn execute() -> Result<i32, Problems> {
    terminal::say(programme::schema().trim_end())?;
    terminal::say("\n")?;
    Ok(exit::DONE)
}
