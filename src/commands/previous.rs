//! Reads the earlier report that a run is set beside, as one more input file.

use super::{pipeline::Loaded, regress};
use crate::disk::bounded;
use crate::inputs::programme::mix::{Standing, files_that_differ};
use crate::inputs::report_origin;
use crate::model::case::Programme;
use crate::model::lineage::InputFile;
use crate::problem::{Kind, Place, Problem, Problems};
use crate::report::facts::Made;
use crate::report::names;
use crate::study::regress::Baseline;
use std::path::{Path, PathBuf};

const SUMMARY: &str = "summary.json";
const RESOLVED: &str = "programme.resolved.toml";
/// A larger file is no programme.
const LARGEST_PROGRAMME_BYTES: u64 = 4 << 20;

/// An earlier report, and what differs between what the two were made of.
pub struct Earlier {
    pub figures: Baseline,
    pub made: Option<Made>,
}

impl Earlier {
    /// Every text of what differs that the report shows.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.made.iter().flat_map(|made| &made.differs).flat_map(|differs| differs.what.texts())
    }
}

/// The earlier report of the programme, noted among the inputs; nothing where it names none.
pub fn read(loaded: &mut Loaded) -> Result<Option<Earlier>, Problems> {
    let programme = &loaded.programme;
    let Some(written) = &programme.report.previous else { return Ok(None) };
    let named = programme.folder.join(written);
    let made = made(&named, loaded);
    let programme = &loaded.programme;
    let (path, written) = if named.is_dir() { (named.join(SUMMARY), format!("{written}/{SUMMARY}")) } else { (named, written.clone()) };
    let (earlier, bytes) = regress::read(&path, "the earlier report", "name a report folder under [report] previous, or with --previous")?;
    if !earlier.currency.is_empty() && earlier.currency != programme.currency {
        let what = format!("is in {}, the programme in {}", earlier.currency, programme.currency);
        let place = Place::file(path.display().to_string());
        let why = "amounts of two currencies have no difference";
        return Err(Problem::new(Kind::Data, place, what, why, "name an earlier report in the same currency").into());
    }
    let figures = earlier.scenarios.iter().map(|s| s.measures.len() as u64).sum();
    loaded.inputs.lineage.push(names::input_file("previous", written, &bytes, figures));
    Ok(Some(Earlier { figures: earlier, made }))
}

/// What differs from a report folder; nothing where it does not say what it was made of.
fn made(folder: &Path, loaded: &Loaded) -> Option<Made> {
    let origin = report_origin::read(folder).ok()?;
    let text = bounded::read(&folder.join(RESOLVED), LARGEST_PROGRAMME_BYTES).ok()?;
    let then = Standing::whole(&String::from_utf8(text).ok()?)?;
    let now = Standing::whole(&loaded.programme.resolved_toml)?;
    let own = |files: &[InputFile]| files.iter().filter(|file| file.moves_figures()).cloned().collect::<Vec<InputFile>>();
    let mut differs = then.keys_that_differ(&now);
    differs.extend(files_that_differ(&own(&origin.inputs), &own(&loaded.inputs.lineage)));
    // what another day or another report asks for is no change of figures
    differs.retain(|differs| differs.what.name() != "report.previous");
    differs.sort_by_key(|differs| (differs.source.is_none(), differs.source));
    Some(Made { version: origin.version, differs })
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
