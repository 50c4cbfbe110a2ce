//! Keeps finished batches of a run in a folder, from where the same command goes on after it was killed.
//!
//! The folder holds parts that follow each other from the first batch on, a file each, each whole. A run closes one when its interval
//! has passed, and when it is asked to end; what was simulated since is simulated again.

use super::head::Head;
use super::piece::{self, Part, PartWriter};
use crate::disk::sealed::Unsound;
use crate::disk::shelf::Shelf;
use crate::disk::{address, io_problem, leftover, refused};
use crate::engine::{Joined, Piece, Store};
use crate::problem::{Problems, visible};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How the name of a part ends.
const ENDING: &str = "part";

/// A checkpoint of one run, held by it alone.
pub struct Checkpoint {
    folder: PathBuf,
    head: Head,
    every: Duration,
    since: Instant,
    /// The part that is being written, and its first batch.
    open: Option<PartWriter>,
    first: u64,
    /// Every part that stands in the folder.
    files: Vec<PathBuf>,
    /// Keeps other runs out as long as it is open.
    _lock: Option<File>,
}

/// What an earlier run left to go on from.
pub struct Found {
    /// The parts that follow each other, in order.
    parts: Vec<Part>,
    /// What had to be left out of account, for the user.
    pub notes: Vec<String>,
}

impl Checkpoint {
    /// Takes a folder for a run; it need not be there. Parts of the same run are found, and everything else in it is left alone.
    ///
    /// Errors (kind Output): a live run holds it, it holds parts of another run, or it cannot be read or made.
    pub fn open(folder: &Path, head: Head, every: Duration) -> Result<(Checkpoint, Found), Problems> {
        if address::of(folder).is_some() {
            let why = "a checkpoint is locked and renamed, which a file system can and object storage cannot";
            return Err(refused(
                folder,
                "is an address of object storage",
                why,
                "name a local folder, or cut the run with `levertide shard`",
            ));
        }
        let failed = |error: std::io::Error| io_problem(folder, "cannot be used for a checkpoint", &error);
        fs::create_dir_all(folder).map_err(failed)?;
        let lock = lock(folder)?;
        leftover::clear(folder);
        let mut names: Vec<PathBuf> = Vec::new();
        for entry in fs::read_dir(folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_some_and(|ending| ending == ENDING) && path.is_file() {
                names.push(path);
            }
        }
        names.sort();
        let mut found = Found { parts: Vec::new(), notes: Vec::new() };
        for path in names {
            let part = match Part::open(&path, &mut Shelf::default()) {
                Ok(part) => part,
                // somebody's file, of any name
                Err(Unsound::OtherKind) => continue,
                Err(unsound) => {
                    let what = piece::problem(&path, &unsound).what;
                    found.notes.push(format!("{} {what}; its paths are simulated again", visible::line(&path.display().to_string())));
                    continue;
                }
            };
            if let Some(difference) = head.identity.difference(&part.sealed.head.identity) {
                let why = "a run goes on from a checkpoint of the same programme, data and version alone";
                let fix = "name another folder with --checkpoint, or remove this one";
                return Err(refused(folder, format!("holds the checkpoint of another run: {difference}"), why, fix));
            }
            found.parts.push(part);
        }
        found.parts.sort_by_key(|part| part.sealed.head.first);
        let files = found.parts.iter().map(|part| part.path.clone()).collect();
        let folder = folder.to_path_buf();
        let checkpoint = Checkpoint { folder, head, every, since: Instant::now(), open: None, first: 0, files, _lock: lock };
        Ok((checkpoint, found))
    }

    /// Removes the parts, once the report that was made of them stands.
    pub fn clear(self) {
        for file in &self.files {
            let _ = fs::remove_file(file);
        }
    }
}

impl Found {
    /// Gives the run every part of its first `batches` that follows from the next one on; notes what does not.
    ///
    /// Errors: a part that does not fit the run, and those of its spool.
    pub fn restore(&mut self, joined: &mut Joined<'_, '_>, batches: u64) -> Result<(), Problems> {
        // a part ends with its round: what lies behind is of later ones
        let later = self.parts.partition_point(|part| part.sealed.head.first < batches);
        for part in self.parts.drain(..later) {
            if part.sealed.head.first != joined.next() {
                let name = part.path.display().to_string();
                self.notes.push(format!("{} does not follow the part before it; its paths are simulated again", visible::line(&name)));
                continue;
            }
            part.restore(joined)?;
        }
        Ok(())
    }
}

/// The lock of a folder; none where the file system has no locks.
fn lock(folder: &Path) -> Result<Option<File>, Problems> {
    let Ok(file) = File::open(folder) else { return Ok(None) };
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => {
            let fix = "wait for it to end, or name another folder with --checkpoint";
            Err(refused(folder, "is the checkpoint of a run that goes on", "two runs cannot share one", fix))
        }
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

impl Store for Checkpoint {
    fn begin(&mut self, first: u64) {
        self.first = first;
    }

    fn put(&mut self, piece: Piece, bytes: &[u8]) -> Result<(), Problems> {
        if self.open.is_none() {
            let head = Head { first: self.first, ..self.head.clone() };
            self.open = Some(PartWriter::create(&self.file(), &head)?);
        }
        self.open.as_mut().expect("it was opened").put(piece, bytes)
    }

    fn is_due(&self) -> bool {
        self.since.elapsed() >= self.every
    }

    fn close(&mut self, end: u64) -> Result<(), Problems> {
        if let Some(writer) = self.open.take() {
            writer.end(end)?;
            self.files.push(self.file());
        }
        (self.first, self.since) = (end, Instant::now());
        Ok(())
    }
}

impl Checkpoint {
    /// Where the open part will stand.
    fn file(&self) -> PathBuf {
        self.folder.join(format!("{:08}.{ENDING}", self.first))
    }
}
