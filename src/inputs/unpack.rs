//! Unpacks gzip and Zstandard within a bound: a small file must not fill the memory.
//!
//! A CSV file packs to a twentieth of its size, or a fiftieth at best. What unpacks to more than a hundred times its size,
//! beyond 256 MiB, or to more than 4 GiB, is refused with the bound named.

use crate::problem::{Kind, Place, Problem};
use std::io::{self, Read};

/// What any file may unpack to.
const OF_ANY_FILE: u64 = 256 << 20;
/// How much of it for each packed byte, beyond that.
const PER_BYTE: u64 = 100;
/// What no file unpacks to.
const MOST: u64 = 4 << 30;

/// What a file of so many bytes may unpack to.
fn most(packed: usize) -> u64 {
    (PER_BYTE * packed as u64).clamp(OF_ANY_FILE, MOST)
}

pub fn gzip(file: &str, packed: &[u8]) -> Result<Vec<u8>, Problem> {
    bounded(file, flate2::read::MultiGzDecoder::new(packed), most(packed.len()))
}

pub fn zstandard(file: &str, packed: &[u8]) -> Result<Vec<u8>, Problem> {
    match zstd::stream::read::Decoder::with_buffer(packed) {
        Ok(reader) => bounded(file, reader, most(packed.len())),
        Err(error) => Err(damaged(file, &error)),
    }
}

fn bounded(file: &str, reader: impl Read, most: u64) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    reader.take(most + 1).read_to_end(&mut bytes).map_err(|error| damaged(file, &error))?;
    if bytes.len() as u64 > most {
        let what = format!("unpacks to more than {most} bytes");
        let why = "a compressed file may unpack to 256 MiB, beyond that to a hundred times its size, and to 4 GiB at most";
        return Err(Problem::new(Kind::Data, Place::file(file), what, why, "unpack it, and split it by period"));
    }
    Ok(bytes)
}

fn damaged(file: &str, error: &io::Error) -> Problem {
    let what = format!("cannot be unpacked: {error}");
    Problem::new(Kind::Data, Place::file(file), what, "the file is truncated or damaged", "export or copy it again")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gz(bytes: &[u8]) -> Vec<u8> {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    }

    #[test]
    fn parts_are_joined_and_a_cut_file_is_refused() {
        let whole = [gz(b"a,b\n"), gz(b"1,2\n")].concat();
        assert_eq!(gzip("x", &whole).unwrap(), b"a,b\n1,2\n");
        assert!(gzip("x", &whole[..whole.len() - 3]).unwrap_err().what.contains("cannot be unpacked"));
        let packed = zstd::bulk::compress(b"a,b\n1,2\n", 3).unwrap();
        let twice = [packed.clone(), packed.clone()].concat();
        assert_eq!(zstandard("x", &twice).unwrap(), b"a,b\n1,2\na,b\n1,2\n");
        assert!(zstandard("x", &packed[..packed.len() - 2]).unwrap_err().what.contains("cannot be unpacked"));
    }

    #[test]
    fn a_small_file_that_unpacks_to_very_much_is_refused_by_its_bound() {
        let said = bounded("x", io::repeat(b'1'), 1000).unwrap_err();
        assert!(said.what.contains("more than 1000 bytes") && said.why.contains("256 MiB"), "{said}");
        assert_eq!((most(0), most(10 << 20), most(1 << 30)), (OF_ANY_FILE, 1000 << 20, MOST));
    }
}
