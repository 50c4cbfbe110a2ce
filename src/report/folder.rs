//! Claims, fills and publishes a report folder: it exists whole or not at all.
//!
//! The claim is made before the first path is simulated, so that a long run cannot end with nowhere to write. Files
//! go to `NAME.partial-<process>` beside the target, each flushed to disk; publishing is one rename. A lock beside the
//! target keeps a second live run out; what a killed run left behind is swept by the next claim.

use super::names::hex;
use crate::problem::{Kind, Place, Problem, Problems};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The file that marks a folder as a report of ours; written last.
pub const MANIFEST: &str = "manifest.json";

/// A file of the folder as written.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Written {
    pub sha256: String,
    pub bytes: u64,
}

/// The right to write one report folder. Dropped unpublished, it leaves nothing behind.
pub struct Claim {
    target: PathBuf,
    replace: bool,
    hold: Arc<Hold>,
    files: BTreeMap<String, Written>,
    /// Keeps the lock as long as the claim lives.
    _lock: File,
}

/// What has to disappear when the claim is given up.
struct Hold {
    partial: PathBuf,
    lock: PathBuf,
    /// Folders above the target that the claim had to make, deepest first.
    made: Vec<PathBuf>,
    stage: Mutex<Stage>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Open,
    Gone,
    Published,
}

/// Gives a claim up from another thread.
pub struct Abandon(Arc<Hold>);

impl Abandon {
    /// Removes what was written so far; false when the folder is published already and stays.
    pub fn abandon(&self) -> bool {
        self.0.give_up()
    }
}

impl Hold {
    fn give_up(&self) -> bool {
        let mut stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        if *stage == Stage::Open {
            remove_tree(&self.partial);
            let _ = fs::remove_file(&self.lock);
            for folder in &self.made {
                // fails, as it should, when somebody else put something there
                let _ = fs::remove_dir(folder);
            }
            *stage = Stage::Gone;
        }
        *stage == Stage::Gone
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.hold.give_up();
    }
}

/// Claims `target`; `replace` allows a report folder that stands there to be replaced on publishing.
///
/// Errors (kind Output): the place cannot be written, holds something else, or is claimed by a live run.
pub fn claim(target: &Path, replace: bool) -> Result<Claim, Problems> {
    let asked = target;
    let target = fs::canonicalize(asked).unwrap_or_else(|_| asked.to_path_buf());
    let Some(name) = target.file_name().map(|n| n.to_string_lossy().into_owned()) else {
        return Err(refused(asked, "names no folder", "the report is a folder of its own", "add a name, for example reports/weekly"));
    };
    if asked.to_string_lossy().contains("://") {
        return Err(refused(asked, "looks like an address of the network", "a report is a local folder", "name a local folder"));
    }
    let parent = target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_path_buf();
    let made = make_folders(&parent).map_err(|e| io_problem(&parent, "cannot be made", &e))?;
    let outcome = claim_in(asked, &target, &parent, &name, replace, &made);
    if outcome.is_err() {
        for folder in &made {
            let _ = fs::remove_dir(folder);
        }
    }
    outcome
}

fn claim_in(asked: &Path, target: &Path, parent: &Path, name: &str, replace: bool, made: &[PathBuf]) -> Result<Claim, Problems> {
    let lock_path = parent.join(format!(".{name}.lock"));
    let lock = match lock(&lock_path) {
        Ok(Some(lock)) => lock,
        Ok(None) => {
            let fix = "wait for it to end, or name another folder with --out";
            return Err(refused(asked, "is claimed by another run", "two runs cannot write one report folder", fix));
        }
        Err(error) => return Err(io_problem(&lock_path, "cannot be locked", &error)),
    };
    sweep(parent, name, target);
    let partial = parent.join(format!("{name}.partial-{}", std::process::id()));
    let checked = check_target(asked, target, replace)
        .and_then(|()| fs::create_dir(&partial).map_err(|e| io_problem(&partial, "cannot be made", &e)));
    if let Err(problems) = checked {
        let _ = fs::remove_file(&lock_path);
        return Err(problems);
    }
    let hold = Hold { partial, lock: lock_path, made: made.to_vec(), stage: Mutex::new(Stage::Open) };
    Ok(Claim { target: target.to_path_buf(), replace, hold: Arc::new(hold), files: BTreeMap::new(), _lock: lock })
}

/// What stands at the target now must be nothing, an empty folder, or a report that may be replaced.
fn check_target(asked: &Path, target: &Path, replace: bool) -> Result<(), Problems> {
    let Ok(found) = fs::metadata(target) else { return Ok(()) };
    if !found.is_dir() {
        return Err(refused(asked, "is a file", "the report is a folder", "name another folder with --out"));
    }
    if is_empty(target).map_err(|e| io_problem(asked, "cannot be read", &e))? {
        return Ok(());
    }
    if !replace {
        return Err(refused(
            asked,
            "exists and is not empty",
            "a report is not overwritten unasked",
            "name another folder with --out, or add --force",
        ));
    }
    if !target.join(MANIFEST).is_file() {
        let why = "only a report folder is ever replaced, so that --force cannot delete anything else";
        return Err(refused(asked, format!("holds no {MANIFEST}"), why, "name another folder with --out"));
    }
    Ok(())
}

impl Claim {
    /// Writes one file; `name` is relative, with `/` between folders.
    pub fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), Problems> {
        let mut sink = self.open(name)?;
        sink.write_all(bytes).map_err(|e| io_problem(&self.shown(name), "cannot be written", &e))?;
        self.close(sink)
    }

    /// Opens one file to be written piece by piece; it counts once closed.
    pub fn open(&self, name: &str) -> Result<Sink, Problems> {
        let plain = Path::new(name).components().all(|c| matches!(c, Component::Normal(_)));
        assert!(plain && !self.files.contains_key(name), "`{name}` is a new plain name inside the folder");
        let path = self.hold.partial.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|e| io_problem(&self.shown(name), "its folder cannot be made", &e))?;
        }
        let file = OpenOptions::new().write(true).create_new(true).open(&path);
        let file = file.map_err(|e| io_problem(&self.shown(name), "cannot be created", &e))?;
        Ok(Sink { name: name.to_string(), file: io::BufWriter::new(file), hasher: Sha256::new(), bytes: 0 })
    }

    /// Flushes one file to the disk and enters it in the list of files.
    pub fn close(&mut self, sink: Sink) -> Result<(), Problems> {
        let shown = self.shown(&sink.name);
        let Sink { name, file, hasher, bytes } = sink;
        let flushed = file.into_inner().map_err(io::IntoInnerError::into_error).and_then(|file| file.sync_all());
        flushed.map_err(|e| io_problem(&shown, "cannot be flushed to the disk", &e))?;
        self.files.insert(name, Written { sha256: hex(&hasher.finalize()), bytes });
        Ok(())
    }

    /// Every file closed so far, by name.
    pub fn files(&self) -> &BTreeMap<String, Written> {
        &self.files
    }

    /// Where the folder will stand.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Where the files stand until they are published; a file without a name may pass its time there.
    pub fn staging(&self) -> &Path {
        &self.hold.partial
    }

    /// A handle that gives the claim up from another thread.
    pub fn abandon(&self) -> Abandon {
        Abandon(Arc::clone(&self.hold))
    }

    /// Puts the folder in its place, whole.
    pub fn publish(self) -> Result<PathBuf, Problems> {
        let fail = |e: io::Error| io_problem(&self.target, "cannot be put in place", &e);
        sync_folders(&self.hold.partial).map_err(fail)?;
        let mut stage = self.hold.stage.lock().unwrap_or_else(PoisonError::into_inner);
        if *stage == Stage::Gone {
            return Err(refused(&self.target, "was given up", "the run was asked to end", "run it again"));
        }
        let old = self.set_aside().map_err(fail)?;
        if let Err(error) = fs::rename(&self.hold.partial, &self.target) {
            if let Some(old) = &old {
                let _ = fs::rename(old, &self.target);
            }
            return Err(fail(error));
        }
        *stage = Stage::Published;
        drop(stage);
        if let Some(parent) = self.target.parent() {
            sync_folder(parent).map_err(fail)?;
        }
        if let Some(old) = old {
            remove_tree(&old);
        }
        let _ = fs::remove_file(&self.hold.lock);
        Ok(self.target.clone())
    }

    /// Moves what is replaced out of the way; an empty folder is simply removed.
    fn set_aside(&self) -> io::Result<Option<PathBuf>> {
        if !self.target.exists() {
            return Ok(None);
        }
        if is_empty(&self.target)? {
            fs::remove_dir(&self.target)?;
            return Ok(None);
        }
        if !self.replace {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, "something was put there during the run"));
        }
        let mut name = self.target.file_name().unwrap_or_default().to_os_string();
        name.push(format!(".old-{}", std::process::id()));
        let old = self.target.with_file_name(name);
        fs::rename(&self.target, &old)?;
        Ok(Some(old))
    }

    fn shown(&self, name: &str) -> PathBuf {
        self.target.join(name)
    }
}

/// One file being written: counts and hashes as it goes.
pub struct Sink {
    name: String,
    file: io::BufWriter<File>,
    hasher: Sha256,
    bytes: u64,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Makes a folder and those above it; returns the ones made, deepest first.
fn make_folders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let missing: Vec<PathBuf> =
        folder.ancestors().take_while(|f| !f.as_os_str().is_empty() && !f.exists()).map(Path::to_path_buf).collect();
    fs::create_dir_all(folder)?;
    Ok(missing)
}

/// Takes the lock, or nothing when a live run holds it.
fn lock(path: &Path) -> io::Result<Option<File>> {
    loop {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // the last holder may have removed the file between our opening and our locking it
        if is_same(&file, path) {
            return Ok(Some(file));
        }
    }
}

#[cfg(unix)]
fn is_same(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(ours), Ok(there)) => ours.ino() == there.ino() && ours.dev() == there.dev(),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_same(_file: &File, path: &Path) -> bool {
    path.exists()
}

/// Removes what killed runs left; a report set aside by a run that died before replacing it goes back.
fn sweep(parent: &Path, name: &str, target: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let found = entry.file_name().to_string_lossy().into_owned();
        let Some(rest) = found.strip_prefix(name) else { continue };
        let is_ours = |mark: &str| rest.strip_prefix(mark).is_some_and(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()));
        if is_ours(".old-") && !target.exists() {
            let _ = fs::rename(entry.path(), target);
        } else if is_ours(".old-") || is_ours(".partial-") {
            remove_tree(&entry.path());
        }
    }
}

/// Removes a folder even while another thread still adds to it.
fn remove_tree(folder: &Path) {
    for _ in 0..50 {
        match fs::remove_dir_all(folder) {
            Ok(()) => return,
            Err(error) if error.kind() == io::ErrorKind::NotFound && !folder.exists() => return,
            Err(_) => std::thread::sleep(Duration::from_millis(10)),
        }
    }
}

fn is_empty(folder: &Path) -> io::Result<bool> {
    Ok(fs::read_dir(folder)?.next().is_none())
}

fn sync_folders(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_folders(&entry.path())?;
        }
    }
    sync_folder(folder)
}

/// Flushes a folder's list of names to the disk, where the system knows how.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })?.sync_all() } else { Ok(()) }
}

fn refused(path: &Path, what: impl Into<String>, why: &str, fix: &str) -> Problems {
    Problem::new(Kind::Output, Place::file(path.display().to_string()), what, why, fix).into()
}

/// An error of the file system, at the place it happened.
pub fn io_problem(path: &Path, what: &str, error: &io::Error) -> Problems {
    let why = "the report folder is written whole or not at all";
    refused(
        path,
        format!("{what}: {error}"),
        why,
        "check that the folder exists, may be written to and has space left, or name another with --out",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_folder_appears_whole_and_leaves_nothing_beside_it() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("reports/weekly");
        let mut claim = claim(&target, false).unwrap();
        claim.write("tables/a.csv", b"x").unwrap();
        assert!(!target.exists());
        assert_eq!(claim.files()["tables/a.csv"].bytes, 1);
        claim.publish().unwrap();
        assert_eq!(fs::read(target.join("tables/a.csv")).unwrap(), b"x");
        assert_eq!(names(&home.path().join("reports")), ["weekly"]);
    }

    #[test]
    fn a_dropped_claim_leaves_nothing_not_even_the_folders_above() {
        let home = tempfile::tempdir().unwrap();
        let mut first = claim(&home.path().join("reports/deep/weekly"), false).unwrap();
        first.write("a", b"x").unwrap();
        drop(first);
        assert!(names(home.path()).is_empty());
    }

    #[test]
    fn a_second_live_run_is_kept_out_and_a_dead_ones_rest_is_swept() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("weekly");
        fs::create_dir_all(home.path().join("weekly.partial-7/tables")).unwrap();
        let first = claim(&target, false).unwrap();
        assert!(!home.path().join("weekly.partial-7").exists());
        let second = claim(&target, false).err().unwrap().to_string();
        assert!(second.contains("claimed by another run"), "{second}");
        drop(first);
        claim(&target, false).unwrap();
    }

    #[test]
    fn only_a_report_is_replaced_and_only_when_asked() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("weekly");
        fs::create_dir(&target).unwrap();
        fs::write(target.join("thesis.txt"), "years of work").unwrap();
        assert!(claim(&target, false).err().unwrap().to_string().contains("not empty"));
        assert!(claim(&target, true).err().unwrap().to_string().contains("holds no manifest.json"));
        fs::write(target.join(MANIFEST), "{}").unwrap();
        let mut next = claim(&target, true).unwrap();
        next.write(MANIFEST, b"{}").unwrap();
        next.publish().unwrap();
        assert_eq!(names(&target), [MANIFEST]);
        assert_eq!(names(home.path()), ["weekly"]);
    }

    #[test]
    fn an_abandoned_claim_cannot_be_published() {
        let home = tempfile::tempdir().unwrap();
        let claim = claim(&home.path().join("weekly"), false).unwrap();
        assert!(claim.abandon().abandon());
        assert!(claim.publish().is_err());
        assert!(names(home.path()).is_empty());
    }
}
