//! Refuses object storage in a build without it: the functions of `objects.rs`, none of which reaches anything.

use super::address::not_built;
use std::fs::File;
use std::io;

/// Object storage that is not built in.
pub struct Objects;

impl Objects {
    pub fn new() -> io::Result<Objects> {
        Err(not_built())
    }

    pub fn ready(&mut self, _address: &str) -> io::Result<()> {
        Err(not_built())
    }

    pub fn size(&mut self, _address: &str) -> io::Result<Option<u64>> {
        Err(not_built())
    }

    pub fn begins(&mut self, _address: &str, _bytes: u64) -> io::Result<Option<Vec<u8>>> {
        Err(not_built())
    }

    pub fn fetch(&mut self, _address: &str, _most: u64, _to: &mut impl io::Write) -> io::Result<u64> {
        Err(not_built())
    }

    pub fn send(&mut self, _file: &mut File, _address: &str) -> io::Result<()> {
        Err(not_built())
    }

    pub fn below(&mut self, _address: &str) -> io::Result<Vec<String>> {
        Err(not_built())
    }
}
