//! Finds the data that some tests read beside the checkout, which are not ours to ship, and counts the tests that do without.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The tests skipped so far; a test's thread bears its name.
static SKIPPED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// A file of the shared data. Where it is not there, the test that asks is told as skipped, with the count so far, past the capture of
/// its output: the last such line has the sum.
pub fn file(name: &str) -> Option<PathBuf> {
    found(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), name)
}

fn found(folder: &Path, name: &str) -> Option<PathBuf> {
    let path = folder.join(name);
    if path.exists() {
        return Some(path);
    }
    skip(&format!("reads shared/data/{name}, which is not beside the checkout"));
    None
}

/// Tells the running test, or a part of it, as skipped: what it does, and why it cannot.
pub fn skip(why: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_string();
    let mut skipped = SKIPPED.lock().unwrap_or_else(PoisonError::into_inner);
    if skipped.insert(test.clone()) {
        let _ = writeln!(std::io::stderr(), "skipped {}: {test} {why}", skipped.len());
    }
}

/// The folder of the histories of prices.
pub fn folder() -> Option<PathBuf> {
    file("a_share_2014_2016.parquet").map(|path| path.parent().expect("a file lies in a folder").to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::{files, root};

    #[test]
    fn what_is_not_there_is_counted_once_a_test() {
        let nowhere = tempfile::tempdir().expect("a folder");
        let own = || SKIPPED.lock().unwrap_or_else(PoisonError::into_inner).iter().filter(|test| test.contains("counted_once")).count();
        assert!(found(nowhere.path(), "none.csv").is_none() && found(nowhere.path(), "none.parquet").is_none());
        assert_eq!(own(), 1);
    }

    /// A test that looks for the data by itself would be skipped in silence.
    #[test]
    fn tests_find_shared_data_here_alone() {
        let here = ["shared", "/data"].concat();
        for source in files(&root().join("tests"), &[".rs"]).iter().filter(|source| source.path != "tests/support/shared.rs") {
            let code: String = source.text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            assert!(!code.contains(&here), "{} looks for the data by itself: ask support::shared", source.path);
        }
    }
}
