//! Runs the same book under several market models, and shows how far they disagree as a band of its own.
//!
//! Every model of `[model-risk]` is simulated as one more scenario, on the same clients, rules and, where models draw alike, the
//! same random numbers. For each measure the spread is highest less lowest over the models; its standard error
//! `√(se_low² + se_high²)` takes the two as independent, which overstates it where they share draws. Which model is right is
//! no question of more paths: a spread far beyond its error is the risk of having chosen one.
//!
//! Worked number: ES of 10 ± 0.3 under one model and 14 ± 0.4 under another: a spread of 4 ± 0.5, 40 % of the lower.

use crate::engine::outcome::Outcome;
use crate::measures::{self, Estimate, Estimates};
use crate::model::book::Book;
use crate::model::case::{Case, Programme, Scenario};
use serde::Serialize;
use std::collections::BTreeMap;

/// The measures a panel shows.
pub const MEASURES: [&str; 7] = [
    "pool_loss.mean",
    "pool_loss.var_99",
    "pool_loss.es_97_5",
    "pool_loss.es_99",
    "shortfall.probability",
    "call_rate",
    "liquidation_rate",
];

/// One scenario under several models.
#[derive(Clone, Debug, Serialize)]
pub struct Panel {
    pub scenario: String,
    /// The scenario's own model first.
    pub models: Vec<Row>,
    /// By measure, where at least two models have it.
    pub spread: BTreeMap<&'static str, Spread>,
}

/// What one model makes of the book.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// As the programme names it, or the model's key.
    pub model: String,
    /// The key under `[market]`.
    pub key: &'static str,
    /// True for the scenario's own model.
    pub own: bool,
    pub paths: u64,
    pub measures: Estimates,
}

/// How far the models disagree on one measure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Spread {
    pub low: f64,
    pub low_model: String,
    pub high: f64,
    pub high_model: String,
    pub width: f64,
    pub std_error: f64,
}

/// Every scenario a panel asks for, under every further model: which scenario, which model, and the case to run.
fn asked(programme: &Programme) -> impl Iterator<Item = (&Scenario, String, Case)> {
    let panel = &programme.model_risk;
    programme.scenarios.iter().filter(|scenario| panel.shows(&scenario.name)).flat_map(move |scenario| {
        panel.models.iter().map(move |further| {
            let mut case = Case { market: further.market.clone(), ..scenario.case.clone() };
            case.simulation.paths = panel.paths_of(&case.simulation);
            // a panel is as exact as its paths make it
            case.simulation.until = None;
            (scenario, further.name().to_string(), case)
        })
    })
}

/// The programme with one more scenario behind its own for every cell of its panels; nothing more where it has none.
pub fn extended(programme: &Programme) -> Programme {
    let mut extended = programme.clone();
    let more = asked(programme).map(|(scenario, model, case)| Scenario {
        name: format!("{} under {model}", scenario.name),
        case,
        ..scenario.clone()
    });
    extended.scenarios.extend(more.collect::<Vec<_>>());
    extended
}

/// What one of the further models makes of the book, by its place behind the programme's own scenarios.
pub fn further(programme: &Programme, book: &Book, at: usize, outcome: &Outcome) -> Row {
    let (scenario, model, case) = asked(programme).nth(at).expect("the extended programme has the further models and no more");
    let key = case.market.key();
    let estimates = measures::estimate(&Scenario { case, ..scenario.clone() }, book, outcome);
    Row { model, key, own: false, paths: outcome.paths, measures: shown(estimates) }
}

/// The panels of a finished run, from its scenarios' paths and measures and from what every further model came to, both in order.
pub fn panels(programme: &Programme, own: &[(u64, &Estimates)], further: Vec<Row>) -> Vec<Panel> {
    assert_eq!(own.len(), programme.scenarios.len(), "measures of every scenario");
    assert_eq!(further.len(), asked(programme).count(), "a row for every further model");
    let mut panels: Vec<Panel> = Vec::new();
    for ((scenario, _, _), row) in asked(programme).zip(further) {
        if panels.last().is_none_or(|p| p.scenario != scenario.name) {
            let at = programme.scenarios.iter().position(|s| s.name == scenario.name).expect("a panel's scenario is the programme's");
            let (key, (paths, measures)) = (scenario.case.market.key(), own[at]);
            let first = Row { model: key.to_string(), key, own: true, paths, measures: shown(measures.clone()) };
            panels.push(Panel { scenario: scenario.name.clone(), models: vec![first], spread: BTreeMap::new() });
        }
        panels.last_mut().expect("just made").models.push(row);
    }
    for panel in &mut panels {
        panel.spread = MEASURES.iter().filter_map(|measure| Some((*measure, spread(measure, &panel.models)?))).collect();
    }
    panels
}

/// The measures a panel shows.
fn shown(mut all: Estimates) -> Estimates {
    all.retain(|measure, _| MEASURES.contains(&measure.as_str()));
    all
}

fn spread(measure: &str, models: &[Row]) -> Option<Spread> {
    let known: Vec<(&Row, &Estimate)> =
        models.iter().filter_map(|row| Some((row, row.measures.get(measure)?))).filter(|(_, e)| e.value.is_finite()).collect();
    let (first, rest) = known.split_first().filter(|(_, rest)| !rest.is_empty())?;
    let (mut low, mut high) = (first, first);
    for row in rest {
        low = if row.1.value < low.1.value { row } else { low };
        high = if row.1.value > high.1.value { row } else { high };
    }
    Some(Spread {
        low: low.1.value,
        low_model: low.0.model.clone(),
        high: high.1.value,
        high_model: high.0.model.clone(),
        width: high.1.value - low.1.value,
        std_error: (low.1.std_error * low.1.std_error + high.1.std_error * high.1.std_error).sqrt(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::Unit;

    #[test]
    fn the_spread_is_highest_less_lowest_with_the_error_of_both() {
        let estimate = |value: f64, std_error: f64| Estimate {
            value,
            std_error,
            ci_low: value - std_error,
            ci_high: Some(value + std_error),
            paths: 100,
            plain_paths: None,
            unit: Unit::Money,
            flag: None,
            basis: Default::default(),
        };
        let row = |model: &str, value: f64, error: f64| Row {
            model: model.into(),
            key: "gaussian",
            own: false,
            paths: 100,
            measures: [("pool_loss.es_99".to_string(), estimate(value, error))].into_iter().collect(),
        };
        let models = [row("a", 12.0, 0.2), row("b", 10.0, 0.3), row("c", 14.0, 0.4), row("d", f64::NAN, 0.0)];
        let found = spread("pool_loss.es_99", &models).expect("three models have it");
        assert_eq!((found.low_model.as_str(), found.high_model.as_str(), found.width), ("b", "c", 4.0));
        assert!((found.std_error - 0.5).abs() < 1e-15);
        assert_eq!(spread("call_rate", &models), None);
        assert_eq!(spread("pool_loss.es_99", &models[..1]), None);
    }
}
