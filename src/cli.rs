//! Holds what was typed, nothing more.
