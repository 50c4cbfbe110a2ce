//! Keeps copies of objects in a private folder of the system's temporary one, for as long as a command reads them.

use super::address;
use super::objects::Objects;
use super::work::WorkFolder;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::path::{Path, PathBuf};

/// Copies of objects by number; the folder is made with the first, and goes with the shelf, or with the next run of any command.
#[derive(Default)]
pub struct Shelf {
    made: Option<(WorkFolder, Objects)>,
    copies: usize,
}

impl Shelf {
    /// Where a file of this machine stands: itself, or a copy of the object whose address is named.
    pub fn local(&mut self, asked: &Path) -> io::Result<PathBuf> {
        let Some(address) = address::of(asked) else { return Ok(asked.to_path_buf()) };
        let (work, objects) = made(&mut self.made)?;
        let copy = work.new_path().join(self.copies.to_string());
        self.copies += 1;
        objects.fetch(address, u64::MAX, &mut File::create_new(&copy)?)?;
        Ok(copy)
    }

    /// The objects right below an address that ends in `/`; nothing where another path is named.
    pub fn below(&mut self, asked: &Path) -> io::Result<Option<Vec<PathBuf>>> {
        let whole = |address: &&str| address::parse(address).is_some_and(|parts| parts.key.is_empty() || parts.key.ends_with('/'));
        let Some(address) = address::of(asked).filter(whole) else { return Ok(None) };
        let (_, objects) = made(&mut self.made)?;
        Ok(Some(objects.below(address)?.into_iter().map(PathBuf::from).collect()))
    }

    /// Lets a copy go that is not needed.
    pub fn forget(&mut self, copy: &Path) {
        if self.made.as_ref().is_some_and(|(work, _)| copy.starts_with(work.new_path())) {
            let _ = fs::remove_file(copy);
        }
    }
}

fn made(standing: &mut Option<(WorkFolder, Objects)>) -> io::Result<(&WorkFolder, &mut Objects)> {
    if standing.is_none() {
        // a build without object storage says so before it makes a folder
        let objects = Objects::new()?;
        let place = std::env::temp_dir().join("levertide-copies");
        let work = WorkFolder::beside(&place, &place).map_err(|problems| io::Error::other(problems.to_string()))?;
        private(&work.new_path())?;
        *standing = Some((work, objects));
    }
    let (work, objects) = standing.as_mut().expect("it was made");
    Ok((work, objects))
}

/// Makes a folder that no other user looks into: a part says what a book would lose.
fn private(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_this_machine_is_its_own_copy() {
        let mut shelf = Shelf::default();
        assert_eq!(shelf.local(Path::new("parts/3.part")).unwrap(), Path::new("parts/3.part"));
        assert!(shelf.below(Path::new("parts/")).unwrap().is_none() && shelf.below(Path::new("s3://box/3.part")).unwrap().is_none());
        shelf.forget(Path::new("parts/3.part"));
        assert!(shelf.made.is_none());
    }

    #[cfg(not(feature = "object-storage"))]
    #[test]
    fn a_build_without_object_storage_says_so() {
        let mut shelf = Shelf::default();
        assert!(shelf.local(Path::new("s3://box/3.part")).unwrap_err().to_string().contains("`object-storage`"));
        assert!(shelf.below(Path::new("gs://box/")).is_err() && shelf.made.is_none());
    }
}
