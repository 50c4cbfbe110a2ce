//! Keeps every word of the report in both languages.
