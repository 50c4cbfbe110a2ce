//! Reads and writes objects: S3 and what speaks like it, Google Cloud Storage, Azure Blob Storage.
//!
//! An object stands whole or not at all: a long one is sent in pieces, which count once the last is confirmed and are given up when one
//! fails. Endpoint and credentials come from the environment alone. Requests that fail for the network's sake are tried again.

use super::address;
use object_store::path::Path as Key;
use object_store::{Error, GetOptions, ObjectStore, ObjectStoreExt, RetryConfig};
use object_store::{aws::AmazonS3Builder, azure::MicrosoftAzureBuilder, gcp::GoogleCloudStorageBuilder};
use std::collections::BTreeMap;
use std::fs::File;
use std::future::Future;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// Bytes of a piece: stores take 5 MiB at least, all of one length but the last.
const PIECE: u64 = 16 << 20;
/// Pieces of an object, at most; stores take 10,000.
const MOST_PIECES: u64 = 9_000;
/// How often a request is tried again, and for how long.
const RETRIES: usize = 6;
const RETRY_SECONDS: u64 = 90;

/// The buckets and containers that a command has to do with.
pub struct Objects {
    runtime: Runtime,
    stores: BTreeMap<String, Arc<dyn ObjectStore>>,
    piece: u64,
}

impl Objects {
    pub fn new() -> io::Result<Objects> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Objects { runtime, stores: BTreeMap::new(), piece: PIECE })
    }

    /// Finds out whether an object can be written, and writes nothing: begins one in pieces, and gives it up.
    pub fn ready(&mut self, address: &str) -> io::Result<()> {
        let (store, key) = self.at(address)?;
        self.wait(async {
            // a store that begins an upload without a word knows its own container
            store.list_with_delimiter(Some(&key)).await.map(drop).or_else(passed_over)?;
            store.put_multipart(&key).await?.abort().await.or_else(passed_over)
        })
    }

    /// Bytes of an object; nothing where there is none.
    pub fn size(&mut self, address: &str) -> io::Result<Option<u64>> {
        let (store, key) = self.at(address)?;
        absent(self.wait(async { store.head(&key).await.map(|facts| facts.size) }))
    }

    /// The first bytes of an object, all of them where it has no more; nothing where there is none.
    pub fn begins(&mut self, address: &str, bytes: u64) -> io::Result<Option<Vec<u8>>> {
        match self.size(address)? {
            None => Ok(None),
            Some(0) => Ok(Some(Vec::new())),
            Some(size) => {
                let (store, key) = self.at(address)?;
                let first = absent(self.wait(async { store.get_range(&key, 0..bytes.min(size)).await }))?;
                Ok(first.map(|bytes| bytes.to_vec()))
            }
        }
    }

    /// Copies an object of at most `most` bytes, as it stood when the first of them was asked for; its length.
    pub fn fetch(&mut self, address: &str, most: u64, to: &mut impl Write) -> io::Result<u64> {
        let (store, key) = self.at(address)?;
        let facts = self.wait(async { store.head(&key).await })?;
        if facts.size > most {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it has {} bytes, at most {most} are read", facts.size)));
        }
        let mut done = 0;
        while done < facts.size {
            let end = facts.size.min(done + self.piece);
            let options = GetOptions::new().with_range(Some(done..end)).with_if_match(facts.e_tag.clone());
            let bytes = self.wait(async { store.get_opts(&key, options).await?.bytes().await })?;
            if bytes.len() as u64 != end - done {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it was cut short while it was read"));
            }
            to.write_all(&bytes)?;
            done = end;
        }
        Ok(done)
    }

    /// Puts a file in the place of an object; what stood there is replaced.
    pub fn send(&mut self, file: &mut File, address: &str) -> io::Result<()> {
        let (store, key) = self.at(address)?;
        let size = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(0))?;
        if size <= self.piece {
            let mut bytes = Vec::with_capacity(size as usize);
            file.read_to_end(&mut bytes)?;
            return self.wait(async { store.put(&key, bytes.into()).await }).map(drop);
        }
        let piece = self.piece.max(size.div_ceil(MOST_PIECES));
        let mut upload = self.wait(async { store.put_multipart(&key).await })?;
        let sent = (0..size.div_ceil(piece)).try_for_each(|_| {
            let mut bytes = Vec::with_capacity(piece as usize);
            file.take(piece).read_to_end(&mut bytes)?;
            self.wait(upload.put_part(bytes.into()))
        });
        match sent.and_then(|()| self.wait(async { upload.complete().await }).map(drop)) {
            Ok(()) => Ok(()),
            Err(error) => {
                let _ = self.wait(async { upload.abort().await });
                Err(error)
            }
        }
    }

    /// The addresses of the objects that lie right below one that ends in `/`, in order.
    pub fn below(&mut self, address: &str) -> io::Result<Vec<String>> {
        let (store, key) = self.at(address)?;
        let found = self.wait(async { store.list_with_delimiter(Some(&key)).await })?;
        let parts = address::parse(address).expect("it was an address a moment ago");
        let mut names: Vec<String> = found.objects.iter().map(|o| format!("{}://{}/{}", parts.scheme, parts.holder, o.location)).collect();
        names.sort();
        Ok(names)
    }

    /// The store of an address, and what its object is called there.
    fn at(&mut self, address: &str) -> io::Result<(Arc<dyn ObjectStore>, Key)> {
        let unfit = |what: &str| io::Error::new(io::ErrorKind::InvalidInput, what);
        let parts = address::parse(address).ok_or_else(|| unfit("it is no address of object storage"))?;
        if parts.key.starts_with('/') {
            return Err(unfit("its key begins with `/`"));
        }
        let key = Key::parse(parts.key.trim_end_matches('/')).map_err(|e| told(&e.into()))?;
        let name = format!("{}://{}", parts.scheme, parts.holder);
        if let Some(store) = self.stores.get(&name) {
            return Ok((store.clone(), key));
        }
        let store = open(parts.scheme, &name).map_err(|e| told(&e))?;
        self.stores.insert(name, store.clone());
        Ok((store, key))
    }

    fn wait<T>(&self, doing: impl Future<Output = Result<T, Error>>) -> io::Result<T> {
        self.runtime.block_on(doing).map_err(|e| told(&e))
    }
}

/// A bucket or container, as the environment says how to reach it.
fn open(scheme: &str, name: &str) -> Result<Arc<dyn ObjectStore>, Error> {
    let retry = RetryConfig { max_retries: RETRIES, retry_timeout: Duration::from_secs(RETRY_SECONDS), ..RetryConfig::default() };
    Ok(match scheme {
        "s3" | "s3a" => Arc::new(AmazonS3Builder::from_env().with_url(name).with_retry(retry).build()?),
        "gs" => Arc::new(GoogleCloudStorageBuilder::from_env().with_url(name).with_retry(retry).build()?),
        _ => Arc::new(MicrosoftAzureBuilder::from_env().with_url(name).with_retry(retry).build()?),
    })
}

/// Nothing in place of an error that says there is nothing.
fn absent<T>(found: io::Result<T>) -> io::Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Passes over what another request will say, and what need not be allowed: a list, and giving up a piece that holds nothing.
fn passed_over(error: Error) -> Result<(), Error> {
    if matches!(error, Error::NotFound { .. }) { Err(error) } else { Ok(()) }
}

/// An error as a file would give it, in one line.
fn told(error: &Error) -> io::Error {
    let kind = match error {
        Error::NotFound { .. } => io::ErrorKind::NotFound,
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => io::ErrorKind::PermissionDenied,
        Error::Precondition { .. } => return io::Error::other("it was replaced while it was read"),
        _ => io::ErrorKind::Other,
    };
    let text = error.to_string();
    io::Error::new(kind, text.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use object_store::local::LocalFileSystem;
    use object_store::memory::InMemory;

    /// Objects of one bucket in a store of the test, sent in pieces of a few bytes.
    fn over(store: impl ObjectStore) -> Objects {
        let mut objects = Objects::new().unwrap();
        objects.stores.insert("s3://box".into(), Arc::new(store));
        objects.piece = 7;
        objects
    }

    fn file_of(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    fn comes_back_whole(mut objects: Objects) {
        for length in [0, 1, 6, 7, 8, 14, 50] {
            let bytes: Vec<u8> = (0..length).collect();
            let address = format!("s3://box/run/{length:02}.part");
            assert_eq!(objects.size(&address).unwrap(), None);
            assert_eq!(objects.begins(&address, 3).unwrap(), None);
            objects.ready(&address).unwrap();
            assert_eq!(objects.size(&address).unwrap(), None, "asking leaves nothing");
            objects.send(&mut file_of(&bytes), &address).unwrap();
            assert_eq!(objects.size(&address).unwrap(), Some(u64::from(length)));
            assert_eq!(objects.begins(&address, 3).unwrap().unwrap(), bytes[..bytes.len().min(3)]);
            let mut read = Vec::new();
            assert_eq!(objects.fetch(&address, 50, &mut read).unwrap(), u64::from(length));
            assert_eq!(read, bytes);
        }
        objects.send(&mut file_of(b"another"), "s3://box/run/50.part").unwrap();
        assert_eq!(objects.size("s3://box/run/50.part").unwrap(), Some(7), "what stood there is replaced");
        objects.send(&mut file_of(b"x"), "s3://box/run/deeper/x").unwrap();
        let names = objects.below("s3://box/run/").unwrap();
        assert_eq!((names.len(), names[0].as_str(), names[6].as_str()), (7, "s3://box/run/00.part", "s3://box/run/50.part"));
        assert!(objects.fetch("s3://box/run/14.part", 13, &mut Vec::new()).unwrap_err().to_string().contains("14 bytes"));
        assert_eq!(objects.fetch("s3://box/none", 13, &mut Vec::new()).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn objects_in_memory_come_back_whole() {
        comes_back_whole(over(InMemory::new()));
    }

    #[test]
    fn objects_on_a_disk_come_back_whole() {
        let home = tempfile::tempdir().unwrap();
        comes_back_whole(over(LocalFileSystem::new_with_prefix(home.path()).unwrap()));
    }

    #[test]
    fn an_upload_that_fails_leaves_nothing() {
        let home = tempfile::tempdir().unwrap();
        let mut objects = over(LocalFileSystem::new_with_prefix(home.path()).unwrap());
        // a file that cannot be read breaks off behind the first piece
        let path = home.path().join("unreadable");
        std::fs::write(&path, [7; 30]).unwrap();
        let mut file = File::options().write(true).open(&path).unwrap();
        assert!(objects.send(&mut file, "s3://box/a.part").is_err());
        std::fs::remove_file(&path).unwrap();
        assert_eq!(objects.below("s3://box/").unwrap(), Vec::<String>::new());
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_key_that_climbs_is_refused() {
        let mut objects = over(InMemory::new());
        for address in ["s3://box/a/../../b", "s3://box//a", "s3://box/a//b", "x/y"] {
            assert!(objects.size(address).is_err(), "{address}");
        }
    }
}
