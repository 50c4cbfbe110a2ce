//! States what a page is made of: headings, paragraphs, lists, tables, charts; the template lays them out.

use crate::report::charts::Chart;
use crate::study::limits::Verdict;
use serde::Serialize;

/// One piece of a section, its words and numbers ready.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Block {
    Subheading {
        text: String,
    },
    Paragraph {
        text: String,
    },
    /// What whoever runs the program could ask for: left out of editions for readers.
    Hint {
        text: String,
    },
    List {
        items: Vec<String>,
    },
    Table(Table),
    Figure(Figure),
    /// What follows opens a page, unless it would anyway.
    NewPage,
}

impl Block {
    pub fn paragraph(text: impl Into<String>) -> Block {
        Block::Paragraph { text: text.into() }
    }

    pub fn subheading(text: impl Into<String>) -> Block {
        Block::Subheading { text: text.into() }
    }
}

/// A table with one line of heads.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Table {
    pub caption: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
    /// Stands small below the table.
    pub note: Option<String>,
    /// Short cells: the columns stand close together instead of across the page.
    pub narrow: bool,
    /// Rows with room to write by hand.
    pub tall: bool,
    /// Where its figures stand for machines; nothing where that is what its section says.
    #[serde(skip)]
    pub source: Option<Source>,
}

/// Where figures stand for machines: files of the report folder, and a key of `summary.json`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Source {
    pub files: &'static [&'static str],
    pub key: &'static str,
}

impl Source {
    pub const fn of(files: &'static [&'static str], key: &'static str) -> Source {
        Source { files, key }
    }
}

/// A column: its head, the unit below it, and how it is set.
#[derive(Clone, Debug, Serialize)]
pub struct Column {
    pub head: String,
    pub unit: String,
    pub align: &'static str,
    /// Share of the free width; 0 takes just what the column needs.
    pub share: u32,
    /// The measure of its figures in `summary.json`; nothing where they are no measures.
    #[serde(skip)]
    pub measure: Option<String>,
}

/// One cell; a tone other than plain is set in bold and in its colour.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Cell {
    pub text: String,
    pub tone: Tone,
    /// What the text says as numbers; nothing where it is words. Pages are set from the text alone.
    #[serde(skip)]
    pub number: Option<Number>,
}

/// A figure for whoever computes with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Number {
    /// Per cent as a fraction; money in the unit of its column's head, or in the one of `shown`. Nothing in a cell that tells ends alone.
    pub value: Option<f64>,
    pub std_error: Option<f64>,
    /// Ends of an interval, where the text tells them.
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub shown: Shown,
}

/// How a number is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shown {
    pub decimals: usize,
    pub percent: bool,
    pub before: String,
    pub after: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    #[default]
    Plain,
    Strong,
    Pass,
    Breach,
    Undecided,
    /// A hash or a key: set in a fixed pitch.
    Code,
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell { text, ..Cell::default() }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        text.to_string().into()
    }
}

impl Cell {
    pub fn toned(text: impl Into<String>, tone: Tone) -> Cell {
        Cell { text: text.into(), tone, number: None }
    }
}

impl From<Verdict> for Tone {
    fn from(verdict: Verdict) -> Tone {
        match verdict {
            Verdict::Pass => Tone::Pass,
            Verdict::Breach => Tone::Breach,
            Verdict::Undecided => Tone::Undecided,
        }
    }
}

/// A column of words that takes a share of the free width.
pub fn words(head: &str, share: u32) -> Column {
    Column { head: head.into(), unit: String::new(), align: "left", share, measure: None }
}

/// A column of figures as wide as it must be.
pub fn figures(head: &str, unit: impl Into<String>) -> Column {
    Column { head: head.into(), unit: unit.into(), align: "right", share: 0, measure: None }
}

/// A chart in its place.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    pub file: String,
    pub title: String,
    pub alt: String,
}

impl Figure {
    pub fn of(chart: &Chart) -> Figure {
        Figure { file: format!("charts/{}.svg", chart.slug), title: chart.title.clone(), alt: chart.alt.clone() }
    }
}
