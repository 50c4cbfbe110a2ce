//! Clears up what killed runs left, told by the mark in it; a live run's is locked, and anybody else's has no mark.

use super::bounded;
use super::home::{MAGIC, MARK, NEW, OLD, PREFIX, RANDOM_LETTERS, close_home, parent_of, remove_home};
use super::record::{self, is_token};
use super::rename;
use super::retire::retire;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A longer mark is not ours.
const LARGEST_MARK_BYTES: u64 = 8 << 10;

/// A work folder that somebody's run made.
struct Found {
    home: PathBuf,
    token: String,
    /// The name of its target, in hexadecimal.
    target: String,
}

/// Every folder in `parent` with the name of a work folder.
fn homes(parent: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(parent) else { return Vec::new() };
    let named = entries.flatten().filter(|entry| {
        let name = entry.file_name();
        let random = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        random.is_some_and(|r| r.len() == RANDOM_LETTERS && r.bytes().all(|b| b.is_ascii_alphanumeric()))
    });
    named.map(|entry| entry.path()).collect()
}

/// Every work folder in `parent`, live or not.
fn all(parent: &Path) -> Vec<Found> {
    homes(parent).into_iter().filter_map(read).collect()
}

/// What a mark says; nothing when the folder has none of ours.
fn read(home: PathBuf) -> Option<Found> {
    let mark = home.join(MARK);
    if !fs::symlink_metadata(&home).ok()?.is_dir() || !fs::symlink_metadata(&mark).ok()?.is_file() {
        return None;
    }
    let text = String::from_utf8(bounded::read(&mark, LARGEST_MARK_BYTES).ok()?).ok()?;
    let mut lines = text.lines();
    if lines.next() != Some(MAGIC) {
        return None;
    }
    let token = lines.next()?.strip_prefix("token ").filter(|token| is_token(token))?.to_string();
    let target = lines.next()?.strip_prefix("target ")?.to_string();
    Some(Found { home, token, target })
}

impl Found {
    fn is_for(&self, target: &Path) -> bool {
        target.file_name().is_some_and(|name| record::hex(name.as_encoded_bytes()) == self.target)
    }

    /// The lock of a killed run's folder; nothing when its run lives, or the file system does not tell.
    fn lock(&self) -> Option<File> {
        let mark = File::options().read(true).write(true).open(self.home.join(MARK)).ok()?;
        mark.try_lock().is_ok().then_some(mark)
    }

    fn is_live(&self) -> bool {
        let Ok(mark) = File::options().read(true).write(true).open(self.home.join(MARK)) else { return false };
        matches!(mark.try_lock(), Err(TryLockError::WouldBlock))
    }
}

/// True when a live run writes to `target`.
pub fn is_claimed(target: &Path) -> bool {
    all(&parent_of(target)).iter().any(|found| found.is_for(target) && found.is_live())
}

/// Clears up after every killed run in `parent`.
pub fn clear(parent: &Path) {
    for home in homes(parent) {
        match read(home.clone()) {
            Some(found) => {
                if let Some(_lock) = found.lock() {
                    settle(&found, &target_of(&found, parent));
                }
            }
            None => clear_begun(&home),
        }
    }
}

/// Removes a work folder whose run was killed before its mark was written, or after it was removed: there is nothing in it,
/// or a mark that says nothing yet. A run that is just about to write its mark makes another folder.
fn clear_begun(home: &Path) {
    if !fs::symlink_metadata(home).is_ok_and(|facts| facts.is_dir()) {
        return;
    }
    // fails, as it should, when there is something in it
    if fs::remove_dir(home).is_ok() {
        return;
    }
    let mark = home.join(MARK);
    if !fs::symlink_metadata(&mark).is_ok_and(|facts| facts.is_file()) {
        return;
    }
    let Ok(lock) = File::options().read(true).write(true).open(&mark) else { return };
    // looked at while it is locked: whoever writes it has locked it first
    let says_nothing = || fs::symlink_metadata(&mark).is_ok_and(|facts| facts.len() == 0);
    if lock.try_lock().is_ok() && says_nothing() {
        close_home(home);
    }
}

/// Puts a report back that a run had moved aside when it was killed; does nothing where something stands at `target`.
pub fn restore(target: &Path) {
    for found in all(&parent_of(target)).iter().filter(|found| found.is_for(target)) {
        if fs::symlink_metadata(target).is_ok() {
            return;
        }
        if let Some(_lock) = found.lock() {
            put_back(&found.home, target);
        }
    }
}

fn put_back(home: &Path, target: &Path) {
    let old = home.join(OLD);
    if record::of(&old).is_some() {
        let _ = rename::to_free(&old, target);
    }
}

/// A report that was replaced goes, the user's files in it move on; what was being written is removed.
fn settle(found: &Found, target: &Option<PathBuf>) {
    let home = &found.home;
    if let Some(target) = target {
        put_back(home, target);
        for folder in [OLD, NEW].map(|name| home.join(name)) {
            // with the work's own token it is the report that was being written
            match record::of(&folder).filter(|record| record.token != found.token) {
                Some(record) if record::of(target).is_some() => drop(retire(&folder, &record, target)),
                // nothing stands there: it comes back; something else does: it stays where it is
                Some(_) => drop(rename::to_free(&folder, target)),
                None => {}
            }
        }
    }
    let replaced = record::of(&home.join(NEW)).is_some_and(|record| record.token != found.token);
    if replaced {
        close_home(home);
    } else {
        remove_home(home);
    }
}

/// The place a work folder was for.
fn target_of(found: &Found, parent: &Path) -> Option<PathBuf> {
    let entry = fs::read_dir(parent).ok()?.flatten().find(|e| record::hex(e.file_name().as_encoded_bytes()) == found.target);
    match entry {
        Some(entry) => Some(entry.path()),
        // nothing of that name stands there: the name has to be spelled from its digits
        None => {
            let digits = |at: usize| u8::from_str_radix(found.target.get(at..at + 2)?, 16).ok();
            let bytes: Option<Vec<u8>> = (0..found.target.len()).step_by(2).map(digits).collect();
            let name = name_of(bytes?)?;
            let plain = !name.is_empty() && Path::new(&name).file_name() == Some(name.as_os_str());
            plain.then(|| parent.join(name))
        }
    }
}

#[cfg(unix)]
fn name_of(bytes: Vec<u8>) -> Option<std::ffi::OsString> {
    use std::os::unix::ffi::OsStringExt;
    Some(std::ffi::OsString::from_vec(bytes))
}

#[cfg(not(unix))]
fn name_of(bytes: Vec<u8>) -> Option<std::ffi::OsString> {
    String::from_utf8(bytes).ok().map(Into::into)
}

/// Takes turns with other runs that look at `parent` now; the lock is on the folder itself and leaves no file.
pub fn turn(parent: &Path) -> Option<File> {
    let folder = File::open(parent).ok()?;
    for _ in 0..250 {
        match folder.try_lock() {
            Ok(()) => return Some(folder),
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(20)),
            Err(TryLockError::Error(_)) => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_a_run_killed_around_its_mark_goes_and_anything_else_stays() {
        let parent = tempfile::tempdir().unwrap();
        let home = |letters: &str| {
            let home = parent.path().join(format!("{PREFIX}{letters}"));
            fs::create_dir(&home).unwrap();
            home
        };
        home("emptyABCDEFG");
        fs::write(home("nothingABCDE").join(MARK), "").unwrap();
        let live = home("liveABCDEFGH").join(MARK);
        let held = File::create_new(&live).unwrap();
        held.lock().unwrap();
        let theirs = home("theirsABCDEF").join(MARK);
        fs::write(&theirs, "a trade mark").unwrap();
        let beside = home("besideABCDEF").join("notes.txt");
        fs::write(&beside, "years of work").unwrap();
        fs::write(beside.with_file_name(MARK), "").unwrap();
        home("other");
        clear(parent.path());
        assert!(live.exists() && theirs.exists() && beside.exists());
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 4);
        drop(held);
        clear(parent.path());
        assert!(!live.exists());
    }
}
