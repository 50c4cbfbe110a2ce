//! Reads the earlier report that a run is set beside, as one more input file.

use super::{pipeline::Loaded, regress};
use crate::model::case::Programme;
use crate::model::lineage::InputFile;
use crate::problem::{Kind, Place, Problem, Problems};
use crate::report::names;
use crate::study::regress::Baseline;
use std::path::{Path, PathBuf};

const SUMMARY: &str = "summary.json";

/// The earlier report of the programme, noted among the inputs; nothing where it names none.
pub fn read(loaded: &mut Loaded) -> Result<Option<Baseline>, Problems> {
    let programme = &loaded.programme;
    let Some(written) = &programme.report.previous else { return Ok(None) };
    let named = programme.folder.join(written);
    let (path, written) = if named.is_dir() { (named.join(SUMMARY), format!("{written}/{SUMMARY}")) } else { (named, written.clone()) };
    let (earlier, bytes) = regress::read(&path, "the earlier report", "name a report folder under [report] previous, or with --previous")?;
    if !earlier.currency.is_empty() && earlier.currency != programme.currency {
        let what = format!("is in {}, the programme in {}", earlier.currency, programme.currency);
        let place = Place::file(path.display().to_string());
        let why = "amounts of two currencies have no difference";
        return Err(Problem::new(Kind::Data, place, what, why, "name an earlier report in the same currency").into());
    }
    let figures = earlier.scenarios.iter().map(|s| s.measures.len() as u64).sum();
    let (sha256, bytes) = (names::sha256(&bytes), bytes.len() as u64);
    loaded.inputs.lineage.push(InputFile {
        role: "previous".into(),
        path: written,
        sha256,
        bytes,
        rows: figures,
        used: figures,
        rejected: 0,
        passed_over: 0,
    });
    Ok(Some(earlier))
}

/// A run must not write over the report it is set beside: the resolved programme would compare it with itself.
pub fn keep_apart(programme: &Programme, out: &Path) -> Result<(), Problems> {
    let Some(written) = &programme.report.previous else { return Ok(()) };
    let named = programme.folder.join(written);
    let folder = if named.is_dir() { named } else { named.parent().map_or_else(PathBuf::new, Path::to_path_buf) };
    match (folder.canonicalize(), out.canonicalize()) {
        (Ok(earlier), Ok(out)) if earlier == out => {
            let what = format!("{} is the earlier report itself", out.display());
            let why = "a report set beside itself shows no change, and would be lost";
            Err(Problem::new(Kind::Usage, Place::file("--out"), what, why, "write the new report to another folder").into())
        }
        _ => Ok(()),
    }
}
