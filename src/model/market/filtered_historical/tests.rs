//! Tests the filtered historical model.

use super::super::toy;
use super::*;
use crate::maths::random::{Key, normal};
use crate::model::history::Market;

/// Calm for 300 days, then five times as volatile for 60.
fn storm(symbols: usize) -> Market {
    toy::with_returns(symbols, 360, |day, symbol| {
        let level = if day < 300 { 0.01 } else { 0.05 };
        libm::expm1(level * normal(Key([symbol as u32, 8]), day as u64, 0))
    })
}

fn fitted<'a>(market: &'a Market, symbols: &'a [usize], after_as_of: usize) -> Box<dyn MarketModel> {
    let request = FitRequest { after_as_of, ..toy::request(market, symbols, 5) };
    FilteredHistorical::default().fit(&request).expect("fits")
}

fn first_day_spread(model: &dyn MarketModel, symbols: usize) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for tile in 0..200u64 {
        let mut buffer = toy::Buffer::new(1, symbols);
        model.fill(&mut buffer.tile(tile * LANES as u64), &Streams::new(3));
        sum += buffer.simple_return[..LANES].iter().map(|r| r * r).sum::<f64>();
        count += LANES as f64;
    }
    (sum / count).sqrt()
}

#[test]
fn the_level_of_the_as_of_date_is_where_paths_start() {
    let market = storm(2);
    let (calm, nervous) = (fitted(&market, &[0, 1], 290), fitted(&market, &[0, 1], 360));
    let (low, high) = (first_day_spread(&*calm, 2), first_day_spread(&*nervous, 2));
    assert!(high > 2.5 * low, "{high} a day after the storm, {low} before it");
    assert!((0.005..0.02).contains(&low) && (0.025..0.10).contains(&high), "{low}, {high}");
}

#[test]
fn residuals_of_one_past_day_meet_in_every_symbol() {
    // symbol 1 is symbol 0 at half the size: so must every path be
    let market = toy::with_returns(2, 400, |day, symbol| libm::expm1(0.02 / (1.0 + symbol as f64) * normal(Key([5, 5]), day as u64, 0)));
    let mut buffer = toy::Buffer::new(8, 2);
    fitted(&market, &[0, 1], 400).fill(&mut buffer.tile(48), &Streams::new(1));
    for day in 0..8 {
        for lane in 0..LANES {
            let log = |symbol: usize| libm::log1p(buffer.simple_return[(day * 2 + symbol) * LANES + lane]);
            assert!((log(0) - 2.0 * log(1)).abs() < 1e-6, "{} and {}", log(0), log(1));
        }
    }
}

#[test]
fn a_halt_stops_the_price_and_the_variance() {
    let mut market = storm(1);
    for day in (0..360).step_by(2) {
        market.history.flags[[day, 0]] |= flag::HALTED;
        market.history.simple_return[[day, 0]] = 0.0;
    }
    let mut buffer = toy::Buffer::new(30, 1);
    fitted(&market, &[0], 360).fill(&mut buffer.tile(0), &Streams::new(2));
    let halted = buffer.state.iter().filter(|s| **s == flag::HALTED).count();
    assert!((180..300).contains(&halted), "{halted} of 480 cells");
    for (r, state) in buffer.simple_return.iter().zip(&buffer.state) {
        assert_eq!(*r == 0.0, *state == flag::HALTED);
    }
}

#[test]
fn degenerate_histories_fall_back_or_are_named() {
    let still = toy::with_returns(1, 300, |_, _| 0.0);
    let model = fitted(&still, &[0], 300);
    assert!(model.is_deterministic() && model.card().notes.iter().any(|n| n.en.contains("never move")));
    let short = toy::normal_market(2, 30, 0.02);
    let model = fitted(&short, &[0, 1], 30);
    assert!(model.card().notes.iter().any(|n| n.en.contains("exponential average")));
    let mut buffer = toy::Buffer::new(5, 2);
    model.fill(&mut buffer.tile(0), &Streams::new(2));
    assert!(buffer.simple_return.iter().all(|r| r.is_finite() && *r > -1.0));
    let problems = FilteredHistorical::default().fit(&toy::request(&toy::market(2, 1), &[0, 1], 5));
    assert_eq!(problems.err().expect("one day is too few").len(), 2);
}
