//! Writes one word: an export of the tests, which shows that a further one is a file and a line.

use super::Export;

pub const EXPORT: Export = Export { name: "example.txt", write: |_, claim| claim.write("example.txt", b"example\n") };
