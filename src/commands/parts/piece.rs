//! Lays pieces of batches one behind another in a sealed file, and reads them back.

use super::head::{Head, KIND};
use crate::disk::sealed::{Sealed, Unsound, Writer};
use crate::disk::shelf::Shelf;
use crate::disk::{address, io_problem};
use crate::engine::{Holds, Joined, Piece};
use crate::problem::{Kind, Place, Problem, Problems};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// What a piece begins with: what it holds, section, member, level, batch and length.
const HEAD: usize = 32;
/// What stands behind the last piece, with the batch that follows as its number.
const END: u32 = 0;
const ROWS: u32 = 1;
const SUMS: u32 = 2;

fn head(holds: u32, piece: [u32; 3], batch: u64, length: u64) -> [u8; HEAD] {
    let mut bytes = [0; HEAD];
    for (at, number) in [holds, piece[0], piece[1], piece[2]].into_iter().enumerate() {
        bytes[4 * at..4 * at + 4].copy_from_slice(&number.to_le_bytes());
    }
    bytes[16..24].copy_from_slice(&batch.to_le_bytes());
    bytes[24..].copy_from_slice(&length.to_le_bytes());
    bytes
}

/// A part that is being written; dropped unended, it leaves nothing behind.
pub struct PartWriter(Writer);

impl PartWriter {
    /// Begins a part at `asked`; a part that stands there is replaced.
    ///
    /// Errors (kind Output): the place cannot be written, or holds something else.
    pub fn create(asked: &Path, head: &Head) -> Result<PartWriter, Problems> {
        Ok(PartWriter(Writer::create(asked, KIND, head)?))
    }

    pub fn put(&mut self, piece: Piece, bytes: &[u8]) -> Result<(), Problems> {
        let (holds, level) = match piece.holds {
            Holds::Rows => (ROWS, 0),
            Holds::Sums { level } => (SUMS, level),
        };
        self.0.add(&head(holds, [piece.section as u32, piece.member as u32, level], piece.batch, bytes.len() as u64))?;
        self.0.add(bytes)
    }

    /// Ends the part before the batch `end` and puts it in its place; its digest.
    pub fn end(mut self, end: u64) -> Result<String, Problems> {
        self.0.add(&head(END, [0; 3], end, 0))?;
        self.0.seal()
    }
}

/// A part whose seal is whole.
pub struct Part {
    /// As it was named.
    pub path: PathBuf,
    pub sealed: Sealed<Head>,
}

impl Part {
    /// Opens a part, or a copy of it on the shelf, and holds it against its seal.
    pub fn open(path: &Path, shelf: &mut Shelf) -> Result<Part, Unsound> {
        let local = shelf.local(path)?;
        match Sealed::open(&local, KIND) {
            Ok(sealed) => Ok(Part { path: path.to_path_buf(), sealed }),
            Err(unsound) => {
                shelf.forget(&local);
                Err(unsound)
            }
        }
    }

    /// Gives every piece to a run that is joined; the batch behind the last.
    ///
    /// Errors: the pieces do not fit the run (kind Data), and those of the spool.
    pub fn restore(&self, joined: &mut Joined<'_, '_>) -> Result<u64, Problems> {
        let unfit = || {
            let why = "its batches are not those that come next in this run";
            Problem::new(Kind::Data, self.place(), "does not fit", why, "make this part again").into()
        };
        let failed = |error: io::Error| io_problem(&self.path, "cannot be read", &error);
        let mut restored = joined.restore();
        let mut body = self.sealed.body().map_err(failed)?;
        let mut bytes = Vec::new();
        loop {
            let (piece, length) = match read_head(&mut body).map_err(failed)? {
                Next::End { batch } if restored.end() == Some(batch) => return Ok(batch),
                Next::End { .. } => return Err(unfit()),
                Next::Piece { piece, length } => (piece, length),
            };
            bytes.clear();
            (&mut body).take(length).read_to_end(&mut bytes).map_err(failed)?;
            if bytes.len() as u64 != length || !restored.put(piece, &bytes)? {
                return Err(unfit());
            }
        }
    }

    pub fn place(&self) -> Place {
        Place::file(self.path.display().to_string())
    }
}

/// What is wrong with a part that cannot be opened (kind Data).
pub fn problem(path: &Path, unsound: &Unsound) -> Problem {
    let (what, why, fix) = match unsound {
        Unsound::Unreadable(error) if address::of(path).is_some() => return address::problem(Kind::Data, path, "cannot be read", error),
        Unsound::Unreadable(error) => {
            (format!("cannot be read: {error}"), "every part that is named is read", "check the file's name and permissions")
        }
        Unsound::OtherKind => {
            ("is no part of a run".into(), "a part begins with the line `levertide part 1`", "name files that `levertide shard` wrote")
        }
        Unsound::Changed => (
            "is not what was written: its seal does not hold".into(),
            "it was cut short or changed after it had been written",
            "make this part again",
        ),
    };
    Problem::new(Kind::Data, Place::file(path.display().to_string()), what, why, fix)
}

/// What comes next in the body of a part.
enum Next {
    Piece {
        piece: Piece,
        length: u64,
    },
    /// Nothing; the batch that follows.
    End {
        batch: u64,
    },
}

fn read_head(body: &mut impl Read) -> io::Result<Next> {
    let mut bytes = [0; HEAD];
    body.read_exact(&mut bytes)?;
    let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
    let long = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"));
    let (batch, length) = (long(16), long(24));
    let holds = match number(0) {
        ROWS => Holds::Rows,
        SUMS => Holds::Sums { level: number(12) },
        _ => return Ok(Next::End { batch }),
    };
    Ok(Next::Piece { piece: Piece { holds, section: number(4) as usize, batch, member: number(8) as usize }, length })
}
