//! Tests the t copula model.

use super::super::{MarketSpec, toy};
use super::*;
use crate::maths::random::{Key, normal};

fn given(nu: f64, correlation: f64) -> TCopula {
    TCopula { degrees_of_freedom: Some(nu), correlation: Some(Ratio::from_fraction(correlation)), ..TCopula::default() }
}

fn simulate(model: &dyn MarketModel, days: usize, symbols: usize) -> Vec<f64> {
    let mut buffer = toy::Buffer::new(days, symbols);
    model.fill(&mut buffer.tile(32), &Streams::new(5));
    buffer.simple_return
}

#[test]
fn the_table_is_off_by_less_than_a_millionth() {
    for nu in [2.0, 2.5, 5.0, 30.0, 200.0] {
        let table = Table::of(nu);
        for k in 0..5000u64 {
            let y = 2.0 * Key([8, 8]).uniform(k, 0) - 1.0;
            let half = 0.5 * beta_regularised(0.5, 0.5 * nu, y * y);
            let exact = if y < 0.0 { 0.5 - half } else { 0.5 + half };
            assert!((table.cdf(y) - exact).abs() < 1e-6, "{nu}: {} for {exact} at {y}", table.cdf(y));
        }
        for u in [1e-4, 0.01, 0.3, 0.5, 0.999] {
            assert!((table.cdf(table.inverse(u)) - u).abs() < 1e-12, "{nu} at {u}");
        }
        assert_eq!((table.cdf(-1.0), table.cdf(1.0)), (0.0, 1.0));
    }
}

#[test]
fn a_further_symbol_leaves_the_others_draws_alone() {
    let market = toy::normal_market(6, 100, 0.02);
    let few = given(4.0, 0.3).fit(&toy::request(&market, &[1, 4], 5)).expect("given");
    let many = given(4.0, 0.3).fit(&toy::request(&market, &[0, 1, 3, 4], 5)).expect("given");
    let (a, b) = (simulate(&*few, 5, 2), simulate(&*many, 5, 4));
    for day in 0..5 {
        for (in_few, in_many) in [(0, 1), (1, 3)] {
            assert_eq!(a[(day * 2 + in_few) * LANES..][..LANES], b[(day * 4 + in_many) * LANES..][..LANES]);
        }
    }
}

#[test]
fn degrees_and_correlation_come_back_from_a_simulated_past() {
    let template = toy::normal_market(12, 800, 0.02);
    let symbols: Vec<usize> = (0..12).collect();
    for (nu, range) in [(4.0, 3.3..5.0), (200.0, 40.0..201.0)] {
        let made = simulate(&*given(nu, 0.4).fit(&toy::request(&template, &symbols, 3000)).expect("given"), 3000, 12);
        let past = toy::with_returns(12, 3000, |day, symbol| made[(day * 12 + symbol) * LANES]);
        let card = TCopula::default().fit(&toy::request(&past, &symbols, 5)).expect("fits").card();
        assert!(range.contains(&card.parameters[0].1), "{nu}: {card:?}");
        assert!((card.parameters[1].1 - 0.4).abs() < 0.03, "{card:?}");
    }
}

#[test]
fn degenerate_histories_fall_back_or_are_named() {
    let fit = |market: &crate::model::history::Market, symbols: &[usize]| {
        TCopula::default().fit(&toy::request(market, symbols, 4)).map(|model| {
            assert!(simulate(&*model, 4, symbols.len()).iter().all(|r| r.is_finite() && *r > -1.0));
            model
        })
    };
    assert_eq!(fit(&toy::market(2, 1), &[0, 1]).err().expect("one day has no ranks").len(), 2);
    assert!(fit(&toy::with_returns(2, 100, |_, _| 0.0), &[0, 1]).expect("never moves").is_deterministic());
    let twins = toy::with_returns(2, 200, |day, _| 0.01 * normal(Key([1, 1]), day as u64, 0));
    let model = fit(&twins, &[0, 1]).expect("shrunk");
    assert!(model.card().notes.iter().any(|n| n.en.contains("shrunk")), "{:?}", model.card());
    fit(&twins, &[0]).expect("one symbol has no pair");
    fit(&toy::normal_market(40, 15, 0.02), &(0..40).collect::<Vec<_>>()).expect("few days");
    let problems = MarketSpec::TCopula(given(1.0, -0.5)).fit(&toy::request(&twins, &[0, 1], 4)).err().expect("two figures are wrong");
    assert_eq!(problems.len(), 2);
}
