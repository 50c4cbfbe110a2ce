//! Takes a replaced report away: its own files are removed, and whatever else lay in it moves on into the new one.
//!
//! A file is the report's own if the manifest lists it and its bytes are those that were written; one that somebody
//! changed, or put there, is theirs. Theirs keep their names; where the new report has a file of that name, they go to
//! `kept/` in it. Each step is one removal or one rename, so that a run that is killed loses nothing, and the next run
//! goes on where it ended.

use super::record::{MANIFEST, Record};
use super::rename;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where files of the user's go whose names the new report takes.
pub const KEPT: &str = "kept";
/// Folders `kept`, `kept-2` … that are tried.
const KEPT_MOST: usize = 10_000;

/// What became of the files that were not the report's own.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Retired {
    /// Moved on into the new report, by their names there.
    pub carried: Vec<PathBuf>,
    /// Left where they are, since they cannot be moved.
    pub stuck: Vec<PathBuf>,
}

/// Takes the report in `old` away, which `record` describes; what is not its own moves into `target`.
pub fn retire(old: &Path, record: &Record, target: &Path) -> Retired {
    let own_folders: BTreeSet<PathBuf> =
        record.outputs.keys().flat_map(|name| Path::new(name).ancestors().skip(1).map(Path::to_path_buf).collect::<Vec<_>>()).collect();
    let mut retired = Retired::default();
    let work = Work { old, record, target, own_folders: &own_folders };
    work.folder(Path::new(""), &mut retired);
    if retired.stuck.is_empty() {
        // the manifest goes last: as long as it stands, the folder is known for what it is
        let _ = fs::remove_file(old.join(MANIFEST));
        let _ = fs::remove_dir(old);
    }
    retired
}

struct Work<'a> {
    old: &'a Path,
    record: &'a Record,
    target: &'a Path,
    own_folders: &'a BTreeSet<PathBuf>,
}

impl Work<'_> {
    fn folder(&self, inside: &Path, retired: &mut Retired) {
        let Ok(entries) = fs::read_dir(self.old.join(inside)) else {
            retired.stuck.push(self.old.join(inside));
            return;
        };
        let mut names: Vec<_> = entries.flatten().map(|e| e.file_name()).collect();
        names.sort();
        for name in names {
            let inside = inside.join(name);
            let path = self.old.join(&inside);
            let Ok(facts) = fs::symlink_metadata(&path) else { continue };
            if inside == Path::new(MANIFEST) {
                continue;
            }
            if facts.is_dir() && self.own_folders.contains(&inside) {
                self.folder(&inside, retired);
                let _ = fs::remove_dir(&path);
            } else if self.is_own(&inside, &path) {
                if fs::remove_file(&path).is_err() {
                    retired.stuck.push(path);
                }
            } else {
                match self.carry(&inside, &path) {
                    Ok(there) => retired.carried.push(there),
                    Err(_) => retired.stuck.push(path),
                }
            }
        }
    }

    fn is_own(&self, inside: &Path, path: &Path) -> bool {
        let steps: Option<Vec<&str>> = inside.iter().map(|step| step.to_str()).collect();
        let name = steps.map(|steps| steps.join("/"));
        name.and_then(|name| self.record.outputs.get(&name)).is_some_and(|written| written.is(path))
    }

    /// Moves one file or folder of the user's into the new report; where it is now.
    fn carry(&self, inside: &Path, path: &Path) -> io::Result<PathBuf> {
        for attempt in 0..KEPT_MOST {
            let there = match attempt {
                0 => inside.to_path_buf(),
                1 => Path::new(KEPT).join(inside),
                n => PathBuf::from(format!("{KEPT}-{n}")).join(inside),
            };
            let place = self.target.join(&there);
            let made = place.parent().map_or(Ok(()), fs::create_dir_all);
            match made.and_then(|()| rename::to_free(path, &place)) {
                Ok(()) => return Ok(there),
                // a file where a folder is wanted takes the name just as well
                Err(error) if matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory) => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other("every name is taken"))
    }
}
