//! Writes the resolved programme: every default of the base filled in, each scenario's patch as it was given.
//!
//! Reading the text gives the same programme, and writing that again the same text.

use super::shape::ProgrammeHead;
use crate::model::case::{Case, Programme, Scenario};
use std::path::Path;
use toml::{Table, Value};

const HEADER: &str = "\
# Resolved programme: every default is filled in, and what the command line changed is written in.
# Paths of [data] start from `root` where it is given, else from the folder of this file; a copy that
# lies elsewhere than the original programme needs `root`, the way from here to the original's folder.

";

/// A scenario as the resolved programme holds it: its name, what it is, and its patch as given.
pub struct Patch<'s> {
    scenario: &'s Scenario,
    patch: &'s Table,
}

impl<'s> Patch<'s> {
    pub fn new(scenario: &'s Scenario, patch: &'s Table) -> Self {
        Patch { scenario, patch }
    }
}

/// The text of a resolved programme.
pub fn write(head: &ProgrammeHead, base: &Case, patches: &[Patch<'_>]) -> String {
    let mut root = table(head);
    root.extend(table(base));
    let scenarios: Vec<Value> = patches.iter().map(scenario).collect();
    if !scenarios.is_empty() {
        root.insert("scenario".into(), Value::Array(scenarios));
    }
    text(&root)
}

fn scenario(Patch { scenario, patch }: &Patch<'_>) -> Value {
    let mut table = Table::new();
    table.insert("name".into(), scenario.name.clone().into());
    table.insert("severity".into(), Value::try_from(scenario.severity).expect("a severity is a word"));
    table.insert("narrative".into(), scenario.narrative.clone().into());
    table.extend((*patch).clone());
    Value::Table(table)
}

fn table<T: serde::Serialize>(value: &T) -> Table {
    Table::try_from(value).expect("checked keys and numbers can be written as TOML")
}

fn text(root: &Table) -> String {
    format!("{HEADER}{}", toml::to_string(root).expect("checked keys and numbers can be written as TOML"))
}

impl Programme {
    /// The resolved programme for a report folder: `root` leads from there to the data, so that the copy runs where it lies.
    ///
    /// Everything else is `resolved_toml`; both folders are made absolute, and `root` is relative wherever it can be.
    pub fn resolved_for(&self, report_folder: &Path) -> String {
        let mut root: Table = self.resolved_toml.parse().expect("a resolved programme is TOML");
        let way = way(report_folder, &self.folder);
        if let Some(Value::Table(data)) = root.get_mut("data")
            && way != "."
        {
            data.insert("root".into(), way.into());
        }
        text(&root)
    }
}

/// The way from one folder to another, with forward slashes; absolute when they share no root.
fn way(from: &Path, to: &Path) -> String {
    let absolute = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_path_buf());
    let (from, to) = (absolute(from), absolute(to));
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    if shared == 0 {
        return to.display().to_string();
    }
    let up = from.components().skip(shared).map(|_| "..".to_string());
    let down = to.components().skip(shared).map(|c| c.as_os_str().to_string_lossy().into_owned());
    let steps: Vec<String> = up.chain(down).collect();
    if steps.is_empty() { ".".into() } else { steps.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_goes_up_and_down() {
        assert_eq!(way(Path::new("/none/reports/x"), Path::new("/none/scenarios")), "../../scenarios");
        assert_eq!(way(Path::new("/none/a"), Path::new("/none/a")), ".");
    }
}
