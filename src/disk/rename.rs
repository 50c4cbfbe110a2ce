//! Renames without replacing, and swaps two folders in one step where the system knows how.

use std::fs;
use std::io;
use std::path::Path;

/// Renames `from` to `to`, where nothing may stand; errors with `AlreadyExists` if something does.
pub fn to_free(from: &Path, to: &Path) -> io::Result<()> {
    match no_replace(from, to) {
        Some(done) => done,
        // without the system's help: nothing of this program races with itself, since each place is claimed
        None if fs::symlink_metadata(to).is_ok() => Err(io::Error::new(io::ErrorKind::AlreadyExists, "something stands there")),
        None => fs::rename(from, to),
    }
}

/// Swaps two folders in one step; `None` where the system or the file system cannot.
pub fn swap(a: &Path, b: &Path) -> Option<io::Result<()>> {
    with_flag(a, b, Flag::Swap)
}

fn no_replace(from: &Path, to: &Path) -> Option<io::Result<()>> {
    with_flag(from, to, Flag::NoReplace)
}

#[derive(Clone, Copy)]
enum Flag {
    Swap,
    NoReplace,
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn with_flag(from: &Path, to: &Path, flag: Flag) -> Option<io::Result<()>> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    let flag = match flag {
        Flag::Swap => RenameFlags::EXCHANGE,
        Flag::NoReplace => RenameFlags::NOREPLACE,
    };
    match renameat_with(CWD, from, CWD, to, flag) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => None,
        other => Some(other.map_err(io::Error::from)),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn with_flag(_from: &Path, _to: &Path, flag: Flag) -> Option<io::Result<()>> {
    match flag {
        Flag::Swap | Flag::NoReplace => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_replaced_and_folders_change_places() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        fs::write(at("a"), "a").unwrap();
        fs::write(at("b"), "b").unwrap();
        assert_eq!(to_free(&at("a"), &at("b")).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(at("b")).unwrap(), b"b");
        to_free(&at("a"), &at("c")).unwrap();
        for name in ["x", "y"] {
            fs::create_dir(at(name)).unwrap();
            fs::write(at(name).join(name), name).unwrap();
        }
        if let Some(swapped) = swap(&at("x"), &at("y")) {
            swapped.unwrap();
            assert!(at("x/y").exists() && at("y/x").exists());
        }
    }
}
