//! Works across several runs: limits, regression gates, comparisons.

pub mod compare;
pub mod limits;
pub mod regress;
