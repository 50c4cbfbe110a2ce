//! Reads which shares existing price files list on a date, so that a sample book can hold them.

use crate::model::sample::Listing;
use crate::problem::Problems;
use crate::units::Day;
use std::path::Path;

/// The shares that have a price on the as-of date (the last day of the prices when absent); indices are left out.
pub fn listings(_prices: &Path, _instruments: Option<&Path>, _as_of: Option<Day>) -> Result<(Day, Vec<Listing>), Problems> {
    todo!()
}
