//! Sets the report as PDF/A-3a and PDF/UA-1 with typst.

use super::charts::Chart;
use super::facts::Facts;
use crate::model::case::Language;
use crate::problem::Problems;

/// What the document needs beside the facts.
pub struct Edition<'a> {
    pub language: Language,
    /// `summary.json`, attached to the PDF.
    pub summary_json: &'a [u8],
    /// Folder with further fonts, for characters the embedded ones lack.
    pub font_dir: Option<&'a std::path::Path>,
}

/// The PDF's bytes; the same for the same facts.
pub fn pdf(_facts: &Facts<'_>, _charts: &[Chart], _edition: &Edition<'_>) -> Result<Vec<u8>, Problems> {
    todo!()
}
