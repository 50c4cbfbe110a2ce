//! Tests forecasts against what happened: coverage, independence, the traffic light, and two tests of expected shortfall.
//!
//! A breach is a day on which the loss was above its VaR forecast. Sources: Kupiec (1995); Christoffersen (1998); Basel
//! Committee (1996) for the zones; Acerbi and Székely (2014). Worked: 57 breaches in 1,043 days at 5 % give Kupiec's
//! LR = 0.46147 with p = 0.49694.

use crate::maths::special::{binomial_cdf, chi_square_upper, x_ln_y};

/// A likelihood-ratio statistic and the probability of a larger one under the forecast.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Test {
    pub statistic: f64,
    pub p_value: f64,
}

impl Test {
    /// A statistic that is chi-square under the forecast.
    pub(super) fn chi_square(statistic: f64, degrees: u32) -> Test {
        // rounding may leave a perfect fit a hair below zero
        let statistic = statistic.max(0.0);
        Test { statistic, p_value: chi_square_upper(statistic, degrees) }
    }
}

/// Kupiec's proportion of failures: `LR = −2 ln[(1−p)^(T−x) p^x / ((1−x/T)^(T−x) (x/T)^x)]`, chi-square with 1 degree.
pub fn kupiec(days: u64, breaches: u64, probability: f64) -> Test {
    assert!(breaches <= days && days > 0, "{breaches} breaches in {days} days");
    let (x, rest) = (breaches as f64, (days - breaches) as f64);
    let seen = x / days as f64;
    let expected = x_ln_y(rest, 1.0 - probability) + x_ln_y(x, probability);
    Test::chi_square(-2.0 * (expected - x_ln_y(rest, 1.0 - seen) - x_ln_y(x, seen)), 1)
}

/// Pairs of days one after the other: `[was][is]`, 1 for a breach.
pub type Transitions = [[u64; 2]; 2];

/// Counts pairs of following days.
pub fn transitions(breach: &[bool]) -> Transitions {
    let mut count = [[0; 2]; 2];
    for pair in breach.windows(2) {
        count[usize::from(pair[0])][usize::from(pair[1])] += 1;
    }
    count
}

/// Christoffersen's independence: does a breach make another the next day more likely? Chi-square with 1 degree.
pub fn independence(count: Transitions) -> Test {
    let share = |hit: u64, miss: u64| if hit + miss == 0 { 0.0 } else { hit as f64 / (hit + miss) as f64 };
    let likelihood = |miss: u64, hit: u64, p: f64| x_ln_y(miss as f64, 1.0 - p) + x_ln_y(hit as f64, p);
    let [[calm_calm, calm_hit], [hit_calm, hit_hit]] = count;
    let one = share(calm_hit + hit_hit, calm_calm + hit_calm);
    let after = [share(calm_hit, calm_calm), share(hit_hit, hit_calm)];
    let same = likelihood(calm_calm + hit_calm, calm_hit + hit_hit, one);
    let apart = likelihood(calm_calm, calm_hit, after[0]) + likelihood(hit_calm, hit_hit, after[1]);
    Test::chi_square(-2.0 * (same - apart), 1)
}

/// Christoffersen's conditional coverage: both at once, chi-square with 2 degrees.
pub fn conditional_coverage(days: u64, breaches: u64, probability: f64, count: Transitions) -> Test {
    Test::chi_square(kupiec(days, breaches, probability).statistic + independence(count).statistic, 2)
}

/// Basel's zones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Zone {
    Green,
    Yellow,
    Red,
}

/// The zone of a count of breaches: green while P(X ≤ x) ≤ 95 %, yellow while ≤ 99.99 %, red above.
pub fn traffic_light(days: u64, breaches: u64, probability: f64) -> Zone {
    let cumulative = binomial_cdf(breaches, days, probability);
    if cumulative <= 0.95 {
        Zone::Green
    } else if cumulative <= 0.9999 {
        Zone::Yellow
    } else {
        Zone::Red
    }
}

/// Acerbi and Székely's second test `Z₂ = 1 − Σ L·I/(T(1−α)·ES)`: 0 expected, negative where losses exceed the forecast.
///
/// Losses, VaR and ES are money per day, loss positive.
pub fn acerbi_szekely_second(loss: &[f64], value_at_risk: &[f64], shortfall: &[f64], alpha: f64) -> f64 {
    let breaches = breach_ratios(loss, value_at_risk, shortfall);
    1.0 - breaches.iter().sum::<f64>() / (loss.len() as f64 * (1.0 - alpha))
}

/// Their first test `Z₁ = 1 − mean of L/ES over the breaches`; nothing without a breach.
pub fn acerbi_szekely_first(loss: &[f64], value_at_risk: &[f64], shortfall: &[f64]) -> Option<f64> {
    let breaches = breach_ratios(loss, value_at_risk, shortfall);
    (!breaches.is_empty()).then(|| 1.0 - breaches.iter().sum::<f64>() / breaches.len() as f64)
}

fn breach_ratios(loss: &[f64], value_at_risk: &[f64], shortfall: &[f64]) -> Vec<f64> {
    assert!(loss.len() == value_at_risk.len() && loss.len() == shortfall.len(), "a forecast for every day");
    let days = loss.iter().zip(value_at_risk).zip(shortfall);
    days.filter(|((loss, var), _)| loss > var).map(|((loss, _), es)| loss / es).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, Normal};

    #[test]
    fn kupiec_meets_the_published_statistics() {
        let test = kupiec(1_043, 57, 0.05);
        assert!((test.statistic - 0.461_47).abs() < 5e-6 && (test.p_value - 0.496_94).abs() < 5e-6, "{test:?}");
        let table = [(0, 5.025_168), (2, 0.108_435), (3, 0.094_940), (5, 1.956_810), (6, 3.555_355), (7, 5.496_990), (10, 12.955_491)];
        for (breaches, statistic) in table {
            assert!((kupiec(250, breaches, 0.01).statistic - statistic).abs() < 5e-7, "{breaches}");
        }
        assert!((kupiec(250, 3, 0.05).statistic - 10.812_334).abs() < 5e-7);
        // accepted at 95 %
        for (days, from, to) in [(250, 1, 6), (1_000, 5, 16)] {
            let accepted: Vec<u64> = (0..40).filter(|x| kupiec(days, *x, 0.01).p_value > 0.05).collect();
            assert_eq!(accepted, (from..=to).collect::<Vec<u64>>(), "{days}");
        }
    }

    #[test]
    fn christoffersen_meets_the_published_statistics() {
        let count = [[932, 53], [53, 4]];
        let (alone, both) = (independence(count), conditional_coverage(1_043, 57, 0.05, count));
        assert!((alone.statistic - 0.258_66).abs() < 5e-6 && (alone.p_value - 0.611_04).abs() < 5e-6, "{alone:?}");
        assert!((both.statistic - 0.720_13).abs() < 5e-6 && (both.p_value - 0.697_63).abs() < 5e-6, "{both:?}");
        assert_eq!(transitions(&[false, true, true, false, false]), [[1, 1], [1, 1]]);
        assert_eq!(independence([[249, 0], [0, 0]]).p_value, 1.0);
    }

    #[test]
    fn the_zones_start_where_the_table_says() {
        let starts = |days, probability| {
            [Zone::Yellow, Zone::Red].map(|zone| (0..100).find(|x| traffic_light(days, *x, probability) >= zone).unwrap())
        };
        for (days, probability, wanted) in
            [(250, 0.01, [5, 10]), (750, 0.005, [7, 13]), (750, 0.01, [12, 20]), (250, 0.05, [18, 27]), (250, 0.025, [11, 17])]
        {
            assert_eq!(starts(days, probability), wanted, "{days} {probability}");
        }
        assert!((binomial_cdf(4, 250, 0.01) - 0.8922).abs() < 5e-5 && (binomial_cdf(5, 250, 0.01) - 0.9588).abs() < 5e-5);
    }

    #[test]
    fn a_right_forecast_of_es_scores_nought_and_a_low_one_less() {
        let normal = Normal::standard();
        let loss: Vec<f64> = (0..100_000).map(|i| normal.inverse_cdf((f64::from(i) + 0.5) / 100_000.0)).collect();
        let constant = |value: f64| vec![value; loss.len()];
        let (var, es) = (constant(1.959_964), constant(2.337_803));
        assert!(acerbi_szekely_second(&loss, &var, &es, 0.975).abs() < 1e-3);
        assert!(acerbi_szekely_first(&loss, &var, &es).unwrap().abs() < 1e-3);
        let doubled: Vec<f64> = loss.iter().map(|l| 2.0 * l).collect();
        assert!(acerbi_szekely_second(&doubled, &var, &es, 0.975) < -0.7);
        assert_eq!(acerbi_szekely_first(&[0.0], &[1.0], &[2.0]), None);
    }
}
