//! Digests numbers and words into one fingerprint: the SHA-256 of everything that was given, each part with its length.

use sha2::{Digest as _, Sha256};

/// A fingerprint in the making.
#[derive(Default)]
pub struct Digest(Sha256);

impl Digest {
    /// Adds a word.
    pub fn word(&mut self, word: &str) {
        self.0.update((word.len() as u64).to_le_bytes());
        self.0.update(word.as_bytes());
    }

    /// Adds a list of numbers by their bits, so that −0 and the NaNs differ too.
    pub fn numbers(&mut self, numbers: &[f64]) {
        self.0.update((numbers.len() as u64).to_le_bytes());
        let mut bytes = [0; 8 * 512];
        for chunk in numbers.chunks(512) {
            for (bytes, number) in bytes.chunks_exact_mut(8).zip(chunk) {
                bytes.copy_from_slice(&number.to_le_bytes());
            }
            self.0.update(&bytes[..8 * chunk.len()]);
        }
    }

    /// The fingerprint, 64 hexadecimal digits.
    pub fn finish(self) -> String {
        self.0.finalize().iter().map(|b| format!("{b:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[&str], numbers: &[&[f64]]) -> String {
        let mut digest = Digest::default();
        words.iter().for_each(|w| digest.word(w));
        numbers.iter().for_each(|n| digest.numbers(n));
        digest.finish()
    }

    #[test]
    fn the_same_parts_and_only_they_give_the_same_fingerprint() {
        let long: Vec<f64> = (0..1030).map(f64::from).collect();
        assert_eq!(of(&["a", "b"], &[&long]), of(&["a", "b"], &[&long]));
        let all = [of(&["a", "b"], &[&long]), of(&["ab"], &[&long]), of(&["a", "b"], &[&long[..512], &long[512..]]), of(&[], &[&[0.0]])];
        assert!((0..all.len()).all(|i| (0..i).all(|j| all[i] != all[j])) && all[3] != of(&[], &[&[-0.0]]));
        // the empty message's digest is published
        assert_eq!(Digest::default().finish(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
