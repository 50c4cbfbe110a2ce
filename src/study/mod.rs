//! Works across several runs: limits, regression gates, comparisons.

pub mod limits;
pub mod near;
pub mod regress;
