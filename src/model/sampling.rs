//! States which paths are simulated in full: the first ones drawn, or of many drawn more of those on which the market falls far.
//!
//! Two-phase stratified sampling (Neyman 1938; Cochran 1977, *Sampling Techniques*, §12): a first, cheap phase draws the market of many
//! candidate paths and orders them by how far it falls; the second simulates some of each stratum, and each stands for its share of the
//! stratum's candidates. No law is changed and no likelihood ratio is needed, so that it serves every market model. Importance sampling draws
//! the candidates themselves from laws under which the market falls more (`market/tilt.rs`), and so reaches a tail that no candidate of the
//! model's own law would show.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[simulation.sampling]`
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Sampling {
    pub method: Method,
    /// Candidate paths of the first phase, with method = "stratified" or "importance"; 16 for each path simulated when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidates: Option<u64>,
}

/// Which paths are simulated in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// The first ones drawn, all of the same weight.
    #[default]
    Plain,
    /// Of many candidates, more of those on which the market falls far; each counts for the candidates it stands for.
    Stratified,
    /// The same, half of the candidates drawn from laws under which the market falls more, each counting by its likelihood.
    Importance,
}

/// Candidates for each path simulated when the programme does not say.
const CANDIDATES: u64 = 16;

/// The most candidates a programme may ask for: four bytes each are kept.
pub const CANDIDATES_MOST: u64 = 1_000_000_000;

impl Sampling {
    pub fn is_plain(&self) -> bool {
        self.method == Method::Plain
    }

    /// Whether paths are drawn from other laws than the model's.
    pub fn is_tilted(&self) -> bool {
        self.method == Method::Importance
    }

    /// How many candidates `paths` simulated paths are chosen from; all of them where every path drawn is simulated.
    pub fn candidates_of(&self, paths: u64) -> u64 {
        match self.method {
            Method::Plain => paths,
            Method::Stratified | Method::Importance => {
                self.candidates.unwrap_or(paths.saturating_mul(CANDIDATES).min(CANDIDATES_MOST)).max(paths)
            }
        }
    }
}
