//! Claims, fills and publishes a report folder: it exists whole or not at all.
//!
//! The claim is made before the first path is simulated, so that a long run cannot end with nowhere to write. Files go to a
//! work folder beside the target (`disk::work`), each flushed to disk; publishing is one rename, or one exchange with the
//! report that is replaced. Files of the user's in that report move on into the new one.

use crate::disk::leftover::restore;
use crate::disk::place;
use crate::disk::record::hex;
use crate::disk::retire::{KEPT, Retired};
use crate::disk::work::{Standing, WorkFolder, check_folder};
use crate::problem::Problems;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

pub use crate::disk::io_problem;
pub use crate::disk::place::Input;
pub use crate::disk::record::{MANIFEST, PROGRAM, Written};

/// The right to write one report folder. Dropped unpublished, it leaves nothing behind.
pub struct Claim {
    work: WorkFolder,
    replace: bool,
    files: BTreeMap<String, Written>,
}

/// Claims `target`; `replace` allows a report folder that stands there to be replaced on publishing.
///
/// Errors (kind Output): the place cannot be written, holds something else, or is claimed by a live run; nothing is touched.
pub fn claim(target: &Path, replace: bool) -> Result<Claim, Problems> {
    claim_apart(target, replace, &[])
}

/// The same, apart from everything the command reads.
pub fn claim_apart(asked: &Path, replace: bool, inputs: &[Input]) -> Result<Claim, Problems> {
    place::keep_apart(asked, inputs)?;
    let target = place::target(asked)?;
    restore(&target);
    check_folder(asked, &target, replace)?;
    let work = WorkFolder::claim(asked, &target)?;
    let made = fs::create_dir(work.new_path());
    made.map_err(|e| io_problem(asked, "cannot be written", &e))?;
    Ok(Claim { work, replace, files: BTreeMap::new() })
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
        let path = self.work.new_path().join(name);
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
        self.work.target()
    }

    /// Where the files stand until they are published; a file without a name may pass its time there.
    pub fn staging(&self) -> PathBuf {
        self.work.new_path()
    }

    /// What the manifest has to say for the folder to be known as this run's.
    pub fn token(&self) -> &str {
        self.work.token()
    }

    /// Puts the folder in its place, whole.
    pub fn publish(self) -> Result<Published, Problems> {
        let folder = self.target().to_path_buf();
        let standing = check_folder(&folder, &folder, self.replace)?;
        let done = match standing {
            Standing::Report => self.work.publish_over_report(),
            Standing::Nothing | Standing::Empty => self.work.publish_folder().map(|()| Retired::default()),
        };
        match done {
            Ok(Retired { carried, stuck }) => Ok(Published { folder, carried, stuck }),
            Err(error) => Err(io_problem(&folder, "cannot be put in place", &error)),
        }
    }

    fn shown(&self, name: &str) -> PathBuf {
        self.target().join(name)
    }
}

/// A folder that stands in its place.
#[derive(Debug)]
pub struct Published {
    pub folder: PathBuf,
    /// Files of the user's in the report that was replaced, by their names in the new one.
    pub carried: Vec<PathBuf>,
    /// Those that could not be moved, by their place.
    pub stuck: Vec<PathBuf>,
}

impl Published {
    /// True for a file that has its old name, and did not have to make room for a file of the new report.
    pub fn keeps_its_name(&self, carried: &Path) -> bool {
        let first = carried.iter().next().and_then(|step| step.to_str()).unwrap_or("");
        first != KEPT && !first.starts_with(&format!("{KEPT}-"))
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
        let first = claim(&target, false).unwrap();
        let rest = names(home.path());
        let copied = home.path().join(".levertide-abcdefABCDEF");
        fs::create_dir_all(copied.join("new/tables")).unwrap();
        fs::copy(home.path().join(&rest[0]).join("mark"), copied.join("mark")).unwrap();
        let second = claim(&target, false).err().unwrap().to_string();
        assert!(second.contains("claimed by another run"), "{second}");
        assert!(copied.exists(), "a refused run changes nothing");
        drop(first);
        drop(claim(&target, false).unwrap());
        assert!(names(home.path()).is_empty(), "{:?}", names(home.path()));
    }

    /// A report that says it is ours.
    fn publish(target: &Path, replace: bool, files: &[(&str, &str)]) -> Published {
        let mut claim = claim(target, replace).unwrap();
        for (name, text) in files {
            claim.write(name, text.as_bytes()).unwrap();
        }
        let manifest = serde_json::json!({ "program": PROGRAM, "token": claim.token(), "outputs": claim.files() });
        claim.write(MANIFEST, manifest.to_string().as_bytes()).unwrap();
        claim.publish().unwrap()
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
        assert!(claim(&target, true).is_err());
        assert_eq!(names(&target), [MANIFEST, "thesis.txt"]);
        fs::remove_dir_all(&target).unwrap();
        publish(&target, false, &[("a", "1"), ("charts/b", "2"), ("old/c", "3")]);
        publish(&target, true, &[("a", "4"), ("charts/d", "5")]);
        assert_eq!(names(&target), ["a", "charts", MANIFEST]);
        assert_eq!((names(&target.join("charts")), names(home.path())), (vec!["d".to_string()], vec!["weekly".to_string()]));
    }

    #[test]
    fn files_of_the_users_in_a_report_move_on_into_the_next() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("weekly");
        publish(&target, false, &[("a", "1"), ("charts/b", "2")]);
        fs::write(target.join("notes.txt"), "mine").unwrap();
        fs::write(target.join("charts/n.txt"), "mine too").unwrap();
        fs::create_dir_all(target.join("empty/inner")).unwrap();
        fs::write(target.join("a"), "edited").unwrap();
        let published = publish(&target, true, &[("a", "3"), ("notes.txt", "4")]);
        assert_eq!(published.carried.len(), 4, "{published:?}");
        let read = |name: &str| fs::read_to_string(target.join(name)).unwrap();
        assert_eq!(
            (read("a"), read("kept/a"), read("notes.txt"), read("kept/notes.txt")),
            ("3".into(), "edited".into(), "4".into(), "mine".into())
        );
        assert!(read("charts/n.txt") == "mine too" && target.join("empty/inner").is_dir() && !target.join("charts/b").exists());
        publish(&target, true, &[("a", "5")]);
        assert_eq!((read("a"), read("kept/a"), names(home.path())), ("5".into(), "edited".into(), vec!["weekly".to_string()]));
    }

    #[test]
    fn a_run_killed_between_two_steps_loses_nothing() {
        let home = tempfile::tempdir().unwrap();
        let (target, left) = (home.path().join("weekly"), home.path().join(".levertide-abcdefABCDEF"));
        publish(&target, false, &[("a", "1")]);
        fs::write(target.join("notes.txt"), "mine").unwrap();
        let mark = format!("{}\ntoken {}\ntarget {}\n", crate::disk::home::MAGIC, "0".repeat(32), hex(b"weekly"));
        // moved aside, the new one not yet in place: the next run puts it back, even one that is refused
        fs::create_dir(&left).unwrap();
        fs::write(left.join("mark"), &mark).unwrap();
        fs::rename(&target, left.join("old")).unwrap();
        assert!(claim(&target, false).is_err());
        assert_eq!(names(&target), ["a", MANIFEST, "notes.txt"]);
        // exchanged, the old one not yet taken away: the next run takes it, and the notes move on
        fs::create_dir_all(&left).unwrap();
        fs::write(left.join("mark"), &mark).unwrap();
        fs::rename(&target, left.join("new")).unwrap();
        publish(&home.path().join("other"), false, &[("b", "2")]);
        assert_eq!(names(&target), ["a", MANIFEST, "notes.txt"], "nothing stood there: it comes back");
        fs::create_dir_all(&left).unwrap();
        fs::write(left.join("mark"), &mark).unwrap();
        fs::rename(&target, left.join("new")).unwrap();
        fs::rename(home.path().join("other"), &target).unwrap();
        drop(claim(&target, true).unwrap());
        assert_eq!(names(&target), ["b", MANIFEST, "notes.txt"]);
        assert_eq!(names(home.path()), ["weekly"]);
    }

    #[test]
    fn what_only_looks_like_a_leftover_is_left_alone() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("weekly");
        for name in ["weekly.old-20150605", "weekly.partial-1", ".levertide-abcdefABCDEF", ".levertide-x"] {
            fs::create_dir(home.path().join(name)).unwrap();
            fs::write(home.path().join(name).join("mark"), "a mark of the user's").unwrap();
        }
        fs::write(home.path().join(".weekly.lock"), "a lock of the user's").unwrap();
        let before = names(home.path());
        drop(claim(&target, false).unwrap());
        assert_eq!(names(home.path()), before);
        publish(&target, false, &[("a", "1")]);
        publish(&target, true, &[("a", "2")]);
        fs::remove_dir_all(&target).unwrap();
        assert_eq!(names(home.path()), before);
    }

    #[test]
    fn an_abandoned_claim_cannot_be_published() {
        let home = tempfile::tempdir().unwrap();
        let claim = claim(&home.path().join("weekly"), false).unwrap();
        assert!(claim.work.abandon());
        assert!(claim.publish().is_err());
        assert!(names(home.path()).is_empty());
    }
}
