//! Writes one file whole or not at all: in a work folder first, then renamed, with the permissions of any other file.

use super::home::parent_of;
use super::work::WorkFolder;
use super::{bounded, io_problem, place, refused};
use crate::problem::Problems;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Which file may be replaced.
#[derive(Clone, Copy)]
pub enum Over<'a> {
    /// None.
    Nothing,
    /// Any regular file: the user has said so.
    AnyFile,
    /// One that an earlier run wrote, told by its content.
    Ours { what: &'a str, told_by: &'a dyn Fn(&[u8]) -> bool },
    /// The same, told by how the file begins, however long it is.
    Begins { what: &'a str, with: &'a [u8] },
}

/// A longer file is none that an earlier run wrote.
const LARGEST_BYTES: u64 = 1 << 30;

/// Finds out whether a file may be written at `asked`, and touches nothing; the real place.
pub fn check(asked: &Path, over: Over<'_>) -> Result<PathBuf, Problems> {
    let target = place::target(asked)?;
    let facts = match fs::metadata(&target) {
        Ok(facts) => facts,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(target),
        Err(error) => return Err(io_problem(asked, "cannot be reached", &error)),
    };
    if !facts.is_file() {
        let what = if facts.is_dir() { "is a folder" } else { "is no regular file" };
        return Err(refused(asked, what, "a file is written there", "name a file"));
    }
    match over {
        Over::AnyFile => Ok(target),
        Over::Nothing => {
            let why = "a file is somebody's work and is not overwritten unasked";
            Err(refused(asked, "exists already", why, "name another file, or add --force"))
        }
        Over::Ours { what, told_by } => {
            let bytes = bounded::read(&target, LARGEST_BYTES).map_err(|e| io_problem(asked, "cannot be read", &e))?;
            if told_by(&bytes) {
                return Ok(target);
            }
            Err(not_ours(asked, what))
        }
        Over::Begins { what, with } => {
            let mut first = Vec::new();
            let read = File::open(&target).and_then(|file| file.take(with.len() as u64).read_to_end(&mut first));
            read.map_err(|e| io_problem(asked, "cannot be read", &e))?;
            if first == with { Ok(target) } else { Err(not_ours(asked, what)) }
        }
    }
}

pub(super) fn not_ours(asked: &Path, what: &str) -> Problems {
    let why = "only a file that an earlier run wrote is replaced";
    refused(asked, format!("exists already and is no {what}"), why, "name another file, or move this one away")
}

/// Refuses a file in a folder that does not exist, where folders are not made.
pub fn folder_stands(asked: &Path) -> Result<(), Problems> {
    let folder = parent_of(asked);
    if folder.is_dir() {
        return Ok(());
    }
    let why = "the file is written into a folder that exists";
    Err(refused(asked, format!("its folder {} is not there", folder.display()), why, "make the folder, or name another"))
}

/// Writes a file; folders above it are made as needed.
pub fn write(asked: &Path, bytes: &[u8], over: Over<'_>) -> Result<(), Problems> {
    let mut file = create(asked, over)?;
    file.write_all(bytes).map_err(|e| io_problem(asked, "cannot be written", &e))?;
    file.finish()
}

/// Begins a file that is written piece by piece, and stands in its place once it is finished; folders above it are made as needed.
pub fn create(asked: &Path, over: Over<'_>) -> Result<Unfinished, Problems> {
    let target = check(asked, over)?;
    let work = WorkFolder::beside(asked, &target)?;
    let file = File::create_new(work.new_path()).map_err(|e| io_problem(asked, "cannot be written", &e))?;
    Ok(Unfinished { asked: asked.to_path_buf(), work, file: BufWriter::new(file), over: !matches!(over, Over::Nothing) })
}

/// A file on its way; dropped unfinished, it leaves nothing behind.
pub struct Unfinished {
    asked: PathBuf,
    work: WorkFolder,
    file: BufWriter<File>,
    over: bool,
}

impl Unfinished {
    /// Flushes the file to the disk and puts it in its place.
    pub fn finish(self) -> Result<(), Problems> {
        let Unfinished { asked, work, file, over } = self;
        let fail = |error: io::Error| io_problem(&asked, "cannot be written", &error);
        let file = file.into_inner().map_err(io::IntoInnerError::into_error).map_err(fail)?;
        file.sync_all().map_err(fail)?;
        drop(file);
        work.publish_file(over).map_err(fail)
    }
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::leftover;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn a_file_is_replaced_only_as_allowed_and_nothing_is_left_beside_it() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("deep/x.json");
        let ours = Over::Ours { what: "baseline", told_by: &|bytes| bytes.starts_with(b"ours") };
        write(&path, b"ours 1", Over::Nothing).unwrap();
        assert!(write(&path, b"2", Over::Nothing).unwrap_err().to_string().contains("--force"));
        write(&path, b"ours 2", ours).unwrap();
        fs::write(&path, "theirs").unwrap();
        assert!(write(&path, b"ours 3", ours).unwrap_err().to_string().contains("no baseline"));
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
        write(&path, b"4", Over::AnyFile).unwrap();
        assert!(write(home.path(), b"5", Over::AnyFile).is_err());
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        assert!(folder_stands(&home.path().join("none/x")).is_err());
    }

    #[test]
    fn files_are_written_while_other_runs_clear_up_all_the_time() {
        let parent = tempfile::tempdir().unwrap();
        let ends = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !ends.load(Ordering::Relaxed) {
                    leftover::clear(parent.path());
                }
            });
            let written: Vec<_> = (0..300).map(|n| write(&parent.path().join(format!("{n}")), b"x", Over::Nothing)).collect();
            ends.store(true, Ordering::Relaxed);
            for result in written {
                result.unwrap();
            }
        });
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 300);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_are_those_of_any_file_and_a_link_stays_a_link() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        let mode = |name: &str| fs::metadata(at(name)).unwrap().permissions().mode() & 0o777;
        fs::write(at("plain"), "").unwrap();
        write(&at("new"), b"", Over::Nothing).unwrap();
        assert_eq!(mode("new"), mode("plain"));
        fs::set_permissions(at("plain"), fs::Permissions::from_mode(0o600)).unwrap();
        std::os::unix::fs::symlink("plain", at("link")).unwrap();
        write(&at("link"), b"through", Over::AnyFile).unwrap();
        assert!(fs::symlink_metadata(at("link")).unwrap().is_symlink());
        assert_eq!((fs::read(at("plain")).unwrap(), mode("plain")), (b"through".to_vec(), 0o600));
    }
}
