//! Holds the paths that a user gives, as they were read.

/// The paths of one file, as the reader found them complete: `[path][day][symbol]`, symbols in order of their names.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct GivenPaths {
    /// As the programme names it.
    pub file: String,
    pub symbols: Vec<String>,
    pub days: usize,
    pub paths: usize,
    pub simple_return: Vec<f64>,
    /// `history::flag` bits.
    pub state: Vec<u8>,
    /// Relative to an average session; empty where the file gives none.
    pub volume: Vec<f32>,
}
