//! Holds shocks that measure the model to the laws they state, over whole models.

use super::super::market::gaussian::Gaussian;
use super::super::market::{FitRequest, LANES, MarketModel, MarketSpec, toy};
use super::correlation::Correlation;
use super::gap::Gap;
use super::pinned_path::{Pin, PinnedPath};
use super::volatility::Volatility;
use super::*;
use crate::model::history::flag;

const DAYS: usize = 10;
const TILES: u64 = 1_500;

/// Volatility 32 % a year (2 % a session at 256), drift nought, one correlation.
fn gaussian(correlation: f64) -> MarketSpec {
    let given = |value: f64| Some(Ratio::from_fraction(value));
    MarketSpec::Gaussian(Gaussian {
        volatility_annual: given(0.32),
        drift_annual: given(0.0),
        correlation: given(correlation),
        trading_days: 256.0,
        ..Gaussian::default()
    })
}

fn fit(spec: &MarketSpec, market: &Market, symbols: &[usize]) -> Box<dyn MarketModel> {
    spec.fit(&FitRequest { horizon_days: DAYS, ..toy::request(market, symbols, DAYS) }).expect("fits")
}

fn ready(shocks: &[Shock], market: &Market, symbols: &[usize], model: &dyn MarketModel) -> Vec<Prepared> {
    let price_limit = Arc::new(vec![f64::INFINITY; DAYS * symbols.len()]);
    prepare(shocks, &Ground { market, symbols, model, streams: &Streams::new(11), days: DAYS, price_limit, halted: &[] })
}

/// Log returns `[tile][day][symbol][lane]` of the shocked paths.
fn paths(model: &dyn MarketModel, shocks: &[Prepared], symbols: usize, tiles: u64) -> Vec<Vec<f64>> {
    let one = |tile: u64| {
        let mut buffer = toy::Buffer::new(DAYS, symbols);
        buffer.volume.clear();
        let mut tile = buffer.tile(tile * LANES as u64);
        model.fill(&mut tile, &Streams::new(11));
        shocks.iter().for_each(|shock| shock.apply(&mut tile));
        buffer.simple_return.iter().map(|r| libm::log1p(*r)).collect()
    };
    (0..tiles).map(one).collect()
}

/// Mean product of two columns of cells over all paths, each less its own mean; and the number of pairs.
fn covariance(paths: &[Vec<f64>], one: usize, two: usize) -> f64 {
    let lanes = || paths.iter().flat_map(|tile| (0..LANES).map(move |lane| (tile[one * LANES + lane], tile[two * LANES + lane])));
    let n = (paths.len() * LANES) as f64;
    let (a, b) = lanes().fold((0.0, 0.0), |(a, b), (x, y)| (a + x / n, b + y / n));
    lanes().fold(0.0, |sum, (x, y)| sum + (x - a) * (y - b) / n)
}

#[test]
fn the_pull_keeps_variances_and_raises_correlation_by_its_formula() {
    let market = toy::market(60, 3);
    let symbols: Vec<usize> = (0..60).collect();
    let model = fit(&gaussian(0.25), &market, &symbols);
    let shock =
        |pull: f64| Shock::Correlation(Correlation { pull: Ratio::from_fraction(pull), first_day: 1, last_day: None, on: Target::All });
    for (pull, correlation) in [(0.0, 0.25), (0.5, 0.75), (1.0, 1.0)] {
        let shocked = paths(&*model, &ready(&[shock(pull)], &market, &symbols, &*model), 60, 400);
        let (mut variance, mut together) = (0.0, 0.0);
        for pair in 0..10 {
            let (a, b) = (covariance(&shocked, pair, pair), covariance(&shocked, pair + 20, pair + 20));
            variance += (a + b) / 20.0;
            together += covariance(&shocked, pair, pair + 20) / (a * b).sqrt() / 10.0;
        }
        // 20 columns of 6,400 draws: 0.6 % on the variance where they are independent, 1.8 % where they are one
        assert!((variance / 0.0004 - 1.0).abs() < 0.07, "pull {pull}: variance {variance}");
        // 60 names are not many: their mean keeps a sixtieth of their own moves
        assert!((together - correlation).abs() < 0.02, "pull {pull}: correlation {together}");
    }
}

#[test]
fn the_pull_works_on_past_days_and_after_other_shocks() {
    let market = toy::normal_market(8, 300, 0.02);
    let symbols: Vec<usize> = (0..8).collect();
    let model = fit(&MarketSpec::default(), &market, &symbols);
    let pull = Shock::Correlation(Correlation { pull: Ratio::ONE, first_day: 1, last_day: None, on: Target::All });
    // half of the names move twice as far before they are pulled together
    let list = (0..4).map(|s| format!("S{s:04}")).collect();
    let twice = Shock::Volatility(Volatility { multiple: 2.0, first_day: 1, last_day: None, on: Target::Symbols(list) });
    let shocked = paths(&*model, &ready(&[twice, pull], &market, &symbols, &*model), 8, TILES);
    let (one, two) = (covariance(&shocked, 0, 0), covariance(&shocked, 7, 7));
    assert!((covariance(&shocked, 0, 7) / (one * two).sqrt() - 1.0).abs() < 1e-9, "all move as one");
    let past = |symbol: usize| {
        let logs: Vec<f64> = (0..300).map(|d| libm::log1p(market.history.simple_return[[d, symbol]])).collect();
        let mean = logs.iter().sum::<f64>() / 300.0;
        logs.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 300.0
    };
    assert!((one / (4.0 * past(0)) - 1.0).abs() < 0.06 && (two / past(7) - 1.0).abs() < 0.06, "{one}, {two}");
}

#[test]
fn each_name_pinned_has_the_law_of_the_brownian_bridge() {
    let market = toy::market(2, 3);
    let model = fit(&gaussian(0.3), &market, &[0, 1]);
    let pin = PinnedPath {
        total: Ratio::from_fraction(-0.30),
        what: Pin::Each,
        first_day: 1,
        last_day: None,
        on: Target::Symbols(vec!["S0000".into()]),
    };
    let shocked = paths(&*model, &ready(&[Shock::PinnedPath(pin)], &market, &[0, 1], &*model), 2, TILES);
    let target = libm::log(0.70);
    for tile in &shocked {
        for lane in 0..LANES {
            let end: f64 = (0..DAYS).map(|day| tile[day * 2 * LANES + lane]).sum();
            assert!((end - target).abs() < 1e-12, "{end}");
        }
    }
    // the bridge after m of n sessions: mean T m/n, variance σ² m (n − m)/n
    let level = |m: usize| {
        let all: Vec<f64> = shocked
            .iter()
            .flat_map(|tile| (0..LANES).map(move |lane| (0..m).map(|day| tile[day * 2 * LANES + lane]).sum::<f64>()))
            .collect();
        let mean = all.iter().sum::<f64>() / all.len() as f64;
        (mean, all.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / all.len() as f64, all.len() as f64)
    };
    for m in [1, 3, 5, 9] {
        let (n, m_real) = (DAYS as f64, m as f64);
        let (mean, variance, count) = level(m);
        let expected = 0.0004 * m_real * (n - m_real) / n;
        assert!((mean - target * m_real / n).abs() < 4.0 * (expected / count).sqrt(), "after {m}: mean {mean}");
        assert!((variance / expected - 1.0).abs() < 4.0 * (2.0 / count).sqrt(), "after {m}: variance {variance} for {expected}");
    }
}

#[test]
fn an_index_pinned_ends_there_and_each_name_follows_by_its_beta() {
    let market = toy::market(3, 3);
    let model = fit(&gaussian(0.4), &market, &[0, 1, 2]);
    let pin = |total: f64| {
        let total = Ratio::from_fraction(total);
        Shock::PinnedPath(PinnedPath { total, what: Pin::Index, first_day: 3, last_day: Some(8), on: Target::All })
    };
    let twice = Shock::Volatility(Volatility { multiple: 2.0, first_day: 1, last_day: None, on: Target::Symbols(vec!["S0001".into()]) });
    let shocks = ready(&[twice, pin(-0.40)], &market, &[0, 1, 2], &*model);
    let shocked = paths(&*model, &shocks, 3, TILES);
    let total = |tile: &Vec<f64>, symbol: usize, lane: usize| (2..8).map(|day| tile[(day * 3 + symbol) * LANES + lane]).sum::<f64>();
    let (target, n) = (libm::log(0.60), (shocked.len() * LANES) as f64);
    let (mut means, mut squares) = ([0.0; 3], 0.0);
    for tile in &shocked {
        for lane in 0..LANES {
            let ends: [f64; 3] = std::array::from_fn(|s| total(tile, s, lane));
            assert!((ends.iter().sum::<f64>() / 3.0 - target).abs() < 1e-12, "{ends:?}");
            for (mean, end) in means.iter_mut().zip(ends) {
                *mean += end / n;
            }
            squares += (ends[0] + 6.0 * 0.0002) * (ends[0] + 6.0 * 0.0002) / n;
        }
    }
    // in daily variances of 0.0004, name 1 doubled: Cov with the sum is 1 + 0.8 + 0.4 and 0.8 + 4 + 0.8
    let betas = [2.2, 5.6, 2.2].map(|c| 3.0 * c / 10.0);
    let drift = [-0.0002 * 6.0, -0.0004 * 6.0, -0.0002 * 6.0];
    let index = drift.iter().sum::<f64>() / 3.0;
    for s in 0..3 {
        let expected = drift[s] + betas[s] * (target - index);
        assert!((means[s] - expected).abs() < 0.006, "name {s}: {} for {expected}", means[s]);
    }
    // conditional variance of a name's sum: n (σ² − Cov²/Var of the sum)
    let mean = means[0] + 6.0 * 0.0002;
    let expected = 6.0 * 0.0004 * (1.0 - 2.2 * 2.2 / 10.0);
    assert!(((squares - mean * mean) / expected - 1.0).abs() < 0.06, "{} for {expected}", squares - mean * mean);
}

#[test]
fn a_halted_session_takes_no_part_in_a_pinned_path() {
    let mut buffer = toy::Buffer::new(4, 2);
    buffer.simple_return.fill(0.01);
    buffer.state.fill(flag::PRESENT);
    // name 0 is halted on day 2, name 1 throughout, in lane 0
    buffer.state[2 * LANES] |= flag::HALTED;
    buffer.simple_return[2 * LANES] = 0.0;
    for day in 0..4 {
        buffer.state[(day * 2 + 1) * LANES] |= flag::HALTED;
        buffer.simple_return[(day * 2 + 1) * LANES] = 0.0;
    }
    let pin = |what: Pin| PinnedPath { total: Ratio::from_fraction(-0.19), what, first_day: 1, last_day: None, on: Target::All };
    let moments = Moments { with_index: vec![1.0; 2], ..Moments::default() };
    pin(Pin::Each).apply(&mut buffer.tile(0), &[true, true], &moments);
    let grown = |buffer: &toy::Buffer, symbol: usize, lane: usize| {
        (0..4).fold(1.0, |p, day| p * (1.0 + buffer.simple_return[(day * 2 + symbol) * LANES + lane]))
    };
    assert!((grown(&buffer, 0, 0) - 0.81).abs() < 1e-14 && grown(&buffer, 1, 0) == 1.0 && (grown(&buffer, 1, 1) - 0.81).abs() < 1e-14);
    assert_eq!(buffer.simple_return[2 * LANES], 0.0);
    // as an index, the name that trades bears the fall of both
    pin(Pin::Index).apply(&mut buffer.tile(0), &[true, true], &moments);
    assert!((grown(&buffer, 0, 0) - 0.81 * 0.81).abs() < 1e-14, "{}", grown(&buffer, 0, 0));
}

#[test]
fn shocks_are_laid_in_the_order_of_the_list() {
    let market = toy::market(1, 3);
    let model = fit(&gaussian(0.0), &market, &[0]);
    let gap = Shock::Gap(Gap { day: 1, size: Ratio::from_fraction(-0.10), on: Target::All });
    let pin = Shock::PinnedPath(PinnedPath {
        total: Ratio::from_fraction(-0.20),
        what: Pin::Index,
        first_day: 1,
        last_day: None,
        on: Target::All,
    });
    let end = |shocks: &[Shock]| {
        let shocked = paths(&*model, &ready(shocks, &market, &[0], &*model), 1, 1);
        libm::exp((0..DAYS).map(|day| shocked[0][day * LANES]).sum())
    };
    assert!((end(&[gap.clone(), pin.clone()]) - 0.80).abs() < 1e-12);
    assert!((end(&[pin, gap]) - 0.72).abs() < 1e-12);
}
