//! Writes what the command line changes into the programme's own tables, before anything is resolved.
//!
//! `--set margin.call=130%` changes the base, `--set scenario.NAME.margin.call=130%` one scenario. `--paths` holds for
//! every scenario: one that patches the number of paths gives way, and so does `[simulation.until]`.

use super::Overrides;
use super::locate::Path;
use super::merge::{drop_at, merge, quote_dates};
use super::shape::Node;
use super::typed::nearest_fix;
use crate::model::case::Language;
use crate::problem::{Kind, Place, Problem, Problems};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The keys a flag has set, and the flag's name.
pub type Set = Vec<(Path, &'static str)>;

/// One flag as a line of TOML.
pub struct Line {
    flag: &'static str,
    /// Index of the scenario it changes; the base when absent.
    scenario: Option<usize>,
    text: String,
}

/// Turns flags into lines of TOML; `names` are the scenarios' names as far as they can be read.
pub fn lines(overrides: &Overrides, names: &[String], problems: &mut Problems) -> Vec<Line> {
    let base = |flag, text| Line { flag, scenario: None, text };
    let mut lines = Vec::new();
    for pair in &overrides.set {
        match line(pair, names) {
            Ok(line) => lines.push(line),
            Err(problem) => problems.push(*problem),
        }
    }
    if let Some(paths) = overrides.paths {
        lines.push(base("--paths", format!("simulation.paths = {paths}")));
    }
    if let Some(seed) = overrides.seed {
        lines.push(base("--seed", format!("seed = {seed}")));
    }
    if let Some(language) = overrides.language {
        let word = match language {
            Language::En => "en",
            Language::Zh => "zh",
        };
        lines.push(base("--lang", format!("report.language = \"{word}\"")));
    }
    lines
}

fn line(pair: &str, names: &[String]) -> Result<Line, Box<Problem>> {
    let usage = |field: &str, what: String, why: &str, fix: String| {
        let place = Place::file("--set").field(field);
        Box::new(Problem::new(Kind::Usage, place, what, why, fix))
    };
    let example = || "write it as --set margin.call=130%".to_string();
    let Some((key, value)) = halves(pair) else {
        return Err(usage(pair, format!("found \"{pair}\""), "a setting is a key and a value joined by =", example()));
    };
    let (key, value) = (key.trim(), value.trim());
    let (scenario, key) = match key.strip_prefix("scenario.") {
        None => (None, key),
        Some(rest) => match scenario_of(rest, names) {
            Some((index, rest)) => (Some(index), rest),
            None => {
                let name = rest.split('.').next().unwrap_or(rest);
                let why = "a setting of one scenario names a scenario of the programme";
                return Err(usage(
                    key,
                    format!("no scenario \"{name}\""),
                    why,
                    nearest_fix(name, names, "use a name that the programme holds"),
                ));
            }
        },
    };
    let text = if DeValue::parse(value).is_ok() { format!("{key} = {value}") } else { format!("{key} = {}", toml::Value::from(value)) };
    match DeTable::parse(&text) {
        Ok(table) if !table.get_ref().is_empty() => Ok(Line { flag: "--set", scenario, text }),
        _ => Err(usage(key, format!("\"{key}\" is not a key"), "a key is words joined by dots", example())),
    }
}

/// What stands before and behind the first `=` outside quotes.
fn halves(pair: &str) -> Option<(&str, &str)> {
    let (mut quote, mut escaped) = (None, false);
    for (at, letter) in pair.char_indices() {
        match (letter, quote) {
            _ if escaped => escaped = false,
            ('\\', Some('"')) => escaped = true,
            ('=', None) => return Some((&pair[..at], &pair[at + 1..])),
            ('"' | '\'', None) => quote = Some(letter),
            (_, Some(open)) if open == letter => quote = None,
            _ => {}
        }
    }
    None
}

/// The scenario whose name, plain or quoted, begins `rest`, and the key behind it; the longest name wins.
fn scenario_of<'r>(rest: &'r str, names: &[String]) -> Option<(usize, &'r str)> {
    let behind = |name: &str| {
        let quoted = format!("\"{name}\"");
        rest.strip_prefix(&quoted).or_else(|| rest.strip_prefix(name)).and_then(|key| key.strip_prefix('.'))
    };
    let found = names.iter().enumerate().filter_map(|(index, name)| Some((name.len(), index, behind(name)?)));
    found.max_by_key(|(length, ..)| *length).map(|(_, index, key)| (index, key))
}

/// Lays the lines over the programme; what each of them set, by scenario (the base last).
pub fn apply<'i>(root: &mut DeTable<'i>, lines: &'i [Line], scenarios: usize) -> Vec<Set> {
    let mut sets = vec![Set::new(); scenarios + 1];
    for line in lines {
        let table = DeTable::parse(&line.text).expect("a line was parsed when it was made").into_inner();
        let mut node = DeValue::Table(table);
        quote_dates(&mut node);
        let DeValue::Table(table) = node else { unreachable!("a table stays a table") };
        sets[line.scenario.unwrap_or(scenarios)].push((path(&table), line.flag));
        match line.scenario {
            None => merge(root, &table, Some(Node::root())),
            Some(index) => {
                if let Some(patch) = scenario_mut(root, index) {
                    merge(patch, &table, Some(Node::scenario()));
                }
            }
        }
        if line.flag == "--paths" {
            // so many, and no more until figures are exact
            drop_keys(root.get_mut("simulation"), &["until"]);
            for index in 0..scenarios {
                let simulation = scenario_mut(root, index).and_then(|patch| patch.get_mut("simulation"));
                drop_keys(simulation, &["paths", "until"]);
            }
        }
    }
    sets
}

fn drop_keys(table: Option<&mut Spanned<DeValue<'_>>>, keys: &[&str]) {
    if let Some(table) = table.map(Spanned::get_mut) {
        for key in keys {
            drop_at(table, &[key.to_string()], false);
        }
    }
}

fn scenario_mut<'t, 'i>(root: &'t mut DeTable<'i>, index: usize) -> Option<&'t mut DeTable<'i>> {
    match root.get_mut("scenario")?.get_mut() {
        DeValue::Array(list) => match list.get_mut(index)?.get_mut() {
            DeValue::Table(table) => Some(table),
            _ => None,
        },
        _ => None,
    }
}

/// The path that a table of one key, in one key, … spells.
fn path(table: &DeTable<'_>) -> Path {
    let mut path = Path::new();
    let mut table = Some(table);
    while let Some((key, value)) = table.filter(|t| t.len() == 1).and_then(|t| t.iter().next()) {
        path.push(key.get_ref().to_string());
        table = value.get_ref().as_table();
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_word_is_a_text_and_a_value_keeps_its_type() {
        let names = vec!["a.b".to_string(), "a".to_string()];
        let text = |pair: &str| line(pair, &names).map(|l| (l.scenario, l.text)).unwrap();
        assert_eq!(text("margin.call=130%"), (None, "margin.call = \"130%\"".into()));
        assert_eq!(text("simulation.paths = 10"), (None, "simulation.paths = 10".into()));
        assert_eq!(text("scenario.a.b.seed=1"), (Some(0), "seed = 1".into()));
        assert_eq!(text("scenario.\"a\".narrative=it's so"), (Some(1), "narrative = \"it's so\"".into()));
        assert_eq!(text("pool.capital.\"a=b\"=5"), (None, "pool.capital.\"a=b\" = 5".into()));
        assert_eq!(line("margin.call", &names).err().unwrap().kind, Kind::Usage);
        assert_eq!(line("scenario.c.margin.call=1", &names).err().unwrap().kind, Kind::Usage);
    }
}
