//! Inverts the normal distribution: Wichura's PPND16, about one part in 10¹⁶.
//!
//! Source: M. J. Wichura (1988), "Algorithm AS 241: The percentage points of the normal distribution",
//! Applied Statistics 37, 477–484: a ratio of two polynomials of degree 7 on each of three ranges.
//!
//! Worked number: `normal_quantile(0.99)` = 2.3263478740408408.

const CENTRE: [[f64; 8]; 2] = [
    [
        3.387_132_872_796_366_5,
        1.331_416_678_917_843_8e2,
        1.971_590_950_306_551_3e3,
        1.373_169_376_550_946e4,
        4.592_195_393_154_987e4,
        6.726_577_092_700_87e4,
        3.343_057_558_358_813e4,
        2.509_080_928_730_122_7e3,
    ],
    [
        1.0,
        4.231_333_070_160_091e1,
        6.871_870_074_920_579e2,
        5.394_196_021_424_751e3,
        2.121_379_430_158_659_7e4,
        3.930_789_580_009_271e4,
        2.872_908_573_572_194_3e4,
        5.226_495_278_852_854e3,
    ],
];

const TAIL: [[f64; 8]; 2] = [
    [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        2.417_807_251_774_506e-1,
        2.272_384_498_926_918_4e-2,
        7.745_450_142_783_414e-4,
    ],
    [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        6.897_673_349_851e-1,
        1.481_039_764_274_800_8e-1,
        1.519_866_656_361_645_7e-2,
        5.475_938_084_995_345e-4,
        1.050_750_071_644_416_9e-9,
    ],
];

const FAR_TAIL: [[f64; 8]; 2] = [
    [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        2.965_605_718_285_048_7e-1,
        2.653_218_952_657_612_4e-2,
        1.242_660_947_388_078_4e-3,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288_1e-7,
    ],
    [
        1.0,
        5.998_322_065_558_88e-1,
        1.369_298_809_227_358e-1,
        1.487_536_129_085_061_5e-2,
        7.868_691_311_456_133e-4,
        1.846_318_317_510_054_8e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_8e-15,
    ],
];

fn ratio(coefficients: &[[f64; 8]; 2], x: f64) -> f64 {
    let value = |c: &[f64; 8]| c.iter().rev().fold(0.0, |sum, k| sum * x + k);
    value(&coefficients[0]) / value(&coefficients[1])
}

/// The z with Φ(z) = `probability`; −∞ at 0, ∞ at 1, NaN outside.
pub fn normal_quantile(probability: f64) -> f64 {
    if !(0.0..=1.0).contains(&probability) {
        return f64::NAN;
    }
    let q = probability - 0.5;
    if q.abs() <= 0.425 {
        return q * ratio(&CENTRE, 0.180625 - q * q);
    }
    let tail = if q < 0.0 { probability } else { 1.0 - probability };
    if tail == 0.0 {
        return if q < 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    let r = (-super::lanes::ln1(tail)).sqrt();
    let z = if r <= 5.0 { ratio(&TAIL, r - 1.6) } else { ratio(&FAR_TAIL, r - 5.0) };
    if q < 0.0 { -z } else { z }
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, Normal};

    #[test]
    fn quantiles_agree_with_statrs_and_invert_the_distribution() {
        let normal = Normal::standard();
        let phi = |z: f64| 0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2);
        for k in 1..2000 {
            let p = f64::from(k) / 2000.0;
            let z = normal_quantile(p);
            assert!((z - normal.inverse_cdf(p)).abs() < 1e-9 * (1.0 + z.abs()), "{p}: {z} for {}", normal.inverse_cdf(p));
            assert!((phi(z) - p).abs() < 1e-15, "{p}: {}", phi(z));
        }
        for exponent in 3..300 {
            let p = libm::pow(10.0, -f64::from(exponent));
            let z = normal_quantile(p);
            // a relative error e of z is one of about z² e in the probability
            assert!((phi(z) / p - 1.0).abs() < 1e-15 * (8.0 + 2.0 * z * z), "{p}: {z}");
        }
    }

    #[test]
    fn the_printed_levels_are_met() {
        for (p, z) in [(0.95, 1.6448536269514722), (0.975, 1.959963984540054), (0.99, 2.3263478740408408), (0.999, 3.090232306167813)] {
            assert!((normal_quantile(p) - z).abs() < 4e-15, "{p}: {}", normal_quantile(p));
        }
        assert_eq!((normal_quantile(0.5), normal_quantile(0.0), normal_quantile(1.0)), (0.0, f64::NEG_INFINITY, f64::INFINITY));
        assert!(normal_quantile(-0.1).is_nan() && normal_quantile(f64::NAN).is_nan());
    }
}
