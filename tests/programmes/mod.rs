//! Runs programmes drawn at random over all keys: each runs, or is refused with a problem at a key or cell; none is a bug.
//!
//! Keys come from the schema, values from the ranges of `keys`. What a problem of the programme names is taken out, and the rest
//! tried again, so that most end as valid programmes. `LEVERTIDE_PROGRAMMES=20000` runs more of them,
//! `LEVERTIDE_FIRST_PROGRAMME=300` others, `LEVERTIDE_COMMANDS=20` takes every 20th through the commands too.

mod books;
mod keys;
mod mend;
mod tried;
mod walk;

use books::Book;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};
use toml::{Table, Value};
use tried::Ended;
use walk::{SCHEMA, Walk, resolved};

/// Programmes of an ordinary run.
const PROGRAMMES: u64 = 300;
/// One programme takes no longer, ten times what the slowest of them needs without optimisation.
const LONGEST: Duration = Duration::from_secs(120);
/// Account-steps of one programme.
const WORK: u64 = 30_000;
/// Problems of the programme that are taken out before it counts as refused.
const REPAIRS: usize = 40;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// A programme and its files.
pub struct Drawn {
    pub root: Table,
    pub files: Vec<(String, String)>,
}

impl Drawn {
    pub fn programme(&self) -> String {
        toml::to_string(&self.root).expect("a programme is TOML")
    }

    pub fn write(&self, folder: &Path) {
        std::fs::write(folder.join("programme.toml"), self.programme()).expect("a scratch folder can be written");
    }

    pub fn write_files(&self, folder: &Path) {
        for (name, text) in &self.files {
            std::fs::write(folder.join(name), text).expect("a scratch folder can be written");
        }
    }
}

/// The properties that the schema gives a programme, or one of its scenarios.
fn properties(of: &'static serde_json::Value) -> impl Iterator<Item = (&'static String, &'static serde_json::Value)> {
    of.get("properties").and_then(|p| p.as_object()).into_iter().flatten()
}

fn scenario_schema() -> &'static serde_json::Value {
    resolved(SCHEMA.pointer("/properties/scenario/items").expect("the schema holds scenarios"))
}

/// Programme number `number` of the series.
fn draw(number: u64) -> Drawn {
    let rng = &mut ChaCha8Rng::seed_from_u64(number);
    let mut book = books::draw(rng);
    let horizon = match rng.random_range(0..40) {
        0 => 1000,
        1 => 1,
        2..5 => rng.random_range(20..120),
        _ => rng.random_range(1..=12),
    };
    let scenarios: usize = if rng.random_bool(0.5) { 0 } else { rng.random_range(1..=3) };
    book.names.scenarios = (1..=scenarios).map(|n| format!("s{n}")).chain(["base".to_string()]).collect();
    let head = ["schema", "name", "as-of", "data", "scenario"];
    let mut root: Table = Table::new();
    root.insert("schema".into(), Value::Integer(1));
    root.insert("name".into(), Value::String(format!("programme {number}")));
    root.insert("as-of".into(), Value::String(book.as_of.clone()));
    root.insert("data".into(), Value::Table(book.data.clone()));
    let names = book.names.clone();
    let mut walk = Walk { names: &names, rng, horizon };
    for (key, node) in properties(&SCHEMA).filter(|(key, _)| !head.contains(&key.as_str())) {
        if walk.chance(0.5)
            && let Some(value) = walk.value(node, &mut vec![key.clone()])
        {
            root.insert(key.clone(), value);
        }
    }
    let mut list = Vec::new();
    for name in &names.scenarios[..scenarios] {
        let mut scenario: Table = [("name".to_string(), Value::String(name.clone()))].into_iter().collect();
        let own = ["name", "narrative", "severity", "zh"];
        for (key, node) in properties(scenario_schema()).filter(|(key, _)| *key != "name") {
            let path = if own.contains(&key.as_str()) { vec!["scenario".to_string(), key.clone()] } else { vec![key.clone()] };
            if walk.chance(0.2)
                && let Some(value) = walk.value(node, &mut path.clone())
            {
                scenario.insert(key.clone(), value);
            }
        }
        list.push(scenario);
    }
    mend::limits(&mut root, walk.rng);
    mend::case(&mut root, horizon, walk.rng);
    list.iter_mut().for_each(|scenario| mend::case(scenario, horizon, walk.rng));
    sizes(&mut root, &mut list, horizon, &book, walk.rng);
    if !list.is_empty() {
        root.insert("scenario".into(), Value::Array(list.into_iter().map(Value::Table).collect()));
    }
    Drawn { root, files: book.files }
}

/// Paths and sessions, so few that no programme takes long, and no more than a file of given paths holds.
fn sizes(root: &mut Table, scenarios: &mut [Table], horizon: u64, book: &Book, rng: &mut ChaCha8Rng) {
    let given = |case: &Table| case.get("market").is_some_and(|market| market.get("given").is_some());
    let (most_paths, most_days) = if given(root) || scenarios.iter().any(given) { books::GIVEN } else { (400, 1000) };
    let days = horizon.min(most_days);
    let cases = 4 * (1 + scenarios.len() as u64);
    let most = (WORK / (days * cases * book.accounts as u64)).clamp(1, most_paths);
    let paths = if rng.random_bool(0.2) { most } else { rng.random_range(1..=most) };
    let simulation = root.entry("simulation").or_insert_with(|| Value::Table(Table::new()));
    let simulation = simulation.as_table_mut().expect("it is a table");
    simulation.insert("paths".into(), Value::Integer(paths as i64));
    simulation.insert("horizon-days".into(), Value::Integer(days as i64));
    // no fewer candidates than paths, no more than a file of given paths holds, and none of plain sampling
    let candidates = Value::Integer(rng.random_range(most..=(3 * most).min(most_paths).max(most)) as i64);
    sampling(simulation, &candidates, false);
    let sampled = simulation.contains_key("sampling");
    let until = simulation.get_mut("until").and_then(Value::as_table_mut).map(|until| {
        // a file of given paths holds no candidates for further rounds
        let max = if sampled && most_paths < 400 { paths } else { rng.random_range(paths..=most) };
        until.insert("max-paths".into(), Value::Integer(max as i64));
    });
    let of_all = simulation.get("sampling").is_some_and(|sampling| sampling.get("candidates").is_some());
    for scenario in scenarios {
        let Some(simulation) = scenario.get_mut("simulation").and_then(Value::as_table_mut) else { continue };
        // all scenarios have the paths of a run that goes on
        simulation.remove("until");
        if until.is_some() {
            simulation.remove("paths");
            simulation.remove("sampling");
        }
        for (key, most) in [("paths", most), ("horizon-days", days)] {
            if let Some(Value::Integer(value)) = simulation.get_mut(key) {
                *value = (*value).min(most as i64);
            }
        }
        sampling(simulation, &candidates, of_all);
    }
}

/// Puts the candidates of a sample right; where all scenarios have some, none of them is sampled plainly.
fn sampling(simulation: &mut Table, candidates: &Value, of_all: bool) {
    let Some(sampling) = simulation.get_mut("sampling").and_then(Value::as_table_mut) else { return };
    if of_all {
        sampling.insert("method".into(), "stratified".into());
    }
    let chosen = sampling.get("method").and_then(Value::as_str).is_some_and(|method| method != "plain");
    if chosen && sampling.contains_key("candidates") {
        sampling.insert("candidates".into(), candidates.clone());
    } else {
        sampling.remove("candidates");
    }
}

/// Every key of the schema that the documents hold, in its canonical form.
fn keys_of(value: &Value, path: &mut Vec<String>, out: &mut BTreeSet<String>) {
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                path.push(key.clone());
                out.insert(walk::canonical(path).join("."));
                keys_of(value, path, out);
                path.pop();
            }
        }
        Value::Array(list) => list.iter().for_each(|value| keys_of(value, path, out)),
        _ => {}
    }
}

/// Every key that the schema allows, names that the book gives left out.
fn keys_allowed(node: &'static serde_json::Value, path: &mut Vec<String>, out: &mut BTreeSet<String>) {
    let node = resolved(node);
    for (key, child) in properties(node) {
        path.push(key.clone());
        out.insert(walk::canonical(path).join("."));
        keys_allowed(child, path, out);
        path.pop();
    }
    let inner = ["oneOf", "anyOf"].iter().filter_map(|k| node.get(k)).filter_map(|list| list.as_array()).flatten();
    inner.chain(node.get("items")).for_each(|node| keys_allowed(node, path, out));
}

#[test]
fn every_key_is_drawn() {
    let mut allowed = BTreeSet::new();
    for (key, node) in properties(&SCHEMA).filter(|(key, _)| *key != "scenario") {
        allowed.insert(key.clone());
        keys_allowed(node, &mut vec![key.clone()], &mut allowed);
    }
    let mut drawn = BTreeSet::new();
    for number in 0..3_000 {
        let mut root = draw(number).root;
        root.remove("scenario");
        keys_of(&Value::Table(root), &mut Vec::new(), &mut drawn);
    }
    // a run passes over what is searched for; what is watched, and an earlier report, are no matter of figures
    allowed.retain(|key| !key.starts_with("reverse") && !key.starts_with("watch"));
    allowed.remove("report.previous");
    allowed.remove("report.cuts");
    // and a text file has no sheets
    allowed.remove("data.sheet");
    let missing: Vec<&String> = allowed.difference(&drawn).collect();
    assert!(missing.is_empty(), "keys that no programme is drawn with: {missing:?}");
}

/// Runs programme after programme on a thread of its own, so that one that never ends is found.
fn run_all(numbers: std::ops::Range<u64>, commands: u64) -> Vec<(u64, Ended)> {
    let (send, receive) = mpsc::channel();
    let first = numbers.clone();
    std::thread::Builder::new()
        .stack_size(16 << 20)
        .spawn(move || {
            for number in numbers {
                let through = number % commands == 0;
                if send.send((number, tried::tried(draw(number), REPAIRS, through))).is_err() {
                    return;
                }
            }
        })
        .expect("a thread");
    let mut ended = Vec::new();
    for number in first {
        match receive.recv_timeout(LONGEST) {
            Ok(one) => ended.push(one),
            Err(RecvTimeoutError::Timeout) => panic!("programme {number} does not end within {} seconds", LONGEST.as_secs()),
            Err(RecvTimeoutError::Disconnected) => panic!("programme {number} ends the thread it runs on"),
        }
    }
    ended
}

#[test]
fn drawn_programmes_run_or_are_refused_at_a_key_or_cell() {
    let (first, count) = (number("LEVERTIDE_FIRST_PROGRAMME", 0), number("LEVERTIDE_PROGRAMMES", PROGRAMMES));
    let started = Instant::now();
    let ended = run_all(first..first + count, number("LEVERTIDE_COMMANDS", 100));
    let mut codes = BTreeMap::<i32, u64>::new();
    let mut refused = BTreeMap::<String, (u64, u64)>::new();
    let mut faults = Vec::new();
    for (number, ended) in ended {
        match ended {
            Ended::Code(code) => *codes.entry(code).or_default() += 1,
            Ended::Refused(code, words) => {
                *codes.entry(code).or_default() += 1;
                refused.entry(words).or_insert((0, number)).0 += 1;
            }
            Ended::Fault(what) => faults.push((number, what)),
        }
    }
    eprintln!("{count} programmes in {:.0} s: {} faults; exit codes {codes:?}", started.elapsed().as_secs_f64(), faults.len());
    if std::env::var_os("LEVERTIDE_REFUSALS").is_some() {
        let mut list: Vec<_> = refused.iter().collect();
        list.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
        list.iter().take(60).for_each(|(words, (count, number))| eprintln!("{count} (programme {number}): {words}"));
    }
    let told: Vec<String> = faults.iter().map(|(number, what)| format!("programme {number}: {what}")).collect();
    assert!(faults.is_empty(), "{} of {count} programmes end badly:\n{}", faults.len(), told.join("\n"));
    let ran = codes.get(&0).unwrap_or(&0) + codes.get(&1).unwrap_or(&0);
    assert!(ran * 10 >= count * 6, "only {ran} of {count} programmes run: {codes:?}");
}
