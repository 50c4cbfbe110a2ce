//! Checks the further market models of a programme: names of their own, scenarios that exist, each model's own keys.

use super::check_history;
use super::check_parts;
use super::gather::{Check, PATHS};
use super::locate::View;
use super::typed::{list, nearest_fix};
use crate::model::case::{BASE, Data, ModelRisk};
use crate::problem::{Problems, visible};
use std::collections::BTreeSet;

/// Letters of a model's name.
const NAME: usize = 100;

/// Checks `[model-risk]`; `scenarios` are the names of the programme's scenarios, `data` what is named to fit them on.
pub fn model_risk(panel: &ModelRisk, scenarios: &[&str], data: &Data, view: &View<'_, '_>, problems: &mut Problems) {
    let mut check = Check { view, problems, above: vec!["model-risk"] };
    let known: Vec<String> = scenarios.iter().map(ToString::to_string).chain([BASE.to_string()]).collect();
    for (index, name) in panel.scenarios.iter().enumerate() {
        let index = index.to_string();
        let fix = nearest_fix(name, &known, "name one of them, or leave the key out for the base");
        let why = format!("the scenarios are {}", list(&known));
        check.require(known.contains(name), &[&["scenarios", &index]], || format!("no scenario \"{name}\""), &why, &fix);
    }
    if let Some(paths) = panel.paths {
        let why = "a scenario is simulated on 1 to 1,000,000,000 paths";
        check.require((1..=PATHS).contains(&paths), &[&["paths"]], || format!("found {paths}"), why, "write for example 20_000");
    }
    let idle = panel.models.is_empty() && (panel.paths.is_some() || !panel.scenarios.is_empty());
    let why = "a panel compares the scenario's own model with at least one other";
    let fix = "add [[model-risk.models]] with for example market.gaussian = {}";
    check.require(!idle, &[&["models"]], || "no further model is named".into(), why, fix);
    let mut taken = BTreeSet::new();
    for (index, further) in panel.models.iter().enumerate() {
        let index = index.to_string();
        let name = further.name();
        let at: [&str; 3] = ["models", &index, "name"];
        let fits = !name.trim().is_empty() && name.chars().count() <= NAME && !visible::hides(name);
        let why = "a name holds 1 to 100 printable characters";
        check.require(fits, &[&at], || format!("found \"{name}\""), why, "write a short name");
        let own = taken.insert(name);
        let why = "each model of the panel is known by its name, the model's key where it has none";
        check.require(own, &[&at, &at[..2]], || format!("a second model is named \"{name}\""), why, "give it a name of its own");
        let mut inner = Check { view, problems: check.problems, above: vec!["model-risk", "models", &index] };
        check_parts::market(&further.market, &mut inner);
        if data.correlations.is_none() {
            check_parts::given(&further.market, &mut inner);
        }
        if !data.has_history() && data.instruments.is_some() {
            check_history::market(&further.market, &mut inner);
        }
    }
}
