//! Reads what a report folder says of its making, and tells where its files are no longer what they were.

use super::fingerprint;
use crate::disk::bounded;
use crate::disk::record::MANIFEST;
use crate::model::lineage::InputFile;
use crate::problem::{Kind, Place, Problem, Problems};
use serde::Deserialize;
use std::path::Path;

/// A longer manifest is none.
const LARGEST_MANIFEST_BYTES: u64 = 64 << 20;

/// What made a report.
#[derive(Clone, Debug, Deserialize)]
pub struct Origin {
    /// The version of the program.
    pub version: String,
    /// The files it was made from, as its programme names them.
    #[serde(default)]
    pub inputs: Vec<InputFile>,
}

/// Reads the manifest of a report folder.
///
/// Errors (kind Data): there is none, or it says nothing of the sort.
pub fn read(folder: &Path) -> Result<Origin, Problem> {
    let path = folder.join(MANIFEST);
    let problem = |what: String| {
        let why = "it says which version made the report, and from which files";
        Problem::new(Kind::Data, Place::file(path.display().to_string()), what, why, "name a report folder that `run` or `merge` wrote")
    };
    let bytes = bounded::read(&path, LARGEST_MANIFEST_BYTES).map_err(|e| problem(format!("cannot be read: {e}")))?;
    serde_json::from_slice(&bytes).map_err(|e| problem(format!("is no manifest: {e}")))
}

/// Tells every file that has other bytes now than the report was made from; `now` are the files as read, and `flag` names the folder that
/// holds them as they were.
///
/// Errors (kind Data): one for each such file.
pub fn check(origin: &Origin, now: &[InputFile], folder: &Path, flag: &str) -> Result<(), Problems> {
    let mut problems = Problems::new();
    for file in now {
        let before = origin.inputs.iter().find(|before| before.role == file.role && before.path == file.path);
        if let Some(before) = before.filter(|before| before.sha256 != file.sha256) {
            problems.push(changed(before, &file.sha256, folder, flag));
        }
    }
    problems.into_result(())
}

/// The same of files that were not read: each is read for its bytes alone; what cannot be read is not told here.
pub fn check_bytes(origin: &Origin, folder: &Path, flag: &str) -> Result<(), Problems> {
    let mut problems = Problems::new();
    for before in origin.inputs.iter().filter(|file| file.moves_figures()) {
        match fingerprint::open(&before.path, folder) {
            Ok(content) if content.sha256 == before.sha256 => {}
            Ok(content) => problems.push(changed(before, &content.sha256, folder, flag)),
            Err(problem) => {
                let fix = format!("put it back, or name a folder that holds it with {flag}");
                problems.push(Problem { fix, place: Place::file(folder.join(&before.path).display().to_string()), ..problem });
            }
        }
    }
    problems.into_result(())
}

fn changed(before: &InputFile, now: &str, folder: &Path, flag: &str) -> Problem {
    let short = |hash: &str| hash.chars().take(12).collect::<String>();
    let place = Place::file(folder.join(&before.path).display().to_string());
    let what = format!("is not the file that the report was made from: SHA-256 {}, was {}", short(now), short(&before.sha256));
    let why = "the report's figures cannot be had again from other data";
    let fix = format!("put the file back as it was, or name a folder that holds it, with the same paths below it, with {flag}");
    Problem::new(Kind::Data, place, what, why, fix)
}
