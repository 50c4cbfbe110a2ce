//! Adds up what a sale costs on a date, as a share of its proceeds.

use super::{Costs, StampDuty};
use crate::units::Day;

/// Commission, stamp duty and transfer fee of a sale on `day`, a fraction of proceeds.
pub fn sale_cost(_costs: &Costs, _day: Day) -> f64 {
    let _ = StampDuty::China;
    todo!()
}
