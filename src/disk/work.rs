//! Makes a work folder beside a place, and puts what was made in it there: a file or a folder, whole or not at all.
//!
//! ```text
//! .levertide-k3Vd81xQp0aZ/    a random name, beside the target
//!     mark                    what it is, a token, the target's name; locked as long as the run lives
//!     new                     what is being written
//!     old                     a report on its way out, where two folders cannot change places in one step
//! ```
//!
//! Another run that finds the mark locked leaves the folder alone; unlocked, its run was killed, and it is cleared up.

use super::home::{MAGIC, MARK, NEW, OLD, PREFIX, RANDOM_LETTERS, close_home, parent_of, remove_home};
use super::record::{self, Record};
use super::rename;
use super::retire::{Retired, retire};
use super::{io_problem, leftover, place, refused};
use crate::problem::Problems;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The right to write one file or folder. Dropped unpublished, it leaves nothing behind.
pub struct WorkFolder {
    hold: Arc<Hold>,
    token: String,
    target: PathBuf,
    /// Keeps the lock as long as the work goes on.
    _mark: File,
}

/// What has to disappear when the work is given up.
struct Hold {
    home: PathBuf,
    /// Folders above the target that had to be made, deepest first.
    made: Vec<PathBuf>,
    stage: Mutex<Stage>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Open,
    Gone,
    Published,
}

/// Every work folder of this process that is open, and every folder it has published, for whoever has to end it in a hurry.
static LIVE: Mutex<Vec<Arc<Hold>>> = Mutex::new(Vec::new());

#[expect(clippy::unnecessary_fold, reason = "every hold is given up, not only those up to the first that stands")]
/// Removes whatever is being written; false when a folder is published already and stands, so that its run is done.
pub fn abandon_all() -> bool {
    let live = LIVE.lock().unwrap_or_else(PoisonError::into_inner).clone();
    live.iter().fold(true, |gone, hold| hold.give_up() && gone)
}

impl Hold {
    /// Removes everything unless it is published; true when it is gone.
    fn give_up(&self) -> bool {
        let mut stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        if *stage == Stage::Open {
            remove_home(&self.home);
            self.made.iter().for_each(|folder| {
                // fails, as it should, when somebody else put something there
                let _ = fs::remove_dir(folder);
            });
            *stage = Stage::Gone;
        }
        *stage == Stage::Gone
    }
}

impl Drop for WorkFolder {
    fn drop(&mut self) {
        if self.hold.give_up() {
            forget(&self.hold);
        }
    }
}

fn forget(hold: &Arc<Hold>) {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner).retain(|other| !Arc::ptr_eq(other, hold));
}

impl WorkFolder {
    /// Claims the place `target` (as `place::target` found it) for one run; `asked` is how the user wrote it.
    ///
    /// Errors (kind Output): a live run has claimed it, or nothing can be written there.
    pub fn claim(asked: &Path, target: &Path) -> Result<WorkFolder, Problems> {
        let parent = parent_of(target);
        let _turn = leftover::turn(&parent);
        if leftover::is_claimed(target) {
            let fix = "wait for it to end, or name another folder with --out";
            return Err(refused(asked, "is claimed by another run", "two runs cannot write one folder", fix));
        }
        WorkFolder::beside(asked, target)
    }

    /// A work folder for `target`, whoever else writes there; leftovers of killed runs beside it are cleared up.
    pub fn beside(asked: &Path, target: &Path) -> Result<WorkFolder, Problems> {
        let parent = parent_of(target);
        let made = make_folders(&parent).map_err(|e| io_problem(&parent, "cannot be made", &e))?;
        let unmake = |error: io::Error| {
            made.iter().for_each(|folder| drop(fs::remove_dir(folder)));
            io_problem(asked, "cannot be written", &error)
        };
        let token = token();
        let (home, mark) = make_marked(&parent, &token, target).map_err(unmake)?;
        leftover::clear(&parent);
        let hold = Arc::new(Hold { home, made, stage: Mutex::new(Stage::Open) });
        LIVE.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&hold));
        Ok(WorkFolder { hold, token, target: target.to_path_buf(), _mark: mark })
    }

    /// Where the file or folder is made; nothing stands there yet.
    pub fn new_path(&self) -> PathBuf {
        self.hold.home.join(NEW)
    }

    /// Thirty-two hexadecimal digits, drawn for this work.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Where the file or folder will stand.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Gives the work up; false when it is published already and stays.
    pub fn abandon(&self) -> bool {
        self.hold.give_up()
    }

    /// Puts a finished file in its place, over a regular file if `over`, else only where nothing stands.
    pub fn publish_file(self, over: bool) -> io::Result<()> {
        let mut stage = self.hold.stage.lock().unwrap_or_else(PoisonError::into_inner);
        still_open(*stage)?;
        let (new, target) = (self.new_path(), self.target.as_path());
        if over && let Ok(facts) = fs::metadata(target) {
            fs::set_permissions(&new, facts.permissions())?;
        }
        if over { fs::rename(&new, target) } else { rename::to_free(&new, target) }?;
        self.done(&mut stage);
        drop(stage);
        forget(&self.hold);
        Ok(())
    }

    /// Puts a finished folder where nothing stands, or an empty folder.
    pub fn publish_folder(self) -> io::Result<()> {
        let mut stage = self.hold.stage.lock().unwrap_or_else(PoisonError::into_inner);
        still_open(*stage)?;
        let new = self.new_path();
        sync_folders(&new)?;
        keep_mode(&self.target, &new)?;
        if cfg!(windows) && self.target.is_dir() {
            fs::remove_dir(&self.target)?;
        }
        // a rename takes the place of nothing, or of an empty folder, and fails over anything else
        fs::rename(&new, &self.target)?;
        self.done(&mut stage);
        Ok(())
    }

    /// Puts a finished folder in the place of a report of ours, whose own files go; the user's move into the new one.
    ///
    /// Errors: what stands there is no report of ours (any more), or cannot be replaced; it stands there still.
    pub fn publish_over_report(self) -> io::Result<Retired> {
        let mut stage = self.hold.stage.lock().unwrap_or_else(PoisonError::into_inner);
        still_open(*stage)?;
        let new = self.new_path();
        sync_folders(&new)?;
        known(&self.target)?;
        keep_mode(&self.target, &new)?;
        let old = match rename::swap(&new, &self.target) {
            Some(swapped) => {
                swapped?;
                new
            }
            None => self.replace_in_two_steps(&new)?,
        };
        let record = match known(&old) {
            Ok(record) => record,
            Err(error) => {
                // something else was put there in the very last moment: it goes back
                let _ = rename::swap(&old, &self.target);
                return Err(error);
            }
        };
        *stage = Stage::Published;
        let _ = sync_folder(&parent_of(&self.target));
        let retired = retire(&old, &record, &self.target);
        self.done(&mut stage);
        Ok(retired)
    }

    /// Where two folders cannot change places in one step: a run killed between these two is mended by the next.
    fn replace_in_two_steps(&self, new: &Path) -> io::Result<PathBuf> {
        let old = self.hold.home.join(OLD);
        fs::rename(&self.target, &old)?;
        if let Err(error) = fs::rename(new, &self.target) {
            let _ = fs::rename(&old, &self.target);
            return Err(error);
        }
        Ok(old)
    }

    /// Marks the work as published and removes the work folder, unless something of the user's is left in it.
    fn done(&self, stage: &mut Stage) {
        *stage = Stage::Published;
        let _ = sync_folder(&parent_of(&self.target));
        close_home(&self.hold.home);
    }
}

/// The record of a folder that may be replaced.
fn known(folder: &Path) -> io::Result<Record> {
    record::of(folder).ok_or_else(|| io::Error::new(io::ErrorKind::AlreadyExists, "something else was put there during the run"))
}

fn still_open(stage: Stage) -> io::Result<()> {
    if stage == Stage::Open { Ok(()) } else { Err(io::Error::new(io::ErrorKind::Interrupted, "the run was asked to end")) }
}

/// Makes a folder and those above it; returns the ones made, deepest first, none of them after an error.
fn make_folders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let missing: Vec<&Path> = folder.ancestors().take_while(|f| !f.as_os_str().is_empty() && !f.exists()).collect();
    let mut made: Vec<PathBuf> = Vec::new();
    for folder in missing.into_iter().rev() {
        match fs::create_dir(folder) {
            Ok(()) => made.insert(0, folder.to_path_buf()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                made.iter().for_each(|folder| drop(fs::remove_dir(folder)));
                return Err(error);
            }
        }
    }
    Ok(made)
}

/// The work folder, with the permissions of any other folder.
fn make_home(parent: &Path) -> io::Result<PathBuf> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).rand_bytes(RANDOM_LETTERS);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o777));
    }
    Ok(builder.tempdir_in(parent)?.keep())
}

/// A work folder with its mark. Until it is locked, another run may take it for a killed one's and clear it up: then it is made anew.
fn make_marked(parent: &Path, token: &str, target: &Path) -> io::Result<(PathBuf, File)> {
    for _ in 0..100 {
        let home = make_home(parent)?;
        match make_mark(&home, token, target) {
            Ok(Some(mark)) => return Ok((home, mark)),
            Ok(None) => {}
            Err(error) => {
                remove_home(&home);
                return Err(error);
            }
        }
    }
    Err(io::Error::other("other runs take its work folder away again and again"))
}

/// The mark, locked before it says anything, and written in one piece; nothing when another run has cleared the folder up meanwhile.
fn make_mark(home: &Path, token: &str, target: &Path) -> io::Result<Option<File>> {
    let path = home.join(MARK);
    let mut mark = match OpenOptions::new().write(true).create_new(true).open(&path) {
        Ok(mark) => mark,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    match mark.try_lock() {
        Err(TryLockError::WouldBlock) => return Ok(None),
        // where the file system has no locks, no other run gets one either, and none clears the folder up
        Ok(()) | Err(TryLockError::Error(_)) => {}
    }
    if !fs::exists(&path)? {
        return Ok(None);
    }
    let name = target.file_name().unwrap_or_default();
    mark.write_all(format!("{MAGIC}\ntoken {token}\ntarget {}\n", record::hex(name.as_encoded_bytes())).as_bytes())?;
    mark.sync_all()?;
    Ok(Some(mark))
}

/// Random digits, from the keys that the standard library draws from the system.
fn token() -> String {
    use std::hash::{BuildHasher, RandomState};
    let half = |salt: u8| format!("{:016x}", RandomState::new().hash_one((salt, std::process::id())));
    half(0) + &half(1)
}

/// A folder that takes another's place keeps its permissions.
fn keep_mode(standing: &Path, new: &Path) -> io::Result<()> {
    match fs::metadata(standing) {
        Ok(facts) if facts.is_dir() => fs::set_permissions(new, facts.permissions()),
        _ => Ok(()),
    }
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
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Checks that a folder may be written at `asked`: nothing stands there, or an empty folder, or, with `replace`, a report of ours.
pub fn check_folder(asked: &Path, target: &Path, replace: bool) -> Result<Standing, Problems> {
    let facts = match fs::metadata(target) {
        Ok(facts) => facts,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Standing::Nothing),
        Err(error) => return Err(io_problem(asked, "cannot be reached", &error)),
    };
    if !facts.is_dir() {
        return Err(refused(asked, "is a file", "the output is a folder", "name another folder with --out"));
    }
    place::not_here(asked, target)?;
    if stands_alone(target, &facts) {
        let why = "an output folder is put in place by a rename, which no mount point can take";
        return Err(refused(asked, "is a file system of its own", why, "name a folder inside it"));
    }
    let mut entries = fs::read_dir(target).map_err(|e| io_problem(asked, "cannot be read", &e))?;
    if entries.next().is_none() {
        return Ok(Standing::Empty);
    }
    if !replace {
        let fix = "name another folder with --out, or add --force";
        return Err(refused(asked, "exists and is not empty", "a report is not overwritten unasked", fix));
    }
    if record::of(target).is_none() {
        let why = "only a report folder of this program is ever replaced, so that --force cannot delete anything else";
        let what = format!("holds no {} of a report of this program", record::MANIFEST);
        return Err(refused(asked, what, why, "name another folder with --out"));
    }
    Ok(Standing::Report)
}

/// True for a mount point.
#[cfg(unix)]
fn stands_alone(target: &Path, facts: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(parent_of(target)).is_ok_and(|parent| parent.dev() != facts.dev())
}

#[cfg(not(unix))]
fn stands_alone(_target: &Path, _facts: &fs::Metadata) -> bool {
    false
}

/// What stands where a folder is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Nothing,
    Empty,
    Report,
}
