//! Bounds what a workbook may hold, and turns what a library says of a damaged one into a problem of the file.

use super::parquet::guarded_by;
use crate::problem::{Kind as Fault, Place, Problem};

/// The most cells of a sheet.
pub const CELLS_MOST: usize = 20_000_000;

/// The problem of a workbook beyond its bounds.
pub fn too_much(file: &str, what: String, why: &str) -> Problem {
    Problem::new(Fault::Data, Place::file(file), what, why, "save the sheet that is needed as CSV UTF-8, or split it by period")
}

/// Runs a reading step; an error or a panic of the library over damaged bytes is a problem of the file.
pub fn guarded<T>(file: &str, step: impl FnOnce() -> Result<T, String>) -> Result<T, Problem> {
    guarded_by(step).map_err(|said| {
        let said = said.lines().next().unwrap_or("").to_string();
        let (what, fix) = match said.to_lowercase().contains("password") {
            true => ("is protected by a password".to_string(), "save it without one"),
            false => (format!("is no whole workbook: {said}"), "open it in a spreadsheet and save it again"),
        };
        Problem::new(Fault::Data, Place::file(file), what, "the file is truncated, damaged or of another form", fix)
    })
}
