//! Holds the variance laws to published fits, to another program's, and to themselves.

use crate::statistics::assert_z;
use crate::support::shared;
use levertide::maths::random::{Key, normal};
use levertide::model::market::garch::{self, Innovations, Volatility};

/// The DEM/GBP returns, where the shared data lie beside the checkout.
fn exchange_rate() -> Option<Vec<f64>> {
    let text = std::fs::read_to_string(shared::file("dem2gbp.csv")?).expect("it can be read");
    Some(text.lines().skip(1).map(|line| line.split(',').nth(1).expect("two columns").parse().expect("a number")).collect())
}

#[test]
fn the_garch_benchmark_is_met_to_its_digits() {
    let Some(returns) = exchange_rate() else { return };
    let fit = garch::fit(Volatility::Garch, Innovations::Normal, &returns).expect("fits");
    // Fiorentini, Calzolari and Panattoni (1996)
    for (found, printed, digit) in [
        (fit.law.mean, -0.006_190_41, 1e-8),
        (fit.law.omega, 0.010_761_3, 1e-7),
        (fit.law.alpha, 0.153_134, 1e-6),
        (fit.law.beta, 0.805_974, 1e-6),
        (fit.log_likelihood, -1106.608, 1e-3),
    ] {
        assert!((found - printed).abs() <= digit, "{found} for {printed}");
    }
}

/// (law, innovations, mean, ω, α, γ, β, ν, λ, log-likelihood) of the Python package arch 8.0.0, its backcast set to the mean
/// squared residual.
#[rustfmt::skip]
const ARCH: [(Volatility, Innovations, [f64; 7], f64); 8] = [
    (Volatility::Garch, Innovations::T, [0.0021927, 0.0027289743, 0.117080888, 0.0, 0.882919111, 4.33337648, 0.0], -989.774370),
    (Volatility::Garch, Innovations::SkewedT, [-0.0082536, 0.0027549659, 0.118351656, 0.0, 0.881648344, 4.39328645, -0.090616448], -985.346052),
    (Volatility::Gjr, Innovations::Normal, [-0.0078900, 0.0112332028, 0.140502358, 0.028341605, 0.801440210, 0.0, 0.0], -1106.102340),
    (Volatility::Gjr, Innovations::T, [0.0009348, 0.0026183105, 0.095913262, 0.036502767, 0.885835355, 4.26982286, 0.0], -988.702694),
    (Volatility::Gjr, Innovations::SkewedT, [-0.0098368, 0.0027277269, 0.096926684, 0.037982531, 0.884082051, 4.33383199, -0.091949072], -984.187421),
    (Volatility::Egarch, Innovations::Normal, [-0.0115925, -0.126891151, 0.332720261, -0.038461901, 0.912404942, 0.0, 0.0], -1102.270438),
    (Volatility::Egarch, Innovations::T, [-0.0002325, -0.016433704, 0.255633711, -0.037942085, 0.977641240, 4.13075787, 0.0], -986.133137),
    (Volatility::Egarch, Innovations::SkewedT, [-0.0119575, -0.017213102, 0.254698675, -0.039658578, 0.976933124, 4.20545994, -0.099678445], -980.951985),
];

#[test]
fn every_variance_law_and_innovation_agrees_with_the_arch_package() {
    let Some(returns) = exchange_rate() else { return };
    for (volatility, innovations, expected, likelihood) in ARCH {
        let fit = garch::fit(volatility, innovations, &returns).expect("fits");
        let law = fit.law;
        let found = [law.mean, law.omega, law.alpha, law.gamma, law.beta, if law.nu.is_finite() { law.nu } else { 0.0 }, law.lambda];
        for (i, (x, y)) in found.iter().zip(expected).enumerate() {
            // four digits; the mean is small against its standard error of 0.008, so that it counts to 1 % of that
            let allowed = if i == 0 { 8e-5 } else { 5e-4 * y.abs() };
            assert!((x - y).abs() <= allowed, "{volatility:?} {innovations:?}, figure {i}: {x} for {y}");
        }
        assert!((fit.log_likelihood - likelihood).abs() < 2e-3, "{volatility:?} {innovations:?}: {} for {likelihood}", fit.log_likelihood);
    }
}

#[test]
fn a_simulated_garch_series_gives_its_law_back() {
    let law = garch::Law {
        volatility: Volatility::Garch,
        mean: 0.0003,
        omega: 4e-6,
        alpha: 0.08,
        gamma: 0.0,
        beta: 0.90,
        nu: f64::INFINITY,
        lambda: 0.0,
    };
    let mut variance = 2e-4;
    let returns: Vec<f64> = (0..20_000u64)
        .map(|day| {
            let residual = f64::sqrt(variance) * normal(Key([41, 1]), day, 0);
            variance = law.next_variance(variance, residual);
            law.mean + residual
        })
        .collect();
    let fit = garch::fit(Volatility::Garch, Innovations::Normal, &returns).expect("fits");
    for (what, found, given, error) in [
        ("mean", fit.law.mean, law.mean, fit.errors[0]),
        ("omega", fit.law.omega, law.omega, fit.errors[1]),
        ("alpha", fit.law.alpha, law.alpha, fit.errors[2]),
        ("beta", fit.law.beta, law.beta, fit.errors[4]),
    ] {
        assert_z(what, found, given, error);
    }
}
