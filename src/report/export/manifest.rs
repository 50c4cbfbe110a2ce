//! Composes `manifest.json`: what was read, what was written, and how it went; the only file that may differ between runs.

use super::summary::pretty;
use crate::model::lineage::InputFile;
use crate::problem::Problems;
use crate::report::facts::Facts;
use crate::report::folder::{Claim, MANIFEST, PROGRAM, Written};
use serde::Serialize;
use std::collections::BTreeMap;

/// How the run went: clock, machine and effort, none of which changes a figure.
#[derive(Clone, Debug, Serialize)]
pub struct Effort {
    /// RFC 3339, UTC.
    pub started: String,
    pub ended: String,
    pub host: String,
    pub threads: usize,
    /// Accounts × days × paths × scenarios.
    pub account_steps: u64,
    /// Of the simulation alone.
    pub simulation_seconds: f64,
    pub wall_seconds: f64,
    pub account_steps_per_second: f64,
    /// The most memory the process held; absent where the system does not tell.
    pub peak_memory_bytes: Option<u64>,
    /// What the fit cache gave; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fits: Option<Fits>,
}

/// Parts of fits that an earlier run had found, those found and kept, and files that were no records.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Fits {
    pub recalled: usize,
    pub kept: usize,
    pub unreadable: usize,
}

#[derive(Serialize)]
struct Manifest<'a> {
    schema: u32,
    /// By this and the token the folder is known as a report of ours.
    program: &'static str,
    token: &'a str,
    version: &'static str,
    target: String,
    name: &'a str,
    seed: u64,
    programme_hash: &'a str,
    /// The way from here to the folder that the programme's data paths start from: the resolved programme runs by it.
    data_root: String,
    inputs: &'a [InputFile],
    outputs: &'a BTreeMap<String, Written>,
    run: &'a Effort,
}

/// The manifest of a folder that is no run's.
#[derive(Serialize)]
struct Plain<'a> {
    schema: u32,
    /// By this and the token the folder is known as ours.
    program: &'static str,
    token: &'a str,
    version: &'static str,
    name: &'a str,
    /// As in a run's; absent where no programme lies in the folder that runs there.
    #[serde(skip_serializing_if = "Option::is_none")]
    data_root: Option<String>,
    inputs: &'a [InputFile],
    outputs: &'a BTreeMap<String, Written>,
}

/// Writes the manifest of a folder that is no run's, over every file the claim holds so far; nothing may be written after it.
pub fn write_plain(schema: u32, name: &str, inputs: &[InputFile], claim: &mut Claim) -> Result<(), Problems> {
    write_with_root(schema, name, (inputs, None), claim)
}

/// The same of a folder whose resolved programme runs where it lies: the way from there to the data.
pub fn write_with_root(
    schema: u32,
    name: &str,
    (inputs, data_root): (&[InputFile], Option<String>),
    claim: &mut Claim,
) -> Result<(), Problems> {
    let (token, version, outputs) = (claim.token(), env!("CARGO_PKG_VERSION"), claim.files());
    let bytes = pretty(&Plain { schema, program: PROGRAM, token, version, name, data_root, inputs, outputs });
    claim.write(MANIFEST, &bytes)
}

/// Writes the manifest over every file the claim holds so far; nothing may be written after it.
pub fn write(facts: &Facts<'_>, effort: &Effort, claim: &mut Claim) -> Result<(), Problems> {
    let bytes = pretty(&Manifest {
        schema: super::summary::SCHEMA,
        program: PROGRAM,
        token: claim.token(),
        version: env!("CARGO_PKG_VERSION"),
        target: format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
        name: &facts.programme.name,
        seed: facts.programme.seed,
        programme_hash: &facts.programme_hash,
        data_root: facts.programme.data_root_from(claim.target()),
        inputs: &facts.lineage,
        outputs: claim.files(),
        run: effort,
    });
    claim.write(MANIFEST, &bytes)
}
