//! Runs the shipped scenarios of contagion and of rulebooks at a few paths: every layer is there, and rules order as they must.

use crate::support::{figure, measure, run};
use levertide::inputs::{self, programme};
use levertide::measures::Estimates;
use levertide::model::case::Programme;
use std::path::Path;

/// A shipped programme at `paths`, and the measures of its scenarios.
fn shipped(file: &str, paths: u64) -> (Programme, Vec<Estimates>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(file);
    let overrides = programme::Overrides { paths: Some(paths), ..programme::Overrides::default() };
    let programme = programme::load(&path, &overrides).unwrap_or_else(|problems| panic!("{problems}"));
    let inputs = inputs::load(&programme).unwrap_or_else(|problems| panic!("{problems}"));
    let outcomes = run(&programme, &inputs.book, &inputs.market);
    let measures = outcomes.iter().enumerate().map(|(at, outcome)| measure(&programme, at, &inputs.book, outcome)).collect();
    (programme, measures)
}

#[test]
fn the_contagion_scenarios_take_every_layer_apart_and_the_layers_add_up() {
    let (programme, measures) = shipped("contagion.toml", 640);
    for (scenario, measures) in programme.scenarios.iter().zip(&measures) {
        let value = |key: &str| figure(measures, key).value;
        let added = ["impact", "margin_spiral", "client_stress", "run"].map(|layer| value(&format!("contagion.{layer}.added.mean")));
        assert!(added.iter().all(|added| *added != 0.0), "{}: {added:?}", scenario.name);
        let whole = added.iter().fold(value("contagion.no_feedback.pool_loss.mean"), |sum, added| sum + added);
        assert!((whole / value("pool_loss.mean") - 1.0).abs() < 1e-9, "{}", scenario.name);
        // in calm markets what impact adds is within its error
        let impact = figure(measures, "contagion.impact.added.mean");
        let least = if scenario.name == "base" { -3.0 } else { 3.0 };
        assert!(impact.value > least * impact.std_error, "{}: {impact:?}", scenario.name);
    }
    // rising lines sell more, though own cash pays a part of it, and earlier: what the lender loses falls
    let [_, fall, crash] = &measures[..] else { panic!("the base and two scenarios") };
    for measures in [fall, crash] {
        let value = |key: &str| figure(measures, key).value;
        assert!(value("contagion.margin_spiral.forced_sales.mean") > 1.02 * value("contagion.impact.forced_sales.mean"));
        let spiral = figure(measures, "contagion.margin_spiral.added.mean");
        assert!(spiral.value < -3.0 * spiral.std_error, "{spiral:?}");
    }
}

#[test]
fn rulebooks_on_the_same_paths_order_by_their_lines() {
    let (programme, measures) = shipped("rulebooks.toml", 1_000);
    let of = |name: &str, key: &str| {
        let at = programme.scenarios.iter().position(|s| s.name == name).unwrap_or_else(|| panic!("no scenario {name}"));
        figure(&measures[at], key).value
    };
    // the same call line is met by the same clients, and a higher one by more
    for key in ["call_rate", "time_to_call.mean_days"] {
        assert!(["broker 145", "broker 150/130", "Taiwan"].iter().all(|name| of(name, key) == of("base", key)), "{key}");
    }
    assert!(of("Korea", "call_rate") > of("Regulation T", "call_rate") && of("Regulation T", "call_rate") > of("base", "call_rate"));
    // what closes at once: the higher the line, the more are closed and the fewer are left with a debt
    let ladder = ["off-exchange beyond 5x", "off-exchange to 5x", "umbrella 2:1"];
    for pair in ladder.windows(2) {
        assert!(of(pair[1], "liquidation_rate") > of(pair[0], "liquidation_rate"), "{pair:?}");
        assert!(of(pair[1], "shortfall.probability") < of(pair[0], "shortfall.probability"), "{pair:?}");
    }
    let lowest = programme.scenarios.iter().map(|s| of(&s.name, "pool_loss.mean")).fold(f64::INFINITY, f64::min);
    assert_eq!(of("Korea", "pool_loss.mean"), lowest);
}
