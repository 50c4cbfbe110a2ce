//! Says what a part was made of, and finds what two parts differ in.

use crate::commands::flags::{Changes, Lang};
use crate::commands::pipeline::Loaded;
use crate::engine::Layout;
use crate::inputs::fit_store;
use crate::inputs::programme::Overrides;
use crate::model::case::Programme;
use crate::report::names::sha256;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The first line of every part.
pub const KIND: &str = "levertide part 1";

/// What the rows of a part follow from. The words, limits and language of a report are not among it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub version: String,
    /// Architecture and system: builds of one version for two of these give the same bytes.
    pub target: String,
    /// Of the program's own file.
    pub build: String,
    /// Of seed, as-of date and scenarios, every default filled in.
    pub programme: String,
    /// Role and digest of every file read.
    pub inputs: Vec<(String, String)>,
    pub layout: Layout,
}

impl Identity {
    /// Of a programme as it is simulated, with its model-risk scenarios, on its loaded data.
    pub fn of(loaded: &Loaded, simulated: &Programme, layout: Layout) -> Identity {
        let cases: Vec<_> = simulated.scenarios.iter().map(|s| (&s.name, &s.case)).collect();
        let content = format!("{:?}", (simulated.as_of, simulated.seed, &simulated.currency, &simulated.data, cases));
        let read = loaded.inputs.lineage.iter().filter(|file| file.moves_figures());
        let inputs = read.map(|file| (file.role.clone(), file.sha256.clone()));
        Identity {
            version: env!("CARGO_PKG_VERSION").into(),
            target: format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
            build: fit_store::build(),
            programme: sha256(content.as_bytes()),
            inputs: inputs.collect(),
            layout,
        }
    }

    /// What another part was made of that this was not; nothing where the two belong together.
    pub fn difference(&self, other: &Identity) -> Option<String> {
        if self.version != other.version {
            return Some(format!("version {} of levertide, this is {}", other.version, self.version));
        }
        if self.target == other.target && self.build != other.build {
            return Some(format!("another build of version {}", other.version));
        }
        if let Some((role, _)) = other.inputs.iter().zip(&self.inputs).find(|(a, b)| a != b).map(|(a, _)| a) {
            return Some(format!("another file of {role}"));
        }
        if self.inputs.len() != other.inputs.len() {
            return Some("other data files".into());
        }
        if self.programme != other.programme {
            return Some("another programme, or another --paths, --seed, --scenario or --set".into());
        }
        (self.layout != other.layout).then(|| "another cut into batches".to_string())
    }
}

/// What the command line changed in the programme, for `merge` to change too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    pub paths: Option<u64>,
    pub seed: Option<u64>,
    pub scenario: Vec<String>,
    pub set: Vec<String>,
    pub lang: Option<String>,
}

impl Changed {
    pub fn of(changes: &Changes) -> Changed {
        let Changes { paths, seed, scenario, set, lang } = changes;
        let lang = lang.and_then(|lang| lang.to_possible_value()).map(|value| value.get_name().to_string());
        Changed { paths: *paths, seed: *seed, scenario: scenario.clone(), set: set.clone(), lang }
    }

    /// The same, as the programme reader takes it; `lang` is what was typed since.
    pub fn overrides(&self, lang: Option<Lang>) -> Overrides {
        let told = self.lang.as_deref().and_then(|lang| Lang::from_str(lang, false).ok());
        Overrides {
            paths: self.paths,
            seed: self.seed,
            scenarios: self.scenario.clone(),
            set: self.set.clone(),
            language: lang.or(told).map(Into::into),
            previous: None,
        }
    }
}

/// The head of a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub identity: Identity,
    /// The programme, as the command line named it, and what it changed.
    pub programme: PathBuf,
    pub changed: Changed,
    /// Which part of how many, from 1; absent in a checkpoint.
    pub part: Option<(u64, u64)>,
    /// The first batch.
    pub first: u64,
}

impl Head {
    pub fn new(identity: Identity, programme: &Path, changes: &Changes) -> Head {
        Head { identity, programme: programme.to_path_buf(), changed: Changed::of(changes), part: None, first: 0 }
    }
}
