//! Keeps the rows of finished paths in a file without a name, in the folder of a report that is not yet published.
//!
//! A row is written once and read once, in a run that grows once more for each of its rounds. The file goes with the process, however that ends.

use crate::engine::spool::{Rows, Spool};
use crate::problem::Problems;
use crate::report::folder::io_problem;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// A spool of the disk.
pub struct FileShelf {
    file: File,
    end: u64,
    runs: BTreeMap<usize, Run>,
    /// The report, as a problem names it.
    shown: PathBuf,
}

/// One run's rows.
struct Run {
    paths: usize,
    /// Where each batch starts, and its bytes.
    batches: Vec<(u64, usize)>,
}

impl FileShelf {
    /// A spool in `folder`, for the report that will stand at `shown`.
    ///
    /// Errors (kind Output): no file can be made there.
    pub fn in_folder(folder: &Path, shown: &Path) -> Result<Self, Problems> {
        let file = tempfile::tempfile_in(folder).map_err(|e| io_problem(shown, "cannot hold a file for finished paths", &e))?;
        Ok(FileShelf { file, end: 0, runs: BTreeMap::new(), shown: shown.to_path_buf() })
    }

    fn failed(&self, what: &str) -> impl Fn(io::Error) -> Problems + use<> {
        let (shown, what) = (self.shown.clone(), what.to_string());
        move |error| io_problem(&shown, &what, &error)
    }
}

impl Spool for FileShelf {
    fn put(&mut self, run: usize, paths: usize, mut rows: Rows) -> Result<(), Problems> {
        let run = self.runs.entry(run).or_insert_with(|| Run { paths, batches: Vec::new() });
        run.paths = paths;
        let mut bytes = Vec::new();
        rows.encode(&mut bytes);
        run.batches.push((self.end, bytes.len()));
        self.end += bytes.len() as u64;
        self.file.write_all(&bytes).map_err(self.failed("cannot hold the rows of finished paths"))
    }

    fn copy(&mut self, run: usize) -> Result<Rows, Problems> {
        let failed = self.failed("cannot give the rows of finished paths back");
        let run = self.runs.get(&run).expect("the engine asks for what it put");
        let (mut whole, mut done, mut bytes) = (Rows::default(), 0, Vec::new());
        for (start, length) in &run.batches {
            bytes.resize(*length, 0);
            self.file.seek(SeekFrom::Start(*start)).and_then(|_| self.file.read_exact(&mut bytes)).map_err(&failed)?;
            let rows = Rows::decode(&bytes).expect("rows are read back from the bytes they were written to");
            let more = rows.paths();
            whole.place(done, run.paths, rows);
            done += more;
        }
        // what is put next goes behind everything
        self.file.seek(SeekFrom::Start(self.end)).map_err(&failed)?;
        Ok(whole)
    }

    fn take(&mut self, run: usize) -> Result<Rows, Problems> {
        let rows = self.copy(run)?;
        self.runs.remove(&run);
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(values: &[f64]) -> Rows {
        let mut rows = Rows::default();
        rows.path.pool_loss = values.to_vec();
        rows
    }

    #[test]
    fn rows_come_back_by_run_and_nothing_is_left_in_the_folder() {
        let home = tempfile::tempdir().unwrap();
        let mut spool = FileShelf::in_folder(home.path(), home.path()).unwrap();
        spool.put(0, 3, rows(&[1.0, 2.0])).unwrap();
        spool.put(1, 1, rows(&[7.0])).unwrap();
        spool.put(0, 3, rows(&[3.0])).unwrap();
        assert_eq!(spool.take(1).unwrap().path.pool_loss, [7.0]);
        spool.put(2, 1, rows(&[9.0])).unwrap();
        assert_eq!(spool.take(0).unwrap().path.pool_loss, [1.0, 2.0, 3.0]);
        assert_eq!(spool.take(2).unwrap().path.pool_loss, [9.0]);
        drop(spool);
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
    }
}
