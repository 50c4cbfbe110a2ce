//! Tests the jump diffusion model.

use super::super::{MarketSpec, toy};
use super::*;
use crate::maths::random::normal;

fn given(correlation: f64) -> JumpDiffusion {
    let jumps = |per_year: f64, mean: f64, deviation: f64| {
        Some(GivenJumps { per_year, mean: Ratio::from_fraction(mean), deviation: Ratio::from_fraction(deviation) })
    };
    JumpDiffusion {
        volatility_annual: Some(Ratio::from_fraction(0.25)),
        drift_annual: Some(Ratio::from_fraction(0.05)),
        correlation: Some(Ratio::from_fraction(correlation)),
        common_jumps: jumps(10.0, -0.06, 0.03),
        own_jumps: jumps(8.0, 0.0, 0.05),
        trading_days: 250.0,
    }
}

fn simulate(model: &dyn MarketModel, days: usize, symbols: usize) -> Vec<f64> {
    let mut buffer = toy::Buffer::new(days, symbols);
    model.fill(&mut buffer.tile(32), &Streams::new(5));
    buffer.simple_return
}

#[test]
fn a_further_symbol_leaves_the_others_draws_alone() {
    let market = toy::market(6, 3);
    let few = given(0.3).fit(&toy::request(&market, &[1, 4], 5)).expect("given");
    let many = given(0.3).fit(&toy::request(&market, &[0, 1, 3, 4], 5)).expect("given");
    let (a, b) = (simulate(&*few, 5, 2), simulate(&*many, 5, 4));
    for day in 0..5 {
        for (in_few, in_many) in [(0, 1), (1, 3)] {
            assert_eq!(a[(day * 2 + in_few) * LANES..][..LANES], b[(day * 4 + in_many) * LANES..][..LANES]);
        }
    }
}

#[test]
fn the_jumps_of_a_simulated_past_come_back() {
    let template = toy::market(8, 2);
    let symbols: Vec<usize> = (0..8).collect();
    let made = simulate(&*given(0.5).fit(&toy::request(&template, &symbols, 3000)).expect("given"), 3000, 8);
    let past = toy::with_returns(8, 3000, |day, symbol| made[(day * 8 + symbol) * LANES]);
    let card =
        JumpDiffusion { trading_days: 250.0, ..JumpDiffusion::default() }.fit(&toy::request(&past, &symbols, 5)).expect("fits").card();
    let figure = |name: &str| card.parameters.iter().find(|p| p.0.starts_with(name)).unwrap_or_else(|| panic!("{card:?}")).1;
    assert!((figure("common_jumps_per_year") / 10.0 - 1.0).abs() < 0.3, "{card:?}");
    assert!((figure("common_jump_mean") / -0.06 - 1.0).abs() < 0.3, "{card:?}");
    assert!((figure("own_jumps_per_year") / 8.0 - 1.0).abs() < 0.4, "{card:?}");
    assert!((figure("common_jump_load median") - 1.0).abs() < 0.1, "{card:?}");
    let variance = 0.0625 + 10.0 * (0.0036 + 0.0009) + 8.0 * 0.0025;
    assert!((figure("volatility_annual with jumps") / f64::sqrt(variance) - 1.0).abs() < 0.1, "{card:?}");
}

#[test]
fn impossible_figures_are_named_together() {
    let market = toy::market(2, 30);
    let mut spec = given(-0.2);
    spec.common_jumps.as_mut().expect("given").per_year = -1.0;
    spec.own_jumps.as_mut().expect("given").deviation = Ratio::from_fraction(-0.1);
    let problems = MarketSpec::JumpDiffusion(spec).fit(&toy::request(&market, &[0, 1], 5)).err().expect("three figures are wrong");
    assert_eq!(problems.len(), 3, "{problems}");
}

#[test]
fn degenerate_histories_fall_back_or_are_named() {
    let fit = |market: &crate::model::history::Market, symbols: &[usize]| {
        JumpDiffusion::default().fit(&toy::request(market, symbols, 4)).map(|model| {
            let n = symbols.len();
            assert!(simulate(&*model, 4, n).iter().all(|r| r.is_finite() && *r > -1.0));
            model
        })
    };
    assert_eq!(fit(&toy::market(2, 1), &[0, 1]).err().expect("one day has no volatility").len(), 2);
    let constant = fit(&toy::with_returns(2, 100, |_, _| 0.0), &[0, 1]).expect("only drifts");
    assert!(constant.is_deterministic());
    let twins = toy::with_returns(2, 200, |day, _| 0.01 * normal(Key([1, 1]), day as u64, 0));
    fit(&twins, &[0, 1]).expect("all is common");
    fit(&twins, &[0]).expect("all is common");
    fit(&toy::normal_market(40, 15, 0.02), &(0..40).collect::<Vec<_>>()).expect("without jumps");
}
