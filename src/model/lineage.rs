//! Records where the data came from and what had to be said about it.

use serde::{Deserialize, Serialize};

/// One input file as read; `rows = used + rejected + passed_over`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputFile {
    /// "prices", "accounts", …
    pub role: String,
    /// As the programme wrote it.
    pub path: String,
    pub sha256: String,
    pub bytes: u64,
    pub rows: u64,
    pub used: u64,
    pub rejected: u64,
    /// Rows that are none: without any value, repeated headers, totals, lots that a summary row adds up.
    pub passed_over: u64,
}

impl InputFile {
    /// Whether figures rest on it: earlier reports change what a report says, and no path.
    pub fn moves_figures(&self) -> bool {
        !matches!(self.role.as_str(), "previous" | "register")
    }
}

/// A sentence for the reader, in both languages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Note {
    pub en: String,
    pub zh: String,
}

impl Note {
    pub fn new(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Note { en: en.into(), zh: zh.into() }
    }
}
