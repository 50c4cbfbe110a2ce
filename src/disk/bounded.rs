//! Reads a regular file of bounded size: no pipe, no device, no folder, and no more than was allowed for.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// Reads a file of at most `most` bytes.
///
/// Errors: it is no regular file, it is longer, or it cannot be read; the words fit behind "cannot be read: ".
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let facts = fs::metadata(path)?;
    if facts.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder, not a file"));
    }
    if !facts.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is no regular file: a pipe or a device has no end that could be checked",
        ));
    }
    let too_long = |bytes: u64| {
        let limit = if most >= 1 << 20 { format!("{} MiB", most >> 20) } else { format!("{} KiB", most >> 10) };
        io::Error::new(io::ErrorKind::FileTooLarge, format!("it has {bytes} bytes, at most {limit} are read"))
    };
    if facts.len() > most {
        return Err(too_long(facts.len()));
    }
    let mut bytes = Vec::with_capacity(facts.len() as usize);
    // a file may grow while it is read, and files of the system tell no length
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(too_long(bytes.len() as u64)) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_up_to_the_bound_are_read() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("x");
        fs::write(&path, "12345").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        assert_eq!(read(&path, 4).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(read(home.path(), 5).unwrap_err().kind(), io::ErrorKind::IsADirectory);
        assert_eq!(read(&home.path().join("y"), 5).unwrap_err().kind(), io::ErrorKind::NotFound);
        File::options().write(true).open(&path).unwrap().set_len(1 << 40).unwrap();
        assert!(read(&path, 4 << 20).unwrap_err().to_string().contains("at most 4 MiB"));
        if cfg!(unix) {
            assert_eq!(read(Path::new("/dev/zero"), 5).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        }
    }
}
