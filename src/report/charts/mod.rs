//! Draws charts from facts: once by plotters as SVG, then to PNG.

use crate::model::case::Language;
use crate::report::facts::Facts;

/// One drawn chart.
#[derive(Clone, Debug)]
pub struct Chart {
    /// File stem, stable: `loss-distribution-base`.
    pub slug: String,
    pub title: String,
    /// What a reader who cannot see it is told.
    pub alt: String,
    /// The drawing with its text as text, for the PDF.
    pub svg_text: String,
    /// The same with text as outlines: looks the same on every machine.
    pub svg: String,
    pub png: Vec<u8>,
}

/// Draws every chart of the report, in order.
pub fn draw(_facts: &Facts<'_>, _language: Language) -> Vec<Chart> {
    todo!()
}
