//! Turns a decimal number that is stored as a whole number and a scale into the nearest double, as its digits would be read.

/// Powers of ten up to here are doubles without rounding, as are whole numbers below 2⁵³: their quotient is rounded once.
const EXACT_POWERS: usize = 22;

/// `units` in steps of ten to the minus `scale`: 1105 with scale 2 is 11.05, to the bit.
pub fn decimal(units: i128, scale: usize) -> f64 {
    if units.unsigned_abs() < 1 << 53 && scale <= EXACT_POWERS {
        return units as f64 / (0..scale).fold(1.0, |power, _| power * 10.0);
    }
    format!("{units}e-{scale}").parse().expect("digits and an exponent are a number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_the_double_its_digits_are() {
        for (units, scale, value) in
            [(1105, 2, 11.05), (141_000, 4, 14.1), (-7, 1, -0.7), (0, 9, 0.0), (i128::MAX, 38, 1.701_411_834_604_692_3)]
        {
            assert_eq!(decimal(units, scale), value);
        }
        for units in (1..2_000_000_i128).step_by(997) {
            assert_eq!(decimal(units, 3).to_bits(), format!("{units}e-3").parse::<f64>().unwrap().to_bits());
        }
    }
}
