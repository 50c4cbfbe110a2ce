//! Holds one rule of a case in words.

/// One rule: its name, and what is in force.
pub type Rule = (String, String);
