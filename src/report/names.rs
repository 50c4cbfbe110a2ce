//! Makes file names from names users chose, and fingerprints of bytes.

use crate::disk::record::hex;
use crate::model::lineage::InputFile;
use sha2::{Digest, Sha256};

/// A file name that is safe everywhere, from a name a user chose: letters, digits, `-`, `_` and `.` stay.
///
/// Two names never meet: one that had to be changed carries the start of its hash. `2015 replay` → `2015-replay-…`.
pub fn file_name(text: &str) -> String {
    const LONGEST_BYTES: usize = 80;
    const RESERVED: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];
    let mut plain = String::new();
    for c in text.chars() {
        let c = if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
        if plain.len() + c.len_utf8() <= LONGEST_BYTES {
            plain.push(c);
        }
    }
    let plain = plain.trim_matches(['.', '-']).to_string();
    let stem: String = plain.to_lowercase().chars().take_while(|c| *c != '.').collect();
    let reserved = RESERVED.contains(&stem.trim_end_matches(|c: char| c.is_ascii_digit()));
    if plain == text && !plain.is_empty() && !reserved {
        return plain;
    }
    let hash = &sha256(text.as_bytes())[..8];
    if plain.is_empty() { hash.to_string() } else { format!("{plain}-{hash}") }
}

/// The first digits of a hash: enough to tell runs and files apart, short enough to read out.
pub fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

/// The SHA-256 of some bytes, in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// A file that was read in one piece, with all its rows used.
pub fn input_file(role: &str, path: String, bytes: &[u8], rows: u64) -> InputFile {
    let (sha256, size) = (sha256(bytes), bytes.len() as u64);
    InputFile { role: role.into(), path, sha256, bytes: size, rows, used: rows, rejected: 0, passed_over: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_users_name_becomes_a_safe_file_name() {
        assert_eq!(file_name("weekly"), "weekly");
        assert_eq!(file_name("周报-2015"), "周报-2015");
        for name in ["../../etc/passwd", "a/b", "a\\b", "", ".", "CON", "nul.txt", "x\0y", "a b", "..hidden", &"长".repeat(300)] {
            let safe = file_name(name);
            assert!(safe != name && !safe.is_empty() && safe.len() < 100 && !safe.starts_with('.'), "{name} → {safe}");
            assert!(!safe.contains(['/', '\\', '\0', ' ']), "{name} → {safe}");
        }
        assert_ne!(file_name("a/b"), file_name("a b"));
    }
}
