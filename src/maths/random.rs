//! Gives every random number an address: (seed, stream, path, item, draw), through the counter-based Philox4x32-10.
//!
//! Source: Salmon, Moraes, Dror, Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3"; known answers from Random123.

/// What a number is drawn for; two streams never meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// The market: day indices, factors.
    Market = 1,
    /// One symbol's own part.
    Symbol = 2,
    /// One client's answers to calls.
    Client = 3,
    /// The generator of sample books.
    Sample = 4,
}

/// The root of all draws of one run.
#[derive(Clone, Copy, Debug)]
pub struct Streams {
    pub seed: u64,
}

impl Streams {
    pub fn new(seed: u64) -> Self {
        Streams { seed }
    }

    /// The key of one item of a stream. `item` is a stable number of a name (see `name_address`), or a plain index.
    pub fn key(&self, stream: Stream, item: u64) -> Key {
        let s = philox4x32([item as u32, (item >> 32) as u32, stream as u32, 0x4c56], [self.seed as u32, (self.seed >> 32) as u32]);
        Key([s[0], s[1]])
    }
}

/// The key under which one item's numbers are drawn; draws are addressed by (path, draw).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(pub [u32; 2]);

impl Key {
    /// Four 32-bit words of (path, draw).
    pub fn words(&self, path: u64, draw: u32) -> [u32; 4] {
        philox4x32([path as u32, (path >> 32) as u32, draw, 0], self.0)
    }

    /// One uniform in (0, 1) with 53 bits, of (path, draw).
    pub fn uniform(&self, path: u64, draw: u32) -> f64 {
        let w = self.words(path, draw);
        unit(u64::from(w[0]) | (u64::from(w[1]) << 32))
    }
}

/// 53 bits to the open interval (0, 1): never 0, never 1.
#[inline(always)]
pub fn unit(bits: u64) -> f64 {
    ((bits >> 12) as f64 + 0.5) * (1.0 / (1u64 << 52) as f64)
}

/// The address of a name (a symbol, an account id): the first eight bytes of its SHA-256, little endian.
pub fn name_address(name: &str) -> u64 {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(name.as_bytes());
    u64::from_le_bytes(digest[..8].try_into().expect("a digest has 32 bytes"))
}

const MULTIPLIER: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// Ten rounds of Philox on one counter.
#[inline(always)]
pub fn philox4x32(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let mut c = counter;
    let mut k = key;
    for round in 0..10 {
        if round > 0 {
            k[0] = k[0].wrapping_add(WEYL[0]);
            k[1] = k[1].wrapping_add(WEYL[1]);
        }
        let p0 = u64::from(MULTIPLIER[0]) * u64::from(c[0]);
        let p1 = u64::from(MULTIPLIER[1]) * u64::from(c[2]);
        c = [(p1 >> 32) as u32 ^ c[1] ^ k[0], p1 as u32, (p0 >> 32) as u32 ^ c[3] ^ k[1], p0 as u32];
    }
    c
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn philox_meets_the_known_answers_of_random123() {
        assert_eq!(philox4x32([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(philox4x32([u32::MAX; 4], [u32::MAX; 2]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        let pi = [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344];
        assert_eq!(philox4x32(pi, [0xa409_3822, 0x299f_31d0]), [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]);
    }
}
