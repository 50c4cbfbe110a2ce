//! Names what lies in a work folder, and removes one.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How the name of a work folder begins.
pub const PREFIX: &str = ".levertide-";
/// Random letters and digits behind it.
pub const RANDOM_LETTERS: usize = 12;
pub const MARK: &str = "mark";
pub const NEW: &str = "new";
pub const OLD: &str = "old";
/// The first line of a mark.
pub const MAGIC: &str = "levertide work folder 1: the next run clears it up";

/// The folder that a target lies in.
pub fn parent_of(target: &Path) -> PathBuf {
    target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_path_buf()
}

/// Removes a work folder that holds nothing of anybody's: what was being written, then the mark, then the folder.
pub fn remove_home(home: &Path) {
    remove_any(&home.join(NEW));
    close_home(home);
}

/// Removes the mark and the folder, unless something is left in it.
pub fn close_home(home: &Path) {
    let only_mark = fs::read_dir(home).is_ok_and(|entries| entries.flatten().all(|e| e.file_name() == MARK));
    if only_mark {
        let _ = fs::remove_file(home.join(MARK));
        let _ = fs::remove_dir(home);
    }
}

/// Removes a file or a folder, even while another thread still adds to it.
fn remove_any(path: &Path) {
    for _ in 0..50 {
        let Ok(facts) = fs::symlink_metadata(path) else { return };
        let removed = if facts.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        if removed.is_ok() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
