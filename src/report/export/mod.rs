//! Writes the machine-readable files of a report: JSON, Parquet, CSV; a file per format.

pub mod accounts;
pub mod baseline;
pub mod differs;
pub mod drawings;
#[cfg(test)]
pub mod example;
pub mod exceedance;
pub mod firm;
pub mod frame;
pub mod html;
pub mod in_order;
pub mod ledger;
pub mod manifest;
pub mod parquet;
pub mod paths;
pub mod pdf;
pub mod programme;
pub mod register;
pub mod reverse;
pub mod summary;
pub mod symbols;
pub mod tables;
pub mod units;
pub mod workbook;

use super::charts::Chart;
use super::facts::Facts;
use super::folder::Claim;
use crate::engine::outcome::Outcome;
use crate::model::book::Book;
use crate::model::case::Cut;
use crate::model::history::Market;
use crate::problem::Problems;

/// A path to audit, while its scenario's paths are at hand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Audited {
    pub role: &'static str,
    pub path: u64,
    /// What it lost when it was simulated among the others.
    pub pool_loss: f64,
}

/// What the exporters of data may read: accounts and symbols. No exporter computes a figure of its own.
pub struct Simulated<'a> {
    pub facts: &'a Facts<'a>,
    pub book: &'a Book,
    pub market: &'a Market,
    /// In the order of the facts' scenarios; their rows by path are written and gone.
    pub outcomes: &'a [Outcome],
    /// How many threads may write.
    pub threads: usize,
}

/// What all other exporters may read: the facts and what was drawn and set from them.
pub struct Results<'a> {
    pub facts: &'a Facts<'a>,
    pub charts: &'a [Chart],
    /// `summary.json`, composed once: the document carries it too.
    pub summary_json: &'a [u8],
    pub pdf: &'a [u8],
    /// The editions that the programme asks for.
    pub editions: &'a [(Cut, Vec<u8>)],
}

/// What an export declares of itself: one row per file, or per folder of files.
pub struct Export {
    pub name: &'static str,
    pub write: fn(&Results<'_>, &mut Claim) -> Result<(), Problems>,
}

/// The same for the exports of data.
pub struct DataExport {
    pub name: &'static str,
    pub write: fn(&Simulated<'_>, &mut Claim) -> Result<(), Problems>,
}

/// The exports that read outcomes: written first, so that these need not be held while the document is set. `paths.parquet`
/// is written before them (`paths::write`), each scenario when it is measured, for that is how long its paths are held;
/// `ledger.parquet` beside all others (`ledger::write`).
pub const DATA_EXPORTS: &[DataExport] = &[accounts::EXPORT, symbols::EXPORT];

/// Every other export but the manifest, which lists them all and comes last.
pub const EXPORTS: &[Export] = &[
    summary::EXPORT,
    programme::EXPORT,
    pdf::EXPORT,
    html::EXPORT,
    tables::EXPORT,
    exceedance::EXPORT,
    workbook::EXPORT,
    firm::EXPORT,
    drawings::EXPORT,
    #[cfg(test)]
    example::EXPORT,
];
