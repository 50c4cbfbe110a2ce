//! States what a table of rules declares beside its parameters: a control of the platform, a behaviour of clients.
//!
//! It is no choice among several: it is in force where it is written.

use super::{Part, Words};

/// A table of rules.
pub trait Rule: Part {
    /// What the report calls it.
    const TITLE: Words;

    /// Whether its values do anything.
    fn acts(&self) -> bool {
        true
    }

    /// Which of the declared sentences are said of these values, in order.
    fn said(&self) -> Vec<usize> {
        vec![self.sentence()]
    }

    /// What must be said of it without a source behind it; `depths` where the depth of any symbol's quotes is known.
    fn assumed(&self, _depths: bool) -> Option<Words> {
        None
    }
}
