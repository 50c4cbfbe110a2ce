//! Holds what paths do over several days to each model's law: fourth moments, squares of neighbouring days, sums of days.

#![expect(clippy::disallowed_methods, reason = "reference values, compared within sampling error")]

use crate::statistics::{assert_chi_square, assert_z, fill, fit, market, telling};
use levertide::maths::lanes::LANES;
use levertide::maths::random::{Key, normal};
use levertide::model::history::Market;
use levertide::model::market::block_bootstrap::{BlockBootstrap, BlockDays};
use levertide::model::market::filtered_historical::FilteredHistorical;
use levertide::model::market::garch::{Innovations, Volatility};
use levertide::model::market::gaussian::Gaussian;
use levertide::model::market::regime_switching::RegimeSwitching;
use levertide::model::market::student_t::StudentT;
use levertide::model::market::{MarketModel, MarketSpec, regimes};
use levertide::units::Ratio;

/// Paths of one symbol of `width`, each `horizon` simple returns long.
fn paths(model: &dyn MarketModel, width: usize, symbol: usize, horizon: usize, count: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut all = Vec::with_capacity(count);
    for first_path in (0..count).step_by(LANES) {
        let (simple_return, _) = fill(model, first_path as u64, horizon, width, seed);
        all.extend((0..LANES).map(|lane| (0..horizon).map(|d| simple_return[(d * width + symbol) * LANES + lane]).collect()));
    }
    all
}

/// The mean of a figure of every path against its law, in standard errors of the sample.
fn assert_mean(what: &str, sample: &[f64], expected: f64, bound: f64) {
    let n = sample.len() as f64;
    let mean = sample.iter().sum::<f64>() / n;
    let error = (sample.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n / n).sqrt();
    let z = (mean - expected) / error;
    assert!(z.abs() < bound, "{what}: {mean} for {expected}, {z:.2} standard errors off");
}

/// One false alarm in a million tests.
const Z: f64 = 4.892;

/// Kolmogorov–Smirnov between two samples, asymptotic p value.
fn assert_same_law(what: &str, mut a: Vec<f64>, mut b: Vec<f64>) {
    a.sort_by(f64::total_cmp);
    b.sort_by(f64::total_cmp);
    let (n, m) = (a.len() as f64, b.len() as f64);
    let below = |sample: &[f64], x: f64| sample.partition_point(|y| *y <= x) as f64 / sample.len() as f64;
    let distance = a.iter().chain(&b).map(|x| (below(&a, *x) - below(&b, *x)).abs()).fold(0.0, f64::max);
    let p = 2.0 * (-2.0 * n * m / (n + m) * distance * distance).exp();
    assert!(p > 1e-6, "{what}: distance {distance}, p {p:e}");
}

fn student_t(nu: f64, correlation: f64) -> MarketSpec {
    MarketSpec::StudentT(StudentT {
        degrees_of_freedom: Some(nu),
        volatility_annual: Some(Ratio::from_fraction(0.32)),
        drift_annual: Some(Ratio::from_fraction(0.0512)),
        correlation: Some(Ratio::from_fraction(correlation)),
        trading_days: 256.0,
        ..StudentT::default()
    })
}

/// Standardised log returns of two symbols, day by day: volatility 2 % a session, log drift nought.
fn standard_pairs(spec: &MarketSpec, count: usize) -> Vec<[f64; 4]> {
    let past = telling(2, 3);
    let model = fit(spec, &past, &[0, 1], 2);
    let z = |symbol: usize| paths(&*model, 2, symbol, 2, count, 97);
    let unit = |r: f64| r.ln_1p() / 0.02;
    z(0).iter().zip(&z(1)).map(|(x, y)| [unit(x[0]), unit(y[0]), unit(x[1]), unit(y[1])]).collect()
}

#[test]
fn fourth_moments_of_normal_and_t_returns_are_those_of_their_laws() {
    let rho = 0.4;
    let gaussian = MarketSpec::Gaussian(Gaussian {
        volatility_annual: Some(Ratio::from_fraction(0.32)),
        drift_annual: Some(Ratio::from_fraction(0.0512)),
        correlation: Some(Ratio::from_fraction(rho)),
        trading_days: 256.0,
        ..Gaussian::default()
    });
    // of a normal variance mixture of variance 1: E x⁴ = 3 κ, E x²y² = (1 + 2ρ²) κ, κ = (ν − 2)/(ν − 4), 1 of a normal
    for (spec, kappa) in [(gaussian, 1.0), (student_t(20.0, rho), 18.0 / 16.0)] {
        let sample = standard_pairs(&spec, 200_000);
        let name = spec.key();
        let mean_of = |what: &str, of: &dyn Fn(&[f64; 4]) -> f64, expected: f64| {
            assert_mean(&format!("{name}, {what}"), &sample.iter().map(of).collect::<Vec<_>>(), expected, Z);
        };
        mean_of("mean", &|x| x[0], 0.0);
        mean_of("variance", &|x| x[1] * x[1], 1.0);
        mean_of("covariance", &|x| x[0] * x[1], rho);
        mean_of("kurtosis", &|x| x[0] * x[0] * x[0] * x[0], 3.0 * kappa);
        mean_of("shared fourth moment", &|x| x[0] * x[0] * x[1] * x[1], (1.0 + 2.0 * rho * rho) * kappa);
        // days are independent: neither returns nor squares are correlated from one to the next
        mean_of("neighbouring days", &|x| x[0] * x[2], 0.0);
        mean_of("squares of neighbouring days", &|x| (x[0] * x[0] - 1.0) * (x[2] * x[2] - 1.0), 0.0);
    }
}

#[test]
fn student_t_losses_meet_the_closed_form_within_three_standard_errors() {
    // 99 % quantile and expected shortfall of a unit-variance t with 5 degrees of freedom, and its density at the quantile
    let (quantile, shortfall, density) = (2.606_464, 3.448_837, 0.010_911 * (5.0f64 / 3.0).sqrt());
    let mut losses: Vec<f64> = standard_pairs(&student_t(5.0, 0.0), 400_000).iter().map(|x| -x[0]).collect();
    losses.sort_by(|a, b| b.total_cmp(a));
    let n = losses.len() as f64;
    let count = (0.01 * n) as usize;
    let tail = &losses[..count];
    let error = (0.01f64 * 0.99 / n).sqrt() / density;
    let z = (tail[count - 1] - quantile) / error;
    assert!(z.abs() < 3.0, "VaR 99 %: {} for {quantile}, {z:.2} standard errors off", tail[count - 1]);
    let mean = tail.iter().sum::<f64>() / count as f64;
    let variance = tail.iter().map(|l| (l - mean) * (l - mean)).sum::<f64>() / count as f64;
    let error = ((variance + 0.99 * (mean - quantile) * (mean - quantile)) / count as f64).sqrt();
    let z = (mean - shortfall) / error;
    assert!(z.abs() < 3.0, "ES 99 %: {mean} for {shortfall}, {z:.2} standard errors off");
}

/// A past whose volatility comes in clusters.
fn clustered(days: usize) -> Market {
    let mut variance: f64 = 4e-4;
    let logs: Vec<f64> = (0..days as u64)
        .map(|day| {
            let r = variance.sqrt() * normal(Key([98, 1]), day, 0);
            variance = 8e-6 + 0.12 * r * r + 0.86 * variance;
            r
        })
        .collect();
    market(1, days, |day, _| logs[day].exp_m1())
}

#[test]
fn bootstrapped_days_keep_moments_and_lose_dependence_at_the_rate_of_their_blocks() {
    let (days, mean_block) = (400usize, 8.0);
    let past = clustered(days);
    let x: Vec<f64> = (0..days).map(|d| past.history.row(d)[0]).collect();
    let spec = MarketSpec::BlockBootstrap(BlockBootstrap { block_days: BlockDays::Days(mean_block) });
    let model = fit(&spec, &past, &[0], 6);
    let sample = paths(&*model, 1, 0, 6, 160_000, 101);
    let average = |of: &dyn Fn(usize) -> f64| (0..days).map(of).sum::<f64>() / days as f64;
    let (mean, square) = (average(&|d| x[d]), average(&|d| x[d] * x[d]));
    for day in [0, 5] {
        let of = |power: i32| sample.iter().map(|p| p[day].powi(power)).collect::<Vec<_>>();
        assert_mean("mean", &of(1), mean, Z);
        assert_mean("second moment", &of(2), square, Z);
        assert_mean("fourth moment", &of(4), average(&|d| x[d].powi(4)), Z);
    }
    // a block goes on over k days with probability (1 − 1/L)^k, round the end of the window to its start
    for lag in [1usize, 4] {
        let stays = (1.0 - 1.0 / mean_block).powi(lag as i32);
        let squares = average(&|d| x[d].powi(2) * x[(d + lag) % days].powi(2));
        let products = average(&|d| x[d] * x[(d + lag) % days]);
        let of = |power: i32| sample.iter().map(|p| p[1].powi(power) * p[1 + lag].powi(power)).collect::<Vec<_>>();
        assert_mean("products", &of(1), stays * products + (1.0 - stays) * mean * mean, Z);
        assert_mean("products of squares", &of(2), stays * squares + (1.0 - stays) * square * square, Z);
    }
}

#[test]
fn regimes_carry_their_volatility_from_day_to_day_as_the_chain_says() {
    let past = clustered(900);
    let x: Vec<f64> = (0..900).map(|d| past.history.row(d)[0]).collect();
    let law = regimes::fit(&x, 2).expect("regimes");
    let chain = &law.chain;
    let model = fit(&MarketSpec::RegimeSwitching(RegimeSwitching::default()), &past, &[0], 2);
    let sample = paths(&*model, 1, 0, 2, 160_000, 103);
    let moment = |s: usize, power: i32| {
        let weights = || law.smoothed.iter().skip(s).step_by(2);
        x.iter().zip(weights()).map(|(x, g)| g * x.powi(power)).sum::<f64>() / weights().sum::<f64>()
    };
    let first = chain.next(&chain.filter(&x).filtered[2 * 899..]);
    let over =
        |of: &dyn Fn(usize, usize) -> f64| -> f64 { (0..4).map(|at| first[at / 2] * chain.transition[at] * of(at / 2, at % 2)).sum() };
    for power in [1, 2, 4] {
        assert_mean("first day", &sample.iter().map(|p| p[0].powi(power)).collect::<Vec<_>>(), over(&|s, _| moment(s, power)), Z);
        assert_mean("second day", &sample.iter().map(|p| p[1].powi(power)).collect::<Vec<_>>(), over(&|_, r| moment(r, power)), Z);
    }
    let squares = |p: &Vec<f64>| p[0] * p[0] * p[1] * p[1];
    let expected = over(&|s, r| moment(s, 2) * moment(r, 2));
    assert_mean("products of squares", &sample.iter().map(squares).collect::<Vec<_>>(), expected, Z);
}

#[test]
fn filtered_paths_are_those_of_the_recursion_written_out() {
    let days = 900;
    let past = clustered(days);
    let logs: Vec<f64> = (0..days).map(|d| past.history.row(d)[0].ln_1p()).collect();
    for volatility in [Volatility::Garch, Volatility::Gjr, Volatility::Egarch] {
        let spec = MarketSpec::FilteredHistorical(FilteredHistorical { volatility, innovations: Innovations::Normal });
        let model = fit(&spec, &past, &[0], 10);
        let card = model.card();
        let figure = |name: &str| card.parameters.iter().find(|p| p.0 == format!("{name} S0000")).map_or(0.0, |p| p.1);
        let [mean, omega, alpha, gamma, beta] = ["mean", "omega", "alpha", "gamma", "beta"].map(figure);
        let next = |variance: f64, residual: f64| match volatility {
            Volatility::Garch => omega + alpha * residual * residual + beta * variance,
            Volatility::Gjr => omega + (alpha + if residual < 0.0 { gamma } else { 0.0 }) * residual * residual + beta * variance,
            Volatility::Egarch => {
                let z = residual / variance.sqrt();
                (omega + alpha * (z.abs() - (2.0 / std::f64::consts::PI).sqrt()) + gamma * z + beta * variance.ln()).exp()
            }
        };
        let level = logs.iter().map(|r| (r - mean) * (r - mean)).sum::<f64>() / days as f64;
        let mut variance = match volatility {
            Volatility::Garch => omega + (alpha + beta) * level,
            Volatility::Gjr => omega + (alpha + 0.5 * gamma + beta) * level,
            Volatility::Egarch => (omega + beta * level.ln()).exp(),
        };
        let mut residuals = Vec::with_capacity(days);
        for r in &logs {
            residuals.push((r - mean) / variance.sqrt());
            variance = next(variance, r - mean);
        }
        assert!((figure("volatility_annual at as-of") / (252.0 * variance).sqrt() - 1.0).abs() < 1e-9, "{volatility:?}: {card:?}");
        // the first day is each past residual alike, at today's volatility
        let sample = paths(&*model, 1, 0, 10, 90_000, 107);
        let mut order: Vec<usize> = (0..days).collect();
        order.sort_by(|a, b| residuals[*a].total_cmp(&residuals[*b]));
        let first: Vec<f64> = order.iter().map(|t| mean + variance.sqrt() * residuals[*t]).collect();
        let mut counts = vec![0.0; days];
        for p in &sample {
            let r = p[0].ln_1p();
            let at = first.partition_point(|x| *x < r - 1e-12);
            assert!((first[at] - r).abs() < 1e-9, "{volatility:?}: {r} is no residual of the past at today's volatility");
            counts[at] += 1.0;
        }
        assert_chi_square("past residuals", &counts, &vec![100.0; days], 0);
        // ten days written out, with days drawn here
        let own = |path: u64| {
            let (mut level, mut sum, mut squares) = (variance, 0.0, [0.0; 2]);
            for day in 0..10u32 {
                let z = residuals[(Key([108, 5]).uniform(path, day) * days as f64) as usize];
                let residual = level.sqrt() * z;
                (sum, level) = (sum + mean + residual, next(level, residual));
                if day >= 8 {
                    squares[day as usize - 8] = (mean + residual) * (mean + residual);
                }
            }
            (sum, squares[0] * squares[1])
        };
        let (sums, squares): (Vec<f64>, Vec<f64>) = (0..90_000).map(own).unzip();
        let log = |p: &Vec<f64>, day: usize| p[day].ln_1p();
        assert_same_law("sum of ten days", sample.iter().map(|p| (0..10).map(|d| log(p, d)).sum()).collect(), sums);
        let found: Vec<f64> = sample.iter().map(|p| (log(p, 8) * log(p, 9)).powi(2)).collect();
        let of = |x: &[f64]| {
            let m = x.iter().sum::<f64>() / x.len() as f64;
            (m, x.iter().map(|v| (v - m) * (v - m)).sum::<f64>() / (x.len() * x.len()) as f64)
        };
        let ((a, va), (b, vb)) = (of(&found), of(&squares));
        assert_z("products of neighbouring squares", a, b, (va + vb).sqrt());
    }
}
