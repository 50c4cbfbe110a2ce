//! Tells how much a file system has room for, and how long a file may grow.

use super::home::parent_of;
use std::fs;
use std::path::Path;

/// Bytes that are free for this user where `path` lies, or will lie; nothing where the system does not tell.
#[cfg(unix)]
pub fn free(path: &Path) -> Option<u64> {
    let mut here = path.to_path_buf();
    while fs::metadata(&here).is_err() {
        let above = parent_of(&here);
        if above == here {
            return None;
        }
        here = above;
    }
    let facts = rustix::fs::statvfs(&here).ok()?;
    facts.f_bavail.checked_mul(facts.f_frsize)
}

#[cfg(not(unix))]
pub fn free(_path: &Path) -> Option<u64> {
    None
}

/// Bytes that a file of this process may have at most (`ulimit -f`); nothing without a limit.
pub fn longest_file() -> Option<u64> {
    limit("Max file size")
}

/// A soft limit on this process in bytes, by its name in the list that Linux gives; nothing without one.
pub fn limit(name: &str) -> Option<u64> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    limits.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_not_there_yet_has_the_room_of_the_one_above_it() {
        let home = tempfile::tempdir().unwrap();
        if cfg!(unix) {
            assert!(free(&home.path().join("not/yet/there")).is_some_and(|bytes| bytes > 0));
        }
        assert_eq!(limit("No such limit"), None);
    }
}
