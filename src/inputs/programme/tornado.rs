//! Reads a study of sensitivity: keys of a programme between two ends, one at a time or all at once.

use super::Overrides;
use super::plan::{self, PlanFile, Planned};
use super::plan_file::{self, Faults, What};
use super::settings::Assignment;
use super::tornado_file::TornadoFile;
use crate::model::case::Case;
use crate::model::sweep::{Key, Named, Value};
use crate::model::tornado::{HIGH, LOW, Method, Tornado, one_at_a_time, sobol};
use crate::problem::{Place, Problems};
use std::path::Path;

/// Reads a study and its programme.
///
/// Errors: as `plan::load`.
pub fn load(path: &Path, flags: &Overrides) -> Result<Planned<Tornado>, Problems> {
    let mut planned = plan::load::<TornadoFile>(path, flags)?;
    if planned.plan.method == Method::OneAtATime {
        let base = &planned.programme.scenarios[1].case;
        planned.plan.bases = planned.plan.keys.iter().map(|key| own_value(base, &key.names[0])).collect();
    }
    Ok(planned)
}

/// What a key holds in a case; nothing where it is not written and has no default.
fn own_value(case: &Case, name: &str) -> Option<Value> {
    let path = Assignment::of(name, "0")?.path;
    let case = toml::Value::try_from(case).expect("checked keys and numbers can be written as TOML");
    let step = |node: toml::Value, step: &String| match node {
        toml::Value::Array(list) => list.into_iter().nth(step.parse().ok()?),
        toml::Value::Table(mut table) => table.remove(step),
        _ => None,
    };
    let mut value = path.iter().try_fold(case, step).map(|value| plan_file::value(&value))?;
    if !plan_file::is_name(&value.label.en) {
        value.label = Named::alike("…");
    }
    Some(value)
}

impl PlanFile for TornadoFile {
    type Plan = Tornado;
    const WHAT: What =
        What { verb: "tornado", name: "tornado file", changed: "varied", change: "vary", example: "what the tail loss depends on" };

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

    fn plan(&self, faults: &Faults<'_>, problems: &mut Problems) -> Tornado {
        if problems.is_empty() {
            self.check(faults, problems);
        }
        let name = self.name.clone().unwrap_or_default();
        let zh = self.zh.name.clone().unwrap_or_else(|| name.clone());
        let keys = self.keys(faults, problems);
        let rows = self.rows.unwrap_or(0) as usize;
        let settings = match self.method {
            // of what is wrong no design is made
            _ if !problems.is_empty() => Vec::new(),
            Method::OneAtATime => one_at_a_time(&keys.iter().map(|key| key.values.len() > HIGH + 1).collect::<Vec<_>>()),
            Method::Sobol => sobol(keys.len(), rows),
        };
        let bases = vec![None; keys.len()];
        let (measures, name) = (self.measures.clone(), Named { en: name, zh });
        Tornado { name, method: self.method, rows, seed: self.seed, keys, bases, settings, measures }
    }

    fn count(tornado: &Tornado) -> usize {
        tornado.settings.len()
    }

    fn own(tornado: &Tornado, setting: usize) -> Vec<(&Key, &Value)> {
        tornado.own(setting).collect()
    }

    fn place_of(&self, tornado: &Tornado, shown: &str, setting: usize, about_name: bool, faults: &Faults<'_>) -> Option<Place> {
        let at = plan_file::holder(shown, self.key.iter().map(|key| key.names()))?;
        let number = at.to_string();
        // the programme's own value of a key may clash with the end of another: that one wrote what is new
        let end = match (about_name, tornado.settings[setting][at], self.method) {
            (true, ..) => "name",
            (false, Some(HIGH), _) => "high",
            (false, Some(LOW), _) | (false, _, Method::Sobol) => "low",
            (false, Some(_), _) => "base",
            (false, None, _) => "name",
        };
        Some(faults.place(&["key", &number, end]))
    }
}
