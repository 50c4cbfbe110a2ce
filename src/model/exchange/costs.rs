//! Adds up what a sale costs on a date, as a share of its proceeds.
//!
//! Formula: commission + stamp duty + transfer fee. Source of the duty: the halving announced by the Ministry of Finance,
//! in force from 2023-08-28; only the seller pays it.
//!
//! Worked number: 0.03 % commission, the Chinese duty and 0.001 % transfer fee come to 0.131 % on 2015-06-15 and to
//! 0.081 % on 2024-01-02.

use super::{Costs, StampDuty};
use crate::units::Day;

/// 2023-08-28: the first session with the halved duty.
const DUTY_HALVED: Day = Day::from_epoch_days(19_597);
const DUTY_BEFORE: f64 = 0.001;
const DUTY_SINCE: f64 = 0.0005;

/// Stamp duty of a sale on `day`, a fraction of proceeds.
pub fn stamp_duty(rule: StampDuty, day: Day) -> f64 {
    match rule {
        StampDuty::China if day < DUTY_HALVED => DUTY_BEFORE,
        StampDuty::China => DUTY_SINCE,
        StampDuty::Rate(rate) => rate.get(),
    }
}

/// Commission, stamp duty and transfer fee of a sale on `day`, a fraction of proceeds.
pub fn sale_cost(costs: &Costs, day: Day) -> f64 {
    costs.commission.get() + stamp_duty(costs.stamp_duty, day) + costs.transfer_fee.get()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Ratio;

    #[test]
    fn the_duty_halves_on_its_day() {
        let costs =
            Costs { commission: Ratio::from_fraction(0.0003), stamp_duty: StampDuty::China, transfer_fee: Ratio::from_fraction(0.00001) };
        for (date, cost) in [("2015-06-15", 0.00131), ("2023-08-25", 0.00131), ("2023-08-28", 0.00081)] {
            let day = Day::parse(date).expect("a date");
            assert!((sale_cost(&costs, day) - cost).abs() < 1e-15, "{date}: {}", sale_cost(&costs, day));
        }
        let flat = Costs { stamp_duty: StampDuty::Rate(Ratio::from_fraction(0.002)), ..Costs::default() };
        assert_eq!(sale_cost(&flat, Day::parse("2030-01-01").expect("a date")), 0.002);
    }
}
