//! States what a line of the register's file holds: what a report enters, or a finding closed by hand.

use crate::measures::{Flag, Unit};
use crate::study::watch::State;
use crate::units::Day;
use serde::{Deserialize, Serialize};

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Line {
    Report(Entry),
    Closed(Closing),
}

impl Line {
    pub fn report(&self) -> Option<&Entry> {
        match self {
            Line::Report(entry) => Some(entry),
            Line::Closed(_) => None,
        }
    }

    pub fn closed(&self) -> Option<&Closing> {
        match self {
            Line::Report(_) => None,
            Line::Closed(closing) => Some(closing),
        }
    }
}

/// What a report enters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub as_of: Day,
    pub programme: String,
    pub programme_hash: String,
    pub version: String,
    pub seed: u64,
    pub currency: String,
    pub watches: Vec<Watched>,
    /// Those open, and those this report closed.
    pub findings: Vec<Finding>,
    pub figures: Vec<Point>,
}

impl Entry {
    /// Whether two reports of a day tell the same figures, watches and findings.
    pub fn says_the_same(&self, other: &Entry) -> bool {
        (&self.watches, &self.findings, &self.figures) == (&other.watches, &other.findings, &other.figures)
    }
}

/// A watch as a report saw it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watched {
    pub name: String,
    pub amber: f64,
    pub red: f64,
    pub state: State,
}

/// A figure as a report gave it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    pub scenario: String,
    pub measure: String,
    pub unit: Unit,
    /// Absent where it is not defined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub std_error: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ci_low: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ci_high: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flag: Option<Flag>,
}

/// A finding closed by hand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    pub programme: String,
    pub number: u32,
    pub because: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A watch, by its name.
    Watch(String),
    /// A limit, by what it holds.
    Limit { scenario: String, measure: String, side: String },
}

/// Something amber or red, from the report that found it to the one that closes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    pub number: u32,
    pub subject: Subject,
    pub scenario: String,
    pub measure: String,
    pub unit: Unit,
    pub level: State,
    pub status: Status,
    /// The report that opened it.
    pub opened: Day,
    /// Reports in which it was amber or red.
    pub reports: u32,
    /// Reports in a row in which it was green since.
    pub green: u32,
    /// The figure in the last report that judged it; absent where it is not defined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// The furthest beyond its level, and when.
    pub worst: f64,
    pub worst_on: Day,
    /// Who is told.
    pub tell: Vec<String>,
}

/// What a report did to a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Opened,
    /// Amber before, red now.
    Worse,
    /// Red before, amber now.
    Better,
    /// At the same level as before.
    Persists,
    /// Green now, and not for long enough to be closed.
    Green,
    Closed,
    /// The report does not judge it.
    NotJudged,
}
