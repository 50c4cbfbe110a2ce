//! Reads files of bounded size, and writes files and folders whole or not at all.
//!
//! What is to stand somewhere is made in a **work folder** beside its place (`work`), a hidden folder with a random name
//! and a mark inside, and put there by one rename. Only what carries a mark of this program is ever removed or replaced:
//! a work folder by its mark file, a report by its manifest (`record`); whatever else lies there is somebody's work.
//! `leftover` clears up after runs that were killed, `retire` takes a replaced report away and leaves the user's files.
//! Sealed files and inputs may lie on object storage too (`objects`, a cargo feature), where they are named by an `address`.

use crate::problem::{Kind, Place, Problem, Problems};
use std::io;
use std::path::Path;

pub mod address;
pub mod bounded;
pub mod home;
pub mod leftover;
#[cfg(feature = "object-storage")]
pub mod objects;
#[cfg(not(feature = "object-storage"))]
#[path = "no_objects.rs"]
pub mod objects;
pub mod place;
pub mod record;
mod rename;
pub mod retire;
pub mod sealed;
pub mod shelf;
pub mod space;
pub mod whole;
pub mod work;

/// A refusal to write; nothing has been touched.
pub fn refused(path: &Path, what: impl Into<String>, why: &str, fix: &str) -> Problems {
    Problem::new(Kind::Output, Place::file(path.display().to_string()), what, why, fix).into()
}

/// An error of the file system, at the place it happened.
pub fn io_problem(path: &Path, what: &str, error: &io::Error) -> Problems {
    if address::of(path).is_some() {
        return address::problem(Kind::Output, path, what, error).into();
    }
    let why = "what is written stands there whole or not at all";
    let fix = "check that the folder exists, may be written to and has space left, or name another place";
    refused(path, format!("{what}: {error}"), why, fix)
}
