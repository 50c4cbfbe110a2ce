//! Opens an input safely and takes its fingerprint: a regular file, or an object, read once, hashed as read.

use super::container::{self, Form};
use crate::disk::address;
use crate::disk::objects::Objects;
use crate::model::lineage::Note;
use crate::problem::{Kind, Place, Problem};
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::Path;

/// The largest file that is read.
pub const LARGEST_BYTES: u64 = 8 << 30;

/// A file as read.
pub struct Content {
    pub form: Form,
    /// Unpacked where the file is compressed.
    pub bytes: Vec<u8>,
    /// Of the file as it lies on disk.
    pub sha256: String,
    pub size: u64,
    pub note: Option<Note>,
}

/// Reads `written`, relative to `folder`, into memory.
pub fn open(written: &str, folder: &Path) -> Result<Content, Problem> {
    let problem = |what: &str, why: &str, fix: &str| Problem::new(Kind::Data, Place::file(written), what, why, fix);
    let object = address::parse(written).is_some();
    if written.contains("://") && !object {
        return Err(problem("is an address, not a file", "data is read from local files only", "download the file and write its path"));
    }
    let named = container::named(written).map_err(|(what, fix)| problem(&what, container::WHY, fix))?;
    let bytes = if object { fetched(written)? } else { standing(written, folder)? };
    let sha256 = Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
    let size = bytes.len() as u64;
    let container::Settled { form, bytes, note } = container::settle(written, named, bytes)?;
    Ok(Content { form, bytes, sha256, size, note })
}

const EMPTY: [&str; 3] = ["is empty", "a table has a header and at least one row", "export the file again"];

/// The bytes of an object, which no file keeps.
fn fetched(written: &str) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    let done = Objects::new().and_then(|mut objects| objects.fetch(written, LARGEST_BYTES, &mut bytes));
    done.map_err(|error| address::problem(Kind::Data, Path::new(written), "cannot be read", &error))?;
    let [what, why, fix] = EMPTY;
    if bytes.is_empty() { Err(Problem::new(Kind::Data, Place::file(written), what, why, fix)) } else { Ok(bytes) }
}

/// The bytes of a file of this machine.
fn standing(written: &str, folder: &Path) -> Result<Vec<u8>, Problem> {
    let problem = |what: &str, why: &str, fix: &str| Problem::new(Kind::Data, Place::file(written), what, why, fix);
    let path = folder.join(written);
    let facts = std::fs::metadata(&path).map_err(|error| {
        let what = match error.kind() {
            std::io::ErrorKind::NotFound => "is not found".to_string(),
            _ => format!("cannot be read: {error}"),
        };
        problem(&what, "paths are relative to the programme's folder", "mend the path under [data], or put the file there")
    })?;
    if facts.is_dir() {
        return Err(problem("is a folder", "each input is one file", "write the path of the file in it"));
    }
    if !facts.is_file() {
        return Err(problem(
            "is no regular file",
            "devices and pipes have no end that could be checked",
            "write the path of a file on disk",
        ));
    }
    if facts.len() == 0 {
        let [what, why, fix] = EMPTY;
        return Err(problem(what, why, fix));
    }
    if facts.len() > LARGEST_BYTES {
        let what = format!("has {} bytes", facts.len());
        return Err(problem(&what, "files over 8 GiB are not read", "split it by period, or keep the columns that are needed"));
    }
    read(&path, facts.len())
        .map_err(|error| problem(&format!("cannot be read: {error}"), "the file is needed whole", "check its permissions and the disk"))
}

/// The bytes of a file that may grow while it is read, but never past the limit.
fn read(path: &Path, expected: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(expected as usize);
    std::fs::File::open(path)?.take(LARGEST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST_BYTES {
        return Err(std::io::Error::other("it grows past 8 GiB"));
    }
    Ok(bytes)
}
