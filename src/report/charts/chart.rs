//! Holds one drawn chart.

/// One drawn chart.
#[derive(Clone, Debug)]
pub struct Chart {
    /// File stem, stable: `loss-distribution-base`.
    pub slug: String,
    pub title: String,
    /// What a reader who cannot see it is told.
    pub alt: String,
    /// The drawing with its text as text, without its title, for the PDF.
    pub svg_text: String,
    /// The same with its title and with text as outlines: looks the same on every machine.
    pub svg: String,
    pub png: Vec<u8>,
    /// What is told where a pointer rests on the drawing without its title.
    pub hover: Vec<Spot>,
}

/// A part of a drawing, and the value it shows.
#[derive(Clone, Debug)]
pub struct Spot {
    /// Left, top, right, bottom.
    pub edges: [f64; 4],
    pub says: String,
}
