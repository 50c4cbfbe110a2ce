//! Makes two standard normals of 64 random bits by Box–Muller, in plain `*` and `+`, bit-equal on every instruction set.
//!
//! The upper 40 bits are the radius √(−2 ln u), the lower 24 the angle. A radius ends at √(82 ln 2) = 7.54, beyond which a
//! normal lies once in 10¹³; no two pairs of bits make the same point. The polynomials are Chebyshev interpolants
//! computed for this file in 200-bit arithmetic, as long as statistics can tell and no longer: a normal is right to
//! 2⁻⁴³ of its radius.
//!
//! Formula: Box, Muller (1958), "A note on the generation of random normal deviates".

/// 4 (artanh √z / √z − 1) / z on 0 ≤ z ≤ 0.0295; relative error of the logarithm made of it below 2⁻⁴³.
const LN: [f64; 5] =
    [1.333_333_333_347_533, 0.799_999_975_904_383_1, 0.571_435_099_367_007, 0.443_827_467_618_892_63, 0.387_263_738_643_235_27];

/// sin 2πr / r in powers of r² on |r| ≤ 1/8; error below 2⁻⁴⁷.
const SIN: [f64; 6] = [
    6.283_185_307_179_56,
    -41.341_702_240_275_78,
    81.605_249_183_483_93,
    -76.705_834_458_451_29,
    42.055_569_259_244_99,
    -14.916_565_118_819_118,
];

/// cos 2πr in powers of r² on |r| ≤ 1/8; error below 2⁻⁴⁴.
const COS: [f64; 6] = [
    0.999_999_999_999_944_4,
    -19.739_208_801_922_548,
    64.939_393_831_348_31,
    -85.456_764_937_194_07,
    60.238_183_593_014_54,
    -26.058_123_753_882_793,
];

/// The bits of √½: mantissas are taken from it up to √2.
const ROOT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
const ONE: u64 = 0x3ff0_0000_0000_0000;
const HALF: u64 = 0x3fe0_0000_0000_0000;
const MANTISSA: u64 = 0x000f_ffff_ffff_ffff;
const SIGN: u64 = 1 << 63;

/// The uniform behind a radius: (m + ½) / 2⁴⁰ of the upper 40 bits m.
#[inline(always)]
fn uniform(bits: u64) -> f64 {
    f64::from_bits(((bits >> 12) & !0xfff) | ONE) - (1.0 - 1.0 / (1_u64 << 41) as f64)
}

/// The square of the radius, −2 ln u of the upper 40 bits.
#[inline(always)]
pub fn radius_squared(bits: u64) -> f64 {
    let moved = uniform(bits).to_bits().wrapping_add(ONE - ROOT_HALF);
    // the exponent field, put below the bits of 2^52 to become a double without a conversion
    let k = f64::from_bits((moved >> 52) | 0x4330_0000_0000_0000) - (4_503_599_627_370_496.0 + 1023.0);
    let f = f64::from_bits((moved & MANTISSA) + ROOT_HALF) - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let z2 = z * z;
    let q = (LN[0] + LN[1] * z) + ((LN[2] + LN[3] * z) + LN[4] * z2) * z2;
    k * (-2.0 * std::f64::consts::LN_2) - s * (4.0 + z * q)
}

/// Sine and cosine of the angle of the lower 24 bits: two say the quarter of the turn, 22 the place in it.
#[inline(always)]
pub fn sin_cos(bits: u64) -> (f64, f64) {
    let quarter = bits << 40;
    // (m + ½) / 2²⁴ less an eighth, exactly
    let r = f64::from_bits(((bits & 0x3f_ffff) << 29) | HALF) - (0.625 - 0.5 / (1_u64 << 24) as f64);
    let y = r * r;
    let y2 = y * y;
    let sin = r * ((SIN[0] + SIN[1] * y) + ((SIN[2] + SIN[3] * y) + (SIN[4] + SIN[5] * y) * y2) * y2);
    let cos = (COS[0] + COS[1] * y) + ((COS[2] + COS[3] * y) + (COS[4] + COS[5] * y) * y2) * y2;
    let swapped = quarter & (1 << 62) != 0;
    let (sin, cos) = if swapped { (cos, sin) } else { (sin, cos) };
    (f64::from_bits(sin.to_bits() ^ (quarter & SIGN)), f64::from_bits(cos.to_bits() ^ (quarter.wrapping_add(1 << 62) & SIGN)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::maths::random::Key;

    #[test]
    fn radius_and_angle_are_those_of_the_libm_crate() {
        for k in 0..200_000 {
            let w = Key([11, 12]).words(k, 0);
            // a few leading or trailing bits alike reach the ends of the intervals
            let bits =
                [(u64::from(w[0]) << 32) | u64::from(w[1]), u64::from(w[2]), !u64::from(w[2]), u64::from(w[3] & 7) << 61][(k % 4) as usize];
            let u = ((bits >> 24) as f64 + 0.5) / (1_u64 << 40) as f64;
            assert_eq!(uniform(bits), u);
            let square = -2.0 * libm::log(u);
            assert!((radius_squared(bits) - square).abs() <= 4e-13 * square, "radius of {u}");
            // a quarter starts an eighth of a turn before its axis
            let turns = ((bits & 0xff_ffff) as f64 + 0.5) / (1_u64 << 24) as f64 - 0.125;
            let (sin, cos) = sin_cos(bits);
            let angle = std::f64::consts::TAU * turns;
            assert!((sin - libm::sin(angle)).abs() <= 1e-13 && (cos - libm::cos(angle)).abs() <= 1e-13, "{turns} turns");
        }
    }

    #[test]
    fn the_ends_are_finite_and_never_zero() {
        let radius = |bits| radius_squared(bits).sqrt();
        assert!((radius(0) - 7.5391).abs() < 1e-4 && radius(u64::MAX) > 9e-7 && radius(u64::MAX) < 1e-6);
        for bits in [0, 0x3f_ffff, 0x40_0000, 0xff_ffff] {
            let (sin, cos) = sin_cos(bits);
            assert!(sin != 0.0 && cos != 0.0 && (sin * sin + cos * cos - 1.0).abs() < 1e-12);
        }
    }
}
