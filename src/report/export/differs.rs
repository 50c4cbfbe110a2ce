//! Writes what differs between two programmes and their files as a table.

use super::frame::{self, column, text};
use crate::model::split::{Differs, What};
use polars::prelude::DataFrame;

/// A row for everything that differs.
pub fn table(all: &[Differs]) -> DataFrame {
    let kind = |d: &Differs| if matches!(d.what, What::File { .. }) { "file" } else { "key" };
    let said = |name: &str, second: bool| text(name, all.iter().map(|d| d.what.said(second).unwrap_or_default()));
    let rows = |name: &str, second: bool| {
        column(name, all.iter().map(|d| d.what.file(second).map(|file| file.rows)).collect::<Vec<Option<u64>>>())
    };
    let hashes = |name: &str, second: bool| {
        column(name, all.iter().map(|d| d.what.file(second).map(|file| file.sha256.clone())).collect::<Vec<Option<String>>>())
    };
    frame::table(vec![
        text("source", all.iter().map(|d| d.source.map_or("none", |source| source.name()))),
        text("kind", all.iter().map(kind)),
        text("name", all.iter().map(|d| d.what.name())),
        said("first", false),
        said("second", true),
        rows("first.rows", false),
        rows("second.rows", true),
        hashes("first.sha256", false),
        hashes("second.sha256", true),
    ])
}
