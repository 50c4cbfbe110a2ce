//! Reads a sweep: keys of a programme over values, every combination of them a setting.

use super::Overrides;
use super::plan::{self, PlanFile, Planned};
use super::plan_file::{self, Faults, What};
use super::sweep_file::SweepFile;
use crate::model::sweep::{Better, Key, Named, SETTINGS, Sweep, Value, settings as settings_of};
use crate::problem::{Place, Problems};
use std::path::Path;

/// Reads a sweep and its programme.
///
/// Errors: as `plan::load`.
pub fn load(path: &Path, flags: &Overrides) -> Result<Planned<Sweep>, Problems> {
    plan::load::<SweepFile>(path, flags)
}

impl PlanFile for SweepFile {
    type Plan = Sweep;
    const WHAT: What = What { verb: "sweep", name: "sweep", changed: "swept", change: "sweep", example: "leverage and lines" };

    fn paths(&self) -> Option<u64> {
        self.paths
    }

    fn scenario(&self) -> Option<&str> {
        self.scenario.as_deref()
    }

    fn measures(&self) -> &[String] {
        &self.measures
    }

    fn set(&self) -> &toml::Table {
        &self.set
    }

    fn plan(&self, faults: &Faults<'_>, problems: &mut Problems) -> Sweep {
        if problems.is_empty() {
            self.check(faults, problems);
        }
        let name = self.name.clone().unwrap_or_else(|| "sweep".into());
        let zh = self.zh.name.clone().unwrap_or_else(|| name.clone());
        let keys = self.keys(faults, problems);
        let all = settings_of(self.design, &keys.iter().map(|key| key.values.len()).collect::<Vec<_>>());
        if all.len() > SETTINGS {
            let what = format!("{} settings", all.len());
            let why = format!("a sweep has at most {SETTINGS} settings, one for each combination of its values");
            problems.push(faults.problem(&["key"], what, why, "leave out values or a key, or draw the settings: design = \"random\""));
        }
        let measures: Vec<(String, Better)> = (self.measures.iter())
            .map(|measure| (measure.clone(), self.better.get(measure).copied().unwrap_or_else(|| Better::of(measure))))
            .collect();
        let frontier = self.frontier(faults, problems);
        Sweep { name: Named { en: name, zh }, design: self.design, keys, settings: all, measures, frontier }
    }

    fn count(sweep: &Sweep) -> usize {
        sweep.settings.len()
    }

    fn own(sweep: &Sweep, setting: usize) -> Vec<(&Key, &Value)> {
        sweep.keys.iter().zip(sweep.values(setting)).collect()
    }

    fn place_of(&self, sweep: &Sweep, shown: &str, setting: usize, about_name: bool, faults: &Faults<'_>) -> Option<Place> {
        let at = plan_file::holder(shown, self.key.iter().map(|key| key.names()))?;
        let (number, key) = (at.to_string(), &self.key[at]);
        let value = sweep.settings[setting][at].to_string();
        Some(match (about_name, key.values.is_empty()) {
            (false, false) => faults.place(&["key", &number, "values", &value]),
            (false, true) => faults.place(&["key", &number, "from"]),
            (true, _) => faults.place(&["key", &number, "name"]),
        })
    }
}
