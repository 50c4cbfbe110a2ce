//! Writes and reads files with a head, a compressed body and a seal: the digest of everything before it.
//!
//! ```text
//! kind\n            one line that says what the file is
//! {"…": …}\n        the head, one line of JSON
//! …                 the body, compressed (zstd)
//! 32 bytes          SHA-256 of all of it
//! ```
//!
//! A file stands in its place only when it is sealed. One that a disk or a copy has changed is told by its seal before its body is read.
//! Its place is a path, or an address of object storage: then it is made in a file without a name, and sent when it is sealed.

use super::objects::Objects;
use super::record::{digest_of, hex};
use super::whole::{self, Over, Unfinished};
use super::{address, io_problem, refused};
use crate::problem::Problems;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Take, Write};
use std::path::{Path, PathBuf};

/// A longer head is none.
const LONGEST_HEAD_BYTES: u64 = 16 << 20;
/// Bytes of the seal.
const SEAL: u64 = 32;
/// Fast, and a fraction of the size: sums of accounts that nothing happened to are zeros.
const COMPRESSION: i32 = 1;

/// A sealed file that is being written; dropped unsealed, it leaves nothing behind.
pub struct Writer {
    asked: PathBuf,
    body: zstd::Encoder<'static, Hashing>,
}

/// Hashes what it writes.
struct Hashing {
    file: Making,
    hasher: Sha256,
}

/// A file on its way to its place.
enum Making {
    Place(Unfinished),
    /// Without a name; what is not sent goes with the process.
    Object(BufWriter<File>),
}

impl Making {
    fn put(&mut self) -> &mut dyn Write {
        match self {
            Making::Place(file) => file,
            Making::Object(file) => file,
        }
    }

    fn finish(self, asked: &Path) -> Result<(), Problems> {
        let fail = |error: io::Error| io_problem(asked, "cannot be written", &error);
        match self {
            Making::Place(file) => file.finish(),
            Making::Object(file) => {
                let mut file = file.into_inner().map_err(io::IntoInnerError::into_error).map_err(fail)?;
                let address = address::of(asked).expect("an object has an address");
                Objects::new().and_then(|mut objects| objects.send(&mut file, address)).map_err(fail)
            }
        }
    }
}

/// Finds out whether a file of a kind may be written at `asked`, and touches nothing; one of the same kind that stands there may be replaced.
///
/// Errors (kind Output): the place cannot be written, or holds something else.
pub fn check(asked: &Path, kind: &str) -> Result<(), Problems> {
    let begins = format!("{kind}\n");
    let Some(address) = address::of(asked) else {
        return whole::check(asked, Over::Begins { what: kind, with: begins.as_bytes() }).map(drop);
    };
    if address.ends_with('/') || address::parse(address).is_some_and(|parts| parts.key.is_empty()) {
        return Err(refused(asked, "names no object", "a file is written there", "add a name, for example part-3"));
    }
    let fail = |error: io::Error| io_problem(asked, "cannot be reached", &error);
    let mut objects = Objects::new().map_err(fail)?;
    match objects.begins(address, begins.len() as u64).map_err(fail)? {
        Some(first) if first != begins.as_bytes() => Err(whole::not_ours(asked, kind)),
        _ => objects.ready(address).map_err(fail),
    }
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.put().write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.put().flush()
    }
}

impl Writer {
    /// Begins a file at `asked`; one of the same kind that stands there is replaced.
    ///
    /// Errors (kind Output): the place cannot be written, or holds something else.
    pub fn create(asked: &Path, kind: &str, head: &impl Serialize) -> Result<Writer, Problems> {
        let file = if address::of(asked).is_some() {
            check(asked, kind)?;
            Making::Object(BufWriter::new(tempfile::tempfile().map_err(|e| io_problem(asked, "cannot wait in a temporary file", &e))?))
        } else {
            Making::Place(whole::create(asked, Over::Begins { what: kind, with: format!("{kind}\n").as_bytes() })?)
        };
        let mut file = Hashing { file, hasher: Sha256::new() };
        let body = begin(&mut file, kind, head).and_then(|()| zstd::Encoder::new(file, COMPRESSION));
        Ok(Writer { asked: asked.to_path_buf(), body: body.map_err(|e| io_problem(asked, "cannot be written", &e))? })
    }

    /// Adds to the body.
    ///
    /// Errors (kind Output): the disk does not take it.
    pub fn add(&mut self, bytes: &[u8]) -> Result<(), Problems> {
        self.body.write_all(bytes).map_err(|e| io_problem(&self.asked, "cannot be written", &e))
    }

    /// Seals the file and puts it in its place; its digest.
    ///
    /// Errors (kind Output): the disk does not take it.
    pub fn seal(self) -> Result<String, Problems> {
        let Writer { asked, body } = self;
        let fail = |error: io::Error| io_problem(&asked, "cannot be written", &error);
        let Hashing { mut file, hasher } = body.finish().map_err(fail)?;
        let seal = hasher.finalize();
        file.put().write_all(&seal).map_err(fail)?;
        file.finish(&asked)?;
        Ok(hex(&seal))
    }
}

fn begin(file: &mut impl Write, kind: &str, head: &impl Serialize) -> io::Result<()> {
    writeln!(file, "{kind}")?;
    serde_json::to_writer(&mut *file, head)?;
    file.write_all(b"\n")
}

/// What is wrong with a file that is to be read.
#[derive(Debug)]
pub enum Unsound {
    /// It cannot be read at all.
    Unreadable(io::Error),
    /// It does not begin as a file of this kind does.
    OtherKind,
    /// It is of this kind, and not what was sealed.
    Changed,
}

impl From<io::Error> for Unsound {
    fn from(error: io::Error) -> Self {
        Unsound::Unreadable(error)
    }
}

/// A file whose seal is whole.
pub struct Sealed<H> {
    pub head: H,
    /// Its seal, in hexadecimal.
    pub digest: String,
    /// Of the file.
    pub bytes: u64,
    path: PathBuf,
    body_at: u64,
}

impl<H: DeserializeOwned> Sealed<H> {
    /// Opens a file of a kind and holds it against its seal.
    pub fn open(path: &Path, kind: &str) -> Result<Sealed<H>, Unsound> {
        if !std::fs::metadata(path)?.is_file() {
            return Err(Unsound::OtherKind);
        }
        let mut file = File::open(path)?;
        let bytes = file.metadata()?.len();
        let mut first = BufReader::new((&mut file).take(LONGEST_HEAD_BYTES.min(bytes)));
        let mut line = Vec::new();
        (&mut first).take(kind.len() as u64 + 1).read_until(b'\n', &mut line)?;
        if line != format!("{kind}\n").as_bytes() {
            return Err(Unsound::OtherKind);
        }
        let mut head = Vec::new();
        first.read_until(b'\n', &mut head)?;
        let body_at = (line.len() + head.len()) as u64;
        let head = serde_json::from_slice(&head).map_err(|_| Unsound::Changed)?;
        let sealed = bytes.checked_sub(SEAL).filter(|end| *end >= body_at).ok_or(Unsound::Changed)?;
        file.seek(SeekFrom::Start(0))?;
        let digest = digest_of(&mut (&mut file).take(sealed))?;
        let mut seal = Vec::new();
        file.take(SEAL).read_to_end(&mut seal)?;
        if seal != digest {
            return Err(Unsound::Changed);
        }
        Ok(Sealed { head, digest: hex(&seal), bytes, path: path.to_path_buf(), body_at })
    }
}

/// The body of a sealed file, decompressed as it is read.
pub type Body = zstd::Decoder<'static, BufReader<Take<File>>>;

impl<H> Sealed<H> {
    /// The body, from its beginning.
    pub fn body(&self) -> io::Result<Body> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.body_at))?;
        zstd::Decoder::with_buffer(BufReader::new(file.take(self.bytes - SEAL - self.body_at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const KIND: &str = "test file 1";

    #[test]
    fn a_file_comes_back_as_it_was_sealed_and_a_changed_one_is_told() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a.part");
        let mut writer = Writer::create(&path, KIND, &vec!["head", "一\n二"]).unwrap();
        let body: Vec<u8> = (0..100_000_u32).flat_map(|n| (n % 251).to_le_bytes()).collect();
        body.chunks(777).for_each(|chunk| writer.add(chunk).unwrap());
        assert!(!path.exists());
        let digest = writer.seal().unwrap();
        let sealed: Sealed<Vec<String>> = Sealed::open(&path, KIND).unwrap();
        let mut read = Vec::new();
        sealed.body().unwrap().read_to_end(&mut read).unwrap();
        assert_eq!((sealed.head.clone(), &sealed.digest, read), (vec!["head".into(), "一\n二".into()], &digest, body));
        let sound = fs::read(&path).unwrap();
        let is_changed = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            matches!(Sealed::<Vec<String>>::open(&path, KIND), Err(Unsound::Changed))
        };
        for at in [KIND.len() + 3, sound.len() / 2, sound.len() - 1] {
            let mut spoilt = sound.clone();
            spoilt[at] ^= 1;
            assert!(is_changed(&spoilt), "byte {at}");
        }
        assert!(is_changed(&sound[..sound.len() - 5]) && is_changed(&[&sound[..], b"x"].concat()));
        assert!(is_changed(format!("{KIND}\n[]\n").as_bytes()));
        fs::write(&path, "somebody's work").unwrap();
        assert!(matches!(Sealed::<Vec<String>>::open(&path, KIND), Err(Unsound::OtherKind)));
        assert!(Writer::create(&path, KIND, &0).err().unwrap().to_string().contains("is no test file"));
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_is_not_sealed_leaves_nothing() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a.part");
        let mut writer = Writer::create(&path, KIND, &1).unwrap();
        writer.add(&[7; 1_000]).unwrap();
        drop(writer);
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    }
}
