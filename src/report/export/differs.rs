//! Writes what differs between two programmes and their files as a table.

use super::frame::{self, column, text};
use crate::model::split::{Differs, What};
use polars::prelude::DataFrame;

/// A row for everything that differs.
pub fn table(all: &[Differs]) -> DataFrame {
    let file = |differs: &'_ Differs, second: bool| match &differs.what {
        What::File { first, second: other, .. } => {
            if second {
                other.clone()
            } else {
                first.clone()
            }
        }
        What::Key { .. } => None,
    };
    let said = |differs: &Differs, second: bool| match &differs.what {
        What::Key { first, second: other, .. } => if second { other.clone() } else { first.clone() }.unwrap_or_default(),
        What::File { .. } => file(differs, second).map_or(String::new(), |file| file.path),
    };
    let is_file = |differs: &Differs| matches!(differs.what, What::File { .. });
    let texts = |name: &str, values: Vec<String>| text(name, values.iter().map(String::as_str));
    let rows = |second: bool| all.iter().map(|d| file(d, second).map(|file| file.rows)).collect::<Vec<Option<u64>>>();
    let hashes = |second: bool| all.iter().map(|d| file(d, second).map(|file| file.sha256)).collect::<Vec<Option<String>>>();
    frame::table(vec![
        text("source", all.iter().map(|d| d.source.map_or("none", |source| source.name()))),
        text("kind", all.iter().map(|d| if is_file(d) { "file" } else { "key" })),
        text("name", all.iter().map(|d| d.what.name())),
        texts("first", all.iter().map(|d| said(d, false)).collect()),
        texts("second", all.iter().map(|d| said(d, true)).collect()),
        column("first.rows", rows(false)),
        column("second.rows", rows(true)),
        column("first.sha256", hashes(false)),
        column("second.sha256", hashes(true)),
    ])
}
