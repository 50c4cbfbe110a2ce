//! Computes the few special functions that intervals need, from `libm` alone so that the bytes are the same on every machine.
//!
//! A statistics crate would do, but the ones at hand call the platform's `ln` and `exp`, whose last bit depends on the
//! processor; here they only serve the tests as the independent check.

/// The standard normal distribution function.
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / std::f64::consts::SQRT_2)
}

/// The standard normal quantile of `p` in (0, 1), by bisection to the last bit; a handful are needed per run.
///
/// Worked: 0.975 → 1.959964.
pub fn normal_quantile(p: f64) -> f64 {
    assert!(p > 0.0 && p < 1.0, "a normal quantile needs a probability inside (0, 1), not {p}");
    bisect(-40.0, 40.0, |x| normal_cdf(x) >= p)
}

/// Standard errors from the middle to either end of a two-sided interval.
///
/// Worked: 95 % → 1.959964.
pub fn two_sided_quantile(confidence: f64) -> f64 {
    let upper = 0.5 + confidence / 2.0;
    // so near to 1 that half of the rest is lost beside it
    if upper < 1.0 { normal_quantile(upper) } else { -normal_quantile((1.0 - confidence) / 2.0) }
}

/// Regularised incomplete beta function I_x(a, b), by its continued fraction (modified Lentz).
///
/// Source: DiDonato and Morris (1992), "Significant digit computation of the incomplete beta function ratios".
pub fn beta_regularised(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    // the fraction converges fast only below the mean; above it the mirror image does
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta_regularised_below_mean(b, a, 1.0 - x);
    }
    beta_regularised_below_mean(a, b, x)
}

fn beta_regularised_below_mean(a: f64, b: f64, x: f64) -> f64 {
    /// Steps grow with the square root of the parameters: about 3,000 at ten million paths.
    const STEPS: u32 = 200_000;
    const TINY: f64 = 1e-300;
    let away_from_zero = |v: f64| if v.abs() < TINY { TINY } else { v };
    let ln_front = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * libm::log(x) + b * libm::log1p(-x);
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for step in 1..=STEPS {
        let m = f64::from(step);
        for numerator in
            [m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m)), -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))]
        {
            d = 1.0 / away_from_zero(1.0 + numerator * d);
            c = away_from_zero(1.0 + numerator / c);
            fraction *= c * d;
        }
        if (c * d - 1.0).abs() < 1e-15 {
            break;
        }
    }
    libm::exp(ln_front) * fraction / a
}

/// P(X ≤ k) for X binomial with `n` trials of probability `p`.
pub fn binomial_cdf(k: u64, n: u64, p: f64) -> f64 {
    if k >= n { 1.0 } else { beta_regularised((n - k) as f64, k as f64 + 1.0, 1.0 - p) }
}

/// The smallest k with P(X ≤ k) ≥ `level`: a normal start, then an exact walk (a search from zero is slow at a million trials).
pub fn binomial_quantile(level: f64, n: u64, p: f64) -> u64 {
    // a level so near to 1 that nothing is left beside it
    if level >= 1.0 {
        return n;
    }
    let n_real = n as f64;
    let start = n_real * p + normal_quantile(level) * (n_real * p * (1.0 - p)).sqrt();
    let mut k = start.clamp(0.0, n_real) as u64;
    while k > 0 && binomial_cdf(k - 1, n, p) >= level {
        k -= 1;
    }
    while binomial_cdf(k, n, p) < level {
        k += 1;
    }
    k
}

/// The exact (Clopper–Pearson) lower bound of a probability with `hits` of `n`, wrong with probability at most `miss`.
pub fn probability_low(hits: u64, n: u64, miss: f64) -> f64 {
    if hits == 0 {
        return 0.0;
    }
    bisect(0.0, 1.0, |p| beta_regularised(hits as f64, (n - hits) as f64 + 1.0, p) >= miss)
}

/// The exact (Clopper–Pearson) upper bound of a probability with `hits` of `n`, wrong with probability at most `miss`.
///
/// Worked: none of 100,000 at 5 % gives 1 − 0.05^(1/100000) = 2.9957e-5, the rule of three.
pub fn probability_high(hits: u64, n: u64, miss: f64) -> f64 {
    if hits >= n {
        return 1.0;
    }
    bisect(0.0, 1.0, |p| beta_regularised(hits as f64 + 1.0, (n - hits) as f64, p) >= 1.0 - miss)
}

/// P(X > x) for X chi-square; with 1 and 2 degrees of freedom erfc(√(x/2)) and exp(−x/2), else Q(k/2, x/2).
pub fn chi_square_upper(x: f64, degrees: u32) -> f64 {
    assert!(degrees > 0, "a chi-square has at least one degree of freedom");
    match degrees {
        1 => libm::erfc((x.max(0.0) / 2.0).sqrt()),
        2 => libm::exp(-x.max(0.0) / 2.0),
        _ => gamma_upper(0.5 * f64::from(degrees), 0.5 * x.max(0.0)),
    }
}

/// The regularised upper incomplete gamma function Q(a, x): its series below a + 1, its continued fraction above.
///
/// Source: Abramowitz and Stegun (1964), 6.5.29 and 6.5.31.
fn gamma_upper(a: f64, x: f64) -> f64 {
    const STEPS: u32 = 10_000;
    if x <= 0.0 {
        return 1.0;
    }
    let front = libm::exp(a * libm::log(x) - x - libm::lgamma(a));
    if x < a + 1.0 {
        let (mut term, mut sum) = (1.0 / a, 1.0 / a);
        for step in 1..=STEPS {
            term *= x / (a + f64::from(step));
            sum += term;
            if term < sum * 1e-16 {
                break;
            }
        }
        return 1.0 - front * sum;
    }
    let mut b = x + 1.0 - a;
    let (mut c, mut d) = (1e300, 1.0 / b);
    let mut fraction = d;
    for step in 1..=STEPS {
        let numerator = f64::from(step) * (a - f64::from(step));
        b += 2.0;
        d = 1.0 / (b + numerator * d);
        c = b + numerator / c;
        fraction *= c * d;
        if (c * d - 1.0).abs() < 1e-15 {
            break;
        }
    }
    front * fraction
}

/// `x·ln(y)`, with 0·ln(0) = 0.
pub fn x_ln_y(x: f64, y: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x * libm::log(y) }
}

/// The least x at which `reached` holds, where it fails below and holds above; to the last bit.
fn bisect(mut low: f64, mut high: f64, reached: impl Fn(f64) -> bool) -> f64 {
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return high;
        }
        if reached(middle) {
            high = middle;
        } else {
            low = middle;
        }
        // near zero there are a thousand halvings left that no figure can show
        if high < 1e-18 && low >= 0.0 {
            return high;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{Beta, Binomial, ChiSquared, ContinuousCDF, DiscreteCDF, Normal};

    #[test]
    fn the_functions_agree_with_an_independent_crate() {
        let normal = Normal::standard();
        for p in [1e-9, 0.001, 0.025, 0.2, 0.5, 0.77, 0.975, 0.999_999] {
            assert!((normal_quantile(p) - normal.inverse_cdf(p)).abs() < 1e-8, "{p}");
        }
        for (a, b) in [(1.0, 1.0), (0.5, 7.0), (30.0, 2.5), (400.0, 600.0), (9_900.0, 101.0)] {
            let beta = Beta::new(a, b).unwrap();
            for k in 1..20 {
                let x = f64::from(k) / 20.0;
                assert!((beta_regularised(a, b, x) - beta.cdf(x)).abs() < 1e-9, "{a} {b} {x}");
            }
        }
        for (n, p) in [(10, 0.3), (250, 0.99), (1_000, 0.95)] {
            let binomial = Binomial::new(p, n).unwrap();
            for level in [0.025, 0.5, 0.975] {
                assert_eq!(binomial_quantile(level, n, p), binomial.inverse_cdf(level), "{n} {p} {level}");
            }
        }
    }

    #[test]
    fn the_upper_tail_of_a_chi_square_agrees_with_an_independent_crate() {
        for degrees in [1u32, 2, 3, 5, 10, 20, 57] {
            let law = ChiSquared::new(f64::from(degrees)).unwrap();
            for x in [0.0, 0.3, 1.0, 4.0, 9.5, 11.0, 18.307, 40.0, 90.0] {
                assert!((chi_square_upper(x, degrees) - (1.0 - law.cdf(x))).abs() < 1e-10, "{degrees} at {x}");
            }
        }
        // the 95 % point of 10 degrees
        assert!((chi_square_upper(18.307_038, 10) - 0.05).abs() < 1e-8);
    }

    #[test]
    fn no_hit_gives_the_rule_of_three() {
        assert!((probability_high(0, 100_000, 0.05) / 2.995_7e-5 - 1.0).abs() < 1e-4);
        assert!((probability_high(0, 100, 0.05) - (1.0 - libm::pow(0.05, 0.01))).abs() < 1e-12);
        assert!((probability_low(100, 100, 0.05) - libm::pow(0.05, 0.01)).abs() < 1e-12);
        assert_eq!(probability_low(0, 100, 0.05), 0.0);
        assert_eq!(probability_high(100, 100, 0.05), 1.0);
        // Clopper and Pearson's 10 of 100 at 95 %: 4.90 % to 17.62 %
        assert!((probability_low(10, 100, 0.025) - 0.049_005).abs() < 1e-5);
        assert!((probability_high(10, 100, 0.025) - 0.176_223).abs() < 1e-5);
    }
}
