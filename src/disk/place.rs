//! Finds the real place of what is to be written, and keeps it apart from what a command reads.

use super::refused;
use crate::problem::Problems;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

/// The absolute path with links followed as far as it exists; the rest need not exist.
pub fn real(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let existing = absolute.ancestors().find_map(|a| Some((a, a.canonicalize().ok()?)));
    let Some((ancestor, mut real)) = existing else { return absolute };
    for step in absolute.strip_prefix(ancestor).unwrap_or(Path::new("")).components() {
        match step {
            Component::ParentDir => {
                real.pop();
            }
            Component::Normal(name) => real.push(name),
            _ => {}
        }
    }
    real
}

/// The real place of a file or folder to be written, links followed.
///
/// Errors (kind Output): it is an address of the network, it has no name of its own, or a link that leads nowhere.
pub fn target(asked: &Path) -> Result<PathBuf, Problems> {
    if asked.to_string_lossy().contains("://") {
        return Err(refused(asked, "looks like an address of the network", "results are written to the local disk", "name a local place"));
    }
    let place = real(asked);
    if place.file_name().is_none() {
        return Err(refused(
            asked,
            "has no name of its own",
            "a result stands in a folder of the file system",
            "add a name, for example reports/weekly",
        ));
    }
    // what exists is followed to its end, so that a link left over leads nowhere
    if fs::symlink_metadata(&place).is_ok_and(|facts| facts.is_symlink()) {
        return Err(refused(asked, "is a link that leads nowhere", "a link is not replaced", "remove the link, or name another place"));
    }
    for above in place.ancestors().skip(1) {
        match fs::metadata(above) {
            Ok(facts) if facts.is_dir() => break,
            Ok(_) => {
                let what = format!("{} is a file", above.display());
                return Err(refused(asked, what, "the place of a result lies in a folder", "name another place"));
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
            Err(error) => return Err(super::io_problem(asked, "cannot be reached", &error)),
        }
    }
    Ok(place)
}

/// What a command reads (or writes elsewhere), as a problem names it, and its place.
pub struct Input {
    pub role: String,
    pub path: PathBuf,
}

impl Input {
    pub fn new(role: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Input { role: role.into(), path: path.into() }
    }
}

/// Refuses an output folder that is, or holds, something the command reads: replacing it would lose an input.
pub fn keep_apart(asked: &Path, inputs: &[Input]) -> Result<(), Problems> {
    let out = real(asked);
    let mut problems = Problems::new();
    for input in inputs {
        // both where it is named and where a link leads
        let named = input.path.parent().map(|folder| real(folder).join(input.path.file_name().unwrap_or_default()));
        let inside = real(&input.path).starts_with(&out) || named.is_some_and(|named| named.starts_with(&out));
        if inside {
            let what = format!("holds what this command reads: {} ({})", input.path.display(), input.role);
            let why = "an output folder is replaced whole, and no input may be lost with it";
            problems.extend(refused(asked, what, why, "name another folder with --out"));
        }
    }
    problems.into_result(())
}

/// Refuses a folder that the command runs in: it would be replaced under the user's feet.
pub fn not_here(asked: &Path, place: &Path) -> Result<(), Problems> {
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    if here.is_ok_and(|here| here.starts_with(place)) {
        let what = "is the folder this command runs in, or one above it";
        return Err(refused(
            asked,
            what,
            "an output folder is put in place by a rename",
            "name a folder of its own, for example reports/weekly",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_inside_the_output_is_named_wherever_a_link_leads() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        fs::create_dir_all(at("out/deep")).unwrap();
        fs::write(at("out/deep/p.toml"), "").unwrap();
        fs::write(at("away.csv"), "").unwrap();
        let refuses = |out: &str, input: &str| keep_apart(&at(out), &[Input::new("prices", at(input))]).is_err();
        assert!(refuses("out", "out/deep/p.toml") && refuses("out/../out", "out/deep/../deep/p.toml") && refuses(".", "away.csv"));
        assert!(!refuses("out", "away.csv") && !refuses("out/deep/r", "out/deep/p.toml") && !refuses("out", "out-2/p.toml"));
        assert!(refuses("none", "none/cache"), "a place that does not exist yet");
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(at("away.csv"), at("out/link.csv")).unwrap();
            std::os::unix::fs::symlink(at("out"), at("other")).unwrap();
            std::os::unix::fs::symlink(at("nowhere"), at("dangling")).unwrap();
            assert!(refuses("out", "out/link.csv") && refuses("other", "out/deep/p.toml") && refuses("out", "other/deep/p.toml"));
            assert!(target(&at("dangling")).is_err());
            assert_eq!(target(&at("other")).unwrap(), target(&at("out")).unwrap());
        }
        assert!(target(&at("away.csv/r")).is_err() && target(Path::new("/")).is_err());
        assert_eq!(target(&at("none/../r")).unwrap(), target(&at("r")).unwrap());
    }
}
