//! Adds up what the paths of a batch came to, with the check that each of them balances.

pub mod batch;
pub mod code;
pub mod held;
pub mod strata;
pub mod tree;
pub mod untouched;
