//! Tests whether a fit left anything unexplained: autocorrelation, Ljung–Box, and quantiles against a normal's.
//!
//! Formulas: ρ_k = Σ (x_t − x̄)(x_{t−k} − x̄) / Σ (x_t − x̄)²; Q = n(n + 2) Σ_{k=1..m} ρ_k²/(n − k), chi-square with m degrees of
//! freedom when nothing is left. Sources: Ljung and Box (1978), Biometrika 65; on squares McLeod and Li (1983).
//!
//! Worked number: 1, 2, 3, 4, 5 has ρ₁ = 0.4 and at one lag Q = 5 · 7 · 0.16 / 4 = 1.4.

use super::backtest::Test;
use crate::maths::special::normal_quantile;

/// Autocorrelations of lags 1 to `lags`; 0 for a series that does not move or is too short.
pub fn autocorrelations(series: &[f64], lags: usize) -> Vec<f64> {
    let n = series.len().max(1) as f64;
    let mean = series.iter().fold(0.0, |sum, x| sum + x) / n;
    let square = series.iter().fold(0.0, |sum, x| sum + (x - mean) * (x - mean));
    let at = |lag: usize| {
        let product = series.iter().zip(series.iter().skip(lag)).fold(0.0, |sum, (a, b)| sum + (a - mean) * (b - mean));
        if square > 0.0 { product / square } else { 0.0 }
    };
    (1..=lags).map(at).collect()
}

/// Ljung and Box's test of the first `lags` autocorrelations; nothing for a series of no more days than lags.
pub fn ljung_box(series: &[f64], lags: usize) -> Option<Test> {
    let n = series.len() as f64;
    if series.len() <= lags {
        return None;
    }
    let sum = autocorrelations(series, lags).iter().enumerate().fold(0.0, |sum, (k, rho)| sum + rho * rho / (n - (k + 1) as f64));
    Some(Test::chi_square(n * (n + 2.0) * sum, lags as u32))
}

/// Pairs of a standard normal's quantile and the series' own at the same level, `points` at most, ascending.
pub fn normal_quantiles(series: &[f64], points: usize) -> Vec<(f64, f64)> {
    let mut sorted = series.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (n, points) = (sorted.len(), points.min(sorted.len()));
    // the outermost of each side stay, those between are spread evenly over ranks
    let rank = |k: usize| if points < 2 { 0 } else { k * (n - 1) / (points - 1) };
    (0..points).map(|k| (normal_quantile((rank(k) as f64 + 0.5) / n as f64), sorted[rank(k)])).collect()
}

/// Mean, deviation (divisor n), skewness and excess kurtosis.
pub fn shape(series: &[f64]) -> [f64; 4] {
    let n = series.len().max(1) as f64;
    let mean = series.iter().fold(0.0, |sum, x| sum + x) / n;
    let (mut second, mut third, mut fourth) = (0.0, 0.0, 0.0);
    for x in series {
        let (d, square) = (x - mean, (x - mean) * (x - mean));
        second += square / n;
        third += square * d / n;
        fourth += square * square / n;
    }
    let deviation = second.sqrt();
    if deviation > 0.0 { [mean, deviation, third / (second * deviation), fourth / (second * second) - 3.0] } else { [mean, 0.0, 0.0, 0.0] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::maths::random::{Key, normal};

    #[test]
    fn a_short_series_gives_the_worked_number() {
        let series = [1.0, 2.0, 3.0, 4.0, 5.0];
        assert!((autocorrelations(&series, 2)[0] - 0.4).abs() < 1e-15);
        assert!((autocorrelations(&series, 2)[1] + 0.1).abs() < 1e-15);
        assert!((ljung_box(&series, 1).unwrap().statistic - 1.4).abs() < 1e-14);
        assert_eq!(ljung_box(&series, 5), None);
        assert_eq!(autocorrelations(&[2.0; 9], 3), [0.0; 3]);
    }

    #[test]
    fn white_noise_passes_as_often_as_stated_and_a_trend_never() {
        let noise = |series: u32| (0..400).map(|t| normal(Key([series, 3]), t, 0)).collect::<Vec<f64>>();
        let rejected = (0..400).filter(|s| ljung_box(&noise(*s), 10).unwrap().p_value < 0.05).count();
        // 20 expected, deviation 4.4
        assert!((4..38).contains(&rejected), "{rejected} of 400");
        let smooth: Vec<f64> = noise(1).windows(2).map(|w| w[0] + w[1]).collect();
        assert!(ljung_box(&smooth, 10).unwrap().p_value < 1e-6);
    }

    #[test]
    fn normal_quantiles_lie_on_the_diagonal_of_a_normal_sample() {
        let sample: Vec<f64> = (0..5_000).map(|k| normal_quantile((f64::from(k) + 0.5) / 5_000.0)).collect();
        let pairs = normal_quantiles(&sample, 200);
        assert_eq!(pairs.len(), 200);
        assert!(pairs.iter().all(|(a, b)| (a - b).abs() < 1e-12) && pairs[0].1 == sample[0] && pairs[199].1 == sample[4_999]);
        let [mean, deviation, skewness, kurtosis] = shape(&sample);
        assert!(mean.abs() < 1e-9 && (deviation - 1.0).abs() < 1e-3 && skewness.abs() < 1e-9 && kurtosis.abs() < 0.02);
    }
}
