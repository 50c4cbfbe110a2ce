//! Tells an address of object storage from a path, and says what went wrong there.

use crate::problem::{Kind, Place, Problem};
use std::io;
use std::path::Path;

/// What an address begins with: S3 and what speaks like it, Google, Azure.
pub const SCHEMES: [&str; 8] = ["s3", "s3a", "gs", "az", "azure", "adl", "abfs", "abfss"];

/// True where this build reaches object storage.
pub const BUILT: bool = cfg!(feature = "object-storage");

/// An address in its pieces: `scheme://holder/key`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address<'a> {
    pub scheme: &'a str,
    /// The bucket or container.
    pub holder: &'a str,
    /// The name of the object in it; of none where it is empty or ends in `/`.
    pub key: &'a str,
}

/// The pieces of an address of object storage; nothing for a path, and for an address of another kind.
pub fn parse(text: &str) -> Option<Address<'_>> {
    let (scheme, rest) = text.split_once("://")?;
    let (holder, key) = rest.split_once('/').unwrap_or((rest, ""));
    (SCHEMES.contains(&scheme) && !holder.is_empty()).then_some(Address { scheme, holder, key })
}

/// The address that a path spells; nothing for a file of this machine.
pub fn of(path: &Path) -> Option<&str> {
    path.to_str().filter(|text| parse(text).is_some())
}

/// What a build without object storage answers.
pub fn not_built() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "this build knows local files only: object storage is the cargo feature `object-storage`")
}

/// An error of object storage, at its address.
pub fn problem(kind: Kind, address: &Path, what: &str, error: &io::Error) -> Problem {
    let place = Place::file(address.display().to_string());
    if error.kind() == io::ErrorKind::Unsupported {
        let fix = "build with `cargo build --release --features object-storage`, or copy the file and name a local place";
        return Problem::new(kind, place, format!("is an address of object storage: {error}"), "a first build is kept short", fix);
    }
    let why = "objects are reached with the endpoint and credentials of the environment";
    let fix = "check the address, and `AWS_…`, `GOOGLE_…` or `AZURE_…` in the environment (docs/scale.md)";
    Problem::new(kind, place, format!("{what}: {error}"), why, fix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_scheme_that_is_known_and_a_bucket() {
        assert_eq!(parse("s3://bucket/a/b.part"), Some(Address { scheme: "s3", holder: "bucket", key: "a/b.part" }));
        assert_eq!(parse("abfss://box@name.dfs.core.windows.net/x").unwrap().holder, "box@name.dfs.core.windows.net");
        assert_eq!((parse("gs://bucket/parts/").unwrap().key, parse("az://box").unwrap().key), ("parts/", ""));
        for path in ["parts/3.part", "C://x", "http://host/x", "file:///etc/passwd", "s3:/bucket/x", "s3:///x", "S3"] {
            assert_eq!(parse(path), None, "{path}");
        }
    }
}
