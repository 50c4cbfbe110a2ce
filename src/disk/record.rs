//! Knows a report folder of this program by its manifest: the program's name, a token, and the list of files with hashes.

use super::bounded;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path};

/// The file that makes a folder a report of ours; written last.
pub const MANIFEST: &str = "manifest.json";
/// What it says under `program`.
pub const PROGRAM: &str = "levertide";
/// A longer manifest is not ours.
const LARGEST_BYTES: u64 = 64 << 20;

/// A file of the folder as written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    pub sha256: String,
    pub bytes: u64,
}

/// What a manifest of ours says of its folder.
#[derive(Clone, Debug, Deserialize)]
pub struct Record {
    program: String,
    /// Drawn for each report.
    pub token: String,
    /// Every other file, by its name with `/` between folders.
    pub outputs: BTreeMap<String, Written>,
}

/// The record of a folder of ours; nothing where the folder is anything else.
pub fn of(folder: &Path) -> Option<Record> {
    let path = folder.join(MANIFEST);
    if !fs::symlink_metadata(&path).ok()?.is_file() {
        return None;
    }
    let record: Record = serde_json::from_slice(&bounded::read(&path, LARGEST_BYTES).ok()?).ok()?;
    let plain = |name: &String| !name.is_empty() && Path::new(name).components().all(|c| matches!(c, Component::Normal(_)));
    let ours = record.program == PROGRAM && is_token(&record.token) && record.outputs.keys().all(plain);
    ours.then_some(record)
}

/// 32 hexadecimal digits.
pub fn is_token(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

impl Written {
    /// True when the file at `path` is the one that was written, to the byte.
    pub fn is(&self, path: &Path) -> bool {
        fs::symlink_metadata(path).is_ok_and(|facts| facts.is_file() && facts.len() == self.bytes)
            && digest(path).is_ok_and(|sha256| sha256 == self.sha256)
    }
}

fn digest(path: &Path) -> io::Result<String> {
    Ok(hex(&digest_of(&mut File::open(path)?)?))
}

/// The SHA-256 of all that is left to read.
pub fn digest_of(read: &mut impl Read) -> io::Result<[u8; 32]> {
    let (mut hasher, mut piece) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        match read.read(&mut piece)? {
            0 => return Ok(hasher.finalize().into()),
            length => hasher.update(&piece[..length]),
        }
    }
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_ours_by_what_its_manifest_says() {
        let home = tempfile::tempdir().unwrap();
        let token = "0123456789abcdef0123456789abcdef";
        let is_ours = |text: &str| {
            fs::write(home.path().join(MANIFEST), text).unwrap();
            of(home.path()).is_some()
        };
        assert!(of(home.path()).is_none());
        assert!(is_ours(&format!(r#"{{"program":"levertide","token":"{token}","outputs":{{"a/b":{{"sha256":"","bytes":1}}}},"more":1}}"#)));
        for foreign in [
            "{}".to_string(),
            r#"{"manifest_version": 3, "name": "an extension", "version": "1.0"}"#.into(),
            format!(r#"{{"program":"other","token":"{token}","outputs":{{}}}}"#),
            r#"{"program":"levertide","token":"short","outputs":{}}"#.into(),
            format!(r#"{{"program":"levertide","token":"{token}","outputs":{{"../x":{{"sha256":"","bytes":1}}}}}}"#),
            "no json".into(),
        ] {
            assert!(!is_ours(&foreign), "{foreign}");
        }
        let file = home.path().join("x");
        fs::write(&file, "abc").unwrap();
        let written = Written { sha256: hex(&Sha256::digest(b"abc")), bytes: 3 };
        assert!(written.is(&file));
        fs::write(&file, "abd").unwrap();
        assert!(!written.is(&file), "a file somebody edited is theirs");
    }
}
