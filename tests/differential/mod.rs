//! Runs the engine against the oracle on worlds drawn from a number, every two rules on together somewhere.
//!
//! A difference of more than a cent, a state, or a stop of either stops the test with the smallest world that shows it.
//! `LEVERTIDE_RULES=all` draws the rules on which the two do not agree yet, too (`features::OPEN`, see docs/validation.md),
//! `LEVERTIDE_RULES="settled+tick,daily share"` only these of them.
//! `LEVERTIDE_WORLDS=100000` runs more of them, `LEVERTIDE_FIRST_WORLD=5000` others; `LEVERTIDE_DIFFERENCES=all` lists the
//! first difference of every world that has one, by kind, instead of stopping at the first.

mod compare;
mod draws;
mod features;
mod of_pool;
mod replay;
mod worlds;

use compare::{Found, compare};
use features::Rules;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use worlds::World;

/// Worlds of an ordinary run.
const WORLDS: u64 = 5_000;
/// Share of worlds that the engine may refuse: two rules that a programme may not write together.
const REFUSED_MOST: f64 = 0.1;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// The smallest world found that still differs, and how.
fn shrink(mut world: World, mut how: String, folder: &std::path::Path) -> (World, String) {
    'smaller: loop {
        for next in world.smaller() {
            if let Found::Differs(what) = compare(&next, folder) {
                (world, how) = (next, what);
                continue 'smaller;
            }
        }
        return (world, how);
    }
}

fn told(world: &World, how: &str) -> String {
    let rules: Vec<&str> = world.features.iter().map(|f| f.name).collect();
    let files: Vec<String> = world.files().iter().map(|(name, text)| format!("--- {name}\n{text}")).collect();
    let shown: String = files.iter().filter(|file| !file.starts_with("--- prices")).map(String::as_str).collect();
    let prices: Vec<String> = world.symbols.iter().map(|s| format!("{} {}", s.code, s.price)).collect();
    format!("world {} ({}): {how}\n{shown}--- as-of prices: {}\n", world.number, rules.join(", "), prices.join(", "))
}

/// Every world through both, on as many threads as there are cores; in order of their numbers.
fn run_all(numbers: Range<u64>, rules: &Rules) -> Vec<(World, Found)> {
    // the engine has a pool of its own: plain threads, so that none takes a second world up while it waits for a first
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let run = &|thread: u64| {
        let folder = tempfile::tempdir().expect("a scratch folder can be made");
        let own = numbers.clone().filter(|number| number % threads == thread);
        own.map(|number| {
            let world = World::drawn(number, rules);
            let found = compare(&world, folder.path());
            (world, found)
        })
        .collect::<Vec<_>>()
    };
    let mut all: Vec<(World, Found)> = std::thread::scope(|scope| {
        let spawn = |thread| std::thread::Builder::new().stack_size(16 << 20).spawn_scoped(scope, move || run(thread)).expect("a thread");
        let handles: Vec<_> = (0..threads).map(spawn).collect();
        handles.into_iter().flat_map(|handle| handle.join().expect("a world's panic is caught")).collect()
    });
    all.sort_by_key(|(world, _)| world.number);
    all
}

#[test]
fn the_engine_and_the_oracle_agree_on_every_world() {
    let (first, count) = (number("LEVERTIDE_FIRST_WORLD", 0), number("LEVERTIDE_WORLDS", WORLDS));
    let rules = Rules::named(&std::env::var("LEVERTIDE_RULES").unwrap_or_default());
    let lists_all = std::env::var("LEVERTIDE_DIFFERENCES").is_ok_and(|v| v == "all");
    std::panic::set_hook(Box::new(|_| {}));
    let results = run_all(first..first + count, &rules);
    let folder = tempfile::tempdir().expect("a scratch folder can be made");
    let (mut refused, mut differing) = (BTreeMap::<String, u32>::new(), Vec::new());
    let mut together = BTreeSet::new();
    for (world, found) in results {
        match found {
            Found::Same => {
                let names: Vec<&str> = world.features.iter().map(|f| f.name).collect();
                together.extend(names.iter().flat_map(|a| names.iter().map(move |b| (*a, *b))));
            }
            Found::Refused(words) => *refused.entry(words.lines().next().unwrap_or_default().to_string()).or_default() += 1,
            Found::Differs(how) => differing.push((world, how)),
        }
    }
    let of_all = refused.values().sum::<u32>();
    eprintln!("{count} worlds: {} differ, {of_all} refused", differing.len());
    if lists_all {
        let mut kinds = BTreeMap::<String, Vec<String>>::new();
        for (world, how) in differing.iter().take(number("LEVERTIDE_SHRINK", 40) as usize) {
            let (small, how) = shrink(world.clone(), how.clone(), folder.path());
            let rules: Vec<&str> = small.features.iter().map(|f| f.name).collect();
            let what = how.split(": ").nth(1).unwrap_or(&how).split(" is ").next().unwrap_or_default().to_string();
            kinds.entry(format!("{what} | {}", rules.join(", "))).or_default().push(told(&small, &how));
        }
        for (kind, worlds) in &kinds {
            eprintln!("==== {kind}: {} worlds\n{}", worlds.len(), worlds[0]);
        }
        eprintln!("refused: {refused:#?}");
    }
    let _ = std::panic::take_hook();
    if let Some((world, how)) = differing.first() {
        let (small, how) = shrink(world.clone(), how.clone(), folder.path());
        panic!("{} of {count} worlds differ\n{}", differing.len(), told(&small, &how));
    }
    assert!(f64::from(of_all) <= REFUSED_MOST * count as f64, "{of_all} of {count} worlds are refused: {refused:#?}");
    if count >= WORLDS {
        let pairs = rules.names().iter().flat_map(|a| rules.names().iter().map(move |b| (*a, *b)));
        let may = |(a, b): &(&str, &str)| !features::APART.contains(&(*a, *b)) && !features::APART.contains(&(*b, *a));
        let missing: Vec<_> = pairs.filter(|pair| may(pair) && !together.contains(pair)).collect();
        assert!(missing.is_empty(), "rules never on together: {missing:?}");
    }
}
