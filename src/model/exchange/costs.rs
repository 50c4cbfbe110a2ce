//! Adds up what a sale costs on a date, as a share of its proceeds.
//!
//! Formula: commission + stamp duty + transfer fee. The duty of a sale of shares in China, by the day it came into force, as the
//! Ministry of Finance and the tax administration announced it; only the seller pays it since 2008-09-19, buyer and seller
//! each before. Funds and convertibles pay none.
//!
//! | since | 1990-12-19 | 1997-05-12 | 1998-06-12 | 2001-11-16 | 2005-01-24 | 2007-05-30 | 2008-04-24 | 2023-08-28 |
//! |---|---|---|---|---|---|---|---|---|
//! | % | 0.3 | 0.5 | 0.4 | 0.2 | 0.1 | 0.3 | 0.1 | 0.05 |
//!
//! Worked number: 0.03 % commission, the Chinese duty and 0.001 % transfer fee come to 0.131 % on 2015-06-15 and to
//! 0.081 % on 2024-01-02.

use super::{Costs, StampDuty};
use crate::units::Day;

/// The day a rate came into force, in days since 1970-01-01, and the rate of a sale.
const DUTIES: [(Day, f64); 7] = [
    (Day::from_epoch_days(9_993), 0.005),
    (Day::from_epoch_days(10_389), 0.004),
    (Day::from_epoch_days(11_642), 0.002),
    (Day::from_epoch_days(12_807), 0.001),
    (Day::from_epoch_days(13_663), 0.003),
    (Day::from_epoch_days(13_993), 0.001),
    (Day::from_epoch_days(19_597), 0.0005),
];
/// The rate before the first of them.
const DUTY_FIRST: f64 = 0.003;

/// Stamp duty of a sale on `day`, a fraction of proceeds.
pub fn stamp_duty(rule: StampDuty, day: Day) -> f64 {
    match rule {
        StampDuty::China => DUTIES.iter().rev().find(|(since, _)| *since <= day).map_or(DUTY_FIRST, |(_, rate)| *rate),
        StampDuty::Rate(rate) => rate.get(),
    }
}

/// The highest rate of the rule on any day.
pub fn stamp_duty_most(rule: StampDuty) -> f64 {
    match rule {
        StampDuty::China => DUTIES.iter().fold(DUTY_FIRST, |most, (_, rate)| most.max(*rate)),
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
    fn the_duty_changes_on_its_days() {
        let costs =
            Costs { commission: Ratio::from_fraction(0.0003), stamp_duty: StampDuty::China, transfer_fee: Ratio::from_fraction(0.00001) };
        for (date, cost) in [("2015-06-15", 0.00131), ("2023-08-25", 0.00131), ("2023-08-28", 0.00081)] {
            let day = Day::parse(date).expect("a date");
            assert!((sale_cost(&costs, day) - cost).abs() < 1e-15, "{date}: {}", sale_cost(&costs, day));
        }
        for (date, duty) in [
            ("1997-05-09", 0.003),
            ("1997-05-12", 0.005),
            ("1998-06-12", 0.004),
            ("2001-11-16", 0.002),
            ("2005-01-24", 0.001),
            ("2007-05-29", 0.001),
            ("2007-05-30", 0.003),
            ("2008-04-23", 0.003),
            ("2008-04-24", 0.001),
            ("2008-09-19", 0.001),
            ("2023-08-28", 0.0005),
        ] {
            assert_eq!(stamp_duty(StampDuty::China, Day::parse(date).expect("a date")), duty, "{date}");
        }
        let flat = Costs { stamp_duty: StampDuty::Rate(Ratio::from_fraction(0.002)), ..Costs::default() };
        assert_eq!([stamp_duty_most(StampDuty::China), stamp_duty_most(flat.stamp_duty)], [0.005, 0.002]);
        assert_eq!(sale_cost(&flat, Day::parse("2030-01-01").expect("a date")), 0.002);
    }
}
