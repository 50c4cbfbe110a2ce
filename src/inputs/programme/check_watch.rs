//! Checks watches: a name of their own, a scenario that exists, two levels on one side with amber before red, names of who is told.

use super::gather::Check;
use super::locate::View;
use super::plan_file::{NAME, is_name};
use crate::model::watch::Watch;
use crate::problem::Problems;

/// Entries of a programme, names told of a level, and reports that a watch may wait for.
const ENTRIES: usize = 100;
const NAMES: usize = 20;
const REPORTS: u32 = 100;

/// Checks `[[watch]]`; `scenarios` are the names of the programme's scenarios.
pub fn watch(entries: &[Watch], scenarios: &[&str], view: &View<'_, '_>, problems: &mut Problems) {
    let mut check = Check { view, problems, above: vec!["watch"] };
    let what = || format!("found {} entries", entries.len());
    check.require(entries.len() <= ENTRIES, &[&[]], what, "a programme has at most 100 watches", "keep those that somebody acts on");
    for (index, entry) in entries.iter().enumerate() {
        let index = index.to_string();
        let mut check = Check { view, problems: check.problems, above: vec!["watch", &index] };
        self::entry(entry, scenarios, &mut check);
        let twice = entries.iter().filter(|other| other.name == entry.name).count() > 1;
        let why = "a watch is known by its name, in the register too";
        check.require(!twice, &[&["name"]], || format!("`{}` stands twice", entry.name), why, "give each its own name");
    }
}

fn entry(entry: &Watch, scenarios: &[&str], check: &mut Check<'_, '_, '_>) {
    let names = [(&["name"][..], Some(&entry.name)), (&["zh", "name"], entry.zh.name.as_ref())];
    for (path, name) in names.into_iter().filter_map(|(path, name)| Some((path, name?))) {
        check.require(is_name(name), &[path], || format!("found \"{name}\""), NAME, "write a short name");
    }
    let named = !entry.measure.trim().is_empty();
    let fix = "name a key of summary.json, for example pool_loss.es_99";
    check.require(named, &[&["measure"]], || "the measure has no name".into(), "a watch looks at a measure", fix);
    if let Some(name) = &entry.scenario {
        check.scenario(&["scenario"], name, scenarios);
    }
    let sides = usize::from(entry.below.is_some()) + usize::from(entry.above.is_some());
    let why = "a watch has an amber and a red level on one side of its measure";
    let fix = "write for example below = { amber = \"1%\", red = \"2%\" }";
    check.require(sides == 1, &[&["measure"]], || format!("{sides} sides are given"), why, fix);
    let why = "amber warns before red: it is crossed first";
    if let Some(levels) = entry.below {
        let what = || format!("amber is {}, and red {}", levels.amber, levels.red);
        check.require(levels.amber.get() <= levels.red.get(), &[&["below"]], what, why, "write amber at or below red");
    }
    if let Some(levels) = entry.above {
        let what = || format!("amber is {}, and red {}", levels.amber, levels.red);
        check.require(levels.amber.get() >= levels.red.get(), &[&["above"]], what, why, "write amber at or above red");
    }
    check.confidence(&["confidence"], entry.confidence);
    let reports = [("close-after", Some(entry.close_after)), ("escalate-after", entry.escalate_after)];
    for (key, found) in reports.into_iter().filter_map(|(key, found)| Some((key, found?))) {
        let why = "reports are counted from 1 to 100";
        check.require((1..=REPORTS).contains(&found), &[&[key]], || format!("found {found}"), why, "write for example 2");
    }
    let (own, zh) = (&entry.tell, &entry.zh.tell);
    for (level, told, translated) in [("amber", &own.amber, &zh.amber), ("red", &own.red, &zh.red)] {
        let what = || format!("found {} names", told.len());
        check.require(told.len() <= NAMES, &[&["tell", level]], what, "at most 20 are told of a level", "name a group");
        let fix = "write a name, for example \"risk committee\"";
        for name in told {
            check.require(is_name(name), &[&["tell", level]], || format!("found \"{name}\""), NAME, fix);
        }
        for name in translated {
            check.require(is_name(name), &[&["zh", "tell", level]], || format!("found \"{name}\""), NAME, fix);
        }
        let matched = translated.is_empty() || translated.len() == told.len();
        let what = || format!("{} names stand for {}", translated.len(), told.len());
        check.require(
            matched,
            &[&["zh", "tell", level]],
            what,
            "each name has its own in the other language",
            "write as many as under `tell`",
        );
    }
}
