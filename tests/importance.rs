//! Holds importance sampling to laws in closed form and to plain sampling: a far tail for few paths, and every other figure as exact as before.

use crate::cli::out;
use crate::sampling::{sampled_desk, spread};
use crate::support::{Account, book, free_exchange, gaussian, market, programme, ratio, run};
use levertide::measures::estimate;
use levertide::model::case::{Case, Simulation};
use levertide::model::liquidation::Liquidation;
use levertide::model::margin::Margin;
use levertide::model::sampling::{Method, Sampling};

fn importance(candidates: u64) -> Sampling {
    Sampling { method: Method::Importance, candidates: Some(candidates) }
}

/// The probability that a price of 1.5 at first closes at or below 1.3 and two sessions later below 1, over some sessions of a geometric Brownian
/// motion: the law of the price above the line, session by session, on a grid of its logarithm.
fn shortfall_probability(volatility: f64, drift: f64, sessions: u32) -> f64 {
    let (dt, line) = (1.0 / 252.0, libm::log(1.3));
    let (mean, deviation) = ((drift - 0.5 * volatility * volatility) * dt, volatility * f64::sqrt(dt));
    let density = |z: f64| libm::exp(-0.5 * z * z) / f64::sqrt(2.0 * std::f64::consts::PI);
    let step = deviation / 20.0;
    let cells = 2_400;
    let log_price = |cell: usize| line + (cell as f64 + 0.5) * step;
    // given the log price before: the line is crossed, and two sessions later no debt is covered
    let fails = |before: f64| {
        let end = |now: f64| 0.5 * libm::erfc((now + 2.0 * mean) / (deviation * 2.0));
        let below = |k: i32| line - (f64::from(k) + 0.5) * step;
        (0..400).fold(0.0, |sum, k| sum + density((below(k) - before - mean) / deviation) * step / deviation * end(below(k)))
    };
    let near: Vec<f64> = (0..400).map(|cell| fails(log_price(cell))).collect();
    let reach = 180_i32;
    let kernel: Vec<f64> = (-reach..=reach).map(|k| density((f64::from(k) * step - mean) / deviation) * step / deviation).collect();
    let first = libm::log(1.5);
    let mut law: Vec<f64> = (0..cells).map(|cell| density((log_price(cell) - first - mean) / deviation) * step / deviation).collect();
    let mut probability = fails(first);
    for _ in 2..=sessions - 2 {
        probability += law.iter().zip(&near).fold(0.0, |sum, (mass, fails)| sum + mass * fails);
        let from = |cell: usize| {
            let (low, high) = (cell.saturating_sub(reach as usize), (cell + reach as usize + 1).min(cells));
            (low..high).fold(0.0, |sum, before| sum + law[before] * kernel[cell + reach as usize - before])
        };
        law = (0..cells).map(from).collect();
    }
    probability
}

#[test]
fn a_shortfall_of_one_path_in_two_hundred_million_meets_its_law() {
    let sessions = 20;
    let truth = shortfall_probability(0.45, 0.05, sessions);
    let case = Case {
        simulation: Simulation { paths: 20_000, horizon_days: sessions, sampling: importance(380_000), ..Simulation::default() },
        market: gaussian(0.45, 0.05, 252.0),
        exchange: free_exchange(),
        margin: Margin { liquidation: Some(ratio(1.3)), ..Margin::default() },
        liquidation: Liquidation { delay_days: 2, ..Liquidation::default() },
        ..Case::default()
    };
    let programme = programme(5, vec![case]);
    let book = book(&[Account::of_one("a", 100.0, 150.0)], &[("A", 100.0)]);
    let outcome = &run(&programme, &book, &market(&[1.0]))[0];
    let estimates = estimate(&programme.scenarios[0], &book, outcome);
    let found = &estimates["pool_loss.probability"];
    eprintln!("{truth:e}: {:e} ± {:e}, {:e} to {:?}", found.value, found.std_error, found.ci_low, found.ci_high);
    assert!((4e-9..6e-9).contains(&truth), "{truth:e}");
    assert!((found.value - truth).abs() < 4.0 * found.std_error, "{:e} ± {:e} for {truth:e}", found.value, found.std_error);
    assert!(found.std_error < 0.25 * truth, "{:e} ± {:e}", found.value, found.std_error);
}

#[test]
fn figures_are_those_of_plain_sampling_and_errors_those_seen() {
    for (name, gain) in spread(&importance(16_384)) {
        assert!(gain > 0.4, "{name}: the variance is {:.2} of plain sampling's", 1.0 / gain);
        if name.contains("es_") {
            assert!(gain > 2.0, "{name}: the variance is only {gain} times smaller");
        }
    }
}

/// Candidates of tilted laws are redrawn as they were by other threads, in parts, in the tail and when a path is told; a report of them can be
/// reweighed, which works its figures out of the file anew.
#[test]
fn a_tilted_sample_gives_the_same_bytes_and_its_report_can_be_read_again() {
    let desk = sampled_desk("importance");
    // tilted laws are those of all scenarios, whichever is asked for
    let told =
        |of: &[&str]| out(&desk.expect(0, &[&["replay", "programme.toml", "--path", "7", "--paths", "1003", "--quiet"], of].concat()));
    assert_eq!(told(&[]), told(&["--scenario", "base"]));
    desk.expect(0, &["reweigh", "one", "--view", "market_return <= -1%", "--out", "again", "--quiet"]);
    let summary = std::fs::read_to_string(desk.path("one/summary.json")).expect("there");
    assert!(summary.contains("\"strata\": ["), "{summary}");
}
