//! Checks reverse stress tests: a limit with one side, a scenario that exists, and changes that have somewhere to go.

use super::check_parts;
use super::gather::{Check, PATHS};
use super::locate::View;
use super::plan_file::{FIXED, NAME, NO_RULE, is_name, is_of_programme};
use super::settings::Assignment;
use crate::model::reverse::{Change, Reverse, Search, Written};
use crate::model::way::number;
use crate::problem::Problems;

/// Entries of a programme, and changes of an entry.
const ENTRIES: usize = 100;
const CHANGES: usize = 12;

/// Checks `[[reverse]]`; `scenarios` are the names of the programme's scenarios.
pub fn reverse(entries: &[Reverse], scenarios: &[&str], view: &View<'_, '_>, problems: &mut Problems) {
    let mut check = Check { view, problems, above: vec!["reverse"] };
    let what = || format!("found {} entries", entries.len());
    let why = "a programme has at most 100 reverse stress tests";
    check.require(entries.len() <= ENTRIES, &[&[]], what, why, "split the programme");
    for (index, entry) in entries.iter().enumerate() {
        let index = index.to_string();
        let mut check = Check { view, problems: check.problems, above: vec!["reverse", &index] };
        self::entry(entry, scenarios, &mut check);
        let twice = entries.iter().filter(|other| other.name == entry.name).count() > 1;
        let why = "a reverse stress test is known by its name";
        check.require(!twice, &[&["name"]], || format!("`{}` stands twice", entry.name), why, "give each its own name");
    }
}

fn entry(entry: &Reverse, scenarios: &[&str], check: &mut Check<'_, '_, '_>) {
    let names = [(&["name"][..], Some(&entry.name)), (&["zh", "name"], entry.zh.name.as_ref())];
    for (path, name) in names.into_iter().filter_map(|(path, name)| Some((path, name?))) {
        check.require(is_name(name), &[path], || format!("found \"{name}\""), NAME, "write a short name");
    }
    let sides = usize::from(entry.below.is_some()) + usize::from(entry.above.is_some());
    let why = "a limit holds a measure on one side of a value";
    let fix = "write `below`, or `above`: the side the measure must stay on";
    check.require(sides == 1, &[&["measure"]], || format!("{sides} sides are given"), why, fix);
    check.confidence(&["confidence"], entry.confidence);
    let named = !entry.measure.trim().is_empty();
    let fix = "name a key of summary.json, for example pool_loss.es_99";
    check.require(named, &[&["measure"]], || "the measure has no name".into(), "a limit names the measure it holds for", fix);
    if let Some(name) = &entry.scenario {
        check.scenario(&["scenario"], name, scenarios);
    }
    if let Some(paths) = entry.paths {
        let why = "a place is tried on 1 to 1,000,000,000 paths";
        check.require((1..=PATHS).contains(&paths), &[&["paths"]], || format!("found {paths}"), why, "write for example 10_000");
    }
    let count = entry.change.len();
    let fix = "add [[reverse.change]] with a key, or with a shock";
    let why = "1 to 12 changes make the limit fail";
    check.require((1..=CHANGES).contains(&count), &[&["change"]], || format!("found {count} changes"), why, fix);
    let fix = "name two changes, or another search";
    let pair = entry.search != Search::Curve || count == 2;
    check.require(pair, &[&["search"]], || format!("found {count} changes"), "a curve is of two changes", fix);
    for (at, change) in entry.change.iter().enumerate() {
        let at = at.to_string();
        let moves = change.shock.as_ref().is_some_and(|shock| shock.moves(usize::MAX).is_some());
        let why = "plausibility is that of moves of prices";
        let fix = "write a shock gap, drift with `total`, or pinned-path, or another search";
        let plausible = entry.search != Search::Plausible || moves;
        check.require(plausible, &[&["change", &at]], || "is no move of prices".into(), why, fix);
        self::change(change, &entry.change[..at.parse::<usize>().unwrap_or(0)], &at, check);
    }
}

fn change(change: &Change, before: &[Change], at: &str, check: &mut Check<'_, '_, '_>) {
    let path = |step: &'static str| ["change", at, step];
    let words = [(path("title"), &change.title), (path("zh"), &change.zh.title)];
    for (path, name) in words.iter().filter_map(|(path, name)| Some((path, name.as_ref()?))) {
        check.require(is_name(name), &[path], || format!("found \"{name}\""), NAME, "write a short title");
    }
    let choices = usize::from(change.key.is_some()) + usize::from(change.shock.is_some());
    let why = "a change is of a key, or a shock that grows";
    let fix = "write `key` and `to`, or `shock`";
    check.require(choices == 1, &[&["change", at]], || format!("{choices} of `key` and `shock` are given"), why, fix);
    if let Some(shock) = &change.shock {
        let own = [path("from"), path("to")];
        let none = change.from.is_none() && change.to.is_none();
        let why = "a shock grows from nothing to its own size";
        check.require(none, &[&own[0], &own[1]], || "stands beside `shock`".into(), why, "write the largest size into the shock");
        let inner = ["change", at, "shock", shock.declared().key];
        check_parts::put(shock.faults(), &inner, check);
        let grows = shock.size().is_some_and(|(key, nothing)| shock.values().figure(key).is_some_and(|size| size != nothing));
        let fix = "write a gap, drift, pinned-path, volatility, correlation or volume-dry-up with a size";
        check.require(grows, &[&inner], || "has no size that can grow".into(), "a smaller shock is the same with a part of its size", fix);
    }
    let Some(key) = &change.key else { return };
    let place = path("key");
    let twice = before.iter().any(|other| other.key.as_ref() == Some(key));
    check.require(!twice, &[&place], || format!("`{key}` is changed twice"), "a key has one value", "remove one of them");
    match Assignment::of(key, "0") {
        None => {
            let why = "a key is words joined by dots; an entry of a list has its number behind it";
            let fix = "write it as \"margin.liquidation\", or \"shocks[1].gap.size\"";
            check.require(false, &[&place], || format!("\"{key}\" is not a key"), why, fix);
        }
        Some(known) => {
            let own = is_of_programme(&known.path[0]);
            check.require(!own, &[&place], || format!("`{key}` cannot be changed"), NO_RULE, "name a key of the rules");
            let fixed = FIXED.iter().any(|fixed| known.path.starts_with(&["simulation".into(), (*fixed).into()]));
            let why = "every place is tried on the same paths";
            check.require(!fixed, &[&place], || format!("`{key}` cannot be changed"), why, "write `paths` beside `measure`");
        }
    }
    let what = || "key `to` is missing".into();
    check.require(change.to.is_some(), &[&["change", at]], what, "a change has somewhere to go", "add for example to = \"105%\"");
    for (step, written) in [("from", &change.from), ("to", &change.to)] {
        let Some(written) = written else { continue };
        let place = path(step);
        let fix = "write a number or a percentage";
        check.require(number(written).is_some(), &[&place], || "is no number".into(), "places on a way are numbers", fix);
    }
    let given = |written: &Option<Written>| written.as_ref().and_then(number);
    if let Some((from, to)) = given(&change.from).zip(given(&change.to)) {
        let place = path("to");
        check.require(from.0 != to.0, &[&place], || "is where it starts".into(), "a change goes somewhere", "write another value");
    }
}
