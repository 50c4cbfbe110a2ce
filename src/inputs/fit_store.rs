//! Stores the results of fits in a folder, a file each, for the same build and the same data.
//!
//! A record's file is named after the kind of fit, the fingerprint of everything the fit was given, and this build: another
//! build of the program never reads it. Line one is a JSON head with the words of the record and the digest of what follows;
//! then come its numbers, eight bytes each, little endian. A file of another form is ignored; it is
//! overwritten if it begins as a record does, else it is the user's and left alone. Nothing in a report depends on the
//! folder: it may be deleted at any time.

use crate::disk::bounded;
use crate::disk::record::hex;
use crate::disk::whole::{self, Over};
use crate::model::market::fit_cache::{FitStore, Record};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Layout of a file.
const LAYOUT: u32 = 1;
/// How a record begins; an empty file is one that was never written.
const RECORD: Over<'static> =
    Over::Ours { what: "record of a fit", told_by: &|bytes| bytes.is_empty() || bytes.starts_with(b"{\"layout\":") };
/// A file larger than this is no record.
const LARGEST_BYTES: u64 = 1 << 30;

/// A folder of records, and the counts of their use.
#[derive(Default)]
pub struct Folder {
    folder: PathBuf,
    build: OnceLock<String>,
    recalled: AtomicUsize,
    kept: AtomicUsize,
    unreadable: AtomicUsize,
    unwritten: AtomicUsize,
}

/// The counts of a folder's use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Parts of fits reused from an earlier run.
    pub recalled: usize,
    /// Parts fitted and stored.
    pub kept: usize,
    /// Files that could not be read as records: fitted anew.
    pub unreadable: usize,
    /// Records that could not be stored.
    pub unwritten: usize,
}

#[derive(Serialize, Deserialize)]
struct Head {
    layout: u32,
    version: String,
    numbers: usize,
    words: Vec<String>,
    sha256: String,
}

impl Folder {
    /// The folder need not exist: it is made when the first record is written.
    pub fn new(folder: &Path) -> Self {
        Folder { folder: folder.to_path_buf(), ..Folder::default() }
    }

    pub fn tally(&self) -> Tally {
        let of = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        Tally { recalled: of(&self.recalled), kept: of(&self.kept), unreadable: of(&self.unreadable), unwritten: of(&self.unwritten) }
    }

    fn file(&self, address: &str) -> PathBuf {
        self.folder.join(format!("{address}-{}.fit", self.build.get_or_init(build)))
    }

    fn write(&self, address: &str, record: &Record) -> io::Result<()> {
        let bytes: Vec<u8> = record.numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        let head = Head {
            layout: LAYOUT,
            version: env!("CARGO_PKG_VERSION").into(),
            numbers: record.numbers.len(),
            words: record.words.clone(),
            sha256: hex(&Sha256::digest(&bytes)),
        };
        let mut file = serde_json::to_vec(&head)?;
        file.push(b'\n');
        file.extend(bytes);
        whole::write(&self.file(address), &file, RECORD).map_err(|problems| io::Error::other(problems.to_string()))
    }
}

impl FitStore for Folder {
    fn recall(&self, address: &str) -> Option<Record> {
        let file = self.file(address);
        fs::metadata(&file).ok()?;
        let record = bounded::read(&file, LARGEST_BYTES).ok().and_then(|bytes| parse(&bytes));
        let count = if record.is_some() { &self.recalled } else { &self.unreadable };
        count.fetch_add(1, Ordering::Relaxed);
        record
    }

    fn keep(&self, address: &str, record: &Record) {
        let count = if self.write(address, record).is_ok() { &self.kept } else { &self.unwritten };
        count.fetch_add(1, Ordering::Relaxed);
    }

    fn refuse(&self, _address: &str) {
        self.recalled.fetch_sub(1, Ordering::Relaxed);
        self.unreadable.fetch_add(1, Ordering::Relaxed);
    }
}

/// A record from a file's bytes; nothing when they are anything else.
fn parse(bytes: &[u8]) -> Option<Record> {
    let end = bytes.iter().position(|b| *b == b'\n')?;
    let (head, body) = (serde_json::from_slice::<Head>(&bytes[..end]).ok()?, &bytes[end + 1..]);
    let sound = head.layout == LAYOUT && Some(body.len()) == head.numbers.checked_mul(8) && head.sha256 == hex(&Sha256::digest(body));
    let number = |eight: &[u8]| f64::from_le_bytes(eight.try_into().expect("eight bytes"));
    sound.then(|| Record { numbers: body.chunks_exact(8).map(number).collect(), words: head.words })
}

/// This build: a part of the digest of the program's own file, or of its version where that cannot be read.
pub fn build() -> String {
    let own = std::env::current_exe().and_then(fs::read);
    let digest = own.map_or_else(|_| Sha256::digest(env!("CARGO_PKG_VERSION").as_bytes()), |bytes| Sha256::digest(&bytes));
    hex(&digest)[..16].into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_comes_back_to_the_bit_and_a_spoiled_one_not_at_all() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = Folder::new(&home.path().join("not yet there"));
        let record = Record { numbers: vec![1.5, -0.0, f64::INFINITY, 5e-324], words: vec!["一\n二".into(), String::new()] };
        assert!(folder.recall("garch-a").is_none());
        folder.keep("garch-a", &record);
        let again = folder.recall("garch-a").expect("it was kept");
        assert!(again == record && again.numbers[1].is_sign_negative());
        let file = folder.file("garch-a");
        let sound = fs::read(&file).expect("the file is there");
        let mut flipped = sound.clone();
        *flipped.last_mut().expect("bytes") ^= 1;
        let longer = [sound.clone(), vec![0; 8]].concat();
        for spoiled in [&b""[..], b"{}\n", &sound[..sound.len() - 1], &flipped, &longer, &[0xff; 100]] {
            fs::write(&file, spoiled).expect("the file can be written");
            assert!(folder.recall("garch-a").is_none());
        }
        assert_eq!(folder.tally(), Tally { recalled: 1, kept: 1, unreadable: 6, unwritten: 0 });
        folder.keep("garch-a", &record);
        assert_eq!((folder.tally().unwritten, fs::read(&file).expect("still there")), (1, vec![0xff; 100]), "somebody's file");
        fs::write(&file, &sound[..40]).expect("the file can be written");
        folder.keep("garch-a", &record);
        assert_eq!(fs::read(&file).expect("written anew"), sound);
        let blocked = Folder::new(&file);
        blocked.keep("garch-a", &record);
        assert_eq!(blocked.tally().unwritten, 1);
    }
}
