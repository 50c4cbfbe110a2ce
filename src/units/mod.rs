//! Names the quantities every room speaks of: ratios, days, boards; imports nothing of the house.

pub mod day;
pub mod ratio;

pub use day::Day;
pub use ratio::Ratio;
