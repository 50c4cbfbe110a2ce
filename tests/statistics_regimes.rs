//! Holds regime switching and statistical factors to their own laws, with fixed seeds.

#![expect(clippy::disallowed_methods, reason = "reference values, compared within sampling error")]

use crate::statistics::{assert_chi_square, assert_ks, assert_z, fill, fit, log_moments, market};
use levertide::maths::lanes::LANES;
use levertide::maths::random::{Key, normal};
use levertide::model::history::Market;
use levertide::model::market::covariance::Covariance;
use levertide::model::market::gaussian::Gaussian;
use levertide::model::market::regime_switching::RegimeSwitching;
use levertide::model::market::{MarketModel, MarketSpec, regimes};
use statrs::distribution::{ContinuousCDF, Normal};

/// Calm of 1 % and storms of 4 %, each return another one; the first symbol alone is the market.
fn weather(days: usize) -> Market {
    let key = Key([71, 3]);
    let mut stormy = false;
    let levels: Vec<f64> = (0..days as u64)
        .map(|day| {
            let u = key.uniform(day, 1);
            stormy = if stormy { u >= 0.08 } else { u < 0.03 };
            if stormy { 0.04 } else { 0.01 }
        })
        .collect();
    market(1, days, |day, _| levels[day] * normal(key, day as u64, 0))
}

fn switching(past: &Market, horizon_days: usize) -> Box<dyn MarketModel> {
    fit(&MarketSpec::RegimeSwitching(RegimeSwitching { regimes: 2 }), past, &[0], horizon_days)
}

/// The past day of every simulated day, path by path.
fn drawn_days(past: &Market, horizon: usize, paths: usize, seed: u64) -> Vec<Vec<usize>> {
    let days = past.history.days();
    let mut order: Vec<usize> = (0..days).collect();
    order.sort_by(|a, b| past.history.row(*a)[0].total_cmp(&past.history.row(*b)[0]));
    let day_of = |r: f64| order[order.binary_search_by(|d| past.history.row(*d)[0].total_cmp(&r)).expect("a past return")];
    let model = switching(past, horizon);
    let mut all = Vec::with_capacity(paths);
    for first_path in (0..paths).step_by(LANES) {
        let (simple_return, _) = fill(&*model, first_path as u64, horizon, 1, seed);
        all.extend((0..LANES).map(|lane| (0..horizon).map(|d| day_of(simple_return[d * LANES + lane])).collect::<Vec<_>>()));
    }
    all
}

#[test]
fn days_are_drawn_with_the_probability_of_their_regime() {
    let past = weather(600);
    let series: Vec<f64> = (0..600).map(|d| past.history.row(d)[0]).collect();
    let law = regimes::fit(&series, 2).expect("regimes");
    let chain = &law.chain;
    let mass = |s: usize| law.smoothed.iter().skip(s).step_by(2).sum::<f64>();
    let of_day = |probability: &[f64]| -> Vec<f64> {
        (0..600).map(|t| (0..2).map(|s| probability[s] * law.smoothed[2 * t + s] / mass(s)).sum()).collect()
    };
    let now = chain.filter(&series).filtered[2 * 599..].to_vec();
    let paths = 120_000;
    let drawn = drawn_days(&past, 3, paths, 83);
    let mut probability = now;
    for day in 0..3 {
        probability = chain.next(&probability);
        let expected: Vec<f64> = of_day(&probability).iter().map(|p| p * paths as f64).collect();
        let mut counts = vec![0.0; 600];
        drawn.iter().for_each(|path| counts[path[day]] += 1.0);
        assert_chi_square(&format!("past days of session {day}"), &counts, &expected, 0);
        // the law of the return itself: a mixture of steps, compared at every step
        let mut order: Vec<usize> = (0..600).collect();
        order.sort_by(|a, b| series[*a].total_cmp(&series[*b]));
        let (mut found, mut due, mut gap) = (0.0, 0.0, 0.0f64);
        for t in order {
            (found, due) = (found + counts[t] / paths as f64, due + expected[t] / paths as f64);
            gap = gap.max((found - due).abs());
        }
        assert!(2.0 * (-2.0 * paths as f64 * gap * gap).exp() > 1e-6, "session {day}: the distributions are {gap} apart");
    }
}

#[test]
fn regimes_last_and_recur_as_the_transitions_say() {
    // so far apart that a day tells its regime: calm days lie within 1 %, stormy ones beyond −6 %
    let key = Key([72, 3]);
    let past = market(1, 900, |day, _| {
        let size = key.uniform(day as u64, 0);
        if day % 30 < 24 { 0.02 * size - 0.01 } else { -0.06 - 0.04 * size }
    });
    let model = switching(&past, 5);
    let card = model.card();
    let figure = |name: &str| card.parameters.iter().find(|p| p.0 == name).unwrap_or_else(|| panic!("{card:?}")).1;
    let stormy = |path: &Vec<usize>| -> Vec<usize> { path.iter().map(|d| usize::from(past.history.row(*d)[0] < -0.03)).collect() };
    let paths: Vec<Vec<usize>> = drawn_days(&past, 300, 4096, 84).iter().map(stormy).collect();
    let (count, horizon) = (paths.len() as f64, 300usize);
    for s in 0..2 {
        let first = figure(&format!("probability regime {}, first session", s + 1));
        let found = paths.iter().filter(|p| p[0] == s).count() as f64 / count;
        assert_z("first session", found, first, (first * (1.0 - first) / count).sqrt().max(1e-4));
        let stay = figure(&format!("transition {0} to {0}", s + 1));
        let (mut from, mut stayed) = (0.0, 0.0);
        let mut lengths = vec![0.0; 12];
        for path in &paths {
            for w in path.windows(2).filter(|w| w[0] == s) {
                from += 1.0;
                stayed += f64::from(u8::from(w[1] == s));
            }
            // stays that begin early enough to be seen nearly to their end
            for d in (1..horizon - 200).filter(|d| path[*d] == s && path[d - 1] != s) {
                let length = path[d..].iter().take_while(|r| **r == s).count();
                lengths[length.min(12) - 1] += 1.0;
            }
        }
        assert_z("stay", stayed / from, stay, (stay * (1.0 - stay) / from).sqrt());
        let total: f64 = lengths.iter().sum();
        let expected: Vec<f64> = (0..12).map(|k| total * stay.powi(k) * if k == 11 { 1.0 } else { 1.0 - stay }).collect();
        assert_chi_square("lengths of stays", &lengths, &expected, 0);
        assert!((figure(&format!("duration_days regime {}", s + 1)) * (1.0 - stay) - 1.0).abs() < 1e-9);
        // after 300 sessions the start is forgotten; paths are independent
        let share = figure(&format!("long_run_share regime {}", s + 1));
        let last = paths.iter().filter(|p| p[horizon - 1] == s).count() as f64 / count;
        assert_z("long run", last, share, (share * (1.0 - share) / count).sqrt());
    }
}

#[test]
fn what_is_fitted_is_the_same_on_every_instruction_set() {
    use levertide::maths::isa;
    use levertide::model::market::student_t::StudentT;
    // fewer days than symbols, so that the sample's correlation is repaired too
    let past = two_factors(80);
    let few = two_factors(9);
    let specs = [
        MarketSpec::Gaussian(Gaussian { covariance: Covariance::Factor, ..Gaussian::default() }),
        MarketSpec::Gaussian(Gaussian { covariance: Covariance::Sample, ..Gaussian::default() }),
        MarketSpec::Gaussian(Gaussian { covariance: Covariance::Shrinkage, ..Gaussian::default() }),
        MarketSpec::StudentT(StudentT::default()),
        MarketSpec::RegimeSwitching(RegimeSwitching { regimes: 3 }),
    ];
    let symbols: Vec<usize> = (0..12).collect();
    for (spec, past) in specs.iter().flat_map(|spec| [(spec, &past), (spec, &few)]) {
        let of = |level| {
            isa::force(level);
            let model = fit(spec, past, &symbols, 3);
            let (simple_return, _) = fill(&*model, 32, 3, 12, 7);
            (simple_return.iter().map(|r| r.to_bits()).collect::<Vec<_>>(), model.card())
        };
        let all = isa::LEVELS.map(of);
        isa::force(isa::Isa::Avx512);
        assert!(all[1] == all[0] && all[2] == all[0], "{}", spec.key());
    }
}

/// Twelve symbols on a common factor and, in halves, a second one.
fn two_factors(days: usize) -> Market {
    let z = |item: u32, day: usize| normal(Key([item, 74]), day as u64, 0);
    market(12, days, |day, symbol| {
        let side = if symbol % 2 == 0 { 0.5 } else { -0.5 };
        (0.02 * (0.6 * z(900, day) + side * z(901, day) + 0.62 * z(symbol as u32, day))).exp_m1()
    })
}

#[test]
fn factors_draw_the_margins_and_the_correlation_they_state() {
    let past = two_factors(1500);
    let symbols: Vec<usize> = (0..12).collect();
    let spec = Gaussian { covariance: Covariance::Factor, ..Gaussian::default() };
    let model = fit(&MarketSpec::Gaussian(spec), &past, &symbols, 2);
    let card = model.card();
    let figure = |name: &str| card.parameters.iter().find(|p| p.0 == name).unwrap_or_else(|| panic!("{card:?}")).1;
    assert_eq!(figure("factors"), 2.0, "{card:?}");
    let (mean, covariance, n) = log_moments(&*model, 12, 2, 6000);
    let mut pairs = 0.0;
    for i in 0..12 {
        let logs: Vec<f64> = (0..1500).map(|d| past.history.row(d)[i].ln_1p()).collect();
        let average = logs.iter().sum::<f64>() / 1500.0;
        let variance = logs.iter().map(|x| (x - average) * (x - average)).sum::<f64>() / 1499.0;
        assert_z("mean", mean[i], average, (variance / n).sqrt());
        assert_z("variance", covariance[i * 13], variance, variance * (2.0 / n).sqrt());
        for j in 0..i {
            let rho = covariance[i * 12 + j] / (covariance[i * 13] * covariance[j * 13]).sqrt();
            // that of the past, within what a thousand and a half days tell of it
            let expected = if (i + j) % 2 == 0 { 0.61 } else { 0.11 };
            assert!((rho - expected / 0.9944).abs() < 0.09, "{i}, {j}: {rho}");
            pairs += rho / 66.0;
        }
    }
    // the error of a mean of correlations is below that of a single one
    assert_z("mean correlation", pairs, figure("correlation mean"), 1.0 / n.sqrt());
    let first: Vec<f64> = (0..4000u64).flat_map(|t| fill(&*model, t * LANES as u64, 1, 12, 19).0[..LANES].to_vec()).collect();
    let law = Normal::new(mean[0], covariance[0].sqrt()).expect("a law");
    assert_ks("a margin", first.iter().map(|r| r.ln_1p()).collect(), |x| law.cdf(x));
}

#[test]
fn every_covariance_of_a_well_known_past_is_that_of_the_past() {
    use levertide::model::market::student_t::StudentT;
    use levertide::model::market::t_copula::TCopula;
    let past = two_factors(2500);
    let symbols: Vec<usize> = (0..12).collect();
    let mean_of = |spec: MarketSpec| {
        let card = fit(&spec, &past, &symbols, 2).card();
        card.parameters.iter().find(|p| p.0 == "correlation mean").unwrap_or_else(|| panic!("{card:?}")).1
    };
    let expected = (30.0 * 0.61 + 36.0 * 0.11) / 66.0 / 0.9944;
    for covariance in [Covariance::Auto, Covariance::Sample, Covariance::Shrinkage, Covariance::Factor] {
        for spec in [
            MarketSpec::Gaussian(Gaussian { covariance, ..Gaussian::default() }),
            MarketSpec::StudentT(StudentT { covariance, ..StudentT::default() }),
            MarketSpec::TCopula(TCopula { covariance, ..TCopula::default() }),
        ] {
            let (name, found) = (spec.key(), mean_of(spec));
            // components of as few as twelve symbols take in some of their own noise
            let allowed = if covariance == Covariance::Factor { 0.05 } else { 0.03 };
            assert!((found - expected).abs() < allowed, "{name}, {covariance:?}: {found} for {expected}");
        }
    }
}
