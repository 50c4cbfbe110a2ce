//! Tells how a spreadsheet shows a sheet: which rows it hides, which cells it shows in per cent, which it has merged.
//!
//! A row that is hidden, by hand or by a filter, holds its values as others do. It is read, and a note counts such rows: a filter
//! that was left on is no wish to leave accounts out, and what a spreadsheet saves as CSV has them too.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::io::{BufRead, BufReader, Cursor, Read};

/// Parts of an archive that are read as one text.
const PART_BYTES_MOST: u64 = 16 << 20;

/// A block of cells: first and last row (from 1) and column (from 0).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Block {
    pub rows: (usize, usize),
    pub columns: (usize, usize),
}

/// How a sheet is shown.
#[derive(Default, Debug)]
pub struct Looks {
    /// First and last of hidden rows, from 1.
    pub hidden: Vec<(usize, usize)>,
    pub percent: Vec<Block>,
    pub merged: Vec<Block>,
}

/// An attribute of a tag, whatever its name space.
pub fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let own = tag.attributes().flatten().find(|a| a.key.local_name().as_ref() == name)?;
    Some(quick_xml::escape::unescape(&own.value).ok()?.into_owned())
}

/// Calls `f` with each tag that opens.
fn each_tag(content: impl BufRead, mut f: impl FnMut(&BytesStart<'_>)) -> Option<()> {
    let mut reader = Reader::from_reader(content);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).ok()? {
            Event::Start(tag) | Event::Empty(tag) => f(&tag),
            Event::Eof => return Some(()),
            _ => {}
        }
    }
}

/// The hidden rows of a sheet of an `.xlsx` workbook; nothing where its parts cannot be followed.
pub fn xlsx(bytes: &[u8], sheet: &str) -> Option<Looks> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut text = |name: &str| {
        let mut text = String::new();
        archive.by_name(name).ok()?.take(PART_BYTES_MOST).read_to_string(&mut text).ok()?;
        Some(text)
    };
    let (mut id, mut target) = (None, None);
    each_tag(text("xl/workbook.xml")?.as_bytes(), |tag| {
        if tag.local_name().as_ref() == "sheet" && attribute(tag, "name").as_deref() == Some(sheet) {
            id = attribute(tag, "id");
        }
    })?;
    each_tag(text("xl/_rels/workbook.xml.rels")?.as_bytes(), |tag| {
        if id.is_some() && attribute(tag, "Id") == id {
            target = attribute(tag, "Target");
        }
    })?;
    let target = target?;
    let part = target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), String::from);
    let (mut looks, mut row) = (Looks::default(), 0);
    each_tag(BufReader::new(archive.by_name(&part).ok()?), |tag| {
        if tag.local_name().as_ref() == "row" {
            row = attribute(tag, "r").and_then(|r| r.parse().ok()).unwrap_or(row + 1);
            if attribute(tag, "hidden").is_some_and(|hidden| hidden == "1" || hidden == "true") {
                looks.hidden.push((row, row));
            }
        }
    })?;
    Some(looks)
}
