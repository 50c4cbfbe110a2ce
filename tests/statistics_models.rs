//! Holds the models with jumps and the copula to their own laws, with fixed seeds.

#![expect(clippy::disallowed_methods, reason = "reference values, compared within sampling error")]

use crate::statistics::{assert_chi_square, assert_ks, assert_z, fill, fit, log_moments, market, telling};
use levertide::maths::lanes::LANES;
use levertide::maths::random::{Key, normal};
use levertide::model::history::Market;
use levertide::model::market::jump_diffusion::{GivenJumps, JumpDiffusion};
use levertide::model::market::t_copula::TCopula;
use levertide::model::market::{MarketModel, MarketSpec};
use levertide::units::Ratio;
use statrs::distribution::{ChiSquared, Continuous, ContinuousCDF, Normal, StudentsT};

/// The first session's simple returns of one symbol on many paths.
fn first_day(model: &dyn MarketModel, symbols: usize, symbol: usize, paths: usize, seed: u64) -> Vec<f64> {
    let tile = |first: usize| fill(model, first as u64, 1, symbols, seed).0[symbol * LANES..][..LANES].to_vec();
    (0..paths).step_by(LANES).flat_map(tile).collect()
}

/// Three standard errors: what the closed forms are asked to meet.
fn assert_within_three(what: &str, found: f64, expected: f64, standard_error: f64) {
    let z = (found - expected) / standard_error;
    assert!(z.abs() < 3.0, "{what}: {found} for {expected}, {z:.2} standard errors off");
}

const YEAR: f64 = 250.0;
const VOLATILITY: f64 = 0.30;
const DRIFT: f64 = 0.06;
/// Jumps a year, mean and deviation of the log size.
const COMMON: (f64, f64, f64) = (12.0, -0.06, 0.03);
const OWN: (f64, f64, f64) = (20.0, 0.01, 0.05);

fn jumps((per_year, mean, deviation): (f64, f64, f64)) -> Option<GivenJumps> {
    Some(GivenJumps { per_year, mean: Ratio::from_fraction(mean), deviation: Ratio::from_fraction(deviation) })
}

fn jump_diffusion(correlation: f64) -> MarketSpec {
    MarketSpec::JumpDiffusion(JumpDiffusion {
        volatility_annual: Some(Ratio::from_fraction(VOLATILITY)),
        drift_annual: Some(Ratio::from_fraction(DRIFT)),
        correlation: Some(Ratio::from_fraction(correlation)),
        common_jumps: jumps(COMMON),
        own_jumps: jumps(OWN),
        trading_days: YEAR,
    })
}

/// The law of one session's log return, a Poisson mixture: weight, mean and deviation of every pair of jump counts.
fn mixture() -> Vec<(f64, f64, f64)> {
    let growth = |(rate, mean, deviation): (f64, f64, f64)| rate * ((mean + 0.5 * deviation * deviation).exp() - 1.0);
    let constant = (DRIFT - 0.5 * VOLATILITY * VOLATILITY - growth(COMMON) - growth(OWN)) / YEAR;
    let mass = |rate: f64, k: i32| (-rate / YEAR).exp() * (rate / YEAR).powi(k) / (1..=k).map(f64::from).product::<f64>();
    let pair = |n: i32, k: i32| {
        let (common, own) = (f64::from(n), f64::from(k));
        let variance = VOLATILITY * VOLATILITY / YEAR + common * COMMON.2 * COMMON.2 + own * OWN.2 * OWN.2;
        (mass(COMMON.0, n) * mass(OWN.0, k), constant + common * COMMON.1 + own * OWN.1, variance.sqrt())
    };
    (0..9).flat_map(|n| (0..9).map(move |k| pair(n, k))).collect()
}

#[test]
fn jumps_meet_the_poisson_mixture_in_law_value_at_risk_and_expected_shortfall() {
    let model = fit(&jump_diffusion(0.4), &telling(1, 3), &[0], 1);
    let mut returns = first_day(&*model, 1, 0, 800_000, 41);
    let (law, normal, n) = (mixture(), Normal::standard(), returns.len() as f64);
    let cdf = |x: f64| law.iter().map(|(w, m, s)| w * normal.cdf((x - m) / s)).sum::<f64>();
    assert_ks("Poisson mixture", returns.iter().map(|r| r.ln_1p()).collect(), cdf);
    let tail = 0.01;
    let (mut low, mut high) = (-2.0, 0.0);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if cdf(middle) < tail { low = middle } else { high = middle }
    }
    // E[e^x; x < q] of a normal is e^(m + s²/2) Φ((q − m)/s − s)
    let below: f64 = law.iter().map(|(w, m, s)| w * (m + 0.5 * s * s).exp() * normal.cdf((low - m) / s - s)).sum();
    let (value_at_risk, shortfall) = (1.0 - low.exp(), 1.0 - below / tail);
    returns.sort_by(f64::total_cmp);
    let count = (tail * n) as usize;
    let worst: Vec<f64> = returns[..count].iter().map(|r| -r).collect();
    let density: f64 =
        law.iter().map(|(w, m, s)| w * (-0.5 * ((low - m) / s).powi(2)).exp() / (s * (2.0 * std::f64::consts::PI).sqrt())).sum();
    let error = (tail * (1.0 - tail) / n).sqrt() / (density / (1.0 - value_at_risk));
    assert_within_three("VaR 99 %", worst[count - 1], value_at_risk, error);
    let mean = worst.iter().sum::<f64>() / count as f64;
    let variance = worst.iter().map(|l| (l - mean).powi(2)).sum::<f64>() / count as f64;
    // the sample's own quantile moves with it: the excess of the mean over it adds to the variance
    let error = ((variance + (1.0 - tail) * (mean - value_at_risk).powi(2)) / count as f64).sqrt();
    assert_within_three("expected shortfall 99 %", mean, shortfall, error);
}

#[test]
fn jumps_have_the_mean_variance_covariance_and_growth_they_are_given() {
    let rho = 0.4;
    let (days, tiles) = (5, 8000);
    let model = fit(&jump_diffusion(rho), &telling(3, 3), &[0, 1, 2], days);
    let (mean, covariance, n) = log_moments(&*model, 3, days, tiles);
    let law = mixture();
    let expected: f64 = law.iter().map(|(w, m, _)| w * m).sum();
    let square = |(rate, mean, deviation): (f64, f64, f64)| rate / YEAR * (mean * mean + deviation * deviation);
    let variance = VOLATILITY * VOLATILITY / YEAR + square(COMMON) + square(OWN);
    let shared = rho * VOLATILITY * VOLATILITY / YEAR + square(COMMON);
    let fourth: f64 = law
        .iter()
        .map(|(w, m, s)| {
            let d = m - expected;
            w * (d.powi(4) + 6.0 * d * d * s * s + 3.0 * s.powi(4))
        })
        .sum();
    let error = ((fourth - variance * variance) / n).sqrt();
    for i in 0..3 {
        assert_within_three("mean", mean[i], expected, (variance / n).sqrt());
        assert_within_three("variance", covariance[i * 4], variance, error);
        for j in 0..i {
            // |xy| is at most (x² + y²)/2, so that the error of the variance bounds the covariance's
            assert_within_three("covariance", covariance[i * 3 + j], shared, error);
        }
    }
    let returns = first_day(&*model, 3, 1, 400_000, 43);
    let spread = (returns.iter().map(|r| r * r).sum::<f64>() / returns.len() as f64).sqrt();
    let growth = returns.iter().sum::<f64>() / returns.len() as f64;
    assert_z("mean growth", growth, (DRIFT / YEAR).exp() - 1.0, spread / (returns.len() as f64).sqrt());
}

/// The past of the copula tests: every return of a symbol is another one.
fn distinct_past() -> Market {
    market(3, 250, |day, symbol| 0.02 * normal(Key([symbol as u32, 61]), day as u64, 0))
}

fn t_copula(nu: f64, correlation: f64) -> MarketSpec {
    MarketSpec::TCopula(TCopula {
        degrees_of_freedom: Some(nu),
        correlation: Some(Ratio::from_fraction(correlation)),
        ..TCopula::default()
    })
}

#[test]
fn a_t_copula_keeps_every_margin_as_it_was() {
    let past = distinct_past();
    for nu in [2.5, 6.0, 200.0] {
        let model = fit(&t_copula(nu, 0.5), &past, &[0, 1, 2], 1);
        for symbol in 0..3 {
            let mut returns: Vec<f64> = (0..250).map(|day| past.history.row(day)[symbol]).collect();
            returns.sort_by(f64::total_cmp);
            let mut counts = vec![0.0; 250];
            for r in first_day(&*model, 3, symbol, 100_000, 47) {
                // what is no past return of this symbol is found nowhere
                counts[returns.binary_search_by(|p| p.total_cmp(&r)).expect("a past return")] += 1.0;
            }
            assert_chi_square("ranks of a margin", &counts, &[400.0; 250], 0);
            // the largest gap of the two distribution functions, against the Kolmogorov bound
            let gap = counts.iter().scan((0.0, 0.0), |(sum, even), c| {
                (*sum, *even) = (*sum + c, *even + 400.0);
                Some((*sum - *even).abs() / 1e5)
            });
            let gap = gap.fold(0.0, f64::max);
            assert!(2.0 * (-2.0 * 1e5 * gap * gap).exp() > 1e-6, "ν = {nu}, symbol {symbol}: {gap}");
        }
    }
}

/// The share of paths on which both of two symbols stand among their own worst `tail`.
fn both_in_tail(nu: f64, tail: f64, paths: usize) -> f64 {
    let past = market(2, 1000, |day, symbol| 1e-5 * ((7919 * day + 31 * symbol) % 1000) as f64 - 0.005);
    let model = fit(&t_copula(nu, 0.5), &past, &[0, 1], 1);
    let (a, b) = (first_day(&*model, 2, 0, paths, 53), first_day(&*model, 2, 1, paths, 53));
    let worst = -0.005 + 0.01 * tail - 5e-6;
    a.iter().zip(&b).filter(|(x, y)| **x < worst && **y < worst).count() as f64 / paths as f64
}

#[test]
fn a_t_copula_shares_its_worst_days_as_its_law_says_and_more_than_a_normal_one() {
    let (tail, paths, nu) = (0.01, 400_000, 4.0);
    let (fat, thin) = (both_in_tail(nu, tail, paths), both_in_tail(200.0, tail, paths));
    // P(both ≤ q) of a bivariate t: mixed over χ², the joint normal by one more integral over the common factor
    let t = StudentsT::new(0.0, 1.0, nu).expect("a law").inverse_cdf(tail);
    let (normal, chi) = (Normal::standard(), ChiSquared::new(nu).expect("a law"));
    let (steps, inner) = (2000, 400);
    let expected: f64 = (0..steps)
        .map(|k| {
            // cubed, so that the steps are short where W is small and the tail lies
            let s = (f64::from(k) + 0.5) / f64::from(steps);
            let w = chi.inverse_cdf(s * s * s);
            let q = t * (w / nu).sqrt();
            let given = |f: f64| normal.cdf((q - 0.5f64.sqrt() * f) / 0.5f64.sqrt()).powi(2);
            let width = 16.0 / f64::from(inner);
            3.0 * s * s * (0..inner).map(|i| -8.0 + (f64::from(i) + 0.5) * width).map(|f| given(f) * normal.pdf(f) * width).sum::<f64>()
        })
        .sum::<f64>()
        / f64::from(steps);
    // the quadrature over χ² is good to a thousandth of the figure
    let error = (expected / paths as f64).sqrt() + 1e-3 * expected;
    assert_within_three("both among their worst hundredth", fat, expected, error);
    assert!(fat > 1.8 * thin, "{fat} together at ν = {nu}, {thin} under a normal copula");
}
