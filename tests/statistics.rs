//! Holds random numbers and market models to their own laws, with fixed seeds.
//!
//! Each test compares a statistic with its law at a false-alarm rate of one in a million (`RATE`), so that a change of
//! seed would fail one of them about once in twenty thousand runs; with the seed fixed they fail only when the code is wrong.

#![expect(clippy::disallowed_methods, reason = "reference values, compared within sampling error")]

use levertide::maths::isa;
use levertide::maths::lanes::LANES;
use levertide::maths::random::{Key, Stream, Streams, normals};
use levertide::model::exchange::{board_of_symbol, daily_limit, price_limit::limit_price};
use levertide::model::history::{Board, History, Instrument, Market, flag};
use levertide::model::market::block_bootstrap::{BlockBootstrap, BlockDays};
use levertide::model::market::covariance::Covariance;
use levertide::model::market::drift::Drift;
use levertide::model::market::filtered_historical::FilteredHistorical;
use levertide::model::market::garch::{Innovations, Volatility};
use levertide::model::market::gaussian::Gaussian;
use levertide::model::market::jump_diffusion::{GivenJumps, JumpDiffusion};
use levertide::model::market::regime_switching::RegimeSwitching;
use levertide::model::market::replay::Replay;
use levertide::model::market::student_t::StudentT;
use levertide::model::market::t_copula::TCopula;
use levertide::model::market::{FitRequest, MarketModel, MarketSpec, Tile, in_turn, paths_from};
use levertide::units::{Day, Ratio};
use ndarray::Array2;
use statrs::distribution::{ChiSquared, ContinuousCDF, Normal};

/// The false-alarm rate of every test here.
const RATE: f64 = 1e-6;
/// The two-sided normal bound of that rate.
const Z: f64 = 4.892;

pub fn assert_z(what: &str, found: f64, expected: f64, standard_error: f64) {
    let z = (found - expected) / standard_error;
    assert!(z.abs() < Z, "{what}: {found} for {expected}, {z:.2} standard errors off");
}

pub fn assert_chi_square(what: &str, counts: &[f64], expected: &[f64], fitted: usize) {
    let statistic: f64 = counts.iter().zip(expected).map(|(o, e)| (o - e) * (o - e) / e).sum();
    let p = 1.0 - ChiSquared::new((counts.len() - 1 - fitted) as f64).expect("degrees of freedom").cdf(statistic);
    assert!(p > RATE && p < 1.0 - RATE, "{what}: chi-square {statistic:.1} over {} bins, p {p:e}", counts.len());
}

/// Kolmogorov–Smirnov against a continuous law, asymptotic p value.
pub fn assert_ks(what: &str, mut sample: Vec<f64>, cdf: impl Fn(f64) -> f64) {
    sample.sort_by(f64::total_cmp);
    let n = sample.len() as f64;
    let distance = sample.iter().enumerate().fold(0.0f64, |d, (k, x)| {
        let f = cdf(*x);
        d.max((f - k as f64 / n).abs()).max(((k + 1) as f64 / n - f).abs())
    });
    let p = 2.0 * (-2.0 * n * distance * distance).exp();
    assert!(p > RATE, "{what}: distance {distance}, p {p:e}");
}

/// A market of `symbols` symbols whose simple returns are given by (day, symbol).
pub fn market(symbols: usize, days: usize, simple_return: impl Fn(usize, usize) -> f64) -> Market {
    let names: Vec<String> = (0..symbols).map(|s| format!("S{s:04}")).collect();
    let history = History {
        dates: (0..days).map(|d| Day::from_epoch_days(16_000 + d as i32)).collect(),
        symbols: names.clone(),
        simple_return: Array2::from_shape_fn((days, symbols), |(d, s)| simple_return(d, s)),
        flags: Array2::from_shape_fn((days, symbols), |(d, s)| flag::PRESENT | if (d + 2 * s) % 5 == 0 { flag::CLOSE_DOWN } else { 0 }),
        ..History::default()
    };
    let instrument = |symbol: String| Instrument {
        name: symbol.clone(),
        symbol,
        board: Board::None,
        st: false,
        sector: String::new(),
        haircut: 1.0,
        adv_amount: None,
        free_float_value: None,
        depth_amount: None,
        price: 10.0,
        own_returns: days,
        proxy: None,
        halt: None,
    };
    Market { history, instruments: names.into_iter().map(instrument).collect(), ..Market::default() }
}

pub fn fit(spec: &MarketSpec, market: &Market, symbols: &[usize], horizon_days: usize) -> Box<dyn MarketModel> {
    let days = market.history.days();
    let request =
        FitRequest { market, symbols, window: 0..days, after_as_of: days, horizon_days, drift: Drift::Historical, workers: &in_turn };
    spec.fit(&request).unwrap_or_else(|problems| panic!("{problems}"))
}

/// One tile's returns and states from `first_path` on.
pub fn fill(model: &dyn MarketModel, first_path: u64, days: usize, symbols: usize, seed: u64) -> (Vec<f64>, Vec<u8>) {
    let cells = days * symbols * LANES;
    let (mut simple_return, mut state, mut volume) = (vec![f64::NAN; cells], vec![0xff; cells], vec![f32::NAN; cells]);
    let mut tile =
        Tile { paths: paths_from(first_path), days, symbols, simple_return: &mut simple_return, state: &mut state, volume: &mut volume };
    model.fill(&mut tile, &Streams::new(seed));
    assert!(simple_return.iter().all(|r| r.is_finite()) && volume.iter().all(|v| v.is_finite()));
    (simple_return, state)
}

fn gaussian(volatility: f64, drift: f64, correlation: f64) -> MarketSpec {
    MarketSpec::Gaussian(Gaussian {
        volatility_annual: Some(Ratio::from_fraction(volatility)),
        drift_annual: Some(Ratio::from_fraction(drift)),
        correlation: Some(Ratio::from_fraction(correlation)),
        ..Gaussian::default()
    })
}

fn bootstrap(days: f64) -> MarketSpec {
    MarketSpec::BlockBootstrap(BlockBootstrap { block_days: BlockDays::Days(days) })
}

#[test]
fn philox_words_are_uniform_along_paths_draws_and_items() {
    let streams = Streams::new(20_150_612);
    let fixed = streams.key(Stream::Market, 0);
    type Walk = Box<dyn Fn(u64) -> [u32; 4]>;
    let walks: [(&str, Walk); 3] = [
        ("paths", Box::new(move |k| fixed.words(k, 3))),
        ("draws", Box::new(move |k| fixed.words(17, k as u32))),
        ("items", Box::new(move |k| streams.key(Stream::Symbol, k).words(17, 3))),
    ];
    let n = 200_000;
    for (name, walk) in walks {
        for word in 0..4 {
            let mut bytes = vec![vec![0.0; 256]; 4];
            let mut pairs = vec![0.0; 256];
            let mut before = walk(n)[word];
            for k in 0..n {
                let w = walk(k)[word];
                (0..4).for_each(|b| bytes[b][(w >> (8 * b)) as usize & 0xff] += 1.0);
                pairs[((before >> 28) << 4 | w >> 28) as usize] += 1.0;
                before = w;
            }
            let expected = vec![n as f64 / 256.0; 256];
            for (b, counts) in bytes.iter().enumerate() {
                assert_chi_square(&format!("word {word} byte {b} along {name}"), counts, &expected, 0);
            }
            assert_chi_square(&format!("word {word}, neighbours along {name}"), &pairs, &expected, 0);
        }
    }
}

#[test]
fn normals_are_normal_and_independent_of_each_other() {
    const DRAWS: usize = 6;
    let key = Streams::new(7).key(Stream::Symbol, 1);
    let tiles = 20_000;
    let mut z = vec![Vec::new(); DRAWS];
    let mut out = vec![0.0; DRAWS * LANES];
    for tile in 0..tiles {
        normals(key, &paths_from((tile * LANES) as u64), &mut out);
        for (draw, lanes) in out.chunks_exact(LANES).enumerate() {
            z[draw].extend_from_slice(lanes);
        }
    }
    let law = Normal::standard();
    let n = (tiles * LANES) as f64;
    for (draw, sample) in z.iter().enumerate() {
        let moment = |power: i32| sample.iter().map(|x| x.powi(power)).sum::<f64>() / n;
        // the standard errors are those of the normal law's own moments: 1, 2, 15, 96 over n
        for (power, expected, variance) in [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)] {
            assert_z(&format!("moment {power} of draw {draw}"), moment(power), expected, (variance / n).sqrt());
        }
        for threshold in [2.0, 3.0, 4.0] {
            let p = law.cdf(-threshold);
            let beyond = sample.iter().filter(|x| **x > threshold).count() as f64;
            let below = sample.iter().filter(|x| **x < -threshold).count() as f64;
            assert_z(&format!("beyond {threshold}"), beyond, n * p, (n * p).sqrt());
            assert_z(&format!("below -{threshold}"), below, n * p, (n * p).sqrt());
        }
        assert_ks(&format!("draw {draw}"), sample.clone(), |x| law.cdf(x));
    }
    for a in 0..DRAWS {
        for b in 0..a {
            let (x, y) = (&z[a], &z[b]);
            let product = x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>() / n;
            let squares = x.iter().zip(y).map(|(x, y)| (x * x - 1.0) * (y * y - 1.0)).sum::<f64>() / n;
            assert_z(&format!("correlation of draws {a} and {b}"), product, 0.0, 1.0 / n.sqrt());
            assert_z(&format!("correlation of squares of draws {a} and {b}"), squares, 0.0, 2.0 / n.sqrt());
        }
        // neighbouring paths
        let neighbours = z[a].windows(2).map(|w| w[0] * w[1]).sum::<f64>() / n;
        assert_z(&format!("correlation of neighbouring paths, draw {a}"), neighbours, 0.0, 1.0 / n.sqrt());
    }
}

#[test]
fn the_far_tail_of_normals_has_its_mass() {
    let key = Streams::new(11).key(Stream::Symbol, 2);
    let mut out = vec![0.0; 100 * LANES];
    let (mut beyond, tiles) = ([0.0; 2], 10_000);
    for tile in 0..tiles {
        normals(key, &paths_from((tile * LANES) as u64), &mut out);
        for x in &out {
            beyond[0] += f64::from(u8::from(x.abs() > 4.5));
            beyond[1] += f64::from(u8::from(x.abs() > 5.0));
        }
    }
    let n = (tiles * 100 * LANES) as f64;
    for (count, threshold) in beyond.into_iter().zip([4.5, 5.0]) {
        let expected = 2.0 * n * Normal::standard().cdf(-threshold);
        assert!(expected > 9.0, "too few expected for a normal bound");
        assert_z(&format!("|z| beyond {threshold}"), count, expected, expected.sqrt());
    }
}

/// A market whose return tells its day.
pub fn telling(symbols: usize, days: usize) -> Market {
    market(symbols, days, |day, symbol| 1e-6 * (day as f64 + 1.0) + 1e-3 * symbol as f64)
}

#[test]
fn every_bootstrapped_day_is_a_day_of_the_past_for_all_symbols() {
    let (days, horizon) = (97, 15);
    let past = telling(4, days);
    let symbols = [0, 2, 3];
    let model = fit(&bootstrap(5.0), &past, &symbols, horizon);
    for first_path in (0..640).step_by(LANES) {
        let (simple_return, state) = fill(&*model, first_path, horizon, 3, 3);
        for day in 0..horizon {
            for lane in 0..LANES {
                let at = |k: usize| (day * 3 + k) * LANES + lane;
                let drawn = (simple_return[at(0)] * 1e6).round() as usize - 1;
                for (k, symbol) in symbols.iter().enumerate() {
                    assert_eq!(simple_return[at(k)], past.history.row(drawn)[*symbol]);
                    assert_eq!(state[at(k)], past.history.flag_row(drawn)[*symbol]);
                }
            }
        }
    }
}

#[test]
fn bootstrap_blocks_are_geometric_and_start_anywhere() {
    let (days, horizon, mean_block) = (50usize, 400usize, 6.0);
    let past = telling(1, days);
    let model = fit(&bootstrap(mean_block), &past, &[0], horizon);
    let longest = 25;
    // a new block that happens to open on the next day cannot be told from the old one going on
    let leave = (1.0 / mean_block) * (1.0 - 1.0 / days as f64);
    let (mut lengths, mut starts, mut firsts) = (vec![0.0; longest], vec![0.0; days], vec![0.0; days]);
    for first_path in (0..4096).step_by(LANES) {
        let (simple_return, _) = fill(&*model, first_path, horizon, 1, 5);
        for lane in 0..LANES {
            let path: Vec<usize> = (0..horizon).map(|d| (simple_return[d * LANES + lane] * 1e6).round() as usize - 1).collect();
            firsts[path[0]] += 1.0;
            let mut length = 1;
            for d in 1..horizon {
                if path[d] == (path[d - 1] + 1) % days {
                    length += 1;
                    continue;
                }
                starts[path[d]] += 1.0;
                // only blocks that opened early enough to be seen to their end, or nearly
                if d - length < horizon - 200 {
                    lengths[length.min(longest) - 1] += 1.0;
                }
                length = 1;
            }
        }
    }
    let total: f64 = lengths.iter().sum();
    let expected: Vec<f64> =
        (1..=longest).map(|k| total * (1.0 - leave).powi(k as i32 - 1) * if k == longest { 1.0 } else { leave }).collect();
    assert_chi_square("block lengths", &lengths, &expected, 0);
    let even = |counts: &[f64]| vec![counts.iter().sum::<f64>() / days as f64; days];
    assert_chi_square("first days", &firsts, &even(&firsts), 0);
    assert_chi_square("first days of later blocks", &starts, &even(&starts), 0);
}

/// Means and covariances of daily log returns over many paths, day by day pooled.
pub fn log_moments(model: &dyn MarketModel, symbols: usize, days: usize, tiles: u64) -> (Vec<f64>, Vec<f64>, f64) {
    let mut mean = vec![0.0; symbols];
    let mut product = vec![0.0; symbols * symbols];
    let n = (tiles * LANES as u64) as f64 * days as f64;
    for tile in 0..tiles {
        let (simple_return, _) = fill(model, tile * LANES as u64, days, symbols, 13);
        let logs: Vec<f64> = simple_return.iter().map(|r| r.ln_1p()).collect();
        for day in 0..days {
            for lane in 0..LANES {
                for i in 0..symbols {
                    let x = logs[(day * symbols + i) * LANES + lane];
                    mean[i] += x / n;
                    for j in 0..=i {
                        product[i * symbols + j] += x * logs[(day * symbols + j) * LANES + lane] / n;
                    }
                }
            }
        }
    }
    let covariance = (0..symbols * symbols)
        .map(|k| {
            let (i, j) = (k / symbols, k % symbols);
            product[i.max(j) * symbols + i.min(j)] - mean[i] * mean[j]
        })
        .collect();
    (mean, covariance, n)
}

#[test]
fn given_normal_returns_have_the_given_mean_volatility_and_correlation() {
    let past = telling(5, 3);
    let (volatility, drift) = (0.45, 0.08);
    for rho in [0.0, 0.35, 1.0, -0.2, -0.25] {
        let model = fit(&gaussian(volatility, drift, rho), &past, &[0, 1, 2, 3, 4], 10);
        let (mean, covariance, n) = log_moments(&*model, 5, 10, 3000);
        let variance = volatility * volatility / 252.0;
        for i in 0..5 {
            assert_z("mean", mean[i], (drift - 0.5 * volatility * volatility) / 252.0, (variance / n).sqrt());
            assert_z("variance", covariance[i * 6], variance, variance * (2.0 / n).sqrt());
            for j in 0..i {
                // the sample covariance of a normal pair has variance σ⁴ (1 + ρ²) / n
                assert_z("covariance", covariance[i * 5 + j], rho * variance, variance * ((1.0 + rho * rho) / n).sqrt());
            }
        }
    }
}

#[test]
fn normal_paths_compound_to_a_lognormal_price() {
    let past = telling(1, 3);
    let model = fit(&gaussian(0.30, 0.05, 0.0), &past, &[0], 21);
    let mut ends = Vec::new();
    for tile in 0..4000u64 {
        let (simple_return, _) = fill(&*model, tile * LANES as u64, 21, 1, 17);
        ends.extend((0..LANES).map(|lane| (0..21).map(|d| 1.0 + simple_return[d * LANES + lane]).product::<f64>()));
    }
    let (time, n) = (21.0 / 252.0, ends.len() as f64);
    let law = Normal::new((0.05 - 0.045) * time, 0.30 * f64::sqrt(time)).expect("a law");
    assert_ks("log price after 21 days", ends.iter().map(|x| x.ln()).collect(), |x| law.cdf(x));
    // the drift is of the price: E S = e^(μ t)
    let (grown, spread) = ((0.05f64 * time).exp(), ((0.09f64 * time).exp() - 1.0).sqrt());
    assert_z("mean price", ends.iter().sum::<f64>() / n, grown, grown * spread / n.sqrt());
}

#[test]
fn fitted_normal_returns_have_the_moments_of_the_history() {
    let (symbols, days) = (4, 500);
    let key = |s: usize| Key([s as u32, 23]);
    let z = |d: usize, s: usize| levertide::maths::random::normal(key(s), d as u64, 0);
    let past = market(symbols, days, |d, s| (0.0004 * s as f64 + 0.01 * (1.0 + s as f64) * (0.6 * z(d, 99) + 0.8 * z(d, s))).exp_m1());
    let logs = |s: usize| -> Vec<f64> { (0..days).map(|d| past.history.row(d)[s].ln_1p()).collect() };
    let average = |x: &[f64]| x.iter().sum::<f64>() / days as f64;
    let model = fit(&MarketSpec::Gaussian(Gaussian::default()), &past, &[0, 1, 2, 3], 5);
    let (mean, covariance, n) = log_moments(&*model, symbols, 5, 4000);
    for i in 0..symbols {
        let x = logs(i);
        for j in 0..=i {
            let y = logs(j);
            let (mx, my) = (average(&x), average(&y));
            let expected = x.iter().zip(&y).map(|(a, b)| (a - mx) * (b - my)).sum::<f64>() / (days - 1) as f64;
            let scale = (covariance[i * symbols + i] * covariance[j * symbols + j]).sqrt();
            assert_z("fitted covariance", covariance[i * symbols + j], expected, scale * (2.0 / n).sqrt());
        }
        assert_z("fitted mean", mean[i], average(&x), (covariance[i * symbols + i] / n).sqrt());
    }
}

#[test]
fn student_t_returns_have_the_closed_form_tail_and_share_their_bad_days() {
    use statrs::distribution::StudentsT;
    let past = telling(2, 3);
    let (nu, volatility, paths) = (5.0, 0.40, 200_000u64);
    let spec = MarketSpec::StudentT(StudentT {
        degrees_of_freedom: Some(nu),
        volatility_annual: Some(Ratio::from_fraction(volatility)),
        drift_annual: Some(Ratio::from_fraction(0.0)),
        correlation: Some(Ratio::from_fraction(0.0)),
        trading_days: 250.0,
        ..StudentT::default()
    });
    let model = fit(&spec, &past, &[0, 1], 1);
    let (daily, mean) = (volatility / 250f64.sqrt(), -0.5 * volatility * volatility / 250.0);
    let mut x = [Vec::new(), Vec::new()];
    for tile in 0..paths / LANES as u64 {
        let (simple_return, _) = fill(&*model, tile * LANES as u64, 1, 2, 31);
        for (symbol, x) in x.iter_mut().enumerate() {
            x.extend(simple_return[symbol * LANES..][..LANES].iter().map(|r| (r.ln_1p() - mean) / daily));
        }
    }
    let n = x[0].len() as f64;
    let law = StudentsT::new(0.0, ((nu - 2.0) / nu).sqrt(), nu).expect("a law");
    assert_ks("unit-variance t", x[0].clone(), |z| law.cdf(z));
    // 99 % quantile and expected shortfall of a unit-variance t with 5 degrees of freedom
    let (quantile, shortfall) = (2.606464, 3.448837);
    let beyond: Vec<f64> = x[0].iter().map(|z| -z).filter(|loss| *loss > quantile).collect();
    assert_z("share beyond VaR 99 %", beyond.len() as f64 / n, 0.01, (0.01f64 * 0.99 / n).sqrt());
    let average = beyond.iter().sum::<f64>() / beyond.len() as f64;
    let spread = (beyond.iter().map(|b| (b - average) * (b - average)).sum::<f64>() / beyond.len() as f64).sqrt();
    assert_z("mean loss beyond VaR 99 %", average, shortfall, spread / (beyond.len() as f64).sqrt());
    // uncorrelated, and yet the two are beyond three deviations together far more often than chance
    let both = x[0].iter().zip(&x[1]).filter(|(a, b)| a.abs() > 3.0 && b.abs() > 3.0).count() as f64 / n;
    let one = x[0].iter().filter(|a| a.abs() > 3.0).count() as f64 / n;
    assert!(both > 4.0 * one * one, "{both} together, {one} alone");
}

const JUMPS: GivenJumps = GivenJumps { per_year: 100.0, mean: Ratio::from_fraction(-0.05), deviation: Ratio::from_fraction(0.02) };

/// Every model, ready to fill five days of three symbols.
fn every_model(past: &Market) -> Vec<(&'static str, Box<dyn MarketModel>)> {
    let symbols = [0, 1, 3];
    let filtered = |volatility| MarketSpec::FilteredHistorical(FilteredHistorical { volatility, innovations: Innovations::T });
    [
        filtered(Volatility::Gjr),
        filtered(Volatility::Egarch),
        bootstrap(4.0),
        gaussian(0.4, 0.1, 0.3),
        gaussian(0.4, 0.1, -0.3),
        MarketSpec::Gaussian(Gaussian::default()),
        MarketSpec::Gaussian(Gaussian { covariance: Covariance::Factor, factors: Some(2), ..Gaussian::default() }),
        MarketSpec::StudentT(StudentT::default()),
        MarketSpec::RegimeSwitching(RegimeSwitching::default()),
        MarketSpec::JumpDiffusion(JumpDiffusion { common_jumps: Some(JUMPS), own_jumps: Some(JUMPS), ..JumpDiffusion::default() }),
        MarketSpec::TCopula(TCopula::default()),
    ]
    .into_iter()
    .chain([MarketSpec::Replay(Replay { start: past.history.dates[8] })])
    .map(|spec| (spec.key(), fit(&spec, past, &symbols, 5)))
    .collect()
}

#[test]
fn a_path_is_the_same_in_any_tile_place_length_and_instruction_set() {
    let past = market(4, 300, |d, s| 0.02 * levertide::maths::random::normal(Key([s as u32, 5]), d as u64, 0));
    for (name, model) in every_model(&past) {
        let of = |(simple_return, state): &(Vec<f64>, Vec<u8>), day: usize, symbol: usize, lane: usize| {
            let at = (day * 3 + symbol) * LANES + lane;
            (simple_return[at].to_bits(), state[at])
        };
        let whole: Vec<_> = (0..2).map(|t| fill(&*model, t * LANES as u64, 5, 3, 29)).collect();
        for path in 0..2 * LANES {
            // this path at the head of its own tile, and a shorter horizon
            let alone = fill(&*model, path as u64, 5, 3, 29);
            let short = fill(&*model, path as u64, 2, 3, 29);
            for symbol in 0..3 {
                for day in 0..5 {
                    let expected = of(&whole[path / LANES], day, symbol, path % LANES);
                    assert_eq!(of(&alone, day, symbol, 0), expected, "{name}: path {path}, day {day}");
                    assert!(day >= 2 || of(&short, day, symbol, 0) == expected, "{name}: path {path} in a shorter horizon");
                }
            }
        }
        for level in isa::LEVELS {
            isa::force(level);
            assert!(fill(&*model, 0, 5, 3, 29) == whole[0], "{name} on {level:?}");
        }
        isa::force(isa::Isa::Avx512);
        assert_eq!(model.is_deterministic(), fill(&*model, 0, 5, 3, 29) == fill(&*model, 1600, 5, 3, 30), "{name}");
    }
}

/// Real prices, where the shared data lie beside the checkout: no trade of 2014–2016 lies beyond the limit prices we
/// compute, first days and eight relistings aside, and closes pile up on them to the tick.
#[test]
fn limit_prices_are_those_of_the_exchanges() {
    use polars::prelude::*;
    let Some(path) = crate::support::shared::file("a_share_2014_2016.parquet") else { return };
    let file = std::fs::File::open(path).expect("it can be read");
    let columns = ["date", "symbol", "close", "preclose", "high", "low", "volume"].map(String::from).to_vec();
    let frame = ParquetReader::new(file).with_columns(Some(columns)).finish().expect("a readable file");
    let float = |name: &str| -> Vec<f64> {
        let column = frame.column(name).unwrap().cast(&DataType::Float64).unwrap();
        column.f64().unwrap().into_no_null_iter().collect()
    };
    let (close, before, high, low, volume) = (float("close"), float("preclose"), float("high"), float("low"), float("volume"));
    let dates = frame.column("date").unwrap().cast(&DataType::Date).unwrap().cast(&DataType::Int32).unwrap();
    let symbols = frame.column("symbol").unwrap().cast(&DataType::String).unwrap();
    let (dates, symbols) = (dates.i32().unwrap(), symbols.str().unwrap());
    let mut first_day = std::collections::BTreeMap::new();
    for row in 0..frame.height() {
        let first = first_day.entry(symbols.get(row).expect("a symbol")).or_insert(i32::MAX);
        *first = (*first).min(dates.get(row).expect("a date"));
    }
    let (mut beyond, mut at_limit, mut one_tick_inside) = (0, 0, 0);
    for row in 0..frame.height() {
        let (symbol, date) = (symbols.get(row).expect("a symbol"), dates.get(row).expect("a date"));
        let board = board_of_symbol(symbol);
        assert_ne!(board, Board::None, "{symbol}");
        if volume[row] == 0.0 || first_day[symbol] == date {
            continue;
        }
        let limit = daily_limit(board, false, Day::from_epoch_days(date)).expect("a limited board");
        let (lowest, highest) = (limit_price(before[row], -limit, 0.01), limit_price(before[row], limit, 0.01));
        beyond += usize::from(low[row] < lowest - 1e-9 || high[row] > highest + 1e-9);
        at_limit += usize::from(close[row] == lowest || close[row] == highest);
        one_tick_inside += usize::from((close[row] - lowest - 0.01).abs() < 1e-6 || (highest - close[row] - 0.01).abs() < 1e-6);
    }
    assert!(beyond <= 8, "{beyond} stock-days traded beyond the limits");
    assert!(at_limit > 40_000 && at_limit > 20 * one_tick_inside, "{at_limit} closes at a limit, {one_tick_inside} a tick inside");
}
