//! Names the quantities every room speaks of: ratios, days, boards; imports nothing of the house.

pub mod calendar;
pub mod day;
pub mod ratio;

pub use calendar::Calendar;
pub use day::Day;
pub use ratio::Ratio;
