//! Writes the resolved programme: every default of the base filled in, each scenario's patch as it was given.
//!
//! Reading the text gives the same programme, and writing that again the same text.

use super::shape::ProgrammeHead;
use crate::disk::bounded;
use crate::disk::place::real;
use crate::disk::record::MANIFEST;
use crate::model::case::{Case, Programme, Scenario, ScenarioZh, Severity};
use serde::Serialize;
use std::path::{Path, PathBuf};

const HEADER: &str = "\
# Resolved programme: every default is filled in, and what the command line changed is written in.
# Paths of [data] start from the folder of the original programme. In its report folder this file runs
# where it lies, since manifest.json knows the way; anywhere else, give the way as `root` under [data].

";

/// What the resolved programme is called in a report folder; the manifest beside it knows the way to the data.
const RESOLVED: &str = "programme.resolved.toml";
/// A longer manifest is none.
const LARGEST_MANIFEST_BYTES: u64 = 64 << 20;

/// A scenario as the resolved programme holds it: its name, what it is, and its patch as given.
#[derive(Serialize)]
pub struct Patch<'s> {
    name: &'s str,
    severity: Severity,
    narrative: &'s str,
    #[serde(skip_serializing_if = "ScenarioZh::is_empty")]
    zh: &'s ScenarioZh,
    #[serde(flatten)]
    patch: &'s toml::Table,
}

impl<'s> Patch<'s> {
    pub fn new(scenario: &'s Scenario, patch: &'s toml::Table) -> Self {
        Patch { name: &scenario.name, severity: scenario.severity, narrative: &scenario.narrative, zh: &scenario.zh, patch }
    }
}

/// The file, in the order of the types; flattened for writing only (reading keeps every key's own line).
#[derive(Serialize)]
struct Resolved<'s> {
    #[serde(flatten)]
    head: &'s ProgrammeHead,
    #[serde(flatten)]
    base: &'s Case,
    #[serde(skip_serializing_if = "<[Patch<'_>]>::is_empty")]
    scenario: &'s [Patch<'s>],
}

/// The text of a resolved programme.
pub fn write(head: &ProgrammeHead, base: &Case, scenario: &[Patch<'_>]) -> String {
    let file = Resolved { head, base, scenario };
    format!("{HEADER}{}", toml::to_string(&file).expect("checked keys and numbers can be written as TOML"))
}

impl Programme {
    /// The way from a report folder to the folder that data paths start from, for `data_root` of the manifest.
    ///
    /// It is not in the resolved programme, whose bytes are the same wherever the report is written.
    pub fn data_root_from(&self, report_folder: &Path) -> String {
        way(report_folder, &self.folder)
    }
}

/// The folder that data paths of a resolved programme start from, when it lies in a report folder.
pub fn original_folder(programme: &Path) -> Option<PathBuf> {
    if programme.file_name()? != RESOLVED {
        return None;
    }
    let folder = programme.parent()?;
    let manifest: serde_json::Value = serde_json::from_slice(&bounded::read(&folder.join(MANIFEST), LARGEST_MANIFEST_BYTES).ok()?).ok()?;
    Some(folder.join(manifest.get("data_root")?.as_str()?))
}

/// The way from one folder to another, with forward slashes; absolute when they share nothing.
pub fn way(from: &Path, to: &Path) -> String {
    let (from, to) = (real(from), real(to));
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
