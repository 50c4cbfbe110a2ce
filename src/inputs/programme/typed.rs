//! Reads a document into its strict type, one fault after another: a faulty key is recorded, dropped, and reading goes on.

use super::locate::{Layer, Path, Source, View, lookup};
use super::merge::drop_at;
use super::shape::Node;
use crate::problem::{Problem, Problems, near};
use serde::Deserialize;
use serde_path_to_error::Segment;
use toml::Spanned;
use toml::de::{DeValue, ValueDeserializer};

/// Faults looked for in one table before reading gives up; far beyond what a hand writes.
const FAULTS: usize = 200;

/// What a reader needs to say about a fault.
pub struct Context<'t, 'i> {
    pub source: &'t Source,
    pub layers: &'t [Layer<'t, 'i>],
    pub shape: Node,
    /// Keys that stand beside those of the type at its top, for `did you mean`.
    pub beside: &'t [String],
    /// Keys of the programme that a scenario may not change.
    pub elsewhere: &'t [String],
}

/// Reads `tree` as a `T`, dropping what is faulty; nothing when even the rest cannot be read.
pub fn read<'i, T: Deserialize<'i>>(tree: &mut DeValue<'i>, context: &Context<'_, 'i>, problems: &mut Problems) -> Option<T> {
    for _ in 0..FAULTS {
        let deserializer = ValueDeserializer::from(Spanned::new(0..0, tree.clone()));
        let error = match serde_path_to_error::deserialize::<_, T>(deserializer) {
            Ok(value) => return Some(value),
            Err(error) => error,
        };
        let mut path: Path = error.path().iter().filter_map(step).collect();
        let fault = Fault::of(error.inner().message());
        if let Fault::Unknown { key, .. } = &fault
            && path.last() != Some(key)
        {
            path.push(key.clone());
        }
        problems.push(describe(&fault, &path, tree, context));
        let climb = !matches!(fault, Fault::Unknown { .. });
        if !drop_at(tree, &path, climb) {
            return None;
        }
    }
    None
}

fn step(segment: &Segment) -> Option<String> {
    match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } | Segment::Enum { variant: key } => Some(key.clone()),
        Segment::Unknown => None,
    }
}

/// A message of the deserialiser, taken apart.
#[derive(Debug, PartialEq)]
enum Fault {
    Unknown {
        key: String,
    },
    Missing {
        key: String,
    },
    Choice {
        found: String,
    },
    /// More than one choice, or none, where one is needed.
    OneOf,
    Type {
        found: String,
        expected: String,
    },
    Other(String),
}

impl Fault {
    fn of(message: &str) -> Fault {
        let ticked = |text: &str| text.split('`').nth(1).unwrap_or_default().to_string();
        if message.starts_with("unknown field") {
            return Fault::Unknown { key: ticked(message) };
        }
        if let Some(rest) = message.strip_prefix("unexpected keys in table: ") {
            let key = rest.split(", available keys").next().and_then(|keys| keys.split(", ").next()).unwrap_or(rest);
            return Fault::Unknown { key: key.to_string() };
        }
        if message.starts_with("missing field") {
            return Fault::Missing { key: ticked(message) };
        }
        if message.starts_with("unknown variant") {
            return Fault::Choice { found: ticked(message) };
        }
        if message.starts_with("wanted exactly 1 element") {
            return Fault::OneOf;
        }
        let typed = ["invalid type: ", "invalid value: ", "invalid length "].iter().find_map(|p| message.strip_prefix(p));
        match typed.and_then(|rest| rest.rsplit_once(", expected ")) {
            Some((found, expected)) => Fault::Type { found: found.to_string(), expected: expected.to_string() },
            None => Fault::Other(message.to_string()),
        }
    }
}

fn describe(fault: &Fault, path: &Path, tree: &DeValue<'_>, context: &Context<'_, '_>) -> Problem {
    let steps: Vec<&str> = path.iter().map(String::as_str).collect();
    let view = View { source: context.source, current: tree, layers: context.layers };
    let say = |steps: &[&str], what: String, why: String, fix: String| view.problem(&[steps], what, why, fix);
    let name = path.iter().rev().find(|s| s.parse::<usize>().is_err()).cloned().unwrap_or_else(|| "the programme".into());
    let node = path.iter().try_fold(context.shape, |node, key| node.child(key));
    match fault {
        Fault::Unknown { key } => unknown(key, &steps, context, say),
        Fault::Missing { key } => {
            let what = format!("key `{key}` is missing");
            say(&steps, what, format!("`{name}` cannot do without it"), format!("add `{key} = …` to it"))
        }
        Fault::Choice { found } => {
            // the path may end in the choice's own name or in the key that holds it
            let holder = if path.last() == Some(found) { &path[..path.len() - 1] } else { &path[..] };
            let node = holder.iter().try_fold(context.shape, |node, key| node.child(key));
            let valid = node.map(|n| n.choices()).unwrap_or_default();
            let what = format!("\"{found}\" is not a choice here");
            let named: Vec<&str> = holder.iter().map(String::as_str).chain([found.as_str()]).collect();
            let steps = if lookup(tree, &named).is_some() { named } else { steps };
            say(&steps, what, format!("the choices are {}", list(&valid)), nearest_fix(found, &valid, "use one of them"))
        }
        Fault::OneOf => {
            let valid = node.map(|n| n.choices()).unwrap_or_default();
            let found = present(tree, &steps);
            let what = if found.is_empty() { "nothing is chosen".into() } else { format!("{} stand side by side", list(&found)) };
            say(&steps, what, format!("`{name}` is one choice of {}", list(&valid)), "keep exactly one".into())
        }
        Fault::Type { found, expected } => {
            let (expected, fix) = plainly(expected, &name);
            say(&steps, format!("found {}", found_plainly(found)), format!("`{name}` is {expected}"), fix)
        }
        Fault::Other(message) if message.contains("is not a date") => {
            let why = format!("`{name}` is a day of the calendar between 1900 and 2200");
            say(&steps, message.clone(), why, "write a date such as \"2015-06-12\"".into())
        }
        Fault::Other(message) if message.contains("overflowed") => {
            say(&steps, message.clone(), "every number of a programme is finite".into(), "write a smaller number".into())
        }
        Fault::Other(message) => {
            let keys = node.map(|n| n.choices()).unwrap_or_default();
            let why =
                if keys.is_empty() { format!("the value does not fit `{name}`") } else { format!("`{name}` is one of {}", list(&keys)) };
            say(&steps, message.clone(), why, format!("see `{name}` in docs/formats.md or in `levertide init`"))
        }
    }
}

fn unknown(key: &str, steps: &[&str], context: &Context<'_, '_>, say: impl Fn(&[&str], String, String, String) -> Problem) -> Problem {
    let top = steps.len() == 1;
    if top && context.elsewhere.iter().any(|k| k == key) {
        let why = "it belongs to the whole programme and cannot differ by scenario";
        return say(steps, format!("key `{key}` stands in a scenario"), why.into(), "move it above the first [[scenario]]".into());
    }
    let parent = steps[..steps.len() - 1].iter().try_fold(context.shape, |node, key| node.child(key));
    let mut valid = parent.map(Node::keys).unwrap_or_default();
    if top {
        valid.extend(context.beside.iter().cloned());
    }
    let mut valid: Vec<String> = valid.into_iter().filter(|k| k != key).collect();
    // at the top a key may be known both to the file and to a scenario
    valid.sort();
    valid.dedup();
    let why = if valid.is_empty() { "no key may stand here".into() } else { format!("the keys here are {}", list(&valid)) };
    say(steps, format!("unknown key `{key}`"), why, nearest_fix(key, &valid, "remove it"))
}

/// "did you mean" when a valid word is close, else the plain advice.
pub fn nearest_fix(word: &str, valid: &[String], otherwise: &str) -> String {
    match near::meant(word, valid) {
        Some(near) => format!("did you mean `{near}`?"),
        None => otherwise.to_string(),
    }
}

/// `a`, `b`, `c`.
pub fn list(words: &[String]) -> String {
    words.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(", ")
}

/// The keys of the table at a path.
fn present(tree: &DeValue<'_>, steps: &[&str]) -> Vec<String> {
    match lookup(tree, steps) {
        Some(DeValue::Table(table)) => table.keys().map(|k| k.get_ref().to_string()).collect(),
        _ => Vec::new(),
    }
}

fn found_plainly(found: &str) -> String {
    let words = [("integer `", "the number "), ("floating point `", "the number "), ("boolean `", "the flag ")];
    for (word, plain) in words {
        if let Some(rest) = found.strip_prefix(word) {
            return format!("{plain}{}", rest.trim_end_matches('`'));
        }
    }
    match found {
        "map" => "a table".into(),
        "sequence" => "a list".into(),
        "unit variant" => "a name alone".into(),
        _ => found.replacen("string ", "the text ", 1),
    }
}

/// The deserialiser's word for a type, and what to write, in the user's words.
fn plainly(expected: &str, name: &str) -> (String, String) {
    let (expected, fix) = match expected {
        "u32" | "u64" | "usize" => ("a whole number, 0 or more".to_string(), format!("write the number without quotes: `{name} = 20`")),
        "f64" => ("a number".into(), format!("write the number without quotes: `{name} = 1.5`")),
        "a boolean" => ("true or false".into(), format!("write `{name} = true` or `{name} = false`, without quotes")),
        "a string" => ("a text".into(), "put it in double quotes".into()),
        "a sequence" => ("a list".into(), "write it in square brackets, entries parted by commas".into()),
        "newtype variant" | "struct variant" => ("a choice that has keys of its own".into(), format!("write it as a table, `[{name}.…]`")),
        "unit variant" => ("a choice without keys".into(), "write its name in double quotes".into()),
        other if other.starts_with("struct") || other.starts_with("a map") => {
            ("a table of keys".into(), format!("write it as a table, `[{name}]`"))
        }
        other => (other.to_string(), format!("write {other}")),
    };
    (expected, fix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_the_deserialiser_is_taken_apart() {
        let fault = Fault::of("invalid type: string \"a\", expected u32");
        assert_eq!(fault, Fault::Type { found: "string \"a\"".into(), expected: "u32".into() });
        assert_eq!(Fault::of("unknown field `cal`, expected one of `call`, `limit`"), Fault::Unknown { key: "cal".into() });
        assert_eq!(Fault::of("unexpected keys in table: x, available keys: client"), Fault::Unknown { key: "x".into() });
    }
}
